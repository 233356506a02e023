"""Pages of customers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.base import AdminSoloLectura
from alpespartner.comun.admin.elegir import FiltroDeFila
from alpespartner.comun.admin.formato import enlace, id_corto, marca
from alpespartner.comun.formato import VACIO, fecha_y_hora
from conversiones.admin.reasignar import REASIGNAR_CLIENTE, ReasignarCliente
from conversiones.clientes.models import Cliente
from conversiones.clientes.propuestas import BORRAR, lineas_de_borrar, proponer_borrado
from conversiones.clientes.selectors import apartadas_de, ids_de_clientes
from conversiones.ventas.models import Conversion
from conversiones.ventas.propuestas import REASIGNAR_CLIENTE as DE_CLIENTE


@admin.register(Cliente)
class ClienteAdmin(ReasignarCliente, AdminSoloLectura, ConAcciones):
    """Customers, as shops tell of them, and whose each is: nobody writes one by hand."""

    si_vacia = _("Quienes compran. Los da a conocer la tienda, por la API o con una venta.")

    entidad = "cliente"
    acciones = (
        Accion(
            nombre="borrar_datos",
            titulo=_("Borrar sus datos"),
            permiso="conversiones.borrar_datos_cliente",
            visible=lambda c: c.borrado_en is None,
            aplicar=lambda c, actor, motivo: proponer_borrado(
                cliente=c, actor=actor, motivo=motivo
            ),
            exito=_("Los datos de %(objeto)s se borrarán cuando lo confirme otra persona."),
            previa=lineas_de_borrar,
            propone=BORRAR.nombre,
            motivo="obligatorio",
            ayuda=_("Es definitivo: no hay copia de la que volver."),
            icono="cancel",
            tono="peligro",
        ),
    )
    list_display = ("cliente_ref", "col_id", "col_afiliado", "col_campana", "col_vinculo",
                    "creado_en")  # fmt: skip
    exporta = (
        "cliente_id=id_publico", "cliente_ref", "campana", "afiliado", "vinculado_en",
        "vinculado_por", "vinculado_dato", "creado_en",
    )  # fmt: skip
    list_select_related = ("afiliado", "campana")
    list_filter = (("afiliado", FiltroDeFila), ("campana", FiltroDeFila))
    search_fields = ("id_publico",)
    search_help_text = _("Parte de cómo lo llama la tienda, o identificador")
    ordering = ("-id",)
    fields = (
        ("cliente_ref", "id_publico"), ("col_afiliado", "col_campana"),
        ("col_vinculo", "vinculado_dato"), ("col_correo", "creado_en"), "col_ventas",
        "col_mudanza",
    )  # fmt: skip
    # Of the page that gives it to another.
    autocomplete_fields = ("afiliado",)
    readonly_fields = ("col_afiliado", "col_campana", "col_vinculo", "col_correo", "col_ventas",
                       "col_mudanza")  # fmt: skip

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """The way to say that it is of another affiliate, once it is somebody's and while its sales
        are on no way to one."""
        quieto = objeto.afiliado_id is not None and objeto.muda_hasta is None
        if not (quieto and request.user.has_perm(REASIGNAR_CLIENTE)):
            return {}
        return {"enlaces": self.a_reasignar(objeto, DE_CLIENTE)}

    def buscar(self, consulta: QuerySet[Any], termino: str) -> QuerySet[Any]:
        """By any part of how the shop calls it, or the id."""
        return consulta.filter(pk__in=ids_de_clientes(termino))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Its sales are there."""
        return False

    @display(description=_("Identificador"))
    def col_id(self, cliente: Cliente) -> SafeString:
        """Short public id."""
        return id_corto(cliente.id_publico)

    @display(description=_("Afiliado"))
    def col_afiliado(self, cliente: Cliente) -> SafeString | str:
        """Whose it is."""
        return enlace(cliente.afiliado) if cliente.afiliado else marca("neutro", _("De nadie"))

    @display(description=_("Campaña"))
    def col_campana(self, cliente: Cliente) -> SafeString | str:
        """Where it buys."""
        return enlace(cliente.campana)

    @display(description=_("Vinculado"))
    def col_vinculo(self, cliente: Cliente) -> str:
        """Since when it is somebody's, and by what."""
        if cliente.vinculado_en is None:
            return VACIO
        return f"{fecha_y_hora(cliente.vinculado_en)} · {cliente.get_vinculado_por_display()}"

    @display(description=_("Correo"))
    def col_correo(self, cliente: Cliente) -> Any:
        """Whether an e-mail is known, which nobody can read."""
        return _("Se guarda solo su huella") if cliente.correo_huella else VACIO

    @display(description=_("Ventas"))
    def col_ventas(self, cliente: Cliente) -> SafeString:
        """The way to what it bought."""
        lista = reverse("admin:conversiones_conversion_changelist")
        return format_html(
            '<a class="ap-enlace" href="{}?q={}">{}</a>',
            lista,
            cliente.id_publico,
            _("Ver sus ventas"),
        )

    @display(description=_("Ventas que no le siguieron"))
    def col_mudanza(self, cliente: Cliente) -> SafeString | str:
        """Those that did not follow it when it was reassigned, each with why, or that some are on
        their way."""
        if cliente.muda_hasta is not None:
            return marca("info", _("Sus ventas se están moviendo"))
        apartadas = apartadas_de(cliente)
        ventas = {
            venta.id_publico: venta
            for venta in Conversion.objects.filter(
                id_publico__in=[una for una, _motivo in apartadas]
            )
        }
        return format_html_join(
            "", '<span class="ap-celda">{} <span class="ap-tenue">{}</span></span>',
            (
                (enlace(ventas[una]), motivo)
                for una, motivo in apartadas
                # One that was moved by itself since is whose it ought to be.
                if una in ventas and ventas[una].afiliado_id != cliente.afiliado_id
            ),
        ) or VACIO  # fmt: skip
