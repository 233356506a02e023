"""Buttons that change a state: declared as data, answered by POST, done by a service."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, TypeAlias

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from unfold.decorators import display

from alpespartner.comun.actores import Actor
from alpespartner.comun.admin.base import AdminBase, actor_de
from alpespartner.comun.admin.formato import insignia, linea_de_tiempo
from alpespartner.comun.admin.por_confirmar import propuestas_visibles
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.selectors import propuestas_de
from alpespartner.comun.propuestas.tipos import Linea

Atajo: TypeAlias = Callable[[Any], tuple[str, str] | None]


@dataclass(frozen=True, kw_only=True)
class Accion:
    """A button of the page of an object.

    ``aplicar`` calls the service; ``visible`` asks the state machine. ``permiso`` is a whole
    permission name; what it returns, if that is an answer (a file), is given to the browser.
    ``impedimento`` tells why somebody with it may not on this object, "" when they
    may: the page shows that instead. ``previa`` are lines that tell what it would do, and to whom;
    ``propone`` is the kind of proposal that it makes, if it makes one: while that waits for another
    person the page has no button for a second. ``campos`` names what else of the form ``aplicar``
    takes, by keyword; with ``codigos`` the reason is chosen of a list (``motivo_codigo``), and what
    is written is a note to it.
    """

    nombre: str
    titulo: Any
    permiso: str
    visible: Callable[[Any], bool]
    aplicar: Callable[..., object]
    exito: Any
    impedimento: Callable[[Any, Actor], str] = lambda _objeto, _actor: ""
    previa: Callable[[Any], Sequence[Linea]] = lambda _objeto: ()
    propone: str = ""
    motivo: Literal["no", "opcional", "obligatorio"] = "no"
    codigos: Sequence[tuple[str, Any]] = ()
    campos: Sequence[str] = ()
    # What its form calls a day that may be chosen in it (``hasta``, one of ``campos``).
    fecha: Any = ""
    ayuda: Any = ""
    icono: str = "bolt"
    tono: Literal["normal", "principal", "peligro"] = "normal"
    # Offers a second button that goes on with the next object.
    siguiente: bool = False
    # Its form stands open in the page of its object, whose template draws it.
    suelta: bool = False


# In the address of an object, the action whose form is open there.
ABIERTA = "accion"


class ConAcciones(AdminBase):
    """Admin page with state buttons and the history of its object."""

    acciones: Sequence[Accion] = ()
    # Of those, the ones that its list offers in each row: they lead to their open form.
    atajos: Sequence[str] = ()
    # Aggregate's name in the history, and the labels of its states.
    entidad = ""
    estados: Mapping[str, object] = {}
    motivos: Mapping[str, object] = {}
    change_form_outer_before_template = "admin/alpes/acciones.html"
    change_form_outer_after_template: str | None = "admin/alpes/historial.html"

    def get_urls(self) -> list[URLPattern]:
        """The action addresses go before Django's catch-all."""
        return [
            path(
                "<path:object_id>/accion/<slug:nombre>/",
                self.admin_site.admin_view(require_POST(self.vista_accion)),
                name=self.nombre_de_vista("accion"),
            ),
            *super().get_urls(),
        ]

    def get_list_display(self, request: HttpRequest) -> Any:
        """With a column of what whoever looks may do with each row, without opening it first."""
        columnas = super().get_list_display(request)
        if not (atajos := self.atajos_para(request)):
            return columnas

        @display(description=_("Hacer"))
        def col_atajos(objeto: Any) -> SafeString:
            return format_html_join(
                " · ", '<a class="ap-enlace" href="{}">{}</a>',
                [atajo for hacer in atajos if (atajo := hacer(objeto)) is not None],
            )  # fmt: skip

        return (*columnas, col_atajos)

    def atajos_para(self, request: HttpRequest) -> Sequence[Atajo]:
        """Each gives the address and title of something to do with a row, if it may be done."""
        puede = request.user.has_perm
        suyas = [a for a in self.acciones if a.nombre in self.atajos and puede(a.permiso)]
        return [partial(self._atajo, accion) for accion in suyas]

    def _atajo(self, accion: Accion, objeto: Any) -> tuple[str, str] | None:
        if not accion.visible(objeto):
            return None
        ficha = reverse(f"admin:{self.nombre_de_vista('change')}", args=[objeto.pk])
        return f"{ficha}?{ABIERTA}={accion.nombre}", f"{accion.titulo}…"

    def id_historial(self, objeto: Any) -> str:
        """Id of an object in the history."""
        return str(objeto.id_publico)

    def acciones_de(self, request: HttpRequest, objeto: Any) -> list[dict[str, Any]]:
        """Buttons that the object's state and the user's permissions allow, with their address, or
        with why this person does not get one."""
        nombre_url = f"admin:{self.nombre_de_vista('accion')}"
        esperan = {propuesta.tipo for propuesta in self.propuestas_de(objeto)}
        return [
            {
                "accion": accion,
                "url": reverse(nombre_url, args=[objeto.pk, accion.nombre]),
                "impedimento": accion.impedimento(objeto, actor_de(request)),
                "previa": accion.previa(objeto),
                "ocultos": self.ocultos_de(objeto),
                "abierta": request.GET.get(ABIERTA) == accion.nombre,
            }
            for accion in self.acciones
            if request.user.has_perm(accion.permiso)
            and accion.visible(objeto)
            and accion.propone not in esperan
        ]

    def ocultos_de(self, objeto: Any) -> Mapping[str, object]:
        """What the form of a button carries besides what is written in it."""
        return {}

    def propuestas_de(self, objeto: Any) -> Iterable[Propuesta]:
        """What waits for another person to confirm it, of an object."""
        return propuestas_de(self.entidad, [self.id_historial(objeto)])

    def vista_accion(self, request: HttpRequest, object_id: str, nombre: str) -> HttpResponse:
        """Do one action on one object."""
        accion = next((a for a in self.acciones if a.nombre == nombre), None)
        if accion is None:
            raise Http404
        if not request.user.has_perm(accion.permiso):
            raise PermissionDenied
        objeto = self.objeto_o_404(request, object_id)
        lograda, mensaje = self._aplicar(request, objeto, accion)
        if isinstance(mensaje, HttpResponse):
            return mensaje
        return self.responder_accion(request, objeto, accion, lograda, mensaje)

    def _aplicar(
        self, request: HttpRequest, objeto: Any, accion: Accion
    ) -> tuple[bool, str | HttpResponse]:
        """Do it; whether it was done, and what to say of it, or what it gives."""
        if not accion.visible(objeto):
            return False, self._no_aplicable(accion, objeto)
        datos = {campo: request.POST.get(campo, "") for campo in accion.campos}
        try:
            hecho = accion.aplicar(
                objeto, actor_de(request), request.POST.get("motivo", ""), **datos
            )
        except ErrorDominio as exc:
            return False, self.mensaje_de_error(objeto, exc)
        if isinstance(hecho, HttpResponse):
            return True, hecho
        return True, accion.exito % {"objeto": objeto}

    def mensaje_de_error(self, objeto: Any, exc: ErrorDominio) -> str:
        """What to say of what a service refused."""
        return str(exc.mensaje)

    def responder_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool, mensaje: str
    ) -> HttpResponse:
        """The answer to an action: a page that says what came of it."""
        (messages.success if lograda else messages.error)(request, mensaje)
        return redirect(self.url_tras_accion(request, objeto, accion, lograda))

    def _no_aplicable(self, accion: Accion, objeto: Any) -> str:
        estado = getattr(objeto, "estado", "")
        return _("«%(accion)s» no se aplica a %(objeto)s: está «%(estado)s».") % {
            "accion": accion.titulo,
            "objeto": objeto,
            "estado": self.estados.get(estado, estado or _("cerrado")),
        }

    def url_tras_accion(
        self, request: HttpRequest, objeto: Any, accion: Accion, lograda: bool
    ) -> str:
        """Where the browser goes after an action: by default, back to the object."""
        return reverse(f"admin:{self.nombre_de_vista('change')}", args=[objeto.pk])

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        """Adds the buttons and the history of a saved object."""
        if obj is not None:
            context["acciones"] = self.acciones_de(request, obj)
            context["propuestas"] = propuestas_visibles(request, self.propuestas_de(obj))
            context["pasos"] = linea_de_tiempo(
                self.entidad, self.id_historial(obj), self.estados, self.motivos
            )
            estado = getattr(obj, "estado", "")
            titulo = self.estados.get(estado, estado)
            context["marca_estado"] = insignia(estado, titulo) if estado else ""
        return super().render_change_form(request, context, add, change, form_url, obj)
