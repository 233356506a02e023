"""Which turns each service takes, and in which order: on MySQL they keep two from doing at once
what depends on the same rows; here it is told what would be asked of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from alpespartner.comun import turnos
from comisiones.calculo.renovaciones import repasar_clientes, repasar_ventas
from comisiones.calculo.services import calcular_manual, recalcular_sin_importe
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.reconstruccion import reconstruir as recontar
from comisiones.libro import cadena
from comisiones.libro.reparacion import aceptar_tardios
from comisiones.liquidaciones.services import emitir
from comisiones.metricas.consumidor import METRICAS
from comisiones.metricas.reconstruccion import reconstruir as remedir
from comisiones.pagos.lotes import propuesta
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import aprobar_comision
from comisiones.revision.vistas import guardar_vista
from conversiones.rastreo import conteo
from conversiones.ventas.reasignacion import reasignar_conversion
from outbox import rehacer
from outbox.entrega import entregar
from outbox.webhooks import services as webhooks
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


class _Mysql:
    """MySQL as far as a turn sees it."""

    vendor = "mysql"

    def __init__(self, dichos: list[str]) -> None:
        self.dichos = dichos

    def cursor(self) -> Any:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        return None

    def execute(self, orden: str, claves: list[str]) -> None:
        comparte = "comparte " if orden.endswith("LOCK IN SHARE MODE") else ""
        self.dichos.append(comparte + ", ".join(claves))


@pytest.fixture
def tomados(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], list[str]]:
    """What is asked for while something is done, each time the turns of it."""

    def mirar(hacer: Callable[[], object]) -> list[str]:
        dichos: list[str] = []
        with monkeypatch.context() as mientras:
            mientras.setattr(turnos, "connection", _Mysql(dichos))
            hacer()
        return dichos

    return mirar


def regla(de: Any, tipo: str = "porcentual", **datos: Any) -> None:
    publicar_version(
        regla=crear_regla(nombre="r", campana=de, actor=ANA), tipo=tipo, actor=ANA,
        vigente_desde=fabricas.hace(days=365), **datos,
    )  # fmt: skip


def _de_cliente(venta: Any) -> str:
    """Customers share some thousands of turns."""
    return f"cliente:{venta.cliente_id % 4096}"


def test_compartir(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, and not on SQLite."""
    dichos: list[str] = []
    turnos.compartir("x")
    monkeypatch.setattr(turnos, "connection", _Mysql(dichos))
    turnos.compartir("x")
    assert dichos == ["comparte x"]


def test_al_calcular(tomados: Any) -> None:
    """Customers first; then, of what follows a scale or a cap, whose it is."""
    de, en = fabricas.afiliado_sin_tarifa(), fabricas.campana()
    regla(
        en, "escalonada", moneda="USD",
        condiciones={
            "modo": "graduada", "periodo": "mes", "zona_horaria": "UTC",
            "tramos": [{"desde": "0", "porcentaje": "10"}],
        },
    )  # fmt: skip
    ventas = [
        fabricas.conversion(de=de, en=en, cliente_ref=ref) for ref in ("c-1", "c-2", "c-1", "")
    ]
    clientes = [_de_cliente(v) for v in ventas[:2]]
    suyos = f"afiliado:{de.pk}"
    assert tomados(lambda: fabricas.calcular(ventas[0])) == [clientes[0], suyos]
    assert tomados(lambda: calcular_manual(conversion=ventas[1], terminos=None, actor=ANA)) == [
        clientes[1], suyos,
    ]  # fmt: skip
    # Of no customer, none.
    assert tomados(lambda: fabricas.calcular(ventas[3])) == [suyos]
    topada = fabricas.campana()
    regla(
        topada, moneda="USD", porcentaje=D(10),
        condiciones={"topes_gasto": [
            {"ambito": "afiliado", "periodo": "mes", "monto": "15"},
            {"ambito": "campana", "periodo": "total", "monto": "22"},
        ]},
    )  # fmt: skip
    de_las_dos = fabricas.conversion(de=de, en=topada)
    assert tomados(lambda: fabricas.calcular(de_las_dos)) == [f"{suyos}, campana:{topada.pk}"]
    solo = fabricas.campana()
    regla(
        solo, moneda="USD", porcentaje=D(10),
        condiciones={"topes_gasto": [{"ambito": "campana", "periodo": "mes", "monto": "15"}]},
    )  # fmt: skip
    de_campana = fabricas.conversion(de=de, en=solo)
    assert tomados(lambda: fabricas.calcular(de_campana)) == [f"campana:{solo.pk}"]
    libre = fabricas.conversion(de=fabricas.afiliado(), en=fabricas.campana())
    assert tomados(lambda: fabricas.calcular(libre)) == []


