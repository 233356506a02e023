"""The figures of some days, each with what it was before and the list that it comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alpespartner.comun.admin.fichas import Cifra, lista_de
from alpespartner.comun.admin.formato import importe
from alpespartner.comun.formato import VACIO, entero, porcentaje
from comisiones.admin.metricas.pedido import Pedido
from comisiones.comision.models import Comision
from comisiones.metricas.selectors import Grupo
from conversiones.ventas.models import Conversion

_CIEN = Decimal(100)


def tarjetas(request: HttpRequest, pedido: Pedido, ahora: Grupo, antes: Grupo) -> Iterator[Cifra]:
    """Each figure, in the currency asked for."""
    moneda, filtro = ahora.moneda, pedido.filtro
    comisiones = lista_de(Comision, f"estado=todas&moneda={moneda}{filtro}")
    ventas = ""
    if request.user.has_perm("conversiones.view_conversion"):
        ventas = lista_de(Conversion, filtro.lstrip("&"))

    def de_importe(titulo: str, cual: Callable[[Grupo], Decimal], url: str) -> Cifra:
        nota = f"{_antes(importe(cual(antes), moneda))}{_cambio(cual(ahora), cual(antes))}"
        return Cifra(titulo, importe(cual(ahora), moneda), url, nota)

    def de(titulo: str, cual: Callable[[Grupo], Any], decir: Callable[[Any], str]) -> Cifra:
        return Cifra(titulo, decir(cual(ahora)), "", _antes(decir(cual(antes))))

    yield de_importe(_("Vendido"), lambda g: g.importe("valor"), ventas)
    yield Cifra(
        _("Ventas"), entero(ahora.conversiones), ventas,
        _antes(entero(antes.conversiones)) + _cambio(ahora.conversiones, antes.conversiones),
    )  # fmt: skip
    yield de_importe(_("Comisión neta"), lambda g: g.neta, comisiones)
    yield Cifra(
        _("Devuelto"), importe(ahora.importe("devuelto"), moneda), ventas,
        _("%(tasa)s de lo vendido; antes %(antes)s")
        % {"tasa": _tasa(ahora.tasa_devolucion), "antes": _tasa(antes.tasa_devolucion)},
    )  # fmt: skip
    yield Cifra(
        _("Hasta aprobar"), en_horas(ahora.mediana), lista_de(Comision, f"estado=revision{filtro}"),
        _("De cada cien, 95 en %(p95)s; mediana de antes, %(antes)s")
        % {"p95": en_horas(ahora.p95), "antes": en_horas(antes.mediana)},
    )  # fmt: skip
    yield de(_("Valor de una venta"), lambda g: g.aov, lambda v: _importe(v, moneda))
    yield de(_("Clics"), lambda g: g.clics, entero)
    yield de(_("Ventas por clic único"), lambda g: g.cr, _tasa)
    yield de(_("Comisión de cien clics"), lambda g: g.epc(100), lambda v: _importe(v, moneda))


def _antes(valor: Any) -> str:
    return _("Antes: %(valor)s") % {"valor": plano(valor)}


def plano(valor: Any) -> str:
    return re.sub("<[^>]*>", "", str(valor))


def _importe(valor: Decimal | None, moneda: str) -> str:
    return VACIO if valor is None else str(importe(valor, moneda))


def _cambio(ahora: Decimal | int, antes: Decimal | int) -> str:
    """How much more or less, in percent of what it was."""
    if antes <= 0:
        return ""
    parte = round((ahora - antes) * _CIEN / antes)
    return f" ({'+' if parte > 0 else ''}{entero(int(parte))} %)"


def _tasa(valor: Decimal | None) -> str:
    return porcentaje(None if valor is None else valor * _CIEN)


def en_horas(horas: int | None) -> str:
    if horas is None:
        return VACIO
    if horas < 48:
        return _("%(n)s h") % {"n": entero(horas)}
    return ngettext("%(n)s día", "%(n)s días", horas // 24) % {"n": entero(horas // 24)}
