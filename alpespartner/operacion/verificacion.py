"""The invariants of the programme, checked on live data.

Each check yields the rows that break it. Reading them changes nothing, and they hold at any moment,
also right after a crash: what is only late is a warning, not a failure.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, DecimalField, F, Max, Min, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from alpespartner.comun.dinero import CERO, cuantizar
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import MANUALES, Ajuste, Reverso
from comisiones.calculo.explicacion import repasar
from comisiones.comision.estados import POR_PAGAR, YA_APROBADA, EstadoComision
from comisiones.comision.models import Comision
from comisiones.libro.cadena import primera_rotura
from comisiones.libro.models import Apunte, Asiento, Cuenta, TipoAsiento
from comisiones.libro.selectors import saldos_de_cuentas, saldos_desde
from comisiones.liquidaciones.models import Liquidacion, SerieLiquidacion, TipoLiquidacion
from comisiones.pagos.estados import PAGO_EN_CURSO, PAGO_SIN_EFECTO, EstadoPago
from comisiones.pagos.models import ExtractoPendiente, IntentoPago, ItemPago, LotePago, Pago
from comisiones.reglas.models import OrigenRegla
from conversiones.ventas.estados import EstadoConversion
from conversiones.ventas.models import Conversion, MovimientoConversion
from outbox.consumo import CONSUMIDORES
from outbox.models import (
    EntregaPendiente,
    EventoAparcado,
    EventoProcesado,
    OutboxEvent,
    PosicionArchivo,
)

# Older than this, a pending delivery or an unresolved payment is worth a warning.
TARDE = timedelta(minutes=5)
# SQLite adds in binary: sums of exact amounts come back off by less than this.
PELO = Decimal("0.00005")
# What a payment paid stays paid when the bank sends it back: that is owed anew.
_PAGADOS = (EstadoPago.PAGADO, EstadoPago.DEVUELTO)
_SALIDOS = (*PAGO_EN_CURSO, *_PAGADOS)


@dataclass(frozen=True, slots=True)
class Comprobacion:
    """A check: what it says and the rows that break it. A warning does not fail."""

    nombre: str
    filas: Callable[[], Iterator[str]]
    aviso: bool = False


def _asientos_cuadran() -> Iterator[str]:
    sumas = (
        Apunte.objects.values("asiento__id_publico", "moneda")
        .annotate(suma=Sum("importe"))
        .filter(Q(suma__gt=PELO) | Q(suma__lt=-PELO))
        .order_by()
    )
    for fila in sumas.iterator():
        yield f"{fila['asiento__id_publico']}: suma {fila['suma']} {fila['moneda']}"
    for asiento in Asiento.objects.annotate(n=Count("apuntes")).filter(n__lt=2).iterator():
        yield f"{asiento.id_publico}: {asiento.apuntes.count()} apuntes"


def _saldos() -> Iterator[str]:
    """Balance of each affiliate = commissions and posted adjustments that no payment sent."""
    libro = {
        (f["afiliado"], f["moneda"]): cuantizar(-f["suma"], f["moneda"])
        for f in Apunte.objects.filter(cuenta=Cuenta.POR_PAGAR)
        .values("afiliado", "moneda")
        .annotate(suma=Sum("importe"))
        .order_by()
    }
    debido = {
        (f["afiliado"], f["moneda"]): cuantizar(f["suma"], f["moneda"])
        for f in Comision.objects.filter(estado__in=POR_PAGAR)
        .filter(~Q(item_vivo__pago__estado__in=_SALIDOS))
        .values("afiliado", "moneda")
        .annotate(suma=Sum("monto"))
        .order_by()
    }
    for f in (
        Ajuste.objects.filter(estado=EstadoAjuste.CONTABILIZADO)
        .filter(~Q(item_vivo__pago__estado__in=_SALIDOS))
        .values("afiliado", "moneda")
        .annotate(suma=Sum("monto"))
        .order_by()
    ):
        quien = (f["afiliado"], f["moneda"])
        debido[quien] = debido.get(quien, Decimal(0)) + f["suma"]
    cero = Decimal(0)
    for clave in sorted(libro.keys() | debido.keys()):
        if libro.get(clave, cero) != cuantizar(debido.get(clave, cero), clave[1]):
            yield (
                f"afiliado {clave[0]} {clave[1]}: el libro debe {libro.get(clave, cero)} y las "
                f"comisiones {debido.get(clave, cero)}"
            )


def _una_comision_por_conversion() -> Iterator[str]:
    repetidas = Comision.objects.values("conversion", "nivel").annotate(n=Count("id"))
    for fila in repetidas.filter(n__gt=1).order_by().iterator():
        yield f"conversión {fila['conversion']} nivel {fila['nivel']}: {fila['n']} comisiones"


def _conversiones_servidas() -> Iterator[str]:
    """A conversion whose event was handled has its commission, unless it was refused."""
    evento = OutboxEvent.objects.filter(
        aggregateid=OuterRef("id_publico"), type="ConversionRegistrada"
    ).values("evento_id")[:1]
    huerfanas = (
        Conversion.objects.exclude(
            estado__in=(EstadoConversion.RECHAZADA, EstadoConversion.REVERTIDA)
        )
        .filter(comisiones=None)
        .annotate(evento=Subquery(evento))
    )
    for conversion in huerfanas.iterator():
        procesado = EventoProcesado.objects.filter(
            suscripcion="comisiones", evento_id=conversion.evento
        )
        if conversion.evento is None:
            yield f"{conversion.id_publico}: sin evento"
        elif procesado.exists():
            yield f"{conversion.id_publico}: su evento se procesó y no tiene comisión"


def _montos_explicados() -> Iterator[str]:
    """Each amount is the one of its frozen inputs, to the last digit."""
    for id_publico, distintas in repasar():
        if distintas:
            yield f"{id_publico}: {'; '.join(distintas)}"


def _aprobadas_asentadas() -> Iterator[str]:
    """What is owed or paid was posted once, with its amount less what refunds took since."""
    propio = Q(asiento__origen=OuterRef("id_publico"), asiento__tipo=TipoAsiento.APROBACION)
    por_pagar = Apunte.objects.filter(cuenta=Cuenta.POR_PAGAR)
    asentado = (
        por_pagar.filter(propio).values("asiento__origen").annotate(s=Sum("importe")).values("s")
    )
    reversos = Reverso.objects.filter(comision=OuterRef(OuterRef("pk"))).values("id_publico")
    quitado = (
        por_pagar.filter(asiento__tipo=TipoAsiento.REVERSO, asiento__origen__in=reversos)
        .values("cuenta")
        .annotate(s=Sum("importe"))
        .values("s")
    )
    aprobadas = Comision.objects.filter(estado__in=YA_APROBADA, monto__gt=0).annotate(
        asentado=Subquery(asentado),
        neto=F("asentado") + Coalesce(Subquery(quitado), Value(0), output_field=DecimalField()),
    )
    for comision in aprobadas.filter(
        Q(asentado=None) | Q(neto__gt=PELO - F("monto")) | Q(neto__lt=-PELO - F("monto"))
    ).iterator():
        yield f"{comision.id_publico}: {comision.monto} aprobado, {comision.asentado} asentado"


def _devoluciones() -> Iterator[str]:
    """Reversals never pass the original; a full refund ends at exactly 0; rows of a payment stay.

    What a refund has still to take is on its way as an event: it is late, not wrong.
    """
    quitados: dict[int, list[Decimal]] = {}
    for reverso in Reverso.objects.select_related("movimiento").iterator():
        suma = quitados.setdefault(reverso.comision_id, [Decimal(0), Decimal(0), Decimal(0)])
        suma[0] += reverso.monto
        suma[1] += Decimal(0) if reverso.ajuste_id else reverso.monto
        suma[2] -= reverso.movimiento.monto
        if reverso.ajuste_id and reverso.ajuste and reverso.ajuste.monto != -reverso.monto:
            yield f"{reverso.id_publico}: su ajuste no es de {-reverso.monto}"
    for comision in Comision.objects.filter(
        Q(pk__in=list(quitados)) | ~Q(revertido=0)
    ).select_related("conversion").iterator():  # fmt: skip
        total, reducido, devuelto = quitados.get(comision.pk, [Decimal(0)] * 3)
        original = comision.monto + comision.revertido
        if total > original or reducido != comision.revertido:
            yield f"{comision.id_publico}: reversos {total} de {original}"
        if devuelto == comision.conversion.valor and total != original:
            yield f"{comision.id_publico}: devuelta entera y quedan {original - total}"


def _movimientos() -> Iterator[str]:
    """The movements of a sale add up to what is left of it, and its state says so."""
    sumas = (
        MovimientoConversion.objects.values(
            "conversion__id_publico", "conversion__estado", "conversion__valor", "moneda"
        )
        .annotate(queda=Sum("monto"))
        .order_by()
    )
    for f in sumas.iterator():
        queda, valor = cuantizar(f["queda"], f["moneda"]), f["conversion__valor"]
        entera = not queda
        dicho = f["conversion__estado"] == EstadoConversion.REVERTIDA
        if not 0 <= queda < valor or entera != dicho:
            yield (
                f"{f['conversion__id_publico']}: {f['conversion__estado']} y quedan "
                f"{queda} de {valor}"
            )


def _pagos_cuadran() -> Iterator[str]:
    for pago in Pago.objects.annotate(suma=Sum("items__importe")).iterator():
        if pago.suma is None or cuantizar(pago.suma, pago.moneda) != pago.bruto:
            yield f"{pago.id_publico}: {pago.bruto} y sus comisiones {pago.suma}"
    vivos = ItemPago.objects.exclude(pago__estado__in=PAGO_SIN_EFECTO)
    for cosa in ("comision", "ajuste"):
        dobles = vivos.exclude(**{cosa: None}).values(cosa).annotate(n=Count("id"))
        for fila in dobles.filter(n__gt=1).order_by().iterator():
            yield f"{cosa} {fila[cosa]}: en {fila['n']} pagos vivos"
        ajenos = ItemPago.objects.exclude(**{cosa: None}).exclude(
            **{f"{cosa}__moneda": F("moneda"), f"{cosa}__afiliado": F("pago__afiliado")}
        )
        for item in ajenos.iterator():
            yield f"item de pago {item.pk}: su {cosa} es de otra moneda o afiliado"
    for item in ItemPago.objects.exclude(moneda=F("pago__moneda")).iterator():
        yield f"item de pago {item.pk}: moneda {item.moneda}"


def _lotes_cuadran() -> Iterator[str]:
    """What was frozen is what is paid; whoever prepared a batch did not release it."""
    for lote in LotePago.objects.exclude(huella="").iterator():
        # A retry pays what its failed payment did not.
        importes = list(lote.pagos.filter(reintento=None).values_list("importe", flat=True))
        if sum(importes) != lote.total or len(importes) != lote.numero_pagos:
            yield f"{lote.id_publico}: {lote.total} congelado y sus pagos {sum(importes)}"
    for lote in LotePago.objects.exclude(liberado_por="").filter(
        Q(liberado_por=F("preparado_por")) | Q(liberado_por=F("congelado_por"))
    ):
        yield f"{lote.id_publico}: preparado y liberado por {lote.liberado_por}"


def _pagadas_pagadas() -> Iterator[str]:
    for comision in Comision.objects.filter(estado=EstadoComision.PAGADA).exclude(
        item_vivo__pago__estado__in=_PAGADOS
    ):
        yield f"{comision.id_publico}: pagada sin un pago confirmado"
    for item in ItemPago.objects.filter(pago__estado__in=_PAGADOS, comision__isnull=False).exclude(
        comision__estado=EstadoComision.PAGADA
    ):
        yield f"pago {item.pago_id}: confirmado con una comisión sin pagar"
    for tipo, estados in (
        (TipoAsiento.PAGO, (*_SALIDOS, EstadoPago.FALLIDO)),
        (TipoAsiento.LIQUIDACION, _PAGADOS),
        (TipoAsiento.IMPAGO, (EstadoPago.FALLIDO,)),
    ):
        asentados = Asiento.objects.filter(tipo=tipo).values("origen")
        for pago in Pago.objects.filter(estado__in=estados).exclude(id_publico__in=asentados):
            yield f"{pago.id_publico}: {pago.estado} sin asiento de {tipo.value}"
    enviados = IntentoPago.objects.values("pago")
    for pago in Pago.objects.exclude(estado__in=(EstadoPago.LISTO, EstadoPago.ANULADO)).exclude(
        pk__in=enviados
    ):
        yield f"{pago.id_publico}: {pago.estado} sin intento"


def _en_curso_y_retenido() -> Iterator[str]:
    """What the ledger has on its way is what was sent and has no answer; what it has withheld is
    what was withheld from what was sent and did not come back."""
    for cuenta, campo, estados in (
        (Cuenta.COMPENSACION, "importe", PAGO_EN_CURSO),
        (Cuenta.RETENCION, "retenido", (*PAGO_EN_CURSO, EstadoPago.PAGADO)),
    ):
        libro = {
            f["moneda"]: cuantizar(-f["suma"], f["moneda"])
            for f in Apunte.objects.filter(cuenta=cuenta)
            .values("moneda")
            .annotate(suma=Sum("importe"))
            .order_by()
        }
        pagos = {
            f["moneda"]: cuantizar(f["suma"], f["moneda"])
            for f in Pago.objects.filter(estado__in=estados)
            .values("moneda")
            .annotate(suma=Sum(campo))
            .order_by()
        }
        for moneda in sorted(libro.keys() | pagos.keys()):
            dicho, hecho = libro.get(moneda, Decimal(0)), pagos.get(moneda, Decimal(0))
            if dicho != hecho:
                yield f"{cuenta.label} {moneda}: {dicho} en el libro y {hecho} en los pagos"


def _saldos_sellados() -> Iterator[str]:
    """Those of the last sealed day, and what came after, are what the whole ledger gives."""
    entero, con_sellos = saldos_desde(None), saldos_de_cuentas()
    for cuenta, moneda in sorted(entero.keys() | con_sellos.keys()):
        de_todo, sellado = (s.get((cuenta, moneda), CERO) for s in (entero, con_sellos))
        if de_todo != sellado:
            yield f"{cuenta} {moneda}: el libro da {de_todo} y los sellos {sellado}"


def _liquidaciones_seguidas() -> Iterator[str]:
    """Numbers of a series go from 1 to its last without a gap; amounts are their payment's."""
    for serie in SerieLiquidacion.objects.all():
        propias = Liquidacion.objects.filter(serie=serie.serie)
        numeros = propias.aggregate(n=Count("id"), primero=Min("numero"), ultimo=Max("numero"))
        if serie.ultimo and tuple(numeros.values()) != (serie.ultimo, 1, serie.ultimo):
            yield f"serie {serie.serie}: {numeros}, y el último dado es {serie.ultimo}"
    distintas = Liquidacion.objects.exclude(
        Q(tipo=TipoLiquidacion.LIQUIDACION, importe=F("pago__importe"))
        | Q(tipo=TipoLiquidacion.RECTIFICATIVA, importe=-F("pago__importe"))
    )
    for liquidacion in distintas.iterator():
        yield f"{liquidacion.numero_completo}: {liquidacion.importe} no es el importe de su pago"


