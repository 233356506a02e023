"""What the staff reads of events, of those that wait and of those that were parked."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from outbox.models import EntregaPendiente, EventoAparcado, OutboxEvent
from tests.outbox.probeta import Probeta, emitir

pytestmark = pytest.mark.django_db


@pytest.fixture
def jefa() -> Client:
    cliente = Client(headers={"Accept-Language": "es"})
    cliente.force_login(User.objects.create_superuser("jefa"))
    return cliente


def texto(respuesta: Any) -> str:
    """What is read on a page, without its marks."""
    assert respuesta.status_code == 200
    cuerpo = re.sub(r"<(script|style).*?</\1>", " ", respuesta.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]*>", " ", cuerpo).split())


def lista(jefa: Client, modelo: str, **pide: str) -> Any:
    respuesta = jefa.get(reverse(f"admin:outbox_{modelo}_changelist"), pide)
    texto(respuesta)
    return respuesta.context["cl"]


def ficha(jefa: Client, modelo: str, pk: int) -> str:
    return texto(jefa.get(reverse(f"admin:outbox_{modelo}_change", args=[pk])))


def test_se_busca_por_el_evento_y_por_su_agregado(jefa: Client, probeta: Probeta) -> None:
    """Exact ids, however they were pasted; the newest first."""
    uno, dos, otro = emitir("af_1", "a"), emitir("af_1", "b"), emitir("af_2", "c")

    def hallados(**pide: str) -> list[OutboxEvent]:
        return list(lista(jefa, "outboxevent", **pide).result_list)

    assert hallados() == [otro, dos, uno]
    assert hallados(q="af_1") == [dos, uno]
    assert hallados(q=f" {uno.evento_id}\u200b") == [uno]
    assert hallados(q="af_") == hallados(q="nadie") == []
    assert hallados(type="AfiliadoSuspendido") == [otro, dos, uno]
    assert hallados(type="PagoEnviado") == []
    columnas = lista(jefa, "outboxevent").list_display
    assert list(columnas[-6:]) == [
        "type", "aggregateid", "aggregatetype", "aggregate_version", "col_entregado", "created_at",
    ]  # fmt: skip


def test_la_ficha_de_un_evento(jefa: Client, probeta: Probeta) -> None:
    """Its document, and where it is for each subscription."""
    evento = emitir("af_1", "ñandú")
    leido = ficha(jefa, "outboxevent", evento.pk)
    for dicho in ("Por entregar", "probeta En camino", "ñandú", "af_1", evento.evento_id):
        assert dicho in leido
    EntregaPendiente.objects.update(intentos=2, ultimo_error="RuntimeError: veneno")
    leido = ficha(jefa, "outboxevent", evento.pk)
    assert "probeta Reintentando (2) RuntimeError: veneno" in leido
    EntregaPendiente.objects.all().delete()
    assert "Entregado" in ficha(jefa, "outboxevent", evento.pk)


def test_lo_que_espera(jefa: Client, probeta: Probeta) -> None:
    uno, otro = emitir("af_1", "a"), emitir("af_2", "b")
    EntregaPendiente.objects.create(suscripcion="otra", evento=uno)
    EntregaPendiente.objects.filter(evento=otro).update(intentos=3, ultimo_error="OSError: disco")
    esperan = lista(jefa, "entregapendiente").result_list
    assert [(e.evento_id, e.suscripcion) for e in esperan] == [
        (uno.pk, "probeta"), (otro.pk, "probeta"), (uno.pk, "otra"),
    ]  # fmt: skip
    suyas = lista(jefa, "entregapendiente", suscripcion="probeta").result_list
    assert [e.evento_id for e in suyas] == [uno.pk, otro.pk]
    leido = ficha(jefa, "entregapendiente", suyas[1].pk)
    for dicho in ("probeta", "OSError: disco", "Intentos 3", "AfiliadoSuspendido"):
        assert dicho in leido, leido


def test_lo_aparcado(jefa: Client, probeta: Probeta) -> None:
    """With its error and its document; what is foreign, as it came."""
    evento = emitir("af_1", "ñandú")
    EntregaPendiente.objects.all().delete()
    uno = EventoAparcado.objects.create(
        suscripcion="probeta", evento=evento, intentos=5, error="RuntimeError: " + "x" * 90
    )
    ajeno = EventoAparcado.objects.create(
        suscripcion="otra", evento=None, intentos=1, error="KeyError: 'id'", contenido="<no es>"
    )
    hecho = EventoAparcado.objects.create(
        suscripcion="probeta", evento=evento, intentos=5, error="e", reencolado_en=timezone.now()
    )
    todos = jefa.get(reverse("admin:outbox_eventoaparcado_changelist"))
    assert list(todos.context["cl"].result_list) == [hecho, ajeno, uno]
    leida = texto(todos)
    assert "Mensaje ajeno" in leida
    assert "x" * 80 in leida
    assert "x" * 81 not in leida
    assert "RuntimeError" not in leida
    for situacion, son in (("aparcado", [ajeno, uno]), ("reencolado", [hecho])):
        assert list(lista(jefa, "eventoaparcado", situacion=situacion).result_list) == son
    assert list(lista(jefa, "eventoaparcado", suscripcion="otra").result_list) == [ajeno]
    leido = ficha(jefa, "eventoaparcado", uno.pk)
    for dicho in ("Aparcado", "ñandú", "x" * 90, "AfiliadoSuspendido"):
        assert dicho in leido
    assert "&lt;no es&gt;" in ficha(jefa, "eventoaparcado", ajeno.pk)
    assert "Reencolado" in ficha(jefa, "eventoaparcado", hecho.pk)
    accion = reverse("admin:outbox_eventoaparcado_accion", args=[uno.pk, "reencolar"])
    assert accion in jefa.get(
        reverse("admin:outbox_eventoaparcado_change", args=[uno.pk])
    ).content.decode()  # fmt: skip
    jefa.post(accion)
    uno.refresh_from_db()
    assert uno.reencolado_en is not None
