"""Lists: pages without repeats or gaps, filters, and a cost that does not grow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliados
from alpespartner.comun.identificadores import nuevo_id
from comisiones.calculo.services import calcular_comisiones
from comisiones.revision.services import aprobar_comision, rechazar_comision
from conversiones.ventas.services import (
    NuevaConversion,
    rechazar_conversion,
    registrar_conversiones,
)
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, ClienteAPI, problema

pytestmark = pytest.mark.django_db

CLAVE_DE = {
    "afiliados": "afiliado_id", "campanas": "campana_id", "conversiones": "conversion_id",
    "comisiones": "comision_id",
}  # fmt: skip


def crear(recurso: str, cuantos: int) -> None:
    """Rows of a resource, each with parts of its own."""
    if recurso == "campanas":
        for _ in range(cuantos):
            fabricas.campana()
        return
    afiliados = registrar_afiliados(
        datos=[
            NuevoAfiliado(nombre="A", email=f"{nuevo_id('a')}@b.co", comision_base=Decimal(5))
            for _ in range(cuantos)
        ],
        actor=PRUEBAS,
        activo=True,
    )
    if recurso == "afiliados":
        return
    ventas = registrar_conversiones(
        datos=[
            NuevaConversion(afiliado=a, campana=fabricas.campana(), valor=Decimal(10))
            for a in afiliados
        ],
        actor=PRUEBAS,
    )
    if recurso == "comisiones":
        calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=PRUEBAS)


def recorrer(api: ClienteAPI, ruta: str, enlace: str = "siguiente") -> list[dict[str, Any]]:
    """Every row, following the links."""
    filas: list[dict[str, Any]] = []
    siguiente: str | None = ruta
    for _pagina in range(50):
        if siguiente is None:
            return filas
        cuerpo = api.get(siguiente).json()
        assert cuerpo.keys() == {"siguiente", "anterior", "resultados"}
        filas += cuerpo["resultados"]
        siguiente = cuerpo[enlace]
    raise AssertionError("the pages do not end")


@pytest.mark.lento
@pytest.mark.parametrize("recurso", CLAVE_DE)
@pytest.mark.parametrize("limite", ["", "?limite=7", "?limite=200", "?limite=999"])
def test_paginas(recurso: str, limite: str) -> None:
    """120 rows: each once, newest first, whatever the size of the page."""
    crear(recurso, 120)
    api = fabricas.api()
    ids = [f[CLAVE_DE[recurso]] for f in recorrer(api, f"/api/v1/{recurso}{limite}")]
    assert len(ids) == len(set(ids)) == 120
    todos = list(_modelo(recurso).objects.order_by("-id").values_list("id_publico", flat=True))
    assert ids == todos


def _modelo(recurso: str) -> Any:
    from afiliados.afiliado.models import Afiliado
    from comisiones.comision.models import Comision
    from conversiones.campanas.models import Campana
    from conversiones.ventas.models import Conversion

    return {
        "afiliados": Afiliado, "campanas": Campana, "conversiones": Conversion,
        "comisiones": Comision,
    }[recurso]  # fmt: skip


def test_lo_que_llega_mientras_se_pagina() -> None:
    """New rows do not push old ones into the next page, as offsets do; and back is back."""
    crear("afiliados", 30)
    api = fabricas.api()
    primera = api.get("/api/v1/afiliados?limite=10").json()
    crear("afiliados", 5)
    segunda = api.get(primera["siguiente"]).json()
    vistas = [f["afiliado_id"] for f in primera["resultados"] + segunda["resultados"]]
    assert len(set(vistas)) == 20
    vuelta = api.get(segunda["anterior"]).json()
    assert vuelta["resultados"] == primera["resultados"]


@pytest.mark.parametrize(
    "cursor", ["x", "ñ", "cD1hYmM=", "cD0A", "cj14", "bz0tMQ==", "cD0" + "5" * 4000, "%00"]
)
def test_cursor_inventado(cursor: str) -> None:
    """A link that somebody edited is a 400 that names it, not a 500."""
    fabricas.afiliado()
    respuesta = fabricas.api().get(f"/api/v1/afiliados?cursor={quote(cursor)}")
    problema(respuesta, 400, "dato_invalido")


def test_cursor_de_otra_lista() -> None:
    """Its position means nothing there, nor in another order of its own list."""
    crear("conversiones", 3)
    api = fabricas.api()
    for ruta, otra in (
        ("conversiones?limite=1", "afiliados?"),
        ("conversiones?limite=1", "conversiones?desde=2020-01-01T00:00:00Z"),
        ("conversiones?limite=1&desde=2020-01-01T00:00:00Z", "conversiones?"),
    ):
        siguiente = api.get(f"/api/v1/{ruta}").json()["siguiente"]
        cursor = siguiente.partition("cursor=")[2].partition("&")[0]
        respuesta = api.get(f"/api/v1/{otra}&cursor={cursor}".replace("?&", "?"))
        problema(respuesta, 400, "dato_invalido")


@pytest.mark.parametrize(
    ("ruta", "preparar"),
    [(f"/api/v1/{r}?limite=200", lambda n, r=r: crear(r, n)) for r in CLAVE_DE]
    + [("/debug/outbox", lambda n: crear("afiliados", n))],
)
def test_consultas_constantes(ruta: str, preparar: Callable[[int], None]) -> None:
    """As many queries at one row as at fifty."""
    api = fabricas.api()
    cuentas = []
    for cuantos in (1, 49):
        preparar(cuantos)
        with CaptureQueriesContext(connection) as consultas:
            respuesta = api.get(ruta)
        cuentas.append(len(consultas))
        assert respuesta.status_code == 200
    filas = respuesta.json().get("resultados") or respuesta.json()["events"]
    assert len(filas) == (50 if "api" in ruta else 10)
    assert cuentas[0] == cuentas[1] <= 3, consultas.captured_queries


def test_consultas_de_uno() -> None:
    """One object and its parts in the key's query and its own; of a sale, what is left of it in
    another."""
    comision = fabricas.comision()
    api = fabricas.api()
    for ruta, cuantas in (
        (f"/api/v1/comisiones/{comision.id_publico}", 2),
        (f"/api/v1/conversiones/{comision.conversion.id_publico}", 3),
        (f"/commissions/by-conversion/{comision.conversion.id_publico}", 2),
    ):
        with CaptureQueriesContext(connection) as consultas:
            assert api.get(ruta).status_code == 200
        assert len(consultas) == cuantas, ruta


def test_filtros_de_conversiones() -> None:
    """Each filter alone finds its row; the range includes its beginning and not its end."""
    campana = fabricas.campana()
    ahora = timezone.now()
    una = fabricas.conversion(
        en=campana, referencia_externa="r-1", ocurrida_en=ahora - timedelta(days=2)
    )
    otra = fabricas.conversion(referencia_externa="r-2", ocurrida_en=ahora - timedelta(days=1))
    rechazar_conversion(conversion=otra, actor=ANA, motivo="m")
    api = fabricas.api()
    marca = quote(una.ocurrida_en.isoformat())
    for filtro, esperadas in (
        ("", [otra, una]), ("estado=recibida", [una]), ("estado=rechazada", [otra]),
        (f"afiliado_id={una.afiliado.id_publico}", [una]), ("afiliado_id=af_no", []),
        (f"campana_id={campana.id_publico}", [una]), ("referencia_externa=r-2", [otra]),
        (f"desde={marca}", [otra, una]), (f"hasta={marca}", []),
        (f"desde={marca}&estado=rechazada", [otra]),
    ):  # fmt: skip
        hallado = [
            f["conversion_id"]
            for f in api.get(f"/api/v1/conversiones?{filtro}").json()["resultados"]
        ]
        assert hallado == [e.id_publico for e in esperadas], filtro


def test_filtros_de_los_demas() -> None:
    """State, type, mail, and the owner of a commission."""
    pendiente = fabricas.afiliado(activo=False, email="eva@example.com")
    premium = fabricas.afiliado(tipo_afiliado="premium", comision_base=Decimal(1))
    borrador = fabricas.campana(activa=False)
    aprobada = aprobar_comision(comision=fabricas.comision(de=premium), actor=ANA)
    otra = rechazar_comision(comision=fabricas.comision(), actor=ANA, motivo="m")
    api = fabricas.api()
    for ruta, esperado in (
        ("afiliados?estado=pendiente", pendiente), ("afiliados?email=eva@example.com", pendiente),
        ("afiliados?tipo_afiliado=premium", premium), ("campanas?estado=borrador", borrador),
        ("comisiones?estado=aprobada", aprobada), ("comisiones?estado=rechazada", otra),
        (f"comisiones?afiliado_id={premium.id_publico}", aprobada),
        (f"comisiones?campana_id={otra.campana.id_publico}", otra),
        (f"comisiones?conversion_id={otra.conversion.id_publico}", otra),
    ):  # fmt: skip
        [fila] = api.get(f"/api/v1/{ruta}").json()["resultados"]
        assert fila[CLAVE_DE[ruta.split("?")[0]]] == esperado.id_publico, ruta


@pytest.mark.parametrize(
    ("ruta", "campo"),
    [
        ("afiliados?estado=feliz", "estado"),
        ("afiliados?tipo_afiliado=%00", "tipo_afiliado"),
        (f"afiliados?email={'x' * 300}", "email"),
        ("campanas?estado=1", "estado"),
        ("conversiones?desde=ayer", "desde"),
        ("conversiones?desde=2026-13-01T00:00:00Z", "desde"),
        ("conversiones?desde=0001-01-01T00:00:00%2B14:00", "desde"),
        ("conversiones?hasta=9999-12-31T23:59:59-14:00", "hasta"),
        (f"conversiones?referencia_externa={'x' * 129}", "referencia_externa"),
        ("comisiones?estado=", "estado"),
        (f"comisiones?afiliado_id={'x' * 300}", "afiliado_id"),
        ("comisiones?campana_id=%00", "campana_id"),
    ],
)
def test_filtros_malos(ruta: str, campo: str) -> None:
    """A filter that is not understood is refused, not ignored: ignoring it shows everything."""
    respuesta = fabricas.api().get(f"/api/v1/{ruta}")
    assert problema(respuesta, 400)["errores"][0]["campo"] == campo
