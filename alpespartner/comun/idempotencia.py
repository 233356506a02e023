"""Requests that may be repeated: the answer is kept in the transaction of its effect."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.db.insercion import insertar_si_cabe
from alpespartner.comun.errores import ClaveReutilizada
from alpespartner.comun.models import PeticionIdempotente

_POR_SENTENCIA = 500


def huella(datos: Any) -> str:
    """SHA-256 of a JSON-able value, whatever the order of its keys."""
    texto = json.dumps(datos, sort_keys=True, cls=DjangoJSONEncoder, ensure_ascii=True)
    return hashlib.sha256(texto.encode()).hexdigest()


def reservar(*, ambito: str, clave: str, huella: str) -> tuple[PeticionIdempotente, bool]:
    """Reserve ``clave`` inside the caller's transaction; ``True`` when it was free.

    A concurrent twin waits here for the first one's commit. Raises
    :class:`ClaveReutilizada` when the same key came with another body.
    """
    return reservar_fila(PeticionIdempotente(ambito=ambito, clave=clave, huella=huella))


def reservar_fila(peticion: PeticionIdempotente) -> tuple[PeticionIdempotente, bool]:
    """:func:`reservar` of a request that was made already."""
    if insertar_si_cabe(peticion):
        return peticion, True
    return la_de_antes(peticion), False


def la_de_antes(peticion: PeticionIdempotente) -> PeticionIdempotente:
    """The request that took the key of one that could not be inserted.

    Raises :class:`ClaveReutilizada` when it asked for something else.
    """
    anterior = PeticionIdempotente.objects.get(ambito=peticion.ambito, clave=peticion.clave)
    if anterior.huella != peticion.huella:
        raise ClaveReutilizada(
            _("«%(clave)s» ya se usó con otro contenido: usa otra clave o repite el mismo cuerpo.")
            % {"clave": peticion.clave[:64]}
        )
    return anterior


def guardar_respuesta(peticion: PeticionIdempotente, estado_http: int, respuesta: Any) -> None:
    """Keep the answer that a repeated request will get."""
    peticion.estado_http = estado_http
    peticion.respuesta = respuesta
    peticion.save(update_fields=["estado_http", "respuesta"])


def purgar() -> int:
    """Forget what was answered more than ``IDEMPOTENCIA_DIAS`` ago; returns how many.

    A reservation without an answer is no request to repeat but the memory of an id: it stays.
    """
    antes = timezone.now() - timedelta(days=settings.IDEMPOTENCIA_DIAS)
    viejas = PeticionIdempotente.objects.filter(creada_en__lt=antes, estado_http__gt=0)
    total = 0
    # A few at a time: those who reserve meanwhile do not wait for all of them.
    while claves := list(
        viejas.order_by("creada_en").values_list("pk", flat=True)[:_POR_SENTENCIA]
    ):
        total += PeticionIdempotente.objects.filter(pk__in=claves).delete()[0]
    return total
