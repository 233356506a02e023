"""What the API of commissions takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from alpespartner.comun.api.campos import (
    CampoMoneda,
    CampoMonto,
    CampoNombre,
    CampoObjeto,
    CampoPorcentaje,
    SerializadorEstricto,
    escrito,
    instante_texto,
    porcentaje_texto,
)
from alpespartner.comun.api.credencial import es_del_programa
from alpespartner.comun.dinero import texto
from comisiones.calculo.explicacion import (
    calculo_publico,
    diferencias,
    monto_original,
    pasos_de,
    pasos_publicos,
)
from comisiones.comision.models import Comision
from comisiones.reglas.models import TipoComision
from conversiones.ventas.motivos import MotivoDecision


class NuevaComisionSerializer(SerializadorEstricto):
    """A commission to calculate; without terms the rules decide."""

    afiliado_id = CampoNombre(max_length=64)
    conversion_id = CampoNombre(
        max_length=128, help_text=_("Identificador o referencia externa de la conversión.")
    )
    tipo_comision = serializers.ChoiceField(
        [TipoComision.PORCENTUAL, TipoComision.FIJA], required=False
    )
    porcentaje = CampoPorcentaje(required=False)
    monto_fijo = CampoMonto(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Exactly the term that the type asks for."""
        espera = {TipoComision.PORCENTUAL: "porcentaje", TipoComision.FIJA: "monto_fijo"}
        dados = [campo for campo in espera.values() if campo in attrs]
        tipo = attrs.get("tipo_comision")
        if tipo is None and dados:
            raise serializers.ValidationError({"tipo_comision": [_("Indica el tipo.")]})
        if tipo is not None and dados != [espera[tipo]]:
            raise serializers.ValidationError(
                {espera[tipo]: [_("Es lo único que admite este tipo de comisión.")]}
            )
        return attrs


def _es_del_programa(contexto: Mapping[str, Any]) -> bool:
    """Whether a key of the programme reads it: an affiliate's, or nobody known, sees less."""
    peticion = contexto.get("request")
    return contexto.get("del_programa", peticion is not None and es_del_programa(peticion))


class ComisionSerializer(serializers.Serializer[Comision]):
    """A commission as partners see it. An affiliate's key sees its own figures of the calculation,
    and no reason that the staff wrote."""

    comision_id = serializers.CharField(source="id_publico")
    conversion_id = serializers.CharField(source="conversion.id_publico")
    afiliado_id = serializers.CharField(source="afiliado.id_publico")
    campana_id = serializers.CharField(source="campana.id_publico")
    nivel = serializers.IntegerField()
    tipo_comision = serializers.CharField(source="tipo")
    base = serializers.CharField(
        read_only=True, help_text="Decimal string in the currency's main unit."
    )
    porcentaje = serializers.CharField(
        read_only=True, allow_null=True, help_text="Percentage, or null for a fixed amount."
    )
    monto = serializers.CharField(
        read_only=True, help_text="Decimal string in the currency's main unit."
    )
    moneda = serializers.CharField()
    estado = serializers.CharField()
    motivo_retencion = serializers.CharField()
    motivo = serializers.CharField(
        read_only=True,
        help_text="What the staff wrote of its last step; empty for an affiliate's key.",
    )
    motivo_codigo = serializers.CharField(
        read_only=True,
        help_text="Code of the reason of its last decision, if it has one; empty for an "
        "affiliate's key.",
    )
    calculo = CampoObjeto(
        read_only=True,
        help_text="Frozen record that replays it; for an affiliate's key, its own figures of it.",
    )
    madura_en = serializers.DateTimeField()
    creada_en = serializers.DateTimeField()
    actualizado_en = serializers.DateTimeField()
    aprobada_en = serializers.DateTimeField(allow_null=True)
    pagada_en = serializers.DateTimeField(allow_null=True)

    def to_representation(self, instance: Comision) -> dict[str, Any]:
        """What the fields describe, written out: asking each costs several times as much."""
        moneda, entera = instance.moneda, _es_del_programa(self.context)
        return {
            "comision_id": instance.id_publico,
            "conversion_id": instance.conversion.id_publico,
            "afiliado_id": instance.afiliado.id_publico,
            "campana_id": instance.campana.id_publico,
            "nivel": instance.nivel,
            "tipo_comision": str(instance.tipo),
            "base": texto(instance.base, moneda),
            "porcentaje": None if instance.tasa is None else porcentaje_texto(instance.tasa),
            "monto": texto(instance.monto, moneda),
            "moneda": moneda,
            "estado": str(instance.estado),
            "motivo_retencion": str(instance.motivo_retencion),
            "motivo": instance.motivo if entera else "",
            "motivo_codigo": str(instance.motivo_codigo) if entera else "",
            "calculo": instance.traza if entera else calculo_publico(instance),
            "madura_en": instante_texto(instance.madura_en),
            "creada_en": instante_texto(instance.creada_en),
            "actualizado_en": instante_texto(instance.actualizado_en),
            "aprobada_en": instante_texto(instance.aprobada_en),
            "pagada_en": instante_texto(instance.pagada_en),
        }


