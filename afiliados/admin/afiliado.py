"""Pages of affiliates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from afiliados.admin.acciones import ACCIONES
from afiliados.admin.formularios import AfiliadoForm
from afiliados.afiliado import services
from afiliados.afiliado.cambio import legible
from afiliados.afiliado.condiciones import por_venir
from afiliados.afiliado.configuracion import pendientes
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.propuestas import nombre_de, visible
from afiliados.afiliado.selectors import ids_de_afiliados, otro_con_su_correo
from alpespartner.comun.admin.base import actor_de
from alpespartner.comun.admin.efecto import ConEfecto
from alpespartner.comun.admin.fichas import ConFicha
from alpespartner.comun.admin.formato import (
    corto,
    dos_lineas,
    enlace,
    id_corto,
    importe,
    insignia,
)
from alpespartner.comun.formato import fecha_y_hora, hace, porcentaje


@admin.register(Afiliado)
class AfiliadoAdmin(ConEfecto, ConFicha):
    """Affiliates: data through services, states by buttons."""

    si_vacia = _("Quien trae ventas. Los registra la API, o «Añadir».")

    form = AfiliadoForm
    acciones = ACCIONES
    atajos = ("activar", "reactivar")
    entidad = "afiliado"
    estados = dict(EstadoAfiliado.choices)
    list_display = ("col_nombre", "col_id", "tipo_afiliado", "nivel", "col_tasa", "col_estado",
                    "col_registrado")  # fmt: skip
    exporta = (
        "afiliado_id=id_publico", "referencia_externa", "nombre", "email", "tipo_afiliado", "nivel",
        "referente=referente", "comision_base", "comision_premium", "comision_fija", "minimo_pago",
        "moneda=moneda_comision", "estado", "creado_en",
    )  # fmt: skip
    list_filter = (
        ("estado", ChoicesDropdownFilter),
        ("tipo_afiliado", ChoicesDropdownFilter),
        ("nivel", ChoicesDropdownFilter),
    )
    search_fields = ("id_publico",)
    search_help_text = _("Palabras del nombre, parte del correo o la referencia, o identificador")
    ordering = ("-id",)
    autocomplete_fields = ("referente",)
    readonly_fields = ("col_por_venir", "id_publico", "col_estado", "creado_en", "actualizado_en")
    fieldsets = (
        (_("Quién es"), {"fields": (
            ("nombre", "email"), ("telefono", "referencia_externa"),
            ("documento_tipo", "documento_numero", "documento_pais"), "referente",
            ("idioma", "resumen"),
        )}),
        (_("Condiciones"), {"fields": (
            ("tipo_afiliado", "nivel"), ("comision_base", "comision_premium"),
            ("comision_fija", "moneda_comision"), ("minimo_pago", "ventana_atribucion_dias"),
            "desde", "motivo",
        ), "description": _(
            "Una tasa vacía hereda la de la campaña; 0 significa sin comisión. Una venta se paga "
            "con las condiciones de cuando ocurrió. Un cambio grande lo confirma otra persona."
        )}),
    )  # fmt: skip
    _ficha = (
        _("Registro"),
        {"fields": (("id_publico", "col_estado"), ("creado_en", "actualizado_en"))},
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved affiliate also shows its id and dates, and terms that are to come."""
        if obj is None:
            return self.fieldsets
        quien, (titulo, condiciones) = self.fieldsets
        campos: Any = condiciones["fields"]
        if not self.has_change_permission(request, obj):
            # They say what a change is to be like.
            campos = tuple(campo for campo in campos if campo not in ("desde", "motivo"))
        if obj.pk is not None and self.col_por_venir(obj):
            campos = (*campos, "col_por_venir")
        return (quien, (titulo, {**condiciones, "fields": campos}), self._ficha)

    def datos_de(self, objeto: Afiliado) -> Sequence[tuple[Any, Any]]:
        """Who it is, and what it earns by."""
        tipo, nivel = objeto.get_tipo_afiliado_display(), objeto.get_nivel_display()
        datos: list[tuple[Any, Any]] = [
            (_("Correo"), objeto.email),
            (_("Registrado"), fecha_y_hora(objeto.creado_en)),
            (_("Identificador"), id_corto(objeto.id_publico)),
            (
                _("Tipo y nivel"),
                f"{tipo}, {nivel}",
            ),
        ]
        if objeto.borrado_en is not None:
            datos.append((_("Datos borrados"), fecha_y_hora(objeto.borrado_en)))
        if objeto.suspendido_hasta is not None:
            datos.append((_("Suspendido hasta"), fecha_y_hora(objeto.suspendido_hasta)))
        if objeto.documento:
            datos.append((_("Documento"), objeto.documento))
        if repetido := otro_con_su_correo(objeto):
            datos.append((_("Mismo correo que"), enlace(repetido)))
        tasa, fija = objeto.tasa_propia, objeto.comision_fija
        if tasa is not None:
            datos.append((_("Tasa propia"), porcentaje(tasa)))
        if fija is not None:
            datos.append((_("Fija por venta"), importe(fija, objeto.moneda_comision)))
        if por_venir_ := self.col_por_venir(objeto):
            datos.append((_("Cambian"), por_venir_))
        if objeto.referente is not None:
            datos.append((_("Referente"), enlace(objeto.referente)))
        return datos

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """The ways to its statement, mail and postbacks, for whoever may read them."""
        enlaces = []
        if request.user.has_perm("comisiones.view_apunte"):
            url = reverse("admin:comisiones_apunte_extracto", args=[objeto.pk])
            enlaces.append((_("Extracto"), url, "receipt_long"))
        if request.user.has_perm("comisiones.view_notificacion"):
            url = reverse("admin:comisiones_notificacion_changelist")
            url = f"{url}?{urlencode({'afiliado__id__exact': objeto.pk})}"
            enlaces.append((_("Correos"), url, "schedule_send"))
        if request.user.has_perm("outbox.view_postback"):
            url = reverse("admin:outbox_postback_changelist")
            url = f"{url}?{urlencode({'q': objeto.id_publico})}"
            enlaces.append((_("Postbacks"), url, "ads_click"))
        return {"enlaces": enlaces}

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Afiliado:
        datos.pop("motivo")
        datos.pop("desde")
        return services.registrar_afiliado(
            datos=services.NuevoAfiliado(**datos), actor=actor_de(request)
        )

    def actualizar(self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]) -> Afiliado:
        motivo, desde = cambios.pop("motivo", ""), cambios.pop("desde", None)
        actor = actor_de(request)
        esperaban = {p.pk for p in self.propuestas_de(objeto)}
        actual = services.actualizar_afiliado(
            afiliado=objeto, cambios=cambios, actor=actor, motivo=motivo, desde=desde
        )
        if any(p.pk not in esperaban for p in self.propuestas_de(objeto)):
            messages.warning(
                request, _("Las condiciones nuevas valdrán cuando las confirme otra persona.")
            )
        return actual

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """By any word of the name, any part of the e-mail or reference, or the id: all served by
        indexes."""
        return consulta.filter(pk__in=ids_de_afiliados(termino))

    def como_elegir(self, fila: Any) -> str:
        """Three may have one name."""
        estado = fila.get_estado_display()
        return f"{fila.nombre} · {fila.email} · {corto(fila.id_publico)} · {estado}"

    @display(description=_("Cambian"))
    def col_por_venir(self, afiliado: Afiliado) -> SafeString:
        """Terms and settings with a date to come, a line each."""
        lineas = []
        condiciones = por_venir(afiliado) if afiliado.con_condiciones else ()
        for fila in (*condiciones, *pendientes(afiliado)):
            moneda = getattr(fila, "moneda_comision", afiliado.moneda_comision)
            dichos = (
                f"{nombre_de(c)}: {visible(c, legible(getattr(fila, c)), moneda)}"
                for c in fila.campos
            )
            lineas.append((fecha_y_hora(fila.desde), " · ".join(dichos)))
        return format_html_join(
            "", '<span class="ap-celda"><span class="ap-tenue">{}</span> {}</span>', lineas
        )

    @display(description=_("Afiliado"))
    def col_nombre(self, afiliado: Afiliado) -> SafeString:
        """Name and e-mail."""
        return dos_lineas(afiliado.nombre, afiliado.email)

    @display(description=_("Identificador"))
    def col_id(self, afiliado: Afiliado) -> SafeString:
        """Short public id."""
        return id_corto(afiliado.id_publico)

    @display(description=_("Tasa propia"))
    def col_tasa(self, afiliado: Afiliado) -> str:
        """Percentage agreed with this affiliate."""
        return porcentaje(afiliado.tasa_propia)

    @display(description=_("Estado"))
    def col_estado(self, afiliado: Afiliado) -> SafeString:
        """State as a badge."""
        return insignia(afiliado.estado, afiliado.get_estado_display())

    @display(description=_("Registrado"))
    def col_registrado(self, afiliado: Afiliado) -> str:
        """Age."""
        return hace(afiliado.creado_en)
