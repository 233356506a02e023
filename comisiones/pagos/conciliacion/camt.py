"""Reading bank statements: camt.053 and camt.054, of any of their versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from alpespartner.comun.dinero import decimal_exacto
from comisiones.pagos.errores import CamtInvalido
from comisiones.pagos.pasarelas.referencias import del_banco

_DOCUMENTOS = {"BkToCstmrStmt": "Stmt", "BkToCstmrDbtCdtNtfctn": "Ntfctn"}
_CONTABILIZADO = "BOOK"


@dataclass(frozen=True, slots=True)
class Movimiento:
    """A transaction: ``importe`` is negative when money left, None when the bank does not say it.

    ``vuelve``: the bank says that it reverses or returns another.
    """

    cuenta: str
    referencia: str
    referencia_banco: str
    fecha: str
    importe: Decimal | None
    moneda: str
    contabilizado: bool
    vuelve: bool
    motivo: str


def leer(contenido: bytes) -> list[Movimiento]:
    """The transactions of a statement, in its order. Raises :class:`CamtInvalido`."""
    try:
        raiz = fromstring(contenido)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise CamtInvalido("no es un XML legible") from None
    for nodo in raiz.iter():
        # Versions differ in their namespace, not in the names that we read.
        nodo.tag = nodo.tag.rpartition("}")[2] if isinstance(nodo.tag, str) else ""
    for documento, parte in _DOCUMENTOS.items():
        cuentas = raiz.findall(f"{documento}/{parte}")
        if cuentas:
            return [m for cuenta in cuentas for m in _movimientos(cuenta)]
    raise CamtInvalido("no es un camt.053 ni un camt.054")


def _texto(nodo: Element, *rutas: str) -> str:
    """The first that is there."""
    for ruta in rutas:
        if hallado := (nodo.findtext(ruta) or "").strip():
            return hallado
    return ""


def _movimientos(parte: Element) -> Iterator[Movimiento]:
    cuenta = _texto(parte, "Acct/Id/IBAN", "Acct/Id/Othr/Id").replace(" ", "")
    if not cuenta:
        raise CamtInvalido("no dice de qué cuenta es")
    for apunte in parte.findall("Ntry"):
        detalles = apunte.findall("NtryDtls/TxDtls")
        for detalle in detalles or [apunte]:
            yield _movimiento(cuenta, apunte, detalle, solo=len(detalles) < 2)


def _movimiento(cuenta: str, apunte: Element, detalle: Element, *, solo: bool) -> Movimiento:
    sentido = _texto(detalle, "CdtDbtInd") or _texto(apunte, "CdtDbtInd")
    if sentido not in ("CRDT", "DBIT"):
        raise CamtInvalido("un movimiento no dice si entra o sale")
    importe, moneda = _importe(apunte, detalle, solo=solo)
    if importe is not None and sentido == "DBIT":
        importe = -importe
    devuelto = detalle.find("RtrInf") is not None
    return Movimiento(
        cuenta=cuenta,
        referencia=del_banco(_texto(detalle, "Refs/EndToEndId", "RtrInf/OrgnlEndToEndId")),
        referencia_banco=_texto(detalle, "Refs/AcctSvcrRef")
        or _texto(apunte, "AcctSvcrRef", "NtryRef"),
        fecha=_texto(apunte, "BookgDt/Dt", "BookgDt/DtTm"),
        importe=importe,
        moneda=moneda,
        contabilizado=_texto(apunte, "Sts/Cd", "Sts") == _CONTABILIZADO,
        vuelve=devuelto or _texto(apunte, "RvslInd") == "true",
        motivo=_texto(detalle, "RtrInf/AddtlInf", "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry"),
    )


def _importe(apunte: Element, detalle: Element, *, solo: bool) -> tuple[Decimal | None, str]:
    nodo = detalle.find("Amt")
    if nodo is None:
        nodo = detalle.find("AmtDtls/TxAmt/Amt")
    if nodo is None and solo:
        nodo = apunte.find("Amt")
    if nodo is None:
        return None, ""
    try:
        importe = decimal_exacto((nodo.text or "").strip())
    except ValueError:
        raise CamtInvalido("un importe no es un número") from None
    if importe < 0:
        raise CamtInvalido("un importe es negativo")
    return importe, nodo.get("Ccy", "")
