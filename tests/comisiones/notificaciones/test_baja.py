"""The link of a digest: it shows and asks, and only a POST changes how often one comes."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import signing
from django.test import Client

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.models import Historial
from comisiones.notificaciones.baja import direccion_de_baja
from tests import fabricas

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]


def ruta(de: Afiliado) -> str:
    return "/" + direccion_de_baja(de).split("/", 3)[3]


def resumen_de(afiliado: Afiliado) -> str:
    return Afiliado.objects.get(pk=afiliado.pk).resumen


def test_mirar_no_cambia_nada() -> None:
    afiliado = fabricas.afiliado(nombre="Ana Secreta", email="ana@example.com")
    antes = fabricas.foto()
    for metodo in (Client().get, Client().head):
        pagina = metodo(ruta(afiliado))
        assert pagina.status_code == 200
        assert "no-store" in pagina["Cache-Control"]
    texto = Client().get(ruta(afiliado)).content.decode()
    assert "Cada lunes" in texto
    # Who has somebody else's mail learns nothing more from it.
    assert "Ana Secreta" not in texto
    assert "example.com" not in texto
    assert (fabricas.foto(), resumen_de(afiliado)) == (antes, "diario")


@pytest.mark.parametrize(
    ("datos", "queda"),
    [
        ({"resumen": "semanal"}, "semanal"),
        ({"resumen": "nunca"}, "nunca"),
        # What the button of a mail program sends.
        ({"List-Unsubscribe": "One-Click"}, "nunca"),
    ],
)
def test_elegir_sin_entrar(datos: dict[str, str], queda: str) -> None:
    afiliado, otro = fabricas.afiliado(), fabricas.afiliado()
    pagina = Client(enforce_csrf_checks=True).post(ruta(afiliado), datos)
    assert pagina.status_code == 200
    assert "Guardado" in pagina.content.decode()
    assert (resumen_de(afiliado), resumen_de(otro)) == (queda, "diario")
    paso = Historial.objects.get(entidad_id=afiliado.id_publico, accion="actualizar")
    assert (paso.actor, paso.datos["campos"]) == ("sistema:enlace_del_correo", ["resumen"])


@pytest.mark.parametrize("datos", [{}, {"resumen": ""}, {"resumen": "siempre"}])
def test_lo_que_no_es_una_opcion_no_cambia_nada(datos: dict[str, str]) -> None:
    afiliado = fabricas.afiliado()
    assert Client().post(ruta(afiliado), datos).status_code == 400
    assert resumen_de(afiliado) == "diario"


def test_nada_mas_se_cambia_por_ahi() -> None:
    afiliado = fabricas.afiliado(email="ana@example.com")
    Client().post(ruta(afiliado), {"resumen": "nunca", "email": "x@example.com", "nivel": "oro"})
    actual = Afiliado.objects.get(pk=afiliado.pk)
    assert (actual.email, actual.nivel) == ("ana@example.com", "bronce")


def _ajenas(afiliado: Afiliado) -> list[str]:
    buena = ruta(afiliado).split("/")[2]
    return [
        "x", buena[:-1], buena + "x", buena.swapcase(), afiliado.id_publico,
        signing.dumps(afiliado.id_publico),
        signing.dumps(afiliado.id_publico, salt="otra"),
    ]  # fmt: skip


def test_una_ficha_que_nadie_firmo_es_un_404() -> None:
    afiliado = fabricas.afiliado()
    for ficha in _ajenas(afiliado):
        for metodo in (Client().get, Client().post):
            respuesta: Any = metodo(f"/correo/{ficha}/", {"resumen": "nunca"})
            assert respuesta.status_code == 404, ficha
    assert resumen_de(afiliado) == "diario"


def test_en_su_idioma() -> None:
    afiliado = fabricas.afiliado(idioma="en")
    pagina = Client(headers={"Accept-Language": "es"}).get(ruta(afiliado)).content.decode()
    assert "Every Monday" in pagina
    assert 'lang="en"' in pagina
