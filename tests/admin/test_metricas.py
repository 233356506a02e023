"""The page of figures: some days against as many before, for whoever sees commissions."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from comisiones.metricas.models import Remedicion
from comisiones.revision.services import aprobar_comision
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.admin.conftest import ROLES
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db
URL = "admin:comisiones_comision_cifras"
MARZO = datetime(2026, 3, 31, 12, tzinfo=UTC)


def llano(valor: Any) -> str:
    return unescape(re.sub("<[^>]*>", "", str(valor))).replace("\xa0", " ")


@pytest.fixture
def ventas(settings: Any) -> Any:
    """Ada falls and Eva grows, from a month to the next; one campaign is in euros."""
    settings.PAGOS_AUTOMATICOS = False
    antes = MARZO - timedelta(days=90)
    with time_machine.travel(antes, tick=False):
        en = fabricas.campana(nombre="Verano", inicia_en=antes)
        euros = fabricas.campana(
            nombre="Otoño", moneda="EUR", zona="America/Bogota", inicia_en=antes
        )
        ada, eva = fabricas.afiliado(nombre="Ada"), fabricas.afiliado(nombre="Eva")
    for dias, quien, valor, suya in ((45, ada, "900", en), (40, eva, "100", en),
                                     (20, ada, "300", en), (5, eva, "700", en),
                                     (5, eva, "50", euros)):  # fmt: skip
        with time_machine.travel(MARZO - timedelta(days=dias), tick=False):
            comision = fabricas.comision(de=quien, en=suya, valor=valor)
        if valor in ("300", "900"):
            with time_machine.travel(MARZO - timedelta(days=dias, hours=-30), tick=False):
                aprobar_comision(comision=comision, actor=ANA)
    drenar()
    with time_machine.travel(MARZO, tick=False):
        yield {"en": en, "euros": euros}


def tarjetas(contexto: Any) -> dict[str, tuple[str, str]]:
    return {c.titulo: (llano(c.valor), llano(c.nota)) for c in contexto["cifras"]}


@pytest.mark.lento
def test_contra_lo_de_antes(admin: Any, ventas: Any) -> None:
    contexto = admin.get(reverse(URL)).context
    dicho = tarjetas(contexto)
    assert dicho["Vendido"] == ("1 000,00 USD", "Antes: 1 000,00 USD (0 %)")
    assert dicho["Ventas"] == ("2", "Antes: 2 (0 %)")
    assert dicho["Comisión neta"] == ("100,00 USD", "Antes: 100,00 USD (0 %)")
    assert dicho["Hasta aprobar"][0] == "30 h"
    suben, bajan = (
        [[llano(c) for c in fila] for fila in bloque.filas] for bloque in contexto["afiliados"][1:]
    )
    assert suben == [["Eva", "70,00", "10,00", "+60,00"]]
    assert bajan == [["Ada", "30,00", "90,00", "-60,00"]]
    assert [[llano(c) for c in f] for f in contexto["por_campana"].filas] == [
        ["Verano", "2", "1 000,00", "100,00", "0,00"]
    ]
    embudo = {llano(f[0]): (llano(f[1]), llano(f[2])) for f in contexto["embudo"].filas}
    assert embudo["Pendiente"] == ("70,00", "70 %")
    assert embudo["Aprobada"] == ("30,00", "30 %")
    assert contexto["zona"] == "America/Bogota, UTC"
    vendido = contexto["graficas"][0]
    assert len(vendido["filas"]) == 30
    assert [llano(v) for v in vendido["filas"][24]["valores"]] == ["700,00 USD", "0,00 USD"]
    # Each figure leads to its list.
    for url in re.findall('href="([^"]+)"', str(contexto["embudo"].filas)):
        assert admin.get(unescape(url)).status_code == 200
    for cifra in contexto["cifras"]:
        if cifra.url:
            assert admin.get(cifra.url).status_code == 200


def test_de_una_campana_y_otra_moneda(admin: Any, ventas: Any) -> None:
    contexto = admin.get(reverse(URL), {"campana": ventas["euros"].pk}).context
    assert (contexto["moneda"], contexto["zona"]) == ("EUR", "America/Bogota")
    assert tarjetas(contexto)["Vendido"] == ("50,00 EUR", "Antes: 0,00 EUR")
    contexto = admin.get(reverse(URL), {"moneda": "EUR"}).context
    assert tarjetas(contexto)["Ventas"] == ("1", "Antes: 0")
    assert [m for m, _url in contexto["monedas"]] == ["USD", "EUR"]
    un_ano = admin.get(reverse(URL), {"desde": "2025-04-01", "hasta": "2026-03-31"}).context
    assert tarjetas(un_ano)["Ventas"] == ("4", "Antes: 0")
    assert 26 <= len(un_ano["graficas"][0]["filas"]) <= 31


@pytest.mark.parametrize(
    "consulta",
    [
        {"desde": "2026-03-31", "hasta": "2026-03-01"},
        {"desde": "1026-03-31", "hasta": "2026-03-01"},
        {"desde": "ayer"},
        {"hasta": "2026-02-31"},
        {"campana": "7000"},
        {"campana": "' OR 1"},
    ],
)
def test_lo_que_no_se_entiende_se_dice(admin: Any, ventas: Any, consulta: dict[str, str]) -> None:
    """And the page is that of the last days, of all."""
    respuesta = admin.get(reverse(URL), consulta)
    assert respuesta.context["pedido"].avisos
    assert 'role="status"' in respuesta.content.decode()
    assert tarjetas(respuesta.context)["Ventas"] == ("2", "Antes: 2 (0 %)")


def test_vacio_y_contandose(admin: Any) -> None:
    assert "No hay ninguna cifra" in admin.get(reverse(URL)).content.decode()
    assert admin.get(reverse(URL), {"moneda": "JPY"}).status_code == 200
    Remedicion.objects.create(de="venta")
    assert "se están contando de nuevo" in admin.get(reverse(URL)).content.decode()


@pytest.mark.parametrize("rol", ["", *ROLES])
def test_para_quien(de_rol: Any, rol: str) -> None:
    cliente = de_rol(rol)
    assert cliente.get(reverse(URL)).status_code == (200 if rol else 403)
    menu = cliente.get(reverse("admin:index")).content.decode()
    assert (reverse(URL) in menu) == bool(rol)


def test_pocas_consultas(admin: Any, ventas: Any, django_assert_max_num_queries: Any) -> None:
    admin.get(reverse(URL))
    with django_assert_max_num_queries(60):
        admin.get(reverse(URL), {"desde": "2025-04-10", "hasta": "2026-04-09"})
