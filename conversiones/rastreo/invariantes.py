"""What holds of clicks at any moment, and what is late of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date, timedelta

from django.conf import settings

from alpespartner.comun.invariantes import Comprobacion
from conversiones.campanas.dias import dia_en
from conversiones.campanas.models import Campana
from conversiones.rastreo.conteo import que_no_cuadran
from conversiones.rastreo.cuaderno import atrasadas
from conversiones.rastreo.models import Clic, ClicsDelDia
from conversiones.rastreo.recogida import apartadas, limite_de_purga

# They come nearly in order: a click may be noted in its own day and deleted with those of the next.
_HOLGURA = timedelta(days=1)
_POR_VEZ = 10_000


def _contados_antes_de_borrarse() -> Iterator[str]:
    """A day has no more clicks than its count says, and no fewer while none was deleted."""
    zonas = dict(Campana.objects.values_list("pk", "zona"))
    hay: dict[tuple[int, date], list[int]] = {}
    entero_desde: date | None = None
    filas = Clic.objects.order_by("pk").values_list(
        "enlace", "campana", "momento", "unico", "descartado"
    )
    for enlace, campana, momento, unico, descartado in filas.iterator(chunk_size=_POR_VEZ):
        # A row of nobody's service may hold no instant, or name no campaign.
        if momento is None or campana not in zonas:
            continue
        dia = dia_en(zonas[campana], momento)
        entero_desde = entero_desde or dia + 2 * _HOLGURA
        cuenta = hay.setdefault((enlace, dia), [0, 0, 0])
        cuenta[0] += not descartado
        cuenta[1] += bool(unico)
        cuenta[2] += bool(descartado)
    dias = ClicsDelDia.objects.order_by("pk").values_list(
        "enlace", "dia", "clics", "unicos", "descartados"
    )
    for enlace, dia, *dice in dias.iterator(chunk_size=_POR_VEZ):
        son = hay.pop((enlace, dia), [0, 0, 0])
        entero = dia is not None and entero_desde is not None and dia >= entero_desde
        if any(n > cuenta for n, cuenta in zip(son, dice, strict=True)) or (entero and son != dice):
            yield f"enlace {enlace}, {dia}: dice {dice}, son {son}"
    for (enlace, dia), son in sorted(hay.items()):
        yield f"enlace {enlace}, {dia}: sin contar, son {son}"


def _sin_borrar() -> Iterator[str]:
    """Clicks that ought to be gone."""
    primero = Clic.objects.order_by("pk").first()
    hasta = limite_de_purga() - _HOLGURA
    if primero is not None and primero.momento is not None and primero.momento < hasta:
        yield f"{primero.id_publico}: es del {primero.momento:%Y-%m-%d}"


def _sin_recoger() -> Iterator[str]:
    """Files of the notebook that nobody takes into the database."""
    for ruta, desde in atrasadas(settings.CLICS_DIR):
        yield f"{ruta.name}: desde hace {time.time() - desde:.0f} s"


def _apartadas() -> Iterator[str]:
    """Lines that no database takes, for a person to look at."""
    if cuantas := apartadas(settings.CLICS_DIR):
        yield f"{cuantas} en apartadas.jsonl"


COMPROBACIONES = (
    Comprobacion("Los clics por tramo suman los de cada día", que_no_cuadran),
    Comprobacion(
        "Cada clic se contó antes de borrarse", _contados_antes_de_borrarse, a_peticion=True
    ),
    Comprobacion("Los clics viejos se borran", _sin_borrar, aviso=True),
    Comprobacion("Los clics llegan a la base de datos en un minuto", _sin_recoger, aviso=True),
    Comprobacion("Ningún clic quedó aparte", _apartadas, aviso=True),
)
