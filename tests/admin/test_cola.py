"""The review queue: what it filters by, what it says of it, and what it adds up to."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alpespartner.comun.admin import listas
from comisiones.admin.comision import cola
from comisiones.comision.models import Comision
from comisiones.models import DecisionEnMasa
from comisiones.reglas.services import crear_regla
from comisiones.revision.services import retener_comision
from tests.admin.conftest import PRUEBA, Programa
from tests.admin.test_en_masa import elegir

LISTA = "/admin/comisiones/comision/"


def claves(respuesta: Any) -> list[int]:
    return [fila.pk for fila in respuesta.context["cl"].result_list]


def fichas(respuesta: Any) -> dict[str, str]:
    """Value of each chip, by what it is of."""
    return {una["ficha"].titulo: una["ficha"].valor for una in respuesta.context["fichas"]}


def cuentas(respuesta: Any) -> dict[str, str]:
    return {str(p["titulo"]): p["cuenta"] for p in respuesta.context["pestanas"]}


def poner(comision: Comision, **valores: Any) -> None:
    Comision.objects.filter(pk=comision.pk).update(**valores)


@pytest.fixture
def mesa(programa: Programa) -> list[Comision]:
    """Five: three pending of 10 USD, one of 70 COP from a month ago, and one held."""
    comisiones = programa.ventas(5)
    hace_un_mes = timezone.now() - timedelta(days=31)
    poner(comisiones[3], moneda="COP", monto=Decimal(70), creada_en=hace_un_mes)
    retener_comision(comision=comisiones[4], actor=PRUEBA, motivo="m")
    poner(comisiones[2], monto=Decimal("12.50"))
    return comisiones


@pytest.mark.parametrize(
    ("filtro", "quedan", "dicho"),
    [
        ("", [0, 1, 2, 3, 4], {}),
        ("moneda=COP", [3], {"Moneda": "COP"}),
        ("retenida_por=manual", [4], {"Retenida": "Retenida por una persona"}),
        ("antiguedad=30", [3], {"Antigüedad": "más de 30 días"}),
        ("antiguedad=1&moneda=USD", [], {"Antigüedad": "más de 1 día", "Moneda": "USD"}),
        ("monto_desde=12,50", [2, 3], {"Monto": "desde 12,50"}),
        ("monto_desde=12.51&monto_hasta=70", [3], {"Monto": "de 12.51 a 70"}),
        ("moneda=USD&monto_hasta=12,49", [4, 1, 0], {"Moneda": "USD", "Monto": "hasta 12,49"}),
        ("moneda=USD&monto_desde=10", [2, 4, 1, 0], {"Moneda": "USD", "Monto": "desde 10"}),
    ],
)
def test_filtros(
    admin: Client, mesa: list[Comision], filtro: str, quedan: list[int], dicho: dict[str, str]
) -> None:
    """What remains, in its order, and the chips that say so; each of them takes itself away."""
    respuesta = admin.get(f"{LISTA}?{filtro}")
    assert claves(respuesta) == [mesa[n].pk for n in quedan]
    assert fichas(respuesta) == dicho
    assert cuentas(respuesta)["En revisión"] == str(len(quedan))
    for una in respuesta.context["fichas"]:
        sin_ella = admin.get(LISTA + una["url"])
        assert fichas(sin_ella) == {k: v for k, v in dicho.items() if k != una["ficha"].titulo}
    if dicho:
        assert fichas(admin.get(LISTA + respuesta.context["quitar_todos"])) == {}
    else:
        assert "Quitar todos" not in respuesta.content.decode()


@pytest.mark.lento
def test_por_fecha_de_calculo(admin: Client, mesa: list[Comision]) -> None:
    """Both days are in, in the zone of whoever reads; the oldest first."""
    dia = timezone.localtime(Comision.objects.get(pk=mesa[3].pk).creada_en).date()
    for filtro, quedan in (
        (f"calculada_hasta={dia}", [3]),
        (f"calculada_hasta={dia - timedelta(days=1)}", []),
        (f"calculada_desde={dia + timedelta(days=1)}", [0, 1, 2, 4]),
        (f"calculada_desde={dia}", [3, 0, 1, 2, 4]),
    ):
        assert claves(admin.get(f"{LISTA}?{filtro}")) == [mesa[n].pk for n in quedan], filtro


def test_por_regla_afiliado_y_campana(
    admin: Client, programa: Programa, mesa: list[Comision]
) -> None:
    otra = crear_regla(nombre="Otra", campana=programa.campana, actor=PRUEBA)
    poner(mesa[1], regla=otra)
    respuesta = admin.get(
        f"{LISTA}?regla__id__exact={otra.pk}&afiliado__id__exact={programa.afiliado.pk}"
        f"&campana__id__exact={programa.campana.pk}"
    )
    assert claves(respuesta) == [mesa[1].pk]
    assert fichas(respuesta) == {"Afiliado": "Socia", "Campaña": "Verano", "Regla": "Otra"}


def test_las_pestanas_conservan_el_filtro(admin: Client, mesa: list[Comision]) -> None:
    """Their links too, and their counts are of it: a search, besides, says where it looks."""
    respuesta = admin.get(f"{LISTA}?moneda=USD&estado=pendiente")
    assert cuentas(respuesta) == {
        "En revisión": "4", "Pendiente": "3", "Retenida": "1", "Aprobada": "0", "Programada": "0",
        "Pagada": "0", "Cerrada sin importe": "0", "Rechazada": "0", "Anulada": "0", "Todas": "4",
    }  # fmt: skip
    urls = {str(p["titulo"]): p["url"] for p in respuesta.context["pestanas"]}
    assert urls["Retenida"] == "?estado=retenida&moneda=USD"
    assert urls["En revisión"] == "?moneda=USD"
    buscada = admin.get(f"{LISTA}?q=socia")
    urls = {str(p["titulo"]): p["url"] for p in buscada.context["pestanas"]}
    assert urls["En revisión"] == "?estado=revision&q=socia"
    assert [p["titulo"] for p in buscada.context["pestanas"] if p["activa"]] == ["Todas"]
    en_revision = admin.get(LISTA + urls["En revisión"])
    assert [p["titulo"] for p in en_revision.context["pestanas"] if p["activa"]] == ["En revisión"]
    assert len(claves(en_revision)) == 5


def test_suma_por_moneda(admin: Client, mesa: list[Comision]) -> None:
    """To the cent, also of amounts that binary fractions cannot hold."""
    poner(mesa[0], monto=Decimal("0.10"))
    poner(mesa[1], monto=Decimal("0.20"))
    poner(mesa[2], monto=Decimal("0.30"))
    texto = re.sub(r"<[^>]+>|\s", "", admin.get(f"{LISTA}?estado=pendiente").content.decode())
    assert "4comisiones·70,00COP·0,60USD" in texto


def test_lo_que_no_se_cuenta_se_dice(
    admin: Client, programa: Programa, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what no counter has: more than so many, and no sum of a part as if it were all."""
    monkeypatch.setattr(listas, "TOPE_CONTEO", 3)
    monkeypatch.setattr(cola, "TOPE", 3)
    monkeypatch.setattr(cola, "TOPE_SUMA", 3)
    programa.ventas(5)
    texto = admin.get(f"{LISTA}?antiguedad=1").content.decode()
    assert "más de" not in texto.partition("ap-pestanas")[2].partition("</nav>")[0]
    respuesta = admin.get(f"{LISTA}?monto_desde=1")
    assert cuentas(respuesta)["En revisión"] == "más de 3"
    assert respuesta.context["sumas"] == []
    assert "acota el filtro" in respuesta.content.decode()
    # The counters have these, whatever the limits.
    respuesta = admin.get(f"{LISTA}?campana__id__exact={programa.campana.pk}")
    assert cuentas(respuesta)["En revisión"] == "5"
    assert "50,00" in respuesta.context["sumas"][0]


