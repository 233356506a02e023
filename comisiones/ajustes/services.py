"""All writes of adjustments: draft, approve (which posts), discard."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun import dinero
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import CuatroOjos, DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.separacion import manos_de, son_las_mismas
from alpespartner.comun.textos import exigir_motivo
from comisiones import eventos
from comisiones.ajustes.errores import SignoInvalido
from comisiones.ajustes.estados import AJUSTE, EstadoAjuste
from comisiones.ajustes.models import MANUALES, Ajuste, TipoAjuste
from comisiones.ajustes.selectors import quien_la_tiene
from comisiones.comision.models import Comision
from comisiones.libro.models import Cuenta, TipoAsiento
from comisiones.libro.services import Linea, asentar
from comisiones.separacion.selectors import exigir_otras_manos
from outbox.publicacion import publicar

MAX_CONCEPTO = 200


def crear_ajuste(
    *,
    afiliado: Afiliado,
    tipo: str,
    monto: Decimal,
    moneda: str,
    motivo: str,
    actor: Actor,
    concepto: str = "",
    comision: Comision | None = None,
) -> Ajuste:
    """Draft an adjustment by hand; somebody else approves it. ``monto`` is signed, positive in the
    affiliate's favour: a bonus is positive, a clawback negative. ``motivo`` stays among the staff;
    the affiliate reads ``concepto``. Raises :class:`DatoInvalido`."""
    if tipo not in MANUALES:
        raise DatoInvalido(_("Ese tipo de ajuste lo hace el sistema."), campo="tipo")
    motivo = exigir_motivo(motivo)
    concepto = concepto.strip()
    if len(concepto) > MAX_CONCEPTO:
        raise DatoInvalido(
            _("El concepto admite hasta %(n)s caracteres.") % {"n": MAX_CONCEPTO}, campo="concepto"
        )
    try:
        exacto = dinero.es_exacto(monto, moneda)
    except dinero.DineroInvalido as exc:
        raise DatoInvalido(exc, campo="moneda") from None
    if not exacto or not monto:
        raise DatoInvalido(_("No es un importe válido en esa moneda."), campo="monto")
    if (tipo == TipoAjuste.BONO and monto < 0) or (tipo == TipoAjuste.CLAWBACK and monto > 0):
        raise SignoInvalido()
    if comision is not None and (comision.afiliado_id, comision.moneda) != (afiliado.pk, moneda):
        raise DatoInvalido(_("La comisión es de otro afiliado o moneda."), campo="comision")
    with transaction.atomic():
        return _crear(afiliado, comision, tipo, monto, moneda, motivo, actor, concepto)


def _crear(
    afiliado: Afiliado,
    comision: Comision | None,
    tipo: str,
    monto: Decimal,
    moneda: str,
    motivo: str,
    actor: Actor,
    concepto: str = "",
) -> Ajuste:
    ajuste = Ajuste.objects.create(
        id_publico=nuevo_id("aj"),
        afiliado=afiliado,
        comision=comision,
        tipo=tipo,
        monto=monto,
        moneda=moneda,
        motivo=motivo,
        concepto=concepto,
        creado_por=str(actor),
    )
    paso(
        entidad="ajuste", entidad_id=ajuste.id_publico, accion="crear", actor=actor,
        estado_nuevo=ajuste.estado, motivo=motivo,
    ).save()  # fmt: skip
    return ajuste


def ajustar_por_hecho(
    *, comision: Comision, afiliado: Afiliado, tipo: str, monto: Decimal, motivo: str, actor: Actor
) -> Ajuste:
    """Draft, approve and post what a fact imposes (a refund, a sale of somebody else's): nobody
    decides it. ``afiliado`` is who has the commission now (``traspasos``)."""
    with transaction.atomic():
        ajuste = _crear(afiliado, comision, tipo, monto, comision.moneda, motivo, actor)
        _aprobar_y_contabilizar(ajuste, actor, "")
    return ajuste


def deber_de_nuevo(
    *,
    afiliado: Afiliado,
    monto: Decimal,
    moneda: str,
    contra: Sequence[Linea],
    motivo: str,
    actor: Actor,
) -> Ajuste:
    """Owe again, in the caller's transaction, what the bank sent back, against the given debits."""
    ajuste = _crear(afiliado, None, TipoAjuste.PAGO_DEVUELTO, monto, moneda, motivo, actor)
    _aprobar_y_contabilizar(ajuste, actor, "", contra=contra)
    return ajuste


def proponer_por_hecho(
    *, comision: Comision, tipo: str, monto: Decimal, motivo: str, actor: Actor
) -> Ajuste:
    """Draft what a fact suggests and a person decides, for whoever has the commission."""
    with transaction.atomic():
        de = quien_la_tiene(comision)
        return _crear(de, comision, tipo, monto, comision.moneda, motivo, actor)


def aprobar_ajuste(*, ajuste: Ajuste, actor: Actor, motivo: str = "") -> Ajuste:
    """Approve and post: it is owed, or deducted, from now on.

    Raises TransicionInvalida and :class:`CuatroOjos` for who drafted it.
    """
    with transaction.atomic():
        actual = _bloquear(ajuste)
        AJUSTE.exigir(actual, EstadoAjuste.APROBADO)
        if impedimento := por_que_no_aprueba(actual, actor):
            raise CuatroOjos(impedimento)
        presencia.contar_aprobado(actor, actual.moneda, actual.monto)
        _aprobar_y_contabilizar(actual, actor, motivo.strip())
    return actual


def por_que_no_aprueba(ajuste: Ajuste, actor: Actor) -> str:
    """Why somebody may not approve a draft, or "" when they may."""
    if son_las_mismas(ajuste.creado_por, actor):
        return _("Quien lo redactó no puede aprobarlo: lo aprueba otra persona.")
    if ajuste.comision is not None and not manos_de(ajuste.creado_por):
        # A fact suggested it, by the terms of the commission.
        try:
            exigir_otras_manos(ajuste.comision, actor)
        except CuatroOjos as exc:
            return exc.mensaje
    return ""


def descartar_ajuste(*, ajuste: Ajuste, actor: Actor, motivo: str) -> Ajuste:
    """Drop a draft. A reason is required; raises TransicionInvalida."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = _bloquear(ajuste)
        AJUSTE.transitar(
            actual, EstadoAjuste.DESCARTADO, accion="descartar", actor=actor, motivo=motivo
        )
    return actual


def _bloquear(ajuste: Ajuste) -> Ajuste:
    return (
        Ajuste.objects.select_related("afiliado", "comision")
        .select_for_update(of=("self",))
        .get(pk=ajuste.pk)
    )


def _aprobar_y_contabilizar(
    ajuste: Ajuste, actor: Actor, motivo: str, *, contra: Sequence[Linea] = ()
) -> None:
    ajuste.aprobado_por = str(actor)
    AJUSTE.transitar(
        ajuste,
        EstadoAjuste.APROBADO,
        accion="aprobar",
        actor=actor,
        motivo=motivo,
        campos=("aprobado_por",),
    )
    ajuste.contabilizado_en = timezone.now()
    AJUSTE.transitar(
        ajuste,
        EstadoAjuste.CONTABILIZADO,
        accion="contabilizar",
        actor=actor,
        campos=("contabilizado_en",),
    )
    asentar(
        tipo=TipoAsiento.AJUSTE,
        origen=ajuste.id_publico,
        lineas=[
            *(contra or [Linea(Cuenta.GASTO_COMISIONES, ajuste.monto, ajuste.moneda)]),
            Linea(Cuenta.POR_PAGAR, -ajuste.monto, ajuste.moneda, ajuste.afiliado),
        ],
    )
    publicar(
        eventos.AjusteContabilizado(
            ajuste_id=ajuste.id_publico,
            afiliado_id=ajuste.afiliado.id_publico,
            comision_id=ajuste.comision.id_publico if ajuste.comision else None,
            tipo=ajuste.tipo,
            monto=dinero.texto(ajuste.monto, ajuste.moneda),
            moneda=ajuste.moneda,
            motivo=ajuste.motivo,
            concepto=ajuste.concepto,
        ),
        version=ajuste.version,
    )
