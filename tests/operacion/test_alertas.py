"""Alerts: two looks open and two close, one mail, a step of history at each end."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.db import connection

from alpespartner.comun.acceso import correos
from alpespartner.comun.models import Historial
from alpespartner.operacion import alertas
from alpespartner.operacion.models import Alerta
from alpespartner.operacion.monitor.lectura import Lectura, leer
from alpespartner.operacion.monitor.problemas import Problema
from alpespartner.operacion.verificacion import verificar_de_noche
from comisiones.comision.models import Comision
from tests import fabricas

pytestmark = pytest.mark.django_db
TARDE = Problema("outbox", {"segundos": 90})


@pytest.fixture(autouse=True)
def _quien_administra() -> None:
    for nombre, datos in (
        ("jefa", {"is_superuser": True}), ("otra", {"is_superuser": True}), ("ana", {}),
        ("fuera", {"is_superuser": True, "is_active": False}),
    ):  # fmt: skip
        User.objects.create_user(nombre, f"{nombre}@ejemplo.co", "x", is_staff=True, **datos)


def mirar(*vistos: Problema, juzga: bool = True) -> int:
    return alertas.anotar(vistos=vistos, juzga=lambda _clave: juzga)


def enviados() -> list[Any]:
    mail.outbox.clear()
    correos.enviar_pendientes()
    return list(mail.outbox)


def abiertas() -> list[str]:
    return [a.clave for a in alertas.abiertas()]


def pasos() -> list[str]:
    return [p.accion for p in Historial.objects.filter(entidad="alerta").order_by("pk")]


def test_se_abre_a_la_segunda_y_se_avisa_una_vez() -> None:
    mirar(TARDE)
    assert (abiertas(), pasos(), enviados()) == ([], [], [])
    mirar(TARDE)
    assert (abiertas(), pasos()) == (["outbox"], ["abrir"])
    dichos = enviados()
    assert sorted(d.to[0] for d in dichos) == ["jefa@ejemplo.co", "otra@ejemplo.co"]
    assert "90 s" in dichos[0].body
    assert "/admin/operacion/alerta/monitor/" in dichos[0].body
    for segundos in (100, 110, 120):
        mirar(Problema("outbox", {"segundos": segundos}))
    assert (enviados(), pasos()) == ([], ["abrir"])
    # What the page says of it is how it is now.
    assert Alerta.objects.get().datos == {"segundos": 120}


def test_se_cierra_sola_a_la_segunda() -> None:
    mirar(TARDE)
    mirar(TARDE)
    mirar()
    assert abiertas() == ["outbox"]
    # Wrong again in between: it is the same one, and it takes two looks anew.
    mirar(TARDE)
    mirar()
    assert abiertas() == ["outbox"]
    mirar()
    assert (abiertas(), pasos()) == ([], ["abrir", "cerrar"])
    cerrada = Alerta.objects.get()
    assert cerrada.viva is None
    assert cerrada.cerrada_en is not None
    # Another time is another alert, with its own mail.
    enviados()
    mirar(TARDE)
    mirar(TARDE)
    assert Alerta.objects.count() == 2
    assert len(enviados()) == 2


def test_lo_que_va_y_viene_no_abre_nada() -> None:
    for _vez in range(5):
        mirar(TARDE)
        mirar()
    assert not Alerta.objects.exists()
    assert (pasos(), enviados()) == ([], [])


def test_lo_que_no_se_pudo_mirar_no_se_cierra() -> None:
    mirar(TARDE)
    mirar(TARDE)
    for _vez in range(3):
        mirar(juzga=False)
    assert abiertas() == ["outbox"]


def test_lo_que_no_se_lee_es_una_alerta_y_no_cierra_lo_suyo() -> None:
    """Pulsar away: what was known of its subscriptions stays as it was."""
    bien = leer()
    assert bien.fallos == {}
    atrasada = {**bien.partes, "suscripciones": {"auditoria": {"atraso": 101, "lectores": None}}}
    sin = {parte: datos for parte, datos in bien.partes.items() if parte != "suscripciones"}
    tarde = Lectura(bien.en, bien.transporte, atrasada, {})
    ciega = Lectura(bien.en, bien.transporte, sin, {"suscripciones": "PulsarNoResponde"})
    for lectura in (tarde, tarde, ciega, ciega, ciega):
        alertas.vigilar(lectura)
    assert set(abiertas()) == {"suscripciones:auditoria", "sin_leer:suscripciones"}
    alertas.vigilar(bien)
    alertas.vigilar(bien)
    assert abiertas() == []


def test_el_correo_que_espera_dice_tambien_lo_siguiente() -> None:
    mirar(TARDE)
    mirar(TARDE)
    otro = Problema("pagos", {"n": 2})
    mirar(TARDE, otro)
    mirar(TARDE, otro)
    [dicho, _suyo] = enviados()
    assert "2 alertas" in dicho.subject
    assert "inciertos" in dicho.body
    assert enviados() == []


def test_si_ya_se_cerro_no_se_escribe() -> None:
    mirar(TARDE)
    mirar(TARDE)
    mirar()
    mirar()
    assert enviados() == []


@pytest.mark.lento
def test_de_noche_un_invariante_roto_alarma_con_su_nombre() -> None:
    comision = fabricas.comision()
    fabricas.entregar_todo()
    assert verificar_de_noche() == 0
    buena = comision.creada_en
    with connection.cursor() as cursor:
        tabla = Comision._meta.db_table
        cursor.execute(f"UPDATE {tabla} SET monto = monto + 1 WHERE id = %s", [comision.pk])
    assert verificar_de_noche() >= 1
    rotos = alertas.abiertas()
    assert {a.clave.partition(":")[0] for a in rotos} == {"invariante"}
    assert any(comision.id_publico in str(a.datos["filas"]) for a in rotos)
    [dicho, _suyo] = enviados()
    assert rotos[0].datos["nombre"] in dicho.body
    assert "verificar" in dicho.body
    # The looks of every few seconds know nothing of it.
    alertas.vigilar()
    alertas.vigilar()
    assert alertas.abiertas().count() == len(rotos)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {tabla} SET monto = monto - 1 WHERE id = %s", [comision.pk])
    assert verificar_de_noche() == 0
    assert abiertas() == []
    assert buena == Comision.objects.get().creada_en
