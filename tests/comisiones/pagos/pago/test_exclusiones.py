"""Why an affiliate is left out of a payment: each cause, beside the nearest that is paid."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.cuentas.models import CuentaBancaria
from alpespartner.comun.dinero import MAXIMO
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.pagos.estados import MotivoExclusion
from comisiones.pagos.pago.armado import Debido, exclusion
from comisiones.retenciones.models import RetencionFiscal
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas

D = Decimal
_M = MotivoExclusion
AYER, MANANA = timedelta(days=-1), timedelta(days=1)


def cuenta(*, confirmada: bool = True, desde: timedelta = AYER, tipo: str = "iban") -> Any:
    ahora = timezone.now()
    return CuentaBancaria(
        tipo=tipo, utilizable_en=ahora + desde, confirmada_en=ahora if confirmada else None
    )


class PagaAIban(PasarelaDePruebas):
    paga_a = "iban"


@pytest.mark.parametrize(
    ("montos", "datos", "suya", "pasarela", "motivo"),
    [
        (("10",), {}, None, PasarelaDePruebas, ""),
        (("10",), {"estado": "bloqueado"}, None, PasarelaDePruebas, _M.BLOQUEADO),
        (("10",), {"estado": "suspendido"}, None, PasarelaDePruebas, ""),
        (("10",), {}, None, PagaAIban, _M.SIN_DATOS_BANCARIOS),
        (("10",), {}, cuenta(tipo="stripe"), PagaAIban, _M.SIN_DATOS_BANCARIOS),
        (("10",), {}, cuenta(), PagaAIban, ""),
        (("10",), {}, cuenta(confirmada=False), PasarelaDePruebas, _M.CUENTA_EN_ESPERA),
        (("10",), {}, cuenta(desde=MANANA), PasarelaDePruebas, _M.CUENTA_EN_ESPERA),
        (("10", "-10"), {}, None, PasarelaDePruebas, _M.SALDO_NEGATIVO),
        (("10", "-10.01"), {}, None, PasarelaDePruebas, _M.SALDO_NEGATIVO),
        (("10", "-9.99"), {}, None, PasarelaDePruebas, ""),
        ((f"{MAXIMO}",), {}, None, PasarelaDePruebas, ""),
        ((f"{MAXIMO}", "0.0001"), {}, None, PasarelaDePruebas, _M.IMPORTE_NO_CABE),
        (("10",), {"minimo_pago": D("10.01")}, None, PasarelaDePruebas, _M.BAJO_MINIMO),
        (("10",), {"minimo_pago": D(10)}, None, PasarelaDePruebas, ""),
        (("10",), {"minimo_pago": D(11), "moneda_comision": "EUR"}, None, PasarelaDePruebas, ""),
        (("10",), {"minimo_pago": D(0)}, None, PasarelaDePruebas, ""),
        # Of what was earned, whatever is withheld.
        (("10",), {"minimo_pago": D(10), "retiene": "50"}, None, PasarelaDePruebas, ""),
    ],
)
def test_por_que_no(
    montos: tuple[str, ...], datos: dict[str, Any], suya: Any, pasarela: Any, motivo: str
) -> None:
    retiene = datos.get("retiene")
    suyos = {"moneda_comision": "USD", **{k: v for k, v in datos.items() if k != "retiene"}}
    primero, *otros = map(D, montos)
    debido = Debido(
        Afiliado(**suyos),
        "USD",
        [Comision(monto=primero)],
        [Ajuste(monto=monto) for monto in otros],
        RetencionFiscal(porcentaje=D(retiene)) if retiene else None,
    )
    assert exclusion(debido, pasarela=pasarela(), cuenta=suya) == motivo


@pytest.mark.parametrize(
    ("bruto", "retenido", "importe"), [("10.05", "0.75", "9.30"), ("-10", "0", "-10")]
)
def test_lo_que_se_envia(bruto: str, retenido: str, importe: str) -> None:
    """Half up, to the cent; of a debt nothing is withheld."""
    retencion = RetencionFiscal(porcentaje=D("7.5"))
    debido = Debido(Afiliado(), "USD", [Comision(monto=D(bruto))], [], retencion)
    assert (debido.bruto, debido.retenido, debido.importe) == (D(bruto), D(retenido), D(importe))
