"""CSV of any program: read whole, or refused with what to do."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alpespartner.comun.documentos.celdas import celda
from alpespartner.comun.documentos.errores import TablaIlegible
from alpespartner.comun.documentos.tablas import (
    MAX_BYTES,
    MAX_FILAS,
    leer_tabla,
    texto_de_celda,
)

FILAS = [(2, ["p-1", "Ana Ñ", "10,5"]), (3, ["p-2", "Luis", "3"])]


@pytest.mark.parametrize("codificacion", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separador", [",", ";", "\t"])
@pytest.mark.parametrize("fin", ["\n", "\r\n", "\r"])
def test_se_entiende_sola(codificacion: str, separador: str, fin: str) -> None:
    filas = [["pedido", "nombre", "valor"], *(celdas for _n, celdas in FILAS)]
    texto = fin.join(separador.join(f'"{c}"' for c in celdas) for celdas in filas)
    tabla = leer_tabla(texto.encode(codificacion))
    assert tabla.cabecera == ("pedido", "nombre", "valor")
    assert (tabla.filas, tabla.separador) == (FILAS, separador)


def test_la_linea_es_la_del_fichero() -> None:
    """Of a cell of two lines, the first; blank rows are none."""
    tabla = leer_tabla(b'a,b\n1,"x\ny"\n\n,\n2,z\n')
    assert [linea for linea, _celdas in tabla.filas] == [2, 6]


@pytest.mark.parametrize(
    ("contenido", "dicho"),
    [
        (b"", "vac"),
        (b"\n\n", "vac"),
        (b"a,b\n", "cabecera"),
        (b"PK\x03\x04\x14\x00", "Excel"),
        (b"a,b\n1,\x00\n", "línea 2"),
        ("a,b\n1,2\n".encode("utf-16-le"), "nulos"),
        (b"a,b\n\x81\x8d,2\n", "codificación"),
        (b"\xef\xbb\xbfa,b\n\xff,2\n", "codificación"),
        (b'a,b\n1,2\n3,"abierta\n4,5\n', "línea 3"),
        (b'a,b\n1,"x"y\n', "línea 2"),
        (b'a,b\n1,"' + b"x" * 200_000, "línea 2"),
        (b"a,a\n1,2\n", "dos columnas"),
        (b",".join(b"c%d" % n for n in range(101)) + b"\n1\n", "columnas"),
        (b"a\n" + b"1\n" * (MAX_FILAS + 1), "filas"),
        (b"a" * (MAX_BYTES + 1), "MB"),
    ],
)
def test_lo_que_no_es_una_tabla(contenido: bytes, dicho: str) -> None:
    with pytest.raises(TablaIlegible, match=dicho):
        leer_tabla(contenido)


@given(st.binary(max_size=300))
def test_cualquier_cosa_es_tabla_o_se_dice(contenido: bytes) -> None:
    with suppress(TablaIlegible):
        assert leer_tabla(contenido).filas


@pytest.mark.parametrize(
    "mala", ["=1+1", "@SUM(A1)", " =cmd|' /C calc'!A0", "a\nb", "a\x07b", "x" * 2001]
)
def test_una_celda_mala(mala: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        texto_de_celda(mala)


@pytest.mark.parametrize("texto", ["Ana", "=x", "-5", "+57 300", "@ana", "O'Hara", "'tis"])
def test_lo_que_sale_vuelve_a_entrar(texto: str) -> None:
    assert texto_de_celda(celda(texto)) == texto
