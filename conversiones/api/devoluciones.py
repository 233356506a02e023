"""``POST /api/v1/conversiones/{id}/devoluciones``."""

from __future__ import annotations

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import CampoMonto, SerializadorEstricto
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.dinero import texto
from conversiones.campanas.selectors import exigir_campana
from conversiones.ventas.devoluciones import Devolucion, devolver, guardar_pendiente, queda_de
from conversiones.ventas.models import DEVOLUCIONES, Conversion, MovimientoConversion
from conversiones.ventas.selectors import conversiones_visibles


class DevolucionSerializer(SerializadorEstricto):
    """Part of a sale taken back, or all that is left of it."""

    id_externo = serializers.CharField(max_length=128)
    monto = CampoMonto(
        required=False, help_text=_("En la moneda de la venta. Sin él, todo lo que queda.")
    )
    tipo = serializers.ChoiceField([(t.value, t.label) for t in DEVOLUCIONES], required=False)
    motivo = serializers.CharField(max_length=500, required=False, allow_blank=True)
    ocurrido_en = serializers.DateTimeField(required=False)
    campana_id = serializers.CharField(
        max_length=64,
        required=False,
        help_text=_("Con la referencia externa de una venta que aún no llegó: dónde se espera."),
    )


class MovimientoSerializer(serializers.Serializer[MovimientoConversion]):
    """A refund. ``estado`` is ``esperando_venta`` while its sale has not come."""

    movimiento_id = serializers.CharField(allow_null=True)
    conversion_id = serializers.CharField(allow_null=True)
    id_externo = serializers.CharField()
    tipo = serializers.CharField()
    monto = serializers.CharField(allow_null=True)
    queda = serializers.CharField(allow_null=True)
    moneda = serializers.CharField()
    estado = serializers.CharField()


class DevolucionesView(APIView):
    """Refunds of one sale."""

    alcances = {"POST": Alcance.CONVERSIONES_DEVOLVER}

    @extend_schema(
        operation_id="conversiones_devolver",
        request=DevolucionSerializer,
        responses={201: MovimientoSerializer, 202: MovimientoSerializer},
    )
    @idempotente
    def post(self, request: Request, conversion_id: str) -> Response:
        """Take back part of a sale, by our id or, with `campana_id`, by your own reference.

        With your reference a refund may come before its sale: 202, and it is applied when the sale
        is registered. More than what is left is a 409 `devolucion_excesiva`.
        """
        entrada = DevolucionSerializer(data=request.data)
        entrada.is_valid(raise_exception=True)
        datos = dict(entrada.validated_data)
        nombre_campana = datos.pop("campana_id", None)
        devolucion = Devolucion(**datos)
        buscada = Q(id_publico=conversion_id)
        campana = None
        if nombre_campana is not None:
            campana = exigir_campana(nombre_campana)
            buscada |= Q(campana=campana, referencia_externa=conversion_id)
        conversion = conversiones_visibles(credencial(request)).filter(buscada).first()
        if conversion is None:
            if campana is None or len(conversion_id) > 128:
                raise Http404
            pendiente = guardar_pendiente(
                campana=campana,
                referencia=conversion_id,
                datos=devolucion,
                actor=actor_de_api(request),
            )
            monto = None if pendiente.monto is None else texto(pendiente.monto, campana.moneda)
            return Response(
                {
                    "movimiento_id": None, "conversion_id": None,
                    "id_externo": pendiente.id_externo, "tipo": pendiente.tipo, "monto": monto,
                    "queda": None, "moneda": campana.moneda, "estado": "esperando_venta",
                },
                status=202,
            )  # fmt: skip
        movimiento = devolver(conversion=conversion, datos=devolucion, actor=actor_de_api(request))
        return Response(_representar(conversion, movimiento), status=201)


def _representar(conversion: Conversion, movimiento: MovimientoConversion) -> dict[str, object]:
    moneda = conversion.moneda
    return {
        "movimiento_id": movimiento.id_publico,
        "conversion_id": conversion.id_publico,
        "id_externo": movimiento.id_externo,
        "tipo": movimiento.tipo,
        "monto": texto(-movimiento.monto, moneda),
        "queda": texto(queda_de(conversion), moneda),
        "moneda": moneda,
        "estado": conversion.estado,
    }
