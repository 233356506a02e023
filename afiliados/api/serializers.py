"""What the API of affiliates takes and gives."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from afiliados.afiliado.documentos import TipoDocumento
from afiliados.afiliado.models import MAX_VENTANA_DIAS, Afiliado, Idioma, Nivel, TipoAfiliado
from alpespartner.comun.api.campos import (
    CampoCorreo,
    CampoInstante,
    CampoMoneda,
    CampoMonto,
    CampoNombre,
    CampoPorcentaje,
    MotivoSerializer,
    SerializadorEstricto,
    porcentaje_texto,
)
from alpespartner.comun.dinero import texto

# Data that an affiliate may have none of.
_SE_QUITAN = frozenset({
    "documento_tipo", "documento_numero", "referente", "referencia_externa",
    "ventana_atribucion_dias",
})  # fmt: skip


class ConfiguracionSerializer(SerializadorEstricto):
    """Rates agreed with an affiliate; what is absent is inherited from the campaign."""

    comision_base = CampoPorcentaje(required=False, allow_null=True)
    comision_premium = CampoPorcentaje(required=False, allow_null=True)
    comision_fija = CampoMonto(required=False, allow_null=True)
    minimo_pago = CampoMonto(required=False, allow_null=True)
    moneda = CampoMoneda(required=False)


class ConfiguracionVigenteSerializer(ConfiguracionSerializer):
    """Rates as they are; null is inherited."""

    moneda = CampoMoneda(allow_null=True)


class NuevoAfiliadoSerializer(SerializadorEstricto):
    """Registration of an affiliate."""

    nombre = serializers.CharField(max_length=200)
    email = CampoCorreo(max_length=254)
    telefono = CampoNombre(max_length=32, required=False, allow_blank=True)
    documento_tipo = serializers.ChoiceField(TipoDocumento.choices, required=False)
    documento_pais = CampoNombre(
        max_length=2, required=False, help_text=_("Dos letras. Solo hace falta en un pasaporte.")
    )
    documento_numero = CampoNombre(
        max_length=32,
        required=False,
        help_text=_("El NIT, con su dígito de verificación tras un guion o sin él."),
    )
    tipo_afiliado = serializers.ChoiceField(TipoAfiliado.choices, required=False)
    nivel = serializers.ChoiceField(Nivel.choices, required=False)
    idioma = serializers.ChoiceField(
        Idioma.choices, required=False, help_text=_("En el que se le escribe.")
    )
    ventana_atribucion_dias = serializers.IntegerField(
        min_value=0, max_value=MAX_VENTANA_DIAS, required=False,
        help_text=_("En vez de la de cada campaña: hasta cuántos días antes cuentan sus clics."),
    )  # fmt: skip
    referente = CampoNombre(
        max_length=64, required=False, help_text=_("Identificador o referencia externa.")
    )
    referencia_externa = CampoNombre(max_length=64, required=False)
    configuracion_comisiones = ConfiguracionSerializer(required=False)


def _motivo_de_cambio() -> serializers.CharField:
    return serializers.CharField(
        max_length=500,
        required=False,
        help_text=_("Obligatorio si cambia lo que gana o quién lo refirió."),
    )


def _desde() -> CampoInstante:
    return CampoInstante(
        required=False,
        help_text=_("Desde cuándo valen las condiciones y la configuración; si no, desde ahora."),
    )


class CambiosDeAfiliadoSerializer(NuevoAfiliadoSerializer):
    """What changes of an affiliate; what is absent stays, and null takes away."""

    motivo = _motivo_de_cambio()
    desde = _desde()

    def get_fields(self) -> dict[str, Any]:
        """Those of a registration, none of them required."""
        campos = super().get_fields()
        for nombre, campo in campos.items():
            campo.required = False
            campo.allow_null = nombre in _SE_QUITAN
        return campos


class PonerAfiliadoSerializer(NuevoAfiliadoSerializer):
    """An affiliate as it is to be: what is left out it has no more, but for the language it is
    written to in and its reference, which its path says or stays."""

    referencia_externa = None  # type: ignore[assignment]
    motivo = _motivo_de_cambio()
    desde = _desde()


class MotivoOpcionalSerializer(SerializadorEstricto):
    """Why something is done, if there is more to say than that."""

    motivo = serializers.CharField(max_length=500, required=False)


class SuspenderSerializer(MotivoSerializer):
    """Why an affiliate is suspended, and until when."""

    hasta = CampoInstante(required=False, help_text=_("Entonces vuelve solo."))


class AfiliadoSerializer(serializers.Serializer[Afiliado]):
    """An affiliate as partners see it."""

    afiliado_id = serializers.CharField(source="id_publico")
    referencia_externa = serializers.CharField(allow_null=True)
    nombre = serializers.CharField()
    email = serializers.EmailField()
    telefono = serializers.CharField()
    documento_tipo = serializers.CharField()
    documento_pais = serializers.CharField()
    documento_numero = serializers.CharField(allow_null=True)
    referente_id = serializers.SerializerMethodField()
    tipo_afiliado = serializers.CharField()
    nivel = serializers.CharField()
    idioma = serializers.CharField()
    ventana_atribucion_dias = serializers.IntegerField(allow_null=True)
    estado = serializers.CharField()
    suspendido_hasta = serializers.DateTimeField(allow_null=True)
    configuracion_comisiones = serializers.SerializerMethodField()
    creado_en = serializers.DateTimeField()
    actualizado_en = serializers.DateTimeField()

    def get_referente_id(self, afiliado: Afiliado) -> str | None:
        """Who referred it; null for nobody."""
        return None if afiliado.referente is None else afiliado.referente.id_publico

    @extend_schema_field(ConfiguracionVigenteSerializer)
    def get_configuracion_comisiones(self, afiliado: Afiliado) -> dict[str, Any]:
        """Rates as decimal strings; null is inherited."""
        moneda = afiliado.moneda_comision

        def tasa(valor: Any) -> str | None:
            return None if valor is None else porcentaje_texto(valor)

        def monto(valor: Any) -> str | None:
            return None if valor is None else texto(valor, moneda)

        return {
            "comision_base": tasa(afiliado.comision_base),
            "comision_premium": tasa(afiliado.comision_premium),
            "comision_fija": monto(afiliado.comision_fija),
            "minimo_pago": monto(afiliado.minimo_pago),
            "moneda": moneda or None,
        }
