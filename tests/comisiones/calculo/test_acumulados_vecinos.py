"""What counts for a scale or a cap, beside the nearest thing that does not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from comisiones.ajustes.models import Ajuste
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import rechazar_comision
from conversiones.ventas.devoluciones import Devolucion, devolver
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal
INICIO = datetime(2024, 1, 1, tzinfo=UTC)


def el(mes: int, dia: int, hora: int = 12) -> datetime:
    return datetime(2024, mes, dia, hora, tzinfo=UTC)


def regla(**datos: Any) -> None:
    publicar_version(
        regla=crear_regla(nombre="General", campana=None, actor=ANA), moneda="USD", actor=ANA,
        vigente_desde=INICIO, **datos,
    )  # fmt: skip


def con_tope(ambito: str, periodo: str = "mes") -> None:
    """10 %, and 25 USD in a month."""
    topes = [{"ambito": ambito, "periodo": periodo, "monto": "25"}]
    regla(tipo="porcentual", porcentaje=D(10), condiciones={"topes_gasto": topes})


def escala() -> None:
    """10 % up to 1000 in the month, 15 % beyond."""
    tramos = [
        {"desde": "0", "hasta": "1000", "porcentaje": "10"}, {"desde": "1000", "porcentaje": "15"},
    ]  # fmt: skip
    regla(tipo="escalonada", condiciones={"periodo": "mes", "tramos": tramos})


@pytest.mark.parametrize("ambito", ["afiliado", "campana"])
def test_lo_que_gasta_un_tope(ambito: str) -> None:
    """Of its month (UTC), of whom it is, and what stands: a refund does not give it back."""
    con_tope(ambito)
    suyo, en = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    otro, otra = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)

    def de(valor: str, cuando: datetime, afiliado: Any = suyo, campana: Any = en) -> Comision:
        return fabricas.comision(de=afiliado, en=campana, valor=valor, ocurrida_en=cuando)

    # Months beside it, both of them calculated before.
    de("200", el(9, 30, 23))
    de("200", el(11, 1, 0))
    # Of another currency, and one that somebody rejected.
    yenes = fabricas.campana(inicia_en=INICIO, moneda="JPY")
    fabricas.comision(de=fabricas.afiliado(), en=yenes, valor="200", ocurrida_en=el(10, 3))
    rechazar_comision(comision=de("200", el(10, 4)), actor=ANA, motivo="m")
    # Whose cap it is.
    ajena = de("190", el(10, 5), otro, en) if ambito == "afiliado" else de(
        "190", el(10, 5), suyo, otra
    )  # fmt: skip
    primera = de("150", el(10, 9))
    assert (ajena.monto, primera.monto) == (D(19), D(15))
    devolver(
        conversion=primera.conversion, datos=Devolucion(id_externo="d", monto=D(75)), actor=ANA
    )
    fabricas.entregar_todo()
    primera.refresh_from_db()
    assert (primera.monto, primera.revertido) == (D("7.5"), D("7.5"))
    suya = de("150", el(10, 10), suyo if ambito == "afiliado" else otro, en)
    assert suya.monto == D(10)
    assert de("150", el(10, 31, 23)).monto == 0
    assert de("150", el(11, 2)).monto == D(5)


def test_un_tope_de_siempre_no_mira_el_mes() -> None:
    con_tope("afiliado", "total")
    suyo, en = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    montos = [
        fabricas.comision(de=suyo, en=en, valor="150", ocurrida_en=el(mes, 1)).monto
        for mes in (2, 6, 10)
    ]
    assert montos == [D(15), D(10), D(0)]


@pytest.mark.parametrize("juntas", [True, False])
def test_dos_del_mismo_instante_van_una_tras_otra(juntas: bool) -> None:
    """By their ids, which do not change: the second finds the first in its month."""
    escala()
    suyo, en = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    ventas = [
        fabricas.conversion(de=suyo, en=en, valor="1000", ocurrida_en=el(10, 9)) for _n in range(2)
    ]
    ids = sorted(venta.id_publico for venta in ventas)
    for grupo in [ids] if juntas else [[uno] for uno in ids]:
        calcular_comisiones(conversiones_ids=grupo, actor=PRUEBAS)
    suyas = Comision.objects.order_by("conversion__id_publico")
    assert [c.monto for c in suyas] == [D(100), D(150)]
    assert not suyas.filter(ajustes__isnull=False).exists()


def test_el_mes_de_una_escala_no_es_el_de_al_lado() -> None:
    """Nor of another affiliate: each begins at its first tier."""
    escala()
    suyo, en = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    for cuando in (el(9, 30, 23), el(11, 1, 0)):
        assert fabricas.comision(de=suyo, en=en, valor="1000", ocurrida_en=cuando).monto == D(100)
    otro = fabricas.afiliado_sin_tarifa()
    assert fabricas.comision(de=otro, en=en, valor="1000", ocurrida_en=el(10, 5)).monto == D(100)
    montos = [
        fabricas.comision(de=suyo, en=en, valor="1000", ocurrida_en=cuando).monto
        for cuando in (el(10, 1, 0), el(10, 31, 23))
    ]
    assert montos == [D(100), D(150)]
    otro = fabricas.afiliado_sin_tarifa()
    assert fabricas.comision(de=otro, en=en, valor="1000", ocurrida_en=el(10, 31)).monto == D(100)


def test_lo_devuelto_tambien_se_concedio() -> None:
    """A late sale changes what the tiers of the other give, not what its refund took."""
    escala()
    suyo, en = fabricas.afiliado_sin_tarifa(), fabricas.campana(inicia_en=INICIO)
    segunda = fabricas.comision(de=suyo, en=en, valor="600", ocurrida_en=el(10, 10))
    devolver(
        conversion=segunda.conversion, datos=Devolucion(id_externo="d", monto=D(300)), actor=ANA
    )
    fabricas.entregar_todo()
    segunda.refresh_from_db()
    assert (segunda.monto, segunda.revertido) == (D(30), D(30))
    primera = fabricas.comision(de=suyo, en=en, valor="600", ocurrida_en=el(10, 5))
    assert primera.monto == D(60)
    ajuste = Ajuste.objects.get()
    assert (ajuste.comision, ajuste.monto) == (segunda, D(10))
