"""Races between sales of one customer: the last one that earns is one."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, a_la_vez, hace

pytestmark = pytest.mark.django_db(transaction=True)


def test_la_ultima_plaza_es_de_una() -> None:
    """Eight sales of a customer calculated at once, three of which may earn."""
    de, en = fabricas.afiliado_sin_tarifa(), fabricas.campana()
    publicar_version(
        regla=crear_regla(nombre="Tres", campana=en, actor=ANA), tipo="porcentual",
        porcentaje=Decimal(10), condiciones={"max_pagos": 3}, vigente_desde=hace(days=9),
        actor=ANA,
    )  # fmt: skip
    ventas = [
        fabricas.conversion(
            de=de, en=en, cliente_ref="c-1", ocurrida_en=timezone.now() - timedelta(minutes=n)
        )
        for n in range(8)
    ]
    primera = ventas[-1]
    calcular_comisiones(conversiones_ids=[primera.id_publico], actor=PRUEBAS)
    resultados = a_la_vez(
        [
            lambda v=v: calcular_comisiones(conversiones_ids=[v.id_publico], actor=PRUEBAS)
            for v in ventas[:-1]
        ]
    )
    assert not [r for r in resultados if isinstance(r, Exception)], resultados
    assert Comision.objects.filter(monto__gt=0).count() == 3
    assert Comision.objects.count() == 8
