"""The second factor: enrolled before anything opens, asked for ever after, and used once."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.utils import timezone

from alpespartner.comun.acceso import factor
from alpespartner.comun.acceso.secreto import ficha_nueva
from alpespartner.comun.cifrado import descifrar
from alpespartner.comun.models import Historial
from tests.acceso.mesa import (
    BUENA,
    codigo_de,
    con_contrasena,
    con_factor,
    dar_codigo,
    dentro,
    entrar_del_todo,
    factores,
    inscribir,
    leer_secreto,
    navegador,
    pasos,
    personal,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _obligatorio(settings):
    settings.SEGUNDO_FACTOR = True


@pytest.fixture
def reloj():
    with time_machine.travel(timezone.now(), tick=False) as reloj:
        yield reloj


def test_se_pone_antes_de_que_se_abra_nada(reloj):
    ana = personal()
    cliente = navegador()
    respuesta = con_contrasena(cliente, destino="/admin/comun/historial/")
    assert respuesta.url == "/admin/login/inscribir/"
    for url in ("/admin/", "/admin/mi-acceso/", "/admin/comun/historial/", "/admin/identidad/"):
        assert cliente.get(url).url.startswith("/admin/login/"), url
    assert cliente.post("/admin/mi-acceso/codigos/").status_code == 302
    assert factores(ana) == set()
    secreto, codigos = inscribir(cliente)
    assert len(codigos) == len(set(codigos)) == 10
    assert dentro(cliente)
    assert factores(ana) == {"totp", "recovery_codes"}
    assert pasos("acceso", "ana") == ["inscripcion", "entrada"]
    # Shown once, and nowhere else.
    for url in ("/admin/mi-acceso/", "/admin/mi-acceso/factor/", "/admin/login/inscribir/"):
        pagina = cliente.get(url).content.decode()
        assert not any(codigo in pagina for codigo in codigos)
        assert secreto not in pagina


def test_el_secreto_no_se_lee_en_la_base(reloj):
    ana, secreto, codigos = con_factor(reloj)
    filas = {fila.type: fila.data for fila in Authenticator.objects.filter(user=ana)}
    guardado = json.dumps(filas)
    assert secreto.replace(" ", "") not in guardado
    assert not any(codigo in guardado for codigo in codigos)
    assert descifrar(filas["totp"]["secret"]) == secreto.replace(" ", "")


def test_mirar_no_guarda_nada(reloj, django_assert_num_queries):
    personal()
    cliente = navegador()
    con_contrasena(cliente)
    antes = Authenticator.objects.count(), Historial.objects.count()
    uno, otro = (leer_secreto(cliente.get("/admin/login/inscribir/")) for _vez in range(2))
    assert uno != otro, "another secret each time, and none is anybody's"
    assert (Authenticator.objects.count(), Historial.objects.count()) == antes


def test_el_dibujo_cabe_en_la_politica(reloj):
    personal()
    cliente = navegador()
    con_contrasena(cliente)
    respuesta = cliente.get("/admin/login/inscribir/")
    assert "img-src 'self' data:" in respuesta.headers["Content-Security-Policy"]
    assert re.search(r'<img[^>]+src="data:image/svg\+xml;base64,', respuesta.content.decode())
    assert "no-store" in respuesta.headers["Cache-Control"]


def test_la_ficha_de_otra_cuenta_o_de_hace_rato_no_vale(reloj):
    ana, eva = personal(), personal("eva")
    cliente = navegador()
    con_contrasena(cliente)
    de_eva = ficha_nueva(eva)
    for ficha in (de_eva, "mala", de_eva + "x"):
        enviado = {"ficha": ficha, "codigo": "123456"}
        assert cliente.post("/admin/login/inscribir/", enviado).status_code == 302
    secreto, ficha = leer_secreto(cliente.get("/admin/login/inscribir/"))
    con_contrasena(cliente)
    reloj.shift(timedelta(minutes=31))
    con_contrasena(cliente)
    enviado = {"ficha": ficha, "codigo": codigo_de(secreto)}
    assert cliente.post("/admin/login/inscribir/", enviado).status_code == 302
    assert factores(ana) == factores(eva) == set()


def test_se_pide_en_cada_entrada(reloj):
    _ana, secreto, _codigos = con_factor(reloj)
    cliente = navegador()
    respuesta = con_contrasena(cliente, destino="/admin/comun/historial/")
    assert respuesta.url == "/admin/login/codigo/"
    assert not dentro(cliente)
    # Who has one does not enrol another with the password alone.
    assert cliente.get("/admin/login/inscribir/").url == "/admin/login/codigo/"
    assert dar_codigo(cliente, "000000").status_code == 200
    assert not dentro(cliente)
    assert dar_codigo(cliente, codigo_de(secreto)).url == "/admin/comun/historial/"
    assert dentro(cliente)
    assert pasos("acceso", "ana")[-2:] == ["codigo_erroneo", "entrada"]


def test_un_codigo_entra_una_vez(reloj):
    _ana, secreto, _codigos = con_factor(reloj)
    codigo = codigo_de(secreto)
    otro = navegador("10.0.0.2")
    for cliente in (navegador(), otro):
        con_contrasena(cliente)
    assert dar_codigo(otro, codigo).status_code == 302
    otro.post("/admin/logout/")
    cliente = navegador()
    con_contrasena(cliente)
    assert dar_codigo(cliente, codigo).status_code == 200
    # Nor one of before the one that was used.
    assert dar_codigo(cliente, codigo_de(secreto, dentro_de=-1)).status_code == 200
    reloj.shift(timedelta(seconds=30))
    assert dar_codigo(cliente, codigo_de(secreto)).status_code == 302


def test_el_de_la_inscripcion_ya_se_uso(reloj):
    personal()
    cliente = navegador()
    con_contrasena(cliente)
    secreto, _codigos = inscribir(cliente)
    cliente.post("/admin/logout/")
    con_contrasena(cliente)
    assert dar_codigo(cliente, codigo_de(secreto)).status_code == 200


@pytest.mark.parametrize(("desfase", "entra"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_un_reloj_que_va_mal(reloj, desfase, entra):
    _ana, secreto, _codigos = con_factor(reloj)
    reloj.shift(timedelta(minutes=5))
    cliente = navegador()
    con_contrasena(cliente)
    respuesta = dar_codigo(cliente, codigo_de(secreto, dentro_de=desfase))
    assert (respuesta.status_code == 302) is entra


def test_un_codigo_de_recuperacion_entra_una_vez(reloj):
    ana, _secreto, codigos = con_factor(reloj)
    for forma in (codigos[0][:4] + " " + codigos[0][4:], codigos[1]):
        cliente = navegador()
        con_contrasena(cliente)
        assert dar_codigo(cliente, forma).status_code == 302
        assert dentro(cliente)
    cliente = navegador()
    con_contrasena(cliente)
    assert dar_codigo(cliente, codigos[0]).status_code == 200
    assert factor.codigos_que_quedan(ana) == 8
    usados = Historial.objects.filter(entidad_id="ana", accion="codigo_de_recuperacion")
    assert [fila.datos["quedan"] for fila in usados.order_by("id")] == [9, 8]


def test_los_erroneos_se_cuentan_por_cuenta_venga_de_donde_venga(reloj):
    """Each try in a session, and from an address, of its own."""
    ana, secreto, codigos = con_factor(reloj)
    con_factor(reloj, "eva")
    estados = []
    for n in range(8):
        cliente = navegador(f"10.9.{n}.1")
        con_contrasena(cliente)
        estados.append(dar_codigo(cliente, f"{n:06}").status_code)
    assert estados == [200] * 5 + [429] * 3
    cliente = navegador("10.8.0.1")
    con_contrasena(cliente)
    bloqueada = dar_codigo(cliente, codigo_de(secreto))
    assert bloqueada.status_code == 429, "the right one is not looked at either"
    assert 1 <= int(bloqueada.headers["Retry-After"]) <= 901
    assert dar_codigo(cliente, codigos[0]).status_code == 429
    assert factor.codigos_que_quedan(ana) == 10
    assert pasos("acceso", "ana")[-6:] == ["codigo_erroneo"] * 5 + ["bloqueo"]
    reloj.shift(timedelta(minutes=15, seconds=1))
    cliente = navegador()
    con_contrasena(cliente)
    assert dar_codigo(cliente, codigo_de(secreto)).status_code == 302


@pytest.mark.lento
def test_ni_en_un_dia_se_prueban_muchos(reloj):
    _ana, secreto, _codigos = con_factor(reloj)
    probados = 0
    for _rato in range(10):
        cliente = navegador()
        con_contrasena(cliente)
        while dar_codigo(cliente, "000000").status_code == 200:
            probados += 1
        reloj.shift(timedelta(minutes=16))
    assert probados == factor.POR_DIA
    reloj.shift(timedelta(days=1))
    assert entrar_del_todo(secreto)


@pytest.mark.parametrize("codigo", ["", "a" * 20, "١٢٣٤٥٦", "\0", "12345 6 7890123456789", "é"])
def test_codigos_hostiles(reloj, codigo):
    con_factor(reloj)
    cliente = navegador()
    con_contrasena(cliente)
    assert dar_codigo(cliente, codigo).status_code == 200
    assert not dentro(cliente)


def test_lo_que_espera_caduca_y_muere_con_la_contrasena(reloj):
    ana, secreto, _codigos = con_factor(reloj)
    cliente = navegador()
    con_contrasena(cliente)
    reloj.shift(timedelta(minutes=11))
    assert dar_codigo(cliente, codigo_de(secreto)).url == "/admin/login/"
    con_contrasena(cliente)
    ana.set_password("otra contraseña")
    ana.save()
    assert dar_codigo(cliente, codigo_de(secreto)).url == "/admin/login/"
    con_contrasena(cliente, contrasena="otra contraseña")
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert dar_codigo(cliente, codigo_de(secreto)).url == "/admin/login/"
    assert not dentro(cliente)


def test_nadie_planta_la_sesion(reloj):
    """The key of before the password is not the one of after, nor this the one that is in."""
    _ana, secreto, _codigos = con_factor(reloj)
    cliente = navegador()
    cliente.session.save()
    claves = [cliente.cookies["sessionid"].value]
    con_contrasena(cliente)
    claves.append(cliente.cookies["sessionid"].value)
    plantada = navegador()
    plantada.cookies["sessionid"] = claves[0]
    assert plantada.get("/admin/login/codigo/").status_code == 302
    dar_codigo(cliente, codigo_de(secreto))
    claves.append(cliente.cookies["sessionid"].value)
    assert len(set(claves)) == 3
    assert dentro(cliente)
    for clave in claves[:2]:
        plantada.cookies["sessionid"] = clave
        assert not dentro(plantada)


@pytest.mark.parametrize("destino", ["https://malo.example/", "//malo.example", "/\\malo.example"])
def test_no_lleva_a_otro_sitio(reloj, destino):
    _ana, secreto, _codigos = con_factor(reloj)
    cliente = navegador()
    con_contrasena(cliente, destino=destino)
    assert dar_codigo(cliente, codigo_de(secreto)).url == "/admin/"


def test_una_sesion_sin_factor_se_cierra(settings, reloj):
    """One that was opened while it was not asked for, or by a program."""
    settings.SEGUNDO_FACTOR = False
    ana = personal()
    antigua = navegador()
    con_contrasena(antigua)
    assert dentro(antigua)
    settings.SEGUNDO_FACTOR = True
    assert not dentro(antigua)
    de_programa = navegador()
    de_programa.force_login(ana)
    assert not dentro(de_programa)
    # Gone, and not only while it is asked for.
    settings.SEGUNDO_FACTOR = False
    assert not dentro(antigua)


def test_donde_no_es_obligatorio_lo_tiene_quien_quiere(settings, reloj):
    settings.SEGUNDO_FACTOR = False
    ana = personal()
    cliente = navegador()
    assert con_contrasena(cliente).url == "/admin/"
    secreto, _codigos = inscribir(cliente, "/admin/mi-acceso/factor/")
    cliente.post("/admin/logout/")
    reloj.shift(timedelta(seconds=60))
    assert con_contrasena(cliente).url == "/admin/login/codigo/"
    assert dar_codigo(cliente, codigo_de(secreto)).status_code == 302
    assert cliente.post("/admin/mi-acceso/quitar/").status_code == 302
    assert factores(ana) == set()
    assert pasos("acceso", "ana")[-1] == "factor_quitado"
    assert con_contrasena(navegador()).url == "/admin/"


def test_donde_es_obligatorio_no_se_quita(reloj):
    ana, secreto, _codigos = con_factor(reloj)
    cliente = entrar_del_todo(secreto)
    assert "/admin/mi-acceso/quitar/" not in cliente.get("/admin/mi-acceso/").content.decode()
    pagina = cliente.post("/admin/mi-acceso/quitar/", follow=True).content.decode()
    assert "obligatorio" in pagina
    assert "totp" in factores(ana)


@pytest.mark.parametrize("url", ["codigos", "factor", "quitar"])
def test_con_una_sesion_robada_no_se_toca(settings, reloj, url):
    """Whoever finds the session open an hour later neither changes nor takes the factor away."""
    ana, secreto, codigos = con_factor(reloj)
    cliente = entrar_del_todo(secreto)
    settings.SEGUNDO_FACTOR = False
    antes = list(Authenticator.objects.filter(user=ana).order_by("pk").values_list())
    reloj.shift(timedelta(hours=1))
    respuesta = cliente.post(
        f"/admin/mi-acceso/{url}/",
        {"ficha": ficha_nueva(ana), "codigo": codigo_de(secreto)},
    )
    assert respuesta.status_code == 403
    assert "Confirma que eres tú" in respuesta.content.decode()
    assert list(Authenticator.objects.filter(user=ana).order_by("pk").values_list()) == antes
    mirar = cliente.get("/admin/mi-acceso/factor/").content.decode()
    assert "data:image/svg" not in mirar, "nor sees the secret of another"
    # Their password does not do: it is asked for a code.
    prueba = {"identidad-prueba": BUENA, "identidad-destino": f"/admin/mi-acceso/{url}/"}
    assert cliente.post("/admin/identidad/", prueba).status_code != 302
    assert factor.codigos_que_quedan(ana) == len(codigos)


def test_cambiar_de_aplicacion(reloj):
    ana, viejo, codigos = con_factor(reloj)
    otra = entrar_del_todo(viejo, desde="10.0.0.2")
    reloj.shift(timedelta(seconds=60))
    cliente = entrar_del_todo(viejo)
    nuevo, nuevos = inscribir(cliente, "/admin/mi-acceso/factor/")
    assert dentro(cliente)
    assert not dentro(otra)
    assert set(nuevos).isdisjoint(codigos)
    assert pasos("acceso", "ana")[-1] == "factor_cambiado"
    reloj.shift(timedelta(seconds=60))
    cliente = navegador()
    con_contrasena(cliente)
    assert dar_codigo(cliente, codigo_de(viejo)).status_code == 200
    assert dar_codigo(cliente, codigos[0]).status_code == 200
    assert dar_codigo(cliente, codigo_de(nuevo)).status_code == 302
    assert factor.codigos_que_quedan(ana) == 10


def test_codigos_nuevos(reloj):
    _ana, secreto, codigos = con_factor(reloj)
    cliente = entrar_del_todo(secreto)
    assert cliente.get("/admin/mi-acceso/codigos/").status_code == 405
    respuesta = cliente.post("/admin/mi-acceso/codigos/")
    nuevos = re.findall(r"\b\d{8}\b", respuesta.content.decode().partition("ap-codigos")[2])
    assert len(set(nuevos) - set(codigos)) == 10
    cliente = navegador()
    con_contrasena(cliente)
    assert dar_codigo(cliente, codigos[3]).status_code == 200
    assert dar_codigo(cliente, nuevos[3]).status_code == 302


def test_con_otra_clave_de_datos_no_entra_nadie_y_no_se_rompe(settings, reloj):
    _ana, secreto, codigos = con_factor(reloj)
    settings.CLAVE_DATOS = "otra clave muy larga y distinta"
    cliente = navegador()
    con_contrasena(cliente)
    for codigo in (codigo_de(secreto), codigos[0]):
        assert dar_codigo(cliente, codigo).status_code == 200
    assert not dentro(cliente)
