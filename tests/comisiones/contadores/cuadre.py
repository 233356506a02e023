"""What the counters should say, counted row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC
from decimal import Decimal
from typing import Any

from comisiones.comision.models import Comision
from comisiones.contadores.models import Contador
from comisiones.contadores.tablas import COMISIONES, VENTAS
from comisiones.models import Ajuste, Apunte, Reverso

Cuadro = dict[tuple[Any, ...], tuple[int, Decimal]]
# Table, cut, whose, month, state, currency; and an amount.
Dicha = tuple[tuple[Any, ...], Decimal]


def _mes(cuando: Any) -> int:
    return int(f"{cuando.astimezone(UTC):%Y%m}")


def _de_lo_vendido() -> Iterator[Dicha]:
    for tabla in (COMISIONES, VENTAS):
        for fila in tabla.modelo._default_manager.all():
            importe = getattr(fila, tabla.importe)
            for corte, quien in (("", 0), ("campana", fila.campana_id),
                                 ("afiliado", fila.afiliado_id)):  # fmt: skip
                yield (tabla.nombre, corte, quien, 0, fila.estado, fila.moneda), importe
                if tabla is COMISIONES and corte != "afiliado":
                    mes = _mes(fila.pagada_en or fila.madura_en)
                    yield (tabla.nombre, corte, quien, mes, fila.estado, fila.moneda), importe


def que_hizo() -> Callable[[Any], tuple[str, int | None]]:
    """Tells what a line of what we owe did, and in which campaign, by its cause."""
    comisiones = dict(Comision.objects.values_list("id_publico", "campana_id"))
    reversos = dict(Reverso.objects.values_list("id_publico", "comision__campana_id"))
    ajustes = {a.id_publico: a for a in Ajuste.objects.select_related("comision")}
    conceptos = {"reverso": "revertido", "clawback": "revertido", "pago_devuelto": "pagado"}

    def hizo(apunte: Any) -> tuple[str, int | None]:
        origen, tipo = apunte.asiento.origen, apunte.asiento.tipo
        if origen in comisiones:
            deshace = "anulacion" in tipo or tipo == "devolucion"
            return "revertido" if deshace else "ganado", comisiones[origen]
        if origen in reversos:
            return "revertido", reversos[origen]
        if origen in ajustes:
            ajuste = ajustes[origen]
            return conceptos.get(ajuste.tipo, "ajustado"), (
                ajuste.comision and ajuste.comision.campana_id
            )
        assert origen.startswith("pago_"), origen
        return "pagado", None

    return hizo


def _del_libro() -> Iterator[Dicha]:
    hizo = que_hizo()
    for apunte in Apunte.objects.filter(cuenta="por_pagar").select_related("asiento"):
        concepto, campana = hizo(apunte)
        mes = _mes(apunte.asiento.creado_en)
        cortes = [("", 0), ("afiliado", apunte.afiliado_id)]
        cortes += [("campana", campana)] if campana else []
        for corte, quien in cortes:
            for suyo in (0, mes):
                yield ("libro", corte, quien, suyo, concepto, apunte.moneda), -apunte.importe
        if campana and concepto == "ganado":
            clave = ("libro", f"en:{campana}", apunte.afiliado_id, 0, concepto, apunte.moneda)
            yield clave, -apunte.importe


def de_las_filas() -> Cuadro:
    """Rows and sum of each table, cut, month, state and currency."""
    cuantas: Counter[tuple[Any, ...]] = Counter()
    sumas: dict[tuple[Any, ...], Decimal] = {}
    for clave, importe in (*_de_lo_vendido(), *_del_libro()):
        cuantas[clave] += 1
        sumas[clave] = sumas.get(clave, Decimal(0)) + importe
    return {clave: (n, sumas[clave]) for clave, n in cuantas.items()}


def de_los_contadores() -> Cuadro:
    """The same, as the counters have it."""
    return {
        (c.de, c.corte, c.quien, c.mes, c.estado, c.moneda): (
            c.cuantas,
            Decimal(c.importe) / 10_000,
        )
        for c in Contador.objects.all()
        if c.cuantas or c.importe
    }


def cuadra() -> bool:
    """Whether they agree, and it is about something."""
    hay, dicen = de_las_filas(), de_los_contadores()
    assert hay
    assert dicen == hay
    return True
