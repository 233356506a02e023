"""Reading the figures of some days: what was clicked, sold and earned, by day, campaign, affiliate…

A report reads the days and the whole months that it is made of, by an index, whatever sales there
are. What each figure is, ``DEFINICIONES`` tells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from operator import add, sub
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alpespartner.comun.dinero import visible
from alpespartner.comun.granos import DIAS_Y_MESES, TODOS, Grano, Tramo, cubrir
from comisiones.contadores.tablas import en_unidades
from comisiones.metricas import horas
from comisiones.metricas.errores import (
    DemasiadosDias,
    DemasiadosGrupos,
    FechasAlReves,
    Remidiendo,
)
from comisiones.metricas.models import Cifra, CifraDeCodigo, TipoCodigo
from comisiones.metricas.services import SUMAN, a_medias
from conversiones.campanas.dias import dia_en
from conversiones.campanas.models import Campana
from conversiones.rastreo.conteo import clics_de_enlaces
from conversiones.rastreo.models import ClicsDeTramo

# Two years, one of them a leap year.
MAX_DIAS = 731
MAX_GRUPOS = 20_000
# Those of a report that does not say which.
DIAS = 30
DEFINICIONES = """\
Days are those of each campaign, from a midnight of its time zone to the next; `zona` names it, or
them where there are several. Both `desde` and `hasta` are included. Whatever happens to a sale
counts in the day in which the sale occurred, however late it is told: its refunds, its commissions
and what becomes of them. Amounts are decimal strings in `moneda` and are never added up across
currencies.

- `clics`: requests for a link that were clicks, of campaigns in that currency; `unicos`: the first
  of each visit. A click has no channel and no coupon: by them both are null.
- By `cupon` and `enlace` there are only the sales that came with one, each under the code that it
  said; a sale credited by a click is of the link that was clicked.
- `conversiones`: sales of somebody that were not refused; `valor`: what they were worth;
  `aov`: `valor` / `conversiones`.
- `cr`: `conversiones` / `unicos`.
- `devuelto`: what was refunded of those sales; `tasa_devolucion`: `devuelto` / `valor`.
- `comision`: what the commissions in each state amount to by now, after the refunds that came
  before they were in a payment. `neta`: `pendiente` + `retenida` + `aprobada` + `programada` +
  `pagada`, minus what refunds and clawbacks took from those in a payment.
- `epc`: `neta` / `clics`; `epc_100`: a hundred times that, each rounded once.
- `horas_aprobacion`: median and 95th percentile (nearest rank) of the hours from a commission's
  calculation to its approval, of those that are approved: whole hours gone by and, from 48 on,
  whole days.

