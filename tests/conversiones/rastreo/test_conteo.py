"""Clicks by day and month: of the days of their campaign's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine

from conversiones.campanas.errores import MonedaFija, ZonaFija
from conversiones.campanas.services import actualizar_campana, crear_campana
from conversiones.rastreo.conteo import contados, que_no_cuadran, recontar
from conversiones.rastreo.models import ClicsDelDia, ClicsDeTramo
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
    assert len(suyos) == 16
    assert list(que_no_cuadran()) == []
    ClicsDeTramo.objects.update(clics=9)
    assert len(list(que_no_cuadran())) == 16
    assert recontar() == len(contados()) == 16
    assert tramos() == suyos


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
