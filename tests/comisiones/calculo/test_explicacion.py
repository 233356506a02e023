"""A commission explains itself, and its frozen inputs replay it."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from comisiones.calculo.explicacion import _sin_uso, diferencias, pasos_de
from tests import fabricas

pytestmark = pytest.mark.django_db


def test_explicacion_por_la_api() -> None:
    """Plain Spanish, numbers as text, and the replay's word."""
    suya = fabricas.comision(valor="1000.50")
    cliente = fabricas.api(["comisiones:leer"])
    respuesta = cliente.get(f"/api/v1/comisiones/{suya.id_publico}/explicacion")
    assert respuesta.status_code == 200
    cuerpo = respuesta.json()
    assert [paso["texto"] for paso in cuerpo["pasos"]] == [
        "Regla: Tarifa acordada con el afiliado.",
        "La base es el valor de la conversión: 1\xa0000,50 USD.",
        "10 % de 1\xa0000,50 USD = 100,05 USD.",
        "Comisión: 100,05 USD.",
    ]
    assert (cuerpo["monto_original"], cuerpo["monto"], cuerpo["coincide"]) == (
        "100.05", "100.05", True,
    )  # fmt: skip


def test_explicacion_ajena() -> None:
    """Somebody else's is a 404."""
    suya = fabricas.comision()
    otra = fabricas.api(["comisiones:leer"], de=fabricas.afiliado())
    ruta = f"/api/v1/comisiones/{suya.id_publico}/explicacion"
    fabricas.problema(otra.get(ruta), 404)
    assert fabricas.api(["comisiones:leer"], de=suya.afiliado).get(ruta).status_code == 200


def test_sin_regla_no_hay_pasos() -> None:
    """It has no amount to explain."""
    suya = fabricas.comision(de=fabricas.afiliado_sin_tarifa())
    assert pasos_de(suya) == []
    assert diferencias(suya) == ()


def test_recalcular() -> None:
    """Every commission agrees; one that was touched is named and the command fails."""
    suyas = [fabricas.comision(valor=valor) for valor in ("0.05", "99999999999.99", "33.33")]
    salida = io.StringIO()
    call_command("recalcular", stdout=salida)
    assert "3 comisiones coinciden" in salida.getvalue()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE comisiones_comision SET monto = monto + 1 WHERE id = %s", [suyas[1].pk]
        )
    salida = io.StringIO()
    with pytest.raises(CommandError, match="1 de 3"):
        call_command("recalcular", stdout=salida)
    assert salida.getvalue().startswith(suyas[1].id_publico)
    call_command("recalcular", comision=[suyas[0].id_publico], stdout=io.StringIO())
    with pytest.raises(CommandError, match="com_no"):
        call_command("recalcular", comision=["com_no"], stdout=io.StringIO())


def test_una_entrada_cambiada_se_nota() -> None:
    """Tampering with the frozen value or with a step of the trace does not pass."""
    suya = fabricas.comision()
    suya.traza["hechos"]["valor"] = "100.01"
    assert any(d.startswith("monto") for d in diferencias(suya)) or diferencias(suya)
    suya.refresh_from_db()
    suya.traza["traza"][-1]["datos"]["monto"] = "11"
    assert diferencias(suya)
    suya.refresh_from_db()
    del suya.traza["hechos"]
    assert "no se puede recalcular" in diferencias(suya)[0]
    assert Decimal(10) == suya.monto


DE_ESCALA = {"modo", "metrica", "periodo", "tramos"}


@pytest.mark.parametrize(
    ("terminos", "sobran"),
    [
        ({"tipo": "porcentual"}, {*DE_ESCALA, "zona_horaria", "monto_fijo", "por"}),
        ({"tipo": "porcentual", "topes_gasto": [{}]}, {*DE_ESCALA, "monto_fijo", "por"}),
        ({"tipo": "fija"}, {*DE_ESCALA, "zona_horaria", "porcentaje"}),
        ({"tipo": "mixta"}, {*DE_ESCALA, "zona_horaria"}),
        ({"tipo": "escalonada"}, {"monto_fijo", "por", "porcentaje"}),
    ],
)
def test_lo_que_no_tomo_parte_no_se_dice(terminos: dict[str, Any], sobran: set[str]) -> None:
    assert _sin_uso(terminos) == {"moneda", *sobran}
