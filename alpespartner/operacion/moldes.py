"""The lives of a sale, each made once by the services: what the massive seeding copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from django.db import transaction
from django.db.models import Model

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.models import Historial
from alpespartner.operacion.calco import Fila, Foto, MesDe
from alpespartner.operacion.siembra import ACTOR
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.contadores.libro import LIBRO, TABLAS
from comisiones.contadores.models import Contada
from comisiones.contadores.services import contar, tomar_turno
from comisiones.liquidaciones.services import emitir
from comisiones.models import (
    Ajuste,
    Apunte,
    Asiento,
    IntentoPago,
    ItemPago,
    Liquidacion,
    Pago,
    Reverso,
)
from comisiones.pagos.pago.bloqueo import bloquear_tanda, orden_de
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.salida import dar_salida
from comisiones.pagos.pago.services import programar_pagos
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.revision.services import (
    anular_comision,
    aprobar_comision,
    rechazar_comision,
    retener_comision,
)
from conversiones.campanas.models import Campana
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion, MovimientoConversion
from conversiones.ventas.services import (
    NuevaConversion,
    rechazar_conversion,
    registrar_conversiones,
    validar_conversion,
)
from outbox.models import EventoProcesado, OutboxEvent
from outbox.transportes.embebido import drenar

# In the order in which their rows name each other.
MODELOS: tuple[type[Model], ...] = (
    Conversion, MovimientoConversion, Comision, Ajuste, Reverso, Asiento, Apunte, Pago, ItemPago,
    IntentoPago, Liquidacion, Historial, OutboxEvent, EventoProcesado, Contada,
)  # fmt: skip
_CONTADAS = {tabla.nombre: tabla.modelo for tabla in TABLAS}
_MOTIVO = "Venta de prueba"


def nombra(fila: Fila, columna: str) -> type[Model] | None:
    """The table whose key a column holds without being a foreign key."""
    if fila.modelo is not Contada:
        return None
    de: dict[str, type[Model]] = {
        "fila": _CONTADAS[fila.valores["de"]], "campana": Campana, "afiliado": Afiliado,
    }  # fmt: skip
    return de.get(columna)


@dataclass(frozen=True)
class Vida:
    """What becomes of some sales: ``parte`` of them when the programme is old, ``al_final`` of the
    newest ones. ``valores`` has the sales of each mold."""

    nombre: str
    parte: float
    al_final: float
    valores: Sequence[Sequence[str]]
    hacer: Callable[[list[Comision]], object] = field(compare=False)
    madura: bool = False


@dataclass(frozen=True)
class Molde:
    """Rows of a life made once, with whose they are."""

    vida: Vida
    moneda: str
    filas: Sequence[Fila]
    afiliado: Afiliado
    campana: Campana

    @property
    def ventas(self) -> int:
        """How many sales a copy has."""
        return sum(1 for fila in self.filas if fila.modelo is Conversion)


def _contar(filas: Sequence[Fila]) -> None:
    """What counters hold of the rows, also where their consumer did not come by."""
    with transaction.atomic():
        tomar_turno()
        for tabla in TABLAS:
            suyas = [fila.pk for fila in filas if fila.modelo is tabla.modelo]
            contar(tabla, list(tabla.filas().filter(pk__in=suyas).values_list("pk", flat=True)))


def _con_mes(filas: Sequence[Fila]) -> list[Fila]:
    """The same, with what each that is counted is of the month of."""
    por_clave = {(fila.modelo, fila.pk): fila.valores for fila in filas}
    nuevas = []
    for fila in filas:
        if fila.modelo is Contada and fila.valores["mes"]:
            de = fila.valores["de"]
            suya = por_clave[_CONTADAS[de], fila.valores["fila"]]
            if de == LIBRO.nombre:
                cuando = por_clave[Asiento, suya["asiento_id"]]["creado_en"]
            else:
                fechas = next(tabla.fechas for tabla in TABLAS if tabla.nombre == de)
                cuando = next(filter(None, (suya[fecha] for fecha in fechas)))
            fila = Fila(Contada, {**fila.valores, "mes": MesDe(cuando)})
        nuevas.append(fila)
    return nuevas


def _nada(_comisiones: list[Comision]) -> None:
    return None


def _validar(comisiones: list[Comision]) -> None:
    for comision in comisiones:
        validar_conversion(conversion=comision.conversion, actor=ACTOR)


def _aprobar(comisiones: list[Comision]) -> None:
    for comision in comisiones:
        aprobar_comision(comision=comision, actor=ACTOR)


def _rechazar(comisiones: list[Comision]) -> None:
    for comision in comisiones:
        rechazar_comision(comision=comision, actor=ACTOR, motivo=_MOTIVO)


def _retener(comisiones: list[Comision]) -> None:
    for comision in comisiones:
        retener_comision(comision=comision, actor=ACTOR, motivo=_MOTIVO)


def _rechazar_venta(comisiones: list[Comision]) -> None:
    for comision in comisiones:
        rechazar_conversion(conversion=comision.conversion, actor=ACTOR, motivo=_MOTIVO)
        anular_comision(comision=comision, actor=ACTOR, motivo="conversion_rechazada")


def _devolver(comisiones: list[Comision], parte: Decimal | None = None) -> None:
    for comision in comisiones:
        venta = comision.conversion
        datos = Devolucion(
            id_externo=f"dev-{venta.referencia_externa}",
            monto=None if parte is None else venta.valor * parte,
        )
        devolver(conversion=venta, datos=datos, actor=ACTOR)
        aplicar_devoluciones(conversiones_ids=[venta.id_publico], actor=ACTOR)


def _programar(comisiones: list[Comision]) -> Pago:
    _aprobar(comisiones)
    [pago] = programar_pagos(comisiones_ids=[c.id_publico for c in comisiones], actor=ACTOR)
    return pago


def _pagar(comisiones: list[Comision], dicho: str = "pagado") -> None:
    """The payment as a gateway's answer leaves it, without asking one."""
    pago = _programar(comisiones)
    with transaction.atomic():
        dar_salida({p: orden_de(p).huella for p in bloquear_tanda(pago.pk)}, actor=ACTOR)
    respuesta = Respuesta(dicho, referencia=f"banco-{pago.id_publico}")  # type: ignore[arg-type]
    resolver_pago(pago_pk=pago.pk, respuesta=respuesta, actor=ACTOR)
    emitir(pagos_ids=[pago.id_publico], actor=ACTOR)


