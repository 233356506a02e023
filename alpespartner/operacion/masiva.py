"""Massive seeding: a programme of years, made inside the database in minutes."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.busqueda.texto import ANCHO, MINIMO
from alpespartner.comun.models import Trozo
from alpespartner.operacion.calco import (
    LARGO_SUELTO,
    Calco,
    Destino,
    crear_serie,
    llenar_serie,
    ultima,
)
from alpespartner.operacion.errores import SiembraImposible
from alpespartner.operacion.moldes import MODELOS, Molde, hacer_moldes, nombra
from alpespartner.operacion.siembra import ACTOR, Avance, asegurar_programa, sembrar_afiliados
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.services import anotar_hasta, sumar_lo_contado, tomar_turno
from comisiones.libro.models import SelloDiario
from comisiones.liquidaciones.models import Liquidacion, SerieLiquidacion
from comisiones.metricas.medidas import MEDIBLES
from comisiones.metricas.reconstruccion import reconstruir
from conversiones.campanas.models import Campana
from conversiones.campanas.services import activar_campana, crear_campana
from conversiones.ventas.busqueda import VENTAS
from conversiones.ventas.models import Conversion
from outbox.consumidores.auditoria import AUDITORIA
from outbox.models import EventoProcesado, OutboxEvent, PosicionArchivo

MONEDAS = ("USD", "EUR")
# How far back the first sale is, and in how many stretches the programme grows, at most.
DIAS = 540
RONDAS = 20
_VENTAS_POR_RONDA = 5_000


@dataclass(frozen=True, slots=True)
class Tamano:
    """What a massive seeding makes."""

    ventas: int
    afiliados: int = 2_000
    campanas: int = 200


@dataclass(frozen=True, slots=True)
class Ronda:
    """A stretch of the programme's time, of ``cuantas``, in which ``total`` sales occurred."""

    numero: int
    cuantas: int
    total: int

    @property
    def edad(self) -> float:
        """0 in the oldest one, 1 in the newest."""
        return self.numero / (self.cuantas - 1)

    @property
    def ventas_al_final(self) -> int:
        """Sales until its end."""
        return self.total * (self.numero + 1) // self.cuantas

    @property
    def ventas(self) -> int:
        """Its own."""
        return self.ventas_al_final - self.total * self.numero // self.cuantas

    @property
    def segundos(self) -> int:
        """How long it lasted."""
        return DIAS * 86_400 // self.cuantas

    @property
    def acaba_hace(self) -> int:
        """Seconds since its end."""
        return (self.cuantas - 1 - self.numero) * self.segundos


