"""Statements as banks write them: each value in any of its forms, each entry by itself."""

from __future__ import annotations

import codecs
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from comisiones.models import ExtractoBanco, LineaBanco, Pago
from comisiones.pagos.conciliacion import formas
from comisiones.pagos.conciliacion.camt import Movimiento, leer
from comisiones.pagos.conciliacion.extractos import aplicar_extracto
from comisiones.pagos.conciliacion.importacion import importar_extracto
from comisiones.pagos.errores import CamtInvalido, ExtractoIlegible, OtraCuenta
from tests.comisiones.pagos.fabrica import todo_cuadra
from tests.comisiones.pagos.sepa import (
    DEVUELTA,
    NUESTRA,
    SUYA,
    camt,
    emitido,
    importar,
    linea,
    resultados,
)
from tests.fabricas import LUIS

pytestmark = pytest.mark.usefixtures("sepa")
D = Decimal
NUEVES = "9" * 30


def movimiento(contenido: bytes) -> Movimiento:
    """The only transaction of a statement."""
    [unico] = leer(contenido).movimientos
    return unico


@st.composite
def decimales(draw: st.DrawFn) -> tuple[str, Decimal]:
    """An amount of euros in a form of ``xs:decimal``, and its value."""
    valor = draw(st.decimals(min_value=0, max_value="99999999.99", places=2))
    entero, _punto, cola = f"{valor:.2f}".partition(".")
    cola = draw(st.sampled_from([cola, cola.rstrip("0"), cola + "000"]))
    if entero == "0" and cola and draw(st.booleans()):
        entero = ""
    entero = draw(st.sampled_from(["", "0", "00000"])) + entero if entero else entero
    texto = f"{entero}.{cola}" if cola or draw(st.booleans()) else entero
    blancos = st.text(" \t\r\n", max_size=3)
    return f"{draw(blancos)}{draw(st.sampled_from(['', '+']))}{texto}{draw(blancos)}", valor


@st.composite
def escritos(draw: st.DrawFn, texto: str) -> str:
    """A text of XML with a comment, as CDATA, or with characters by their number."""
    corte = draw(st.integers(0, len(texto)))
    antes, despues = texto[:corte], texto[corte:]
    return draw(
        st.sampled_from(
            [
                texto,
                f"{antes}<!-- 9 -->{despues}",
                f"{antes}<?nada 9?>{despues}",
                f"{antes}<![CDATA[{despues}]]>",
                antes + "".join(f"&#{ord(c)};" for c in despues),
                antes + "".join(f"&#x{ord(c):x};" for c in despues),
            ]
        )
    )


@st.composite
def documentos(draw: st.DrawFn) -> tuple[bytes, Decimal]:
    """A statement with one debit of ours, in any spelling, and its amount."""
    escrito, valor = draw(decimales())
    p = draw(st.sampled_from(["", "ns0:", "camt:"]))
    version = draw(st.sampled_from(["02", "04", "08", "13"]))
    espacio = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"
    declara = f'xmlns{":" + p[:-1] if p else ""}="{espacio}"'
    iban = draw(escritos(draw(st.sampled_from([NUESTRA, "DE89 3704 0044 0532 0130 00"]))))
    cuerpo = (
        f"<{p}Document {declara}><{p}BkToCstmrStmt><{p}Stmt><{p}Acct><{p}Id><{p}IBAN>{iban}"
        f"</{p}IBAN></{p}Id></{p}Acct><{p}Ntry><{p}Amt Ccy='EUR'>{draw(escritos(escrito))}</{p}Amt>"
        f"<{p}CdtDbtInd>{draw(escritos('DBIT'))}</{p}CdtDbtInd>"
        f"<{p}RvslInd>{draw(st.sampled_from(['0', 'false', ' 0 ']))}</{p}RvslInd>"
        f"<{p}Sts>{draw(st.sampled_from([f'<{p}Cd>BOOK</{p}Cd>', ' BOOK ']))}</{p}Sts>"
        f"<{p}BookgDt><{p}Dt>{draw(st.sampled_from(['2026-11-20', '2026-11-20Z']))}</{p}Dt>"
        f"</{p}BookgDt></{p}Ntry></{p}Stmt></{p}BkToCstmrStmt></{p}Document>"
    )
    codigo = draw(st.sampled_from(["UTF-8", "UTF-16", "ISO-8859-1", "windows-1252"]))
    declaracion = draw(st.sampled_from(["", f'<?xml version="1.0" encoding="{codigo}"?>']))
    delante = draw(st.sampled_from(["", "\n", " \r\n\t"]))
    if codigo in ("UTF-8", "UTF-16"):
        delante = draw(st.sampled_from(["", "\ufeff"])) + delante
    elif not declaracion:
        codigo = "UTF-8"
    return (delante + declaracion + cuerpo).encode(codigo), valor


