"""The sandbox empties itself once its days are over, when nobody uses it, and stays coherent."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone

from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import crear_clave, revocar_clave
from alpespartner.comun.models import Historial
from alpespartner.operacion.pruebas import purga
from alpespartner.operacion.pruebas.programa import ACTOR, es_de_pruebas
from alpespartner.operacion.pruebas.purga import purgar_pruebas, se_vacia_en
from alpespartner.operacion.pruebas.vaciado import vaciar_pruebas
from alpespartner.operacion.tasks import purgar
from alpespartner.pruebas.services import anotar
from comisiones.comision.models import Comision
from comisiones.libro.cadena import sellar_dias
from comisiones.models import Asiento
from outbox.models import OutboxEvent
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI
from tests.pruebas.test_recepcion import nueva, ordenar
from tests.pruebas.test_vaciado import _clave, _pagar

de_verdad = pytest.mark.django_db(transaction=True)
HORA, DIA = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def reloj(settings: Any) -> Iterator[Any]:
    settings.PRUEBAS_DIAS = 30
    with time_machine.travel(timezone.now(), tick=False) as suyo:
        yield suyo


@pytest.fixture
def vaciados(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Times that it was emptied; that it is, is told as it is."""
    hechos: list[Any] = []

    def vaciar(*, actor: Any) -> None:
        hechos.append(timezone.now())
        anotar(accion="vaciar", actor=actor)

    monkeypatch.setattr(purga, "vaciar_pruebas", vaciar)
    return hechos


def _verificar() -> None:
    salida = io.StringIO()
    call_command("verificar", "--cadena", stdout=salida)
    assert "aviso" not in salida.getvalue()


def _pagar_y_sellar(api: ClienteAPI) -> None:
    _pagar(api)
    drenar()
    sellar_dias()


@pytest.mark.lento
@de_verdad
@pytest.mark.usefixtures("preparado")
def test_lo_viejo_se_va_y_todo_cuadra(reloj: Any) -> None:
    """All of it, seals, counters and the file of events too; keys are good, and what is tried
    afterwards counts from nothing."""
    api = ClienteAPI(_clave())
    _pagar_y_sellar(api)
    reloj.shift(2 * DIA)
    sellar_dias()
    _verificar()
    reloj.shift(29 * DIA)
    assert purgar() is True
    drenar()
    assert not Comision.objects.exists()
    assert not Asiento.objects.exists()
    _verificar()
    _pagar_y_sellar(api)
    reloj.shift(2 * DIA)
    sellar_dias()
    _verificar()
    assert purgar() is False


@pytest.mark.django_db
@pytest.mark.usefixtures("preparado")
def test_no_antes_de_sus_dias(reloj: Any, vaciados: list[Any]) -> None:
    """Since it was made, and then since it was last emptied, by whomever."""
    reloj.shift(30 * DIA - HORA)
    assert purgar_pruebas() is False
    reloj.shift(2 * HORA)
    assert (purgar_pruebas(), len(vaciados)) == (True, 1)
    assert se_vacia_en() == timezone.now() + 30 * DIA
    reloj.shift(29 * DIA)
    assert purgar_pruebas() is False
    anotar(accion="vaciar", actor=ANA)
    reloj.shift(2 * DIA)
    assert (purgar_pruebas(), len(vaciados)) == (False, 1)


@pytest.mark.django_db
@pytest.mark.usefixtures("preparado")
@pytest.mark.parametrize("que", ["clave", "evento"])
def test_no_mientras_se_usa(reloj: Any, vaciados: list[Any], que: str) -> None:
    """Not in the middle of somebody's hour; after a week of that, anyway."""
    clave, _texto = crear_clave(nombre="n", titular="t", alcances=["afiliados:leer"], actor=ANA)

    def usar() -> None:
        if que == "clave":
            ClaveAPI.objects.filter(pk=clave.pk).update(usada_en=timezone.now())
        else:
            fabricas.afiliado()

    reloj.shift(30 * DIA + HORA)
    usar()
    reloj.shift(HORA / 2)
    assert purgar_pruebas() is False
    reloj.shift(HORA)
    assert (purgar_pruebas(), len(vaciados)) == (True, 1)
    reloj.shift(36 * DIA)
    usar()
    assert purgar_pruebas() is False
    reloj.shift(DIA)
    usar()
    assert (purgar_pruebas(), len(vaciados)) == (True, 2)


@pytest.mark.django_db
@pytest.mark.usefixtures("preparado")
def test_lo_que_vaciar_deja_tampoco_crece(reloj: Any, vaciados: list[Any]) -> None:
    """Keys that ended long ago and orders that nobody can send again; not the proof that the
    database is the sandbox's, nor a key that works or ended yesterday."""
    ordenar("clave", **nueva(id_clave="1" * 12))
    ordenar("clave", **nueva(id_clave="2" * 12))
    ordenar("clave", **nueva(id_clave="3" * 12, expira_en=(timezone.now() + DIA).isoformat()))
    ordenar("clave", **nueva(id_clave="4" * 12))
    revocar_clave(clave=ClaveAPI.objects.get(id_clave="2" * 12), actor=ANA)
    reloj.shift(32 * DIA)
    revocar_clave(clave=ClaveAPI.objects.get(id_clave="4" * 12), actor=ANA)
    assert purgar_pruebas() is True
    quedan = ClaveAPI.objects.order_by("id_clave").values_list("id_clave", flat=True)
    assert list(quedan) == ["1" * 12, "4" * 12]
    de_claves = Historial.objects.filter(entidad="clave").values_list("entidad_id", flat=True)
    assert set(de_claves) == set(quedan)
    assert not Historial.objects.filter(accion="recibir").exists()
    assert Historial.objects.filter(entidad="pruebas", accion="vaciar").count() == 1
    assert es_de_pruebas()


@pytest.mark.django_db
def test_lo_real_no_se_vacia(reloj: Any, vaciados: list[Any], settings: Any) -> None:
    """Nor a database that settings call the sandbox by mistake."""
    fabricas.afiliado()
    reloj.shift(400 * DIA)
    assert purgar_pruebas() is False
    settings.PRUEBAS = True
    assert purgar_pruebas() is False
    assert vaciados == []
    assert OutboxEvent.objects.exists()
    assert "purgar-pruebas" not in settings.CELERY_BEAT_SCHEDULE


@de_verdad
@pytest.mark.usefixtures("preparado")
def test_dice_desde_cuando(reloj: Any) -> None:
    dicho = ordenar("estado").json()["se_vacia_en"]
    hecho = Historial.objects.get(entidad="pruebas", accion="sembrar").creado_en
    assert dicho == (hecho + 30 * DIA).isoformat()
    reloj.shift(DIA)
    vaciar_pruebas(actor=ACTOR)
    assert ordenar("estado").json()["se_vacia_en"] > dicho
