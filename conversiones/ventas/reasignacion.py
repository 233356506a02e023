"""Sales that are of another affiliate than it seemed.

What a sale earned goes with it, in the same transaction. Commissions are above sales: who moves
them says so here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import afiliados_fijos
from alpespartner.comun.actores import Actor
from alpespartner.comun.historial import paso
from alpespartner.comun.textos import exigir_motivo
from conversiones import eventos
from conversiones.ventas.errores import NoSeAsigna, SinAtribuir, YaEsSuyo
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.models import Conversion
from conversiones.ventas.validacion import exigir_que_admita
from outbox.publicacion import publicar


@dataclass(frozen=True, slots=True)
class Movida:
    """A commission that somebody has no more, or gets. ``como`` says how, in words: its state, its
    rule, why it waits, or that an adjustment moves it, for it was paid."""

    afiliado: str
    nivel: int
    monto: Decimal
    moneda: str
    como: str


@dataclass(frozen=True, slots=True)
class Traslado:
    """What moving a sale moved: what was lost, and what is earned instead."""

    pierden: tuple[Movida, ...] = ()
    ganan: tuple[Movida, ...] = ()


Trasladar = Callable[[Conversion, Actor], Traslado]
_QUIEN: list[Trasladar] = []


def registrar_quien_traslada(trasladar: Trasladar) -> None:
    """Say what moves the commissions of a sale, locked, to whoever it is of by then."""
    _QUIEN[:] = [trasladar]


def reasignar_conversion(
    *, conversion: Conversion, afiliado: Afiliado, motivo: str, actor: Actor
) -> Traslado:
    """Say that a sale is of another affiliate, with what it earned. A reason is required.

    Raises :class:`SinAtribuir`, :class:`YaEsSuyo`, :class:`NoSeAsigna`,
    :class:`AfiliadoNoAdmitido`, and what moving its commissions does. Its customer stays whose it
    is. That two persons said so is for its door to ask (``propuestas``).
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual, quien = bloquear_con_su_gente(conversion.pk, afiliado.pk)
        exigir_reasignable(actual, quien)
        anterior = actual.vendedor
        actual.afiliado = quien
        actual.version += 1
        actual.actualizado_en = timezone.now()
        actual.save(update_fields=["afiliado", "version", "actualizado_en"])
        paso(
            entidad="conversion", entidad_id=actual.id_publico, accion="reasignar", actor=actor,
            estado_anterior=actual.estado, estado_nuevo=actual.estado, motivo=motivo,
            datos={"afiliado_id": quien.id_publico, "anterior_id": anterior.id_publico},
        ).save()  # fmt: skip
        publicar(
            eventos.ConversionReasignada(
                conversion_id=actual.id_publico,
                afiliado_id=quien.id_publico,
                anterior_id=anterior.id_publico,
            ),
            version=actual.version,
        )
        [trasladar] = _QUIEN
        return trasladar(actual, actor)


def ensayar_reasignacion(
    *, conversion: Conversion, afiliado: Afiliado, motivo: str, actor: Actor
) -> Traslado:
    """What moving a sale would move; nothing is written. Raises as :func:`reasignar_conversion`."""
    with transaction.atomic():
        traslado = reasignar_conversion(
            conversion=conversion, afiliado=afiliado, motivo=motivo, actor=actor
        )
        transaction.set_rollback(True)
    return traslado


def bloquear_con_su_gente(venta: int, otro: int) -> tuple[Conversion, Afiliado]:
    """A sale and another affiliate, by their keys, locked as whoever calculates does: affiliates,
    whose sale it is among them, and then the sale."""
    suyo = Conversion.objects.values_list("afiliado_id", flat=True).get(pk=venta)
    fijos = afiliados_fijos({otro} if suyo is None else {otro, suyo})
    actual = (
        Conversion.objects.select_related("campana", "afiliado")
        .select_for_update(of=("self",))
        .get(pk=venta)
    )
    return actual, fijos[otro]


def exigir_reasignable(conversion: Conversion, afiliado: Afiliado) -> None:
    """Raises what :func:`reasignar_conversion` does of a sale and an affiliate as they are."""
    if conversion.afiliado_id is None:
        raise SinAtribuir()
    if conversion.afiliado_id == afiliado.pk:
        raise YaEsSuyo()
    if conversion.estado in SIN_COMISION:
        raise NoSeAsigna()
    exigir_que_admita(afiliado)
