"""What always holds of the counters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from alpespartner.comun.invariantes import Comprobacion
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.models import Contador, Recuento
from comisiones.contadores.services import contadas
from comisiones.contadores.tablas import Casilla, Dicho, Tabla, en_rango
from outbox.selectors import en_camino

_POR_SENTENCIA = 5_000


def _suman_lo_contado() -> Iterator[str]:
    """Each counter is what the rows that it holds add up to, at any moment."""
    for tabla in TABLAS:
        esperado: dict[Casilla, list[int]] = defaultdict(lambda: [0, 0])
        for _filas, suyas in _porciones(tabla):
            for leido in suyas.values():
                for casilla in tabla.casillas(leido):
                    esperado[casilla][0] += 1
                    esperado[casilla][1] += leido.importe
        filas = Contador.objects.filter(de=tabla.nombre)
        for *cual, cuantas, importe in filas.values_list(
            *Casilla._fields, "cuantas", "importe"
        ).iterator():
            suyo = esperado.pop(Casilla(*cual), [0, 0])
            if suyo != [en_rango(cuantas), en_rango(importe)]:
                yield f"{tabla.nombre} {cual}: dice {cuantas} y {importe}, son {suyo}"
        for casilla, suyo in sorted(esperado.items()):
            yield f"{tabla.nombre} {list(casilla)}: no está, son {suyo}"


def _contadas_como_estan() -> Iterator[str]:
    """A row is counted as it is now, unless an event of it is still on its way or the counters are
    being made anew."""
    for tabla in TABLAS:
        if Recuento.objects.filter(de=tabla.nombre, rehecho_hasta__isnull=False).exists():
            continue
        for filas, suyas in _porciones(tabla):
            for pk in suyas.keys() - filas.keys():
                yield f"{tabla.nombre} {pk}: se cuenta y no existe"
            for pk, (sujeto, leido) in filas.items():
                if suyas.get(pk) != leido and not en_camino(CONTADORES, [sujeto]):
                    yield f"{sujeto}: se cuenta {suyas.get(pk)}, es {leido}"


def _porciones(
    tabla: Tabla,
) -> Iterator[tuple[dict[int, tuple[str, Dicho]], dict[int, Dicho]]]:
    """Rows and what the counters hold of them, some keys at a time."""
    desde: int | None = None
    while True:
        tras = {} if desde is None else {"pk__gt": desde}
        claves = list(
            tabla.filas().filter(**tras).order_by("pk")
            .values_list("pk", flat=True)[:_POR_SENTENCIA]
        )  # fmt: skip
        ultimo = len(claves) < _POR_SENTENCIA
        entre = {} if ultimo else {"lte": claves[-1]}
        entre |= {} if desde is None else {"gt": desde}
        yield (
            tabla.leer(**{f"pk__{como}": valor for como, valor in entre.items()}),
            contadas(tabla, **{f"fila__{como}": valor for como, valor in entre.items()}),
        )
        if ultimo:
            return
        desde = claves[-1]


def _recuento_a_medias() -> Iterator[str]:
    for de, hasta in Recuento.objects.filter(rehecho_hasta__isnull=False).values_list(
        "de", "rehecho_hasta"
    ):
        yield f"{de}: se contó hasta la fila {hasta}; sigue con manage.py reconstruir_contadores"


COMPROBACIONES = (
    Comprobacion("Los contadores suman lo que cuentan", _suman_lo_contado),
    Comprobacion("Cada fila se cuenta como está", _contadas_como_estan),
    Comprobacion("Los contadores están enteros", _recuento_a_medias, aviso=True),
)
