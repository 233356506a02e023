"""What always holds of the statements that were sent."""

from __future__ import annotations

from collections.abc import Iterator

from alpespartner.comun.invariantes import Comprobacion
from comisiones.reportes import documento
from comisiones.reportes.models import EnvioReporte

_POR_VEZ = 200


def _como_se_enviaron() -> Iterator[str]:
    filas = EnvioReporte.objects.values_list("id_publico", "documento", "huella", "desde", "hasta")
    for id_publico, texto, huella, desde, hasta in filas.order_by("pk").iterator(_POR_VEZ):
        if documento.huella_de(texto) != huella:
            yield f"{id_publico}: su documento no es el de su huella"
        elif f'"desde":"{desde}","hasta":"{hasta}"' not in texto:
            yield f"{id_publico}: su documento es de otros días"


COMPROBACIONES = (
    Comprobacion("Lo enviado de un reporte se queda como se envió", _como_se_enviaron),
)
