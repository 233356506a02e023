"""What happened was told, once: each kind of fact that the apps declare."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from alpespartner.comun.identificadores import nuevo_uuid7
from alpespartner.comun.invariantes import comprobaciones
from comisiones.models import Pago
from comisiones.pagos.pago.envio import ejecutar_pago
from outbox.models import EntregaPendiente, OutboxEvent
from tests import fabricas
from tests.comisiones.pagos.fabrica import ajuste
from tests.fabricas import PRUEBAS

pytestmark = pytest.mark.django_db
TIPOS = [
    "AfiliadoRegistrado", "ConversionRegistrada", "ComisionCalculada", "ComisionAprobada",
    "AjusteContabilizado", "PagoConfirmado", "ComisionPagada",
]  # fmt: skip


@pytest.fixture
def vida() -> None:
    """A paid commission, one in review and an adjustment."""
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    fabricas.comision(de=pago.afiliado)
    ajuste(pago.afiliado, "1")
    assert Pago.objects.get().estado == "pagado"
    assert list(dichos()) == []


def dichos() -> Iterator[str]:
    [cual] = [c for c in comprobaciones() if c.nombre == "Cada hecho tiene su evento, una vez"]
    return iter(cual.filas())


@pytest.mark.parametrize("tipo", TIPOS)
def test_lo_que_no_se_conto_se_ve(vida: None, tipo: str) -> None:
    suyos = OutboxEvent.objects.filter(type=tipo)
    sujetos = sorted(suyos.values_list("aggregateid", flat=True))
    EntregaPendiente.objects.all().delete()
    suyos._raw_delete(using="default")
    assert sorted(dichos()) == [f"{sujeto}: sin {tipo}" for sujeto in sujetos]
    assert sujetos


@pytest.mark.parametrize("tipo", TIPOS)
def test_lo_que_se_conto_dos_veces_se_ve(vida: None, tipo: str) -> None:
    evento = OutboxEvent.objects.filter(type=tipo).latest("posicion")
    evento.pk, evento.evento_id = None, nuevo_uuid7()
    evento._state.adding = True
    evento.save()
    assert list(dichos()) == [f"{evento.aggregateid}: 2 × {tipo}"]
