"""``/metrics``, ``/health/ready``, lines that are JSON, and one sale followed through all of it."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest
from celery import current_app
from django.db import connection
from django.test import Client

from alpespartner import salud
from alpespartner.comun.peticion import HILO, correlacion, id_de_peticion, siguiendo
from alpespartner.comun.web.registro import ConPeticion, FormatoJSON
from alpespartner.operacion.monitor import lectura
from comisiones.comision.models import Comision
from comisiones.pagos.tasks import ejecutar
from outbox.consumo import Consumidor, Sobre, procesar
from outbox.models import OutboxEvent
from tests import fabricas

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _de_nuevo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(salud, "_preparado", salud._Preparado())
    monkeypatch.setattr(lectura._reciente, "_hasta", 0.0)


def test_las_medidas_de_quien_pregunta_desde_aqui() -> None:
    Client().get("/health/live")
    respuesta = Client().get("/metrics")
    assert respuesta.status_code == 200
    texto = respuesta.content.decode()
    for nombre in (
        'alpes_suscripcion_atraso{consumidor="auditoria"} 0', 'alpes_pagos{estado="incierto"} 0',
        "alpes_disco_libre_bytes", 'alpes_parte_responde{parte="outbox"} 1',
        "alpes_clics_por_recoger_segundos 0",
        'alpes_peticiones_segundos_count{estado="200",metodo="GET",vista="/health/live"}',
    ):  # fmt: skip
        assert nombre in texto, nombre


def test_para_los_demas_no_hay_tal_pagina(settings: Any) -> None:
    assert Client(REMOTE_ADDR="10.0.0.1").get("/metrics").status_code == 404
    # Behind a proxy everybody comes from it.
    settings.DETRAS_DE_PROXY = True
    detras = Client(headers={"x-forwarded-for": "203.0.113.9"})
    assert detras.get("/metrics").status_code == 404
    settings.DETRAS_DE_PROXY = False
    settings.METRICAS_CLAVE = "secreta"
    assert Client().get("/metrics").status_code == 404
    assert Client(headers={"authorization": "Bearer otra"}).get("/metrics").status_code == 404
    con = Client(REMOTE_ADDR="10.0.0.1", headers={"authorization": "Bearer secreta"})
    assert con.get("/metrics").status_code == 200


def test_una_direccion_con_secreto_no_es_una_etiqueta() -> None:
    Client().get("/correo/ficha-secreta/")
    Client().get("/no/hay/tal")
    texto = Client().get("/metrics").content.decode()
    assert "ficha-secreta" not in texto
    assert "/no/hay" not in texto
    assert 'vista="/correo/<str:ficha>/"' in texto


@pytest.mark.django_db(transaction=True)
def test_listo_dice_cada_parte() -> None:
    respuesta = Client().get("/health/ready")
    assert respuesta.status_code == 200
    assert respuesta.json() == {
        "estado": "ok", "base_de_datos": "ok", "disco": "ok", "cola": "ok", "flujo": "ok",
    }  # fmt: skip


def test_sin_cola_ni_flujo_se_dice_y_se_sirve(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    settings.EVENTOS_TRANSPORTE = "pulsar"
    settings.PULSAR_URL = "pulsar://127.0.0.1:1"
    respuesta = Client().get("/health/ready")
    assert respuesta.status_code == 200
    dicho = respuesta.json()
    assert (dicho["cola"], dicho["flujo"]) == ("no_responde", "no_responde")


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_una_base_que_no_escribe_no_esta_lista() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = 1")
    try:
        respuesta = Client().get("/health/ready")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = 0")
    assert respuesta.status_code == 503
    assert respuesta.json()["base_de_datos"] == "no_escribe"
    assert respuesta["Retry-After"]


def test_una_linea_es_un_documento() -> None:
    linea = logging.LogRecord("x", logging.INFO, "", 0, "hola %s\n{", ("tú",), None)
    linea.evento = "e-1"
    with siguiendo({"": "peticion-1"}, tarea="pagos.ejecutar", tarea_id="t-1"):
        ConPeticion().filter(linea)
    documento = json.loads(FormatoJSON().format(linea))
    assert documento.pop("hora").endswith("+00:00")
    assert documento == {
        "nivel": "INFO", "origen": "x", "mensaje": "hola tú\n{", "peticion": "peticion-1",
        "evento": "e-1", "tarea": "pagos.ejecutar", "tarea_id": "t-1",
    }  # fmt: skip
    suelta = logging.LogRecord("x", logging.INFO, "", 0, "hola", (), None)
    ConPeticion().filter(suelta)
    assert "peticion" not in json.loads(FormatoJSON().format(suelta))


def test_de_varios_a_la_vez_cada_uno_sigue_el_suyo() -> None:
    """A run of events of several requests: what comes of each goes on with its own."""
    hilos: dict[str, str] = {}

    def manejar(sobres: Any) -> None:
        for sobre in sobres:
            hilos[sobre.sujeto] = correlacion([f"com_{sobre.sujeto}", sobre.sujeto])
        hilos["de ninguno"] = id_de_peticion()

    def sobre(n: int, hilo: str | None) -> Sobre:
        documento = {"data": {"x": '"correlacion":"falsa"'}} | ({HILO: hilo} if hilo else {})
        return Sobre(f"e-{n}", "T", f"conv_{n}", json.dumps(documento))

    prueba = Consumidor("prueba", frozenset(), manejar)
    procesar(prueba, [sobre(1, "a"), sobre(2, "b"), sobre(3, None)])
    assert hilos == {"conv_1": "a", "conv_2": "b", "conv_3": "", "de ninguno": ""}
    procesar(prueba, [sobre(4, "c")])
    assert hilos["de ninguno"] == "c"


def _hilos(de: str) -> dict[str, str | None]:
    eventos = OutboxEvent.objects.filter(aggregateid=de).order_by("posicion")
    return {e.type: json.loads(e.payload).get(HILO) for e in eventos}


@pytest.mark.django_db(transaction=True)
def test_una_venta_se_sigue_hasta_su_pago(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its request's id is in its event and its commission's; the one of who approves, in the
    approval's, the task's and the payment's: each log line says it too."""
    tareas: list[tuple[str, Any, Any]] = []
    monkeypatch.setattr(
        current_app, "send_task", lambda n, args=(), **o: tareas.append((n, args, o.get("headers")))
    )
    monkeypatch.setattr(caplog.handler, "filters", [ConPeticion()])
    caplog.set_level(logging.INFO, "rastro")
    afiliado = fabricas.afiliado()
    fabricas.campana(predeterminada=True)
    api = fabricas.api()
    fabricas.entregar_todo()
    venta = api.enviar(
        "/api/v1/conversiones",
        {"afiliado_id": afiliado.id_publico, "valor_conversion": "100"},
        X_Request_Id="venta-1",
    )
    assert venta.status_code == 201, venta.content
    conversion = venta.json()["conversion_id"]
    assert _hilos(conversion) == {"ConversionRegistrada": "venta-1"}
    fabricas.entregar_todo()
    comision = Comision.objects.get(conversion__id_publico=conversion)
    assert _hilos(comision.id_publico)["ComisionCalculada"] == "venta-1"
    aprobada = api.enviar(
        f"/api/v1/comisiones/{comision.id_publico}/aprobar", {}, X_Request_Id="aprueba-1"
    )
    assert aprobada.status_code == 200, aprobada.content
    fabricas.entregar_todo()
    assert _hilos(comision.id_publico)["ComisionAprobada"] == "aprueba-1"
    [(nombre, args, cabeceras)] = [t for t in tareas if t[0] == "pagos.ejecutar"]
    assert cabeceras == {HILO: "aprueba-1"}
    assert nombre == ejecutar.name
    ejecutar.apply(args=args, headers=cabeceras)
    fabricas.entregar_todo()
    [item] = Comision.objects.get().items_pago.all()
    assert set(_hilos(item.pago.id_publico).values()) == {"aprueba-1"}
    dichas = {(r.peticion, r.getMessage()) for r in caplog.records if r.name == "rastro"}
    pago = item.pago.id_publico
    for hilo, texto in (
        ("venta-1", f"publicado ConversionRegistrada {conversion}"),
        ("venta-1", f"recibido ConversionRegistrada {conversion}"),
        ("venta-1", f"publicado ComisionCalculada {comision.id_publico}"),
        ("aprueba-1", f"recibido ComisionAprobada {comision.id_publico}"),
        ("aprueba-1", f"publicado PagoConfirmado {pago}"),
        ("aprueba-1", "pagos.ejecutar SUCCESS"),
    ):
        assert (hilo, texto) in dichas
    assert id_de_peticion() == ""
