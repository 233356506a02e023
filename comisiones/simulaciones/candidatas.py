"""The kinds of candidate, as one thing that pays a stored sale after another.

Sales come in order of occurrence. ``recordar`` and ``memoria`` carry what an earlier sale left for
the later ones (periods, spending) from one portion of work to the next, as JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple, Protocol

from afiliados.afiliado.condiciones import Filas, como_era, leer
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.dinero import CERO
from comisiones.calculo.partes import cadenas_de, partes_de
from comisiones.calculo.renovaciones import como_renovacion
from comisiones.motor import calcular
from comisiones.motor.congelado import a_json, acumulado_de
from comisiones.reglas.hechos import hechos_de_venta, lineas_de_venta
from comisiones.reglas.models import TipoComision, VersionRegla
from comisiones.reglas.tarifa import Aplicable, Tarifario, terminos_de_version
from comisiones.simulaciones.evaluador import Evaluador
from comisiones.simulaciones.models import Simulacion
from comisiones.simulaciones.politica import politica_de
from comisiones.simulaciones.ventanas import Ventanas, vivas
from conversiones.ventas.models import Conversion

# Newer than any that is published: the newest version of a rule wins.
_NUMERO: Final = 2**31 - 1
# Affiliate's key and amount in the sale's currency.
Pago = tuple[int, Decimal]


class Hoy(NamedTuple):
    """What a sale earned somebody before refunds, and by which rule (its key).

    ``manual``: by terms given by hand.
    """

    nivel: int
    afiliado: int
    monto: Decimal
    regla: int | None
    manual: bool


class Candidata(Protocol):
    """Something that says what stored sales would have earned."""

    def preparar(self, conversiones: Sequence[Conversion]) -> None:
        """Read what a batch of sales needs."""

    def pagar(self, conversion: Conversion, hoy: Sequence[Hoy]) -> list[Pago]:
        """Amounts of one sale."""

    def recordar(self, memoria: list[Any]) -> None:
        """Go on from an earlier portion."""

    def memoria(self, ultima: datetime) -> list[Any]:
        """What later sales than ``ultima`` need, as JSON."""


def candidata_de(simulacion: Simulacion) -> Candidata:
    """The candidate of a backtest. Raises ``PoliticaInvalida``."""
    if simulacion.regla_id is None:
        return CandidataPolitica(simulacion.politica)
    if simulacion.borrador["tipo"] == TipoComision.RED:
        return CandidataRed(simulacion)
    return CandidataVersion(simulacion)


class CandidataPolitica:
    """A whole policy, in place of every rule."""

    def __init__(self, texto: str) -> None:
        politica = politica_de(texto)
        self._pks: dict[str, int] = {}
        referentes: dict[str, str] = {}
        if politica.niveles > 1:
            filas = Afiliado.objects.exclude(referente=None).values_list(
                "id_publico", "referente__id_publico", "referente_id"
            )
            for afiliado, referente, pk in filas.iterator(chunk_size=2000):
                referentes[afiliado] = referente
                self._pks[referente] = pk
        self._evaluador = Evaluador(politica, "politica", referentes)
        self._limites = politica.limites

    def preparar(self, conversiones: Sequence[Conversion]) -> None:
        """Nothing: the policy is all there is."""

    def pagar(self, conversion: Conversion, hoy: Sequence[Hoy]) -> list[Pago]:
        """What the policy pays each level."""
        vendedor = conversion.vendedor
        self._pks[vendedor.id_publico] = vendedor.pk
        hechos = hechos_de_venta(conversion, vendedor)
        hechos = como_renovacion(hechos, self._limites, conversion)
        pagadas = self._evaluador.pagar(hechos, lineas_de_venta(conversion))
        return [(self._pks[p.afiliado], p.resultado.monto) for p in pagadas]

    def recordar(self, memoria: list[Any]) -> None:
        """The periods of an earlier portion."""
        self._evaluador.periodos = {
            (regla, afiliado, moneda, periodo): acumulado_de(estado)
            for regla, afiliado, moneda, periodo, estado in memoria
        }

    def memoria(self, ultima: datetime) -> list[Any]:
        """Periods still open."""
        abiertas = vivas([self._evaluador.politica.zona_horaria], ultima)
        return [
            [*clave, a_json(acumulado)]
            for clave, acumulado in self._evaluador.periodos.items()
            if clave[3] in abiertas
        ]


class CandidataVersion:
    """Today's rules with one version more, in force all the time.

    It replaces the other versions of its rule. What neither it nor they paid keeps what it earned,
    whatever changed since: so the difference is the version's alone.
    """

    def __init__(self, simulacion: Simulacion) -> None:
        datos = dict(simulacion.borrador)
        for campo in ("porcentaje", "monto_fijo"):
            datos[campo] = None if datos[campo] is None else Decimal(datos[campo])
        self._borrador = VersionRegla(
            regla=simulacion.regla, numero=_NUMERO, vigente_desde=simulacion.desde, **datos
        )
        referentes = Afiliado.objects.exclude(referente=None).values_list("pk", "referente_id")
        self._referentes = dict(referentes) if self._borrador.nivel > 1 else {}
        self._superiores: dict[int, Afiliado] = {}
        self._condiciones: Filas = {}
        self._ventanas = Ventanas(terminos_de_version(self._borrador))

    def preparar(self, conversiones: Sequence[Conversion]) -> None:
        """The rules of these sales, and whoever referred their sellers."""
        vendedores = {c.vendedor.pk for c in conversiones}
        superiores = {self._ascendiente(pk) for pk in vendedores} - {None}
        self._superiores = Afiliado.objects.in_bulk(superiores)
        self._condiciones = leer(self._superiores.values())
        self._tarifario = Tarifario(
            (c.campana_id for c in conversiones),
            vendedores | self._superiores.keys(),
            borrador=self._borrador,
        )

    def _ascendiente(self, vendedor: int) -> int | None:
        """Who is at the draft's level over a seller."""
        actual: int | None = vendedor
        for _salto in range(self._borrador.nivel - 1):
            actual = self._referentes.get(actual) if actual is not None else None
        return actual

    def pagar(self, conversion: Conversion, hoy: Sequence[Hoy]) -> list[Pago]:
        """The draft's level as it says, the others as they are."""
        nivel = self._borrador.nivel
        pagos = [(h.afiliado, h.monto) for h in hoy if h.nivel != nivel]
        actual = next((h for h in hoy if h.nivel == nivel), None)
        pk = self._ascendiente(conversion.vendedor.pk) if actual is None else actual.afiliado
        if pk is not None:
            monto = CERO if actual is None else actual.monto
            if actual is None or not actual.manual:
                monto = self._calcular(conversion, pk, actual)
            pagos.append((pk, monto))
        for pk, monto in pagos:
            self._ventanas.gastar(conversion, pk, monto)
        return pagos

    def _calcular(self, conversion: Conversion, pk: int, actual: Hoy | None) -> Decimal:
        """What the draft pays, or whoever comes after where it takes its rule away."""
        monto = CERO if actual is None else actual.monto
        afiliado = self._quien(conversion, pk)
        nivel = self._borrador.nivel
        if afiliado is None:
            return monto
        aplicable = self._tarifario.para(conversion, afiliado, nivel)
        sustituida = actual is not None and actual.regla == self._borrador.regla_id
        if not sustituida and (aplicable is None or not _es_del_borrador(aplicable)):
            return monto
        if aplicable is None:
            return CERO
        if aplicable.problema:
            return monto
        return self._ventanas.pagar(conversion, pk, aplicable)

    def _quien(self, conversion: Conversion, pk: int) -> Afiliado | None:
        """Whose commission it is, as it was when the sale occurred."""
        if pk == conversion.afiliado_id:
            return conversion.vendedor
        superior = self._superiores.get(pk)
        if superior is None:
            return None
        return como_era(superior, conversion.ocurrida_en, self._condiciones)

    def recordar(self, memoria: list[Any]) -> None:
        """Periods and spending of an earlier portion."""
        self._ventanas.recordar(memoria)

    def memoria(self, ultima: datetime) -> list[Any]:
        """Periods and spending still open."""
        return self._ventanas.memoria(ultima)


