"""What a cell of an exported list says, whatever its row holds."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.contrib import admin
from django.core.exceptions import FieldDoesNotExist
from hypothesis import given
from hypothesis import strategies as st

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.exportar import columnas_exportadas
from alpespartner.comun.documentos.celdas import celda
from alpespartner.comun.exportacion import hoja
from alpespartner.comun.exportacion.columnas import columnas_de, escrito, por_omision
from comisiones.comision.models import Comision
from comisiones.models import Asiento, Pago
from conversiones.ventas.models import Conversion
from tests.admin.exportadas import exportables

BOGOTA = timezone(timedelta(hours=-5))
# Nobody who looks at a list sees these.
SECRETOS = {
    "huella", "destino_cifrado", "telefono", "documento_numero", "payload", "contenido", "dicho",
    "datos", "visto", "cliente_huella", "metadatos", "productos", "traza", "politica", "emisor",
    "receptor",
}  # fmt: skip


@pytest.mark.parametrize(
    ("valor", "dicho"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-5, "-5"),
        (Decimal("15.5000"), "15.5"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.25"), "-0.25"),
        (datetime(2026, 3, 8, 19, 30, tzinfo=BOGOTA), "2026-03-09T00:30:00Z"),
        (datetime(2026, 3, 8, 1, 2, 3, 4, tzinfo=UTC), "2026-03-08T01:02:03.000004Z"),
        (date(2026, 3, 8), "2026-03-08"),
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("@suma", "'@suma"),
        ("\tx", "'\tx"),
        ("ana+alta@ejemplo.co", "ana+alta@ejemplo.co"),
        ("a\x00b", "a\ufffdb"),
        ("\u202eocultas", "\u202eocultas"),
        ("🏔️ Ñandú", "🏔️ Ñandú"),
    ],
)
def test_cada_clase_de_valor(valor: object, dicho: str) -> None:
    assert escrito(valor) == dicho


@given(st.lists(st.text(max_size=40), min_size=1, max_size=6))
def test_cualquier_texto_vuelve_entero(textos: list[str]) -> None:
    """Commas, quotes, ends of line and signs of four bytes: a reader of RFC 4180 gets what a cell
    says, and half of a character breaks no file."""
    escritas = hoja._lineas([[escrito(t) for t in textos]])
    assert escritas.endswith(b"\r\n")
    [leidas] = csv.reader(io.StringIO(escritas.decode(), newline=""))
    limpios = [celda(t.replace("\x00", "\ufffd")) for t in textos]
    assert leidas == [t.encode(errors="replace").decode() for t in limpios]


def test_cada_importe_con_la_suya() -> None:
    """To the decimals of its currency, which is that of its own row."""
    fila = Comision(monto=Decimal("1234.5000"), moneda="USD")
    fila.conversion = Conversion(valor=Decimal("9900.0000"), moneda="JPY")
    columnas = columnas_de(
        Comision, ("monto", "moneda", "valor=conversion.valor", "moneda_venta=conversion.moneda")
    )
    assert [c.de(fila) for c in columnas] == ["1234.50", "USD", "9900", "JPY"]


def test_una_llave_es_el_identificador_publico() -> None:
    fila = Pago(afiliado=Afiliado(id_publico="af_1", nombre="Socia"), lote=None)
    columnas = columnas_de(Pago, ("lote", "afiliado", "afiliado=afiliado.nombre"))
    assert [c.nombre for c in columnas] == ["lote_id", "afiliado_id", "afiliado"]
    assert [c.de(fila) for c in columnas] == ["", "af_1", "Socia"]


def test_sin_decirlas_son_las_que_muestra() -> None:
    pagina = admin.site._registry[Asiento]
    assert por_omision(Asiento, pagina.list_display) == [
        "asiento_id=id_publico", "tipo", "origen", "creado_en",
    ]  # fmt: skip
    assert por_omision(Pago, ("col_id", "col_importe", "afiliado")) == [
        "pago_id=id_publico", "importe", "afiliado", "moneda",
    ]  # fmt: skip


def test_una_columna_que_no_hay() -> None:
    with pytest.raises(FieldDoesNotExist):
        columnas_de(Pago, ("no_hay",))


@pytest.mark.parametrize("modelo", exportables(), ids=lambda m: m.__name__)
def test_las_de_cada_lista(modelo: type) -> None:
    """Each amount beside its currency, each name once, and nothing that its pages do not show."""
    columnas = columnas_exportadas(admin.site._registry[modelo])
    nombres = [c.nombre for c in columnas]
    assert len(nombres) == len(set(nombres)) > 1
    rutas = {c.ruta for c in columnas}
    assert {c.moneda for c in columnas if c.moneda} <= rutas
    # The digest of a statement is there to be compared; those of persons are not.
    publicas = {"huella"} if modelo.__name__ == "EnvioReporte" else set()
    assert not {c.ruta[-1] for c in columnas} & SECRETOS - publicas


def test_las_que_se_importan() -> None:
    """Their names are those of what takes them in again."""
    de = {
        modelo: {c.nombre for c in columnas_exportadas(admin.site._registry[modelo])}
        for modelo in (Conversion, Afiliado)
    }
    assert {
        "afiliado_id", "campana_id", "valor", "moneda", "referencia_externa", "ocurrida_en",
        "tipo_conversion", "canal_origen", "cupon", "enlace",
    } <= de[Conversion]  # fmt: skip
    assert {
        "nombre", "email", "referencia_externa", "tipo_afiliado", "nivel", "comision_base",
        "comision_premium", "comision_fija", "minimo_pago", "moneda",
    } <= de[Afiliado]  # fmt: skip
