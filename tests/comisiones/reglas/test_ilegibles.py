"""A version that cannot be read holds the sales that it may be of, and no other."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection

from comisiones.comision.models import Comision
from comisiones.models import VersionRegla
from tests import fabricas
from tests.fabricas import entregar_todo, hace

pytestmark = pytest.mark.django_db


def estropear(version: VersionRegla, columna: str, valor: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE comisiones_versionregla SET {columna} = %s WHERE id = %s", [valor, version.pk]
        )


@pytest.mark.parametrize(
    ("columna", "valor"), [("tipo", "rota"), ("tipo", "red"), ("condiciones", '{"tramos": 5}')]
)
def test_se_retienen_las_suyas(columna: str, valor: str) -> None:
    de = fabricas.afiliado_sin_tarifa()
    mala, buena = fabricas.campana(nombre="Mala"), fabricas.campana(nombre="Buena")
    fabricas.regla(porcentaje="7")
    regla = fabricas.regla(porcentaje="20", de=mala)
    fabricas.regla(porcentaje="30", de=buena)
    estropear(regla.versiones.get(), columna, valor)
    una, otra = fabricas.conversion(de=de, en=mala), fabricas.conversion(de=de, en=buena)
    entregar_todo()
    # Not by the programme's own rule, which might pay something else.
    suya = Comision.objects.get(conversion=una)
    assert (suya.estado, suya.motivo_retencion, suya.monto) == ("retenida", "sin_regla", 0)
    assert Comision.objects.get(conversion=otra).monto == 30
    if valor == "red":
        # A version of a network stays in force until another of a network.
        return
    fabricas.publicar_version(
        regla=regla, tipo="porcentual", porcentaje=Decimal(20), vigente_desde=hace(days=300),
        actor=fabricas.ANA,
    )  # fmt: skip
    entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.monto) == ("pendiente", 20)
