"""The page of the whole programme: what is owed and by when, and who changed the most."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.urls import reverse

from comisiones.comision.models import Comision
from comisiones.contadores.models import Recuento
from comisiones.revision.services import aprobar_comision
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.admin.conftest import PRUEBA, ROLES, cliente_de
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db
URL = "admin:comisiones_comision_programa"
MARZO = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _sin_pagos_solos(settings: Any) -> None:
    """What is approved waits for whoever pays it."""
    settings.PAGOS_AUTOMATICOS = False


def llano(valor: Any) -> str:
    return re.sub("<[^>]*>", "", str(valor)).split(" ")[0]


@pytest.mark.lento
def test_lo_que_debemos_por_cuando(admin: Any) -> None:
    """Before, in and after this month; each amount is the sum of its list."""
    with time_machine.travel(MARZO, tick=False):
        en = [fabricas.campana(inicia_en=MARZO, dias_retencion=dias) for dias in (0, 25, 60)]
        en.append(fabricas.campana(inicia_en=MARZO, moneda="EUR"))
        for n, campana in enumerate(en):
            for valor in ("100", "200"):
                suya = fabricas.comision(en=campana, valor=valor)
                if valor == "100" or n == 0:
                    aprobar_comision(comision=suya, actor=ANA)
        drenar()
    with time_machine.travel(MARZO + timedelta(days=25), tick=False):
        respuesta = admin.get(reverse(URL))
        bloques = {str(b.titulo): b.filas for b in respuesta.context["debemos"]}
        assert [[llano(c) for c in fila[1:]] for fila in bloques["En USD"]] == [
            ["30,00", "10,00", "10,00", "50,00"], ["0,00"] * 4,
            ["0,00", "20,00", "20,00", "40,00"], ["0,00"] * 4,
        ]  # fmt: skip
        assert next([llano(c) for c in fila[1:]] for fila in bloques["En EUR"]) == [
            "10,00", "0,00", "0,00", "10,00",
        ]  # fmt: skip
        for titulo, filas in bloques.items():
            moneda = titulo[-3:]
            for fila in filas:
                for celda in fila[1:]:
                    url = unescape(re.search('href="([^"]+)"', str(celda)).group(1))  # type: ignore[union-attr]
                    suyas = admin.get(url).context["cl"].result_list
                    suma = sum(c.monto for c in suyas if c.moneda == moneda)
                    assert f"{suma:.2f}".replace(".", ",") == llano(celda), url


def test_quien_cambia(admin: Any) -> None:
    """Of the last two whole months."""
    ada, eva = fabricas.afiliado(nombre="Ada"), fabricas.afiliado(nombre="Eva")
    en = fabricas.campana(inicia_en=MARZO)
    for meses, quien, valor in ((0, ada, "900"), (1, ada, "100"), (1, eva, "500"),
                                (2, eva, "70000")):  # fmt: skip
        with time_machine.travel(MARZO + timedelta(days=30 * meses), tick=False):
            aprobar_comision(comision=fabricas.comision(de=quien, en=en, valor=valor), actor=ANA)
    drenar()
    with time_machine.travel(MARZO + timedelta(days=62), tick=False):
        respuesta = admin.get(reverse(URL))
    suben, bajan = respuesta.context["cambian"]
    assert [[llano(c) for c in fila] for fila in suben.filas] == [["Eva", "0,00", "50,00", "50,00"]]
    assert [[llano(c) for c in fila] for fila in bajan.filas] == [
        ["Ada", "90,00", "10,00", "-80,00"]
    ]
    assert "marzo" in str(suben.columnas[1][0])
    [meses] = respuesta.context["meses"]
    assert llano(meses["saldo"]) == "7\xa0150,00"


def test_vacio_y_contandose(admin: Any) -> None:
    texto = admin.get(reverse(URL)).content.decode()
    assert "No hay comisiones por revisar ni por pagar." in texto
    Recuento.objects.create(de="libro", rehecho_hasta=0)
    assert "se están contando de nuevo" in admin.get(reverse(URL)).content.decode()


@pytest.mark.parametrize("rol", ["", *ROLES])
def test_para_quien(de_rol: Any, rol: str) -> None:
    assert de_rol(rol).get(reverse(URL)).status_code == (200 if rol else 403)


def test_sin_el_libro(programa: Any) -> None:
    aprobar_comision(comision=programa.ventas(1)[0], actor=PRUEBA)
    drenar()
    persona = User.objects.create_user("contable", is_staff=True)
    persona.user_permissions.add(Permission.objects.get(codename="view_comision"))
    respuesta = cliente_de(persona).get(reverse(URL))
    assert [str(b.titulo) for b in respuesta.context["debemos"]] == ["En USD"]
    assert respuesta.context["meses"] == respuesta.context["cambian"] == []


@pytest.mark.lento
def test_pocas_consultas(admin: Any, programa: Any, django_assert_max_num_queries: Any) -> None:
    for n in range(4):
        otro = programa.nuevo_afiliado(f"Otro{n}", activo=True)
        for comision in programa.ventas(4, otro):
            aprobar_comision(comision=comision, actor=PRUEBA)
    drenar()
    assert Comision.objects.count() == 16
    admin.get(reverse(URL))
    with django_assert_max_num_queries(30):
        admin.get(reverse(URL))