@pytest.mark.parametrize(
    "filtro",
    ["monto_desde=nada", "monto_hasta=1.500", "monto_desde=9" + "9" * 30, "moneda=XXY",
     "calculada_desde=ayer", "calculada_hasta=9999-12-31", "calculada_desde=2026-02-30"],
)  # fmt: skip
def test_lo_que_no_se_entiende_se_dice(admin: Client, mesa: list[Comision], filtro: str) -> None:
    respuesta = admin.get(f"{LISTA}?{filtro}", follow=True)
    assert respuesta.status_code == 200
    assert respuesta.redirect_chain
    if not filtro.startswith("moneda"):
        assert "No se filtró" in respuesta.content.decode()


def test_una_decision_dice_todo_el_filtro(admin: Client, mesa: list[Comision]) -> None:
    decision = elegir(admin, mesa, filtro="?moneda=USD&monto_desde=11", select_across="1")
    assert DecisionEnMasa.objects.get(pk=decision.pk).total == 1
    assert decision.alcance == "Todas las del filtro: En revisión · USD · desde 11"


def test_la_fila_dice_su_pedido_y_lo_que_suma(
    admin: Client, programa: Programa, mesa: list[Comision]
) -> None:
    """Its order's reference, and its amount as whole ten-thousandths for the page's script."""
    venta = mesa[2].conversion
    type(venta).objects.filter(pk=venta.pk).update(referencia_externa="PED-<77>")
    texto = unescape(admin.get(f"{LISTA}?monto_desde=12,50&moneda=USD").content.decode())
    assert "PED-<77>" in texto
    assert f'data-fila="{mesa[2].pk}" data-version="1" data-monto="125000" data-moneda="USD"' in (
        texto
    )


def test_la_direccion_de_la_lista_no_dice_mas(admin: Client, mesa: list[Comision]) -> None:
    for consulta in ("creada_en__lte=2026-01-01", "monto=1", "motivo_retencion__exact=manual"):
        assert admin.get(f"{LISTA}?{consulta}").status_code == 400
    assert admin.get(reverse("admin:comisiones_comision_changelist")).status_code == 200
