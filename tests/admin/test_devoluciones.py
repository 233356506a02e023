"""Refunds that came before their sale: what waits, what was applied and what did not fit."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from conversiones.ventas.devoluciones import Devolucion, guardar_pendiente
from conversiones.ventas.models import DevolucionPendiente
from conversiones.ventas.services import NuevaConversion, registrar_conversion
from tests.admin.conftest import PRUEBA, ROLES

LISTA = "admin:conversiones_devolucionpendiente_changelist"
FICHA = "admin:conversiones_devolucionpendiente_change"


@pytest.fixture
def pendientes(programa):
    """One waits, one was applied and one did not fit its sale."""
    for id_externo, referencia, monto in (
        ("espera", "no-llega", None),
        ("aplicada", "pedido-1", Decimal(40)),
        ("grande", "pedido-2", Decimal(500)),
    ):
        guardar_pendiente(
            campana=programa.campana, referencia=referencia, actor=PRUEBA,
            datos=Devolucion(id_externo=id_externo, monto=monto),
        )  # fmt: skip
    for referencia in ("pedido-1", "pedido-2"):
        registrar_conversion(
            datos=NuevaConversion(
                afiliado=programa.afiliado, campana=programa.campana, valor=Decimal(100),
                referencia_externa=referencia,
            ),
            actor=PRUEBA,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("situacion", "quedan"),
    [("espera", {"espera"}), ("aplicada", {"aplicada"}), ("problema", {"grande"}),
     ("", {"espera", "aplicada", "grande"}), ("otra", {"espera", "aplicada", "grande"})],
)  # fmt: skip
def test_filtro(admin, pendientes, situacion, quedan):
    lista = admin.get(reverse(LISTA), {"situacion": situacion}).context["cl"]
    assert {d.id_externo for d in lista.result_list} == quedan


def test_la_ficha_lleva_a_su_venta_y_dice_por_que_no(admin, pendientes):
    def ficha(id_externo):
        pk = DevolucionPendiente.objects.get(id_externo=id_externo).pk
        return admin.get(reverse(FICHA, args=[pk])).content.decode()

    assert "conv_" in ficha("aplicada")
    assert "no se puede devolver más" in ficha("grande")
    assert "Toda la venta" in ficha("espera")


def test_el_inicio_las_cuenta(admin, pendientes):
    cuentas = {
        t["titulo"]: t["cuenta"] for t in admin.get(reverse("admin:index")).context["tarjetas"]
    }
    # Those that wait for their sale wait for nobody here.
    assert "Devoluciones sin su venta" not in cuentas
    assert cuentas["Devoluciones que no cupieron"] == "1"


@pytest.mark.parametrize("rol", ["", *ROLES])
def test_quien_las_ve(pendientes, de_rol, rol):
    assert de_rol(rol).get(reverse(LISTA)).status_code == (200 if rol else 403)
