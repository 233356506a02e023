"""Sales that may be the same one, sent twice under two references.

Nobody refuses them: their commissions wait until a person has looked at both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from conversiones.ventas.models import Conversion

# Of one customer, for the same amount, no farther apart than this.
CERCA = timedelta(minutes=10)


def marcar_parecidas(ventas: Iterable[Conversion]) -> None:
    """Name in each of some sales, which are not inserted yet, one that came before it and may be
    the same: among them too. Their customers are locked by the caller, so whoever registers the
    other at the same time comes before or after. One of no customer is like none."""
    vistas: dict[tuple[int, str, str], list[Conversion]] = {}
    for venta in ventas:
        if venta.cliente_id is None:
            continue
        llave = (venta.cliente_id, venta.moneda, str(venta.valor.normalize()))
        juntas = vistas.setdefault(llave, [])
        cerca = (v for v in juntas if abs(v.ocurrida_en - venta.ocurrida_en) <= CERCA)
        junta = next(cerca, None)
        venta.parecida_a = _la_de_antes(venta) if junta is None else junta.id_publico
        juntas.append(venta)


def _la_de_antes(venta: Conversion) -> str:
    """A range of an index, in its order: the customer may have any number of sales."""
    halladas = Conversion.objects.filter(
        cliente=venta.cliente_id,
        moneda=venta.moneda,
        valor=venta.valor,
        ocurrida_en__range=(venta.ocurrida_en - CERCA, venta.ocurrida_en + CERCA),
    ).order_by("ocurrida_en", "id")
    return next(iter(halladas.values_list("id_publico", flat=True)[:1]), "")
