"""Test keys made on the live site: by whom, with what, and what is kept of them there."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import huella_de
from alpespartner.comun.models import Historial, PeticionIdempotente
from alpespartner.pruebas.canal import RUTA
from alpespartner.pruebas.mensajes import Mensaje, abrir
from tests.fabricas import ClienteAPI, afiliado, api, foto, problema
from tests.pruebas.conftest import Falso, Recibida, decir

pytestmark = pytest.mark.django_db
CLAVES = "/api/v1/claves"
ALCANCES = ("claves:escribir", "afiliados:leer")
PEDIDO = {"nombre": "Pruebas de la tienda", "alcances": ["afiliados:leer"], "modo": "prueba"}


def _dicha(datos: dict[str, Any], *, vigente: bool = True) -> dict[str, Any]:
    return {
        "clave_id": datos["id_clave"], "nombre": datos.get("nombre", "n"), "vigente": vigente,
        "titular": "Tienda", "alcances": datos.get("alcances", []),
        "creada_en": "2026-03-01T10:00:00Z",
    }  # fmt: skip


@pytest.fixture
def ordenes(falso: Falso) -> list[Mensaje]:
    """What the sandbox was ordered; it does as it is told."""
    hechas: list[Mensaje] = []

    def responder(h: BaseHTTPRequestHandler, una: Recibida) -> None:
        assert (una.metodo, una.ruta) == ("POST", RUTA)
        mensaje = abrir(una.cuerpo.decode())
        hechas.append(mensaje)
        claves = [_dicha(m.datos) for m in hechas if m.orden == "clave"]
        dicho: Any = {
            "estado": {
                "claves": claves,
                "afiliados": 2,
                "conversiones": 1,
                "comisiones": 0,
                "se_vacia_en": "2026-05-30T10:00:00+00:00",
            },
            "vaciar": {},
        }.get(mensaje.orden) or _dicha({"id_clave": "0" * 12, **mensaje.datos})
        decir(h, 200, json.dumps({} if mensaje.orden == "vaciar" else dicho).encode())

    falso.responder = responder
    return hechas


def test_la_hace_una_clave_real(ordenes: list[Mensaje], falso: Falso) -> None:
    """Its text is in this answer only; the sandbox has its digest; the live site, who made it."""
    cliente = api(ALCANCES)
    antes = ClaveAPI.objects.count()
    respuesta = cliente.enviar(CLAVES, PEDIDO, Idempotency_Key="k")
    assert respuesta.status_code == 201, respuesta.content
    assert respuesta["Cache-Control"] == "no-store"
    texto = respuesta.json()["clave"]
    prefijo, id_clave, secreto = texto[:8], texto[8:20], texto[21:]
    assert (prefijo, len(secreto)) == ("ap_test_", 43)
    [orden] = ordenes
    assert orden.orden == "clave"
    assert orden.datos["id_clave"] == respuesta.json()["clave_id"] == id_clave
    assert orden.datos["huella"] == huella_de(secreto)
    assert (orden.datos["titular"], orden.datos["alcances"]) == ("Pruebas", ["afiliados:leer"])
    assert not any(secreto.encode() in r.cuerpo for r in falso.recibidas)
    # Nothing live can be done with it, and nothing of it is here but that it was made.
    assert ClaveAPI.objects.count() == antes
    [hecho] = Historial.objects.filter(entidad="pruebas")
    assert (hecho.accion, hecho.datos["clave"]) == ("crear", id_clave)
    assert hecho.actor.startswith("clave:")
    assert secreto not in str(foto())
    assert secreto not in json.dumps(PeticionIdempotente.objects.get().respuesta)
    # Again: the same answer without it, and no other key.
    otra = cliente.enviar(CLAVES, PEDIDO, Idempotency_Key="k")
    assert (otra.status_code, otra.json()["clave"]) == (201, None)
    assert len(ordenes) == 1


def test_la_de_un_afiliado_no_dice_quien_es(ordenes: list[Mensaje], falso: Falso) -> None:
    quien = afiliado(nombre="Lucía Quispe", email="lucia@ejemplo.test")
    respuesta = api(ALCANCES, de=quien).enviar(CLAVES, PEDIDO)
    assert respuesta.status_code == 201
    assert ordenes[0].datos["afiliado"] == quien.id_publico
    assert not any(p in str(ordenes) for p in ("lucia@", "Lucía Quispe"))


def test_no_da_lo_que_no_tiene(ordenes: list[Mensaje]) -> None:
    cliente = api(ALCANCES)
    problema(cliente.enviar(CLAVES, {**PEDIDO, "alcances": ["pagos:leer"]}), 400, "dato_invalido")
    problema(cliente.enviar(CLAVES, {**PEDIDO, "modo": "otro"}), 400, "datos_invalidos")
    assert ordenes == []
    real = cliente.enviar(CLAVES, {**PEDIDO, "modo": "real"})
    assert real.json()["clave"].startswith(f"ap_{real.json()['clave_id']}_")
    assert ordenes == []


@pytest.mark.parametrize(("dicho", "estado", "codigo"), [
    *(
        ((estado, cuerpo), 503, "pruebas_no_contestan")
        for estado, cuerpo in (
            (500, b"{}"), (200, b"x"), (200, b"{}"), (200, b"[]"), (404, b"{}"), (301, b"{}"),
        )
    ),
    ((409, b'{"detail": "Ya son muchas."}'), 409, "pruebas_no_admiten"),
])  # fmt: skip
def test_si_el_entorno_no_puede(
    falso: Falso, dicho: tuple[int, bytes], estado: int, codigo: str
) -> None:
    """Nothing is said to have been done; what is real goes on."""
    falso.responder = lambda h, _r: decir(h, *dicho)
    cliente = api(ALCANCES)
    antes = foto()
    problema(cliente.enviar(CLAVES, PEDIDO), estado, codigo)
    assert foto() == antes


def test_sin_entorno(settings: Any) -> None:
    settings.PRUEBAS_URL = ""
    problema(api(ALCANCES).enviar(CLAVES, PEDIDO), 503, "pruebas_apagadas")


def test_la_hace_una_orden(ordenes: list[Mensaje], capsys: pytest.CaptureFixture[str]) -> None:
    """Only its text goes to stdout; without a sandbox, what is wrong and no key."""
    pedida = ("--nombre", "CI", "--alcances", "afiliados:leer", "--prueba")
    call_command("crear_clave_api", *pedida, "--direcciones", "203.0.113.7", "--expira-dias", "2")
    texto = capsys.readouterr().out.strip()
    [orden] = ordenes
    assert texto.startswith(f"ap_test_{orden.datos['id_clave']}_")
    assert orden.datos["restricciones"]["direcciones"] == "203.0.113.7/32"
    assert datetime.fromisoformat(orden.datos["expira_en"]) > timezone.now() + timedelta(days=1)
    assert Historial.objects.get(entidad="pruebas").actor == "sistema:crear_clave_api"
    with override_settings(PRUEBAS_URL=""), pytest.raises(CommandError, match="no tiene entorno"):
        call_command("crear_clave_api", *pedida)
    assert not ClaveAPI.objects.exists()


def test_la_vacia_una_orden(ordenes: list[Mensaje]) -> None:
    call_command("vaciar_pruebas", stdout=io.StringIO())
    assert [m.orden for m in ordenes] == ["vaciar"]
    hecho = Historial.objects.get(entidad="pruebas")
    assert (hecho.accion, hecho.actor) == ("vaciar", "sistema:vaciar_pruebas")
    with override_settings(PRUEBAS_URL=""), pytest.raises(CommandError, match="no tiene entorno"):
        call_command("vaciar_pruebas")
    assert Historial.objects.filter(entidad="pruebas").count() == 1


# --- The page of the staff ----------------------------------------------------------------------


def _entrar(*permisos: str) -> Client:
    quien = User.objects.create_user("ana", is_staff=True, is_superuser="todo" in permisos)
    cliente = Client(headers={"Accept-Language": "es"})
    cliente.force_login(quien)
    return cliente


PAGINA, NUEVA, VACIAR = (
    reverse(f"admin:afiliados_claveapi_{p}") for p in ("pruebas", "prueba_nueva", "prueba_vaciar")
)
REVOCAR = reverse("admin:afiliados_claveapi_prueba_revocar", args=["0" * 12])
FORMULARIO = {"nombre": "Tienda", "titular": "Tienda", "alcances": ["afiliados:leer"]}


def test_la_pagina(ordenes: list[Mensaje]) -> None:
    """Made, shown once, listed, revoked; and who did it is there for whoever comes next."""
    admin = _entrar("todo")
    assert admin.get(NUEVA).status_code == 200
    assert [m.orden for m in ordenes] == []
    hecha = admin.post(NUEVA, FORMULARIO)
    assert "no-store" in hecha["Cache-Control"]
    contenido = hecha.content.decode()
    texto = "ap_test_" + ordenes[0].datos["id_clave"]
    assert contenido.count(f'value="{texto}_') == 1
    pagina = admin.get(PAGINA).content.decode()
    assert f"{texto}_…" in pagina
    assert "Desde el 30/05/2026 se vacía solo" in pagina
    assert f"{texto}_…" in str(Historial.objects.get(entidad="pruebas").motivo)
    assert admin.post(REVOCAR).status_code == 302
    assert ordenes[-1].datos["id_clave"] == "0" * 12
    assert [h.accion for h in Historial.objects.filter(entidad="pruebas").order_by("pk")] == [
        "crear", "revocar",
    ]  # fmt: skip
    assert "Revocación de una clave de prueba" in admin.get(PAGINA).content.decode()


def test_un_formulario_malo(ordenes: list[Mensaje]) -> None:
    admin = _entrar("todo")
    for mal in ({"nombre": ""}, {"alcances": ["nada"]}, {"direcciones": "x"}):
        respuesta = admin.post(NUEVA, {**FORMULARIO, **mal})
        assert respuesta.status_code == 200, mal
        assert "ap_test_" not in respuesta.content.decode()
    assert ordenes == []
    assert not Historial.objects.filter(entidad="pruebas").exists()


def test_vaciar_pide_que_se_diga(ordenes: list[Mensaje]) -> None:
    admin = _entrar("todo")
    admin.post(VACIAR)
    assert ordenes == []
    assert admin.post(VACIAR, {"seguro": "si"}).status_code == 302
    assert [m.orden for m in ordenes] == ["vaciar"]
    assert Historial.objects.get(entidad="pruebas").accion == "vaciar"


def test_mirar_no_cambia_nada(ordenes: list[Mensaje]) -> None:
    """What changes something answers no GET; what is looked at orders nothing."""
    admin = _entrar("todo")
    for direccion in (VACIAR, REVOCAR):
        assert admin.get(direccion).status_code == 405
    admin.get(PAGINA)
    assert {m.orden for m in ordenes} == {"estado"}


def test_quien_no_puede(ordenes: list[Mensaje]) -> None:
    nadie = _entrar()
    for direccion in (PAGINA, NUEVA):
        assert nadie.get(direccion).status_code == 403
    for direccion in (NUEVA, VACIAR, REVOCAR):
        assert nadie.post(direccion, {**FORMULARIO, "seguro": "si"}).status_code == 403
    assert ordenes == []


def test_sin_ficha_del_formulario_no(ordenes: list[Mensaje]) -> None:
    """Another site's page makes nobody's browser do it."""
    quien = User.objects.create_superuser("jefa")
    cliente = Client(enforce_csrf_checks=True)
    cliente.force_login(quien)
    for direccion in (NUEVA, VACIAR, REVOCAR):
        assert cliente.post(direccion, {**FORMULARIO, "seguro": "si"}).status_code == 403
    assert ordenes == []


def test_la_pagina_si_no_contesta_o_no_hay(falso: Falso, settings: Any) -> None:
    admin = _entrar("todo")
    falso.responder = lambda h, _r: decir(h, 500)
    assert "no contesta ahora" in admin.get(PAGINA).content.decode()
    admin.post(VACIAR, {"seguro": "si"})
    admin.post(REVOCAR)
    assert not Historial.objects.filter(entidad="pruebas").exists()
    settings.PRUEBAS_URL = ""
    assert "ALPES_PRUEBAS_URL" in admin.get(PAGINA).content.decode()
    assert "no tiene entorno de pruebas" in admin.post(NUEVA, FORMULARIO).content.decode()


def test_una_clave_de_prueba_no_abre_lo_real() -> None:
    """Also when it comes to the live site itself, past its door."""
    problema(ClienteAPI("ap_test_" + "0" * 12 + "_" + "s" * 43).get(CLAVES), 401, "clave_invalida")
