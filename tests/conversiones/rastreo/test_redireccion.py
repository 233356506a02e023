"""``/r/<codigo>``: where it leads, what it leaves in the browser, and what is kept of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from crawleruseragents import CRAWLER_USER_AGENTS_DATA, is_crawler
from django.utils import timezone

from afiliados.afiliado.services import suspender_afiliado
from conversiones.campanas.models import Campana
from conversiones.campanas.services import actualizar_campana, pausar_campana
from conversiones.rastreo import memoria
from conversiones.rastreo.huellas import destruir_caducadas
from conversiones.rastreo.models import ClaveDeHuella, ClicsDelDia, Enlace
from conversiones.rastreo.robots import _TEXTOS, es_robot
from conversiones.rastreo.services import retirar_enlace
from tests import fabricas
from tests.conversiones.rastreo.visitante import NAVEGADOR, Visitante, clics
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db
PAGINA = "https://tienda.example/inicio"
PIXEL = (
    "Mozilla/5.0 (Linux; Android 14; Pixel 8 Build/UQ1A; wv) AppleWebKit/537.36 (KHTML, like "
    "Gecko) Version/4.0 Chrome/120.0.0.0 Mobile Safari/537.36 Instagram 312.0.0.34.111 Android "
    "(34/14; 420dpi; 1080x2205; Google/google; Pixel 8; shiba; shiba; en_US; 548323757)"
)


@pytest.fixture(autouse=True)
def _carpeta(settings: Any, tmp_path: Path) -> None:
    settings.CLICS_DIR = tmp_path / "clics"
    settings.HTTPS = True


@pytest.fixture
def enlace() -> Enlace:
    campana = fabricas.campana(pagina=PAGINA, destinos=["otra.example"], predeterminada=True)
    return fabricas.enlace(en=campana, codigo="ana")


def test_un_clic(enlace: Enlace) -> None:
    yo = Visitante()
    fue = yo.ir("ana?utm_source=x&sub1=boletin%20de%20mayo&u2=no&S2=dos")
    assert fue.estado == 302
    assert fue.destino == (
        f"{PAGINA}?utm_source=x&sub1=boletin%20de%20mayo&u2=no&S2=dos&alpes_clic={fue.clic}"
    )
    assert fue.cabeceras["Cache-Control"] == "no-store"
    assert fue.cabeceras["X-Robots-Tag"] == "noindex"
    assert fue.galleta == (f"alpes_clic={fue.clic}; Max-Age=2592000; Path=/; SameSite=Lax; Secure")
    assert yo.recoger() == 1
    [clic] = clics()
    assert (clic.id_publico, clic.enlace, clic.afiliado_id) == (
        fue.clic, enlace, enlace.afiliado_id,
    )  # fmt: skip
    assert (clic.campana_id, clic.visitante, clic.unico, clic.consentimiento) == (
        enlace.campana_id, clic.id_publico, True, True,
    )  # fmt: skip
    assert (clic.sub1, clic.sub2, clic.descartado, clic.avisos) == (
        "boletin de mayo", "dos", "", "",
    )  # fmt: skip
    assert abs((timezone.now() - clic.momento).total_seconds()) < 30
    # Nothing of the address nor of the browser is there as it came.
    guardado = " ".join(str(v) for v in vars(clic).values())
    assert yo.ip not in guardado
    assert "Mozilla" not in guardado


def test_no_pregunta_nada_por_lo_que_ya_sabe(
    enlace: Enlace, django_assert_num_queries: Any
) -> None:
    yo = Visitante()
    yo.ir("ana")
    with django_assert_num_queries(0):
        for _ in range(3):
            assert yo.ir("ANA.").clic


@pytest.mark.parametrize(
    "ruta", ["nadie", "", "ana/otra", "%", "\xff\xfe", "../admin", "a" * 900], ids=range(7)
)
def test_un_codigo_de_nadie(enlace: Enlace, ruta: str) -> None:
    """To the default campaign's page with the query, and nothing is kept."""
    yo = Visitante()
    fue = yo.ir(f"{ruta}?a=1&alpes_clic=clic_falso")
    assert (fue.estado, fue.destino, fue.galleta) == (302, f"{PAGINA}?a=1", "")
    assert yo.recoger() == 0


