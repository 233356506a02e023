"""Which terms apply to a conversion."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from math import inf
from typing import Any

from django.db.models import Q, QuerySet

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.db.remesa import Remesa
from comisiones import motor
from comisiones.motor import Alcance, Hechos, Terminos, Tipo
from comisiones.motor.congelado import terminos_de
from comisiones.motor.errores import ILEGIBLE
from comisiones.motor.lineas import Linea, por_reglas
from comisiones.motor.red import Red, Suspendido
from comisiones.motor.validacion import validar_completos
from comisiones.reglas.hechos import hechos_de_venta, lineas_de_venta
from comisiones.reglas.models import OrigenRegla, Regla, TipoComision, VersionRegla
from conversiones.ventas.models import Conversion

# Name of the affiliate's own terms among the engine's rules; the others are named by their key.
DE_AFILIADO = "afiliado"


@dataclass(frozen=True, slots=True)
class Aplicable:
    """Effective terms for one conversion and the rule (and version) that they come from.

    ``hechos`` are the conversion's, credited to whom these terms pay. ``origenes`` tells each
    inherited term with the rule and version that lend it. When its lines follow several rules,
    these terms and facts are of some of the lines and ``otras`` are those of the others;
    ``productos`` is then what each of its own cost. ``problema`` says why nothing can be paid by
    them.
    """

    regla: Regla
    version: VersionRegla | None
    terminos: Terminos
    hechos: Hechos
    origenes: tuple[tuple[str, str, int], ...] = field(default=())
    productos: tuple[tuple[str, Decimal], ...] = ()
    otras: tuple[Aplicable, ...] = ()
    problema: str = ""

    @property
    def todas(self) -> tuple[Aplicable, ...]:
        """The rules of all its lines, this one first."""
        return (self, *self.otras)


@dataclass(frozen=True, slots=True)
class VersionRed:
    """The network in force for a sale, and the version that says so."""

    modelo: VersionRegla
    red: Red


def _reglas(campanas: Collection[int]) -> QuerySet[Regla]:
    return Regla.objects.filter(
        Q(campana__in=campanas) | Q(campana=None),
        origen__in=[OrigenRegla.VERSION, OrigenRegla.AFILIADO],
    )


def _versiones(campanas: Collection[int], afiliados: Collection[int]) -> QuerySet[VersionRegla]:
    return VersionRegla.objects.filter(
        Q(regla__campana__in=campanas) | Q(regla__campana=None),
        # A programme may have terms for each of many thousands of affiliates.
        # Those of a level of the network may be an ancestor's, who is not known yet.
        Q(afiliado__in=afiliados) | Q(afiliado=None) | Q(nivel__gt=1),
        regla__origen=OrigenRegla.VERSION,
    ).order_by()


_REGLAS_DE_UNA = ConsultaFija(_reglas([0]))
_VERSIONES_DE_UNA = ConsultaFija(_versiones([0], [0]))


def regla_del_sistema(origen: OrigenRegla) -> Regla:
    """One of the rules without versions, made by a migration."""
    return Regla.objects.get(origen=origen)


class Tarifario:
    """Rules in force for a set of campaigns, read at most once for a whole batch.

    The engine's order of precedence decides (see ``motor.precedencia``); what was agreed with an
    affiliate is a rule of that affiliate. NULL inherits, 0 means zero. A rule whose amounts are in
    another currency does not apply. ``borrador`` is a version to try, not saved: it counts as
    published and in force whenever a conversion occurred.
    """

    def __init__(
        self,
        campanas: Iterable[int],
        afiliados: Iterable[int],
        borrador: VersionRegla | None = None,
    ) -> None:
        self._campanas = set(campanas)
        self._afiliados = set(afiliados)
        self._borrador = borrador
        self._del_motor: dict[int, motor.VersionRegla] = {}
        self._redes: dict[int | None, Red | None] = {}

    @cached_property
    def _leido(self) -> tuple[dict[int | None, list[VersionRegla]], Regla]:
        """Versions by campaign, newest first, and the rule of what is agreed with affiliates."""
        if len(self._campanas) == len(self._afiliados) == 1:
            (campana,), (afiliado,) = self._campanas, self._afiliados
            remesa = Remesa()
            versiones = remesa.leer(_VERSIONES_DE_UNA, campana, afiliado)
            reglas = remesa.leer(_REGLAS_DE_UNA, campana)
            remesa.enviar()
        else:
            versiones = list(_versiones(self._campanas, self._afiliados))
            reglas = list(_reglas(self._campanas))
        por_clave = {regla.pk: regla for regla in reglas}
        por_campana: dict[int | None, list[VersionRegla]] = {}
        for version in versiones:
            version.regla = por_clave[version.regla_id]
            por_campana.setdefault(version.regla.campana_id, []).append(version)
        if self._borrador is not None:
            de = self._borrador.regla.campana_id
            por_campana.setdefault(de, []).append(self._borrador)
        for lista in por_campana.values():
            lista.sort(key=lambda v: (v.regla_id, v.numero), reverse=True)
        return por_campana, next(r for r in reglas if r.origen == OrigenRegla.AFILIADO)

    @property
    def _versiones(self) -> dict[int | None, list[VersionRegla]]:
        return self._leido[0]

    @cached_property
    def nivel_maximo(self) -> int:
        """Deepest level of the network that some rule pays by itself."""
        return max((v.nivel for lista in self._versiones.values() for v in lista), default=1)

    def red(self, conversion: Conversion) -> VersionRed | None:
        """Network that pays for a sale: its campaign's or the programme's; None without any, or
        with one that cannot be read, of which :meth:`para` says nothing either.

        Of several in force, the one with the highest priority, then the newest.
        """
        modelo = self._red_en_vigor(conversion)
        red = None if modelo is None else self._red_legible(modelo)
        return None if modelo is None or red is None else VersionRed(modelo, red)

    def _red_en_vigor(self, conversion: Conversion) -> VersionRegla | None:
        for campana in (conversion.campana_id, None):
            en_vigor: dict[int, VersionRegla] = {}
            for version in self._versiones.get(campana, ()):
                if version is self._borrador:
                    version.vigente_desde = conversion.ocurrida_en
                if version.tipo == TipoComision.RED and _en_vigor(version, conversion):
                    # The newest of each rule comes first.
                    en_vigor.setdefault(version.regla_id, version)
            if en_vigor:
                return max(en_vigor.values(), key=_que_red)
        return None

    def para(self, conversion: Conversion, afiliado: Afiliado, nivel: int = 1) -> Aplicable | None:
        """Terms for a conversion at a network level, or None when no rule says what it pays.

        Rules by product may say something else of each of its lines. Nor does anybody say it while
        a version that it may fall under, or its network, cannot be read: an older one or another
        rule might pay something else. Other sales are none the worse.
        """
        hechos = hechos_de_venta(conversion, afiliado)
        modelos: dict[str, VersionRegla] = {}
        candidatas: list[motor.VersionRegla] = []
        propia = _de_afiliado(afiliado, hechos) if nivel == 1 else None
        if propia is not None:
            candidatas.append(propia)
        red = self._red_en_vigor(conversion) if nivel == 1 else None
        if red is not None and self._red_legible(red) is None:
            return None
        for campana in (conversion.campana_id, None):
            for version in self._versiones.get(campana, ()):
                if version.afiliado_id not in (None, afiliado.pk):
                    continue
                # Known here: reading them with each version would double the row.
                if version.afiliado_id is not None:
                    version.afiliado = afiliado
                if campana is not None:
                    version.regla.campana = conversion.campana
                if version is self._borrador:
                    version.vigente_desde = conversion.ocurrida_en
                nombre = f"{version.regla_id:012d}"
                if version.tipo == TipoComision.RED:
                    continue
                # Of the versions of a rule in force, the newest that is in this currency.
                if nombre in modelos or not _en_vigor(version, hechos):
                    continue
                try:
                    del_motor = self._traducida(version)
                except ILEGIBLE:
                    if _puede_ser_de(version, hechos, nivel):
                        return None
                    modelos[nombre] = version
                    continue
                terminos = del_motor.terminos
                if motor.lleva_montos(terminos) and terminos.moneda != hechos.moneda:
                    continue
                modelos[nombre] = version
                candidatas.append(del_motor)

        def aplicar(de_que: Hechos) -> Aplicable | None:
            return self._aplicable(motor.resolver(candidatas, de_que, nivel), de_que, modelos)

        if any(c.alcance.producto is not None for c in candidatas):
            lineas = lineas_de_venta(conversion)
            if len({linea.producto for linea in lineas}) > 1:
                return por_lineas(hechos, lineas, aplicar)
        return aplicar(hechos)

    def _aplicable(
        self,
        resuelta: motor.ReglaResuelta | None,
        hechos: Hechos,
        modelos: Mapping[str, VersionRegla],
    ) -> Aplicable | None:
        if resuelta is None:
            return None
        try:
            validar_completos(resuelta.terminos)
        except motor.TerminosInvalidos:
            # What it inherits from was withdrawn: nobody says what it pays.
            return None
        ganadora = resuelta.version.regla
        if ganadora == DE_AFILIADO:
            return Aplicable(self._leido[1], None, resuelta.terminos, hechos, resuelta.origenes)
        modelo = modelos[ganadora]
        return Aplicable(modelo.regla, modelo, resuelta.terminos, hechos, resuelta.origenes)

    def _traducida(self, version: VersionRegla) -> motor.VersionRegla:
        """As the engine takes it; once for a whole batch, but for a draft, which moves."""
        if version is self._borrador:
            return version_del_motor(version)
        if version.pk not in self._del_motor:
            self._del_motor[version.pk] = version_del_motor(version)
        return self._del_motor[version.pk]

    def _red_legible(self, version: VersionRegla) -> Red | None:
        """A network as the engine takes it, once for a whole batch; None for one that it cannot
        read."""
        if version.pk not in self._redes:
            try:
                self._redes[version.pk] = red_de(version.condiciones)
            except ILEGIBLE:
                self._redes[version.pk] = None
        return self._redes[version.pk]


def por_lineas(
    venta: Hechos, lineas: list[Linea], aplicar: Callable[[Hechos], Aplicable | None]
) -> Aplicable | None:
    """Terms of a sale of several products: of all of it when every line follows the same, else of
    the lines that follow each. None when no rule says what some line pays."""
    partes = por_reglas(venta, lineas, aplicar, _cual)
    if partes is None:
        return None
    primera, *otras = (
        replace(p.regla, hechos=p.hechos, productos=p.productos, problema=p.problema)
        for p in partes
    )
    return replace(primera, otras=tuple(otras))


def _cual(aplicable: Aplicable) -> object:
    return aplicable.regla.pk, aplicable.version, aplicable.terminos


def version_del_motor(version: VersionRegla) -> motor.VersionRegla:
    """A stored version as the engine takes it."""
    regla = version.regla
    return motor.VersionRegla(
        regla=f"{version.regla_id:012d}",
        version=version.numero,
        terminos=terminos_de_version(version),
        alcance=Alcance(
            afiliado=version.afiliado.id_publico if version.afiliado else None,
            producto=version.producto or None,
            cupon=version.cupon or None,
            enlace=version.enlace or None,
            tipo_afiliado=version.tipo_afiliado or None,
            campana=regla.campana.id_publico if regla.campana else None,
        ),
        nivel=version.nivel,
        prioridad=version.prioridad,
        vigente_desde=version.vigente_desde,
        vigente_hasta=version.vigente_hasta,
    )


def terminos_de_version(version: VersionRegla) -> Terminos:
    """Terms that a version says itself, before any inheritance."""
    return replace(
        terminos_de(version.condiciones),
        tipo=Tipo(version.tipo),
        moneda=version.moneda or None,
        porcentaje=version.porcentaje,
        monto_fijo=version.monto_fijo,
    )


def red_de(condiciones: Mapping[str, Any]) -> Red:
    """Network from the JSON of a version."""
    return Red(
        porcentajes=tuple(map(Decimal, condiciones["porcentajes"])),
        tope=Decimal(condiciones["tope"]),
        suspendido=Suspendido(condiciones["suspendido"]),
    )


def _puede_ser_de(version: VersionRegla, hechos: Hechos, nivel: int) -> bool:
    """Whether the scope of a version leaves room for a sale, its products aside, or for those above
    whoever made it."""
    return version.nivel >= nivel and all(
        suyo in ("", None, de_la_venta)
        for suyo, de_la_venta in (
            (version.cupon, hechos.cupon),
            (version.enlace, hechos.enlace),
            (version.tipo_afiliado, hechos.tipo_afiliado),
        )
    )


def _en_vigor(version: VersionRegla, venta: Hechos | Conversion) -> bool:
    finales = (version.vigente_hasta, version.regla.terminada_en)
    return version.vigente_desde <= venta.ocurrida_en and all(
        hasta is None or venta.ocurrida_en < hasta for hasta in finales
    )


def _que_red(version: VersionRegla) -> tuple[int, datetime, float]:
    """Of several networks the greatest pays; one that is not saved will be the newest."""
    return version.prioridad, version.vigente_desde, inf if version.pk is None else version.pk


def _de_afiliado(afiliado: Afiliado, hechos: Hechos) -> motor.VersionRegla | None:
    tasa, fija = afiliado.tasa_propia, afiliado.comision_fija
    if tasa is not None:
        terminos = Terminos(tipo=Tipo.PORCENTUAL, porcentaje=tasa)
    elif fija is not None and afiliado.moneda_comision == hechos.moneda:
        terminos = Terminos(tipo=Tipo.FIJA, moneda=hechos.moneda, monto_fijo=fija)
    else:
        return None
    return motor.VersionRegla(
        regla=DE_AFILIADO, version=0, terminos=terminos, alcance=Alcance(afiliado=hechos.afiliado)
    )
