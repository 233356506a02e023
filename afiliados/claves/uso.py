"""When each key was last used and from where: told at most once a minute, once its caller has the
answer, in no transaction of theirs."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Q

from afiliados.claves.models import ClaveAPI

log = logging.getLogger(__name__)
# By public part of the key, when this process last told. Past so many all are forgotten: each of
# them is looked at once more.
_DICHAS: dict[str, float] = {}
_MUCHAS = 10_000


def toca_anotar(id_clave: str) -> bool:
    """Whether this process has not told of a key for long enough; then it counts as told."""
    cada: timedelta | None = settings.USO_DE_CLAVES_CADA
    if cada is None:
        return False
    ahora = time.monotonic()
    if ahora - _DICHAS.get(id_clave, -cada.total_seconds()) < cada.total_seconds():
        return False
    if len(_DICHAS) >= _MUCHAS:
        _DICHAS.clear()
    _DICHAS[id_clave] = ahora
    return True


def anotar_uso(*, id_clave: str, desde: str, en: datetime) -> None:
    """Note that a key was used, unless another process just did. Whoever used it is served,
    whatever comes of this."""
    previa = en - (settings.USO_DE_CLAVES_CADA or timedelta())
    try:
        ClaveAPI.objects.filter(
            Q(usada_en=None) | Q(usada_en__lte=previa), id_clave=id_clave
        ).update(usada_en=en, usada_desde=desde)
    except DatabaseError:
        log.warning("no se pudo anotar el uso de la clave %s", id_clave, exc_info=True)
