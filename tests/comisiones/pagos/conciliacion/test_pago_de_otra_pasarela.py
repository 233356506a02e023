"""A statement speaks of what went in a file; what a gateway answers for, it does not decide."""

from __future__ import annotations

import pytest

from comisiones.models import Pago
from comisiones.pagos.pago.envio import ejecutar_pago
from tests import fabricas
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.comisiones.pagos.sepa import DEVUELTA, camt, emitido, importar, linea, resultados
from tests.fabricas import PRUEBAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sepa")]


@pytest.mark.parametrize("extra", ["", DEVUELTA], ids=["paga", "devuelve"])
def test_solo_lo_que_fue_en_un_fichero(pasarela: type[PasarelaDePruebas], extra: str) -> None:
    """Two lines of 10.00, one for each; both payments wait for news."""
    pasarela.accidentes.append("no_sabe")
    ajeno = fabricas.pago(en=fabricas.campana(moneda="EUR"))
    ejecutar_pago(pago_pk=ajeno.pk, actor=PRUEBAS)
    suyo = emitido(1).pagos.get()
    lineas = [linea(p.id_publico, "10.00", extra=extra) for p in (ajeno, suyo)]
    assert resultados(importar(camt(*lineas)))[0] == "desconocida"
    assert Pago.objects.get(pk=ajeno.pk).estado == "incierto"
    if not extra:
        assert Pago.objects.get(pk=suyo.pk).estado == "pagado"
