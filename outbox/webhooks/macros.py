"""Addresses with macros, ``{payout}``: what they may say, and how they are filled in.

Macros go in the query, where what they hold cannot change which server or which page is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alpespartner.comun.db.campos import documento
from outbox.webhooks import destino
from outbox.webhooks.errores import EstadoNoOfrecido, UrlInvalida

TODOS = "*"
# Of an address once its macros are filled in.
LARGO_EXPANDIDA = 8_000
_MACRO = re.compile(r"\{([a-z0-9_]+)\}")


class EstadoPostback(StrEnum):
    """What a postback tells of a commission."""

    PENDIENTE = "pending"
    APROBADA = "approved"
    RECHAZADA = "rejected"
    REVERTIDA = "reversed"
    PAGADA = "paid"


# States in which a commission pays nothing.
SIN_GANAR = frozenset({EstadoPostback.RECHAZADA, EstadoPostback.REVERTIDA})
_LEAD_SALE = {
    EstadoPostback.PENDIENTE: "lead",
    EstadoPostback.APROBADA: "sale",
    EstadoPostback.PAGADA: "sale",
    EstadoPostback.RECHAZADA: "rejected",
    EstadoPostback.REVERTIDA: "rejected",
}

# Each with an example, which is also what a test sends.
MACROS = {
    "click_id": "clic_PRUEBA",
    "transaction_id": "PEDIDO-PRUEBA",
    "status": "approved",
    "keitaro_status": "sale",
    "payout": "12.50",
    "currency": "EUR",
    "sale_amount": "125.00",
    "event": "venta",
    "campaign_id": "camp_PRUEBA",
    "affiliate_id": "af_PRUEBA",
    "commission_id": "com_PRUEBA",
    "coupon": "PRUEBA10",
    "reason": "",
    "timestamp": "1767225600",
    "sub1": "sub1 de prueba",
    "sub2": "sub2",
    "sub3": "sub3",
    "sub4": "sub4",
    "sub5": "sub5",
}


@dataclass(frozen=True, slots=True)
class Preset:
    """The address of a known tracker. Between double angles, what its owner has to write: it is no
    address until then."""

    nombre: str
    titulo: str
    url: str
    estados: tuple[str, ...]
    nota: object


# A tracker knows its own click, which its owner puts in ``sub1`` of the links.
PRESETS = (
    Preset(
        "voluum", "Voluum",
        "https://<<DOMINIO>>/postback?cid={sub1}&payout={payout}&txid={transaction_id}"
        "&currency={currency}&et={status}",
        (EstadoPostback.APROBADA,),
        gettext_lazy("En tus enlaces: sub1={clickid}."),
    ),
    Preset(
        "keitaro", "Keitaro",
        "https://<<DOMINIO>>/<<CLAVE>>/postback?subid={sub1}&status={keitaro_status}"
        "&payout={payout}&tid={transaction_id}&currency={currency}",
        (TODOS,),
        gettext_lazy("En tus enlaces: sub1={subid}."),
    ),
    Preset(
        "binom", "Binom",
        "https://<<DOMINIO>>/<<RUTA>>?cnv_id={sub1}&payout={payout}&cnv_status={status}",
        (TODOS,),
        gettext_lazy("En tus enlaces: sub1={clickid}."),
    ),
    Preset(
        "everflow", "Everflow",
        "https://<<DOMINIO>>/?nid=<<RED>>&transaction_id={sub1}&amount={payout}"
        "&order_id={transaction_id}",
        (EstadoPostback.APROBADA,),
        gettext_lazy("En tus enlaces: sub1={transaction_id}."),
    ),
)  # fmt: skip


def muestra(afiliado: str = "", estado: str = EstadoPostback.APROBADA) -> dict[str, str]:
    """Values of an example, of an affiliate and a state."""
    dicho = EstadoPostback(estado)
    valores = {**MACROS, **de_estado(dicho)}
    if afiliado:
        valores["affiliate_id"] = afiliado
    if dicho in SIN_GANAR:
        valores["payout"] = "0.00"
    if dicho == EstadoPostback.RECHAZADA:
        valores["reason"] = "prueba"
    return valores


def de_estado(estado: EstadoPostback) -> dict[str, str]:
    """The macros that say a state."""
    return {"status": str(estado), "keitaro_status": _LEAD_SALE[estado]}


def leer_plantilla(url: str) -> destino.Destino:
    """The parts of an address with macros; raises :class:`UrlInvalida`."""
    if "<<" in url or ">>" in url:
        raise UrlInvalida(_("Cambia lo que va entre << y >> por lo tuyo."))
    leido = destino.leer(url)
    fuera = [m for m in _MACRO.findall(url.partition("?")[0]) if m in MACROS]
    if fuera:
        raise UrlInvalida(
            _("Pon {%(macro)s} detrás de «?»: delante no se rellena.") % {"macro": fuera[0]}
        )
    return leido


def valores_de(cuerpo: str) -> dict[str, str]:
    """What a delivery of a postback keeps: nothing, of a row that no service wrote."""
    dichos = documento(cuerpo, dict)
    return {str(macro): str(valor) for macro, valor in dichos.items()}


def expandir(url: str, valores: Mapping[str, str]) -> str:
    """An address with its macros filled in, percent-encoded; those unknown stay as they are."""
    pagina, pregunta, consulta = url.partition("?")
    return pagina + pregunta + _MACRO.sub(lambda m: _valor(m, valores), consulta)


def _valor(macro: re.Match[str], valores: Mapping[str, str]) -> str:
    valor = valores.get(macro[1])
    return macro[0] if valor is None else quote(valor, safe="", errors="replace")


def exigir_estados(estados: Iterable[str]) -> list[str]:
    """States that a postback asks for, in order; raises :class:`EstadoNoOfrecido`."""
    pedidos = set(estados)
    ofrecidos = [str(estado) for estado in EstadoPostback]
    sobran = sorted(pedidos - {TODOS, *ofrecidos})
    if sobran or not pedidos:
        raise EstadoNoOfrecido(
            _("Estados no ofrecidos: %(sobran)s. Elige «*» o entre: %(ofrecidos)s.")
            % {"sobran": ", ".join(sobran)[:200] or "-", "ofrecidos": ", ".join(ofrecidos)}
        )
    return [TODOS] if TODOS in pedidos else [e for e in ofrecidos if e in pedidos]
