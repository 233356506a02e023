"""The benchmark of the figures runs, on a few sales."""

from __future__ import annotations

import pytest

from comisiones.metricas.models import Cifra
from comisiones.metricas.selectors import Agrupar
from conversiones.rastreo.models import Enlace
from tests import fabricas

pytestmark = pytest.mark.django_db


def test_el_banco_en_pequeno(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("scripts")
    import medir_metricas

    afiliado, campana = fabricas.afiliado(), fabricas.campana(pagina="https://tienda.example/")
    for _vez in range(3):
        fabricas.comision(de=afiliado, en=campana)
    fabricas.entregar_todo()
    antes = list(Cifra.objects.values_list("campana", "afiliado", "valor"))
    assert medir_metricas.hacer_clics(365 * 3, codigos=2) == 365 * 2 * 2
    assert Enlace.objects.count() == 2
    monkeypatch.setattr(medir_metricas, "_CADA", 1)
    assert medir_metricas.poner_codigos(2) == 2
    consumidor = medir_metricas.medir_consumidor(4)
    assert consumidor["eventos"] == 4
    assert consumidor["por_segundo"] > 0
    rehechas = medir_metricas.medir_reconstruccion()
    assert rehechas["filas"] == 6
    assert rehechas["eventos"] >= 6
    informes = medir_metricas.medir_informes(veces=1)
    assert set(informes) == set(Agrupar.values)
    assert all(suyo["p50_ms"] >= 0 and suyo["grupos"] for suyo in informes.values())
    # Each link has its clicks and its sales, and each coupon the same sales.
    assert informes["enlace"]["grupos"] == informes["cupon"]["grupos"] == 2
    # What it forgot to measure it is there again.
    despues = Cifra.objects.values_list("campana", "afiliado", "valor")
    assert sorted(despues) == sorted(antes)
