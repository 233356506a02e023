"""Settings with a date to come: each takes effect at its moment, once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.cambio import aplicar_condiciones_vencidas
from afiliados.afiliado.configuracion import minimos_en_vigor, pendientes
from afiliados.afiliado.models import Afiliado, ConfiguracionProgramada
from afiliados.afiliado.services import actualizar_afiliado
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import historial_de
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.models import Pago
from comisiones.pagos.pago.services import programar_pagos
from tests import fabricas
from tests.fabricas import ANA

D = Decimal
pytestmark = pytest.mark.django_db


def cambiar(de: Afiliado, dias: float = 0, **cambios: Any) -> Afiliado:
    desde = timezone.now() + timedelta(days=dias) if dias else None
    return actualizar_afiliado(afiliado=de, cambios=cambios, actor=ANA, motivo="m", desde=desde)


def en(dias: float) -> Any:
    return time_machine.travel(timezone.now() + timedelta(days=dias), tick=True)


def como(de: Afiliado) -> tuple[Decimal | None, str, str]:
    de.refresh_from_db()
    return de.minimo_pago, de.idioma, de.resumen


def test_cada_cosa_a_su_hora() -> None:
    """What is said later holds later; what is not of settings changes at once."""
    suya = fabricas.afiliado(moneda_comision="USD")
    cambiar(suya, 2, minimo_pago=D(50), idioma="en", nombre="Eva")
    assert (como(suya), suya.nombre) == ((None, "es", "diario"), "Eva")
    # The same again at that time is nothing; what it is today is a change for then.
    cambiar(suya, 3, minimo_pago=D(50))
    cambiar(suya, 4, minimo_pago=None, resumen="nunca")
    assert [fila.campos for fila in pendientes(suya)] == [
        ["idioma", "minimo_pago"], ["minimo_pago", "resumen"],
    ]  # fmt: skip
    assert aplicar_condiciones_vencidas() == 0
    for dias, esperado in ((2.1, (D(50), "en", "diario")), (4.1, (None, "en", "nunca"))):
        with en(dias):
            assert [aplicar_condiciones_vencidas() for _vez in range(2)] == [1, 0]
        assert como(suya) == esperado
    hechos = historial_de("afiliado", suya.id_publico).values_list("accion", flat=True)
    assert list(hechos) == [
        "registrar", "programar_condiciones", "actualizar", "programar_condiciones",
        "aplicar_condiciones", "aplicar_condiciones",
    ]  # fmt: skip
    assert fabricas.eventos_de(suya.id_publico)[2:] == [
        "CondicionesProgramadas", "AfiliadoActualizado", "CondicionesProgramadas",
        "AfiliadoActualizado", "ConfiguracionComisionesActualizada",
        "AfiliadoActualizado", "ConfiguracionComisionesActualizada",
    ]  # fmt: skip


def test_lo_atrasado_no_deshace_lo_de_ahora() -> None:
    """A change by hand comes after what should have been there already."""
    suya = fabricas.afiliado(moneda_comision="USD")
    cambiar(suya, 1, minimo_pago=D(50))
    with en(1.1):
        cambiar(suya, minimo_pago=D(7))
        aplicar_condiciones_vencidas()
    assert como(suya)[0] == D(7)


def test_ni_con_el_minimo_que_ya_no_esta_en_vigor() -> None:
    suya = fabricas.afiliado(minimo_pago=D(10), moneda_comision="USD")
    comision = fabricas.aprobada(de=suya, valor="100")
    cambiar(suya, 1, minimo_pago=D(50))
    with en(1.1):
        programar_pagos(comisiones_ids=[comision.id_publico], actor=ANA)
        assert not Pago.objects.exists()


def test_se_paga_con_el_minimo_en_vigor() -> None:
    """To the second, whether or not the task came by."""
    suya = fabricas.afiliado(minimo_pago=D(50), moneda_comision="USD")
    comision = fabricas.aprobada(de=suya, valor="100")
    cambiar(suya, 1, minimo_pago=D(10))
    programar_pagos(comisiones_ids=[comision.id_publico], actor=ANA)
    assert (Pago.objects.count(), minimos_en_vigor()) == (0, {})
    with en(1.1):
        assert minimos_en_vigor([suya.pk]) == {suya.pk: D(10)}
        assert minimos_en_vigor([suya.pk + 1]) == {}
        barrer_pagos(actor=ANA)
        assert Pago.objects.get().importe == D(10)
    assert como(suya)[0] == D(50)


def test_lo_que_no_vale() -> None:
    """An amount that its currency has not, or of no currency; nothing is written."""
    suya, sin = fabricas.afiliado(moneda_comision="USD"), fabricas.afiliado()
    antes = fabricas.foto()
    for de, cambios, campo in (
        (suya, {"minimo_pago": D("1.005")}, "minimo_pago"),
        (suya, {"idioma": "fr"}, "idioma"),
        (sin, {"minimo_pago": D(1)}, "moneda_comision"),
    ):
        with pytest.raises(DatoInvalido) as error:
            cambiar(de, 1, **cambios)
        assert error.value.campo == campo
    assert fabricas.foto() == antes
    assert not ConfiguracionProgramada.objects.exists()


def test_un_primer_minimo_trae_la_moneda_del_programa(settings: Any) -> None:
    """Without one it would hold in none."""
    suya = fabricas.afiliado()
    cambiar(suya, minimo_pago=D(5))
    suya.refresh_from_db()
    assert (suya.minimo_pago, suya.moneda_comision) == (D(5), settings.MONEDA)
