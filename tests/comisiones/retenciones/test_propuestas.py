"""A withholding that reaches more than one affiliate takes a second person."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from alpespartner.comun.errores import CuatroOjos, DatoInvalido
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.errores import ObjetoCambiado, YaPropuesto
from alpespartner.comun.propuestas.services import confirmar_propuesta
from alpespartner.comun.propuestas.tipos import TIPOS
from comisiones.pagos.pago import efecto
from comisiones.retenciones import propuestas
from comisiones.retenciones.models import RetencionFiscal
from comisiones.retenciones.propuestas import proponer_retencion
from comisiones.retenciones.services import hoy, publicar_retencion
from tests import fabricas
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db
D = Decimal


def pedir(porcentaje: str = "15", **datos: Any) -> Any:
    valores = {"nombre": "IRPF", "desde": hoy(), "motivo": "ley", "actor": ANA, **datos}
    return proponer_retencion(porcentaje=D(porcentaje), **valores)


def test_la_de_un_afiliado_vale_ya() -> None:
    assert isinstance(pedir(afiliado=fabricas.afiliado()), RetencionFiscal)
    assert not Propuesta.objects.exists()


@pytest.mark.parametrize("documento_tipo", ["", "NIT"])
def test_la_de_muchos_espera_a_otra_persona(documento_tipo: str) -> None:
    p = pedir(documento_tipo=documento_tipo)
    assert isinstance(p, Propuesta)
    assert not RetencionFiscal.objects.exists()
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=p, actor=ANA)
    confirmar_propuesta(propuesta=p, actor=LUIS)
    hecha = RetencionFiscal.objects.get()
    assert (hecha.porcentaje, hecha.documento_tipo, hecha.publicada_por, hecha.desde) == (
        D(15), documento_tipo, str(ANA), hoy(),
    )  # fmt: skip


def test_dice_a_cuantos_y_cuanto() -> None:
    fabricas.aprobada(valor="1000")
    fabricas.afiliado(documento_tipo="NIT", documento_numero="800197268")
    lineas = dict(TIPOS["retencion"].lineas(pedir()))
    assert lineas["Afiliados"] == "2"
    # 15 % of the 100 that are owed.
    assert str(lineas["De lo que se debe hoy"]).startswith("15")
    de_nit = dict(TIPOS["retencion"].lineas(pedir(documento_tipo="NIT")))
    assert (de_nit["Afiliados"], de_nit["De quién"]) == ("1", "NIT")


def test_una_por_alcance_y_solo_si_nada_cambio() -> None:
    p = pedir()
    with pytest.raises(YaPropuesto):
        pedir("10")
    pedir("10", documento_tipo="NIT")
    publicar_retencion(
        nombre="Otra", porcentaje=D(1), desde=hoy(), motivo="m", actor=LUIS, documento_tipo=""
    )
    with pytest.raises(ObjetoCambiado):
        confirmar_propuesta(propuesta=p, actor=LUIS)
    assert RetencionFiscal.objects.get().porcentaje == D(1)


def test_la_que_espero_vale_desde_que_se_confirma(time_machine: Any) -> None:
    p = pedir()
    manana = hoy() + timedelta(days=1)
    time_machine.move_to(f"{manana}T12:00:00+00:00")
    confirmar_propuesta(propuesta=p, actor=LUIS)
    assert RetencionFiscal.objects.get().desde == manana


def test_lo_que_no_vale_se_dice_al_pedirlo() -> None:
    for mala in ({"porcentaje": "100"}, {"desde": hoy() - timedelta(days=1)}):
        with pytest.raises(DatoInvalido):
            pedir(**mala)
    assert not Propuesta.objects.exists()


def test_en_el_panel(admin_client: Any) -> None:
    datos = {"nombre": "IRPF", "porcentaje": "15", "desde": str(hoy()), "motivo": "ley"}
    respuesta = admin_client.post(reverse("admin:comisiones_retencionfiscal_add"), datos)
    p = Propuesta.objects.get()
    assert respuesta.url == reverse("admin:comun_propuesta_change", args=[p.pk])
    lista = admin_client.get(reverse("admin:comun_propuesta_changelist"))
    assert "todos" in lista.content.decode()
    assert "Afiliados" in admin_client.get(respuesta.url).content.decode()


def test_los_pagos_dicen_lo_que_otra_habria_retenido() -> None:
    assert [efecto._lineas] == propuestas._MIRAN