What would be divided by nothing is null. Ratios and `epc` have four decimals, rounded half up."""


class Agrupar(models.TextChoices):
    """What a report has a group for."""

    DIA = "dia", gettext_lazy("Día")
    SEMANA = "semana", gettext_lazy("Semana")
    MES = "mes", gettext_lazy("Mes")
    CAMPANA = "campana", gettext_lazy("Campaña")
    AFILIADO = "afiliado", gettext_lazy("Afiliado")
    CANAL = "canal", gettext_lazy("Canal")
    CUPON = "cupon", gettext_lazy("Cupón")
    ENLACE = "enlace", gettext_lazy("Enlace")
    TOTAL = "total", gettext_lazy("Total")


# Of what came with one: what has none is in no group.
POR_CODIGO = {Agrupar.CUPON: TipoCodigo.CUPON, Agrupar.ENLACE: TipoCodigo.ENLACE}
_POR_FECHA = (Agrupar.DIA, Agrupar.SEMANA, Agrupar.MES)
# Their groups are made of days.
_POR_DIAS = (Agrupar.DIA, Agrupar.SEMANA)


@dataclass(frozen=True, kw_only=True)
class Peticion:
    """A report: its days, both included, its groups, and what it is limited to (keys)."""

    desde: date
    hasta: date
    agrupar: str = Agrupar.DIA
    campana: int | None = None
    afiliado: int | None = None
    canal: str | None = None
    moneda: str | None = None

    @property
    def dias(self) -> int:
        """How many."""
        return (self.hasta - self.desde).days + 1


@dataclass(slots=True)
class Grupo:
    """The figures of a day, a campaign… (``clave``: a date, a key or a channel) in a currency.
    ``clics`` is None where clicks are not told apart so."""

    clave: Any
    moneda: str
    clics: int | None = 0
    unicos: int | None = 0
    sumas: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SUMAN, 0))
    plazos: dict[int, int] = field(default_factory=dict)

    def importe(self, cual: str) -> Decimal:
        """A sum of amounts, exact, in the main unit of the currency."""
        return visible(en_unidades(self.sumas[cual]), self.moneda)

    @property
    def conversiones(self) -> int:
        """Sales of somebody that were not refused."""
        return self.sumas["conversiones"]

    @property
    def hay(self) -> bool:
        """Whether there is anything in it."""
        de_plazos = any(cuantas > 0 for cuantas in self.plazos.values())
        return bool(self.clics or self.unicos or any(self.sumas.values()) or de_plazos)

    @property
    def neta(self) -> Decimal:
        """What affiliates earn, after all that was taken back."""
        suma = sum(self.sumas[estado] for estado in EN_PIE) - self.sumas["ajustado"]
        return visible(en_unidades(suma), self.moneda)

    @property
    def cr(self) -> Decimal | None:
        """Sales of each unique click."""
        return cociente(Decimal(self.conversiones), self.unicos)

    @property
    def aov(self) -> Decimal | None:
        """What a sale is worth, in the currency's decimals."""
        if not self.conversiones:
            return None
        return visible(en_unidades(self.sumas["valor"]) / self.conversiones, self.moneda)

    @property
    def tasa_devolucion(self) -> Decimal | None:
        """Which part of what was sold was refunded."""
        return cociente(self.importe("devuelto"), self.importe("valor"))

    def epc(self, de: int = 1) -> Decimal | None:
        """What so many clicks earn."""
        return cociente(self.neta * de, self.clics)

    @property
    def mediana(self) -> int | None:
        """Hours within which half of the approvals were."""
        return horas.percentil(self.plazos, 50)

    @property
    def p95(self) -> int | None:
        """Hours within which nearly all of them were."""
        return horas.percentil(self.plazos, 95)


# What counts as earned.
EN_PIE = ("pendiente", "retenida", "aprobada", "programada", "pagada")
_CUATRO = Decimal("0.0001")


def cociente(de: Decimal, entre: Decimal | int | None) -> Decimal | None:
    """A ratio with four decimals; None by nothing."""
    return (de / entre).quantize(_CUATRO, rounding=ROUND_HALF_UP) if entre else None


def exigir(peticion: Peticion) -> None:
    """Raises :class:`FechasAlReves`, :class:`DemasiadosDias`, or :class:`Remidiendo` while there
    are no figures to be read."""
    if peticion.hasta < peticion.desde:
        raise FechasAlReves()
    if peticion.dias > MAX_DIAS:
        raise DemasiadosDias(
            _("Pide hasta %(n)s días cada vez: son %(dias)s.")
            % {"n": MAX_DIAS, "dias": peticion.dias}
        )
    if a_medias():
        raise Remidiendo()


