"""Proposals as the pages of their objects show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from alpespartner.comun.admin.base import actor_de
from alpespartner.comun.admin.formato import nombres_de_actores
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import por_que_no_confirma
from alpespartner.comun.propuestas.tipos import PERMISO, lineas_de, tipo_de


def puede_decidir(request: HttpRequest, propuesta: Propuesta) -> bool:
    """Whether somebody has the permissions to decide a proposal, if it is not their own."""
    return request.user.has_perms((PERMISO, tipo_de(propuesta.tipo).permiso))


def propuestas_visibles(
    request: HttpRequest, propuestas: Iterable[Propuesta]
) -> list[dict[str, Any]]:
    """What each would do, who asks for it and why, and what this person may do about it."""
    todas = list(propuestas)
    if not todas or not request.user.has_perm("comun.view_propuesta"):
        return []
    nombres = nombres_de_actores(p.propuesta_por for p in todas)
    return [
        {
            "propuesta": p,
            "titulo": tipo_de(p.tipo).titulo,
            "autor": nombres[p.propuesta_por],
            "lineas": lineas_de(p),
            "url": reverse("admin:comun_propuesta_change", args=[p.pk]),
            "puede": puede_decidir(request, p),
            "impedimento": por_que_no_confirma(p, actor_de(request)),
            "confirmar": reverse("admin:comun_propuesta_accion", args=[p.pk, "confirmar"]),
            "descartar": reverse("admin:comun_propuesta_accion", args=[p.pk, "descartar"]),
        }
        for p in todas
    ]
