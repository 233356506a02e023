"""A stored conversion as the engine sees it."""

from __future__ import annotations

from afiliados.afiliado.models import Afiliado
from comisiones.motor import Concepto, Hechos
from comisiones.motor.lineas import Linea
from conversiones.ventas.lineas import lineas_de, monto_de
from conversiones.ventas.models import Conversion


def hechos_de_venta(conversion: Conversion, afiliado: Afiliado) -> Hechos:
    """Facts of a conversion credited to ``afiliado`` (the seller, or an ancestor of it).

    Partners attach products and metadata freely: ``productos`` gives the number of items (their
    ``cantidad``) and, when all are one product, its id (``producto_id``, ``id`` or ``sku``);
    ``metadatos`` gives ``impuesto``, ``envio`` and ``descuento`` as decimals of the same currency.
    What is not usable counts as absent: it must never stop a commission.
    """
    lineas = lineas_de_venta(conversion)
    nombres = {linea.producto for linea in lineas}
    return Hechos(
        valor=conversion.valor,
        moneda=conversion.moneda,
        ocurrida_en=conversion.ocurrida_en,
        # Over the engine's range it says so: paying another number of items would be a guess.
        cantidad=max(sum(linea.cantidad for linea in lineas), 1),
        nivel_afiliado=afiliado.nivel,
        afiliado=afiliado.id_publico,
        tipo_afiliado=afiliado.tipo_afiliado,
        producto=nombres.pop() if len(nombres) == 1 else "",
        campana=conversion.campana.id_publico,
        cupon=conversion.cupon,
        enlace=conversion.enlace,
        impuesto=monto_de(conversion.metadatos, Concepto.IMPUESTO),
        envio=monto_de(conversion.metadatos, Concepto.ENVIO),
        descuento=monto_de(conversion.metadatos, Concepto.DESCUENTO),
    )


def lineas_de_venta(conversion: Conversion) -> list[Linea]:
    """Lines of a sale, with or without what each cost."""
    return [
        Linea(linea.producto, linea.cantidad, linea.importe)
        for linea in lineas_de(conversion.productos, conversion.moneda)
    ]