def _separacion() -> Iterator[str]:
    for comision in Comision.objects.filter(
        regla__origen=OrigenRegla.MANUAL, aprobada_por=F("creada_por")
    ).iterator():
        yield f"{comision.id_publico}: fijada y aprobada por {comision.aprobada_por}"
    for ajuste in Ajuste.objects.filter(tipo__in=MANUALES, aprobado_por=F("creado_por")).iterator():
        yield f"{ajuste.id_publico}: redactado y aprobado por {ajuste.aprobado_por}"


def _un_evento_por_hecho() -> Iterator[str]:
    """Facts that happen once in the life of an aggregate were told once."""
    unicos = ("ConversionRegistrada", "ComisionCalculada", "ComisionAprobada", "ComisionPagada")
    repetidos = (
        OutboxEvent.objects.filter(type__in=(*unicos, "PagoConfirmado", "AfiliadoRegistrado"))
        .values("aggregateid", "type")
        .annotate(n=Count("posicion"))
        .filter(n__gt=1)
        .order_by()
    )
    for fila in repetidos.iterator():
        yield f"{fila['aggregateid']}: {fila['n']} × {fila['type']}"
    for tipo, modelo, filtro in (
        ("ConversionRegistrada", Conversion, Q()),
        ("ComisionCalculada", Comision, Q()),
        ("ComisionAprobada", Comision, Q(estado__in=YA_APROBADA)),
        ("ComisionPagada", Comision, Q(estado=EstadoComision.PAGADA)),
        ("AjusteContabilizado", Ajuste, Q(estado=EstadoAjuste.CONTABILIZADO)),
        ("PagoConfirmado", Pago, Q(estado__in=_PAGADOS)),
    ):
        contados = OutboxEvent.objects.filter(type=tipo).values("aggregateid")
        for uno in modelo.objects.filter(filtro).exclude(id_publico__in=contados).iterator():
            yield f"{uno.id_publico}: sin {tipo}"


