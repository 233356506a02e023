"""What a sale pays to those who referred whoever sold it.

The network of a campaign, or else of the programme, is the newest version of type ``red`` in force
when the sale occurred; a rule of a level of its own goes before it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from afiliados.afiliado.condiciones import como_era, leer
from afiliados.afiliado.estados import ACEPTAN_CONVERSIONES
from afiliados.afiliado.models import Afiliado, CondicionesAfiliado
from afiliados.afiliado.selectors import afiliados_fijos
from comisiones.motor import Ascendiente, Suspendido, repartir
from comisiones.motor.lineas import de_la_red
from comisiones.motor.red import Red
from comisiones.reglas.hechos import hechos_de_venta
from comisiones.reglas.tarifa import Aplicable, Tarifario
from conversiones.ventas.models import Conversion

# Farther than any network that pays, also past ancestors who are suspended.
_SALTOS = 50
SIN_RED = Red(())


@dataclass(frozen=True, slots=True)
class Parte:
    """A commission to make: its level, whose it is and by which terms (None: no rule says)."""

    conversion: Conversion
    nivel: int
    afiliado: Afiliado
    aplicable: Aplicable | None


def cadenas_de(
    conversiones: Sequence[Conversion],
    tarifario: Tarifario,
    leer_afiliados: Callable[[Collection[int]], dict[int, Afiliado]] = afiliados_fijos,
) -> dict[str, tuple[Afiliado, ...]]:
    """Ancestors of whoever made each sale (by its public id) when it occurred, nearest first, as
    far as some level may pay.

    Unless ``leer_afiliados`` locks nothing, as a rehearsal's does, their state stays as it is until
    the caller's transaction ends. One query per step up for the
    whole batch, and one more where terms changed ever; none when no level pays or nobody has a
    referrer.
    """
    saltos: dict[str, int] = {}
    siguientes: dict[str, int | None] = {}
    ventas = {c.id_publico: c for c in conversiones if paga_a_la_red(c, tarifario)}
    for venta, conversion in ventas.items():
        if propios := _saltos(conversion, tarifario):
            saltos[venta] = propios
            siguientes[venta] = conversion.vendedor.referente_id
    conocidos: dict[int, Afiliado] = {}
    condiciones: dict[int, list[CondicionesAfiliado]] = {}
    cadenas: dict[str, list[Afiliado]] = {}
    while siguientes:
        faltan = {pk for pk in siguientes.values() if pk is not None} - conocidos.keys()
        nuevos = leer_afiliados(faltan)
        conocidos |= nuevos
        condiciones |= leer(nuevos.values())
        camino: dict[str, int | None] = {}
        for venta, pk in siguientes.items():
            conversion, cadena = ventas[venta], cadenas.setdefault(venta, [])
            # A cycle, which two changes at once can close, ends the chain.
            if pk is None or pk == conversion.afiliado_id or any(pk == a.pk for a in cadena):
                continue
            entonces = como_era(conocidos[pk], conversion.ocurrida_en, condiciones)
            cadena.append(entonces)
            if len(cadena) < saltos[venta]:
                camino[venta] = entonces.referente_id
        siguientes = camino
    return {venta: tuple(cadena) for venta, cadena in cadenas.items()}


def paga_a_la_red(conversion: Conversion, tarifario: Tarifario) -> bool:
    """Whether somebody above whoever sold may earn from a sale."""
    return conversion.vendedor.referente_id is not None and _saltos(conversion, tarifario) > 0


def _saltos(conversion: Conversion, tarifario: Tarifario) -> int:
    version = tarifario.red(conversion)
    red = SIN_RED if version is None else version.red
    niveles = max(len(red.porcentajes), tarifario.nivel_maximo - 1)
    if niveles and red.suspendido is Suspendido.COMPRIMIR:
        return _SALTOS
    return niveles


def partes_de(
    conversion: Conversion,
    venta: Aplicable | None,
    cadenas: Mapping[str, tuple[Afiliado, ...]],
    tarifario: Tarifario,
) -> list[Parte]:
    """Commissions of a sale whose seller is paid by ``venta``: its own, then the ancestors'.

    An ancestor may earn while its sales would be accepted; one that waits to be activated has its
    commission held. Nobody above earns while no rule says what the sale pays.
    """
    propia = Parte(conversion, 1, conversion.vendedor, venta)
    if venta is None or venta.problema:
        return [propia]
    return [propia, *_de_ascendientes(conversion, venta, cadenas, tarifario)]


def _de_ascendientes(
    conversion: Conversion,
    venta: Aplicable,
    cadenas: Mapping[str, tuple[Afiliado, ...]],
    tarifario: Tarifario,
) -> Iterator[Parte]:
    cadena = cadenas.get(conversion.id_publico, ())
    if not cadena:
        return
    version = tarifario.red(conversion)
    red = SIN_RED if version is None else version.red
    if red.suspendido is Suspendido.COMPRIMIR:
        cadena = tuple(a for a in cadena if a.estado in ACEPTAN_CONVERSIONES)
    por_reglas: dict[int, Parte] = {}
    for nivel, afiliado in enumerate(cadena[: tarifario.nivel_maximo - 1], start=2):
        if afiliado.estado in ACEPTAN_CONVERSIONES:
            aplicable = tarifario.para(conversion, afiliado, nivel)
            if aplicable is not None:
                por_reglas[nivel] = Parte(conversion, nivel, afiliado, aplicable)
    pagos = list(por_reglas.values())
    if version is not None:
        por_id = {a.id_publico: a for a in cadena}
        ascendientes = [Ascendiente(a.id_publico, a.estado in ACEPTAN_CONVERSIONES) for a in cadena]
        terminos, entera = de_la_red([(a.terminos, a.hechos) for a in venta.todas])
        for pago in repartir(red, ascendientes, terminos, entera, saltar=por_reglas):
            afiliado = por_id[pago.afiliado]
            hechos = replace(
                hechos_de_venta(conversion, afiliado),
                valor=entera.valor,
                impuesto=entera.impuesto,
                envio=entera.envio,
                descuento=entera.descuento,
            )
            aplicable = Aplicable(version.modelo.regla, version.modelo, pago.terminos, hechos)
            pagos.append(Parte(conversion, pago.nivel, afiliado, aplicable))
    yield from sorted(pagos, key=lambda pago: pago.nivel)
