"""Sending on purpose, and what services refuse."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from alpespartner.comun.cifrado import descifrar
from alpespartner.comun.errores import TransicionInvalida
from alpespartner.comun.models import Historial
from outbox.models import EntregaWebhook, Webhook
from outbox.webhooks import repeticion, services
from outbox.webhooks.errores import (
    DemasiadosWebhooks,
    IntervaloInvalido,
    TipoNoOfrecido,
    UrlInvalida,
    WebhookDesactivado,
)
from tests.fabricas import PRUEBAS, afiliado, comision, foto
from tests.outbox.probeta import emitir
from tests.outbox.webhooks.conftest import consumir
from tests.outbox.webhooks.receptor import Receptor
from tests.outbox.webhooks.test_entrega import Suscribir, mandar

pytestmark = pytest.mark.django_db
HORA = timedelta(hours=1)


def repetir(webhook: Webhook, **cuando: object) -> int:
    ahora = timezone.now()
    intervalo = {"desde": ahora - HORA, "hasta": ahora + HORA, **cuando}
    return repeticion.repetir(webhook=webhook, actor=PRUEBAS, **intervalo)


def test_una_prueba_llega_y_no_dice_nada(suyo: Receptor, suscribir: Suscribir) -> None:
    webhook = suscribir(["ComisionAprobada"])
    entrega = repeticion.probar(webhook=webhook, actor=PRUEBAS)
    mandar()
    [(cabeceras, cuerpo)] = suyo.recibido
    assert cabeceras["webhook-id"] == entrega.evento_id
    assert repeticion.PRUEBA.encode() in cuerpo
    assert Historial.objects.filter(entidad="webhook", accion="probar").exists()


def test_se_repite_lo_de_antes_lo_entregado_y_no_lo_que_espera(
    suyo: Receptor, suscribir: Suscribir
) -> None:
    antes = emitir("af_1", "antes")
    webhook = suscribir()
    entregado = emitir("af_1", "entregado")
    consumir(entregado)
    mandar()
    espera = emitir("af_2", "espera")
    consumir(espera)
    assert repetir(webhook, hasta=timezone.now() - HORA / 2) == 0
    assert repetir(webhook) == 2
    # They wait now.
    assert repetir(webhook) == 0
    filas = EntregaWebhook.objects.order_by("pk").values_list("evento_id", "vez")
    assert list(filas) == [
        (entregado.evento_id, 0), (espera.evento_id, 0), (antes.evento_id, 1),
        (entregado.evento_id, 1),
    ]  # fmt: skip
    mandar()
    una = EntregaWebhook.objects.get(evento_id=entregado.evento_id, vez=1)
    assert repeticion.repetir_una(entrega=una, actor=PRUEBAS) == 1
    assert repeticion.repetir_una(entrega=una, actor=PRUEBAS) == 0
    assert EntregaWebhook.objects.filter(vez=2).get().evento_id == entregado.evento_id


def test_a_un_afiliado_no_se_le_repite_lo_ajeno(suscribir: Suscribir) -> None:
    mia, ajena = comision(), comision()
    suya = suscribir(afiliado=mia.afiliado)
    emitir(mia.afiliado.id_publico, "secreto")
    assert repetir(suya) > 0
    objetos = set(EntregaWebhook.objects.values_list("objeto", flat=True))
    assert mia.id_publico in objetos
    assert objetos.isdisjoint({ajena.id_publico, ajena.conversion.id_publico})
    assert not EntregaWebhook.objects.filter(tipo="AfiliadoSuspendido").exists()


def test_un_intervalo_que_no_lo_es(suscribir: Suscribir, monkeypatch: pytest.MonkeyPatch) -> None:
    webhook = suscribir()
    ahora = timezone.now()
    with pytest.raises(IntervaloInvalido):
        repetir(webhook, desde=ahora, hasta=ahora)
    monkeypatch.setattr(repeticion, "MAXIMO", 1)
    emitir("af_1", "uno")
    assert repetir(webhook) == 1
    emitir("af_1", "dos")
    with pytest.raises(IntervaloInvalido, match="más corto"):
        repetir(webhook)


def test_desactivado_no_se_prueba_ni_se_repite(suscribir: Suscribir) -> None:
    webhook = suscribir()
    services.desactivar(webhook=webhook, actor=PRUEBAS)
    antes = foto()
    acciones: list[Callable[[], object]] = [
        lambda: repeticion.probar(webhook=webhook, actor=PRUEBAS),
        lambda: repetir(webhook),
    ]
    for accion in acciones:
        with pytest.raises(WebhookDesactivado):
            accion()
    with pytest.raises(TransicionInvalida):
        services.desactivar(webhook=webhook, actor=PRUEBAS)
    assert foto() == antes
    services.activar(webhook=webhook, actor=PRUEBAS)
    with pytest.raises(TransicionInvalida):
        services.activar(webhook=webhook, actor=PRUEBAS)


def test_lo_que_no_se_admite_al_crear_ni_al_editar(
    suyo: Receptor, suscribir: Suscribir, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhook = suscribir(afiliado=afiliado())
    antes = foto()
    datos = {"titular": "x", "afiliado": webhook.afiliado, "actor": PRUEBAS}
    for url, tipos, error in (
        ("http://ejemplo.com", ["*"], UrlInvalida),
        (suyo.url, [], TipoNoOfrecido),
        (suyo.url, ["Nada"], TipoNoOfrecido),
        (suyo.url, ["CanarioEmitido"], TipoNoOfrecido),
        # An affiliate does not get what the staff writes for itself.
        (suyo.url, ["AfiliadoSuspendido"], TipoNoOfrecido),
    ):
        with pytest.raises(error):
            services.crear(url=url, tipos=tipos, **datos)
        with pytest.raises(error):
            services.editar(webhook=webhook, url=url, tipos=tipos, actor=PRUEBAS)
    monkeypatch.setattr(services, "POR_TITULAR", 1)
    with pytest.raises(DemasiadosWebhooks):
        services.crear(url=suyo.url, tipos=["*"], **datos)
    assert foto() == antes


def test_lo_que_guarda_y_lo_que_calla(suyo: Receptor) -> None:
    con_secreto = f"{suyo.url}&token=abc123"
    webhook, secreto = services.crear(
        url=con_secreto, tipos=["ComisionAprobada", "*"], titular="x", afiliado="", actor=PRUEBAS
    )
    assert (webhook.tipos, descifrar(webhook.secreto)) == (["*"], secreto)
    services.editar(webhook=webhook, url=con_secreto + "d", tipos=["*"], actor=PRUEBAS)
    services.editar(webhook=webhook, url=con_secreto + "d", actor=PRUEBAS)
    pasos = Historial.objects.filter(entidad="webhook", entidad_id=webhook.id_publico)
    assert [paso.accion for paso in pasos.order_by("pk")] == ["crear", "editar"]
    assert "abc123" not in str([paso.datos for paso in pasos])
    assert secreto not in str([paso.datos for paso in pasos])
