"""What a bank does with one payment: any facts, in any order, in any files, against an oracle."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpespartner.comun.invariantes import comprobaciones
from comisiones.ajustes.models import Ajuste
from comisiones.models import Pago
from comisiones.pagos.conciliacion.balance import Hecho, que_significa
from comisiones.pagos.lotes import propuesta
from comisiones.pagos.pago.resolucion import decidir_pago
from tests.comisiones.pagos.fabrica import todo_cuadra
from tests.comisiones.pagos.sepa import DEVUELTA, camt, emitido, importar, linea, resultados
from tests.conftest import casos
from tests.fabricas import LUIS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sepa")]


@dataclass
class Banco:
    """The oracle: the money of a payment, as a bank has it, and what we should say of it."""

    estado: str = "enviando"
    fuera: int = 0

    def mueve(self, sale: bool) -> str:
        """One more fact: what its line did."""
        antes, self.fuera = self.fuera, self.fuera + (1 if sale else -1)
        if self.estado == "enviando":
            self.estado = "pagado" if sale else "fallido"
            return "aplicada"
        if self.estado == "pagado":
            if sale:
                return "de_mas" if antes >= 1 else "ya_sabida"
            if antes >= 2:
                return "compensa"
            self.estado = "devuelto"
            return "aplicada"
        if sale:
            fuera = "contradice" if self.estado == "fallido" else "de_mas"
            return fuera if antes >= 0 else "ya_sabida"
        if antes >= 1:
            return "compensa"
        return "ya_sabida" if self.estado == "fallido" and antes == 0 else "de_mas"


def de(pago: Pago, sale: bool, banco: str) -> str:
    """A line of a payment of ten euros, with the bank's own reference."""
    extra = "" if sale else DEVUELTA
    return linea(
        pago.id_publico, "10.00", sentido="DBIT" if sale else "CRDT", banco=banco, extra=extra
    )


# Debits and credits, each in the file of the one before it or in a new one.
historias = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=7)


