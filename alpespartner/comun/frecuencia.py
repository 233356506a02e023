"""How often each asks: so many at once, and from then on as they come back, evenly (GCRA).

Of each only one instant is kept, that at which all of its quota is there again. With a real broker
it is in Redis, on Redis's clock, and asking and counting are one round trip; embedded, in each
process. Redis away, nobody is refused: a limit that fails must not stop sales.
"""

from __future__ import annotations

import logging
import math
import os
import threading
import time
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from redis import ConnectionError as SinConexion
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError
from redis.retry import Retry

log = logging.getLogger(__name__)
# Seconds in which a quota is spent.
VENTANA = 60
_MICROS = 1_000_000
_VENTANA = VENTANA * _MICROS
# Longer than this no request waits for Redis, nor asks again so soon after it failed.
_PLAZO = 0.2
_DESCANSO = 5.0
# In one process; past it, those whose quota is whole again are forgotten.
_MUCHOS = 10_000

# What is further ahead than a window was written by a clock that has gone back since: whoever it is
# about begins anew, and is not kept out until that hour comes again.
_LUA = """
local t = redis.call('TIME')
local ahora = t[1] * 1000000 + t[2]
local ventana, cada = tonumber(ARGV[1]), tonumber(ARGV[2])
local falta = math.max(tonumber(redis.call('GET', KEYS[1]) or '0') - ahora, 0)
if falta > ventana then falta = 0 end
if falta + cada > ventana then return {0, falta} end
falta = falta + cada
redis.call('SET', KEYS[1], string.format('%.0f', ahora + falta), 'PX', math.ceil(falta / 1000) + 1)
return {1, falta}
"""


@dataclass(frozen=True, slots=True)
class Cuenta:
    """What came of asking once more: of ``tope`` in a window ``quedan`` are left, all of them again
    in ``entera_en`` seconds; one that is refused may come back in ``espera``."""

    pasa: bool
    tope: int
    quedan: int
    entera_en: int
    espera: int


class Contador(Protocol):
    """Where the instants are kept."""

    def contar(self, quien: str, cada: int) -> tuple[bool, int] | None:
        """Whether ``quien`` may ask once more, each costing ``cada`` microseconds, and in how many
        all of its quota is there again; None when nobody knows."""
        ...

    def responde(self) -> bool:
        """Whether it knows."""
        ...


class Memoria:
    """In this process, on a clock that never goes back."""

    def __init__(self) -> None:
        self._enteras: dict[str, int] = {}
        self._candado = threading.Lock()

    def contar(self, quien: str, cada: int) -> tuple[bool, int]:
        """See :class:`Contador`."""
        ahora = time.monotonic_ns() // 1_000
        with self._candado:
            falta = max(self._enteras.get(quien, 0) - ahora, 0)
            if falta + cada > _VENTANA:
                return False, falta
            if len(self._enteras) >= _MUCHOS:
                self._enteras = {q: e for q, e in self._enteras.items() if e > ahora}
            self._enteras[quien] = ahora + falta + cada
        return True, falta + cada

    def responde(self) -> bool:
        """Always."""
        return True


class EnRedis:
    """In the broker's Redis, for all processes.

    Each thread has a connection of its own: borrowing a shared one, and looking whether it is
    there, is most of what asking takes.
    """

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url,
            socket_timeout=_PLAZO,
            socket_connect_timeout=_PLAZO,
            retry=Retry(NoBackoff(), 0),
        )
        self._del_hilo = threading.local()
        self._no_antes_de = -math.inf

    def contar(self, quien: str, cada: int) -> tuple[bool, int] | None:
        """See :class:`Contador`."""
        if time.monotonic() < self._no_antes_de:
            return None
        try:
            pasa, falta = self._pedir(f"alpes:frecuencia:{quien}", cada)
        except RedisError as exc:
            self._no_antes_de = time.monotonic() + _DESCANSO
            log.error(
                "Redis no responde (%s): las claves de API no tienen límite hasta que vuelva",
                type(exc).__name__,
            )
            return None
        return bool(pasa), int(falta)

    def _pedir(self, donde: str, cada: int) -> Any:
        try:
            return self._pedir_una_vez(donde, cada)
        except (SinConexion, NoScriptError):
            # Redis was started anew, or closed what rested, or forgot its scripts.
            return self._pedir_una_vez(donde, cada)

    def _pedir_una_vez(self, donde: str, cada: int) -> Any:
        conexion, guion = getattr(self._del_hilo, "suya", None) or self._conectar()
        try:
            conexion.send_command("EVALSHA", guion, 1, donde, _VENTANA, cada)
            return conexion.read_response()
        except BaseException:
            # Whatever it still has to say would answer another question.
            self._del_hilo.suya = None
            conexion.disconnect()
            raise

    def _conectar(self) -> tuple[Any, Any]:
        conexion = self._redis.connection_pool.make_connection()
        conexion.send_command("SCRIPT LOAD", _LUA)
        self._del_hilo.suya = conexion, conexion.read_response()
        return self._del_hilo.suya

    def responde(self) -> bool:
        """Whether Redis answers now."""
        try:
            return bool(self._redis.ping())
        except RedisError:
            return False


@cache
def contador() -> Contador:
    """The one of this process."""
    url = settings.CELERY_BROKER_URL
    return EnRedis(url) if url.startswith(("redis://", "rediss://", "unix://")) else Memoria()


# Over its parent's connection a process would read what the other asked.
os.register_at_fork(after_in_child=contador.cache_clear)


def contar(quien: str, tope: int) -> Cuenta | None:
    """Count that ``quien`` asks, who may ``tope`` times in a window; None when nobody can tell."""
    cada = _VENTANA // tope
    contado = contador().contar(quien, cada)
    if contado is None:
        return None
    pasa, falta = contado
    return Cuenta(
        pasa=pasa,
        tope=tope,
        quedan=min(tope, (_VENTANA - falta) // cada) if pasa else 0,
        entera_en=math.ceil(falta / _MICROS),
        espera=0 if pasa else max(1, math.ceil((falta + cada - _VENTANA) / _MICROS)),
    )
