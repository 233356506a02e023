"""What banks and gateways say of payments."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import descartar_propuesta
from comisiones.models import ExtractoPendiente, Pago
from comisiones.pagos.conciliacion import extractos, vistas
from comisiones.pagos.conciliacion.importacion import importar_extracto, proponer_extracto
from comisiones.pagos.conciliacion.selectors import esperado, posicion
from tests import fabricas
from tests.comisiones.pagos.sepa import DEVUELTA, NUESTRA, camt, emitido, linea
from tests.fabricas import LUIS, OTRA
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


@pytest.fixture
def pagos(relato: Relato, settings: Any) -> list[Pago]:
    """Three, of 10, 11 and 12 euros, in a file for the bank."""
    settings.SEPA_IBAN, settings.SEPA_NOMBRE, settings.SEPA_BIC = NUESTRA, "Alpes", "COBADEFFXXX"
    settings.PAGOS_OTRAS_PASARELAS = ["comisiones.pagos.pasarelas.sepa.PasarelaSepa"]
    settings.PAGOS_AUTOMATICOS = False
    emitido(3)
    relato.empezar()
    return list(Pago.objects.order_by("pk"))


def importar(relato: Relato, que: str, *lineas: str) -> Any:
    extracto = relato.paso(
        que,
        lambda: importar_extracto(contenido=camt(*lineas), nombre=f"{que}.xml", actor=LUIS),
    )
    if Propuesta.objects.filter(viva=True).exists():
        relato.paso("Otra persona lo confirma", fabricas.confirmar_lo_propuesto)
    return extracto


def test_extractos(relato: Relato, pagos: list[Pago]) -> None:
    """Every line is accounted for, and each payment moved once."""
    uno, dos, tres = (p.id_publico for p in pagos)
    lineas = [
        linea(uno, "10.00", banco="B-1"),
        linea(dos, "11.01", banco="B-2"),
        linea(tres, "12.00", banco="B-3", estado="PDNG"),
        linea("pago_00000000000000000000000099", "1.00", banco="B-4"),
        linea(uno, "10.00", banco="B-5"),
        linea(tres, "12.00", banco="B-6", moneda="USD"),
        linea(tres, "12.345", banco="B-7"),
    ]
    primero = importar(relato, "Un extracto", *lineas)
    relato.paso("Se aplica", lambda: extractos.aplicar_extracto(extracto_pk=primero.pk))
    relato.paso("Otra vez, nada", lambda: extractos.aplicar_extracto(extracto_pk=primero.pk))
    segundo = importar(
        relato,
        "Otro que devuelve",
        linea(uno, "10.00", banco="B-8", sentido="CRDT", extra=DEVUELTA),
        linea(tres, "12.00", banco="B-9", sentido="CRDT", extra=DEVUELTA),
        linea(uno, "10.00", banco="B-1"),
        linea(dos, "11.00", banco="B-2"),
    )
    relato.paso("Se aplica", lambda: extractos.aplicar_extracto(extracto_pk=segundo.pk))
    relato.paso(
        "El mismo fichero no",
        lambda: importar_extracto(contenido=camt(*lineas), nombre="x", actor=OTRA),
    )
    relato.dice("posición", [str(p) for p in posicion()])


def test_extracto_por_porciones(relato: Relato, pagos: list[Pago], monkeypatch: Any) -> None:
    """Two lines at a time; a task that failed and was lost."""
    monkeypatch.setattr(extractos, "PORCION", 2)
    lineas = [linea(p.id_publico, f"1{n}.00", banco=f"B-{n}") for n, p in enumerate(pagos)]
    extracto = importar(relato, "Un extracto", *lineas)
    antes = extractos.resolver_pagos

    def falla(*_a: Any, **_o: Any) -> Any:
        raise OSError("no")

    monkeypatch.setattr(extractos, "resolver_pagos", falla)

    def intentar() -> None:
        with pytest.raises(OSError, match="no"):
            extractos.aplicar_extracto(extracto_pk=extracto.pk)

    relato.paso("Falla", intentar)
    monkeypatch.setattr(extractos, "resolver_pagos", antes)
    corte = ExtractoPendiente.objects.get().actualizado_en
    relato.paso("Aún no se encola", lambda: extractos.barrer_extractos(antes_de=corte))
    relato.paso("Se encola", lambda: extractos.barrer_extractos(antes_de=fabricas.hace()))

    def aplicar() -> None:
        movimientos = extractos.leer(camt(*lineas)).movimientos
        huellas = extractos._huellas(movimientos)
        relato.dice("queda", extractos._aplicar_porcion(extracto, NUESTRA, movimientos, huellas))

    for que in ("Dos líneas", "La otra", "Nada"):
        relato.paso(que, aplicar)


def test_extracto_descartado(relato: Relato, pagos: list[Pago]) -> None:
    """One that gives money back waits until somebody confirms it; asked for again."""
    contenido = camt(linea(pagos[0].id_publico, "10.00", sentido="CRDT"))
    extracto = relato.paso(
        "Devuelve", lambda: importar_extracto(contenido=contenido, nombre="x", actor=LUIS)
    )
    assert extracto is not None
    relato.paso("Sin confirmar, nada", lambda: extractos.aplicar_extracto(extracto_pk=extracto.pk))
    relato.paso("Ni se barre", lambda: extractos.barrer_extractos(antes_de=fabricas.hace()))
    propuesta = Propuesta.objects.get()
    relato.paso(
        "Se descarta", lambda: descartar_propuesta(propuesta=propuesta, actor=OTRA, motivo="no")
    )
    relato.paso(
        "Se pide otra vez",
        lambda: proponer_extracto(extracto=extracto, actor=LUIS, motivo=" sí es "),
    )
    relato.paso("Se confirma", fabricas.confirmar_lo_propuesto)
    relato.paso(
        "Y no espera más", lambda: proponer_extracto(extracto=extracto, actor=LUIS, motivo="x")
    )


def test_esperado(relato: Relato, pagos: list[Pago]) -> None:
    """What has no answer, and since when it is late: three days and a second."""
    for segundos in (3 * 24 * 3600, 1):
        relato.paso(
            "Lo que se espera", lambda: relato.dice("pagos", [str(e) for e in esperado()]),
            segundos=segundos,
        )  # fmt: skip


def test_lineas_por_mirar(relato: Relato, pagos: list[Pago], monkeypatch: Any) -> None:
    """Those with a difference wait until somebody says what became of them: one, all of a
    statement, a few at a time; and again."""
    lineas = [
        linea(f"pago_0000000000000000000000000{n}", f"{n}.00", banco=f"B-{n}") for n in (4, 5, 6, 7)
    ]
    sana = linea(pagos[0].id_publico, "10.00", banco="B-1")
    extracto = importar(relato, "Un extracto", *lineas, sana)
    otro = importar(relato, "Otro", linea(pagos[1].id_publico, "9.00", banco="B-8"))
    for suyo in (extracto, otro):
        extractos.aplicar_extracto(extracto_pk=suyo.pk)
    del relato.lineas[:]
    relato.empezar()
    una, *_resto, aplicada = extracto.lineas.order_by("numero")
    dicho: Any = {"actor": LUIS, "motivo": " es el alquiler "}
    relato.paso("Sin motivo no", lambda: vistas.dar_por_vista(linea=una, actor=LUIS, motivo=" "))
    relato.paso("Una", lambda: vistas.dar_por_vista(linea=una, **dicho))
    relato.paso("Y no otra vez", lambda: vistas.dar_por_vista(linea=una, **dicho))
    relato.paso("Se vuelve a mirar", lambda: vistas.volver_a_mirar(linea=una, **dicho))
    relato.paso("Ya espera", lambda: vistas.volver_a_mirar(linea=una, **dicho))
    relato.paso("Una sin diferencia no", lambda: vistas.volver_a_mirar(linea=aplicada, **dicho))
    monkeypatch.setattr(vistas, "A_LA_VEZ", 3)
    for que in ("Tres", "La que queda", "No queda"):
        relato.paso(que, lambda: relato.dice("n", vistas.dar_por_vistas(
            extracto=extracto, **dicho
        )))  # fmt: skip
    relato.paso("Todas sin motivo no", lambda: vistas.dar_por_vistas(
        extracto=otro, actor=LUIS, motivo=""
    ))  # fmt: skip
