"""Wrong passwords: limited by account and by address, written down, and others unaffected."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from alpespartner.comun.acceso import contrasenas, turno
from alpespartner.comun.models import Historial, Intentos

BUENA = "una contraseña larga"


@pytest.fixture
def personas(db):
    return [
        User.objects.create_user(nombre, password=BUENA, is_staff=True) for nombre in ("ana", "eva")
    ]


def entrar(usuario, contrasena=BUENA, desde="10.0.0.1", cliente=None):
    return (cliente or Client()).post(
        "/admin/login/?next=/admin/",
        {"username": usuario, "password": contrasena, "next": "/admin/"},
        REMOTE_ADDR=desde,
    )


@pytest.mark.lento
def test_sesenta_contrasenas_erroneas(personas):
    estados = [entrar("ana", f"mala {n}").status_code for n in range(60)]
    assert estados == [200] * 5 + [429] * 55
    negada = entrar("ana")
    assert negada.status_code == 429, "from there, the right one is not looked at either"
    assert 1 <= int(negada.headers["Retry-After"]) <= 901
    assert "Demasiados intentos" in negada.content.decode()
    # Others, there and elsewhere, and the account itself from elsewhere.
    assert entrar("eva").status_code == 302
    assert entrar("ana", desde="10.0.0.2").status_code == 302
    pasos = Historial.objects.filter(entidad="acceso", entidad_id="ana").order_by("id")
    assert [p.accion for p in pasos] == ["fallo"] * 5 + ["bloqueo", "entrada"]
    assert pasos[5].datos == {"usuario": "ana", "direccion": "10.0.0.1", "por": "par"}


def test_se_abre_otra_vez(personas):
    with time_machine.travel(timezone.now(), tick=False) as reloj:
        for n in range(6):
            entrar("ana", f"mala {n}")
        reloj.shift(timedelta(minutes=15, seconds=1))
        assert entrar("ana").status_code == 302


def test_una_buena_olvida_las_malas(personas):
    for _vuelta in range(5):
        for n in range(4):
            assert entrar("ana", f"mala {n}").status_code == 200
        assert entrar("ana").status_code == 302


@pytest.mark.parametrize("otra_forma", ["ANA", "ａｎａ"])
def test_otra_forma_del_mismo_nombre_es_la_misma_cuenta(personas, otra_forma):
    for n in range(5):
        entrar("ana", f"mala {n}")
    assert entrar(otra_forma, "mala").status_code == 429


@pytest.mark.lento
def test_una_direccion_que_prueba_muchas_cuentas(personas):
    estados = [entrar(f"nadie{n}", "mala").status_code for n in range(40)]
    assert estados == [200] * contrasenas.POR_DIRECCION + [429] * 10
    assert entrar("ana").status_code == 429
    assert entrar("ana", desde="10.0.0.2").status_code == 302


@pytest.mark.lento
def test_una_cuenta_probada_desde_muchas_direcciones(personas):
    assert entrar("ana", desde="10.0.0.7").status_code == 302
    estados = [entrar("ana", "mala", desde=f"10.1.{n}.1").status_code for n in range(60)]
    assert estados == [200] * contrasenas.POR_CUENTA + [429] * 10
    assert entrar("ana", desde="10.0.0.8").status_code == 429
    assert entrar("ana", desde="10.0.0.7").status_code == 302, "its own address is known"
    assert entrar("eva", desde="10.0.0.8").status_code == 302


def test_una_red_ipv6_es_una_direccion(personas):
    for n in range(5):
        entrar("ana", "mala", desde=f"2001:db8::{n + 1:x}")
    assert entrar("ana", desde="2001:db8::ffff").status_code == 429
    assert entrar("ana", desde="2001:db8:1::1").status_code == 302


def test_detras_de_un_proxy_cuenta_la_direccion_que_el_ve(personas, settings):
    settings.DETRAS_DE_PROXY = True

    def por_proxy(contrasena, cadena):
        return Client().post(
            "/admin/login/",
            {"username": "ana", "password": contrasena},
            HTTP_X_FORWARDED_FOR=cadena,
        )

    for n in range(5):
        por_proxy("mala", f"1.2.3.{n}, 10.0.0.1")
    assert por_proxy(BUENA, "9.9.9.9, 10.0.0.1").status_code == 429
    assert por_proxy(BUENA, "10.0.0.1, 10.0.0.2").status_code == 302


def test_sin_proxy_nadie_elige_su_direccion(personas):
    for n in range(5):
        Client().post(
            "/admin/login/",
            {"username": "ana", "password": "mala"},
            HTTP_X_FORWARDED_FOR=f"1.2.3.{n}",
        )
    assert entrar("ana", desde="127.0.0.1").status_code == 429


@pytest.mark.parametrize("nombre", ["", "a" * 149, "é\udcff", "\0", "李小龍", "%s%s"])
def test_nombres_hostiles(personas, nombre):
    assert entrar(nombre.encode("utf-8", "surrogateescape"), "mala").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_muchos_a_la_vez_no_pasan_juntos(personas, monkeypatch):
    """A hash takes long; each thread is a process of the site, as far as the turn can tell."""
    dentro: list[int] = []
    pico: list[int] = []

    def lento(self, request, **datos):
        dentro.append(1)
        pico.append(len(dentro))
        time.sleep(0.05)
        dentro.pop()

    monkeypatch.setattr(contrasenas.ModelBackend, "authenticate", lento)

    def intento(n):
        try:
            return entrar(f"nadie{n}", "mala", desde=f"10.2.{n}.1").status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(24) as hilos:
        estados = list(hilos.map(intento, range(24)))
    assert set(estados) <= {200, 503}
    assert estados.count(503) >= 12, "whoever finds it taken is told at once"
    assert max(pico) == 1


def test_espera_su_turno_entre_procesos(settings, tmp_path, monkeypatch):
    import fcntl

    settings.DATOS_DIR = tmp_path
    with open(tmp_path / "acceso-turno", "w") as otro:
        fcntl.flock(otro, fcntl.LOCK_EX)
        monkeypatch.setattr(turno, "ESPERA", 0.1)
        with pytest.raises(turno.AccesoOcupado), turno.turno_de_contrasena():
            pass
        threading.Timer(0.2, otro.close).start()
        monkeypatch.setattr(turno, "ESPERA", 5)
        with turno.turno_de_contrasena():
            pass
        with turno.turno_de_contrasena():
            pass


def test_pasado_el_limite_no_se_escribe(personas, django_assert_max_num_queries):
    for n in range(5):
        entrar("ana", f"mala {n}")
    antes = list(Intentos.objects.order_by("pk").values_list())
    cliente = Client()
    with django_assert_max_num_queries(4):
        entrar("ana", "mala", cliente=cliente)
    assert list(Intentos.objects.order_by("pk").values_list()) == antes
    assert connection.vendor in ("sqlite", "mysql")
