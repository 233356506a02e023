"""Pages of long work: how far it is, asked for again while it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString

from alpespartner.comun.admin.base import AdminBase


@dataclass(frozen=True, slots=True, kw_only=True)
class Avance:
    """How far a piece of work is: ``dicho`` in words, ``hechas`` of ``total`` as a bar.

    No bar without ``total``. The page asks again while ``viva`` and is read anew when ``estado``
    changes. ``problema`` is what went wrong, "" when nothing did; ``partes`` are badge, count and
    amount of each part of it.
    """

    viva: bool
    estado: str
    insignia: SafeString
    dicho: str
    partes: Sequence[tuple[SafeString, str, SafeString | str]] = ()
    hechas: int = 0
    total: int = 0
    problema: str = ""


class ConAvance(AdminBase):
    """Admin page with the progress of its object; the template includes ``con_avance.html``."""

    def avance_de(self, objeto: Any) -> Avance:
        """How far an object is."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """Adds the fragment that the page asks for while there is progress."""
        return [
            path(
                "<path:object_id>/avance/",
                self.admin_site.admin_view(self.vista_avance),
                name=self.nombre_de_vista("avance"),
            ),
            *super().get_urls(),
        ]

    def vista_avance(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The fragment."""
        avance = self.avance_de(self.objeto_o_404(request, object_id))
        return TemplateResponse(request, "admin/alpes/avance.html", {"avance": avance})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page, with how far its object is."""
        objeto = context.get("original")
        if objeto is not None:
            context |= {
                "avance": self.avance_de(objeto),
                "url_avance": reverse(f"admin:{self.nombre_de_vista('avance')}", args=[objeto.pk]),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """To the page of what was begun, where its progress is."""
        return redirect(f"admin:{self.nombre_de_vista('change')}", obj.pk)
