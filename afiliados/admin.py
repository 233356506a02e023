"""Admin pages of affiliates and API keys."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import display

from afiliados import services
from afiliados.admin_forms import AfiliadoForm, ClaveForm, CuentaForm
from afiliados.claves import crear_clave, revocar_clave
from afiliados.cuentas import guardar_cuenta
from afiliados.estados import AFILIADO, EstadoAfiliado
from afiliados.models import Afiliado, Alcance, ClaveAPI, CuentaBancaria
from afiliados.selectors import ids_de_afiliados
from alpespartner.comun.admin_acciones import Accion, ConAcciones
from alpespartner.comun.admin_base import AdminPorServicio, actor_de
from alpespartner.comun.admin_formato import (
    dos_lineas,
    enlace,
    hace,
    id_corto,
    insignia,
    porcentaje,
)

_E = EstadoAfiliado
_PERMISO_ESTADO = "afiliados.cambiar_estado_afiliado"


def _pasa_a(destino: str, *origenes: str) -> Any:
    """Whether the state machine has the step, from one of ``origenes`` when given."""
    return lambda a: AFILIADO.permite(a.estado, destino) and (not origenes or a.estado in origenes)


ACCIONES = (
    Accion(
        nombre="activar",
        titulo=_("Activar"),
        permiso=_PERMISO_ESTADO,
        visible=_pasa_a(_E.ACTIVO),
        aplicar=lambda a, actor, motivo: services.activar_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        hecho=_("%(objeto)s está activo."),
        motivo="opcional",
        ayuda=_("Sus comisiones retenidas pasan a revisión."),
        icono="check_circle",
        tono="principal",
    ),
    Accion(
        nombre="rechazar",
        titulo=_("Rechazar"),
        permiso=_PERMISO_ESTADO,
        visible=_pasa_a(_E.RECHAZADO),
        aplicar=lambda a, actor, motivo: services.rechazar_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        hecho=_("%(objeto)s quedó rechazado."),
        motivo="obligatorio",
        ayuda=_("Es definitivo."),
        icono="cancel",
        tono="peligro",
    ),
    Accion(
        nombre="suspender",
        titulo=_("Suspender"),
        permiso=_PERMISO_ESTADO,
        visible=_pasa_a(_E.SUSPENDIDO, _E.ACTIVO),
        aplicar=lambda a, actor, motivo: services.suspender_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        hecho=_("%(objeto)s quedó suspendido."),
        motivo="obligatorio",
        ayuda=_("Deja de admitir conversiones."),
        icono="pause_circle",
    ),
    Accion(
        nombre="bloquear",
        titulo=_("Bloquear"),
        permiso=_PERMISO_ESTADO,
        visible=_pasa_a(_E.BLOQUEADO),
        aplicar=lambda a, actor, motivo: services.bloquear_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        hecho=_("%(objeto)s quedó bloqueado."),
        motivo="obligatorio",
        ayuda=_("Ni conversiones ni pagos. Solo otra persona podrá desbloquearlo."),
        icono="block",
        tono="peligro",
    ),
    Accion(
        nombre="desbloquear",
        titulo=_("Desbloquear"),
        permiso=_PERMISO_ESTADO,
        visible=_pasa_a(_E.SUSPENDIDO, _E.BLOQUEADO),
        aplicar=lambda a, actor, motivo: services.desbloquear_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        hecho=_("%(objeto)s quedó suspendido: actívalo cuando corresponda."),
        motivo="obligatorio",
        ayuda=_("Queda suspendido. No puede hacerlo quien lo bloqueó."),
        icono="lock_open",
    ),
    Accion(
        nombre="cerrar",
        titulo=_("Cerrar"),
        permiso=_PERMISO_ESTADO,
        visible=_pasa_a(_E.CERRADO),
        aplicar=lambda a, actor, motivo: services.cerrar_afiliado(
            afiliado=a, actor=actor, motivo=motivo
        ),
        hecho=_("%(objeto)s quedó cerrado."),
        motivo="obligatorio",
        ayuda=_("Es definitivo."),
        icono="door_front",
        tono="peligro",
    ),
)


@admin.register(Afiliado)
class AfiliadoAdmin(AdminPorServicio, ConAcciones):
    """Affiliates: data through services, states by buttons."""

    form = AfiliadoForm
    acciones = ACCIONES
    entidad = "afiliado"
    estados = dict(_E.choices)
    list_display = ("col_nombre", "col_id", "tipo_afiliado", "nivel", "col_tasa", "col_estado",
                    "col_registrado")  # fmt: skip
    list_filter = (
        ("estado", ChoicesDropdownFilter),
        ("tipo_afiliado", ChoicesDropdownFilter),
        ("nivel", ChoicesDropdownFilter),
    )
    search_fields = ("id_publico",)
    search_help_text = _("Identificador, referencia, correo o comienzo del nombre")
    ordering = ("-id",)
    autocomplete_fields = ("referente",)
    readonly_fields = ("id_publico", "col_estado", "creado_en", "actualizado_en")
    fieldsets = (
        (_("Quién es"), {"fields": (
            ("nombre", "email"), ("telefono", "referencia_externa"),
            ("documento_tipo", "documento_numero"), "referente",
        )}),
        (_("Condiciones"), {"fields": (
            ("tipo_afiliado", "nivel"), ("comision_base", "comision_premium"),
            ("comision_fija", "moneda_comision"), "minimo_pago",
        ), "description": _(
            "Una tasa vacía hereda la de la campaña; 0 significa sin comisión. Las condiciones "
            "nuevas valen para lo que se calcule desde ahora."
        )}),
    )  # fmt: skip
    _ficha = (
        _("Registro"),
        {"fields": (("id_publico", "col_estado"), ("creado_en", "actualizado_en"))},
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved affiliate also shows its id and dates."""
        return self.fieldsets if obj is None else (*self.fieldsets, self._ficha)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """The way to its statement, for whoever may read the ledger."""
        if not request.user.has_perm("comisiones.view_apunte"):
            return {}
        url = reverse("admin:comisiones_apunte_extracto", args=[objeto.pk])
        return {"enlaces": [(_("Extracto"), url, "receipt_long")]}

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Afiliado:
        return services.registrar_afiliado(
            datos=services.NuevoAfiliado(**datos), actor=actor_de(request)
        )

    def actualizar(self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]) -> Afiliado:
        return services.actualizar_afiliado(
            afiliado=objeto, cambios=cambios, actor=actor_de(request)
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Afiliado], search_term: str
    ) -> tuple[QuerySet[Afiliado], bool]:
        """Exact id, reference or e-mail, or the beginning of the name: all served by indexes."""
        termino = search_term.strip()
        if not termino:
            return queryset, False
        return queryset.filter(pk__in=ids_de_afiliados(termino)), False

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


