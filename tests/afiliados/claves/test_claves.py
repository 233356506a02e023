"""Keys: rotated, revoked, and stored so that a leaked database gives none."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from afiliados.claves.services import buscar_clave, revocar_clave, rotar_clave
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.models import Historial
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI, problema

pytestmark = pytest.mark.django_db


def test_rotar() -> None:
    """Both work until the old one's limit; then only the new one, with the same grants."""
    texto = fabricas.clave(["afiliados:leer"])
    vieja = buscar_clave(texto)
    assert vieja is not None
    limite = timezone.now() + timedelta(hours=1)
    _nueva, texto_nuevo = rotar_clave(clave=vieja, actor=ANA, expira_anterior_en=limite)
    for clave in (texto, texto_nuevo):
        assert ClienteAPI(clave).get("/api/v1/afiliados").status_code == 200
    problema(ClienteAPI(texto_nuevo).get("/api/v1/campanas"), 403)
    with time_machine.travel(limite + timedelta(seconds=1)):
        problema(ClienteAPI(texto).get("/api/v1/afiliados"), 401)
        assert ClienteAPI(texto_nuevo).get("/api/v1/afiliados").status_code == 200


def test_una_que_no_hay() -> None:
    """Of the right form, with a secret of another, or with half a secret: no key, and no error."""
    texto = fabricas.clave()
    _ap, publica, secreto = texto.split("_", 2)
    for otra in (f"ap_{publica[::-1]}_{secreto}", f"ap_{publica}_{secreto[::-1]}", texto[:-1], ""):
        assert buscar_clave(otra) is None, otra
    assert buscar_clave(texto) is not None


def test_revocar_dos_veces() -> None:
    """At once, and once."""
    clave = buscar_clave(fabricas.clave())
    assert clave is not None
    revocar_clave(clave=clave, actor=ANA)
    with pytest.raises(Conflicto):
        revocar_clave(clave=clave, actor=ANA)


def test_se_revoca_esa_y_ninguna_mas() -> None:
    """Of the same holder or of another: the others go on working, and only it has a history."""
    textos = [fabricas.clave() for _n in range(3)]
    suyas = [buscar_clave(texto) for texto in textos]
    assert suyas[1] is not None
    revocar_clave(clave=suyas[1], actor=ANA)
    assert [buscar_clave(texto) for texto in textos] == [suyas[0], None, suyas[2]]
    pasos = Historial.objects.filter(entidad="clave", accion="revocar")
    assert list(pasos.values_list("entidad_id", "actor")) == [(suyas[1].id_clave, str(ANA))]


def test_el_secreto_no_se_guarda() -> None:
    """A leaked database gives no key."""
    from afiliados.claves.models import ClaveAPI

    secreto = fabricas.clave().split("_", 2)[2]
    guardado = [str(list(m.objects.values())) for m in (ClaveAPI, Historial)]
    assert all(secreto not in texto for texto in guardado)
