"""Rows written around the services, with absurd values: no page, list or check ends with them."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from alpespartner.comun.invariantes import comprobaciones
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


def escribir(tabla: str, pk: int, campo: str, valor: Any) -> None:
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"UPDATE {tabla} SET {campo} = %s WHERE id = %s", [valor, pk])
        except Exception as exc:
            pytest.skip(f"la base no lo admite: {exc}")


def nada_se_rompe(jefa: Client, suya: int, venta: int, publico: str, conv: str) -> None:
    malas = []
    for ruta in (
        "/admin/",
        "/admin/comisiones/comision/",
        "/admin/comisiones/comision/?estado=todas",
        f"/admin/comisiones/comision/{suya}/change/",
        f"/admin/conversiones/conversion/{venta}/change/",
        "/admin/conversiones/conversion/",
    ):
        respuesta = jefa.get(ruta)
        malas += [] if respuesta.status_code == 200 else [(ruta, respuesta.status_code)]
    api = fabricas.api()
    for ruta in (
        "/api/v1/comisiones",
        "/api/v1/conversiones",
        f"/api/v1/comisiones/{publico}",
        f"/api/v1/comisiones/{publico}/explicacion",
        f"/api/v1/conversiones/{conv}",
    ):
        respuesta = api.get(ruta)
        malas += [] if respuesta.status_code == 200 else [(ruta, respuesta.status_code)]
    assert malas == []
    # Outside its snapshot, which a test's own transaction does not allow.
    Verificar(stdout=io.StringIO())._comprobar(comprobaciones())
    with suppress(CommandError):
        call_command("recalcular", stdout=io.StringIO())


@pytest.mark.lento
@pytest.mark.parametrize(("campo", "valor"), COMISION)
def test_a_commission(jefa: Client, campo: str, valor: Any) -> None:
    suya, vecina = fabricas.comision(), fabricas.comision()
    escribir("comisiones_comision", suya.pk, campo, valor)
    nada_se_rompe(jefa, suya.pk, suya.conversion_id, suya.id_publico, suya.conversion.id_publico)
    assert jefa.get(f"/admin/comisiones/comision/{vecina.pk}/change/").status_code == 200
    assert Comision.objects.get(pk=vecina.pk).monto == 10


@pytest.mark.lento
@pytest.mark.parametrize(("campo", "valor"), CONVERSION)
def test_a_sale(jefa: Client, campo: str, valor: Any) -> None:
    suya = fabricas.comision()
    escribir("conversiones_conversion", suya.conversion_id, campo, valor)
    nada_se_rompe(jefa, suya.pk, suya.conversion_id, suya.id_publico, suya.conversion.id_publico)


@pytest.mark.parametrize(("campo", "valor"), [par for par in CONVERSION if par[0] != "moneda"])
def test_a_sale_that_is_calculated_after(campo: str, valor: Any) -> None:
    """Its neighbours of the same batch get theirs."""
    ventas = [fabricas.conversion() for _ in range(3)]
    escribir("conversiones_conversion", ventas[1].pk, campo, valor)
    calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=fabricas.PRUEBAS)
    assert Comision.objects.filter(conversion__in=[ventas[0], ventas[2]], monto=10).count() == 2
