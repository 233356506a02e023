"""What the APIs of campaigns and conversions take and give."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from alpespartner.comun.api.campos import (
    CampoCupon,
    CampoInstante,
    CampoLista,
    CampoMoneda,
    CampoMonto,
    CampoNombre,
    CampoObjeto,
    SerializadorEstricto,
)
from alpespartner.comun.dinero import texto
from conversiones.campanas.models import Campana
from conversiones.ventas.models import Conversion, TipoConversion


class NuevaConversionSerializer(SerializadorEstricto):
    """A sale to register."""

    afiliado_id = CampoNombre(
        max_length=64, help_text=_("Identificador o referencia externa del afiliado.")
    )
    valor_conversion = CampoMonto()
    tipo_conversion = serializers.ChoiceField(TipoConversion.choices, required=False)
    campana_id = CampoNombre(max_length=64, required=False)
    moneda = CampoMoneda(required=False)
    referencia_externa = CampoNombre(max_length=128, required=False)
    ocurrida_en = CampoInstante(required=False)
    canal_origen = CampoNombre(max_length=64, required=False, allow_blank=True)
    cupon = CampoCupon(
        max_length=64, required=False, allow_blank=True, help_text=_("Da igual en mayúsculas.")
    )
    enlace = CampoNombre(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text=_("Código del enlace que trajo la venta."),
    )
    productos = CampoLista(required=False)
    metadatos = CampoObjeto(required=False)


class LoteConversionesSerializer(SerializadorEstricto):
    """Up to 500 sales; each is checked and answered on its own."""

    # Items are validated one by one by the view, so that a bad one does not refuse the others.
    conversiones = serializers.ListField(
        child=serializers.JSONField(), min_length=1, max_length=500
    )


class ResultadoLoteSerializer(serializers.Serializer[Any]):
    """What became of one item."""

    indice = serializers.IntegerField()
    estado = serializers.ChoiceField(["registrada", "rechazada"])
    conversion_id = serializers.CharField(required=False)
    referencia_externa = serializers.CharField(required=False, allow_null=True)
    problema = CampoObjeto(required=False)


class LoteResultadoSerializer(serializers.Serializer[Any]):
    """Answer to a batch, in the order of its items."""

    registradas = serializers.IntegerField()
    rechazadas = serializers.IntegerField()
    resultados = ResultadoLoteSerializer(many=True)


class ConversionSerializer(serializers.Serializer[Conversion]):
    """A conversion as partners see it."""

    conversion_id = serializers.CharField(source="id_publico")
    afiliado_id = serializers.CharField(source="afiliado.id_publico")
    campana_id = serializers.CharField(source="campana.id_publico")
    referencia_externa = serializers.CharField(allow_null=True)
    tipo_conversion = serializers.CharField()
    canal_origen = serializers.CharField()
    cupon = serializers.CharField()
    enlace = serializers.CharField()
    valor_conversion = serializers.SerializerMethodField()
    moneda = serializers.CharField()
    productos = CampoLista()
    metadatos = CampoObjeto()
    estado = serializers.CharField()
    ocurrida_en = serializers.DateTimeField()
    creada_en = serializers.DateTimeField()

    def get_valor_conversion(self, conversion: Conversion) -> str:
        """Decimal string in the currency's main unit."""
        return texto(conversion.valor, conversion.moneda)


class CampanaSerializer(serializers.Serializer[Campana]):
    """A campaign as partners see it."""

    campana_id = serializers.CharField(source="id_publico")
    referencia_externa = serializers.CharField(allow_null=True)
    nombre = serializers.CharField()
    descripcion = serializers.CharField()
    moneda = serializers.CharField()
    estado = serializers.CharField()
    predeterminada = serializers.SerializerMethodField()
    dias_retencion = serializers.IntegerField()
    inicia_en = serializers.DateTimeField()
    termina_en = serializers.DateTimeField(allow_null=True)

    def get_predeterminada(self, campana: Campana) -> bool:
        """Whether it takes the conversions that name no campaign."""
        return bool(campana.predeterminada)
