"""Addresses of the sandbox: emptying it, by whoever has a test key, and what the live site orders
it, which nobody reaches from outside."""

from __future__ import annotations

import json

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.credencial import actor_de_api
from alpespartner.comun.api.problemas import problema_de
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.web.paginas import responder_error
from alpespartner.operacion.pruebas.recepcion import recibir
from alpespartner.operacion.pruebas.vaciado import vaciar_pruebas


class PruebasView(APIView):
    """The sandbox."""

    alcances = {"DELETE": Alcance.PRUEBAS_VACIAR}
    problemas = ("409",)

    @extend_schema(operation_id="pruebas_vaciar", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Empty the sandbox, of everybody: its programme is then as it was at first, and every key
        goes on. With a test key only; with another it is a 409."""
        vaciar_pruebas(actor=actor_de_api(request))
        return Response(status=204)


@csrf_exempt  # It carries its own proof, and no cookie is looked at.
@require_POST
def ordenes(request: HttpRequest) -> HttpResponse:
    """What a signed message orders."""
    try:
        hecho = recibir(request.body.decode("ascii", "replace"))
    except ErrorDominio as exc:
        cuerpo = problema_de(exc)
        return responder_error(request, exc.http, cuerpo["codigo"], cuerpo["detail"])
    except (TypeError, KeyError):
        # Of another version of the site, which says other things.
        return responder_error(
            request, 409, "pruebas_no_admiten",
            _("El entorno de pruebas es de otra versión que el sitio: actualízalo también."),
        )  # fmt: skip
    return HttpResponse(json.dumps(hecho, default=str), content_type="application/json")