def test_con_presupuesto_todos_antes(tomados: Any) -> None:
    """Both, before any budget: two batches never wait for each other."""
    de, en = fabricas.afiliado_sin_tarifa(), fabricas.campana(presupuesto=D(100))
    regla(
        en, "escalonada", moneda="USD",
        condiciones={
            "modo": "graduada", "periodo": "mes", "zona_horaria": "UTC",
            "tramos": [{"desde": "0", "porcentaje": "10"}],
        },
    )  # fmt: skip
    venta = fabricas.conversion(de=de, en=en)
    assert tomados(lambda: fabricas.calcular(venta)) == [f"afiliado:{de.pk}"] * 2


def test_al_cambiar_lo_de_un_cliente(tomados: Any) -> None:
    """Whoever looks at the sales of a customer is alone with it: looked at again, calculated by
    what was missing, and moved to another."""
    en, de = fabricas.campana(), fabricas.afiliado_sin_tarifa()
    venta = fabricas.conversion(de=de, en=en, cliente_ref="c-1")
    suya = _de_cliente(venta)
    sin_regla = fabricas.calcular(venta)
    assert tomados(lambda: repasar_ventas(Q(pk=venta.pk))) == [suya]
    assert tomados(lambda: repasar_ventas(Q(pk=0))) == []
    # Those of whoever calls.
    assert tomados(lambda: repasar_clientes([venta.cliente_id])) == []
    regla(en, porcentaje=D(10))
    assert tomados(lambda: recalcular_sin_importe(comision=sin_regla, actor=PRUEBAS))[0] == suya
    otra = fabricas.afiliado(email="o@example.com")
    dichos = tomados(
        lambda: reasignar_conversion(conversion=venta, afiliado=otra, motivo="m", actor=ANA)
    )
    assert dichos[0] == suya


def test_del_libro(tomados: Any) -> None:
    """Whoever posts shares what whoever seals takes."""
    comision = fabricas.comision()
    assert tomados(lambda: aprobar_comision(comision=comision, actor=ANA)) == [
        "comparte libro.sellar"
    ]
    manana = timezone.now().date() + timedelta(days=1)
    assert tomados(lambda: cadena._sellar(manana, None)) == ["libro.sellar"]
    assert tomados(lambda: aceptar_tardios(motivo="m", actor=ANA)) == [
        "libro.sellar", "comparte libro.sellar",
    ]  # fmt: skip


def test_de_lo_que_se_cuenta(tomados: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One who counts, whatever is counted and whoever asks."""
    # Positions go on from those of other tests.
    monkeypatch.setattr(rehacer, "EVENTOS", 10**9)
    fabricas.comision()
    assert tomados(lambda: entregar(CONTADORES)) == ["contadores"]
    assert tomados(lambda: entregar(METRICAS)) == ["metricas"]
    # Begun, received, a portion of each table and its end.
    assert tomados(lambda: list(recontar())) == ["contadores"] * (1 + 1 + 2 + 2 + 1)
    dichos = tomados(lambda: list(remedir()))
    assert [d for d in dichos if d == "metricas"] == ["metricas"] * (1 + 1 + 2 + 2 + 1)
    with transaction.atomic():
        assert tomados(conteo.recontar) == [conteo.TURNO]


def test_uno_cada_vez(tomados: Any, pasarela: Any) -> None:
    """Documents of a series, batches of a currency, views of a person, webhooks of a holder."""
    assert tomados(
        lambda: guardar_vista(nombre="v", filtro="a=1", compartida=False, actor=ANA)
    ) == [f"vistas:{ANA}"]
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    [serie] = tomados(lambda: emitir(pagos_ids=[pago.id_publico], actor=PRUEBAS))
    assert serie.startswith("serie:")
    fabricas.aprobada(de=fabricas.afiliado(email="x@example.com"))
    dichos = tomados(
        lambda: propuesta.proponer_lote(moneda="USD", actor=LUIS, pasarela=pasarela.nombre)
    )
    assert "propuesta:USD" in dichos

    def crear(titular: str, afiliado: str = "") -> list[str]:
        dichos: list[str] = tomados(lambda: webhooks.crear(
            url="https://example.com/h", tipos=["ComisionAprobada"], titular=titular,
            afiliado=afiliado, actor=ANA,
        ))  # fmt: skip
        return dichos

    [uno], [dos], [suyo], [mismo] = (
        crear("Una"), crear("Dos"), crear("Una", "af_1"), crear("Dos", "af_1"),
    )  # fmt: skip
    assert uno.startswith("wh_")
    assert len({uno, dos, suyo}) == 3
    assert suyo == mismo
