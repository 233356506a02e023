"""Enrolments in the admin: invited, decided in one click, and shown where they belong."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from conversiones.inscripciones.models import Inscripcion, TerminosCampana
from conversiones.inscripciones.services import solicitar
from tests import fabricas
from tests.fabricas import PRUEBAS

pytestmark = pytest.mark.django_db
LISTA = "admin:conversiones_inscripcion_changelist"


def test_invitar_y_decidir(admin: Client) -> None:
    """From the list to the decision; the page of each side shows it."""
    campana, socia = fabricas.con_inscripcion(nombre="Cerrada"), fabricas.afiliado()
    otra = fabricas.afiliado(nombre="Otra", email="o@example.com")
    admin.post(reverse("admin:conversiones_terminoscampana_add"),
               {"campana": campana.pk, "texto": "Sé buena"})  # fmt: skip
    assert TerminosCampana.objects.get().numero == 1
    admin.post(reverse("admin:conversiones_inscripcion_add"),
               {"campana": campana.pk, "afiliado": socia.pk})  # fmt: skip
    invitada = Inscripcion.objects.get()
    assert invitada.estado == "invitado"
    pedida = solicitar(campana=campana, afiliado=otra, terminos=1, actor=PRUEBAS)
    lista = admin.get(reverse(LISTA) + "?estado__exact=solicitado")
    ficha = reverse("admin:conversiones_inscripcion_change", args=[pedida.pk])
    assert lista.context["cl"].result_count == 1
    assert ficha in lista.content.decode()
    for url in (ficha, reverse("admin:conversiones_terminoscampana_changelist"),
                reverse("admin:conversiones_campana_change", args=[campana.pk]),
                reverse("admin:afiliados_afiliado_change", args=[otra.pk])):  # fmt: skip
        assert "Cerrada" in admin.get(url).content.decode(), url
    for fila, accion, estado in ((pedida, "aprobar", "inscrito"), (invitada, "rechazar",
                                                                    "rechazado")):  # fmt: skip
        accionar = reverse("admin:conversiones_inscripcion_accion", args=[fila.pk, accion])
        admin.post(accionar, {"motivo": "m"})
        assert Inscripcion.objects.get(pk=fila.pk).estado == estado
    assert admin.get(ficha).status_code == 200
