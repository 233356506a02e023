"""Test keys: made here, on the live site, and kept by the sandbox, where they are good.

The secret is made where it is shown and never travels: the sandbox gets its digest. Here nothing of
a test key is kept but who made it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import (
    exigir_alcances,
    exigir_restricciones,
    huella_de,
    lo_que_da,
    parte_nueva,
)
from alpespartner.comun.actores import Actor
from alpespartner.pruebas.ajustes import PREFIJO
from alpespartner.pruebas.canal import pedir
from alpespartner.pruebas.errores import PruebasNoContestan
from alpespartner.pruebas.services import anotar


def crear_clave_de_prueba(
    *,
    nombre: str,
    titular: str,
    alcances: Iterable[str],
    actor: Actor,
    afiliado: Afiliado | None = None,
    expira_en: datetime | None = None,
    restricciones: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], str]:
    """Make a test key; returns it as the sandbox tells of it, and its text, never shown again.

    Raises :class:`DatoInvalido`, and whatever a sandbox that is away or says no raises.
    """
    return _crear(
        nombre=nombre, titular=titular, alcances=exigir_alcances(alcances, afiliado), actor=actor,
        afiliado=afiliado, expira_en=expira_en,
        restricciones=exigir_restricciones(restricciones or {}),
    )  # fmt: skip


def crear_la_suya_de_prueba(
    *,
    clave: ClaveAPI,
    nombre: str,
    alcances: Iterable[str],
    actor: Actor,
    expira_en: datetime | None = None,
    restricciones: Mapping[str, Any] | None = None,
) -> tuple[dict[str, Any], str]:
    """As :func:`crear_clave_de_prueba`, by a live key of the same holder, of what it may itself."""
    da = lo_que_da(
        clave=clave, alcances=alcances, expira_en=expira_en, restricciones=restricciones or {}
    )
    return _crear(nombre=nombre, actor=actor, **da)


def _crear(
    *,
    nombre: str,
    titular: str,
    alcances: Iterable[str],
    actor: Actor,
    afiliado: Afiliado | None,
    expira_en: datetime | None,
    restricciones: Mapping[str, str],
) -> tuple[dict[str, Any], str]:
    id_clave, secreto = parte_nueva()
    pedidos = sorted(alcances)
    # Before the transaction: nobody here waits for the sandbox. A key that it keeps and that is
    # not told of here is of a text that nobody saw.
    hecha = pedir(
        "clave",
        id_clave=id_clave,
        huella=huella_de(secreto),
        nombre=nombre,
        titular=titular,
        alcances=pedidos,
        # Only which one: nothing that is known of somebody leaves for the sandbox.
        afiliado="" if afiliado is None else afiliado.id_publico,
        expira_en=None if expira_en is None else expira_en.isoformat(),
        restricciones=dict(restricciones),
        pide=str(actor),
    )
    if hecha.get("clave_id") != id_clave:
        # Whoever answers there is not the sandbox.
        raise PruebasNoContestan()
    with transaction.atomic():
        anotar(
            accion="crear", actor=actor, motivo=f"{nombre} ({PREFIJO}{id_clave}_…)",
            clave=id_clave, titular=titular, alcances=pedidos,
        )  # fmt: skip
    return hecha, f"{PREFIJO}{id_clave}_{secreto}"


def revocar_clave_de_prueba(*, id_clave: str, actor: Actor) -> dict[str, Any]:
    """Make a test key useless at once and for good; raises as :func:`crear_clave_de_prueba`."""
    hecha = pedir("revocar", id_clave=id_clave, pide=str(actor))
    with transaction.atomic():
        anotar(
            accion="revocar", actor=actor, clave=id_clave,
            motivo=f"{hecha.get('nombre', '')} ({PREFIJO}{id_clave}_…)",
        )  # fmt: skip
    return hecha
