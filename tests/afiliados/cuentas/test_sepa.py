"""Names and banks of accounts: what the banks of the SEPA area take, and what is refused."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliados.cuentas import sepa
from afiliados.cuentas.models import CuentaBancaria
from afiliados.cuentas.services import guardar_cuenta
from alpespartner.comun.errores import DatoInvalido
from tests import fabricas
from tests.fabricas import ANA

ESPANA = "ES9121000418450200051332"
FRANCIA = "FR1420041010050500013M02606"
REINO_UNIDO = "GB29NWBK60161331926819"
EMIRATOS = "AE070331234567890123456"

# Whole planes at random are mostly unassigned: letters of the languages that people here have too.
nombres = st.text(
    st.one_of(
        st.sampled_from("áÉñßøŁłşţĞğıİŉĳﬁ&_<>\"#;*@!«»–—…'`´¿¡€½ⅷＡＢ；"),
        st.characters(min_codepoint=0x20, max_codepoint=0x24F),
        st.characters(min_codepoint=0x370, max_codepoint=0x45F),
        st.characters(codec="utf-8"),
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    ("titular", "escrito"),
    [
        ('Müller & Söhne_GmbH "Größe" <x>; #1*@!', "Muller + Sohne-GmbH 'Grose' .x., .1..."),
        ("Íñigo Ñandú", "Inigo Nandu"),
        ("I\u0301n\u0303igo", "Inigo"),
        ("Łódź Œuvre Ærø", "Lodz Ouvre Aro"),
        ("Θεός Ψυχή", "THeos PSychi"),
        ("Ивайло Щерев", "Ivaylo SHTerev"),
        ("O’Neil–Smith", "O'Neil-Smith"),
        ("Ana\u200b\u00a0 López", "Ana Lopez"),
        ("x" * 69 + "ß & y", "x" * 69 + "s"),
        ("李小龍", ""),
        ("★ · 🙂", ""),
        ("¿?", ""),
    ],
)
def test_un_nombre_para_el_banco(titular: str, escrito: str) -> None:
    """Converted as EPC217-08 says; empty when nothing of it can be read."""
    assert sepa.nombre_sepa(titular) == escrito


@given(nombres)
def test_cualquier_nombre(titular: str) -> None:
    """Only what banks take, bounded, no loose blanks, the same for both normal forms; and what is
    already right is not touched."""
    escrito = sepa.nombre_sepa(titular)
    assert set(escrito) <= sepa.ADMITIDOS
    assert len(escrito) <= 70
    assert escrito == " ".join(escrito.split())
    assert sepa.nombre_sepa(escrito) == escrito
    assert sepa.nombre_sepa(unicodedata.normalize("NFD", titular)) == escrito


@pytest.mark.django_db
@pytest.mark.parametrize(
    "titular",
    ["李小龍", "🙂", "...", "\u200b", "Ana\x00", "Ana\x07López", "Ana\nLópez", "Ana\tLópez",
     "Ana\x85López", "Ana\x1cLópez", "Ana\u2028López", "Ana\ud800"],
)  # fmt: skip
def test_un_titular_que_no_vale(titular: str) -> None:
    """Nothing of it can be written for the bank, or it has what nobody types in a name."""
    with pytest.raises(DatoInvalido) as error:
        guardar_cuenta(afiliado=fabricas.afiliado(), titular=titular, iban=ESPANA, actor=ANA)
    assert (error.value.codigo, error.value.campo) == ("titular_invalido", "titular")
    assert not CuentaBancaria.objects.exists()


@pytest.mark.django_db
def test_el_mismo_titular_en_otra_forma() -> None:
    """Taken apart, with marks that are not seen or more blanks, it is the same account."""
    suya = fabricas.afiliado()
    una = guardar_cuenta(afiliado=suya, titular="Íñigo Pérez", iban=ESPANA, actor=ANA)
    otra = guardar_cuenta(
        afiliado=suya,
        titular="  " + unicodedata.normalize("NFD", "Íñigo  Pé\u200brez") + "\n",
        iban=ESPANA,
        actor=ANA,
    )
    assert (otra.titular, otra.huella) == ("Íñigo Pérez", una.huella)
    assert otra.utilizable_en == una.utilizable_en


@pytest.mark.django_db
def test_una_cuenta_de_stripe_no_va_a_ningun_fichero() -> None:
    """Its holder may write in any letters; not with control characters."""
    suya = fabricas.afiliado()
    stripe = {"afiliado": suya, "iban": "acct_1MTfjCQ9PRzxEwkZ", "actor": ANA}
    assert guardar_cuenta(titular="李小龍", **stripe).titular == "李小龍"
    with pytest.raises(DatoInvalido):
        guardar_cuenta(titular="李\x07", **stripe)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("iban", "bic"),
    [
        (FRANCIA, "AGRIMQMX"),
        (FRANCIA, "BNPARERX"),
        (FRANCIA, "agrimqmx"),
        (FRANCIA, "AGRINCNX"),
        (REINO_UNIDO, "LOYDJESH"),
        (ESPANA, "REVOLT21"),
        (ESPANA, "BNPARERX"),
        (ESPANA, "CAIXESBBXXX"),
        (EMIRATOS, "BOMLAEAD"),
    ],
)
def test_bancos_de_otro_sitio(iban: str, bic: str) -> None:
    """Territories share the IBAN of their country, and banks work all over the area."""
    cuenta = guardar_cuenta(
        afiliado=fabricas.afiliado(), titular="Ada", iban=iban, bic=bic, actor=ANA
    )
    assert cuenta.bic == bic.upper()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("iban", "bic"),
    [
        (ESPANA, "CHASUS33"),
        (ESPANA, "AGRINCNX"),
        (EMIRATOS, "REVOLT21"),
        (FRANCIA, "BOMLAEAD"),
        (ESPANA, "REVOLT2"),
        (ESPANA, "REVO LT21 5"),
        (ESPANA, "REVOLT２１"),
    ],
)
def test_bancos_que_no_pueden_ser(iban: str, bic: str) -> None:
    """Of a country with nothing to do with the account, or malformed."""
    with pytest.raises(DatoInvalido) as error:
        guardar_cuenta(afiliado=fabricas.afiliado(), titular="Ada", iban=iban, bic=bic, actor=ANA)
    assert error.value.campo == "bic"


@pytest.mark.parametrize(
    ("pais", "bic", "dentro"),
    [
        ("ES", "", True),
        ("GI", "", True),
        ("RS", "", True),
        ("AL", "", True),
        ("AE", "", False),
        ("BR", "", False),
        ("TR", "", False),
        ("TN", "", False),
        ("GL", "", False),
        ("XK", "", False),
        ("FR", "AGRIMQMX", True),
        ("FR", "AGRINCNX", False),
        ("", "", False),
    ],
)
def test_la_zona(pais: str, bic: str, dentro: bool) -> None:
    """Countries, and the territories that have the IBAN of one and are not in the area."""
    assert sepa.en_zona(pais, bic) is dentro


UNION_EUROPEA = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
OTROS_DEL_ESPACIO_ECONOMICO = "IS LI NO"
Y_ADEMAS = "AD AL CH GB GI MC MD ME MK RS SM VA"


def test_los_paises_son_los_de_la_zona() -> None:
    """Those of the Union, of the economic area, and the others that joined; as ISO writes them."""
    from schwifty import registry

    todos = f"{UNION_EUROPEA} {OTROS_DEL_ESPACIO_ECONOMICO} {Y_ADEMAS}".split()
    assert sorted(sepa.PAISES) == sorted(todos)

    de_un_iban: Any = registry.get_iban_spec
    for pais in sepa.PAISES:
        assert de_un_iban(pais)
