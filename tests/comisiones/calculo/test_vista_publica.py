"""What an affiliate's key reads of a calculation: its own figures, and nothing else of ours."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from comisiones.calculo import explicacion
from comisiones.comision.models import Comision
from comisiones.motor.explicacion import CODIGOS
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import rechazar_comision
from tests import fabricas
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db

REGLA = "Trato-secreto-con-Acme"


def publicar(tipo: str = "porcentual", **datos: Any) -> None:
    regla = crear_regla(nombre=REGLA, campana=None, actor=ANA)
    publicar_version(
        regla=regla, tipo=tipo, porcentaje=Decimal(10) if tipo == "porcentual" else None,
        moneda="USD", vigente_desde=fabricas.hace(days=90), actor=ANA, **datos,
    )  # fmt: skip


def leido(comision: Comision) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Commission, explanation and all that the key may read of it, as text."""
    api = fabricas.api(["comisiones:leer", "conversiones:leer"], de=comision.afiliado)
    ruta = f"/api/v1/comisiones/{comision.id_publico}"
    una, pasos = api.get(ruta).json(), api.get(f"{ruta}/explicacion").json()
    [fila] = [
        f for f in api.get("/api/v1/comisiones").json()["resultados"]
        if f["comision_id"] == comision.id_publico
    ]  # fmt: skip
    assert fila == una
    todo = json.dumps([una, pasos, api.get("/api/v1/comisiones").json()], ensure_ascii=False)
    return una, pasos, todo


def test_el_gasto_de_la_campana() -> None:
    """What the others earned in it is not told, nor the cap; what this one got is."""
    topes = [{"ambito": "campana", "periodo": "total", "monto": "77.77"}]
    publicar(condiciones={"topes_gasto": topes})
    campana = fabricas.campana()
    fabricas.comision(de=fabricas.afiliado_sin_tarifa(), en=campana, valor="753.10")
    suya = fabricas.comision(de=fabricas.afiliado_sin_tarifa(), en=campana, valor="100")
    una, pasos, todo = leido(suya)
    assert (una["monto"], una["calculo"]["monto"]) == ("2.46", "2.46")
    assert pasos["coincide"] is True
    for ajeno in ("75.31", "75,31", "77.77", "77,77", REGLA, "gastado"):
        assert ajeno not in todo, ajeno
    assert "10,00 USD a 2,46 USD" in todo
    del_programa = fabricas.api(["comisiones:leer"]).get(f"/api/v1/comisiones/{suya.id_publico}")
    assert "75.31" in del_programa.content.decode()
    assert REGLA in del_programa.content.decode()


def test_el_producto_y_los_terminos_de_otros() -> None:
    """Nor the rule's products, coupons, exclusions, levels or tiers that were not reached."""
    publicar(
        "escalonada",
        condiciones={
            "modo": "completa", "metrica": "valor", "periodo": "mes", "zona_horaria": "UTC",
            "tramos": [
                {"desde": "0", "hasta": "500", "porcentaje": "10"},
                {"desde": "500", "porcentaje": "43.21"},
            ],
        },
    )  # fmt: skip
    suya = fabricas.comision(de=fabricas.afiliado_sin_tarifa())
    una, pasos, todo = leido(suya)
    assert una["monto"] == "10.00"
    assert "43.21" not in todo
    assert REGLA not in todo
    assert {p["codigo"] for p in pasos["pasos"]} <= set(CODIGOS)
    assert set(una["calculo"]) <= set(explicacion._CIFRAS_PUBLICAS)


def test_el_motivo_del_equipo() -> None:
    """Why somebody rejected it is said to the programme, not to the affiliate."""
    suya = rechazar_comision(comision=fabricas.comision(), actor=ANA, motivo="Huele-a-fraude")
    una, _pasos, todo = leido(suya)
    assert una["estado"] == "rechazada"
    assert "Huele-a-fraude" not in todo
    programa = fabricas.api(["comisiones:leer"]).get(f"/api/v1/comisiones/{suya.id_publico}")
    assert programa.json()["motivo"] == "Huele-a-fraude"


def test_cada_paso_se_decidio() -> None:
    """A new step of the engine is either public or not because somebody said so."""
    assert set(CODIGOS) == explicacion._PUBLICOS | explicacion._RESERVADOS


def test_sin_calculo() -> None:
    """One that waits for a rule has no figures to tell."""
    una, pasos, _todo = leido(fabricas.comision(de=fabricas.afiliado_sin_tarifa()))
    assert (una["calculo"], pasos["pasos"]) == ({}, [])
