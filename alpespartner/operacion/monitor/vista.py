"""What the page of the monitor shows of a reading: figures in words, and the newest events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from alpespartner.comun.formato import VACIO, entero, hace
from alpespartner.operacion.monitor.lectura import Lectura
from alpespartner.operacion.monitor.partes import TOPE
from alpespartner.operacion.monitor.problemas import Dicho, decir, problemas
from comisiones.pagos.estados import EstadoPago
from outbox.models import OutboxEvent
from outbox.registro import CONTEXTOS, TIPOS

# Events of one answer, and how far back from the newest one they are looked for.
COLA = 50
_ATRAS = 2_000


@dataclass(frozen=True, slots=True)
class Cifra:
    """A figure with its name; ``mal`` says that something has to be done."""

    titulo: str
    valor: str
    nota: str = ""
    mal: bool = False


def cuenta(n: int | None) -> str:
    """A count, which may have stopped."""
    if n is None:
        return VACIO
    return f"{entero(n)}+" if n == TOPE else entero(n)


def _milis(ms: int | None) -> str:
    if ms is None:
        return VACIO
    return f"{entero(ms)} ms" if ms < 10_000 else f"{entero(ms // 1000)} s"


def _ritmo(por_segundo: Any) -> str:
    return number_format(por_segundo, decimal_pos=2 if por_segundo < 10 else 0)


def cifras(lectura: Lectura) -> Iterator[Cifra]:
    """The figures of a reading; of a part that did not answer, that."""
    mal = {p.clave.partition(":")[0] for p in problemas(lectura)}
    for parte, decir_parte in _DICEN.items():
        titulo = str(_TITULOS[parte]())
        if parte in lectura.fallos:
            yield Cifra(titulo, _("No contesta"), mal=True)
        else:
            valor, nota = decir_parte(lectura.partes[parte])
            yield Cifra(titulo, valor, nota, mal=parte in mal)


def suscripciones(lectura: Lectura) -> list[tuple[str, str, str, bool]]:
    """Name, how far behind, readers, and whether it is too far."""
    suyas = lectura.partes.get("suscripciones", {})
    lejos = {p.datos.get("de") for p in problemas(lectura)}
    return [
        (n, cuenta(s["atraso"]), VACIO if s["lectores"] is None else str(s["lectores"]), n in lejos)
        for n, s in suyas.items()
    ]


def avisos(lectura: Lectura) -> list[Dicho]:
    """What is wrong in a reading, in words."""
    return [decir(p.clave, p.datos) for p in problemas(lectura)]


def transporte(lectura: Lectura) -> str:
    """How events get to their consumers, in words."""
    dichos = {
        "embebido": _("desde la base de datos, sin otro servidor"),
        "pulsar": _("por Debezium y Pulsar"),
        "manual": _("por Pulsar, publicados por una orden"),
    }
    return dichos.get(lectura.transporte, lectura.transporte)


def series(lectura: Lectura) -> dict[str, int | str]:
    """What the charts draw: one number of each."""
    ritmo = lectura.partes.get("eventos", {}).get("total_por_segundo", 0)
    atrasos = [s["atraso"] for s in lectura.partes.get("suscripciones", {}).values()]
    return {
        "eventos": f"{ritmo:.2f}",
        "atraso": max(atrasos, default=0),
        "edad": lectura.partes.get("outbox", {}).get("edad_s", 0),
    }


def cola(*, desde: int, tipo: str, contexto: str) -> tuple[list[OutboxEvent], int]:
    """The newest events after a position, the newest first, and the position to go on from."""
    hasta = OutboxEvent.objects.order_by("-posicion").values_list("posicion", flat=True).first()
    if hasta is None:
        return [], desde
    nuevos = OutboxEvent.objects.filter(posicion__gt=max(desde, hasta - _ATRAS))
    if tipo in TIPOS:
        nuevos = nuevos.filter(type=tipo)
    if contexto in CONTEXTOS:
        nuevos = nuevos.filter(aggregatetype=contexto)
    return list(nuevos.filter(posicion__lte=hasta).order_by("-posicion")[:COLA]), hasta


def _de_eventos(d: Mapping[str, Any]) -> tuple[str, str]:
    temas = " · ".join(f"{tema} {_ritmo(n)}" for tema, n in d["por_segundo"].items() if n)
    ultimo = d["ultimo_hace_s"]
    nota = temas
    if not nota and ultimo:
        cuando = timezone.now() - timedelta(seconds=ultimo)
        nota = _("el último, %(hace)s") % {"hace": hace(cuando)}
    return _("%(n)s por segundo") % {"n": _ritmo(d["total_por_segundo"])}, nota


def _de_suscripciones(d: Mapping[str, Any]) -> tuple[str, str]:
    nombre = max(d, key=lambda n: d[n]["atraso"], default="")
    atraso = d[nombre]["atraso"] if nombre else 0
    return cuenta(atraso), nombre if atraso else _("todas al día")


def _de_outbox(d: Mapping[str, Any]) -> tuple[str, str]:
    return f"{entero(d['edad_s'])} s", ""


def _de_canario(d: Mapping[str, Any]) -> tuple[str, str]:
    return _milis(d["retraso_ms"]), _("el último no ha vuelto") if d["perdido"] else ""


def _de_aparcados(d: Mapping[str, Any]) -> tuple[str, str]:
    return cuenta(sum(d.values())), ", ".join(d)


def _de_tareas(d: Mapping[str, Any]) -> tuple[str, str]:
    if d["colas"] is None:
        return VACIO, _("en la memoria de quien las hace")
    return entero(sum(d["colas"].values())), " · ".join(f"{c} {n}" for c, n in d["colas"].items())


def _de_pagos(d: Mapping[str, Any]) -> tuple[str, str]:
    etiquetas = dict(EstadoPago.choices)
    dichas = [f"{etiquetas[e]} {cuenta(n)}" for e, n in d.items() if n]
    return cuenta(min(TOPE, sum(d.values()))), " · ".join(dichas)


def _de_webhooks(d: Mapping[str, Any]) -> tuple[str, str]:
    dichos = (_("%(n)s desactivados por fallar") % {"n": d["desactivados"]}) * bool(
        d["desactivados"]
    )
    return cuenta(d["fallando"]), dichos


def _de_disco(d: Mapping[str, Any]) -> tuple[str, str]:
    return f"{entero(d['libre_mb'] // 1000)} GB", "" if d["escribe"] == "ok" else d["escribe"]


def _de_clics(d: Mapping[str, Any]) -> tuple[str, str]:
    return f"{entero(d['edad_s'])} s", ""


def _de_correo(d: Mapping[str, Any]) -> tuple[str, str]:
    return cuenta(d["atascados"]), ""


def _de_pruebas(d: Mapping[str, Any]) -> tuple[str, str]:
    if not d["hay"]:
        return VACIO, _("aquí no hay")
    if d["responde"] is None:
        return VACIO, _("nadie ha mirado hace poco")
    if not d["responde"]:
        return _("No contesta"), _("desde hace %(n)s s") % {"n": entero(d["mal_s"])}
    return _milis(d["ms"]), ""


_DICEN = {
    "eventos": _de_eventos,
    "suscripciones": _de_suscripciones,
    "outbox": _de_outbox,
    "canario": _de_canario,
    "aparcados": _de_aparcados,
    "tareas": _de_tareas,
    "pagos": _de_pagos,
    "webhooks": _de_webhooks,
    "clics": _de_clics,
    "correo": _de_correo,
    "pruebas": _de_pruebas,
    "disco": _de_disco,
}
_TITULOS = {
    "eventos": lambda: _("Eventos"),
    "suscripciones": lambda: _("Mayor atraso"),
    "outbox": lambda: _("Espera del más antiguo"),
    "canario": lambda: _("Del commit al consumidor"),
    "aparcados": lambda: _("Aparcados"),
    "tareas": lambda: _("Tareas en cola"),
    "pagos": lambda: _("Pagos por resolver"),
    "webhooks": lambda: _("Webhooks que fallan"),
    "clics": lambda: _("Clics por recoger"),
    "correo": lambda: _("Correo atascado"),
    "pruebas": lambda: _("Entorno de pruebas"),
    "disco": lambda: _("Disco libre"),
}
