"""Test keys: made here, on the live site, and kept by the sandbox, where they are good.

The secret is made where it is shown and never travels: the sandbox gets its digest. Here nothing of
a test key is kept but who made it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ClaveAPI
from afiliados.claves.selectors import quienes_fue
from afiliados.claves.services import (
    exigir_alcances,
    exigir_restricciones,
    huella_de,
    lo_que_da,
    parte_nueva,
)
from afiliados.errores import YaRevocada
from alpespartner.comun.actores import Actor, sistema
from alpespartner.comun.historial import paso
from alpespartner.pruebas.ajustes import PREFIJO
from alpespartner.pruebas.canal import hay_pruebas, pedir
from alpespartner.pruebas.errores import PruebasNoAdmiten, PruebasNoContestan
from alpespartner.pruebas.services import anotar

log = logging.getLogger(__name__)
_ACTOR = sistema("pruebas_de_una_clave")
# Keys of one round, and seconds that the sandbox may take for each: other tasks wait meanwhile.
_DE_UNA_VEZ = 100
_ESPERA = 1.0


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
    return _crear(nombre=nombre, actor=actor, quien=clave, **da)


def _crear(
    *,
    nombre: str,
    titular: str,
    alcances: Iterable[str],
    actor: Actor,
    afiliado: Afiliado | None,
    expira_en: datetime | None,
    restricciones: Mapping[str, str],
    quien: ClaveAPI | None = None,
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
        if quien is not None:
            # One that was revoked meanwhile already took along what it had made.
            quien = ClaveAPI.objects.select_for_update().get(pk=quien.pk)
            if not quien.vigente:
                raise YaRevocada()
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


def revocar_las_pendientes() -> int:
    """Have the sandbox end the test keys that revoked keys made; gives of how many keys it did.

    What it was told of is noted only once it answered: until then each round asks again, and to be
    asked twice changes nothing there.
    """
    if not hay_pruebas():
        return 0
    dichas = 0
    for clave in ClaveAPI.objects.filter(pruebas_por_revocar__gt=0).order_by("pk")[:_DE_UNA_VEZ]:
        try:
            acabadas = _revocar_las_de(clave)
        except PruebasNoAdmiten as exc:
            log.warning("pruebas: no acaba las de la clave %s: %s", clave.id_clave, exc.mensaje)
            continue
        except PruebasNoContestan:
            log.warning("pruebas: no contesta, y hay claves que dejar sin servir")
            break
        dichas += _anotar_acabadas(clave, acabadas)
    return dichas


def _revocar_las_de(clave: ClaveAPI) -> list[str]:
    """Public parts of the test keys that do not work any more."""
    dicho = pedir("revocar_las_de", espera=_ESPERA, claves=quienes_fue(clave), pide=str(_ACTOR))
    acabadas = dicho.get("claves")
    if not isinstance(acabadas, list):
        raise PruebasNoContestan()
    return [str(id_clave) for id_clave in acabadas]


def _anotar_acabadas(clave: ClaveAPI, acabadas: list[str]) -> int:
    cuales = ", ".join(f"{PREFIJO}{id_clave}_…" for id_clave in acabadas)
    with transaction.atomic():
        mias = ClaveAPI.objects.filter(pk=clave.pk, pruebas_por_revocar__gt=0)
        if not mias.update(pruebas_por_revocar=0):
            # Another round just did.
            return 0
        anotar(
            accion="revocar_las_de", actor=_ACTOR, clave=clave.id_clave, claves=acabadas,
            motivo=f"{clave.nombre} ({clave.publica}): {len(acabadas)}",
        )  # fmt: skip
        paso(
            entidad="clave", entidad_id=clave.id_clave, accion="revocar_pruebas", actor=_ACTOR,
            motivo=cuales[:500], datos={"claves": acabadas},
        ).save()  # fmt: skip
    return 1
