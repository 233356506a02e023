"""The row of a calculated commission, and for what its calculation waits its turn."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from alpespartner.comun.models import Historial
from comisiones.calculo import turnos
from comisiones.calculo.services import recalcular_sin_importe
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal
ESCALA = {"tramos": [{"desde": "0", "porcentaje": "10"}]}


def tope(ambito: str) -> dict[str, str]:
    return {"ambito": ambito, "periodo": "mes", "monto": "25"}


def test_lo_calculado_se_guarda() -> None:
    """Reread: with which rule and version, of what, at which rate."""
    en = fabricas.campana()
    regla = crear_regla(nombre="Regla", campana=en, actor=ANA)
    publicar_version(
        regla=regla, tipo="porcentual", porcentaje=D("7.5"), vigente_desde=hace(days=9), actor=ANA
    )
    fabricas.comision(en=en, de=fabricas.afiliado_sin_tarifa(), valor="33.33")
    fila = Comision.objects.get()
    assert (fila.regla, fila.version_regla) == (regla, regla.versiones.get())
    assert (fila.tipo, fila.base, fila.tasa) == ("porcentual", D("33.33"), D("7.5"))
    assert (fila.monto, fila.moneda, fila.nivel) == (D("2.50"), "USD", 1)
    assert fila.traza["monto"] == "2.50"
    assert (fila.estado, fila.motivo_retencion) == ("pendiente", "")
    assert (fila.campana, fila.creada_por) == (en, str(PRUEBAS))


@pytest.mark.parametrize(
    ("datos", "espera"),
    [
        ({"tipo": "porcentual", "porcentaje": D(10)}, []),
        ({"tipo": "escalonada", "moneda": "USD", "condiciones": ESCALA}, []),
        (
            {"tipo": "escalonada", "moneda": "USD", "condiciones": {**ESCALA, "periodo": "mes"}},
            ["afiliado"],
        ),
        (
            {"tipo": "porcentual", "porcentaje": D(10), "moneda": "USD",
             "condiciones": {"topes_gasto": [tope("afiliado")]}},
            ["afiliado"],
        ),
        (
            {"tipo": "porcentual", "porcentaje": D(10), "moneda": "USD",
             "condiciones": {"topes_gasto": [tope("campana")]}},
            ["campana"],
        ),
        (
            {"tipo": "porcentual", "porcentaje": D(10), "moneda": "USD",
             "condiciones": {"topes_gasto": [tope("afiliado"), tope("campana")]}},
            ["afiliado", "campana"],
        ),
    ],
)  # fmt: skip
def test_por_que_turno_espera(
    datos: dict[str, Any], espera: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What depends on earlier commissions waits for them; what does not, for nobody."""
    tomados: list[str] = []
    monkeypatch.setattr(turnos, "tomar", lambda nombres: tomados.extend(nombres))
    en, suyo = fabricas.campana(), fabricas.afiliado_sin_tarifa()
    regla = crear_regla(nombre="Regla", campana=en, actor=ANA)
    publicar_version(regla=regla, actor=ANA, vigente_desde=hace(days=365), **datos)
    fabricas.comision(en=en, de=suyo)
    claves = {"afiliado": suyo.pk, "campana": en.pk}
    assert sorted(set(tomados)) == [f"{quien}:{claves[quien]}" for quien in espera]


def test_lo_que_esperaba_una_regla_se_calcula_y_se_guarda() -> None:
    """Reread: what it earns, that it changed and when."""
    with time_machine.travel(timezone.now() - timedelta(days=1)):
        en = fabricas.campana()
        suya = fabricas.comision(en=en, de=fabricas.afiliado_sin_tarifa())
    fabricas.regla(porcentaje="5", de=en)
    assert recalcular_sin_importe(comision=suya, actor=ANA)
    fila = Comision.objects.get()
    assert (fila.estado, fila.motivo_retencion, fila.monto) == ("pendiente", "", D(5))
    assert fila.version == suya.version + 1
    assert fila.actualizado_en > suya.actualizado_en + timedelta(hours=23)
    paso = Historial.objects.get(accion="recalcular")
    assert (paso.actor, paso.estado_anterior, paso.estado_nuevo) == (
        str(ANA), "retenida", "pendiente",
    )  # fmt: skip
    assert not recalcular_sin_importe(comision=suya, actor=ANA)
    assert Comision.objects.get().version == fila.version
