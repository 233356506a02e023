"""Sending what waits: threads that only speak with receivers, and one that takes and settles.

Each server has a few tries in hand at a time, and one whose webhook fails a single one: who
subscribes a thousand times, or answers slowly, makes only itself wait.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from alpespartner.comun.cifrado import descifrar
from alpespartner.pruebas.ajustes import CABECERA, MODO
from outbox.webhooks import destino, macros, peticion
from outbox.webhooks.firma import firmar
from outbox.webhooks.peticion import Respuesta
from outbox.webhooks.turno import Candidato, Envio, Hecho, asentar, con_trabajo, tomar

log = logging.getLogger(__name__)
HILOS = 64
_REUNIR = 0.01
_AGENTE = "AlpesPartner-Webhooks/1"


def _intentar(envio: Envio) -> Hecho:
    """One try, in a thread: it touches no database and raises nothing."""
    try:
        if envio.cuerpo is None:
            return Hecho(envio, Respuesta("evento_borrado"), {}, "")
        intentar = _pedir if envio.postback else _entregar
        return intentar(envio, envio.cuerpo)
    except Exception as exc:
        # A row that no service wrote, such as a secret that is none: its neighbours go on.
        log.error("webhook %s: no se puede enviar (%s)", envio.webhook, type(exc).__name__)
        return Hecho(envio, Respuesta("no_se_puede_enviar"), {}, "")


def _modo() -> dict[str, str]:
    return {CABECERA: MODO} if settings.PRUEBAS else {}


def _entregar(envio: Envio, texto: str) -> Hecho:
    """The document of an event, signed."""
    cuerpo = texto.encode()
    instante = int(timezone.now().timestamp())
    cabeceras = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "User-Agent": _AGENTE,
        "webhook-id": envio.evento_id,
        "webhook-timestamp": str(instante),
        **_modo(),
    }
    secretos = [descifrar(secreto) for secreto in envio.secretos]
    firma = firmar(secretos, envio.evento_id, instante, cuerpo)
    respuesta = peticion.enviar(
        destino.leer(envio.url), {**cabeceras, "webhook-signature": firma}, cuerpo
    )
    return Hecho(envio, respuesta, cabeceras, hashlib.sha256(cuerpo).hexdigest())


def _pedir(envio: Envio, valores: str) -> Hecho:
    """The address of a postback, with what its macros hold."""
    url = macros.expandir(envio.url, macros.valores_de(valores))
    cabeceras = {"User-Agent": _AGENTE, **_modo()}
    respuesta = peticion.enviar(destino.leer(url, macros.LARGO_EXPANDIDA), cabeceras, None)
    return Hecho(envio, respuesta, cabeceras, hashlib.sha256(url.encode()).hexdigest())


class Cartero:
    """Takes deliveries, has them tried and settles them, a turn at a time."""

    def __init__(self, hilos: int = HILOS) -> None:
        self._hilos = hilos
        # Of one server: a quarter of the threads.
        self._por_anfitrion = max(1, hilos // 4)
        self._fuera = ThreadPoolExecutor(hilos, thread_name_prefix="webhooks")
        self._en_mano: dict[Future[Hecho], Envio] = {}

    def vuelta(self) -> int:
        """Settle what was answered and take what is due; returns how much it did."""
        return self._asentar() + self._tomar()

    def esperar(self, segundos: float) -> None:
        """Until something is answered, or for so long."""
        if self._en_mano:
            wait(self._en_mano, timeout=segundos, return_when=FIRST_COMPLETED)
            # Those that come with it are settled with it, in one transaction.
            time.sleep(_REUNIR)
        else:
            time.sleep(segundos)

    @property
    def en_mano(self) -> int:
        """How many tries have no answer yet."""
        return len(self._en_mano)

    def terminar(self) -> None:
        """Take nothing more, and settle what is in hand."""
        while self._en_mano:
            self.esperar(1)
            self._asentar()
        self._fuera.shutdown()

    def _asentar(self) -> int:
        hechas = [futuro for futuro in self._en_mano if futuro.done()]
        if hechas:
            asentar([futuro.result() for futuro in hechas])
            for futuro in hechas:
                del self._en_mano[futuro]
        return len(hechas)

    def _tomar(self) -> int:
        tomadas = 0
        vistos: set[int] = set()
        while (libres := self._hilos - len(self._en_mano)) > 0:
            cuentas = self._cuentas()
            candidatos = con_trabajo(
                libres,
                llenos=[anfitrion for anfitrion, n in cuentas.items() if n >= self._por_anfitrion],
                sin_fallos=list(cuentas) if self._caben_fallos() else None,
                vistos=vistos,
            )
            if not candidatos:
                break
            for candidato in candidatos:
                vistos.add(candidato.pk)
                tomadas += self._tomar_de(candidato)
        return tomadas

    def _caben_fallos(self) -> bool:
        # Half of the threads are never of receivers that fail.
        return sum(envio.falla for envio in self._en_mano.values()) < self._hilos // 2

    def _cuentas(self) -> Counter[str]:
        return Counter(envio.anfitrion for envio in self._en_mano.values())

    def _tomar_de(self, candidato: Candidato) -> int:
        caben = (1 if candidato.falla else self._por_anfitrion) - self._cuentas()[
            candidato.anfitrion
        ]
        caben = min(caben, self._hilos - len(self._en_mano))
        if caben <= 0 or (candidato.falla and not self._caben_fallos()):
            return 0
        envios = tomar(candidato.pk, caben)
        for envio in envios:
            self._en_mano[self._fuera.submit(_intentar, envio)] = envio
        return len(envios)


def enviar(segundos: float, *, hilos: int = HILOS) -> int:
    """Send what is due and what becomes due, for so long at most, and then settle what is in hand;
    returns how much it did. It ends at once when there is nothing more."""
    hasta = time.monotonic() + segundos
    cartero = Cartero(hilos)
    total = 0
    try:
        while time.monotonic() < hasta:
            hecho = cartero.vuelta()
            total += hecho
            if not hecho:
                if not cartero.en_mano:
                    break
                cartero.esperar(0.1)
    finally:
        cartero.terminar()
    return total


def atender(parar: threading.Event) -> None:
    """Send until ``parar`` is set, in a process that has everything."""
    cartero = Cartero()
    while not parar.is_set():
        try:
            hecho = cartero.vuelta()
        except DatabaseError:
            log.exception("webhooks: la base de datos no responde; se reintenta")
            close_old_connections()
            parar.wait(1)
            continue
        if not hecho:
            cartero.esperar(settings.RELEVO_PAUSA)
    cartero.terminar()
