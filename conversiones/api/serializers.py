"""What the APIs of campaigns and conversions take and give."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from alpespartner.comun.api.campos import (
    MONTO,
    CampoCupon,
    CampoInstante,
    CampoLista,
    CampoMoneda,
    CampoMonto,
    CampoNombre,
    CampoObjeto,
    CampoProblema,
    CampoSinMirar,
    SerializadorEstricto,
)
from alpespartner.comun.api.credencial import credencial
from alpespartner.comun.dinero import texto
from conversiones.atribucion import Motivo
from conversiones.campanas.models import Campana
from conversiones.campanas.selectors import presupuesto_de
from conversiones.clientes.candidatos import MAX_CLIC
from conversiones.clientes.models import MAX_CLIENTE
from conversiones.ventas.lineas import CLAVES_PRODUCTO
from conversiones.ventas.models import SIN_IMPORTE, Conversion, TipoConversion
from conversiones.ventas.validacion import CONCEPTOS, MAX_PRODUCTO, MAXIMO_ITEMS, PRECIOS

# From 0, as ``dinero.decimal_exacto`` reads them.
_IMPORTE: dict[str, Any] = {
    "nullable": True,
    "oneOf": [
        {"type": "string", "pattern": rf"^(\+?{MONTO}|-0{{1,40}}(\.0{{1,40}})?)$"},
        {"type": "number", "minimum": 0, "maximum": 99999999999.9999},
    ],
}
IMPORTE = {**_IMPORTE, "nullable": False, "example": "100.50"}
_CANTIDAD = {
    "oneOf": [
        {"type": "string", "pattern": r"^(?=.*[1-9])0{0,3}(100000|[0-9]{1,5})(\.0{1,9})?$"},
        {"type": "integer", "minimum": 1, "maximum": MAXIMO_ITEMS},
    ]
}
_PRODUCTO = {
    "nullable": True,
    "oneOf": [{"type": "string", "maxLength": MAX_PRODUCTO}, {"type": "integer"}],
}


@extend_schema_field(IMPORTE)
class CampoValor(CampoMonto):
    """What a sale is worth: from 0, which its service takes of some types only."""

    minimo_incluido = True


@extend_schema_field(
    {
        "type": "array",
        "maxItems": 100,
        "items": {
            "type": "object",
            "properties": {
                **{clave: _PRODUCTO for clave in CLAVES_PRODUCTO},
                "cantidad": _CANTIDAD,
                **{clave: _IMPORTE for clave in PRECIOS},
            },
            "additionalProperties": {},
        },
    }
)
class CampoProductos(CampoLista):
    """Lines of a sale: what the engine reads of them, and whatever else a partner attaches."""


@extend_schema_field(
    {
        "type": "object",
        "properties": {clave: _IMPORTE for clave in CONCEPTOS},
        "additionalProperties": {},
    }
)
class CampoMetadatos(CampoObjeto):
    """What a partner attaches to a sale: of it the engine reads the parts of its value."""


class NuevaConversionSerializer(SerializadorEstricto):
    """A sale to register."""

    afiliado_id = CampoNombre(
        max_length=64,
        required=False,
        help_text=_(
            "Identificador o referencia externa del afiliado. Sin él decide lo demás: el cliente, "
            "el cupón o el clic."
        ),
    )
    valor_conversion = CampoValor(
        help_text=_("Solo un registro, un contacto u otro pueden valer 0.")
    )
    tipo_conversion = serializers.ChoiceField(TipoConversion.choices, required=False)
    campana_id = CampoNombre(max_length=64, required=False)
    moneda = CampoMoneda(required=False)
    referencia_externa = CampoNombre(max_length=128, required=False)
    ocurrida_en = CampoInstante(required=False)
    canal_origen = CampoNombre(max_length=64, required=False, allow_blank=True)
    cupon = CampoCupon(
        max_length=64, required=False, allow_blank=True, help_text=_("Da igual en mayúsculas.")
    )
    cliente_ref = CampoNombre(
        max_length=MAX_CLIENTE,
        required=False,
        help_text=_("Cómo llama la tienda al cliente, en la campaña."),
    )
    clic_id = CampoNombre(
        max_length=MAX_CLIC, required=False, help_text=_("El alpes_clic que trajo al cliente.")
    )
    email_cliente = CampoNombre(
        max_length=254,
        required=False,
        help_text=_("Identifica al cliente; se guarda solo su huella."),
    )
    enlace = CampoNombre(
        max_length=64,
        required=False,
        allow_blank=True,
        help_text=_("Código del enlace que trajo la venta."),
    )
    productos = CampoProductos(required=False)
    metadatos = CampoMetadatos(required=False)

    def validate(self, attrs: Any) -> Any:
        """Only what the customer does without paying may be worth nothing."""
        tipo = attrs.get("tipo_conversion", TipoConversion.VENTA)
        if not attrs["valor_conversion"] and tipo not in SIN_IMPORTE:
            raise serializers.ValidationError(
                {"valor_conversion": [_("Debe ser mayor que cero.")]}, code="no_positivo"
            )
        return attrs


@extend_schema_field({"description": "A sale, as `POST /api/v1/conversiones` takes it."})
class CampoVenta(CampoSinMirar):
    """A sale of a batch."""


class LoteConversionesSerializer(SerializadorEstricto):
    """Up to 500 sales; each is checked and answered on its own."""

    conversiones = serializers.ListField(child=CampoVenta(), min_length=1, max_length=500)


class CandidatoSerializer(serializers.Serializer[Any]):
    """Who could have been credited with a sale, and why it was or was not."""

    afiliado_id = serializers.CharField(allow_null=True)
    por = serializers.CharField()
    resultado = serializers.ChoiceField(["gana", "pierde"])
    razon = serializers.CharField()
    dato = serializers.CharField(help_text=_("El cupón o el clic que lo nombra."))


class AtribucionSerializer(serializers.Serializer[Any]):
    """By what something was credited, and every candidate."""

    motivo = serializers.ChoiceField([str(m) for m in Motivo])
    candidatos = CandidatoSerializer(many=True)


class ResultadoLoteSerializer(serializers.Serializer[Any]):
    """What became of one item."""

    indice = serializers.IntegerField()
    estado = serializers.ChoiceField(["registrada", "rechazada"])
    conversion_id = serializers.CharField(required=False)
    referencia_externa = serializers.CharField(required=False, allow_null=True)
    afiliado_id = serializers.CharField(required=False, allow_null=True)
    atribucion = AtribucionSerializer(required=False)
    problema = CampoProblema(required=False)


class LoteResultadoSerializer(serializers.Serializer[Any]):
    """Answer to a batch, in the order of its items."""

    registradas = serializers.IntegerField()
    rechazadas = serializers.IntegerField()
    resultados = ResultadoLoteSerializer(many=True)


class ConversionSerializer(serializers.Serializer[Conversion]):
    """A conversion as partners see it."""

    conversion_id = serializers.CharField(source="id_publico")
    afiliado_id = serializers.SerializerMethodField(help_text=_("null: no es de nadie todavía."))
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
    actualizado_en = serializers.DateTimeField()

    def get_afiliado_id(self, conversion: Conversion) -> str | None:
        """Whose it is."""
        return conversion.afiliado.id_publico if conversion.afiliado else None

    def get_valor_conversion(self, conversion: Conversion) -> str:
        """Decimal string in the currency's main unit."""
        return texto(conversion.valor, conversion.moneda)


