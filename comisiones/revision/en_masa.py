"""Decisions about many commissions: selected as they are now, confirmed by whoever saw them, worked
through by a task (``avance``)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.contrib.auth.models import User
from django.core.exceptions import EmptyResultSet
from django.db import DataError, connection, transaction
from django.db.models import Count, QuerySet, Sum, Value
from django.utils import timezone

from alpespartner.comun import cola
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.dinero import CERO, visible
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.textos import exigir_motivo
from comisiones.comision.estados import EN_REVISION, EstadoComision
from comisiones.comision.models import Comision
from comisiones.revision.errores import DecisionAjena, DecisionDeFichero, NadaQueDecidir
from comisiones.revision.estados import DECISION, AccionEnMasa, EstadoDecision, Resultado
from comisiones.revision.models import DecisionEnMasa, LineaEnMasa
from conversiones.ventas.motivos import razon

# Commissions of one decision.
LIMITE = 50_000
# What each decision takes, of one commission as of many.
PERMISOS = {
    AccionEnMasa.APROBAR: "comisiones.aprobar_comision",
    AccionEnMasa.RECHAZAR: "comisiones.rechazar_comision",
    AccionEnMasa.RETENER: "comisiones.rechazar_comision",
    AccionEnMasa.CORREGIR: "conversiones.devolver_conversion",
}
# One that nobody confirmed is forgotten after this long.
OLVIDO = timedelta(days=1)
_VIEJAS = Ronda()


def preparar_decision(
    *, accion: AccionEnMasa, comisiones: QuerySet[Comision], alcance: str, actor: Actor
) -> DecisionEnMasa:
    """Select commissions as they are now, at most ``LIMITE``, the oldest first. Nothing is decided
    until it is confirmed. Raises :class:`NadaQueDecidir`."""
    with transaction.atomic():
        decision = DecisionEnMasa.objects.create(
            id_publico=nuevo_id("dec"), accion=accion, alcance=alcance[:500], creada_por=str(actor)
        )
        decision.total = _congelar(decision, comisiones)
        if not decision.total:
            raise NadaQueDecidir()
        if decision.total == LIMITE:
            ultima = decision.lineas.latest("comision").comision_id
            decision.entera = not comisiones.filter(pk__gt=ultima).exists()
        sumar(decision)
        decision.save()
    return decision


def _congelar(decision: DecisionEnMasa, comisiones: QuerySet[Comision]) -> int:
    """Write the lines, read and written by one statement; returns how many. Raises
    :class:`NadaQueDecidir`."""
    columnas = ("decision_id", "comision_id", "version", "monto", "moneda", "estaba", "resultado",
                "detalle", "motivo", "motivo_codigo")  # fmt: skip
    elegidas = comisiones.order_by("pk").values_list(
        Value(decision.pk), "pk", "version", "monto", "moneda", "estado",
        Value(Resultado.POR_HACER.value), Value(""), Value(""), Value(""),
    )[:LIMITE]  # fmt: skip
    tabla = LineaEnMasa._meta.db_table
    try:
        sql, valores = elegidas.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {tabla} ({', '.join(columnas)}) {sql}", valores)
    except (EmptyResultSet, DataError):
        # None can be meant, or a key that no column holds.
        raise NadaQueDecidir() from None
    return decision.lineas.count()


def sumar(decision: DecisionEnMasa) -> None:
    """Say what its lines add up to, by currency: what is in review, or what corrections take from
    commissions, negative; the caller saves it."""
    if decision.accion == AccionEnMasa.CORREGIR:
        decision.sumas = {
            fila["moneda"]: [fila["n"], f"{-visible(fila['suma'], fila['moneda']):f}"]
            for fila in decision.lineas.values("moneda")
            .annotate(n=Count("pk"), suma=Sum("quita"))
            .order_by("moneda")
        }
        return
    filas = (
        decision.lineas.values("moneda", "estaba")
        .annotate(n=Count("pk"), suma=Sum("monto"))
        .order_by("moneda", "estaba")
    )
    sumas: dict[str, tuple[int, Decimal]] = {}
    for fila in filas:
        moneda = fila["moneda"]
        if fila["estaba"] not in EN_REVISION:
            decision.fuera += fila["n"]
            continue
        if fila["estaba"] == EstadoComision.RETENIDA:
            decision.retenidas += fila["n"]
        n, suma = sumas.get(moneda, (0, CERO))
        # SQLite adds decimals as binary fractions: right to the unit, not beyond.
        sumas[moneda] = (n + fila["n"], suma + visible(fila["suma"], moneda))
    decision.sumas = {moneda: [n, f"{suma:f}"] for moneda, (n, suma) in sumas.items()}


def confirmar_decision(
    *,
    decision: DecisionEnMasa,
    actor: Actor,
    motivo: str = "",
    motivo_codigo: str = "",
    con_su_fichero: bool = False,
) -> DecisionEnMasa:
    """Decide, from now on, what was selected; a task does it. Rejecting and holding take a reason,
    of the list or in words.

    Raises :class:`DecisionAjena` for anybody but who selected it, :class:`DecisionDeFichero` for
    one of a file without the rest of it, TransicionInvalida when it was confirmed before, and
    FaltaPresencia when approving that much needs it.
    """
    if decision.accion == AccionEnMasa.APROBAR and not motivo.strip():
        motivo, motivo_codigo = "", ""
    else:
        motivo, motivo_codigo = razon(motivo, motivo_codigo)
    with transaction.atomic():
        actual = _bloquear(decision.pk)
        if actual.creada_por != str(actor):
            raise DecisionAjena()
        if actual.fichero_id and not con_su_fichero:
            raise DecisionDeFichero()
        DECISION.exigir(actual, EstadoDecision.EN_CURSO)
        if actual.accion == AccionEnMasa.APROBAR:
            for moneda, (_n, suma) in actual.sumas.items():
                presencia.contar_aprobado(actor, moneda, Decimal(suma))
        actual.motivo, actual.motivo_codigo = motivo, motivo_codigo
        actual.confirmada_en = timezone.now()
        DECISION.transitar(
            actual,
            EstadoDecision.EN_CURSO,
            accion="confirmar",
            actor=actor,
            motivo=motivo,
            datos={
                "accion": actual.accion,
                "comisiones": actual.total,
                "sumas": actual.sumas,
                **({"motivo_codigo": motivo_codigo} if motivo_codigo else {}),
            },
            campos=("motivo", "motivo_codigo", "confirmada_en"),
        )
        encolar(actual.pk)
    return actual


def detener_decision(*, decision: DecisionEnMasa, actor: Actor, motivo: str) -> DecisionEnMasa:
    """Stop a decision; what was decided stays so. A reason is required."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = _bloquear(decision.pk)
        apartar_resto(actual, Resultado.DETENIDA, accion="detener", actor=actor, motivo=motivo)
    return actual