def _pagar_y_devolver(comisiones: list[Comision]) -> None:
    _pagar(comisiones)
    _devolver(comisiones[:1])


def _parcial_y_aprobada(comisiones: list[Comision]) -> None:
    _devolver(comisiones, Decimal("0.25"))
    _aprobar([Comision.objects.get(pk=c.pk) for c in comisiones])


VIDAS = (
    Vida("pagadas", 0.62, 0.02, [["120", "84", "40", "260"], ["36", "510", "72", "99.96"]], _pagar,
         madura=True),
    Vida("pendientes", 0.03, 0.45, [["64"], ["129.92"], ["18"], ["420"]], _nada),
    Vida("validadas", 0.02, 0.18, [["75"], ["240"]], _validar),
    Vida("aprobadas", 0.12, 0.14, [["96"], ["310.40"]], _aprobar),
    Vida("retenidas", 0.02, 0.05, [["155"]], _retener),
    Vida("rechazadas", 0.06, 0.05, [["47"], ["88"]], _rechazar),
    Vida("anuladas", 0.04, 0.04, [["132"]], _rechazar_venta),
    Vida("devueltas", 0.03, 0.03, [["58"]], _devolver),
    Vida("parciales", 0.02, 0.02, [["200"]], _parcial_y_aprobada),
    Vida("devueltas tras pagar", 0.02, 0.0, [["60", "140"]], _pagar_y_devolver, madura=True),
    Vida("programadas", 0.002, 0.01, [["90", "66"]], _programar, madura=True),
    Vida("pagos fallidos", 0.01, 0.005, [["70"]], partial(_pagar, dicho="fallido"), madura=True),
    Vida("pagos inciertos", 0.001, 0.005, [["110"]], partial(_pagar, dicho="incierto"),
         madura=True),
)  # fmt: skip


def hacer_moldes(campanas: dict[str, tuple[Campana, Campana]]) -> list[Molde]:
    """Every life once in each currency; its campaigns are one that matures at once and one that
    waits."""
    return [
        _hacer(vida, moneda, n, valores, inmediata if vida.madura else con_espera)
        for moneda, (inmediata, con_espera) in campanas.items()
        for vida in VIDAS
        for n, valores in enumerate(vida.valores)
    ]


def _hacer(vida: Vida, moneda: str, n: int, valores: Sequence[str], campana: Campana) -> Molde:
    nombre = f"Molde {vida.nombre} {moneda} {n}"
    afiliado = registrar_afiliado(
        datos=NuevoAfiliado(nombre=nombre, email=f"{nuevo_id('molde')}@ejemplo.test"),
        actor=ACTOR,
        activo=True,
    )
    # What its registration is told by is not part of the mold.
    drenar()
    foto = Foto(MODELOS)
    ventas = registrar_conversiones(
        datos=[
            NuevaConversion(
                afiliado=afiliado, campana=campana, valor=Decimal(valor), canal_origen="blog",
                referencia_externa=f"molde-{vida.nombre}-{moneda}-{n}-{i}",
            )
            for i, valor in enumerate(valores)
        ],
        actor=ACTOR,
    )  # fmt: skip
    ids = [venta.id_publico for venta in ventas]
    calcular_comisiones(conversiones_ids=ids, actor=ACTOR)
    vida.hacer(list(Comision.objects.filter(conversion__in=ventas).order_by("pk")))
    drenar()
    _contar(foto.nuevas())
    return Molde(vida, moneda, _con_mes(foto.nuevas()), afiliado, campana)
