"""Statements of the bank are applied once, line by line, and a bad one not at all."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from alpespartner.comun.actores import persona
from alpespartner.comun.errores import Conflicto, DatoInvalido
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.libro.models import Cuenta
from comisiones.libro.selectors import saldos
from comisiones.models import ExtractoBanco, LineaBanco, Pago
from comisiones.pagos.conciliacion import selectors
from comisiones.pagos.conciliacion.extractos import aplicar_extracto
from comisiones.pagos.conciliacion.selectors import esperado, posicion
from comisiones.pagos.lotes.fichero import entregar_fichero
from comisiones.pagos.pago import fin_de_lote
from tests.comisiones.pagos.fabrica import todo_cuadra
from tests.comisiones.pagos.sepa import DEVUELTA, SUYA, camt, emitido, importar, linea, resultados
from tests.fabricas import PRUEBAS, a_la_vez

pytestmark = pytest.mark.usefixtures("sepa")
D = Decimal
EVA = persona(3)


@pytest.mark.lento
@pytest.mark.django_db
@pytest.mark.parametrize(("tipo"), ["053", "054"])
def test_un_extracto_paga(tipo: str) -> None:
    """Each payment by its own line; the batch is settled by the last."""
    lote = emitido(2)
    uno, otro = lote.pagos.order_by("pk")
    extracto = importar(camt(linea(uno.id_publico, "10.00"), linea(otro.id_publico, "11.00"),
                             linea("COMISION-BANCO", "1.50"), tipo=tipo))  # fmt: skip
    assert resultados(extracto) == ["aplicada", "aplicada", "desconocida"]
    fin_de_lote.terminar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    lote.refresh_from_db()
    assert lote.estado == "liquidado"
    assert set(Comision.objects.values_list("estado", flat=True)) == {"pagada"}
    uno.refresh_from_db()
    assert uno.detalle == f"B-{uno.id_publico[-8:]}"
    todo_cuadra()


@pytest.mark.lento
@pytest.mark.django_db
def test_cada_linea_cuenta_y_se_aplica_una_vez() -> None:
    """Whatever a bank can put in a file, twice, in any order."""
    lote = emitido(5)
    a, b, c, d, e = (p.id_publico for p in lote.pagos.order_by("pk"))
    primero = camt(
        linea(a, "10.00"),
        linea(b, "11.01"),
        linea(c, "12.00", estado="PDNG"),
        linea(d, "13.00", moneda="USD"),
        linea("pago_01JQQQQQQQQQQQQQQQQQQQQQQQ", "10.00"),
        linea("NOTPROVIDED", "99.00", sentido="CRDT"),
        linea(e, "14.00", sentido="CRDT", extra=DEVUELTA),
    )
    extracto = importar(primero)
    assert resultados(extracto) == [
        "aplicada", "importe_distinto", "pendiente", "importe_distinto", "desconocida",
        "desconocida", "aplicada",
    ]  # fmt: skip
    with pytest.raises(Conflicto) as error:
        importar(primero)
    assert error.value.codigo == "extracto_repetido"
    segundo = importar(
        camt(
            linea(a, "10.00"),
            linea(a, "10.00", banco="otra"),
            linea(c, "12.00"),
            linea(e, "14.00"),
            linea(a, "10.00", sentido="CRDT", banco="vuelta", extra=DEVUELTA),
            linea(a, "10.00", sentido="CRDT", banco="vuelta2", extra=DEVUELTA),
        )
    )
    assert resultados(segundo) == [
        "repetida", "de_mas", "aplicada", "ya_sabida", "compensa", "aplicada",
    ]  # fmt: skip
    estados = {p.id_publico: p.estado for p in Pago.objects.all()}
    assert estados == {a: "devuelto", b: "enviando", c: "pagado", d: "enviando", e: "fallido"}
    assert Ajuste.objects.get().monto == D(10)
    assert saldos(Pago.objects.get(id_publico=a).afiliado) == {"EUR": D(10)}
    assert LineaBanco.objects.count() == 13
    todo_cuadra()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "otra",
    [
        linea("X", "5.00", banco="otro"), linea("Y", "5.00", banco="uno"),
        linea("X", "5.01", banco="uno"), linea("X", "5.00", banco="uno", moneda="USD"),
        linea("X", "5.00", banco="uno", sentido="CRDT"),
        linea("X", "5.00", banco="uno", estado="PDNG"),
        linea("X", "5.00", banco="uno").replace("2026-11-20", "2026-11-21"),
        linea("X", "x5", banco="uno"),
    ],
)  # fmt: skip
def test_una_diferencia_hace_otra_linea(otra: str) -> None:
    """In another statement, beside the same one: its account, its day, what the bank calls it."""
    una = linea("X", "5.00", banco="uno")
    assert resultados(importar(camt(una))) == ["desconocida"]
    assert [r == "repetida" for r in resultados(importar(camt(otra, una)))] == [False, True]


@pytest.mark.django_db
def test_dos_lineas_iguales_son_dos_hechos() -> None:
    """A bank that gives no reference: the same two of another statement are those two."""
    igual = linea("X", "5.00", banco="sin")
    assert resultados(importar(camt(igual, igual))) == ["desconocida", "desconocida"]
    otro = importar(camt(igual, igual, igual))
    assert resultados(otro) == ["repetida", "repetida", "desconocida"]


BOMBA = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<Document>&b;</Document>"""
EXTERNA = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>
<Document>&a;</Document>"""


@pytest.mark.lento
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("contenido", "codigo"),
    [
        (b"", "extracto_ilegible"),
        (b"no es xml", "extracto_ilegible"),
        (b"\xff\xfe\x00", "extracto_ilegible"),
        (BOMBA, "extracto_ilegible"),
        (EXTERNA, "extracto_ilegible"),
        (b"<Document/>", "extracto_ilegible"),
        (camt(linea("x", "1"), cuenta=""), "extracto_ilegible"),
        (camt(linea("x", "1"), cuenta=SUYA), "otra_cuenta"),
        (b" " * 10_000_001, "extracto_ilegible"),
    ],
)
def test_un_fichero_malo_no_deja_nada(contenido: bytes, codigo: str) -> None:
    """Malformed, or of another account: nothing of it is applied."""
    with pytest.raises(DatoInvalido) as error:
        importar(contenido)
    assert error.value.codigo == codigo
    assert not ExtractoBanco.objects.exists()


@pytest.mark.django_db
def test_media_linea_mala_no_para_a_la_otra() -> None:
    """The good line of a file whose next one is of no use."""
    lote = emitido(1)
    pago = lote.pagos.get()
    extracto = importar(camt(linea(pago.id_publico, "10.00"), linea("x", "diez")))
    assert resultados(extracto) == ["aplicada", "ilegible"]
    pago.refresh_from_db()
    assert pago.estado == "pagado"


@pytest.mark.django_db
def test_la_conciliacion_y_sus_paginas(client: Any, django_user_model: Any) -> None:
    """Where the money is; the file by POST, for who may; a bad upload says why."""
    lote = emitido(2)
    assert [(e.estado, e.n, e.importe) for e in esperado()] == [("enviando", 2, D(21))]
    [euros] = posicion()
    assert (euros.debido, euros.en_curso, euros.salido) == (D(0), D(21), D(0))
    client.force_login(django_user_model.objects.create_superuser("jefa"))
    lista = reverse("admin:comisiones_extractobanco_changelist")
    assert "21,00" in client.get(lista).content.decode()
    fichero = reverse("admin:comisiones_lotepago_fichero", args=[lote.pk])
    assert client.get(fichero).status_code == 405
    respuesta = client.post(fichero)
    assert respuesta.content == entregar_fichero(lote=lote, actor=EVA)
    assert "no-store" in respuesta["Cache-Control"]
    subir = reverse("admin:comisiones_extractobanco_add")
    for contenido, dice in ((b"nada", "No se pudo leer"), (b"", "vac")):
        pagina = client.post(subir, {"fichero": SimpleUploadedFile("e.xml", contenido)})
        assert dice in pagina.content.decode()
    pago = lote.pagos.order_by("pk")[0]
    bueno = SimpleUploadedFile("e.xml", camt(linea(pago.id_publico, "10.00")))
    respuesta = client.post(subir, {"fichero": bueno})
    extracto = ExtractoBanco.objects.get()
    ficha = reverse("admin:comisiones_extractobanco_change", args=[extracto.pk])
    assert respuesta["Location"] == ficha
    avance = reverse("admin:comisiones_extractobanco_avance", args=[extracto.pk])
    assert "data-vivo" in client.get(avance).content.decode()
    aplicar_extracto(extracto_pk=extracto.pk)
    pago.refresh_from_db()
    assert pago.estado == "pagado"
    assert "data-vivo" not in client.get(avance).content.decode()
    pagina = client.get(ficha).content.decode()
    assert "Líneas: 1 de 1" in pagina
    assert f"?extracto__id__exact={extracto.pk}&amp;resultado__exact=aplicada" in pagina
    client.force_login(django_user_model.objects.create_user("otra", is_staff=True))
    assert client.post(fichero).status_code == client.get(avance).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_el_mismo_extracto_a_la_vez() -> None:
    """Two persons import it: one of them does, and each payment is resolved once."""
    lote = emitido(4)
    contenido = camt(*(linea(p.id_publico, p.importe.quantize(D("0.01"))) for p in
                       lote.pagos.all()))  # fmt: skip
    hechos = a_la_vez([lambda: importar(contenido)] * 4)
    assert Counter(type(h).__name__ for h in hechos) == {"ExtractoBanco": 1, "ExtractoRepetido": 3}
    assert LineaBanco.objects.filter(resultado="aplicada").count() == 4
    assert set(Pago.objects.values_list("estado", flat=True)) == {"pagado"}


def test_cada_cuenta_en_su_sitio(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is owed is a credit: it is said as a positive amount."""
    saldos = {
        (Cuenta.POR_PAGAR, "USD"): D(-1), (Cuenta.COMPENSACION, "USD"): D(-2),
        (Cuenta.BANCO, "USD"): D(3), (Cuenta.RETENCION, "USD"): D(-4),
        (Cuenta.CAMBIO, "USD"): D(100), (Cuenta.POR_PAGAR, "COP"): D(-5),
    }  # fmt: skip
    monkeypatch.setattr(selectors, "saldos_de_cuentas", lambda: saldos)
    assert selectors.posicion() == [
        selectors.Posicion("COP", D(5), D(0), D(0), D(0)),
        selectors.Posicion("USD", D(1), D(2), D(-3), D(4)),
    ]
