"""The chain of the ledger: it holds while nobody touches what was sealed, and says where if so."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.celery import app
from alpespartner.comun.invariantes import comprobaciones
from comisiones.libro import disparadores
from comisiones.libro.cadena import primera_rotura, sellar_dias
from comisiones.libro.models import (
    Apunte,
    Asiento,
    Cuenta,
    Eslabon,
    SaldoSellado,
    SelloDiario,
)
from comisiones.libro.selectors import saldos_de_cuentas, saldos_desde
from tests import fabricas

# Lifting triggers commits on MySQL.
pytestmark = pytest.mark.django_db(transaction=True)
HOY = datetime(2026, 3, 10, 12, tzinfo=UTC)


def asiento(cuando: datetime, quien: Afiliado, importe: str = "10") -> Asiento:
    """A balanced entry of another day."""
    numero = Asiento.objects.count()
    nuevo = Asiento(
        id_publico=f"as_{numero:026d}", tipo="aprobacion", origen=f"com_{numero}", creado_en=cuando
    )
    nuevo.save()
    monto = Decimal(importe)
    for cuenta, suyo, cuanto in (
        (Cuenta.GASTO_COMISIONES, None, monto), (Cuenta.POR_PAGAR, quien, -monto),
    ):  # fmt: skip
        Apunte(asiento=nuevo, cuenta=cuenta, afiliado=suyo, importe=cuanto, moneda="USD").save()
    return nuevo


@pytest.fixture
def libro() -> list[Asiento]:
    """Two entries on the 5th, none on the 6th, one on the 7th; one of a cent today, which tells the
    quiet days from a clock that is ahead; sealed up to the 9th."""
    quien = fabricas.afiliado()
    hechos = [
        asiento(HOY - timedelta(days=atras, seconds=s), quien)
        for atras, s in ((5, 1), (5, 0), (3, 0))
    ]
    asiento(HOY, quien, "0.01")
    assert len(sellar_dias(ahora=HOY)) == 5
    return hechos


@pytest.fixture
def a_mano() -> Iterator[Any]:
    """Plain SQL of somebody who got past the triggers and the foreign keys."""

    def ejecutar(orden: str, *valores: Any) -> None:
        disparadores.quitar(connection)
        with connection.cursor() as cursor:
            cursor.execute(orden, valores)

    yield ejecutar
    disparadores.crear(connection)


def test_se_sella_lo_cerrado_y_una_vez(libro: list[Asiento]) -> None:
    sellos = list(SelloDiario.objects.order_by("dia"))
    assert [(s.dia.day, s.asientos) for s in sellos] == [(5, 2), (6, 0), (7, 1), (8, 0), (9, 0)]
    assert [s.anterior for s in sellos] == ["", *(s.sello for s in sellos[:-1])]
    assert sellar_dias(ahora=HOY) == []
    assert primera_rotura() is None
    # Until the margin of midnight passes the day may still be being written.
    assert sellar_dias(ahora=datetime(2026, 3, 11, 0, 59, tzinfo=UTC)) == []
    assert [s.dia.day for s in sellar_dias(ahora=datetime(2026, 3, 11, 1, 0, tzinfo=UTC))] == [10]


def test_sin_libro_no_hay_sellos() -> None:
    assert sellar_dias() == []
    assert primera_rotura() is None


def test_cualquiera_puede_hacer_la_cuenta(libro: list[Asiento]) -> None:
    """The formula of the docstring, worked out apart."""
    quien = Apunte.objects.exclude(afiliado=None).values_list("afiliado_id", flat=True)[0]
    datos = [
        libro[2].id_publico, "aprobacion", libro[2].origen, "2026-03-07T12:00:00.000000+00:00",
        [["gasto_comisiones", None, "10.0000", "USD"], ["por_pagar", quien, "-10.0000", "USD"]],
    ]  # fmt: skip

    def sha(texto: str) -> str:
        return hashlib.sha256(texto.encode()).hexdigest()

    dia_6, dia_7 = SelloDiario.objects.filter(dia__day__in=(6, 7)).order_by("dia")
    huella = sha(sha(json.dumps(datos, separators=(",", ":"))))
    assert dia_7.huella == huella
    assert dia_7.sello == sha(f"{dia_6.sello}\n2026-03-07\n1\n{huella}")


@pytest.mark.parametrize("tabla", disparadores.CADENA)
@pytest.mark.parametrize("orden", ["DELETE FROM {}", "UPDATE {} SET id = id"])
def test_la_base_se_niega(libro: list[Asiento], tabla: str, orden: str) -> None:
    with (
        pytest.raises(DatabaseError, match="no se cambia ni se borra"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(orden.format(tabla))


# What somebody changes by hand → the day and what is said of it.
ROTURAS = {
    "un importe": (
        "UPDATE comisiones_apunte SET importe = 11 WHERE importe > 0 AND asiento_id = {1}",
        "2026-03-05: {1:id} cambió",
    ),
    "una cuenta": (
        "UPDATE comisiones_apunte SET cuenta = 'banco' WHERE importe > 0 AND asiento_id = {2}",
        "2026-03-07: {2:id} cambió",
    ),
    "una causa": (
        "UPDATE comisiones_asiento SET origen = 'x' WHERE id = {0}",
        "2026-03-05: {0:id} cambió",
    ),
    "una línea menos": (
        "DELETE FROM comisiones_apunte WHERE importe > 0 AND asiento_id = {2}",
        "2026-03-07: {2:id} cambió",
    ),
    "un asiento menos": (
        "DELETE FROM comisiones_apunte WHERE asiento_id = {0}",
        "2026-03-05: falta el asiento de clave {0}",
    ),
    "una fecha": (
        "UPDATE comisiones_asiento SET creado_en = '2026-03-08 12:00:00' WHERE id = {1}",
        "2026-03-05: falta el asiento de clave {1}",
    ),
    "el anterior de un sello": (
        "UPDATE comisiones_sellodiario SET anterior = 'x' WHERE dia = '2026-03-07'",
        "2026-03-07: no sigue",
    ),
    "la cuenta de un sello": (
        "UPDATE comisiones_sellodiario SET asientos = 3 WHERE dia = '2026-03-05'",
        "2026-03-05: su sello dice otro",
    ),
    "un sello a medias": (
        "UPDATE comisiones_sellodiario SET sello = 'x' WHERE dia = '2026-03-09'",
        "2026-03-09: su sello no es",
    ),
    "un sello menos": (
        "DELETE FROM comisiones_sellodiario WHERE dia = '2026-03-06'",
        "2026-03-07: faltan los sellos desde 2026-03-06",
    ),
    "el primero": (
        "UPDATE comisiones_sellodiario SET anterior = 'x' WHERE dia = '2026-03-05'",
        "2026-03-05: falta el sello anterior",
    ),
}


class _Clave(int):
    """Key of an entry in the SQL; its public id in the message."""

    publico: str

    def __format__(self, formato: str) -> str:
        return self.publico if formato == "id" else str(int(self))


@pytest.mark.lento
@pytest.mark.parametrize("caso", ROTURAS)
def test_se_nombra_lo_primero_que_cambio(libro: list[Asiento], a_mano: Any, caso: str) -> None:
    orden, dicho = ROTURAS[caso]
    claves = [_Clave(uno.pk) for uno in libro]
    for clave, uno in zip(claves, libro, strict=True):
        clave.publico = uno.id_publico
    if orden.startswith("DELETE FROM comisiones_sellodiario"):
        a_mano("DELETE FROM comisiones_saldosellado")
    a_mano(orden.format(*claves))
    assert primera_rotura() is not None
    assert str(primera_rotura()).startswith(dicho.format(*claves))
    salida = io.StringIO()
    with pytest.raises(CommandError):
        call_command("verificar", cadena=True, stdout=salida)
    assert dicho.format(*claves) in salida.getvalue()


@pytest.mark.parametrize(("dia", "dicho"), [(6, "2026-03-06"), (1, "2026-03-05")])
def test_un_asiento_con_fecha_de_ayer(libro: list[Asiento], dia: int, dicho: str) -> None:
    """Added to a sealed day, or before the first one."""
    nuevo = asiento(datetime(2026, 3, dia, tzinfo=UTC), fabricas.afiliado())
    rotura = str(primera_rotura())
    assert rotura.startswith(dicho)
    assert nuevo.id_publico in rotura


def test_verificar_la_dice_solo_si_se_pide(libro: list[Asiento], monkeypatch: Any) -> None:
    """Without the option it costs nothing."""
    pedida, salida = io.StringIO(), io.StringIO()
    # These entries have no commissions behind them: only the chain is looked at.
    [cadena] = [una for una in comprobaciones() if una.a_peticion and "sellos" in una.nombre]
    monkeypatch.setattr("alpespartner.operacion.verificacion.comprobaciones", lambda: [cadena])
    call_command("verificar", cadena=True, stdout=pedida)
    ultimo = SelloDiario.objects.latest("dia")
    assert f"Último sello: 2026-03-09 {ultimo.sello}" in pedida.getvalue()
    call_command("verificar", stdout=salida)
    assert "sello" not in salida.getvalue()


def test_el_extracto_nombra_su_sello(libro: list[Asiento]) -> None:
    """Of its last sealed day: the month's, or the last there is."""
    quien = Afiliado.objects.first()
    assert quien is not None
    asiento(HOY + timedelta(days=40), quien)
    sellar_dias(ahora=HOY + timedelta(days=30))
    cliente = fabricas.api()
    ultimos = []
    for mes in ("2026-03", "2026-04"):
        [hoja] = cliente.get(f"/api/v1/afiliados/{quien.id_publico}/extracto?mes={mes}").json()
        ultimos.append(hoja["sello"])
    assert [s["dia"] for s in ultimos] == ["2026-03-31", "2026-04-08"]
    for sello in ultimos:
        suyo = SelloDiario.objects.get(dia=date.fromisoformat(sello["dia"]))
        assert suyo.sello == sello["sello"]


