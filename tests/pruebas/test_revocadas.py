"""A live key that is revoked takes along the test keys that it made: at once here, which waits for
nobody, and in the sandbox as soon as it answers."""

from __future__ import annotations

import importlib
import json
import time
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliados.afiliado.transiciones import cerrar_afiliado, suspender_afiliado
from afiliados.claves import de_prueba
from afiliados.claves.de_prueba import (
    crear_clave_de_prueba,
    crear_la_suya_de_prueba,
    revocar_clave_de_prueba,
    revocar_las_pendientes,
)
from afiliados.claves.models import ClaveAPI
from afiliados.claves.propuestas import lineas_de_revocar, proponer_revocacion
from afiliados.claves.services import (
    buscar_clave,
    crear_clave,
    crear_la_suya,
    revocar_clave,
    rotar_clave,
)
from afiliados.errores import YaRevocada
from alpespartner.comun.actores import clave as autor
from alpespartner.comun.models import Historial
from alpespartner.pruebas.mensajes import Mensaje, abrir
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI, confirmar_lo_propuesto
from tests.pruebas.conftest import Falso, Recibida, decir
from tests.pruebas.test_recepcion import PUBLICA, SECRETO, TEXTO, nueva, ordenar

pytestmark = pytest.mark.django_db
ALCANCES = ["claves:escribir", "claves:leer", "afiliados:leer"]


@pytest.fixture
def ordenes(falso: Falso) -> list[Mensaje]:
    """What the sandbox was ordered; asked for those of some keys it has two."""
    hechas: list[Mensaje] = []

    def responder(h: BaseHTTPRequestHandler, una: Recibida) -> None:
        mensaje = abrir(una.cuerpo.decode())
        hechas.append(mensaje)
        dichas = {"claves": ["a" * 12, "b" * 12]} if mensaje.orden == "revocar_las_de" else {}
        id_clave = mensaje.datos.get("id_clave")
        decir(h, 200, json.dumps({"clave_id": id_clave, **dichas}).encode())

    falso.responder = responder
    return hechas


