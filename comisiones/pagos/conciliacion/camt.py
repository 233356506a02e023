"""Reading bank statements: camt.053 and camt.054, of any of their versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from alpespartner.comun import dinero
from comisiones.pagos.conciliacion import formas
from comisiones.pagos.errores import CamtInvalido
from comisiones.pagos.pasarelas.referencias import del_banco, nombrado_en

_DOCUMENTOS = {"BkToCstmrStmt": "Stmt", "BkToCstmrDbtCdtNtfctn": "Ntfctn"}
_CONTABILIZADO = "BOOK"
# What ISO 20022 says where there is none.
_SIN_REFERENCIA = ("", "NOTPROVIDED")
_SENTIDOS = ("DBIT", "CRDT")


@dataclass(frozen=True, slots=True)
class Movimiento:
    """A transaction: ``importe`` is negative when money left, None when the bank does not say it.

    ``cargos`` is what the bank charged for it, in the same currency, None when it says nothing.
    ``vuelve``: the bank says that it reverses or returns another. ``problema`` is why it could not
    be read: then it has no amount.
    """

    cuenta: str
    referencia: str
    referencia_banco: str
    fecha: str
    importe: Decimal | None
    cargos: Decimal | None
    moneda: str
    contabilizado: bool
    vuelve: bool
    motivo: str
    problema: str


@dataclass(frozen=True, slots=True)
class Extracto:
    """``cuentas`` are those that it is of, with or without transactions."""

    cuentas: frozenset[str]
    movimientos: list[Movimiento]


class _Ilegible(ValueError):
    """Why an entry cannot be read; those beside it can."""


def leer(contenido: bytes) -> Extracto:
    """A file with one or more statements, in its order. Raises :class:`CamtInvalido`."""
    try:
        raiz = fromstring(formas.desde_el_principio(contenido))
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise CamtInvalido("no es un XML legible") from None
    partes = []
    for nodo in raiz.iter():
        # Versions differ in their namespace, not in the names that we read.
        nodo.tag = nodo.tag.rpartition("}")[2] if isinstance(nodo.tag, str) else ""
    for nodo in raiz.iter():
        if nodo.tag in _DOCUMENTOS:
            partes += nodo.findall(_DOCUMENTOS[nodo.tag])
    if not partes:
        raise CamtInvalido("no es un camt.053 ni un camt.054")
    cuentas = [_cuenta(parte) for parte in partes]
    if not any(cuentas):
        raise CamtInvalido("no dice de qué cuenta es")
    return Extracto(
        cuentas=frozenset(cuentas),
        movimientos=[
            m
            for parte, cuenta in zip(partes, cuentas, strict=True)
            for m in _movimientos(parte, cuenta)
        ],
    )


def _texto(nodo: Element, *rutas: str) -> str:
    """The first that is there."""
    for ruta in rutas:
        if hallado := (nodo.findtext(ruta) or "").strip():
            return hallado
    return ""


def _cuenta(parte: Element) -> str:
    return "".join(_texto(parte, "Acct/Id/IBAN", "Acct/Id/Othr/Id").split()).upper()


def _movimientos(parte: Element, cuenta: str) -> Iterator[Movimiento]:
    for apunte in parte.findall("Ntry"):
        detalles = apunte.findall("NtryDtls/TxDtls")
        for detalle in detalles or [apunte]:
            yield _movimiento(cuenta, apunte, detalle, solo=len(detalles) < 2)


def _movimiento(cuenta: str, apunte: Element, detalle: Element, *, solo: bool) -> Movimiento:
    importe: Decimal | None = None
    moneda, problema = "", ""
    try:
        importe, moneda = _importe(apunte, detalle, solo=solo)
    except _Ilegible as exc:
        problema = str(exc)
    cargos, aparte = _cargos(apunte, detalle, moneda, solo=solo)
    motivo = _texto(detalle, "RtrInf/AddtlInf", "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry")
    return Movimiento(
        cuenta=cuenta,
        referencia=_referencia(detalle),
        # Not ``NtryRef``, which numbers the entries of one file: another tells the same under
        # another number, and something else under this one.
        referencia_banco=_texto(detalle, "Refs/AcctSvcrRef") or _texto(apunte, "AcctSvcrRef"),
        fecha=formas.fecha(_texto(apunte, "BookgDt/Dt", "BookgDt/DtTm")),
        importe=importe,
        cargos=cargos,
        moneda=moneda,
        contabilizado=_texto(apunte, "Sts/Cd", "Sts") == _CONTABILIZADO,
        vuelve=detalle.find("RtrInf") is not None or formas.booleano(_texto(apunte, "RvslInd")),
        motivo=" · ".join(filter(None, (motivo, aparte))),
        problema=problema,
    )


def _referencia(detalle: Element) -> str:
    """The end-to-end reference or, of a bank that drops it, what we wrote for who is paid."""
    dicha = _texto(detalle, "Refs/EndToEndId", "RtrInf/OrgnlEndToEndId")
    if dicha not in _SIN_REFERENCIA:
        return del_banco(dicha)
    textos = [nodo.text or "" for nodo in detalle.findall("RmtInf/Ustrd")]
    return nombrado_en(" ".join(textos)) or dicha


def _importe(apunte: Element, detalle: Element, *, solo: bool) -> tuple[Decimal | None, str]:
    sentido = _texto(detalle, "CdtDbtInd") or _texto(apunte, "CdtDbtInd")
    if sentido not in _SENTIDOS:
        raise _Ilegible("no dice si entra o sale")
    nodos = [detalle.find("Amt"), detalle.find("AmtDtls/TxAmt/Amt")]
    # Of several in an entry, what each was asked for is nearer than what they add up to.
    nodos.append(apunte.find("Amt") if solo else detalle.find("AmtDtls/InstdAmt/Amt"))
    nodo = next((n for n in nodos if n is not None), None)
    if nodo is None:
        return None, ""
    importe, moneda = _dinero(nodo)
    return importe if sentido == "CRDT" else -importe + dinero.CERO, moneda


def _dinero(nodo: Element) -> tuple[Decimal, str]:
    """An amount that can be kept, and its currency."""
    moneda = nodo.get("Ccy", "").strip()
    dicho = f"{(nodo.text or '').strip()[:40]} {moneda[:12]}"
    try:
        importe = formas.decimal(nodo.text or "")
    except ValueError:
        raise _Ilegible(f"un importe no es un número: {dicho}") from None
    if importe < 0:
        raise _Ilegible(f"un importe es negativo: {dicho}")
    if importe > dinero.MAXIMO:
        raise _Ilegible(f"un importe es demasiado grande: {dicho}")
    try:
        if not dinero.es_exacto(importe, moneda):
            raise _Ilegible(f"un importe tiene más decimales que su moneda: {dicho}")
        # In one form, so that the same line written otherwise is the same.
        return dinero.cuantizar(importe, moneda), moneda
    except dinero.DineroInvalido:
        raise _Ilegible(f"una moneda no es de ISO 4217: {dicho}") from None


def _cargos(
    apunte: Element, detalle: Element, moneda: str, *, solo: bool
) -> tuple[Decimal | None, str]:
    """What the bank charged for a transaction, and what else it says of it that adds up with
    nothing: in another currency, of several at once, or impossible to read."""
    nodos = detalle.findall("Chrgs")
    de_todos = [] if detalle is apunte else apunte.findall("Chrgs")
    if solo and not nodos:
        nodos, de_todos = de_todos, []
    aparte = [
        f"cargos del apunte entero: {_dicho(nodo)}"
        for cargo in de_todos
        for nodo, _signo in _registros(cargo)
    ]
    suma: Decimal | None = None
    for nodo, signo in (par for cargo in nodos for par in _registros(cargo)):
        try:
            importe, suya = _dinero(nodo)
        except _Ilegible as exc:
            aparte.append(f"cargos: {exc}")
            continue
        if suya != moneda:
            aparte.append(f"cargos: {_dicho(nodo)}")
        else:
            suma = (suma or dinero.CERO) + signo * importe
    if suma is not None and abs(suma) > dinero.MAXIMO:
        suma, aparte = None, [*aparte, f"cargos: {suma} {moneda}"]
    return suma, " · ".join(aparte)


def _registros(cargo: Element) -> list[tuple[Element, int]]:
    """Amounts of a group of charges, negative what is given back: its total, when it says it."""
    if (total := _total(cargo)) is not None:
        return [(total, 1)]
    return [
        (nodo, -1 if _texto(registro, "CdtDbtInd") == "CRDT" else 1)
        for registro in cargo.findall("Rcrd")
        if (nodo := registro.find("Amt")) is not None
    ]


def _total(cargo: Element) -> Element | None:
    """The total of a group of charges, or the only one of an earlier version."""
    total = cargo.find("TtlChrgsAndTaxAmt")
    return cargo.find("Amt") if total is None else total


def _dicho(nodo: Element) -> str:
    return f"{(nodo.text or '').strip()[:40]} {nodo.get('Ccy', '').strip()[:12]}"
