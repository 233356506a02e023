"""What an explanation says of its rule: its version, its level and the lines that it is of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from comisiones.calculo.explicacion import diferencias, pasos_de
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal


def publicar(nombre: str, **datos: Any) -> None:
    publicar_version(
        regla=crear_regla(nombre=nombre, campana=None, actor=ANA), vigente_desde=hace(days=365),
        actor=ANA, **datos,
    )  # fmt: skip


def reglas_de(comision: Comision) -> list[str]:
    return [paso.texto for paso in pasos_de(comision) if paso.codigo == "regla"]


def test_el_nivel_de_la_red() -> None:
    publicar("General", tipo="porcentual", porcentaje=D(10))
    publicar("Red", tipo="red", condiciones={"porcentajes": ["5"], "suspendido": "omitir"})
    referente = fabricas.afiliado_sin_tarifa()
    venta = fabricas.conversion(de=fabricas.afiliado_sin_tarifa(referente=referente))
    calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    primera, segunda = Comision.objects.order_by("nivel")
    assert reglas_de(primera) == ["Regla: General, versión 1."]
    assert reglas_de(segunda) == ["Regla: Red, versión 1, nivel 2 de la red."]


def test_las_lineas_de_cada_regla_y_lo_que_pagan_juntas() -> None:
    """An amount and a percentage: the rate of both together is what they pay of the whole."""
    publicar("General", tipo="porcentual", porcentaje=D(10))
    publicar("De C", tipo="fija", monto_fijo=D(3), moneda="USD", producto="C")
    productos = [
        {"producto_id": "C", "importe": "30"}, {"importe": "5"}, {"producto_id": "A", "importe": 15}
    ]  # fmt: skip
    suya = fabricas.comision(de=fabricas.afiliado_sin_tarifa(), valor="50", productos=productos)
    assert (suya.monto, suya.base, suya.tasa) == (D(5), D(50), D(10))
    assert sorted(reglas_de(suya)) == [
        "Regla: De C, versión 1, para las líneas de C.",
        "Regla: General, versión 1, para las líneas de sin nombre, A.",
    ]
    assert diferencias(suya) == ()


@pytest.mark.parametrize("otra", ["x", ["x"], None, 7])
def test_un_registro_que_no_tiene_su_forma_se_dice(otra: Any) -> None:
    """Where there should be figures there is something else: a difference, not an error."""
    suya = fabricas.comision()
    suya.traza["resultado"] = {**suya.traza["resultado"], "moneda": otra}
    assert {d.partition(":")[0] for d in diferencias(suya)} == {"moneda"}
    suya.traza["traza"] = [otra]
    assert "traza" in " ".join(diferencias(suya))
