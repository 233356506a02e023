"""A group of processes that starts and stops as one."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

_PR_SET_PDEATHSIG = 1
_ESPERA_AL_PARAR = 15.0


def _morir_con_el_padre() -> None:
    """In the child: SIGTERM when the parent dies, so that kill -9 of it leaves nobody behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass
class Parte:
    """A process of the group: its name and command line."""

    nombre: str
    orden: list[str]
    proceso: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    arrancada: float = 0.0


class Grupo:
    """Starts its parts, starts again the ones that die, and stops them all on Ctrl-C."""

    def __init__(self, partes: list[Parte], avisar: Callable[[str], None]) -> None:
        self._partes = partes
        self._avisar = avisar
        self._parar = threading.Event()

    def correr(self, al_arrancar: Callable[[], None]) -> None:
        """Run until SIGINT or SIGTERM; ``al_arrancar`` is called once all parts were started."""
        for senal in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(senal, lambda *_: self._parar.set())
        try:
            for parte in self._partes:
                self._arrancar(parte)
            al_arrancar()
            while not self._parar.wait(0.5):
                self._revivir()
        finally:
            self._detener()

    def sumar(self, parte: Parte) -> None:
        """Start one more, from ``al_arrancar``: what nobody waits for."""
        self._partes.append(parte)
        self._arrancar(parte)

    @property
    def parando(self) -> bool:
        """Whether somebody asked to stop."""
        return self._parar.is_set()

    def _arrancar(self, parte: Parte) -> None:
        # Own session: Ctrl-C reaches only this process, which then stops the parts in order.
        parte.proceso = subprocess.Popen(  # noqa: S603 - our own command lines
            parte.orden, start_new_session=True, preexec_fn=_morir_con_el_padre
        )
        parte.arrancada = time.monotonic()

    def _revivir(self) -> None:
        for parte in self._partes:
            proceso = parte.proceso
            if proceso is None or proceso.poll() is None:
                continue
            if time.monotonic() - parte.arrancada < 2:
                # Dies at once: do not spin.
                self._parar.wait(2)
            if not self.parando:
                self._avisar(f"«{parte.nombre}» terminó ({proceso.returncode}): arranca de nuevo")
                self._arrancar(parte)

    def _detener(self) -> None:
        vivas = [p for p in self._partes if p.proceso is not None and p.proceso.poll() is None]
        for parte in vivas:
            self._senal(parte, signal.SIGTERM)
        limite = time.monotonic() + _ESPERA_AL_PARAR
        for parte in vivas:
            assert parte.proceso is not None  # noqa: S101 - filtered above
            try:
                parte.proceso.wait(max(0.1, limite - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._avisar(f"«{parte.nombre}» no para: se termina")
                self._senal(parte, signal.SIGKILL)
                parte.proceso.wait()

    @staticmethod
    def _senal(parte: Parte, senal: signal.Signals) -> None:
        assert parte.proceso is not None  # noqa: S101 - only started parts are signalled
        try:
            if senal == signal.SIGKILL:
                os.killpg(parte.proceso.pid, senal)
            else:
                parte.proceso.send_signal(senal)
        except ProcessLookupError:
            pass
