"""To whom a sale belongs: the first that may, in a fixed order.

Customer not bound: who is named → coupon → click that is named → click of the visitor in the
window → nobody. Customer bound: the binding goes before all of them, and a coupon before it where
the campaign says so. Who may not earn gives way to the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from conversiones.atribucion.tipos import (
    Candidato,
    Clic,
    Decision,
    Hechos,
    Modelo,
    Motivo,
    Opciones,
    Razon,
)

_NADA: Final = timedelta()
# Members of an enumeration are slow to reach, and this runs for each candidate of each sale.
_EXPLICITO, _VINCULO, _CUPON, _CLIC = (
    str(m) for m in (Motivo.EXPLICITO, Motivo.VINCULO, Motivo.CUPON, Motivo.CLIC)
)
_ELEGIDO, _DESPUES, _OTRO = (str(r) for r in (Razon.ELEGIDO, Razon.VA_DESPUES, Razon.OTRO_CLIC))
_DESCONOCIDO = str(Razon.DESCONOCIDO)
_OTRA, _DESCARTADO, _POSTERIOR, _FUERA = (
    str(r)
    for r in (
        Razon.OTRA_CAMPANA, Razon.CLIC_DESCARTADO, Razon.CLIC_POSTERIOR, Razon.FUERA_DE_VENTANA,
    )
)  # fmt: skip
_PRIMERO = Modelo.PRIMERO
_SIN_VENTAS = Decision(None, str(Motivo.NINGUNO), ())


def decidir(hechos: Hechos, opciones: Opciones) -> Decision:
    """To whom the sale belongs, with every candidate in its order and why it won or lost."""
    impedidos = hechos.impedidos
    # Who, by what, with which coupon or click, and what stops it ("": nothing).
    filas: list[tuple[str | None, str, str, str]] = []
    cupones = [
        (c.afiliado, _CUPON, c.codigo, _impide(c.afiliado, impedidos)) for c in hechos.cupones
    ]
    if hechos.vinculo is not None:
        if opciones.cupon_reasigna:
            filas += cupones
            cupones = []
        filas.append((hechos.vinculo, _VINCULO, "", impedidos.get(hechos.vinculo, "")))
    if hechos.explicito is not None:
        impide = "" if hechos.explicito_vale else impedidos.get(hechos.explicito, "")
        filas.append((hechos.explicito, _EXPLICITO, "", impide))
    filas += cupones
    for clic in hechos.clics_dados:
        filas.append((clic.afiliado, _CLIC, clic.id, impide_al_clic(clic, hechos, opciones)))
    del_visitante = len(filas)
    nombrados = {clic.id for clic in hechos.clics_dados}
    for clic in _en_orden(hechos.clics, opciones.modelo):
        # One that the sale names is also one of its customer's.
        if nombrados and clic.id in nombrados:
            continue
        filas.append((clic.afiliado, _CLIC, clic.id, impide_al_clic(clic, hechos, opciones)))
    return _elegir(filas, del_visitante)


def _elegir(filas: list[tuple[str | None, str, str, str]], del_visitante: int) -> Decision:
    ganador: Candidato | None = None
    # Among the visitor's clicks the model decides; before them, the order.
    despues = _DESPUES
    candidatos = []
    for lugar, (afiliado, por, dato, impide) in enumerate(filas):
        if impide:
            candidatos.append(Candidato(afiliado, por, False, impide, dato))
        elif ganador is None:
            ganador = Candidato(afiliado, por, True, _ELEGIDO, dato)
            if lugar >= del_visitante:
                despues = _OTRO
            candidatos.append(ganador)
        else:
            candidatos.append(Candidato(afiliado, por, False, despues, dato))
    if ganador is None:
        return _SIN_VENTAS._replace(candidatos=tuple(candidatos))
    return Decision(ganador.afiliado, ganador.por, tuple(candidatos), ganador.dato)


def _impide(afiliado: str | None, impedidos: Mapping[str, str]) -> str:
    if afiliado is None:
        return _DESCONOCIDO
    return impedidos.get(afiliado, "")


def _en_orden(clics: tuple[Clic, ...], modelo: Modelo) -> list[Clic] | tuple[Clic, ...]:
    """The click that the model prefers first; those of one instant by their id, so that it does
    not matter in which order they arrive."""
    if len(clics) < 2:
        return clics
    return sorted(clics, key=_cuando, reverse=modelo != _PRIMERO)


def _cuando(clic: Clic) -> tuple[datetime, str]:
    assert clic.momento is not None  # noqa: S101 - only a named click may be of nobody
    return clic.momento, clic.id


def impide_al_clic(clic: Clic, hechos: Hechos, opciones: Opciones) -> str:
    """Why a click does not count for a sale; "" when it does. The window is inclusive at both ends:
    ``0 ≤ sale − click ≤ window``."""
    afiliado, momento, _id, campana, descartado = clic
    if afiliado is None or momento is None:
        return _DESCONOCIDO
    if campana and campana != opciones.campana:
        return _OTRA
    if descartado:
        return _DESCARTADO
    pasado = hechos.ocurrida_en - momento
    if pasado < _NADA:
        return _POSTERIOR
    ventanas = hechos.ventanas
    if pasado > (ventanas.get(afiliado, opciones.ventana) if ventanas else opciones.ventana):
        return _FUERA
    return hechos.impedidos.get(afiliado, "")
