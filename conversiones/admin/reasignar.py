"""Saying that a sale, or a customer, is of another affiliate: another person confirms it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTextareaWidget

from alpespartner.comun.admin.base import actor_de
from alpespartner.comun.admin.formato import enlace, importe
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.formato import VACIO
from alpespartner.comun.propuestas.selectors import propuestas_de
from alpespartner.comun.propuestas.tipos import Tipo
from conversiones.admin.errores import SinVer
from conversiones.admin.ver_antes import (
    AsignacionForm,
    ConVistaPrevia,
    decir,
    exigir_visto,
    ver,
)
from conversiones.campanas.dias import empieza_en
from conversiones.clientes.models import Cliente
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.models import Conversion
from conversiones.ventas.mudanza import exigir_cliente_reasignable
from conversiones.ventas.propuestas import (
    lineas_de_las_que_irian,
    proponer_reasignacion,
    proponer_reasignacion_de_cliente,
)
from conversiones.ventas.reasignacion import Movida, ensayar_reasignacion

REASIGNAR_VENTA = "conversiones.reasignar_conversion"
REASIGNAR_CLIENTE = "conversiones.reasignar_cliente"
_CAMPOS = {"afiliado_id": "afiliado"}


def _por_que() -> forms.CharField:
    return forms.CharField(
        label=_("Por qué"),
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
        help_text=_("Queda en el historial. Ningún afiliado lo lee."),
    )


class ReasignacionForm(AsignacionForm):
    """Whose a sale is after all, and why."""

    motivo = _por_que()


class ReasignacionDeClienteForm(AsignacionForm):
    """Whose a customer is after all, which of its sales go with it, and why."""

    field_order = ("afiliado", "ventas_desde", "motivo")
    ventas_desde = forms.DateField(
        label=_("Y sus ventas desde"),
        required=False,
        widget=UnfoldAdminDateWidget,
        help_text=_(
            "Vacío: solo las próximas. Con un día, pasan también las que hizo desde entonces, con "
            "lo que ganó por ellas quien lo tiene ahora; las que son de otros siguen siendo suyas."
        ),
    )
    motivo = _por_que()

    class Meta:
        model = Cliente
        fields = ("afiliado",)


class ConReasignacion(ConVistaPrevia):
    """A page more, at ``reasignar/``."""

    entidad = ""

    def get_urls(self) -> list[URLPattern]:
        """Adds it, before Django's catch-all."""
        return [
            path(
                "<path:object_id>/reasignar/",
                self.admin_site.admin_view(self.vista_reasignar),
                name=self.nombre_de_vista("reasignar"),
            ),
            *super().get_urls(),
        ]

    def vista_reasignar(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The page."""
        raise NotImplementedError

    def a_reasignar(self, objeto: Any, tipo: Tipo) -> list[tuple[Any, str, str]]:
        """The way to it, while nothing of the kind waits for another person."""
        esperan = propuestas_de(self.entidad, [objeto.id_publico])
        if any(propuesta.tipo == tipo.nombre for propuesta in esperan):
            return []
        url = reverse(f"admin:{self.nombre_de_vista('reasignar')}", args=[objeto.pk])
        return [(_("Reasignar"), url, "person")]

    def formulario_de(self, request: HttpRequest, clase: Any) -> Any:
        """Its form, filled if it was sent."""
        Formulario = self.get_form(request, None, form=clase, fields=tuple(clase.base_fields))
        return Formulario(request.POST if request.method == "POST" else None)

    def url_de_cambio(self, objeto: Any) -> str:
        """The page of the object."""
        return reverse(f"admin:{self.nombre_de_vista('change')}", args=[objeto.pk])

    def propuesto(self, request: HttpRequest, objeto: Any, afiliado: Any) -> HttpResponse:
        """Back to the page of the object, where it waits."""
        messages.success(
            request,
            _now("Propuesto: será de %(afiliado)s cuando lo confirme otra persona.")
            % {"afiliado": afiliado},
        )
        return redirect(self.url_de_cambio(objeto))


class ReasignarVenta(ConReasignacion):
    """Of a sale: what would move is seen first."""

    def vista_reasignar(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form; then what would move; then it waits for another person."""
        if not request.user.has_perm(REASIGNAR_VENTA):
            raise PermissionDenied
        venta: Conversion = self.objeto_o_404(request, object_id)
        if not puede_reasignarse(venta):
            messages.error(request, _now("La venta no es de nadie, o nadie gana nada por ella."))
            return redirect(self.url_de_cambio(venta))
        formulario = self.formulario_de(request, ReasignacionForm)
        contexto: dict[str, Any] = {}
        if formulario.is_bound and formulario.is_valid():
            dicho: dict[str, Any] = {**formulario.cleaned_data, "actor": actor_de(request)}
            try:
                with transaction.atomic():
                    traslado = ensayar_reasignacion(conversion=venta, **dicho)
                    exigir_visto(request, traslado, {**formulario.cleaned_data, "venta": venta.pk})
                    proponer_reasignacion(conversion=venta, **dicho)
            except SinVer as exc:
                contexto = ver(request, exc) | {
                    "pierden": _visibles(exc.ensayo.pierden),
                    "ganan": _visibles(exc.ensayo.ganan),
                }
            except ErrorDominio as exc:
                decir(formulario, exc, _CAMPOS)
            else:
                return self.propuesto(request, venta, dicho["afiliado"])
        return self.pagina_de(request, "admin/alpes/venta_reasignada.html", formulario, contexto, {
            "title": _now("Reasignar una venta"),
            "subtitle": self.nombre_de(venta),
            "lineas": [
                (_now("Venta"), enlace(venta)),
                (_now("Ahora es de"), enlace(venta.afiliado)),
                (_now("Valor"), importe(venta.valor, venta.moneda)),
                (_now("Campaña"), enlace(venta.campana)),
                (_now("Cliente"), enlace(venta.cliente) if venta.cliente else VACIO),
            ],
            "con_cliente": venta.cliente is not None,
            "volver": self.url_de_cambio(venta),
        })  # fmt: skip


class ReasignarCliente(ConReasignacion):
    """Of a customer: from then on, or with the sales that it made, which are seen first."""

    def vista_reasignar(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form; then which sales would go with it; then it waits for another person."""
        if not request.user.has_perm(REASIGNAR_CLIENTE):
            raise PermissionDenied
        cliente: Cliente = self.objeto_o_404(request, object_id)
        if cliente.afiliado_id is None:
            messages.error(
                request, _now("El cliente no es de nadie: lo será al asignar una venta suya.")
            )
            return redirect(self.url_de_cambio(cliente))
        formulario = self.formulario_de(request, ReasignacionDeClienteForm)
        contexto: dict[str, Any] = {}
        if formulario.is_bound and formulario.is_valid():
            dicho = dict(formulario.cleaned_data)
            try:
                with transaction.atomic():
                    if dia := dicho["ventas_desde"]:
                        dicho["ventas_desde"] = empieza_en(cliente.campana.zona, dia)
                        exigir_cliente_reasignable(cliente, dicho["afiliado"])
                        exigir_visto(request, _irian(cliente, dicho), {
                            **formulario.cleaned_data, "cliente": cliente.pk,
                        })  # fmt: skip
                    proponer_reasignacion_de_cliente(
                        cliente=cliente, **dicho, actor=actor_de(request)
                    )
            except SinVer as exc:
                contexto = ver(request, exc) | {"irian": exc.ensayo}
            except ErrorDominio as exc:
                decir(formulario, exc, _CAMPOS)
            else:
                return self.propuesto(request, cliente, dicho["afiliado"])
        plantilla = "admin/alpes/cliente_reasignado.html"
        return self.pagina_de(request, plantilla, formulario, contexto, {
            "title": _now("Reasignar un cliente"),
            "subtitle": str(cliente),
            "lineas": [
                (_now("Cliente"), enlace(cliente)),
                (_now("Ahora es de"), enlace(cliente.afiliado)),
                (_now("Campaña"), enlace(cliente.campana)),
            ],
            "volver": self.url_de_cambio(cliente),
        })  # fmt: skip


def _irian(cliente: Cliente, dicho: dict[str, Any]) -> list[tuple[str, str]]:
    """What would go with a customer, as its page tells it."""
    lineas = lineas_de_las_que_irian(cliente, cliente.afiliado_id, dicho["ventas_desde"])
    return [(str(que), str(cuanto)) for que, cuanto in lineas]


def puede_reasignarse(venta: Conversion) -> bool:
    """Whether somebody may say that a sale is of another."""
    return venta.afiliado_id is not None and venta.estado not in SIN_COMISION


def _visibles(movidas: tuple[Movida, ...]) -> list[dict[str, Any]]:
    return [
        {
            "afiliado": m.afiliado,
            "nivel": m.nivel,
            "monto": importe(m.monto, m.moneda),
            "como": m.como,
        }
        for m in movidas
    ]
