"""Makers of adjustments and batches, and the check that everything adds up."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import persona
from alpespartner.comun.invariantes import comprobaciones
from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.comision.models import Comision
from comisiones.models import LotePago
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.pago import fin_de_lote
from comisiones.pagos.pago.envio import ejecutar_pago
from conversiones.ventas.devoluciones import Devolucion, devolver
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

D = Decimal
EVA = persona(3)


def ajuste(de: Afiliado, monto: str) -> Ajuste:
    """A posted adjustment, approved by Ana."""
    borrador = crear_ajuste(
        afiliado=de, tipo="correccion", monto=D(monto), moneda="USD", motivo="m", actor=LUIS
    )
    return aprobar_ajuste(ajuste=borrador, actor=ANA)


def proponer(**datos: Any) -> LotePago:
    """A batch in USD that Luis proposes."""
    return propuesta.proponer_lote(
        **{"moneda": "USD", "pasarela": "archivo", "actor": LUIS, **datos}
    )


def congelado(**datos: Any) -> LotePago:
    """One that Luis froze."""
    return ciclo.congelar_lote(lote=proponer(**datos), actor=LUIS)


def en_ejecucion(**datos: Any) -> LotePago:
    """One that Eva released and that began."""
    lote = ciclo.liberar_lote(lote=congelado(**datos), actor=EVA)
    assert lote.estado == "aprobado"
    return ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)


def ejecutar(lote: LotePago) -> None:
    """Its tasks run, and what its last one would do on commit."""
    for pk in lote.pagos.filter(estado="listo").values_list("pk", flat=True):
        ejecutar_pago(pago_pk=pk, actor=PRUEBAS)
    fin_de_lote.terminar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    lote.refresh_from_db()


def ficheros(carpeta: Path) -> list[Path]:
    """Every file under the payment folder, half-written ones included."""
    return sorted(p for p in carpeta.rglob("*") if p.is_file())


def devolucion(lote: LotePago) -> None:
    """Half of the only sale comes back."""
    venta = Comision.objects.get().conversion
    devolver(conversion=venta, datos=Devolucion(id_externo="d", monto=D(50)), actor=ANA)
    fabricas.entregar_todo()


def todo_cuadra() -> None:
    """Every check of ``verificar`` that is not about being late."""
    for comprobacion in comprobaciones():
        if not comprobacion.aviso and "events.jsonl" not in comprobacion.nombre:
            assert list(comprobacion.filas()) == [], comprobacion.nombre
