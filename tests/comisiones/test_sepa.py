"""SEPA: the file says what was released, and statements are applied once, line by line."""

from __future__ import annotations

import hashlib
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from sepaxml.validation import try_valid_xml

from alpespartner.comun.actores import persona
from alpespartner.comun.errores import Conflicto, DatoInvalido, ErrorDominio
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.libro.selectors import saldos
from comisiones.models import ExtractoBanco, FicheroPago, LineaBanco, LotePago, Pago
from comisiones.pagos.barrido import barrer_pagos, barrer_trabajos
from comisiones.pagos.conciliacion.extractos import aplicar_extracto, importar_extracto
from comisiones.pagos.conciliacion.selectors import esperado, posicion
from comisiones.pagos.errores import CuadernoInvalido
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.lotes.fichero import entregar_fichero
from comisiones.pagos.pago import fin_de_lote
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pago.resolucion import decidir_pago
from comisiones.pagos.pago.services import reintentar_pago
from comisiones.pagos.pasarelas.pain001 import Ordenante, Transferencia, redactar
from tests import fabricas
from tests.comisiones.test_lotes import todo_cuadra
from tests.fabricas import LUIS, PRUEBAS, a_la_vez

D = Decimal
EVA = persona(3)
NUESTRA = "DE89370400440532013000"
SUYA = "ES9121000418450200051332"


@pytest.fixture(autouse=True)
def _sepa(settings: Any) -> None:
    """An account to pay from, and only batches."""
    settings.SEPA_IBAN = NUESTRA
    settings.SEPA_NOMBRE = "Alpes Ñandú & Cía"
    settings.SEPA_BIC = "COBADEFFXXX"
    settings.PAGOS_AUTOMATICOS = False
    settings.PAGOS_SEGUNDOS_BARRIDO = settings.PAGOS_SEGUNDOS_TRABAJOS = 0
    settings.PAGOS_SEGUNDOS_INCIERTO = 0


def emitido(n: int = 2) -> LotePago:
    """A batch whose file is written: payments of 10, 11, … euros."""
    en = fabricas.campana(moneda="EUR")
    for i in range(n):
        de = fabricas.afiliado(nombre=f"Socia {i}")
        fabricas.cuenta(de, SUYA, titular="Íñigo & <Hijos>")
        fabricas.aprobada(de=de, en=en, valor=str(100 + 10 * i))
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    lote = ciclo.congelar_lote(lote=lote, actor=LUIS)
    lote = ciclo.liberar_lote(lote=lote, actor=EVA)
    lote = ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    assert lote.estado == "en_ejecucion"
    return lote


def linea(
    referencia: str, importe: object, *, sentido: str = "DBIT", banco: str = "", estado: str = "",
    extra: str = "", moneda: str = "EUR",
) -> str:  # fmt: skip
    """An entry of a statement."""
    return f"""<Ntry><Amt Ccy="{moneda}">{importe}</Amt><CdtDbtInd>{sentido}</CdtDbtInd>
      <Sts><Cd>{estado or "BOOK"}</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>
      <AcctSvcrRef>{banco or "B-" + referencia[-8:]}</AcctSvcrRef>
      <NtryDtls><TxDtls><Refs><EndToEndId>{referencia}</EndToEndId></Refs>{extra}</TxDtls></NtryDtls>
      </Ntry>"""


def camt(*lineas: str, cuenta: str = NUESTRA, tipo: str = "053") -> bytes:
    """A statement."""
    raiz, parte = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}[
        tipo
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{tipo}.001.08"><{raiz}><{parte}>
    <Acct><Id><IBAN>{cuenta}</IBAN></Id></Acct>{"".join(lineas)}</{parte}></{raiz}></Document>
    """.encode()


DEVUELTA = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"


def importar(contenido: bytes) -> ExtractoBanco:
    """Take a statement and run its task."""
    extracto = importar_extracto(contenido=contenido, nombre="extracto.xml", actor=LUIS)
    aplicar_extracto(extracto_pk=extracto.pk)
    return extracto


def resultados(extracto: ExtractoBanco) -> list[str]:
    """What each line did, in order."""
    return list(extracto.lineas.order_by("numero").values_list("resultado", flat=True))


@pytest.mark.django_db
def test_el_fichero_dice_lo_que_se_libero() -> None:
    """Valid for its schema; count, sum and each transfer are the batch's; one per batch."""
    lote = emitido(3)
    fichero = FicheroPago.objects.get()
    contenido = entregar_fichero(lote=lote, actor=EVA)
    try_valid_xml(contenido, "pain.001.001.09")
    assert hashlib.sha256(contenido).hexdigest() == fichero.huella
    texto = contenido.decode()
    assert texto.count("<NbOfTxs>3</NbOfTxs>") == 2
    assert texto.count("<CtrlSum>33.00</CtrlSum>") == 2
    assert f"<MsgId>{lote.id_publico}</MsgId>" in texto
    for pago in lote.pagos.all():
        assert f"<EndToEndId>{pago.id_publico}</EndToEndId>" in texto
        assert (pago.estado, pago.intentos.get().huella) == ("enviando", fichero.huella)
    assert SUYA in texto
    assert SUYA not in str(FicheroPago.objects.values().get())
    assert (fichero.pagos, fichero.total) == (3, D(33))
    todo_cuadra()


@pytest.mark.django_db
def test_lo_que_va_en_un_fichero_no_se_envia_otra_vez() -> None:
    """Neither the sweep, nor a stray task, nor a retry: only a statement or a person answers."""
    lote = emitido(1)
    antes = fabricas.foto()
    pago = lote.pagos.get()
    ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    assert barrer_pagos(actor=PRUEBAS)["reanudados"] == 0
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert fabricas.foto() == antes
    reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == "incierto"
    pago = decidir_pago(pago=pago, pagado=False, actor=LUIS, motivo="el banco no lo admitió")
    with pytest.raises(Conflicto) as error:
        reintentar_pago(pago=pago, actor=LUIS)
    assert error.value.codigo == "pago_en_fichero"
    assert propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS).total == D(10)
    assert FicheroPago.objects.count() == 1


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
        "repetida", "ya_sabida", "aplicada", "contradice", "aplicada", "ya_sabida",
    ]  # fmt: skip
    estados = {p.id_publico: p.estado for p in Pago.objects.all()}
    assert estados == {a: "devuelto", b: "enviando", c: "pagado", d: "enviando", e: "fallido"}
    assert Ajuste.objects.get().monto == D(10)
    assert saldos(Pago.objects.get(id_publico=a).afiliado) == {"EUR": D(10)}
    assert LineaBanco.objects.count() == 13
    todo_cuadra()


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
        (camt(linea("x", "diez")), "extracto_ilegible"),
        (camt(linea("x", "-10.00")), "extracto_ilegible"),
        (camt(linea("x", "NaN")), "extracto_ilegible"),
        (camt(linea("x", "1", sentido="?")), "extracto_ilegible"),
        (camt(linea("x", "1"), cuenta=""), "extracto_ilegible"),
        (camt(linea("x", "1"), cuenta=SUYA), "otra_cuenta"),
        (b" " * 10_000_001, "extracto_ilegible"),
    ],
)
def test_un_fichero_malo_no_deja_nada(contenido: bytes, codigo: str) -> None:
    """Malformed in its last line, or of another account: nothing of it is applied."""
    with pytest.raises(DatoInvalido) as error:
        importar(contenido)
    assert error.value.codigo == codigo
    assert not ExtractoBanco.objects.exists()


