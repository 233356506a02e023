"""Lines of statements that nothing else will settle: they wait until a person says that they looked
at them, and why nothing is left to do. What the bank said is never changed."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from alpespartner.comun.actores import Actor
from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.historial import paso
from alpespartner.comun.models import Historial
from alpespartner.comun.textos import exigir_motivo
from comisiones.pagos.errores import LineaNoEspera, LineaYaEspera
from comisiones.pagos.models import ExtractoBanco, LineaBanco, LineaPorMirar, ResultadoLinea

_R = ResultadoLinea
DIFERENCIAS = (_R.DESCONOCIDA, _R.IMPORTE_DISTINTO, _R.CONTRADICE, _R.DE_MAS, _R.ILEGIBLE)
ENTIDAD = "linea_banco"
# Lines of a statement that are looked at together; what is left, again.
A_LA_VEZ = 5_000


def id_de(linea: LineaBanco) -> str:
    """What its history calls a line: its statement and its number there."""
    return f"{linea.extracto.id_publico}/{linea.numero}"


def poner_por_mirar(extracto: ExtractoBanco, lineas: Sequence[LineaBanco]) -> None:
    """Have those of some new lines with a difference wait, in the caller's transaction."""
    numeros = [linea.numero for linea in lineas if linea.resultado in DIFERENCIAS]
    if numeros:
        # A bulk insert does not tell their keys on MySQL.
        claves = extracto.lineas.filter(numero__in=numeros).order_by("numero")
        insertar_todas([LineaPorMirar(linea_id=pk) for pk in claves.values_list("pk", flat=True)])


def dar_por_vista(*, linea: LineaBanco, actor: Actor, motivo: str) -> None:
    """Say that a line was looked at. A reason is required. Raises :class:`LineaNoEspera`."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        espera = LineaPorMirar.objects.select_for_update().filter(linea=linea.pk).first()
        if espera is None:
            raise LineaNoEspera()
        espera.delete()
        _paso(linea, "dar_por_vista", actor, motivo).save()


def dar_por_vistas(*, extracto: ExtractoBanco, actor: Actor, motivo: str) -> int:
    """Say it of the lines of a statement that still wait, at most ``A_LA_VEZ``; returns how many.
    Raises :class:`LineaNoEspera` when none does."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        suyas = LineaPorMirar.objects.filter(linea__extracto=extracto).order_by("id")
        esperan = list(suyas.select_for_update(of=("self",)).select_related("linea")[:A_LA_VEZ])
        if not esperan:
            raise LineaNoEspera()
        LineaPorMirar.objects.filter(pk__in=[espera.pk for espera in esperan]).delete()
        for espera in esperan:
            espera.linea.extracto = extracto
        insertar_todas([_paso(e.linea, "dar_por_vista", actor, motivo) for e in esperan])
        paso(
            entidad="extracto", entidad_id=extracto.id_publico, accion="dar_por_vistas",
            actor=actor, motivo=motivo, datos={"lineas": len(esperan)},
        ).save()  # fmt: skip
    return len(esperan)


def volver_a_mirar(*, linea: LineaBanco, actor: Actor, motivo: str) -> None:
    """Have a line wait again. A reason is required. Raises :class:`LineaYaEspera` for one that
    does, or that has no difference."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        if linea.resultado not in DIFERENCIAS:
            raise LineaYaEspera()
        _espera, nueva = LineaPorMirar.objects.get_or_create(linea=linea)
        if not nueva:
            raise LineaYaEspera()
        _paso(linea, "volver_a_mirar", actor, motivo).save()


def _paso(linea: LineaBanco, accion: str, actor: Actor, motivo: str) -> Historial:
    return paso(entidad=ENTIDAD, entidad_id=id_de(linea), accion=accion, actor=actor, motivo=motivo)
