"""Small amounts, and which lines tell where the money of a payment is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from comisiones.models import LineaBanco, Pago
from comisiones.pagos.conciliacion.balance import Hecho
from comisiones.pagos.conciliacion.extractos import hechos_de
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.models import ResultadoLinea
from tests import fabricas
from tests.comisiones.pagos.fabrica import EVA
from tests.comisiones.pagos.sepa import DEVUELTA, SUYA, camt, importar, linea, resultados
from tests.fabricas import LUIS, PRUEBAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sepa")]
D = Decimal


def emitidos(*valores: str) -> list[Pago]:
    """Payments of a tenth of each, in a file that the bank has."""
    en = fabricas.campana(moneda="EUR")
    for n, valor in enumerate(valores):
        de = fabricas.afiliado(nombre=f"Socia {n}")
        fabricas.cuenta(de, SUYA)
        fabricas.aprobada(de=de, en=en, valor=valor)
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    lote = ciclo.liberar_lote(lote=ciclo.congelar_lote(lote=lote, actor=LUIS), actor=EVA)
    ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    return list(lote.pagos.order_by("pk"))


def test_los_centimos_salen_y_vuelven() -> None:
    """As any other amount; a cent of difference is another amount, and so is another currency."""
    medio, centimo, otro = emitidos("5", "0.10", "5")
    extracto = importar(
        camt(
            linea(medio.id_publico, "0.50"), linea(centimo.id_publico, "0.01"),
            linea(otro.id_publico, "0.51"), linea(otro.id_publico, "0.50", moneda="USD"),
            linea(medio.id_publico, "0.50", sentido="CRDT", banco="v", extra=DEVUELTA),
        )
    )  # fmt: skip
    assert resultados(extracto) == [
        "aplicada", "aplicada", "importe_distinto", "importe_distinto", "aplicada",
    ]  # fmt: skip
    estados = [Pago.objects.get(pk=pago.pk).estado for pago in (medio, centimo, otro)]
    assert estados == ["devuelto", "pagado", "enviando"]


@pytest.mark.parametrize("resultado", ResultadoLinea.values)
def test_que_lineas_dicen_donde_esta(resultado: str) -> None:
    """What was understood of it, whatever it did; what repeats, as such; not what waits or is of
    others."""
    [pago] = emitidos("100")
    extracto = importar(camt(linea("otra", "1.00")))
    for numero, importe in ((2, "-10"), (3, "10")):
        LineaBanco(
            extracto=extracto, numero=numero, importe=D(importe), moneda="EUR", pago=pago,
            resultado=resultado, referencia_banco=f"b{numero}", fecha="2026-11-20T10:00:00",
        ).save()  # fmt: skip
    repetida = resultado == "repetida"
    dicen = repetida or resultado in ("aplicada", "ya_sabida", "contradice", "de_mas", "compensa")
    suyo = {"dia": "2026-11-20", "extracto": extracto.pk, "repetido": repetida}
    assert (
        hechos_de([pago])[pago.pk]
        == [Hecho(sale=True, banco="b2", **suyo), Hecho(sale=False, banco="b3", **suyo)][
            : 2 * dicen
        ]
    )
