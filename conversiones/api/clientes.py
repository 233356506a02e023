"""``POST /api/v1/clientes``: a shop tells of a customer before it buys."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afiliados.claves.models import Alcance
from alpespartner.comun.api.campos import (
    CampoCupon,
    CampoInstante,
    CampoNombre,
    SerializadorEstricto,
)
from alpespartner.comun.api.credencial import actor_de_api
from alpespartner.comun.api.idempotencia import idempotente
from conversiones.api.serializers import AtribucionSerializer
from conversiones.campanas.selectors import exigir_campana
from conversiones.clientes.candidatos import MAX_CLIC, Nombrados
from conversiones.clientes.models import MAX_CLIENTE
from conversiones.clientes.services import Identificado, NuevoCliente, identificar_cliente


class NuevoClienteSerializer(SerializadorEstricto):
    """A customer, and by what it may be whose."""

    cliente_ref = CampoNombre(max_length=MAX_CLIENTE, help_text=_("Cómo lo llama la tienda."))
    campana_id = CampoNombre(max_length=64, required=False)
    clic_id = CampoNombre(
        max_length=MAX_CLIC, required=False, help_text=_("El alpes_clic que lo trajo.")
    )
    cupon = CampoCupon(max_length=64, required=False, allow_blank=True)
    email = CampoNombre(
        max_length=254, required=False, help_text=_("No se guarda: solo su huella.")
    )
    ocurrida_en = CampoInstante(required=False)


class ClienteSerializer(serializers.Serializer[Any]):
    """A customer, and whose it is."""

    cliente_id = serializers.CharField()
    afiliado_id = serializers.CharField(allow_null=True)
    vinculado_en = serializers.DateTimeField(allow_null=True)
    atribucion = AtribucionSerializer()


class ClientesView(APIView):
    """Register customers."""

    alcances = {"POST": Alcance.CONVERSIONES_ESCRIBIR}

    @extend_schema(
        operation_id="clientes_registrar",
        request=NuevoClienteSerializer,
        responses={201: ClienteSerializer, 200: ClienteSerializer},
    )
    @idempotente
    def post(self, request: Request) -> Response:
        """Bind a customer to whoever brought it: 201, or 200 for one that is known.

        It is bound once: what comes later tells of it, and does not change whose it is.
        """
        datos = NuevoClienteSerializer.leer(request.data)
        hecho = identificar_cliente(
            datos=NuevoCliente(
                campana=exigir_campana(datos.get("campana_id")),
                cliente_ref=datos["cliente_ref"],
                nombrados=Nombrados(cupon=datos.get("cupon", ""), clic_id=datos.get("clic_id", "")),
                correo=datos.get("email", ""),
                ocurrida_en=datos.get("ocurrida_en"),
            ),
            actor=actor_de_api(request),
        )
        return Response(_representar(hecho), status=201 if hecho.nuevo else 200)


def _representar(hecho: Identificado) -> dict[str, Any]:
    cliente, decision = hecho.cliente, hecho.resuelta.decision
    datos = {
        "cliente_id": cliente.id_publico,
        "afiliado_id": cliente.afiliado.id_publico if cliente.afiliado else None,
        "vinculado_en": cliente.vinculado_en,
        "atribucion": {"motivo": decision.motivo, "candidatos": hecho.resuelta.candidatos()},
    }
    return ClienteSerializer(datos).data
