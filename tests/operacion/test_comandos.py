"""Management commands: what they do, and how they say no."""

from __future__ import annotations

import io
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from afiliados.afiliado.models import Afiliado
from afiliados.claves.services import buscar_clave
from alpespartner.operacion import siembra
from alpespartner.operacion.demo import preparar_demo
from alpespartner.operacion.errores import DemoImposible
from comisiones.comision.models import Comision
from conversiones.ventas.models import Conversion
from tests import fabricas

pytestmark = pytest.mark.django_db(transaction=True)


def correr(comando: str, *args: str) -> str:
    """Standard output of a command, without the last newline."""
    salida = io.StringIO()
    call_command(comando, *args, stdout=salida, no_color=True)
    return salida.getvalue().strip()


def sembrar(*args: str) -> str:
    return correr("sembrar", "--afiliados", "20", "--conversiones", "150", *args)


def test_sembrar_dos_veces_no_cambia_nada(capsys: pytest.CaptureFixture[str]) -> None:
    assert sembrar() == "20 afiliados y 150 conversiones nuevas"
    antes = fabricas.foto()
    assert sembrar() == "0 afiliados y 0 conversiones nuevas"
    assert fabricas.foto() == antes
    assert "150/150" in capsys.readouterr().err


def test_sembrar_da_lo_mismo_con_la_misma_semilla() -> None:
    sembrar("--semilla", "7")
    primera = list(Conversion.objects.order_by("id").values_list("valor", "canal_origen"))
    sembrar("--semilla", "8")
    otra = list(Conversion.objects.order_by("id").values_list("valor", "canal_origen")[150:])
    assert primera != otra


@pytest.mark.lento
def test_una_siembra_interrumpida_se_continua(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(siembra, "POR_TRANSACCION", 40)
    registrar = siembra.registrar_conversiones
    veces = 0

    def cortar(**datos: Any) -> Any:
        nonlocal veces
        veces += 1
        if veces == 3:
            raise KeyboardInterrupt
        return registrar(**datos)

    monkeypatch.setattr(siembra, "registrar_conversiones", cortar)
    with pytest.raises(KeyboardInterrupt):
        sembrar()
    assert Conversion.objects.count() == 80
    assert sembrar() == "0 afiliados y 70 conversiones nuevas"
    fabricas.entregar_todo()
    assert Comision.objects.count() == 150


@pytest.mark.parametrize("args", [("--afiliados", "0"), ("--conversiones", "-1")])
def test_sembrar_rechaza_cantidades_sin_sentido(args: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="al menos un afiliado"):
        sembrar(*args)


def test_consumir_nombra_los_consumidores_que_hay() -> None:
    with pytest.raises(CommandError, match="auditoria, comisiones"):
        correr("consumir", "nadie")


def test_consumir_uno_deja_los_demas() -> None:
    fabricas.conversion()
    correr("consumir", "auditoria", "--una-vez")
    assert not Comision.objects.exists()
    correr("consumir", "--una-vez")
    assert Comision.objects.count() == 1


def test_servir_dice_que_el_puerto_esta_ocupado() -> None:
    with socket.socket() as ocupa:
        ocupa.bind(("127.0.0.1", 0))
        ocupa.listen()
        with pytest.raises(CommandError, match="ocupado"):
            correr("servir", "--puerto", str(ocupa.getsockname()[1]))


def test_la_demo_exige_su_ajuste(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = False
    with pytest.raises(DemoImposible):
        preparar_demo(archivo=tmp_path / "ids.json", base_url="http://localhost:8000")
    assert not Afiliado.objects.exists()


@pytest.mark.lento
def test_la_demo_se_prepara_una_vez(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = True
    archivo = tmp_path / "ids.json"
    datos = preparar_demo(archivo=archivo, base_url="http://localhost:8000")
    assert datos == json.loads(archivo.read_text())
    assert archivo.stat().st_mode & 0o077 == 0
    assert all(datos[lista] for lista in ("afiliados", "campanas", "conversiones", "comisiones"))
    antes = fabricas.foto()
    assert preparar_demo(archivo=archivo, base_url="http://localhost:8000") == datos
    assert fabricas.foto() == antes
    cambiada = preparar_demo(archivo=archivo, base_url="http://localhost:9000")
    assert cambiada == {**datos, "base_url": "http://localhost:9000"}


@pytest.mark.lento
def test_sin_el_archivo_la_demo_cambia_los_secretos(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = True
    archivo = tmp_path / "ids.json"
    primera = preparar_demo(archivo=archivo, base_url="u")
    archivo.unlink()
    segunda = preparar_demo(archivo=archivo, base_url="u")
    assert segunda["afiliados"] == primera["afiliados"]
    assert buscar_clave(primera["claves"]["integracion"]) is None
    assert buscar_clave(segunda["claves"]["integracion"]) is not None
