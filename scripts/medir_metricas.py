#!/usr/bin/env python
"""Measure the programme's figures on MySQL: reports of a year by each group, how many events a
second the consumer measures, and how many a second making everything anew does.

One of each ten sales comes with a code (a coupon and a link), each of an affiliate in a campaign.
Each report is read whole in one process, without the network. Writes performance_report.json.
Options: --ventas, --clics, --codigos, --eventos, --campanas, --afiliados and --veces.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from itertools import cycle, islice
from typing import Any

from banco import informe
from banco.pila import pila, preparar_django

OBJETIVO_INFORME_MS, OBJETIVO_CONSUMIDOR = 150, 3_000
# 2,000,000 events in five minutes.
OBJETIVO_RECONSTRUIR = 6_667
_DIAS, _TANDA = 365, 500
# Of so many sales one comes with a code.
_CADA = 10


def hacer_clics(cuantos: int, codigos: int) -> int:
    """The counts of each day of a year, of so many links, that add up to so many clicks."""
    from django.utils import timezone

    from afiliados.afiliado.models import Afiliado
    from alpespartner.operacion.siembra import ACTOR
    from conversiones.campanas.models import Campana
    from conversiones.campanas.services import activar_campana, crear_campana
    from conversiones.rastreo.conteo import recontar
    from conversiones.rastreo.models import ClicsDelDia, Enlace
    from conversiones.rastreo.services import crear_enlace

    faltan = codigos - Enlace.objects.count()
    suya: dict[str, Any] = {
        "nombre": "Banco de clics",
        "moneda": "USD",
        "pagina": "https://tienda.example/",
    }
    campana = Campana.objects.filter(nombre=suya["nombre"]).first() or activar_campana(
        campana=crear_campana(datos=suya, actor=ACTOR), actor=ACTOR
    )
    activos = Afiliado.objects.filter(estado="activo").order_by("pk")[:codigos]
    for afiliado in islice(cycle(activos), max(0, faltan)):
        crear_enlace(afiliado=afiliado, campana=campana, actor=ACTOR)
    enlaces = list(Enlace.objects.order_by("pk").values_list("pk", flat=True)[:codigos])
    hoy, cada = timezone.now().date(), -(-cuantos // (len(enlaces) * _DIAS))
    ClicsDelDia.objects.bulk_create(
        [
            ClicsDelDia(
                enlace_id=enlace, dia=hoy - timedelta(days=n), clics=cada, unicos=cada,
                descartados=0,
            )
            for enlace in enlaces
            for n in range(_DIAS)
        ],
        batch_size=5_000, ignore_conflicts=True,
    )  # fmt: skip
    recontar()
    return cada * len(enlaces) * _DIAS


def poner_codigos(codigos: int) -> int:
    """Sales that come with a code, in the rows as they are: each code is of those that an affiliate
    had in a campaign, or of a part of them if they are fewer. Gives how many codes sell."""
    from django.db.models.functions import Mod

    from conversiones.rastreo.models import Enlace
    from conversiones.ventas.models import Conversion

    suyas = Conversion.objects.exclude(afiliado=None).annotate(resto=Mod("pk", _CADA))
    ventas: dict[Any, list[int]] = defaultdict(list)
    filas = suyas.filter(resto=0).order_by("pk").values_list("campana_id", "afiliado_id", "pk")
    for campana, afiliado, pk in filas.iterator(chunk_size=10_000):
        ventas[campana, afiliado].append(pk)
    # Those that sell most, each in so many parts.
    mayores = sorted(ventas.values(), key=lambda pks: -len(pks))[:codigos]
    partes = -(-codigos // max(1, len(mayores)))
    trozos = [pks[n::partes] for pks in mayores for n in range(partes)]
    enlaces = list(Enlace.objects.order_by("pk").values_list("codigo", flat=True)[:codigos])
    venden = 0
    for n, (enlace, pks) in enumerate(zip(enlaces, filter(None, trozos), strict=False)):
        venden += bool(
            Conversion.objects.filter(pk__in=pks).update(cupon=f"BANCO{n}", enlace=enlace)
        )
    return venden


def medir_informes(veces: int) -> dict[str, Any]:
    """Milliseconds of a report of a year, by each group."""
    from django.utils import timezone

    from comisiones.metricas.selectors import Agrupar, Peticion, grupos

    # As the server does (alpespartner/gunicorn.py).
    gc.collect()
    gc.freeze()
    hoy = timezone.now().date()
    medidos = {}
    for agrupar in Agrupar.values:
        peticion = Peticion(desde=hoy - timedelta(days=_DIAS - 1), hasta=hoy, agrupar=agrupar)
        tiempos = []
        # The first one pays for a cold cache.
        for _vez in range(veces + 1):
            antes = time.perf_counter()
            hallados = grupos(peticion)
            tiempos.append(time.perf_counter() - antes)
        medidos[agrupar] = {**informe.resumen_ms(tiempos[1:]), "grupos": len(hallados)}
    return medidos


def medir_consumidor(cuantos: int) -> dict[str, Any]:
    """Events a second of the consumer, in runs of ``_TANDA``, each of rows that it never saw: what
    it holds of them is forgotten first, and made anew afterwards."""
    from django.db import transaction

    from comisiones.metricas.consumidor import METRICAS
    from comisiones.metricas.medidas import MEDIBLES
    from comisiones.metricas.models import Medida
    from outbox.consumo import Sobre, procesar
    from outbox.models import EventoProcesado, OutboxEvent

    suyos = OutboxEvent.objects.filter(type__in=METRICAS.tipos).order_by("-posicion")[:cuantos]
    sobres = [Sobre(e.evento_id, e.type, e.aggregateid, e.payload) for e in suyos][::-1]
    for tanda in _tandas(sobres):
        EventoProcesado.objects.filter(
            suscripcion=METRICAS.nombre, evento_id__in=[s.id for s in tanda]
        )._raw_delete(using="default")
        for medible in MEDIBLES:
            claves = medible.claves_de({s.sujeto for s in tanda})
            Medida._default_manager.filter(de=medible.nombre, fila__in=claves).delete()
    antes = time.perf_counter()
    for tanda in _tandas(sobres):
        with transaction.atomic():
            procesar(METRICAS, tanda)
    tarda = time.perf_counter() - antes
    return {"eventos": len(sobres), "por_segundo": round(len(sobres) / tarda)}


def _tandas(sobres: Sequence[Any]) -> list[Sequence[Any]]:
    return [sobres[n : n + _TANDA] for n in range(0, len(sobres), _TANDA)]


def medir_reconstruccion() -> dict[str, Any]:
    """Making everything anew: rows, and the events that told of them, a second."""
    from comisiones.metricas.consumidor import METRICAS
    from comisiones.metricas.reconstruccion import reconstruir
    from outbox.models import OutboxEvent

    antes = time.perf_counter()
    filas = sum(medidas for _medible, medidas in reconstruir())
    tarda = time.perf_counter() - antes
    eventos = OutboxEvent.objects.filter(type__in=METRICAS.tipos).count()
    return {
        "filas": filas, "eventos": eventos, "segundos": round(tarda, 1),
        "filas_por_segundo": round(filas / tarda), "eventos_por_segundo": round(eventos / tarda),
    }  # fmt: skip


def main() -> None:
    """Seed what is missing, measure, report."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--ventas", type=int, default=1_000_000)
    opciones.add_argument("--clics", type=int, default=10_000_000)
    opciones.add_argument("--codigos", type=int, default=2_740)
    opciones.add_argument("--eventos", type=int, default=30_000)
    opciones.add_argument("--campanas", type=int, default=200)
    opciones.add_argument("--afiliados", type=int, default=2_000)
    opciones.add_argument("--veces", type=int, default=9)
    dadas = opciones.parse_args()
    maquina = informe.maquina()
    with pila() as viva:
        viva.subir("mysql")
        preparar_django(viva)
        from django.core.management import call_command

        from conversiones.ventas.models import Conversion

        if not Conversion.objects.exists():
            call_command(
                "sembrar", masivo=dadas.ventas, campanas=dadas.campanas, afiliados=dadas.afiliados
            )
        clics = hacer_clics(dadas.clics, dadas.codigos)
        venden = poner_codigos(dadas.codigos)
        consumidor = medir_consumidor(dadas.eventos)
        # The figures of codes begin here.
        rehechas = medir_reconstruccion()
        informes = medir_informes(dadas.veces)
        peor = max(suyo["p50_ms"] for suyo in informes.values())
        informe.guardar(
            "metricas",
            {
                "maquina": maquina,
                **viva.durabilidad(),
                "ventas": Conversion.objects.count(),
                "clics": clics,
                "codigos_que_venden": venden,
                "informes_de_un_ano": informes,
                "objetivo_informe_p50_ms": informe.objetivo(peor, maximo=OBJETIVO_INFORME_MS),
                "consumidor": consumidor,
                "objetivo_consumidor": informe.objetivo(
                    consumidor["por_segundo"], minimo=OBJETIVO_CONSUMIDOR
                ),
                "reconstruir": rehechas,
                "objetivo_reconstruir": informe.objetivo(
                    rehechas["eventos_por_segundo"], minimo=OBJETIVO_RECONSTRUIR
                ),
            },
        )


if __name__ == "__main__":
    main()
