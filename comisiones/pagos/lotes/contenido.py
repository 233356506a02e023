"""What a batch pays, and its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.lotes.antecedentes import antecedentes
from comisiones.pagos.models import ItemPago, LotePago
from comisiones.pagos.pago.armado import ajustes_pendientes


def contenido(lote: LotePago) -> Iterator[str]:
    """What a batch pays, to whom and for what, as it stands now: one line each, in a fixed order.

    It has the amounts of the rows themselves and not only of the payments' lines, and what each
    affiliate owes that the batch does not deduct; and what was in a file for the bank before.
    """
    pagos = lote.pagos.filter(reintento_de=None).exclude(estado=EstadoPago.ANULADO)
    items = ItemPago.objects.filter(pago__in=pagos)
    deudas = ajustes_pendientes().filter(moneda=lote.moneda, monto__lt=0)
    consultas: dict[str, QuerySet[Any, tuple[Any, ...]]] = {
        "pago": pagos.order_by("id_publico").values_list(
            "id_publico", "afiliado__id_publico", "afiliado__nombre", "afiliado__estado",
            "afiliado__cuenta__huella", "importe", "retenido", "retencion__id_publico",
            "moneda", "pasarela",
        ),
        "comision": items.filter(comision__isnull=False).order_by("comision_id").values_list(
            "pago__id_publico", "comision__id_publico", "importe", "comision__monto",
            "comision__moneda", "comision__afiliado__id_publico", "comision__estado",
        ),
        "ajuste": items.filter(ajuste__isnull=False).order_by("ajuste_id").values_list(
            "pago__id_publico", "ajuste__id_publico", "importe", "ajuste__monto",
            "ajuste__moneda", "ajuste__afiliado__id_publico", "ajuste__estado",
        ),
        "deuda": deudas.filter(afiliado__in=pagos.values("afiliado"))
        .order_by("pk")
        .values_list("id_publico", "monto"),
    }  # fmt: skip
    for que, filas in consultas.items():
        for fila in filas:
            yield _linea(que, *fila)
    for previo in antecedentes(lote):
        yield (
            f"antes|{previo.pago}|{previo.antes} estuvo en el fichero de {previo.lote}"
            f"|{previo.motivo}|{previo.por}"
        )


def _linea(*partes: object) -> str:
    # Decimals of the database and of memory are written with the same digits.
    return "|".join(f"{p:.4f}" if isinstance(p, Decimal) else repr(p) for p in partes)


def huella_de(lote: LotePago) -> str:
    """SHA-256 of :func:`contenido`."""
    suma = hashlib.sha256()
    for linea in contenido(lote):
        suma.update(linea.encode() + b"\n")
    return suma.hexdigest()