def _eventos_entregados() -> Iterator[str]:
    """Each event is, for each subscription, handled, waiting or parked."""
    if settings.EVENTOS_TRANSPORTE != "embebido":
        return
    for consumidor in CONSUMIDORES.values():
        eventos = OutboxEvent.objects.all()
        if consumidor.tipos:
            eventos = eventos.filter(type__in=consumidor.tipos)
        propios = {"suscripcion": consumidor.nombre}
        perdidos = (
            eventos.exclude(
                evento_id__in=EventoProcesado.objects.filter(**propios).values("evento_id")
            )
            .exclude(pk__in=EntregaPendiente.objects.filter(**propios).values("evento"))
            .exclude(
                pk__in=EventoAparcado.objects.filter(reencolado_en=None, **propios).values("evento")
            )
        )
        for evento in perdidos.only("evento_id", "type").iterator():
            yield f"{evento.evento_id} {evento.type}: {consumidor.nombre} no lo tiene"


def _archivo_de_auditoria() -> Iterator[str]:
    """The committed part of ``events.jsonl`` holds each handled event once."""
    archivo = settings.AUDITORIA_ARCHIVO
    posicion = PosicionArchivo.objects.filter(nombre=archivo.name).first()
    if posicion is None:
        return
    if not archivo.exists() or archivo.stat().st_size < posicion.bytes:
        yield f"{archivo.name}: faltan líneas (¿se borró el archivo?)"
        return
    veces: Counter[str] = Counter()
    leidos = 0
    with archivo.open("rb") as entrada:
        for linea in entrada:
            if leidos >= posicion.bytes:
                break
            leidos += len(linea)
            veces[json.loads(linea)["id"]] += 1
    for evento_id, n in veces.items():
        if n > 1:
            yield f"{evento_id}: {n} veces en {archivo.name}"
    procesados = EventoProcesado.objects.filter(suscripcion="auditoria")
    for evento_id in procesados.values_list("evento_id", flat=True).iterator():
        if evento_id not in veces:
            yield f"{evento_id}: no está en {archivo.name}"


