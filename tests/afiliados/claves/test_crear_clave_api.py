"""``crear_clave_api``: what it makes and rotates, and how it says no."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command

from afiliados.claves.models import Alcance, ClaveAPI
from afiliados.claves.services import buscar_clave
from tests import fabricas

pytestmark = pytest.mark.django_db(transaction=True)


def correr(comando: str, *args: str) -> str:
    """Standard output of a command, without the last newline."""
    salida = io.StringIO()
    call_command(comando, *args, stdout=salida, no_color=True)
    return salida.getvalue().strip()


def test_crear_clave_la_muestra_y_funciona() -> None:
    afiliado = fabricas.afiliado()
    texto = correr("crear_clave_api", "--nombre", "Blog", "--afiliado", afiliado.id_publico)
    clave = buscar_clave(texto)
    assert clave is not None
    assert clave.afiliado == afiliado
    assert texto.split("_", 2)[2] not in str(ClaveAPI.objects.values().get())


def test_rotar_deja_la_anterior_con_un_plazo() -> None:
    vieja = correr("crear_clave_api", "--nombre", "Tienda", "--alcances", "comisiones:leer")
    nueva = correr("crear_clave_api", "--rotar", vieja.split("_")[1], "--gracia-horas", "0")
    assert buscar_clave(vieja) is None
    rotada = buscar_clave(nueva)
    assert rotada is not None
    assert rotada.alcances == ["comisiones:leer"]


@pytest.mark.parametrize(
    ("args", "dice"),
    [
        ((), "--nombre"),
        (("--nombre", "x", "--alcances", "todo"), "todo"),
        (("--nombre", "x", "--afiliado", "af_nadie"), "af_nadie"),
        (("--rotar", "nadie"), "nadie"),
    ],
)
def test_crear_clave_dice_que_falta(args: tuple[str, ...], dice: str) -> None:
    with pytest.raises(CommandError, match=dice):
        correr("crear_clave_api", *args)
    assert not ClaveAPI.objects.exists()


def test_una_clave_de_afiliado_no_decide() -> None:
    afiliado = fabricas.afiliado()
    with pytest.raises(CommandError, match="comisiones:aprobar"):
        correr(
            *("crear_clave_api", "--nombre", "x", "--afiliado", afiliado.id_publico),
            *("--alcances", Alcance.COMISIONES_APROBAR),
        )