@given(documentos())
def test_cualquier_forma(documento: tuple[bytes, Decimal]) -> None:
    """Encodings, prefixes, comments, CDATA, what stands before the declaration, decimals."""
    contenido, valor = documento
    leido = movimiento(contenido)
    assert leido.problema == ""
    assert leido.importe == -valor
    assert str(leido.importe) != "-0.00"
    assert (leido.cuenta, leido.moneda, leido.fecha) == (NUESTRA, "EUR", "2026-11-20")
    assert leido.contabilizado
    assert not leido.vuelve


@pytest.mark.parametrize("antes", [b"\n", b"\r\n \t", codecs.BOM_UTF8, codecs.BOM_UTF8 + b"\n"])
def test_algo_antes_de_la_declaracion(antes: bytes) -> None:
    """What some tools leave there."""
    assert movimiento(antes + camt(linea("x", ".50"))).importe == D("-0.50")


@pytest.mark.parametrize(
    ("texto", "vale"), [("true", True), ("1", True), (" 1\n", True), ("false", False), ("0", False),
                        ("", False), ("TRUE", False), ("yes", False)],
)  # fmt: skip
def test_booleanos(texto: str, vale: bool) -> None:
    """Both forms, and nothing else."""
    con = linea("x", "1").replace("<Sts>", f"<RvslInd>{texto}</RvslInd><Sts>")
    assert movimiento(camt(con)).vuelve is vale


@pytest.mark.parametrize(
    ("texto", "leida"),
    [
        (" 2026-11-20\n", "2026-11-20"),
        ("2026-11-20+14:00", "2026-11-20"),
        ("2026-11-20T23:59:59", "2026-11-20T23:59:59"),
        ("2026-11-20T23:59:59.123456789012345+01:00", "2026-11-20T23:59:59+01:00"),
        ("2026-11-20T24:00:00Z", "2026-11-20T24:00:00Z"),
        ("mañana", "mañana"),
        ("２０２６-11-20", "２０２６-11-20"),
    ],
)
def test_fechas(texto: str, leida: str) -> None:
    """With zone, fractions, or neither; what is not one is shown as it came."""
    assert formas.fecha(texto) == leida


@given(st.text("+-.0123456789eE ٣", max_size=8))
def test_un_decimal_y_nada_mas(texto: str) -> None:
    """What is read is what XML Schema says; the rest is refused, not guessed."""
    try:
        leido = formas.decimal(texto)
    except ValueError:
        return
    assert "e" not in texto.lower()
    assert leido == D(texto.strip())
    assert texto.isascii()


MALAS = [
    linea("x", "diez"), linea("x", "-10.00"), linea("x", "NaN"), linea("x", "INF"),
    linea("x", "1e3"), linea("x", ""), linea("x", "1,50"), linea("x", "١٠"),
    linea("x", NUEVES), linea("x", "999999999999999.99"), linea("x", "100000000000.00"),
    linea("x", "1.005"), linea("x", "1", moneda="EUX"), linea("x", "1", moneda=""),
    linea("x", "1", moneda="eur"), linea("x", "1", moneda="XAU"), linea("x", "1", moneda="E" * 99),
    linea("x", "1", sentido="?"), linea("x", "1", sentido=""),
]  # fmt: skip


@pytest.mark.lento
@pytest.mark.django_db
def test_una_linea_mala_no_para_a_las_demas(client: Any, django_user_model: Any) -> None:
    """It is set aside with its reason, the others are applied, and every page opens."""
    lote = emitido(2)
    uno, otro = (p.id_publico for p in lote.pagos.order_by("pk"))
    extracto = importar(camt(linea(uno, "10.00"), *MALAS, linea(otro, "11.0")))
    assert resultados(extracto) == ["aplicada", *["ilegible"] * len(MALAS), "aplicada"]
    malas = extracto.lineas.filter(resultado="ilegible")
    assert all(m.detalle and m.importe is None and not m.pago for m in malas)
    client.force_login(django_user_model.objects.create_superuser("jefa"))
    lista = client.get(reverse("admin:comisiones_lineabanco_changelist") + "?all=")
    assert "demasiado grande" in lista.content.decode()
    ficha = reverse("admin:comisiones_extractobanco_change", args=[extracto.pk])
    assert client.get(ficha).status_code == 200
    todo_cuadra()