def comision_para(request: Request, comision: Comision) -> dict[str, Any]:
    """A commission as the key of a request sees it."""
    return escrito(ComisionSerializer, comision, del_programa=es_del_programa(request))


class PasoSerializer(serializers.Serializer[Any]):
    """A step of a calculation."""

    codigo = serializers.CharField()
    texto = serializers.CharField()
    datos = serializers.DictField(child=serializers.CharField())


class ExplicacionSerializer(serializers.Serializer[Comision]):
    """How the amount of a commission came about."""

    comision_id = serializers.CharField(source="id_publico")
    conversion_id = serializers.CharField(source="conversion.id_publico")
    nivel = serializers.IntegerField()
    monto_original = serializers.SerializerMethodField()
    revertido = serializers.SerializerMethodField()
    monto = serializers.SerializerMethodField()
    moneda = serializers.CharField()
    pasos = serializers.SerializerMethodField()
    coincide = serializers.SerializerMethodField()

    def get_monto_original(self, comision: Comision) -> str:
        """Decimal string: what it paid when it was calculated."""
        return texto(monto_original(comision), comision.moneda)

    def get_revertido(self, comision: Comision) -> str:
        """Decimal string: what refunds took before it was paid."""
        return texto(comision.revertido, comision.moneda)

    def get_monto(self, comision: Comision) -> str:
        """Decimal string in the currency's main unit."""
        return texto(comision.monto, comision.moneda)

    @extend_schema_field(PasoSerializer(many=True))
    def get_pasos(self, comision: Comision) -> Any:
        """Steps in order; empty while no rule says what it pays."""
        todos = _es_del_programa(self.context)
        pasos = pasos_de(comision) if todos else pasos_publicos(comision)
        return PasoSerializer(pasos, many=True).data

    def get_coincide(self, comision: Comision) -> bool:
        """Whether computing it again from its frozen inputs gives the same to the last digit."""
        return not diferencias(comision)


class AprobarSerializer(SerializadorEstricto):
    """Optional note of an approval."""

    motivo = serializers.CharField(max_length=500, required=False, allow_blank=True)


class RazonSerializer(SerializadorEstricto):
    """Why, in words and, if it is of the list, as a code."""

    motivo = serializers.CharField(max_length=500)
    motivo_codigo = serializers.ChoiceField(choices=MotivoDecision.choices, required=False)


class CalculateSerializer(SerializadorEstricto):
    """``POST /commissions/calculate`` of the earlier systems."""

    conversionId = CampoNombre(max_length=128)
    affiliateId = CampoNombre(max_length=64)
    campaignId = CampoNombre(max_length=64, required=False)
    grossAmount = CampoMonto()
    currency = CampoMoneda(required=False)


class ApproveSerializer(SerializadorEstricto):
    """``POST /commissions/approve`` of the earlier systems."""

    commissionId = CampoNombre(max_length=64)


class CommissionSerializer(serializers.Serializer[Comision]):
    """Answer of the earlier systems' paths."""

    commissionId = serializers.CharField(source="id_publico")
    conversionId = serializers.CharField(source="conversion.id_publico")
    affiliateId = serializers.CharField(source="afiliado.id_publico")
    campaignId = serializers.CharField(source="campana.id_publico")
    status = serializers.CharField(source="estado")
    netAmount = serializers.SerializerMethodField()
    currency = serializers.CharField(source="moneda")

    def get_netAmount(self, comision: Comision) -> str:
        """Decimal string in the currency's main unit."""
        return texto(comision.monto, comision.moneda)
