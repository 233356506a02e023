"""The notebook: what was answered is there, whatever stopped the process, and comes in once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from alpespartner.comun.identificadores import nuevo_id
from conversiones.campanas.services import actualizar_campana
from conversiones.rastreo import cuaderno as modulo
from conversiones.rastreo import recogida
from conversiones.rastreo.cuaderno import Cuaderno, lineas, por_recoger
from conversiones.rastreo.models import Clic, ClicsDelDia, Enlace
from conversiones.rastreo.recogida import purgar_clics, recoger
from tests import fabricas
from tests.conversiones.rastreo.visitante import Visitante, clics

RAIZ = Path(__file__).resolve().parents[3]
# What a site does: note down, then answer.
SITIO = """
import json, sys
from pathlib import Path
from conversiones.rastreo.cuaderno import Cuaderno
cuaderno, plantilla = Cuaderno(Path(sys.argv[1])), json.loads(sys.argv[2])
for n in range(10**6):
    plantilla["i"] = f"clic_{int(sys.argv[3]):02}{n:024}"
    cuaderno.anotar(plantilla)
    sys.stdout.write(plantilla["i"] + "\\n")
    sys.stdout.flush()
    if n % 50 == 0:
        cuaderno.entregar()
"""


@pytest.fixture(autouse=True)
def carpeta(settings: Any, tmp_path: Path) -> Path:
    settings.CLICS_DIR = tmp_path / "clics"
    return tmp_path / "clics"


@pytest.fixture
def enlace(db: None) -> Enlace:
    return fabricas.enlace(codigo="ana")


def linea(enlace: Enlace | None = None, **datos: Any) -> dict[str, Any]:
    """A click as the redirect notes it down."""
    return {
        "i": nuevo_id("clic"), "e": enlace.pk if enlace else 1,
        "a": enlace.afiliado_id if enlace else 1, "c": enlace.campana_id if enlace else 1,
        "t": int(time.time() * 1e6), "p": "", "k": 1, "v": "", "w": "", "s": [""] * 5,
        "d": "d" * 32, "r": "r" * 32, "g": "g" * 32, "u": [], **datos,
    }  # fmt: skip


@pytest.mark.lento
def test_kill_9_no_pierde_lo_contestado(enlace: Enlace, carpeta: Path) -> None:
    """Two sites at once, stopped dead at any point: what they answered comes in, once."""
    plantilla = json.dumps(linea(enlace))
    sitios = [
        subprocess.Popen(
            [sys.executable, "-c", SITIO, str(carpeta), plantilla, str(n)],
            stdout=subprocess.PIPE, cwd=RAIZ,
        )
        for n in range(2)
    ]  # fmt: skip
    contestados = [s.stdout.readline() for s in sitios if s.stdout]
    time.sleep(0.2)
    for sitio in sitios:
        os.kill(sitio.pid, signal.SIGKILL)
    for sitio in sitios:
        assert sitio.stdout is not None
        contestados += sitio.stdout.read().splitlines(keepends=True)
        sitio.stdout.close()
        sitio.wait()
    # What the pipe cut short nobody read whole.
    vistos = {c.decode().strip() for c in contestados if c.endswith(b"\n")}
    assert len(vistos) > 20
    recoger()
    guardados = set(Clic.objects.values_list("id_publico", flat=True))
    assert vistos <= guardados
    # At most one of each was noted down and not answered yet.
    assert len(guardados) - len(vistos) <= 2
    assert recoger() == 0


def test_lo_abierto_es_de_quien_vive(carpeta: Path) -> None:
    uno = Cuaderno(carpeta)
    uno.anotar({"i": "a"})
    assert list(por_recoger(carpeta)) == []
    uno.entregar(ya=True)
    assert not uno.con_algo
    [lista] = por_recoger(carpeta)
    assert list(lineas(lista)) == [{"i": "a"}]
    assert oct(lista.stat().st_mode & 0o777) == "0o600"
    # Another one goes into a file of its own.
    uno.anotar({"i": "b"})
    assert [list(lineas(r)) for r in por_recoger(carpeta)] == [[{"i": "a"}]]


def test_se_entrega_cuando_toca(carpeta: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uno = Cuaderno(carpeta)
    uno.anotar({"i": "a"})
    uno.entregar()
    assert uno.con_algo
    monkeypatch.setattr(modulo, "VIDA", 0.0)
    uno.entregar()
    assert not uno.con_algo
    uno.entregar()


@pytest.mark.parametrize("resto", [b'{"i": "cor', b"", b"\x00\x00"])
def test_una_linea_a_medias_no_cuenta(carpeta: Path, resto: bytes) -> None:
    carpeta.mkdir()
    ruta = carpeta / "1.lista"
    ruta.write_bytes(b'{"i": "a"}\nnada\n[1]\n\n{"i": "b"}\n' + resto)
    assert list(lineas(ruta)) == [{"i": "a"}, {"i": "b"}]


def test_un_disco_lleno_no_promete_nada(
    enlace: Enlace, carpeta: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The redirect goes on, without a click; a part of a line is taken back."""
    yo = Visitante()
    antes = yo.ir("ana")
    de_verdad = os.write
    for falla in ("todo", "parte"):

        def escribir(fd: int, datos: bytes, falla: str = falla) -> int:
            if falla == "todo":
                raise OSError(28, "No space left on device")
            return de_verdad(fd, datos[:20])

        with monkeypatch.context() as lleno:
            lleno.setattr(modulo.os, "write", escribir)
            fue = yo.ir("ana")
            assert (fue.estado, fue.clic, fue.galleta) == (302, "", "")
    despues = yo.ir("ana")
    yo.recoger()
    assert {c.id_publico for c in clics()} == {antes.clic, despues.clic}
    # The same of a file that has nothing yet: none is left behind.
    vacio = Cuaderno(carpeta)
    monkeypatch.setattr(modulo.os, "write", escribir)
    with pytest.raises(OSError):
        vacio.anotar(linea(enlace))
    assert [r.suffix for r in carpeta.iterdir()] == [".candado"]


