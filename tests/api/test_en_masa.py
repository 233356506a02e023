"""``POST /api/v1/conversiones/lote``: each item on its own, in one transaction."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from conversiones.ventas.models import Conversion
from outbox.models import OutboxEvent
from tests import fabricas

RUTA = "/api/v1/conversiones/lote"

pytestmark = pytest.mark.django_db


@pytest.fixture
def afiliado() -> Any:
    fabricas.campana(predeterminada=True)
    return fabricas.afiliado(referencia_externa="ada")


def en_masa(api: fabricas.ClienteAPI, *items: Any) -> Any:
    respuesta = api.enviar(RUTA, {"conversiones": list(items)})
    assert respuesta.status_code == 200, respuesta.content
    return respuesta.json()


def test_los_buenos_entran_y_los_malos_dicen_por_que(afiliado: Any) -> None:
    bueno = {"afiliado_id": "ada", "valor_conversion": "10.00", "referencia_externa": "r1"}
    anterior = fabricas.conversion(de=afiliado, en=afiliado_campana(), referencia_externa="r0")
    salida = en_masa(
        fabricas.api(),
        bueno,
        bueno,
        {**bueno, "referencia_externa": "r0"},
        {**bueno, "afiliado_id": "nadie", "referencia_externa": "r2"},
        {**bueno, "valor_conversion": "0"},
        {**bueno, "valor_conversion": "1.001", "referencia_externa": "r3"},
        {**bueno, "campana_id": "nada", "referencia_externa": "r4"},
        "no es un objeto",
        {**bueno, "referencia_externa": "r5"},
    )
    assert (salida["registradas"], salida["rechazadas"]) == (2, 7)
    resultados = salida["resultados"]
    assert [r["indice"] for r in resultados] == list(range(9))
    codigos = [r["problema"]["codigo"] for r in resultados if "problema" in r]
    assert codigos == [
        "conversion_duplicada", "conversion_duplicada", "afiliado_desconocido", "datos_invalidos",
        "demasiado_preciso", "campana_desconocida", "datos_invalidos",
    ]  # fmt: skip
    assert resultados[2]["problema"]["conversion_id"] == anterior.id_publico
    nuevas = {resultados[0]["conversion_id"], resultados[8]["conversion_id"]}
    assert (
        set(Conversion.objects.exclude(pk=anterior.pk).values_list("id_publico", flat=True))
        == nuevas
    )
    assert nuevas <= set(
        OutboxEvent.objects.filter(type="ConversionRegistrada").values_list(
            "aggregateid", flat=True
        )
    )


def afiliado_campana() -> Any:
    from conversiones.campanas.models import Campana

    return Campana.objects.get(predeterminada=True)


def test_repetirlo_no_duplica(afiliado: Any) -> None:
    api = fabricas.api()
    items = [
        {"afiliado_id": "ada", "valor_conversion": "1", "referencia_externa": f"r{n}"}
        for n in range(20)
    ]
    assert en_masa(api, *items)["registradas"] == 20
    assert en_masa(api, *items)["rechazadas"] == 20
    assert Conversion.objects.count() == 20


@pytest.mark.parametrize("cuerpo", [{}, {"conversiones": []}, {"conversiones": [1] * 501}, [], 7])
def test_lo_que_no_tiene_su_forma(afiliado: Any, cuerpo: Any) -> None:
    fabricas.problema(fabricas.api().enviar(RUTA, cuerpo), 400, "datos_invalidos")


def test_una_clave_de_afiliado_no_registra(afiliado: Any) -> None:
    api = fabricas.api(["conversiones:leer"], de=afiliado)
    fabricas.problema(api.enviar(RUTA, {"conversiones": []}), 403)


def test_las_consultas_no_crecen_con_los_items(afiliado: Any) -> None:
    api = fabricas.api()

    def consultas(n: int) -> int:
        items = [
            {"afiliado_id": "ada", "valor_conversion": "1", "referencia_externa": f"{n}-{i}"}
            for i in range(n)
        ]
        with CaptureQueriesContext(
            connection,
        ) as hechas:
            en_masa(api, *items)
        return len(hechas)

    # A list of one row is saved by another statement than a list of many, and SQLite takes some
    # thirty conversions in each.
    assert consultas(2) == consultas(25)


def test_numeros_con_decimales_y_lo_que_no_es_nada(afiliado: Any) -> None:
    """A JSON number with a point, or null, once refused the whole batch."""
    salida = en_masa(
        fabricas.api(),
        {"afiliado_id": "ada", "valor_conversion": 10.5},
        None,
        {"afiliado_id": "ada", "valor_conversion": "1", "metadatos": {"peso": 1.25}},
        [1.5],
    )
    assert [r["estado"] for r in salida["resultados"]] == [
        "registrada", "rechazada", "registrada", "rechazada",
    ]  # fmt: skip
    assert [str(v) for v in Conversion.objects.order_by("pk").values_list("valor", flat=True)] == [
        "10.5000", "1.0000",
    ]  # fmt: skip
