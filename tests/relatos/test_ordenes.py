"""What the commands of events and of the ledger say, and leave."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from afiliados.eventos import AfiliadoSuspendido
from outbox import canario, reconciliacion
from outbox.consumidores.auditoria import _anotar
from outbox.consumidores.confirmacion import _confirmar
from outbox.consumo import CONSUMIDORES, Consumidor, Sobre
from outbox.entrega import entregar, sobre_de
from outbox.invariantes import COMPROBACIONES
from outbox.management.commands import publicar_outbox
from outbox.models import EntregaPendiente, EventoAparcado, EventoProcesado, OutboxEvent
from outbox.publicacion import publicar
from outbox.transportes import manual
from outbox.transportes.pulsar.suscripcion import Consumo
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]


@pytest.fixture
def consumidor(monkeypatch: Any) -> Consumidor:
    """The only one; it fails for the subjects that begin with ``mal``."""

    def manejar(sobres: Any) -> None:
        for sobre in sobres:
            if sobre.sujeto.startswith("mal"):
                raise ValueError("veneno")

    for nombre in list(CONSUMIDORES):
        monkeypatch.delitem(CONSUMIDORES, nombre)
    suyo = Consumidor("uno", frozenset({"AfiliadoSuspendido", "CanarioEmitido"}), manejar)
    monkeypatch.setitem(CONSUMIDORES, "uno", suyo)
    return suyo


def emitir(*quienes: str) -> list[OutboxEvent]:
    with transaction.atomic():
        return [publicar(AfiliadoSuspendido(afiliado_id=q, motivo="m"), version=2) for q in quienes]


def ordenar(relato: Relato, que: str, orden: str, *opciones: str, segundos: float = 60) -> None:
    """Run a command, and tell what it says."""

    def correr() -> None:
        salida = io.StringIO()
        try:
            call_command(orden, *opciones, stdout=salida)
        except CommandError as exc:
            relato.dice("error", str(exc))
        for linea in salida.getvalue().splitlines():
            relato.dice("dice", linea)

    relato.paso(que, correr, segundos=segundos)


def test_ordenes_de_eventos(relato: Relato, consumidor: Consumidor, settings: Any) -> None:
    """Delivered, compared with what was received, deleted when they are old."""
    settings.RECONCILIACION_SEGUNDOS = 90
    relato.con = {"outbox.EntregaPendiente", "outbox.EventoProcesado"}
    relato.empezar()
    relato.paso("Se publican tres", lambda: emitir("a", "mal", "b") and None)
    ordenar(relato, "Uno que no hay", "consumir", "dos")
    ordenar(relato, "Se entregan", "consumir", "uno", "--una-vez")
    ordenar(relato, "Se comparan", "reconciliar_outbox", segundos=1)
    EntregaPendiente.objects.all().delete()
    suyo = EventoProcesado.objects.filter(evento_id=OutboxEvent.objects.all()[0].evento_id)
    suyo._raw_delete("default")
    relato.empezar()
    ordenar(relato, "A su hora justa, nada", "reconciliar_outbox", "--segundos", "121", segundos=0)
    ordenar(relato, "Faltan dos", "reconciliar_outbox", "--segundos", "120", segundos=0)
    ordenar(relato, "Por su ajuste", "reconciliar_outbox")
    espera, aparcado = emitir("espera", "aparcado")
    for evento in (espera, aparcado):
        EventoProcesado(suscripcion="uno", evento_id=evento.evento_id).save()
    EntregaPendiente.objects.filter(evento=aparcado).delete()
    EventoAparcado.objects.create(suscripcion="otra", evento=aparcado, intentos=5, error="x")
    relato.empezar()
    for opciones in (("--dias", "0"), ("--lote", "0")):
        ordenar(relato, "Así no", "purgar_outbox", *opciones)
    dia = 24 * 3600
    ordenar(relato, "Aún no es viejo", "purgar_outbox", "--dias", "1", segundos=dia - 10 * 60)
    ordenar(
        relato, "Lo que llegó se borra", "purgar_outbox", "--dias", "1", "--lote", "1",
        segundos=60 * 60,
    )  # fmt: skip
    EntregaPendiente.objects.filter(evento=espera).delete()
    EventoAparcado.objects.filter(evento=aparcado).delete()
    relato.empezar()
    ordenar(relato, "Y lo demás, cuando nada espera", "purgar_outbox", "--dias", "1")


def test_publicar_a_mano(
    relato: Relato, consumidor: Consumidor, settings: Any, monkeypatch: Any
) -> None:
    """Without Debezium: leased, in the order of each aggregate, and again when a lease ends."""
    relato.con = {"outbox.EntregaPendiente"}
    relato.empezar()
    ordenar(relato, "Con otro transporte no", "publicar_outbox")
    settings.EVENTOS_TRANSPORTE = "manual"
    salido: list[str] = []

    class Salida:
        """Notes what it takes."""

        def publicar(self, eventos: Iterable[OutboxEvent]) -> None:
            salido.extend(evento.aggregateid for evento in eventos)

    @contextmanager
    def publicador() -> Iterator[Salida]:
        yield Salida()

    monkeypatch.setattr(publicar_outbox, "publicador", publicador)
    monkeypatch.setattr(reconciliacion, "publicador", publicador)
    relato.empezar()
    relato.paso("Se publican", lambda: emitir("a", "b", "a") and None)

    def arrendar(cuantos: int) -> None:
        relato.dice("suyos", [e.evento.aggregateid for e in manual._arrendar(cuantos)])

    relato.paso("Uno arrienda", lambda: arrendar(1))
    relato.paso("Otro, lo de otros", lambda: arrendar(9), segundos=29)
    relato.paso("Acaba el primero", lambda: arrendar(9), segundos=1)
    ordenar(relato, "Cuántas", "publicar_outbox", "--simular", segundos=60)
    ordenar(relato, "De cero no", "publicar_outbox", "--lote", "0")
    ordenar(relato, "Salen", "publicar_outbox", "--lote", "2")
    relato.dice("salió", salido)
    salido.clear()
    ordenar(relato, "Lo que nadie recibió", "reconciliar_outbox", "--reemitir")
    relato.dice("salió", salido)


def test_llegan_de_pulsar(relato: Relato, consumidor: Consumidor, monkeypatch: Any) -> None:
    """Applied once; one that fails waits, with those of its aggregate; what is not ours is kept."""
    relato.con = {"outbox.EntregaPendiente", "outbox.EventoProcesado"}
    eventos = emitir("a", "mal", "mal", "b")
    EntregaPendiente.objects.all().delete()
    # Of another subscription: nobody here waits for it.
    EntregaPendiente.objects.create(suscripcion="otra", evento=eventos[3])
    textos = [evento.payload for evento in eventos]
    ajeno = textos[0].replace('"subject":"a"', '"subject":"mal de otros"')
    ajeno = ajeno.replace(eventos[0].evento_id, "x")
    otro_tipo = textos[0].replace("AfiliadoSuspendido", "AfiliadoCerrado")
    consumo = Consumo(consumidor, None)  # type: ignore[arg-type]
    relato.empezar()
    relato.paso("Nada", lambda: consumo.manejar([otro_tipo]))
    relato.paso("Llegan", lambda: consumo.manejar(textos))
    relato.paso("Otra vez", lambda: consumo.manejar(textos))
    relato.paso("Lo que no es nuestro", lambda: consumo.manejar(["x", '{"id": 1}', ajeno, "[]"]))
    relato.paso("Se atiende lo que espera", consumo._atender_pendientes)


def test_canario(relato: Relato, consumidor: Consumidor, settings: Any, tmp_path: Any) -> None:
    """From the commit to its way back; what the file of the audit holds; what is late."""
    settings.AUDITORIA_ARCHIVO = tmp_path / "eventos.jsonl"
    relato.con = {"outbox.PosicionArchivo"}
    relato.empezar()
    relato.paso("Sale", lambda: canario.emitir_canario() and None)
    uno = OutboxEvent.objects.get()

    def perdido(segundos: float) -> None:
        relato.dice("perdido", canario.canario_perdido(timedelta(seconds=segundos)) == uno)

    relato.paso("Aún no se echa de menos", lambda: perdido(60))
    relato.paso("Se echa de menos", lambda: perdido(60), segundos=0.5)
    entrega = EntregaPendiente.objects.get()
    de_otro = Sobre("x", "t", "s", "{}")
    relato.paso("Vuelve", lambda: _confirmar([sobre_de(entrega), de_otro]), segundos=0)
    [ajeno] = emitir("z")
    EntregaPendiente.objects.filter(evento=ajeno).delete()
    _confirmar([Sobre(ajeno.evento_id, ajeno.type, ajeno.aggregateid, ajeno.payload)])
    relato.dice("retraso", canario.ultimo_retraso_ms())
    relato.dice("perdido", canario.canario_perdido(timedelta()))
    relato.paso("Se archiva", lambda: _anotar([sobre_de(entrega)]))
    relato.dice("dice", settings.AUDITORIA_ARCHIVO.read_text() == uno.payload + "\n")

    def mal(texto: str) -> None:
        with pytest.raises(ValueError, match="una línea"):
            _anotar([Sobre("x", "t", "s", texto)])

    relato.paso("Lo que no es un documento no", lambda: [mal(t) for t in ("[]", "{\n}")] and None)
    with settings.AUDITORIA_ARCHIVO.open("a") as archivo:
        archivo.write("restos de una caída")
    relato.paso("Lo que sobra se corta", lambda: _anotar([de_otro, de_otro]))
    for que in COMPROBACIONES:
        relato.dice(que.nombre, list(que.filas()))
    settings.AUDITORIA_ARCHIVO.write_text("{}")
    for que in COMPROBACIONES[2:]:
        relato.paso(
            que.nombre,
            lambda q=que: relato.dice("falta", [f.replace(f" {uno.pk}:", ":") for f in q.filas()]),
            segundos=120,
        )
    relato.paso("Se entrega", lambda: relato.dice("n", entregar(consumidor)))
