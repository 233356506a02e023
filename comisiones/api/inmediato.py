"""Paths of the earlier systems, with their camelCase fields, over the same services."""

from __future__ import annotations

from django.http import Http404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import escrito
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.errores import ErrorDominio
from comisiones.api.serializers import ApproveSerializer, CalculateSerializer, CommissionSerializer
from comisiones.calculo.inmediato import PeticionCalculo, registrar_y_calcular
from comisiones.comision.selectors import (
    comision_de_conversion,
    comisiones_con_partes,
    comisiones_visibles,
)
from comisiones.revision.errores import YaAprobada
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.selectors import exigir_partes

# The services name their own fields; a caller of these paths knows the earlier ones.
_CAMPOS = {
    "afiliado_id": "affiliateId",
    "campana_id": "campaignId",
    "valor_conversion": "grossAmount",
    "moneda": "currency",
    "referencia_externa": "conversionId",
}


class CalculateView(APIView):
    """Register a conversion and calculate its commission."""

    alcances = {"POST": Alcance.COMISIONES_ESCRIBIR}

    @extend_schema(
        operation_id="commissions_calculate",
        tags=["commissions"],
        request=CalculateSerializer,
        responses={
            201: CommissionSerializer,
            200: OpenApiResponse(CommissionSerializer, description="It was calculated before."),
        },
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """201 with a new commission, 200 with the one this conversion already has."""
        datos = CalculateSerializer.leer(request.data)
        afiliado, campana = exigir_partes(
            afiliado=datos["affiliateId"],
            campana=datos.get("campaignId"),
            clave=credencial(request),
            campo_afiliado="affiliateId",
            campo_campana="campaignId",
        )
        try:
            comision, nueva = registrar_y_calcular(
                peticion=PeticionCalculo(
                    referencia=datos["conversionId"],
                    afiliado=afiliado,
                    campana=campana,
                    importe=datos["grossAmount"],
                    moneda=datos.get("currency") or campana.moneda,
                ),
                actor=actor_de_api(request),
            )
        except ErrorDominio as exc:
            exc.campo = _CAMPOS.get(exc.campo or "", exc.campo)
            raise
        return Response(escrito(CommissionSerializer, comision), status=201 if nueva else 200)


class ApproveView(APIView):
    """Approve a commission."""

    alcances = {"POST": Alcance.COMISIONES_APROBAR}

    @extend_schema(
        operation_id="commissions_approve",
        tags=["commissions"],
        request=ApproveSerializer,
        responses=CommissionSerializer,
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """200 however often it is approved; the change and its event happen once."""
        entrada = ApproveSerializer.leer(request.data)
        comision = (
            comisiones_visibles(credencial(request))
            .filter(id_publico=entrada["commissionId"])
            .first()
        )
        if comision is None:
            raise Http404
        try:
            aprobar_comision(comision=comision, actor=actor_de_api(request))
        except YaAprobada:
            pass
        actual = comisiones_con_partes().get(pk=comision.pk)
        return Response(CommissionSerializer(actual).data)


class ByConversionView(APIView):
    """The commission of a conversion."""

    alcances = {"GET": Alcance.COMISIONES_LEER}
    problemas = ("409",)

    @extend_schema(
        operation_id="commissions_by_conversion",
        tags=["commissions"],
        responses=CommissionSerializer,
    )
    def get(self, request: Request, conversion_id: str) -> Response:
        """By our `conv_…` id or by the partner's own reference; 404 while there is none."""
        comision = comision_de_conversion(conversion_id, comisiones_visibles(credencial(request)))
        if comision is None:
            raise Http404
        return Response(CommissionSerializer(comision).data)
