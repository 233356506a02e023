"""What refuses to start says so in one line; what the site writes is for its user only."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from alpespartner.comun import privado
from alpespartner.comun.comprobaciones import clave_secreta
from comisiones.pagos.pasarelas.archivo import PasarelaArchivo
from comisiones.pagos.pasarelas.interfaz import Orden

FUERTE = "kZ3vT9qLw2XyB7nMc5RfHs8JdGp4UaEoKi6VxWzQ1tNb0YrCmD"


def correr(*orden, **entorno):
    return subprocess.run(
        [sys.executable, *orden], cwd=settings.BASE_DIR, capture_output=True, text=True,
        check=False, timeout=120, env={"PATH": "/usr/bin:/bin", "SECRET_KEY": FUERTE, **entorno},
    )  # fmt: skip


@pytest.fixture
def sin_escritura(tmp_path):
    """A folder that not even root may write: it is a file's child, or its own mode says so."""
    if os.geteuid() == 0:
        (tmp_path / "fichero").write_text("")
        return tmp_path / "fichero" / "datos"
    carpeta = tmp_path / "datos"
    carpeta.mkdir(mode=0o500)
    return carpeta


@pytest.mark.lento
@pytest.mark.parametrize(
    "orden",
    [("manage.py", "servir"), ("manage.py", "migrate"), ("manage.py", "check"),
     ("-c", "import alpespartner.wsgi")],
    ids=lambda orden: orden[-1],
)  # fmt: skip
def test_una_carpeta_de_datos_que_no_sirve_es_una_linea(sin_escritura, orden):
    hecho = correr(*orden, ALPES_DATOS=str(sin_escritura))
    assert hecho.returncode == 1
    assert len(hecho.stderr.strip().splitlines()) == 1, hecho.stderr
    assert "ALPES_DATOS" in hecho.stderr
    assert str(sin_escritura.parent) in hecho.stderr


def test_una_base_que_no_se_puede_escribir(tmp_path, monkeypatch):
    (tmp_path / "x.sqlite3").touch(0o600)
    monkeypatch.setattr(privado.os, "access", lambda ruta, modo: Path(ruta) == tmp_path)
    with pytest.raises(PermissionError, match=r"x\.sqlite3"):
        privado.preparar(tmp_path)


@pytest.mark.parametrize(
    "clave",
    ["x", "construccion", "a" * 60, "ab" * 40, "django-insecure-" + FUERTE, FUERTE[:31],
     "changeme" + FUERTE, "0123456789" * 2],
)  # fmt: skip
def test_una_clave_debil_no_arranca(settings, clave):
    settings.DEMO = False
    settings.SECRET_KEY = clave
    assert [fallo.id for fallo in clave_secreta()] == ["alpespartner.E001"]


@pytest.mark.parametrize("clave", [FUERTE, "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"])
def test_una_clave_al_azar_arranca(settings, clave):
    settings.DEMO = False
    settings.SECRET_KEY = clave
    assert clave_secreta() == []


def test_en_la_demostracion_no_se_mira(settings):
    settings.DEMO = True
    settings.SECRET_KEY = "x" * 10
    assert clave_secreta() == []


@pytest.mark.lento
def test_ni_las_ordenes_ni_el_sitio_arrancan_con_una_debil(tmp_path):
    datos = {"ALPES_DATOS": str(tmp_path), "SECRET_KEY": "construccion"}
    for orden in (("manage.py", "servir"), ("-c", "import alpespartner.wsgi")):
        hecho = correr(*orden, **datos)
        assert hecho.returncode == 1
        assert "SECRET_KEY es débil" in hecho.stderr
        assert "Traceback" not in hecho.stderr
    assert len(hecho.stderr.strip().splitlines()) == 1
    # The image is built with a throw-away one.
    assert correr("manage.py", "collectstatic", "--noinput", "--dry-run", **datos).returncode == 0


@pytest.mark.lento
def test_check_deploy_no_avisa_de_nada(tmp_path):
    hecho = correr(
        "manage.py", "check", "--deploy", "--fail-level", "WARNING", ALPES_DATOS=str(tmp_path)
    )
    assert hecho.returncode == 0, hecho.stderr


def ancho(ruta):
    return oct(stat.S_IMODE(ruta.stat().st_mode))


@pytest.mark.lento
def test_lo_que_se_escribe_es_privado(tmp_path):
    raiz = tmp_path / "una" / "datos"
    hecho = correr("-c", "import os; os.umask(0o022); import runpy, sys; "
                   "sys.argv = ['manage.py', 'migrate', '-v0']; "
                   "runpy.run_path('manage.py', run_name='__main__')",
                   ALPES_DATOS=str(raiz))  # fmt: skip
    assert hecho.returncode == 0, hecho.stderr
    assert ancho(raiz) == "0o700"
    assert {ruta.name: ancho(ruta) for ruta in raiz.iterdir()} == {
        ruta.name: "0o600" for ruta in raiz.iterdir()
    }
    assert (raiz / "alpespartner.sqlite3").exists()


def test_lo_que_ya_estaba_se_cierra(tmp_path):
    raiz = tmp_path / "datos"
    for nombre in ("pagos/2026-01-01/a.csv", "correo/x.log", "alpespartner.sqlite3",
                   "alpespartner.sqlite3-wal", "events.jsonl", "ajeno.txt"):  # fmt: skip
        ruta = raiz / nombre
        ruta.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
        ruta.touch(0o644)
    raiz.chmod(0o755)
    (raiz / "enlace.sqlite3").symlink_to(tmp_path / "fuera")
    (tmp_path / "fuera").touch(0o644)
    privado.preparar(raiz)
    modos = {str(r.relative_to(raiz)): ancho(r) for r in raiz.rglob("*") if not r.is_symlink()}
    assert modos.pop("ajeno.txt") == "0o644"
    assert set(modos.values()) == {"0o700", "0o600"}
    assert modos["pagos"] == modos["pagos/2026-01-01"] == "0o700"
    assert ancho(raiz) == "0o700"
    assert ancho(tmp_path / "fuera") == "0o644"


def test_una_carpeta_de_todos_se_deja_como_esta(tmp_path):
    tmp_path.chmod(0o1777)
    privado.preparar(tmp_path)
    assert ancho(tmp_path) == "0o1777"


def test_una_de_solo_lectura_no_se_abre_para_escribir(tmp_path):
    tmp_path.chmod(0o555)
    privado._cerrar(tmp_path)
    assert ancho(tmp_path) == "0o500"


def test_el_correo_y_los_pagos_son_privados(tmp_path, settings):
    settings.PAGOS_DIR = tmp_path / "pagos"
    orden = Orden("c", "pago_1", "af_1", "Ana", Decimal("1.00"), "USD", "2026-01-01")
    viejo = os.umask(0o022)
    try:
        correo = get_connection(
            "alpespartner.comun.correo.CorreoEnFicheros", file_path=str(tmp_path / "correo")
        )
        correo.send_messages([EmailMessage("a", "b", "c@x.test", ["d@x.test"])])
        correo.close()
        PasarelaArchivo().enviar(orden)
    finally:
        os.umask(viejo)
    assert ancho(tmp_path / "correo") == "0o700"
    assert {ancho(r) for r in (tmp_path / "correo").iterdir()} == {"0o600"}
    carpeta = tmp_path / "pagos" / "2026-01-01"
    assert [ancho(carpeta.parent), ancho(carpeta)] == ["0o700"] * 2
    assert {ancho(r) for r in carpeta.iterdir()} == {"0o600"}