@pytest.mark.django_db
def test_medio_fichero_malo_no_aplica_el_otro_medio() -> None:
    """The good line of a file whose next one is of no use."""
    lote = emitido(1)
    pago = lote.pagos.get()
    with pytest.raises(DatoInvalido):
        importar(camt(linea(pago.id_publico, "10.00"), linea("x", "diez")))
    pago.refresh_from_db()
    assert pago.estado == "enviando"


@pytest.mark.django_db
def test_quien_no_puede_cobrar_por_sepa(settings: Any) -> None:
    """Without an account they are left out; in another currency, or without ours, no batch."""
    en = fabricas.campana(moneda="EUR")
    con, sin = fabricas.afiliado(), fabricas.afiliado()
    fabricas.cuenta(con, SUYA)
    for de in (con, sin):
        fabricas.aprobada(de=de, en=en)
    with pytest.raises(DatoInvalido):
        propuesta.proponer_lote(moneda="USD", pasarela="sepa", actor=LUIS)
    settings.SEPA_IBAN = ""
    with pytest.raises(ErrorDominio) as error:
        propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    assert error.value.codigo == "sepa_sin_cuenta"
    settings.SEPA_IBAN = NUESTRA
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    assert lote.pagos.get().afiliado == con
    fuera = lote.exclusiones.get()
    assert (fuera.afiliado, fuera.motivo) == (sin, "sin_datos_bancarios")


def test_un_cuaderno_que_no_cuadra_no_sale(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read back: a library that loses a transfer, or a cent, is caught."""
    from django.utils import timezone
    from sepaxml import SepaTransfer

    suyas = [
        Transferencia(f"pago_{i}", "Ada", SUYA, "", D(10 + i) / 10) for i in range(3)
    ]  # fmt: skip
    nuestro = Ordenante("Alpes", NUESTRA, "")
    datos: Any = {"lote": "lote_1", "ordenante": nuestro, "momento": timezone.now()}
    assert redactar(transferencias=suyas, **datos) == redactar(transferencias=suyas, **datos)
    poner = SepaTransfer.add_payment
    monkeypatch.setattr(
        SepaTransfer, "add_payment",
        lambda self, pago: poner(self, {**pago, "amount": pago["amount"] + 1}),
    )  # fmt: skip
    with pytest.raises(CuadernoInvalido):
        redactar(transferencias=suyas, **datos)
    monkeypatch.setattr(SepaTransfer, "add_payment", poner)
    with pytest.raises(CuadernoInvalido):
        redactar(transferencias=[Transferencia("p", "Ada", SUYA, "", D("1.005"))], **datos)


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


@pytest.mark.django_db
def test_un_lote_sin_fichero_no_para_a_los_demas(settings: Any) -> None:
    """Our account was unset after the release: it waits for it, and the batch behind it begins."""
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS, **_con_cuenta())
    liberados = [lote]
    fabricas.aprobada()
    liberados.append(propuesta.proponer_lote(moneda="USD", pasarela="archivo", actor=LUIS))
    for uno in liberados:
        ciclo.liberar_lote(lote=ciclo.congelar_lote(lote=uno, actor=LUIS), actor=EVA)
    settings.SEPA_IBAN = ""
    barrer_trabajos(actor=PRUEBAS)
    assert [x.estado for x in LotePago.objects.order_by("pk")] == ["aprobado", "en_ejecucion"]
    settings.SEPA_IBAN = NUESTRA
    barrer_trabajos(actor=PRUEBAS)
    assert FicheroPago.objects.count() == 1


def _con_cuenta() -> dict[str, Any]:
    en = fabricas.campana(moneda="EUR")
    suya = fabricas.afiliado()
    fabricas.cuenta(suya, SUYA)
    fabricas.aprobada(de=suya, en=en)
    return {"campana": en}
