"""Ending a rule, and making another one like it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alpespartner.comun.errores import FaltaMotivo
from alpespartner.comun.models import Historial
from comisiones.reglas.errores import ReglaTerminada, SinVersiones
from comisiones.reglas.models import OrigenRegla, Regla
from comisiones.reglas.selectors import version_vigente, vigentes_de
from comisiones.reglas.services import duplicar_regla, publicar_version, terminar_regla
from tests import fabricas
from tests.fabricas import ANA, hace

pytestmark = pytest.mark.django_db


def test_una_terminada_no_paga_lo_que_ocurra_despues() -> None:
    en = fabricas.campana()
    de = fabricas.afiliado_sin_tarifa()
    fabricas.regla(porcentaje="5")
    propia = fabricas.regla(porcentaje="20", de=en)
    with time_machine.travel(hace(hours=2), tick=False):
        terminar_regla(regla=propia, actor=ANA, motivo="acabó")
    antes = fabricas.comision(de=de, en=en, ocurrida_en=hace(hours=3))
    despues = fabricas.comision(de=de, en=en, ocurrida_en=hace(hours=1))
    assert (antes.monto, antes.regla) == (20, propia)
    # The more general one.
    assert despues.monto == 5


def test_terminar_la_unica_deja_sin_regla() -> None:
    en = fabricas.campana()
    propia = fabricas.regla(porcentaje="20", de=en)
    terminar_regla(regla=propia, actor=ANA, motivo="acabó")
    with time_machine.travel(timezone.now() + timedelta(minutes=1)):
        nueva = fabricas.comision(de=fabricas.afiliado_sin_tarifa(), en=en)
    assert (nueva.estado, nueva.motivo_retencion) == ("retenida", "sin_regla")


def test_terminar_es_una_vez_y_con_motivo() -> None:
    propia = fabricas.regla(porcentaje="20")
    with pytest.raises(FaltaMotivo):
        terminar_regla(regla=propia, actor=ANA, motivo=" ")
    terminar_regla(regla=propia, actor=ANA, motivo="acabó")
    # As somebody saw it before.
    with pytest.raises(ReglaTerminada):
        terminar_regla(regla=propia, actor=ANA, motivo="otra vez")
    with pytest.raises(ReglaTerminada):
        publicar_version(regla=propia, tipo="porcentual", porcentaje=Decimal(3), actor=ANA)
    paso = Historial.objects.get(entidad_id=propia.id_publico, accion="terminar")
    assert (paso.actor, paso.motivo) == (str(ANA), "acabó")
    assert fabricas.eventos_de(propia.id_publico) == ["VersionReglaPublicada", "ReglaTerminada"]


@pytest.mark.parametrize("origen", [OrigenRegla.AFILIADO, OrigenRegla.MANUAL])
def test_las_del_sistema_ni_terminan_ni_se_duplican(origen: str) -> None:
    suya = Regla.objects.get(origen=origen)
    with pytest.raises(SinVersiones):
        terminar_regla(regla=suya, actor=ANA, motivo="m")
    with pytest.raises(SinVersiones):
        duplicar_regla(regla=suya, actor=ANA)


def test_una_copia_no_paga_nada_todavia() -> None:
    en = fabricas.campana()
    propia = fabricas.regla(porcentaje="20", de=en)
    Regla.objects.filter(pk=propia.pk).update(nombre="R" * 120)
    propia.refresh_from_db()
    copia = duplicar_regla(regla=propia, actor=ANA)
    assert (copia.campana, copia.versiones.count()) == (en, 0)
    assert len(copia.nombre) == 120
    paso = Historial.objects.get(entidad_id=copia.id_publico)
    assert paso.datos == {"copia_de": propia.id_publico}
    suya = fabricas.comision(de=fabricas.afiliado_sin_tarifa(), en=en)
    assert suya.regla == propia


def test_la_vigente_es_la_mas_nueva_que_rige() -> None:
    propia = fabricas.regla(porcentaje="20")
    uno = propia.versiones.get()
    publicar_version(
        regla=propia, tipo="porcentual", porcentaje=Decimal(30), actor=ANA,
        vigente_desde=hace(days=9), vigente_hasta=hace(days=1),
    )  # fmt: skip
    assert version_vigente(propia) == uno
    dos = publicar_version(regla=propia, tipo="porcentual", porcentaje=Decimal(25), actor=ANA)
    publicar_version(
        regla=propia, tipo="porcentual", porcentaje=Decimal(35), actor=ANA,
        vigente_desde=timezone.now() + timedelta(days=1),
    )  # fmt: skip
    assert version_vigente(propia) == dos
    assert vigentes_de([propia]) == {propia.pk: [dos]}
    sin = duplicar_regla(regla=propia, actor=ANA)
    assert (version_vigente(sin), vigentes_de([sin])) == (None, {sin.pk: []})


def test_en_cada_moneda_rige_la_suya() -> None:
    """As the tariff does: a version with amounts says nothing of sales in another currency."""
    propia = fabricas.regla(fijo="1", moneda="USD")
    dolares = propia.versiones.get()
    pesos = publicar_version(
        regla=propia, tipo="fija", monto_fijo=Decimal(2000), moneda="COP", actor=ANA
    )  # fmt: skip
    assert vigentes_de([propia])[propia.pk] == [pesos, dolares]
    todas = publicar_version(regla=propia, tipo="porcentual", porcentaje=Decimal(3), actor=ANA)
    assert vigentes_de([propia])[propia.pk] == [todas]


def test_una_consulta_para_todas() -> None:
    reglas = [fabricas.regla(porcentaje=str(n + 1)) for n in range(20)]
    with CaptureQueriesContext(connection) as consultas:
        vigentes = vigentes_de(reglas)
    assert len(consultas) == 1
    assert all(len(suyas) == 1 for suyas in vigentes.values())
