"""Races for the last cents of a budget, on real connections."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comisiones.calculo.inmediato import PeticionCalculo, registrar_y_calcular
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.revision.espera_sitio import liberar_las_que_caben
from comisiones.revision.services import rechazar_comision
from tests import fabricas
from tests.comisiones.presupuesto.cuadre import cuadran, gastado
from tests.fabricas import ANA, PRUEBAS, a_la_vez

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def test_los_ultimos_centimos() -> None:
    """Room for three, and eight at once by three doors: three are pending, and nobody loses."""
    campana = fabricas.campana(presupuesto=D("39.99"))
    quienes = [fabricas.afiliado(email=f"a{n}@example.com") for n in range(8)]
    ventas = [fabricas.conversion(de=quien, en=campana).id_publico for quien in quienes[:6]]

    def pedir(n: int) -> Comision:
        return registrar_y_calcular(
            peticion=PeticionCalculo(
                referencia=f"v-{n}", afiliado=quienes[n], campana=campana, importe=D(100),
                moneda="USD",
            ),
            actor=PRUEBAS,
        )[0]  # fmt: skip

    hechas = a_la_vez(
        [lambda v=v: calcular_comisiones(conversiones_ids=[v], actor=PRUEBAS) for v in ventas[:3]]  # type: ignore[misc]
        + [lambda: calcular_comisiones(conversiones_ids=ventas[3:], actor=PRUEBAS)]
        + [lambda n=n: pedir(n) for n in (6, 7)]  # type: ignore[misc]
    )
    assert not [h for h in hechas if isinstance(h, BaseException)], hechas
    por_motivo = Comision.objects.values_list("estado", "motivo_retencion")
    assert sorted(por_motivo) == [("pendiente", "")] * 3 + [("retenida", "presupuesto_agotado")] * 5
    assert (gastado(campana), cuadran()) == (D(30), [])


def test_hacer_sitio_a_la_vez() -> None:
    """Three give back what two of those that wait need, while others release."""
    campana, socia = fabricas.campana(presupuesto=D(30)), fabricas.afiliado()
    tres = [fabricas.comision(de=socia, en=campana) for _ in range(3)]
    for _ in range(4):
        fabricas.comision(de=socia, en=campana)

    def liberar() -> int:
        return liberar_las_que_caben(campana_pk=campana.pk, actor=PRUEBAS)

    hechas = a_la_vez(
        [lambda c=c: rechazar_comision(comision=c, actor=ANA, motivo="m") for c in tres]  # type: ignore[misc]
        + [liberar] * 2
    )
    assert not [h for h in hechas if isinstance(h, BaseException)], hechas
    while liberar():
        pass
    assert Comision.objects.filter(estado="pendiente").count() == 3
    assert (gastado(campana), cuadran()) == (D(30), [])
