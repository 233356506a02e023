"""Files that bring sales, refunds and affiliates: rehearsed, then applied, row by row."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget

from alpespartner.comun.admin.acciones import Accion, ConAcciones
from alpespartner.comun.admin.autores import ConAutor
from alpespartner.comun.admin.avance import Avance, ConAvance
from alpespartner.comun.admin.base import (
    AdminPorServicio,
    FormularioDeServicio,
    actor_de,
)
from alpespartner.comun.admin.formato import enlace, importe, insignia
from alpespartner.comun.documentos.hojas import respuesta_csv
from alpespartner.comun.documentos.tablas import MAX_BYTES, MAX_FILAS
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.formato import entero
from conversiones.fuentes.avance import sumas_de
from conversiones.fuentes.columnas import COLUMNAS, faltan
from conversiones.fuentes.estados import (
    CORREGIBLES,
    SIN_APLICAR,
    VIVAS,
    EstadoImportacion,
    Resultado,
    TipoImportacion,
)
from conversiones.fuentes.models import Importacion
from conversiones.fuentes.selectors import csv_de_rechazadas
from conversiones.fuentes.services import (
    IMPORTAR,
    cambiar_columnas,
    confirmar_importacion,
    detener_importacion,
    quien_no_confirma,
    subir_fichero,
)

_E = EstadoImportacion
_R = Resultado
# Of the rows that are not created, the page of the import shows the first ones.
MUESTRA = 50
_SEPARADORES = {",": _("coma"), ";": _("punto y coma"), "\t": _("tabulador")}


class ImportacionForm(FormularioDeServicio):
    """A file to import."""

    tipo = forms.ChoiceField(
        label=_("Qué trae"), choices=TipoImportacion.choices, widget=UnfoldAdminSelectWidget
    )
    fichero = forms.FileField(label=_("Fichero CSV"), widget=UnfoldAdminFileFieldWidget)

    class Meta:
        model = Importacion
        fields = ("tipo", "campana", "zona")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Not in Meta: the page of one that is there would repeat them.
        ayudas = {
            "campana": _now("De las filas que no dicen una. Vacía: la predeterminada."),
            "zona": _now("De las fechas que no dicen la suya, como America/Bogota."),
            "fichero": _now(
                "Con cabecera, separado por comas o puntos y comas, hasta %(n)s filas y %(mb)s MB."
            )
            % {"n": entero(MAX_FILAS), "mb": MAX_BYTES // 1_000_000},
        }
        for campo in ayudas.keys() & self.fields.keys():
            self.fields[campo].help_text = ayudas[campo]

    def clean_fichero(self) -> Any:
        """Refused by its size before it is read."""
        fichero = self.cleaned_data["fichero"]
        if fichero.size > MAX_BYTES:
            raise forms.ValidationError(
                _now("Ocupa más de %(mb)s MB: pártelo en varios.") % {"mb": MAX_BYTES // 1_000_000}
            )
        return fichero


def _confirmar(nombre: str, estado: EstadoImportacion, **opciones: Any) -> Accion:
    return Accion(
        nombre=nombre,
        permiso=IMPORTAR,
        visible=lambda i: i.estado == estado,
        impedimento=quien_no_confirma,
        aplicar=lambda i, actor, _m: confirmar_importacion(importacion=i, actor=actor),
        icono="play_circle",
        tono="principal",
        suelta=True,
        **opciones,
    )


@admin.register(Importacion)
class ImportacionAdmin(AdminPorServicio, ConAutor, ConAvance, ConAcciones):
    """Who imported what and when, what it would do, and what it did."""

    si_vacia = _("Ventas, devoluciones o afiliados en un fichero: se ensaya, se mira y se aplica.")

    form = ImportacionForm
    entidad = "importacion"
    campo_autor = "creada_por"
    estados = dict(_E.choices)
    acciones = (
        _confirmar(
            "confirmar",
            _E.POR_CONFIRMAR,
            titulo=_("Aplicar"),
            exito=_("%(objeto)s: se está aplicando."),
            ayuda=_(
                "Crea las filas buenas, a tu nombre: lo que registras no lo apruebas. Las demás "
                "quedan fuera, con su motivo. Cada fichero se aplica una vez."
            ),
        ),
        _confirmar(
            "reanudar",
            _E.DETENIDA,
            titulo=_("Reanudar"),
            exito=_("%(objeto)s sigue donde estaba."),
            ayuda=_("Sigue por la primera fila que no se miró."),
        ),
        Accion(
            nombre="detener",
            titulo=_("Detener"),
            permiso=IMPORTAR,
            visible=lambda i: i.estado == _E.EN_CURSO,
            aplicar=lambda i, actor, motivo: detener_importacion(
                importacion=i, actor=actor, motivo=motivo
            ),
            exito=_("%(objeto)s quedó detenida."),
            motivo="obligatorio",
            ayuda=_("Lo creado queda creado; lo demás se puede reanudar."),
            icono="pause_circle",
        ),
    )
    change_form_outer_after_template = "admin/alpes/importacion.html"
    list_display = ("nombre", "tipo", "col_autor", "creada_en", "col_cuantas", "col_estado")
    list_filter = (("estado", ChoicesDropdownFilter),)
    search_fields = ("=id_publico",)
    search_help_text = _("Identificador")
    ordering = ("-id",)
    autocomplete_fields = ("campana",)
    warn_unsaved_form = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A saved one shows what it is."""
        if obj is None:
            return ("tipo", "fichero", "campana", "zona")
        return (
            ("tipo", "nombre"), ("col_autor", "creada_en"), ("col_campana", "zona"),
            ("col_lectura", "confirmada_en"), "huella",
        )  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ()
        return ("tipo", "nombre", "col_autor", "creada_en", "col_campana", "zona", "col_lectura",
                "confirmada_en", "huella")  # fmt: skip

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was uploaded is not edited."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Adds the columns, and the refused rows."""
        return [
            path(
                "<path:object_id>/columnas/",
                self.admin_site.admin_view(require_POST(self.vista_columnas)),
                name=self.nombre_de_vista("columnas"),
            ),
            path(
                "<path:object_id>/rechazadas/",
                self.admin_site.admin_view(self.vista_rechazadas),
                name=self.nombre_de_vista("rechazadas"),
            ),
            *super().get_urls(),
        ]

    def crear(self, request: HttpRequest, datos: dict[str, Any]) -> Importacion:
        fichero = datos["fichero"]
        return subir_fichero(
            tipo=datos["tipo"],
            contenido=fichero.read(),
            nombre=fichero.name,
            campana=datos["campana"],
            zona=datos["zona"],
            actor=actor_de(request),
        )

    def vista_columnas(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Say where each field is, and rehearse again."""
        if not request.user.has_perm(IMPORTAR):
            raise PermissionDenied
        importacion = self.objeto_o_404(request, object_id)
        dadas = {
            columna.campo: request.POST.get(f"columna-{columna.campo}", "")
            for columna in COLUMNAS.get(importacion.tipo, ())
        }
        try:
            cambiar_columnas(importacion=importacion, columnas=dadas, actor=actor_de(request))
        except ErrorDominio as exc:
            messages.error(request, exc.mensaje)
        else:
            messages.success(request, _now("Se ensaya otra vez con esas columnas."))
        return redirect(self._vista_de_cambio, importacion.pk)

    def vista_rechazadas(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The refused rows, to be mended and uploaded."""
        if not request.user.has_perm(IMPORTAR):
            raise PermissionDenied
        importacion = self.objeto_o_404(request, object_id)
        try:
            return respuesta_csv(
                csv_de_rechazadas(importacion), f"rechazadas-{importacion.id_publico}.csv"
            )
        except ErrorDominio as exc:
            messages.error(request, exc.mensaje)
            return redirect(self._vista_de_cambio, importacion.pk)

    def contexto_de(self, request: HttpRequest, objeto: Any) -> dict[str, Any]:
        """What it would do or did, and the columns while they may be corrected."""
        puede = request.user.has_perm(IMPORTAR)
        suya = puede and not quien_no_confirma(objeto, actor_de(request))
        corregible = suya and objeto.estado in CORREGIBLES
        return {
            "sumas": _sumas(objeto),
            "ensayo": objeto.estado in SIN_APLICAR,
            "viva": objeto.estado in VIVAS,
            "faltan": ", ".join(faltan(objeto.tipo, objeto.columnas))
            if objeto.tipo in COLUMNAS
            else "",
            "columnas": _columnas(objeto),
            "url_columnas": reverse(f"admin:{self.nombre_de_vista('columnas')}", args=[objeto.pk])
            if corregible
            else "",
            "creadas": entero(objeto.creadas),
            "ya": entero(objeto.ya),
            "n_rechazadas": entero(objeto.rechazadas),
            "malas": _malas(objeto),
            "url_filas": f"{reverse('admin:conversiones_filaimportada_changelist')}"
            f"?importacion__id__exact={objeto.pk}",
            "url_rechazadas": reverse(
                f"admin:{self.nombre_de_vista('rechazadas')}", args=[objeto.pk]
            )
            if puede and objeto.rechazadas
            else "",
        }

    def avance_de(self, objeto: Any) -> Avance:
        """Rows gone over, of those it has."""
        return Avance(
            viva=objeto.estado in VIVAS,
            estado=objeto.estado,
            insignia=insignia(objeto.estado, objeto.get_estado_display()),
            dicho=_cuentas(objeto),
            hechas=objeto.hasta,
            total=max(objeto.total, objeto.hasta),
        )

    @display(description=_("Subida por"))
    def col_autor(self, importacion: Importacion) -> str:
        """Who uploaded it."""
        return self.nombre_de_autor(importacion)

    @display(description=_("Campaña"))
    def col_campana(self, importacion: Importacion) -> SafeString | str:
        """Of the rows that name none."""
        if importacion.campana is None:
            return _now("La que diga cada fila, o la predeterminada")
        return enlace(importacion.campana)

    @display(description=_("Leído como"))
    def col_lectura(self, importacion: Importacion) -> str:
        """How its text was understood."""
        separador = _SEPARADORES.get(importacion.separador, importacion.separador)
        return f"{importacion.codificacion} · {separador}"

    @display(description=_("Filas"))
    def col_cuantas(self, importacion: Importacion) -> str:
        """How many, and what became of them."""
        return _cuentas(importacion)

    @display(description=_("Estado"))
    def col_estado(self, importacion: Importacion) -> SafeString:
        """State as a badge."""
        return insignia(importacion.estado, importacion.get_estado_display())


def _cuentas(importacion: Importacion) -> str:
    partes = [
        _now("%(hasta)s de %(total)s filas")
        % {"hasta": entero(importacion.hasta), "total": entero(importacion.total)}
    ]
    n = importacion.creadas
    if importacion.estado in SIN_APLICAR:
        partes.append(ngettext("%(n)s buena", "%(n)s buenas", n) % {"n": entero(n)})
    else:
        partes.append(ngettext("%(n)s creada", "%(n)s creadas", n) % {"n": entero(n)})
    if ya := importacion.ya:
        partes.append(ngettext("%(n)s ya estaba", "%(n)s ya estaban", ya) % {"n": entero(ya)})
    if malas := importacion.rechazadas:
        dicho = ngettext("%(n)s rechazada", "%(n)s rechazadas", malas)
        partes.append(dicho % {"n": entero(malas)})
    return " · ".join(partes)


def _sumas(importacion: Importacion) -> list[tuple[str, SafeString | str]]:
    """How many of each currency were good, and their sum."""
    return [
        (entero(n), importe(suma, moneda)) for moneda, (n, suma) in sumas_de(importacion).items()
    ]


def _columnas(importacion: Importacion) -> list[dict[str, Any]]:
    return [
        {
            "campo": columna.campo,
            "titulo": columna.titulo,
            "obligatoria": columna.obligatoria,
            "ayuda": columna.ayuda,
            "elegida": importacion.columnas.get(columna.campo, ""),
            "opciones": [nombre for nombre in importacion.cabecera if nombre],
        }
        for columna in COLUMNAS.get(importacion.tipo, ())
    ]


def _malas(importacion: Importacion) -> list[dict[str, Any]]:
    malas = importacion.filas.filter(resultado=_R.RECHAZADA).order_by("pk")
    return [
        {"linea": fila.linea, "columna": fila.columna, "detalle": fila.detalle}
        for fila in malas[:MUESTRA]
    ]
