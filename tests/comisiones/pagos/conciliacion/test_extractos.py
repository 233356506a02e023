"""Statements are applied by a task, in slices: it may die, be repeated or run twice at once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alpespartner.comun import cola
from alpespartner.comun.invariantes import comprobaciones
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.models import ExtractoBanco, ExtractoPendiente, LineaBanco, LotePago, Pago
from comisiones.pagos.barrido import barrer_trabajos
from comisiones.pagos.conciliacion import extractos
from comisiones.pagos.conciliacion.extractos import aplicar_extracto
from comisiones.pagos.conciliacion.importacion import importar_extracto
from tests import fabricas
from tests.comisiones.pagos.fabrica import todo_cuadra
from tests.comisiones.pagos.sepa import DEVUELTA, NUESTRA, SUYA, camt, emitido, linea, resultados
from tests.fabricas import LUIS, PRUEBAS, a_la_vez

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sepa")]


@pytest.fixture
def encolados(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Statements that were queued."""
    cuales: list[int] = []
    monkeypatch.setattr(
        cola,
        "encolar",
        lambda tarea, pk: cuales.append(pk) if tarea == "pagos.aplicar_extracto" else None,
    )
    return cuales


def cobrado(lote: LotePago, *mas: str) -> list[str]:
    """Lines that pay each payment of a batch, and some more."""
    importes = lote.pagos.order_by("pk").values_list("id_publico", "importe")
    return [linea(ref, importe.quantize(Decimal("0.01"))) for ref, importe in importes] + [*mas]


def tomado(*lineas: str) -> ExtractoBanco:
    """A statement whose task did not run yet."""
    extracto = importar_extracto(contenido=camt(*lineas), nombre="e.xml", actor=LUIS)
    fabricas.confirmar_lo_propuesto()
    return extracto


def por_porciones(monkeypatch: pytest.MonkeyPatch, lineas: int) -> None:
    """Slices of a few lines."""
    monkeypatch.setattr(extractos, "PORCION", lineas)


@pytest.mark.lento
def test_por_porciones_y_con_la_misma_cuenta(
    monkeypatch: pytest.MonkeyPatch, encolados: list[int]
) -> None:
    """A task without time leaves whole slices and queues the rest; the last one drops the file."""
    por_porciones(monkeypatch, 2)
    lote = emitido(5)
    extracto = tomado(*cobrado(lote))
    assert encolados == [extracto.pk]
    assert extracto.movimientos == 5
    for hechas in (2, 4):
        aplicar_extracto(extracto_pk=extracto.pk, segundos=0)
        assert LineaBanco.objects.count() == Pago.objects.filter(estado="pagado").count() == hechas
    assert encolados == [extracto.pk] * 3
    aplicar_extracto(extracto_pk=extracto.pk, segundos=0)
    assert resultados(extracto) == ["aplicada"] * 5
    assert not ExtractoPendiente.objects.exists()
    assert encolados == [extracto.pk] * 3
    antes = fabricas.foto()
    aplicar_extracto(extracto_pk=extracto.pk)
    assert fabricas.foto() == antes
    pagados = Historial.objects.filter(entidad="pago", accion="confirmar")
    assert set(pagados.values_list("actor", flat=True)) == {str(LUIS)}
    todo_cuadra()


@pytest.mark.lento
@pytest.mark.parametrize("porcion", [1, 2, 3, 200])
def test_la_porcion_no_cambia_nada(monkeypatch: pytest.MonkeyPatch, porcion: int) -> None:
    """A payment that appears again sees what its first line did, wherever a slice ends."""
    por_porciones(monkeypatch, porcion)
    lote = emitido(3)
    a, b, _c = (p.id_publico for p in lote.pagos.order_by("pk"))
    extracto = tomado(
        linea("NOTPROVIDED", "1.00"),
        linea(a, "10.00", estado="PDNG"),
        linea("NOTPROVIDED", "2.00"),
        linea(a, "10.00"),
        linea(b, "11.00"),
        linea(a, "10.00", sentido="CRDT", banco="vuelve", extra=DEVUELTA),
        linea(a, "10.00"),
    )
    aplicar_extracto(extracto_pk=extracto.pk)
    assert resultados(extracto) == [
        "desconocida", "pendiente", "desconocida", "aplicada", "aplicada", "aplicada", "de_mas",
    ]  # fmt: skip
    assert Pago.objects.get(id_publico=a).estado == "devuelto"
    todo_cuadra()


