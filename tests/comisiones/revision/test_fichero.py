"""Decisions by file: looked at line by line, confirmed whole, once, and done as any other."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User
from django.utils import timezone

from afiliados.afiliado.services import suspender_afiliado
from alpespartner.comun.actores import Actor, persona
from alpespartner.comun.errores import DatoInvalido, NoPermitido
from alpespartner.comun.models import Historial
from alpespartner.comun.textos import MAX_MOTIVO
from comisiones.calculo.services import calcular_manual
from comisiones.comision.models import Comision
from comisiones.models import Apunte, DecisionEnMasa, FicheroDecisiones, FilaSaltada, LineaEnMasa
from comisiones.motor import Terminos
from comisiones.revision.avance import avanzar_decision, barrer_decisiones
from comisiones.revision.en_masa import OLVIDO, confirmar_decision
from comisiones.revision.errores import (
    DecisionAjena,
    DecisionDeFichero,
    FicheroRepetido,
    NadaQueDecidir,
)
from comisiones.revision.fichero import _elegir, confirmar_fichero, olvidar_ficheros, subir_fichero
from comisiones.revision.hoja import _fila
from comisiones.revision.services import aprobar_comision, retener_comision
from outbox.models import OutboxEvent
from tests import fabricas
from tests.comisiones.revision.mesa import jefa
from tests.fabricas import PRUEBAS

pytestmark = pytest.mark.django_db
CABECERA = "comision_id,referencia_externa,decision,motivo_codigo,nota"


def subir(*filas: str, cabecera: str = CABECERA, actor: Actor | None = None) -> FicheroDecisiones:
    contenido = "\r\n".join([cabecera, *filas]) + "\r\n"
    return subir_fichero(
        contenido=contenido.encode("utf-8-sig"), nombre="marzo.csv", actor=actor or jefa()
    )


def causas(fichero: FicheroDecisiones) -> dict[int, str]:
    return dict(fichero.saltadas.values_list("numero", "causa"))


def aplicar(fichero: FicheroDecisiones, actor: Actor | None = None) -> None:
    confirmar_fichero(fichero=fichero, actor=actor or jefa())
    for decision in fichero.decisiones.all():
        avanzar_decision(decision_pk=decision.pk)


def estados(*comisiones: Comision) -> list[str]:
    return [Comision.objects.get(pk=c.pk).estado for c in comisiones]


def test_de_principio_a_fin() -> None:
    """Each with its decision and its reason; nothing before it is confirmed."""
    en = fabricas.campana()
    una, otra, tercera = (
        fabricas.comision(en=en, valor=str(100 * n), referencia_externa=f"p-{n}") for n in (1, 2, 3)
    )
    fichero = subir(
        f"{una.id_publico},,aprobar,,",
        ",p-2,RECHAZAR,articulo_devuelto,Llegó roto",
        f"{tercera.id_publico},otra,rechazar,fraude,",
    )
    assert (fichero.filas, fichero.n_saltadas) == (3, 0)
    aprobadas, rechazadas = fichero.decisiones.order_by("id")
    assert (
        aprobadas.sumas == {una.moneda: [1, f"{una.monto.normalize():f}"]} or aprobadas.total == 1
    )
    suma = sum(Decimal(s) for _n, s in rechazadas.sumas.values())
    assert (rechazadas.total, suma) == (2, otra.monto + tercera.monto)
    assert estados(una, otra, tercera) == ["pendiente"] * 3
    aplicar(fichero)
    assert estados(una, otra, tercera) == ["aprobada", "rechazada", "rechazada"]
    motivos = {c.id_publico: (c.motivo_codigo, c.motivo) for c in Comision.objects.all()}
    assert motivos[otra.id_publico] == ("articulo_devuelto", "Llegó roto")
    assert motivos[tercera.id_publico] == ("fraude", "")
    pasos = Historial.objects.filter(entidad="comision", accion__in=("aprobar", "rechazar"))
    assert {p.entidad_id: (p.datos.get("motivo_codigo"), p.motivo) for p in pasos} == {
        una.id_publico: (None, "Fichero marzo.csv"),
        otra.id_publico: ("articulo_devuelto", "Llegó roto"),
        tercera.id_publico: ("fraude", ""),
    }
    dichos = OutboxEvent.objects.filter(type="ComisionRechazada").order_by("posicion")
    rechazos = [json.loads(e.payload)["data"] for e in dichos]
    assert [(r["motivo_codigo"], r["motivo"]) for r in rechazos] == [
        ("articulo_devuelto", "Llegó roto"), ("fraude", "Fraude"),
    ]  # fmt: skip
    assert Apunte.objects.count() == 2
    assert [p.accion for p in Historial.objects.filter(entidad="fichero").order_by("id")] == [
        "subir", "confirmar",
    ]  # fmt: skip


def test_punto_y_coma_y_columnas_de_mas() -> None:
    """As a spreadsheet in Spanish saves an exported list with a column added."""
    comision = fabricas.comision()
    fichero = subir(
        f"Verano;{comision.id_publico};12,50;aprobar",
        cabecera="campana;Comision_Id;monto;decision",
    )
    assert fichero.n_saltadas == 0
    aplicar(fichero)
    assert estados(comision) == ["aprobada"]


def test_lo_que_una_hoja_guarda_con_comilla() -> None:
    """A reference that an export kept from being a formula is the same reference."""
    comision = fabricas.comision(referencia_externa="-77")
    fichero = subir(",'-77,rechazar,prueba,'=nota")
    assert fichero.n_saltadas == 0
    aplicar(fichero)
    rechazada = Comision.objects.get(pk=comision.pk)
    assert (rechazada.motivo_codigo, rechazada.motivo) == ("prueba", "=nota")


def test_cada_fila_que_no_decide_dice_por_que() -> None:
    en = fabricas.campana()
    buena, repetida, doble, aprobada, anulada = (
        fabricas.comision(en=en, referencia_externa=f"r-{n}") for n in range(5)
    )
    aprobar_comision(comision=aprobada, actor=PRUEBAS)
    suspendida = fabricas.comision(en=en)
    suspender_afiliado(afiliado=suspendida.afiliado, actor=PRUEBAS, motivo="x")
    de_otra = fabricas.campana()
    for campana in (en, de_otra):
        fabricas.comision(en=campana, referencia_externa="la-misma")
    fichero = subir(
        f"{buena.id_publico},,aprobar,,",  # 2
        f"{repetida.id_publico},,aprobar,,",
        ",r-1,aprobar,,",  # 4: the same by its reference
        f"{doble.id_publico},,aprobar,,",
        f"{doble.id_publico},,rechazar,fraude,",
        f"{aprobada.id_publico},,aprobar,,",  # 7
        f"{aprobada.id_publico},,rechazar,fraude,",
        f"{suspendida.id_publico},,aprobar,,",
        ",la-misma,aprobar,,",  # 10
        "com_NADA,,aprobar,,",
        f"{anulada.id_publico},,corregir,,",
        f"{anulada.id_publico},,borrar,,",
        f"{anulada.id_publico},,,,",  # 14
        f"{anulada.id_publico},,rechazar,,sin código",
        f"{anulada.id_publico},,rechazar,porque_si,",
        ",,aprobar,,",
        f"{anulada.id_publico},,rechazar,fraude,{'x' * 501}",  # 18
        f"{anulada.id_publico},,aprobar,,nota,de más",
    )
    assert causas(fichero) == {
        4: "repetida", 5: "contradice", 6: "contradice", 7: "ya", 8: "transicion_invalida",
        9: "afiliado_no_activo", 10: "varias", 11: "no_existe", 12: "sin_motivo",
        13: "decision_desconocida", 14: "sin_decision", 15: "sin_motivo",
        16: "motivo_desconocido", 17: "sin_nombre", 18: "nota_larga", 19: "mal_formada",
    }  # fmt: skip
    assert (fichero.filas, fichero.n_saltadas) == (18, 16)
    assert "actívalo" in fichero.saltadas.get(numero=9).detalle
    aplicar(fichero)
    assert estados(buena, repetida, doble, anulada) == [
        "aprobada", "aprobada", "pendiente", "pendiente",
    ]  # fmt: skip


def test_lo_que_cambia_antes_de_confirmar_se_aparta() -> None:
    """It was looked at with a version and an amount: what has others is not decided."""
    una, otra = fabricas.comision(), fabricas.comision()
    fichero = subir(f"{una.id_publico},,rechazar,fraude,", f"{otra.id_publico},,rechazar,fraude,")
    retener_comision(comision=una, actor=PRUEBAS, motivo="x")
    aplicar(fichero)
    assert estados(una, otra) == ["retenida", "rechazada"]
    lineas = LineaEnMasa.objects.order_by("comision")
    assert [linea.resultado for linea in lineas] == ["cambio", "hecha"]


def test_otras_manos_en_cada_fila() -> None:
    """What its author set by hand is decided by somebody else, in a file as anywhere."""
    quien = jefa()
    de_mano = calcular_manual(
        conversion=fabricas.conversion(), terminos=Terminos(porcentaje=Decimal(9)), actor=quien
    )
    ajena = fabricas.comision()
    fichero = subir(f"{de_mano.id_publico},,aprobar,,", f"{ajena.id_publico},,aprobar,,")
    assert causas(fichero) == {2: "cuatro_ojos"}
    aplicar(fichero)
    assert estados(de_mano, ajena) == ["pendiente", "aprobada"]


def test_se_aplica_una_vez() -> None:
    comision = fabricas.comision()
    fila = f"{comision.id_publico},,aprobar,,"
    mirado = subir(fila)
    fichero = subir(fila)
    assert FicheroDecisiones.objects.count() == DecisionEnMasa.objects.count() == 1
    with pytest.raises(NadaQueDecidir):
        confirmar_fichero(fichero=mirado, actor=jefa())
    aplicar(fichero)
    with pytest.raises(FicheroRepetido):
        confirmar_fichero(fichero=fichero, actor=jefa())
    with pytest.raises(FicheroRepetido):
        subir(fila)
    assert Historial.objects.filter(accion="aprobar").count() == 1


def test_lo_confirma_quien_lo_subio_y_entero() -> None:
    comision = fabricas.comision()
    fichero = subir(f"{comision.id_publico},,aprobar,,")
    with pytest.raises(DecisionAjena):
        confirmar_fichero(fichero=fichero, actor=persona(987))
    with pytest.raises(DecisionDeFichero):
        confirmar_decision(decision=fichero.decisiones.get(), actor=jefa(), motivo="m")
    assert DecisionEnMasa.objects.get().estado == "por_confirmar"


def test_quien_no_puede_lo_uno_no_confirma_lo_otro() -> None:
    usuario = User.objects.create_user("solo-tesoreria", is_staff=True)
    usuario.groups.add(Group.objects.get(name="Tesorería"))
    quien = persona(usuario.pk)
    una, otra = fabricas.comision(), fabricas.comision()
    fichero = subir(
        f"{una.id_publico},,aprobar,,", f"{otra.id_publico},,rechazar,fraude,", actor=quien
    )
    with pytest.raises(NoPermitido, match="permiso"):
        confirmar_fichero(fichero=fichero, actor=quien)
    fichero.refresh_from_db()
    assert fichero.confirmado_en is None
    assert set(DecisionEnMasa.objects.values_list("estado", flat=True)) == {"por_confirmar"}


def test_sin_ninguna_fila_buena_no_hay_que_confirmar() -> None:
    fichero = subir("com_NADA,,aprobar,,")
    with pytest.raises(NadaQueDecidir):
        confirmar_fichero(fichero=fichero, actor=jefa())


def test_el_que_nadie_confirma_se_olvida() -> None:
    comision = fabricas.comision()
    subir(f"{comision.id_publico},,aprobar,,", "com_NADA,,aprobar,,")
    with time_machine.travel(timezone.now() + OLVIDO - timedelta(minutes=1)):
        assert olvidar_ficheros() == 0
    with time_machine.travel(timezone.now() + OLVIDO + timedelta(minutes=1)):
        barrer_decisiones()
    for modelo in (FicheroDecisiones, DecisionEnMasa, LineaEnMasa, FilaSaltada):
        assert not modelo.objects.exists(), modelo


@pytest.mark.parametrize(
    ("contenido", "dice"),
    [
        (b"", "vac"),
        (b"comision_id,decision\r\n", "solo tiene la cabecera"),
        (b"comision_id,nota\r\na,b", "Faltan columnas"),
        (b"decision,nota\r\na,b", "Faltan columnas"),
        (b"comision_id,decision,Decision\r\na,b,c", "repetidas"),
        (b"PK\x03\x04", "Excel"),
        (b"comision_id,decision\r\n\x00,aprobar", "nulos"),
        (b'comision_id,decision\r\n"x', "comillas"),
        (b"x" * 5_000_001, "MB"),
        (b"comision_id,decision\r\n" + b"a,aprobar\r\n" * 40_001, "40"),
    ],
)
def test_lo_que_no_es_un_fichero_de_decisiones(contenido: bytes, dice: str) -> None:
    with pytest.raises(DatoInvalido, match=dice):
        subir_fichero(contenido=contenido, nombre="x.csv", actor=jefa())
    assert not FicheroDecisiones.objects.exists()


def test_consultas_constantes(django_assert_max_num_queries: Any) -> None:
    """A line more asks nothing more."""
    en = fabricas.campana()
    de = fabricas.afiliado()
    filas = [f"{fabricas.comision(de=de, en=en).id_publico},,aprobar,," for _n in range(40)]
    with django_assert_max_num_queries(60):
        subir(*filas)


@pytest.mark.parametrize(("sobra", "causa"), [(0, ""), (1, "nota_larga")])
def test_una_nota_llega_hasta_su_largo(sobra: int, causa: str) -> None:
    celdas = {"decision": "aprobar", "comision_id": "com_1", "nota": "x" * (MAX_MOTIVO + sobra)}
    fila = _fila(2, celdas, sobran=False)
    assert (fila.causa, len(fila.motivo)) == (causa, MAX_MOTIVO)


def test_una_decision_por_su_referencia_es_de_una_sola_comision() -> None:
    """A correction is of the sale: any of its commissions leads to it."""
    venta = fabricas.conversion()
    suyas = [Comision(pk=n, conversion=venta, nivel=n) for n in (2, 1)]
    fila = _fila(2, {"decision": "aprobar", "referencia_externa": "p-1"}, sobran=False)
    assert _elegir(fila, suyas).fila.causa == "varias"
    assert _elegir(fila, suyas[:1]).comision == suyas[0]
    assert _elegir(fila, []).fila.causa == "no_existe"
    assert _elegir(replace(fila, valor_nuevo=Decimal(1)), suyas).comision == suyas[1]
