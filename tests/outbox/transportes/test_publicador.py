"""What is sent to Pulsar and read from it, against a client that answers as the test says."""

from __future__ import annotations

import threading
from typing import Any

import pulsar
import pytest
from django.db import OperationalError

from conversiones.eventos import ConversionValidada
from outbox.consumo import Consumidor
from outbox.errores import PublicacionFallida
from outbox.models import OutboxEvent
from outbox.publicacion import preparar
from outbox.transportes.pulsar import publicador as modulo_publicador
from outbox.transportes.pulsar import suscripcion
from outbox.transportes.pulsar.publicador import Publicador, publicador
from outbox.transportes.pulsar.suscripcion import Consumo
from tests.outbox.probeta import Probeta, emitir

pytestmark = pytest.mark.django_db


class Productor:
    """Answers when it is flushed, as the real one may."""

    def __init__(self, resultado: Any) -> None:
        self.enviados: list[tuple[bytes, str, dict[str, str]]] = []
        self._resultado, self._esperan = resultado, list[Any]()

    def send_async(self, texto: bytes, recibido: Any, **datos: Any) -> None:
        self.enviados.append((texto, datos["partition_key"], datos["properties"]))
        self._esperan.append(recibido)

    def flush(self) -> None:
        for recibido in self._esperan:
            recibido(self._resultado, None)
        self._esperan.clear()


class Mensaje:
    def __init__(self, texto: str) -> None:
        self.texto = texto

    def data(self) -> bytes:
        return self.texto.encode()


class Cliente:
    """Its producers by topic, and one subscription that gives its batches and then ends."""

    def __init__(self, *_args: Any, **_datos: Any) -> None:
        self.productores: dict[str, Productor] = {}
        self.opciones: list[dict[str, Any]] = []
        self.resultado = pulsar.Result.Ok
        self.tandas: list[list[Mensaje]] = []
        self.suscrito: tuple[Any, ...] = ()
        self.acusados: list[str] = []
        self.parar = threading.Event()
        self.cerrado = False

    def create_producer(self, nombre: str, **opciones: Any) -> Productor:
        assert nombre not in self.productores
        self.opciones.append(opciones)
        self.productores[nombre] = Productor(self.resultado)
        return self.productores[nombre]

    def subscribe(self, temas: list[str], nombre: str, **opciones: Any) -> Any:
        self.suscrito = (temas, nombre, opciones["consumer_type"], opciones["initial_position"])
        return self

    def batch_receive(self) -> list[Mensaje]:
        if self.tandas:
            return self.tandas.pop(0)
        self.parar.set()
        return []

    def acknowledge(self, mensaje: Mensaje) -> None:
        self.acusados.append(mensaje.texto)

    def close(self) -> None:
        self.cerrado = True


def filas(*sujetos: str) -> list[OutboxEvent]:
    return preparar((ConversionValidada(conversion_id=s), n) for n, s in enumerate(sujetos, 1))


def test_se_publica_con_la_clave_de_su_agregado() -> None:
    """As Debezium's router does: order holds by key. A topic has one producer, that waits."""
    cliente = Cliente()
    salida = Publicador(cliente)
    publicadas = filas("conv_1", "conv_2")
    salida.publicar(publicadas)
    salida.publicar(filas("conv_3"))
    [(tema, productor)] = cliente.productores.items()
    assert tema == "persistent://public/default/conversiones.eventos"
    assert productor.enviados[0] == (
        publicadas[0].payload.encode(), "conv_1",
        {"eventType": "ConversionValidada", "version": "1"},
    )  # fmt: skip
    assert [clave for _t, clave, _p in productor.enviados] == ["conv_1", "conv_2", "conv_3"]
    # What does not fit in its queue waits, for as long as it takes: none is dropped.
    assert cliente.opciones[0]["block_if_queue_full"] is True
    assert cliente.opciones[0]["send_timeout_millis"] == 0


def test_si_no_guarda_uno_se_dice(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many; and the client is closed whatever happens."""
    cliente = Cliente()
    cliente.resultado = pulsar.Result.Timeout
    monkeypatch.setattr(modulo_publicador.pulsar, "Client", lambda *_a, **_k: cliente)
    with pytest.raises(PublicacionFallida, match="rechazó 2 mensajes"), publicador() as salida:
        salida.publicar(filas("conv_1", "conv_2"))
    assert cliente.cerrado


@pytest.fixture
def cliente(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cliente:
    settings.EVENTOS_TRANSPORTE = "pulsar"
    suyo = Cliente()
    monkeypatch.setattr(suscripcion.pulsar, "Client", lambda *_a, **_k: suyo)
    monkeypatch.setattr(suscripcion, "_ESPERA_BASE_DE_DATOS", 0)
    return suyo


@pytest.mark.parametrize("exclusivo", [False, True])
def test_se_acusa_lo_que_ya_esta_hecho(probeta: Probeta, cliente: Cliente, exclusivo: bool) -> None:
    """From the first event that it keeps; one process at a time reads an exclusive one."""
    textos = [emitir("af_1", nombre).payload for nombre in ("a", "b", "c")]
    cliente.tandas = [[Mensaje(t) for t in textos[:2]], [Mensaje(textos[2])]]
    suyo = Consumidor(
        "probeta", frozenset({"AfiliadoSuspendido"}), probeta.manejar, exclusivo=exclusivo
    )
    Consumo(suyo, cliente.parar).correr()
    assert probeta.efectos() == ["a", "b", "c"]
    assert cliente.acusados == textos
    tipo = pulsar.ConsumerType.Failover if exclusivo else pulsar.ConsumerType.KeyShared
    assert cliente.suscrito == (
        ["persistent://public/default/afiliados.eventos"], "probeta", tipo,
        pulsar.InitialPosition.Earliest,
    )  # fmt: skip
    assert cliente.cerrado


@pytest.mark.parametrize("vuelve", [True, False])
def test_sin_base_de_datos_no_se_acusa(
    probeta: Probeta, cliente: Cliente, vuelve: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is tried until the database is back, each time on another connection; stopped before, the
    batch comes again."""
    cerradas: list[int] = []
    monkeypatch.setattr(suscripcion, "close_old_connections", lambda: cerradas.append(1))
    texto = emitir("af_1", "a").payload
    cliente.tandas = [[Mensaje(texto)]]
    consumo = Consumo(probeta.consumidor, cliente.parar)
    manejar, veces = consumo.manejar, list[int]()

    def a_la_tercera(textos: Any) -> None:
        veces.append(len(veces))
        if not vuelve:
            cliente.parar.set()
        if len(veces) < 3:
            raise OperationalError("no responde")
        manejar(textos)

    monkeypatch.setattr(consumo, "manejar", a_la_tercera)
    if vuelve:
        consumo.correr()
        assert (probeta.efectos(), cliente.acusados) == (["a"], [texto])
    else:
        with pytest.raises(OperationalError):
            consumo.correr()
        assert (probeta.efectos(), cliente.acusados) == ([], [])
    assert cliente.cerrado
    assert len(cerradas) == len(veces) - vuelve
