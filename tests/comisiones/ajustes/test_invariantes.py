"""What holds of adjustments and refunds: clean after a life, and each broken row is named."""

from __future__ import annotations

from decimal import Decimal

import pytest

from alpespartner.comun.invariantes import comprobaciones
from comisiones.ajustes.invariantes import COMPROBACIONES
from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.comision.models import Comision
from conversiones.ventas.devoluciones import Devolucion, devolver
from outbox.models import EntregaPendiente, OutboxEvent
from tests import fabricas
from tests.comisiones.pagos.fabrica import ajuste
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal


def faltas() -> list[str]:
    return [fila for c in COMPROBACIONES for fila in c.filas()]


def devuelta(suya: Comision, *montos: str) -> Comision:
    for n, monto in enumerate(montos):
        datos = Devolucion(id_externo=f"d{n}", monto=D(monto))
        devolver(conversion=suya.conversion, datos=datos, actor=PRUEBAS)
    aplicar_devoluciones(conversiones_ids=[suya.conversion.id_publico], actor=PRUEBAS)
    suya.refresh_from_db()
    return suya


def cambiar(suya: Comision, monto: str, revertido: str) -> list[str]:
    """Behind every service."""
    Comision.objects.filter(pk=suya.pk).update(monto=D(monto), revertido=D(revertido))
    return faltas()


def test_en_parte() -> None:
    """What was taken is what its refunds say, in two goes; another one's are its own."""
    suya, otra = devuelta(fabricas.comision(), "30", "20"), devuelta(fabricas.comision(), "10")
    assert (suya.monto, suya.revertido, otra.monto, otra.revertido) == (D(5), D(5), D(9), D(1))
    assert faltas() == []
    assert cambiar(suya, "5.01", "4.99") == [f"{suya.id_publico}: reversos 5.0000 de 10.0000"]
    assert cambiar(suya, "4.99", "5.01") == [f"{suya.id_publico}: reversos 5.0000 de 10.0000"]
    assert cambiar(suya, "0", "4") == [f"{suya.id_publico}: reversos 5.0000 de 4.0000"]
    assert cambiar(suya, "5", "5") == []
    intacta = fabricas.comision()
    assert cambiar(intacta, "9", "1") == [f"{intacta.id_publico}: reversos 0 de 10.0000"]


def test_entera() -> None:
    """Nothing is left, to the cent."""
    suya = devuelta(fabricas.comision(), "99.99", "0.01")
    assert (suya.estado, suya.monto) == ("anulada", 0)
    assert faltas() == []
    assert cambiar(suya, "0.01", "10") == [f"{suya.id_publico}: devuelta entera y quedan 0.0100"]


def test_la_que_esta_en_un_pago_se_queda_como_era() -> None:
    """What its refund takes is an adjustment of just that."""
    suya = fabricas.pago().items.get().comision
    assert suya is not None
    devuelta(suya, "50")
    assert (suya.monto, suya.revertido) == (D(10), 0)
    suyo = Ajuste.objects.get()
    assert (suyo.tipo, suyo.monto, suyo.comision) == ("reverso", D(-5), suya)
    assert faltas() == []
    Ajuste.objects.update(monto=D("-4.99"))
    reverso = suyo.reverso
    assert faltas() == [f"{reverso.id_publico}: su ajuste no es de -5.0000"]


def test_nadie_aprueba_el_suyo() -> None:
    """Of those that persons draft; a fact has one author for both."""
    hecho = ajuste(fabricas.afiliado(), "1")
    assert (hecho.creado_por, hecho.aprobado_por) == (str(LUIS), str(ANA))
    suya = fabricas.pago().items.get().comision
    assert suya is not None
    devuelta(suya, "50")
    assert faltas() == []
    Ajuste.objects.filter(pk=hecho.pk).update(aprobado_por=str(LUIS))
    assert faltas() == [f"{hecho.id_publico}: redactado y aprobado por {LUIS}"]


def test_lo_contabilizado_se_conto() -> None:
    """One with its event, and one that lost it; a draft has none to lose."""
    uno, _otro = (ajuste(fabricas.afiliado(), "1") for _n in range(2))
    [hechos] = [c for c in comprobaciones() if c.nombre == "Cada hecho tiene su evento, una vez"]
    assert list(hechos.filas()) == []
    EntregaPendiente.objects.all().delete()
    OutboxEvent.objects.filter(aggregateid=uno.id_publico)._raw_delete(using="default")
    assert list(hechos.filas()) == [f"{uno.id_publico}: sin AjusteContabilizado"]
