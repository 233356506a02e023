"""The lines of a statement on a page: figures as staff read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.fichas import Bloque
from alpespartner.comun.formato import VACIO
from comisiones.metricas.informe import FIGURAS
from comisiones.metricas.selectors import Agrupar
from conversiones.campanas.models import Campana

# What a page shows; its file has the rest.
LIMITE = 100
TITULOS: dict[str, Any] = dict(
    zip(
        FIGURAS,
        (
            gettext_lazy("Clics"), gettext_lazy("Clics únicos"), gettext_lazy("Ventas"),
            gettext_lazy("Ventas por clic único"), gettext_lazy("Vendido"),
            gettext_lazy("Valor de una venta"), gettext_lazy("Devuelto"),
            gettext_lazy("Parte devuelta"), gettext_lazy("Comisión pendiente"),
            gettext_lazy("Comisión retenida"), gettext_lazy("Comisión aprobada"),
            gettext_lazy("Comisión programada"), gettext_lazy("Comisión pagada"),
            gettext_lazy("Comisión rechazada"), gettext_lazy("Comisión neta"),
            gettext_lazy("Comisión por clic"), gettext_lazy("Comisión de cien clics"),
            gettext_lazy("Horas hasta aprobar (mediana)"),
            gettext_lazy("Horas hasta aprobar (95 de cien)"),
        ),
        strict=True,
    )
)  # fmt: skip


def de_lineas(documento: dict[str, Any], titulo: str) -> Bloque:
    """Its lines, and its totals after them."""
    agrupar = documento["pedido"]["agrupar"]
    lineas = documento["lineas"]
    nombres = _nombres(agrupar, [linea[0] for linea in lineas[:LIMITE]])
    filas = [[nombres.get(clave, clave), *resto] for clave, *resto in lineas[:LIMITE]]
    if agrupar != Agrupar.TOTAL:
        filas += [[_("Total"), *resto] for _clave, *resto in documento["totales"]]
    return Bloque(
        titulo,
        (
            (str(Agrupar(agrupar).label), False), (_("Moneda"), False),
            *((str(TITULOS[c]), True) for c in documento["pedido"]["columnas"]),
        ),
        [[VACIO if celda is None else celda for celda in fila] for fila in filas],
        vacio=_("No hubo nada en esos días."),
        nota=_demas(len(lineas)),
    )  # fmt: skip


def de_diferencias(documento: dict[str, Any], titulo: str, vacio: str) -> Bloque:
    """What changed of what was sent before."""
    varias = documento["diferencias"]
    return Bloque(
        titulo,
        (
            (_("Periodo"), False), (_("Línea"), False), (_("Moneda"), False),
            (_("Columna"), False), (_("Se envió"), True), (_("Es"), True),
        ),
        [
            (
                f"{una['desde']} – {una['hasta']}", una["clave"], una["moneda"],
                TITULOS.get(una["columna"], una["columna"]),
                VACIO if una["antes"] is None else una["antes"],
                VACIO if una["ahora"] is None else una["ahora"],
            )
            for una in varias[:LIMITE]
        ],
        vacio=vacio,
        nota=_demas(len(varias)),
    )  # fmt: skip


def _demas(cuantas: int) -> str:
    if cuantas <= LIMITE:
        return ""
    return _("Se ven las primeras %(n)s de %(total)s: el fichero las tiene todas.") % {
        "n": LIMITE, "total": cuantas,
    }  # fmt: skip


def _nombres(agrupar: str, claves: Sequence[str]) -> dict[str, str]:
    """What people call a campaign or an affiliate."""
    modelo: Any = {Agrupar.CAMPANA: Campana, Agrupar.AFILIADO: Afiliado}.get(Agrupar(agrupar))
    if modelo is None:
        return {}
    filas = modelo.objects.filter(id_publico__in=claves)
    return dict(filas.values_list("id_publico", "nombre"))
