"""Clocks that are wrong: no entry is dated in a sealed day, and what was can be accepted."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.invariantes import comprobaciones
from alpespartner.comun.models import Historial
from comisiones.libro import cadena, disparadores, reparacion
from comisiones.libro.cadena import dias_en_espera, primera_rotura, sellar_dias
from comisiones.libro.models import Asiento, EslabonTardio, SelloDiario
from comisiones.libro.selectors import saldos_de_cuentas, saldos_desde
from comisiones.libro.services import TURNO_DE_SELLAR
from tests import fabricas
from tests.comisiones.libro.test_cadena import asiento

# Lifting triggers commits on MySQL.
pytestmark = pytest.mark.django_db(transaction=True)
HOY = datetime(2026, 3, 10, 12, tzinfo=UTC)
DIA = timedelta(days=1)


def sanos() -> bool:
    """Whether the chain holds and the balances of the seals are the ledger's."""
    [saldos] = [c for c in comprobaciones() if "saldos sellados" in c.nombre]
    return primera_rotura() is None and list(saldos.filas()) == []


@pytest.mark.parametrize("adelanto", [1, 3, 400])
def test_el_reloj_adelantado(adelanto: int) -> None:
    """It seals today; back in its place, what is approved goes after the seal, and all holds."""
    with time_machine.travel(HOY, tick=False):
        fabricas.aprobada()
    with time_machine.travel(HOY + adelanto * DIA + timedelta(hours=2), tick=False):
        sellar_dias()
    assert SelloDiario.objects.latest("dia").dia == HOY.date()
    with time_machine.travel(HOY + timedelta(hours=1), tick=False):
        fabricas.aprobada()
        fabricas.pago()
    assert sanos()
    fin = datetime(2026, 3, 11, tzinfo=UTC)
    assert set(Asiento.objects.order_by("-pk").values_list("creado_en", flat=True)[:2]) == {fin}
    with time_machine.travel(HOY + 2 * DIA, tick=False):
        assert [s.dia.day for s in sellar_dias()] == [11]
        assert sanos()
        fabricas.aprobada()
    assert Asiento.objects.latest("pk").creado_en == HOY + 2 * DIA


def test_los_dias_sin_asientos_posteriores_esperan() -> None:
    """Nothing tells a quiet day from a clock that is ahead, until an entry comes."""
    quien = fabricas.afiliado()
    asiento(HOY, quien)
    assert [s.dia.day for s in sellar_dias(ahora=HOY + 5 * DIA)] == [10]
    assert dias_en_espera(ahora=HOY + 5 * DIA) == 4
    assert sellar_dias(ahora=HOY + 5 * DIA) == []
    asiento(HOY + 3 * DIA, quien)
    assert dias_en_espera(ahora=HOY + 3 * DIA) == 0
    assert [s.dia.day for s in sellar_dias(ahora=HOY + 5 * DIA)] == [11, 12, 13]
    salida = io.StringIO()
    with time_machine.travel(HOY + 5 * DIA, tick=False):
        call_command("sellar_libro", stdout=salida)
    assert "Sin sellar quedan 1 días" in salida.getvalue()
    assert sanos()


@pytest.fixture
def roto() -> tuple[Asiento, Afiliado]:
    """A ledger of an earlier version: an entry dated in a day that was already sealed."""
    quien = fabricas.afiliado()
    asiento(HOY, quien)
    asiento(HOY + 2 * DIA, quien)
    sellar_dias(ahora=HOY + 2 * DIA)
    tardio = asiento(HOY + timedelta(hours=3), quien, "0.50")
    assert primera_rotura() is not None
    return tardio, quien


def reparar(**opciones: str) -> str:
    salida = io.StringIO()
    call_command("reparar_libro", stdout=salida, **opciones)
    return salida.getvalue()


def test_reparar(roto: tuple[Asiento, Afiliado]) -> None:
    """Named first, accepted with a reason, recorded, and covered by the next seal."""
    tardio, quien = roto
    with pytest.raises(CommandError, match="1 asientos por aceptar"):
        reparar()
    with pytest.raises(CommandError, match="--autor"):
        reparar(motivo="El reloj iba adelantado")
    assert not EslabonTardio.objects.exists()
    antes = list(SelloDiario.objects.order_by("dia").values_list("sello", flat=True))
    with time_machine.travel(HOY + 2 * DIA, tick=False):
        assert tardio.id_publico in reparar(motivo="El reloj iba adelantado", autor="Ana")
    assert list(SelloDiario.objects.order_by("dia").values_list("sello", flat=True)) == antes
    assert sanos()
    assert saldos_de_cuentas()["por_pagar", "USD"] == Decimal("-20.50")
    assert saldos_de_cuentas() == saldos_desde(None)
    [paso] = Historial.objects.filter(entidad="libro")
    assert (paso.entidad_id, paso.motivo) == (tardio.id_publico, "El reloj iba adelantado")
    assert "Ana" in paso.actor
    assert "Ningún asiento" in reparar()
    assert "Ningún asiento" in reparar(motivo="Otra vez", autor="Ana")
    asiento(HOY + 3 * DIA, quien)
    assert [s.dia.day for s in sellar_dias(ahora=HOY + 4 * DIA)] == [12, 13]
    assert sanos()