@admin.register(CuentaBancaria)
class CuentaBancariaAdmin(AdminPorServicio):
    """Where affiliates are paid: whoever pays them looks, and does not touch."""

    form = CuentaForm
    list_display = ("afiliado", "titular", "col_cuenta", "bic", "utilizable_en")
    list_select_related = ("afiliado",)
    list_filter = (("afiliado", AutocompleteSelectFilter),)
    ordering = ("-id",)
    autocomplete_fields = ("afiliado",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved one shows its last digits, and takes a whole new number."""
        if obj is None:
            return ("afiliado", "titular", "iban", "bic")
        if not self.has_change_permission(request, obj):
            return ("afiliado", "titular", "col_cuenta", "bic", "utilizable_en")
        return ("afiliado", "col_cuenta", "utilizable_en", "titular", "iban", "bic")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else ("afiliado", "col_cuenta", "utilizable_en")

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> CuentaBancaria:
        return guardar_cuenta(**datos, actor=actor_de(request))

    def actualizar(
        self, request: HttpRequest, objeto: Any, cambios: dict[str, Any]
    ) -> CuentaBancaria:
        # The number is required again: nobody redirects payments by changing only the holder.
        return guardar_cuenta(
            afiliado=objeto.afiliado,
            titular=cambios.get("titular", objeto.titular),
            iban=cambios["iban"],
            bic=cambios.get("bic", objeto.bic),
            actor=actor_de(request),
        )

    @display(description=_("Cuenta"))
    def col_cuenta(self, cuenta: CuentaBancaria) -> str:
        """Country, or Stripe, and last digits."""
        return str(cuenta)


@admin.register(ClaveAPI)
class ClaveAPIAdmin(AdminPorServicio, ConAcciones):
    """API keys: made and revoked, never edited; the secret is shown once."""

    form = ClaveForm
    entidad = "clave"
    acciones = (
        Accion(
            nombre="revocar",
            titulo=_("Revocar"),
            permiso="afiliados.change_claveapi",
            visible=lambda clave: clave.revocada_en is None,
            aplicar=lambda clave, actor, _motivo: revocar_clave(clave=clave, actor=actor),
            hecho=_("La clave %(objeto)s ya no sirve."),
            motivo="no",
            ayuda=_("Deja de servir al instante y no se puede deshacer."),
            icono="key_off",
            tono="peligro",
        ),
    )
    list_display = ("nombre", "col_clave", "titular", "col_afiliado", "col_vigente", "expira_en")
    list_select_related = ("afiliado",)
    list_filter = (("afiliado", AutocompleteSelectFilter),)
    ordering = ("-id",)
    autocomplete_fields = ("afiliado",)
    fields = ("nombre", "titular", "afiliado", "alcances", "expira_en")
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved key shows what it may do and whether it still works."""
        if obj is None:
            return self.fields
        return ("col_clave", "nombre", "titular", "col_afiliado", "col_alcances", "col_vigente",
                "creada_en", "expira_en", "revocada_en")  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.get_fields(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its grants are fixed: make another key instead."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        usuario = request.user
        return usuario.has_perm("afiliados.view_claveapi") or usuario.has_perm(
            "afiliados.change_claveapi"
        )

    def id_historial(self, objeto: Any) -> str:
        return str(objeto.id_clave)

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> ClaveAPI:
        clave, texto = crear_clave(**datos, actor=actor_de(request))
        # Lives only in this request: it is not kept in the session nor in a message.
        request.clave_nueva = texto  # type: ignore[attr-defined]
        return clave

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """The key itself, in the answer to the POST: no address shows it again."""
        contexto = {
            **self.admin_site.each_context(request),
            "title": _("Clave creada"),
            "opts": self.opts,
            "clave": obj,
            "texto": request.clave_nueva,  # type: ignore[attr-defined]
        }
        respuesta = TemplateResponse(request, "admin/alpes/clave_creada.html", contexto)
        respuesta["Cache-Control"] = "no-store"
        return respuesta

    @display(description=_("Clave"))
    def col_clave(self, clave: ClaveAPI) -> str:
        """Public part."""
        return f"ap_{clave.id_clave}_…"

    @display(description=_("Afiliado"))
    def col_afiliado(self, clave: ClaveAPI) -> SafeString | str:
        """Affiliate whose objects it sees."""
        return enlace(clave.afiliado)

    @display(description=_("Alcances"))
    def col_alcances(self, clave: ClaveAPI) -> str:
        """What it may do."""
        nombres = dict(Alcance.choices)
        return ", ".join(str(nombres.get(alcance, alcance)) for alcance in clave.alcances)

    @display(description=_("Situación"))
    def col_vigente(self, clave: ClaveAPI) -> SafeString:
        """Whether it works."""
        if clave.vigente:
            return insignia("activa", _("Vigente"))
        return insignia(
            "rechazada", _("Revocada") if clave.revocada_en is not None else _("Caducada")
        )
