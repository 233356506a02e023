"""The doors from several connections at once: a code opens one of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.usersessions.models import UserSession
from django.db import connections, transaction
from django.test import RequestFactory

from alpespartner.comun.acceso import correos, factor, olvido, presencia
from alpespartner.comun.acceso.errores import (
    CodigoErroneo,
    DemasiadosIntentos,
    EnlaceCaducado,
    FactorInscrito,
    FaltaPresencia,
)
from alpespartner.comun.actores import Presencia, persona
from tests.acceso.mesa import codigo_de, con_contrasena, factores, navegador, personal

pytestmark = pytest.mark.django_db(transaction=True)
VECES = 6


def a_la_vez(hacer: Callable[[int], Any], n: int = VECES) -> list[Any]:
    """What each of ``n`` connections that begin together got: its value, or its exception."""
    juntos = Barrier(n)

    def uno(i: int) -> Any:
        try:
            juntos.wait(10)
            return hacer(i)
        except Exception as exc:
            return type(exc)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(n) as hilos:
        return list(hilos.map(uno, range(n)))


@pytest.fixture
def ana(db):
    usuario = personal()
    secreto = generate_totp_secret()
    factor.inscribir(
        usuario=usuario, secreto=secreto, codigo=codigo_de(secreto), actor=persona(usuario.pk)
    )
    # The code that proved it is past.
    fila = Authenticator.objects.get(user=usuario, type="totp")
    fila.data["ultimo_paso"] = 0
    fila.save()
    usuario.secreto = secreto
    return usuario


def _probar(usuario: Any, codigo: str) -> Any:
    peticion = RequestFactory().post("/", REMOTE_ADDR="10.0.0.1")
    return factor.comprobar(usuario=usuario, codigo=codigo, request=peticion).type


def test_un_codigo_de_la_aplicacion_abre_una_vez(ana):
    codigo = codigo_de(ana.secreto)
    hechos = a_la_vez(lambda _i: _probar(ana, codigo), 4)
    assert sorted(map(str, hechos)) == sorted(map(str, ["totp"] + [CodigoErroneo] * 3))


def test_un_codigo_de_recuperacion_abre_una_vez(ana):
    fila = Authenticator.objects.get(user=ana, type="recovery_codes")
    codigo = RecoveryCodes(fila).generate_codes()[0]
    hechos = a_la_vez(lambda _i: _probar(ana, codigo), 4)
    assert hechos.count("recovery_codes") == 1
    assert hechos.count(CodigoErroneo) == 3
    assert factor.codigos_que_quedan(ana) == 9


def test_dos_codigos_a_la_vez_se_gastan_los_dos(ana):
    fila = Authenticator.objects.get(user=ana, type="recovery_codes")
    codigos = RecoveryCodes(fila).generate_codes()
    assert a_la_vez(lambda i: _probar(ana, codigos[i]), 4) == ["recovery_codes"] * 4
    assert factor.codigos_que_quedan(ana) == 6


def test_muchos_erroneos_a_la_vez_no_pasan_juntos(ana):
    hechos = a_la_vez(lambda i: _probar(ana, f"{i:06}"), 12)
    assert hechos.count(CodigoErroneo) == factor.POR_RATO
    assert hechos.count(DemasiadosIntentos) == 12 - factor.POR_RATO


def test_una_cuenta_se_inscribe_una_vez():
    eva = personal("eva")
    secretos = [generate_totp_secret() for _i in range(VECES)]

    def hacer(i: int) -> str:
        factor.inscribir(
            usuario=eva, secreto=secretos[i], codigo=codigo_de(secretos[i]), actor=persona(eva.pk)
        )
        return "hecho"

    hechos = a_la_vez(hacer)
    assert hechos.count("hecho") == 1
    assert hechos.count(FactorInscrito) == VECES - 1
    assert Authenticator.objects.filter(user=eva).count() == len(factores(eva)) == 2


def test_un_enlace_se_usa_una_vez():
    eva = personal("eva")
    uid, token = correos.enlace_para(eva).split("/")[-3:-1]

    def hacer(i: int) -> str:
        olvido.poner_contrasena(uid=uid, token=token, nueva=f"larga y distinta {i}")
        return "hecho"

    hechos = a_la_vez(hacer)
    assert hechos.count("hecho") == 1
    assert hechos.count(EnlaceCaducado) == VECES - 1


def test_lo_aprobado_a_la_vez_no_pasa_del_limite(settings):
    """Each request of a session has read how much it had approved before any of them adds."""
    settings.APROBACION_SESION = {"USD": Decimal(30)}
    eva = personal("eva")
    cliente = navegador()
    con_contrasena(cliente, "eva")
    sesion = cliente.session.session_key
    actor = persona(eva.pk, Presencia(sesion, None, None))

    def hacer(_i: int) -> str:
        with transaction.atomic():
            presencia.contar_aprobado(actor, "USD", Decimal(10))
        return "hecho"

    hechos = a_la_vez(hacer)
    assert hechos.count("hecho") == 3
    assert hechos.count(FaltaPresencia) == VECES - 3
    assert UserSession.objects.get(session_key=sesion).data["aprobado"] == {"USD": "30"}
