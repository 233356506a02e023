"""Steps of an affiliate's life: until a date, back by the clock, and what ends with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import (
    bloquear_afiliado,
    cerrar_afiliado,
    reactivar_afiliado,
    suspender_afiliado,
)
from afiliados.afiliado.transiciones import reactivar_cumplidas
from afiliados.invariantes import COMPROBACIONES
from alpespartner.comun.errores import DatoInvalido, FaltaMotivo, TransicionInvalida
from alpespartner.comun.historial import historial_de
from comisiones.notificaciones.models import Notificacion
from conversiones.rastreo.models import Cupon, Enlace
from tests import fabricas
from tests.fabricas import ANA, a_la_vez

M = "Se mira"


def suspendido(dias: float | None = None) -> Afiliado:
    hasta = None if dias is None else timezone.now() + timedelta(days=dias)
    return suspender_afiliado(afiliado=fabricas.afiliado(), actor=ANA, motivo=M, hasta=hasta)


def estado(de: Afiliado) -> tuple[str, Any]:
    de.refresh_from_db()
    return de.estado, de.suspendido_hasta


def dicho(nombre: str) -> list[str]:
    return next(list(c.filas()) for c in COMPROBACIONES if c.nombre == nombre)


@pytest.mark.django_db
def test_vuelve_a_su_hora_y_una_vez() -> None:
    """Neither before nor again; who has no date stays, and so does who was blocked meanwhile."""
    vuelve, se_queda, bloqueado = suspendido(2), suspendido(), suspendido(2)
    assert historial_de("afiliado", vuelve.id_publico).last().datos["hasta"] is not None
    bloquear_afiliado(afiliado=bloqueado, actor=ANA, motivo=M)
    assert estado(bloqueado) == ("bloqueado", None)
    assert reactivar_cumplidas() == 0
    with time_machine.travel(timezone.now() + timedelta(days=2, minutes=10)):
        assert dicho("Los suspendidos vuelven a su hora")[0].startswith(vuelve.id_publico)
        assert [reactivar_cumplidas() for _vez in range(2)] == [1, 0]
    assert estado(vuelve) == ("activo", None)
    assert estado(se_queda) == ("suspendido", None)
    ultimo = historial_de("afiliado", vuelve.id_publico).last()
    assert (ultimo.accion, ultimo.actor) == ("reactivar", "sistema:suspensiones")
    assert fabricas.eventos_de(vuelve.id_publico)[2:] == ["AfiliadoSuspendido", "AfiliadoActivado"]
    Afiliado.objects.filter(pk=vuelve.pk).update(suspendido_hasta=timezone.now())
    assert dicho("Solo quien está suspendido tiene fecha de vuelta") != []


@pytest.mark.django_db
def test_lo_que_no_vale() -> None:
    """A date that passed, no reason, and whom nobody suspended; nothing is written."""
    activo = fabricas.afiliado()
    antes = fabricas.foto()
    ayer = timezone.now() - timedelta(days=1)
    with pytest.raises(DatoInvalido) as error:
        suspender_afiliado(afiliado=activo, actor=ANA, motivo=M, hasta=ayer)
    assert error.value.campo == "hasta"
    with pytest.raises(FaltaMotivo):
        suspender_afiliado(afiliado=activo, actor=ANA, motivo=" ")
    with pytest.raises(TransicionInvalida) as invalida:
        reactivar_afiliado(afiliado=activo, actor=ANA, motivo=M)
    assert "«activo»" in invalida.value.mensaje
    assert fabricas.foto() == antes


@pytest.mark.django_db
def test_al_cerrar_sus_cupones_quedan_libres_y_se_le_avisa() -> None:
    """Links go on leading buyers; another may take the code."""
    suyo = suspendido(5)
    campana = fabricas.campana(pagina="https://tienda.example/")
    reactivar_afiliado(afiliado=suyo, actor=ANA, motivo=M)
    enlace = fabricas.enlace(de=suyo, en=campana)
    cupon, ajeno = fabricas.cupon("VERANO", de=suyo), fabricas.cupon("OTRO")
    suspender_afiliado(afiliado=suyo, actor=ANA, motivo=M)
    cerrar_afiliado(afiliado=suyo, actor=ANA, motivo="Se va")
    assert estado(suyo) == ("cerrado", None)
    estados = dict(Cupon.objects.values_list("codigo", "estado"))
    assert estados == {"VERANO": "retirado", "OTRO": "activo"}
    assert Enlace.objects.get(pk=enlace.pk).estado == "activo"
    assert historial_de("cupon", cupon.id_publico).last().motivo == "Se va"
    assert fabricas.cupon("VERANO", de=ajeno.afiliado).estado == "activo"
    assert dicho("Las claves de quien se cerró no sirven") == []
    fabricas.entregar_todo()
    asuntos = Notificacion.objects.filter(afiliado=suyo).order_by("pk")
    assert list(asuntos.values_list("asunto", flat=True)) == [
        "Tu cuenta está activa", "Tu cuenta está parada", "Tu cuenta está activa",
        "Tu cuenta está parada", "Tu cuenta está cerrada",
    ]  # fmt: skip
    assert "Se va" not in "".join(asuntos.values_list("cuerpo", flat=True))


@pytest.mark.django_db(transaction=True)
def test_dos_relojes_a_la_vez() -> None:
    """It comes back once."""
    suyo = suspendido(1)
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        hechos = a_la_vez([reactivar_cumplidas] * 3)
    assert sum(h for h in hechos if isinstance(h, int)) == 1
    assert estado(suyo) == ("activo", None)
    assert fabricas.eventos_de(suyo.id_publico)[3:] == ["AfiliadoActivado"]