def _entregas_tarde() -> Iterator[str]:
    corte = timezone.now() - TARDE
    for entrega in EntregaPendiente.objects.filter(evento__created_at__lt=corte)[:20]:
        yield f"evento {entrega.evento_id}: {entrega.suscripcion} lo espera desde hace rato"
    for aparcado in EventoAparcado.objects.filter(reencolado_en=None)[:20]:
        yield f"evento {aparcado.evento_id}: {aparcado.suscripcion} lo tiene aparcado"


def _pagos_tarde() -> Iterator[str]:
    for pago in Pago.objects.filter(
        estado__in=PAGO_EN_CURSO,
        actualizado_en__lt=timezone.now() - TARDE,
    ):
        yield f"{pago.id_publico}: {pago.estado} desde {pago.actualizado_en:%Y-%m-%d %H:%M}"


def _extractos_tarde() -> Iterator[str]:
    corte = timezone.now() - TARDE
    for pendiente in (
        ExtractoPendiente.objects.filter(extracto__creado_en__lt=corte)
        .select_related("extracto")
        .defer("contenido_cifrado")
    ):
        error = f" ({pendiente.ultimo_error})" if pendiente.ultimo_error else ""
        yield f"{pendiente.extracto.id_publico}: le quedan líneas por aplicar{error}"


