"""Pages of campaigns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion
from alpespartner.comun.admin.bandejas import Bandeja, Filas, filtro_de, que_esperan
from alpespartner.comun.admin.base import actor_de
from alpespartner.comun.admin.fichas import ConFicha
from alpespartner.comun.admin.formato import corto, id_corto, importe, insignia
from alpespartner.comun.formato import fecha_y_hora_en
from conversiones.admin.formularios import CampanaForm
from conversiones.campanas import services as campanas
from conversiones.campanas.estados import CAMPANA, EstadoCampana
from conversiones.campanas.models import Campana, PresupuestoCampana
from conversiones.campanas.propuestas import (
    PREDETERMINAR,
    lineas_de_predeterminar,
    proponer_predeterminada,
)
from conversiones.campanas.selectors import ids_de_campanas, presupuesto_de, presupuestos

_C = EstadoCampana


def _con_poco(_request: HttpRequest) -> Filas:
    """Campaigns that are not over, and of whose budget a tenth is left or less."""

    def se_acaba(fila: PresupuestoCampana) -> bool:
        suyo = presupuesto_de(fila.campana)
        return suyo is not None and suyo.se_acaba and fila.campana.estado != _C.FINALIZADA

    filas, hay_mas = que_esperan(presupuestos(), se_acaba)
    return [fila.campana for fila in filas], hay_mas


PRESUPUESTOS_QUE_SE_ACABAN = Bandeja(
    "presupuesto", _("Se les acaba el presupuesto"), Campana, _con_poco
)
_PERMISO_CAMPANA = "conversiones.cambiar_estado_campana"


@admin.register(Campana)
class CampanaAdmin(ConFicha):
    """Campaigns: data through services, states by buttons."""

    si_vacia = _("Lo que se vende y cuándo. Una campaña empieza en borrador: añádela y actívala.")

    form = CampanaForm
    entidad = "campana"
    estados = dict(_C.choices)
    acciones = (
        Accion(
            nombre="activar",
            titulo=_("Activar"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: CAMPANA.permite(c.estado, _C.ACTIVA),
            aplicar=lambda c, actor, _m: campanas.activar_campana(campana=c, actor=actor),
            exito=_("%(objeto)s está activa."),
            ayuda=_("Empieza a admitir conversiones."),
            icono="play_circle",
            tono="principal",
        ),
        Accion(
            nombre="pausar",
            titulo=_("Pausar"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: CAMPANA.permite(c.estado, _C.PAUSADA),
            aplicar=lambda c, actor, motivo: campanas.pausar_campana(
                campana=c, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s está en pausa."),
            motivo="obligatorio",
            ayuda=_(
                "Desde ahora rechaza sus ventas, hasta que se active de nuevo. Las comisiones que "
                "ya hay se siguen revisando y pagando."
            ),
            icono="pause_circle",
        ),
        Accion(
            nombre="finalizar",
            titulo=_("Finalizar"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: CAMPANA.permite(c.estado, _C.FINALIZADA),
            aplicar=lambda c, actor, motivo: campanas.finalizar_campana(
                campana=c, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s terminó."),
            motivo="obligatorio",
            ayuda=_(
                "Es definitivo: no admite más ventas. Las comisiones que ya hay se siguen "
                "revisando y pagando."
            ),
            icono="stop_circle",
            tono="peligro",
        ),
        Accion(
            nombre="predeterminar",
            titulo=_("Hacer predeterminada"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: not c.predeterminada,
            aplicar=lambda c, actor, motivo: proponer_predeterminada(
                campana=c, actor=actor, motivo=motivo
            ),
            exito=_(
                "Propuesto: %(objeto)s será la predeterminada cuando lo confirme otra persona."
            ),
            previa=lineas_de_predeterminar,
            propone=PREDETERMINAR.nombre,
            motivo="obligatorio",
            ayuda=_(
                "Recibirá las conversiones que no indican campaña, cuando lo confirme otra persona."
            ),
            icono="star",
        ),
        Accion(
            nombre="pedir_inscripcion",
            titulo=_("Pedir inscripción"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: c.inscripcion_desde is None and c.estado != _C.FINALIZADA,
            aplicar=lambda c, actor, motivo: campanas.pedir_inscripcion(
                campana=c, actor=actor, motivo=motivo
            ),
            exito=_("En %(objeto)s solo gana quien esté inscrito."),
            motivo="obligatorio",
            ayuda=_(
                "Desde ahora solo ganan los afiliados inscritos: inscríbelos después. Lo que "
                "ocurrió antes no cambia."
            ),
            icono="lock",
        ),
        Accion(
            nombre="abrir_a_todos",
            titulo=_("Abrir a todos"),
            permiso=_PERMISO_CAMPANA,
            visible=lambda c: c.inscripcion_desde is not None,
            aplicar=lambda c, actor, motivo: campanas.abrir_a_todos(
                campana=c, actor=actor, motivo=motivo
            ),
            exito=_("En %(objeto)s gana cualquier afiliado activo."),
            motivo="obligatorio",
            ayuda=_("Gana cualquier afiliado activo, esté inscrito o no."),
            icono="lock_open",
        ),
    )
    atajos = ("pausar", "activar")
    list_display = ("nombre", "col_id", "moneda", "col_estado", "col_predeterminada", "inicia_en",
                    "termina_en")  # fmt: skip
    exporta = (
        "campana_id=id_publico", "referencia_externa", "nombre", "moneda", "estado",
        "predeterminada", "dias_retencion", "inicia_en", "termina_en",
    )  # fmt: skip
    list_filter = (filtro_de(PRESUPUESTOS_QUE_SE_ACABAN), ("estado", ChoicesDropdownFilter))
    search_fields = ("id_publico",)
    search_help_text = _("Palabras del nombre, parte de la referencia, o identificador")
    ordering = ("-id",)
    readonly_fields = ("id_publico", "col_estado", "creada_en", "actualizado_en")
    fieldsets = (
        (_("Qué es"), {"fields": (("nombre", "referencia_externa"), "descripcion", "canales")}),
        (_("Dinero y fechas"), {"fields": (
            ("moneda", "presupuesto"), "inicia_en", "termina_en", ("zona", "dias_retencion"),
        )}),
        (_("Atribución"), {"fields": (
            ("modelo_atribucion", "ventana_atribucion_dias"), "cupon_reasigna",
        )}),
        (_("Enlaces"), {"fields": (
            "pagina", "destinos", "parametros", "consentimiento",
        )}),
    )  # fmt: skip
    _ficha = (
        _("Registro"),
        {"fields": (("id_publico", "col_estado"), ("creada_en", "actualizado_en"))},
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved campaign also shows its id and dates."""
        return self.fieldsets if obj is None else (*self.fieldsets, self._ficha)

    def datos_de(self, objeto: Campana) -> Sequence[tuple[Any, Any]]:
        """When it is, and what it may cost."""
        datos: list[tuple[Any, Any]] = [
            (_("Moneda"), objeto.moneda),
            (_("Zona horaria"), objeto.zona),
            (_("Empieza"), fecha_y_hora_en(objeto.inicia_en, objeto.zona)),
            (
                _("Termina"),
                fecha_y_hora_en(objeto.termina_en, objeto.zona)
                if objeto.termina_en
                else _("Sin fecha de fin"),
            ),
            (_("Días hasta poder pagar"), objeto.dias_retencion),
            (_("Identificador"), id_corto(objeto.id_publico)),
        ]
        suyo = presupuesto_de(objeto)
        if suyo is not None:
            datos.append((_("Presupuesto"), importe(suyo.limite, objeto.moneda)))
            queda: Any = _("Se está contando")
            if suyo.queda is not None:
                queda = importe(suyo.queda, objeto.moneda)
            datos.append((_("Queda del presupuesto"), queda))
        if objeto.inscripcion_desde is not None:
            desde = fecha_y_hora_en(objeto.inscripcion_desde, objeto.zona)
            datos.append((_("Solo inscritos, desde"), desde))
        if objeto.predeterminada:
            datos.append((_("Predeterminada"), _("Recibe las ventas que no dicen campaña")))
        return datos

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Campana:
        return campanas.crear_campana(datos=datos, actor=actor_de(request))

    def actualizar(self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]) -> Campana:
        return campanas.actualizar_campana(campana=objeto, cambios=cambios, actor=actor_de(request))

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """By any word of the name, any part of the reference, or the id."""
        return consulta.filter(pk__in=ids_de_campanas(termino))

    def como_elegir(self, fila: Any) -> str:
        """Two may have one name."""
        estado = fila.get_estado_display()
        return f"{fila.nombre} · {fila.moneda} · {corto(fila.id_publico)} · {estado}"

    @display(description=_("Identificador"))
    def col_id(self, campana: Campana) -> SafeString:
        """Short public id."""
        return id_corto(campana.id_publico)

    @display(description=_("Estado"))
    def col_estado(self, campana: Campana) -> SafeString:
        """State as a badge."""
        return insignia(campana.estado, campana.get_estado_display())

    @display(description=_("Predeterminada"), boolean=True)
    def col_predeterminada(self, campana: Campana) -> bool:
        """Whether it takes the conversions that name none."""
        return bool(campana.predeterminada)
