"""Any story, in any order, with repetitions and accidents, ends with the same balances."""

from __future__ import annotations

from collections import defaultdict
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase
from hypothesis import settings as ajustes
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from afiliados.afiliado.services import (
    activar_afiliado,
    bloquear_afiliado,
    desbloquear_afiliado,
    reactivar_afiliado,
)
from alpespartner.comun.actores import persona
from alpespartner.comun.dinero import cuantizar
from alpespartner.comun.errores import ErrorDominio
from comisiones.ajustes.services import aprobar_ajuste
from comisiones.calculo.explicacion import repasar
from comisiones.comision.models import Comision
from comisiones.consumidor import COMISIONES
from comisiones.libro.models import Apunte, Asiento
from comisiones.libro.selectors import saldos
from comisiones.models import Ajuste, ItemPago, LotePago, Pago
from comisiones.pagos.barrido import barrer_pagos, barrer_trabajos
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.lotes.reintento import reintentar_fallidos
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import anular_pago, reintentar_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.reglas.services import publicar_version
from comisiones.retenciones.services import hoy, publicar_retencion
from comisiones.revision.services import (
    anular_comision,
    aprobar_comision,
    liberar_comision,
    rechazar_comision,
    retener_comision,
)
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
from conversiones.ventas.reasignacion import reasignar_conversion
from conversiones.ventas.services import rechazar_conversion, validar_conversion
from outbox.consumo import Sobre
from outbox.models import OutboxEvent
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.comisiones.pagos.pasarelas.pruebas import Caida, PasarelaDePruebas
from tests.conftest import casos
from tests.fabricas import ANA, LUIS, PRUEBAS

EVA = persona(3)
# Publishes no rule, so that it may approve; nor releases what it approved.
MIA = persona(4)
ACCIONES = {
    "aprobar": lambda c: aprobar_comision(comision=c, actor=MIA),
    "rechazar": lambda c: rechazar_comision(comision=c, actor=ANA, motivo="m"),
    "retener": lambda c: retener_comision(comision=c, actor=ANA, motivo="m"),
    "liberar": lambda c: liberar_comision(comision=c, actor=ANA),
    "anular": lambda c: anular_comision(comision=c, actor=ANA, motivo="m"),
}
PASOS_DE_LOTE: dict[str, Any] = {
    "congelar": lambda lote: ciclo.congelar_lote(lote=lote, actor=LUIS),
    "liberar": lambda lote: ciclo.liberar_lote(lote=lote, actor=EVA),
    "ejecutar": lambda lote: ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS),
    "devolver": lambda lote: ciclo.devolver_lote(lote=lote, actor=EVA, motivo="m"),
    "descartar": lambda lote: propuesta.descartar_lote(lote=lote, actor=LUIS, motivo="m"),
    "rehacer": lambda lote: propuesta.rehacer_lote(lote=lote, actor=LUIS),
    "reintentar": lambda lote: reintentar_fallidos(lote=lote, actor=LUIS),
    "cerrar": lambda lote: ciclo.cerrar_lote(lote=lote, actor=LUIS),
}
ACCIDENTES = [
    "", "", "", "falla_antes", "falla_despues", "muere_antes", "muere_despues", "rechaza",
    "no_sabe",
]  # fmt: skip
cualquiera = st.integers(0, 10**6)