def test_sin_campana_predeterminada_no_hay_pagina() -> None:
    fue = Visitante().ir("nadie")
    assert (fue.estado, fue.destino) == (404, "")
    assert fue.cabeceras["X-Robots-Tag"] == "noindex"


def test_otros_metodos(enlace: Enlace) -> None:
    yo = Visitante()
    cabeza = yo.ir("ana?x=1", metodo="HEAD")
    assert (cabeza.estado, cabeza.destino, cabeza.galleta) == (302, f"{PAGINA}?x=1", "")
    assert yo.ir("ana", metodo="DELETE").estado == 405
    assert yo.recoger() == 0


@pytest.mark.parametrize(
    ("pedido", "esperado"),
    [
        ("https://otra.example/oferta?x=1", "https://otra.example/oferta?x=1&alpes_clic="),
        ("https%3A%2F%2Fotra.example%2Fy", "https://otra.example/y?alpes_clic="),
        ("http://otra.example/", f"{PAGINA}?alpes_clic="),
        ("https://mal.example/", f"{PAGINA}?alpes_clic="),
        ("https://otra.example@mal.example", f"{PAGINA}?alpes_clic="),
        ("https://otra.example%5C@mal.example", f"{PAGINA}?alpes_clic="),
        ("//otra.example", f"{PAGINA}?alpes_clic="),
        ("https%253A//otra.example", f"{PAGINA}?alpes_clic="),
        ("https://otra.example/%0d%0aSet-Cookie:a=b", f"{PAGINA}?alpes_clic="),
        ("https://mal.example&destino=https://otra.example", f"{PAGINA}?alpes_clic="),
    ],
)
def test_el_destino_que_se_pide(enlace: Enlace, pedido: str, esperado: str) -> None:
    yo = Visitante()
    fue = yo.ir(f"ana?Destino={pedido}")
    assert fue.destino == f"{esperado}{fue.clic}"
    yo.recoger()
    assert clics()[0].avisos == ("" if "otra" in esperado else "destino_no_admitido")


