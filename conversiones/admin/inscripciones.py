"""Pages of enrolments and of the terms of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion
from alpespartner.comun.admin.autores import ConAutor
from alpespartner.comun.admin.base import AdminPorServicio, FormularioDeServicio, actor_de
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.fichas import ConFicha
from alpespartner.comun.admin.formato import enlace as enlazar
from alpespartner.comun.admin.formato import id_corto, insignia
from alpespartner.comun.formato import fecha_y_hora
from conversiones.inscripciones import services
from conversiones.inscripciones.estados import INSCRIPCION, EstadoInscripcion
from conversiones.inscripciones.models import Inscripcion, TerminosCampana
from conversiones.inscripciones.selectors import terminos_vigentes

_I = EstadoInscripcion
_DECIDIR = "conversiones.decidir_inscripcion"


class InscripcionForm(FormularioDeServicio):
    """An invitation."""

    class Meta:
        model = Inscripcion
        fields = ("campana", "afiliado")


class TerminosForm(FormularioDeServicio):
    """A version of the terms of a campaign."""

    class Meta:
        model = TerminosCampana
        fields = ("campana", "texto")
        help_texts = {
            "texto": _("Queda como está: para cambiarlo se publica otra versión."),
        }


@admin.register(Inscripcion)
class InscripcionAdmin(ConFicha):
    """Enrolments: they are decided, never edited."""

    si_vacia = _(
        "Quién puede ganar en las campañas que piden inscripción. «Añadir» invita a un afiliado."
    )

    form = InscripcionForm
    entidad = "inscripcion"
    estados = dict(_I.choices)
    acciones = (
        Accion(
            nombre="aprobar",
            titulo=_("Inscribir"),
            permiso=_DECIDIR,
            visible=lambda i: INSCRIPCION.permite(i.estado, _I.INSCRITO),
            aplicar=lambda i, actor, motivo: services.aprobar_inscripcion(
                inscripcion=i, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s: queda inscrito."),
            motivo="opcional",
            ayuda=_("Gana en la campaña por lo que ocurra desde este momento."),
            icono="check_circle",
            tono="principal",
        ),
        Accion(
            nombre="rechazar",
            titulo=_("Rechazar"),
            permiso=_DECIDIR,
            visible=lambda i: INSCRIPCION.permite(i.estado, _I.RECHAZADO),
            aplicar=lambda i, actor, motivo: services.rechazar_inscripcion(
                inscripcion=i, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s: queda rechazado."),
            motivo="obligatorio",
            ayuda=_("Puede pedirlo otra vez."),
            icono="cancel",
            tono="peligro",
        ),
        Accion(
            nombre="retirar",
            titulo=_("Retirar"),
            permiso=_DECIDIR,
            visible=lambda i: INSCRIPCION.permite(i.estado, _I.RETIRADO),
            aplicar=lambda i, actor, motivo: services.retirar_inscripcion(
                inscripcion=i, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s: queda retirado."),
            motivo="obligatorio",
            ayuda=_("Desde ahora no gana nada más en la campaña. Lo que ganó sigue siendo suyo."),
            icono="block",
            tono="peligro",
        ),
    )
    atajos = ("aprobar", "rechazar")
    list_display = ("col_afiliado", "col_id", "col_campana", "col_estado", "terminos",
                    "actualizado_en")  # fmt: skip
    exporta = (
        "inscripcion_id=id_publico", "afiliado", "campana", "estado", "terminos", "aceptados_en",
        "creada_en", "actualizado_en",
    )  # fmt: skip
    list_select_related = ("afiliado", "campana")
    list_filter = (
        ("estado", ChoicesDropdownFilter), ("afiliado", FiltroDeFila), ("campana", FiltroDeFila),
    )  # fmt: skip
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    autocomplete_fields = ("campana", "afiliado")
    fields = ("campana", "afiliado")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its buttons are what changes it."""
        return False

    def datos_de(self, objeto: Inscripcion) -> Sequence[tuple[Any, Any]]:
        """Who, where, and on which terms."""
        datos: list[tuple[Any, Any]] = [
            (_("Afiliado"), enlazar(objeto.afiliado)),
            (_("Campaña"), enlazar(objeto.campana)),
        ]
        vigentes = terminos_vigentes(objeto.campana)
        if vigentes is not None:
            aceptados: Any = _("Ninguno")
            if objeto.terminos and objeto.aceptados_en:
                aceptados = f"{objeto.terminos} · {fecha_y_hora(objeto.aceptados_en)}"
            datos += [
                (_("Términos aceptados"), aceptados),
                (_("Términos vigentes"), enlazar(vigentes, str(vigentes.numero))),
            ]
        return [*datos, (_("Identificador"), id_corto(objeto.id_publico))]

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Inscripcion:
        return services.invitar(**datos, actor=actor_de(request))

    @display(description=_("Identificador"))
    def col_id(self, objeto: Inscripcion) -> SafeString:
        """Short public id."""
        return id_corto(objeto.id_publico)

    @display(description=_("Afiliado"))
    def col_afiliado(self, objeto: Inscripcion) -> str:
        """Who."""
        return objeto.afiliado.nombre

    @display(description=_("Campaña"))
    def col_campana(self, objeto: Inscripcion) -> SafeString | str:
        """Where."""
        return enlazar(objeto.campana)

    @display(description=_("Estado"))
    def col_estado(self, objeto: Inscripcion) -> SafeString:
        """State as a badge."""
        return insignia(objeto.estado, objeto.get_estado_display())


@admin.register(TerminosCampana)
class TerminosAdmin(ConAutor, AdminPorServicio):
    """Terms: each version is published once."""

    si_vacia = _(
        "Lo que un afiliado acepta para estar en una campaña. «Añadir» publica otra versión."
    )

    form = TerminosForm
    campo_autor = "publicado_por"
    list_display = ("campana", "numero", "publicado_en", "col_autor")
    exporta = ("campana", "numero", "texto", "publicado_en", "publicado_por")
    list_select_related = ("campana",)
    list_filter = (("campana", FiltroDeFila),)
    ordering = ("-id",)
    autocomplete_fields = ("campana",)
    fields = ("campana", "texto")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was accepted stays as it was."""
        return False

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> TerminosCampana:
        return services.publicar_terminos(**datos, actor=actor_de(request))

    @display(description=_("Publicados por"))
    def col_autor(self, objeto: TerminosCampana) -> str:
        """Name of who published it."""
        return self.nombre_de_autor(objeto)
