"""Serializer fields for money, currencies and free JSON."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from alpespartner.comun import dinero
from alpespartner.comun.textos import instante, normalizar, normalizar_cupon

# As ``dinero.decimal_exacto`` reads them: up to forty digits on each side of the point, of which
# those that are not padding are eleven and four.
MONTO = r"0{0,29}[0-9]{1,11}(\.[0-9]{1,4}0{0,36})?"
_CIEN = r"0{0,37}(100(\.0{1,40})?|[0-9]{1,2}(\.[0-9]{1,4}0{0,36})?)"
MONTO_POSITIVO: dict[str, Any] = {
    "oneOf": [
        {"type": "string", "pattern": rf"^(?=.*[1-9])\+?{MONTO}$"},
        {
            "type": "number",
            "minimum": 0,
            "exclusiveMinimum": True,
            "maximum": 99999999999.9999,
            "multipleOf": 0.0001,
        },
    ],
    "example": "100.50",
}
PORCENTAJE: dict[str, Any] = {
    "oneOf": [
        {"type": "string", "pattern": rf"^(\+?{_CIEN}|-0{{1,40}}(\.0{{1,40}})?)$"},
        {"type": "number", "minimum": 0, "maximum": 100, "multipleOf": 0.0001},
    ],
    "example": "15",
}


@extend_schema_field(MONTO_POSITIVO)
class CampoMonto(serializers.Field[Decimal, Any, str, Any]):
    """Positive amount in the currency's main unit, from a decimal string or a JSON number.

    How many decimals the currency allows is checked by the service, which knows the currency.
    """

    default_error_messages = {
        "no_positivo": _("Debe ser mayor que cero."),
        "demasiado_grande": _("Debe ser menor que 100.000.000.000."),
        "demasiado_preciso": _("Admite hasta 4 decimales."),
    }
    minimo_incluido = False

    def to_internal_value(self, data: Any) -> Decimal:
        """Exact decimal of the input, or a validation error."""
        try:
            monto = dinero.decimal_exacto(data)
        except dinero.DineroInvalido as exc:
            raise serializers.ValidationError(str(exc), code="numero_invalido") from None
        if monto < 0 or (monto == 0 and not self.minimo_incluido):
            self.fail("no_positivo")
        if monto > dinero.MAXIMO:
            self.fail("demasiado_grande")
        if monto != monto.quantize(Decimal(1).scaleb(-dinero.DECIMALES), context=dinero.CONTEXTO):
            self.fail("demasiado_preciso")
        return monto

    def to_representation(self, value: Any) -> str:
        """Plain text without an exponent."""
        return f"{value:f}"


@extend_schema_field(PORCENTAJE)
class CampoPorcentaje(CampoMonto):
    """Percentage from 0 to 100 (15 means 15 %) with up to four decimals."""

    minimo_incluido = True
    default_error_messages = {
        "no_positivo": _("Debe estar entre 0 y 100."),
        "demasiado_grande": _("Debe estar entre 0 y 100."),
    }

    def to_internal_value(self, data: Any) -> Decimal:
        """Exact decimal between 0 and 100, or a validation error."""
        valor = super().to_internal_value(data)
        if valor > 100:
            self.fail("demasiado_grande")
        # "-0" is zero.
        return valor.copy_abs()

    def to_representation(self, value: Any) -> str:
        """Plain text without trailing zeros: "15", "7.5"."""
        return porcentaje_texto(value)


def porcentaje_texto(valor: Decimal) -> str:
    """Percentage as plain text without trailing zeros."""
    return f"{valor.normalize(dinero.CONTEXTO):f}"


SIN_ZONA = _("Se esperaba fecha y hora ISO 8601 con su zona, como 2026-03-01T10:00:00Z.")


def instante_texto(en: datetime | None) -> str | None:
    """As ``serializers.DateTimeField`` writes it: ISO 8601, in UTC."""
    return None if en is None else en.astimezone(UTC).isoformat().removesuffix("+00:00") + "Z"


class CampoNombre(serializers.CharField):
    """Name that somebody typed or pasted: in its one form, which is what its length is of."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """The name in its form, or a validation error."""
        return super().run_validation(self.forma(data) if isinstance(data, str) else data)

    @staticmethod
    def forma(texto: str) -> str:
        """The form of these names."""
        return normalizar(texto)


class CampoCupon(CampoNombre):
    """Coupon: the same in any case."""

    @staticmethod
    def forma(texto: str) -> str:
        """In capitals."""
        return normalizar_cupon(texto)


class CampoCorreo(CampoNombre, serializers.EmailField):
    """E-mail address."""


class CampoInstante(serializers.DateTimeField):
    """ISO 8601 date and time that says its zone."""

    default_error_messages = {
        "invalid": SIN_ZONA,
        "overflow": _("La fecha no existe en UTC."),
    }

    def to_internal_value(self, value: Any) -> datetime:
        """The instant in UTC, or a validation error."""
        try:
            return instante(value)
        except ValueError:
            self.fail("invalid", format="")
        except OverflowError:
            self.fail("overflow")


@extend_schema_field(
    {"type": "string", "format": "iso-4217", "pattern": "^[A-Z]{3}$", "example": "USD"}
)
class CampoMoneda(serializers.CharField):
    """ISO 4217 code in capitals."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_length=3, max_length=3, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The code, or a validation error for a currency that is not ISO 4217."""
        moneda = super().to_internal_value(data)
        if len(moneda) == 3:
            try:
                dinero.exponente(moneda)
            except dinero.DineroInvalido as exc:
                raise serializers.ValidationError(str(exc), code="moneda_desconocida") from None
        return moneda


