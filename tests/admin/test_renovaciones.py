"""Limits of renewals in the admin: written in a rule, and told on the page of a sale."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ANA

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
DIEZ = {"tipo": "porcentual", "porcentaje": "10", "nivel": "1"}


def test_se_escriben_en_la_regla(admin: Client, programa: Any) -> None:
    """With what they change and when a renewal stops earning, before it is published."""
    pk = programa.regla.pk
    datos = {**DIEZ, "duracion_meses": "12", "max_pagos": "6"}
    previa = admin.post(reverse("admin:comisiones_regla_previa", args=[pk]), datos)
    texto = previa.content.decode()
    assert "<td>Hereda</td><td><strong>12</strong></td>" in texto
    assert "Las siguientes de un cliente" in texto
    respuesta = admin.post(reverse("admin:comisiones_regla_publicar", args=[pk]), datos)
    assert respuesta.status_code == 302, respuesta.content.decode()
    assert programa.regla.versiones.first().condiciones == {"duracion_meses": 12, "max_pagos": 6}
    lista = admin.get(reverse("admin:comisiones_regla_changelist")).content.decode()
    assert "10 %, durante 12 meses, 6 ventas de cada cliente como mucho" in lista


@pytest.mark.parametrize(("campo", "valor"), [("max_pagos", "0"), ("duracion_meses", "1201")])
def test_lo_que_no_es_un_limite(admin: Client, programa: Any, campo: str, valor: str) -> None:
    url = reverse("admin:comisiones_regla_publicar", args=[programa.regla.pk])
    respuesta = admin.post(url, {**DIEZ, campo: valor})
    assert respuesta.status_code == 200
    assert campo in respuesta.context["form"].errors


def test_la_venta_dice_por_que_gana_o_no(admin: Client) -> None:
    inicio = datetime(2024, 1, 1, tzinfo=UTC)
    campana, afiliado = fabricas.campana(inicia_en=inicio), fabricas.afiliado_sin_tarifa()
    publicar_version(
        regla=crear_regla(nombre="R", campana=campana, actor=ANA), tipo="porcentual",
        porcentaje=Decimal(10), condiciones={"duracion_meses": 12}, vigente_desde=inicio,
        actor=ANA,
    )  # fmt: skip
    ventas = [
        fabricas.conversion(
            de=afiliado, en=campana, cliente_ref="c-1",
            ocurrida_en=datetime(ano, mes, 5, 12, tzinfo=UTC),
        )
        for ano, mes in ((2024, 1), (2024, 6), (2025, 1))
    ]  # fmt: skip
    fabricas.entregar_todo()

    def pagina(venta: Conversion) -> str:
        url = reverse("admin:conversiones_conversion_change", args=[venta.pk])
        return admin.get(url).content.decode()

    primera, dentro, fuera = map(pagina, ventas)
    assert "renovación" not in primera
    assert "Es una renovación: la primera venta del cliente fue el 05/01/2024" in dentro
    assert "Fuera de los 12 meses desde la primera venta del cliente" in fuera
    assert [c.monto for c in Comision.objects.order_by("conversion_id")] == [10, 10, 0]


def test_el_rechazo_guarda_su_codigo(admin: Client, programa: Any) -> None:
    """Only fraud ends the renewals of a customer: why is kept apart from what was written."""
    venta = programa.ventas(1)[0].conversion
    url = reverse("admin:conversiones_conversion_accion", args=[venta.pk, "rechazar"])
    respuesta = admin.post(url, {"motivo_codigo": "fraude", "motivo": ""})
    assert respuesta.status_code == 302
    venta.refresh_from_db()
    assert (venta.estado, venta.motivo_codigo) == ("rechazada", "fraude")
