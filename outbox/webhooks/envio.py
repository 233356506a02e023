"""Sending what waits: threads that only speak with receivers, and one that takes and settles.

Each server has a few tries at a time, and a few more in hand for when those are answered; one whose
webhook fails has a single one: who subscribes a thousand times, or answers slowly, makes only
itself wait.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import Counter
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from alpespartner.comun.cifrado import descifrar
from alpespartner.pruebas.ajustes import CABECERA, MODO
from outbox.webhooks import destino, macros, peticion
from outbox.webhooks.firma import firmar
from outbox.webhooks.peticion import Respuesta
from outbox.webhooks.turno import Candidato, Envio, Hecho, asentar, con_trabajo, soltar, tomar

log = logging.getLogger(__name__)
HILOS = 64
# What a server has in hand for each thread of its own: they go on while the answers are written,
# and even the last is tried long before what is taken becomes somebody else's.
_POR_HILO = 4
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
        self._en_mano: dict[Future[Hecho], Envio] = {}
        # Of each server that has something in hand.
        self._fuera: dict[str, ThreadPoolExecutor] = {}

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
        """Take nothing more, give back what nobody tries yet, and settle the rest."""
        self._soltar(self._fuera)
        while self._en_mano:
            self.esperar(1)
            self._asentar()
        self._despedir()

    def _asentar(self) -> int:
        # What the database did not take back the last time.
        self._devolver()
        hechas = [futuro for futuro in self._en_mano if futuro.done()]
        if hechas:
            hechos = [futuro.result() for futuro in hechas]
            asentar(hechos)
            for futuro in hechas:
                del self._en_mano[futuro]
            # What fails is tried one by one: the rest of it waits for its turn again.
            self._soltar({hecho.envio.anfitrion for hecho in hechos if hecho.respuesta.error})
            self._despedir()
        return len(hechas)

    def _soltar(self, anfitriones: Collection[str]) -> None:
        """Give back what is in hand for some servers and nobody tries yet."""
        for futuro, envio in self._en_mano.items():
            if envio.anfitrion in anfitriones:
                futuro.cancel()
        self._devolver()

    def _devolver(self) -> None:
        sueltos = [futuro for futuro in self._en_mano if futuro.cancelled()]
        if sueltos:
            soltar([self._en_mano[futuro] for futuro in sueltos])
            for futuro in sueltos:
                del self._en_mano[futuro]

    def _despedir(self) -> None:
        """End the threads of the servers that have nothing in hand."""
        for anfitrion in self._fuera.keys() - self._cuentas().keys():
            self._fuera.pop(anfitrion).shutdown(wait=False)

    def _tomar(self) -> int:
        tomadas = 0
        vistos: set[int] = set()
        while self._caben():
            cuentas = self._cuentas()
            candidatos = con_trabajo(
                self._hilos,
                llenos=[anfitrion for anfitrion in cuentas if not self._caben_de(anfitrion)],
                sin_fallos=list(cuentas) if self._caben_fallos() else None,
                vistos=vistos,
            )
            if not candidatos:
                break
            for candidato in candidatos:
                vistos.add(candidato.pk)
                tomadas += self._tomar_de(candidato)
        return tomadas

    def _caben(self) -> bool:
        return self._libres() > 0 or any(map(self._caben_de, self._cuentas()))

    def _libres(self) -> int:
        """Threads that no server has."""
        return self._hilos - sum(min(n, self._por_anfitrion) for n in self._cuentas().values())

    def _caben_de(self, anfitrion: str) -> int:
        """How many more a server may have in hand."""
        tiene = self._cuentas()[anfitrion]
        hilos = min(self._por_anfitrion, tiene + self._libres())
        # Nothing waits for a thread until it has all that it may.
        return max(0, (hilos * _POR_HILO if hilos == self._por_anfitrion else hilos) - tiene)

    def _caben_fallos(self) -> bool:
        # Half of the threads are never of receivers that fail.
        return sum(envio.falla for envio in self._en_mano.values()) < self._hilos // 2

    def _cuentas(self) -> Counter[str]:
        return Counter(envio.anfitrion for envio in self._en_mano.values())

    def _tomar_de(self, candidato: Candidato) -> int:
        anfitrion = candidato.anfitrion
        caben = self._caben_de(anfitrion)
        if candidato.falla:
            caben = min(caben, 1 - self._cuentas()[anfitrion]) if self._caben_fallos() else 0
        if caben <= 0:
            return 0
        envios = tomar(candidato.pk, caben)
        for envio in envios:
            if anfitrion not in self._fuera:
                self._fuera[anfitrion] = ThreadPoolExecutor(
                    self._por_anfitrion, thread_name_prefix="webhooks"
                )
            self._en_mano[self._fuera[anfitrion].submit(_intentar, envio)] = envio
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
