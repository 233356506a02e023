"""Backtests against stored history: exact, resumable, and without a trace in the money."""

from __future__ import annotations

import csv
import inspect
import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alpespartner.comun.errores import DatoInvalido, TransicionInvalida
from comisiones.calculo.services import calcular_manual
from comisiones.comision.models import Comision
from comisiones.models import LineaSimulacion, Regla, Simulacion
from comisiones.motor import Terminos, Tipo
from comisiones.reglas.services import publicar_version
from comisiones.revision.services import rechazar_comision
from comisiones.simulaciones import recorrido, services
from comisiones.simulaciones.csv_salida import simular
from comisiones.simulaciones.services import (
    avanzar_simulacion,
    barrer_simulaciones,
    cancelar_simulacion,
    crear_simulacion,
)
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
from tests import fabricas

pytestmark = pytest.mark.django_db

DOCE = {"moneda": "USD", "reglas": [{"nombre": "doce", "tipo": "porcentual", "porcentaje": "12"}]}
ESCALA = {
    "moneda": "USD",
    "reglas": [
        {
            "nombre": "escala",
            "tipo": "escalonada",
            "modo": "graduada",
            "metrica": "valor",
            "periodo": "mes",
            "tramos": [
                {"desde": "0", "hasta": "250", "porcentaje": "5"},
                {"desde": "250", "hasta": None, "porcentaje": "20"},
            ],
        }
    ],
    "red": {"porcentajes": ["3"]},
}