def _cadena_del_libro() -> Iterator[str]:
    rotura = primera_rotura()
    if rotura is not None:
        yield rotura


# It reads the whole ledger, so it is asked for.
CADENA = Comprobacion("Los sellos del libro son los de su contenido", _cadena_del_libro)

COMPROBACIONES = (
    Comprobacion("Cada asiento cuadra", _asientos_cuadran),
    Comprobacion("El saldo de cada afiliado es lo aprobado y no pagado", _saldos),
    Comprobacion("Una comisión por conversión y nivel", _una_comision_por_conversion),
    Comprobacion("Cada conversión procesada tiene su comisión", _conversiones_servidas),
    Comprobacion("Cada monto es el de su cálculo", _montos_explicados),
    Comprobacion("Lo aprobado está asentado una vez", _aprobadas_asentadas),
    Comprobacion("Las devoluciones quitan lo justo", _devoluciones),
    Comprobacion("Los movimientos de una venta suman lo que queda", _movimientos),
    Comprobacion("Cada pago suma sus comisiones y ninguna va en dos", _pagos_cuadran),
    Comprobacion("Cada lote paga lo que se congeló, y lo liberó otra persona", _lotes_cuadran),
    Comprobacion("Pagada es pagada, en la comisión, el pago y el libro", _pagadas_pagadas),
    Comprobacion("Lo que hay en curso y retenido es lo de los pagos", _en_curso_y_retenido),
    Comprobacion("Los saldos sellados son los del libro", _saldos_sellados),
    Comprobacion("Las liquidaciones van numeradas sin huecos", _liquidaciones_seguidas),
    Comprobacion("Nadie aprueba lo que fijó a mano", _separacion),
    Comprobacion("Cada hecho tiene su evento, una vez", _un_evento_por_hecho),
    Comprobacion("Cada evento está entregado, en cola o aparcado", _eventos_entregados),
    Comprobacion("events.jsonl tiene cada evento una vez", _archivo_de_auditoria),
    Comprobacion("Ninguna entrega va tarde", _entregas_tarde, aviso=True),
    Comprobacion("Ningún pago sigue sin resolver", _pagos_tarde, aviso=True),
    Comprobacion("Ningún extracto está a medias", _extractos_tarde, aviso=True),
)
