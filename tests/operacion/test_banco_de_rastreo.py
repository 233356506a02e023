"""The benchmark of the redirect runs, as far as it needs no server."""

from __future__ import annotations

import pytest

from conversiones.rastreo.models import Clic
from tests import fabricas

pytestmark = pytest.mark.django_db


def test_el_banco_en_pequeno(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("scripts")
    import medir_rastreo
    from banco import clics

    campana = fabricas.campana(pagina="https://tienda.example/")
    en = [fabricas.enlace(en=campana) for _ in range(2)]
    assert clics.sembrar(8, en, segundos=60)["clics"] == 8
    assert Clic.objects.values("visitante").distinct().count() == 2
    medida = clics.medir_candidatas(3)
    assert medida["clics"] >= 8
    assert medida["p99_ms"] >= medida["p50_ms"] > 0
    assert medir_rastreo._faltan({"clic_x", Clic.objects.all()[0].id_publico}) == {"clic_x"}
