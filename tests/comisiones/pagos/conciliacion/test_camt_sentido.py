"""What a line of a statement says: whether money left, came, or came back."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comisiones.pagos.conciliacion.camt import leer

DEVOLUCION = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"


def extracto(*, sentido: str = "DBIT", apunte: str = "", detalle: str = "") -> bytes:
    """A statement with one line of 10.00 EUR."""
    return f"""<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>X</IBAN></Id></Acct>
    <Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>{sentido}</CdtDbtInd>{apunte}
    <Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls>{detalle}</TxDtls></NtryDtls></Ntry>
    </Stmt></BkToCstmrStmt></Document>""".encode()


@pytest.mark.parametrize("sentido", ["DBIT", "CRDT"])
@pytest.mark.parametrize(
    ("apunte", "detalle", "vuelve"),
    [
        ("", "", False),
        ("", DEVOLUCION, True),
        ("<RvslInd>true</RvslInd>", "", True),
        ("<RvslInd>true</RvslInd>", DEVOLUCION, True),
        ("<RvslInd>false</RvslInd>", "", False),
    ],
)
def test_si_vuelve(sentido: str, apunte: str, detalle: str, vuelve: bool) -> None:
    """Either sign is enough, whichever way the money went: a debit that returns another did not
    pay anybody."""
    documento = extracto(sentido=sentido, apunte=apunte, detalle=detalle)
    [movimiento] = leer(documento).movimientos
    assert movimiento.vuelve is vuelve
    assert movimiento.importe == Decimal("-10.00" if sentido == "DBIT" else "10.00")
    assert movimiento.motivo == ("AC04" if detalle else "")
