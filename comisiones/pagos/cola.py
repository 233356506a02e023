"""Queueing the tasks of payments: when the transaction commits, and only an id travels."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction


def encolar(pagos_pk: Sequence[int]) -> None:
    """Queue the tasks of payments on commit; the sweeper covers the ones that get lost."""
    from comisiones.pagos.tasks import ejecutar

    def enviar() -> None:
        for pk in pagos_pk:
            ejecutar.delay(pk)

    # Robust: a broker that is down must not look like a failed transaction.
    transaction.on_commit(enviar, robust=True)


def encolar_avance(lote_pk: int) -> None:
    """Queue the rest of a batch that is being proposed, dropped or retried on commit."""
    from comisiones.pagos.tasks import avanzar_lote

    transaction.on_commit(lambda: avanzar_lote.delay(lote_pk), robust=True)


def encolar_extracto(extracto_pk: int) -> None:
    """Queue the application of a statement on commit."""
    from comisiones.pagos.tasks import aplicar_extracto

    transaction.on_commit(lambda: aplicar_extracto.delay(extracto_pk), robust=True)


def encolar_lote(lote_pk: int) -> None:
    """Queue the execution of a batch on commit."""
    from comisiones.pagos.tasks import ejecutar_lote

    transaction.on_commit(lambda: ejecutar_lote.delay(lote_pk), robust=True)