def test_sin_sellos_el_extracto_no_nombra_ninguno() -> None:
    suya = fabricas.aprobada()
    mes = f"{timezone.now():%Y-%m}"
    ruta = f"/api/v1/afiliados/{suya.afiliado.id_publico}/extracto?mes={mes}"
    [hoja] = fabricas.api().get(ruta).json()
    assert hoja["sello"] is None


def test_el_reloj_y_el_comando() -> None:
    asiento(timezone.now() - timedelta(days=3), fabricas.afiliado())
    app.loader.import_default_modules()
    nombre = settings.CELERY_BEAT_SCHEDULE["sellar-libro"]["task"]
    assert app.tasks[nombre]() == 1
    assert Eslabon.objects.count() == 1
    salida = io.StringIO()
    call_command("sellar_libro", stdout=salida)
    assert "No hay días" in salida.getvalue()


def test_los_saldos_de_los_sellos(libro: list[Asiento]) -> None:
    """Each seal has the balances at its end; what is read is those and what came after."""

    def de(dia: int) -> dict[str, Decimal]:
        return {
            s.cuenta: s.importe for s in SaldoSellado.objects.filter(sello__dia=date(2026, 3, dia))
        }

    assert de(5) == de(6) == {"gasto_comisiones": Decimal(20), "por_pagar": Decimal(-20)}
    assert de(9) == {"gasto_comisiones": Decimal(30), "por_pagar": Decimal(-30)}
    asiento(HOY, Afiliado.objects.get(), "0.33")
    esperado = {
        ("gasto_comisiones", "USD"): Decimal("30.34"), ("por_pagar", "USD"): Decimal("-30.34"),
    }  # fmt: skip
    assert saldos_de_cuentas() == saldos_desde(None) == esperado
    with CaptureQueriesContext(connection) as hechas:
        saldos_de_cuentas()
    assert "creado_en" in hechas[-1]["sql"], "only what came after the seal is added up"
    assert len(sellar_dias(ahora=HOY + timedelta(days=2))) == 1
    assert saldos_de_cuentas() == esperado


def test_un_saldo_cambiado_se_ve(libro: list[Asiento], a_mano: Any) -> None:
    """verificar adds up the whole ledger."""
    [saldos] = [c for c in comprobaciones() if "saldos sellados" in c.nombre]
    assert list(saldos.filas()) == []
    a_mano("UPDATE comisiones_saldosellado SET importe = importe + 1 WHERE cuenta = 'por_pagar'")
    assert list(saldos.filas()) == ["por_pagar USD: el libro da -30.01 y los sellos -29.01"]
