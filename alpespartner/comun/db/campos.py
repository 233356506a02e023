"""Model fields that mean the same in every app."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.dinero import DECIMALES, DIGITOS
from alpespartner.comun.identificadores import LARGO_ID


def campo_dinero(verbose_name: object, **opciones: Any) -> models.DecimalField[Any, Any]:
    """Amount in the main unit of the row's currency: Decimal(19,4)."""
    return models.DecimalField(
        verbose_name,  # type: ignore[arg-type]
        max_digits=DIGITOS,
        decimal_places=DECIMALES,
        **opciones,
    )


def campo_porcentaje(verbose_name: object, **opciones: Any) -> models.DecimalField[Any, Any]:
    """Percentage (15 means 15 %): Decimal(7,4)."""
    return models.DecimalField(
        verbose_name,  # type: ignore[arg-type]
        max_digits=7,
        decimal_places=4,
        **opciones,
    )


def campo_moneda(**opciones: Any) -> models.CharField[Any, Any]:
    """ISO 4217 code."""
    return models.CharField(_("moneda"), max_length=3, **opciones)


def campo_id_publico() -> models.CharField[Any, Any]:
    """Prefixed public id; the primary key never leaves the system."""
    return models.CharField(_("identificador"), max_length=LARGO_ID, unique=True, editable=False)


def largo_de(modelo: type[models.Model], campo: str) -> int:
    """How many characters a text column holds."""
    columna = modelo._meta.get_field(campo)
    assert isinstance(columna, models.CharField)  # noqa: S101
    return columna.max_length or 0