@pytest.mark.django_db
def test_cada_clic_entra_una_vez(
    enlace: Enlace, carpeta: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut between the database and the file, and sent twice: one row, counted once."""
    uno = Cuaderno(carpeta)
    for _ in range(3):
        uno.anotar(linea(enlace))
    repetida = linea(enlace)
    uno.anotar(repetida)
    uno.anotar(repetida)
    uno.entregar(ya=True)
    with monkeypatch.context() as cortado:
        cortado.setattr(Path, "unlink", _muerto)
        with pytest.raises(KeyboardInterrupt):
            recoger()
    assert recoger() == 0
    assert Clic.objects.count() == 4
    assert ClicsDelDia.objects.get().clics == 4
    assert list(por_recoger(carpeta)) == []


def _muerto(*_args: Any, **_kwargs: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.django_db
def test_una_linea_mala_no_para_a_sus_vecinas(enlace: Enlace, carpeta: Path) -> None:
    uno = Cuaderno(carpeta)
    buenas = [linea(enlace) for _ in range(3)]
    rotas: tuple[dict[str, Any], ...] = ({"t": "ayer"}, {"t": 10**30}, {"s": ["x"]})
    malas: list[Any] = [{}, *(linea(enlace, **rota) for rota in rotas)]
    for una in (buenas[0], *malas, *buenas[1:]):
        uno.anotar(una)
    uno.entregar(ya=True)
    assert recoger() == 3
    assert {c.id_publico for c in clics()} == {b["i"] for b in buenas}
    aparte = (carpeta / "apartadas.jsonl").read_text().splitlines()
    assert [json.loads(a) for a in aparte] == malas


@pytest.mark.django_db
def test_sin_base_de_datos_espera(
    enlace: Enlace, carpeta: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uno = Cuaderno(carpeta)
    uno.anotar(linea(enlace))
    uno.entregar(ya=True)
    with monkeypatch.context() as caida:
        caida.setattr(recogida, "insertar_todas", _caida)
        with pytest.raises(DatabaseError):
            recoger()
    assert recoger() == 1


def _caida(_filas: Any) -> None:
    raise DatabaseError("gone away")


@pytest.mark.django_db
def test_se_borra_lo_viejo_y_queda_su_cuenta(enlace: Enlace, settings: Any) -> None:
    settings.CLICS_DIAS = 40
    ahora = timezone.now()
    viejo = fabricas.clic(enlace, momento=ahora - timedelta(days=40, seconds=1))
    nuevo = fabricas.clic(enlace, momento=ahora - timedelta(days=39))
    ClicsDelDia.objects.create(enlace=enlace, dia=viejo.momento.date(), clics=1)
    assert purgar_clics() == 1
    assert clics() == [nuevo]
    assert ClicsDelDia.objects.get().clics == 1
    # While a sale may be somebody's by it, it stays.
    settings.CLICS_DIAS = 1
    actualizar_campana(
        campana=enlace.campana, cambios={"ventana_atribucion_dias": 39}, actor=fabricas.ANA
    )
    assert purgar_clics() == 0
