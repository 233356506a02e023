"""What a customer's sales earn, a second time: slow, obvious, and sharing nothing with the engine.

Sales are plain dicts: ``en``, ``como`` (how it ended: viva, parcial, entera, rechazada, fraude) and
whatever else whoever asks has.
"""

from __future__ import annotations

import calendar
from datetime import datetime
from typing import Any

Venta = dict[str, Any]


def limite(primera: datetime, meses: int) -> datetime:
    """Month after month, to the same day; past the end of the last one, to its end."""
    ano, mes = primera.year, primera.month
    for _ in range(meses):
        mes += 1
        if mes == 13:
            ano, mes = ano + 1, 1
    dia = primera.day
    while dia not in range(1, calendar.monthrange(ano, mes)[1] + 1):
        dia -= 1
    return datetime(
        ano, mes, dia, primera.hour, primera.minute, primera.second, primera.microsecond,
        tzinfo=primera.tzinfo,
    )  # fmt: skip


def ganan(ventas: list[Venta], meses: int | None, maximo: int | None) -> list[Venta]:
    """Those that earn, of one customer: each looks at all the others again."""
    en_orden = sorted(ventas, key=lambda v: (v["en"], v["id"]))
    cuentan = [v for v in en_orden if v["como"] != "rechazada"]
    ganadas: list[Venta] = []
    for venta in cuentan:
        if venta["como"] not in ("viva", "parcial"):
            continue
        primera = cuentan[0]
        if venta is not primera:
            if primera["como"] == "fraude":
                continue
            if meses is not None and not venta["en"] < limite(primera["en"], meses):
                continue
            if maximo is not None and len(ganadas) >= maximo:
                continue
        ganadas.append(venta)
    return ganadas
