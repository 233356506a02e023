"""A key, the one rotated from it and its holder's others are one caller."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import (
    bloquear_afiliado,
    cerrar_afiliado,
    rechazar_afiliado,
    suspender_afiliado,
)
from afiliados.claves.models import ALCANCES_DE_AFILIADO, ClaveAPI
from afiliados.claves.services import buscar_clave, crear_clave, rotar_clave
from alpespartner.comun.actores import clave as actor_clave
from alpespartner.comun.actores import sistema
from alpespartner.comun.models import Historial, PeticionIdempotente
from alpespartner.comun.separacion import manos
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ANA, LUIS, ClienteAPI, problema

pytestmark = pytest.mark.django_db


def rotada(texto: str) -> str:
    vieja = buscar_clave(texto)
    assert vieja is not None
    limite = timezone.now() + timedelta(hours=1)
    return rotar_clave(clave=vieja, actor=ANA, expira_anterior_en=limite)[1]


def venta() -> dict[str, Any]:
    campana = fabricas.campana(predeterminada=True)
    return {
        "afiliado_id": fabricas.afiliado().id_publico,
        "campana_id": campana.id_publico,
        "valor_conversion": "10.00",
    }


@pytest.mark.parametrize("vueltas", [1, 2])
def test_una_venta_aunque_se_rote_la_clave(vueltas: int) -> None:
    """One Idempotency-Key with a key and with those rotated from it, in any order."""
    textos = [fabricas.clave()]
    for _ in range(vueltas):
        textos.append(rotada(textos[-1]))
    cuerpo = venta()
    respuestas = [
        ClienteAPI(texto).enviar("/api/v1/conversiones", cuerpo, Idempotency_Key="K")
        for texto in [*textos, *reversed(textos)]
    ]
    assert {r.status_code for r in respuestas} == {201}
    # MySQL keeps a JSON object in an order of its own.
    assert all(r.json() == respuestas[0].json() for r in respuestas)
    assert Conversion.objects.count() == 1


def test_otra_clave_que_no_viene_de_ella() -> None:
    """Two integrations of one holder name their requests each on its own."""
    cuerpo = venta()
    for texto in (fabricas.clave(), fabricas.clave()):
        hecha = ClienteAPI(texto).enviar("/api/v1/conversiones", cuerpo, Idempotency_Key="K")
        assert hecha.status_code == 201
    assert Conversion.objects.count() == 2


def test_lo_que_se_recuerda_se_olvida_a_su_hora(settings: Any) -> None:
    """Kept for the days that the setting says, then purged by the clock; what is no answer but the
    memory of an id of the earlier system's stays."""
    from alpespartner.celery import app

    settings.IDEMPOTENCIA_DIAS = 3
    api = fabricas.api()
    cuerpo = venta()
    api.enviar("/api/v1/conversiones", cuerpo, Idempotency_Key="K")
    api.enviar(
        "/commissions/calculate",
        {"conversionId": "v", "affiliateId": cuerpo["afiliado_id"], "grossAmount": 1},
        Idempotency_Key="K",
    )
    app.loader.import_default_modules()
    tarea = app.tasks[settings.CELERY_BEAT_SCHEDULE["purgar-idempotencia"]["task"]]
    with time_machine.travel(timezone.now() + timedelta(days=3) - timedelta(minutes=1)):
        assert tarea() == 0
        respuesta = api.enviar("/api/v1/conversiones", cuerpo, Idempotency_Key="K")
        assert respuesta["Idempotent-Replayed"] == "true"
    with time_machine.travel(timezone.now() + timedelta(days=3, minutes=1)):
        assert tarea() == 2
    assert [p.ambito for p in PeticionIdempotente.objects.all()] == ["commissions.calculate"]


TITULARES = ["Tienda Andina", "tienda  andina ", "TIENDA\u00a0ANDINA", "Tienda\u200b Andina"]


