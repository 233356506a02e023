"""Why a sale is whose it is, and what each model would have credited of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from conversiones.atribucion import Informe, Motivo, repartir, toques_de
from conversiones.clientes.candidatos import Nombrados, resolver
from conversiones.ventas.atribucion import atribucion_guardada
from conversiones.ventas.models import Conversion


def atribucion_de(conversion: Conversion) -> dict[str, Any]:
    """As :func:`atribucion_guardada`; one that a person assigned later is whom it says."""
    dicho = atribucion_guardada(conversion)
    if conversion.afiliado is not None and dicho["motivo"] == Motivo.NINGUNO:
        dicho = {**dicho, "motivo": str(Motivo.EXPLICITO)}
    return dicho


def informe_de(conversion: Conversion) -> dict[Informe, list[tuple[str, Decimal]]]:
    """What each model would have credited of a sale, by the clicks that are known of its customer.
    Nothing of it is paid."""
    fila = getattr(conversion, "atribucion", None)
    resuelta = resolver(
        campana=conversion.campana,
        en=conversion.ocurrida_en,
        nombrados=Nombrados(clic_id=fila.clic_id if fila is not None else ""),
        cliente=conversion.cliente,
    )
    toques = toques_de(resuelta.hechos, resuelta.opciones)
    return repartir(conversion.valor, conversion.moneda, toques)
