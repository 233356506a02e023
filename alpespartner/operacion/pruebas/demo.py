"""The test key of the demo, whose text is in the file of its ids before there is a sandbox."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from afiliados.claves.models import Alcance, ClaveAPI
from afiliados.claves.services import huella_de, inscribir_clave, partes_de_prueba
from alpespartner.comun.errores import ErrorDominio
from alpespartner.operacion.pruebas.programa import ACTOR
from alpespartner.pruebas.canal import hay_pruebas, pedir


def _clave_de_la_demo(texto: str) -> dict[str, Any] | None:
    partes = partes_de_prueba(texto)
    return partes and {
        "id_clave": partes[0],
        "huella": huella_de(partes[1]),
        "nombre": "Clave de prueba de demostración",
        "titular": "Tienda de demostración",
        "alcances": Alcance.values,
        "afiliado": None,
        "expira_en": None,
        "restricciones": {},
        "pide": "demo",
    }


def poner_clave_de_la_demo(texto: str) -> None:
    """In the sandbox, when it starts: take the key; nothing for a text that is none."""
    clave = _clave_de_la_demo(texto)
    if clave is None or ClaveAPI.objects.filter(id_clave=clave["id_clave"]).exists():
        return
    with transaction.atomic():
        inscribir_clave(**clave, actor=ACTOR)


def dar_a_conocer(texto: str) -> None:
    """On the live site: tell the sandbox of it, in case it started before there was a demo."""
    clave = _clave_de_la_demo(texto)
    if clave is None or not hay_pruebas():
        return
    try:
        pedir("clave", **{**clave, "afiliado": ""})
    except ErrorDominio:
        # It has it, or takes it when it starts.
        return
