"""``POST /api/v1/conversiones/{id}/devoluciones``."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import (
    CampoInstante,
    CampoMonto,
    CampoNombre,
    CampoSinMirar,
    SerializadorEstricto,
)
from alpespartner.comun.api.credencial import actor_de_api, credencial
from alpespartner.comun.api.en_masa import (
    MAXIMO,
    ResultadoSerializer,
    ResultadosSerializer,
    uno_a_uno,
)
from alpespartner.comun.api.idempotencia import idempotente
from alpespartner.comun.dinero import texto
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.textos import normalizar
from conversiones.campanas.selectors import exigir_campana
from conversiones.ventas.desglose import CONCEPTOS, ParteDevuelta
from conversiones.ventas.devoluciones import Devolucion, devolver, guardar_pendiente, queda_de
from conversiones.ventas.models import (
    DEVOLUCIONES,
    MAX_REFERENCIA,
    Conversion,
    DevolucionPendiente,
    MovimientoConversion,
)
from conversiones.ventas.selectors import buscar_conversion, conversiones_visibles


class ParteSerializer(SerializadorEstricto):
    """What a part of a refund is of."""

    concepto = serializers.ChoiceField(CONCEPTOS)
    monto = CampoMonto()
    producto_id = serializers.CharField(max_length=64, required=False)


class DevolucionSerializer(SerializadorEstricto):
    """Part of a sale taken back, or all that is left of it."""

    id_externo = CampoNombre(max_length=MAX_REFERENCIA)
    monto = CampoMonto(
        required=False, help_text=_("En la moneda de la venta. Sin él, todo lo que queda.")
    )
    de = serializers.ListField(
        child=ParteSerializer(),
        required=False,
        max_length=100,
        help_text=_(
            "De qué es: envío, impuesto o producto, con su monto. Sin él, de todo en proporción."
        ),
    )
    tipo = serializers.ChoiceField([(t.value, t.label) for t in DEVOLUCIONES], required=False)
    motivo = serializers.CharField(max_length=500, required=False, allow_blank=True)
    ocurrido_en = CampoInstante(required=False)
    campana_id = CampoNombre(
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
    moneda = serializers.CharField(
        allow_null=True, help_text=_("La de la venta; null mientras no llega.")
    )
    de = ParteSerializer(many=True)
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
        datos = DevolucionSerializer.leer(request.data)
        hecho, estado = _devolver(request, conversion_id, datos)
        return Response(hecho, status=estado)


class DevolucionDeLoteSerializer(DevolucionSerializer):
    """A refund of many, with the sale that it is of."""

    conversion_id = CampoNombre(max_length=MAX_REFERENCIA)


class LoteDevolucionesSerializer(SerializadorEstricto):
    """Up to 500 refunds; each is checked and answered on its own."""

    devoluciones = serializers.ListField(child=CampoSinMirar(), min_length=1, max_length=MAXIMO)


class DevolucionHechaSerializer(ResultadoSerializer):
    """What became of one refund."""

    devolucion = MovimientoSerializer(required=False)


class DevolucionesHechasSerializer(ResultadosSerializer):
    """Answer to many refunds."""

    resultados = DevolucionHechaSerializer(many=True)


class DevolucionesEnMasaView(APIView):
    """Refunds of many sales."""

    alcances = {"POST": Alcance.CONVERSIONES_DEVOLVER}

    @extend_schema(
        operation_id="devoluciones_lote",
        request=LoteDevolucionesSerializer,
        responses=DevolucionesHechasSerializer,
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Each item, as `POST /api/v1/conversiones/{id}/devoluciones` takes it and with its
        `conversion_id`, is done or refused on its own. Repeating one is a `movimiento_duplicado`.
        """
        entrada = LoteDevolucionesSerializer.leer(request.data)

        def hacer(datos: dict[str, Any]) -> dict[str, Any]:
            de = datos.pop("conversion_id")
            return {"devolucion": _devolver(request, de, datos)[0]}

        hechas = uno_a_uno(
            entrada["devoluciones"], DevolucionDeLoteSerializer, hacer, por="conversion_id"
        )
        return Response(hechas)


def _devolver(
    request: Request, conversion_id: str, datos: dict[str, Any]
) -> tuple[dict[str, object], int]:
    """Do a refund, or keep it until its sale comes: what is answered, and with which status."""
    datos = dict(datos)
    nombre_campana = datos.pop("campana_id", None)
    partes = tuple(ParteDevuelta(**parte) for parte in datos.pop("de", ()))
    devolucion = Devolucion(**datos, de=partes)
    campana = None if nombre_campana is None else exigir_campana(nombre_campana)
    actor = actor_de_api(request)
    visibles = conversiones_visibles(credencial(request))
    conversion = buscar_conversion(conversion_id, campana, visibles)
    if conversion is not None:
        hecho = devolver(conversion=conversion, datos=devolucion, actor=actor)
        return _representar(conversion, hecho), 201
    suya = normalizar(conversion_id)
    if campana is None or not suya or es_nuestro(suya) or len(suya) > MAX_REFERENCIA:
        raise Http404
    guardado = guardar_pendiente(campana=campana, referencia=suya, datos=devolucion, actor=actor)
    if isinstance(guardado, DevolucionPendiente):
        return _esperar(guardado), 202
    return _representar(guardado.conversion, guardado), 201


def _esperar(pendiente: DevolucionPendiente) -> dict[str, object]:
    """Nobody knows its sale's currency yet: the amount goes back as it came."""
    monto = pendiente.monto
    return {
        "movimiento_id": None,
        "conversion_id": None,
        "id_externo": pendiente.id_externo,
        "tipo": pendiente.tipo,
        "monto": None if monto is None else f"{monto:f}",
        "queda": None,
        "moneda": None,
        "de": pendiente.de,
        "estado": "esperando_venta",
    }


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
        "de": movimiento.de,
        "estado": conversion.estado,
    }