@pytest.mark.parametrize("titular", TITULARES)
def test_las_manos_de_un_titular(titular: str) -> None:
    """However the holder was typed; another holder's key is somebody else."""
    una, texto = crear_clave(
        nombre="a", titular="Tienda Andina", alcances=["afiliados:leer"], actor=ANA
    )
    otra = crear_clave(nombre="b", titular=titular, alcances=["afiliados:leer"], actor=ANA)[0]
    ajena = crear_clave(nombre="c", titular="Otra", alcances=["afiliados:leer"], actor=ANA)[0]
    nueva = buscar_clave(rotada(texto))
    assert nueva is not None
    suyas = {f"clave:{c.id_clave}" for c in (una, otra, nueva)}
    assert manos(actor_clave(una.id_clave)) == {*suyas, str(ANA)}
    assert manos(actor_clave(ajena.id_clave)) == {f"clave:{ajena.id_clave}", str(ANA)}
    assert manos(ANA) == {str(ANA), *suyas, f"clave:{ajena.id_clave}"}
    assert manos(LUIS) == {str(LUIS)}
    assert manos(sistema("comisiones")) == frozenset()


def test_las_claves_de_un_afiliado_son_suyas() -> None:
    """Whoever is written as their holder."""
    afiliado = fabricas.afiliado()
    for titular in ("Ada", "Su gestora"):
        crear_clave(
            nombre="n", titular=titular, alcances=["afiliados:leer"], afiliado=afiliado, actor=ANA
        )
    primera = ClaveAPI.objects.order_by("pk")[0]
    assert len(manos(actor_clave(primera.id_clave))) == 2


def bloqueado(de: Afiliado) -> None:
    bloquear_afiliado(afiliado=de, actor=ANA, motivo="Fraude.")


def cerrado(de: Afiliado) -> None:
    suspendido(de)
    cerrar_afiliado(afiliado=de, actor=ANA, motivo="Se va.")


def suspendido(de: Afiliado) -> None:
    suspender_afiliado(afiliado=de, actor=ANA, motivo="Se mira.")


def test_clave_de_quien_ya_no_esta() -> None:
    """403 that says why, in every address, and nothing of anybody is told."""
    afiliado = fabricas.afiliado()
    api = fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=afiliado)
    rutas = ["/api/v1/afiliados", "/api/v1/comisiones", "/api/v1/pagos", "/api/v1/campanas",
             f"/api/v1/afiliados/{afiliado.id_publico}"]  # fmt: skip
    assert {api.get(ruta).status_code for ruta in rutas} == {200}
    bloqueado(afiliado)
    for ruta in rutas:
        problema(api.get(ruta), 403, "afiliado_fuera")


def test_al_cerrar_mueren_sus_claves() -> None:
    """For good: not those of others, and each with its step."""
    afiliado, otro = fabricas.afiliado(), fabricas.afiliado()
    suyas = [fabricas.api(["afiliados:leer"], de=afiliado) for _n in range(2)]
    ajena = fabricas.api(["afiliados:leer"], de=otro)
    cerrado(afiliado)
    assert [api.get("/api/v1/afiliados").status_code for api in suyas] == [401, 401]
    assert ajena.get("/api/v1/afiliados").status_code == 200
    assert Historial.objects.filter(entidad="clave", accion="revocar", actor=str(ANA)).count() == 2


def test_rechazado_tambien() -> None:
    afiliado = fabricas.afiliado(activo=False)
    api = fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=afiliado)
    assert api.get("/api/v1/afiliados").status_code == 200
    rechazar_afiliado(afiliado=afiliado, actor=ANA, motivo="No.")
    problema(api.get("/api/v1/afiliados"), 403, "afiliado_fuera")


def test_suspendido_sigue_mirando() -> None:
    afiliado = fabricas.afiliado()
    api = fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=afiliado)
    suspendido(afiliado)
    assert api.get("/api/v1/afiliados").status_code == 200


def test_pagos_y_devoluciones_tienen_alcance_propio() -> None:
    """Neither comes with the commissions' or the sales'."""
    pago = fabricas.pago()
    venta = fabricas.conversion()
    api = fabricas.api(["comisiones:leer", "conversiones:escribir"])
    problema(api.get("/api/v1/pagos"), 403, "sin_permiso")
    problema(api.get("/api/v1/liquidaciones"), 403, "sin_permiso")
    devolver = f"/api/v1/conversiones/{venta.id_publico}/devoluciones"
    problema(api.enviar(devolver, {"id_externo": "d"}), 403, "sin_permiso")
    propia = fabricas.api(["pagos:leer", "conversiones:devolver"])
    assert propia.get(f"/api/v1/pagos/{pago.id_publico}").status_code == 200
    assert propia.enviar(devolver, {"id_externo": "d"}).status_code == 201
