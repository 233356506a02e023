"""Every row has a name that the admin can show, also before it is saved."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db import models

MODELOS = [
    modelo
    for etiqueta in ("comun", "outbox", "afiliados", "conversiones", "comisiones")
    for modelo in apps.get_app_config(etiqueta).get_models()
]
VALORES: dict[type[models.Field[Any, Any]], Any] = {
    models.CharField: "x", models.DecimalField: Decimal(1), models.IntegerField: 1,
    models.DateField: date(2026, 1, 31),
}  # fmt: skip


def fila(modelo: type[Any], hondo: int = 2) -> Any:
    """One with a value in each field, and rows of others in those that name them."""
    datos = {}
    for campo in modelo._meta.concrete_fields:
        if campo.is_relation:
            if hondo:
                datos[campo.name] = fila(campo.related_model, hondo - 1)
        elif not campo.has_default():
            valor = (v for tipo, v in VALORES.items() if isinstance(campo, tipo))
            datos[campo.name] = next(valor, None)
    return modelo(**datos)


@pytest.mark.parametrize("modelo", MODELOS, ids=lambda modelo: modelo._meta.label)
def test_como_se_llama(modelo: Any) -> None:
    assert str(fila(modelo)).strip()