def _texto_de_numero(numero: Decimal) -> str:
    if not numero.is_finite():
        raise ValueError("NaN")
    return str(numero)


class _JSONLibre(serializers.JSONField):
    """JSON that a partner attaches: bounded, storable, and never a float."""

    tipo: type
    maximo_bytes = 16_384
    default_error_messages = {
        "tipo": _("Tipo no admitido."),
        "demasiado_grande": _("Admite hasta 16 KiB."),
        "texto_invalido": _("Contiene caracteres que no se pueden guardar."),
    }

    def to_internal_value(self, data: Any) -> Any:
        """The value with its decimals as strings."""
        if not isinstance(data, self.tipo):
            self.fail("tipo")
        try:
            texto = json.dumps(data, default=_texto_de_numero, ensure_ascii=False)
            tamano = len(texto.encode())
        except (UnicodeEncodeError, RecursionError, ValueError):
            self.fail("texto_invalido")
        if tamano > self.maximo_bytes:
            self.fail("demasiado_grande")
        if "\\u0000" in texto:
            self.fail("texto_invalido")
        return json.loads(texto)

    def to_representation(self, value: Any) -> Any:
        """The value as stored; a number without end, which JSON has no way to write, as text."""
        return _finito(value)


def _finito(valor: Any) -> Any:
    if isinstance(valor, float):
        return valor if math.isfinite(valor) else str(valor)
    if isinstance(valor, dict):
        return {clave: _finito(v) for clave, v in valor.items()}
    return [_finito(v) for v in valor] if isinstance(valor, list) else valor


@extend_schema_field(OpenApiTypes.OBJECT)
class CampoObjeto(_JSONLibre):
    """Free JSON object."""

    tipo = dict


@extend_schema_field({"$ref": "#/components/schemas/Problema"})
class CampoProblema(CampoObjeto):
    """Why an item was refused, as its own answer would say it."""


@extend_schema_field({"description": "An item, as its own address takes it."})
class CampoSinMirar(serializers.Field[Any, Any, Any, Any]):
    """Any JSON: a view validates items one by one, so that a bad one does not refuse the others."""

    def __init__(self) -> None:
        super().__init__(allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        """As it came."""
        return data


@extend_schema_field({"type": "array", "items": {"type": "object"}, "maxItems": 100})
class CampoLista(_JSONLibre):
    """List of up to a hundred JSON objects."""

    tipo = list

    def to_internal_value(self, data: Any) -> Any:
        """The list, or a validation error when an item is not an object."""
        valor = super().to_internal_value(data)
        if len(valor) > 100 or not all(isinstance(v, dict) for v in valor):
            self.fail("tipo")
        return valor


@cache
def _hecho(
    clase: type[serializers.Serializer[Any]], **contexto: bool
) -> serializers.Serializer[Any]:
    """A serializer made once: the copies of its fields cost more than what they do. All threads
    share it, so it keeps nothing of what it writes."""
    return clase(context=contexto)


def escrito(
    clase: type[serializers.Serializer[Any]], objeto: Any, **contexto: bool
) -> dict[str, Any]:
    """An object as a serializer writes it that knows no more of the request than ``contexto``."""
    salida: dict[str, Any] = _hecho(clase, **contexto).to_representation(objeto)
    return salida


class SerializadorEstricto(serializers.Serializer[Any]):
    """Input serializer that names unknown fields instead of dropping them."""

    @classmethod
    def leer(cls, datos: Any) -> dict[str, Any]:
        """What a request says, validated; raises ValidationError."""
        if isinstance(datos, dict):
            leido: dict[str, Any] = _hecho(cls).run_validation(datos)
            return leido
        entrada = cls(data=datos)
        entrada.is_valid(raise_exception=True)
        return dict(entrada.validated_data)

    def to_internal_value(self, data: Any) -> Any:
        """Validated input; a misspelt optional field must not pass unseen."""
        valor = super().to_internal_value(data)
        sobran = sorted(set(data) - set(self.fields))
        if sobran:
            raise serializers.ValidationError(
                {
                    nombre[:64]: [
                        serializers.ErrorDetail(
                            str(_("Campo desconocido.")), code="campo_desconocido"
                        )
                    ]
                    for nombre in sobran
                }
            )
        return valor


class MotivoSerializer(SerializadorEstricto):
    """Why something is done."""

    motivo = serializers.CharField(max_length=500)
