"""``/api/v1/eventos``: every event, for whoever catches up after having been away."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from alpespartner.comun.api.credencial import Credencial, credencial
from alpespartner.comun.api.esquema import CON_TEXTO
from alpespartner.comun.api.parametros import ENTERO_DESDE_1, entero_desde_1
from alpespartner.comun.errores import ParametroInvalido
from alpespartner.comun.listas import cursor as cursores
from alpespartner.comun.listas.errores import CursorAjeno
from outbox.flujo.selectors import Tanda, final, leer
from outbox.webhooks.duenos import tipos_ofrecidos
from outbox.webhooks.errores import TipoNoOfrecido

OMISION, MAXIMO = 100, 1_000
AHORA = "ahora"
_LARGO = 64


class CloudEventSerializer(serializers.Serializer[Any]):
    """A CloudEvents 1.0 document, as it is on its topic."""

    specversion = serializers.CharField()
    id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    type = serializers.CharField()
    subject = serializers.CharField()
    time = serializers.DateTimeField()
    datacontenttype = serializers.CharField()
    dataschema = serializers.CharField()
    correlacion = serializers.CharField(
        required=False,
        help_text="`X-Request-Id` of the request that it came of, if it came of one.",
    )
    data = serializers.DictField()  # type: ignore[assignment]


class EventosSerializer(serializers.Serializer[Any]):
    """Events in their order; ``cursor`` is what goes in ``desde`` the next time."""

    resultados = CloudEventSerializer(many=True)
    cursor = serializers.CharField()
    hay_mas = serializers.BooleanField()


_PARAMETROS = [
    OpenApiParameter(
        "desde",
        {"type": "string", "format": "cursor"},
        description="`cursor` of an earlier answer, or `ahora` for only what comes from now on. "
        "Without it, from the oldest that is kept.",
    ),
    OpenApiParameter(
        "limite",
        {**ENTERO_DESDE_1, "default": OMISION},
        description=f"Events of an answer: up to {MAXIMO}, also when more are asked for.",
    ),
    OpenApiParameter("tipo", str, enum=tipos_ofrecidos(""), description="Of one type."),
    OpenApiParameter(
        "objeto",
        {"type": "string", "pattern": CON_TEXTO, "maxLength": _LARGO},
        description="Of the object with this identifier.",
    ),
]


class EventosView(APIView):
    """The feed of events."""

    alcances = {"GET": "eventos:leer"}
    parametros = ("desde", "limite", "tipo", "objeto")
    problemas = ("410",)

    @extend_schema(
        operation_id="eventos_leer",
        tags=["eventos"],
        parameters=_PARAMETROS,
        responses=EventosSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        """Events after a cursor, in their order and without gaps. With `hay_mas`, ask again at
        once; the page may be short, or empty, and more follow. Without it, later.

        410 `cursor_caducado`: some of what came after it is not kept any more.
        """
        clave = credencial(request)
        tipo, objeto = (request.query_params.get(n, "") for n in ("tipo", "objeto"))
        limite = min(entero_desde_1(request, "limite", omision=OMISION), MAXIMO)
        _exigir(tipo, objeto, clave)
        pedido = request.query_params.get("desde")
        if pedido == AHORA:
            tanda = Tanda([], final(), hay_mas=False)
        else:
            tanda = leer(
                None if pedido is None else _abrir(pedido, clave),
                limite,
                afiliado=clave.afiliado_publico,
                tipo=tipo,
                objeto=objeto,
            )
        cola = json.dumps({"cursor": _cerrar(tanda.hasta, clave), "hay_mas": tanda.hay_mas})
        # The documents as they are: read and written again they would not be the same bytes.
        cuerpo = f'{{"resultados":[{",".join(tanda.textos)}],{cola[1:]}'
        return HttpResponse(cuerpo.encode(), content_type="application/json")


def _exigir(tipo: str, objeto: str, clave: Credencial) -> None:
    if tipo and tipo not in (ofrecidos := tipos_ofrecidos(clave.afiliado_publico)):
        raise TipoNoOfrecido(
            _("Elige uno de: %(ofrecidos)s.") % {"ofrecidos": ", ".join(ofrecidos)}, campo="tipo"
        )
    if len(objeto) > _LARGO or "\0" in objeto:
        raise ParametroInvalido(_("No es un identificador."), campo="objeto")


def _lista(clave: Credencial) -> str:
    """A cursor is of its holder: another has none of it."""
    return f"eventos {clave.afiliado_publico or clave.titular_normal}"


def _abrir(cursor: str, clave: Credencial) -> int:
    try:
        [posicion] = cursores.abrir(cursor, de=_lista(clave))
    except CursorAjeno:
        raise ParametroInvalido(
            _("No es un cursor tuyo de esta lista: usa el «cursor» de una respuesta."),
            campo="desde",
        ) from None
    return int(posicion)


def _cerrar(posicion: int, clave: Credencial) -> str:
    return cursores.cerrar([posicion], de=_lista(clave))
