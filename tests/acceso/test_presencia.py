"""Before money moves its person shows again that they are there, and what they did goes on."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from afiliados.cuentas.services import guardar_cuenta
from alpespartner.comun.acceso.errores import FaltaPresencia
from alpespartner.comun.acceso.identidad import destino_propio
from alpespartner.comun.actores import persona, sistema
from alpespartner.comun.admin.base import actor_de
from alpespartner.comun.cifrado import cifrar
from comisiones.ajustes.services import crear_ajuste
from comisiones.comision.models import Comision
from comisiones.models import DecisionEnMasa
from comisiones.pagos.conciliacion.importacion import importar_extracto
from comisiones.pagos.lotes.ciclo import liberar_lote
from comisiones.pagos.models import FicheroPago
from comisiones.revision.avance import avanzar_decision
from tests.acceso.mesa import (
    BUENA,
    codigo_de,
    con_contrasena,
    con_factor,
    entrar_del_todo,
    navegador,
    pasos,
    personal,
)
from tests.admin.conftest import PRUEBA, programa  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
DENEGADO = 403


@pytest.fixture
def reloj():
    with time_machine.travel(timezone.now(), tick=False) as reloj:
        yield reloj


@pytest.fixture
def ana(db):
    usuario = personal()
    usuario.groups.set(Group.objects.filter(name__in=["Tesorería", "Revisión"]))
    return usuario


@pytest.fixture
def cliente(ana, reloj):
    """Signed in with the password, an hour ago."""
    cliente = navegador()
    con_contrasena(cliente)
    reloj.shift(timedelta(hours=1))
    return cliente


def ocultos(respuesta: Any) -> dict[str, str]:
    """What the page that asks carries along."""
    hallados = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', respuesta.content.decode()
    )
    return {nombre: unescape(valor) for nombre, valor in hallados if "csrf" not in nombre}


def confirmar(cliente: Any, preguntada: Any, prueba: str = BUENA) -> Any:
    """Answer the page that asks, as a browser does."""
    return cliente.post(
        "/admin/identidad/", {**ocultos(preguntada), "identidad-prueba": prueba}, follow=True
    )


def accion(modelo: str, objeto: Any, nombre: str) -> str:
    return reverse(f"admin:comisiones_{modelo}_accion", args=[objeto.pk, nombre])


def estado(objeto: Any) -> str:
    objeto.refresh_from_db()
    return str(objeto.estado)


def test_liberar_pregunta_y_sigue_donde_estaba(programa, cliente):  # noqa: F811
    lote = programa.lote("liberar")
    preguntada = cliente.post(accion("lotepago", lote, "liberar"), {"motivo": "Revisado: «a»"})
    assert preguntada.status_code == DENEGADO
    assert estado(lote) == "congelado"
    assert ocultos(preguntada)["motivo"] == "Revisado: «a»"
    mala = confirmar(cliente, preguntada, "mala")
    assert "La contraseña no es correcta" in mala.content.decode()
    assert estado(lote) == "congelado"
    assert ocultos(mala) == ocultos(preguntada), "nothing is lost by a wrong one"
    hecha = confirmar(cliente, mala)
    assert estado(lote) == "aprobado"
    assert hecha.redirect_chain[0] == (accion("lotepago", lote, "liberar"), 307)
    assert "quedó liberado" in hecha.content.decode()
    assert pasos("acceso", "ana")[-2:] == ["fallo", "confirmacion"]


@pytest.mark.lento
def test_dentro_del_rato_no_pregunta(programa, cliente, reloj, settings):  # noqa: F811
    uno, otro = programa.lote("liberar"), None
    confirmar(cliente, cliente.post(accion("lotepago", uno, "liberar")))
    otro = programa.lote("liberar")
    reloj.shift(timedelta(minutes=settings.REAUTENTICACION_MINUTOS - 1))
    assert cliente.post(accion("lotepago", otro, "liberar")).status_code == 302
    assert estado(otro) == "aprobado"
    reloj.shift(timedelta(minutes=1))
    otro = programa.lote("liberar")
    assert cliente.post(accion("lotepago", otro, "liberar")).status_code == DENEGADO
    settings.REAUTENTICACION_MINUTOS = 60
    assert cliente.post(accion("lotepago", otro, "liberar")).status_code == 302


def test_quien_acaba_de_entrar_ya_lo_mostro(programa, ana):  # noqa: F811
    cliente = navegador()
    con_contrasena(cliente)
    lote = programa.lote("liberar")
    assert cliente.post(accion("lotepago", lote, "liberar")).status_code == 302
    assert estado(lote) == "aprobado"


def test_un_reloj_que_se_atrasa_no_da_mas_tiempo(programa, cliente, reloj):  # noqa: F811
    lote = programa.lote("liberar")
    reloj.shift(-timedelta(hours=3))
    assert cliente.post(accion("lotepago", lote, "liberar")).status_code == DENEGADO


CASOS = [
    ("lotepago", "liberar", lambda p: p.lote("liberar")),
    ("lotepago", "reintentar", lambda p: p.lote("reintentar")),
    ("pago", "reintentar", lambda p: p.pago("fallido")),
    ("pago", "confirmar", lambda p: p.pago("incierto")),
    ("pago", "descartar", lambda p: p.pago("incierto")),
]


@pytest.mark.parametrize(("modelo", "nombre", "hacer"), CASOS)
def test_lo_que_mueve_dinero(programa, cliente, modelo, nombre, hacer):  # noqa: F811
    objeto = hacer(programa)
    antes = type(objeto).objects.filter(pk=objeto.pk).values().get()
    preguntada = cliente.post(accion(modelo, objeto, nombre), {"motivo": "m"})
    assert preguntada.status_code == DENEGADO
    assert type(objeto).objects.filter(pk=objeto.pk).values().get() == antes
    assert "csrf" in preguntada.content.decode()
    hecha = confirmar(cliente, preguntada)
    assert hecha.status_code == 200
    assert "errornote" not in hecha.content.decode()


@pytest.mark.parametrize(
    ("modelo", "nombre", "hacer"),
    [
        ("lotepago", "congelar", lambda p: p.lote("congelar")),
        ("lotepago", "devolver", lambda p: p.lote("devolver")),
        ("pago", "anular", lambda p: p.pago("listo")),
    ],
)
def test_lo_que_no_lo_mueve_no_pregunta(programa, cliente, modelo, nombre, hacer):  # noqa: F811
    objeto = hacer(programa)
    assert cliente.post(accion(modelo, objeto, nombre), {"motivo": "m"}).status_code == 302


def test_el_extracto_pregunta_antes_de_elegir_el_fichero(cliente, settings):
    settings.SEPA_IBAN = "DE89370400440532013000"
    url = reverse("admin:comisiones_extractobanco_add")
    preguntada = cliente.get(url)
    assert "Confirma que eres tú" in preguntada.content.decode()
    # By post, with the file: it is chosen again.
    fichero = SimpleUploadedFile("e.xml", b"<x/>")
    enviada = cliente.post(url, {"fichero": fichero})
    assert "vuelve a elegir el fichero" in enviada.content.decode()
    vuelve = confirmar(cliente, enviada)
    assert vuelve.redirect_chain[0] == (url, 302)
    assert 'type="file"' in vuelve.content.decode()
    assert cliente.get(url).status_code == 200


def test_llevarse_el_fichero_y_confirmar_una_cuenta(programa, ana, cliente, settings):  # noqa: F811
    """Where money goes to, and the paper that makes a bank send it."""
    ana.groups.clear()
    type(ana).objects.filter(pk=ana.pk).update(is_superuser=True)
    con_contrasena(cliente)
    lote = programa.lote("liberar")
    cuenta = guardar_cuenta(
        afiliado=programa.afiliado, titular="Socia", iban="DE89370400440532013000",
        actor=sistema("otra"),
    )  # fmt: skip
    contenido = b"<Document/>"
    FicheroPago.objects.create(
        lote=lote, nombre="f", contenido_cifrado=cifrar(contenido.decode()), pagos=1,
        total=lote.total, huella=hashlib.sha256(contenido).hexdigest(),
    )  # fmt: skip
    fichero = reverse("admin:comisiones_lotepago_fichero", args=[lote.pk])
    confirma = reverse("admin:afiliados_cuentabancaria_accion", args=[cuenta.pk, "confirmar"])
    assert cliente.post(fichero).content == contenido
    hora = timedelta(hours=1)
    with time_machine.travel(timezone.now() + hora, tick=False):
        for url in (fichero, confirma):
            assert cliente.post(url).status_code == DENEGADO
        cuenta.refresh_from_db()
        assert cuenta.confirmada_en is None
        assert pasos("lote", lote.id_publico).count("descargar") == 1
        confirmar(cliente, cliente.post(confirma))
    cuenta.refresh_from_db()
    assert cuenta.confirmada_en is not None


def test_un_extracto_no_entra_sin_la_pagina(cliente, rf):
    peticion = rf.post("/")
    peticion.user, peticion.session = personal("eva"), cliente.session
    with pytest.raises(FaltaPresencia):
        importar_extracto(contenido=b"<x/>", nombre="x", actor=actor_de(peticion))


def test_quien_no_puede_no_es_preguntado(programa, cliente, ana):  # noqa: F811
    """Nor does it tell anybody what they may not do once they confirm it."""
    lote = programa.lote("liberar")
    ana.groups.clear()
    con_contrasena(cliente)
    assert cliente.post(accion("lotepago", lote, "liberar")).status_code == DENEGADO
    assert "Confirma" not in cliente.post(accion("lotepago", lote, "liberar")).content.decode()
    type(lote).objects.filter(pk=lote.pk).update(congelado_por=f"persona:{ana.pk}")
    ana.groups.add(Group.objects.get(name="Tesorería"))
    con_contrasena(cliente)
    dicho = cliente.post(accion("lotepago", lote, "liberar"), follow=True).content.decode()
    assert "Quien preparó el lote no puede liberarlo" in dicho


@pytest.mark.lento
def test_con_factor_pide_un_codigo_y_una_vez(programa, reloj, settings):  # noqa: F811
    settings.SEGUNDO_FACTOR = True
    _eva, secreto, codigos = con_factor(reloj, "eva", is_superuser=True)
    cliente = entrar_del_todo(secreto, "eva")
    reloj.shift(timedelta(hours=1))
    lote = programa.lote("liberar")
    preguntada = cliente.post(accion("lotepago", lote, "liberar"))
    assert "Código" in preguntada.content.decode()
    for mala in (BUENA, "000000", codigo_de(secreto, dentro_de=9)):
        assert estado(lote) == "congelado"
        preguntada = confirmar(cliente, preguntada, mala)
    codigo = codigo_de(secreto)
    confirmar(cliente, preguntada, codigo)
    assert estado(lote) == "aprobado"
    reloj.shift(timedelta(minutes=15))
    otro = programa.lote("liberar")
    preguntada = cliente.post(accion("lotepago", otro, "liberar"))
    confirmar(cliente, preguntada, codigo)
    assert estado(otro) == "congelado"
    confirmar(cliente, preguntada, codigos[0])
    assert estado(otro) == "aprobado"
    assert pasos("acceso", "eva")[-3:] == [
        "codigo_erroneo", "codigo_de_recuperacion", "confirmacion",
    ]  # fmt: skip


@pytest.mark.lento
def test_los_erroneos_cuentan_con_los_de_entrar(programa, reloj, settings):  # noqa: F811
    settings.SEGUNDO_FACTOR = True
    _eva, secreto, _codigos = con_factor(reloj, "eva", is_superuser=True)
    cliente = entrar_del_todo(secreto, "eva")
    reloj.shift(timedelta(hours=1))
    lote = programa.lote("liberar")
    preguntada = cliente.post(accion("lotepago", lote, "liberar"))
    for _vez in range(5):
        assert confirmar(cliente, preguntada, "000000").status_code == DENEGADO
    negada = confirmar(cliente, preguntada, codigo_de(secreto))
    assert negada.status_code == 429
    assert int(negada.headers["Retry-After"]) > 0
    assert estado(lote) == "congelado"
    otro = navegador("10.7.0.1")
    con_contrasena(otro, "eva")
    assert otro.post("/admin/login/codigo/", {"codigo": codigo_de(secreto)}).status_code == 429


def test_las_contrasenas_erroneas_se_cuentan(programa, cliente):  # noqa: F811
    lote = programa.lote("liberar")
    preguntada = cliente.post(accion("lotepago", lote, "liberar"))
    estados = [confirmar(cliente, preguntada, f"mala {n}").status_code for n in range(6)]
    assert estados == [DENEGADO] * 5 + [429]
    assert confirmar(cliente, preguntada).status_code == 429
    assert estado(lote) == "congelado"


@pytest.mark.parametrize(
    "destino",
    ["https://malo.example/admin/", "//malo.example/admin/", "/\\malo.example", "/idioma", "",
     "javascript:alert(1)", "/admin/../idioma\n", "\t//malo.example"],
)  # fmt: skip
def test_no_lleva_fuera(cliente, rf, destino):
    for datos in ({"identidad-destino": destino}, {}):
        url = "/admin/identidad/" + ("" if datos else "?next=" + destino.replace("\n", ""))
        respuesta = cliente.post(url, {**datos, "identidad-prueba": BUENA})
        assert respuesta.status_code == 302
        assert respuesta.url == "/admin/" or destino.startswith("/admin/")
        assert "malo" not in respuesta.url
    assert destino_propio(rf.get("/"), "/admin/x/?a=1") == "/admin/x/?a=1"


def test_sin_el_formulario_no_se_confirma(programa, cliente, ana):  # noqa: F811
    """From another site nothing is confirmed, nor sent on."""
    from django.test import Client

    estricto = Client(enforce_csrf_checks=True)
    estricto.cookies = cliente.cookies
    lote = programa.lote("liberar")
    datos = {
        "identidad-prueba": BUENA,
        "identidad-destino": accion("lotepago", lote, "liberar"),
        "identidad-metodo": "post",
    }
    assert estricto.post("/admin/identidad/", datos).status_code == DENEGADO
    assert pasos("acceso", "ana")[-1] != "confirmacion"


def test_mirar_la_pagina_no_confirma_nada(programa, cliente):  # noqa: F811
    lote = programa.lote("liberar")
    assert cliente.get("/admin/identidad/?identidad-prueba=" + BUENA).status_code == 200
    assert cliente.post(accion("lotepago", lote, "liberar")).status_code == DENEGADO


def test_el_servicio_no_se_fia_de_la_pagina(programa, cliente, rf):  # noqa: F811
    """A page that forgot to ask could not release: its actor brings what the session says."""
    lote = programa.lote("liberar")
    peticion = rf.post("/")
    peticion.user, peticion.session = personal("eva"), cliente.session
    with pytest.raises(FaltaPresencia):
        liberar_lote(lote=lote, actor=actor_de(peticion))
    del peticion.session
    with pytest.raises(FaltaPresencia):
        liberar_lote(lote=lote, actor=actor_de(peticion))
    assert estado(lote) == "congelado"
    # A command has no session.
    assert liberar_lote(lote=lote, actor=persona(99)).estado == "aprobado"


# --- What is approved in a session ----------------------------------------------------------------


@pytest.fixture
def con_limite(settings):
    """Two commissions of 10 USD fit, a third does not."""
    settings.APROBACION_SESION = {"USD": Decimal(25)}


def aprobar(cliente: Any, comision: Comision) -> Any:
    return cliente.post(accion("comision", comision, "aprobar"), {"motivo": "bien"})


def test_al_pasar_de_la_suma_pregunta_y_sigue(programa, ana, con_limite, reloj):  # noqa: F811
    cliente = navegador()
    con_contrasena(cliente)
    una, dos, tres, cuatro = programa.ventas(4)
    for comision in (una, dos):
        assert aprobar(cliente, comision).status_code == 302
    preguntada = aprobar(cliente, tres)
    assert preguntada.status_code == DENEGADO, "having just signed in is not enough"
    assert estado(tres) == "pendiente"
    confirmar(cliente, preguntada)
    assert estado(tres) == "aprobada"
    assert pasos("comision", tres.id_publico)[-1] == "aprobar"
    # For a while, as with what moves money; and later from 0 again.
    assert aprobar(cliente, cuatro).status_code == 302
    reloj.shift(timedelta(hours=1))
    assert aprobar(cliente, programa.ventas(1)[0]).status_code == DENEGADO


def test_lo_de_una_sesion_no_es_de_otra(programa, ana, con_limite):  # noqa: F811
    for _sesion in range(2):
        cliente = navegador()
        con_contrasena(cliente)
        for comision in programa.ventas(2):
            assert aprobar(cliente, comision).status_code == 302


def test_una_moneda_que_no_esta_se_confirma(programa, ana, settings):  # noqa: F811
    settings.APROBACION_SESION = {"COP": Decimal(2_000_000)}
    cliente = navegador()
    con_contrasena(cliente)
    assert aprobar(cliente, programa.ventas(1)[0]).status_code == DENEGADO


def test_una_sesion_terminada_no_aprueba(programa, ana, con_limite):  # noqa: F811
    cliente = navegador()
    con_contrasena(cliente)
    UserSession.objects.all().delete()
    assert aprobar(cliente, programa.ventas(1)[0]).status_code == DENEGADO


def test_un_rechazo_no_cuenta_y_un_fallo_tampoco(programa, ana, con_limite):  # noqa: F811
    cliente = navegador()
    con_contrasena(cliente)
    una, dos, tres = programa.ventas(3)
    cliente.post(accion("comision", una, "rechazar"), {"motivo": "no"})
    for _vez in range(5):
        assert aprobar(cliente, una).status_code == 302
    for comision in (dos, tres):
        assert aprobar(cliente, comision).status_code == 302
        assert estado(comision) == "aprobada"


def test_los_ajustes_suman(programa, ana, con_limite):  # noqa: F811
    cliente = navegador()
    con_contrasena(cliente)

    def ajuste(monto: int) -> Any:
        return crear_ajuste(
            afiliado=programa.afiliado, tipo="correccion", monto=Decimal(monto), moneda="USD",
            motivo="m", actor=sistema("otra"),
        )  # fmt: skip

    for monto, estado_http in ((20, 302), (-50, 302), (5, 302), (1, DENEGADO)):
        respuesta = cliente.post(accion("ajuste", ajuste(monto), "aprobar"))
        assert respuesta.status_code == estado_http, monto


def test_muchas_a_la_vez_preguntan_antes_de_empezar(programa, ana, con_limite, reloj):  # noqa: F811
    """All of them at once, when they are confirmed; what was written goes on from there."""
    cliente = navegador()
    con_contrasena(cliente)
    comisiones = programa.ventas(4)
    lista = reverse("admin:comisiones_comision_changelist")
    elegidas = {"action": "aprobar_varias", "_selected_action": [c.pk for c in comisiones]}
    pagina = cliente.post(lista, elegidas, follow=True)
    assert "Vas a aprobar 4 comisiones" in pagina.content.decode()
    decision = DecisionEnMasa.objects.get()
    preguntada = cliente.post(accion("decisionenmasa", decision, "aprobar"), {"motivo": "vistas"})
    assert preguntada.status_code == DENEGADO
    avanzar_decision(decision_pk=decision.pk)
    assert (estado(decision), Comision.objects.filter(estado="aprobada").count()) == (
        "por_confirmar", 0,
    )  # fmt: skip
    confirmar(cliente, preguntada)
    assert (estado(decision), decision.motivo) == ("en_curso", "vistas")
    reloj.shift(timedelta(hours=1))
    avanzar_decision(decision_pk=decision.pk)
    assert Comision.objects.filter(estado="aprobada").count() == 4
    # They count for what comes later, too.
    assert aprobar(cliente, programa.ventas(1)[0]).status_code == DENEGADO


def test_el_sistema_y_las_claves_no_tienen_sesion(programa, con_limite):  # noqa: F811
    from comisiones.revision.services import aprobar_comision

    for comision in programa.ventas(5):
        aprobar_comision(comision=comision, actor=PRUEBA)
    assert Comision.objects.filter(estado="aprobada").count() == 5
