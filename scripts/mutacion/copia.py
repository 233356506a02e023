"""Copies of the tree to change: the working tree is never touched."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

RAIZ = Path(__file__).resolve().parents[2]
PYTHON = RAIZ / ".venv/bin/python"
BASE = "pruebas.sqlite3"
_MIGRAR = """
import django
django.setup()
from django.db import connection
connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
"""
# Made by `make preparar`, so not in git.
HECHOS = ("staticfiles", ".env")


def _ficheros() -> list[str]:
    salida = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],  # noqa: S607
        cwd=RAIZ, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    return sorted(linea for linea in salida.splitlines() if (RAIZ / linea).is_file())


def es_prueba(ruta: str) -> bool:
    """Whether a file holds tests, and not what they share."""
    return ruta.startswith("tests/") and Path(ruta).name.startswith("test_")


def huella(ruta: Path) -> str:
    """Of a file's content."""
    return hashlib.sha256(ruta.read_bytes()).hexdigest()[:16]


def pruebas() -> dict[str, str]:
    """Test files and the hash of each."""
    return {ruta: huella(RAIZ / ruta) for ruta in _ficheros() if es_prueba(ruta)}


class Copia:
    """A tree of its own with a data folder of its own."""

    def __init__(self, carpeta: Path) -> None:
        self.arbol, self.datos = carpeta / "arbol", carpeta / "datos"
        self.plantilla = carpeta / "plantilla.sqlite3"
        if carpeta.exists():
            shutil.rmtree(carpeta)
        self.datos.mkdir(parents=True)
        self.refrescar()
        for hecho in (".venv", *HECHOS):
            if (RAIZ / hecho).exists():
                (self.arbol / hecho).symlink_to((RAIZ / hecho).resolve())

    def refrescar(self) -> None:
        """As the tree is now."""
        for ruta in [*_ficheros(), *self._traducciones()]:
            destino = self.arbol / ruta
            destino.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(RAIZ / ruta, destino)

    @staticmethod
    def _traducciones() -> list[str]:
        return [str(mo.relative_to(RAIZ)) for mo in (RAIZ / "locale").rglob("*.mo")]

    def entorno(self, **mas: str) -> dict[str, str]:
        """Variables for a pytest of this copy."""
        # The scripts are those of the working tree: what judges is not judged.
        limpio = {k: v for k, v in os.environ.items() if k != "ALPES_DATABASE_URL"}
        return {
            **limpio,
            "ALPES_DATOS": str(self.datos),
            "PYTHONPATH": str(RAIZ / "scripts"),
            **mas,
        }

    def poner(self, ruta: str, texto: str) -> None:
        """Write a module; a compiled one of the same second and size would be taken for it."""
        (self.arbol / ruta).write_text(texto)
        Path(importlib.util.cache_from_source(str(self.arbol / ruta))).unlink(missing_ok=True)

    def base_limpia(self) -> None:
        """The tests' database as it is after its migrations, whoever was killed before."""
        for resto in self.datos.glob(BASE + "*"):
            resto.unlink()
        if self.plantilla.exists():
            shutil.copyfile(self.plantilla, self.datos / BASE)

    def hacer_base(self) -> None:
        """Run the migrations, once while they are the same; every mutant begins with a copy of what
        they made."""
        suma = hashlib.sha256()
        for ruta in _ficheros():
            if "/migrations/" in ruta or ruta.endswith(("models.py", "roles.py")):
                suma.update(f"{ruta} {huella(RAIZ / ruta)}\n".encode())
        hecha = self.arbol.parent.parent / f"base-{suma.hexdigest()[:16]}.sqlite3"
        if not hecha.exists():
            self._migrar()
            shutil.copyfile(self.datos / BASE, hecha)
        shutil.copyfile(hecha, self.plantilla)

    def _migrar(self) -> None:
        subprocess.run(  # noqa: S603
            [str(PYTHON), "-c", _MIGRAR], cwd=self.arbol, check=True,
            env=self.entorno(DJANGO_SETTINGS_MODULE="alpespartner.settings"),
        )  # fmt: skip
