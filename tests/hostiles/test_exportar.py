"""A list is exported whole beside hostile rows: every row, and no cell that a spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.admin.exportadas import exportables, paso_a_paso, url_de
from tests.hostiles.filas import Sembrador
from tests.hostiles.mundo import poblar
from tests.hostiles.visitas import Visitas, donde

# MySQL commits what is open when it lifts the ledger's triggers.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.lento]


def test_cada_lista_entera(visitas: Visitas) -> None:
    # A text of a row that no service wrote may be longer than a reader expects.
    csv.field_size_limit(10_000_000)
    poblar()
    hostiles = Sembrador().sembrar(por_columna=2)
    assert len(hostiles) > 300
    jefa = Client()
    jefa.force_login(User.objects.create_superuser("jefa"))
    for modelo in exportables():
        vistas = len(paso_a_paso(jefa, modelo))
        visitas.hechas["listas"] += 1
        try:
            respuesta = jefa.post(url_de(modelo))
        except Exception as exc:
            visitas.fallar(donde(exc), modelo.__name__)
            continue
        if respuesta.status_code != 200:
            visitas.fallar(f"{respuesta.status_code}", modelo.__name__)
            continue
        respuesta.todo = respuesta.content
        visitas._mirar(respuesta, modelo.__name__)
        cabecera, *filas = csv.reader(io.StringIO(respuesta.content.decode(), newline=""))
        if len(filas) != vistas:
            visitas.fallar(f"{len(filas)} filas de {vistas}", modelo.__name__)
        if {len(fila) for fila in filas} - {len(cabecera)}:
            visitas.fallar("una fila partida", modelo.__name__)
    assert not visitas.fallos, str(visitas)
