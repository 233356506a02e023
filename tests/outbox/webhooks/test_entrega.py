"""From an event to its receiver: what is written for whom, sent, tried again and given up."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core import mail
from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone
from standardwebhooks import Webhook as Lector

from afiliados.claves.models import ClaveAPI
from alpespartner.comun.acceso.correos import enviar_pendientes
from alpespartner.comun.cifrado import descifrar
from alpespartner.comun.models import Historial
from outbox.invariantes import COMPROBACIONES
from outbox.models import EntregaWebhook, EventoProcesado, OutboxEvent, Webhook
from outbox.webhooks import envio, peticion, turno
from outbox.webhooks.consumidor import WEBHOOKS
from outbox.webhooks.purga import purgar
from outbox.webhooks.services import activar, rotar
from tests.fabricas import PRUEBAS, afiliado, comision
from tests.outbox.probeta import emitir
from tests.outbox.webhooks.conftest import consumir
from tests.outbox.webhooks.receptor import Receptor, contestar

pytestmark = pytest.mark.django_db
Suscribir = Callable[..., Webhook]


def mandar() -> int:
    return envio.enviar(10, hilos=8)


def cerrar(cartero: envio.Cartero) -> None:
    """Once all that it has in hand was tried."""
    for fuera in cartero._fuera.values():
        fuera.shutdown()


def retener(monkeypatch: pytest.MonkeyPatch, respuesta: peticion.Respuesta) -> threading.Event:
    """Every try waits for what this gives, and then is answered so."""
    seguir = threading.Event()

    def intentar(suyo: turno.Envio) -> turno.Hecho:
        seguir.wait(10)
        return turno.Hecho(suyo, respuesta, {}, "")

    monkeypatch.setattr(envio, "_intentar", intentar)
    return seguir


def tomar_ocho(cartero: envio.Cartero) -> None:
    """Of one server, which has two threads: both try one."""
    assert cartero._tomar() == 8
    while sum(futuro.running() for futuro in cartero._en_mano) < 2:
        time.sleep(0.01)


def mas_tarde(**cuanto: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(**cuanto))


def recibidos(uno: Receptor) -> list[str]:
    """What each document that came says, in the order in which they came."""
    return [json.loads(cuerpo)["data"]["motivo"] for _cabeceras, cuerpo in uno.recibido]


def estados() -> list[tuple[str, int]]:
    return list(EntregaWebhook.objects.order_by("pk").values_list("estado", "intentos"))


def en_regla() -> None:
    for comprobacion in COMPROBACIONES:
        if comprobacion.nombre.startswith(("Lo que espera un webhook", "Cada entrega de un")):
            assert list(comprobacion.filas()) == []


def test_llega_como_esta_en_su_tema_y_se_puede_comprobar(
    suyo: Receptor, suscribir: Suscribir
) -> None:
    webhook = suscribir(["AfiliadoSuspendido"])
    viejo = descifrar(webhook.secreto)
    _webhook, nuevo = rotar(webhook=webhook, actor=PRUEBAS)
    evento = emitir("af_1", "uno")
    assert consumir(evento) == 1
    # Twice the same event, and one that nobody asked for.
    assert consumir(evento) == 0
    mandar()
    [(cabeceras, cuerpo)] = suyo.recibido
    assert cuerpo.decode() == evento.payload
    assert cabeceras["Content-Type"].startswith("application/cloudevents+json")
    for secreto in (viejo, nuevo):
        assert Lector(secreto).verify(cuerpo, cabeceras)["id"] == cabeceras["webhook-id"]
    entrega = EntregaWebhook.objects.get()
    assert (entrega.estado, entrega.codigo_http, entrega.intentos) == ("entregada", 204, 1)
    assert "webhook-signature" not in entrega.cabeceras
    assert entrega.cabeceras["webhook-id"] == evento.evento_id
    # A day later only the new one signs.
    consumir(emitir("af_1", "dos"))
    with mas_tarde(hours=25):
        mandar()
        cabeceras, cuerpo = suyo.recibido[1]
        Lector(nuevo).verify(cuerpo, cabeceras)
        with pytest.raises(Exception, match="signature"):
            Lector(viejo).verify(cuerpo, cabeceras)
    en_regla()


def test_a_cada_uno_lo_que_pidio_y_es_suyo(suyo: Receptor, suscribir: Suscribir) -> None:
    mia = comision()
    ajena = comision()
    suscribir(["ComisionAprobada"])
    todo = suscribir(["*"])
    suya = suscribir(["*"], afiliado=mia.afiliado)
    eventos = list(OutboxEvent.objects.order_by("posicion"))
    # What the staff writes for itself is of no affiliate.
    eventos.append(emitir(mia.afiliado.id_publico, "sospechoso"))
    consumir(*eventos)
    de_todo = EntregaWebhook.objects.filter(webhook=todo)
    assert de_todo.count() == len([e for e in eventos if e.type != "CanarioEmitido"])
    objetos = set(EntregaWebhook.objects.filter(webhook=suya).values_list("objeto", flat=True))
    assert {mia.id_publico, mia.conversion.id_publico} <= objetos
    assert ajena.id_publico not in objetos
    assert "AfiliadoSuspendido" not in EntregaWebhook.objects.filter(webhook=suya).values_list(
        "tipo", flat=True
    )
    assert not EntregaWebhook.objects.filter(webhook__tipos=["ComisionAprobada"]).exists()


def test_la_misma_entrega_no_se_escribe_dos_veces(suscribir: Suscribir) -> None:
    suscribir()
    evento = emitir("af_1", "uno")
    consumir(evento)
    EventoProcesado.objects.filter(suscripcion=WEBHOOKS.nombre)._raw_delete(using="default")
    with pytest.raises(IntegrityError), transaction.atomic():
        consumir(evento)


def test_se_reintenta_segun_el_calendario_y_se_abandona(
    suyo: Receptor, suscribir: Suscribir
) -> None:
    suscribir()
    suyo.responder = lambda m, _n: contestar(m, 500, b"ups")
    consumir(emitir("af_1", "uno"))
    momento = timezone.now()
    for intento in range(1, 11):
        with time_machine.travel(momento):
            mandar()
            mandar()
        fila = EntregaWebhook.objects.get()
        assert fila.intentos == intento == len(suyo.recibido)
        if intento < 10:
            espera = (fila.toca_en - fila.intentada_en).total_seconds()
            assert turno.ESPERAS[intento] <= espera <= turno.ESPERAS[intento] * 1.1 + 1
            momento = fila.toca_en + timedelta(seconds=1)
    assert (fila.estado, fila.error, fila.respuesta) == ("fallida", "http_500", "ups")
    en_regla()


def test_espera_lo_que_pide_el_receptor(suyo: Receptor, suscribir: Suscribir) -> None:
    suscribir()
    suyo.responder = lambda m, _n: contestar(m, 429, Retry_After="3600")
    consumir(emitir("af_1", "uno"))
    mandar()
    fila = EntregaWebhook.objects.get()
    assert timedelta(minutes=59) < fila.toca_en - timezone.now() <= timedelta(hours=1)


def test_en_orden_por_objeto(suyo: Receptor, suscribir: Suscribir) -> None:
    suscribir()
    suyo.responder = lambda m, n: contestar(m, 500 if n == 1 else 204)
    consumir(*[emitir(s, m) for s, m in (("af_1", "a1"), ("af_1", "a2"), ("af_1", "a3"))])
    mandar()
    consumir(emitir("af_2", "b1"), emitir("af_1", "a4"))
    mandar()
    # The one that failed holds those of its object, and no other.
    assert recibidos(suyo) == ["a1", "b1"]
    with mas_tarde(seconds=6):
        mandar()
    assert recibidos(suyo) == ["a1", "b1", "a1", "a2", "a3", "a4"]
    assert {estado for estado, _n in estados()} == {"entregada"}
    en_regla()


def test_tras_los_primeros_intentos_las_demas_pasan(suyo: Receptor, suscribir: Suscribir) -> None:
    suscribir()
    suyo.responder = lambda m, n: contestar(m, 500 if n <= turno.EN_ORDEN else 204)
    consumir(emitir("af_1", "a1"), emitir("af_1", "a2"))
    for segundos in (0, 6, 400):
        with mas_tarde(seconds=segundos):
            mandar()
    assert recibidos(suyo) == ["a1", "a1", "a1", "a2"]
    assert estados() == [("pendiente", 3), ("entregada", 1)]


def test_lo_que_muere_con_quien_lo_tenia_se_intenta_otra_vez(
    suyo: Receptor, suscribir: Suscribir
) -> None:
    webhook = suscribir()
    consumir(emitir("af_1", "uno"))
    [suya] = turno.tomar(webhook.pk, 4)
    # Nobody else has it now.
    assert turno.tomar(webhook.pk, 4) == []
    assert mandar() == 0
    tarde = turno.Hecho(suya, peticion.Respuesta("", 204), {}, "")
    with mas_tarde(seconds=turno.RESERVA.total_seconds() + 1):
        assert len(turno.tomar(webhook.pk, 4)) == 1
        # Who took it first comes back too late to say anything of it.
        assert turno.asentar([tarde]) == 0
        assert estados() == [("pendiente", 0)]
    with mas_tarde(seconds=2 * turno.RESERVA.total_seconds() + 2):
        mandar()
    assert recibidos(suyo) == ["uno"]
    assert estados() == [("entregada", 1)]


def test_con_un_410_se_desactiva_y_se_avisa(suyo: Receptor, suscribir: Suscribir) -> None:
    User.objects.create_superuser("quien", "quien@example.com", "x")
    User.objects.create_user("nadie", "nadie@example.com", "x", is_staff=True)
    webhook = suscribir()
    suyo.responder = lambda m, _n: contestar(m, 410)
    consumir(emitir("af_1", "uno"))
    mandar()
    webhook.refresh_from_db()
    assert (webhook.estado, webhook.causa, webhook.toca_en) == ("desactivado", "retirado", None)
    assert Historial.objects.filter(entidad="webhook", accion="desactivar").count() == 1
    enviar_pendientes()
    [correo] = mail.outbox
    assert correo.to == ["quien@example.com"]
    assert "webhook" in correo.body
    # Off, it gets nothing new; what it had waits until it is on again.
    consumir(emitir("af_1", "dos"))
    with mas_tarde(seconds=10):
        assert mandar() == 0
        en_regla()
        suyo.responder = lambda m, _n: contestar(m, 204)
        activar(webhook=webhook, actor=PRUEBAS)
        mandar()
    assert recibidos(suyo) == ["uno", "uno"]


def test_tras_dias_de_fallos_se_desactiva(suyo: Receptor, suscribir: Suscribir) -> None:
    webhook = suscribir()
    suyo.responder = lambda m, n: contestar(m, 204 if n == 2 else 500)
    for dias in (0, 4, 4.1, 8, 13.1):
        with mas_tarde(days=dias):
            consumir(emitir(f"af_{dias}", "x"))
            mandar()
    webhook.refresh_from_db()
    # One good answer in between, and it counts anew.
    assert (webhook.estado, webhook.causa) == ("desactivado", "fallos")
    assert Historial.objects.get(entidad="webhook", accion="desactivar").actor == "sistema:webhooks"


def test_sin_clave_que_sirva_no_se_envia_nada(suyo: Receptor, suscribir: Suscribir) -> None:
    suscribir()
    suyo_de_otro = suscribir(afiliado=afiliado())
    ClaveAPI.objects.filter(afiliado=None).update(revocada_en=timezone.now())
    consumir(emitir("af_1", "uno"))
    assert mandar() == 0
    en_regla()
    ClaveAPI.objects.filter(afiliado=None).update(revocada_en=None)
    with mas_tarde(seconds=turno.SIN_TITULAR.total_seconds() + 1):
        mandar()
    assert recibidos(suyo) == ["uno"]
    assert not EntregaWebhook.objects.filter(webhook=suyo_de_otro).exists()


def test_mil_a_un_servidor_no_detienen_a_los_demas(
    suyo: Receptor, suscribir: Suscribir, monkeypatch: pytest.MonkeyPatch
) -> None:
    uno = suscribir()
    otro = suscribir(url=suyo.url.replace("127.0.0.1", "localhost"))
    Webhook.objects.bulk_create(
        [
            Webhook(
                id_publico=f"wh_{n}", url=uno.url, anfitrion=uno.anfitrion, tipos=["*"],
                titular=uno.titular, secreto=uno.secreto,
            )
            for n in range(200)
        ]
    )  # fmt: skip
    evento = emitir("af_1", "uno")
    consumir(evento)
    Webhook.objects.filter(pk=otro.pk).update(toca_en=timezone.now())
    en_mano: list[str] = []
    monkeypatch.setattr(envio, "_intentar", lambda e: en_mano.append(e.anfitrion))
    cartero = envio.Cartero(hilos=16)
    tomadas = cartero._tomar()
    hilos = {anfitrion: fuera._max_workers for anfitrion, fuera in cartero._fuera.items()}
    cerrar(cartero)
    assert sorted(en_mano) == ["127.0.0.1"] * 16 + ["localhost"]
    assert hilos == {"127.0.0.1": 4, "localhost": 4}
    assert tomadas == 17


def test_no_hay_mas_hilos_que_los_suyos(
    suscribir: Suscribir, monkeypatch: pytest.MonkeyPatch
) -> None:
    uno = suscribir()
    Webhook.objects.bulk_create(
        [
            Webhook(
                id_publico=f"wh_{n}_{vez}", url=uno.url, anfitrion=f"s{n}.example", tipos=["*"],
                titular=uno.titular, secreto=uno.secreto,
            )
            for n in range(4)
            for vez in range(20)
        ]
    )  # fmt: skip
    consumir(emitir("af_1", "uno"))
    seguir = threading.Event()
    probando: list[str] = []

    def intentar(suyo: turno.Envio) -> turno.Hecho:
        probando.append(suyo.anfitrion)
        seguir.wait(10)
        return turno.Hecho(suyo, peticion.Respuesta("", 204), {}, "")

    monkeypatch.setattr(envio, "_intentar", intentar)
    cartero = envio.Cartero(hilos=8)
    cartero._tomar()
    a_la_vez = len(probando)
    en_mano = Counter(e.anfitrion for e in cartero._en_mano.values())
    seguir.set()
    while cartero.en_mano:
        cartero.vuelta()
    assert a_la_vez <= 8
    assert max(en_mano.values()) == 8
    assert set(EntregaWebhook.objects.values_list("estado", flat=True)) == {"entregada"}
    assert cartero._fuera == {}


def test_lo_que_nadie_prueba_se_devuelve(
    suscribir: Suscribir, monkeypatch: pytest.MonkeyPatch
) -> None:
    suscribir()
    consumir(*[emitir(f"af_{n}", "x") for n in range(8)])
    seguir = retener(monkeypatch, peticion.Respuesta("http_500", 500))
    cartero = envio.Cartero(hilos=8)
    tomar_ocho(cartero)
    assert not EntregaWebhook.objects.filter(toca_en__lte=timezone.now()).exists()
    seguir.set()
    cartero.terminar()
    tocan = EntregaWebhook.objects.filter(toca_en__lte=timezone.now(), intentos=0)
    assert tocan.count() == 6
    webhook = Webhook.objects.get()
    assert webhook.fallando_desde is not None
    assert webhook.toca_en is not None
    assert webhook.toca_en <= timezone.now()


def test_lo_demas_se_devuelve_cuando_uno_falla(
    suscribir: Suscribir, monkeypatch: pytest.MonkeyPatch
) -> None:
    suscribir()
    consumir(*[emitir(f"af_{n}", "x") for n in range(8)])
    primeros, seguir = threading.Semaphore(2), threading.Event()

    def intentar(suyo: turno.Envio) -> turno.Hecho:
        if not primeros.acquire(blocking=False):
            seguir.wait(10)
        return turno.Hecho(suyo, peticion.Respuesta("http_500", 500), {}, "")

    monkeypatch.setattr(envio, "_intentar", intentar)
    cartero = envio.Cartero(hilos=8)
    assert cartero._tomar() == 8
    while cartero.en_mano == 8:
        cartero._asentar()
    en_mano = cartero.en_mano
    asentadas = EntregaWebhook.objects.filter(intentos=1).count()
    tocan = EntregaWebhook.objects.filter(toca_en__lte=timezone.now(), intentos=0)
    # What a thread works on, and an answer that came a moment later, nobody calls back.
    assert en_mano <= 2 + 1
    assert tocan.count() == 8 - asentadas - en_mano
    seguir.set()
    cartero.terminar()


def test_lo_que_la_base_no_tomo_se_devuelve_despues(
    suscribir: Suscribir, monkeypatch: pytest.MonkeyPatch
) -> None:
    suscribir()
    consumir(*[emitir(f"af_{n}", "x") for n in range(8)])
    seguir = retener(monkeypatch, peticion.Respuesta("", 204))

    def caida(_envios: object) -> None:
        raise OperationalError

    cartero = envio.Cartero(hilos=8)
    tomar_ocho(cartero)
    with monkeypatch.context() as sin_base:
        sin_base.setattr(envio, "soltar", caida)
        with pytest.raises(OperationalError):
            cartero._soltar(cartero._fuera)
    seguir.set()
    cartero.terminar()
    estados = Counter(EntregaWebhook.objects.values_list("estado", flat=True))
    assert estados == {"entregada": 2, "pendiente": 6}
    assert EntregaWebhook.objects.filter(toca_en__lte=timezone.now(), intentos=0).count() == 6


def test_lo_que_ya_es_de_otro_no_se_devuelve(suscribir: Suscribir) -> None:
    webhook = suscribir()
    consumir(emitir("af_1", "uno"))
    suyas = turno.tomar(webhook.pk, 4)
    with mas_tarde(seconds=turno.RESERVA.total_seconds() + 1):
        [de_otro] = turno.tomar(webhook.pk, 4)
        turno.soltar(suyas)
    assert EntregaWebhook.objects.get().toca_en == de_otro.reserva


def test_los_que_fallan_no_ocupan_mas_de_la_mitad(
    suscribir: Suscribir, monkeypatch: pytest.MonkeyPatch
) -> None:
    uno = suscribir()
    Webhook.objects.bulk_create(
        [
            Webhook(
                id_publico=f"wh_{n}", url=uno.url, anfitrion=f"s{n}.example", tipos=["*"],
                titular=uno.titular, secreto=uno.secreto, fallando_desde=timezone.now(),
            )
            for n in range(12)
        ]
    )  # fmt: skip
    consumir(emitir("af_1", "uno"))
    en_mano: list[bool] = []
    monkeypatch.setattr(envio, "_intentar", lambda e: en_mano.append(e.falla))
    cartero = envio.Cartero(hilos=8)
    cartero._tomar()
    cerrar(cartero)
    assert sorted(en_mano) == [False, True, True, True, True]


def test_lo_que_no_escribio_nadie_no_detiene_lo_demas(suyo: Receptor, suscribir: Suscribir) -> None:
    rota, sin_direccion, sana = suscribir(), suscribir(), suscribir()
    Webhook.objects.filter(pk=rota.pk).update(secreto="nada")
    Webhook.objects.filter(pk=sin_direccion.pk).update(url="file:///etc/passwd")
    consumir(emitir("af_1", "uno"))
    EntregaWebhook.objects.create(webhook=sana, evento_id="no-existe", tipo="X", objeto="x")
    mandar()
    assert recibidos(suyo) == ["uno"]
    dichos = dict(EntregaWebhook.objects.values_list("webhook__url", "error"))
    assert set(EntregaWebhook.objects.values_list("error", flat=True)) == {
        "", "no_se_puede_enviar", "evento_borrado",
    }, dichos  # fmt: skip


def test_lo_antiguo_se_olvida(suscribir: Suscribir) -> None:
    suscribir()
    consumir(emitir("af_1", "uno"), emitir("af_2", "dos"))
    EntregaWebhook.objects.filter(objeto="af_1").update(
        creada_en=timezone.now() - timedelta(days=40)
    )
    assert purgar(antes_de=timezone.now() - timedelta(days=30)) == 1
    assert EntregaWebhook.objects.get().objeto == "af_2"
