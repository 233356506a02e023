"""Payments that go wrong: what is paid for the second time, notices, and work that got lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.services import bloquear_afiliado
from comisiones.comision.models import Comision
from comisiones.models import LotePago, Pago
from comisiones.pagos import barrido
from comisiones.pagos.conciliacion.avisos import _aplicar_una_vez
from comisiones.pagos.lotes import avance, ciclo, propuesta
from comisiones.pagos.lotes.antecedentes import antecedentes, confirmados_por
from comisiones.pagos.lotes.contenido import contenido
from comisiones.pagos.pago import services as pagos
from comisiones.pagos.pago.armado import ajustes_pendientes, exclusion, pagables, reunir
from comisiones.pagos.pago.bloqueo import orden_de
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.propuestas import lineas_de_no_pagado, proponer_no_pagado
from comisiones.pagos.pago.resolucion import decidir_pago, resolver_pago
from comisiones.pagos.pasarelas.interfaz import Aviso, Respuesta, pasarela_configurada
from tests import fabricas
from tests.comisiones.pagos.fabrica import EVA, ajuste
from tests.comisiones.pagos.sepa import DEVUELTA, NUESTRA, camt, emitido, importar, linea
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def test_segunda_vez(relato: Relato, settings: Any) -> None:
    """What was in a file and is paid again: said by a person, and by the bank."""
    settings.SEPA_IBAN, settings.SEPA_NOMBRE, settings.SEPA_BIC = NUESTRA, "Alpes", "COBADEFFXXX"
    settings.PAGOS_OTRAS_PASARELAS = ["comisiones.pagos.pasarelas.sepa.PasarelaSepa"]
    settings.PAGOS_AUTOMATICOS = False
    primero = emitido(3)
    no_llego, vuelve, se_queda = primero.pagos.order_by("pk")
    proponer_no_pagado(pago=no_llego, actor=ANA, motivo="no está")
    relato.dice("haría", [[str(q), str(v)] for q, v in lineas_de_no_pagado(no_llego)])
    fabricas.confirmar_lo_propuesto()
    resolver_pago(
        pago_pk=se_queda.pk, respuesta=Respuesta("pagado", referencia="B-1"), actor=PRUEBAS
    )
    de_vuelta = linea(vuelve.id_publico, "11.00", banco="B-3", sentido="CRDT", extra=DEVUELTA)
    salida = linea(vuelve.id_publico, "11.00", banco="B-2")
    importar(camt(salida, de_vuelta))
    # Another statement says again that it left: nobody has to confirm that.
    importar(camt(salida, linea(se_queda.id_publico, "12.00", banco="B-1")))
    deudora = fabricas.afiliado(email="d@example.com")
    fabricas.cuenta(deudora)
    fabricas.aprobada(de=deudora, en=fabricas.campana(moneda="EUR"), valor="70")
    segundo = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    relato.empezar()
    previos = antecedentes(segundo)
    relato.dice("antes", [str(previo) for previo in previos])
    relato.dice("confirmados", confirmados_por(previos))
    relato.dice("antes del primero", antecedentes(primero))
    for pagada in contenido(segundo):
        relato.dice("paga", pagada)
    relato.paso("Se congela", lambda: ciclo.congelar_lote(lote=segundo, actor=LUIS))
    for quien in (ANA, OTRA, LUIS, PRUEBAS):
        visto = LotePago.objects.get(pk=segundo.pk)
        relato.dice(f"{quien} no libera", ciclo.por_que_no_libera(visto, quien))
    settings.PAGOS_LIBERA_QUIEN_APROBO = True
    for quien in (ANA, EVA):
        relato.dice(f"{quien} no libera, si", ciclo.por_que_no_libera(visto, quien))


def test_avisos(relato: Relato, pasarela: Any) -> None:
    """What a gateway tells by itself: once, of what was asked, in any order."""
    hechos = [fabricas.pago(valor=v) for v in ("100.10", "50")]
    pasarela.accidentes[:] = ["falla_despues", "falla_despues"]
    for pago in hechos:
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    relato.empezar()
    uno, otro = (Pago.objects.get(pk=pago.pk) for pago in hechos)

    def avisar(que: str, externo: str, de: Pago, estado: Any, **cambios: Any) -> None:
        datos = {
            "id_externo": externo, "tipo": "t", "referencia": "tr_1", "pago_id": de.id_publico,
            "importe": D(f"{de.importe:.2f}"), "moneda": "USD", "destino": "",
            "respuesta": estado and Respuesta(estado, "tr_1", "dicho"), **cambios,
        }  # fmt: skip
        relato.paso(que, lambda: _aplicar_una_vez("pruebas", Aviso(**datos)))

    avisar("De nadie", "e1", uno, "pagado", pago_id="pago_x")
    avisar("De otro importe", "e2", uno, "pagado", importe=D("10.02"))
    avisar("De otra moneda", "e3", uno, "pagado", moneda="EUR")
    avisar("A otra cuenta", "e4", uno, "pagado", destino="acct_x")
    avisar("Llegó", "e5", uno, "pagado")
    avisar("El mismo, nada", "e5", uno, "devuelto")
    avisar("Otro que dice lo mismo", "e6", uno, "pagado")
    avisar("Volvió una parte", "e7", uno, None)
    avisar("Que falló no cuadra", "e8", uno, "fallido")
    avisar("Volvió el otro", "e9", otro, "devuelto")
    avisar("Que llegó es de antes", "e10", otro, "pagado")
    avisar("De otra transferencia no cuadra", "e11", otro, "pagado", referencia="tr_2")


def test_lo_perdido(relato: Relato, settings: Any, pasarela: Any, por_porciones: None) -> None:
    """Batches and payments whose task got lost go on when their wait is over, and not before."""
    settings.PAGOS_AUTOMATICOS = False
    settings.PAGOS_SEGUNDOS_TRABAJOS = 120
    en = fabricas.campana()
    for n in range(4):
        de = fabricas.afiliado(email=f"{n}@example.com")
        fabricas.aprobada(de=de, en=en, valor=f"{10 + n}")
    lote = propuesta.proponer_lote(moneda="USD", pasarela="pruebas", actor=LUIS)
    relato.empezar()

    def barrer() -> None:
        barrido.barrer_trabajos(actor=PRUEBAS)

    relato.paso("A medias, aún no", barrer, segundos=120)
    relato.paso("A medias, se encola", barrer, segundos=1)
    avance.avanzar_lote(lote_pk=lote.pk)
    lote.refresh_from_db()
    relato.dice("Ana, que aprobó", ciclo.por_que_no_libera(lote, ANA))
    ciclo.congelar_lote(lote=lote, actor=LUIS)
    ciclo.liberar_lote(lote=lote, actor=EVA)
    relato.empezar()
    relato.paso("Liberado, aún no", barrer, segundos=120)
    relato.paso("Liberado, se empieza", barrer, segundos=1)
    uno, otro, *_mas = lote.pagos.order_by("pk")
    relato.paso("Uno se anula", lambda: pagos.anular_pago(pago=uno, actor=ANA, motivo="mal"))
    bloquear_afiliado(afiliado=otro.afiliado, actor=ANA, motivo="x")
    relato.paso("El del bloqueado no sale", lambda: ejecutar_pago(pago_pk=otro.pk, actor=PRUEBAS))
    # The process died before it looked at the batch of its last payment.
    Pago.objects.filter(pk=otro.pk).update(estado="anulado")
    relato.empezar()
    relato.paso("En marcha, aún no", barrer, segundos=0)
    relato.paso("En marcha, se termina", barrer, segundos=1)


def test_lo_que_se_programa(relato: Relato, settings: Any, pasarela: Any) -> None:
    """Who is paid by the sweep: net of what is owed, who reaches its minimum, and to where."""
    settings.PAGOS_SEGUNDOS_BARRIDO = 60
    en, euros = fabricas.campana(), fabricas.campana(moneda="EUR")

    def socia(nombre: str, **datos: Any) -> Any:
        return fabricas.afiliado(nombre=nombre, email=f"{nombre}@example.com", **datos)

    minimo = {"minimo_pago": D("5.00"), "moneda_comision": "USD"}
    justa, corta = socia("justa", **minimo), socia("corta", **minimo)
    debe, a_cero, bloqueada = socia("debe"), socia("a_cero"), socia("bloqueada")
    for de, campana, valor in (
        (justa, en, "60"), (corta, en, "59.90"), (corta, euros, "1"), (debe, en, "30.20"),
        (a_cero, en, "10.10"), (bloqueada, en, "40"),
    ):  # fmt: skip
        fabricas.aprobada(de=de, en=campana, valor=valor)
    for de, cuanto in ((justa, "-1.00"), (corta, "-1.00"), (debe, "-3.01"), (a_cero, "-1.01")):
        ajuste(de, cuanto)
    solo_ajuste = socia("solo")
    ajuste(solo_ajuste, "7")
    bloquear_afiliado(afiliado=bloqueada, actor=ANA, motivo="x")
    mas_tarde = fabricas.aprobada(de=socia("luego"), en=fabricas.campana(dias_retencion=1))
    relato.empezar()
    quien = pasarela_configurada()
    for debido in reunir(pagables(), ajustes_pendientes()):
        relato.dice(
            f"{debido.afiliado.nombre} {debido.moneda}",
            [debido.bruto, debido.retenido, exclusion(debido, pasarela=quien, cuenta=None)],
        )

    def barrer() -> None:
        relato.dice("barrido", barrido.barrer_pagos(actor=PRUEBAS, limite=10))

    relato.paso("Se barre", barrer, segundos=61)
    relato.paso("Otra vez", barrer, segundos=1)
    fallido = Pago.objects.order_by("pk")[0]
    pasarela.accidentes[:] = ["rechaza"]
    ejecutar_pago(pago_pk=fallido.pk, actor=PRUEBAS)
    relato.empezar()
    relato.paso("Lo que falló, no", barrer, segundos=100)
    Comision.objects.filter(pk=mas_tarde.pk).update(madura_en=fabricas.hace())
    relato.empezar()
    pasarela.paga_a = "iban"
    try:
        relato.paso("Sin cuenta no", barrer)
        fabricas.cuenta(mas_tarde.afiliado)
        relato.empezar()
        relato.paso("Con ella sí", barrer)
    finally:
        pasarela.paga_a = ""


def test_dudas(relato: Relato, pasarela: Any) -> None:
    """What a person decides when nobody else knows, and what the gateway knows before."""
    hechos = [fabricas.pago(valor=v) for v in ("100.10", "50", "30")]
    pasarela.accidentes[:] = ["falla_antes"] * 3
    for pago in hechos:
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    uno, otro, sabido = hechos
    relato.empezar()
    relato.paso("Sin motivo no", lambda: decidir_pago(pago=uno, pagado=True, actor=ANA, motivo=" "))
    relato.paso("Llegó", lambda: decidir_pago(pago=uno, pagado=True, actor=ANA, motivo=" lo vi "))
    relato.paso(
        "De uno que cambió no",
        lambda: decidir_pago(pago=otro, pagado=False, actor=ANA, motivo="no", preguntado=2),
    )
    relato.paso(
        "No llegó",
        lambda: decidir_pago(pago=otro, pagado=False, actor=ANA, motivo=" no ", preguntado=3),
    )
    pasarela.pagadas[sabido.id_publico] = orden_de(sabido)
    relato.paso(
        "La pasarela lo sabe", lambda: proponer_no_pagado(pago=sabido, actor=ANA, motivo="no")
    )
    relato.paso("Ya no es dudoso", lambda: proponer_no_pagado(pago=sabido, actor=ANA, motivo="no"))
