"""What holds of approvals at any moment."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, DecimalField, F, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from alpespartner.comun.actores import de_texto
from alpespartner.comun.historial import historial_de
from alpespartner.comun.invariantes import PELO, TARDE, Comprobacion
from alpespartner.comun.separacion import son_las_mismas
from comisiones.ajustes.models import Reverso
from comisiones.comision.estados import YA_APROBADA
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte, Cuenta, TipoAsiento
from comisiones.reglas.models import OrigenRegla
from comisiones.revision.estados import SIN_APARTAR, EstadoDecision, Resultado
from comisiones.revision.models import DecisionEnMasa
from outbox.invariantes import exigir_evento

_ACABADAS = (EstadoDecision.TERMINADA, EstadoDecision.DETENIDA)

exigir_evento(
    "ComisionAprobada",
    lambda: Comision.objects.filter(estado__in=YA_APROBADA),
    dos_veces=lambda suya: (
        historial_de("comision", suya).filter(accion__in=("reponer", "devolver")).exists()
    ),
)


def _aprobadas_asentadas() -> Iterator[str]:
    """What is owed or paid was posted once, with its amount less what refunds took since."""
    propio = Q(
        asiento__origen=OuterRef("id_publico"),
        # One that was voided or sent back, and approved again, has several.
        asiento__tipo__in=(
            TipoAsiento.APROBACION,
            TipoAsiento.DEVOLUCION,
            TipoAsiento.ANULACION,
            TipoAsiento.REAPROBACION,
            TipoAsiento.REANULACION,
        ),
    )
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


def _separacion() -> Iterator[str]:
    for comision in Comision.objects.filter(
        regla__origen=OrigenRegla.MANUAL, estado__in=YA_APROBADA
    ).iterator():
        fijo, aprobo = de_texto(comision.creada_por), de_texto(comision.aprobada_por)
        # Who approved what a key had fixed may have made a key of that holder afterwards.
        if fijo.tipo != aprobo.tipo or not son_las_mismas(str(fijo), aprobo):
            continue
        yield f"{comision.id_publico}: fijada y aprobada por {comision.aprobada_por}"


def _cuentas_de_decisiones() -> Iterator[str]:
    """What a bulk decision says of its commissions is what its lines say."""
    for decision in DecisionEnMasa.objects.annotate(
        lineas_=Count("lineas"),
        hechas_=Count("lineas", filter=Q(lineas__resultado=Resultado.HECHA)),
        ya_=Count("lineas", filter=Q(lineas__resultado=Resultado.YA)),
        apartadas_=Count("lineas", filter=~Q(lineas__resultado__in=sorted(SIN_APARTAR))),
        faltan_=Count("lineas", filter=Q(lineas__resultado=Resultado.POR_HACER)),
    ).iterator():
        dicho = (decision.total, decision.hechas, decision.ya, decision.apartadas)
        hay = (decision.lineas_, decision.hechas_, decision.ya_, decision.apartadas_)
        if dicho != hay:
            yield f"{decision.id_publico}: dice {dicho} y sus líneas {hay}"
        elif decision.faltan_ and decision.estado in _ACABADAS:
            yield f"{decision.id_publico}: {decision.estado} con {decision.faltan_} por hacer"


def _decisiones_paradas() -> Iterator[str]:
    paradas = DecisionEnMasa.objects.filter(
        estado=EstadoDecision.EN_CURSO, actualizado_en__lt=timezone.now() - TARDE
    )
    for decision in paradas.iterator():
        yield f"{decision.id_publico}: sin avanzar desde {decision.actualizado_en:%Y-%m-%d %H:%M}"


COMPROBACIONES = (
    Comprobacion("Lo aprobado está asentado una vez", _aprobadas_asentadas),
    Comprobacion("Nadie aprueba lo que fijó a mano", _separacion),
    Comprobacion("Una decisión en masa cuenta lo que dicen sus líneas", _cuentas_de_decisiones),
    Comprobacion("Ninguna decisión en masa está parada", _decisiones_paradas, aviso=True),
)