def grupos(peticion: Peticion, *, enteros: bool = True) -> list[Grupo]:
    """The groups of a report that have something, by key and currency; unless they are ``enteros``,
    without clicks and without how long approvals took.

    Raises as :func:`exigir`, and :class:`DemasiadosGrupos`.
    """
    exigir(peticion)
    hallados = _con_cifras(peticion, enteros)

    def de(clave: Any, moneda: str) -> Grupo:
        grupo = hallados.get((clave, moneda))
        if grupo is None:
            grupo = hallados[clave, moneda] = Grupo(clave, moneda)
        return grupo

    if enteros:
        if peticion.canal is not None or peticion.agrupar in _SIN_CLICS:
            for grupo in hallados.values():
                grupo.clics = grupo.unicos = None
        elif peticion.agrupar == Agrupar.ENLACE:
            for codigo, moneda, clics, unicos in clics_de_enlaces(
                peticion.desde, peticion.hasta, peticion.campana, peticion.afiliado, peticion.moneda
            ):
                grupo = de(codigo, moneda)
                grupo.clics, grupo.unicos = clics, unicos
        else:
            _poner_clics(peticion, de)
    # What was taken off may leave nothing.
    hallados = {clave: grupo for clave, grupo in hallados.items() if grupo.hay}
    if len(hallados) > MAX_GRUPOS:
        raise DemasiadosGrupos(
            _("Son más de %(n)s grupos: pide menos días, o de una campaña.") % {"n": MAX_GRUPOS}
        )
    return [hallados[clave] for clave in sorted(hallados)]


# Nobody clicks a channel or a coupon.
_SIN_CLICS = (Agrupar.CANAL, Agrupar.CUPON)
_DeCual = Callable[[Any, str], Grupo]


def _poner_clics(peticion: Peticion, de: _DeCual) -> None:
    for suya, menos, (clics, unicos) in _leer(ClicsDeTramo, peticion, "clics", "unicos"):
        if clics:
            grupo, signo = de(*suya), -1 if menos else 1
            grupo.clics = (grupo.clics or 0) + signo * clics
            grupo.unicos = (grupo.unicos or 0) + signo * unicos


def _con_cifras(peticion: Peticion, con_plazos: bool) -> dict[tuple[Any, str], Grupo]:
    """Each group by its key and its currency."""
    modelo = CifraDeCodigo if peticion.agrupar in POR_CODIGO else Cifra
    sumas: dict[tuple[Any, str], Sequence[int]] = {}
    # What is added and what is taken off.
    plazos: tuple[dict[Any, list[str]], dict[Any, list[str]]] = ({}, {})
    for suya, menos, (suyos, *suyas) in _leer(
        modelo, peticion, "plazos" if con_plazos else Value(""), *SUMAN
    ):
        antes = sumas.get(suya)
        if menos or antes:
            sumas[suya] = [*map(sub if menos else add, antes or _NADA, suyas)]
        else:
            sumas[suya] = suyas
        if suyos:
            plazos[menos].setdefault(suya, []).append(suyos)
    ponen, quitan = plazos
    hallados = {
        suya: Grupo(
            *suya,
            sumas=dict(zip(SUMAN, juntas, strict=True)),
            plazos=horas.leidos(ponen.get(suya, ())),
        )
        for suya, juntas in sumas.items()
    }
    for suya, textos in quitan.items():
        horas.juntar(hallados[suya].plazos, horas.leidos(textos), -1)
    return hallados


_NADA = (0,) * len(SUMAN)


def _leer(
    modelo: type[models.Model], peticion: Peticion, *campos: Any
) -> Iterator[tuple[tuple[Any, str], bool, list[Any]]]:
    """What the stretches of a report say: of which group and currency, whether it is taken off, and
    some fields. Few rows of each group, which cost less to add up here than in the database."""
    agrupar, tramos = peticion.agrupar, _tramos(peticion)
    # There are few stretches and many rows of each.
    se_quita: dict[tuple[str, date], bool] = {}
    for grano, desde, clave, moneda, *dicen in _filas(modelo, peticion, *tramos).values_list(
        "grano", "desde", _columna(agrupar), "moneda", *campos
    ):
        menos = se_quita.get((grano, desde))
        if menos is None:
            menos = se_quita[grano, desde] = any(
                t.signo < 0 and t.grano == grano and t.desde <= desde <= t.hasta for t in tramos
            )
        yield (_clave(agrupar, desde, clave), moneda), menos, dicen


