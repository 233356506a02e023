"""Which terms hold amounts of a currency: one amount among percentages is enough."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comisiones.motor import Metrica, Terminos, Tipo, Tramo
from comisiones.motor.calculo import lleva_montos

D = Decimal
CON, SIN = {"monto_fijo": D("0.01")}, {"porcentaje": D(1)}


@pytest.mark.parametrize(
    ("tramos", "lleva"),
    [((SIN, SIN), False), ((CON, SIN), True), ((SIN, CON), True), ((CON, CON), True)],
)
def test_escala_por_cantidad(tramos: tuple[dict[str, Decimal], ...], lleva: bool) -> None:
    """By quantity its limits are no amounts: only what it pays can be."""
    desde = [D(0), D(2)]
    escala = tuple(
        Tramo(desde=desde[n], hasta=desde[n + 1] if n == 0 else None, **datos)
        for n, datos in enumerate(tramos)
    )
    terminos = Terminos(tipo=Tipo.ESCALONADA, metrica=Metrica.CANTIDAD, tramos=escala)
    assert lleva_montos(terminos) is lleva
