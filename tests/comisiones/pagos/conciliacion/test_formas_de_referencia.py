"""What a bank tells in several files is one fact, in whatever form it names it; what it tells twice
in one is two."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alpespartner.comun.invariantes import comprobaciones
from comisiones.models import Pago
from comisiones.pagos.conciliacion.balance import Hecho, distintos, neto
from comisiones.pagos.conciliacion.camt import leer
from tests.comisiones.pagos.fabrica import todo_cuadra
from tests.comisiones.pagos.sepa import DEVUELTA, camt, emitido, importar, resultados
from tests.conftest import casos

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sepa")]
# Where a bank writes a reference of its own: of the transaction, of the entry, only the number of
# the entry in its file, nowhere.
FORMAS = ("transaccion", "apunte", "numero", "ninguna")


def apunte(
    pago: Pago, *, sale: bool = True, forma: str = "numero", banco: str = "B1", numero: int = 1,
    dia: int = 20, nuestra: str | None = None, resto: str = "",
) -> str:  # fmt: skip
    """An entry about a payment."""
    nuestra = pago.id_publico.replace("_", "-") if nuestra is None else nuestra
    suya = f"<AcctSvcrRef>{banco}</AcctSvcrRef>"
    fin = f"<EndToEndId>{nuestra}</EndToEndId>" if nuestra else ""
    refs = (suya if forma == "transaccion" else "") + fin
    cual = "" if forma == "ninguna" else f"<NtryRef>{numero}</NtryRef>"
    return f"""<Ntry>{cual}<Amt Ccy="EUR">10.00</Amt>
      <CdtDbtInd>{"DBIT" if sale else "CRDT"}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
      <BookgDt><Dt>2026-11-{dia:02}</Dt></BookgDt>{suya if forma == "apunte" else ""}
      <NtryDtls><TxDtls>{f"<Refs>{refs}</Refs>" if refs else ""}{"" if sale else DEVUELTA}{resto}
      </TxDtls></NtryDtls></Ntry>"""


def de_mas() -> list[str]:
    [una] = [c for c in comprobaciones() if "de más" in c.nombre]
    return list(una.filas())


@pytest.mark.parametrize("forma", FORMAS)
def test_en_la_notificacion_y_en_el_extracto(forma: str) -> None:
    """Each file numbers its entries its own way."""
    pago = emitido(1).pagos.get()
    assert resultados(importar(camt(apunte(pago, forma=forma, numero=7), tipo="054"))) == [
        "aplicada"
    ]
    [otra_vez] = resultados(importar(camt(apunte(pago, forma=forma, numero=213))))
    assert otra_vez in ("ya_sabida", "repetida")
    assert de_mas() == []


@pytest.mark.parametrize("forma", FORMAS)
def test_dos_cargos_de_dos_dias_con_el_mismo_numero(forma: str) -> None:
    """The first entry of each day's statement is number one: the second debit is one too many."""
    pago = emitido(1).pagos.get()
    importar(camt(apunte(pago, forma=forma, dia=20, banco="B1")))
    assert resultados(importar(camt(apunte(pago, forma=forma, dia=21, banco="B2")))) == ["de_mas"]
    assert de_mas() == [f"{pago.id_publico}: pagado y el banco lo tiene fuera 2 veces"]


@pytest.mark.lento
@pytest.mark.parametrize("forma", FORMAS)
def test_el_extracto_descubre_un_segundo_cargo_del_dia(forma: str) -> None:
    """A notification told one debit; the statement of that day has two."""
    pago = emitido(1).pagos.get()
    uno, otro = (apunte(pago, forma=forma, banco=f"B{n}", numero=n) for n in (1, 2))
    importar(camt(uno, tipo="054"))
    primera, segunda = resultados(importar(camt(uno, otro)))
    assert primera in ("repetida", "ya_sabida")
    assert segunda == "de_mas"
    # The same statement, once more, in another file, adds nothing.
    assert set(resultados(importar(camt(uno, otro, apunte(pago, nuestra="x"))))) <= {
        "repetida", "ya_sabida", "desconocida",
    }  # fmt: skip
    assert de_mas() == [f"{pago.id_publico}: pagado y el banco lo tiene fuera 2 veces"]
    todo_cuadra()


def contado(sale: bool, banco: str, dia: int, extracto: int) -> Hecho:
    return Hecho(sale, banco, f"2026-11-{dia:02}", extracto)


# Facts of one payment: whether it leaves, and the day.
sucesos = st.lists(st.tuples(st.booleans(), st.integers(1, 3)), min_size=1, max_size=6)


