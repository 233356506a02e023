"""The benchmark of bulk approval runs, on a few."""

from __future__ import annotations

import pytest
from django.utils import timezone

from alpespartner.operacion.siembra import asegurar_programa
from comisiones.comision.models import Comision


@pytest.mark.django_db
def test_el_banco_en_pequeno(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend("scripts")
    import medir_aprobacion

    asegurar_programa(timezone.now())
    medida = medir_aprobacion.medir(7, de=3)
    assert medida["comisiones"] == 7
    assert medida["por_segundo"] > 0
    assert medida["objetivo"].startswith("<= 5: ")
    assert set(Comision.objects.values_list("estado", flat=True)) == {"aprobada"}
    # It counts what it made, whatever was there.
    assert medir_aprobacion.medir(2, de=3)["comisiones"] == 2
