"""Review: approve, reject, hold, release, void; and what each does to the ledger."""

from __future__ import annotations

from decimal import Decimal

import pytest

from afiliados.afiliado.services import (
    activar_afiliado,
    reactivar_afiliado,
    suspender_afiliado,
)
from alpespartner.comun.errores import Conflicto, DatoInvalido, NoPermitido
from comisiones.calculo.services import calcular_manual
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte, Asiento
from comisiones.libro.selectors import saldos
from comisiones.motor import Terminos
from comisiones.revision.errores import YaAprobada
from comisiones.revision.services import (
    anular_comision,
    aprobar_comision,
    liberar_comision,
    rechazar_comision,
    retener_comision,
)
from conversiones.ventas.services import rechazar_conversion
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db
D = Decimal


def apuntes(origen: str) -> list[tuple[str, str, Decimal]]:
    """Lines of the entries of one cause."""
    filas = Apunte.objects.filter(asiento__origen=origen).order_by("id")
    return [(a.asiento.tipo, a.cuenta, a.importe) for a in filas]


def test_aprobar() -> None:
    """Owed from now on: Dr expense, Cr payable of its affiliate; who and when are kept."""
    suya = aprobar_comision(comision=fabricas.comision(), actor=ANA, motivo=" bien ")
    assert (suya.estado, suya.aprobada_por) == ("aprobada", "persona:1")
    assert suya.aprobada_en is not None
    assert apuntes(suya.id_publico) == [
        ("aprobacion", "gasto_comisiones", D(10)),
        ("aprobacion", "por_pagar", D(-10)),
    ]
    assert saldos(suya.afiliado) == {"USD": D(10)}


def test_aprobar_otra_vez() -> None:
    """Same answer, no second event, no second entry (invariant 7's neighbour)."""
    suya = fabricas.aprobada()
    antes = fabricas.foto()
    for quien in (ANA, LUIS):
        with pytest.raises(YaAprobada) as error:
            aprobar_comision(comision=suya, actor=quien)
        assert error.value.comision == suya
    assert fabricas.foto() == antes
    assert OutboxEvent.objects.filter(type="ComisionAprobada").count() == 1


def test_aprobar_cero() -> None:
    """Nothing is owed, so nothing is posted, and it is closed at once."""
    suya = fabricas.aprobada(de=fabricas.afiliado(comision_base=D(0)))
    assert suya.estado == "cerrada"
    assert not Asiento.objects.exists()


@pytest.mark.parametrize("activo", [True, False])
def test_no_se_aprueba_sin_afiliado_activo(activo: bool) -> None:
    """Approving owes money: not to a pending or suspended affiliate."""
    afiliado = fabricas.afiliado(activo=activo)
    suya = fabricas.comision(de=afiliado)
    if activo:
        suspender_afiliado(afiliado=afiliado, actor=ANA, motivo="m")
    with pytest.raises(Conflicto) as error:
        aprobar_comision(comision=suya, actor=ANA)
    assert error.value.codigo == "afiliado_no_activo"
    volver = reactivar_afiliado if activo else activar_afiliado
    volver(afiliado=afiliado, actor=ANA, motivo="m")
    assert aprobar_comision(comision=suya, actor=ANA).motivo_retencion == ""


def test_sin_regla_ni_se_aprueba_ni_se_libera() -> None:
    """Its amount is not zero: it is unknown."""
    suya = fabricas.comision(de=fabricas.afiliado_sin_tarifa())
    for accion in (aprobar_comision, liberar_comision):
        with pytest.raises(Conflicto) as error:
            accion(comision=suya, actor=ANA)
        assert error.value.codigo == "sin_regla"
    assert rechazar_comision(comision=suya, actor=ANA, motivo="m").estado == "rechazada"


def test_cuatro_ojos() -> None:
    """Who set the amount by hand does not approve it; by a rule, anybody may."""
    a_mano = calcular_manual(
        conversion=fabricas.conversion(), terminos=Terminos(porcentaje=D(90)), actor=ANA
    )
    antes = fabricas.foto()
    with pytest.raises(NoPermitido) as error:
        aprobar_comision(comision=a_mano, actor=ANA)
    assert error.value.codigo == "cuatro_ojos"
    assert fabricas.foto() == antes
    assert aprobar_comision(comision=a_mano, actor=LUIS).estado == "aprobada"
    por_regla = calcular_manual(conversion=fabricas.conversion(), terminos=None, actor=ANA)
    assert aprobar_comision(comision=por_regla, actor=ANA).estado == "aprobada"


@pytest.mark.parametrize("accion", [rechazar_comision, retener_comision, anular_comision])
def test_motivo_obligatorio(accion: object) -> None:
    """A refusal that explains nothing cannot be answered to the affiliate."""
    suya = fabricas.comision()
    antes = fabricas.foto()
    with pytest.raises(DatoInvalido):
        accion(comision=suya, actor=ANA, motivo="  ")  # type: ignore[operator]
    assert fabricas.foto() == antes


def test_retener_y_liberar() -> None:
    """A person's hold survives the affiliate's activation: only a person lifts it."""
    afiliado = fabricas.afiliado()
    suya = retener_comision(comision=fabricas.comision(de=afiliado), actor=ANA, motivo="raro")
    assert (suya.estado, suya.motivo_retencion, suya.motivo) == ("retenida", "manual", "raro")
    suspender_afiliado(afiliado=afiliado, actor=ANA, motivo="m")
    reactivar_afiliado(afiliado=afiliado, actor=ANA, motivo="m")
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert suya.estado == "retenida"
    suya = liberar_comision(comision=suya, actor=LUIS)
    assert (suya.estado, suya.motivo_retencion) == ("pendiente", "")


def test_conversion_rechazada_antes_de_aprobar() -> None:
    """No cause, no commission; nothing was owed, so the ledger says nothing."""
    suya = fabricas.comision()
    rechazar_conversion(conversion=suya.conversion, actor=ANA, motivo="fraude")
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert suya.estado == "anulada"
    assert not Asiento.objects.exists()


def test_conversion_rechazada_despues_de_aprobar() -> None:
    """What was owed is reversed line by line; the first entry stays as it was."""
    suya = fabricas.aprobada(en=fabricas.campana(dias_retencion=30))
    rechazar_conversion(conversion=suya.conversion, actor=ANA, motivo="fraude")
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert suya.estado == "anulada"
    assert apuntes(suya.id_publico) == [
        ("aprobacion", "gasto_comisiones", D(10)),
        ("aprobacion", "por_pagar", D(-10)),
        ("anulacion", "por_pagar", D(10)),
        ("anulacion", "gasto_comisiones", D(-10)),
    ]
    assert saldos(suya.afiliado) == {"USD": D(0)}


def test_conversion_rechazada_antes_de_calcular() -> None:
    """Both events in one batch, in order: the commission is never made."""
    venta = fabricas.conversion()
    rechazar_conversion(conversion=venta, actor=ANA, motivo="fraude")
    fabricas.entregar_todo()
    assert not Comision.objects.exists()
