"""Whose each sale is, whatever the order in which clicks, customers, sales and refunds arrive.

The same facts arrive in two orders drawn at random, through the real services. ``ALPES_ORDEN`` says
how many such stories (a few unless told) and ``ALPES_SEMILLA`` which.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from alpespartner.comun.invariantes import comprobaciones
from comisiones.comision.models import Comision
from conversiones.clientes.models import Cliente
from conversiones.rastreo.models import Clic
from conversiones.ventas.devoluciones import queda_de
from conversiones.ventas.informe import informe_de
from conversiones.ventas.models import Conversion
from tests.conftest import casos
from tests.conversiones.orden.hechos import Hechos, Llegadas, hechos, llegadas
from tests.conversiones.orden.mundo import Base, Mundo, levantar
from tests.conversiones.orden.oraculo import REHUSADA, veredictos

CASOS = int(os.environ.get("ALPES_ORDEN", "0"))
SEMILLA = os.environ.get("ALPES_SEMILLA")

pytestmark = [pytest.mark.django_db, pytest.mark.lento]


@pytest.fixture(scope="module")
def base(una_vez: Callable[[Callable[[], Any]], Any]) -> Base:
    return una_vez(levantar)


@pytest.mark.timeout(180 + 20 * CASOS)
@seed(int(SEMILLA or 0))
@settings(
    max_examples=CASOS or casos(8),
    derandomize=SEMILLA is None,
    suppress_health_check=list(HealthCheck),
)
@given(datos=st.data())
def test_the_same_facts_in_two_orders(base: Base, tmp_path: Path, datos: st.DataObject) -> None:
    todo = datos.draw(hechos())
    llegan = [datos.draw(llegadas(todo)) for _vez in range(2)]
    de_una, de_otra = (
        correr(base, todo, de_estas, tmp_path / str(vez)) for vez, de_estas in enumerate(llegan)
    )
    for n, suyo in de_una.items():
        dicho = todo.dichos[n]
        if dicho.cliente is None and dicho.correo is None:
            if all(ya_se_sabia(todo, de_estas, n) for de_estas in llegan):
                assert suyo == de_otra[n], n
        elif suyo[:2] == de_otra[n][:2]:
            assert suyo == de_otra[n], n


def ya_se_sabia(todo: Hechos, llegan: Llegadas, n: int) -> bool:
    """Whether all that was clicked before something was taken in before it was told."""
    return all(
        llegan.recogidas[k] <= llegan.dichos[n]
        for k, clic in enumerate(todo.clics)
        if clic.en <= todo.dichos[n].en
    )


Resumen = tuple[int | None, str, Decimal, Decimal]


def correr(base: Base, todo: Hechos, llegan: Llegadas, carpeta: Path) -> dict[int, Resumen]:
    """Bring them about, compare with the oracle, and forget them. What became of each sale: whose
    it is, by what, what is left of it and what it earns."""
    try:
        with transaction.atomic(), override_settings(CLICS_DIR=carpeta):
            mundo = Mundo(base, todo, llegan, carpeta)
            mundo.correr()
            with time_machine.travel(mundo.fin, tick=False):
                resumen = comprobar(mundo)
            transaction.set_rollback(True)
    finally:
        shutil.rmtree(carpeta, ignore_errors=True)
    return resumen


def comprobar(mundo: Mundo) -> dict[int, Resumen]:
    todo = mundo.hechos
    dicen, clientes = veredictos(todo, mundo.llegadas)
    quienes = {a.pk: n for n, a in enumerate(mundo.base.afiliados)}
    resumen: dict[int, Resumen] = {}
    for n, clave in mundo.ventas.items():
        if isinstance(clave, str):
            assert (dicen[n], clave) == (REHUSADA, "afiliado_no_admitido"), n
            resumen[n] = (*REHUSADA, Decimal(0), Decimal(0))
            continue
        venta = Conversion.objects.select_related("atribucion", "afiliado").get(pk=clave)
        fila = getattr(venta, "atribucion", None)
        motivo = "explicito" if fila is None else fila.motivo
        suyo = quienes.get(venta.afiliado_id or 0)
        assert (suyo, motivo) == dicen[n], (n, fila and fila.candidatos)
        if motivo == "clic":
            assert Clic.objects.get(id_publico=fila.dato).momento <= venta.ocurrida_en
        for modelo, partes in informe_de(venta).items():
            assert not partes or sum(monto for _de, monto in partes) == venta.valor, modelo
        queda = queda_de(venta)
        assert queda == lo_que_queda(todo, n)
        comisiones = list(Comision.objects.filter(conversion=venta))
        # Of one that came back whole before its turn nothing is calculated.
        if suyo is not None and (queda or comisiones):
            assert [c.afiliado_id for c in comisiones] == [venta.afiliado_id]
        else:
            assert comisiones == []
        gana = sum((c.monto for c in comisiones), Decimal(0))
        assert bool(gana) <= bool(queda)
        resumen[n] = (suyo, motivo, queda, gana)
    for cliente in Cliente.objects.filter(campana=mundo.campana):
        sabido = clientes.pop(int(cliente.cliente_ref.removeprefix("compra-")))
        assert quienes.get(cliente.afiliado_id or 0) == sabido.de, cliente.cliente_ref
        assert cliente.visitantes.count() == len(sabido.navegadores)
    assert clientes == {}
    # The last one but the warnings reads every column of every table.
    for comprobacion in comprobaciones():
        if comprobacion.nombre == "Cada columna tiene un valor de los suyos":
            continue
        assert list(comprobacion.filas()) == [], comprobacion.nombre
    return resumen


def lo_que_queda(todo: Hechos, n: int) -> Decimal:
    queda = centimos = todo.dichos[n].centimos
    for devuelta in todo.devueltas:
        if devuelta.venta == n:
            parte = devuelta.parte
            queda -= queda if parte is None else max(1, centimos * parte // 100)
    return Decimal(max(queda, 0)) / 100