@pytest.mark.lento
def test_muere_a_mitad(monkeypatch: pytest.MonkeyPatch, encolados: list[int]) -> None:
    """What a slice began is undone with it; the next task goes on where it was, and says so."""
    por_porciones(monkeypatch, 2)
    extracto = tomado(*cobrado(emitido(5)))
    resolver, veces = extractos.resolver_pagos, []

    def falla(*args: Any, **kwargs: Any) -> Any:
        hecho = resolver(*args, **kwargs)
        veces.append(1)
        if len(veces) == 2:
            raise ConnectionError
        return hecho

    monkeypatch.setattr(extractos, "resolver_pagos", falla)
    with pytest.raises(ConnectionError):
        aplicar_extracto(extracto_pk=extracto.pk)
    assert LineaBanco.objects.count() == Pago.objects.filter(estado="pagado").count() == 2
    assert ExtractoPendiente.objects.get().ultimo_error == "ConnectionError"
    encolados.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        [tarde] = [c for c in comprobaciones() if "extracto" in c.nombre]
        assert [extracto.id_publico in t for t in tarde.filas()] == [True]
        barrer_trabajos(actor=PRUEBAS)
    assert encolados == [extracto.pk]
    aplicar_extracto(extracto_pk=extracto.pk, segundos=0)
    assert ExtractoPendiente.objects.get().ultimo_error == "", "it goes on well"
    aplicar_extracto(extracto_pk=extracto.pk)
    assert resultados(extracto) == ["aplicada"] * 5
    todo_cuadra()


@pytest.mark.lento
def test_cuesta_lo_mismo_con_mas_lineas() -> None:
    """Statements of a slice do not grow with its lines."""
    cuantas = []
    for n in (2, 12):
        extracto = tomado(*cobrado(emitido(n)))
        with CaptureQueriesContext(connection) as hechas:
            aplicar_extracto(extracto_pk=extracto.pk)
        cuantas.append(len(hechas))
    assert cuantas[0] == cuantas[1]


def test_lo_guardado_no_se_lee() -> None:
    """A statement has names and accounts: nobody reads them in a copy of the database."""
    tomado(linea("x", "1.00", extra=f"<RltdPties><Cdtr><Nm>{SUYA}</Nm></Cdtr></RltdPties>"))
    guardado = str(ExtractoPendiente.objects.values().get()) + str(LineaBanco.objects.values())
    assert NUESTRA not in guardado
    assert SUYA not in guardado


def test_en_otra_codificacion() -> None:
    """A file that says that it is not UTF-8 is kept as it came."""
    texto = camt(linea("Ñandú", "1.00")).decode().replace("UTF-8", "ISO-8859-1")
    extracto = importar_extracto(contenido=texto.encode("latin-1"), nombre="e", actor=LUIS)
    aplicar_extracto(extracto_pk=extracto.pk)
    assert extracto.lineas.get().referencia == "Ñandú"


def test_sin_movimientos() -> None:
    """A quiet day has nothing to apply."""
    extracto = tomado()
    assert extracto.movimientos == 0
    assert not ExtractoPendiente.objects.exists()


@pytest.mark.lento
@pytest.mark.django_db(transaction=True)
def test_varias_tareas_a_la_vez(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same statement, and another one that overlaps it: each line counts once."""
    por_porciones(monkeypatch, 3)
    lote = emitido(8)
    lineas = cobrado(lote)
    uno, otro = tomado(*lineas), tomado(*lineas, linea("x", "1.00"))
    for _vez in range(3):
        # One that loses against the other leaves its slice to the sweep.
        a_la_vez(
            [
                lambda e=e: aplicar_extracto(extracto_pk=e.pk)  # type: ignore[misc]
                for e in (uno, otro, uno, otro)
            ]
        )
    assert not ExtractoPendiente.objects.exists()
    hecho = Counter(LineaBanco.objects.values_list("resultado", flat=True))
    assert hecho == {"aplicada": 8, "repetida": 8, "desconocida": 1}
    assert uno.lineas.count() == 8
    assert set(Comision.objects.values_list("estado", flat=True)) == {"pagada"}
    assert Historial.objects.filter(entidad="pago", accion="confirmar").count() == 8
    todo_cuadra()


def test_se_aplica_el_pedido_y_ningun_otro(encolados: list[int]) -> None:
    """Not the one before it, nor one that nobody confirmed."""
    primero, segundo = (tomado(linea(f"ajena-{n}", "1.00")) for n in (1, 2))
    sin_confirmar = importar_extracto(
        contenido=camt(linea("ajena-3", "1.00")), nombre="e.xml", actor=LUIS
    )
    ExtractoPendiente.objects.filter(extracto=sin_confirmar).update(por_confirmar=True)
    for extracto in (segundo, sin_confirmar):
        aplicar_extracto(extracto_pk=extracto.pk)
    assert set(LineaBanco.objects.values_list("extracto", flat=True)) == {segundo.pk}
    quedan = ExtractoPendiente.objects.values_list("extracto", flat=True)
    assert set(quedan) == {primero.pk, sin_confirmar.pk}
