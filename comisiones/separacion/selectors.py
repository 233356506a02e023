"""Separation of duties of commissions, decided here and nowhere else.

An author is tied to a commission by what it, or the same hands, did for it to exist. Persons do
not approve what they priced, nor whose sale they registered, by hand or from a file; keys, besides,
nothing that they calculated, but for those that have a scope for it. Who made a key and the key are
the same hands: what either is tied to, the other does not approve, and no scope lifts that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from afiliados.afiliado.condiciones import como_era
from afiliados.afiliado.models import Afiliado, CondicionesAfiliado
from afiliados.afiliado.selectors import CONDICIONES, autores_de, tocados_por
from afiliados.claves.models import Alcance
from afiliados.claves.selectors import afiliados_de_quien, clave_de
from alpespartner.comun.actores import Actor, de_texto
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Historial
from alpespartner.comun.separacion import manos
from comisiones.comision.models import Comision
from comisiones.reglas.models import OrigenRegla, VersionRegla
from conversiones.ventas.models import Conversion

# Farther up than any network pays.
_SALTOS = 50
# Steps of a sale that make it count: whoever sends a refused one again registers it, and whoever
# says whose it is.
_DE_REGISTRO = ("registrar", "reponer", "asignar", "reasignar")


class Relacion(models.TextChoices):
    """What an author did for a commission to exist, or has from it."""

    A_MANO = "a_mano", _("fijó sus condiciones a mano")
    COBRA = "cobra", _("cobra lo que paga")
    TARIFA = "tarifa", _("cambió las condiciones de su afiliado")
    REFERENTE = "referente", _("cambió quién refirió a su afiliado")
    REGLA = "regla", _("publicó la regla que la calcula")
    REGISTRO = "registro", _("registró su venta")
    CALCULO = "calculo", _("la calculó")


_R = Relacion
# Relations that keep each kind of author, and its hands, from approving.
VETOS: dict[str, frozenset[Relacion]] = {
    "persona": frozenset({_R.A_MANO, _R.TARIFA, _R.REFERENTE, _R.REGLA, _R.REGISTRO}),
    "clave": frozenset(_R),
    "sistema": frozenset(),
}
# Of a key's, those that ``comisiones:aprobar_propias`` lifts.
LEVANTA_EL_ALCANCE = frozenset({_R.REGISTRO, _R.CALCULO, _R.TARIFA, _R.REFERENTE, _R.REGLA})


def vetos_de(comision: Comision, actor: Actor) -> frozenset[Relacion]:
    """Relations for which an author may not approve a commission; empty when it may."""
    suyas = manos(actor)
    if not suyas:
        return frozenset()
    # What ties somebody is what an author of that kind did, whoever of the same hands asks.
    atan = {
        (relacion, tipo)
        for relacion, autor in _autores(comision)
        if autor in suyas and relacion in VETOS[tipo := de_texto(autor).tipo]
    }
    clave = clave_de(actor)
    if clave is not None and clave.permite(Alcance.COMISIONES_APROBAR_PROPIAS):
        atan -= {(relacion, "clave") for relacion in LEVANTA_EL_ALCANCE}
    vetos = {relacion for relacion, _tipo in atan}
    if comision.afiliado_id in afiliados_de_quien(actor):
        vetos.add(Relacion.COBRA)
    return frozenset(vetos)


def ajenas(comisiones: Collection[Comision], actor: Actor) -> set[int]:
    """Keys of those, of some commissions, to which certainly nothing ties an author.

    A few queries for all of them. Of the others it says nothing: :func:`vetos_de` does.
    """
    suyas = manos(actor)
    if not suyas:
        return {comision.pk for comision in comisiones}
    ventas = _ventas_de_su_red(comisiones)
    miradas = [*comisiones, *ventas.values()]
    registradas = _registradas({c.conversion_id for c in comisiones}, suyas)
    versiones = _versiones_publicadas(miradas, suyas)
    suyos = {c.afiliado_id for c in miradas}
    red = _hacia_arriba(_de_quien({c.conversion_id for c in comisiones if c.nivel > 1}))
    tocados = tocados_por(suyos | red, suyas)
    cobran = afiliados_de_quien(actor)

    def puede_atar(comision: Comision) -> bool:
        """By its own terms."""
        return (
            comision.creada_por in suyas
            or comision.afiliado_id in tocados
            or not versiones.isdisjoint(_nombres_de_versiones(comision))
        )

    def es_ajena(comision: Comision) -> bool:
        if puede_atar(comision) or comision.afiliado_id in cobran:
            return False
        if comision.conversion_id in registradas:
            return False
        if comision.nivel == 1:
            return True
        venta = ventas.get(comision.conversion_id)
        return venta is not None and not puede_atar(venta) and tocados.isdisjoint(red)

    return {comision.pk for comision in comisiones if es_ajena(comision)}


def _ventas_de_su_red(comisiones: Collection[Comision]) -> dict[int, Comision]:
    """By sale, the commission of the one who made it, for those of an ancestor."""
    conversiones = {c.conversion_id for c in comisiones if c.nivel > 1}
    ventas = Comision.objects.filter(conversion__in=conversiones, nivel=1, viva=True)
    return {venta.conversion_id: venta for venta in ventas} if conversiones else {}


def _registradas(conversiones: Collection[int], suyas: Collection[str]) -> set[int]:
    """Of some sales, by key, those that tie whoever of some authors registered them."""
    atan = [autor for autor in suyas if Relacion.REGISTRO in VETOS[de_texto(autor).tipo]]
    if not atan:
        return set()
    por_id = dict(Conversion.objects.filter(pk__in=conversiones).values_list("id_publico", "pk"))
    registros = Historial.objects.filter(
        entidad="conversion", entidad_id__in=list(por_id), accion__in=_DE_REGISTRO, actor__in=atan
    )
    return {por_id[id_publico] for id_publico in registros.values_list("entidad_id", flat=True)}


def _de_quien(conversiones: Collection[int]) -> set[int]:
    """Affiliates who made some sales."""
    ventas = Conversion.objects.filter(pk__in=conversiones)
    return set(ventas.values_list("afiliado_id", flat=True)) if conversiones else set()


def _hacia_arriba(afiliados: set[int]) -> set[int]:
    """Those affiliates and whoever referred them, by any of their terms, up the network."""
    vistos: set[int] = set()
    nuevos = afiliados
    while nuevos:
        vistos |= nuevos
        de_ahora = Afiliado.objects.filter(pk__in=nuevos, referente__isnull=False)
        con_fecha = CondicionesAfiliado.objects.filter(afiliado__in=nuevos, referente__isnull=False)
        nuevos = {
            pk
            for filas in (de_ahora, con_fecha)
            for pk in filas.order_by().values_list("referente_id", flat=True)
            if pk is not None
        } - vistos
    return vistos


def _nombres_de_versiones(comision: Comision) -> set[tuple[int, int]]:
    """As :func:`_versiones_de`: rule and number of those that lend it terms; the one that pays it
    has its key and no number."""
    nombres = {
        (int(regla), int(numero))
        for _campo, regla, numero in comision.traza.get("hereda", ())
        if str(regla).isdecimal()
    }
    return {*nombres, (0, comision.version_regla_id or 0)}


def _versiones_publicadas(
    comisiones: Collection[Comision], suyas: Collection[str]
) -> set[tuple[int, int]]:
    """Of the versions of some commissions, those that some authors published."""
    nombres: set[tuple[int, int]] = set().union(*map(_nombres_de_versiones, comisiones))
    publicadas = VersionRegla.objects.filter(
        Q(pk__in={n for regla, n in nombres if not regla})
        | Q(regla__in={regla for regla, _n in nombres if regla}),
        publicada_por__in=suyas,
    ).values_list("pk", "regla_id", "numero")
    return {nombre for pk, regla, n in publicadas for nombre in ((0, pk), (regla, n))}


def por_sus_manos(comisiones: QuerySet[Comision], actor: Actor) -> QuerySet[Comision]:
    """Of some commissions, those whose sale an author or the same hands registered, and those that
    keys in those hands calculated, or whose affiliate they registered."""
    registros = _registrado(_claves_de(actor))
    return comisiones.filter(
        hechas_por_sus_manos(actor)
        | Exists(registros.filter(entidad="afiliado", entidad_id=OuterRef("afiliado__id_publico")))
    )


def hechas_por_sus_manos(actor: Actor) -> Q:
    """Commissions that keys in the same hands as an author calculated, or whose sale any of those
    hands registered: no person of them approves them."""
    ventas = _registrado(manos(actor)).filter(entidad="conversion")
    return Q(creada_por__in=_claves_de(actor)) | Q(
        Exists(ventas.filter(entidad_id=OuterRef("conversion__id_publico")))
    )


def _claves_de(actor: Actor) -> list[str]:
    return [autor for autor in manos(actor) if de_texto(autor).tipo == "clave"]


def _registrado(autores: Collection[str]) -> QuerySet[Historial]:
    return Historial.objects.filter(actor__in=autores, accion__in=_DE_REGISTRO)


def exigir_otras_manos(comision: Comision, actor: Actor) -> None:
    """Raises :class:`CuatroOjos` when an author may not approve a commission."""
    vetos = vetos_de(comision, actor)
    if not vetos:
        return
    que = ", ".join(str(relacion.label) for relacion in Relacion if relacion in vetos)
    raise CuatroOjos(
        _(
            "Quien la aprueba, o unas manos que son las suyas (una clave que creó, quien creó la "
            "clave u otra de su titular), %(que)s: la aprueba otra persona."
        )
        % {"que": que}
    )


def _autores(comision: Comision) -> Iterator[tuple[Relacion, str]]:
    """Each relation with whoever has it."""
    yield Relacion.CALCULO, comision.creada_por
    registros = historial_de("conversion", comision.conversion.id_publico)
    for autor in registros.filter(accion__in=_DE_REGISTRO).values_list("actor", flat=True):
        yield Relacion.REGISTRO, autor
    yield from _de_sus_condiciones(comision)
    if comision.nivel > 1:
        yield from _de_la_red(comision)


def _de_sus_condiciones(comision: Comision) -> Iterator[tuple[Relacion, str]]:
    """Whoever said what it pays."""
    if comision.regla is not None and comision.regla.origen == OrigenRegla.MANUAL:
        yield Relacion.A_MANO, comision.creada_por
    for autor in autores_de(
        comision.afiliado,
        CONDICIONES,
        antes_de=_calculada_en(comision),
        en=comision.conversion.ocurrida_en,
    ):
        yield Relacion.TARIFA, autor
    for autor in _versiones_de(comision).values_list("publicada_por", flat=True):
        yield Relacion.REGLA, autor


def _versiones_de(comision: Comision) -> models.QuerySet[VersionRegla]:
    """The version that pays it, and those that lend it terms."""
    cuales = Q(pk=comision.version_regla_id)
    for _campo, regla, numero in comision.traza.get("hereda", ()):
        # The affiliate's own terms are no version.
        if str(regla).isdecimal():
            cuales |= Q(regla=int(regla), numero=numero)
    return VersionRegla.objects.filter(cuales)


def _de_la_red(comision: Comision) -> Iterator[tuple[Relacion, str]]:
    """What an ancestor earns comes from what the sale pays, and from who referred whom."""
    venta = (
        Comision.objects.select_related("afiliado", "regla")
        .filter(conversion=comision.conversion_id, nivel=1, viva=True)
        .first()
    )
    if venta is not None:
        yield from _de_sus_condiciones(venta)
    antes, venta_en = _calculada_en(comision), comision.conversion.ocurrida_en
    afiliado: Afiliado | None = comision.conversion.afiliado
    for _salto in range(_SALTOS):
        if afiliado is None or afiliado.pk == comision.afiliado_id:
            return
        for autor in autores_de(afiliado, ("referente",), antes_de=antes, en=venta_en):
            yield Relacion.REFERENTE, autor
        afiliado = como_era(afiliado, venta_en).referente


def _calculada_en(comision: Comision) -> int | None:
    """The history row of its calculation: what changed later did not make it.

    By row and not by time: its transaction held the affiliate still, and clocks differ.
    """
    return (
        historial_de("comision", comision.id_publico)
        .filter(accion__in=("calcular", "recalcular"))
        .values_list("pk", flat=True)
        .last()
    )
