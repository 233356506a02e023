"""Who would have been credited with the sales of a file, by the clicks of another. No database.

Clicks: ``afiliado, cliente, momento``. Sales: ``venta, cliente, momento, monto, moneda``. Output:
``venta, afiliado, monto, moneda, por``, in the order of the sales; what each model credits of a
sale adds up to it, and one that is nobody's has one row without affiliate.

``ultimo`` and ``primero`` are what a campaign with that model does: a customer's first credited
sale binds it, and its later ones are of the same affiliate (``por`` is ``vinculo``), whatever the
window. The other models are a report: each sale is shared among the clicks of its own window.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

from alpespartner.comun.dinero import (
    CERO,
    CONTEXTO,
    MAXIMO,
    DineroInvalido,
    decimal_exacto,
    es_exacto,
    exponente,
    texto,
)
from alpespartner.comun.documentos.errores import FilaInvalida
from alpespartner.comun.documentos.ficheros import (
    celda_csv,
    exigir_otra_salida,
    exigir_utf8,
    leer_instante,
    registros,
    salida_atomica,
)
from alpespartner.comun.textos import normalizar
from conversiones.atribucion import (
    Clic,
    Hechos,
    Informe,
    Modelo,
    Motivo,
    Opciones,
    decidir,
    repartir_por,
    toques_de,
)

CLICS: Final = ("afiliado", "cliente", "momento")
VENTAS: Final = ("venta", "cliente", "momento", "monto", "moneda")
SALIDA: Final = ("venta", "afiliado", "monto", "moneda", "por")
CADA: Final = 50_000
_QUE_VINCULAN: Final = {Informe.ULTIMO: Modelo.ULTIMO, Informe.PRIMERO: Modelo.PRIMERO}
Renglon = tuple[str, Decimal, str]


class Venta(NamedTuple):
    """A sale of the file."""

    venta: str
    cliente: str
    momento: datetime
    monto: Decimal
    moneda: str


def atribuir(
    clics: Path,
    ventas: Path,
    salida: Path,
    *,
    modelo: Informe,
    ventana: timedelta,
    progreso: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Write who is credited with each sale; returns how many there were and how many are nobody's,
    with the totals credited, as text, by currency.

    Raises :class:`FilaInvalida`, :class:`ErrorDeFichero` or OSError. Whatever is raised, ``salida``
    is left as it was.
    """
    exigir_otra_salida(salida, clics, ventas)
    por_cliente = _leer_clics(clics)
    leidas = _leer_ventas(ventas)
    opciones = Opciones(modelo=_QUE_VINCULAN.get(modelo, Modelo.ULTIMO), ventana=ventana)
    renglones: list[list[Renglon]] = [[] for _ in leidas]
    vinculos: dict[str, str] = {}
    # In order of time, whatever that of the file: it is the first sale that binds.
    for hechas, lugar in enumerate(
        sorted(range(len(leidas)), key=lambda i: (leidas[i].momento, leidas[i].venta)), start=1
    ):
        venta = leidas[lugar]
        suyos = tuple(por_cliente.get(venta.cliente, ()))
        renglones[lugar] = (
            _vinculada(venta, suyos, opciones, vinculos)
            if modelo in _QUE_VINCULAN
            else _repartida(venta, suyos, opciones, modelo)
        )
        if progreso is not None and hechas % CADA == 0:
            progreso(hechas)
    totales = _escribir(salida, leidas, renglones)
    return {
        "ventas": len(leidas),
        "sin_atribuir": sum(r[0][2] == Motivo.NINGUNO for r in renglones),
        "totales": {moneda: texto(monto, moneda) for moneda, monto in sorted(totales.items())},
    }