def _columna(agrupar: str) -> Any:
    """What tells groups apart, besides the first day of a stretch."""
    if agrupar in _POR_FECHA or agrupar == Agrupar.TOTAL:
        return Value("")
    return "codigo" if agrupar in POR_CODIGO else agrupar


def juntar(varios: Iterable[Grupo], clave: Any, moneda: str) -> Grupo:
    """Groups of a currency as one."""
    todo = Grupo(clave, moneda)
    clics = unicos = 0
    for grupo in varios:
        for campo, suma in grupo.sumas.items():
            todo.sumas[campo] = todo.sumas.get(campo, 0) + suma
        horas.juntar(todo.plazos, grupo.plazos)
        clics += grupo.clics or 0
        unicos += grupo.unicos or 0
    todo.clics, todo.unicos = clics, unicos
    return todo


def _clave(agrupar: str, fecha: date, clave: Any) -> Any:
    """Of which group something is: a week and a month by their first day."""
    if agrupar == Agrupar.SEMANA:
        return fecha - timedelta(days=fecha.weekday())
    if agrupar == Agrupar.MES:
        return fecha.replace(day=1)
    return fecha if agrupar == Agrupar.DIA else clave


def _tramos(peticion: Peticion) -> list[Tramo]:
    """Those that a report is made of: a month of days and months, and what has no date of any."""
    if peticion.agrupar in _POR_DIAS:
        return [Tramo(1, Grano.DIA.value, peticion.desde, peticion.hasta)]
    de_cuales = DIAS_Y_MESES if peticion.agrupar == Agrupar.MES else TODOS
    return cubrir(peticion.desde, peticion.hasta, de_cuales, hoy=timezone.now().date())


def _filas(modelo: type[models.Model], peticion: Peticion, *tramos: Tramo) -> QuerySet[Any]:
    """Those of some stretches, of a campaign, an affiliate, both, each or all: a prefix of an index
    each."""
    cuales = Q()
    for tramo in tramos:
        cuales |= Q(grano=tramo.grano, desde__gte=tramo.desde, desde__lte=tramo.hasta)
    filas = modelo._default_manager.order_by().filter(cuales)
    tipo = POR_CODIGO.get(Agrupar(peticion.agrupar))
    if tipo is not None:
        filas = filas.filter(tipo=tipo)
    for campo, cual in (("campana", peticion.campana), ("afiliado", peticion.afiliado)):
        if cual is not None:
            filas = filas.filter(**{campo: cual})
        elif tipo is None:
            de_cada = peticion.agrupar == campo
            filas = filas.filter(**{f"{campo}__gt": 0} if de_cada else {campo: 0})
    if peticion.canal is not None:
        filas = filas.filter(canal=peticion.canal)
    if peticion.moneda is not None:
        filas = filas.filter(moneda=peticion.moneda)
    return filas


def zona_de(campana: Campana | None, de: QuerySet[Campana]) -> str:
    """In which zone, or zones, the days of a report are: of a campaign, or of some."""
    if campana is not None:
        return campana.zona
    zonas = de.order_by("zona").values_list("zona", flat=True).distinct()
    return ", ".join(zonas) or str(settings.ZONA)


def ultimos_dias(
    campana: Campana | None, desde: date | None = None, hasta: date | None = None
) -> tuple[date, date]:
    """The days of a report that does not say both: until today, ``DIAS`` of them."""
    if hasta is None:
        zona = campana.zona if campana else str(settings.ZONA)
        hasta = dia_en(zona, timezone.now())
    return desde or hasta - timedelta(days=DIAS - 1), hasta


def anterior(peticion: Peticion) -> tuple[date, date]:
    """As many days, just before."""
    antes = peticion.desde - timedelta(days=1)
    return antes - timedelta(days=peticion.dias - 1), antes
