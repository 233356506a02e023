"""Seeding: made-up affiliates and conversions, the same for the same seed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from afiliados.afiliado.models import Afiliado, Nivel, TipoAfiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliados
from alpespartner.comun.actores import Actor, sistema
from comisiones.models import Regla
from comisiones.reglas.models import OrigenRegla, TipoComision
from comisiones.reglas.services import crear_regla, publicar_version
from conversiones.campanas.models import Campana
from conversiones.campanas.services import activar_campana, crear_campana, predeterminar_campana
from conversiones.ventas.models import Conversion, TipoConversion
from conversiones.ventas.services import NuevaConversion, registrar_conversiones

ACTOR = sistema("siembra")
POR_TRANSACCION = 2_000

_NOMBRES = ("Lucía", "Mateo", "Valentina", "Tomás", "Camila", "Joaquín", "Renata", "Emilio")
_APELLIDOS = ("Quispe", "Rojas", "Mendoza", "Salazar", "Herrera", "Ibarra", "Cárdenas", "Pardo")
_CANALES = ("blog", "boletin", "video", "podcast", "redes", "comparador")
_TASAS = (None, "5", "7.5", "10", "12.5", "15")


@dataclass(frozen=True, slots=True)
class Avance:
    """Progress of a step: ``llevan`` of ``total``."""

    paso: str
    llevan: int
    total: int


def asegurar_programa(ahora: datetime) -> Campana:
    """The default campaign with its rule of 10 %; made once."""
    campana = Campana.objects.filter(predeterminada=True).first()
    if campana is None:
        campana = crear_campana(
            datos={
                "nombre": "Programa general",
                "moneda": "USD",
                "inicia_en": ahora - timedelta(days=730),
            },
            actor=ACTOR,
        )
        activar_campana(campana=campana, actor=ACTOR)
        campana = predeterminar_campana(campana=campana, actor=ACTOR)
    if not Regla.objects.filter(origen=OrigenRegla.VERSION, campana=None).exists():
        regla = crear_regla(nombre="Comisión general", campana=None, actor=ACTOR)
        publicar_version(
            regla=regla,
            tipo=TipoComision.PORCENTUAL,
            porcentaje=Decimal(10),
            vigente_desde=ahora - timedelta(days=730),
            actor=ACTOR,
        )
    return campana


def campana_fija(*, datos: dict[str, Any], regla: str, monto: Decimal, actor: Actor) -> Campana:
    """An active campaign that pays an amount of its currency for each sale since it began."""
    campana = activar_campana(campana=crear_campana(datos=datos, actor=actor), actor=actor)
    publicar_version(
        regla=crear_regla(nombre=regla, campana=campana, actor=actor),
        tipo=TipoComision.FIJA,
        monto_fijo=monto,
        moneda=campana.moneda,
        vigente_desde=campana.inicia_en,
        actor=actor,
    )
    return campana


def sembrar(
    *, afiliados: int, conversiones: int, semilla: int, avisar: Callable[[Avance], None]
) -> tuple[int, int]:
    """Register what is missing of a seeded set; returns how many affiliates and conversions.

    Each chunk is one transaction, so an interrupted run is continued by running it again.
    """
    ahora = timezone.now().replace(minute=0, second=0, microsecond=0)
    campana = asegurar_programa(ahora)
    nuevos = sembrar_afiliados(afiliados, semilla, avisar)
    propios = list(
        Afiliado.objects.filter(referencia_externa__startswith=f"semilla-{semilla}-").order_by("pk")
    )
    nuevas = 0
    if propios:
        nuevas = _sembrar_conversiones(conversiones, semilla, campana, propios, ahora, avisar)
    return nuevos, nuevas


def _porciones(total: int) -> Iterator[range]:
    for inicio in range(0, total, POR_TRANSACCION):
        yield range(inicio, min(inicio + POR_TRANSACCION, total))


def sembrar_afiliados(total: int, semilla: int, avisar: Callable[[Avance], None]) -> int:
    nuevos = 0
    for porcion in _porciones(total):
        referencias = {n: f"semilla-{semilla}-{n}" for n in porcion}
        hechas = set(
            Afiliado.objects.filter(referencia_externa__in=referencias.values()).values_list(
                "referencia_externa", flat=True
            )
        )
        datos = [_afiliado(n, r, semilla) for n, r in referencias.items() if r not in hechas]
        if datos:
            registrar_afiliados(datos=datos, actor=ACTOR, activo=True)
        nuevos += len(datos)
        avisar(Avance("Afiliados", porcion.stop, total))
    return nuevos


def _afiliado(n: int, referencia: str, semilla: int) -> NuevoAfiliado:
    azar = random.Random(f"{semilla}/afiliado/{n}")  # noqa: S311 - made-up data
    nombre = f"{azar.choice(_NOMBRES)} {azar.choice(_APELLIDOS)}"
    premium = azar.random() < 0.2
    tasa = azar.choice(_TASAS)
    base = None if tasa is None else Decimal(tasa)
    return NuevoAfiliado(
        nombre=nombre,
        email=f"afiliado{n}.{semilla}@ejemplo.test",
        tipo_afiliado=TipoAfiliado.PREMIUM if premium else TipoAfiliado.ESTANDAR,
        nivel=azar.choice(Nivel.values),
        referencia_externa=referencia,
        comision_base=base,
        comision_premium=None if base is None else base + 5,
    )


def _sembrar_conversiones(
    total: int,
    semilla: int,
    campana: Campana,
    afiliados: list[Afiliado],
    ahora: datetime,
    avisar: Callable[[Avance], None],
) -> int:
    nuevas = 0
    for porcion in _porciones(total):
        referencias = {n: f"semilla-{semilla}-{n}" for n in porcion}
        hechas = set(
            Conversion.objects.filter(
                campana=campana, referencia_externa__in=referencias.values()
            ).values_list("referencia_externa", flat=True)
        )
        datos = [
            _conversion(n, r, semilla, campana, afiliados, ahora)
            for n, r in referencias.items()
            if r not in hechas
        ]
        if datos:
            registrar_conversiones(datos=datos, actor=ACTOR)
        nuevas += len(datos)
        avisar(Avance("Conversiones", porcion.stop, total))
    return nuevas


def _conversion(
    n: int,
    referencia: str,
    semilla: int,
    campana: Campana,
    afiliados: list[Afiliado],
    ahora: datetime,
) -> NuevaConversion:
    azar = random.Random(f"{semilla}/conversion/{n}")  # noqa: S311 - made-up data
    return NuevaConversion(
        afiliado=azar.choice(afiliados),
        campana=campana,
        valor=Decimal(azar.randrange(500, 250_000)).scaleb(-2),
        tipo_conversion=TipoConversion.VENTA,
        referencia_externa=referencia,
        ocurrida_en=ahora - timedelta(minutes=azar.randrange(60 * 24 * 60)),
        canal_origen=azar.choice(_CANALES),
    )
