"""The group of processes: what is added to it once the others answer is one of them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from alpespartner.operacion.grupo import Grupo, Parte

pytestmark = pytest.mark.una_base
_ESPERA = "import pathlib, sys, time; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"


@pytest.mark.lento
def test_lo_que_se_suma_tambien_para(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_args: None)
    partes = {
        nombre: Parte(nombre, [sys.executable, "-c", _ESPERA, str(tmp_path / nombre)])
        for nombre in ("una", "otra")
    }
    grupo = Grupo([partes["una"]], avisar=lambda _texto: None)

    def al_arrancar() -> None:
        assert partes["otra"].proceso is None
        grupo.sumar(partes["otra"])
        threading.Timer(0.2, grupo._parar.set).start()

    grupo.correr(al_arrancar)
    for parte in partes.values():
        assert parte.proceso is not None
        assert parte.proceso.poll() is not None
        with pytest.raises(ProcessLookupError):
            os.kill(parte.proceso.pid, 0)
