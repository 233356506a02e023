"""After any number of random operations every invariant holds.

``ALPES_AZAR`` says how many (300 unless told) and ``ALPES_SEMILLA`` which; `make test-azar` does
10,000.
"""

from __future__ import annotations

import io
import os
from typing import Any

import pytest
from django.core.management import call_command

from comisiones.comision.models import Comision
from comisiones.models import Ajuste, Asiento, LotePago, Pago, Reverso
from conversiones.ventas.models import Conversion
from outbox.models import EventoAparcado
from tests.comisiones.azar import Azar, filas
from tests.comisiones.contadores.cuadre import cuadra
from tests.fabricas import a_la_vez

VECES = int(os.environ.get("ALPES_AZAR", "300"))
SEMILLA = int(os.environ.get("ALPES_SEMILLA", "20260310"))

pytestmark = [pytest.mark.lento, pytest.mark.usefixtures("por_porciones")]


def comprobar(azar: Azar) -> None:
    """Let it come to rest, and check every invariant."""
    azar.terminar()
    salida = io.StringIO()
    print(f"semilla {SEMILLA}: {dict(sorted(azar.hechas.items()))}")
    print(filas(Conversion, Comision, Asiento, Reverso, Ajuste, Pago, LotePago))
    try:
        call_command("verificar", cadena=True, stdout=salida)
    finally:
        print(salida.getvalue())
    assert not EventoAparcado.objects.exists()
    assert cuadra()
    assert Pago.objects.filter(estado="pagado").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(180 + VECES)
def test_verificar_tras_operaciones_al_azar(pasarela: Any) -> None:
    """Registered, calculated, held, approved, refunded, paid, replayed and out of order."""
    azar = Azar(SEMILLA)
    azar.correr(VECES)
    comprobar(azar)
    assert Asiento.objects.count() > VECES // 20
    assert not any("ocupada" in hecha for hecha in azar.hechas)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(180 + VECES)
def test_verificar_tras_cuatro_a_la_vez(pasarela: Any) -> None:
    """The same, by four at once on connections of their own."""
    azar = Azar(SEMILLA)
    azar.correr(40)
    manos = [azar.otras_manos(n) for n in range(4)]
    resultados = a_la_vez([lambda m=m: m.correr(VECES // 8) for m in manos])
    assert resultados == [None] * 4, resultados
    for suyas in manos:
        azar.hechas.update(suyas.hechas)
    comprobar(azar)
