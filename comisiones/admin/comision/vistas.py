"""The saved views of the queue: its menu, and the two forms that write them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from alpespartner.comun.admin.base import AdminBase, actor_de
from alpespartner.comun.admin.formato import nombres_de_actores
from alpespartner.comun.admin.listas import filtros_de
from alpespartner.comun.errores import DatoInvalido, ErrorDominio
from alpespartner.comun.listas.errores import DemasiadasRamas
from comisiones.admin.comision.vecinas import consulta_de
from comisiones.revision.vistas import guardar_vista, quitar_vista, vistas_de

COMPARTIR = "comisiones.compartir_vista"
# More of other people's would be no menu.
_EN_EL_MENU = 60


class ConVistas(AdminBase):
    """A list with a menu of saved views."""

    def get_urls(self) -> list[URLPattern]:
        """The two forms go before Django's catch-all."""
        guardar = self.admin_site.admin_view(require_POST(self.vista_guardar))
        quitar = self.admin_site.admin_view(require_POST(self.vista_quitar))
        return [
            path("vistas/", guardar, name=self.nombre_de_vista("vista_guardar")),
            path("vistas/<int:pk>/quitar/", quitar, name=self.nombre_de_vista("vista_quitar")),
            *super().get_urls(),
        ]

    def menu_de_vistas(self, request: HttpRequest) -> dict[str, Any]:
        """Own and shared views, and what saving one of what is on the page needs."""
        vistas = list(vistas_de(actor_de(request)).order_by("nombre", "pk")[:_EN_EL_MENU])
        yo = str(actor_de(request))
        ajenas = {vista.creada_por for vista in vistas} - {yo}
        nombres = nombres_de_actores(ajenas) if ajenas else {}
        aqui = self._filtro_valido(request.GET)
        return {
            "vistas": [
                {
                    "vista": vista,
                    "de": nombres.get(vista.creada_por, ""),
                    "activa": vista.filtro == aqui,
                    "url": f"?{vista.filtro}",
                    "quitar": reverse(
                        f"admin:{self.nombre_de_vista('vista_quitar')}", args=[vista.pk]
                    )
                    if self._puede_quitar(request, vista.creada_por)
                    else "",
                }
                for vista in vistas
            ],
            "guardar_vista": reverse(f"admin:{self.nombre_de_vista('vista_guardar')}"),
            "filtro_de_vista": aqui,
            "comparte": request.user.has_perm(COMPARTIR),
        }

    def _puede_quitar(self, request: HttpRequest, de: str) -> bool:
        return de == str(actor_de(request)) or request.user.has_perm(COMPARTIR)

    def _filtro_valido(self, dado: QueryDict) -> str:
        """Of an address, what the list filters by, always written the same way."""
        suyos = filtros_de(self.list_filter) | {"q"}
        return urlencode(sorted((k, v) for k, v in dado.items() if k in suyos and v))

    def vista_guardar(self, request: HttpRequest) -> HttpResponse:
        """Save the filter of the page under a name."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        filtro = self._filtro_valido(QueryDict(request.POST.get("filtro", "")))
        compartida = "compartida" in request.POST
        if compartida and not request.user.has_perm(COMPARTIR):
            raise PermissionDenied
        try:
            self._exigir_lista(request, filtro)
            vista = guardar_vista(
                nombre=request.POST.get("nombre", ""),
                filtro=filtro,
                compartida=compartida,
                actor=actor_de(request),
            )
        except ErrorDominio as exc:
            messages.error(request, exc.mensaje)
        else:
            messages.success(request, _("Vista «%(vista)s» guardada.") % {"vista": vista})
        return self._a_la_lista(filtro)

    def _exigir_lista(self, request: HttpRequest, filtro: str) -> None:
        """Raises DatoInvalido for a filter that the list would refuse."""
        try:
            consulta_de(self, request, filtro)
        except (IncorrectLookupParameters, SuspiciousOperation, BadRequest, DemasiadasRamas):
            raise DatoInvalido(_("La lista no tiene ese filtro."), campo="filtro") from None

    def vista_quitar(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget one's own view, or a shared one with the permission to share."""
        vista = vistas_de(actor_de(request)).filter(pk=pk).first()
        if vista is None:
            raise Http404
        if not self._puede_quitar(request, vista.creada_por):
            raise PermissionDenied
        quitar_vista(vista=vista, actor=actor_de(request))
        messages.success(request, _("Vista «%(vista)s» quitada.") % {"vista": vista})
        return self._a_la_lista(self._filtro_valido(QueryDict(request.POST.get("filtro", ""))))

    def _a_la_lista(self, filtro: str) -> HttpResponse:
        lista = reverse(f"admin:{self.nombre_de_vista('changelist')}")
        return redirect(f"{lista}?{filtro}" if filtro else lista)
