"""The test key of the demo, whose text is in the file of its ids."""

from __future__ import annotations

from django.db import transaction

from afiliados.claves.models import Alcance, ClaveAPI
from afiliados.claves.services import huella_de, inscribir_clave, partes_de_prueba
from alpespartner.operacion.pruebas.programa import ACTOR


def poner_clave_de_la_demo(texto: str) -> None:
    """Have the sandbox take it; nothing for a text that is none."""
    partes = partes_de_prueba(texto)
    if partes is None or ClaveAPI.objects.filter(id_clave=partes[0]).exists():
        return
    with transaction.atomic():
        inscribir_clave(
            id_clave=partes[0],
            huella=huella_de(partes[1]),
            nombre="Clave de prueba de demostración",
            titular="Tienda de demostración",
            alcances=Alcance.values,
            actor=ACTOR,
            afiliado=None,
            expira_en=None,
            restricciones={},
            pide="demo",
        )