@pytest.mark.lento
@settings(
    deadline=None,
    max_examples=casos(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(historias)
def test_cualquier_historia(historia: list[tuple[bool, bool]]) -> None:
    """The state, what each line did and what is owed are those of the oracle; the books agree; and
    money that is out more often than we say is in front of somebody."""
    with transaction.atomic():
        pago = emitido(1).pagos.get()
        banco, dicho, esperado = Banco(), [], []
        ficheros: list[list[str]] = []
        for n, (sale, nuevo) in enumerate(historia):
            esperado.append(banco.mueve(sale))
            if nuevo or not ficheros:
                ficheros.append([])
            ficheros[-1].append(de(pago, sale, f"B{n}"))
        for lineas in ficheros:
            dicho += resultados(importar(camt(*lineas)))
        pago.refresh_from_db()
        assert dicho == esperado
        assert pago.estado == banco.estado
        assert Ajuste.objects.count() == (banco.estado == "devuelto")
        if banco.fuera > (banco.estado == "pagado"):
            assert {"de_mas", "contradice"} & set(dicho)
        todo_cuadra()
        antes = Counter(Pago.objects.values_list("estado", flat=True))
        # The same files once more change nothing: they are refused, or tell what is known.
        otra_vez = [linea for lineas in ficheros for linea in lineas]
        assert set(resultados(importar(camt(*otra_vez, linea("x", "1"))))) == {
            "repetida", "desconocida",
        }  # fmt: skip
        assert Counter(Pago.objects.values_list("estado", flat=True)) == antes
        transaction.set_rollback(True)


def contado(sale: bool, banco: str = "", dia: str = "2026-11-20", extracto: int = 1) -> Hecho:
    """A fact."""
    return Hecho(sale, banco, dia, extracto)


@pytest.mark.parametrize(
    ("uno", "otro", "el_mismo"),
    [
        (contado(True, "B1"), contado(True, "B1", "2026-11-21", 2), True),
        (contado(True, "B1"), contado(True, "B2", extracto=2), False),
        (contado(True, "B1"), contado(True, "", extracto=2), True),
        (contado(True, ""), contado(True, "", extracto=2), True),
        (contado(True, ""), contado(True, "", "2026-11-21", 2), False),
        (contado(True, "B1"), contado(True, "B1"), False),
        (contado(True, ""), contado(True, ""), False),
    ],
)
def test_lo_mismo_dicho_dos_veces(uno: Hecho, otro: Hecho, el_mismo: bool) -> None:
    """In a notification and in a statement, it is one fact; twice in a file, two."""
    assert que_significa("pagado", [uno], otro) == ("ya_sabida" if el_mismo else "de_mas")


def test_la_notificacion_y_el_extracto() -> None:
    """The same debit and the same return, in other words, are not a second one."""
    pago = emitido(1).pagos.get()
    sale, vuelve = de(pago, True, "B1"), de(pago, False, "B2")
    hora = "<DtTm>2026-11-20T10:00:00.5+01:00</DtTm>"
    contado = [x.replace("<Dt>2026-11-20</Dt>", hora) for x in (sale, vuelve)]
    assert resultados(importar(camt(*contado, tipo="054"))) == ["aplicada", "aplicada"]
    assert resultados(importar(camt(sale, vuelve))) == ["ya_sabida", "ya_sabida"]
    pago.refresh_from_db()
    assert pago.estado == "devuelto"
    assert Ajuste.objects.count() == 1


@pytest.mark.lento
def test_uno_de_dos_cargos_vuelve() -> None:
    """The bank took it twice and gave one back: it is paid, and nobody is owed it again."""
    pago = emitido(1).pagos.get()
    assert resultados(importar(camt(de(pago, True, "B1"), de(pago, True, "B2")))) == [
        "aplicada", "de_mas",
    ]  # fmt: skip
    assert resultados(importar(camt(de(pago, False, "B3")))) == ["compensa"]
    pago.refresh_from_db()
    assert pago.estado == "pagado"
    assert not Ajuste.objects.exists()
    todo_cuadra()


@pytest.mark.lento
def test_lo_que_dijo_una_persona() -> None:
    """Its word is no fact of the bank: the line that comes later tells what is known."""
    lote = emitido(2)
    uno, otro = lote.pagos.order_by("pk")
    decidir_pago(pago=uno, pagado=True, actor=LUIS, motivo="lo dice el banco")
    assert resultados(importar(camt(de(uno, True, "B1")))) == ["ya_sabida"]
    assert resultados(importar(camt(de(uno, True, "B2")))) == ["de_mas"]
    decidir_pago(pago=otro, pagado=False, actor=LUIS, motivo="no lo admitió")
    once = de(otro, True, "B3").replace("10.00", "11.00")
    assert resultados(importar(camt(once))) == ["contradice"]
    todo_cuadra()


def avisos() -> list[str]:
    """Payments whose money is out more often than it should."""
    [una] = [c for c in comprobaciones() if "de más" in c.nombre]
    assert una.aviso
    return list(una.filas())


def test_otra_vez_tras_la_devolucion() -> None:
    """What it owes goes in another batch: a second debit of the first payment is not lost in
    silence."""
    pago = emitido(1).pagos.get()
    importar(camt(de(pago, True, "B1"), de(pago, False, "B2")))
    assert avisos() == []
    otro = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    assert otro.pagos.count() == 1
    assert resultados(importar(camt(de(pago, True, "B3")))) == ["de_mas"]
    assert avisos() == [f"{pago.id_publico}: devuelto y el banco lo tiene fuera 1 veces"]
    assert resultados(importar(camt(de(pago, False, "B4")))) == ["compensa"]
    assert avisos() == []
    pago.refresh_from_db()
    assert pago.estado == "devuelto"
    assert Ajuste.objects.count() == 1
