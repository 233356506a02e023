"""Files of SEPA credit transfers: pain.001.001.09, with what the bank is told and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from xml.etree.ElementTree import Element, tostring

from defusedxml.ElementTree import fromstring
from sepaxml import SepaTransfer
from sepaxml.validation import try_valid_xml

from afiliados.cuentas.sepa import ADMITIDOS, nombre_sepa
from alpespartner.comun.dinero import CERO
from comisiones.pagos.errores import CuadernoInvalido
from comisiones.pagos.pasarelas.referencias import para_el_banco

ESQUEMA = "pain.001.001.09"
_NS = f"{{urn:iso:std:iso:20022:tech:xsd:{ESQUEMA}}}"


@dataclass(frozen=True, slots=True)
class Transferencia:
    """``importe`` in euros; ``referencia`` is the payment's id, which goes as the end-to-end id."""

    referencia: str
    titular: str
    iban: str
    bic: str
    importe: Decimal


@dataclass(frozen=True, slots=True)
class Ordenante:
    """Whose account pays."""

    nombre: str
    iban: str
    bic: str


def redactar(
    *, lote: str, ordenante: Ordenante, transferencias: Sequence[Transferencia], momento: datetime
) -> bytes:
    """The file of a batch: the same bytes for the same content.

    ``lote`` is its message id, by which a bank refuses the same file twice. Ids and names are
    written in the characters of EPC217-08. It is validated against the schema, and its count and
    sum against ``transferencias``; raises :class:`CuadernoInvalido`.
    """
    mensaje = para_el_banco(lote)
    # A copy: the library writes in the mapping that it is given.
    datos = {
        "name": nombre_sepa(ordenante.nombre),
        "IBAN": ordenante.iban,
        "batch": True,
        "currency": "EUR",
    }
    if ordenante.bic:
        datos["BIC"] = ordenante.bic
    cuaderno = SepaTransfer(datos, schema=ESQUEMA, clean=True)
    for una in transferencias:
        centimos = una.importe.scaleb(2)
        if centimos != centimos.to_integral_value():
            raise CuadernoInvalido(f"{una.referencia}: {una.importe} EUR")
        referencia = para_el_banco(una.referencia)
        pago = {
            "name": nombre_sepa(una.titular),
            "IBAN": una.iban,
            "amount": int(centimos),
            "execution_date": momento.date(),
            "description": f"Comisiones {referencia}",
            "endtoend_id": referencia,
        }
        if una.bic:
            pago["BIC"] = una.bic
        cuaderno.add_payment(pago)
    raiz = fromstring(cuaderno.export(validate=False))
    # The library makes these up each time: ours are stable, and the bank books line by line.
    _poner(raiz, "GrpHdr/MsgId", mensaje)
    _poner(raiz, "GrpHdr/CreDtTm", f"{momento:%Y-%m-%dT%H:%M:%S}")
    _poner(raiz, "PmtInf/PmtInfId", mensaje)
    _poner(raiz, "PmtInf/BtchBookg", "false")
    fichero = b'<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(raiz, "utf-8")
    comprobar(fichero, transferencias)
    try_valid_xml(fichero, ESQUEMA)
    return fichero


def _poner(raiz: Element, ruta: str, texto: str) -> None:
    camino = "/".join(f"{_NS}{parte}" for parte in ("CstmrCdtTrfInitn", *ruta.split("/")))
    [nodo] = raiz.findall(camino)
    nodo.text = texto


def comprobar(fichero: bytes, transferencias: Sequence[Transferencia]) -> None:
    """Read the file again and compare it, transfer by transfer, with what it must say, in the
    characters that every bank takes."""
    raiz = fromstring(fichero)
    for nodo in raiz.iter():
        if not ADMITIDOS.issuperset(nodo.text or ""):
            raise CuadernoInvalido(f"{nodo.tag.rpartition('}')[2]}: caracteres no admitidos")
        if nodo.tag == f"{_NS}Nm" and not nodo.text:
            raise CuadernoInvalido("un nombre del que no queda nada")
    total = sum((t.importe for t in transferencias), CERO)
    for bloque in ("GrpHdr", "PmtInf"):
        [cuantas] = raiz.findall(f".//{_NS}{bloque}/{_NS}NbOfTxs")
        [suma] = raiz.findall(f".//{_NS}{bloque}/{_NS}CtrlSum")
        if (int(cuantas.text), Decimal(suma.text)) != (len(transferencias), total):
            raise CuadernoInvalido(f"{bloque}: {cuantas.text} que suman {suma.text}, no {total}")
    escritas = [
        (
            una.findtext(f"{_NS}PmtId/{_NS}EndToEndId"),
            una.findtext(f"{_NS}CdtrAcct/{_NS}Id/{_NS}IBAN"),
            Decimal(una.findtext(f"{_NS}Amt/{_NS}InstdAmt")),
        )
        for una in raiz.iter(f"{_NS}CdtTrfTxInf")
    ]
    if escritas != [(para_el_banco(t.referencia), t.iban, t.importe) for t in transferencias]:
        raise CuadernoInvalido("las transferencias no son las del lote")