class CandidataRed:
    """Today's rules with one network more, in force all the time.

    It replaces whatever network paid a sale, where it would be the one that is heard. What rules of
    a level of their own paid, or was given by hand, stays; so does all of a sale of which nobody
    says now what it pays, for a network pays of its base. Those above are the ones there are now.
    """

    def __init__(self, simulacion: Simulacion) -> None:
        datos = simulacion.borrador
        self._borrador = VersionRegla(
            regla=simulacion.regla, numero=_NUMERO, tipo=datos["tipo"],
            condiciones=datos["condiciones"], prioridad=datos["prioridad"],
            vigente_desde=simulacion.desde,
        )  # fmt: skip
        de_red = VersionRegla.objects.filter(tipo=TipoComision.RED)
        self._redes = set(de_red.values_list("regla_id", flat=True))

    def preparar(self, conversiones: Sequence[Conversion]) -> None:
        """The rules of these sales, and those above their sellers, whom nobody holds."""
        self._tarifario = Tarifario(
            (c.campana_id for c in conversiones),
            {c.vendedor.pk for c in conversiones},
            borrador=self._borrador,
        )
        self._cadenas = cadenas_de(conversiones, self._tarifario, Afiliado.objects.in_bulk)

    def pagar(self, conversion: Conversion, hoy: Sequence[Hoy]) -> list[Pago]:
        """The seller as it is, those above as the draft says."""
        como_hoy = [(h.afiliado, h.monto) for h in hoy]
        red = self._tarifario.red(conversion)
        if red is None or red.modelo is not self._borrador:
            return como_hoy
        venta = self._tarifario.para(conversion, conversion.vendedor)
        if venta is None or venta.problema:
            return como_hoy
        quedan = [h for h in hoy if h.nivel == 1 or h.manual or h.regla not in self._redes]
        pagos = [(h.afiliado, h.monto) for h in quedan]
        niveles = {h.nivel for h in quedan}
        for parte in partes_de(conversion, venta, self._cadenas, self._tarifario):
            suyo = parte.aplicable
            if suyo is not None and suyo.version is self._borrador and parte.nivel not in niveles:
                hechos = como_renovacion(suyo.hechos, suyo.terminos, conversion)
                monto = calcular(suyo.terminos, hechos).monto
                pagos.append((parte.afiliado.pk, monto))
        return pagos

    def recordar(self, memoria: list[Any]) -> None:
        """Nothing: a network pays each sale by itself."""

    def memoria(self, ultima: datetime) -> list[Any]:
        """Nothing."""
        return []


def _es_del_borrador(aplicable: Aplicable) -> bool:
    """Whether the draft pays, or lends some term to whoever pays."""
    return any(
        (una.version is not None and una.version.numero == _NUMERO)
        or any(version == _NUMERO for _campo, _regla, version in una.origenes)
        for una in aplicable.todas
    )
