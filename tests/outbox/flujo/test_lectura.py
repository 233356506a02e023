"""The feed: followed by its cursor, filtered, and after a purge."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afiliados.claves.services import crear_clave
from alpespartner.comun.identificadores import nuevo_uuid7
from outbox.canario import emitir_canario
from outbox.flujo import selectors
from outbox.models import EntregaPendiente, OutboxEvent
from outbox.reconciliacion import purgar
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.fabricas import PRUEBAS, ClienteAPI, problema
from tests.outbox.flujo.conftest import RUTA, pedir, seguir
from tests.outbox.probeta import Probeta, emitir

pytestmark = pytest.mark.django_db
LEER = ("eventos:leer",)


@pytest.fixture
def api(al_dia: Callable[[], None]) -> ClienteAPI:
    al_dia()
    return fabricas.api(LEER)


def motivos(eventos: list[dict[str, Any]]) -> list[str]:
    return [evento["data"]["motivo"] for evento in eventos]


def test_se_sigue_con_el_cursor(api: ClienteAPI, al_dia: Callable[[], None]) -> None:
    """Each event once, in order, byte by byte as it is on its topic; and later what came later."""
    desde = pedir(api, desde="ahora")["cursor"]
    hechos = [emitir(f"af_{n % 2}", f"e{n}") for n in range(5)]
    al_dia()
    vistos, leidos, hay_mas = [], [], []
    for _vez in range(3):
        cuerpo = api.get(RUTA, {"desde": desde, "limite": 2})
        vistos.append(cuerpo.content)
        leidos += cuerpo.json()["resultados"]
        desde = cuerpo.json()["cursor"]
        hay_mas.append(cuerpo.json()["hay_mas"])
    assert hay_mas == [True, True, False]
    assert b"".join(vistos).count(b'"specversion"') == 5
    for evento in hechos:
        assert sum(pagina.count(evento.payload.encode()) for pagina in vistos) == 1
    assert motivos(leidos) == [f"e{n}" for n in range(5)]
    assert pedir(api, desde=desde)["resultados"] == []
    emitir("af_1", "despues")
    assert motivos(pedir(api, desde=desde)["resultados"]) == ["despues"]


def test_filtros(
    api: ClienteAPI, al_dia: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By type, by object, by both; what looks at much in vain gives short pages, and all of it."""
    desde = pedir(api, desde="ahora")["cursor"]
    comision, otra = fabricas.comision(), fabricas.comision()
    al_dia()
    for _vez in range(2):
        uno = {"desde": desde, "limite": 1}
        calculadas = seguir(api, **uno, tipo="ComisionCalculada")
        assert [e["subject"] for e in calculadas] == [comision.id_publico, otra.id_publico]
        venta = comision.conversion.id_publico
        suyas = seguir(api, **uno, objeto=venta)
        assert suyas[0]["type"] == "ConversionRegistrada"
        assert {e["subject"] for e in suyas} == {venta}
        ambas = seguir(api, **uno, objeto=comision.id_publico, tipo="ComisionCalculada")
        assert [e["subject"] for e in ambas] == [comision.id_publico]
        assert seguir(api, **uno, objeto=venta, tipo="ComisionCalculada") == []
        monkeypatch.setattr(selectors, "VENTANA", 1)


