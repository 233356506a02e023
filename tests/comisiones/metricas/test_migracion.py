"""The figures of a database from before they were kept by their keys."""

from __future__ import annotations

import importlib
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.apps import apps
from django.db import connection

from comisiones.metricas.horas import leidos
from comisiones.metricas.models import Cifra, CifraDeCodigo, Medida
from comisiones.revision.services import aprobar_comision
from tests import fabricas
from tests.fabricas import ANA, entregar_todo

pytestmark = pytest.mark.django_db
MIGRACION = importlib.import_module("comisiones.migrations.0031_cifras_por_su_llave")


def todas() -> list[Any]:
    return [
        sorted(m.objects.values_list(*[c.name for c in m._meta.concrete_fields]))
        for m in (Cifra, CifraDeCodigo, Medida)
    ]


def pasar(tabla: str, campos: tuple[str, ...], filas: list[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {tabla} ({', '.join(campos)}) VALUES ({', '.join(['%s'] * len(campos))})",
            filas,
        )


def a_como_estaban() -> None:
    """Days and months of all, with a row for each hours, and all of codes."""
    llave = ("campana", "afiliado", "grano", "desde", "canal", "moneda")
    de_antes = Cifra.objects.filter(grano__in="dm")
    pasar("comisiones_cifra", (*llave, *MIGRACION._SUMAS),
          list(de_antes.values_list(*llave, *MIGRACION._SUMAS)))  # fmt: skip
    plazos = [
        (*clave, horas, cuantas)
        for *clave, texto in de_antes.values_list(*llave, "plazos")
        for horas, cuantas in leidos([texto]).items()
    ]
    # One that came to be none.
    plazos.append((*plazos[0][:-2], 999, 0))
    pasar("comisiones_plazo", (*llave, "horas", "cuantas"), plazos)
    for modelo, tabla, campos in (
        (CifraDeCodigo, "comisiones_cifradecodigo", MIGRACION._DE_CODIGO),
        (Medida, "comisiones_medida", MIGRACION._MEDIDA),
    ):
        pasar(tabla, campos, list(modelo._default_manager.values_list(*campos)))


def test_lo_de_antes_se_pasa() -> None:
    """With what quarters and years add up to, as if it had been kept so from the first."""
    en = fabricas.campana(inicia_en=datetime(2025, 1, 1, tzinfo=UTC))
    for n, (dia, horas) in enumerate(((5, 1), (40, 30), (70, 30), (200, 700))):
        with time_machine.travel(datetime(2025, 11, 1, tzinfo=UTC) + timedelta(dia)) as reloj:
            una = fabricas.comision(
                en=en, cupon="VERANO" if n else "", canal_origen="blog" if n == 1 else ""
            )
            reloj.shift(timedelta(hours=horas))
            aprobar_comision(comision=una, actor=ANA)
    entregar_todo()
    antes = todas()
    assert {fila[2] for fila in antes[0]} == {"d", "m", "t", "a"}
    assert any("," in fila[-1] for fila in antes[0])
    a_como_estaban()
    for modelo in (Cifra, CifraDeCodigo, Medida):
        modelo._default_manager.all()._raw_delete(using="default")
    MIGRACION.copiar(apps, SimpleNamespace(connection=connection))
    assert todas() == antes
