"""Writing commissions: rows, history and events together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.historial import paso
from alpespartner.comun.models import Historial
from comisiones import eventos
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.comision.models import Comision
from conversiones.ventas.estados import CON_DEVOLUCIONES
from conversiones.ventas.services import Anotacion
from outbox.models import OutboxEvent
from outbox.publicacion import preparar, publicar_en, publicar_filas

_POR_SENTENCIA = 500


@dataclass(frozen=True, slots=True)
class Anotado:
    """History and events of commissions, and of the sale that they were calculated with."""

    pasos: list[Historial]
    filas: list[OutboxEvent]


def anotar(comisiones: list[Comision], actor: Actor, *previas: Anotacion) -> Anotado:
    """What goes with new commissions, after the notes of their sale: nothing is written."""
    pasos = [
        *(previa.paso for previa in previas),
        *(
            paso(
                entidad="comision",
                entidad_id=c.id_publico,
                accion="calcular",
                actor=actor,
                estado_nuevo=c.estado,
                motivo=c.motivo_retencion,
            )
            for c in comisiones
        ),
    ]
    salientes: list[tuple[Any, int]] = [previa.evento for previa in previas]
    for c in comisiones:
        salientes.append((_calculada(c), c.version))
        if c.motivo_retencion:
            salientes.append(
                (
                    eventos.ComisionRetenida(
                        comision_id=c.id_publico, motivo_retencion=c.motivo_retencion
                    ),
                    c.version,
                )
            )
    return Anotado(pasos, preparar(salientes))


def guardar(comisiones: list[Comision], actor: Actor, *previas: Anotacion) -> None:
    """Write new commissions in the caller's transaction; refunds that came first are applied."""
    anotado = anotar(comisiones, actor, *previas)
    if len(comisiones) == 1:
        remesa = Remesa()
        escribir_en(remesa, comisiones[0], anotado)
        remesa.enviar()
    else:
        Comision.objects.bulk_create(comisiones, batch_size=_POR_SENTENCIA)
        Historial.objects.bulk_create(anotado.pasos, batch_size=_POR_SENTENCIA)
        publicar_filas(anotado.filas)
    # Refunds that came first; those of a sale not touched yet will come as events.
    revertidas = [
        c.conversion.id_publico for c in comisiones if c.conversion.estado in CON_DEVOLUCIONES
    ]
    if revertidas:
        poner_claves(comisiones)
        aplicar_devoluciones(conversiones_ids=revertidas, actor=actor)
        for c in comisiones:
            c.refresh_from_db(
                fields=["monto", "revertido", "estado", "motivo_retencion", "version"]
            )


def escribir_en(remesa: Remesa, comision: Comision, anotado: Anotado) -> None:
    """Write one new commission with what else its caller sends, right after its sale if that is
    new too. Refunds that came first are the caller's."""
    remesa.insertar(comision)
    remesa.insertar(*anotado.pasos)
    publicar_en(remesa, anotado.filas)


def _calculada(comision: Comision) -> eventos.ComisionCalculada:
    return eventos.ComisionCalculada(
        comision_id=comision.id_publico,
        conversion_id=comision.conversion.id_publico,
        afiliado_id=comision.afiliado.id_publico,
        campana_id=comision.campana.id_publico,
        nivel=comision.nivel,
        base=dinero.texto(comision.base, comision.moneda),
        tasa=None if comision.tasa is None else f"{comision.tasa.normalize(dinero.CONTEXTO):f}",
        monto=dinero.texto(comision.monto, comision.moneda),
        moneda=comision.moneda,
        estado=comision.estado,
    )
