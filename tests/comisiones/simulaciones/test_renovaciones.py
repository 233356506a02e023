"""Renewals under a candidate: in a file, and against stored history."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from comisiones.models import Regla, Simulacion
from comisiones.reglas.services import crear_regla
from comisiones.simulaciones.services import avanzar_simulacion, crear_simulacion
from tests import fabricas
from tests.comisiones.simulaciones.mesa import CABECERA, DIEZ, Mesa

D = Decimal
FILAS = f"""{CABECERA},cliente,campana_id
c3,a,100,USD,2024-03-01T00:00:00Z,x,k
c1,a,100,USD,2024-01-31T00:00:00Z,x,k
c2,a,100,USD,2024-02-28T00:00:00Z,x,k
c4,a,100,USD,2024-06-01T00:00:00Z,,k
c5,a,100,USD,2024-06-01T00:00:00Z,x,otra
"""


@pytest.mark.parametrize(
    ("limites", "ganan"),
    [
        ({}, {"c1", "c2", "c3", "c4", "c5"}),
        ({"duracion_meses": 1}, {"c1", "c2", "c4", "c5"}),
        ({"duracion_meses": 0}, {"c1", "c4", "c5"}),
        ({"max_pagos": 2}, {"c1", "c2", "c4", "c5"}),
        ({"duracion_meses": 12, "max_pagos": 1}, {"c1", "c4", "c5"}),
    ],
)
def test_en_un_fichero(mesa: Mesa, limites: dict[str, int], ganan: set[str]) -> None:
    """In order of occurrence, whatever that of the file; a customer is of its campaign."""
    totales, lineas = mesa.simular([{**DIEZ, **limites}], FILAS)
    assert [linea[0] for linea in lineas] == ["c3", "c1", "c2", "c4", "c5"]
    assert {linea[0] for linea in lineas if D(linea[5])} == ganan
    assert totales["totales"] == {"USD": f"{10 * len(ganan)}.00"}


@pytest.mark.parametrize("limites", [{"max_pagos": 0}, {"duracion_meses": "12"}])
def test_lo_que_no_es_un_limite(mesa: Mesa, limites: dict[str, Any]) -> None:
    assert "general" in str(mesa.rechazo([{**DIEZ, **limites}], FILAS))


def correr(monkeypatch: pytest.MonkeyPatch, **datos: Any) -> Simulacion:
    monkeypatch.setattr("comisiones.simulaciones.services.encolar", lambda _pk: None)
    ahora = timezone.now()
    simulacion = crear_simulacion(
        nombre="P", desde=ahora - timedelta(days=60), hasta=ahora, actor=fabricas.ANA, **datos
    )
    while avanzar_simulacion(simulacion_pk=simulacion.pk, segundos=60):
        pass
    simulacion.refresh_from_db()
    return simulacion


@pytest.mark.django_db
@pytest.mark.parametrize("de", ["politica", "version"])
def test_contra_la_historia(monkeypatch: pytest.MonkeyPatch, de: str) -> None:
    """Two sales before what is looked at, three in it: with three that earn, only one of these."""
    campana, ana = fabricas.campana(), fabricas.afiliado_sin_tarifa()
    fabricas.regla(porcentaje="10", de=campana)
    for dias in (100, 90, 50, 40, 30):
        fabricas.comision(de=ana, en=campana, cliente_ref="x", ocurrida_en=fabricas.hace(days=dias))
    limites = {"max_pagos": 3}
    if de == "politica":
        datos: dict[str, Any] = {
            "politica": json.dumps({"moneda": "USD", "reglas": [{**DIEZ, **limites}]})
        }
    else:
        regla: Regla = crear_regla(nombre="Otra", campana=campana, actor=fabricas.ANA)
        datos = {
            "regla": regla,
            "borrador": {"tipo": "porcentual", "porcentaje": D(10), "condiciones": limites,
                         "prioridad": 5},
        }  # fmt: skip
    hecha = correr(monkeypatch, **datos)
    usd = hecha.resultado["USD"]
    assert (usd["ventas"], usd["hoy"], usd["candidata"]) == (3, "30.00", "10.00")
