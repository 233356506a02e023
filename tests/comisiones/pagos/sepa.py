"""Batches that SEPA pays, and the statements of their bank."""

from __future__ import annotations

from comisiones.models import ExtractoBanco, LotePago
from comisiones.pagos.conciliacion.extractos import aplicar_extracto
from comisiones.pagos.conciliacion.importacion import importar_extracto
from comisiones.pagos.lotes import ciclo, propuesta
from tests import fabricas
from tests.comisiones.pagos.fabrica import EVA
from tests.fabricas import LUIS, PRUEBAS

NUESTRA = "DE89370400440532013000"
SUYA = "ES9121000418450200051332"
DEVUELTA = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"


def emitido(n: int = 2) -> LotePago:
    """A batch whose file is written: payments of 10, 11, … euros."""
    en = fabricas.campana(moneda="EUR")
    for i in range(n):
        de = fabricas.afiliado(nombre=f"Socia {i}")
        fabricas.cuenta(de, SUYA, titular="Íñigo & <Hijos>")
        fabricas.aprobada(de=de, en=en, valor=str(100 + 10 * i))
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    lote = ciclo.congelar_lote(lote=lote, actor=LUIS)
    lote = ciclo.liberar_lote(lote=lote, actor=EVA)
    lote = ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    assert lote.estado == "en_ejecucion"
    return lote


def linea(
    referencia: str, importe: object, *, sentido: str = "DBIT", banco: str = "", estado: str = "",
    extra: str = "", moneda: str = "EUR",
) -> str:  # fmt: skip
    """An entry of a statement."""
    return f"""<Ntry><Amt Ccy="{moneda}">{importe}</Amt><CdtDbtInd>{sentido}</CdtDbtInd>
      <Sts><Cd>{estado or "BOOK"}</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>
      <AcctSvcrRef>{banco or "B-" + referencia[-8:]}</AcctSvcrRef>
      <NtryDtls><TxDtls><Refs><EndToEndId>{referencia}</EndToEndId></Refs>{extra}</TxDtls></NtryDtls>
      </Ntry>"""


def camt(*lineas: str, cuenta: str = NUESTRA, tipo: str = "053") -> bytes:
    """A statement."""
    raiz, parte = {"053": ("BkToCstmrStmt", "Stmt"), "054": ("BkToCstmrDbtCdtNtfctn", "Ntfctn")}[
        tipo
    ]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
    <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{tipo}.001.08"><{raiz}><{parte}>
    <Acct><Id><IBAN>{cuenta}</IBAN></Id></Acct>{"".join(lineas)}</{parte}></{raiz}></Document>
    """.encode()


def importar(contenido: bytes) -> ExtractoBanco:
    """Take a statement, which another confirms if it takes one, and run its task."""
    extracto = importar_extracto(contenido=contenido, nombre="extracto.xml", actor=LUIS)
    fabricas.confirmar_lo_propuesto()
    aplicar_extracto(extracto_pk=extracto.pk)
    return extracto


def resultados(extracto: ExtractoBanco) -> list[str]:
    """What each line did, in order."""
    return list(extracto.lineas.order_by("numero").values_list("resultado", flat=True))
