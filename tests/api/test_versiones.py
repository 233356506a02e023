"""Changing an affiliate as it was read, and having it be as it is said by its own reference."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.models import Historial, Propuesta
from tests.fabricas import a_la_vez, afiliado, api, foto, problema

pytestmark = pytest.mark.django_db
RUTA = "/api/v1/afiliados"
ALCANCES = ("afiliados:leer", "afiliados:cambiar", "afiliados:escribir")


def test_se_cambia_lo_que_se_leyo() -> None:
    cliente, uno = api(ALCANCES), afiliado(telefono="1", referencia_externa="ada")
    leido = cliente.get(f"{RUTA}/ada")
    etiqueta = leido["ETag"]
    cambios = {"nombre": "Ada L.", "telefono": ""}
    hecho = cliente.cambiar(f"{RUTA}/ada", cambios, If_Match=etiqueta)
    assert hecho.status_code == 200
    assert (hecho.json()["nombre"], hecho.json()["telefono"]) == ("Ada L.", "")
    assert hecho["ETag"] == cliente.get(f"{RUTA}/ada")["ETag"] != etiqueta
    antes = foto()
    problema(cliente.cambiar(f"{RUTA}/ada", {"nombre": "B"}), 428, "falta_if_match")
    for mala in (etiqueta, f"W/{etiqueta}", "w/2", "2", "", '"x", "9"', f"{hecho['ETag']}x"):
        respuesta = cliente.cambiar(f"{RUTA}/ada", {"nombre": "B"}, If_Match=mala)
        problema(respuesta, 412, "version_distinta")
    assert foto() == antes
    varias = f'"99", {hecho["ETag"]}'
    assert cliente.cambiar(f"{RUTA}/ada", {"idioma": "en"}, If_Match=varias).status_code == 200
    assert cliente.cambiar(f"{RUTA}/ada", {"nivel": "oro", "motivo": "m"}, If_Match="*")
    problema(cliente.cambiar(f"{RUTA}/ada", {"estado": "activo"}, If_Match="*"), 400)
    problema(cliente.cambiar(f"{RUTA}/otro", cambios, If_Match="*"), 404)
    uno.refresh_from_db()
    assert (uno.idioma, uno.nivel) == ("en", "oro")
    paso = Historial.objects.filter(entidad="afiliado", entidad_id=uno.id_publico).last()
    assert paso is not None
    assert paso.actor.startswith("clave:")


def test_la_etiqueta_de_una_respuesta_comprimida_sirve() -> None:
    """Most clients ask for compressed answers, whose label is a weak one."""
    cliente, uno = api(ALCANCES), afiliado(nombre="Ada " * 40)
    ruta = f"{RUTA}/{uno.id_publico}"
    leido = cliente.get(ruta, headers={"Accept-Encoding": "gzip"})
    assert leido["ETag"].startswith("W/")
    assert cliente.cambiar(ruta, {"nombre": "B"}, If_Match=leido["ETag"]).status_code == 200
    problema(cliente.cambiar(ruta, {"nombre": "C"}, If_Match=leido["ETag"]), 412)


def test_lo_que_gana_pide_motivo_y_lo_grande_a_otra_persona(settings: Any) -> None:
    settings.CAMBIO_GRANDE = {"%": Decimal(10)}
    cliente, uno = api(ALCANCES), afiliado()
    ruta = f"{RUTA}/{uno.id_publico}"
    tasa = {"configuracion_comisiones": {"comision_base": "12"}}
    problema(cliente.cambiar(ruta, tasa, If_Match="*"), 400, "falta_motivo")
    hecho = cliente.cambiar(ruta, {**tasa, "motivo": "m"}, If_Match="*")
    assert hecho.status_code == 200
    # Only what was said: the rest of its terms stays.
    assert hecho.json()["configuracion_comisiones"]["comision_base"] == "12"
    grande = {"configuracion_comisiones": {"comision_base": "90"}, "motivo": "m", "nombre": "B"}
    espera = cliente.cambiar(ruta, grande, If_Match="*")
    assert espera.status_code == 202
    assert espera.json()["nombre"] == "B"
    assert espera.json()["configuracion_comisiones"]["comision_base"] == "12"
    assert Propuesta.objects.count() == 1
    assert cliente.cambiar(ruta, {"nombre": "C"}, If_Match="*").status_code == 200


def test_ponerlo_dos_veces_es_ponerlo_una() -> None:
    cliente = api(ALCANCES)
    cuerpo = {"nombre": "Ada", "email": "ada@example.com"}

    def poner(de: Any = cliente, **cabeceras: str) -> Any:
        return de.cambiar(f"{RUTA}/ada", cuerpo, metodo="PUT", **cabeceras)

    problema(poner(If_Match='"1"'), 412, "version_distinta")
    problema(poner(api(("afiliados:cambiar",))), 403, "sin_permiso")
    assert not Afiliado.objects.exists()
    hecho = poner()
    assert (hecho.status_code, hecho.json()["referencia_externa"]) == (201, "ada")
    antes = foto()
    otra = poner()
    assert (otra.status_code, otra.json(), otra["ETag"]) == (200, hecho.json(), hecho["ETag"])
    assert foto() == antes
    cuerpo["nombre"] = "Ada L."
    assert poner(If_Match=hecho["ETag"]).json()["nombre"] == "Ada L."
    problema(poner(If_Match=hecho["ETag"]), 412)
    nuestro = hecho.json()["afiliado_id"]
    desconocido = nuestro[:-1] + ("0" if nuestro[-1] != "0" else "1")
    respuesta = cliente.cambiar(f"{RUTA}/{desconocido}", cuerpo, metodo="PUT")
    problema(respuesta, 404)
    problema(cliente.cambiar(f"{RUTA}/{'x' * 65}", cuerpo, metodo="PUT"), 400)
    problema(cliente.cambiar(f"{RUTA}/b", {"nombre": "B"}, metodo="PUT"), 400)


@pytest.mark.django_db(transaction=True)
def test_a_la_vez_se_registra_uno_y_se_cambia_una_vez() -> None:
    clave = api(ALCANCES)
    cuerpo = {"nombre": "Ada", "email": "ada@example.com"}

    def poner() -> int:
        return clave.cambiar(f"{RUTA}/ada", cuerpo, metodo="PUT").status_code

    assert sorted(a_la_vez([poner] * 3)) == [200, 200, 201]
    etiqueta = clave.get(f"{RUTA}/ada")["ETag"]

    def cambiar(nombre: str) -> int:
        respuesta = clave.cambiar(f"{RUTA}/ada", {"nombre": nombre}, If_Match=etiqueta)
        return int(respuesta.status_code)

    estados = a_la_vez([lambda: cambiar("B"), lambda: cambiar("C"), lambda: cambiar("D")])
    assert sorted(estados) == [200, 412, 412]
