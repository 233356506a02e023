"""The charts of some days, bar by bar, and their tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alpespartner.comun.admin.formato import importe
from alpespartner.comun.admin.grafica import Serie, barras
from alpespartner.comun.formato import entero
from comisiones.admin.metricas.pedido import Pedido
from comisiones.admin.metricas.tarjetas import plano
from comisiones.metricas.selectors import Grupo, anterior, juntar

# Bars of a chart, at most: they are of a day, of a week or of more.
_BARRAS = 31


def graficas(
    pedido: Pedido, moneda: str, ahora: list[Grupo], antes: list[Grupo]
) -> Iterator[dict[str, Any]]:
    """What was sold and earned bar by bar, against the bar of the same place before; refunds and
    how long approvals took."""
    suya = pedido.peticion
    paso = next(p for p in (1, 7, 14, 28, 56) if -(-suya.dias // p) <= _BARRAS)
    cuantas = -(-suya.dias // paso)
    inicio_antes = anterior(suya)[0]
    de_ahora = _en_barras(ahora, suya.desde, paso, cuantas, moneda)
    de_antes = _en_barras(antes, inicio_antes, paso, cuantas, moneda)
    desdes = [suya.desde + timedelta(days=paso * n) for n in range(cuantas)]
    largos = [_tramo(desde, min(desde + timedelta(days=paso - 1), suya.hasta)) for desde in desdes]
    cada = -(-cuantas // 8)
    nombres = [
        (date_format(desde, "j M") if n % cada == cada // 2 else "", largos[n])
        for n, desde in enumerate(desdes)
    ]

    def una(
        titulo: str, series: Sequence[tuple[str, str, Sequence[Decimal]]],
        decir: Callable[[Decimal], Any], nota: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        return {
            "titulo": titulo,
            "dibujo": barras(
                [Serie(*serie) for serie in series], nombres, moneda,
                lambda valor, _moneda: plano(decir(valor)),
            ),
            "vacia": _("Nada en estos días."),
            "nota": nota,
            "tabla": _("En una tabla"),
            "de": _("Días"),
            "columnas": [nombre for _clase, nombre, _valores in series],
            "filas": [
                {"nombre": largo, "valores": [decir(v[n]) for _c, _nombre, v in series]}
                for n, largo in enumerate(largos)
            ],
        }  # fmt: skip

    def dinero(valor: Decimal) -> Any:
        return importe(valor, moneda)

    for titulo, cual in (
        (_("Vendido, en %(moneda)s"), lambda g: g.importe("valor")),
        (_("Comisión neta, en %(moneda)s"), lambda g: g.neta),
    ):
        yield una(
            titulo % {"moneda": moneda},
            [("ganado", _("En estos días"), [cual(g) for g in de_ahora]),
             ("antes", _("En los de antes"), [cual(g) for g in de_antes])],
            dinero,
        )  # fmt: skip
    yield una(
        _("Devuelto de lo vendido esos días, en %(moneda)s") % {"moneda": moneda},
        [("revertido", _("Devuelto"), [g.importe("devuelto") for g in de_ahora])],
        dinero,
    )
    yield una(
        _("Horas hasta aprobar las comisiones de esas ventas"),
        [("pagado", _("Mediana"), [Decimal(g.mediana or 0) for g in de_ahora]),
         ("antes", _("95 de cada 100"), [Decimal(g.p95 or 0) for g in de_ahora])],
        lambda valor: _("%(n)s h") % {"n": entero(int(valor))},
    )  # fmt: skip


def _tramo(desde: date, hasta: date) -> str:
    if desde == hasta:
        return date_format(desde, "SHORT_DATE_FORMAT")
    return f"{date_format(desde, 'SHORT_DATE_FORMAT')} – {date_format(hasta, 'SHORT_DATE_FORMAT')}"


def _en_barras(dias: list[Grupo], desde: date, paso: int, cuantas: int, moneda: str) -> list[Grupo]:
    cestas: list[list[Grupo]] = [[] for _n in range(cuantas)]
    for dia in dias:
        cestas[(dia.clave - desde).days // paso].append(dia)
    return [juntar(cesta, n, moneda) for n, cesta in enumerate(cestas)]
