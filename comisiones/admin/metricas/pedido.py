"""What the page of figures is asked for by its address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.errores import DatoInvalido
from comisiones.metricas.selectors import (
    DIAS,
    Grupo,
    Peticion,
    anterior,
    exigir,
    grupos,
    ultimos_dias,
)
from conversiones.campanas.models import Campana

ATAJOS = (7, 30, 90, 365)
_CAMPANAS = 200
_DIA = re.compile(r"[12]\d{3}-\d\d-\d\d", re.ASCII)
_CLAVE = re.compile(r"[1-9]\d{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Pedido:
    """What the address asks for, and what of it was not understood."""

    peticion: Peticion
    campana: Campana | None
    afiliado: Afiliado | None
    avisos: Sequence[str]

    @property
    def filtro(self) -> str:
        """The same campaign and affiliate in the address of a list."""
        suyos = (("campana", self.campana), ("afiliado", self.afiliado))
        return "".join(f"&{campo}__id__exact={uno.pk}" for campo, uno in suyos if uno is not None)

    def url(self, **otros: Any) -> str:
        """The page with something else."""
        suyos = {
            "desde": self.peticion.desde.isoformat(),
            "hasta": self.peticion.hasta.isoformat(),
            "campana": self.campana.pk if self.campana else "",
            "afiliado": self.afiliado.pk if self.afiliado else "",
            "moneda": self.peticion.moneda or "",
            **otros,
        }
        url = reverse("admin:comisiones_comision_cifras")
        return f"{url}?{urlencode({k: v for k, v in suyos.items() if v})}"


def leer(request: HttpRequest) -> Pedido:
    """What an address asks for; what is not understood is the last days, of all.

    Raises :class:`Remidiendo`.
    """
    avisos: list[str] = []
    campana = _uno(Campana, request.GET.get("campana", ""))
    if request.GET.get("campana") and campana is None:
        avisos.append(_("Esa campaña no existe: las cifras son de todas."))
    afiliado = _uno(Afiliado, request.GET.get("afiliado", ""))
    if request.GET.get("afiliado") and afiliado is None:
        avisos.append(_("Ese afiliado no existe: las cifras son de todos."))
    desde, hasta = (_dia(request.GET.get(nombre, ""), avisos) for nombre in ("desde", "hasta"))
    desde, hasta = ultimos_dias(campana, desde, hasta)
    moneda = request.GET.get("moneda", "")
    peticion = Peticion(
        desde=desde, hasta=hasta, campana=campana.pk if campana else None,
        afiliado=afiliado.pk if afiliado else None,
        moneda=moneda if re.fullmatch("[A-Z]{3}", moneda) else None,
    )  # fmt: skip
    try:
        exigir(peticion)
    except DatoInvalido as exc:
        avisos.append(_("Las cifras son de los últimos %(n)s días.") % {"n": DIAS})
        avisos.append(f"{_('Hasta')}: {exc.mensaje}")
        desde, hasta = ultimos_dias(campana)
        peticion = replace(peticion, desde=desde, hasta=hasta)
    return Pedido(peticion, campana, afiliado, avisos)


_M = TypeVar("_M", Campana, Afiliado)


def _uno(modelo: type[_M], clave: str) -> _M | None:
    return modelo.objects.filter(pk=clave).first() if _CLAVE.fullmatch(clave) else None


def _dia(texto: str, avisos: list[str]) -> date | None:
    if not texto:
        return None
    try:
        if _DIA.fullmatch(texto):
            return date.fromisoformat(texto)
    except ValueError:
        pass
    avisos.append(_("«%(texto)s» no es un día, como 2026-03-01.") % {"texto": texto[:20]})
    return None


def grupos_de(
    pedido: Pedido, agrupar: str, *, antes: bool = False, de_todas: bool = False,
    moneda: str | None = None, enteros: bool = True,
) -> list[Grupo]:  # fmt: skip
    """Groups of the days asked for, or of as many before, in a currency or in each."""
    suya = pedido.peticion
    desde, hasta = anterior(suya) if antes else (suya.desde, suya.hasta)
    campana = None if de_todas else suya.campana
    otra = replace(suya, desde=desde, hasta=hasta, agrupar=agrupar, campana=campana, moneda=moneda)
    return grupos(otra, enteros=enteros)


def atajo(pedido: Pedido, dias: int) -> tuple[str, str, bool]:
    """The last days as a link: its text, its address and whether it is what is looked at."""
    desde, hasta = ultimos_dias(pedido.campana)
    desde = hasta - timedelta(days=dias - 1)
    elegido = (desde, hasta) == (pedido.peticion.desde, pedido.peticion.hasta)
    titulo = _("Últimos %(n)s días") % {"n": dias}
    return titulo, pedido.url(desde=desde.isoformat(), hasta=hasta.isoformat()), elegido


def elegibles(pedido: Pedido, con_cifras: Sequence[Grupo]) -> list[tuple[int, str]]:
    """Campaigns to choose from: those that have figures in these days, the largest of them."""
    mayores = sorted(con_cifras, key=lambda g: -g.sumas["valor"])[:_CAMPANAS]
    claves = {grupo.clave for grupo in mayores}
    if pedido.campana is not None:
        claves.add(pedido.campana.pk)
    filas = Campana.objects.filter(pk__in=claves).values_list("pk", "nombre")
    return sorted(filas, key=lambda fila: fila[1].casefold())
