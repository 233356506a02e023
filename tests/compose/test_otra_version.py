"""From the version before to this one, with data and with sales coming in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.compose.conftest import cronometro
from tests.compose.sitio import Sitio
from tests.e2e.conftest import esperar
from tests.stack.conftest import PROJECT

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.stack,
    pytest.mark.xdist_group("compose"),
    pytest.mark.timeout(2000),
]


def _git(*palabras: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["git", *palabras], cwd=PROJECT, capture_output=True, check=False)


def _la_de_antes(donde: Path) -> str:
    """The commit before the tables last changed, whole, in a folder; "" when it is not here."""
    cambio = _git("log", "-1", "--first-parent", "--format=%H", "--", "*/migrations/*.py")
    commit = f"{cambio.stdout.decode().strip()}^"
    shutil.rmtree(donde, ignore_errors=True)
    donde.mkdir(parents=True)
    archivo = _git("archive", commit)
    if archivo.returncode != 0:
        return ""
    subprocess.run(["tar", "-x"], cwd=donde, input=archivo.stdout, check=True)
    return commit


def _estado(sitio: Sitio) -> str:
    return sitio.comando("showmigrations", "--plan").stdout


def test_de_la_version_de_antes_a_esta(producto: Sitio) -> None:
    carpeta = producto.motor.carpeta / "antes"
    if not (commit := _la_de_antes(carpeta)):
        pytest.skip("en este clon no está la versión de antes")
    print(commit)
    viejo = Sitio(carpeta, producto.puerto, producto.motor)
    with cronometro("la versión de antes (imagen y arranque)"):
        viejo.guion("--demo")
    de_antes = _estado(viejo)
    with viejo.carga() as prometidas:
        esperar(lambda: len(prometidas) > 20, "las primeras ventas", 60)
        # What a person has in the folder where the new version arrives.
        for archivo in (".env", "test_data_ids.json"):
            shutil.copy2(carpeta / archivo, producto.clon / archivo)
        with cronometro("scripts/docker.sh: la versión de ahora"):
            producto.guion(env={"ALPES_DEMO": "1"})
        llevaba = len(prometidas)
        esperar(lambda: len(prometidas) > llevaba + 20, "ventas en la de ahora", 60)
    assert _estado(producto) != de_antes
    producto.asentar()
    assert producto.perdidas(prometidas) == []
    verificado = producto.comando("verificar", "--cadena")
    assert verificado.returncode == 0, verificado.stdout
    producto.compose("--profile", "demo", "down", "--volumes", "--timeout", "20")
