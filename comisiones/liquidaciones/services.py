"""All writes of self-billing documents."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.claves import poner_claves
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.models import Historial
from alpespartner.comun.turnos import tomar
from comisiones.eventos import LiquidacionEmitida
from comisiones.liquidaciones.models import Liquidacion, SerieLiquidacion, TipoLiquidacion
from comisiones.pagos.estados import EstadoPago
from comisiones.pagos.models import Pago
from outbox.publicacion import publicar_todos


def emitir(*, pagos_ids: Sequence[str], actor: Actor) -> list[Liquidacion]:
    """Issue the documents that some payments (public ids) lack, in the order of the payments.

    One that was paid gets its ``liquidacion``; one that the bank sent back gets a
    ``rectificativa`` too. The rest, and what has its document already, are left out, so the same
    event may come any number of times.
    """
    with transaction.atomic():
        ahora = timezone.now()
        serie = _tomar_serie(f"{ahora:%Y}")
        # With the series held: nobody else issues anything meanwhile.
        pagos = list(
            Pago.objects.filter(
                id_publico__in=pagos_ids, estado__in=[EstadoPago.PAGADO, EstadoPago.DEVUELTO]
            )
            .select_related("afiliado")
            .order_by("pagado_en", "pk")
        )
        hechas = set(Liquidacion.objects.filter(pago__in=pagos).values_list("pago_id", "tipo"))
        nuevas = []
        for pago in pagos:
            tipos = [TipoLiquidacion.LIQUIDACION]
            if pago.estado == EstadoPago.DEVUELTO:
                tipos.append(TipoLiquidacion.RECTIFICATIVA)
            for tipo in tipos:
                if (pago.pk, tipo) not in hechas:
                    serie.ultimo += 1
                    nuevas.append(_liquidacion(serie, tipo, pago))
        if nuevas:
            serie.save(update_fields=["ultimo"])
            _guardar(nuevas, actor)
    return nuevas


def _tomar_serie(nombre: str) -> SerieLiquidacion:
    # Before the row is read: two that find it missing would each wait for the other's insert.
    tomar([f"serie:{nombre}"])
    return SerieLiquidacion.objects.get_or_create(serie=nombre)[0]


def _liquidacion(serie: SerieLiquidacion, tipo: TipoLiquidacion, pago: Pago) -> Liquidacion:
    signo = -1 if tipo == TipoLiquidacion.RECTIFICATIVA else 1
    return Liquidacion(
        id_publico=nuevo_id("liq"),
        serie=serie.serie,
        numero=serie.ultimo,
        tipo=tipo,
        pago=pago,
        afiliado=pago.afiliado,
        importe=signo * pago.importe,
        moneda=pago.moneda,
        emisor=dict(settings.EMISOR),
        receptor=_receptor(pago.afiliado),
    )


def _receptor(afiliado: Afiliado) -> dict[str, str]:
    return {
        "nombre": afiliado.nombre,
        "documento": f"{afiliado.documento_tipo} {afiliado.documento_numero or ''}".strip(),
    }


def _guardar(nuevas: list[Liquidacion], actor: Actor) -> None:
    Liquidacion.objects.bulk_create(nuevas, batch_size=500)
    poner_claves(nuevas)
    Historial.objects.bulk_create(
        [
            paso(
                entidad="liquidacion",
                entidad_id=nueva.id_publico,
                accion="emitir",
                actor=actor,
                datos={"numero": nueva.numero_completo, "pago_id": nueva.pago.id_publico},
            )
            for nueva in nuevas
        ],
        batch_size=500,
    )
    publicar_todos(
        (
            LiquidacionEmitida(
                liquidacion_id=nueva.id_publico,
                numero=nueva.numero_completo,
                tipo=nueva.tipo,
                pago_id=nueva.pago.id_publico,
                afiliado_id=nueva.afiliado.id_publico,
                importe=dinero.texto(nueva.importe, nueva.moneda),
                moneda=nueva.moneda,
            ),
            1,
        )
        for nueva in nuevas
    )
