"""Making the counters anew: whole, cut, and of what there was before the consumer."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command

from alpespartner.comun.invariantes import comprobaciones
from comisiones.comision.models import Comision
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.models import Contada, Contador, Recuento
from comisiones.contadores.reconstruccion import _intacta, reconstruir
from comisiones.contadores.selectors import celdas
from comisiones.contadores.tablas import COMISIONES, VENTAS
from comisiones.revision.services import aprobar_comision
from outbox import rehacer
from outbox.entrega import entregar
from outbox.models import EntregaPendiente, EventoProcesado
from outbox.selectors import sin_entregar
from tests import fabricas
from tests.comisiones.contadores.cuadre import cuadra
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _de_a_tres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rehacer, "PORCION", 3)


@pytest.fixture
def ventas() -> Iterator[list[Comision]]:
    """Eight commissions of one campaign, told."""
    en, de = fabricas.campana(), fabricas.afiliado()
    suyas = [fabricas.comision(en=en, de=de, valor=f"{n + 1}.15") for n in range(8)]
    fabricas.entregar_todo()
    return suyas  # type: ignore[return-value]


def verificar() -> str:
    """What ``verificar`` says, inside the test's transaction."""
    dicho = ""
    for comprobacion in comprobaciones():
        filas = list(comprobacion.filas())
        if filas:
            marca = "aviso" if comprobacion.aviso else "mal"
            dicho += "\n".join([f"{marca}: {comprobacion.nombre}", *filas, ""])
    return dicho


@pytest.mark.lento
def test_de_nada_a_todo(ventas: list[Comision]) -> None:
    Contada.objects.all().delete()
    Contador.objects.all().delete()
    salida = io.StringIO()
    call_command("reconstruir_contadores", stdout=salida)
    assert salida.getvalue() == "16 filas contadas\n"
    assert cuadra()
    assert "mal:" not in verificar()
    assert not Recuento.objects.exclude(rehecho_hasta=None).exists()


@pytest.mark.lento
def test_arregla_lo_que_se_estropeo(ventas: list[Comision]) -> None:
    Contador.objects.filter(corte="campana").update(cuantas=99)
    Contada.objects.filter(fila=ventas[2].pk).update(importe=7)
    Contador.objects.create(de="comision", corte="", quien=0, estado="x", moneda="USD", cuantas=3,
                            importe=1)  # fmt: skip
    dicho = verificar()
    assert "mal: Los contadores suman lo que cuentan" in dicho
    assert "mal: Cada fila se cuenta como está" in dicho
    for _paso in reconstruir():
        pass
    assert cuadra()
    assert "mal:" not in verificar()


@pytest.mark.lento
def test_cortada_sigue_donde_estaba(ventas: list[Comision]) -> None:
    """Meanwhile nobody reads the counters, and the consumer goes on adding."""
    Contador.objects.update(cuantas=99)
    pasos = reconstruir()
    assert next(pasos) == (COMISIONES, 3)
    pasos.close()
    assert celdas(COMISIONES, [{"estado": "pendiente"}]) == []
    dicho = verificar()
    assert "aviso: Los contadores están enteros" in dicho
    assert "sigue con manage.py reconstruir_contadores" in dicho
    assert "mal:" not in dicho
    # One that was counted anew, and one that was not.
    for suya in (ventas[0], ventas[7]):
        aprobar_comision(comision=suya, actor=ANA)
    entregar(CONTADORES)
    fabricas.comision(en=ventas[0].campana)
    assert [(t.nombre, n) for t, n in reconstruir()] == [
        ("comision", 3), ("comision", 3), ("conversion", 3), ("conversion", 3), ("conversion", 3),
        ("libro", 2),
    ]  # fmt: skip
    fabricas.entregar_todo()
    assert cuadra()
    [pendientes] = celdas(COMISIONES, [{"estado": "pendiente"}]) or []
    assert pendientes.cuantas == 7


def test_cortada_entre_dos_tablas_no_empieza_otra_vez(ventas: list[Comision]) -> None:
    pasos = reconstruir()
    for _paso in pasos:
        if Recuento.objects.filter(de="comision", rehecho_hasta=None).exists():
            break
    pasos.close()
    assert {t.nombre for t, _n in reconstruir()} == {"conversion"}
    assert cuadra()


@pytest.mark.lento
def test_lo_que_habia_antes_del_consumidor(ventas: list[Comision]) -> None:
    """Its events are received: their rows were counted as they are."""
    EventoProcesado.objects.filter(suscripcion="contadores")._raw_delete("default")
    Contada.objects.all().delete()
    Contador.objects.all().delete()
    assert "contadores no lo tiene" in verificar()
    for _paso in reconstruir():
        pass
    assert not sin_entregar(CONTADORES).exists()
    assert "mal:" not in verificar()
    assert cuadra()


def test_lo_que_espera_sigue_esperando(ventas: list[Comision]) -> None:
    """An event on its way is not taken for received, not even by a recount that goes on."""
    aprobar_comision(comision=ventas[0], actor=ANA)
    antes = EntregaPendiente.objects.filter(suscripcion="contadores").count()
    assert antes
    pasos = reconstruir()
    next(pasos)
    pasos.close()
    suya = Comision.objects.get(pk=ventas[0].pk)
    # Told while it was cut, and not received: of a row that was counted before.
    EntregaPendiente.objects.filter(suscripcion="contadores").delete()
    for _paso in reconstruir():
        pass
    assert sin_entregar(CONTADORES).filter(aggregateid=suya.id_publico).count() == antes


@pytest.mark.parametrize("tabla", [COMISIONES, VENTAS])
def test_sin_filas(tabla: Any) -> None:
    assert list(reconstruir()) == []
    assert celdas(tabla, [{"estado": "pendiente"}]) == []
    assert Recuento.objects.get(de=tabla.nombre).rehecho_hasta is None


def test_empezada_ya_no_esta_intacta() -> None:
    for tabla in TABLAS:
        Recuento.objects.update_or_create(de=tabla.nombre, defaults={"rehecho_hasta": 0})
    assert _intacta() is True
    Recuento.objects.filter(de=TABLAS[-1].nombre).update(rehecho_hasta=1)
    assert _intacta() is False
