"""What holds of payments and batches at any moment; what is only late is a warning."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from alpespartner.comun.dinero import visible
from alpespartner.comun.invariantes import TARDE, Comprobacion
from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import Ajuste
from comisiones.comision.estados import POR_PAGAR, EstadoComision
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte, Asiento, Cuenta, TipoAsiento
from comisiones.pagos.conciliacion.balance import FUERA, distintos, neto
from comisiones.pagos.conciliacion.extractos import hechos_de
from comisiones.pagos.estados import PAGO_EN_CURSO, PAGO_SIN_EFECTO, EstadoPago
from comisiones.pagos.models import (
    ExtractoPendiente,
    IntentoPago,
    ItemPago,
    LotePago,
    Pago,
    ResultadoLinea,
)
from outbox.invariantes import exigir_evento

# What a payment paid stays paid when the bank sends it back: that is owed anew.
_PAGADOS = (EstadoPago.PAGADO, EstadoPago.DEVUELTO)
_SALIDOS = (*PAGO_EN_CURSO, *_PAGADOS)

exigir_evento("ComisionPagada", lambda: Comision.objects.filter(estado=EstadoComision.PAGADA))
exigir_evento("PagoConfirmado", lambda: Pago.objects.filter(estado__in=_PAGADOS))


def _saldos() -> Iterator[str]:
    """Balance of each affiliate = commissions and posted adjustments that no payment sent."""
    libro = {
        (f["afiliado"], f["moneda"]): visible(-f["suma"], f["moneda"])
        for f in Apunte.objects.filter(cuenta=Cuenta.POR_PAGAR)
        .values("afiliado", "moneda")
        .annotate(suma=Sum("importe"))
        .order_by()
    }
    debido = {
        (f["afiliado"], f["moneda"]): visible(f["suma"], f["moneda"])
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
        if libro.get(clave, cero) != visible(debido.get(clave, cero), clave[1]):
            yield (
                f"afiliado {clave[0]} {clave[1]}: el libro debe {libro.get(clave, cero)} y las "
                f"comisiones {debido.get(clave, cero)}"
            )


def _pagos_cuadran() -> Iterator[str]:
    for pago in Pago.objects.annotate(suma=Sum("items__importe")).iterator():
        if pago.suma is None or visible(pago.suma, pago.moneda) != pago.bruto:
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
            f["moneda"]: visible(-f["suma"], f["moneda"])
            for f in Apunte.objects.filter(cuenta=cuenta)
            .values("moneda")
            .annotate(suma=Sum("importe"))
            .order_by()
        }
        pagos = {
            f["moneda"]: visible(f["suma"], f["moneda"])
            for f in Pago.objects.filter(estado__in=estados)
            .values("moneda")
            .annotate(suma=Sum(campo))
            .order_by()
        }
        for moneda in sorted(libro.keys() | pagos.keys()):
            asentado, pagado = libro.get(moneda, Decimal(0)), pagos.get(moneda, Decimal(0))
            if asentado != pagado:
                yield f"{cuenta.label} {moneda}: {asentado} en el libro y {pagado} en los pagos"


def _pagos_tarde() -> Iterator[str]:
    for pago in Pago.objects.filter(
        estado__in=PAGO_EN_CURSO,
        actualizado_en__lt=timezone.now() - TARDE,
    ):
        yield f"{pago.id_publico}: {pago.estado} desde {pago.actualizado_en:%Y-%m-%d %H:%M}"


def _movido_de_mas() -> Iterator[str]:
    """The money of a payment is out more often than its state says: only the bank, or who is paid,
    can give it back."""
    mirar = (ResultadoLinea.DE_MAS, ResultadoLinea.CONTRADICE)
    pagos = list(Pago.objects.filter(lineas__resultado__in=mirar).distinct().order_by("pk"))
    hechos = hechos_de(pagos)
    for pago in pagos:
        veces = neto(distintos(hechos[pago.pk]))
        if veces > FUERA.get(pago.estado, 0):
            yield f"{pago.id_publico}: {pago.estado} y el banco lo tiene fuera {veces} veces"


def _extractos_tarde() -> Iterator[str]:
    corte = timezone.now() - TARDE
    for pendiente in (
        ExtractoPendiente.objects.filter(extracto__creado_en__lt=corte, por_confirmar=False)
        .select_related("extracto")
        .defer("contenido_cifrado")
    ):
        error = f" ({pendiente.ultimo_error})" if pendiente.ultimo_error else ""
        yield f"{pendiente.extracto.id_publico}: le quedan líneas por aplicar{error}"


COMPROBACIONES = (
    Comprobacion("El saldo de cada afiliado es lo aprobado y no pagado", _saldos),
    Comprobacion("Cada pago suma sus comisiones y ninguna va en dos", _pagos_cuadran),
    Comprobacion("Cada lote paga lo que se congeló, y lo liberó otra persona", _lotes_cuadran),
    Comprobacion("Pagada es pagada, en la comisión, el pago y el libro", _pagadas_pagadas),
    Comprobacion("Lo que hay en curso y retenido es lo de los pagos", _en_curso_y_retenido),
    Comprobacion("Ningún pago sigue sin resolver", _pagos_tarde, aviso=True),
    Comprobacion("Ningún pago salió del banco de más", _movido_de_mas, aviso=True),
    Comprobacion("Ningún extracto está a medias", _extractos_tarde, aviso=True),
)
