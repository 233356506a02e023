"""Why a sale is whose it is, and what each model would have credited of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Historial
from conversiones.atribucion import Candidato, Informe, Motivo, Razon, repartir, toques_de
from conversiones.clientes.candidatos import Nombrados, como_se_dice, resolver
from conversiones.ventas.atribucion import atribucion_guardada
from conversiones.ventas.models import Conversion


def atribucion_de(conversion: Conversion) -> dict[str, Any]:
    """As :func:`atribucion_guardada`; one that a person assigned later is whom it says, and of one
    that was reassigned whoever had it is told as well."""
    cambios = reasignaciones_de(conversion.id_publico)
    if cambios and conversion.afiliado is not None:
        return _reasignada(conversion, cambios)
    dicho = atribucion_guardada(conversion)
    if conversion.afiliado is not None and dicho["motivo"] == Motivo.NINGUNO:
        dicho = {**dicho, "motivo": str(Motivo.EXPLICITO)}
    return dicho


def reasignaciones_de(conversion_id: str) -> list[Historial]:
    """When a sale was reassigned, by whom, why, and between whom, in order."""
    return list(historial_de("conversion", conversion_id).filter(accion="reasignar"))


def _reasignada(conversion: Conversion, cambios: list[Historial]) -> dict[str, Any]:
    assert conversion.afiliado is not None  # noqa: S101 - asked by the caller
    motivo, ya_no = str(Motivo.REASIGNADA), str(Razon.REASIGNADA)
    fila = getattr(conversion, "atribucion", None)
    decididos = [
        {**c, "resultado": "pierde", "razon": ya_no} if c["resultado"] == "gana" else c
        for c in (fila.candidatos if fila is not None else ())
    ]
    dichos = {c["afiliado_id"] for c in decididos if c["razon"] == ya_no}
    suyo = Candidato(conversion.afiliado.id_publico, motivo, True, str(Razon.ELEGIDO))
    tuvieron = [
        Candidato(quien, str(Motivo.EXPLICITO), False, ya_no)
        for quien in dict.fromkeys(str(cambio.datos.get("anterior_id", "")) for cambio in cambios)
        if quien not in dichos
    ]
    return {
        "motivo": motivo,
        "candidatos": [como_se_dice(suyo), *map(como_se_dice, tuvieron), *decididos],
    }


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
