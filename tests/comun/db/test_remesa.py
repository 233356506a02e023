"""Statements sent together do what they do one by one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.historial import paso
from alpespartner.comun.models import Historial, PeticionIdempotente
from conversiones.ventas.models import Conversion
from outbox.models import EntregaPendiente, OutboxEvent
from tests import fabricas
from tests.fabricas import PRUEBAS

pytestmark = pytest.mark.django_db
POR_CLAVE = ConsultaFija(PeticionIdempotente.objects.filter(clave=""))


def peticion(clave: str, **mas: Any) -> PeticionIdempotente:
    return PeticionIdempotente(ambito="a", clave=clave, huella="h", **mas)


def evento(numero: int) -> OutboxEvent:
    return OutboxEvent(
        evento_id=f"{numero}", aggregatetype="marketing", aggregateid="x", type="T",
        aggregate_version=1, payload='{"ñ": "%s; \\\\ \'"}',
    )  # fmt: skip


def pasos(*acciones: str) -> list[Historial]:
    return [paso(entidad="x", entidad_id="1", accion=accion, actor=PRUEBAS) for accion in acciones]


def test_una_fila_que_nombra_a_la_anterior() -> None:
    """Both are written, and each object knows its key and that it is saved."""
    antes, suyo = peticion("antes"), evento(1)
    entregas = [EntregaPendiente(suscripcion=s, evento=suyo) for s in ("uno", "dos")]
    remesa = Remesa()
    remesa.insertar(antes)
    remesa.insertar(suyo)
    remesa.insertar(*entregas)
    remesa.insertar(*pasos("a", "b"))
    leidas = remesa.leer(POR_CLAVE, "antes")
    assert remesa.enviar() is None
    assert [p.pk for p in leidas] == [antes.pk]
    guardado = OutboxEvent.objects.get()
    assert (guardado.pk, guardado.payload) == (suyo.pk, suyo.payload)
    assert not suyo._state.adding
    assert {e.evento_id for e in entregas} == {suyo.pk}
    assert set(EntregaPendiente.objects.values_list("suscripcion", "evento")) == {
        ("uno", suyo.pk),
        ("dos", suyo.pk),
    }
    assert list(Historial.objects.order_by("pk").values_list("accion", flat=True)) == ["a", "b"]


def test_de_vuelta_como_al_guardar() -> None:
    """Every column reads as if the ORM had written it."""
    una = fabricas.conversion(valor="12.34", productos=[{"sku": "ñ", "cantidad": 2}])
    otra = Conversion.objects.get(pk=una.pk)
    otra.pk, otra.id_publico, otra.referencia_externa = None, "conv_otra", "ref'; --%s"
    remesa = Remesa()
    remesa.insertar(otra)
    remesa.enviar()
    guardada, primera = Conversion.objects.get(pk=otra.pk), Conversion.objects.get(pk=una.pk)
    for campo in Conversion._meta.concrete_fields:
        igual = campo.attname not in ("id", "id_publico", "referencia_externa")
        esperado = getattr(primera if igual else otra, campo.attname)
        assert getattr(guardada, campo.attname) == esperado, campo
    assert guardada.valor == una.valor


@pytest.mark.parametrize("donde", [0, 1])
def test_la_que_sobra_se_dice(donde: int) -> None:
    """What came before it stays, what follows is not done, and the transaction goes on."""
    peticion("repetida").save()
    remesa, repetida = Remesa(), peticion("repetida")
    with transaction.atomic():
        if donde:
            remesa.insertar(peticion("antes"))
        remesa.insertar(repetida)
        remesa.insertar(peticion("despues"))
        leidas = remesa.leer(POR_CLAVE, "repetida")
        assert remesa.enviar([repetida]) is repetida
        peticion("luego").save()
    assert repetida.pk is None
    assert leidas == []
    claves = set(PeticionIdempotente.objects.values_list("clave", flat=True))
    assert claves == {"repetida", "luego"} | ({"antes"} if donde else set())


def test_la_que_no_puede_sobrar_es_un_error() -> None:
    """Of another row, or of several in one statement: nothing of it stays."""
    peticion("repetida").save()
    for filas in ([peticion("repetida")], [peticion("otra"), peticion("repetida")]):
        remesa, primera = Remesa(), peticion("primera")
        remesa.insertar(primera)
        remesa.insertar(*filas)
        with pytest.raises(IntegrityError), transaction.atomic():
            remesa.enviar([primera])
    assert PeticionIdempotente.objects.count() == 1


@pytest.mark.parametrize("antes", [[], ["a"]])
def test_lo_que_la_tabla_no_admite(antes: list[str]) -> None:
    """A CHECK is one of the constraints, wherever the statement stands."""
    mala = Conversion.objects.get(pk=fabricas.conversion().pk)
    mala.pk, mala.id_publico, mala.referencia_externa = None, "conv_x", None
    mala.valor = Decimal(-1)
    remesa = Remesa()
    remesa.insertar(*pasos(*antes))
    remesa.insertar(mala)
    with pytest.raises(IntegrityError), transaction.atomic():
        remesa.enviar()


def test_solo_a_la_de_justo_antes() -> None:
    """Its key is the last one that the database gave."""
    suyo = evento(1)
    remesa = Remesa()
    remesa.insertar(suyo)
    remesa.insertar(peticion("en medio"))
    with pytest.raises(ValueError, match="justo antes"):
        remesa.insertar(EntregaPendiente(suscripcion="uno", evento=suyo))


def test_de_una_vez() -> None:
    """On MySQL it is one statement for the client: one way there and back."""
    remesa = Remesa()
    remesa.insertar(evento(1))
    remesa.insertar(*pasos("a", "b"))
    remesa.leer(POR_CLAVE, "x")
    with CaptureQueriesContext(connection) as hechas:
        remesa.enviar()
    assert len(hechas) == (1 if connection.vendor == "mysql" else 3)