@pytest.mark.django_db
def test_una_linea_mala_de_un_pago_no_lo_toca() -> None:
    """Although it names it."""
    pago = emitido(1).pagos.get()
    extracto = importar(camt(linea(pago.id_publico, "10.00", moneda="EU"), linea("x", NUEVES)))
    assert resultados(extracto) == ["ilegible", "ilegible"]
    pago.refresh_from_db()
    assert pago.estado == "enviando"


@pytest.mark.django_db
def test_filas_que_ya_estaban(client: Any, django_user_model: Any) -> None:
    """Rows of before, with what is refused now, break neither the list nor their page."""
    extracto = importar(camt(linea("x", "1"), linea("y", "2"), linea("z", "3")))
    claves = list(extracto.lineas.order_by("numero").values_list("pk", flat=True))
    with connection.cursor() as cursor:
        for pk, importe, moneda in zip(
            claves, ["999999999999999.99", "12.34", "-1.5"], ["EUR", "ZZZ", ""], strict=True
        ):
            cursor.execute(
                "UPDATE comisiones_lineabanco SET importe = %s, cargos = %s, moneda = %s "
                "WHERE id = %s",
                [importe, importe, moneda, pk],
            )
    client.force_login(django_user_model.objects.create_superuser("jefa"))
    lista = client.get(reverse("admin:comisiones_lineabanco_changelist")).content.decode()
    assert "12,34" in lista
    assert "ZZZ" in lista
    for pk in claves:
        pagina = reverse("admin:comisiones_lineabanco_change", args=[pk])
        assert client.get(pagina).status_code == 200


def juntos(*extractos: bytes) -> bytes:
    """One file with the statements of several."""
    cuerpos = [
        e.partition(b"<BkToCstmrStmt>")[2].partition(b"</BkToCstmrStmt>")[0] for e in extractos
    ]
    return b"<Document><BkToCstmrStmt>" + b"".join(cuerpos) + b"</BkToCstmrStmt></Document>"


@pytest.mark.lento
@pytest.mark.django_db
def test_dos_extractos_en_un_fichero(settings: Any) -> None:
    """Ours is applied; the other, or one of nobody, is accounted for and touches nothing."""
    lote = emitido(2)
    uno, otro = (p.id_publico for p in lote.pagos.order_by("pk"))
    extracto = importar_extracto(
        contenido=juntos(
            camt(linea(otro, "11.00"), cuenta=SUYA),
            camt(linea(uno, "10.00")),
            camt(linea(otro, "11.00"), cuenta=""),
        ),
        nombre="e",
        actor=LUIS,
    )
    # Ours is what it was when it was imported.
    settings.SEPA_IBAN = ""
    aplicar_extracto(extracto_pk=extracto.pk)
    assert resultados(extracto) == ["otra_cuenta", "aplicada", "otra_cuenta"]
    assert extracto.movimientos == 3
    assert Pago.objects.get(id_publico=otro).estado == "enviando"
    todo_cuadra()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "contenido",
    [
        camt(linea("x", "1"), cuenta=SUYA),
        camt(cuenta=SUYA),
        juntos(camt(cuenta=SUYA), camt(cuenta="")),
    ],
)
def test_un_fichero_de_otros(contenido: bytes) -> None:
    """With transactions or without them."""
    with pytest.raises(OtraCuenta):
        importar(contenido)


@pytest.mark.django_db
@pytest.mark.parametrize("iban", [NUESTRA.lower(), "DE89 3704 0044 0532 0130 00", f"\n{NUESTRA}\t"])
def test_nuestra_cuenta_escrita_de_otro_modo(iban: str) -> None:
    """Blanks and small letters are no other account."""
    assert resultados(importar(camt(linea("x", "1"), cuenta=iban))) == ["desconocida"]


def test_dentro_de_un_sobre() -> None:
    """With the header of its message around it, and both kinds of document in one."""
    dentro = (
        camt(linea("x", "1")).partition(b"?>")[2]
        + camt(linea("y", "2"), tipo="054").partition(b"?>")[2]
    )
    leido = leer(b"<BizMsg><AppHdr/>" + dentro + b"</BizMsg>")
    assert [m.referencia for m in leido.movimientos] == ["x", "y"]
    with pytest.raises(CamtInvalido):
        leer(b"<BizMsg><AppHdr/></BizMsg>")