def sembrar_masivo(*, tamano: Tamano, semilla: int, avisar: Callable[[Avance], None]) -> int:
    """Copy the lives of sales until there are ``tamano.ventas``, in all their states, two
    currencies, and a long tail of affiliates and campaigns; returns how many there are.

    What is copied was made by the services, so every invariant holds of the copies. Raises
    :class:`SiembraImposible` where there are sales: copies are made beside nothing else.
    """
    if Conversion.objects.exists() or SelloDiario.objects.exists():
        raise SiembraImposible(
            _("La siembra masiva es para una base sin ventas: usa una recién migrada.")
        )
    ahora = timezone.now().replace(microsecond=0)
    asegurar_programa(ahora)
    sembrar_afiliados(tamano.afiliados, semilla, avisar)
    campanas = _campanas(tamano.campanas)
    moldes = hacer_moldes({m: (c[0], c[1]) for m, c in campanas.items()})
    azar = random.Random(semilla)  # noqa: S311 - made-up data
    propios = list(
        Afiliado.objects.filter(referencia_externa__startswith=f"semilla-{semilla}-")
        .order_by("pk").values_list("pk", "id_publico")
    )  # fmt: skip
    crear_serie()
    calco, moldeadas = Calco(MODELOS, nombra), ultima(Conversion)
    _aligerar(1)
    try:
        n, rondas = 0, max(4, min(RONDAS, tamano.ventas // _VENTAS_POR_RONDA))
        for numero in range(rondas):
            ronda = Ronda(numero, rondas, tamano.ventas)
            with transaction.atomic():
                n = _copiar(calco, moldes, ronda, n, azar, propios, campanas)
            avisar(Avance("Ventas", ronda.ventas_al_final, tamano.ventas))
    finally:
        _aligerar(0)
    _cerrar_serie_de_documentos()
    _escribir_auditoria(avisar)
    _apuntar(moldeadas, avisar)
    _contar(avisar)
    _medir(avisar)
    return Conversion.objects.count()


def _campanas(cuantas: int) -> dict[str, list[Campana]]:
    """Of each currency, one that matures at once, one that waits a month, and the others."""
    hechas: dict[str, list[Campana]] = {moneda: [] for moneda in MONEDAS}
    for n in range(max(cuantas, 2 * len(MONEDAS))):
        moneda = MONEDAS[n % len(MONEDAS)]
        campana = crear_campana(
            datos={
                "nombre": f"Campaña {n + 1}",
                "moneda": moneda,
                "inicia_en": timezone.now() - timedelta(days=DIAS + 30),
                "dias_retencion": 30 if len(hechas[moneda]) % 2 else 0,
            },
            actor=ACTOR,
        )
        hechas[moneda].append(activar_campana(campana=campana, actor=ACTOR))
    return hechas


def _copiar(
    calco: Calco,
    moldes: Sequence[Molde],
    ronda: Ronda,
    n: int,
    azar: random.Random,
    afiliados: Sequence[tuple[int, str]],
    campanas: dict[str, list[Campana]],
) -> int:
    """The copies of a stretch of time; returns the next number of a copy."""
    pesos = [_peso(molde, ronda.edad) for molde in moldes]
    tramos = []
    for molde, peso in zip(moldes, pesos, strict=True):
        copias = round(ronda.ventas * peso / sum(pesos) / molde.ventas)
        if copias:
            tramos.append((molde, n, n + copias))
            n += copias

    def fila(molde: Molde, numero: int) -> tuple[int, int, str, int, str, int]:
        # The few first ones sell the most.
        quien = afiliados[int(len(afiliados) * azar.random() ** 3)]
        suyas = campanas[molde.moneda]
        cual = suyas[int(len(suyas) * azar.random() ** 4)]
        hace = ronda.acaba_hace + azar.randrange(ronda.segundos)
        return numero, quien[0], quien[1], cual.pk, cual.id_publico, hace

    llenar_serie(fila(molde, i) for molde, desde, hasta in tramos for i in range(desde, hasta))
    for molde, desde, hasta in tramos:
        destino = Destino(
            propias={
                (Afiliado, molde.afiliado.pk): "afiliado", (Campana, molde.campana.pk): "campana",
            },
            textos={
                molde.afiliado.id_publico: "afiliado_id", molde.campana.id_publico: "campana_id",
            },
        )  # fmt: skip
        calco.copiar(molde.filas, destino, desde, hasta)
    return n


def _peso(molde: Molde, edad: float) -> float:
    vida = molde.vida
    return (vida.parte * (1 - edad) + vida.al_final * edad) / len(vida.valores)


def _aligerar(quitar: int) -> None:
    """The copies name rows that are there, and each key once: MySQL need not look it up."""
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET SESSION unique_checks = {1 - quitar}")
            cursor.execute(f"SET SESSION foreign_key_checks = {1 - quitar}")


def _cerrar_serie_de_documentos() -> None:
    for serie in SerieLiquidacion.objects.all():
        ultima = Liquidacion.objects.filter(serie=serie.serie).order_by("-numero").first()
        if ultima is not None:
            SerieLiquidacion.objects.filter(pk=serie.pk).update(ultimo=ultima.numero)


def _apuntar(desde: int, avisar: Callable[[Avance], None]) -> None:
    """What copies, of keys after ``desde``, are found by: every end of their reference."""
    finales = range(1, LARGO_SUELTO - MINIMO + 2)
    nombre = connection.ops.quote_name
    for n in finales:
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {nombre(Trozo._meta.db_table)} (de, texto, fila)"  # noqa: S608
                f" SELECT %s, SUBSTR(referencia_externa, {n}, {ANCHO}), id"
                f" FROM {nombre(Conversion._meta.db_table)} WHERE id > %s ORDER BY 2, 3",
                [VENTAS.de, desde],
            )
        avisar(Avance("Búsqueda", n, len(finales)))


def _contar(avisar: Callable[[Avance], None]) -> None:
    """The counters of what was copied, with what each row adds to them: no event told of it."""
    with transaction.atomic():
        tomar_turno()
        hasta = ultima(OutboxEvent)
        for n, tabla in enumerate(TABLAS, start=1):
            sumar_lo_contado(tabla)
            anotar_hasta(tabla, hasta)
            avisar(Avance("Contadores", n, len(TABLAS)))


def _medir(avisar: Callable[[Avance], None]) -> None:
    """The figures of what was copied."""
    total = sum(medible.modelo._default_manager.count() for medible in MEDIBLES)
    hechas = 0
    for _medible, medidas in reconstruir():
        hechas += medidas
        avisar(Avance("Cifras", hechas, total))


def _escribir_auditoria(avisar: Callable[[Avance], None]) -> None:
    """The lines that the consumer would have written for the events that are copies."""
    posicion = PosicionArchivo.objects.filter(nombre=settings.AUDITORIA_ARCHIVO.name).first()
    if posicion is None:
        return
    total = EventoProcesado.objects.filter(suscripcion=AUDITORIA.nombre).count()
    with settings.AUDITORIA_ARCHIVO.open("r+b") as salida:
        salida.seek(posicion.bytes)
        for hechas, texto in enumerate(_copiados(), start=1):
            salida.write(texto.encode() + b"\n")
            if hechas % 50_000 == 0:
                avisar(Avance("Auditoría", hechas, total))
        salida.truncate()
        salida.flush()
        os.fsync(salida.fileno())
        PosicionArchivo.objects.filter(pk=posicion.pk).update(bytes=salida.tell())
    avisar(Avance("Auditoría", total, total))


def _copiados(por_vez: int = 5_000) -> Iterator[str]:
    desde = 0
    copias = OutboxEvent.objects.filter(evento_id__startswith="01900000-0000-7000-8000-")
    while filas := list(
        copias.filter(posicion__gt=desde).order_by("posicion")
        .values_list("posicion", "payload")[:por_vez]
    ):  # fmt: skip
        yield from (payload for _posicion, payload in filas)
        desde = filas[-1][0]
