"""The list of a page as a file: what is filtered there, of whoever may see it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.auth.models import User
from django.contrib.messages.storage.base import BaseStorage
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from alpespartner.comun.acceso.presencia import persona_de
from alpespartner.comun.actores import de_texto
from alpespartner.comun.documentos.hojas import respuesta_csv
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.exportacion import hoja
from alpespartner.comun.exportacion.avance import Contenido, Origen
from alpespartner.comun.exportacion.columnas import Columna, columnas_de, por_omision
from alpespartner.comun.exportacion.errores import ListaQueNoSeAbre, SinExportar
from alpespartner.comun.exportacion.paquete import Paquete, titular_de
from alpespartner.comun.exportacion.services import exportar_ahora, pedir_exportacion
from alpespartner.comun.models import Exportacion

# Of the page where a long one waits until it is ready.
PERMISO = "comun.view_exportacion"
# What says where in the list somebody is, and nothing of what is in it.
_DE_PAGINA = ("p", "cursor", "e", "_popup", "_to_field")


def exportar(pagina: Any, request: HttpRequest) -> HttpResponse:
    """The file of a list as its address filters it; or the page of the task that writes it."""
    if not pagina.has_view_permission(request):
        raise PermissionDenied
    filtro = _filtro_de(request.GET)
    lista = f"admin:{pagina.nombre_de_vista('changelist')}"
    try:
        consulta = consulta_de(pagina, request.user, filtro)
    except ErrorDominio as exc:
        messages.error(request, exc.mensaje)
        return redirect(lista)
    hecha = _ahora(pagina, request, consulta, filtro)
    if hecha is not None:
        return hecha
    if not request.user.has_perm(PERMISO):
        messages.error(request, _("Son muchas filas: fíltralas, o pide permiso para exportarlas."))
        return redirect(lista)
    try:
        exportacion = pedir_exportacion(
            modelo=pagina.model._meta.label_lower,
            filtro=filtro,
            bom=_con_bom(request),
            actor=persona_de(request),
        )
    except ErrorDominio as exc:
        messages.error(request, exc.mensaje)
        return redirect(lista)
    return redirect("admin:comun_exportacion_change", exportacion.pk)


def exportar_elegidas(pagina: Any, request: HttpRequest, elegidas: QuerySet[Any]) -> HttpResponse:
    """The file of the rows that were selected in a list; all of its filter, when it is that."""
    if request.POST.get("select_across") != "1":
        hecha = _ahora(pagina, request, elegidas, _("Elegidas a mano"))
        if hecha is not None:
            return hecha
    return exportar(pagina, request)


def _ahora(
    pagina: Any, request: HttpRequest, consulta: QuerySet[Any], filtro: str
) -> HttpResponse | None:
    modelo = pagina.model._meta.label_lower
    hecha = exportar_ahora(
        modelo=modelo, filtro=filtro, consulta=consulta, columnas=columnas_exportadas(pagina),
        actor=persona_de(request),
    )  # fmt: skip
    if hecha is None:
        return None
    contenido, leida_en = hecha
    if _con_bom(request):
        contenido = hoja.BOM + contenido
    return respuesta_csv(contenido, hoja.nombre_de(modelo, leida_en))


def _con_bom(request: HttpRequest) -> bool:
    return request.POST.get("bom") == "1"


def _filtro_de(dicho: QueryDict) -> str:
    """What an address filters by."""
    filtro = dicho.copy()
    for nombre in _DE_PAGINA:
        filtro.pop(nombre, None)
    return filtro.urlencode()


def columnas_exportadas(pagina: Any) -> list[Columna]:
    """Columns of the file of a list."""
    return columnas_de(
        pagina.model, pagina.exporta or por_omision(pagina.model, pagina.list_display)
    )


def consulta_de(pagina: Any, usuario: Any, filtro: str) -> QuerySet[Any]:
    """The rows that a page of a list would show to somebody, filtered so. Raises
    :class:`ListaQueNoSeAbre`."""
    request = HttpRequest()
    request.method = "GET"
    request.user = usuario
    request.GET = QueryDict(filtro)
    avisos = request._messages = BaseStorage(request)  # type: ignore[attr-defined]
    try:
        consulta: QuerySet[Any] = pagina.get_changelist_instance(request).queryset
    except (BadRequest, IncorrectLookupParameters, PermissionDenied):
        raise ListaQueNoSeAbre() from None
    if avisos.added_new:
        # A search that is no text: the page says so, above a list that it does not filter.
        raise ListaQueNoSeAbre()
    return consulta


def fuente(exportacion: Exportacion) -> Contenido:
    """What the list of an export is now, or what is held of a person, for whoever asked for it.

    Raises :class:`SinExportar` when they may not see it any more, :class:`ListaQueNoSeAbre`, and
    what looking for the person does.
    """
    usuario = _quien(exportacion)
    titular = titular_de(exportacion)
    if titular is not None:
        if usuario is None or not usuario.has_perm(titular.permiso):
            raise SinExportar()
        return Paquete(titular.entidad, titular.buscar(exportacion.filtro))
    pagina = pagina_de(exportacion)
    if pagina is None:
        raise ListaQueNoSeAbre()
    if usuario is None or not puede_ver(pagina, usuario):
        raise SinExportar()
    return Origen(
        pagina.model,
        columnas_exportadas(pagina),
        lambda: consulta_de(pagina, usuario, exportacion.filtro),
    )


def pagina_de(exportacion: Exportacion) -> Any:
    """The admin page of the list of an export; None when there is none."""
    try:
        return admin.site._registry.get(apps.get_model(exportacion.modelo))
    except (LookupError, ValueError):
        return None


def puede_ver(pagina: Any, usuario: Any) -> bool:
    """Whether somebody may see a list now."""
    request = HttpRequest()
    request.user = usuario
    return bool(pagina.has_view_permission(request))


def puede_llevarse(exportacion: Exportacion, usuario: Any) -> bool:
    """Whether somebody may take the file of an export now: what it has, they may see."""
    if (titular := titular_de(exportacion)) is not None:
        return bool(usuario.has_perm(titular.permiso))
    pagina = pagina_de(exportacion)
    return pagina is not None and puede_ver(pagina, usuario)


def _quien(exportacion: Exportacion) -> User | None:
    actor = de_texto(exportacion.creada_por)
    if actor.tipo != "persona" or not actor.id.isdecimal():
        return None
    return User.objects.filter(pk=actor.id, is_active=True, is_staff=True).first()