def cargo(importe: str, moneda: str = "EUR", sentido: str = "DBIT") -> str:
    """A charge, as versions from the fourth write it."""
    return (
        f'<Chrgs><Rcrd><Amt Ccy="{moneda}">{importe}</Amt><CdtDbtInd>{sentido}</CdtDbtInd></Rcrd>'
        "</Chrgs>"
    )


CON_CARGOS: list[tuple[str, str, str, str | None]] = [
    # Beside the amount, inside of it, or what is left of what came back.
    ("10.00", "DBIT", cargo("0.50"), "0.50"),
    ("10.50", "DBIT", cargo("0.50"), "0.50"),
    ("10.50", "DBIT", '<Chrgs><TtlChrgsAndTaxAmt Ccy="EUR">.5</TtlChrgsAndTaxAmt></Chrgs>', "0.50"),
    ("10.50", "DBIT", '<Chrgs><Amt Ccy="EUR">0.50</Amt></Chrgs>', "0.50"),
    ("10.50", "DBIT", cargo("0.75") + cargo("0.25", sentido="CRDT"), "0.50"),
    ("9.50", "CRDT", cargo("0.50") + DEVUELTA, "0.50"),
    ("10.00", "DBIT", cargo("0.50", "USD"), None),
    ("10.00", "DBIT", cargo("nada"), None),
    ("10.00", "DBIT", "", None),
]


@pytest.mark.lento
@pytest.mark.django_db
@pytest.mark.parametrize(("importe", "sentido", "extra", "cargos"), CON_CARGOS)
def test_los_cargos_se_guardan_y_se_ven(
    client: Any, django_user_model: Any, importe: str, sentido: str, extra: str, cargos: str | None
) -> None:
    """Beside our amount, in it, or taken from what comes back: the payment is ours all the same."""
    pago = emitido(1).pagos.get()
    extracto = importar(camt(linea(pago.id_publico, importe, sentido=sentido, extra=extra)))
    assert resultados(extracto) == ["aplicada"]
    guardada = extracto.lineas.get()
    assert guardada.cargos == (None if cargos is None else D(cargos))
    assert abs(guardada.importe or 0) == D(importe)
    if extra and cargos is None:
        assert "cargos" in guardada.detalle
    client.force_login(django_user_model.objects.create_superuser("jefa"))
    lista = client.get(reverse("admin:comisiones_lineabanco_changelist")).content.decode()
    assert ("0,50" in lista) is (cargos is not None)
    todo_cuadra()


@pytest.mark.django_db
def test_cargos_que_no_explican_el_importe() -> None:
    """Another amount is another amount."""
    pago = emitido(1).pagos.get()
    for importe, sentido in (("10.60", "DBIT"), ("9.50", "DBIT"), ("10.50", "CRDT")):
        extracto = importar(
            camt(linea(pago.id_publico, importe, sentido=sentido, extra=cargo("0.50")))
        )
        assert resultados(extracto) == ["importe_distinto"]


@pytest.mark.django_db
def test_la_misma_linea_escrita_de_otro_modo() -> None:
    """In another statement, with other zeros: it is the same one."""
    assert resultados(importar(camt(linea("x", "10.00")))) == ["desconocida"]
    assert resultados(importar(camt(linea("x", "+0010.")))) == ["repetida"]


@pytest.mark.django_db
@pytest.mark.parametrize("como", [str.lower, str.upper, lambda r: r.replace("_", "-")])
def test_una_referencia_como_la_devuelve_el_banco(como: Any) -> None:
    """In the form that the file has, in that of earlier files, or in other letters."""
    pago = emitido(1).pagos.get()
    assert resultados(importar(camt(linea(como(pago.id_publico), "10.00")))) == ["aplicada"]
    pago.refresh_from_db()
    assert pago.estado == "pagado"


@pytest.mark.django_db
@pytest.mark.parametrize("contenido", [b"\n", b"\xff\xfe", b"\xfe\xff<", b"\xff\xfe\x00\x00<"])
def test_ni_xml_ni_nada(contenido: bytes) -> None:
    """Refused, and nothing is left."""
    with pytest.raises(ExtractoIlegible):
        importar(contenido)
    assert not ExtractoBanco.objects.exists()
    assert not LineaBanco.objects.exists()


def test_un_cargo_de_cero_no_tiene_signo() -> None:
    [movimiento] = leer(camt(linea("x", "0.00"))).movimientos
    assert str(movimiento.importe) == "0.00"
