"""Rotating a key: what stays the same, how long the old one lasts, and who did it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from afiliados.claves.models import Alcance, ClaveAPI
from afiliados.claves.services import buscar_clave, crear_clave, rotar_clave
from alpespartner.comun.models import Historial
from tests import fabricas
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db


def en(**duracion: float) -> datetime:
    return timezone.now() + timedelta(**duracion)


def hecha(expira_en: datetime | None = None) -> ClaveAPI:
    return crear_clave(
        nombre="Tienda", titular="Ada", alcances=[Alcance.COMISIONES_LEER],
        afiliado=fabricas.afiliado(), expira_en=expira_en, actor=ANA,
    )[0]  # fmt: skip


def test_queda_escrito_quien_la_roto() -> None:
    """Of the old one, that it was rotated and by which; of the new one, that it was made."""
    vieja = hecha()
    nueva, _texto = rotar_clave(clave=vieja, actor=LUIS, expira_anterior_en=en(days=1))

    def pasos(clave: ClaveAPI) -> list[tuple[str, str, dict[str, str]]]:
        return list(
            Historial.objects.filter(entidad="clave", entidad_id=clave.id_clave)
            .order_by("pk")
            .values_list("accion", "actor", "datos")
        )

    alcances = {"alcances": ["comisiones:leer"]}
    assert pasos(vieja) == [
        ("crear", str(ANA), alcances),
        ("rotar", str(LUIS), {"nueva": nueva.id_clave}),
    ]
    assert pasos(nueva) == [("crear", str(LUIS), alcances)]


@pytest.mark.parametrize("caduca_antes", [None, True, False])
def test_la_vieja_dura_lo_que_se_dijo(caduca_antes: bool | None) -> None:
    """Rotation never makes a key last longer than it was to last, nor the new one than the old."""
    suya = None if caduca_antes is None else en(hours=1 if caduca_antes else 48)
    vieja, limite = hecha(suya), en(hours=24)
    nueva, texto = rotar_clave(clave=vieja, actor=LUIS, expira_anterior_en=limite)
    leida, otra = (ClaveAPI.objects.get(pk=c.pk) for c in (vieja, nueva))
    assert leida.expira_en == (suya if caduca_antes else limite)
    assert otra.expira_en == suya
    for campo in ("nombre", "titular", "alcances", "afiliado"):
        assert getattr(otra, campo) == getattr(leida, campo)
    assert buscar_clave(texto) == otra
    assert leida.vigente