@settings(deadline=None)
@given(sucesos, st.data())
def test_se_cuenta_lo_que_paso(hechos: list[tuple[bool, int]], datos: Any) -> None:
    """Files with some facts, in any order, each with the bank's reference or without, and at last
    one with all of them: what is counted is what happened."""
    con_referencia = datos.draw(st.booleans())
    nombres = [f"B{n}" if con_referencia else "" for n in range(len(hechos))]
    todos = list(range(len(hechos)))
    ficheros = datos.draw(st.lists(st.lists(st.sampled_from(todos), unique=True), max_size=4))
    lineas = [
        contado(hechos[n][0], nombres[n], hechos[n][1], extracto)
        for extracto, dentro in enumerate([*ficheros, datos.draw(st.permutations(todos))])
        for n in dentro
    ]
    vistos = distintos(lineas)
    assert Counter((s.sale, s.dia) for s in vistos) == Counter(
        (sale, f"2026-11-{dia:02}") for sale, dia in hechos
    )
    assert neto(vistos) == sum(1 if sale else -1 for sale, _dia in hechos)


@pytest.mark.lento
@settings(
    deadline=None,
    max_examples=casos(20),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(st.booleans(), min_size=1, max_size=4),
    st.sampled_from(FORMAS),
    st.sampled_from(FORMAS),
    st.integers(1, 99),
)
def test_una_historia_notificada_y_luego_en_su_extracto(
    historia: list[bool], al_notificar: str, al_final: str, desde: int
) -> None:
    """A fact a day, told in a notification of its own and then all in a statement, each in a form:
    the statement says nothing new, and nobody is alarmed by what did not happen."""
    with transaction.atomic():
        pago = emitido(1).pagos.get()
        dichos = []
        for n, sale in enumerate(historia):
            linea = apunte(
                pago, sale=sale, forma=al_notificar, banco=f"B{n}", dia=n + 1, numero=desde
            )
            dichos += resultados(importar(camt(linea, tipo="054")))
        pago.refresh_from_db()
        estado, alarmas = pago.estado, de_mas()
        extracto = [
            apunte(pago, sale=sale, forma=al_final, banco=f"B{n}", dia=n + 1, numero=n + 1)
            for n, sale in enumerate(historia)
        ]
        assert set(resultados(importar(camt(*extracto)))) <= {"repetida", "ya_sabida"}
        pago.refresh_from_db()
        assert (pago.estado, de_mas()) == (estado, alarmas)
        todo_cuadra()
        transaction.set_rollback(True)


@pytest.mark.parametrize("nuestra", ["", "NOTPROVIDED"])
def test_sin_referencia_de_extremo_a_extremo(nuestra: str) -> None:
    """A bank that drops it gives back what we wrote for whoever is paid."""
    pago = emitido(1).pagos.get()
    escrito = f"Comisiones {pago.id_publico.replace('_', '-')}"
    partido = f"<RmtInf><Ustrd>{escrito[:20]}</Ustrd><Ustrd>{escrito[20:]}</Ustrd></RmtInf>"
    assert resultados(importar(camt(apunte(pago, nuestra=nuestra, resto=partido)))) == ["aplicada"]
    pago.refresh_from_db()
    assert pago.estado == "pagado"


@pytest.mark.parametrize(
    "texto",
    ["Comisiones", "", "pago-01", "{uno} y {otro}", "pago_{cuerpo}X", "PAGO {minuscula}"],
)
def test_un_texto_que_no_nombra_un_pago_solo(texto: str) -> None:
    uno, otro = emitido(2).pagos.order_by("pk")
    cuerpo = uno.id_publico.removeprefix("pago_")
    dicho = texto.format(
        uno=uno.id_publico, otro=otro.id_publico, cuerpo=cuerpo[:25], minuscula=cuerpo.lower()
    )
    [movimiento] = leer(
        camt(apunte(uno, nuestra="", resto=f"<RmtInf><Ustrd>{dicho}</Ustrd></RmtInf>"))
    ).movimientos
    esperada = uno.id_publico if texto.startswith("PAGO") else ""
    # One whose form is right names a payment, which may not be there.
    assert movimiento.referencia == (f"pago_{cuerpo[:25]}X" if "X" in texto else esperada)


def test_el_texto_de_otro_no_vale_mas_que_su_referencia() -> None:
    """Whoever quotes a payment of ours in a transfer of their own has a reference of theirs."""
    pago = emitido(1).pagos.get()
    resto = f"<RmtInf><Ustrd>{pago.id_publico}</Ustrd></RmtInf>"
    suya = apunte(pago, sale=False, nuestra="Factura 7", resto=resto)
    assert resultados(importar(camt(suya))) == ["desconocida"]
    pago.refresh_from_db()
    assert pago.estado == "enviando"
