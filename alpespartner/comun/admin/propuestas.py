"""What waits for a second person, of every kind, and what was decided."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.autores import ConAutor
from alpespartner.comun.admin.bandejas import Bandeja, Filas, de_otras_manos, filtro_de, que_esperan
from alpespartner.comun.admin.base import AdminSoloLectura, actor_de
from alpespartner.comun.admin.formato import dos_lineas, enlace, insignia, nombres_de_actores
from alpespartner.comun.admin.por_confirmar import puede_decidir
from alpespartner.comun.formato import VACIO, hace
from alpespartner.comun.models import EstadoPropuesta, Propuesta
from alpespartner.comun.propuestas.services import (
    confirmar_propuesta,
    descartar_propuesta,
    por_que_no_confirma,
)
from alpespartner.comun.propuestas.tipos import PERMISO, lineas_de, tipo_de
from alpespartner.comun.vocabulario import ENTIDADES


def _espera(propuesta: Propuesta) -> bool:
    return propuesta.estado == EstadoPropuesta.POR_CONFIRMAR


def _objeto(propuesta: Propuesta) -> Model | None:
    """The row that a proposal is about; a list has read it."""
    if not hasattr(propuesta, "objeto"):
        tipo = tipo_de(propuesta.tipo)
        propuesta.objeto = tipo.objetos([propuesta.entidad_id]).get(  # type: ignore[attr-defined]
            propuesta.entidad_id
        )
    objeto: Model | None = propuesta.objeto  # type: ignore[attr-defined]
    return objeto


def _por_confirmar(request: HttpRequest) -> Filas:
    """What another person asks for and this one may confirm."""
    ajena = de_otras_manos(actor_de(request), "propuesta_por")
    ahora = timezone.now()
    return que_esperan(
        Propuesta.objects.filter(estado=EstadoPropuesta.POR_CONFIRMAR).order_by("id"),
        lambda p: (
            (p.caduca_en is None or p.caduca_en > ahora) and puede_decidir(request, p) and ajena(p)
        ),
    )


POR_CONFIRMAR = Bandeja(
    "por_confirmar", _("Por confirmar, de otra persona"), Propuesta, _por_confirmar
)


@admin.register(Propuesta)
class PropuestaAdmin(AdminSoloLectura, ConAcciones, ConAutor):
    """One asks for it; another looks at what it would do, and confirms it or not."""

    titulo = _("Por confirmar")
    si_vacia = _("Lo que llega lejos lo propone una persona y lo confirma otra: espera aquí.")

    campo_autor = "propuesta_por"
    entidad = "propuesta"
    estados = dict(EstadoPropuesta.choices)
    acciones = (
        Accion(
            nombre="confirmar",
            titulo=_("Confirmar"),
            permiso=PERMISO,
            visible=_espera,
            aplicar=lambda p, actor, _m: confirmar_propuesta(propuesta=p, actor=actor),
            exito=_("Confirmado: ya está hecho."),
            impedimento=por_que_no_confirma,
            previa=lambda p: [
                (tipo_de(p.tipo).titulo, _objeto(p) or p.entidad_id),
                *lineas_de(p),
            ],
            ayuda=_("Se hace ahora, en nombre de quien lo propuso."),
            icono="verified",
            tono="principal",
        ),
        Accion(
            nombre="descartar",
            titulo=_("Descartar"),
            permiso=PERMISO,
            visible=_espera,
            aplicar=lambda p, actor, motivo: descartar_propuesta(
                propuesta=p, actor=actor, motivo=motivo
            ),
            exito=_("Propuesta descartada: no se hizo nada."),
            motivo="obligatorio",
            ayuda=_("No se hace. También quien la propuso puede retirarla."),
            icono="cancel",
            tono="peligro",
        ),
    )
    change_form_outer_after_template = "admin/alpes/propuesta.html"
    list_display = ("col_que", "col_autor", "motivo", "col_desde", "caduca_en", "col_estado")
    exporta = (
        "propuesta_id=id_publico", "tipo", "entidad", "entidad_id", "motivo", "propuesta_por",
        "estado", "creada_en", "caduca_en", "decidida_por", "decidida_en",
    )  # fmt: skip
    list_filter = (filtro_de(POR_CONFIRMAR), ("estado", ChoicesDropdownFilter))
    search_fields = ("=id_publico", "=entidad_id")
    search_help_text = _("Identificador de la propuesta o de aquello de lo que es")
    ordering = ("-id",)
    fields = (
        ("col_que", "col_estado"), "col_sobre", ("col_autor", "creada_en"), "motivo",
        ("caduca_en", "col_decidida"), "id_publico",
    )  # fmt: skip
    readonly_fields = ("col_que", "col_sobre", "col_estado", "col_autor", "col_decidida")

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, with what each is about: a query for each kind of object."""
        lista = super().get_changelist_instance(request)
        por_tipo: dict[str, list[Propuesta]] = {}
        for fila in lista.result_list:
            por_tipo.setdefault(fila.tipo, []).append(fila)
        for tipo, filas in por_tipo.items():
            objetos = tipo_de(tipo).objetos([fila.entidad_id for fila in filas])
            for fila in filas:
                fila.objeto = objetos.get(fila.entidad_id)  # type: ignore[attr-defined]
        return lista

    def acciones_de(self, request: HttpRequest, objeto: Any) -> list[dict[str, Any]]:
        """The buttons, for whom the kind of proposal lets decide."""
        return super().acciones_de(request, objeto) if puede_decidir(request, objeto) else []

    def propuestas_de(self, objeto: Any) -> tuple[Propuesta, ...]:
        return ()

    def vista_accion(self, request: HttpRequest, object_id: str, nombre: str) -> HttpResponse:
        """Decide a proposal, with the permission that its kind asks for besides."""
        if not puede_decidir(request, self.objeto_o_404(request, object_id)):
            raise PermissionDenied
        return super().vista_accion(request, object_id, nombre)

    def url_tras_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool
    ) -> str:
        """Back to the page of the object, when it was decided there."""
        sobre = _objeto(objeto)
        if "volver" in request.POST and sobre is not None:
            opciones = sobre._meta
            return reverse(
                f"admin:{opciones.app_label}_{opciones.model_name}_change", args=[sobre.pk]
            )
        return super().url_tras_accion(request, objeto, accion, lograda)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """What it would do."""
        return {"lineas": lineas_de(objeto) if _espera(objeto) else ()}

    @display(description=_("Qué"))
    def col_que(self, propuesta: Propuesta) -> SafeString:
        """What is asked for, and of what."""
        conocida = ENTIDADES.get(propuesta.entidad)
        clase = propuesta.entidad if conocida is None else conocida.nombre
        sobre = _objeto(propuesta) or propuesta.entidad_id
        return dos_lineas(tipo_de(propuesta.tipo).titulo, f"{clase} · {sobre}")

    @display(description=_("Sobre"))
    def col_sobre(self, propuesta: Propuesta) -> SafeString | str:
        """Link to what it is about."""
        objeto = _objeto(propuesta)
        return propuesta.entidad_id if objeto is None else enlace(objeto)

    @display(description=_("Propuesta por"))
    def col_autor(self, propuesta: Propuesta) -> str:
        """Name of who asks for it."""
        return self.nombre_de_autor(propuesta)

    @display(description=_("Desde"))
    def col_desde(self, propuesta: Propuesta) -> str:
        """Age."""
        return hace(propuesta.creada_en)

    @display(description=_("Estado"))
    def col_estado(self, propuesta: Propuesta) -> SafeString:
        """State as a badge."""
        return insignia(propuesta.estado, propuesta.get_estado_display())

    @display(description=_("Decidida por"))
    def col_decidida(self, propuesta: Propuesta) -> str:
        """Name of who confirmed or dropped it."""
        autor = propuesta.decidida_por
        return nombres_de_actores([autor])[autor] if autor else VACIO
