"""Sales and refunds by hand: what each would do is seen first, and done as it was seen."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from alpespartner.comun import dinero
from alpespartner.comun.admin.base import (
    AdminPorServicio,
    CifrasLlanas,
    FormularioDeServicio,
    actor_de,
)
from alpespartner.comun.admin.errores import YaGuardado
from alpespartner.comun.admin.formato import enlace, importe, opciones_de_moneda
from alpespartner.comun.admin.numeros import CampoNumero
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.formato import VACIO
from alpespartner.comun.models import Propuesta
from conversiones.admin.errores import SinVer
from conversiones.admin.ver_antes import (
    AsignacionForm,
    ConVistaPrevia,
    decir,
    exigir_visto,
    ficha,
    ver,
)
from conversiones.ventas.a_mano import registrar_a_mano
from conversiones.ventas.asignacion import pide_otra_persona
from conversiones.ventas.devoluciones import Devolucion, devolver, queda_de
from conversiones.ventas.ensayo import (
    EnsayoDevolucion,
    Ganada,
    ensayar_asignacion,
    ensayar_devolucion,
    ensayar_venta,
)
from conversiones.ventas.errores import ConversionDuplicada
from conversiones.ventas.estados import CONVERSION, SIN_COMISION, EstadoConversion
from conversiones.ventas.models import DEVOLUCIONES, MAX_REFERENCIA, Conversion
from conversiones.ventas.motivos import MotivoDecision, motivo_de
from conversiones.ventas.propuestas import asignar_o_proponer
from conversiones.ventas.services import NuevaConversion

DEVOLVER = "conversiones.devolver_conversion"
ASIGNAR = "conversiones.asignar_conversion"


class VentaForm(FormularioDeServicio):
    """A sale that no shop sent."""

    moneda = forms.ChoiceField(
        label=_("Moneda"),
        required=False,
        choices=opciones_de_moneda,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Vacía: la de la campaña."),
    )
    motivo = forms.CharField(
        label=_("Por qué a mano"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Queda en el historial. Quien la registra no aprueba sus comisiones."),
    )

    class Meta:
        model = Conversion
        fields = (
            "afiliado", "campana", "tipo_conversion", "valor", "moneda", "ocurrida_en",
            "referencia_externa", "cupon",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "afiliado" in self.fields:
            # Whoever registers it knows whose it is.
            self.fields["afiliado"].required = True
        # Not in Meta: the page of a sale that is there would repeat them.
        ayudas = {
            "ocurrida_en": _now("Hora UTC. De ella cuentan los días de retención."),
            "referencia_externa": _now(
                "El número de pedido de la tienda: si lo envía después, no se cuenta dos veces."
            ),
        }
        for campo in ayudas.keys() & self.fields.keys():
            self.fields[campo].help_text = ayudas[campo]


class DevolucionForm(CifrasLlanas, forms.Form):
    """What is taken back from a sale, and why."""

    monto = CampoNumero(label=_("Monto"), required=False)
    tipo = forms.ChoiceField(
        label=_("Tipo"),
        choices=[(t.value, t.label) for t in DEVOLUCIONES],
        widget=UnfoldAdminSelectWidget,
    )
    ocurrido_en = forms.SplitDateTimeField(
        label=_("Ocurrió"), widget=UnfoldAdminSplitDateTimeWidget, help_text=_("Hora UTC.")
    )
    causa = forms.ChoiceField(
        label=_("Causa"),
        choices=[("", "–"), *MotivoDecision.choices],
        widget=UnfoldAdminSelectWidget,
    )
    nota = forms.CharField(
        label=_("Nota"),
        required=False,
        max_length=400,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )
    id_externo = forms.CharField(
        label=_("Identificador de la devolución"),
        required=False,
        max_length=MAX_REFERENCIA,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("El de la tienda: si la envía después, no se quita dos veces."),
    )


class VentasAMano(ConVistaPrevia, AdminPorServicio):
    """The pages of a sale by hand, of a refund by hand, and of saying whose a sale is."""

    form = VentaForm
    autocomplete_fields = ("afiliado", "campana")
    warn_unsaved_form = False

    def get_urls(self) -> list[URLPattern]:
        """Adds the pages of a refund and of an assignment."""
        return [
            path(
                "<path:object_id>/asignar/",
                self.admin_site.admin_view(self.vista_asignar),
                name=self.nombre_de_vista("asignar"),
            ),
            path(
                "<path:object_id>/devolver/",
                self.admin_site.admin_view(self.vista_devolver),
                name=self.nombre_de_vista("devolver"),
            ),
            *super().get_urls(),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was sold does not change: it is refused, or taken back."""
        return False

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Conversion:
        motivo = datos.pop("motivo")
        nueva = NuevaConversion(**{**datos, "moneda": datos["moneda"] or None})
        actor = actor_de(request)
        ganadas = ensayar_venta(datos=nueva, motivo=motivo, actor=actor)
        exigir_visto(request, ganadas, datos)
        return registrar_a_mano(datos=nueva, motivo=motivo, actor=actor)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The form; then what it would earn; then, if that is still so, the sale."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        Formulario = self.get_form(request, None)
        if request.method == "POST":
            formulario = Formulario(request.POST)
        else:
            formulario = Formulario(initial={"ocurrida_en": timezone.now()})
        contexto: dict[str, Any] = {}
        if formulario.is_bound and formulario.is_valid():
            try:
                with transaction.atomic():
                    venta = self._crear_una_vez(request, dict(formulario.cleaned_data))
            except YaGuardado as exc:
                messages.info(request, _now("Ya se había guardado: es esta."))
                return redirect(exc.vista, exc.pk)
            except SinVer as exc:
                contexto = ver(request, exc) | {"ganadas": _ganadas(exc.ensayo)}
            except ErrorDominio as exc:
                contexto = {"existente": _existente(exc)}
                decir(formulario, exc, {"valor_conversion": "valor", "afiliado_id": "afiliado",
                                         "campana_id": "campana"})  # fmt: skip
            else:
                self.log_addition(request, venta, [{"added": {}}])
                messages.success(
                    request,
                    _now("%(venta)s quedó registrada: sus comisiones se calculan ahora mismo.")
                    % {"venta": venta},
                )
                return redirect(self._vista_de_cambio, venta.pk)
        return self.pagina_de(request, "admin/alpes/venta_nueva.html", formulario, contexto, {
            "title": _now("Registrar una venta a mano"),
            "volver": reverse(f"admin:{self.nombre_de_vista('changelist')}"),
        })  # fmt: skip

    def vista_devolver(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form; then what it would take from which commissions; then the refund."""
        if not request.user.has_perm(DEVOLVER):
            raise PermissionDenied
        venta: Conversion = self.objeto_o_404(request, object_id)
        if request.method == "POST":
            formulario = DevolucionForm(request.POST)
        else:
            formulario = DevolucionForm(initial={"ocurrido_en": timezone.now()})
        queda = queda_visible(venta)
        formulario.fields["monto"].help_text = _now("Vacío: todo lo que queda, %(queda)s.") % {
            "queda": queda
        }
        contexto: dict[str, Any] = {}
        if formulario.is_bound and formulario.is_valid():
            try:
                with transaction.atomic():
                    self._devolver(request, venta, formulario.cleaned_data)
            except SinVer as exc:
                contexto = ver(request, exc) | _devuelta(exc.ensayo)
            except ErrorDominio as exc:
                decir(formulario, exc, {})
            else:
                messages.success(request, _now("La devolución quedó registrada."))
                return redirect(self._vista_de_cambio, venta.pk)
        return self.pagina_de(request, "admin/alpes/devolucion_nueva.html", formulario, contexto, {
            "title": _now("Registrar una devolución a mano"),
            "subtitle": self.nombre_de(venta),
            "original": venta,
            "lineas": [
                (_now("Afiliado"), enlace(venta.afiliado)),
                (_now("Valor"), importe(venta.valor, venta.moneda)),
                (_now("Queda"), queda),
            ],
            "volver": reverse(self._vista_de_cambio, args=[venta.pk]),
        })  # fmt: skip

    def vista_asignar(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form; then what whoever it is given to would earn; then it is theirs, or waits for
        another person."""
        if not request.user.has_perm(ASIGNAR):
            raise PermissionDenied
        venta: Conversion = self.objeto_o_404(request, object_id)
        if not puede_asignarse(venta):
            messages.error(request, _now("La venta ya es de alguien, o nadie gana nada por ella."))
            return redirect(self._vista_de_cambio, venta.pk)
        Formulario = self.get_form(
            request, None, form=AsignacionForm, fields=("afiliado", "motivo")
        )
        formulario = Formulario(request.POST if request.method == "POST" else None)
        contexto: dict[str, Any] = {}
        if formulario.is_bound and formulario.is_valid():
            try:
                with transaction.atomic():
                    hecho = self._asignar(request, venta, formulario.cleaned_data)
            except SinVer as exc:
                contexto = ver(request, exc) | {"ganadas": _ganadas(exc.ensayo)}
            except ErrorDominio as exc:
                decir(formulario, exc, {"afiliado_id": "afiliado"})
            else:
                messages.success(request, _asignada(hecho, formulario.cleaned_data["afiliado"]))
                return redirect(self._vista_de_cambio, venta.pk)
        return self.pagina_de(request, "admin/alpes/venta_asignada.html", formulario, contexto, {
            "title": _now("Decir de quién es una venta"),
            "subtitle": self.nombre_de(venta),
            "lineas": [
                (_now("Venta"), enlace(venta)),
                (_now("Valor"), importe(venta.valor, venta.moneda)),
                (_now("Campaña"), enlace(venta.campana)),
                (_now("Cliente"), enlace(venta.cliente) if venta.cliente else VACIO),
            ],
            "otra_persona": pide_otra_persona(venta),
            "volver": reverse(self._vista_de_cambio, args=[venta.pk]),
        })  # fmt: skip

    def _asignar(
        self, request: HttpRequest, venta: Conversion, datos: dict[str, Any]
    ) -> Conversion | Propuesta:
        dicho: Any = {"afiliado": datos["afiliado"], "motivo": datos["motivo"]}
        actor = actor_de(request)
        ensayo = ensayar_asignacion(conversion=venta, **dicho, actor=actor)
        exigir_visto(request, ensayo, {**dicho, "venta": venta.pk})
        return asignar_o_proponer(conversion=venta, **dicho, actor=actor)

    def _devolver(self, request: HttpRequest, venta: Conversion, datos: dict[str, Any]) -> None:
        devolucion = Devolucion(
            # Sent twice, the page takes back once.
            id_externo=datos["id_externo"] or f"a-mano-{ficha(request)}",
            monto=datos["monto"],
            tipo=datos["tipo"],
            motivo=motivo_de(datos["causa"], datos["nota"]),
            ocurrido_en=datos["ocurrido_en"],
        )
        actor = actor_de(request)
        ensayo = ensayar_devolucion(conversion=venta, datos=devolucion, actor=actor)
        exigir_visto(request, ensayo, {**datos, "venta": venta.pk})
        devolver(conversion=venta, datos=devolucion, actor=actor)


def _asignada(hecho: Conversion | Propuesta, afiliado: Any) -> str:
    if isinstance(hecho, Propuesta):
        return _now("Propuesto: la venta será de %(afiliado)s cuando lo confirme otra persona.") % {
            "afiliado": afiliado
        }
    return _now("La venta es de %(afiliado)s: sus comisiones se calculan ahora mismo.") % {
        "afiliado": afiliado
    }


def puede_asignarse(venta: Conversion) -> bool:
    """Whether somebody may say whose a sale is."""
    return venta.afiliado_id is None and venta.estado not in SIN_COMISION


def puede_devolverse(venta: Conversion) -> bool:
    """Whether something is left that may be taken back."""
    return CONVERSION.permite(venta.estado, EstadoConversion.REVERTIDA)


def queda_visible(venta: Conversion) -> Any:
    """What is left of a sale after its refunds, also of a row that no service wrote."""
    if not dinero.es_moneda(venta.moneda):
        return importe(venta.valor, venta.moneda)
    queda = dinero.CERO if venta.estado == EstadoConversion.RECHAZADA else queda_de(venta)
    return importe(queda, venta.moneda)


def _existente(error: ErrorDominio) -> Any:
    if not isinstance(error, ConversionDuplicada):
        return ""
    return format_html(_now("La venta que ya la tiene: {}."), enlace(error.existente))


def _ganadas(ganadas: list[Ganada]) -> list[dict[str, Any]]:
    return [
        {
            "afiliado": g.afiliado,
            "nivel": g.nivel,
            "monto": importe(g.monto, g.moneda),
            "regla": g.regla,
            "espera": g.espera,
        }
        for g in ganadas
    ]


def _devuelta(ensayo: EnsayoDevolucion) -> dict[str, Any]:
    return {
        "devuelve": importe(ensayo.monto, ensayo.moneda),
        "quedaria": importe(ensayo.queda, ensayo.moneda),
        "quitadas": [
            {
                "afiliado": q.afiliado,
                "estado": q.estado,
                "quita": importe(q.quita, q.moneda),
                "queda": importe(q.queda, q.moneda),
                "descontada": q.descontada,
            }
            for q in ensayo.quitadas
        ],
    }
