"""Policies of automatic approval: published, never changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.decorators import display

from alpespartner.comun.admin.base import FormularioDeServicio, actor_de
from alpespartner.comun.admin.efecto import ConEfecto, Efecto
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import (
    corto,
    enlace,
    etiqueta,
    importe,
    insignia,
    nombres_de_actores,
)
from alpespartner.comun.formato import cuantas_y_cuanto, entero
from alpespartner.comun.models import Propuesta
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.revision.automatica import exigir_hasta
from comisiones.revision.efecto import EfectoDePolitica, Mirada, efecto_de_politica
from comisiones.revision.models import PoliticaAprobacion
from comisiones.revision.propuestas import proponer_politica


class PoliticaForm(FormularioDeServicio):
    """A policy to publish."""

    class Meta:
        model = PoliticaAprobacion
        fields = ("campana", "hasta", "motivo")
        help_texts = {
            "hasta": _(
                "Se aprueban solas las comisiones maduras y sin retención de hasta este importe, en"
                " la moneda de la campaña. Vacío: ninguna. Si es más que ahora, lo confirma otra"
                " persona. Las aprueba en tu nombre: ninguna que tasaste tú, ni cuya venta registró"
                " o calculó una clave que creaste."
            ),
            "motivo": _("Queda en el historial de cada comisión que apruebe, con esta política."),
        }


@admin.register(PoliticaAprobacion)
class PoliticaAdmin(ConEfecto):
    """The newest of a campaign holds; the list tells who allowed what, and when."""

    titulo = _("Aprobación automática")
    si_vacia = _(
        "Hasta qué importe se aprueba sola una comisión de una campaña. Sin política, todas "
        "las aprueba alguien."
    )

    form = PoliticaForm
    list_display = ("id_publico", "campana", "numero", "col_hasta", "motivo",
                    "publicada_en")  # fmt: skip
    exporta = (
        "politica_id=id_publico", "campana", "numero", "hasta", "moneda", "motivo", "publicada_en",
    )  # fmt: skip
    list_select_related = ("campana",)
    list_filter = (("campana", FiltroDeFila),)
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    autocomplete_fields = ("campana",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A published policy shows what it says."""
        if obj is None:
            return ("campana", "hasta", "motivo")
        return (("id_publico", "numero"), "col_campana", "col_hasta", "motivo",
                ("col_autor", "publicada_en"), "col_no_aprueba")  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("id_publico", "numero", "col_campana", "col_hasta", "motivo", "col_autor",
                "publicada_en", "col_no_aprueba")  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Commissions name it as what approved them."""
        return False

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> PoliticaAprobacion | Propuesta:
        return proponer_politica(**datos, actor=actor_de(request))

    def efecto_de(self, request: HttpRequest, datos: dict[str, Any]) -> Efecto:
        """What it would have approved, beside what the policy in force would."""
        exigir_hasta(datos["hasta"], datos["campana"])
        efecto = efecto_de_politica(
            campana=datos["campana"], hasta=datos["hasta"], actor=actor_de(request)
        )
        return Efecto(
            miradas=_miradas(efecto),
            filas=(
                (_now("Se aprueban solas"), _suman(efecto.ahora), _suman(efecto.con)),
                (_now("Dejan de pasar por una persona"), "", _suman(efecto.entran)),
                (_now("Pasan otra vez por una persona"), "", _suman(efecto.salen)),
            ),
            avisos=_avisos(efecto),
            columnas=(_now("Comisión"), _now("Importe"), _now("Estado")),
            ejemplos=_ejemplos(efecto),
        )

    @display(description=_("Campaña"))
    def col_campana(self, politica: PoliticaAprobacion) -> SafeString | str:
        """Link to the campaign."""
        return enlace(politica.campana)

    @display(description=_("Aprobar hasta"))
    def col_hasta(self, politica: PoliticaAprobacion) -> SafeString | str:
        """Amount, or that it approves none."""
        if politica.hasta is None:
            return _now("ninguna")
        return importe(politica.hasta, politica.moneda)

    @display(description=_("No aprueba"))
    def col_no_aprueba(self, politica: PoliticaAprobacion) -> str:
        """Whose commissions it leaves for a person, whatever their amount."""
        return _now(
            "Lo que tasó quien la publicó, ni las ventas que registró o calculó una clave que creó:"
            " las aprueba otra persona, u otra política de otra persona."
        )

    @display(description=_("Publicada por"))
    def col_autor(self, politica: PoliticaAprobacion) -> str:
        """Who published it."""
        return nombres_de_actores([politica.publicada_por])[politica.publicada_por]


_EJEMPLOS = 5


def _miradas(efecto: EfectoDePolitica) -> str:
    dicho = ngettext(
        "%(n)s comisión de la campaña que ya maduró, como es hoy.",
        "%(n)s comisiones de la campaña que ya maduraron, como son hoy.",
        efecto.miradas,
    ) % {"n": entero(efecto.miradas)}
    if efecto.hay_mas:
        dicho += " " + _now("Hay más: solo se miran las últimas.")
    return dicho


def _suman(miradas: list[Mirada]) -> str:
    return cuantas_y_cuanto((m.moneda, m.monto) for m in miradas)


def _avisos(efecto: EfectoDePolitica) -> list[str]:
    if not efecto.rechazadas:
        return []
    return [
        _now("De las que dejan de pasar por una persona, alguien rechazó: %(cuantas)s.")
        % {"cuantas": _suman(efecto.rechazadas)}
    ]


def _ejemplos(efecto: EfectoDePolitica) -> list[tuple[object, ...]]:
    """Of what changes: first what a person turned down, then what is most."""
    cambian = sorted(
        [*efecto.entran, *efecto.salen],
        key=lambda m: (m.estado != EstadoComision.RECHAZADA, -m.monto, m.pk),
    )
    return [
        (
            enlace(Comision(pk=m.pk), corto(m.id_publico)),
            importe(m.monto, m.moneda),
            insignia(m.estado, etiqueta(EstadoComision, m.estado)),
        )
        for m in cambian[:_EJEMPLOS]
    ]
