"""Approval, as it is in the database and not in the object that the service returns."""

from __future__ import annotations

import pytest
import time_machine
from django.utils import timezone

from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte
from comisiones.revision.services import aprobar_comision, retener_comision
from tests import fabricas
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("retenida", [False, True])
def test_quien_y_cuando_aprobo(retenida: bool) -> None:
    """Who released a held one approved it, and why it was held is no longer said."""
    suya = fabricas.comision(valor="5")
    if retenida:
        retener_comision(comision=suya, actor=LUIS, motivo="duda")
    ahora = timezone.now()
    with time_machine.travel(ahora, tick=False):
        aprobar_comision(comision=suya, actor=ANA, motivo=" vista ")
    leida = Comision.objects.get()
    assert leida.estado == "aprobada"
    assert (leida.aprobada_por, leida.aprobada_en) == (str(ANA), ahora)
    assert leida.motivo_retencion == ""
    assert leida.version > suya.version
    paso = Historial.objects.filter(entidad="comision", accion="aprobar").get()
    assert (paso.actor, paso.motivo, paso.estado_nuevo) == (str(ANA), "vista", "aprobada")
    assert sorted(str(i) for i in Apunte.objects.values_list("importe", flat=True)) == [
        "-0.5000", "0.5000",
    ]  # fmt: skip
    assert fabricas.eventos_de(leida.id_publico)[-1] == "ComisionAprobada"
