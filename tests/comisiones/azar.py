"""Random operations of a programme, through the services, all from one seed.

Each operation is one of :class:`Azar`'s methods; what a service refuses is part of the life that
is imitated. Nothing else may be raised.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import time_machine
from django.db import OperationalError, transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from afiliados.afiliado import services as afiliados
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import persona
from alpespartner.comun.dinero import cuantizar
from alpespartner.comun.errores import ErrorDominio
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste, descartar_ajuste
from comisiones.calculo.inmediato import PeticionCalculo, registrar_y_calcular
from comisiones.calculo.services import calcular_comisiones, calcular_manual
from comisiones.comision.models import Comision
from comisiones.consumidor import COMISIONES
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.models import Recuento
from comisiones.contadores.reconstruccion import reconstruir
from comisiones.libro.cadena import sellar_dias
from comisiones.models import Ajuste, LotePago, Pago
from comisiones.motor import Terminos
from comisiones.pagos.barrido import barrer_pagos, barrer_trabajos
from comisiones.pagos.lotes import avance, ciclo, propuesta
from comisiones.pagos.models import A_MEDIAS
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import anular_pago, reintentar_pago
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision import services as comisiones
from comisiones.revision.automatica import aprobar_por_politicas, publicar_politica
from comisiones.revision.espera_sitio import barrer_presupuestos
from conversiones.campanas.services import actualizar_campana
from conversiones.ventas.devoluciones import Devolucion, devolver, guardar_pendiente
from conversiones.ventas.models import Conversion, TipoMovimiento
from conversiones.ventas.reasignacion import reasignar_conversion
from conversiones.ventas.services import rechazar_conversion, validar_conversion
from outbox.consumo import Sobre
from outbox.models import OutboxEvent
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.comisiones.pagos.pasarelas.pruebas import Caida, PasarelaDePruebas
from tests.comisiones.presupuesto.cuadre import cuadran
from tests.fabricas import ANA, LUIS, PRUEBAS, hace

ACCIDENTES = ["", "", "", "", "falla_antes", "falla_despues", "muere_antes", "muere_despues",
              "rechaza", "no_sabe"]  # fmt: skip
GENTE = [ANA, LUIS, persona(3)]
ESCALA = {
    "metrica": "valor",
    "tramos": [
        {"desde": "0", "hasta": "300", "porcentaje": "3"},
        {"desde": "300", "porcentaje": "12.3456"},
    ],
}


class Azar:
    """A programme and what happens to it. ``hechas`` counts what was done and what refused."""

    def __init__(self, semilla: int) -> None:
        self.azar = random.Random(semilla)
        self.hechas: Counter[str] = Counter()
        self.n = 0
        self.manos = ""
        self.reloj = time_machine.travel(timezone.now(), tick=True)
        self.viaje = self.reloj.start()
        self._programa()

    def _operaciones(self) -> dict[Callable[[], None], int]:
        """Each with how often it happens."""
        return {
            self.registrar: 20, self.entregar: 8, self.por_calculate: 8, self.a_mano: 2,
            self.calcular: 4, self.repetir: 4, self.barajar: 4, self.aprobar: 14,
            self.revisar: 8, self.devolver: 9, self.devolver_antes: 2, self.juzgar: 4,
            self.mover_afiliado: 3, self.publicar: 1, self.ajustar: 3, self.decidir_ajuste: 3,
            self.pagar: 8, self.reintentar: 2, self.soltar_pago: 1, self.barrer: 3,
            self.proponer_lote: 3, self.mover_lote: 6, self.publicar_politica: 1,
            self.aprobar_por_politica: 2, self.recontar: 1, self.reasignar: 4, self.presupuestar: 3,
        }  # fmt: skip

    def otras_manos(self, numero: int) -> Azar:
        """Somebody else at work in the same programme."""
        otro = copy.copy(self)
        otro.azar, otro.hechas = random.Random(numero), Counter()
        otro.n, otro.manos = 0, f"-{numero}"
        return otro

    def _programa(self) -> None:
        self.regla = fabricas.regla(porcentaje="7.5")
        self.campanas = [
            fabricas.campana(presupuesto=Decimal(60)),
            fabricas.campana(moneda="JPY", dias_retencion=2, presupuesto=Decimal(300)),
            fabricas.campana(dias_retencion=1, presupuesto=Decimal(90)),
            fabricas.campana(moneda="KWD"),
            fabricas.campana(),
        ]
        topes = [{"ambito": "afiliado", "periodo": "dia", "monto": "20"},
                 {"ambito": "campana", "periodo": "mes", "monto": "400"}]  # fmt: skip
        publicar_version(
            regla=crear_regla(nombre="Con topes", campana=self.campanas[4], actor=ANA),
            tipo="porcentual", porcentaje=Decimal(10), moneda="USD", actor=ANA,
            vigente_desde=hace(days=90), condiciones={"topes_gasto": topes},
        )  # fmt: skip
        for nivel, campana in enumerate(self.campanas[2:4]):
            publicar_version(
                regla=crear_regla(nombre="Escala", campana=campana, actor=ANA),
                tipo="escalonada", moneda=campana.moneda, actor=ANA, vigente_desde=hace(days=90),
                condiciones={**ESCALA, "modo": ("graduada", "completa")[nivel],
                             "periodo": ("dia", "semana")[nivel]},
            )  # fmt: skip
        self.red = crear_regla(nombre="Red", campana=None, actor=ANA)
        self.publicar_red("3", "1.5")
        self.afiliados: list[Any] = []
        for i in range(12):
            # Two of three refer somebody; some have terms of their own, one is not active yet.
            de = self.afiliados[i // 2] if i % 3 and i > 1 else None
            propias = {"comision_base": Decimal("33.3333")} if i % 4 == 0 else {}
            hacer = fabricas.afiliado if propias else fabricas.afiliado_sin_tarifa
            self.afiliados.append(
                hacer(email=f"a{i}@example.com", referente=de, activo=i != 7, **propias)
            )

    def correr(self, veces: int) -> None:
        """Do ``veces`` operations at random."""
        operaciones = self._operaciones()
        for operacion in self.azar.choices(list(operaciones), list(operaciones.values()), k=veces):
            nombre = operacion.__name__
            try:
                operacion()
                self.hechas[nombre] += 1
            except ErrorDominio:
                self.hechas[f"{nombre} rehusada"] += 1
            except OperationalError:
                # It lost a deadlock, or SQLite's only lock: whoever asked would ask again.
                self.hechas[f"{nombre} ocupada"] += 1

    def terminar(self) -> None:
        """Let time pass until nothing is left to do."""
        PasarelaDePruebas.accidentes.clear()
        # Before they are counted once more.
        assert cuadran() == []
        for _ in range(40):
            self.viaje.shift(timedelta(minutes=10))
            barrer_trabajos(actor=PRUEBAS)
            for pk in LotePago.objects.filter(A_MEDIAS).values_list("pk", flat=True):
                avance.avanzar_lote(lote_pk=pk)
            hecho = (
                drenar()
                + barrer_presupuestos(actor=PRUEBAS)
                + sum(barrer_pagos(actor=PRUEBAS).values())
            )
            for pk in Pago.objects.filter(estado="listo").values_list("pk", flat=True):
                ejecutar_pago(pago_pk=pk, actor=PRUEBAS)
            if not hecho and not drenar():
                break
        for _paso in reconstruir() if Recuento.objects.exclude(rehecho_hasta=None) else ():
            pass
        self.viaje.shift(timedelta(days=2))
        sellar_dias()
        self.reloj.stop()

    # --- What it picks ---------------------------------------------------------------------------

    def _uno(self, consulta: QuerySet[Any]) -> Any:
        """Some row; refuses when there is none, as a service would."""
        extremos = consulta.order_by("pk").values_list("pk", flat=True)
        primero, ultimo = extremos.first(), extremos.last()
        if primero is None or ultimo is None:
            raise ErrorDominio("no hay")
        desde = self.azar.randint(primero, ultimo)
        uno = consulta.filter(pk__gte=desde).order_by("pk").first()
        if uno is None:
            raise ErrorDominio("otra mano se lo llevó")
        return uno

    def _afiliado(self) -> Any:
        suyo = self.azar.choice(self.afiliados)
        suyo.refresh_from_db()
        return suyo

    def _quien(self) -> Any:
        return self.azar.choice(GENTE)

    def _valor(self, campana: Any) -> Decimal:
        centesimas = Decimal(self.azar.randint(1, 10 ** self.azar.randint(1, 5)))
        return max(cuantizar(centesimas / 100, campana.moneda), Decimal(1))

    def _nueva(self, prefijo: str) -> str:
        self.n += 1
        return f"{prefijo}{self.manos}-{self.n}"

    # --- Sales -----------------------------------------------------------------------------------

    def _venta(self, referencia: str, en: Any) -> None:
        fabricas.conversion(
            de=self._afiliado(), en=en, valor=str(self._valor(en)), referencia_externa=referencia,
            # Most come in order; the others are late to their period.
            ocurrida_en=hace(days=self.azar.choice([0, 0, 0, 1, 3, 20])),
        )  # fmt: skip

    def registrar(self) -> None:
        self._venta(self._nueva("r"), self.azar.choice(self.campanas))

    def devolver_antes(self) -> None:
        """A refund, then its sale."""
        referencia, en = self._nueva("antes"), self.azar.choice(self.campanas)
        datos = Devolucion(id_externo=self._nueva("d"), monto=self.azar.choice([None, Decimal(1)]))
        guardar_pendiente(campana=en, referencia=referencia, datos=datos, actor=PRUEBAS)
        self._venta(referencia, en)

    def por_calculate(self) -> None:
        """The earlier systems' door, sometimes with a reference that exists."""
        en = self.azar.choice(self.campanas)
        referencia = self._nueva("c") if self.azar.random() < 0.8 else f"r-{self.n // 2}"
        registrar_y_calcular(
            peticion=PeticionCalculo(
                referencia=referencia, afiliado=self._afiliado(), campana=en,
                importe=self._valor(en), moneda=en.moneda,
            ),
            actor=PRUEBAS,
        )  # fmt: skip

    def a_mano(self) -> None:
        calcular_manual(
            conversion=self._uno(Conversion.objects.filter(comisiones=None)),
            terminos=self.azar.choice(
                [None, Terminos(porcentaje=Decimal("2.5")), Terminos(monto_fijo=Decimal(1))]
            ),
            actor=self._quien(),
        )

    def calcular(self) -> None:
        """Some sales, in any order, perhaps again."""
        ids = [self._uno(Conversion.objects.all()).id_publico for _ in range(5)]
        calcular_comisiones(conversiones_ids=ids, actor=PRUEBAS)

    def juzgar(self) -> None:
        venta = self._uno(Conversion.objects.filter(estado="recibida"))
        if self.azar.random() < 0.8:
            validar_conversion(conversion=venta, actor=self._quien())
        else:
            rechazar_conversion(conversion=venta, actor=self._quien(), motivo="m")

    def devolver(self) -> None:
        """Part of a sale, what is left, or too much."""
        venta = self._uno(Conversion.objects.all())
        parte = self.azar.randint(1, 130)
        monto = None if parte > 100 else cuantizar(venta.valor * parte / 100, venta.moneda)
        tipo = self.azar.choice([TipoMovimiento.DEVOLUCION, TipoMovimiento.CONTRACARGO])
        devolver(
            conversion=venta,
            datos=Devolucion(id_externo=self._nueva("d"), monto=monto, tipo=tipo),
            actor=PRUEBAS,
        )

    def reasignar(self) -> None:
        """It was somebody else's, whatever became of what it earned."""
        reasignar_conversion(
            conversion=self._uno(Conversion.objects.all()), afiliado=self._afiliado(), motivo="m",
            actor=self._quien(),
        )  # fmt: skip

    # --- Events ----------------------------------------------------------------------------------

    def entregar(self) -> None:
        drenar()

    def repetir(self) -> None:
        """An old event again, under another id: nothing may remember it by its id alone."""
        de = self.azar.choice([COMISIONES, CONTADORES])
        fila = self._uno(OutboxEvent.objects.filter(type__in=de.tipos))
        with transaction.atomic():
            de.manejar([Sobre(self._nueva("otra"), fila.type, fila.aggregateid, fila.payload)])

    def barajar(self) -> None:
        """The last events in any order, before the relay brings them in theirs."""
        de = self.azar.choice([COMISIONES, CONTADORES])
        filas = list(OutboxEvent.objects.filter(type__in=de.tipos).order_by("-pk")[:12])
        self.azar.shuffle(filas)
        for fila in filas[:6]:
            sobre = Sobre(self._nueva("otra"), fila.type, fila.aggregateid, fila.payload)
            with transaction.atomic():
                de.manejar([sobre])

    def recontar(self) -> None:
        """A piece of a recount, or what is left of one."""
        for vez, _paso in enumerate(reconstruir()):
            if vez == self.azar.randint(0, 3):
                break

    # --- Staff -----------------------------------------------------------------------------------

    def aprobar(self) -> None:
        suya = self._uno(Comision.objects.filter(estado="pendiente"))
        comisiones.aprobar_comision(comision=suya, actor=self._quien())

    def revisar(self) -> None:
        """Any action on any commission."""
        hacer = self.azar.choice(
            [comisiones.aprobar_comision, comisiones.rechazar_comision,
             comisiones.retener_comision, comisiones.liberar_comision, comisiones.anular_comision,
             comisiones.devolver_comision]
        )  # fmt: skip
        hacer(comision=self._uno(Comision.objects.all()), actor=self._quien(), motivo="m")

    def mover_afiliado(self) -> None:
        """In and out; those who are out come back sooner than they left, or sales would end."""
        fuera = Afiliado.objects.exclude(estado="activo")
        if fuera.count() > 2:
            suyo = self._uno(fuera)
            hacer = {
                "bloqueado": afiliados.desbloquear_afiliado,
                "suspendido": afiliados.reactivar_afiliado,
            }.get(suyo.estado, afiliados.activar_afiliado)
        else:
            suyo = self._afiliado()
            hacer = self.azar.choice([afiliados.suspender_afiliado, afiliados.bloquear_afiliado])
        hacer(afiliado=suyo, actor=self._quien(), motivo="m")

    def presupuestar(self) -> None:
        """Another budget, perhaps under what was spent; and what fits is released."""
        con = [c for c in self.campanas if c.presupuesto is not None]
        monto = Decimal(self.azar.choice([10, 60, 200, 900]))
        actualizar_campana(
            campana=self.azar.choice(con), cambios={"presupuesto": monto}, actor=self._quien()
        )
        barrer_presupuestos(actor=PRUEBAS)

    def publicar(self) -> None:
        """New terms of the programme, or of its network."""
        if self.azar.random() < 0.5:
            self.publicar_red(*self.azar.choice([("3", "1.5"), ("10",), (), ("2", "2", "2")]))
            return
        publicar_version(
            regla=self.regla, tipo="porcentual", actor=ANA, vigente_desde=hace(days=30),
            porcentaje=Decimal(self.azar.randint(0, 2000)) / 100,
        )  # fmt: skip

    def publicar_red(self, *porcentajes: str) -> None:
        publicar_version(
            regla=self.red, tipo="red", actor=ANA, vigente_desde=hace(days=90),
            condiciones={"porcentajes": list(porcentajes),
                         "suspendido": self.azar.choice(["omitir", "comprimir"])},
        )  # fmt: skip

    def publicar_politica(self) -> None:
        publicar_politica(
            campana=self.azar.choice(self.campanas),
            hasta=self.azar.choice([None, Decimal(5), Decimal(50)]), motivo="m", actor=ANA,
        )  # fmt: skip

    def aprobar_por_politica(self) -> None:
        aprobar_por_politicas(actor=PRUEBAS, limite=20)

    def ajustar(self) -> None:
        suya = self._uno(Comision.objects.all())
        tipo = self.azar.choice(["bono", "correccion", "clawback"])
        crear_ajuste(
            afiliado=suya.afiliado, comision=self.azar.choice([None, suya]), tipo=tipo,
            monto=Decimal(-1 if tipo == "clawback" else 1), moneda=suya.moneda, motivo="m",
            actor=self._quien(),
        )  # fmt: skip

    def decidir_ajuste(self) -> None:
        suyo = self._uno(Ajuste.objects.filter(estado="borrador"))
        hacer = aprobar_ajuste if self.azar.random() < 0.8 else descartar_ajuste
        hacer(ajuste=suyo, actor=self._quien(), motivo="m")

    # --- Payments --------------------------------------------------------------------------------

    def pagar(self) -> None:
        """A worker takes a payment in any state, and something may happen to it."""
        vivos = Pago.objects.exclude(estado="pagado")
        self._con_accidente(lambda: ejecutar_pago(pago_pk=self._uno(vivos).pk, actor=PRUEBAS))

    def _con_accidente(self, hacer: Callable[[], Any]) -> None:
        PasarelaDePruebas.accidentes[:] = [self.azar.choice(ACCIDENTES)]
        try:
            hacer()
        except Caida:
            pass

    def reintentar(self) -> None:
        reintentar_pago(pago=self._uno(Pago.objects.filter(estado="fallido")), actor=self._quien())

    def soltar_pago(self) -> None:
        anular_pago(pago=self._uno(Pago.objects.all()), actor=self._quien(), motivo="m")

    def barrer(self) -> None:
        """Time goes by and the sweep comes, and may die as well."""
        self.viaje.shift(timedelta(seconds=self.azar.choice([1, 10, 100, 90_000])))
        self._con_accidente(lambda: barrer_trabajos(actor=PRUEBAS))
        self._con_accidente(lambda: barrer_pagos(actor=PRUEBAS, limite=20))

    def proponer_lote(self) -> None:
        propuesta.proponer_lote(
            moneda=self.azar.choice(["USD", "JPY", "KWD"]), actor=self._quien(),
            pasarela=PasarelaDePruebas.nombre,
            campana=self.azar.choice([None, None, self.campanas[0]]),
        )  # fmt: skip

    def mover_lote(self) -> None:
        """Any step of any batch."""
        suyo, quien = self._uno(LotePago.objects.all()), self._quien()
        pasos: list[Callable[[], Any]] = [
            lambda: ciclo.congelar_lote(lote=suyo, actor=quien),
            lambda: ciclo.liberar_lote(lote=suyo, actor=quien),
            lambda: ciclo.liberar_lote(lote=suyo, actor=quien),
            lambda: ciclo.ejecutar_lote(lote_pk=suyo.pk, actor=PRUEBAS),
            lambda: ciclo.devolver_lote(lote=suyo, actor=quien, motivo="m"),
            lambda: propuesta.descartar_lote(lote=suyo, actor=quien, motivo="m"),
            lambda: ciclo.cerrar_lote(lote=suyo, actor=quien),
            lambda: avance.avanzar_lote(lote_pk=suyo.pk, segundos=-1),
            lambda: avance.avanzar_lote(lote_pk=suyo.pk, segundos=-1),
        ]
        self.azar.choice(pasos)()


def filas(*modelos: type[Model]) -> dict[str, int]:
    """How many rows of each, to see that a run was about something."""
    return {modelo.__name__: modelo._default_manager.count() for modelo in modelos}
