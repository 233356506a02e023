"""Any order of refunds, approvals, payments and reassignments of a sale ends at the same balances
as a slow account of it, which knows nothing but its sentences."""

from __future__ import annotations

from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as ajustes
from hypothesis import strategies as st

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.errores import ErrorDominio
from comisiones.comision.models import Comision
from comisiones.consumidor import COMISIONES
from comisiones.invariantes import COMPROBACIONES
from comisiones.libro.selectors import saldos
from comisiones.pagos.models import Pago
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.revision.errores import PagoEnCurso
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.errores import NoSeAsigna, YaEsSuyo
from conversiones.ventas.models import Conversion
from conversiones.ventas.reasignacion import reasignar_conversion
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.fabricas import LUIS, OTRA, PRUEBAS

D = Decimal
CENTIMO = D("0.01")
TASAS = (D("10"), D("7.3"), D("33.3333"))


def centimos(exacto: Decimal) -> Decimal:
    return exacto.quantize(CENTIMO, ROUND_HALF_UP)


class Cuenta:
    """The slow account: whose the sale is, at which rate it was paid if it was, and what came
    back."""

    def __init__(self, valor: Decimal) -> None:
        self.valor, self.duena, self.devuelto = valor, 0, D(0)
        self.aprobada = False
        # Of whoever it was paid to, after the refunds that it had seen by then.
        self.pagada: int | None = None

    def ganado(self) -> list[Decimal]:
        """By affiliate: only whose it is has anything of it, and only once it was approved."""
        tasa = TASAS[self.duena if self.pagada is None else self.pagada]
        entera = centimos(self.valor * tasa / 100)
        queda = entera - centimos(entera * self.devuelto / self.valor)
        cuenta = self.aprobada or self.pagada is not None
        return [queda if cuenta and n == self.duena else D(0) for n in range(len(TASAS))]


PASOS = st.one_of(
    st.tuples(st.just("devolver"), st.integers(1, 60)),
    st.tuples(st.just("reasignar"), st.integers(0, 2)),
    st.tuples(st.sampled_from(["aprobar", "enviar", "entregar"]), st.just(0)),
)


def ganado(afiliado: Afiliado) -> Decimal:
    """What is owed to an affiliate, and what it was paid."""
    pagos = Pago.objects.filter(afiliado=afiliado, estado="pagado")
    pagado = sum(pagos.values_list("importe", flat=True), D(0))
    return saldos(afiliado).get("USD", D(0)) + pagado


def una_historia(valor: Decimal, pasos: list[tuple[str, int]]) -> None:
    quienes = [
        fabricas.afiliado(email=f"{n}@example.com", comision_base=t) for n, t in enumerate(TASAS)
    ]
    venta = fabricas.conversion(de=quienes[0], valor=str(valor))
    cuenta = Cuenta(valor)
    for n, (paso, dato) in enumerate(pasos):
        viva: Any = Comision.objects.filter(conversion=venta, viva=True).first()
        if paso == "devolver":
            monto = centimos(valor * dato / 100)
            with suppress(ErrorDominio):
                devolver(
                    conversion=Conversion.objects.get(pk=venta.pk),
                    datos=Devolucion(id_externo=f"d{n}", monto=monto), actor=PRUEBAS,
                )  # fmt: skip
                cuenta.devuelto += monto
        elif paso == "reasignar":
            try:
                reasignar_conversion(
                    conversion=venta, afiliado=quienes[dato], motivo="m", actor=LUIS
                )
            except YaEsSuyo:
                assert dato == cuenta.duena
            except NoSeAsigna:
                assert cuenta.devuelto == valor
            except PagoEnCurso:
                assert viva.estado == "programada"
            else:
                cuenta.duena = dato
                cuenta.aprobada = False
        elif paso == "aprobar" and viva is not None:
            with suppress(ErrorDominio):
                aprobar_comision(comision=viva, actor=OTRA)
                cuenta.aprobada = True
        elif paso == "enviar":
            for pk in Pago.objects.filter(estado="listo").values_list("pk", flat=True):
                ejecutar_pago(pago_pk=pk, actor=PRUEBAS)
        drenar([COMISIONES]) if paso == "entregar" else None
        viva = Comision.objects.filter(conversion=venta, viva=True).first()
        if viva is not None and viva.estado == "pagada" and cuenta.pagada is None:
            cuenta.pagada = quienes.index(viva.afiliado)
    drenar([COMISIONES])
    for pk in Pago.objects.filter(estado="listo").values_list("pk", flat=True):
        ejecutar_pago(pago_pk=pk, actor=PRUEBAS)
    assert [ganado(quien) for quien in quienes] == cuenta.ganado(), cuenta.__dict__
    faltas = [
        fila
        for c in COMPROBACIONES
        # Those of events look at consumers that this story does not run.
        if not c.aviso and not c.a_peticion and "ontad" not in c.nombre
        for fila in c.filas()
    ]
    assert faltas == []


@pytest.mark.lento
@pytest.mark.django_db
def test_any_order_ends_at_the_same_cent(pasarela: Any) -> None:
    @ajustes(
        max_examples=60 if connection.vendor == "sqlite" else 10,
        deadline=None, derandomize=True, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.integers(1, 100_000), st.lists(PASOS, min_size=3, max_size=14))
    def historia(centesimas: int, pasos: list[tuple[str, int]]) -> None:
        with transaction.atomic():
            una_historia(D(centesimas) / 100, pasos)
            transaction.set_rollback(True)

    historia()
