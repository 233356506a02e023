"""Many rows that move at once are left as each would be by itself, in the database and in hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from alpespartner.comun import estados
from alpespartner.comun.errores import TransicionInvalida
from alpespartner.comun.models import Historial
from comisiones.comision.estados import COMISION, EstadoComision
from comisiones.comision.models import Comision
from tests import fabricas
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db
CAMPOS = ("estado", "version", "actualizado_en", "motivo", "aprobada_por")


def vista(comision: Comision) -> dict[str, Any]:
    return {campo: getattr(comision, campo) for campo in CAMPOS}


@pytest.mark.parametrize("por_sentencia", [1, 2, 500])
def test_como_una_a_una(monkeypatch: pytest.MonkeyPatch, por_sentencia: int) -> None:
    """State, version and time; what all of them get, and what each was given."""
    monkeypatch.setattr(estados, "_POR_SENTENCIA", por_sentencia)
    ahora = timezone.now()
    with time_machine.travel(ahora - timedelta(days=1)):
        suyas = [fabricas.comision() for _n in range(3)]
        ajena = fabricas.comision()
    antes = vista(Comision.objects.get(pk=ajena.pk))
    for n, suya in enumerate(suyas):
        suya.motivo = f"motivo {n}"
    with time_machine.travel(ahora, tick=False):
        COMISION.transitar_todos(
            suyas, EstadoComision.RECHAZADA, accion="rechazar", actor=ANA, motivo="m",
            datos={suyas[1].id_publico: {"a": 1}}, valores={"aprobada_por": "alguien"},
            campos=("motivo",),
        )  # fmt: skip
    for n, suya in enumerate(suyas):
        assert vista(suya) == vista(Comision.objects.get(pk=suya.pk)) == {
            "estado": "rechazada", "version": 2, "actualizado_en": ahora,
            "motivo": f"motivo {n}", "aprobada_por": "alguien",
        }  # fmt: skip
    assert vista(Comision.objects.get(pk=ajena.pk)) == antes
    pasos = Historial.objects.filter(accion="rechazar").order_by("pk")
    assert list(
        pasos.values_list("entidad_id", "actor", "estado_anterior", "estado_nuevo", "motivo")
    ) == [(s.id_publico, str(ANA), "pendiente", "rechazada", "m") for s in suyas]
    assert [paso.datos for paso in pasos] == [{}, {"a": 1}, {}]


def test_si_una_no_puede_no_se_mueve_ninguna() -> None:
    suyas = [fabricas.comision(), fabricas.aprobada()]
    antes = fabricas.foto()
    with pytest.raises(TransicionInvalida):
        COMISION.transitar_todos(suyas, EstadoComision.RECHAZADA, accion="x", actor=ANA)
    assert fabricas.foto() == antes
    assert [c.estado for c in Comision.objects.order_by("pk")] == ["pendiente", "aprobada"]
    assert suyas[0].estado == "pendiente"
    COMISION.transitar_todos([], EstadoComision.RECHAZADA, accion="x", actor=ANA)
    assert fabricas.foto() == antes