@pytest.fixture(autouse=True)
def tareas(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Queued when something commits."""
    suyas: list[str] = []
    monkeypatch.setattr(
        "celery.app.base.Celery.send_task", lambda _app, n, *_a, **_o: suyas.append(n)
    )
    return suyas


def _real(**datos: Any) -> ClaveAPI:
    valores = {"nombre": "Real", "titular": "Tienda", "alcances": ALCANCES, "actor": ANA, **datos}
    return crear_clave(**valores)[0]


def _probar(clave: ClaveAPI) -> str:
    """A test key that it makes."""
    hecha, _texto = crear_la_suya_de_prueba(
        clave=clave, nombre="CI", alcances=["afiliados:leer"], actor=autor(clave.id_clave)
    )
    return str(hecha["clave_id"])


def _rotar(clave: ClaveAPI) -> ClaveAPI:
    return rotar_clave(
        clave=clave, actor=ANA, expira_anterior_en=timezone.now() + timedelta(days=1)
    )[0]


def _esperan(clave: ClaveAPI) -> int:
    clave.refresh_from_db()
    return clave.pruebas_por_revocar


def _arrastradas(hechas: list[Mensaje]) -> list[Any]:
    return [m.datos["claves"] for m in hechas if m.orden == "revocar_las_de"]


def test_por_la_api(
    ordenes: list[Mensaje], tareas: list[str], django_capture_on_commit_callbacks: Any
) -> None:
    """Whoever revokes is told how many go; the sandbox is told afterwards, once."""
    clave, texto = crear_clave(nombre="n", titular="Tienda", alcances=ALCANCES, actor=ANA)
    _probar(clave)
    _probar(clave)
    ordenes.clear()
    cliente = ClienteAPI(crear_clave(nombre="o", titular="Tienda", alcances=ALCANCES, actor=ANA)[1])
    ruta = f"/api/v1/claves/{clave.id_clave}/revocar"
    with django_capture_on_commit_callbacks(execute=True):
        dicha = cliente.enviar(ruta).json()
    assert (dicha["vigente"], dicha["pruebas_por_revocar"]) == (False, 2)
    assert buscar_clave(texto) is None
    assert ordenes == [], "nobody waits for the sandbox"
    assert tareas.count("claves.revocar_pruebas") == 1
    assert revocar_las_pendientes() == 1
    assert _arrastradas(ordenes) == [[clave.id_clave]]
    assert _esperan(clave) == 0
    paso = Historial.objects.get(entidad="clave", accion="revocar_pruebas")
    assert paso.entidad_id == clave.id_clave
    assert paso.motivo == "ap_test_aaaaaaaaaaaa_…, ap_test_bbbbbbbbbbbb_…"
    assert Historial.objects.get(entidad="pruebas", accion="revocar_las_de").motivo.endswith(": 2")
    assert revocar_las_pendientes() == 0
    assert len(_arrastradas(ordenes)) == 1


def test_la_que_no_hizo_ninguna(ordenes: list[Mensaje], tareas: list[str]) -> None:
    """Nor those that the staff made, nor one that its maker's key made, nor one that was ended."""
    madre = _real()
    hija = crear_la_suya(
        clave=madre, nombre="otra", alcances=ALCANCES, actor=autor(madre.id_clave)
    )[0]
    _probar(madre)
    crear_clave_de_prueba(nombre="n", titular="Tienda", alcances=["afiliados:leer"], actor=ANA)
    revocar_clave_de_prueba(id_clave=_probar(hija), actor=ANA)
    revocar_clave(clave=hija, actor=ANA)
    assert (_esperan(hija), revocar_las_pendientes(), _arrastradas(ordenes)) == (0, 0, [])


def test_rotar_no_es_revocar(ordenes: list[Mensaje]) -> None:
    """What a rotated key made stays with the one that took its place, and goes with that."""
    primera = _real()
    _probar(primera)
    segunda = _rotar(primera)
    _probar(segunda)
    tercera = _rotar(segunda)
    assert revocar_las_pendientes() == 0
    revocar_clave(clave=tercera, actor=ANA)
    assert _esperan(tercera) == 2
    revocar_las_pendientes()
    assert _arrastradas(ordenes) == [[tercera.id_clave, segunda.id_clave, primera.id_clave]]


def test_la_anterior_no_se_lleva_las_de_la_siguiente(ordenes: list[Mensaje]) -> None:
    primera = _real()
    _probar(primera)
    segunda = _rotar(primera)
    _probar(segunda)
    revocar_clave(clave=primera, actor=ANA)
    assert _esperan(primera) == 1
    revocar_las_pendientes()
    assert _arrastradas(ordenes) == [[primera.id_clave]]


@pytest.mark.parametrize("dicho", [(500, b"{}"), (200, b"x"), (200, b"{}"), (403, b"{}")])
def test_si_no_contesta_se_le_vuelve_a_decir(
    ordenes: list[Mensaje], falso: Falso, dicho: tuple[int, bytes]
) -> None:
    una, otra = _real(), _real()
    _probar(una)
    _probar(otra)
    contesta = falso.responder
    falso.responder = lambda h, _r: decir(h, *dicho)
    for clave in (una, otra):
        revocar_clave(clave=clave, actor=ANA)
    falso.recibidas.clear()
    assert revocar_las_pendientes() == 0
    assert len(falso.recibidas) == 1, "one that does not answer is asked once a round"
    assert (_esperan(una), _esperan(otra)) == (1, 1)
    assert not Historial.objects.filter(accion="revocar_pruebas").exists()
    falso.responder = contesta
    assert revocar_las_pendientes() == 2
    assert (_esperan(una), _esperan(otra)) == (0, 0)


def test_si_se_cuelga_nadie_espera_mucho(
    ordenes: list[Mensaje], falso: Falso, monkeypatch: pytest.MonkeyPatch
) -> None:
    clave = _real()
    _probar(clave)
    monkeypatch.setattr(de_prueba, "_ESPERA", 0.1)
    falso.responder = lambda h, _r: time.sleep(0.3)
    empezo = time.monotonic()
    revocar_clave(clave=clave, actor=ANA)
    assert revocar_las_pendientes() == 0
    assert time.monotonic() - empezo < 0.3
    assert _esperan(clave) == 1


def test_una_que_rehusa_no_para_a_las_demas(ordenes: list[Mensaje], falso: Falso) -> None:
    una, otra = _real(), _real()
    for clave in (una, otra):
        _probar(clave)
        revocar_clave(clave=clave, actor=ANA)
    contesta = falso.responder

    def responder(h: BaseHTTPRequestHandler, r: Recibida) -> None:
        if una.id_clave in abrir(r.cuerpo.decode()).datos["claves"]:
            return decir(h, 409, b'{"detail": "Hoy no."}')
        return contesta(h, r)

    falso.responder = responder
    assert revocar_las_pendientes() == 1
    assert (_esperan(una), _esperan(otra)) == (1, 0)


def test_sin_entorno_espera_a_que_lo_haya(ordenes: list[Mensaje], settings: Any) -> None:
    clave = _real()
    _probar(clave)
    url, settings.PRUEBAS_URL = settings.PRUEBAS_URL, ""
    revocar_clave(clave=clave, actor=ANA)
    assert (revocar_las_pendientes(), _esperan(clave)) == (0, 1)
    settings.PRUEBAS_URL = url
    assert (revocar_las_pendientes(), _esperan(clave)) == (1, 0)


def test_las_de_un_afiliado_que_se_cierra(ordenes: list[Mensaje]) -> None:
    de = fabricas.afiliado()
    clave = _real(afiliado=de, alcances=["claves:escribir", "afiliados:leer"])
    _probar(clave)
    suspender_afiliado(afiliado=de, actor=ANA, motivo="m")
    assert _esperan(clave) == 0, "it may come back"
    cerrar_afiliado(afiliado=de, actor=ANA, motivo="m")
    assert _esperan(clave) == 1
    assert revocar_las_pendientes() == 1


@pytest.mark.lento
def test_entre_dos_personas(ordenes: list[Mensaje]) -> None:
    """The preview says how many go; they do when the second one confirms, and its page says that
    it is still to come."""
    clave = _real()
    assert not any("prueba" in str(que) for que, _valor in lineas_de_revocar(clave))
    _probar(clave)
    [cuantas] = [valor for que, valor in lineas_de_revocar(clave) if "prueba" in str(que)]
    assert cuantas == "1"
    proponer_revocacion(clave=clave, actor=ANA, motivo="se filtró")
    assert _esperan(clave) == 0
    confirmar_lo_propuesto()
    assert _esperan(clave) == 1
    admin = Client(headers={"Accept-Language": "es"})
    admin.force_login(User.objects.create_superuser("jefa"))
    pagina = reverse("admin:afiliados_claveapi_change", args=[clave.pk])
    assert "en cuanto conteste el entorno de pruebas" in admin.get(pagina).content.decode()
    revocar_las_pendientes()
    contenido = admin.get(pagina).content.decode()
    assert "en cuanto conteste el entorno de pruebas" not in contenido
    assert "Fin de las claves de prueba que hizo" in contenido


def test_la_que_se_hace_mientras_se_revoca_no_se_dice(
    ordenes: list[Mensaje], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text is nobody's: what was revoked meanwhile already took along what it had."""
    clave = _real()
    pedir = de_prueba.pedir

    def pedir_y_revocar(*args: Any, **datos: Any) -> Any:
        hecha = pedir(*args, **datos)
        revocar_clave(clave=clave, actor=ANA)
        return hecha

    monkeypatch.setattr(de_prueba, "pedir", pedir_y_revocar)
    with pytest.raises(YaRevocada):
        _probar(clave)
    assert not Historial.objects.filter(entidad="pruebas").exists()


@pytest.mark.django_db(transaction=True)
def test_hacer_y_revocar_a_la_vez(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever comes first: one that was shown is counted, and one that is not is nobody's."""
    monkeypatch.setattr(de_prueba, "pedir", lambda _orden, **d: {"clave_id": d["id_clave"]})
    anotar = de_prueba.anotar

    def anotar_despacio(**datos: Any) -> None:
        time.sleep(0.1)
        anotar(**datos)

    monkeypatch.setattr(de_prueba, "anotar", anotar_despacio)
    for _vez in range(2):
        clave = _real()
        hechas = fabricas.a_la_vez(
            [partial(_probar, clave), partial(revocar_clave, clave=clave, actor=ANA)]
        )
        dichas = Historial.objects.filter(
            entidad="pruebas", accion="crear", actor=str(autor(clave.id_clave))
        )
        assert dichas.count() == _esperan(clave)
        assert isinstance(hechas[0], YaRevocada) is (_esperan(clave) == 0)


# --- In the sandbox -----------------------------------------------------------------------------


@pytest.mark.usefixtures("preparado")
def test_se_van_con_las_que_hicieron() -> None:
    """Of one that a revoked key made, also what was made or rotated of it here; nobody else's."""
    hacen = ["claves:escribir", "afiliados:leer"]
    ordenar("clave", **nueva(pide="clave:" + "f" * 12, alcances=hacen))
    otra = nueva(id_clave="9" * 12, pide="clave:" + "e" * 12)
    a_mano = nueva(id_clave="8" * 12, pide="persona:7")
    for datos in (otra, a_mano):
        assert ordenar("clave", **datos).status_code == 200
    pedido = {"nombre": "otra", "alcances": ["afiliados:leer"]}
    nieta = ClienteAPI(TEXTO).enviar("/api/v1/claves", pedido).json()["clave"]
    rotada = ClienteAPI(TEXTO).enviar(f"/api/v1/claves/{PUBLICA}/rotar").json()["clave"]
    dichas = []
    for _vez in range(2):
        respuesta = ordenar("revocar_las_de", claves=["f" * 12, "d" * 12], pide="x")
        assert respuesta.status_code == 200
        dichas.append(respuesta.json()["claves"])
    assert dichas[0] == dichas[1] == [PUBLICA, nieta[8:20], rotada[8:20]]
    for texto in (TEXTO, nieta, rotada):
        assert ClienteAPI(texto).get("/api/v1/afiliados").status_code == 401
    for suya in (otra, a_mano):
        texto = f"ap_test_{suya['id_clave']}_{SECRETO}"
        assert ClienteAPI(texto).get("/api/v1/afiliados").status_code == 200
    assert ordenar("revocar_las_de", claves=[], pide="x").json() == {"claves": []}


@pytest.mark.usefixtures("preparado")
def test_las_de_antes_saben_quien_las_hizo(settings: Any) -> None:
    """Of keys of an earlier version it is in their history; on the live site there is none."""
    de_antes = importlib.import_module("afiliados.migrations.0015_quien_hizo_las_de_prueba")
    ordenar("clave", **nueva(pide="clave:" + "f" * 12))
    ordenar("clave", **nueva(id_clave="9" * 12, pide="persona:7"))
    ClaveAPI.objects.update(hecha_por="")
    settings.PRUEBAS = False
    de_antes.apuntar(apps, None)
    assert not ClaveAPI.objects.exclude(hecha_por="").exists()
    settings.PRUEBAS = True
    de_antes.apuntar(apps, None)
    assert ClaveAPI.objects.get(id_clave=PUBLICA).hecha_por == "f" * 12
    assert ClaveAPI.objects.get(id_clave="9" * 12).hecha_por == ""