def test_un_afiliado_lee_lo_suyo(
    api: ClienteAPI, al_dia: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What its webhooks would be sent, and nothing else, however short its pages are."""
    una, otra = fabricas.afiliado(), fabricas.afiliado()
    suyas = [fabricas.comision(de=una), fabricas.aprobada(de=una)]
    ajena = fabricas.aprobada(de=otra)
    emitir(una.id_publico, "entre nosotros")
    al_dia()
    propia = fabricas.api(LEER, de=una)
    leidos = seguir(propia)
    monkeypatch.setattr(selectors, "VENTANA", 3)
    assert seguir(propia, limite=2) == leidos
    sujetos = {evento["subject"] for evento in leidos}
    assert sujetos == {
        una.id_publico,
        *(c.id_publico for c in suyas),
        *(c.conversion.id_publico for c in suyas),
    }
    assert "AfiliadoSuspendido" not in {evento["type"] for evento in leidos}
    assert seguir(propia, objeto=ajena.id_publico) == []
    aprobadas = seguir(propia, tipo="ComisionAprobada")
    assert [e["subject"] for e in aprobadas] == [suyas[1].id_publico]
    for tipo in ("AfiliadoSuspendido", "CanarioEmitido", "Nada"):
        problema(propia.get(RUTA, {"tipo": tipo}), 400, "tipo_no_ofrecido")


def test_lo_del_camino_no_se_cuenta(api: ClienteAPI) -> None:
    desde = pedir(api, desde="ahora")["cursor"]
    emitir_canario()
    emitir("af_1", "x")
    assert motivos(seguir(api, desde=desde, limite=1)) == ["x"]
    problema(api.get(RUTA, {"tipo": "CanarioEmitido"}), 400, "tipo_no_ofrecido")


def test_una_fila_que_no_es_un_documento(api: ClienteAPI) -> None:
    """It is left out, and those beside it are told."""
    desde = pedir(api, desde="ahora")["cursor"]
    emitir("af_1", "uno")
    for malo in ("{", "[]", "", '{"a":1}}', "[" * 100_000):
        OutboxEvent(
            evento_id=nuevo_uuid7(), aggregatetype="afiliados", aggregateid="af_1",
            type="AfiliadoSuspendido", aggregate_version=1, payload=malo,
        ).save()  # fmt: skip
    emitir("af_1", "dos")
    assert motivos(seguir(api, desde=desde)) == ["uno", "dos"]


def test_tras_una_purga(probeta: Probeta, api: ClienteAPI, al_dia: Callable[[], None]) -> None:
    """A cursor of before it is a 410 that says what to do; one of the end goes on, and so does who
    begins, also past what a purge leaves because somebody still waits for it."""
    principio = pedir(api, desde="ahora")["cursor"]
    emitir("af_1", "uno")
    esperado = emitir("af_1", "esperado")
    emitir("af_1", "dos")
    al_dia()
    final = pedir(api, desde="ahora")["cursor"]
    drenar()
    EntregaPendiente.objects.create(suscripcion="probeta", evento=esperado)
    assert sum(purgar(timezone.now() + timedelta(seconds=1))) == 2
    assert OutboxEvent.objects.filter(pk=esperado.pk).exists()
    cuerpo = problema(api.get(RUTA, {"desde": principio}), 410, "cursor_caducado")
    assert "desde=ahora" in cuerpo["detail"]
    emitir("af_1", "despues")
    assert motivos(pedir(api, desde=final)["resultados"]) == ["despues"]
    primera = pedir(api)
    assert motivos(primera["resultados"]) == ["despues"]
    assert pedir(api, desde=primera["cursor"])["resultados"] == []


def test_una_base_que_volvio_atras(api: ClienteAPI) -> None:
    """Brought back from a copy it gives the same numbers to other events: a cursor of later is no
    place in it."""
    emitir("af_1", "uno")
    perdido = emitir("af_1", "perdido")
    cursor = pedir(api, desde="ahora")["cursor"]
    EntregaPendiente.objects.filter(evento=perdido).delete()
    OutboxEvent.objects.filter(pk=perdido.pk)._raw_delete(using="default")
    problema(api.get(RUTA, {"desde": cursor}), 410, "cursor_caducado")


def test_cursores_ajenos(api: ClienteAPI) -> None:
    """Changed, made up, of another list or of another holder; another key of its holder goes on
    with it."""
    emitir("af_1", "uno")
    suyo = pedir(api)["cursor"]
    fabricas.afiliado()
    fabricas.afiliado()
    enlace = fabricas.api().get("/api/v1/afiliados?limite=1").json()["siguiente"]
    de_otra_lista = enlace.partition("cursor=")[2].partition("&")[0]
    for malo in (suyo[:-1], f"{suyo}x", suyo.swapcase(), "x", "é", "1", "\x00", de_otra_lista):
        respuesta = api.get(f"{RUTA}?desde={quote(malo)}")
        problema(respuesta, 400, "dato_invalido")
    assert pedir(fabricas.api(LEER), desde=suyo)
    ajena = crear_clave(nombre="Otra", titular="Otra", alcances=LEER, actor=PRUEBAS)[1]
    for otra in (ClienteAPI(ajena), fabricas.api(LEER, de=fabricas.afiliado())):
        problema(otra.get(RUTA, {"desde": suyo}), 400, "dato_invalido")


def test_lo_que_no_se_entiende(api: ClienteAPI) -> None:
    for parametro in ("limite=0", "limite=x", "objeto=%00a", f"objeto={'x' * 65}", "desde="):
        cuerpo = problema(api.get(f"{RUTA}?{parametro}"), 400)
        assert cuerpo["errores"][0]["campo"] == parametro.partition("=")[0]
    problema(api.get(f"{RUTA}?otro=1"), 400, "parametro_desconocido")


def test_cuesta_lo_mismo_con_uno_que_con_cien(api: ClienteAPI) -> None:
    de = fabricas.afiliado()
    claves = (api, fabricas.api(LEER, de=de))
    cuentas: list[list[int]] = [[], []]
    for cuantos in (1, 20):
        for _vez in range(cuantos):
            fabricas.conversion(de=de)
        for clave, suyas in zip(claves, cuentas, strict=True):
            with CaptureQueriesContext(connection) as consultas:
                pedir(clave, limite=1_000)
            suyas.append(len(consultas))
    assert cuentas[0][0] == cuentas[0][1] <= 5
    assert cuentas[1][0] == cuentas[1][1] <= 9
