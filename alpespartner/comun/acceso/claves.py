"""Wrong API keys: counted by address and by key.

A right key is always served: its secret cannot be guessed, and its neighbours behind one address
are not to blame. What the limit gives is a trace, and an answer that tells a client to stop.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.http import HttpRequest

from alpespartner.comun.acceso.direccion import direccion_de
from alpespartner.comun.acceso.intentos import Limite, reservar
from alpespartner.comun.actores import sistema
from alpespartner.comun.historial import paso

log = logging.getLogger(__name__)
POR_DIRECCION = 60
POR_CLAVE = 20
VENTANA = timedelta(minutes=1)
VENTANA_CLAVE = timedelta(minutes=15)


def anotar_clave_erronea(request: HttpRequest, id_clave: str | None) -> None:
    """Count a wrong key, and a wrong secret for ``id_clave`` when there is such a key.

    Raises DemasiadosIntentos when there were too many.
    """
    direccion = direccion_de(request)
    limites = [Limite("claves", (direccion,), POR_DIRECCION, VENTANA)]
    if id_clave is not None:
        limites.append(Limite("clave", (id_clave, direccion), POR_CLAVE, VENTANA_CLAVE))
    for limite in reservar(limites):
        log.warning("demasiadas claves de API erróneas desde %s", direccion or "-")
        paso(
            entidad="acceso",
            entidad_id=id_clave if limite.que == "clave" and id_clave else direccion[:40],
            accion="claves_erroneas",
            actor=sistema("acceso"),
            datos={"direccion": direccion, "por": limite.que},
        ).save()
