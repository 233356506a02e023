"""What holds of sales at any moment."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, OuterRef, Subquery, Sum

from alpespartner.comun.dinero import CERO, visible
from alpespartner.comun.invariantes import Comprobacion
from conversiones.atribucion import Motivo
from conversiones.clientes import invariantes as clientes
from conversiones.clientes.models import Cliente
from conversiones.rastreo import invariantes as rastreo
from conversiones.rastreo.models import Clic
from conversiones.ventas.estados import CON_DEVOLUCIONES, EstadoConversion
from conversiones.ventas.informe import informe_de, reasignaciones_de
from conversiones.ventas.models import AtribucionVenta, Conversion, MovimientoConversion
from conversiones.ventas.selectors import esperan_a_una_que_llego
from outbox.invariantes import exigir_evento

# Reports of attribution that are made again.
_MUESTRA = 200

exigir_evento("ConversionRegistrada", Conversion.objects.all)
exigir_evento("ClienteRegistrado", Cliente.objects.all)
exigir_evento("ClienteVinculado", lambda: Cliente.objects.filter(afiliado__isnull=False))


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
        queda, valor = visible(f["queda"], f["moneda"]), f["conversion__valor"]
        if not valor:
            # What is worth nothing is neither given back nor left.
            continue
        estado = f["conversion__estado"]
        entera = not queda
        # The refusal of a sale that came again and was refused for good has no movement.
        tope = queda < valor if estado in CON_DEVOLUCIONES else queda == valor
        if queda < 0 or not tope or entera != (estado == EstadoConversion.REVERTIDA):
            yield (
                f"{f['conversion__id_publico']}: {f['conversion__estado']} y quedan "
                f"{queda} de {valor}"
            )


def _pendientes() -> Iterator[str]:
    """Whoever commits second, the sale or its refund, sees the other."""
    for d in esperan_a_una_que_llego().select_related("campana").iterator():
        yield f"{d.campana.id_publico}: {d.id_externo} espera a {d.referencia_externa}, que llegó"


def _de_quien_dice_su_decision() -> Iterator[str]:
    """A sale is of whom its decision credited; of one that credited nobody, a person said it, and
    of one that was reassigned, those who did."""
    decididas = AtribucionVenta.objects.exclude(motivo=Motivo.NINGUNO)
    for fila in decididas.select_related("conversion__afiliado").iterator():
        suyo = fila.conversion.afiliado
        ganan = [c.get("afiliado_id") for c in fila.candidatos if c.get("resultado") == "gana"]
        if cambios := reasignaciones_de(fila.conversion.id_publico):
            ganan = [cambios[-1].datos.get("afiliado_id")]
        if suyo is None or ganan[:1] != [suyo.id_publico] or len(ganan) > 1:
            yield f"{fila.conversion.id_publico}: no es de quien se decidió"


def _ningun_clic_posterior() -> Iterator[str]:
    """No sale is credited by a click that came after it."""
    por_clic = AtribucionVenta.objects.filter(motivo=Motivo.CLIC).annotate(
        clic_en=Subquery(Clic.objects.filter(id_publico=OuterRef("dato")).values("momento")[:1])
    )
    tardias = por_clic.filter(clic_en__gt=F("conversion__ocurrida_en"))
    for id_publico in tardias.values_list("conversion__id_publico", flat=True).iterator():
        yield f"{id_publico}: la trajo un clic posterior"


def _informes() -> Iterator[str]:
    """What each model credits of a sale adds up to it, of the last that a click brought."""
    filas = AtribucionVenta.objects.filter(motivo=Motivo.CLIC).select_related(
        "conversion__campana", "conversion__cliente"
    )
    for fila in filas.order_by("-pk")[:_MUESTRA]:
        venta = fila.conversion
        for modelo, partes in informe_de(venta).items():
            suma = sum((monto for _quien, monto in partes), CERO)
            if partes and suma != venta.valor:
                yield f"{venta.id_publico}: {modelo} reparte {suma} de {venta.valor}"


COMPROBACIONES = (
    *rastreo.COMPROBACIONES,
    *clientes.COMPROBACIONES,
    Comprobacion("Cada informe de atribución suma su venta", _informes),
    Comprobacion("Cada venta atribuida es de quien se decidió", _de_quien_dice_su_decision),
    Comprobacion("Ninguna venta es de un clic posterior", _ningun_clic_posterior),
    Comprobacion("Los movimientos de una venta suman lo que queda", _movimientos),
    Comprobacion("Ninguna devolución espera a una venta que ya está", _pendientes),
)