def apartar_resto(
    decision: DecisionEnMasa, resultado: Resultado, *, accion: str, actor: Actor, motivo: str
) -> None:
    """End a decision that the caller holds without deciding what is left. Raises
    TransicionInvalida when it is not running."""
    DECISION.exigir(decision, EstadoDecision.DETENIDA)
    resto = decision.lineas.filter(resultado=Resultado.POR_HACER)
    decision.apartadas += resto.update(resultado=resultado)
    DECISION.transitar(
        decision,
        EstadoDecision.DETENIDA,
        accion=accion,
        actor=actor,
        motivo=motivo,
        campos=("apartadas",),
    )


def puede_decidir(actor: Actor, accion: str) -> bool:
    """Whether a person is still of the staff and still has the permission for it."""
    permiso = PERMISOS.get(AccionEnMasa(accion)) if accion in AccionEnMasa.values else None
    if permiso is None or actor.tipo != "persona" or not actor.id.isdecimal():
        return False
    usuario = User.objects.filter(pk=actor.id, is_active=True, is_staff=True).first()
    return usuario is not None and usuario.has_perm(permiso)


def encolar(decision_pk: int) -> None:
    """Queue the work when the transaction commits; the sweeper covers a lost one."""
    cola.encolar("en_masa.avanzar", decision_pk)


def olvidar_sin_confirmar() -> int:
    """Forget the selections that nobody confirmed in time; returns how many."""
    viejas = DecisionEnMasa.objects.filter(
        estado=EstadoDecision.POR_CONFIRMAR, actualizado_en__lt=timezone.now() - OLVIDO,
        fichero=None,
    )  # fmt: skip

    def olvidar(pk: int) -> int:
        with transaction.atomic():
            # Somebody may be confirming it.
            if not viejas.filter(pk=pk).select_for_update(skip_locked=True).exists():
                return 0
            LineaEnMasa.objects.filter(decision=pk).delete()
            DecisionEnMasa.objects.filter(pk=pk).delete()
        return 1

    return _VIEJAS.cada(viejas, 20, olvidar, "selección sin confirmar")


def quien_no_confirma(decision: DecisionEnMasa, actor: Actor) -> str:
    """Why somebody may not confirm a selection; "" when they may."""
    if decision.fichero_id:
        return str(DecisionDeFichero.texto)
    return "" if decision.creada_por == str(actor) else str(DecisionAjena.texto)


def _bloquear(pk: int) -> DecisionEnMasa:
    decision = DecisionEnMasa.objects.select_for_update().filter(pk=pk).first()
    if decision is None:
        raise NadaQueDecidir()
    return decision
