"""Whom a file for the bank can pay and from which account, on both sides of each edge."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from afiliados.cuentas.models import CuentaBancaria, TipoCuenta
from alpespartner.comun.cifrado import cifrar
from comisiones.pagos.errores import SepaSinCuenta
from comisiones.pagos.pasarelas.interfaz import Orden
from comisiones.pagos.pasarelas.sepa import PasarelaSepa, ordenante
from tests.comisiones.pagos.sepa import NUESTRA, SUYA

pytestmark = pytest.mark.usefixtures("sepa")
D = Decimal
FRANCIA, EMIRATOS = "FR1420041010050500013M02606", "AE070331234567890123456"


@pytest.mark.parametrize(
    ("iban", "bic", "titular", "importe", "motivo"),
    [
        (SUYA, "", "Ada", "0.01", ""),
        (SUYA, "", "Ada", "999999999.99", ""),
        (SUYA, "", "Ada", "1000000000.00", "importe_no_cabe"),
        (SUYA, "", "李小龍", "1", "titular_no_admitido"),
        (EMIRATOS, "", "Ada", "1", "fuera_de_sepa"),
        # Martinique is in the area, New Caledonia is not.
        (FRANCIA, "AGRIMQMX", "Ada", "1", ""),
        (FRANCIA, "AGRINCNX", "Ada", "1", "fuera_de_sepa"),
        ("ES00", "", "Ada", "1", "cuenta_no_admitida"),
        (SUYA, "AGRINCNX", "Ada", "1", "cuenta_no_admitida"),
    ],
)
def test_a_quien_se_paga(iban: str, bic: str, titular: str, importe: str, motivo: str) -> None:
    cuenta = CuentaBancaria(
        tipo=TipoCuenta.IBAN, titular=titular, bic=bic, destino_cifrado=cifrar(iban)
    )
    assert PasarelaSepa().no_admite(cuenta, D(importe)) == motivo
    cuenta.destino_cifrado = "de otra clave"
    assert PasarelaSepa().no_admite(cuenta, D(importe)) == "cuenta_no_admitida"


@pytest.mark.parametrize(
    ("datos", "vale"),
    [
        ({}, True),
        ({"SEPA_BIC": ""}, True),
        ({"SEPA_IBAN": ""}, False),
        ({"SEPA_IBAN": f"{NUESTRA}1"}, False),
        ({"SEPA_BIC": "AGRINCNX"}, False),
        ({"SEPA_IBAN": EMIRATOS, "SEPA_BIC": ""}, False),
        ({"SEPA_NOMBRE": ""}, False),
        ({"SEPA_NOMBRE": "★"}, False),
    ],
)
def test_desde_que_cuenta(settings: Any, datos: dict[str, str], vale: bool) -> None:
    for nombre, valor in datos.items():
        setattr(settings, nombre, valor)
    if vale:
        quien = ordenante()
        assert (quien.iban, quien.nombre) == (NUESTRA, "Alpes Ñandú & Cía")
        assert quien.bic == datos.get("SEPA_BIC", "COBADEFFXXX")
    else:
        with pytest.raises(SepaSinCuenta, match="ALPES_SEPA_IBAN"):
            ordenante()


def test_no_se_envia_suelto_ni_se_pregunta() -> None:
    """It travels in the file of its batch, and its statement answers: neither is a failure."""
    orden = Orden("c", "pago_1", "af_1", "Ada", D(1), "EUR", "2026-01-31")
    enviada, sabida = PasarelaSepa().enviar(orden), PasarelaSepa().consultar(orden)
    assert (enviada.estado, enviada.detalle) == ("incierto", "va en el fichero de su lote")
    assert sabida is not None
    assert (sabida.estado, sabida.detalle) == ("incierto", "lo dirá el extracto")
