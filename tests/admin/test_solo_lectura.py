"""What is only shown stays as it is, and nothing is ever deleted: asked of a page of everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from tests.admin.conftest import Programa, cliente_de
from tests.admin.test_paginas import MODELOS, _poblar, _url

pytestmark = [pytest.mark.una_base, pytest.mark.django_db]
SOLO_LECTURA = ("Comision", "Asiento", "Apunte", "Pago", "OutboxEvent", "EntregaPendiente",
                "EventoAparcado", "Historial", "FilaImportada", "LineaSimulacion",
                "DevolucionPendiente", "Liquidacion", "AvisoPasarela", "Propuesta",
                "Sesion", "DecisionEnMasa", "LineaEnMasa", "Exportacion",
                "FilaSaltada", "Webhook", "EntregaWebhook")  # fmt: skip


@pytest.fixture(scope="module")
def una_de_todo(una_vez: Callable[[Callable[[], Any]], Any]) -> User:
    """Whoever may do anything, where there is a row of every kind."""

    def hacer() -> User:
        jefa = User.objects.create_superuser("jefa", "jefa@ejemplo.co", "x")
        with override_settings(SEPA_IBAN="DE89370400440532013000"):
            _poblar(Programa(), 1)
        return jefa

    suya: User = una_vez(hacer)
    return suya


@pytest.fixture
def admin(una_de_todo: User) -> Client:
    return cliente_de(una_de_todo)


@pytest.mark.lento
@pytest.mark.parametrize("nombre", SOLO_LECTURA)
def test_ni_anadir_ni_editar_ni_borrar(admin: Client, nombre: str) -> None:
    modelo = next(m for m in MODELOS if m.__name__ == nombre)
    fila = modelo.objects.first()
    antes = modelo.objects.count()
    assert admin.post(_url(modelo, "add"), {"importe": "1"}).status_code == 403
    assert admin.post(_url(modelo, "change", fila.pk), {"importe": "1"}).status_code == 403
    assert admin.post(_url(modelo, "delete", fila.pk), {"post": "yes"}).status_code == 403
    admin.post(
        _url(modelo, "changelist"),
        {"action": "delete_selected", "_selected_action": [fila.pk], "post": "yes"},
    )
    assert modelo.objects.count() == antes


@pytest.mark.parametrize("modelo", MODELOS, ids=lambda m: m.__name__)
def test_nada_se_borra_y_el_estado_no_es_un_campo(admin: Client, modelo: Any) -> None:
    fila = modelo.objects.first()
    assert admin.post(_url(modelo, "delete", fila.pk), {"post": "yes"}).status_code == 403
    assert b'name="estado"' not in admin.get(_url(modelo, "change", fila.pk)).content