@pytest.mark.parametrize(
    ("cabeceras", "causa"),
    [
        ({"HTTP_USER_AGENT": ""}, "sin_agente"),
        ({"HTTP_USER_AGENT": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "robot"),
        ({"HTTP_USER_AGENT": "curl/8.5.0"}, "robot"),
        ({"HTTP_SEC_PURPOSE": "prefetch;prerender"}, "prefetch"),
        ({"HTTP_PURPOSE": "prefetch"}, "prefetch"),
        ({"HTTP_X_PURPOSE": "preview"}, "prefetch"),
        ({"HTTP_X_MOZ": "prefetch"}, "prefetch"),
        ({"HTTP_USER_AGENT": PIXEL}, ""),
        ({"HTTP_USER_AGENT": PIXEL + " Googlebot/2.1"}, "robot"),
    ],
)
def test_lo_que_no_es_un_clic(enlace: Enlace, cabeceras: dict[str, str], causa: str) -> None:
    yo = Visitante()
    fue = yo.ir("ana", **cabeceras)
    assert fue.estado == 302
    assert bool(fue.clic) == bool(fue.galleta) == (not causa)
    yo.recoger()
    [clic] = clics()
    assert (clic.descartado, clic.unico) == (causa, not causa)
    assert bool(clic.ip_dia) == bool(clic.visitante) == (not causa)


def test_los_robots_son_los_de_la_lista() -> None:
    """As its own library says, which takes thirty times longer."""
    agentes = [de[0] for una in CRAWLER_USER_AGENTS_DATA[::9] if (de := una["instances"])]
    agentes += [PIXEL, NAVEGADOR, "x bot x", "(^| )sentry/", "a" * 512]
    for agente in agentes:
        assert es_robot(agente) == is_crawler(agente) or agente == PIXEL, agente
    # Nearly all of them are looked for as they are.
    assert len(_TEXTOS) > 0.9 * len(CRAWLER_USER_AGENTS_DATA)


@pytest.mark.parametrize(
    ("omision", "consulta", "consiente"),
    [(True, "", True), (False, "", False), (True, "cons=0", False), (False, "cons=1", True),
     (True, "cons=quiza", True)],
)  # fmt: skip
def test_consentimiento(omision: bool, consulta: str, consiente: bool) -> None:
    """Without it: no cookie, no click in the address, no digest. It is counted all the same."""
    fabricas.enlace(en=fabricas.campana(pagina=PAGINA, consentimiento=omision), codigo="eva")
    yo = Visitante()
    fue = yo.ir(f"eva?{consulta}")
    assert bool(fue.clic) == bool(fue.galleta) == consiente
    yo.recoger()
    [clic] = clics()
    assert (clic.consentimiento, bool(clic.visitante), clic.descartado) == (consiente,) * 2 + ("",)
    huellas = {clic.ip_dia, clic.ip_riesgo, clic.agente, clic.visita}
    assert ("" in huellas) != consiente


def test_primer_clic_no_cambia_la_cookie_y_el_ultimo_si() -> None:
    for modelo, cambia in (("ultimo_clic", True), ("primer_clic", False)):
        campana = fabricas.campana(pagina=PAGINA, modelo_atribucion=modelo)
        enlace = fabricas.enlace(en=campana)
        yo = Visitante()
        primero, segundo = yo.ir(enlace.codigo), yo.ir(enlace.codigo)
        assert primero.galleta
        assert bool(segundo.galleta) == cambia
        assert segundo.clic not in ("", primero.clic)
        yo.recoger()
        # Whatever the cookie says later, both are of one visitor.
        suyos = [c for c in clics() if c.enlace == enlace]
        assert {c.visitante for c in suyos} == {primero.clic}


@pytest.mark.parametrize(
    "cookie", ["clic_falso", "clic_01ARZ3NDEKTSV4RRFFQ69G5FAV", "x" * 4000, '"', "a=b; alpes_clic"]
)
def test_una_cookie_forjada(enlace: Enlace, cookie: str) -> None:
    yo = Visitante()
    yo.cookie = f"alpes_clic={cookie}"
    fue = yo.ir("ana")
    yo.recoger()
    [clic] = clics()
    assert clic.visitante == fue.clic == clic.id_publico


def test_la_ventana_dice_cuanto_vive_la_cookie(enlace: Enlace) -> None:
    for dias, edad in ((1, 86_400), (400, 34_560_000), (0, 0)):
        actualizar_campana(
            campana=enlace.campana, cambios={"ventana_atribucion_dias": dias}, actor=ANA
        )
        fue = Visitante().ir("ana")
        assert (f"Max-Age={edad};" in fue.galleta) == bool(edad)
        assert fue.clic


def test_lo_que_deja_de_valer_se_sabe_enseguida(enlace: Enlace) -> None:
    yo = Visitante()
    yo.ir("ana")
    yo.app.memoria.ponerse_al_dia()
    suspender_afiliado(afiliado=enlace.afiliado, actor=ANA, motivo="m")
    yo.app.memoria.ponerse_al_dia()
    assert yo.ir("ana").clic
    pausar_campana(campana=enlace.campana, actor=ANA, motivo="m")
    yo.app.memoria.ponerse_al_dia()
    assert yo.ir("ana").clic
    yo.recoger()
    assert [c.avisos for c in clics()] == [
        "", "afiliado_no_activo", "afiliado_no_activo campana_no_activa",
    ]  # fmt: skip
    actualizar_campana(
        campana=enlace.campana, cambios={"pagina": "https://nueva.example/"}, actor=ANA
    )
    retirar_enlace(enlace=enlace, actor=ANA, motivo="m")
    yo.app.memoria.ponerse_al_dia()
    fue = yo.ir("ana?x=1")
    assert (fue.destino, fue.clic) == ("https://nueva.example/?x=1", "")
    assert yo.recoger() == 0


def test_los_que_viven_se_saben_antes_de_que_nadie_los_pida(
    enlace: Enlace, django_assert_num_queries: Any
) -> None:
    """Also right after a campaign changed, which makes all of them be read again."""
    yo = Visitante()
    yo.app.memoria.ponerse_al_dia()
    with django_assert_num_queries(0):
        assert yo.ir("ana").clic
    actualizar_campana(
        campana=enlace.campana, cambios={"pagina": "https://nueva.example/"}, actor=ANA
    )
    yo.app.memoria.ponerse_al_dia()
    with django_assert_num_queries(0):
        assert yo.ir("ana").destino.startswith("https://nueva.example/")


def test_un_enlace_nuevo_se_conoce_enseguida(enlace: Enlace) -> None:
    yo = Visitante()
    assert yo.ir("nuevo").clic == ""
    fabricas.enlace(en=enlace.campana, codigo="nuevo")
    yo.app.memoria.ponerse_al_dia()
    assert yo.ir("nuevo").clic


def test_lo_que_acaba_de_cambiar_se_relee_unos_segundos_y_ya_no(
    enlace: Enlace, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often it is looked for among what was written lately."""
    # One that changed makes all be read again.
    Campana.objects.update(actualizado_en=timezone.now() - timedelta(hours=1))
    yo, ahora = Visitante(), [memoria.time.monotonic()]
    monkeypatch.setattr(memoria.time, "monotonic", lambda: ahora[0])
    for pasan, consultas in ((0.0, 0), (1.5, 1), (3.0, 0), (5.0, 0)):
        ahora[0] += pasan
        yo.app.memoria.ponerse_al_dia()
        with django_assert_num_queries(consultas):
            assert yo.ir("ana").clic
    # Another change is another one.
    Enlace.objects.filter(pk=enlace.pk).update(
        destino="https://tienda.example/otra", actualizado_en=timezone.now()
    )
    yo.app.memoria.ponerse_al_dia()
    assert "/otra" in yo.ir("ana").destino


@pytest.mark.parametrize(
    ("consulta", "sub1", "aviso"),
    [
        ("sub1=ana%40example.com", "", "sub1_arroba"), ("sub1=a@b", "", "sub1_arroba"),
        ("clickref=ref-1", "ref-1", ""), ("subId1=x&sub1=y", "y", ""),
        ("s1=%F0%9F%91%8D", "👍", ""),
        ("sub1=" + "%C3%B1" * 127, "ñ" * 127, ""), ("sub1=" + "%C3%B1" * 128, "", "sub1_largo"),
        ("sub1=a%00b%0A", "ab", ""), ("sub1=%ED%A0%80x", "\ufffd" * 3 + "x", ""),
        ("sub1", "", ""),
    ],
    ids=range(10),
)  # fmt: skip
def test_subids(enlace: Enlace, consulta: str, sub1: str, aviso: str) -> None:
    yo = Visitante()
    yo.ir(f"ana?{consulta}")
    assert yo.recoger() == 1
    [clic] = clics()
    assert (clic.sub1, clic.avisos) == (sub1, aviso)


def test_unico_es_el_primero_de_su_hora(enlace: Enlace) -> None:
    """Also across midnight, when the key of the day is another one."""
    yo, otra = Visitante(), Visitante(ip="203.0.113.8")
    de_noche = datetime.fromisoformat("2026-03-01T23:30:00+00:00")
    with time_machine.travel(de_noche, tick=False) as reloj:
        for minutos, quien in ((0, yo), (1, yo), (2, otra), (59, yo), (60, yo), (119, yo)):
            reloj.move_to(de_noche + timedelta(minutes=minutos))
            quien.ir("ana")
            quien.recoger()
    assert [c.unico for c in clics()] == [True, False, True, False, True, False]
    dias = ClicsDelDia.objects.order_by("dia").values_list("clics", "unicos", "descartados")
    assert list(dias) == [(3, 2, 0), (3, 1, 0)]


def test_las_claves_se_destruyen_con_el_reloj(enlace: Enlace) -> None:
    yo = Visitante()
    dia = datetime.fromisoformat("2026-03-01T10:00:00+00:00")
    with time_machine.travel(dia, tick=False) as reloj:
        yo.ir("ana")
        assert ClaveDeHuella.objects.count() == 3
        for dia_, quedan in (
            ("2026-03-01T23:59:59", 3), ("2026-03-02T00:00:00", 2), ("2026-03-03T00:00:00", 1),
            ("2026-06-29T23:59:59", 1), ("2026-06-30T00:00:00", 0),
        ):  # fmt: skip
            reloj.move_to(datetime.fromisoformat(f"{dia_}+00:00"))
            destruir_caducadas()
            assert ClaveDeHuella.objects.count() == quedan, dia_


def test_el_guion_de_una_pagina(enlace: Enlace) -> None:
    yo = Visitante()
    antes = yo.ir("ana").clic
    fue = yo.ir(f"ana?alpes_clic={antes}", metodo="POST", HTTP_ORIGIN="https://otra.example")
    assert fue.estado == 200
    assert fue.cabeceras["Access-Control-Allow-Origin"] == "https://otra.example"
    ajena = yo.ir("ana", metodo="POST", HTTP_ORIGIN="https://mal.example")
    assert "Access-Control-Allow-Origin" not in ajena.cabeceras
    yo.recoger()
    primero, segundo, _tercero = clics()
    assert f'"clic": "{segundo.id_publico}"' in fue.cuerpo.decode()
    assert segundo.visitante == primero.visitante == antes


@pytest.mark.parametrize(
    ("peticion", "dice"),
    [
        ({}, "Se anota como clic"), ({"cons": "0"}, "Sin consentimiento"),
        ({"agente": "curl/8"}, "Un robot"), ({"consulta": "?sub1=a@b"}, "sub1 lleva una arroba"),
        ({"consulta": "destino=https://mal.example"}, "se ignora"),
        ({"consulta": "destino=https://otra.example/x"}, "https://otra.example/x?alpes_clic=clic_…"),
    ],
)  # fmt: skip
def test_probar_dice_lo_que_haria(
    enlace: Enlace, admin_client: Any, peticion: dict[str, str], dice: str
) -> None:
    """As the redirect does, and without doing it."""
    url = f"/admin/conversiones/enlace/{enlace.pk}/probar/"
    antes = fabricas.foto()
    datos = {"agente": "Mozilla/5.0 Chrome/120", **peticion} if peticion else {}
    respuesta = admin_client.get(url, datos, secure=True)
    assert dice in respuesta.content.decode()
    assert fabricas.foto() == antes


def test_el_qr_de_un_enlace(enlace: Enlace, admin_client: Any) -> None:
    dibujo = admin_client.get(f"/admin/conversiones/enlace/{enlace.pk}/qr/", secure=True)
    assert dibujo["Content-Type"] == "image/svg+xml"
    assert b"<svg" in dibujo.content
    api = fabricas.api(["enlaces:leer"], de=enlace.afiliado)
    suyo = api.get(f"/api/v1/enlaces/{enlace.id_publico}/qr")
    assert suyo.content == dibujo.content
    ajena = fabricas.api(["enlaces:leer"], de=fabricas.afiliado())
    fabricas.problema(ajena.get(f"/api/v1/enlaces/{enlace.id_publico}/qr"), 404)
