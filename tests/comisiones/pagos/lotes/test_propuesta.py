"""What a batch takes and leaves out when it is proposed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.services import actualizar_afiliado, bloquear_afiliado
from alpespartner.comun.errores import Conflicto, DatoInvalido
from comisiones.models import ItemPago, LotePago, Pago
from comisiones.pagos.lotes.propuesta import rehacer_lote
from tests import fabricas
from tests.comisiones.pagos.fabrica import ajuste, proponer, todo_cuadra
from tests.fabricas import ANA, a_la_vez

pytestmark = pytest.mark.usefixtures("solo_lotes")
D = Decimal


@pytest.mark.lento
@pytest.mark.django_db
def test_quien_queda_fuera_y_por_que() -> None:
    """Their money waits for the next batch, and the page says why."""
    pagada, bloqueada, poca, deudora = (fabricas.afiliado(nombre=n) for n in "ABCD")
    for de in (pagada, bloqueada, poca, deudora):
        fabricas.aprobada(de=de)
    bloquear_afiliado(afiliado=bloqueada, actor=ANA, motivo="fraude")
    actualizar_afiliado(
        afiliado=poca,
        cambios={"minimo_pago": D("10.01"), "moneda_comision": "USD"},
        actor=ANA,
        motivo="m",
    )
    ajuste(deudora, "-10")
    lote = proponer()
    assert [p.afiliado for p in lote.pagos.all()] == [pagada]
    assert {e.afiliado_id: (e.motivo, e.importe) for e in lote.exclusiones.all()} == {
        bloqueada.pk: ("bloqueado", D(10)),
        poca.pk: ("bajo_minimo", D(10)),
        deudora.pk: ("saldo_negativo", D(0)),
    }
    # One cent more of balance, or a smaller debt, and they are in the next one.
    ajuste(poca, "0.01")
    ajuste(deudora, "4")
    assert {p.afiliado_id: p.importe for p in proponer().pagos.all()} == {
        poca.pk: D("10.01"), deudora.pk: D(4),
    }  # fmt: skip
    todo_cuadra()


@pytest.mark.django_db
def test_condiciones_de_la_propuesta() -> None:
    """By date, campaign and currency; whatever an affiliate owes is deducted in any campaign."""
    suya, verano, otra = fabricas.afiliado(), fabricas.campana(), fabricas.campana()
    tarde = fabricas.campana(dias_retencion=5)
    yenes = fabricas.campana(moneda="JPY")
    for en in (verano, otra, tarde, yenes):
        fabricas.aprobada(de=suya, en=en)
    ajuste(suya, "2")
    ajuste(suya, "-1")
    lote = proponer(campana=verano)
    assert [(p.importe, p.moneda) for p in lote.pagos.all()] == [(D(9), "USD")]
    assert [p.importe for p in proponer(hasta=timezone.now()).pagos.all()] == [D(12)]
    assert [p.importe for p in proponer(moneda="JPY").pagos.all()] == [D(10)]
    with pytest.raises(Conflicto):
        # A date to come does not mature anything.
        proponer(hasta=timezone.now() + timedelta(days=30))
    for mala in ({"moneda": "XXX"}, {"pasarela": "ninguna"}):
        with pytest.raises(DatoInvalido):
            proponer(**mala)


@pytest.mark.django_db
def test_rehacer_mantiene_las_condiciones() -> None:
    """Proposed again it is of the same campaign, until the same day, by whoever asks now."""
    suya, verano = fabricas.afiliado(), fabricas.campana()
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        fabricas.aprobada(de=suya, en=verano)
        fabricas.aprobada(de=suya, en=fabricas.campana())
    fabricas.aprobada(de=suya, en=verano, valor="7")
    hasta = timezone.now() - timedelta(days=1)
    viejo = proponer(campana=verano, hasta=hasta)
    nuevo = rehacer_lote(lote=viejo, actor=ANA)
    nuevo.refresh_from_db()
    viejo.refresh_from_db()
    assert (viejo.estado, nuevo.estado) == ("descartado", "borrador")
    assert (nuevo.campana, nuevo.hasta, nuevo.moneda) == (verano, hasta, "USD")
    assert (nuevo.pasarela, nuevo.preparado_por) == ("archivo", str(ANA))
    assert [p.importe for p in nuevo.pagos.all()] == [D(10)]


@pytest.mark.django_db(transaction=True)
def test_dos_personas_proponen_a_la_vez() -> None:
    """Each commission and adjustment goes in one of the two batches."""
    for _n in range(4):
        suya = fabricas.afiliado()
        fabricas.aprobada(de=suya)
        ajuste(suya, "1")
    hechos = a_la_vez([lambda: proponer()] * 4)
    assert not [h for h in hechos if not isinstance(h, (LotePago, Conflicto))], hechos
    assert ItemPago.objects.exclude(comision_viva=None).count() == 4
    assert ItemPago.objects.exclude(ajuste_vivo=None).count() == 4
    assert sum(p.importe for p in Pago.objects.all()) == D(44)
