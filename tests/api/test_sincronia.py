"""What changed since an instant: followed while others write, with nothing missing or twice."""

from __future__ import annotations

import random
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.api import filtros
from comisiones.comision.models import Comision
from comisiones.pagos.models import Pago
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI, a_la_vez, problema

LISTAS: dict[str, tuple[type[Any], str]] = {
    "afiliados": (Afiliado, "afiliado_id"),
    "conversiones": (Conversion, "conversion_id"),
    "comisiones": (Comision, "comision_id"),
    "pagos": (Pago, "pago_id"),
}
INICIO = "2020-01-01T00:00:00Z"


def pedir(api: ClienteAPI, enlace: str) -> dict[str, Any]:
    respuesta = api.get(enlace)
    assert respuesta.status_code == 200, respuesta.content
    cuerpo: dict[str, Any] = respuesta.json()
    assert cuerpo.keys() == {"siguiente", "anterior", "resultados", "continuar"}
    return cuerpo


def seguir(api: ClienteAPI, enlace: str) -> tuple[list[dict[str, Any]], str]:
    """All that there is, and from where to go on."""
    filas: list[dict[str, Any]] = []
    while True:
        cuerpo = pedir(api, enlace)
        filas += cuerpo["resultados"]
        enlace = cuerpo["continuar"]
        if cuerpo["siguiente"] is None:
            return filas, enlace


@pytest.fixture
def ya(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else writes: what changed is told at once."""
    monkeypatch.setattr(filtros, "ASENTADO", timedelta(0))


@pytest.mark.django_db
@pytest.mark.usefixtures("ya")
@pytest.mark.parametrize("lista", LISTAS)
def test_se_sigue_lo_que_cambia(lista: str) -> None:
    """In the order of the changes, each once; then only what changed since, again and again."""
    modelo, clave = LISTAS[lista]
    for _vez in range(3):
        fabricas.pago()
    api = fabricas.api()
    filas, sigue = seguir(api, f"/api/v1/{lista}?limite=1&actualizado_desde={INICIO}")
    en_orden = modelo.objects.order_by("actualizado_en", "pk").values_list("id_publico", flat=True)
    assert [f[clave] for f in filas] == list(en_orden)
    assert len(filas) >= 3
    instantes = [datetime.fromisoformat(f["actualizado_en"]) for f in filas]
    assert instantes == sorted(instantes)
    for _vez in range(2):
        nada, sigue = seguir(api, sigue)
        assert nada == []
    primera = modelo.objects.get(id_publico=filas[0][clave])
    modelo.objects.filter(pk=primera.pk).update(actualizado_en=timezone.now())
    cambiada, sigue = seguir(api, sigue)
    assert [f[clave] for f in cambiada] == [primera.id_publico]


@pytest.mark.django_db
@pytest.mark.usefixtures("ya")
def test_desde_lo_que_aun_no_hay() -> None:
    """Nothing yet, and the link to go on is the one that was followed."""
    api = fabricas.api()
    nada, sigue = seguir(api, f"/api/v1/conversiones?actualizado_desde={INICIO}")
    assert nada == []
    venta = fabricas.conversion()
    [fila] = seguir(api, sigue)[0]
    assert fila["conversion_id"] == venta.id_publico
    problema(api.get("/api/v1/conversiones?actualizado_desde=ayer"), 400)
    assert "continuar" not in api.get("/api/v1/conversiones").json()


@pytest.mark.django_db
@pytest.mark.usefixtures("ya")
def test_con_otros_filtros_y_solo_lo_propio() -> None:
    una, otra = fabricas.comision(), fabricas.comision()
    aprobar_comision(comision=otra, actor=ANA)
    api = fabricas.api()
    desde = f"actualizado_desde={INICIO}"
    for filtro, esperada in (
        ("estado=aprobada", otra), (f"afiliado_id={una.afiliado.id_publico}", una),
    ):  # fmt: skip
        [fila] = seguir(api, f"/api/v1/comisiones?{filtro}&{desde}")[0]
        assert fila["comision_id"] == esperada.id_publico
    suya = fabricas.api(["comisiones:leer"], de=una.afiliado)
    [fila] = seguir(suya, f"/api/v1/comisiones?{desde}")[0]
    assert fila["comision_id"] == una.id_publico
    ventas = seguir(api, f"/api/v1/conversiones?desde={INICIO}&{desde}")[0]
    assert [v["conversion_id"] for v in ventas] == [
        c.conversion.id_publico for c in sorted((una, otra), key=lambda c: c.conversion_id)
    ]


@pytest.mark.django_db
def test_lo_de_ahora_mismo_espera() -> None:
    """Somebody may still be about to commit what was noted before it."""
    venta = fabricas.conversion()
    api = fabricas.api()
    nada, sigue = seguir(api, f"/api/v1/conversiones?actualizado_desde={INICIO}")
    assert nada == []
    antes = timezone.now() - filtros.ASENTADO - timedelta(seconds=1)
    Conversion.objects.filter(pk=venta.pk).update(actualizado_en=antes)
    assert len(seguir(api, sigue)[0]) == 1


@pytest.fixture
def ventas() -> list[int]:
    return [fabricas.conversion().pk for _vez in range(6)]


@pytest.mark.lento
@pytest.mark.django_db(transaction=True)
def test_mientras_otros_escriben(ventas: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """Two change rows in transactions that commit late, in any order, or not at all, while one
    follows: in the end it has seen each change of each row that stayed, and none twice."""
    plazo = timedelta(seconds=1.2)
    monkeypatch.setattr(filtros, "ASENTADO", plazo)
    api_texto = fabricas.clave()
    parar = threading.Event()

    def escribir(quien: int) -> None:
        azar = random.Random(quien)
        for n in range(12):
            pk = ventas[quien * 3 + n % 3]
            # As services do, some of which wait for a lock after it.
            ahora = timezone.now()
            time.sleep(azar.choice((0, 0.02, 0.1)))
            with transaction.atomic():
                Conversion.objects.filter(pk=pk).update(
                    actualizado_en=ahora, canal_origen=f"{quien}.{n}"
                )
                time.sleep(azar.choice((0, 0.05)))
                transaction.set_rollback(n % 4 == 3)

    def escribir_ambos() -> list[Any]:
        try:
            return a_la_vez([lambda q=q: escribir(q) for q in range(2)])  # type: ignore[misc]
        finally:
            parar.set()

    def leer() -> list[tuple[str, str]]:
        vistas = []
        enlace, acaba = f"/api/v1/conversiones?limite=2&actualizado_desde={INICIO}", None
        while acaba is None or time.monotonic() < acaba:
            if parar.is_set() and acaba is None:
                acaba = time.monotonic() + plazo.total_seconds() + 0.5
            filas, enlace = seguir(ClienteAPI(api_texto), enlace)
            vistas += [(f["conversion_id"], f["actualizado_en"]) for f in filas]
            time.sleep(0.01)
        return vistas

    escrito, vistas = a_la_vez([escribir_ambos, leer])
    assert escrito == [None, None]
    assert len(vistas) == len(set(vistas))
    finales = Conversion.objects.filter(pk__in=ventas).values_list("id_publico", "actualizado_en")
    assert {(uno, cuando.replace(tzinfo=None)) for uno, cuando in finales} <= {
        (uno, datetime.fromisoformat(cuando).replace(tzinfo=None)) for uno, cuando in vistas
    }
