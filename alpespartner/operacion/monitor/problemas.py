"""What is wrong in what was read, and how it is told: what happens and what to do next."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from alpespartner.operacion.monitor.lectura import Lectura
from alpespartner.operacion.monitor.partes import CANARIO_TARDE, TOPE

ATRASO = 100
_OUTBOX_S = 60
_CLICS_S = 60
_DISCO_MB = 1_000
_PRUEBAS_S = 10
INVARIANTE = "invariante"
_SIN_LEER = "sin_leer"


@dataclass(frozen=True, slots=True)
class Problema:
    """Something wrong: ``clave`` is its kind and, after a colon, of what; ``datos`` its figures."""

    clave: str
    datos: Mapping[str, Any] = field(default_factory=dict)


class Dicho(NamedTuple):
    """A problem in words."""

    titulo: str
    detalle: str
    que_hacer: str


def problemas(lectura: Lectura) -> Iterator[Problema]:
    """What is wrong in a reading."""
    for parte in lectura.fallos:
        yield Problema(f"{_SIN_LEER}:{parte}", {"error": lectura.fallos[parte]})
    for parte, datos in lectura.partes.items():
        if parte in _MIRAN:
            yield from _MIRAN[parte](datos)


def se_pudo_mirar(lectura: Lectura, clave: str) -> bool:
    """Whether a reading says that a problem is over by not telling it: of what it could not read,
    and of what only the night's check looks at, nobody knows."""
    clase = clave.partition(":")[0]
    return clase == _SIN_LEER or (clase != INVARIANTE and clase in lectura.partes)


def _suscripciones(datos: Mapping[str, Any]) -> Iterator[Problema]:
    for nombre, suya in datos.items():
        if suya["atraso"] > ATRASO:
            yield Problema(f"suscripciones:{nombre}", {"n": suya["atraso"], "de": nombre})


def _outbox(datos: Mapping[str, Any]) -> Iterator[Problema]:
    if datos["edad_s"] > _OUTBOX_S:
        yield Problema("outbox", {"segundos": datos["edad_s"]})


def _canario(datos: Mapping[str, Any]) -> Iterator[Problema]:
    tarde = (datos["retraso_ms"] or 0) > CANARIO_TARDE.total_seconds() * 1000
    if datos["perdido"] or tarde:
        yield Problema("canario", {"ms": datos["retraso_ms"], "perdido": datos["perdido"]})


def _pagos(datos: Mapping[str, Any]) -> Iterator[Problema]:
    if datos["incierto"]:
        yield Problema("pagos", {"n": datos["incierto"]})


def _disco(datos: Mapping[str, Any]) -> Iterator[Problema]:
    if datos["escribe"] != "ok" or datos["libre_mb"] < _DISCO_MB:
        yield Problema("disco", {"mb": datos["libre_mb"], "escribe": datos["escribe"]})


def _clics(datos: Mapping[str, Any]) -> Iterator[Problema]:
    if datos["edad_s"] > _CLICS_S:
        yield Problema("clics", {"segundos": datos["edad_s"]})


def _correo(datos: Mapping[str, Any]) -> Iterator[Problema]:
    if datos["atascados"]:
        yield Problema("correo", {"n": datos["atascados"]})


def _pruebas(datos: Mapping[str, Any]) -> Iterator[Problema]:
    if datos["responde"] is False and datos["mal_s"] >= _PRUEBAS_S:
        yield Problema("pruebas", {"segundos": datos["mal_s"]})


_MIRAN: dict[str, Callable[[Mapping[str, Any]], Iterator[Problema]]] = {
    "suscripciones": _suscripciones,
    "outbox": _outbox,
    "canario": _canario,
    "pagos": _pagos,
    "disco": _disco,
    "clics": _clics,
    "correo": _correo,
    "pruebas": _pruebas,
}


def decir(clave: str, datos: Mapping[str, Any]) -> Dicho:
    """A problem in the words of whoever reads; one that no code writes any more, as it is."""
    clase, _dos_puntos, de = clave.partition(":")
    try:
        d = {"de": de, **datos}
        if isinstance(n := d.get("n"), int) and n >= TOPE:
            d["n"] = f"{n}+"
        return _DICEN[clase](d)
    except (KeyError, TypeError):
        return Dicho(clave, "", "")


