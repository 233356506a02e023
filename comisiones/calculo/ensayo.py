"""What a sale would earn and what a refund would take: as it would be, for whoever undoes it."""

from __future__ import annotations

from decimal import Decimal

from alpespartner.comun.actores import sistema
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from conversiones.ventas.ensayo import Ganada, Quitada, registrar_quien_calcula
from conversiones.ventas.models import Conversion

ACTOR = sistema("ensayo")


def _ganar(conversion: Conversion) -> list[Ganada]:
    comisiones = calcular_comisiones(conversiones_ids=[conversion.id_publico], actor=ACTOR)
    return [
        Ganada(
            afiliado=comision.afiliado.nombre,
            nivel=comision.nivel,
            monto=comision.monto,
            moneda=comision.moneda,
            regla="" if comision.regla is None else str(comision.regla),
            espera=str(
                comision.get_motivo_retencion_display() if comision.motivo_retencion else ""
            ),
        )
        for comision in sorted(comisiones, key=lambda c: c.nivel)
    ]


def _quitar(conversion: Conversion) -> list[Quitada]:
    reversos = aplicar_devoluciones(conversiones_ids=[conversion.id_publico], actor=ACTOR)
    quitas: dict[int, Decimal] = {}
    for reverso in reversos:
        quitas[reverso.comision_id] = quitas.get(reverso.comision_id, Decimal(0)) + reverso.monto
    descontadas = {reverso.comision_id for reverso in reversos if reverso.ajuste_id is not None}
    comisiones = Comision.objects.select_related("afiliado").filter(pk__in=quitas).order_by("nivel")
    return [
        Quitada(
            comision=comision.id_publico,
            afiliado=comision.afiliado.nombre,
            estado=str(comision.get_estado_display()),
            quita=quitas[comision.pk],
            queda=comision.monto,
            moneda=comision.moneda,
            descontada=comision.pk in descontadas,
        )
        for comision in comisiones
    ]


registrar_quien_calcula(_ganar, _quitar)