def test_lo_aceptado_va_en_el_sello_del_dia_en_que_se_acepto(
    roto: tuple[Asiento, Afiliado],
) -> None:
    """Of two accepted on two days, each in its own."""
    _tardio, quien = roto
    with time_machine.travel(HOY + 3 * DIA, tick=False):
        reparar(motivo="m", autor="Ana")
    asiento(HOY + timedelta(hours=4), quien, "0.25")
    with time_machine.travel(HOY + 4 * DIA, tick=False):
        reparar(motivo="m", autor="Ana")
    asiento(HOY + 4 * DIA, quien)
    sellar_dias(ahora=HOY + 6 * DIA)
    assert SelloDiario.objects.latest("dia").dia == (HOY + 4 * DIA).date()
    assert sanos()
    uno, otro = EslabonTardio.objects.order_by("pk")
    disparadores.quitar(connection)
    try:
        for tardio, dia in ((uno, 13), (otro, 14)):
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE comisiones_eslabontardio SET autor = 'x' WHERE id = {tardio.pk}"
                )
                assert str(primera_rotura()).startswith(f"2026-03-{dia}: ")
                transaction.set_rollback(True)
    finally:
        disparadores.crear(connection)


def test_de_uno_que_esta_en_su_sello_manda_el_sello() -> None:
    """Whatever a row of accepted entries says of it."""
    quien = fabricas.afiliado()
    sellado = asiento(HOY, quien)
    asiento(HOY + 2 * DIA, quien)
    sellar_dias(ahora=HOY + 2 * DIA)
    EslabonTardio.objects.create(
        asiento=sellado, huella="0" * 64, motivo="m", autor="x", creado_en=HOY + 2 * DIA
    )
    assert sanos()


def test_cada_sello_tiene_los_de_su_dia() -> None:
    quien = fabricas.afiliado()
    suyos = [asiento(HOY + n * DIA, quien) for n in range(3)]
    sellar_dias(ahora=HOY + 2 * DIA)
    sellos = SelloDiario.objects.order_by("dia")
    assert [set(cadena.huellas_selladas(s)) for s in sellos] == [{suyos[0].pk}, {suyos[1].pk}]


def test_aceptar_y_sellar_van_una_tras_otra(
    roto: tuple[Asiento, Afiliado], monkeypatch: pytest.MonkeyPatch
) -> None:
    tomados: list[str] = []
    for modulo in (reparacion, cadena):
        monkeypatch.setattr(modulo, "tomar", tomados.extend)
    with time_machine.travel(HOY + 3 * DIA, tick=False):
        reparar(motivo="m", autor="Ana")
    assert tomados == [TURNO_DE_SELLAR]
    asiento(HOY + 3 * DIA, roto[1])
    assert len(sellar_dias(ahora=HOY + 5 * DIA)) == 2
    assert tomados == [TURNO_DE_SELLAR] * 3


@pytest.mark.parametrize(
    ("tabla", "cambio"),
    [("eslabontardio", "motivo = 'otro'"), ("asiento", "origen = 'otro'"),
     ("apunte", "importe = importe * 2")],
)  # fmt: skip
def test_lo_aceptado_tampoco_se_cambia(
    roto: tuple[Asiento, Afiliado], tabla: str, cambio: str
) -> None:
    """Not by the triggers; nor past them, without the chain saying so."""
    tardio, _quien = roto
    with time_machine.travel(HOY + 2 * DIA, tick=False):
        reparar(motivo="m", autor="Ana")
    sellar_dias(ahora=HOY + 4 * DIA)
    assert sanos()
    columna = {"asiento": "id"}.get(tabla, "asiento_id")
    orden = f"UPDATE comisiones_{tabla} SET {cambio} WHERE {columna} = {tardio.pk}"
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(orden)
    disparadores.quitar(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(orden)
        assert primera_rotura() is not None
    finally:
        disparadores.crear(connection)


def test_lo_alterado_no_se_repara(roto: tuple[Asiento, Afiliado]) -> None:
    """The repair accepts what was added late; what changed stays broken."""
    sellado = Asiento.objects.order_by("pk")[0]
    disparadores.quitar(connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE comisiones_asiento SET origen = 'x' WHERE id = {sellado.pk}")
    finally:
        disparadores.crear(connection)
    reparar(motivo="m", autor="Ana")
    assert sellado.id_publico in str(primera_rotura())
