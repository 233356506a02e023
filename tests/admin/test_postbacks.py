"""The page of postbacks: made, looked at before, tried and changed by the staff."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from outbox.models import EntregaWebhook, Webhook
from outbox.webhooks.services import crear_postback
from tests.fabricas import PRUEBAS, afiliado

pytestmark = pytest.mark.django_db
LISTA = "/admin/outbox/postback/"
URL = "https://t.example/secreta?p={payout}&s={status}"


def postback(**datos: Any) -> Webhook:
    quien = afiliado(nombre="Grace Hopper")
    return crear_postback(
        url=URL, estados=["approved"], afiliado=quien.id_publico, actor=PRUEBAS, **datos
    )


def test_se_hace_se_prueba_y_se_cambia(admin: Client) -> None:
    quien = afiliado(nombre="Grace Hopper")
    pagina = admin.get(f"{LISTA}add/").content.decode()
    assert "Keitaro" in pagina
    cuerpo = {"de": quien.pk, "url": URL, "estados": ["approved", "paid"]}
    hecho = admin.post(f"{LISTA}add/", cuerpo, follow=True)
    uno = Webhook.objects.get()
    assert (uno.afiliado, uno.tipos) == (quien.id_publico, ["approved", "paid"])
    suya = f"{LISTA}{uno.pk}/"
    assert hecho.redirect_chain[-1][0].startswith(f"{suya}change/")
    assert "secreta?p=12.50&amp;s=approved" in hecho.content.decode()
    assert "Grace Hopper" in admin.get(LISTA).content.decode()
    admin.post(f"{suya}accion/probar/")
    entrega = EntregaWebhook.objects.get()
    su_pagina = admin.get(f"/admin/outbox/entregawebhook/{entrega.pk}/change/").content.decode()
    assert suya in su_pagina
    assert "12.50" in su_pagina
    admin.post(f"{suya}change/", {"url": URL, "estados": [
        "pending", "approved", "rejected", "reversed", "paid"]})  # fmt: skip
    uno.refresh_from_db()
    assert (uno.tipos, uno.version) == (["*"], 2)
    # Webhooks have their page, and postbacks theirs.
    assert f"outbox/webhook/{uno.pk}/" not in admin.get("/admin/outbox/webhook/").content.decode()
    assert admin.get(f"/admin/outbox/webhook/{uno.pk}/change/").status_code == 302


def test_se_ve_antes_de_guardar(admin: Client) -> None:
    def previa(url: str) -> str:
        return admin.post(f"{LISTA}previa/", {"url": url}).content.decode()

    assert "s=rejected" in previa(URL)
    assert "&lt;&lt;" in previa("https://<<DOMINIO>>/?a={payout}")
    assert "detrás de" in previa("https://t.example/{payout}")
    assert not Webhook.objects.exists()
    mala = admin.post(
        f"{LISTA}add/", {"de": afiliado().pk, "url": "http://t.example/", "estados": ["paid"]}
    )
    assert "Empieza por https://" in mala.content.decode()
    assert not Webhook.objects.exists()


def test_quien_solo_mira_no_ve_adonde(de_rol: Any) -> None:
    uno = postback()
    consulta, revision = de_rol("Consulta"), de_rol("Revisión")
    suya = f"{LISTA}{uno.pk}/change/"
    assert "secreta" in revision.get(suya).content.decode()
    assert "secreta" not in consulta.get(suya).content.decode()
    assert consulta.post(f"{LISTA}previa/", {"url": URL}).status_code == 403
    assert consulta.post(f"{LISTA}{uno.pk}/accion/probar/").status_code == 403
    assert not EntregaWebhook.objects.exists()
