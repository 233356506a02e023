"""Files for the bank: whatever the names, only what every bank takes, and valid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from afiliados.cuentas.sepa import ADMITIDOS, nombre_sepa
from alpespartner.comun.identificadores import nuevo_id
from comisiones.pagos.errores import CuadernoInvalido, SepaSinCuenta
from comisiones.pagos.pasarelas.pain001 import Ordenante, Transferencia, redactar
from comisiones.pagos.pasarelas.referencias import del_banco, para_el_banco
from comisiones.pagos.pasarelas.sepa import ordenante
from tests.afiliados.cuentas.test_sepa import nombres

NUESTRA = "DE89370400440532013000"
IBANES = ["ES9121000418450200051332", "FR1420041010050500013M02606", "GB29NWBK60161331926819"]
transferencias = st.builds(
    Transferencia,
    referencia=st.builds(nuevo_id, st.just("pago")),
    titular=nombres.filter(nombre_sepa),
    iban=st.sampled_from(IBANES),
    bic=st.sampled_from(["", "CAIXESBB", "AGRIMQMX", "REVOLT21XXX"]),
    importe=st.decimals(min_value="0.01", max_value="999999999.99", places=2),
)
OTRO_ID = "pago_01M8CAFX8KHG019K5Z57AJG4N3"


def fichero(suyas: list[Transferencia], nombre: str = "Alpes & Cía_Ñ") -> bytes:
    """A file of ours."""
    return redactar(
        lote=nuevo_id("lote"),
        ordenante=Ordenante(nombre, NUESTRA, "COBADEFFXXX"),
        transferencias=suyas,
        momento=timezone.now(),
    )


def textos(contenido: bytes) -> list[str]:
    """Every text of a file, and every value of an attribute."""
    raiz: Element = fromstring(contenido)
    return [t for nodo in raiz.iter() for t in (nodo.text or "", *nodo.attrib.values()) if t]


def de(contenido: bytes, nombre: str) -> list[str]:
    """Texts of the elements of a name."""
    raiz: Element = fromstring(contenido)
    return [n.text or "" for n in raiz.iter() if n.tag.rpartition("}")[2] == nombre]


def test_solo_lo_que_todo_banco_admite() -> None:
    """In the ids, the concept and the names, ours too."""
    suya = Transferencia(
        OTRO_ID,
        'Müller & Söhne_GmbH "Größe" <x>; #1*@!',
        IBANES[0],
        "",
        Decimal(10),
    )
    contenido = fichero([suya])
    assert not set("".join(textos(contenido))) - ADMITIDOS
    assert de(contenido, "EndToEndId") == [suya.referencia.replace("_", "-")]
    assert de(contenido, "Ustrd") == [f"Comisiones {suya.referencia.replace('_', '-')}"]
    assert de(contenido, "Nm") == [
        "Alpes + Cia-N", "Alpes + Cia-N", "Muller + Sohne-GmbH 'Grose' .x., .1...",
    ]  # fmt: skip
    [mensaje] = de(contenido, "MsgId")
    assert mensaje.startswith("lote-")
    assert de(contenido, "PmtInfId") == [mensaje]


@pytest.mark.lento
@settings(deadline=None, max_examples=12)
@given(st.lists(transferencias, min_size=1, max_size=4, unique_by=lambda t: t.referencia), nombres)
def test_cualquier_fichero_vale(suyas: list[Transferencia], nuestro: str) -> None:
    """In the characters of every bank, cent by cent, and its references come
    back as ours."""
    # It is validated against its schema before it is given.
    contenido = fichero(suyas, nombre_sepa(nuestro) or "Alpes")
    assert not set("".join(textos(contenido))) - ADMITIDOS
    assert all(len(n) <= 70 for n in de(contenido, "Nm"))
    assert [del_banco(r) for r in de(contenido, "EndToEndId")] == [t.referencia for t in suyas]
    assert [Decimal(i) for i in de(contenido, "InstdAmt")] == [t.importe for t in suyas]
    # Identifiers have rules of their own for the slash.
    for cual in ("MsgId", "PmtInfId", "EndToEndId"):
        assert all("/" not in texto and len(texto) <= 35 for texto in de(contenido, cual))


@pytest.mark.parametrize("bueno", ["pago_01JQ0000000000000000000000", OTRO_ID])
def test_una_referencia_vuelve(bueno: str) -> None:
    """As we write it, as we wrote it before, and as banks change it on the way."""
    assert para_el_banco(bueno) == bueno.replace("_", "-")
    for dicho in (
        para_el_banco(bueno), bueno, bueno.upper(), para_el_banco(bueno).lower(), f" {bueno}\n",
        bueno.replace("_", " "), bueno.replace("_", ""), f"{bueno[:10]}\n  {bueno[10:]}",
    ):  # fmt: skip
        assert del_banco(dicho) == bueno


@pytest.mark.parametrize(
    "ajeno", ["", "NOTPROVIDED", "pago", "pago-1", "pago_01JQ000000000000000000000O", "x" * 99,
              "apago-01JQ0000000000000000000000", "pago-01JQ0000000000000000000000X",
              "lote-01JQ0000000000000000000000", "Ñandú 1"],
)  # fmt: skip
def test_una_referencia_que_no_es_nuestra(ajeno: str) -> None:
    """Left as it is."""
    assert del_banco(ajeno) == ajeno


def test_un_nombre_del_que_no_queda_nada_no_sale() -> None:
    """The file is not written for somebody without a name."""
    with pytest.raises(CuadernoInvalido):
        fichero([Transferencia(OTRO_ID, "李小龍", IBANES[0], "", Decimal(10))])


@pytest.mark.parametrize(
    "mal",
    [{"SEPA_NOMBRE": "★"}, {"SEPA_NOMBRE": ""}, {"SEPA_IBAN": "AE070331234567890123456"},
     {"SEPA_BIC": "COBA"}, {"SEPA_BIC": "CHASUS33"}, {"SEPA_IBAN": "DE00"}],
)  # fmt: skip
def test_nuestra_cuenta(settings: Any, mal: dict[str, str]) -> None:
    """What would stop every file is known before a batch is proposed."""
    settings.SEPA_NOMBRE, settings.SEPA_IBAN, settings.SEPA_BIC = "Alpes", NUESTRA, "cobadeff"
    assert ordenante() == Ordenante("Alpes", NUESTRA, "COBADEFF")
    for nombre, valor in mal.items():
        setattr(settings, nombre, valor)
    with pytest.raises(SepaSinCuenta):
        ordenante()
