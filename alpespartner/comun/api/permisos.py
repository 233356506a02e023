"""Scopes: each view says which one each of its actions needs."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from alpespartner.comun.api.credencial import credencial


class RequiereAlcance(BasePermission):
    """Allows a request whose key holds the scope that the view declares.

    A view has ``alcances = {"GET": "comisiones:leer", "POST": …}``; a method it does not list is
    refused, so a forgotten declaration fails closed.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """Check the scope of the key in ``request.auth``."""
        if request.auth is None:
            return False
        if request.method == "OPTIONS":
            # Which methods an address has is no secret of any scope.
            return True
        metodo = "GET" if request.method == "HEAD" else request.method
        alcance = getattr(view, "alcances", {}).get(metodo)
        if alcance is None:
            # Let DRF answer 405 to a method that the view does not have.
            return not hasattr(view, str(request.method).lower())
        if credencial(request).permite(alcance):
            return True
        self.message = _sin(alcance)
        return False


def exigir_alcance(request: Request, alcance: str) -> None:
    """For what an action needs besides, as it is asked for; raises PermissionDenied."""
    if not credencial(request).permite(alcance):
        raise PermissionDenied(_sin(alcance))


def _sin(alcance: str) -> str:
    return _("La clave no tiene el alcance «%(alcance)s».") % {"alcance": alcance}
