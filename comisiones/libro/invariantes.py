"""What holds in the ledger at any moment."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q, Sum

from alpespartner.comun.dinero import CERO
from alpespartner.comun.invariantes import PELO, Comprobacion
from comisiones.libro.cadena import primera_rotura
from comisiones.libro.models import Apunte, Asiento
from comisiones.libro.selectors import saldos_de_cuentas, saldos_desde


def _asientos_cuadran() -> Iterator[str]:
    sumas = (
        Apunte.objects.values("asiento__id_publico", "moneda")
        .annotate(suma=Sum("importe"))
        .filter(Q(suma__gt=PELO) | Q(suma__lt=-PELO))
        .order_by()
    )
    for fila in sumas.iterator():
        yield f"{fila['asiento__id_publico']}: suma {fila['suma']} {fila['moneda']}"
    for asiento in Asiento.objects.annotate(n=Count("apuntes")).filter(n__lt=2).iterator():
        yield f"{asiento.id_publico}: {asiento.apuntes.count()} apuntes"


def _saldos_sellados() -> Iterator[str]:
    """Those of the last sealed day, and what came after, are what the whole ledger gives."""
    entero, con_sellos = saldos_desde(None), saldos_de_cuentas()
    for cuenta, moneda in sorted(entero.keys() | con_sellos.keys()):
        de_todo, sellado = (s.get((cuenta, moneda), CERO) for s in (entero, con_sellos))
        if de_todo != sellado:
            yield f"{cuenta} {moneda}: el libro da {de_todo} y los sellos {sellado}"


def _cadena_del_libro() -> Iterator[str]:
    rotura = primera_rotura()
    if rotura is not None:
        yield rotura


COMPROBACIONES = (
    Comprobacion("Cada asiento cuadra", _asientos_cuadran),
    Comprobacion("Los saldos sellados son los del libro", _saldos_sellados),
    Comprobacion(
        "Los sellos del libro son los de su contenido", _cadena_del_libro, a_peticion=True
    ),
)
