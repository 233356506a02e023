"""``/api/v1/comisiones/lote/…``: many decisions in one request."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import CampoNombre, CampoSinMirar, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.en_masa import (
    MAXIMO,
    ResultadoSerializer,
    ResultadosSerializer,
    uno_a_uno,
)
from alpespartner.comun.api.idempotencia import idempotente
from comisiones.api.serializers import AprobarSerializer, RazonSerializer
from comisiones.comision.models import Comision
from comisiones.comision.selectors import comisiones_visibles
from comisiones.revision.errores import YaAprobada
from comisiones.revision.services import aprobar_comision, rechazar_comision


class AprobarUnaSerializer(AprobarSerializer):
    """An approval of many."""

    comision_id = CampoNombre(max_length=64)


class RechazarUnaSerializer(RazonSerializer):
    """A rejection of many."""

    comision_id = CampoNombre(max_length=64)


class LoteComisionesSerializer(SerializadorEstricto):
    """Up to 500 decisions; each is checked and answered on its own."""

    comisiones = serializers.ListField(child=CampoSinMirar(), min_length=1, max_length=MAXIMO)


class DecididaSerializer(ResultadoSerializer):
    """What became of one decision."""

    comision_id = serializers.CharField(required=False)


class DecididasSerializer(ResultadosSerializer):
    """Answer to many decisions."""

    resultados = DecididaSerializer(many=True)


class _DecidirEnMasa(APIView):
    alcances = {"POST": Alcance.COMISIONES_APROBAR}

    def decidir(
        self, request: Request, campos: type[SerializadorEstricto], servicio: Any
    ) -> Response:
        """Call a service with each commission, as far as the key sees it."""
        entrada = LoteComisionesSerializer.leer(request.data)
        visibles = comisiones_visibles(credencial(request))
        actor = actor_de_api(request)

        def hacer(datos: dict[str, Any]) -> dict[str, Any]:
            comision = visibles.filter(id_publico=datos.pop("comision_id")).first()
            if comision is None:
                raise Http404
            servicio(comision=comision, actor=actor, **datos)
            return {"comision_id": comision.id_publico}

        return Response(uno_a_uno(entrada["comisiones"], campos, hacer, por="comision_id"))


def _aprobar(*, comision: Comision, **datos: Any) -> None:
    try:
        aprobar_comision(comision=comision, **datos)
    except YaAprobada:
        pass


class AprobarEnMasaView(_DecidirEnMasa):
    """Approve many commissions."""

    @extend_schema(
        operation_id="comisiones_aprobar_lote",
        request=LoteComisionesSerializer,
        responses=DecididasSerializer,
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Approve each item, `{"comision_id", "motivo"}`, or say why not. What a key may approve,
        of a sale and of a day, holds for each."""
        return self.decidir(request, AprobarUnaSerializer, _aprobar)


class RechazarEnMasaView(_DecidirEnMasa):
    """Reject many commissions."""

    @extend_schema(
        operation_id="comisiones_rechazar_lote",
        request=LoteComisionesSerializer,
        responses=DecididasSerializer,
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Reject each item, `{"comision_id", "motivo", "motivo_codigo"}`, or say why not."""
        return self.decidir(request, RechazarUnaSerializer, rechazar_comision)
