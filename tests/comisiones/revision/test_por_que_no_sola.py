"""Why the policy of a campaign leaves a commission for a person: each cause is told, on the page of
the commission, of the policy and of the proposal, and it is what the policy does."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from afiliados.afiliado.services import actualizar_afiliado, suspender_afiliado
from alpespartner.comun.actores import clave, persona
from alpespartner.comun.propuestas.tipos import lineas_de
from comisiones.calculo.services import calcular_manual
from comisiones.comision.models import Comision
from comisiones.motor import Terminos
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.automatica import (
    aprobar_por_politicas,
    por_que_no_sola,
    publicar_politica,
)
from comisiones.revision.propuestas import proponer_politica
from conversiones.campanas.models import Campana
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.reposicion import reponer_si_volvio
from conversiones.ventas.services import (
    NuevaConversion,
    rechazar_conversion,
    registrar_conversion,
)
from tests import fabricas
from tests.comisiones.separacion.test_quien_hizo_la_clave import buscar_clave
from tests.comisiones.separacion.test_quien_hizo_la_clave import clave as crear
from tests.fabricas import ANA, LUIS, PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal
EVA, LUZ = persona(71), persona(72)


@pytest.fixture
def campana() -> Campana:
    return fabricas.campana(dias_retencion=10)


def madura(en: Campana, valor: str = "100", **datos: Any) -> Comision:
    return fabricas.comision(en=en, valor=valor, ocurrida_en=hace(days=11), **datos)


def buena(en: Campana) -> Comision:
    return madura(en)


def sin_madurar(en: Campana) -> Comision:
    return fabricas.comision(en=en)


def grande(en: Campana) -> Comision:
    return madura(en, "500.10")


def de_suspendido(en: Campana) -> Comision:
    suya = madura(en)
    suspender_afiliado(afiliado=suya.afiliado, actor=ANA, motivo="m")
    return suya


def a_mano(en: Campana) -> Comision:
    venta = fabricas.conversion(en=en, ocurrida_en=hace(days=11))
    return calcular_manual(conversion=venta, terminos=Terminos(monto_fijo=D(1)), actor=LUIS)


def de_su_regla(en: Campana) -> Comision:
    regla = crear_regla(nombre="R", campana=en, actor=EVA)
    publicar_version(
        regla=regla, tipo="porcentual", porcentaje=D(5), vigente_desde=hace(days=30), actor=EVA
    )
    return madura(en, de=fabricas.afiliado_sin_tarifa())


def de_su_clave(en: Campana) -> Comision:
    suya = buscar_clave(crear("Tienda", EVA))
    assert suya is not None
    venta = registrar_conversion(
        datos=NuevaConversion(
            afiliado=fabricas.afiliado(), campana=en, valor=D(100), ocurrida_en=hace(days=11)
        ),
        actor=clave(suya.id_clave),
    )
    comision = fabricas.calcular(venta)
    Comision.objects.update(madura_en=hace(days=1))
    comision.refresh_from_db()
    return comision


def con_su_tarifa(en: Campana) -> Comision:
    """Eva set what the affiliate earns: it is only seen one by one."""
    de = fabricas.afiliado()
    actualizar_afiliado(afiliado=de, cambios={"comision_base": D(11)}, actor=EVA, motivo="m")
    venta = fabricas.conversion(en=en, de=de)
    comision = fabricas.calcular(venta)
    Comision.objects.update(madura_en=hace(days=1))
    comision.refresh_from_db()
    return comision


def devuelta_en_parte(en: Campana) -> Comision:
    """Less is due, and a policy may say so."""
    suya = madura(en)
    devolver(conversion=suya.conversion, datos=Devolucion(id_externo="d", monto=D(40)), actor=LUIS)
    fabricas.entregar_todo()
    suya.refresh_from_db()
    return suya


def que_volvio(en: Campana) -> Comision:
    suya = madura(en, referencia_externa="p-1")
    venta = rechazar_conversion(conversion=suya.conversion, actor=ANA, motivo="m")
    fabricas.entregar_todo()
    reponer_si_volvio(sabida=venta, dicha=venta, actor=LUIS)
    fabricas.entregar_todo()
    suya.refresh_from_db()
    return suya


CAUSAS: list[tuple[Callable[[Campana], Comision], str]] = [
    (buena, ""),
    (devuelta_en_parte, ""),
    (que_volvio, "su venta se rechazó y volvió"),
    (sin_madurar, "todavía no se puede pagar"),
    (grande, "pasa de lo que aprueba la política"),
    (de_suspendido, "su afiliado no está activo"),
    (a_mano, "sus condiciones se fijaron a mano"),
    (de_su_regla, "quien publicó la política publicó también su regla"),
    (de_su_clave, "creó la clave que la registró"),
    (con_su_tarifa, "quien publicó la política cambió las condiciones de su afiliado"),
]


@pytest.mark.parametrize(("hacer", "causa"), CAUSAS)
def test_lo_que_se_dice_es_lo_que_hace(
    campana: Campana, hacer: Callable[[Campana], Comision], causa: str
) -> None:
    suya = hacer(campana)
    assert por_que_no_sola(suya) == [], "without a policy there is nothing to say"
    publicar_politica(campana=campana, hasta=D(50), motivo="m", actor=EVA)
    dichas = por_que_no_sola(suya)
    jefa = Client()
    jefa.force_login(User.objects.create_superuser("jefa", "j@ejemplo.co", "x"))
    pagina = jefa.get(f"/admin/comisiones/comision/{suya.pk}/change/").content.decode()
    if causa:
        assert len(dichas) == 1
        assert causa in dichas[0]
        assert causa in pagina
    else:
        assert dichas == []
        assert "no la aprueba sola" not in pagina
    assert aprobar_por_politicas(actor=PRUEBAS) == (0 if causa else 1)
    suya.refresh_from_db()
    assert suya.estado == ("pendiente" if causa else "aprobada")
    if not causa:
        assert por_que_no_sola(suya) == []


@pytest.mark.parametrize("hacer", [de_su_regla, de_su_clave])
def test_otra_persona_si(campana: Campana, hacer: Callable[[Campana], Comision]) -> None:
    suya = hacer(campana)
    publicar_politica(campana=campana, hasta=D(50), motivo="m", actor=LUZ)
    assert por_que_no_sola(suya) == []
    assert aprobar_por_politicas(actor=PRUEBAS) == 1


def test_la_previa_no_promete_lo_que_no_hara(campana: Campana) -> None:
    """What it would approve at once, and apart what it leaves for being of the same hands."""
    buena(campana)
    de_su_clave(campana)
    sin_madurar(campana)
    Comision.objects.filter(pk=Comision.objects.latest("pk").pk).update(
        madura_en=timezone.now() + timedelta(days=1)
    )
    for quien, ya, suyas in ((EVA, "1 ", "1 "), (LUZ, "2 ", "")):
        propuesta = proponer_politica(campana=campana, hasta=D(50), motivo="m", actor=quien)
        dichas = {str(que): str(cuanto) for que, cuanto in lineas_de(propuesta)}
        assert dichas["Aprobaría ya"].startswith(ya)
        [no_aprueba] = [v for que, v in dichas.items() if que.startswith("No aprueba lo de quien")]
        assert no_aprueba.startswith(suyas)
        assert ("10,00" in no_aprueba) is bool(suyas)
        type(propuesta).objects.all().delete()


def test_la_pagina_de_la_politica_lo_dice(campana: Campana) -> None:
    cual = publicar_politica(campana=campana, hasta=D(50), motivo="m", actor=EVA)
    jefa = Client()
    jefa.force_login(User.objects.create_superuser("jefa", "j@ejemplo.co", "x"))
    pagina = jefa.get(f"/admin/comisiones/politicaaprobacion/{cual.pk}/change/").content.decode()
    assert "una clave que creó" in pagina
    nueva = jefa.get("/admin/comisiones/politicaaprobacion/add/").content.decode()
    assert "una clave que creaste" in nueva, re.findall(r"Se aprueban.{80}", nueva)
