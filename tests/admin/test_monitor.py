"""The monitor's page: figures, what is wrong, the newest events; for whoever may see it."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from alpespartner.operacion import alertas
from alpespartner.operacion.monitor import lectura
from alpespartner.operacion.monitor.problemas import Problema
from comisiones.pagos.models import Pago
from outbox.models import OutboxEvent
from tests import fabricas
from tests.admin.conftest import cliente_de

pytestmark = pytest.mark.django_db
PAGINA, AVANCE = "/admin/operacion/alerta/monitor/", "/admin/operacion/alerta/monitor/avance/"


@pytest.fixture(autouse=True)
def _de_nuevo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lectura._reciente, "_hasta", 0.0)


def texto(cliente: Client, ruta: str) -> str:
    respuesta = cliente.get(ruta)
    assert respuesta.status_code == 200
    return respuesta.content.decode()


def test_quien_la_ve(de_rol: Any, admin: Client) -> None:
    for cliente in (admin, de_rol("Revisión"), de_rol("Tesorería"), de_rol("Consulta")):
        assert "Todo bien" in texto(cliente, PAGINA)
        assert "Todo bien" in texto(cliente, AVANCE)
    nadie = de_rol()
    assert [nadie.get(r).status_code for r in (PAGINA, AVANCE)] == [403, 403]
    assert Client().get(PAGINA).status_code == 302


def test_dice_lo_que_va_mal_y_que_hacer(admin: Client) -> None:
    Pago.objects.filter(pk=fabricas.pago().pk).update(estado="incierto")
    dicho = texto(admin, PAGINA)
    assert "Hay pagos inciertos" in dicho
    assert "no los envíes de nuevo por otra vía" in dicho


def test_los_eventos_segun_llegan(admin: Client) -> None:
    comision = fabricas.comision()
    dicho = texto(admin, AVANCE)
    assert comision.id_publico in dicho
    assert "&quot;specversion&quot;" in dicho
    hasta = OutboxEvent.objects.order_by("-posicion")[0].posicion
    assert f'data-hasta="{hasta}"' in dicho
    # Those after a position, of a type, of a topic; what is no position or type filters nothing.
    assert "<li><details>" not in texto(admin, f"{AVANCE}?desde={hasta}")
    solo = texto(admin, f"{AVANCE}?tipo=ComisionCalculada")
    assert "ComisionCalculada</strong>" in solo
    assert "ConversionRegistrada</strong>" not in solo
    de_tema = texto(admin, f"{AVANCE}?contexto=conversiones")
    assert "ConversionRegistrada</strong>" in de_tema
    assert "ComisionCalculada</strong>" not in de_tema
    for raro in ("desde=x", "desde=-1", "desde=99999999999999999999", "tipo=<b>", "contexto=x"):
        assert comision.id_publico in texto(admin, f"{AVANCE}?{raro}")


def test_sin_permiso_para_los_eventos_no_los_hay() -> None:
    fabricas.comision()
    quien = User.objects.create_user("solo-alertas", is_staff=True)
    quien.user_permissions.add(Permission.objects.get(codename="view_alerta"))
    dicho = texto(cliente_de(quien), PAGINA)
    assert "Todo bien" in dicho
    assert "data-cola" not in dicho
    assert "specversion" not in dicho


def test_mirar_no_escribe_y_varios_que_miran_leen_una_vez(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    veces = []
    de_verdad = lectura.leer
    monkeypatch.setattr(lectura, "leer", lambda: veces.append(1) or de_verdad())
    antes = fabricas.foto()
    for _vez in range(4):
        texto(admin, AVANCE)
    assert len(veces) == 1
    assert fabricas.foto() == antes


def test_una_alerta_abierta_esta_en_el_inicio_y_en_su_lista(admin: Client, de_rol: Any) -> None:
    for _mirada in range(2):
        alertas.anotar(vistos=[Problema("pagos", {"n": 3})], juzga=lambda _c: True)
    assert "Hay pagos inciertos" in texto(admin, "/admin/")
    assert "Hay pagos inciertos" not in texto(de_rol(), "/admin/")
    assert "Hay pagos inciertos" in texto(admin, "/admin/operacion/alerta/?situacion=abierta")
    assert "Hay pagos" not in texto(admin, "/admin/operacion/alerta/?situacion=cerrada")
    suya = alertas.abiertas()[0]
    ficha = texto(admin, f"/admin/operacion/alerta/{suya.pk}/change/")
    assert "no los envíes de nuevo" in ficha
    assert "Apertura" in ficha
