"""Decisions by file: what it would decide is looked at line by line and kept as it is then, as any
bulk decision is; confirming it confirms all of it, once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.insercion import insertar_todas
from alpespartner.comun.errores import NoPermitido
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.rondas import Ronda
from comisiones.comision.models import Comision
from comisiones.revision.correcciones import Correccion, Mesa, NoCorrige
from comisiones.revision.en_masa import OLVIDO, confirmar_decision, puede_decidir, sumar
from comisiones.revision.errores import DecisionAjena, FicheroRepetido, NadaQueDecidir
from comisiones.revision.estados import AccionEnMasa, CausaFila, Resultado
from comisiones.revision.examen import COLUMNAS, por_que_no, ya_esta
from comisiones.revision.hoja import DE_FICHERO, Fila, leer
from comisiones.revision.models import (
    DecisionEnMasa,
    FicheroDecisiones,
    FilaSaltada,
    LineaEnMasa,
)
from comisiones.separacion.selectors import ajenas
from conversiones.ventas.models import Conversion

# Lines that are looked up at once.
_TANDA = 500
_VIEJOS = Ronda()


@dataclass(frozen=True, slots=True)
class _Elegida:
    """A line, and the commission that it names as it was looked at; ``detalle`` says more of its
    cause, when it has one."""

    fila: Fila
    comision: Comision | None = None
    detalle: str = ""
    correccion: Correccion | None = None

    def saltada(self, causa: str, detalle: str = "") -> _Elegida:
        """The same line, which decides nothing."""
        return replace(self, fila=replace(self.fila, causa=causa), detalle=detalle)


def subir_fichero(*, contenido: bytes, nombre: str, actor: Actor) -> FicheroDecisiones:
    """Look at what a file would decide. Nothing is decided until it is confirmed.

    A file that was only looked at is looked at anew. Raises :class:`FicheroIlegible`, and
    :class:`FicheroRepetido` for one that was applied.
    """
    huella = hashlib.sha256(contenido).hexdigest()
    if FicheroDecisiones.objects.filter(huella=huella).exclude(confirmado_en=None).exists():
        raise FicheroRepetido()
    elegidas = _sin_repetir(_mirar(leer(contenido), actor))
    saltadas = [e for e in elegidas if e.fila.causa]
    with transaction.atomic():
        _olvidar(FicheroDecisiones.objects.filter(huella=huella))
        fichero = FicheroDecisiones(
            id_publico=nuevo_id("fic"), nombre=nombre[:200], huella=huella, filas=len(elegidas),
            n_saltadas=len(saltadas), subido_por=str(actor),
        )  # fmt: skip
        try:
            with transaction.atomic():
                fichero.save()
        except IntegrityError:
            # Confirmed meanwhile, or sent twice at once.
            raise FicheroRepetido() from None
        paso(
            entidad="fichero", entidad_id=fichero.id_publico, accion="subir", actor=actor,
            datos={"filas": fichero.filas, "saltadas": fichero.n_saltadas, "huella": huella},
        ).save()  # fmt: skip
        insertar_todas([_fila_saltada(fichero, elegida) for elegida in saltadas])
        for accion in DE_FICHERO:
            suyas = [e for e in elegidas if not e.fila.causa and e.fila.accion == accion]
            if suyas:
                _decision(fichero, accion, suyas, actor)
    return fichero


def _fila_saltada(fichero: FicheroDecisiones, elegida: _Elegida) -> FilaSaltada:
    fila = elegida.fila
    return FilaSaltada(
        fichero=fichero, numero=fila.numero, comision=fila.nombrada, decision=fila.accion,
        causa=fila.causa, detalle=elegida.detalle,
    )  # fmt: skip


def _decision(
    fichero: FicheroDecisiones, accion: AccionEnMasa, suyas: Sequence[_Elegida], actor: Actor
) -> None:
    decision = DecisionEnMasa.objects.create(
        id_publico=nuevo_id("dec"), accion=accion, fichero=fichero, creada_por=str(actor),
        alcance=_("Fichero %(nombre)s") % {"nombre": fichero.nombre}, total=len(suyas),
    )  # fmt: skip
    insertar_todas(
        [
            LineaEnMasa(
                decision=decision, comision=c, version=c.version, monto=c.monto, moneda=c.moneda,
                estaba=c.estado, motivo=elegida.fila.motivo,
                motivo_codigo=elegida.fila.motivo_codigo, **_corregida(elegida.correccion),
            )
            for elegida in suyas
            if (c := elegida.comision) is not None
        ]
    )  # fmt: skip
    sumar(decision)
    decision.save()


def _corregida(correccion: Correccion | None) -> dict[str, Decimal]:
    if correccion is None:
        return {}
    return {
        "valor": correccion.valor, "valor_nuevo": correccion.nuevo, "quita": correccion.quita,
    }  # fmt: skip


def _mirar(filas: Sequence[Fila], actor: Actor) -> Iterator[_Elegida]:
    """Each line with its commission, or with why it decides nothing."""
    for inicio in range(0, len(filas), _TANDA):
        tanda = filas[inicio : inicio + _TANDA]
        nombradas = _comisiones_de([fila for fila in tanda if not fila.causa])
        sin_lazos = ajenas([c for suyas in nombradas.values() for c in suyas], actor)
        elegidas = [_elegir(fila, nombradas.get(_llave(fila), [])) for fila in tanda]
        mesa = Mesa(
            [(e.comision, nuevo) for e in elegidas if e.comision and (nuevo := e.fila.valor_nuevo)]
        )
        for elegida in elegidas:
            if elegida.fila.causa or elegida.comision is None:
                yield elegida
            elif elegida.fila.valor_nuevo is not None:
                yield _corregir(elegida, elegida.comision, elegida.fila.valor_nuevo, mesa)
            else:
                yield _decidir(elegida, elegida.comision, actor, sin_lazos)


def _llave(fila: Fila) -> tuple[bool, str]:
    """What a line names, and whether it does by id."""
    return bool(fila.comision_id), fila.nombrada


def _elegir(fila: Fila, suyas: Sequence[Comision]) -> _Elegida:
    """A line with the one commission that it names; a correction is of its sale, so that any
    commission of it will do."""
    if fila.causa:
        return _Elegida(fila)
    if fila.valor_nuevo is not None and len({c.conversion_id for c in suyas}) == 1:
        suyas = [min(suyas, key=lambda c: (c.nivel, c.pk))]
    if len(suyas) != 1:
        return _Elegida(replace(fila, causa=CausaFila.VARIAS if suyas else CausaFila.NO_EXISTE))
    [comision] = suyas
    return _Elegida(fila, comision)


def _corregir(elegida: _Elegida, comision: Comision, nuevo: Decimal, mesa: Mesa) -> _Elegida:
    dicho = mesa.mirar(comision, nuevo)
    if isinstance(dicho, NoCorrige):
        return elegida.saltada(dicho.causa, dicho.detalle)
    return replace(elegida, correccion=dicho)


def _decidir(elegida: _Elegida, comision: Comision, actor: Actor, sin_lazos: set[int]) -> _Elegida:
    accion = AccionEnMasa(elegida.fila.accion)
    if ya_esta(comision, accion):
        return elegida.saltada(Resultado.YA)
    dicho = por_que_no(comision, accion, actor, ajena=comision.pk in sin_lazos)
    return elegida if dicho is None else elegida.saltada(*dicho)


def _comisiones_de(filas: Sequence[Fila]) -> dict[tuple[bool, str], list[Comision]]:
    """The commissions that some lines name, by id or by the reference of their sale."""
    ids = {fila.comision_id for fila in filas if fila.comision_id}
    referencias = {fila.referencia for fila in filas if not fila.comision_id}
    ventas = Conversion.objects.filter(referencia_externa__in=referencias)
    de_venta = dict(ventas.values_list("pk", "referencia_externa"))
    nombradas: dict[tuple[bool, str], list[Comision]] = defaultdict(list)
    for comision in _leer(Comision.objects.filter(id_publico__in=ids)):
        nombradas[True, comision.id_publico].append(comision)
    for comision in _leer(Comision.objects.filter(conversion__in=list(de_venta), viva=True)):
        nombradas[False, str(de_venta[comision.conversion_id])].append(comision)
    return nombradas


def _leer(comisiones: QuerySet[Comision]) -> Iterator[Comision]:
    """With their affiliates, of which many share one."""
    leidas = list(comisiones.only(*COLUMNAS).order_by("pk"))
    afiliados = Afiliado.objects.only("id_publico", "estado").in_bulk(
        {comision.afiliado_id for comision in leidas}
    )
    for comision in leidas:
        comision.afiliado = afiliados[comision.afiliado_id]
        yield comision


def _sin_repetir(elegidas: Iterable[_Elegida]) -> list[_Elegida]:
    """The lines, where each commission is decided by one: of two that say the same the first, and
    of two that do not, none. What corrects a sale is of all its commissions."""
    todas = list(elegidas)
    corregidas = {
        e.comision.conversion_id for e in todas if e.comision and e.fila.valor_nuevo is not None
    }

    def de_que(comision: Comision) -> tuple[bool, int]:
        venta = comision.conversion_id
        return (True, venta) if venta in corregidas else (False, comision.pk)

    dichas: dict[tuple[bool, int], set[tuple[str, Decimal | None]]] = defaultdict(set)
    for elegida in todas:
        if elegida.comision is not None:
            dichas[de_que(elegida.comision)].add((elegida.fila.accion, elegida.fila.valor_nuevo))
    vistas: set[tuple[bool, int]] = set()
    for n, elegida in enumerate(todas):
        if elegida.comision is None or elegida.fila.causa:
            continue
        llave = de_que(elegida.comision)
        if len(dichas[llave]) > 1:
            todas[n] = elegida.saltada(CausaFila.CONTRADICE)
        elif llave in vistas:
            todas[n] = elegida.saltada(CausaFila.REPETIDA)
        vistas.add(llave)
    return todas


def confirmar_fichero(*, fichero: FicheroDecisiones, actor: Actor) -> FicheroDecisiones:
    """Decide, from now on, what a file decides; tasks do it.

    Raises :class:`DecisionAjena` for anybody but who sent it, :class:`FicheroRepetido` when it was
    confirmed before, :class:`NadaQueDecidir`, NoPermitido without the permission for each of its
    decisions, and FaltaPresencia when approving that much needs it.
    """
    with transaction.atomic():
        actual = FicheroDecisiones.objects.select_for_update().filter(pk=fichero.pk).first()
        if actual is None:
            raise NadaQueDecidir()
        if actual.subido_por != str(actor):
            raise DecisionAjena()
        if actual.confirmado_en is not None:
            raise FicheroRepetido()
        decisiones = list(actual.decisiones.order_by("id"))
        if not decisiones:
            raise NadaQueDecidir()
        for decision in decisiones:
            if not puede_decidir(actor, decision.accion):
                raise NoPermitido(
                    _("No tienes permiso para «%(accion)s», que el fichero también decide.")
                    % {"accion": decision.get_accion_display()}
                )
            confirmar_decision(
                decision=decision, actor=actor, motivo=decision.alcance, con_su_fichero=True
            )
        actual.confirmado_en = timezone.now()
        actual.save(update_fields=["confirmado_en"])
        paso(
            entidad="fichero", entidad_id=actual.id_publico, accion="confirmar", actor=actor,
            datos={d.accion: {"comisiones": d.total, "sumas": d.sumas} for d in decisiones},
        ).save()  # fmt: skip
    return actual


def olvidar_ficheros() -> int:
    """Forget the files that nobody confirmed in time; returns how many."""
    viejos = FicheroDecisiones.objects.filter(
        confirmado_en=None, subido_en__lt=timezone.now() - OLVIDO
    )
    return _VIEJOS.cada(viejos, 5, _olvidar_uno, "fichero sin confirmar")


def _olvidar_uno(pk: int) -> int:
    with transaction.atomic():
        return _olvidar(FicheroDecisiones.objects.filter(pk=pk))


def _olvidar(ficheros: QuerySet[FicheroDecisiones]) -> int:
    """Forget some files, if nobody is confirming them; returns how many."""
    suyos = list(ficheros.filter(confirmado_en=None).select_for_update(skip_locked=True))
    if suyos:
        LineaEnMasa.objects.filter(decision__fichero__in=suyos).delete()
        DecisionEnMasa.objects.filter(fichero__in=suyos).delete()
        FilaSaltada.objects.filter(fichero__in=suyos).delete()
        FicheroDecisiones.objects.filter(pk__in=[f.pk for f in suyos]).delete()
    return len(suyos)


def por_que_no_confirma(fichero: FicheroDecisiones, actor: Actor) -> str:
    """Why somebody may not confirm a file; "" when they may."""
    return "" if fichero.subido_por == str(actor) else str(DecisionAjena.texto)
