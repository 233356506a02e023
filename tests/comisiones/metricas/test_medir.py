"""Measuring: whatever happens to a sale is of its day, and events twice, late and out of order."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from alpespartner.comun.errores import ErrorDominio
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.metricas.consumidor import METRICAS
from comisiones.metricas.informe import informe
from comisiones.metricas.invariantes import _medidas_como_estan, _suman_lo_medido
from comisiones.metricas.models import (
    Cifra,
    CifraDeCodigo,
    Medida,
)
from comisiones.metricas.reconstruccion import reconstruir
from comisiones.metricas.selectors import Agrupar, Peticion
from comisiones.metricas.services import SUMAN
from comisiones.models import Comision
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision.services import (
    aprobar_comision,
    devolver_comision,
    liberar_comision,
    rechazar_comision,
    retener_comision,
)
from conversiones.rastreo.conteo import que_no_cuadran, recontar
from conversiones.rastreo.models import Clic
from conversiones.ventas.asignacion import asignar_conversion
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.services import rechazar_conversion
from outbox.consumo import Sobre
from outbox.models import OutboxEvent
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.comisiones.metricas.conteo import contado
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
# The clock goes back: a day of 25 hours in Madrid. In Bogotá it never does.
CAMBIO = date(2025, 10, 26)
AHORA = datetime(2025, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _sin_pagos_solos(settings: Any) -> None:
    settings.PAGOS_AUTOMATICOS = False


def dicen(agrupar: str = "dia", desde: date = date(2025, 9, 1), hasta: date = date(2025, 12, 31),
          **mas: Any) -> dict[tuple[str, str], Any]:  # fmt: skip
    suyo = informe(Peticion(desde=desde, hasta=hasta, agrupar=agrupar, **mas), "")
    return {(g["clave"], g["moneda"]): g for g in suyo.grupos}


def cuadra() -> None:
    """Every report says what is counted row by row, and ``verificar`` finds nothing."""
    desde, hasta = date(2025, 9, 15), date(2025, 12, 2)
    for agrupar in Agrupar.values:
        assert dicen(agrupar, desde, hasta) == contado(desde, hasta, agrupar), agrupar
    # Whole quarters, a year, and most of a stretch: it without the rest.
    for desde, hasta in (
        (date(2025, 7, 1), date(2025, 9, 30)), (date(2025, 1, 20), CAMBIO),
        (date(2024, 12, 25), date(2026, 1, 3)), (CAMBIO - timedelta(days=23), CAMBIO),
    ):  # fmt: skip
        for agrupar in ("enlace", "cupon", "mes"):
            assert dicen(agrupar, desde, hasta) == contado(desde, hasta, agrupar), agrupar
    assert not [*_medidas_como_estan(), *_suman_lo_medido(), *que_no_cuadran()]


def test_la_vida_de_una_venta(pasarela: Any) -> None:
    """Each step is of the day of the sale, whenever it is."""
    en = fabricas.campana(zona="Europe/Madrid", inicia_en=datetime(2025, 1, 1, tzinfo=UTC))
    # 23:30 in Madrid, of the day that has 25 hours.
    with time_machine.travel(datetime(2025, 10, 26, 22, 30, tzinfo=UTC), tick=False):
        suya = fabricas.comision(en=en, canal_origen="blog")
        otra = fabricas.comision(en=en, de=suya.afiliado, valor="40.05")
        drenar()
    [grupo] = dicen().values()
    assert (grupo["clave"], grupo["conversiones"], grupo["valor"]) == ("2025-10-26", 2, "140.05")
    assert grupo["comision"]["pendiente"] == grupo["comision"]["neta"] == "14.01"
    assert (grupo["clics"], grupo["cr"], grupo["epc"]) == (0, None, None)
    with time_machine.travel(AHORA, tick=False):
        retener_comision(comision=otra, actor=ANA, motivo="m")
        devolver(conversion=suya.conversion, datos=Devolucion(id_externo="d", monto=Decimal(25)),
                 actor=PRUEBAS)  # fmt: skip
        drenar()
        [grupo] = dicen().values()
        assert (grupo["devuelto"], grupo["tasa_devolucion"]) == ("25.00", "0.1785")
        assert grupo["comision"]["pendiente"] == "7.50"
        assert grupo["comision"]["retenida"] == "4.01"
        aprobar_comision(comision=Comision.objects.get(pk=suya.pk), actor=ANA)
        rechazar_comision(comision=otra, actor=ANA, motivo="m")
        [pago] = programar_pagos(comisiones_ids=[suya.id_publico], actor=PRUEBAS)
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
        drenar()
        [grupo] = dicen().values()
        assert grupo["comision"] == {
            "pendiente": "0.00", "retenida": "0.00", "aprobada": "0.00", "programada": "0.00",
            "pagada": "7.50", "rechazada": "4.01", "neta": "7.50",
        }  # fmt: skip
        # 24 days and 13 hours and a half after it was calculated.
        assert grupo["horas_aprobacion"] == {"mediana": 24 * 24, "p95": 24 * 24}
        # What goes back after it was paid, and what a person takes back, are of that day too.
        devolver(conversion=suya.conversion, datos=Devolucion(id_externo="d2"), actor=PRUEBAS)
        drenar()
        quita = crear_ajuste(
            afiliado=suya.afiliado, tipo="clawback", monto=Decimal("-1.05"), moneda="USD",
            motivo="m", actor=ANA, comision=suya,
        )  # fmt: skip
        drenar()
        antes = dicen()
        aprobar_ajuste(ajuste=quita, actor=LUIS)
        drenar()
    assert [g["comision"]["neta"] for g in (*antes.values(), *dicen().values())] == [
        "0.00", "-1.05",
    ]  # fmt: skip
    cuadra()


def test_lo_que_no_es_de_nadie_ni_vale(pasarela: Any) -> None:
    """A sale counts once somebody has it, and no more once it was refused."""
    en = fabricas.campana(inicia_en=datetime(2025, 1, 1, tzinfo=UTC))
    with time_machine.travel(AHORA, tick=False):
        nadie = fabricas.sin_atribuir(en=en)
        suya = fabricas.comision(en=en)
        drenar()
        assert [g["conversiones"] for g in dicen().values()] == [1]
        asignar_conversion(conversion=nadie, afiliado=suya.afiliado, motivo="m", actor=ANA)
        drenar()
        assert [g["conversiones"] for g in dicen().values()] == [2]
        rechazar_conversion(conversion=suya.conversion, actor=ANA, motivo="m")
        drenar()
    [grupo] = dicen().values()
    assert (grupo["conversiones"], grupo["valor"]) == (1, "100.00")
    assert grupo["comision"]["neta"] == "10.00"
    cuadra()


def test_de_quien_trae_un_clic_es_su_enlace(pasarela: Any) -> None:
    """Also once the click is forgotten; what the sale says itself goes before."""
    en = fabricas.campana(inicia_en=datetime(2025, 1, 1, tzinfo=UTC), pagina="https://t.example/")
    with time_machine.travel(AHORA, tick=False):
        suyo = fabricas.enlace(de=fabricas.afiliado(), en=en, codigo="lucia-blog")
        for dicho in ("", "otro"):
            clic = fabricas.clic(suyo, momento=AHORA - timedelta(hours=1))
            venta = fabricas.sin_atribuir(en=en, clic_id=clic.id_publico, enlace=dicho)
            assert venta.afiliado == suyo.afiliado
        drenar()
        Clic.objects.all()._raw_delete(using="default")
        assert {clave for clave, _m in dicen("enlace")} == {"lucia-blog", "otro"}
        assert dicen("enlace")["lucia-blog", "USD"]["conversiones"] == 1
        assert dicen("cupon") == {}
        sum(n for _de, n in reconstruir())
        assert {clave for clave, _m in dicen("enlace")} == {"lucia-blog", "otro"}


def sobres() -> list[Sobre]:
    filas = OutboxEvent.objects.filter(type__in=METRICAS.tipos).order_by("posicion")
    return [Sobre(f.evento_id, f.type, f.aggregateid, f.payload) for f in filas]


def manejar(suyos: list[Sobre]) -> None:
    with transaction.atomic():
        METRICAS.manejar(suyos)


def figuras() -> list[Any]:
    """All that is kept, but for the keys and for sums that came to be nothing."""
    return [
        sorted(
            fila for fila in modelo.objects.values_list(*claves, *sumas) if any(fila[len(claves) :])
        )
        for modelo, sumas in (
            (Cifra, [*SUMAN, "plazos"]), (CifraDeCodigo, [*SUMAN, "plazos"]), (Medida, ["de"]),
        )
        for claves in [
            [c.name for c in modelo._meta.concrete_fields if c.name not in sumas]
        ]
    ]  # fmt: skip


ZONAS = ("Europe/Madrid", "America/Bogota", "Pacific/Apia", "America/St_Johns", "UTC")


class Programa:
    """A few campaigns in zones and currencies, and what happens in them at random."""

    def __init__(self, semilla: int) -> None:
        self.azar = random.Random(semilla)
        inicia = datetime(2025, 1, 1, tzinfo=UTC)
        self.campanas = [
            fabricas.campana(zona=zona, moneda=moneda, inicia_en=inicia, pagina="https://t.example/")
            for zona, moneda in zip(
                self.azar.sample(ZONAS, 3), ("USD", "JPY", "KWD"), strict=True
            )
        ]  # fmt: skip
        quien = fabricas.afiliado()
        self.afiliados = [quien, fabricas.afiliado(comision_base=Decimal("33.3333"))]
        self.enlaces = [fabricas.enlace(de=a, en=c) for a in self.afiliados for c in self.campanas]
        self.n = 0

    def momento(self) -> datetime:
        """Around midnights, of the change of the clock more often than not."""
        dia = CAMBIO + timedelta(days=self.azar.choice([0, 0, 0, 1, -30, 6, 20]))
        hora = timedelta(minutes=self.azar.choice([0, 59, 60, 90, 719, 1320, 1439]))
        zona = ZoneInfo(self.azar.choice(self.campanas).zona)
        return datetime.combine(dia, datetime.min.time(), zona).astimezone(UTC) + hora

    def paso(self) -> None:
        """Something happens; what a service refuses does not."""
        suyas = list(Comision.objects.order_by("pk"))
        cual = self.azar.choice(suyas) if suyas else None
        que = self.azar.choice([self.vender, self.vender, self.clic, self.decidir, self.decidir,
                                self.devolver, self.pagar])  # fmt: skip
        try:
            with transaction.atomic():
                que(cual)
        except ErrorDominio:
            pass

    def vender(self, _cual: Any) -> None:
        self.n += 1
        venta = fabricas.conversion(
            de=self.azar.choice(self.afiliados), en=self.azar.choice(self.campanas),
            valor=str(self.azar.randint(1, 900)), ocurrida_en=self.momento(),
            canal_origen=self.azar.choice(["", "blog", "=1+1"]),
            cupon=self.azar.choice(["", "VERANO", "OTRO"]),
            enlace=self.azar.choice(["", "de-nadie", *(e.codigo for e in self.enlaces)]),
        )  # fmt: skip
        fabricas.calcular(venta)

    def clic(self, _cual: Any) -> None:
        """As it is counted: by the day of its campaign."""
        from conversiones.rastreo.models import ClicsDelDia

        suyo = self.azar.choice(self.enlaces)
        hecho = fabricas.clic(suyo, momento=self.momento(), unico=self.azar.random() < 0.6)
        dia = hecho.momento.astimezone(ZoneInfo(suyo.campana.zona)).date()
        fila, _nueva = ClicsDelDia.objects.get_or_create(enlace=suyo, dia=dia)
        fila.clics, fila.unicos = fila.clics + 1, fila.unicos + hecho.unico
        fila.save()

    def decidir(self, cual: Any) -> None:
        if cual is None:
            return
        hace = {
            "aprobar": lambda: aprobar_comision(comision=cual, actor=LUIS),
            "rechazar": lambda: rechazar_comision(comision=cual, actor=LUIS, motivo="m"),
            "retener": lambda: retener_comision(comision=cual, actor=LUIS, motivo="m"),
            "liberar": lambda: liberar_comision(comision=cual, actor=LUIS),
            "volver": lambda: devolver_comision(comision=cual, actor=LUIS, motivo="m"),
            "anular": lambda: rechazar_conversion(
                conversion=cual.conversion, actor=LUIS, motivo="m"
            ),
        }
        self.azar.choice([hace["aprobar"], *hace.values()])()

    def devolver(self, cual: Any) -> None:
        if cual is not None:
            self.n += 1
            monto = self.azar.choice([None, Decimal(1), Decimal(7)])
            devolver(conversion=cual.conversion, actor=PRUEBAS,
                     datos=Devolucion(id_externo=f"d{self.n}", monto=monto))  # fmt: skip

    def pagar(self, cual: Any) -> None:
        if cual is not None:
            for pago in programar_pagos(comisiones_ids=[cual.id_publico], actor=PRUEBAS):
                ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)


@pytest.mark.lento
@given(semilla=st.integers(0, 10_000))
@settings(max_examples=8)
def test_al_azar(pasarela: Any, semilla: int) -> None:
    """Full counts of random programmes, across zones and the change of the clock; events twice, in
    any order and none at all until all is measured anew end in the same figures."""
    punto = transaction.atomic()
    with punto, time_machine.travel(AHORA) as reloj:
        programa = Programa(semilla)
        for _n in range(25):
            programa.paso()
            reloj.shift(timedelta(hours=programa.azar.choice([0, 1, 7, 50])))
            if programa.azar.random() < 0.3:
                drenar()
        drenar()
        recontar()
        cuadra()
        antes = figuras()
        assert antes[0]
        # All of them again, some twice, in pieces.
        repetidos = sobres() + sobres()[::3]
        programa.azar.shuffle(repetidos)
        for desde in range(0, len(repetidos), 7):
            manejar(repetidos[desde : desde + 7])
        assert figuras() == antes
        for modelo in (Cifra, Medida, CifraDeCodigo):
            modelo.objects.all().delete()
        manejar(repetidos)
        assert figuras() == antes
        Cifra.objects.update(valor=1)
        assert list(_suman_lo_medido())
        sum(n for _de, n in reconstruir())
        assert figuras() == antes
        en, quien = programa.campanas[0], programa.afiliados[1]
        for agrupar in Agrupar.values:
            esperado = contado(CAMBIO - timedelta(days=31), CAMBIO + timedelta(days=9), agrupar,
                               campana=en, afiliado=quien, canal="blog")  # fmt: skip
            assert dicen(agrupar, CAMBIO - timedelta(days=31), CAMBIO + timedelta(days=9),
                         campana=en.pk, afiliado=quien.pk, canal="blog") == esperado  # fmt: skip
        transaction.set_rollback(True)
