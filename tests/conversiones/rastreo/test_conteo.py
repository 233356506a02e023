"""Clicks by day and month: of the days of their campaign's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversiones.campanas.errores import MonedaFija, ZonaFija
from conversiones.campanas.services import actualizar_campana, crear_campana
from conversiones.rastreo.conteo import clics_de_enlaces, contados, que_no_cuadran, recontar
from conversiones.rastreo.models import ClicsDelDia, ClicsDelMes, ClicsDeTramo, Enlace
from tests import fabricas
from tests.conversiones.rastreo.visitante import Visitante
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db
# The last hour of a month in Bogotá.
NOCHE = datetime(2026, 4, 1, 4, 30, tzinfo=UTC)


def tramos() -> dict[Any, tuple[int, int]]:
    llave = ("campana", "afiliado", "grano", "desde", "moneda")
    return {
        tuple(fila[:5]): (fila[5], fila[6])
        for fila in ClicsDeTramo.objects.values_list(*llave, "clics", "unicos")
    }


def test_de_la_zona_de_su_campana() -> None:
    with time_machine.travel(NOCHE, tick=False) as reloj:
        en = fabricas.campana(pagina="https://tienda.example/", zona="America/Bogota")
        enlace = fabricas.enlace(en=en, codigo="ana")
        yo = Visitante()
        for minutos in (0, 1, 31):
            reloj.move_to(NOCHE.replace(minute=30).timestamp() + 60 * minutos)
            yo.ir("ana")
            yo.recoger()
        Visitante(agente="Googlebot/2.1").ir("ana")
        yo.recoger()
    quien, dia = enlace.afiliado_id, date(2026, 3, 31)
    suyos = tramos()
    for campana in (0, en.pk):
        for afiliado in (0, quien):
            assert suyos[campana, afiliado, "d", dia, "USD"] == (2, 1)
            assert suyos[campana, afiliado, "m", date(2026, 3, 1), "USD"] == (2, 1)
            assert suyos[campana, afiliado, "d", date(2026, 4, 1), "USD"] == (1, 0)
    assert len(suyos) == 28
    assert list(que_no_cuadran()) == []
    ClicsDeTramo.objects.update(clics=9)
    assert len(list(que_no_cuadran())) == 28
    assert len(contados().tramos) == 28
    # And the link's two months.
    assert recontar() == 30
    assert tramos() == suyos
    ClicsDeTramo.objects.filter(grano="a").delete()
    recontar()
    assert tramos() == suyos
    with CaptureQueriesContext(connection) as hechas:
        recontar()
    # It is so already.
    assert not [q for q in hechas if q["sql"].startswith(("INSERT INTO `conversiones_clics",
                'INSERT INTO "conversiones_clics', "DELETE"))]  # fmt: skip


def meses(enlace: Enlace) -> list[tuple[date, int, int]]:
    return list(enlace.meses.order_by("mes").values_list("mes", "clics", "unicos"))


def test_cada_mes_de_un_enlace() -> None:
    """A report of links says the same of whole months and of their days, whatever the days."""
    en = fabricas.campana(pagina="https://tienda.example/")
    uno, otro = (fabricas.enlace(en=en, codigo=codigo) for codigo in ("uno", "otro"))
    fabricas.enlace(en=en, codigo="sin-clics")
    cada = {date(2026, 1, 31): 1, date(2026, 2, 1): 2, date(2026, 2, 28): 4, date(2026, 3, 1): 8}
    for dia, cuantos in cada.items():
        with time_machine.travel(datetime(dia.year, dia.month, dia.day, 9, tzinfo=UTC), tick=False):
            for n in range(cuantos):
                # Two of one visit of each link.
                yo = Visitante(ip=f"203.0.113.{n // 2}")
                yo.ir("uno")
                yo.recoger()
            Visitante(agente="Googlebot/2.1").ir("otro")
            yo.recoger()
    enero, febrero, marzo = (date(2026, mes, 1) for mes in (1, 2, 3))
    assert meses(uno) == [(enero, 1, 1), (febrero, 6, 3), (marzo, 8, 4)]
    assert meses(otro) == []
    dias = [date(2026, 1, 30), *cada, date(2026, 3, 2)]
    for desde in dias:
        for hasta in dias[dias.index(desde) :]:
            suyos = sum(n for dia, n in cada.items() if desde <= dia <= hasta)
            for campana, afiliado in ((None, None), (en.pk, None), (en.pk, uno.afiliado_id)):
                hallado = list(clics_de_enlaces(desde, hasta, campana, afiliado, "USD"))
                assert [fila[:3] for fila in hallado] == [("uno", "USD", suyos)] * bool(suyos)
    assert list(clics_de_enlaces(enero, marzo, None, otro.afiliado_id, None)) == []
    assert list(clics_de_enlaces(enero, marzo, None, None, "EUR")) == []
    assert list(que_no_cuadran()) == []
    antes = meses(uno)
    ClicsDelMes.objects.filter(mes=febrero).update(unicos=9)
    ClicsDelMes.objects.filter(mes=marzo).delete()
    assert [fila.split(":")[1] for fila in que_no_cuadran()] == [
        " dice 6 y 9, son [6, 3]", " no está, son [8, 4]",
    ]  # fmt: skip
    recontar()
    assert meses(uno) == antes


def test_un_ano_de_enlaces_no_lee_sus_dias() -> None:
    fabricas.enlace()
    with CaptureQueriesContext(connection) as consultas:
        list(clics_de_enlaces(date(2025, 1, 1), date(2025, 12, 31), None, None, None))
    [una] = consultas.captured_queries
    assert "clicsdelmes" in una["sql"]
    assert "JOIN" not in una["sql"]


@pytest.mark.parametrize("que", ["venta", "clic"])
def test_lo_que_se_conto_no_cambia_de_dia(que: str) -> None:
    """Zone and currency are fixed from the first sale or the first click."""
    en = fabricas.campana(pagina="https://tienda.example/", zona="")
    assert en.zona == "UTC"
    cambios = {"zona": " America/Bogota ", "moneda": "EUR"}
    en = actualizar_campana(campana=en, cambios=cambios, actor=ANA)
    assert (en.zona, en.moneda) == ("America/Bogota", "EUR")
    if que == "venta":
        fabricas.conversion(en=en)
    else:
        ClicsDelDia.objects.create(enlace=fabricas.enlace(en=en), dia=date(2026, 3, 1), clics=1)
    with pytest.raises(ZonaFija):
        actualizar_campana(campana=en, cambios={"zona": "UTC"}, actor=ANA)
    with pytest.raises(MonedaFija):
        actualizar_campana(campana=en, cambios={"moneda": "USD"}, actor=ANA)
    assert actualizar_campana(campana=en, cambios={"nombre": "Otra"}, actor=ANA).zona == en.zona


@pytest.mark.parametrize("zona", ["Bogota", "../etc/passwd", "UTC\0", "Amérika/Bogotá", "x" * 300])
def test_una_zona_que_no_hay(zona: str) -> None:
    with pytest.raises(Exception, match="zona horaria") as error:
        crear_campana(datos={"nombre": "n", "moneda": "USD", "zona": zona}, actor=ANA)
    assert error.value.campo == "zona"  # type: ignore[attr-defined]
