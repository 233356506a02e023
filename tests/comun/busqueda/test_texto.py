"""The form in which texts are compared, and the pieces by which one is found."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alpespartner.comun.busqueda.texto import ANCHO, MAXIMO, MINIMO, llano, trozos
from alpespartner.comun.identificadores import canonico, nuevo_id

pytestmark = pytest.mark.una_base
# Whatever somebody may write, and what has accents, no case, or more than one form.
ESCRITO = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs",)),
        st.sampled_from("ñÑáÉüçøłßŒİıﬁ王小明محمدקИгорьกขค가각ㅎ️👩🏽‍🦱　\u00a0 -_.@"),
    ),
    max_size=60,
)


@given(ESCRITO)
@example("ŉ ẞ ǰ ΐ İ K")
def test_una_vez_es_como_muchas(texto: str) -> None:
    assert llano(llano(texto)) == llano(texto)


@given(ESCRITO)
def test_no_se_alarga_con_blancos_ni_mayusculas(texto: str) -> None:
    forma = llano(texto)
    assert forma == forma.strip() == " ".join(forma.split(" "))
    assert llano(f"  {texto}\t") == forma


@pytest.mark.parametrize(
    ("escrito", "forma"),
    [
        ("Mateo  Quispe\u00a0Ñandú", "mateo quispe nandu"),
        ("N\u0303andu\u0301", "nandu"),
        ("Straße Øre Łódź", "strasse ore lodz"),
        ("ＰＥＤ－２０２６", "ped-2026"),
        ("مُحَمَّد", "محمد"),
        ("王小明", "王小明"),
        ("Ana\u200d🌮", "ana🌮"),
        ("", ""),
    ],
)
def test_formas(escrito: str, forma: str) -> None:
    assert llano(escrito) == forma


def encuentra(texto: str, buscado: str, *, letras: int = MAXIMO) -> bool:
    forma = llano(buscado)
    return any(t.startswith(forma[:ANCHO]) for t in trozos(texto, letras=letras))


@given(st.data())
def test_se_encuentra_por_cualquier_parte(data: st.DataObject) -> None:
    referencia = data.draw(ESCRITO)
    desde = data.draw(st.integers(0, len(referencia)))
    hasta = data.draw(st.integers(desde, len(referencia)))
    buscado = referencia[desde:hasta]
    if len(llano(buscado)) >= MINIMO:
        assert encuentra(referencia, buscado)


def test_de_lo_largo_el_comienzo_las_palabras_y_el_final() -> None:
    """A program's id has a piece for each letter of its end only."""
    uno = "pedido-550e8400e29b41d4a716446655440000"
    assert len(trozos(uno, letras=ANCHO)) == 2 + ANCHO - MINIMO + 1
    for buscado in ("pedido-550e", "550E8400e29b", uno, "40000", uno[-ANCHO:]):
        assert encuentra(uno, buscado, letras=ANCHO), buscado
    assert not encuentra(uno, "e8400", letras=ANCHO)


@given(ESCRITO)
def test_se_encuentra_por_cada_palabra(nombre: str) -> None:
    for palabra in nombre.split():
        if llano(palabra):
            assert encuentra(nombre, palabra, letras=0)
            assert encuentra(nombre, palabra)


@given(ESCRITO.filter(lambda texto: not texto.isascii()))
def test_de_lo_que_no_son_letras_llanas_vale_una(nombre: str) -> None:
    """The given name of 王小明 is 小明, and nobody writes a blank before it."""
    for letra in llano(nombre):
        if not letra.isascii():
            assert encuentra(nombre, letra, letras=0)


@given(st.text(max_size=3 * MAXIMO))
def test_caben_y_no_son_mas_que_letras(texto: str) -> None:
    hallados = trozos(texto)
    assert len(hallados) <= min(MAXIMO, len(llano(texto)))
    assert all(0 < len(trozo) <= ANCHO and not trozo.startswith(" ") for trozo in hallados)


def test_un_identificador_se_escribe_de_cualquier_manera() -> None:
    uno = nuevo_id("af")
    assert canonico(uno.lower()) == canonico(uno.upper()) == uno
    assert canonico(f"af_…{uno[-6:]}") == canonico(f"af_...{uno[-6:]}") == uno[-6:]
    assert canonico("PED-2026") == "PED-2026"
