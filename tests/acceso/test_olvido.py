"""A forgotten password: a link by mail, once, that tells nobody who is here."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.core import mail
from django.test import Client
from django.utils import timezone

from alpespartner.comun.acceso import correos, olvido
from alpespartner.comun.acceso.errores import EnlaceCaducado
from alpespartner.comun.models import CorreoAlPersonal, Historial
from tests.acceso.mesa import (
    codigo_de,
    con_contrasena,
    con_factor,
    dar_codigo,
    dentro,
    entrar_del_todo,
    factores,
    navegador,
    pasos,
    personal,
)

pytestmark = pytest.mark.django_db
NUEVA = "0tra Clave larga"


@pytest.fixture(autouse=True)
def _direccion(settings):
    settings.URL = "https://panel.ejemplo.co"


@pytest.fixture
def reloj():
    with time_machine.travel(timezone.now(), tick=False) as reloj:
        yield reloj


def pedir(correo: str, desde: str = "10.0.0.1"):
    return navegador(desde).post("/admin/olvido/", {"correo": correo})


def enlaces() -> list[str]:
    """Paths of the links that went out since the last time."""
    mail.outbox.clear()
    correos.enviar_pendientes()
    return [
        ruta
        for correo in mail.outbox
        for ruta in re.findall(r"https://panel\.ejemplo\.co(/admin/olvido/\S+)", correo.body)
    ]


def poner(enlace: str, nueva: str = NUEVA, cliente: Client | None = None):
    return (cliente or navegador()).post(enlace, {"new_password1": nueva, "new_password2": nueva})


def test_una_contrasena_nueva(reloj):
    ana = personal()
    dentro_ya = navegador()
    con_contrasena(dentro_ya)
    assert "/admin/olvido/" in navegador().get("/admin/login/").content.decode()
    assert pedir("ANA@ejemplo.co ").url == "/admin/olvido/enviado/"
    [enlace] = enlaces()
    assert mail.outbox[0].to == ["ana@ejemplo.co"]
    assert navegador().get(enlace).status_code == 200
    assert poner(enlace).url == "/admin/olvido/listo/"
    assert not dentro(dentro_ya), "its sessions end"
    assert con_contrasena(navegador()).status_code == 200
    assert con_contrasena(navegador(), contrasena=NUEVA).status_code == 302
    assert "contrasena_restablecida" in pasos("usuario", ana.pk)
    assert correos.enviar_pendientes() == 1
    assert "cambió" in mail.outbox[-1].subject


def test_no_entra_nadie_con_el_enlace_y_el_factor_sigue(settings, reloj):
    settings.SEGUNDO_FACTOR = True
    ana, secreto, _codigos = con_factor(reloj)
    antes = list(Authenticator.objects.filter(user=ana).values_list("pk", "data"))
    cliente = entrar_del_todo(secreto)
    pedir("ana@ejemplo.co")
    [enlace] = enlaces()
    nuevo = navegador()
    assert poner(enlace, cliente=nuevo).status_code == 302
    assert not dentro(nuevo)
    assert not dentro(cliente)
    despues = Authenticator.objects.filter(user=ana).values_list("pk", "data")
    assert [pk for pk, _data in despues] == [pk for pk, _data in antes]
    reloj.shift(timedelta(seconds=60))
    assert con_contrasena(nuevo, contrasena=NUEVA).url == "/admin/login/codigo/"
    assert dar_codigo(nuevo, codigo_de(secreto)).status_code == 302
    assert factores(ana) == {"totp", "recovery_codes"}


def test_el_enlace_sirve_una_vez_y_una_hora(reloj):
    personal()
    pedir("ana@ejemplo.co")
    pedir("ana@ejemplo.co")
    uno, otro = enlaces()
    assert poner(uno).status_code == 302
    for gastado in (uno, otro):
        assert navegador().get(gastado).status_code == poner(gastado, "Otra m4s").status_code == 404
    pedir("ana@ejemplo.co")
    [tarde] = enlaces()
    reloj.shift(timedelta(hours=1, seconds=1))
    assert poner(tarde).status_code == 404
    assert con_contrasena(navegador(), contrasena=NUEVA).status_code == 302


def test_mirar_el_enlace_no_lo_gasta_ni_guarda_nada(reloj):
    personal()
    pedir("ana@ejemplo.co")
    [enlace] = enlaces()
    cliente = navegador()
    for _vez in range(3):
        respuesta = cliente.get(enlace)
        assert respuesta.status_code == 200
    assert "sessionid" not in cliente.cookies
    assert respuesta.headers["Referrer-Policy"] == "same-origin"
    assert poner(enlace).status_code == 302


def test_entrar_gasta_el_enlace(reloj):
    """Who remembers it after all leaves no link around."""
    personal()
    pedir("ana@ejemplo.co")
    [enlace] = enlaces()
    reloj.shift(timedelta(minutes=1))
    con_contrasena(navegador())
    assert poner(enlace).status_code == 404


def test_la_misma_respuesta_sea_de_quien_sea(reloj):
    """Nor by what it says, nor by what it does, nor by how often it may be asked."""
    personal()
    personal("parado", is_active=False)
    personal("ajena", is_staff=False)
    sin_clave = personal("sinclave")
    sin_clave.set_unusable_password()
    sin_clave.save()
    vistas = set()
    for n, quien in enumerate(("ana", "nadie", "parado", "ajena", "sinclave")):
        for vez in range(5):
            respuesta = pedir(f"{quien}@ejemplo.co", f"10.3.{n}.{vez}")
            vistas.add((respuesta.status_code, respuesta.url, respuesta.content))
    assert vistas == {(302, "/admin/olvido/enviado/", b"")}
    # Each one three times at most, and the same rows whoever it is.
    assert CorreoAlPersonal.objects.count() == 15
    assert Historial.objects.filter(accion="enlace_pedido").count() == 15
    assert not Historial.objects.filter(entidad_id__contains="nadie").exists()
    assert len(enlaces()) == 3
    assert {correo.to[0] for correo in mail.outbox} == {"ana@ejemplo.co"}
    assert not CorreoAlPersonal.objects.exists()


def test_las_mismas_consultas_sea_de_quien_sea(reloj):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    personal()
    cuantas = []
    for n, correo in enumerate(("ana@ejemplo.co", "nadie@ejemplo.co")):
        with CaptureQueriesContext(connection) as consultas:
            pedir(correo, f"10.0.{n}.1")
        cuantas.append([q["sql"].split()[0] for q in consultas])
    assert sorted(cuantas[0]) == sorted(cuantas[1])


def test_una_direccion_no_pide_sin_fin(reloj):
    estados = [pedir(f"n{n}@ejemplo.co").status_code for n in range(12)]
    assert estados == [302] * olvido.POR_DIRECCION + [429] * 2
    assert int(pedir("otra@ejemplo.co").headers["Retry-After"]) > 0
    assert pedir("otra@ejemplo.co", "10.0.0.2").status_code == 302
    reloj.shift(timedelta(hours=1, seconds=1))
    assert pedir("otra@ejemplo.co").status_code == 302


@pytest.mark.parametrize("anfitrion", ["malo.example", "localhost:99"])
def test_el_enlace_no_lleva_a_donde_dice_la_peticion(reloj, settings, anfitrion):
    personal()
    settings.ALLOWED_HOSTS = ["*"]
    navegador().post("/admin/olvido/", {"correo": "ana@ejemplo.co"}, HTTP_HOST=anfitrion)
    assert len(enlaces()) == 1
    assert anfitrion not in mail.outbox[0].body


def test_a_quien_se_parece_no_le_llega(reloj):
    """Two addresses that look alike are two mailboxes, and it goes to the one that is kept."""
    personal("ana", email="mike@ejemplo.co")
    pedir("mıke@ejemplo.co")
    assert enlaces() == []


@pytest.mark.parametrize("enlace", ["MQ/mala", "x/y", "MTIz/set-password", "4pyT/a", "%00/a"])
def test_enlaces_hostiles(reloj, enlace):
    personal()
    assert navegador().get(f"/admin/olvido/{enlace}/").status_code == 404


def test_el_de_otra_cuenta_no_vale(reloj):
    ana, eva = personal(), personal("eva")
    pedir("ana@ejemplo.co")
    [enlace] = enlaces()
    uid = correos.enlace_para(eva).split("/")[-3]
    token = enlace.split("/")[-2]
    assert poner(f"/admin/olvido/{uid}/{token}/").status_code == 404
    assert User.objects.get(pk=eva.pk).password == eva.password
    assert User.objects.get(pk=ana.pk).password == ana.password


def test_una_contrasena_mala_no_gasta_el_enlace(reloj):
    personal()
    pedir("ana@ejemplo.co")
    [enlace] = enlaces()
    for mala in ("corta", "12345678", "ana@ejemplo.co"):
        assert poner(enlace, mala).status_code == 200
    distintas = {"new_password1": NUEVA, "new_password2": NUEVA + "x"}
    assert navegador().post(enlace, distintas).status_code == 200
    assert poner(enlace).status_code == 302


def test_el_servicio_lo_mira_otra_vez(reloj):
    ana = personal()
    uid, token = correos.enlace_para(ana).split("/")[-3:-1]
    olvido.poner_contrasena(uid=uid, token=token, nueva=NUEVA)
    with pytest.raises(EnlaceCaducado):
        olvido.poner_contrasena(uid=uid, token=token, nueva="otra m4s larga")


def test_un_correo_que_no_sale_se_intenta_otra_vez(reloj, monkeypatch):
    personal()
    pedir("ana@ejemplo.co")

    def cortado(*_args, **_datos):
        raise ConnectionRefusedError

    monkeypatch.setattr(correos.EmailMessage, "send", cortado)
    assert correos.enviar_pendientes() == 0
    monkeypatch.undo()
    assert enlaces() == [], "not at once"
    reloj.shift(timedelta(minutes=2))
    assert len(enlaces()) == 1
    pedir("ana@ejemplo.co")
    monkeypatch.setattr(correos.EmailMessage, "send", cortado)
    for _vez in range(correos.INTENTOS):
        assert CorreoAlPersonal.objects.exists()
        correos.enviar_pendientes()
        reloj.shift(timedelta(minutes=2))
    assert not CorreoAlPersonal.objects.exists()
