"""What the review queue may be filtered by, the order that each filter has an index for, and its
search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.admin import ListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter

from alpespartner.comun.admin.numeros import leer_numero
from alpespartner.comun.dinero import MAXIMO, es_moneda
from alpespartner.comun.listas.contadores import celdas
from comisiones.admin.comision.vencen import PARAMETRO as VENCE
from comisiones.comision.estados import EN_REVISION, EstadoComision, MotivoRetencion
from comisiones.comision.models import Comision

PARAMETRO = "estado"
TODAS = "todas"
# What the queue shows without a choice; said when a search would look everywhere.
REVISION = "revision"
MONEDA = "moneda"
MOTIVO = "retenida_por"
ANTIGUEDAD = "antiguedad"
DESDE, HASTA = "calculada_desde", "calculada_hasta"
MONTO_DESDE, MONTO_HASTA = "monto_desde", "monto_hasta"
DIAS = (1, 3, 7, 14, 30, 60, 90)

# Parameters of an address, each with its last value.
Dado = Mapping[str, str]


class FiltroEstado(DropdownFilter):
    """By state; without a choice, what waits for review."""

    title = _("estado")
    parameter_name = PARAMETRO
    all_option = ["", _("En revisión")]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [*EstadoComision.choices, (TODAS, _("Todas"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        estados = _estados_de(request.GET)
        return queryset if estados is None else queryset.filter(estado__in=estados)


def _estados_de(dado: Dado) -> list[str] | None:
    """States that an address asks for; None for any of them, in an order that needs none."""
    valor = dado.get(PARAMETRO, "")
    if valor in EstadoComision.values:
        return [valor]
    # A search looks everywhere: whoever asks for one id wants it whatever its state.
    if valor != TODAS and (valor == REVISION or not dado.get("q")):
        return sorted(EN_REVISION)
    return None if orden(dado) == ("-id",) else list(EstadoComision.values)


def orden(dado: Dado) -> tuple[str, ...]:
    """Review goes oldest first, pending before held (their names sort so); the rest newest first.

    Each is the order of an index: (``estado``, ``id``), (``estado``, ``creada_en``) for dates, and
    (``estado``, ``moneda``, ``monto``) for amounts of one currency, the largest first. A search
    finds few rows, by other indexes. What is asked for by when it
    can be paid comes in that order.
    """
    estado = dado.get(PARAMETRO, "")
    en_revision = estado in EN_REVISION or estado not in (*EstadoComision.values, TODAS)
    if dado.get("q"):
        return ("-id",)
    if dado.get(VENCE) and estado != TODAS:
        return ("madura_en", "id")
    if any(dado.get(nombre) for nombre in (DESDE, HASTA, ANTIGUEDAD)):
        return ("creada_en", "id") if en_revision else ("-creada_en", "-id")
    if dado.get(MONEDA) and (dado.get(MONTO_DESDE) or dado.get(MONTO_HASTA)):
        return ("-monto", "-id")
    if estado in EN_REVISION:
        return ("id",)
    return ("estado", "id") if en_revision else ("-id",)


class FiltroMotivo(DropdownFilter):
    """By what holds it: only held commissions have one."""

    title = _("motivo de retención")
    parameter_name = MOTIVO

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return MotivoRetencion.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        return queryset.filter(estado=EstadoComision.RETENIDA, motivo_retencion=self.value())


class FiltroMoneda(DropdownFilter):
    """By currency, of those that the counters have."""

    title = _("moneda")
    parameter_name = MONEDA

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        hay = {celda.moneda for celda in celdas(Comision.objects.all())}
        pedida = request.GET.get(MONEDA, "") if request else ""
        return [(moneda, moneda) for moneda in sorted(hay | {pedida}) if es_moneda(moneda)]

    def has_output(self) -> bool:
        """Also without any to choose from: what an address asks for is not ignored."""
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        valor = self.value()
        if valor and not es_moneda(valor):
            raise IncorrectLookupParameters(valor)
        return queryset.filter(moneda=valor) if valor else queryset


class FiltroAntiguedad(DropdownFilter):
    """By how long ago it was calculated."""

    title = _("antigüedad")
    parameter_name = ANTIGUEDAD

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        return [(str(n), _mas_de(n)) for n in DIAS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in map(str, DIAS):
            return queryset
        dias = timedelta(days=int(self.value() or 0))
        return queryset.filter(creada_en__lte=timezone.now() - dias)


def _mas_de(dias: int) -> str:
    return ngettext("más de %(n)s día", "más de %(n)s días", dias) % {"n": dias}


class FiltroRango(ListFilter):
    """Two boxes, from and to, in one form with the others."""

    template = "admin/alpes/filtro_rango.html"
    parametros: tuple[str, str]
    campo = ""
    tipo = "text"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for nombre in self.parametros:
            valores = params.pop(nombre, None)
            if valores and valores[-1]:
                self.used_parameters[nombre] = valores[-1]

    def has_output(self) -> bool:
        return True

    def expected_parameters(self) -> list[str | None]:
        return [*self.parametros]

    def choices(self, changelist: Any) -> Any:
        """What the template draws."""
        titulos = (_now("Desde"), _now("Hasta"))
        return [
            {"nombre": nombre, "titulo": titulo, "valor": self.used_parameters.get(nombre, "")}
            for nombre, titulo in zip(self.parametros, titulos, strict=True)
        ]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """None to choose from."""
        return ()

    def leer(self, nombre: str, texto: str) -> tuple[str, Any]:
        """Lookup and value of one of its parameters; raises ValueError."""
        raise NotImplementedError

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        for nombre, texto in self.used_parameters.items():
            try:
                como, valor = self.leer(nombre, str(texto))
            except (ValueError, OverflowError) as exc:
                messages.error(request, _now("No se filtró: %(porque)s") % {"porque": exc})
                raise IncorrectLookupParameters(nombre) from exc
            queryset = queryset.filter(**{f"{self.campo}__{como}": valor})
        return queryset


class FiltroCalculada(FiltroRango):
    """By the day in which it was calculated, both inclusive, in the zone of whoever reads."""

    title = _("fecha de cálculo")
    parameter_name = DESDE
    parametros = (DESDE, HASTA)
    campo = "creada_en"
    tipo = "date"

    def leer(self, nombre: str, texto: str) -> tuple[str, Any]:
        try:
            dia = date.fromisoformat(texto)
        except ValueError:
            dicho = _now("«%(texto)s» no es una fecha, como 2026-03-31.")
            raise ValueError(dicho % {"texto": texto[:40]}) from None
        if nombre == HASTA:
            return "lt", _medianoche(dia + timedelta(days=1))
        return "gte", _medianoche(dia)


def _medianoche(dia: date) -> datetime:
    return timezone.make_aware(datetime.combine(dia, time())).astimezone(UTC)


class FiltroMonto(FiltroRango):
    """By what it pays, both inclusive; with a currency an index has them in order."""

    title = _("monto")
    parameter_name = MONTO_DESDE
    parametros = (MONTO_DESDE, MONTO_HASTA)
    campo = "monto"

    def leer(self, nombre: str, texto: str) -> tuple[str, Any]:
        monto = leer_numero(texto)
        if abs(monto) > MAXIMO:
            raise ValueError(_now("«%(texto)s» es demasiado.") % {"texto": texto[:40]})
        return ("lte" if nombre == MONTO_HASTA else "gte"), monto
