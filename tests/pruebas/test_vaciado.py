"""Emptying the sandbox: all that was tried goes, keys stay, and nothing else is ever emptied."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as de_django
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, connection, transaction

from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ALCANCES_DE_AFILIADO, Alcance, ClaveAPI
from afiliados.claves.services import crear_clave
from alpespartner.comun.models import Historial
from alpespartner.operacion.errores import PruebasImposibles
from alpespartner.operacion.pruebas.programa import (
    ACTOR,
    afiliado_de_prueba,
    preparar_pruebas,
)
from alpespartner.operacion.pruebas.vaciado import vaciar_pruebas
from alpespartner.pruebas.errores import SoloEnPruebas
from comisiones.comision.models import Comision
from comisiones.models import Asiento, Pago
from comisiones.pagos.pago.envio import ejecutar_pago
from outbox.models import OutboxEvent
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI, problema

de_verdad = pytest.mark.django_db(transaction=True)


def _cuantas() -> dict[str, int]:
    return {
        modelo._meta.label: modelo._base_manager.count()
        for modelo in apps.get_models(include_auto_created=True)
    }


def _clave(**datos: Any) -> str:
    valores = {"nombre": "Tienda", "titular": "Tienda", "alcances": Alcance.values, "actor": ANA}
    return crear_clave(**{**valores, **datos})[1]


def _vender(api: ClienteAPI) -> Any:
    return api.enviar(
        "/api/v1/conversiones",
        {"afiliado_id": "prueba-lucia", "valor_conversion": "100.00", "referencia_externa": "p-1"},
    )


def _pagar(api: ClienteAPI) -> Pago:
    """A sale, its commission and its payment, as it is then."""
    assert _vender(api).status_code == 201
    drenar()
    comision = Comision.objects.get()
    respuesta = api.enviar(f"/api/v1/comisiones/{comision.id_publico}/aprobar", {})
    assert respuesta.status_code == 200, respuesta.content
    drenar()
    pago = Pago.objects.get()
    ejecutar_pago(pago_pk=pago.pk, actor=ACTOR)
    pago.refresh_from_db()
    return pago


@pytest.mark.lento
@de_verdad
@pytest.mark.usefixtures("preparado")
def test_como_al_principio() -> None:
    """After a sale, its commission and its payment, of which nobody was paid: every table has what
    it had, but for keys and for who did what to the sandbox."""
    suyo = afiliado_de_prueba("real-x")
    de_afiliado = _clave(afiliado=suyo, alcances=["afiliados:leer"])
    api = ClienteAPI(_clave())
    drenar()
    antes = _cuantas()
    pago = _pagar(api)
    assert (pago.estado, pago.pasarela) == ("pagado", "prueba")
    assert not list(Path(de_django.PAGOS_DIR).rglob("*")), "nobody can take it to a bank"
    assert Asiento.objects.exists()

    assert api.delete("/api/v1/pruebas").status_code == 204

    drenar()
    # Of whose turn it was nobody asks; the history also has what was done to keys, and this.
    aparte = {"comun.Historial", "comun.Turno"}
    despues = _cuantas()
    assert {t: (n, antes[t]) for t, n in despues.items() if n != antes[t] and t not in aparte} == {}
    assert not Comision.objects.exists()
    assert not Asiento.objects.exists()
    # Who was told of it begins with nothing of what it was told of.
    assert not OutboxEvent.objects.filter(type="ComisionPagada").exists()
    assert Historial.objects.filter(accion="vaciar").get().actor.startswith("clave:")
    assert Group.objects.filter(name="Tesorería").exists()
    # Both keys are good; that of an affiliate, of another with the same reference.
    assert _vender(api).status_code == 201
    [visto] = ClienteAPI(de_afiliado).get("/api/v1/afiliados").json()["resultados"]
    assert visto["referencia_externa"] == "real-x"
    assert visto["afiliado_id"] != suyo.id_publico
    # The ledger is closed again.
    drenar()
    tabla = Asiento._meta.db_table
    respuesta = api.enviar(f"/api/v1/comisiones/{Comision.objects.get().id_publico}/aprobar", {})
    assert respuesta.status_code == 200
    assert Asiento.objects.exists()
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {tabla}")


@de_verdad
@pytest.mark.usefixtures("preparado")
def test_dos_veces_es_como_una() -> None:
    for _vez in range(2):
        vaciar_pruebas(actor=ACTOR)
    assert Afiliado.objects.count() == 2


@pytest.mark.django_db
def test_lo_real_no_se_vacia() -> None:
    """Not by its API with whatever scope, nor by the service."""
    fabricas.afiliado()
    problema(ClienteAPI(_clave()).delete("/api/v1/pruebas"), 409, "solo_en_pruebas")
    for hacer in (lambda: vaciar_pruebas(actor=ANA), preparar_pruebas):
        with pytest.raises(SoloEnPruebas):
            hacer()
    assert Afiliado.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("en_pruebas")
def test_ni_por_error_en_los_ajustes() -> None:
    """Settings that call a live database the sandbox: nothing is made in it, nor deleted."""
    User.objects.create_user("ana")
    for hacer in (lambda: vaciar_pruebas(actor=ANA), preparar_pruebas):
        with pytest.raises(PruebasImposibles):
            hacer()
    assert User.objects.count() == 1
    assert not Afiliado.objects.exists()


@pytest.mark.django_db
@pytest.mark.usefixtures("preparado")
def test_hace_falta_el_alcance() -> None:
    """One of an affiliate never has it."""
    otras = sorted(set(Alcance.values) - {"pruebas:vaciar"})
    problema(ClienteAPI(_clave(alcances=otras)).delete("/api/v1/pruebas"), 403, "sin_permiso")
    problema(ClienteAPI(_clave()).get("/api/v1/pruebas"), 405)
    problema(ClienteAPI().delete("/api/v1/pruebas"), 401, "sin_clave")
    assert Alcance.PRUEBAS_VACIAR not in ALCANCES_DE_AFILIADO


@pytest.mark.django_db
@pytest.mark.usefixtures("preparado")
def test_preparar_otra_vez_no_cambia_nada() -> None:
    antes = _cuantas()
    preparar_pruebas()
    assert _cuantas() == antes
    assert ClaveAPI.objects.count() == 0