@pytest.fixture(autouse=True)
def _sin_cola(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests work the slices themselves."""
    monkeypatch.setattr(services, "encolar", lambda _pk: None)


def crear(politica: Any = DOCE, **datos: Any) -> Simulacion:
    """A backtest of the last 60 days."""
    if "regla" not in datos:
        datos["politica"] = politica if isinstance(politica, str) else json.dumps(politica)
    ahora = timezone.now()
    valores = {"nombre": "Prueba", "desde": ahora - timedelta(days=60), "hasta": ahora, **datos}
    return crear_simulacion(**valores, actor=fabricas.ANA)


def correr(simulacion: Simulacion, segundos: int = 60) -> Simulacion:
    """Work it to its end."""
    for _vuelta in range(1000):
        if not avanzar_simulacion(simulacion_pk=simulacion.pk, segundos=segundos):
            break
    simulacion.refresh_from_db()
    return simulacion


def lineas(simulacion: Simulacion) -> dict[str, tuple[int, str, str, str]]:
    """Sales, today, candidate and difference, by affiliate's name."""
    return {
        linea.afiliado.nombre: (
            linea.ventas, f"{linea.hoy:.2f}", f"{linea.candidata:.2f}", f"{linea.diferencia:.2f}",
        )
        for linea in simulacion.lineas.select_related("afiliado")
    }  # fmt: skip


def borrador(**datos: Any) -> dict[str, Any]:
    """A version to try."""
    return {"tipo": "porcentual", "porcentaje": Decimal(12), **datos}


def historia() -> tuple[Any, Any]:
    """Ana (referred by Zoe) sold 100, 200 and 300; Luis 50; over two months."""
    campana = fabricas.campana(moneda="USD")
    zoe = fabricas.afiliado(nombre="Zoe", email="z@x.co")
    ana = fabricas.afiliado(nombre="Ana", email="a@x.co", referente=zoe)
    luis = fabricas.afiliado(nombre="Luis", email="l@x.co")
    for quien, valor, dias in (
        (ana, "100", 50),
        (ana, "200", 10),
        (luis, "50", 9),
        (ana, "300", 5),
    ):
        fabricas.comision(de=quien, en=campana, valor=valor, ocurrida_en=fabricas.hace(days=dias))
    return campana, ana


def test_la_politica_contra_lo_pagado() -> None:
    historia()
    hecha = correr(crear())
    assert (hecha.estado, hecha.hechas, hecha.total, hecha.excluidas) == ("terminada", 4, 4, 0)
    assert lineas(hecha) == {
        "Ana": (3, "60.00", "72.00", "12.00"),
        "Luis": (1, "5.00", "6.00", "1.00"),
    }
    usd = hecha.resultado["USD"]
    assert (usd["ventas"], usd["hoy"], usd["candidata"]) == (4, "65.00", "78.00")
    assert sum(Decimal(candidata) for _hoy, candidata in usd["serie"].values()) == Decimal(78)


def test_coincide_con_el_comando(tmp_path: Path) -> None:
    """The same policy on the same sales pays the same by both doors, network and periods too."""
    historia()
    filas = Conversion.objects.select_related("afiliado__referente")
    with (tmp_path / "c.csv").open("w", newline="") as archivo:
        hoja = csv.writer(archivo)
        hoja.writerow(
            ["conversion_id", "afiliado_id", "valor", "moneda", "ocurrida_en", "referente"]
        )
        for c in filas:
            referente = c.afiliado.referente.id_publico if c.afiliado.referente else ""
            hoja.writerow(
                [c.id_publico, c.afiliado.id_publico, f"{c.valor:.2f}", c.moneda,
                 c.ocurrida_en.isoformat(), referente]
            )  # fmt: skip
    (tmp_path / "p.json").write_text(json.dumps(ESCALA))
    totales = simular(tmp_path / "p.json", tmp_path / "c.csv", tmp_path / "s.csv")["totales"]
    hecha = correr(crear(ESCALA))
    assert hecha.resultado["USD"]["candidata"] == totales["USD"]
    with (tmp_path / "s.csv").open() as archivo:
        por_afiliado: dict[str, Decimal] = {}
        for fila in csv.DictReader(archivo):
            quien = fila["afiliado_id"]
            por_afiliado[quien] = por_afiliado.get(quien, Decimal(0)) + Decimal(fila["monto"])
    guardadas = hecha.lineas.select_related("afiliado")
    assert {x.afiliado.id_publico: x.candidata for x in guardadas} == por_afiliado


@pytest.mark.parametrize("politica", [DOCE, ESCALA])
def test_a_trozos_da_lo_mismo(politica: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after every sale, at each restart it goes on as if nothing had happened."""
    historia()
    entera = correr(crear(politica))
    monkeypatch.setattr(recorrido, "TANDA", 1)
    a_trozos = correr(crear(politica), segundos=0)
    assert a_trozos.porcion >= 4
    assert lineas(a_trozos) == lineas(entera)
    assert a_trozos.resultado == entera.resultado
    assert a_trozos.memoria == []


@pytest.mark.parametrize("lote", [1, 500])
def test_una_porcion_se_guarda_una_vez(lote: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two workers with the same slice: the second finds it done, the last one too."""
    monkeypatch.setattr(recorrido, "TANDA", lote)
    historia()
    simulacion = crear()
    leida = services._empezar(simulacion.pk)
    assert leida is not None
    porcion = services._recorrer(leida, 0)
    assert services._guardar(leida, porcion)
    otra = services._recorrer(leida, 0)
    assert not services._guardar(leida, otra)
    assert correr(simulacion).resultado["USD"]["ventas"] == 4


def test_no_toca_el_dinero() -> None:
    """Only its own two tables and the history change."""
    historia()
    comisiones = list(Comision.objects.order_by("pk").values())
    propias = ("comisiones.Simulacion", "comisiones.LineaSimulacion", "comun.Historial")
    antes = fabricas.foto(sin=propias)
    correr(crear(ESCALA))
    assert fabricas.foto(sin=propias) == antes
    assert list(Comision.objects.order_by("pk").values()) == comisiones


def test_lo_que_no_cuenta() -> None:
    """Sales refused, given back whole, without commission, in another currency or out of dates."""
    campana, ana = historia()
    rechazar_comision(
        comision=Comision.objects.get(conversion__valor=300), actor=fabricas.LUIS, motivo="fraude"
    )
    devuelta = Conversion.objects.get(valor=200)
    devolver(conversion=devuelta, datos=Devolucion(id_externo="d"), actor=fabricas.PRUEBAS)
    fabricas.conversion(de=ana, en=campana, valor="70", ocurrida_en=fabricas.hace(days=2))
    euros = fabricas.campana(nombre="Otra", moneda="EUR")
    fabricas.comision(de=ana, en=euros, valor="40", ocurrida_en=fabricas.hace(days=2))
    fabricas.comision(de=ana, en=campana, valor="90", ocurrida_en=fabricas.hace(days=70))
    hecha = correr(crear())
    assert hecha.excluidas == 2
    assert lineas(hecha)["Ana"] == (1, "10.00", "12.00", "2.00")
    assert set(hecha.resultado) == {"USD"}


def test_una_devolucion_parcial_no_cuenta() -> None:
    """Both sides are of the whole sale."""
    historia()
    venta = Conversion.objects.get(valor=50)
    devolver(
        conversion=venta, datos=Devolucion(id_externo="d", monto=Decimal(20)), actor=fabricas.ANA
    )
    fabricas.entregar_todo()
    assert Comision.objects.get(conversion=venta).monto == Decimal(3)
    assert lineas(correr(crear()))["Luis"] == (1, "5.00", "6.00", "1.00")


def test_una_version_nueva() -> None:
    """The version wins over today's ones of its rule, at any date, and loses to what is before."""
    campana = fabricas.campana()
    regla = fabricas.regla(porcentaje="10", de=campana)
    ana = fabricas.afiliado_sin_tarifa(nombre="Ana", email="a@x.co")
    luis = fabricas.afiliado(nombre="Luis", email="l@x.co")
    for quien in (ana, luis):
        fabricas.comision(de=quien, en=campana, valor="100", ocurrida_en=fabricas.hace(days=20))
    hecha = correr(crear(regla=regla, borrador=borrador()))
    # Luis has terms of his own.
    assert lineas(hecha) == {
        "Ana": (1, "10.00", "12.00", "2.00"),
        "Luis": (1, "10.00", "10.00", "0.00"),
    }
    assert regla.versiones.count() == 1


def test_una_version_no_mueve_lo_que_no_toca() -> None:
    """What was published since, or set by hand, is not the version's doing."""
    campana = fabricas.campana()
    regla = fabricas.regla(porcentaje="10", de=campana)
    ana = fabricas.afiliado_sin_tarifa(nombre="Ana", email="a@x.co")
    fabricas.comision(de=ana, en=campana, ocurrida_en=fabricas.hace(days=20))
    a_mano = fabricas.conversion(de=ana, en=campana, ocurrida_en=fabricas.hace(days=19))
    calcular_manual(
        conversion=a_mano,
        terminos=Terminos(tipo=Tipo.FIJA, monto_fijo=Decimal(7), moneda="USD"),
        actor=fabricas.PRUEBAS,
    )
    publicar_version(
        regla=regla, tipo="porcentual", porcentaje=Decimal(50), actor=fabricas.ANA,
        vigente_desde=fabricas.hace(days=30),
    )  # fmt: skip
    otra = fabricas.regla(porcentaje="1", de=campana)
    ajena = correr(crear(regla=otra, borrador=borrador(tipo_afiliado="premium")))
    assert lineas(ajena)["Ana"] == (2, "17.00", "17.00", "0.00")
    todos = correr(crear(regla=regla, borrador=borrador(prioridad=1)))
    assert lineas(todos)["Ana"] == (2, "17.00", "19.00", "2.00")


def test_una_version_quita_las_otras_de_su_regla() -> None:
    """Who is left out of it earns by the next rule, or by none."""
    campana = fabricas.campana()
    regla = fabricas.regla(porcentaje="10", de=campana)
    ana = fabricas.afiliado_sin_tarifa(nombre="Ana", email="a@x.co")
    fabricas.comision(de=ana, en=campana, ocurrida_en=fabricas.hace(days=20))
    solo_premium = borrador(tipo_afiliado="premium")
    nadie = correr(crear(regla=regla, borrador=solo_premium))
    assert lineas(nadie)["Ana"] == (1, "10.00", "0.00", "-10.00")
    fabricas.regla(porcentaje="3")
    siguiente = correr(crear(regla=regla, borrador=solo_premium))
    assert lineas(siguiente)["Ana"] == (1, "10.00", "3.00", "-7.00")


def test_una_version_es_la_mas_nueva_de_su_rango() -> None:
    """As it will be when it is published: it wins over a rule as precise, published meanwhile."""
    campana = fabricas.campana()
    regla = fabricas.regla(porcentaje="10", de=campana)
    fabricas.regla(porcentaje="20", de=campana, desde=fabricas.hace(days=10))
    ana = fabricas.afiliado_sin_tarifa(nombre="Ana", email="a@x.co")
    fabricas.comision(de=ana, en=campana, ocurrida_en=fabricas.hace(days=5))
    hecha = correr(crear(regla=regla, borrador=borrador()))
    assert lineas(hecha)["Ana"] == (1, "20.00", "12.00", "-8.00")


def test_una_version_de_otro_nivel_y_con_tope(monkeypatch: pytest.MonkeyPatch) -> None:
    """Level 2 is found through the referrers; a spending cap stops, also between two slices."""
    monkeypatch.setattr(recorrido, "TANDA", 1)
    campana, _ana = historia()
    regla = fabricas.regla(porcentaje="1", de=campana)
    condiciones = {
        "topes_gasto": [{"ambito": "afiliado", "periodo": "total", "monto": "9"}],
    }
    hecha = correr(
        crear(
            regla=regla,
            borrador=borrador(
                porcentaje=Decimal(2), moneda="USD", condiciones=condiciones, nivel=2
            ),
        ),
        segundos=0,
    )
    # 2 % of 100, 200 and 300 is 12; the cap leaves 9.
    assert lineas(hecha)["Zoe"] == (3, "0.00", "9.00", "9.00")
    assert lineas(hecha)["Ana"] == (3, "60.00", "60.00", "0.00")


@pytest.mark.parametrize(
    ("datos", "campo"),
    [
        ({"politica": ""}, "politica"),
        ({"politica": "{"}, "politica"),
        ({"politica": "[" * 100_000}, "politica"),
        ({"politica": json.dumps({**DOCE, "nombre": "x" * 300_000})}, "politica"),
        ({"politica": json.dumps({"moneda": "USD", "reglas": []})}, "politica"),
        ({"desde": timezone.now() + timedelta(days=1)}, "desde"),
    ],
)
def test_se_rechaza_al_crearla(datos: dict[str, Any], campo: str) -> None:
    with pytest.raises(DatoInvalido) as error:
        crear(datos.pop("politica", DOCE), **datos)
    assert error.value.campo == campo
    assert not Simulacion.objects.exists()


def test_la_version_se_prueba_con_todo_lo_que_la_limita() -> None:
    """A term or a scope that were dropped would try another version than the one written."""
    simulacion = crear(regla=fabricas.regla(porcentaje="1"), borrador=borrador())
    publica = set(inspect.signature(publicar_version).parameters)
    fuera = {"regla", "actor", "vigente_desde", "vigente_hasta"}
    assert {campo.removesuffix("_id") for campo in simulacion.borrador} == publica - fuera


def test_una_red_no_se_prueba_como_version() -> None:
    with pytest.raises(DatoInvalido):
        crear(regla=fabricas.regla(porcentaje="1"), borrador={"tipo": "red"})
    sistema = Regla.objects.get(origen="afiliado")
    with pytest.raises(DatoInvalido):
        crear(regla=sistema, borrador=borrador())


def test_la_que_no_se_puede_pagar_dice_por_que(monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends as failed, with the reason, and is not tried for ever."""
    historia()
    simulacion = crear()

    def fallar(*_args: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(services, "candidata_de", fallar)
    assert correr(simulacion).estado == "fallida"
    assert simulacion.problema == "ZeroDivisionError"
    assert not avanzar_simulacion(simulacion_pk=simulacion.pk)


def test_cancelar() -> None:
    """What it found stays; it does not go on."""
    historia()
    simulacion = crear()
    cancelada = cancelar_simulacion(simulacion=simulacion, actor=fabricas.ANA)
    assert cancelada.estado == "cancelada"
    assert not avanzar_simulacion(simulacion_pk=simulacion.pk)
    with pytest.raises(TransicionInvalida):
        cancelar_simulacion(simulacion=simulacion, actor=fabricas.ANA)


def test_el_barrido_recoge_la_que_perdio_su_tarea(monkeypatch: pytest.MonkeyPatch) -> None:
    """A new one soon, for it may never have had one; one at work only after a long silence."""
    historia()
    nueva, recien, callada, trabaja = crear(), crear(), crear(), crear()
    terminada = correr(crear())
    for simulacion in (callada, trabaja):
        services._empezar(simulacion.pk)
    for simulacion, segundos in (
        (nueva, services.SEGUNDOS_EN_COLA + 1),
        (callada, services.SEGUNDOS_PERDIDA + 1),
        (trabaja, services.SEGUNDOS_PERDIDA - 10),
        (terminada, 3600),
    ):
        Simulacion.objects.filter(pk=simulacion.pk).update(
            actualizado_en=fabricas.hace(seconds=segundos)
        )
    encoladas: list[int] = []
    monkeypatch.setattr(services, "encolar", encoladas.append)
    assert barrer_simulaciones() == 2
    assert encoladas == [nueva.pk, callada.pk]
    assert recien.pk not in encoladas


def test_consultas_por_lote_constantes() -> None:
    """A batch asks the same whatever its sales, affiliates or versions."""
    campana, _ana = historia()
    regla = fabricas.regla(porcentaje="10", de=campana)

    def consultas(**datos: Any) -> int:
        simulacion = crear(**datos)
        with CaptureQueriesContext(connection) as hechas:
            correr(simulacion)
        return len(hechas)

    def medir() -> tuple[int, int]:
        return consultas(), consultas(regla=regla, borrador=borrador())

    antes = medir()
    for i in range(20):
        nueva = fabricas.afiliado_sin_tarifa(nombre=f"N{i}", email=f"n{i}@x.co")
        fabricas.comision(de=nueva, en=campana, ocurrida_en=fabricas.hace(days=3))
    assert medir() == antes
    assert LineaSimulacion.objects.count() == 2 * 2 + 2 * 22
