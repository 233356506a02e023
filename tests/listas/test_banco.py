"""The benchmark of the lists runs, on a little of everything."""

from __future__ import annotations

import pytest

from alpespartner.operacion.masiva import Tamano, sembrar_masivo

# On MySQL all of it runs in `tests/stack`.
pytestmark = [pytest.mark.lento, pytest.mark.una_base, pytest.mark.django_db(transaction=True)]


def test_el_banco_en_pequeno(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("scripts")
    import medir_listas

    sembrar_masivo(tamano=Tamano(1_000, 50, 4), semilla=1, avisar=lambda _avance: None)
    assert medir_listas.vender(por_segundo=50, segundos=0.2) > 0
    urls = medir_listas.direcciones(None)
    una_de_cada = [url for url in urls if "?" not in url]
    medidas = medir_listas.medir(medir_listas.clientes(), una_de_cada, veces=1)
    assert set(medidas) == set(una_de_cada)
    resumen = medir_listas.resumir(medidas)
    assert resumen["peor_p50_ms"] > 0
    assert len(resumen["peores"]) == 10
