"""Why a sale is whose it is, and saying whose one is that was nobody's."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import CampoNombre, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.api.nombres import uno_llamado
from alpespartner.comun.dinero import texto
from alpespartner.comun.models import Propuesta
from conversiones.api.serializers import AtribucionSerializer, CandidatoSerializer
from conversiones.ventas.informe import atribucion_de, informe_de
from conversiones.ventas.propuestas import asignar_o_proponer, proponer_reasignacion
from conversiones.ventas.selectors import conversiones_visibles, exigir_afiliado


class ParteDeModeloSerializer(serializers.Serializer[Any]):
    """What a model credits to an affiliate."""

    afiliado_id = serializers.CharField()
    monto = serializers.CharField()


class ModelosSerializer(serializers.Serializer[Any]):
    """What each model would have credited. Nothing of it is paid."""

    lineal = ParteDeModeloSerializer(many=True)
    decaimiento = ParteDeModeloSerializer(many=True)
    posicion = ParteDeModeloSerializer(many=True)
    ultimo = ParteDeModeloSerializer(many=True)
    primero = ParteDeModeloSerializer(many=True)


class AtribucionDeVentaSerializer(AtribucionSerializer):
    """Whose a sale is, why, and what each model would have credited."""

    conversion_id = serializers.CharField()
    afiliado_id = serializers.CharField(allow_null=True)
    candidatos = CandidatoSerializer(many=True)
    moneda = serializers.CharField()
    modelos = ModelosSerializer()


class AtribucionView(APIView):
    """Attribution of one sale."""

    alcances = {"GET": Alcance.CONVERSIONES_LEER}

    @extend_schema(
        operation_id="conversiones_atribucion", responses={200: AtribucionDeVentaSerializer}
    )
    def get(self, request: Request, conversion_id: str) -> Response:
        """Every candidate of a sale and why it won or lost.

        A key of an affiliate sees of it only what is its own.
        """
        clave = credencial(request)
        conversion = uno_llamado(conversiones_visibles(clave), conversion_id)
        dicho = atribucion_de(conversion)
        modelos = informe_de(conversion)
        quien = conversion.afiliado.id_publico if conversion.afiliado else None
        if clave.afiliado_id is not None:
            # Its own sales are all that it sees: whose it is is who asks.
            dicho["candidatos"] = [c for c in dicho["candidatos"] if c["afiliado_id"] == quien]
            modelos = {m: [(a, n) for a, n in ps if a == quien] for m, ps in modelos.items()}
        return Response(
            {
                "conversion_id": conversion.id_publico,
                "afiliado_id": quien,
                **dicho,
                "moneda": conversion.moneda,
                "modelos": {
                    str(modelo): [
                        {"afiliado_id": a, "monto": texto(monto, conversion.moneda)}
                        for a, monto in partes
                    ]
                    for modelo, partes in modelos.items()
                },
            }
        )


class AsignacionSerializer(SerializadorEstricto):
    """Whose a sale is, and how it is known."""

    afiliado_id = CampoNombre(max_length=64)
    motivo = serializers.CharField(max_length=500)


class AsignadaSerializer(serializers.Serializer[Any]):
    """A sale that was assigned; with ``propuesta_id``, that waits for another person."""

    conversion_id = serializers.CharField()
    afiliado_id = serializers.CharField(
        allow_null=True, help_text=_("null mientras espera a otra persona.")
    )
    propuesta_id = serializers.CharField(allow_null=True)


class AsignarView(APIView):
    """Assigning a sale that is nobody's."""

    alcances = {"POST": Alcance.CONVERSIONES_ASIGNAR}

    @extend_schema(
        operation_id="conversiones_asignar",
        request=AsignacionSerializer,
        responses={200: AsignadaSerializer, 202: AsignadaSerializer},
    )
    @idempotente
    def post(self, request: Request, conversion_id: str) -> Response:
        """Say whose a sale is. Worth more than its limit, another person confirms it: 202."""
        datos = AsignacionSerializer.leer(request.data)
        clave = credencial(request)
        conversion = uno_llamado(conversiones_visibles(clave), conversion_id)
        afiliado = exigir_afiliado(datos["afiliado_id"], clave)
        hecho = asignar_o_proponer(
            conversion=conversion, afiliado=afiliado, motivo=datos["motivo"],
            actor=actor_de_api(request),
        )  # fmt: skip
        espera = isinstance(hecho, Propuesta)
        return Response(
            {
                "conversion_id": conversion.id_publico,
                "afiliado_id": None if espera else afiliado.id_publico,
                "propuesta_id": hecho.id_publico if espera else None,
            },
            status=202 if espera else 200,
        )


class ReasignarView(APIView):
    """Moving a sale to another affiliate."""

    alcances = {"POST": Alcance.CONVERSIONES_REASIGNAR}

    @extend_schema(
        operation_id="conversiones_reasignar",
        request=AsignacionSerializer,
        responses={202: AsignadaSerializer},
    )
    @idempotente
    def post(self, request: Request, conversion_id: str) -> Response:
        """Propose that a sale is of another affiliate, with what it earned.

        Another person confirms it: nothing has moved yet.
        """
        datos = AsignacionSerializer.leer(request.data)
        clave = credencial(request)
        conversion = uno_llamado(conversiones_visibles(clave), conversion_id)
        propuesta = proponer_reasignacion(
            conversion=conversion,
            afiliado=exigir_afiliado(datos["afiliado_id"], clave),
            motivo=datos["motivo"],
            actor=actor_de_api(request),
        )
        return Response(
            {
                "conversion_id": conversion.id_publico,
                "afiliado_id": None,
                "propuesta_id": propuesta.id_publico,
            },
            status=202,
        )