def _dicho_de_suscripcion(d: dict[str, Any]) -> Dicho:
    return Dicho(
        _("El consumidor «%(de)s» va atrasado") % d,
        _("%(n)s eventos esperan a que los reciba.") % d,
        _("Mira que su proceso esté en marcha y lo que dice su registro; lo que espera no se"
          " pierde."),
    )  # fmt: skip


def _dicho_del_outbox(d: dict[str, Any]) -> Dicho:
    return Dicho(
        _("Los eventos no salen"),
        _("El más antiguo espera desde hace %(segundos)s s.") % d,
        _("Mira que corra quien los lleva (el relevo, o Debezium y Pulsar). Lo confirmado está en"
          " la base de datos: reconciliar_outbox dice qué falta."),
    )  # fmt: skip


def _dicho_del_canario(d: dict[str, Any]) -> Dicho:
    return Dicho(
        _("El canario tarda"),
        _("El último no ha vuelto.") if d["perdido"] else _("El último tardó %(ms)s ms.") % d,
        _("Mira Debezium, Pulsar y el consumidor «confirmacion», en ese orden."),
    )


def _dicho_de_pagos(d: dict[str, Any]) -> Dicho:
    return Dicho(
        _("Hay pagos inciertos"),
        _("Nadie sabe aún si salieron: %(n)s.") % d,
        _("Se pregunta solo a la pasarela. Si siguen así, compruébalos con ella y decide en su"
          " página; no los envíes de nuevo por otra vía."),
    )  # fmt: skip


def _dicho_del_disco(d: dict[str, Any]) -> Dicho:
    detalle = _("Quedan %(mb)s MB donde están los datos.") % d
    if d["escribe"] != "ok":
        detalle = _("No se puede escribir donde están los datos (%(escribe)s).") % d
    return Dicho(
        _("El disco se acaba"), detalle,
        _("Haz sitio ya: sin él nada se puede registrar. purgar_outbox borra eventos antiguos."),
    )  # fmt: skip


def _dicho_de_clics(d: dict[str, Any]) -> Dicho:
    return Dicho(
        _("Los clics no entran en la base de datos"),
        _("Los más antiguos esperan desde hace %(segundos)s s.") % d,
        _("Mira que corran el reloj y las tareas (rastreo.recoger). No se pierden: están en"
          " ficheros."),
    )  # fmt: skip


def _dicho_del_correo(d: dict[str, Any]) -> Dicho:
    return Dicho(
        _("El correo no sale"),
        _("Mensajes atascados: %(n)s.") % d,
        _("Mira que el servidor de correo responda (ALPES_EMAIL_URL) y que corran las tareas; lo"
          " que espera se intenta solo."),
    )  # fmt: skip


def _dicho_de_pruebas(d: dict[str, Any]) -> Dicho:
    return Dicho(
        _("El entorno de pruebas no contesta"),
        _("Desde hace %(segundos)s s sus claves reciben un 503; lo real sigue igual.") % d,
        _("Mira que corra servir_pruebas y que ALPES_PRUEBAS_URL diga dónde. Lo que se le pidió"
          " mientras, como acabar con claves, se le repite solo."),
    )  # fmt: skip


def _dicho_de_un_invariante(d: dict[str, Any]) -> Dicho:
    return Dicho(
        _("No se cumple: %(nombre)s") % d,
        "\n".join(str(fila) for fila in d["filas"]),
        _("Ejecuta verificar para ver todas las filas y no pagues lo que tocan hasta saber por"
          " qué. La alerta se cierra sola cuando la comprobación de una noche pasa."),
    )  # fmt: skip


def _dicho_de_lo_no_leido(d: dict[str, Any]) -> Dicho:
    return Dicho(
        _("No se puede leer: %(de)s") % d,
        _("Quien lo sabe no contesta (%(error)s).") % d,
        _("Mira que esté en marcha: la base de datos, Redis o Pulsar, según la parte."),
    )


_DICEN: dict[str, Callable[[dict[str, Any]], Dicho]] = {
    "suscripciones": _dicho_de_suscripcion,
    "outbox": _dicho_del_outbox,
    "canario": _dicho_del_canario,
    "pagos": _dicho_de_pagos,
    "disco": _dicho_del_disco,
    "clics": _dicho_de_clics,
    "correo": _dicho_del_correo,
    "pruebas": _dicho_de_pruebas,
    INVARIANTE: _dicho_de_un_invariante,
    _SIN_LEER: _dicho_de_lo_no_leido,
}
