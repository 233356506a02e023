"""The ledger: nobody changes or deletes it, and its statements."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.libro.extracto import extractos
from comisiones.libro.models import Apunte
from tests import fabricas

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("tabla", ["comisiones_asiento", "comisiones_apunte"])
@pytest.mark.parametrize("orden", ["DELETE FROM {}", "UPDATE {} SET id = id"])
def test_la_base_se_niega(tabla: str, orden: str) -> None:
    """Behind every service and every model, by plain SQL."""
    fabricas.aprobada()
    with (
        pytest.raises(DatabaseError, match="no se cambia ni se borra"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(orden.format(tabla))
    assert Apunte.objects.count() == 2


def test_extracto() -> None:
    """Opening + lines = closing; CSV says the same; somebody else's is a 404."""
    suya = fabricas.aprobada(valor="1000.50")
    crear = {"afiliado": suya.afiliado, "moneda": "USD", "motivo": "m", "actor": fabricas.ANA}
    ajuste = crear_ajuste(**crear, tipo="clawback", monto=Decimal("-0.05"))
    aprobar_ajuste(ajuste=ajuste, actor=fabricas.LUIS)
    mes = f"{timezone.now():%Y-%m}"
    ruta = f"/api/v1/afiliados/{suya.afiliado.id_publico}/extracto?mes={mes}"
    cliente = fabricas.api(["comisiones:leer"], de=suya.afiliado)
    [hoja] = cliente.get(ruta).json()
    assert (hoja["apertura"], hoja["cierre"]) == ("0.00", "100.00")
    assert [(x["importe"], x["saldo"], x["origen"]) for x in hoja["lineas"]] == [
        ("100.05", "100.05", suya.id_publico), ("-0.05", "100.00", ajuste.id_publico),
    ]  # fmt: skip
    texto = cliente.get(f"{ruta}&formato=csv").content.decode()
    assert [fila.split(",")[5] for fila in texto.splitlines()[1:]] == [
        "0.00", "100.05", "100.00", "100.00",
    ]  # fmt: skip
    [otro] = extractos(suya.afiliado, "2999-01")
    assert (otro.apertura, otro.cierre, otro.lineas) == (Decimal(100), Decimal(100), ())
    ajeno = fabricas.api(["comisiones:leer"], de=fabricas.afiliado())
    fabricas.problema(ajeno.get(ruta), 404)


@pytest.mark.parametrize("mes", ["", "2024", "2024-13", "2024-1", "9999-12", "x" * 7])
def test_mes_invalido(mes: str) -> None:
    respuesta = fabricas.api().get(
        f"/api/v1/afiliados/{fabricas.afiliado().id_publico}/extracto?mes={mes}"
    )
    fabricas.problema(respuesta, 400)