def _vinculada(
    venta: Venta, clics: tuple[Clic, ...], opciones: Opciones, vinculos: dict[str, str]
) -> list[Renglon]:
    hechos = Hechos(venta.momento, vinculo=vinculos.get(venta.cliente), clics=clics)
    decision = decidir(hechos, opciones)
    if decision.afiliado is None:
        return _de_nadie(venta)
    vinculos.setdefault(venta.cliente, decision.afiliado)
    return [(decision.afiliado, venta.monto, decision.motivo)]


def _repartida(
    venta: Venta, clics: tuple[Clic, ...], opciones: Opciones, modelo: Informe
) -> list[Renglon]:
    toques = toques_de(Hechos(venta.momento, clics=clics), opciones)
    partes = repartir_por(modelo, venta.monto, venta.moneda, toques)
    return [(afiliado, monto, str(Motivo.CLIC)) for afiliado, monto in partes] or _de_nadie(venta)


def _de_nadie(venta: Venta) -> list[Renglon]:
    return [("", venta.monto, str(Motivo.NINGUNO))]


def _escribir(
    salida: Path, ventas: list[Venta], renglones: list[list[Renglon]]
) -> dict[str, Decimal]:
    totales: dict[str, Decimal] = {}
    with salida_atomica(salida) as archivo:
        archivo.write(",".join(SALIDA) + "\n")
        for venta, suyos in zip(ventas, renglones, strict=True):
            for afiliado, monto, por in suyos:
                archivo.write(
                    f"{celda_csv(venta.venta)},{celda_csv(afiliado)},"
                    f"{texto(monto, venta.moneda)},{venta.moneda},{por}\n"
                )
                if afiliado:
                    antes = totales.get(venta.moneda, CERO)
                    totales[venta.moneda] = CONTEXTO.add(antes, monto)
    return totales


def _leer_clics(ruta: Path) -> dict[str, list[Clic]]:
    """The clicks of each customer."""
    por_cliente: dict[str, list[Clic]] = {}
    comunes: dict[str, str] = {}
    for linea, celdas in registros(ruta, CLICS):
        try:
            exigir_utf8(celdas)
            afiliado, cliente = map(normalizar, celdas[:2])
            for nombre, valor in zip(CLICS, (afiliado, cliente), strict=False):
                if not valor:
                    raise ValueError(f"falta «{nombre}».")
            momento = leer_instante(celdas[2], "momento")
        except ValueError as error:
            raise FilaInvalida(ruta.name, linea, str(error)) from error
        afiliado = comunes.setdefault(afiliado, afiliado)
        # Two of one instant: by the affiliate, so that the order of the file decides nothing.
        por_cliente.setdefault(cliente, []).append(Clic(afiliado, momento, afiliado))
    return por_cliente


def _leer_ventas(ruta: Path) -> list[Venta]:
    vistas: set[str] = set()
    ventas = []
    for linea, celdas in registros(ruta, VENTAS):
        try:
            exigir_utf8(celdas)
            venta = _venta(celdas)
            if venta.venta in vistas:
                raise ValueError(f"«{venta.venta}» está repetida.")
        except ValueError as error:
            raise FilaInvalida(ruta.name, linea, str(error)) from error
        vistas.add(venta.venta)
        ventas.append(venta)
    return ventas


def _venta(celdas: list[str]) -> Venta:
    nombre, cliente, momento, monto, moneda = celdas
    nombre, cliente = normalizar(nombre), normalizar(cliente)
    if not nombre:
        raise ValueError("falta «venta».")
    if not cliente:
        raise ValueError("falta «cliente».")
    exponente(moneda)
    try:
        valor = decimal_exacto(monto)
    except DineroInvalido as error:
        raise ValueError(f"monto «{monto[:40]}»: {error}") from error
    if not CERO <= valor <= MAXIMO:
        raise ValueError(f"monto «{monto[:40]}»: debe estar entre 0 y {MAXIMO}.")
    if not es_exacto(valor, moneda):
        raise ValueError(f"monto «{monto[:40]}»: tiene más decimales que {moneda}.")
    return Venta(nombre, cliente, leer_instante(momento, "momento"), valor, moneda)
