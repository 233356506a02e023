"""What the live site orders the sandbox, once each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from afiliados.afiliado.models import Afiliado
from afiliados.api.claves import ClaveSerializer
from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import inscribir_clave, revocar_clave
from afiliados.errores import ClaveDesconocida, YaRevocada
from alpespartner.comun import turnos
from alpespartner.comun.historial import historial_de, paso
from alpespartner.operacion.pruebas.programa import (
    ACTOR,
    ENTIDAD,
    afiliado_de_prueba,
    referencia_de,
)
from alpespartner.operacion.pruebas.purga import se_vacia_en
from alpespartner.operacion.pruebas.vaciado import vaciar_pruebas
from alpespartner.pruebas.errores import MensajeInvalido, SoloEnPruebas
from alpespartner.pruebas.mensajes import Mensaje, abrir
from comisiones.comision.models import Comision
from conversiones.ventas.models import Conversion

# Newest first; a list of more is not of people.
_CLAVES = 200


def recibir(texto: str) -> dict[str, Any]:
    """Do what a message says; raises :class:`MensajeInvalido` for one that is none or came before,
    and what the order may refuse."""
    if not settings.PRUEBAS:
        raise SoloEnPruebas()
    mensaje = abrir(texto)
    orden = _ORDENES.get(mensaje.orden)
    if orden is None:
        raise MensajeInvalido()
    if mensaje.orden != "estado":
        _una_vez(mensaje)
    return orden(**mensaje.datos)


def _una_vez(mensaje: Mensaje) -> None:
    """Note it down for good, before it is done: emptying keeps the history of the sandbox."""
    with transaction.atomic():
        turnos.tomar([f"pr_{mensaje.id[:24]}"])
        if historial_de(ENTIDAD, mensaje.id).exists():
            raise MensajeInvalido()
        paso(
            entidad=ENTIDAD, entidad_id=mensaje.id, accion="recibir", actor=ACTOR,
            datos={"orden": mensaje.orden, "pide": str(mensaje.datos.get("pide", ""))},
        ).save()  # fmt: skip


def _clave(*, afiliado: str, expira_en: str | None, **datos: Any) -> dict[str, Any]:
    if ClaveAPI.objects.filter(id_clave=datos["id_clave"]).exists():
        raise MensajeInvalido()
    with transaction.atomic():
        hecha = inscribir_clave(
            afiliado=afiliado_de_prueba(referencia_de(afiliado)) if afiliado else None,
            expira_en=None if expira_en is None else datetime.fromisoformat(expira_en),
            actor=ACTOR,
            **datos,
        )
    return _dicha(hecha)


def _revocar(*, id_clave: str, pide: str) -> dict[str, Any]:
    clave = ClaveAPI.objects.filter(id_clave=id_clave).first()
    if clave is None:
        raise ClaveDesconocida()
    revocar_clave(clave=clave, actor=ACTOR)
    clave.refresh_from_db()
    return _dicha(clave)


def _revocar_las_de(*, claves: list[str], pide: str) -> dict[str, Any]:
    """End what some live keys made, and what was made or rotated of that here; says all of it,
    also what was over already: asked again it says the same."""
    suyas = ClaveAPI.objects.filter(hecha_por__in=claves)
    for clave in suyas.filter(revocada_en=None).order_by("pk"):
        with suppress(YaRevocada):
            revocar_clave(clave=clave, actor=ACTOR)
    return {"claves": list(suyas.order_by("pk").values_list("id_clave", flat=True))}


def _vaciar(*, pide: str) -> dict[str, Any]:
    vaciar_pruebas(actor=ACTOR, pide=pide)
    return {}


def _estado() -> dict[str, Any]:
    return {
        "claves": [
            {**_dicha(clave), "titular": clave.titular}
            for clave in ClaveAPI.objects.order_by("-pk")[:_CLAVES]
        ],
        "afiliados": Afiliado.objects.count(),
        "conversiones": Conversion.objects.count(),
        "comisiones": Comision.objects.count(),
        "se_vacia_en": se_vacia_en().isoformat(),
    }


def _dicha(clave: ClaveAPI) -> dict[str, Any]:
    return dict(ClaveSerializer(clave).data)


_ORDENES: dict[str, Callable[..., dict[str, Any]]] = {
    "clave": _clave,
    "revocar": _revocar,
    "revocar_las_de": _revocar_las_de,
    "vaciar": _vaciar,
    "estado": _estado,
}
