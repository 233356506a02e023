"""What holds in the ledger: each entry in balance, and seals that say what the lines do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from comisiones.libro import disparadores
from comisiones.libro.cadena import sellar_dias
from comisiones.libro.invariantes import COMPROBACIONES
from comisiones.libro.models import Apunte, Asiento, Cuenta, SaldoSellado, SelloDiario, TipoAsiento
from comisiones.libro.services import Linea, asentar, asentar_veces
from tests import fabricas
from tests.comisiones.libro.test_cadena import asiento

pytestmark = pytest.mark.django_db
D = Decimal
HOY = datetime(2026, 3, 10, 12, tzinfo=UTC)
DIA = timedelta(days=1)
A, R = TipoAsiento.APROBACION, TipoAsiento.REAPROBACION


def faltas(cual: str) -> list[str]:
    [una] = [c for c in COMPROBACIONES if cual in c.nombre]
    return list(una.filas())


def test_cada_asiento_cuadra_en_cada_moneda() -> None:
    """Of two lines at least; what is over in one currency does not pay what lacks in another."""
    quien = fabricas.afiliado()
    bueno = asiento(HOY, quien)
    assert faltas("cuadra") == []
    for importe, moneda in (("0.01", "EUR"), ("-0.01", "USD")):
        Apunte(asiento=bueno, cuenta=Cuenta.BANCO, importe=D(importe), moneda=moneda).save()
    assert sorted(fila.split()[-1] for fila in faltas("cuadra")) == ["EUR", "USD"]
    assert all(fila.startswith(f"{bueno.id_publico}: suma ") for fila in faltas("cuadra"))
    vacio = Asiento(id_publico="as_vacio", tipo=A, origen="x", creado_en=HOY)
    vacio.save()
    assert faltas("cuadra")[-1] == "as_vacio: 0 apuntes"


@pytest.mark.parametrize("sobra", ["importe", "cuenta", "moneda", "falta"])
def test_los_saldos_sellados_son_los_del_libro(sobra: str) -> None:
    """To the cent, with an account or a currency more, or one less."""
    quien = fabricas.afiliado()
    asiento(HOY, quien)
    asiento(HOY + DIA, quien, "0.50")
    sellar_dias(ahora=HOY + DIA)
    assert SelloDiario.objects.count() == 1
    assert faltas("sellados") == []
    suyos = QuerySet(SaldoSellado)
    sello = SelloDiario.objects.get()
    if sobra == "importe":
        suyos.filter(cuenta="por_pagar").update(importe=D("-10.01"))
        esperado = ["por_pagar USD: el libro da -10.50 y los sellos -10.51"]
    elif sobra == "falta":
        suyos.filter(cuenta="por_pagar").delete()
        esperado = ["por_pagar USD: el libro da -10.50 y los sellos -0.50"]
    else:
        cuenta, moneda = ("banco", "USD") if sobra == "cuenta" else ("por_pagar", "EUR")
        SaldoSellado(sello=sello, cuenta=cuenta, moneda=moneda, importe=D(1)).save()
        esperado = [f"{cuenta} {moneda}: el libro da 0 y los sellos 1.00"]
    assert faltas("sellados") == esperado


def test_que_tablas_se_niegan_a_cambiar() -> None:
    """Entries and lines, seals and their links, and what was accepted late."""
    assert set(disparadores.TABLAS) == {
        f"comisiones_{tabla}"
        for tabla in ("asiento", "apunte", "sellodiario", "eslabon", "eslabontardio")
    }


def test_los_sellos_se_miran_cuando_se_pide() -> None:
    assert [c.nombre for c in COMPROBACIONES if c.a_peticion] == [
        "Los sellos del libro son los de su contenido"
    ]
    assert not any(c.aviso for c in COMPROBACIONES)


def test_una_vez_y_otra() -> None:
    """Of that cause and of that kind: another one's, or another kind of its own, is not before.
    Each time after the first has its number, so that none is posted twice."""
    lineas = [Linea(Cuenta.BANCO, D(1), "USD"), Linea(Cuenta.GASTO_COMISIONES, D(-1), "USD")]
    asentar(tipo=A, origen="otra", lineas=lineas)
    asentar(tipo=TipoAsiento.ANULACION, origen="una", lineas=lineas)
    for _vez in range(3):
        asentar_veces(A, R, {"una": lineas, "nueva": lineas}, quizas={"una", "nueva"})
    hechos = Asiento.objects.filter(tipo__in=(A, R)).order_by("origen", "id")
    assert list(hechos.values_list("origen", "tipo", "vez")) == [
        ("nueva", A, 1), ("nueva", R, 1), ("nueva", R, 2),
        ("otra", A, 1),
        ("una", A, 1), ("una", R, 1), ("una", R, 2),
    ]  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        # Who says that it is the first time, and it is not.
        asentar_veces(A, R, {"una": lineas}, quizas=())
