"""What a policy pays for one conversion after another. No database, no Django.

Level 1 is the affiliate who sold; level 2 its referrer, and so on, paid by a rule of that level or
else by ``red`` (``regla`` is then "red"). When a rule accumulates over a period, conversions must
come in order of occurrence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from comisiones.motor.calculo import calcular
from comisiones.motor.errores import LineasInvalidas, TerminosInvalidos
from comisiones.motor.lineas import Linea, de_la_red, por_reglas
from comisiones.motor.periodos import clave_periodo
from comisiones.motor.precedencia import ReglaResuelta, resolver
from comisiones.motor.red import Ascendiente, ascendientes, repartir
from comisiones.motor.tipos import Acumulado, Hechos, Resultado
from comisiones.motor.validacion import validar_completos
from comisiones.simulaciones.errores import PoliticaInvalida
from comisiones.simulaciones.politica import NOMBRE_RED, Politica


class Pagada(NamedTuple):
    """A commission that the policy would pay; ``resultado.monto`` is in its ``moneda``."""

    afiliado: str
    regla: str
    nivel: int
    resultado: Resultado


Parte = tuple[ReglaResuelta, Hechos]
# Rule, affiliate, currency and key of the period.
ClavePeriodo = tuple[str, str, str, str]


class Evaluador:
    """Rules resolved once per combination of what they look at, and the state of each period.

    ``referentes``: the referrer of each affiliate that has one; ``nombre``: the policy's, for its
    errors. ``periodos`` is all it remembers from one conversion to the next.
    """

    def __init__(self, politica: Politica, nombre: str, referentes: Mapping[str, str]) -> None:
        self.politica = politica
        self.nombre = nombre
        self.referentes = referentes
        self.periodos: dict[ClavePeriodo, Acumulado] = {}
        self.resueltas: dict[tuple[str, ...], tuple[ReglaResuelta | None, ...]] = {}
        alcances = [regla.alcance for regla in politica.reglas]
        self.afiliados = {alcance.afiliado for alcance in alcances}
        self.tipos = {alcance.tipo_afiliado for alcance in alcances}
        self.productos = {alcance.producto for alcance in alcances}
        self.por_producto = self.productos != {None}
        self.campanas = {alcance.campana for alcance in alcances}
        self.cadenas: dict[str, tuple[Ascendiente, ...]] = {}
        self.niveles = politica.niveles
        self.niveles_con_regla = {regla.nivel for regla in politica.reglas}

    def pagar(self, hechos: Hechos, lineas: Sequence[Linea] = ()) -> list[Pagada]:
        """Commissions of one conversion, nearest level first; none without a rule. Of a level whose
        ``lineas`` follow several rules there is one for each rule.

        Raises the engine's errors, ``DineroInvalido`` and :class:`PoliticaInvalida`.
        """
        partes = self._partes(hechos, lineas, 1)
        pagadas = [self._pagar(1, *parte) for parte in partes]
        if partes and self.referentes:
            pagadas += self._red(hechos, lineas, partes)
        return pagadas

    def _partes(self, hechos: Hechos, lineas: Sequence[Linea], nivel: int) -> list[Parte]:
        """The rules that a level of a sale follows, each with the facts of what follows it."""
        if self.por_producto and len({linea.producto for linea in lineas}) > 1:
            partes = por_reglas(hechos, lineas, lambda suyos: self._resolver(suyos, nivel), _cual)
            if partes and partes[0].problema:
                raise LineasInvalidas("Sus líneas siguen varias reglas y no se pueden separar.")
            return [(parte.regla, parte.hechos) for parte in partes or ()]
        regla = self._resolver(hechos, nivel)
        return [] if regla is None else [(regla, hechos)]

    def _pagar(self, nivel: int, regla: ReglaResuelta, hechos: Hechos) -> Pagada:
        resultado = self._calcular(regla, hechos)
        return Pagada(hechos.afiliado, regla.version.regla, nivel, resultado)

    def _red(
        self, hechos: Hechos, lineas: Sequence[Linea], partes: Sequence[Parte]
    ) -> list[Pagada]:
        cadena = self._cadena(hechos.afiliado)
        pagadas: dict[int, list[Pagada]] = {}
        for nivel, (afiliado, _) in enumerate(cadena, start=2):
            if nivel not in self.niveles_con_regla:
                continue
            # The type of the ancestor is not among the facts of the sale.
            propios = replace(hechos, afiliado=afiliado, tipo_afiliado="")
            if suyas := self._partes(propios, lineas, nivel):
                pagadas[nivel] = [self._pagar(nivel, *parte) for parte in suyas]
        terminos, entera = de_la_red([(regla.terminos, suyos) for regla, suyos in partes])
        for pago in repartir(self.politica.red, cadena, terminos, entera, saltar=pagadas):
            pagadas[pago.nivel] = [Pagada(pago.afiliado, NOMBRE_RED, pago.nivel, pago.resultado)]
        return [pagada for nivel in sorted(pagadas) for pagada in pagadas[nivel]]

    def _cadena(self, afiliado: str) -> tuple[Ascendiente, ...]:
        cadena = self.cadenas.get(afiliado)
        if cadena is None:
            nombres = ascendientes(afiliado, self.referentes, self.niveles - 1)
            cadena = self.cadenas[afiliado] = tuple(map(Ascendiente, nombres))
        return cadena

    def _resolver(self, hechos: Hechos, nivel: int) -> ReglaResuelta | None:
        # Values that no rule names are alike: the keys stay as few as the rules.
        clave = (
            hechos.afiliado if hechos.afiliado in self.afiliados else "",
            hechos.tipo_afiliado if hechos.tipo_afiliado in self.tipos else "",
            hechos.producto if hechos.producto in self.productos else "",
            hechos.campana if hechos.campana in self.campanas else "",
            hechos.moneda,
        )
        niveles = self.resueltas.get(clave)
        if niveles is None:
            niveles = tuple(self._resolver_nivel(hechos, n) for n in range(1, self.niveles + 1))
            self.resueltas[clave] = niveles
        return niveles[nivel - 1]

    def _resolver_nivel(self, hechos: Hechos, nivel: int) -> ReglaResuelta | None:
        regla = resolver(self.politica.reglas, hechos, nivel)
        if regla is not None:
            try:
                validar_completos(regla.terminos)
            except TerminosInvalidos as error:
                nombre = regla.version.regla
                raise PoliticaInvalida(
                    self.nombre, self.politica.lineas[nombre], f"regla «{nombre}»: {error}"
                ) from error
        return regla

    def _calcular(self, regla: ReglaResuelta, hechos: Hechos) -> Resultado:
        terminos = regla.terminos
        if not terminos.acumula or terminos.periodo is None:
            return calcular(terminos, hechos)
        periodo = clave_periodo(terminos.periodo, self.politica.zona_horaria, hechos.ocurrida_en)
        clave = (regla.version.regla, hechos.afiliado, hechos.moneda, periodo)
        resultado = calcular(terminos, hechos, self.periodos.get(clave))
        if resultado.acumulado is not None:
            self.periodos[clave] = resultado.acumulado
        return resultado


def _cual(regla: ReglaResuelta) -> object:
    return regla.version.regla, regla.version.version, regla.terminos