class Historias(RuleBasedStateMachine):
    """Each story runs in a transaction that is rolled back, on a clock of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.transaccion = transaction.atomic()
        self.transaccion.__enter__()
        self.viaje = time_machine.travel(timezone.now(), tick=False)
        self.reloj = self.viaje.start()
        PasarelaDePruebas.reiniciar()
        self.devoluciones = 0
        self.pagadas: dict[int, tuple[Any, ...]] = {}
        self.devueltos: set[str] = set()

    @initialize()
    def programa(self) -> None:
        """Two campaigns, and affiliates of every kind."""
        self.regla = fabricas.regla(porcentaje="7.5")
        self.campanas = [fabricas.campana(), fabricas.campana(moneda="JPY", dias_retencion=2)]
        self.afiliados = [
            fabricas.afiliado(comision_base=Decimal("33.3333")),
            fabricas.afiliado_sin_tarifa(),
            fabricas.afiliado(activo=False),
        ]
        # A story begins in the middle of things, or most of them would end before any payment.
        for valor in (101, 202, 303, 404, 505, 606):
            for afiliado in range(3):
                self.registrar(afiliado=afiliado, campana=valor % 2, valor=valor)
        drenar([COMISIONES])
        pendientes = Comision.objects.filter(estado="pendiente").order_by("pk")
        for suya in pendientes[:6]:
            aprobar_comision(comision=suya, actor=MIA)
        drenar([COMISIONES])
        for suya in Comision.objects.filter(estado="pendiente").order_by("pk")[:2]:
            aprobar_comision(comision=suya, actor=MIA)

    def _uno(self, consulta: Any, indice: int) -> Any:
        filas = list(consulta.order_by("pk"))
        return filas[indice % len(filas)]

    @rule(afiliado=st.integers(0, 2), campana=st.integers(0, 1), valor=st.integers(1, 10**6))
    def registrar(self, afiliado: int, campana: int, valor: int) -> None:
        """A sale."""
        en = self.campanas[campana]
        monto = Decimal(valor) if en.moneda == "JPY" else Decimal(valor).scaleb(-2)
        with suppress(ErrorDominio):
            fabricas.conversion(de=self._afiliado(afiliado), en=en, valor=str(monto))

    def _afiliado(self, indice: int) -> Any:
        self.afiliados[indice].refresh_from_db()
        return self.afiliados[indice]

    @rule()
    def entregar(self) -> None:
        """The relay hands over what is due."""
        drenar([COMISIONES])

    @precondition(lambda self: OutboxEvent.objects.exists())
    @rule(indice=cualquiera)
    def repetir(self, indice: int) -> None:
        """An old event comes again under another id."""
        fila = self._uno(OutboxEvent.objects.filter(type__in=COMISIONES.tipos), indice)
        COMISIONES.manejar([Sobre("otra-vez", fila.type, fila.aggregateid, fila.payload)])

    @precondition(lambda self: Comision.objects.exists())
    @rule(accion=st.sampled_from(sorted(ACCIONES)), indice=cualquiera)
    def revisar(self, accion: str, indice: int) -> None:
        """Staff act on any commission, in any state."""
        with suppress(ErrorDominio):
            ACCIONES[accion](self._uno(Comision.objects, indice))

    @precondition(lambda self: Comision.objects.filter(estado="pendiente").exists())
    @rule(indice=cualquiera)
    def aprobar(self, indice: int) -> None:
        """The usual step, more often than the rest."""
        with suppress(ErrorDominio):
            aprobar_comision(
                comision=self._uno(Comision.objects.filter(estado="pendiente"), indice), actor=MIA
            )

    @precondition(lambda self: Comision.objects.filter(estado="aprobada").exists())
    @rule(indice=cualquiera)
    def anular_lo_debido(self, indice: int) -> None:
        """What was approved loses its cause: rare at random, and the ledger must follow."""
        suya = self._uno(Comision.objects.filter(estado="aprobada"), indice)
        anular_comision(comision=suya, actor=ANA, motivo="m")

    @precondition(lambda self: Conversion.objects.filter(estado="recibida").exists())
    @rule(indice=cualquiera, valida=st.booleans())
    def juzgar(self, indice: int, valida: bool) -> None:
        """Staff validate or refuse a sale."""
        venta = self._uno(Conversion.objects.filter(estado="recibida"), indice)
        if valida:
            validar_conversion(conversion=venta, actor=ANA)
        else:
            rechazar_conversion(conversion=venta, actor=ANA, motivo="m")

    @rule(porcentaje=st.sampled_from(["0", "7.5", "15"]), indice=st.integers(-1, 2))
    def retener(self, porcentaje: str, indice: int) -> None:
        """From everybody, or from one, since today."""
        publicar_retencion(
            nombre="IRPF", porcentaje=Decimal(porcentaje), desde=hoy(), motivo="m", actor=ANA,
            afiliado=None if indice < 0 else self._afiliado(indice),
        )  # fmt: skip

    @rule(indice=st.integers(0, 2))
    def activar(self, indice: int) -> None:
        """An affiliate comes in, or back."""
        suyo = self._afiliado(indice)
        hacer = activar_afiliado if suyo.estado == "pendiente" else reactivar_afiliado
        with suppress(ErrorDominio):
            hacer(afiliado=suyo, actor=ANA, motivo="m")

    @rule(indice=st.integers(0, 2), bloquear=st.booleans())
    def bloqueo(self, indice: int, bloquear: bool) -> None:
        """A block, or its end."""
        hacer = bloquear_afiliado if bloquear else desbloquear_afiliado
        with suppress(ErrorDominio):
            hacer(afiliado=self._afiliado(indice), actor=ANA if bloquear else LUIS, motivo="m")

    @rule(porcentaje=st.integers(0, 100))
    def publicar(self, porcentaje: int) -> None:
        """New terms of the default rule."""
        publicar_version(
            regla=self.regla, tipo="porcentual", porcentaje=Decimal(porcentaje), actor=ANA
        )

    @rule(modo=st.sampled_from(["graduada", "completa"]), periodo=st.sampled_from(["dia", "total"]))
    def publicar_escala(self, modo: str, periodo: str) -> None:
        """Tiers over a period, for sales in dollars."""
        tramos = [{"desde": "0", "hasta": "2000", "porcentaje": "3"},
                  {"desde": "2000", "porcentaje": "12.3456"}]  # fmt: skip
        publicar_version(
            regla=self.regla, tipo="escalonada", moneda="USD", actor=ANA,
            condiciones={"modo": modo, "periodo": periodo, "tramos": tramos},
        )  # fmt: skip

    @precondition(lambda self: Conversion.objects.exists())
    @rule(indice=cualquiera, afiliado=st.integers(0, 2))
    def reasignar(self, indice: int, afiliado: int) -> None:
        """Any sale was somebody else's."""
        with suppress(ErrorDominio):
            reasignar_conversion(
                conversion=self._uno(Conversion.objects, indice),
                afiliado=self._afiliado(afiliado), motivo="m", actor=ANA,
            )  # fmt: skip

    @precondition(lambda self: Conversion.objects.exists())
    @rule(indice=cualquiera, centesimas=st.integers(1, 120))
    def devolver(self, indice: int, centesimas: int) -> None:
        """A refund of part of any sale, of the rest, or of too much."""
        venta = self._uno(Conversion.objects, indice)
        self.devoluciones += 1
        monto = cuantizar(venta.valor * centesimas / 100, venta.moneda)
        with suppress(ErrorDominio):
            devolver(
                conversion=venta,
                datos=Devolucion(
                    id_externo=f"d{self.devoluciones}", monto=None if centesimas > 100 else monto
                ),
                actor=PRUEBAS,
            )

    @precondition(lambda self: Ajuste.objects.filter(estado="borrador").exists())
    @rule(indice=cualquiera)
    def decidir_ajuste(self, indice: int) -> None:
        """Staff post what a late sale changed."""
        ajuste = self._uno(Ajuste.objects.filter(estado="borrador"), indice)
        aprobar_ajuste(ajuste=ajuste, actor=LUIS)

    @precondition(lambda self: Pago.objects.exists())
    @rule(indice=cualquiera, accidente=st.sampled_from(ACCIDENTES))
    def pagar(self, indice: int, accidente: str) -> None:
        """A worker takes a payment, whatever its state, and something may happen to it."""
        PasarelaDePruebas.accidentes[:] = [accidente]
        with suppress(Caida):
            ejecutar_pago(pago_pk=self._uno(Pago.objects, indice).pk, actor=PRUEBAS)

    @precondition(lambda self: Pago.objects.filter(estado="fallido").exists())
    @rule(indice=cualquiera)
    def reintentar(self, indice: int) -> None:
        """Staff retry a failed payment, perhaps twice."""
        with suppress(ErrorDominio):
            reintentar_pago(
                pago=self._uno(Pago.objects.filter(estado="fallido"), indice), actor=ANA
            )

    @precondition(lambda self: Pago.objects.filter(estado="listo").exists())
    @rule(indice=cualquiera)
    def anular_un_pago(self, indice: int) -> None:
        """Treasury drops one that was not sent."""
        with suppress(ErrorDominio):
            anular_pago(
                pago=self._uno(Pago.objects.filter(estado="listo"), indice), actor=ANA, motivo="m"
            )

    @precondition(lambda self: Pago.objects.filter(estado="pagado").exists())
    @rule(indice=cualquiera)
    def devolver_un_pago(self, indice: int) -> None:
        """The bank sends one back; it may say so twice."""
        pago = self._uno(Pago.objects.filter(estado__in=("pagado", "devuelto")), indice)
        resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("devuelto"), actor=PRUEBAS)
        self.devueltos.add(pago.id_publico)

    @rule(moneda=st.sampled_from(["USD", "JPY"]))
    def proponer_un_lote(self, moneda: str) -> None:
        """Treasury proposes what is due."""
        with suppress(ErrorDominio):
            propuesta.proponer_lote(moneda=moneda, pasarela="pruebas", actor=LUIS)

    @precondition(lambda self: LotePago.objects.exists())
    @rule(indice=cualquiera, paso=st.sampled_from(sorted(PASOS_DE_LOTE)))
    def mover_un_lote(self, indice: int, paso: str) -> None:
        """Anybody does anything to any batch, in any state."""
        with suppress(ErrorDominio):
            PASOS_DE_LOTE[paso](self._uno(LotePago.objects, indice))

    @rule(segundos=st.sampled_from([1, 10, 100, 86_400 * 3]), accidente=st.sampled_from(ACCIDENTES))
    def barrer(self, segundos: int, accidente: str) -> None:
        """Time goes by and the sweep comes, and may die as well."""
        self.reloj.shift(timedelta(seconds=segundos))
        PasarelaDePruebas.accidentes[:] = [accidente]
        with suppress(Caida):
            barrer_trabajos(actor=PRUEBAS)
            barrer_pagos(actor=PRUEBAS)

    @invariant()
    def el_libro_cuadra(self) -> None:
        """1: every entry sums to zero per currency."""
        filas = Apunte.objects.values("asiento", "moneda").annotate(suma=Sum("importe"))
        # SQLite adds in binary.
        assert all(cuantizar(f["suma"], f["moneda"]) == 0 for f in filas)
        assert (
            Asiento.objects.count() == Asiento.objects.values("tipo", "origen").distinct().count()
        )

    @invariant()
    def los_saldos_son_lo_debido(self) -> None:
        """2: what an affiliate is owed is what is approved and not sent, and what was adjusted."""
        for afiliado in getattr(self, "afiliados", []):
            debido: dict[str, Decimal] = defaultdict(Decimal)
            salidos = ("enviando", "incierto", "pagado", "devuelto")
            for suya in Comision.objects.filter(
                afiliado=afiliado, estado__in=("aprobada", "programada")
            ).exclude(item_vivo__pago__estado__in=salidos):
                debido[suya.moneda] += suya.monto
            for ajuste in Ajuste.objects.filter(afiliado=afiliado, estado="contabilizado").exclude(
                item_vivo__pago__estado__in=salidos
            ):
                debido[ajuste.moneda] += ajuste.monto
            tenido = {m: s for m, s in saldos(afiliado).items() if s}
            assert tenido == {m: s for m, s in debido.items() if s}

    @invariant()
    def una_por_conversion(self) -> None:
        """3: whatever was repeated or published."""
        vivas = Comision.objects.filter(viva=True)
        grupos = vivas.values("conversion", "nivel").annotate(n=Count("id"))
        assert all(g["n"] == 1 for g in grupos)
        calculadas = OutboxEvent.objects.filter(type="ComisionCalculada").count()
        assert calculadas == Comision.objects.count()

    @invariant()
    def un_solo_pago_vivo(self) -> None:
        """4: and the bank paid what we say, or more only where we say we do not know."""
        for suya in Comision.objects.filter(estado__in=("programada", "pagada")):
            assert ItemPago.objects.filter(comision_viva=suya).count() == 1
            assert suya.items_pago.filter(pago__estado__in=("pagado", "devuelto")).count() <= 1
        assert not ItemPago.objects.filter(
            comision_viva__estado__in=("aprobada", "anulada", "rechazada")
        ).exists()
        for ajuste in Ajuste.objects.filter(items_pago__isnull=False).distinct():
            vivos = ajuste.items_pago.exclude(pago__estado__in=("fallido", "anulado"))
            assert vivos.count() == ItemPago.objects.filter(ajuste_vivo=ajuste).count() <= 1
        for pago in Pago.objects.all():
            assert pago.items.aggregate(suma=Sum("importe"))["suma"] == pago.bruto
            pagado = pago.id_publico in PasarelaDePruebas.pagadas
            if pago.estado in ("pagado", "devuelto"):
                assert pagado
            if pagado:
                assert pago.estado in ("pagado", "devuelto", "enviando", "incierto")

    @invariant()
    def lo_pagado_no_cambia(self) -> None:
        """6: once paid, for ever the same row."""
        for suya in Comision.objects.filter(estado="pagada"):
            fila = (suya.monto, suya.version, suya.pagada_en, suya.estado)
            assert self.pagadas.setdefault(suya.pk, fila) == fila
        assert Comision.objects.filter(pk__in=self.pagadas, estado="pagada").count() == len(
            self.pagadas
        )

    @invariant()
    def un_evento_por_hecho(self) -> None:
        """8: none without its change, none twice."""
        for tipo in ("PagoEnviado", "PagoConfirmado", "PagoFallido", "ComisionPagada",
                     "ComisionAnulada", "ComisionRechazada"):  # fmt: skip
            filas = OutboxEvent.objects.filter(type=tipo)
            assert filas.count() == filas.values("aggregateid").distinct().count(), tipo
        aprobadas = OutboxEvent.objects.filter(type="ComisionAprobada").count()
        asientos = Asiento.objects.filter(tipo="aprobacion")
        sin_asiento = Comision.objects.filter(aprobada_en__isnull=False).exclude(
            id_publico__in=asientos.values("origen")
        )
        assert all(suya.monto == 0 for suya in sin_asiento)
        assert aprobadas == asientos.count() + sin_asiento.count()

    @invariant()
    def las_devoluciones_quitan_lo_justo(self) -> None:
        """5: never more than the original, and all of it when all was refunded and delivered."""
        for suya in Comision.objects.prefetch_related("reversos__movimiento"):
            reversos = list(suya.reversos.all())
            original = suya.monto + suya.revertido
            quitado = sum((r.monto for r in reversos), Decimal(0))
            assert Decimal(0) <= quitado <= original
            assert suya.revertido == sum((r.monto for r in reversos if not r.ajuste_id), Decimal(0))
            if -sum(r.movimiento.monto for r in reversos) == suya.conversion.valor:
                assert quitado == original

    @invariant()
    def cada_monto_se_repite(self) -> None:
        """Any commission can be computed again from what was frozen with it."""
        assert all(not distintas for _id, distintas in repasar())

    def teardown(self) -> None:
        """10: left alone, everything that can be paid ends paid, once."""
        try:
            PasarelaDePruebas.accidentes.clear()
            for _vuelta in range(4):
                self.reloj.shift(timedelta(days=3))
                drenar([COMISIONES])
                barrer_trabajos(actor=PRUEBAS)
                barrer_pagos(actor=PRUEBAS)
                for pago in Pago.objects.filter(estado="listo"):
                    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
            colgados = Pago.objects.filter(estado__in=("listo", "enviando", "incierto"))
            # What waits for a person to release its batch is not left alone.
            parados = ("borrador", "congelado")
            assert not (
                colgados.exclude(afiliado__estado="bloqueado")
                .exclude(lote__estado__in=parados)
                .exists()
            )
            self.los_saldos_son_lo_debido()
            self.un_solo_pago_vivo()
            banco: dict[str, Decimal] = defaultdict(Decimal)
            for orden in PasarelaDePruebas.pagadas.values():
                banco[orden.moneda] += 0 if orden.clave in self.devueltos else orden.importe
            cuenta = {
                f["moneda"]: cuantizar(-f["suma"], f["moneda"])
                for f in Apunte.objects.filter(cuenta="banco")
                .values("moneda")
                .annotate(suma=Sum("importe"))
            }
            assert {m: s for m, s in cuenta.items() if s} == {m: s for m, s in banco.items() if s}
        finally:
            self.viaje.stop()
            transaction.set_rollback(True)
            self.transaccion.__exit__(None, None, None)


@pytest.mark.lento
@pytest.mark.django_db
def test_historias(pasarela: type[PasarelaDePruebas]) -> None:
    """Runs the stories."""
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Historias,
        settings=ajustes(
            max_examples=casos(15),
            # Shrinking a story takes minutes; the whole of it is at most forty lines.
            phases=[Phase.generate],
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
