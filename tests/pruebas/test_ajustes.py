"""What a process of the sandbox has of the installation's environment, and what never."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from alpespartner.pruebas.ajustes import derivar, entorno, es_direccion
from tests.consola import PROJECT

VIVO = {
    "SECRET_KEY": "k" * 40, "ALPES_DATABASE_URL": "mysql://u:c@h:1/viva", "ALPES_DATOS": "/d",
    "ALPES_REDIS_URL": "redis://h/0", "ALPES_PULSAR_URL": "pulsar://h", "ALPES_STRIPE_CLAVE": "s",
    "ALPES_EVENTOS_TRANSPORTE": "pulsar", "ALPES_EMAIL_URL": "smtp://h", "ALPES_SEPA_IBAN": "i",
    "ALPES_STRIPE_SECRETO_AVISOS": "a", "ALPES_CLAVE_DATOS": "c", "ALPES_HOSTS": "a.test,b.test",
    "ALPES_PRUEBAS_URL": "http://h:1", "ALPES_ZONA": "America/Bogota",
}  # fmt: skip


@pytest.mark.una_base
def test_nada_de_lo_real() -> None:
    """Neither its parts nor its secrets; of the rest, all."""
    suyo = entorno(VIVO, Path("/omision"))
    assert suyo == {
        "ALPES_ZONA": "America/Bogota", "ALPES_DATOS": "/d/pruebas",
        "SECRET_KEY": derivar("k" * 40, "pruebas"),
        "ALPES_CLAVE_DATOS": derivar("c", "pruebas.datos"), "ALPES_DETRAS_DE_PROXY": "true",
        "ALPES_EVENTOS_TRANSPORTE": "embebido", "ALPES_PAGOS_AUTOMATICOS": "true",
        "ALPES_HOSTS": "a.test,b.test,pruebas.localhost",
    }  # fmt: skip
    assert len({*VIVO.values(), suyo["SECRET_KEY"], suyo["ALPES_CLAVE_DATOS"]}) == len(VIVO) + 2
    # Without a key of its own for data, that of the site is not the sandbox's either.
    solo = entorno({"SECRET_KEY": "k" * 40}, Path("/omision"))
    assert solo["ALPES_DATOS"] == "/omision/pruebas"
    assert solo["ALPES_CLAVE_DATOS"] not in ("k" * 40, solo["SECRET_KEY"])


@pytest.mark.una_base
def test_su_base() -> None:
    """Its own or, when nobody says one, a file; never the live one."""
    otra = {**VIVO, "ALPES_PRUEBAS_DATABASE_URL": "mysql://u:c@h:1/pruebas"}
    assert entorno(otra, Path())["ALPES_DATABASE_URL"] == "mysql://u:c@h:1/pruebas"
    assert "ALPES_DATABASE_URL" not in entorno(VIVO, Path())
    with pytest.raises(ValueError, match="ALPES_PRUEBAS_DATABASE_URL"):
        entorno({**VIVO, "ALPES_PRUEBAS_DATABASE_URL": VIVO["ALPES_DATABASE_URL"]}, Path())


@pytest.mark.una_base
@pytest.mark.parametrize(("url", "vale"), [
    ("http://127.0.0.1:8100", True), ("http://pruebas:8100/", True), ("http://[::1]:1", True),
    ("https://h:1", False), ("http://", False), ("http://h:1/ruta", False), ("h:1", False),
    ("http://u:c@h:1", False), ("http://h:x", False), ("http://h:0", False),
    ("http://h:1?x", False), ("file:///etc", False),
])  # fmt: skip
def test_su_direccion(url: str, vale: bool) -> None:
    assert es_direccion(url) is vale


@pytest.mark.lento
@pytest.mark.una_base
def test_los_ajustes_de_verdad(tmp_path: Path) -> None:
    """As its process has them, on an installation with everything."""
    codigo = (
        "import json, django; django.setup();"
        "from django.conf import settings as s;"
        "from comisiones.pagos.pasarelas.interfaz import nombres_de_pasarelas as n;"
        "print(json.dumps({k: str(getattr(s, k)) for k in ('DATOS_DIR', 'EVENTOS_TRANSPORTE',"
        " 'CELERY_BROKER_URL', 'EMAIL_BACKEND', 'STRIPE_CLAVE', 'PRUEBAS_URL', 'ROOT_URLCONF',"
        " 'SECRET_KEY', 'PRUEBAS_LLAVE', 'EMAIL_FILE_PATH')}"
        " | {'base': str(s.DATABASES['default']['NAME']), 'pasarelas': n(),"
        " 'tareas': sorted(s.CELERY_BEAT_SCHEDULE)}))"
    )
    vivo = {**VIVO, "ALPES_DATOS": str(tmp_path), "ALPES_ENV_FILE": str(tmp_path / "no")}

    def ajustes(**ademas: str) -> Any:
        limpio = {k: v for k, v in os.environ.items() if not k.startswith("ALPES_")}
        hecho = subprocess.run(
            [sys.executable, "-c", codigo], cwd=PROJECT, capture_output=True, text=True,
            env={**limpio, **vivo, "DJANGO_SETTINGS_MODULE": "alpespartner.settings", **ademas},
            check=True,
        )  # fmt: skip
        return json.loads(hecho.stdout)

    real, suyo = ajustes(), ajustes(ALPES_PRUEBAS="1")
    assert suyo["base"] == f"{tmp_path}/pruebas/alpespartner.sqlite3"
    assert suyo["EMAIL_FILE_PATH"].startswith(f"{tmp_path}/pruebas/")
    assert suyo["CELERY_BROKER_URL"].startswith("memory:")
    assert suyo["EVENTOS_TRANSPORTE"] == "embebido"
    assert suyo["EMAIL_BACKEND"].endswith("CorreoEnFicheros")
    assert suyo["ROOT_URLCONF"] == "alpespartner.urls_de_pruebas"
    assert (suyo["STRIPE_CLAVE"], suyo["PRUEBAS_URL"]) == ("", "")
    assert suyo["pasarelas"] == ["prueba"]
    assert "vigilar" in real["tareas"]
    assert "vigilar" not in suyo["tareas"]
    # What the clock does in one of them only.
    de_uno = set(real["tareas"]) ^ set(suyo["tareas"])
    assert de_uno == {"vigilar", "verificar-de-noche", "revocar-pruebas", "purgar-pruebas"}
    assert "purgar-pruebas" in suyo["tareas"]
    # Both know what orders are signed with, and nothing else of each other's.
    assert suyo["PRUEBAS_LLAVE"] == real["PRUEBAS_LLAVE"]
    assert suyo["SECRET_KEY"] != real["SECRET_KEY"]
    assert "prueba" not in real["pasarelas"]