class ConversionRegistradaSerializer(ConversionSerializer):
    """A conversion as it was registered, and why it is whose it is."""

    atribucion = AtribucionSerializer()


class PresupuestoSerializer(serializers.Serializer[Any]):
    """The budget of a campaign, in its currency: decimal strings."""

    limite = serializers.CharField()
    gastado = serializers.CharField(allow_null=True, help_text=_("null mientras se cuenta."))
    queda = serializers.CharField(allow_null=True, help_text=_("null mientras se cuenta."))


class CampanaSerializer(serializers.Serializer[Campana]):
    """A campaign as partners see it."""

    campana_id = serializers.CharField(source="id_publico")
    referencia_externa = serializers.CharField(allow_null=True)
    nombre = serializers.CharField()
    descripcion = serializers.CharField()
    moneda = serializers.CharField()
    zona = serializers.CharField(help_text=_("La de sus días, en las cifras."))
    estado = serializers.CharField()
    predeterminada = serializers.SerializerMethodField()
    dias_retencion = serializers.IntegerField()
    inicia_en = serializers.DateTimeField()
    termina_en = serializers.DateTimeField(allow_null=True)
    presupuesto = serializers.SerializerMethodField()

    @extend_schema_field(PresupuestoSerializer(allow_null=True))
    def get_presupuesto(self, campana: Campana) -> dict[str, str | None] | None:
        """What it may cost and what is left of that; null without a limit. An affiliate's key does
        not see it."""
        if credencial(self.context["request"]).afiliado_id:
            return None
        suyo = presupuesto_de(campana)
        if suyo is None:
            return None
        return {
            "limite": texto(suyo.limite, campana.moneda),
            "gastado": None if suyo.gastado is None else texto(suyo.gastado, campana.moneda),
            "queda": None if suyo.queda is None else texto(suyo.queda, campana.moneda),
        }

    def get_predeterminada(self, campana: Campana) -> bool:
        """Whether it takes the conversions that name no campaign."""
        return bool(campana.predeterminada)
