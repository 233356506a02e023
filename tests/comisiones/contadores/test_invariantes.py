"""``verificar`` sees what the counters miss, and waits for what is on its way."""

from __future__ import annotations

import pytest

from comisiones.comision.models import Comision
from comisiones.contadores.invariantes import (
    COMPROBACIONES,
    _contadas_como_estan,
    _suman_lo_contado,
)
from comisiones.contadores.models import Contada, Contador
from comisiones.revision.services import aprobar_comision
from outbox.models import EntregaPendiente, EventoProcesado, OutboxEvent
from tests import fabricas
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db


@pytest.fixture
def suya() -> Comision:
    nueva = fabricas.comision(valor="0.50")
    fabricas.comision()
    fabricas.entregar_todo()
    assert [list(c.filas()) for c in COMPROBACIONES] == [[], [], []]
    return nueva


@pytest.mark.parametrize("campo", ["cuantas", "importe"])
def test_un_contador_que_no_suma(suya: Comision, campo: str) -> None:
    for contador in Contador.objects.all():
        Contador.objects.filter(pk=contador.pk).update(**{campo: getattr(contador, campo) + 1})
        [linea] = _suman_lo_contado()
        assert linea.startswith(f"{contador.de} ['{contador.corte}', {contador.quien}")
        contador.save()
    assert list(_suman_lo_contado()) == []


def test_un_contador_que_falta_o_sobra(suya: Comision) -> None:
    Contador.objects.filter(corte="afiliado", quien=suya.afiliado_id, de="comision").delete()
    [linea] = _suman_lo_contado()
    assert "no está, son [1, 500]" in linea


@pytest.mark.parametrize(
    "cambio",
    [{"estado": "aprobada"}, {"moneda": "EUR"}, {"monto": "0.06"}, {"monto": "0.0501"}],
    ids=str,
)
def test_una_fila_que_cambio_sin_decirlo(suya: Comision, cambio: dict[str, str]) -> None:
    Comision.objects.filter(pk=suya.pk).update(**cambio)
    [linea] = _contadas_como_estan()
    assert linea.startswith(suya.id_publico)


def test_una_fila_sin_contar_y_una_que_no_existe(suya: Comision) -> None:
    contada = Contada.objects.get(de="comision", fila=suya.pk)
    Contada.objects.filter(pk=contada.pk).update(fila=suya.pk + 1_000)
    lineas = list(_contadas_como_estan())
    assert f"comision {suya.pk + 1_000}: se cuenta y no existe" in lineas
    assert [linea for linea in lineas if linea.startswith(suya.id_publico)]
    assert len(lineas) == 2


def test_lo_que_va_en_camino_no_falta(suya: Comision) -> None:
    aprobar_comision(comision=suya, actor=ANA)
    assert list(_contadas_como_estan()) == []
    # Lost: neither waiting nor handled is on its way too; handled and not counted is wrong.
    EntregaPendiente.objects.filter(suscripcion="contadores").delete()
    assert list(_contadas_como_estan()) == []
    for evento_id in OutboxEvent.objects.filter(aggregateid=suya.id_publico).values_list(
        "evento_id", flat=True
    ):
        EventoProcesado.objects.get_or_create(suscripcion="contadores", evento_id=evento_id)
    lineas = list(_contadas_como_estan())
    # The commission, and what it is owed since.
    assert len(lineas) == 2
    assert all(linea.startswith(suya.id_publico) for linea in lineas)


def test_por_tramos(suya: Comision, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row is compared once, wherever the reading is cut."""
    en = suya.campana
    for _vez in range(5):
        fabricas.comision(en=en)
    fabricas.entregar_todo()
    Comision.objects.update(monto="3")
    for tramo in (1, 2, 3, 7, 100):
        monkeypatch.setattr("comisiones.contadores.invariantes._POR_SENTENCIA", tramo)
        assert len(list(_contadas_como_estan())) == 7
        assert list(_suman_lo_contado()) == []
