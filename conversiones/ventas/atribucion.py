"""Whose a sale is, when its shop does not just say so: decided as it is registered, and kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from alpespartner.comun.textos import normalizar
from conversiones.atribucion import Candidato, Motivo, Razon
from conversiones.clientes.candidatos import (
    MAX_CLIC,
    Nombrados,
    Resuelta,
    como_se_dice,
    resolver,
)
from conversiones.clientes.models import Cliente
from conversiones.clientes.selectors import clientes_con_correo
from conversiones.clientes.services import anotar, bloquear_cliente
from conversiones.rastreo.selectors import ClicLeido
from conversiones.ventas.models import AtribucionVenta, Conversion
from conversiones.ventas.parecidas import marcar_parecidas


@dataclass(frozen=True, kw_only=True)
class DichosDeVenta:
    """By what a sale may be whose. ``correo`` is not kept."""

    explicito: Afiliado | None = None
    cupon: str = ""
    clic_id: str = ""
    cliente_ref: str = ""
    correo: str = ""
    leido: ClicLeido | None = None


def atribuir(
    ventas: Sequence[tuple[Conversion, DichosDeVenta]], actor: Actor
) -> list[AtribucionVenta]:
    """Say of sales that are not inserted yet whose each is, or that it is nobody's, and bind their
    customers: in the caller's transaction, which inserts the sales and what is returned.

    Customers are locked in one order, whatever that of the sales: two batches never wait for each
    other. Raises :class:`DatoInvalido`.
    """
    ventas = [(venta, _con_cliente(venta, dichos)) for venta, dichos in ventas]
    de = {
        _llave(venta, dichos): (venta.campana, dichos)
        for venta, dichos in ventas
        if dichos.cliente_ref
    }
    clientes = {
        llave: bloquear_cliente(
            campana=campana, cliente_ref=dichos.cliente_ref, correo=dichos.correo, actor=actor
        )[0]
        for llave, (campana, dichos) in sorted(de.items(), key=lambda par: par[0])
    }
    atribuciones = [
        _atribuir(venta, dichos, clientes.get(_llave(venta, dichos)), actor)
        for venta, dichos in ventas
    ]
    marcar_parecidas(venta for venta, _dichos in ventas)
    return atribuciones


def _con_cliente(venta: Conversion, dichos: DichosDeVenta) -> DichosDeVenta:
    """Who buys, also when only an e-mail tells, which must be that of one customer."""
    if dichos.cliente_ref or not dichos.correo:
        return dichos
    conocidos = clientes_con_correo(venta.campana, dichos.correo)
    return replace(dichos, cliente_ref=conocidos[0]) if len(conocidos) == 1 else dichos


def _llave(venta: Conversion, dichos: DichosDeVenta) -> tuple[int, str]:
    return venta.campana.pk, normalizar(dichos.cliente_ref)


def _atribuir(
    venta: Conversion, dichos: DichosDeVenta, cliente: Cliente | None, actor: Actor
) -> AtribucionVenta:
    resuelta = resolver(
        campana=venta.campana,
        en=venta.ocurrida_en,
        nombrados=Nombrados(
            explicito=dichos.explicito,
            cupon=dichos.cupon,
            clic_id=dichos.clic_id,
            leido=dichos.leido,
        ),
        cliente=cliente,
    )
    venta.afiliado = resuelta.afiliado
    # The click is forgotten some day; by which link it came is not.
    venta.enlace = venta.enlace or resuelta.enlace
    if cliente is not None:
        venta.cliente = cliente
        anotar(cliente=cliente, resuelta=resuelta, en=venta.ocurrida_en, actor=actor)
    return _fila(venta, resuelta, dichos)


def atribucion_guardada(conversion: Conversion, *, decidida: bool = True) -> dict[str, Any]:
    """Why a sale was credited to whom it was when it came, as the API tells it. One that was not
    ``decidida`` only named its affiliate."""
    fila = getattr(conversion, "atribucion", None) if decidida else None
    if fila is not None:
        return {"motivo": fila.motivo, "candidatos": fila.candidatos}
    if conversion.afiliado is None:
        return {"motivo": str(Motivo.NINGUNO), "candidatos": []}
    motivo = str(Motivo.EXPLICITO)
    unico = Candidato(conversion.afiliado.id_publico, motivo, True, str(Razon.ELEGIDO))
    return {"motivo": motivo, "candidatos": [como_se_dice(unico)]}


def _fila(venta: Conversion, resuelta: Resuelta, dichos: DichosDeVenta) -> AtribucionVenta:
    return AtribucionVenta(
        conversion=venta,
        motivo=resuelta.decision.motivo,
        dato=resuelta.decision.dato,
        clic_id=normalizar(dichos.clic_id)[:MAX_CLIC],
        candidatos=resuelta.candidatos(),
    )
