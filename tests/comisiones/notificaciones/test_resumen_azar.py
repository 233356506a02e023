"""Whatever the order in which things arrive and the clock goes, each is told once."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from afiliados.afiliado.models import Afiliado
from comisiones.models import Notificacion, Novedad
from comisiones.notificaciones import resumen
from comisiones.notificaciones.reloj import proxima_hora, ultimo_dia
from comisiones.notificaciones.services import PREFERENCIAS, redactar
from outbox.consumo import CONSUMIDORES, Sobre, procesar
from outbox.registro import instante
from tests import fabricas

pytestmark = pytest.mark.django_db
# It has the change of clocks of the last Sunday of March in Madrid.
COMIENZO = datetime(2026, 3, 26, 3, tzinfo=UTC)

PASOS = st.lists(
    st.one_of(
        st.tuples(st.just("llega"), st.integers(0, 1)),
        st.tuples(st.just("repite"), st.integers(0, 30)),
        st.tuples(st.just("tarde"), st.integers(0, 72)),
        st.tuples(st.just("reloj"), st.integers(1, 40)),
        st.tuples(st.just("cambia"), st.integers(0, 3)),
        st.tuples(st.just("resumir"), st.just(0)),
    ),
    max_size=30,
)


def _sobre(n: int, afiliado: Afiliado, cuando: datetime) -> Sobre:
    datos = {
        "ajuste_id": f"aj_{n}", "afiliado_id": afiliado.id_publico, "comision_id": None,
        "tipo": "bono", "monto": "1.00", "moneda": "USD", "motivo": "m", "concepto": f"Hecho {n}.",
    }  # fmt: skip
    documento = json.dumps({"time": instante(cuando), "data": datos})
    return Sobre(f"evento-{n}", "AjusteContabilizado", f"aj_{n}", documento)


def _correr(pasos: list[tuple[str, int]]) -> None:
    reloj, sobres = COMIENZO, list[Sobre]()
    afiliados = [fabricas.afiliado(nombre=f"A{n}") for n in range(2)]
    consumidor = CONSUMIDORES["notificaciones"]
    for que, n in pasos:
        with time_machine.travel(reloj, tick=False):
            if que == "llega":
                sobres.append(_sobre(len(sobres), afiliados[n], reloj))
                procesar(consumidor, sobres[-1:])
            elif que == "repite" and sobres:
                procesar(consumidor, [sobres[n % len(sobres)]])
            elif que == "tarde":
                Novedad.objects.filter(notificacion=None).update(toca_en=reloj - timedelta(hours=n))
            elif que == "reloj":
                reloj += timedelta(hours=n)
            elif que == "cambia":
                quien = afiliados[n % 2]
                Afiliado.objects.filter(pk=quien.pk).update(
                    resumen="semanal" if n > 1 else "diario"
                )
                cambio = json.dumps({"data": {"campos": ["resumen"]}})
                redactar([Sobre("x", PREFERENCIAS, quien.id_publico, cambio)])
            elif que == "resumir":
                resumen.resumir()
    for _dia in range(9):
        reloj += timedelta(days=1)
        with time_machine.travel(reloj, tick=False):
            resumen.resumir()
    assert not Novedad.objects.filter(notificacion=None).exists()
    dichas = Counter(
        linea.rpartition("(Hecho ")[2]
        for cuerpo in Notificacion.objects.filter(clase="resumen").values_list("cuerpo", flat=True)
        for linea in cuerpo.splitlines()
        if "(Hecho " in linea
    )
    assert dichas == {f"{n}.)": 1 for n in range(len(sobres))}
    por_dia = Counter(Notificacion.objects.filter(clase="resumen").values_list("afiliado", "dia"))
    assert set(por_dia.values()) <= {1}
    for correo in Notificacion.objects.filter(clase="resumen"):
        assert {n.afiliado_id for n in correo.novedades.all()} == {correo.afiliado_id}


@pytest.mark.lento
@given(pasos=PASOS, zona=st.sampled_from(["UTC", "Europe/Madrid", "America/Bogota"]))
@settings(max_examples=60)
def test_ninguna_se_pierde_y_ninguna_se_dice_dos_veces(
    pasos: list[tuple[str, int]], zona: str
) -> None:
    with override_settings(ZONA=zona, RESUMEN_HORA=2), transaction.atomic():
        _correr(pasos)
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("frecuencia", "ahora", "ultimo", "proxima"),
    [
        # Two o'clock does not exist on that Sunday in Madrid: it is three.
        ("diario", "2026-03-29T00:59:59", "2026-03-28", "2026-03-29T01:00:00"),
        ("diario", "2026-03-29T01:00:00", "2026-03-29", "2026-03-30T00:00:00"),
        # A day of 25 hours is one day.
        ("diario", "2026-10-25T00:00:00", "2026-10-25", "2026-10-26T01:00:00"),
        ("semanal", "2026-03-29T23:59:59", "2026-03-23", "2026-03-30T00:00:00"),
        ("semanal", "2026-03-30T00:00:00", "2026-03-30", "2026-04-06T00:00:00"),
    ],
)
def test_la_hora_es_la_del_programa(
    frecuencia: str, ahora: str, ultimo: str, proxima: str, settings: Any
) -> None:
    settings.ZONA, settings.RESUMEN_HORA = "Europe/Madrid", 2
    cuando = datetime.fromisoformat(ahora).replace(tzinfo=UTC)
    assert str(ultimo_dia(cuando, frecuencia)) == ultimo
    assert proxima_hora(cuando, frecuencia).isoformat() == f"{proxima}+00:00"
