"""The one form of the names that people type or paste, and plain digits."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.identificadores import es_nuestro, exigir_ajena, nuevo_id
from alpespartner.comun.textos import entero, instante, normalizar, normalizar_cupon

# Zero-width, direction marks, soft hyphen, joiners, fillers, selectors and tags.
INVISIBLES = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u202e\u2066\u034f\u3164\ufe0f\U000e0041"


@given(st.text())
def test_una_sola_forma(texto: str) -> None:
    """However it was composed, and with whatever shows nothing inside."""
    for forma in (normalizar, normalizar_cupon):
        suya = forma(texto)
        assert forma(suya) == suya
        assert forma(unicodedata.normalize("NFD", texto)) == suya
        assert forma(f"\u00a0{INVISIBLES.join(suya)}\ufeff ") == suya


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_lo_llano_queda_como_esta(texto: str) -> None:
    assert normalizar(texto) == texto
    assert normalizar_cupon(texto) == texto.upper()


def test_el_cafe() -> None:
    assert normalizar_cupon("cafe\u0301\u200b") == "CAFÉ"
    assert normalizar("PROMO\u00a010\u2009") == "PROMO 10"
    # Without its blank in sight it is still another word, and NUL is there to be refused.
    assert normalizar("a\tb") == "a b"
    assert normalizar("a\0b") == "a\0b"


@pytest.mark.parametrize("prefijo", ["conv", "af", "camp", "com", "pago", "x"])
def test_como_los_nuestros(prefijo: str) -> None:
    """Of any kind and in any case; anything else is the partner's business."""
    suyo = nuevo_id(prefijo)
    for uno in (suyo, suyo.upper(), suyo.lower()):
        assert es_nuestro(uno)
        with pytest.raises(DatoInvalido):
            exigir_ajena(uno, "referencia_externa")
    for otro in (f"{suyo}0", suyo[:-1], f"a-{suyo}", "conv_1", "com_2026-03-01", f"{prefijo}_", ""):
        assert exigir_ajena(otro, "referencia_externa") == otro


@pytest.mark.parametrize(
    "texto",
    [
        "2026-03-01", "2026-03-01T10:00:00", "2026-03-01T10:00", "2026-W09-7T10:00:00Z",
        "２０２６-03-01T10:00:00Z", "2026-03-01T10:00:00+0１:00", "20260301T100000Z", "", " ",
        "2026-03-01T10:00:00Z ", "2026-13-01T10:00:00Z", "2026-03-01T10:00:60Z", 1772359200, None,
        True, [], datetime(2026, 3, 1), "2026-03-01T10:00:00Z\n",  # noqa: DTZ001
    ],
)  # fmt: skip
def test_no_es_un_instante(texto: object) -> None:
    """A date alone, a time of nowhere, digits of another script."""
    with pytest.raises(ValueError):
        instante(texto)


@pytest.mark.parametrize(
    "texto",
    ["2026-03-01T10:00:00Z", "2026-03-01t11:00:00.000+01:00", "2026-03-01 05:00-05:00",
     "2026-03-01T10:00:00+0000", datetime(2026, 3, 1, 10, tzinfo=UTC)],
)  # fmt: skip
def test_es_un_instante(texto: object) -> None:
    assert instante(texto) == datetime(2026, 3, 1, 10, tzinfo=UTC)


@given(st.text(st.characters(categories=["Nd", "Nl", "No"]), min_size=1))
def test_solo_cifras_ascii(texto: str) -> None:
    """What ``int()`` takes of other scripts is no number here."""
    assert (entero(texto) is not None) == (texto.isascii() and int(texto) < 2**63)


@pytest.mark.parametrize("texto", ["", "+1", "-1", "1_0", " 1", "1.0", "9" * 20])
def test_no_es_un_entero(texto: str) -> None:
    assert entero(texto) is None
