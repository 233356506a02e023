"""Sessions: each person sees and ends theirs, and what an account may do ends with a change."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group, Permission, User
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError
from django.urls import reverse
from django.utils import timezone

from alpespartner.comun.acceso import correos, factor, sesiones
from alpespartner.comun.acceso.propio import dispositivo
from alpespartner.comun.actores import persona, sistema
from alpespartner.comun.errores import CuatroOjos, FaltaMotivo
from alpespartner.comun.models import CorreoAlPersonal, Historial
from tests.acceso.mesa import (
    BUENA,
    con_contrasena,
    con_factor,
    dentro,
    entrar_del_todo,
    factores,
    navegador,
    pasos,
    personal,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def reloj():
    with time_machine.travel(timezone.now(), tick=False) as reloj:
        yield reloj


@pytest.fixture
def ana(db) -> User:
    return personal()


def entrar(nombre: str = "ana", desde: str = "10.0.0.1") -> Any:
    cliente = navegador(desde)
    assert con_contrasena(cliente, nombre).status_code == 302
    assert dentro(cliente)
    return cliente


def fila_de(cliente: Any) -> UserSession:
    return UserSession.objects.get(session_key=cliente.session.session_key)


def test_ve_las_suyas_y_de_donde(ana, reloj):
    personal("eva")
    entrar("eva", "10.0.0.77")
    una = entrar(desde="10.0.0.1")
    reloj.shift(timedelta(hours=2))
    otra = entrar(desde="2001:db8::7")
    pagina = otra.get("/admin/mi-acceso/").content.decode()
    assert "10.0.0.1" in pagina
    assert "2001:db8::7" in pagina
    assert "10.0.0.77" not in pagina
    assert pagina.count("Chrome · Linux") == 2
    assert pagina.count(">esta<") == 1
    vista = fila_de(una).last_seen_at
    una.get("/admin/")
    assert fila_de(una).last_seen_at == timezone.now() > vista


@pytest.mark.lento
def test_mirar_cuesta_lo_mismo_con_una_que_con_muchas(ana, django_assert_num_queries, reloj):
    cliente = entrar()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as una:
        cliente.get("/admin/mi-acceso/")
    for _vez in range(20):
        entrar()
    with CaptureQueriesContext(connection) as muchas:
        cliente.get("/admin/mi-acceso/")
    assert len(una) == len(muchas)
    assert not any(
        q["sql"].lstrip('"').startswith(("INSERT", "UPDATE", "DELETE")) for q in muchas
    ), "looking writes nothing, but now and then that somebody is there"


def test_termina_una_suya_y_ninguna_de_otra(ana):
    personal("eva")
    una, otra, de_eva = entrar(), entrar(), entrar("eva")
    url = reverse("acceso_sesion", args=[fila_de(otra).pk])
    assert de_eva.post(url).status_code == 404
    assert una.get(url).status_code == 405
    assert dentro(otra)
    assert una.post(url).status_code == 302
    assert not dentro(otra)
    assert dentro(una)
    assert dentro(de_eva)
    assert pasos("usuario", ana.pk) == ["terminar_sesiones"]
    # Its own: out.
    assert una.post(reverse("acceso_sesion", args=[fila_de(una).pk])).url == "/admin/login/"
    assert not dentro(una)


def test_termina_todas_las_demas(ana):
    una, *otras = (entrar() for _vez in range(4))
    assert una.get("/admin/mi-acceso/sesiones/").status_code == 405
    una.post("/admin/mi-acceso/sesiones/")
    assert dentro(una)
    assert not any(dentro(otra) for otra in otras)
    assert Historial.objects.get(accion="terminar_sesiones").datos == {"cuantas": 3}


def test_quien_administra_termina_la_de_cualquiera(ana):
    personal("jefa", is_superuser=True)
    jefa, suya, otra = entrar("jefa"), entrar(), entrar()
    lista = jefa.get(reverse("admin:comun_sesion_changelist")).content.decode()
    assert lista.count("Chrome · Linux") == 3
    url = reverse("admin:comun_sesion_accion", args=[fila_de(suya).pk, "terminar"])
    assert otra.post(url).status_code == 403
    assert jefa.post(url, {"motivo": "se fue"}).status_code == 302
    assert not dentro(suya)
    url = reverse("admin:auth_user_accion", args=[ana.pk, "terminar_sesiones"])
    assert otra.post(url).status_code == 403
    assert jefa.post(url).status_code == 302
    assert not dentro(otra)
    assert dentro(jefa)
    assert pasos("usuario", ana.pk) == ["terminar_sesiones"] * 2
    assert Historial.objects.filter(motivo="se fue").exists()


@pytest.mark.lento
def test_la_lista_de_sesiones_cuesta_lo_mismo(ana):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    personal("jefa", is_superuser=True)
    jefa = entrar("jefa")
    url = reverse("admin:comun_sesion_changelist")
    jefa.get(url)
    cuantas = []
    for n in (1, 50):
        for i in range(n):
            entrar(personal(f"p{n}-{i}").username)
        with CaptureQueriesContext(connection) as consultas:
            jefa.get(url)
        cuantas.append(len(consultas))
    assert cuantas[0] == cuantas[1]


CAMBIOS = {
    "is_active": lambda u: User.objects.filter(pk=u.pk).exists() and _poner(u, is_active=False),
    "is_staff": lambda u: _poner(u, is_staff=False),
    "is_superuser": lambda u: _poner(u, is_superuser=True),
    "password": lambda u: _contrasena(u),
    "roles": lambda u: u.groups.add(Group.objects.get(name="Tesorería")),
    "roles al revés": lambda u: Group.objects.get(name="Consulta").user_set.remove(u),
    "roles vaciados": lambda u: Group.objects.get(name="Consulta").user_set.clear(),
    "permisos": lambda u: u.user_permissions.add(Permission.objects.first()),
}


def _poner(usuario: User, **campos: Any) -> None:
    for campo, valor in campos.items():
        setattr(usuario, campo, valor)
    usuario.save()


def _contrasena(usuario: User) -> None:
    usuario.set_password("otra contraseña larga")
    usuario.save(update_fields=["password"])


@pytest.mark.parametrize("cambio", CAMBIOS)
def test_un_cambio_de_lo_que_puede_las_termina(ana, cambio):
    ana.groups.add(Group.objects.get(name="Consulta"))
    eva = personal("eva")
    suya, de_eva = entrar(), entrar("eva")
    clave = suya.session.session_key
    CAMBIOS[cambio](ana)
    assert not Session.objects.filter(session_key=clave).exists()
    assert not dentro(suya)
    assert dentro(de_eva)
    assert not UserSession.objects.filter(user=ana).exists()
    assert pasos("usuario", ana.pk)[-1] == "terminar_sesiones"
    assert pasos("usuario", eva.pk) == []


def test_lo_demas_no_las_termina(ana):
    suya = entrar()
    _poner(ana, first_name="Ana", email="otra@ejemplo.co")
    ana.groups.set([])
    User.objects.get(pk=ana.pk).save()
    entrar()
    assert dentro(suya)


def test_por_la_pagina_del_usuario(ana):
    personal("jefa", is_superuser=True)
    jefa, suya = entrar("jefa"), entrar()
    url = reverse("admin:auth_user_change", args=[ana.pk])
    datos = {
        "username": "ana", "first_name": "", "last_name": "", "email": ana.email,
        "is_active": "on", "is_staff": "on", "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
    }  # fmt: skip
    assert jefa.post(url, {**datos, "first_name": "Ana"}).status_code == 302
    assert dentro(suya)
    rol = Group.objects.get(name="Tesorería")
    assert jefa.post(url, {**datos, "groups": [rol.pk]}).status_code == 302
    assert not dentro(suya)
    pagina = jefa.get(url).content.decode()
    assert "Sesiones terminadas" in pagina


def test_cambiar_la_suya_termina_las_demas(ana):
    una, otra = entrar(), entrar()
    nueva = {"new_password1": "0tra Clave larga", "new_password2": "0tra Clave larga"}
    mala = una.post("/admin/password_change/", {"old_password": "mala", **nueva})
    assert mala.status_code == 200
    assert dentro(otra)
    assert una.post("/admin/password_change/", {"old_password": BUENA, **nueva}).status_code == 302
    assert dentro(una)
    assert not dentro(otra)
    assert fila_de(una).user == ana
    assert [f.session_key for f in sesiones.de_persona(ana)] == [una.session.session_key]
    assert "fallo" in pasos("acceso", "ana")


def test_la_de_antes_no_se_prueba_sin_limite(ana):
    una = entrar()
    nueva = {"new_password1": "0tra Clave larga", "new_password2": "0tra Clave larga"}
    estados = [
        una.post("/admin/password_change/", {"old_password": f"mala {n}", **nueva}).status_code
        for n in range(7)
    ]
    assert estados == [200] * 5 + [429] * 2


def test_salir_borra_la_fila(ana):
    una = entrar()
    una.post("/admin/logout/")
    assert not UserSession.objects.exists()


def test_una_terminada_no_resucita(ana):
    """What a page that is being served writes in its session does not bring it back."""
    una = entrar()
    sesion = una.session
    assert "presencia" in sesion
    sesiones.terminar(usuario=ana, actor=sistema("x"))
    sesion["vista"] = 0
    with pytest.raises(UpdateError):
        sesion.save()
    assert not dentro(una)


def test_las_que_caducaron_se_olvidan(ana, reloj):
    entrar()
    reloj.shift(timedelta(hours=11))
    viva = entrar()
    assert len(sesiones.de_persona(ana)) == 2
    reloj.shift(timedelta(hours=2))
    assert [f.pk for f in sesiones.de_persona(ana)] == [fila_de(viva).pk]
    assert sesiones.purgar() == 1
    assert UserSession.objects.count() == Session.objects.count() == 1
    assert dentro(viva)


def test_un_disco_lleno_no_echa_a_nadie(ana, reloj, monkeypatch):
    una = entrar()
    reloj.shift(timedelta(hours=1))

    def lleno(*_args: Any, **_datos: Any) -> None:
        raise OperationalError(1021, "Disk full")

    monkeypatch.setattr(sesiones, "_quien", lleno)
    assert dentro(una)
    assert una.session["vista"] < timezone.now().timestamp(), "nor says that it was written"


@pytest.mark.parametrize(
    ("navegador_", "dicho"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari · iOS"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (Android 15; Mobile) Firefox/140.0", "Firefox · Android"),
        ("<script>", "Otro programa"),
        ("", "Otro programa"),
    ],
)
def test_el_dispositivo_en_palabras(navegador_, dicho):
    assert dispositivo(navegador_) == dicho


@pytest.mark.parametrize("cabecera", ["\0", "x" * 5_000, "é\ud800", ""])
def test_un_navegador_que_miente(ana, cabecera):
    cliente = navegador()
    cliente.defaults["HTTP_USER_AGENT"] = cabecera
    assert con_contrasena(cliente).status_code == 302
    assert dentro(cliente)


# --- The factor of somebody who lost it -----------------------------------------------------------


@pytest.fixture
def perdida(reloj, settings) -> Any:
    """Eva, who administers and has a factor, and Ana, who lost hers, signed in."""
    settings.SEGUNDO_FACTOR = True
    ana, secreto, _codigos = con_factor(reloj)
    eva, de_eva, _codigos = con_factor(reloj, "eva", is_superuser=True)
    return ana, entrar_del_todo(secreto), eva, entrar_del_todo(de_eva, "eva")


def _restablecer(cliente: Any, usuario: User, motivo: str = "perdió el teléfono") -> Any:
    url = reverse("admin:auth_user_accion", args=[usuario.pk, "restablecer_factor"])
    return cliente.post(url, {"motivo": motivo})


def test_otra_persona_lo_restablece(perdida):
    ana, suya, eva, de_eva = perdida
    assert _restablecer(de_eva, ana).status_code == 302
    assert factores(ana) == set()
    assert not dentro(suya)
    hecho = Historial.objects.get(accion="restablecer_factor")
    assert (hecho.entidad_id, hecho.actor, hecho.motivo) == (
        str(ana.pk), f"persona:{eva.pk}", "perdió el teléfono",
    )  # fmt: skip
    assert correos.enviar_pendientes() == 1
    assert mail.outbox[0].to == ["ana@ejemplo.co"]
    assert "segundo factor" in mail.outbox[0].subject
    assert not CorreoAlPersonal.objects.exists()
    assert con_contrasena(navegador()).url == "/admin/login/inscribir/"


def test_nadie_restablece_el_suyo(perdida):
    _ana, _suya, eva, de_eva = perdida
    pagina = de_eva.get(reverse("admin:auth_user_change", args=[eva.pk])).content.decode()
    assert "lo restablece otra persona" in pagina
    assert _restablecer(de_eva, eva).status_code == 302
    with pytest.raises(CuatroOjos):
        factor.restablecer(usuario=eva, actor=persona(eva.pk), motivo="m")
    assert "totp" in factores(eva)


def test_pide_motivo_permiso_y_presencia(perdida, reloj):
    ana, suya, eva, de_eva = perdida
    assert _restablecer(suya, eva).status_code == 403
    _restablecer(de_eva, ana, "")
    with pytest.raises(FaltaMotivo):
        factor.restablecer(usuario=ana, actor=persona(eva.pk), motivo=" ")
    reloj.shift(timedelta(hours=1))
    assert "Confirma que eres tú" in _restablecer(de_eva, ana).content.decode()
    assert "totp" in factores(ana)
    assert "totp" in factores(eva)


def test_desde_el_servidor_para_quien_administra_sola(perdida, capsys):
    _ana, _suya, eva, de_eva = perdida
    call_command("restablecer_factor", "eva", "--motivo", "perdió todo", "--autor", "guardia")
    assert factores(eva) == set()
    assert not dentro(de_eva)
    hecho = Historial.objects.get(accion="restablecer_factor")
    assert (hecho.actor, hecho.motivo) == ("sistema:consola", "perdió todo (guardia)")
