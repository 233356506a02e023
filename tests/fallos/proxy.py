"""A TCP proxy on loopback that can be cut, and made slow."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque

CORTE = 3.0
LATENCIA = 2.0
_ANFITRION = "127.0.0.1"


class Proxy:
    """Takes connections to ``puerto`` on to ``destino``.

    ``anunciado``: what the server says of its own address is changed for the proxy's in what it
    sends. A Pulsar client connects where the broker's lookup answer says, so without it only the
    first connection would pass through here. Both texts have the same length.
    """

    def __init__(self, destino: int, anunciado: str = "") -> None:
        self._destino = destino
        self._oreja = socket.create_server((_ANFITRION, 0))
        self.puerto: int = self._oreja.getsockname()[1]
        self._antes = f"{anunciado}{destino}".encode() if anunciado else b""
        self._despues = f"{anunciado}{self.puerto}".encode()
        assert not anunciado or len(self._antes) == len(self._despues)
        self._latencia = 0.0
        self._cortado = False
        self._pares: set[socket.socket] = set()
        self._candado = threading.Lock()
        threading.Thread(target=self._aceptar, daemon=True).start()

    def poner_latencia(self, segundos: float) -> None:
        """Delay each byte this long, in both directions."""
        self._latencia = segundos

    def cortar(self) -> None:
        """Break every connection and refuse new ones."""
        self._cortado = True
        with self._candado:
            pares, self._pares = self._pares, set()
        for par in pares:
            _cerrar(par)

    def unir(self) -> None:
        """Take connections again."""
        self._cortado = False

    @property
    def conexiones(self) -> int:
        """How many connections pass through now."""
        return len(self._pares) // 2

    def cerrar(self) -> None:
        """Stop for good."""
        self.cortar()
        _cerrar(self._oreja)

    def _aceptar(self) -> None:
        while True:
            try:
                cliente, _ = self._oreja.accept()
            except OSError:
                return
            if self._cortado:
                _cerrar(cliente)
                continue
            try:
                servidor = socket.create_connection((_ANFITRION, self._destino), timeout=5)
            except OSError:
                _cerrar(cliente)
                continue
            servidor.settimeout(None)
            for uno in (cliente, servidor):
                uno.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._candado:
                self._pares |= {cliente, servidor}
            self._pasar(cliente, servidor, respuesta=False)
            self._pasar(servidor, cliente, respuesta=True)

    def _pasar(self, de: socket.socket, a: socket.socket, *, respuesta: bool) -> None:
        """One direction: a thread that reads and another that writes each piece when it is due."""
        cola: deque[tuple[float, bytes]] = deque()
        hay = threading.Semaphore(0)

        def leer() -> None:
            while True:
                try:
                    datos = de.recv(65_536)
                except OSError:
                    datos = b""
                if respuesta and self._antes:
                    datos = datos.replace(self._antes, self._despues)
                cola.append((time.monotonic() + self._latencia, datos))
                hay.release()
                if not datos:
                    return

        def escribir() -> None:
            while True:
                hay.acquire()
                cuando, datos = cola.popleft()
                time.sleep(max(0.0, cuando - time.monotonic()))
                try:
                    if datos:
                        a.sendall(datos)
                        continue
                except OSError:
                    pass
                break
            for par in (de, a):
                with self._candado:
                    self._pares.discard(par)
                _cerrar(par)

        for tarea in (leer, escribir):
            threading.Thread(target=tarea, daemon=True).start()


def _cerrar(uno: socket.socket) -> None:
    # Shut down first: closing alone does not wake a thread that waits in recv() or accept().
    with contextlib.suppress(OSError):
        uno.shutdown(socket.SHUT_RDWR)
    uno.close()


def estropear(proxy: Proxy, que: str) -> float:
    """Break every connection for a while, or make every byte late; returns the moment."""
    fallo = time.time()
    if que.startswith("cut"):
        proxy.cortar()
        time.sleep(CORTE)
        proxy.unir()
    else:
        proxy.poner_latencia(LATENCIA)
        time.sleep(4 * LATENCIA)
        proxy.poner_latencia(0)
    return fallo
