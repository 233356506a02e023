"""Rows written around the services, with absurd values: no page, list or check ends with them."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from alpespartner.operacion.management.commands.verificar import Command as Verificar
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from tests import fabricas

pytestmark = pytest.mark.django_db

ENORME = "123456789012345678901234567890"
# What each column of a commission, and of its sale, may be made to hold by hand.
COMISION: list[tuple[str, Any]] = [
    *((campo, valor) for campo in ("monto", "revertido", "base", "tasa")
      for valor in (1e15, ENORME, 9e999, "abc")),
    *(("moneda", valor) for valor in ("ZZZ", "")),
    *(("estado", valor) for valor in ("rota",)),
    ("motivo_retencion", "otro"),
    ("tipo", "otro"),
    *(("traza", valor) for valor in (
        "{}", "[]", "null", '"a"', "5", '{"traza": 5}', '{"traza": []}',
        '{"traza": [{"codigo": "nadie", "datos": {}}], "moneda": "USD"}',
        '{"traza": [{"codigo": "tope", "datos": {"antes": "x"}}], "moneda": "USD"}',
        '{"formato": 1, "terminos": {}, "hechos": {}, "acumulado": null}',
        '{"formato": 1, "resultado": {"monto": "1e99"}, "monto": "NaN"}',
    )),
    ("nivel", 99999),
    ("aprobada_por", "persona:99999999999999999999"),
]  # fmt: skip
CONVERSION: list[tuple[str, Any]] = [
    *(("valor", valor) for valor in (1e15, ENORME, 9e999, "abc")),
    ("moneda", "ZZZ"),
    ("estado", "rota"),
    *(("productos", valor) for valor in (
        "{}", '"a"', "[5]", "null", '[{"cantidad": 1e400}]', '[{"cantidad": {}, "id": []}]',
    )),
    *(("metadatos", valor) for valor in ("[]", '"a"', '{"envio": {}}', '{"envio": 1e400}')),
]  # fmt: skip


@pytest.fixture
def jefa() -> Client:
    cliente = Client()
    cliente.force_login(User.objects.create_superuser("jefa", "jefa@ejemplo.co", "x"))
    return cliente


def escribir(tabla: str, pk: int, campo: str, valor: Any) -> bool:
    """Whether the database takes it."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE {tabla} SET {campo} = %s WHERE id = %s", [valor, pk])
    except Exception:
        return False
    return True


@pytest.mark.lento
def test_every_page_opens(jefa: Client) -> None:
    """One row for each absurd value, and a good one beside them."""
    suyas = []
    for tabla, pares in (
        ("comisiones_comision", COMISION),
        ("conversiones_conversion", CONVERSION),
    ):
        for campo, valor in pares:
            suya = fabricas.comision()
            pk = suya.pk if pares is COMISION else suya.conversion_id
            if escribir(tabla, pk, campo, valor):
                suyas.append((f"{campo}={valor}", suya))
    vecina = fabricas.comision()
    assert len(suyas) > 20
    api = fabricas.api()
    paginas = [
        (cliente, "", ruta)
        for cliente, ruta in (
            (jefa, "/admin/"),
            (jefa, "/admin/comisiones/comision/"),
            (jefa, "/admin/comisiones/comision/?estado=todas"),
            (jefa, "/admin/conversiones/conversion/"),
            (api, "/api/v1/comisiones"),
            (api, "/api/v1/conversiones"),
        )
    ]
    for que, suya in [*suyas, ("la vecina", vecina)]:
        paginas += [
            (jefa, que, f"/admin/comisiones/comision/{suya.pk}/change/"),
            (jefa, que, f"/admin/conversiones/conversion/{suya.conversion_id}/change/"),
            (api, que, f"/api/v1/comisiones/{suya.id_publico}"),
            (api, que, f"/api/v1/comisiones/{suya.id_publico}/explicacion"),
            (api, que, f"/api/v1/conversiones/{suya.conversion.id_publico}"),
        ]
    estados = [(que, ruta, cliente.get(ruta).status_code) for cliente, que, ruta in paginas]
    assert [malo for malo in estados if malo[-1] != 200] == []
    # Outside its snapshot, which a test's own transaction does not allow.
    Verificar(stdout=io.StringIO())._comprobar(todas=True)
    with suppress(CommandError):
        call_command("recalcular", stdout=io.StringIO())
    assert Comision.objects.get(pk=vecina.pk).monto == 10


@pytest.mark.parametrize(("campo", "valor"), [par for par in CONVERSION if par[0] != "moneda"])
def test_a_sale_that_is_calculated_after(campo: str, valor: Any) -> None:
    """Its neighbours of the same batch get theirs."""
    ventas = [fabricas.conversion() for _ in range(3)]
    if not escribir("conversiones_conversion", ventas[1].pk, campo, valor):
        pytest.skip("la base no lo admite")
    calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=fabricas.PRUEBAS)
    assert Comision.objects.filter(conversion__in=[ventas[0], ventas[2]], monto=10).count() == 2
