"""One proposes, another confirms, and only then it is done: the mechanism, on a campaign."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from afiliados.claves.models import Alcance, ClaveAPI
from afiliados.claves.services import crear_clave
from alpespartner.comun.actores import clave
from alpespartner.comun.errores import CuatroOjos, FaltaMotivo, TransicionInvalida
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.errores import ObjetoCambiado, PropuestaCaducada, YaPropuesto
from alpespartner.comun.propuestas.invariantes import COMPROBACIONES
from alpespartner.comun.propuestas.selectors import por_confirmar, propuestas_de
from alpespartner.comun.propuestas.services import (
    caducar_propuestas,
    confirmar_propuesta,
    descartar_propuesta,
)
from conversiones.campanas.models import Campana
from conversiones.campanas.propuestas import lineas_de_predeterminar, proponer_predeterminada
from conversiones.campanas.services import predeterminar_campana
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
M = "La otra se acaba"


def propuesta(por: Any = ANA) -> Propuesta:
    fabricas.campana(predeterminada=True, nombre="Vieja")
    return proponer_predeterminada(campana=fabricas.campana(nombre="Nueva"), actor=por, motivo=M)


def predeterminada() -> str:
    return Campana.objects.get(predeterminada=True).nombre


def rotas() -> list[str]:
    return [fila for comprobacion in COMPROBACIONES for fila in comprobacion.filas()]


def pasos(entidad: str, entidad_id: str) -> list[tuple[str, str]]:
    return list(historial_de(entidad, entidad_id).values_list("accion", "actor"))


def test_no_se_hace_hasta_que_otra_persona_lo_confirma() -> None:
    p = propuesta()
    assert predeterminada() == "Vieja"
    assert list(propuestas_de("campana", [p.entidad_id])) == [p]
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=p, actor=ANA)
    assert predeterminada() == "Vieja"
    confirmar_propuesta(propuesta=p, actor=LUIS)
    assert predeterminada() == "Nueva"
    p.refresh_from_db()
    assert (p.estado, p.viva, p.decidida_por) == ("confirmada", None, str(LUIS))
    assert not por_confirmar().exists()
    # What was done was done in the name of whoever asked for it, and both histories say so.
    assert pasos("campana", p.entidad_id)[-3:] == [
        ("proponer", str(ANA)), ("confirmar_propuesta", str(LUIS)), ("predeterminar", str(ANA)),
    ]  # fmt: skip
    assert pasos("propuesta", p.id_publico) == [("proponer", str(ANA)), ("confirmar", str(LUIS))]
    assert rotas() == []
    with pytest.raises(TransicionInvalida):
        confirmar_propuesta(propuesta=p, actor=LUIS)


def test_pide_un_motivo_y_espera_una_sola() -> None:
    campana = fabricas.campana()
    with pytest.raises(FaltaMotivo):
        proponer_predeterminada(campana=campana, actor=ANA, motivo=" ")
    assert not Propuesta.objects.exists()
    proponer_predeterminada(campana=campana, actor=ANA, motivo=M)
    antes = fabricas.foto()
    with pytest.raises(YaPropuesto):
        proponer_predeterminada(campana=campana, actor=LUIS, motivo=M)
    assert fabricas.foto() == antes
    proponer_predeterminada(campana=fabricas.campana(), actor=LUIS, motivo=M)


def test_las_claves_de_un_titular_son_las_mismas_manos() -> None:
    una, otra, ajena = (
        crear_clave(nombre="n", titular=t, alcances=[Alcance.CAMPANAS_LEER], actor=PRUEBAS)[0]
        for t in ("Tienda", "TIENDA ", "Otra")
    )
    p = propuesta(clave(una.id_clave))
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=p, actor=clave(otra.id_clave))
    assert predeterminada() == "Vieja"
    confirmar_propuesta(propuesta=p, actor=clave(ajena.id_clave))
    assert predeterminada() == "Nueva"
    assert rotas() == []
    ClaveAPI.objects.filter(pk=ajena.pk).update(titular_normal="tienda")
    assert any("las mismas manos" in fila for fila in rotas())


def test_lo_que_cambio_mientras_tanto_no_se_hace() -> None:
    p = propuesta()
    predeterminar_campana(campana=fabricas.campana(nombre="Tercera"), actor=ANA)
    antes = fabricas.foto()
    with pytest.raises(ObjetoCambiado):
        confirmar_propuesta(propuesta=p, actor=LUIS)
    assert (predeterminada(), fabricas.foto()) == ("Tercera", antes)
    p.refresh_from_db()
    assert p.estado == "por_confirmar"
    # It is dropped, also by whoever asked for it, and then asked for again.
    descartar_propuesta(propuesta=p, actor=ANA, motivo="Ya no")
    assert predeterminada() == "Tercera"
    campana = Campana.objects.get(id_publico=p.entidad_id)
    nueva = proponer_predeterminada(campana=campana, actor=ANA, motivo=M)
    confirmar_propuesta(propuesta=nueva, actor=LUIS)
    assert predeterminada() == "Nueva"
    assert rotas() == []


def test_descartar_pide_motivo_y_es_definitivo() -> None:
    p = propuesta()
    with pytest.raises(FaltaMotivo):
        descartar_propuesta(propuesta=p, actor=LUIS, motivo="")
    descartar_propuesta(propuesta=p, actor=LUIS, motivo="No")
    with pytest.raises(TransicionInvalida):
        confirmar_propuesta(propuesta=p, actor=LUIS)
    assert predeterminada() == "Vieja"
    assert pasos("campana", p.entidad_id)[-1] == ("descartar_propuesta", str(LUIS))


def test_caduca() -> None:
    p = propuesta()
    assert p.caduca_en == p.creada_en + timedelta(days=7)
    Propuesta.objects.update(caduca_en=timezone.now() + timedelta(seconds=30))
    assert caducar_propuestas() == 0
    Propuesta.objects.update(caduca_en=timezone.now())
    assert not por_confirmar().exists()
    with pytest.raises(PropuestaCaducada):
        confirmar_propuesta(propuesta=p, actor=LUIS)
    assert predeterminada() == "Vieja"
    assert caducar_propuestas() == 1
    assert caducar_propuestas() == 0
    p.refresh_from_db()
    assert (p.estado, p.viva, p.decidida_por) == ("caducada", None, "sistema:propuestas")
    assert rotas() == []


def test_una_vencida_no_estorba_aunque_nadie_la_haya_cerrado() -> None:
    p = propuesta()
    Propuesta.objects.update(caduca_en=timezone.now())
    campana = Campana.objects.get(id_publico=p.entidad_id)
    confirmar_propuesta(
        propuesta=proponer_predeterminada(campana=campana, actor=ANA, motivo=M), actor=LUIS
    )
    assert predeterminada() == "Nueva"


@pytest.mark.parametrize(
    ("cambio", "dicho"),
    [
        ({"estado": "confirmada", "viva": None, "decidida_por": str(ANA)}, "quien la propuso"),
        ({"viva": None}, "no lo dicen sus campos"),
        ({"estado": "caducada", "viva": None}, "no lo dicen sus campos"),
        ({"caduca_en": timezone.now() - timedelta(days=1)}, "sigue por confirmar"),
    ],
)
def test_verificar_lo_ve(cambio: dict[str, Any], dicho: str) -> None:
    propuesta()
    assert rotas() == []
    Propuesta.objects.update(**cambio)
    assert [fila for fila in rotas() if dicho in fila]


@pytest.mark.django_db(transaction=True)
def test_dos_que_confirman_a_la_vez_lo_hacen_una_vez() -> None:
    """Two connections: the second waits for the first and then finds it decided."""
    p = propuesta()
    hechas = fabricas.a_la_vez(
        [lambda: confirmar_propuesta(propuesta=p, actor=LUIS) for _n in range(3)]
        + [lambda: descartar_propuesta(propuesta=p, actor=ANA, motivo="No")]
    )
    assert sum(not isinstance(h, BaseException) for h in hechas) == 1
    assert all(isinstance(h, (Propuesta, TransicionInvalida, ObjetoCambiado)) for h in hechas), (
        hechas
    )
    p.refresh_from_db()
    assert predeterminada() == ("Nueva" if p.estado == "confirmada" else "Vieja")
    assert len(pasos("propuesta", p.id_publico)) == 2


@pytest.mark.django_db(transaction=True)
def test_dos_que_proponen_a_la_vez_dejan_una() -> None:
    campana = fabricas.campana()
    hechas = fabricas.a_la_vez(
        [lambda: proponer_predeterminada(campana=campana, actor=ANA, motivo=M) for _n in range(3)]
    )
    assert sum(isinstance(h, Propuesta) for h in hechas) == 1, hechas
    assert sum(isinstance(h, YaPropuesto) for h in hechas) == 2, hechas


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_una_venta_sin_instante_no_cierra_la_pagina() -> None:
    """A row that no service wrote is left out of what came lately, and the others are there."""
    actual = fabricas.campana(predeterminada=True)
    mala, _buena = fabricas.conversion(en=actual), fabricas.conversion(en=actual, valor="7")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE conversiones_conversion SET ocurrida_en = '' WHERE id = %s", [mala.pk]
        )
    dichas = {str(que): str(v) for que, v in lineas_de_predeterminar(fabricas.campana())}
    assert dichas["Ventas de esa en 30 días"].startswith("1 "), dichas
