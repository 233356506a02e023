"""What each check says of rows that no service wrote: one thing spoilt at a time, and undone."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Model, QuerySet

from alpespartner.comun.actores import persona
from alpespartner.comun.invariantes import Comprobacion
from comisiones.ajustes.invariantes import COMPROBACIONES as DE_AJUSTES
from comisiones.ajustes.models import Ajuste, Reverso
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.calculo.invariantes import COMPROBACIONES as DE_CALCULO
from comisiones.calculo.services import calcular_manual
from comisiones.comision.models import Comision
from comisiones.libro import cadena
from comisiones.libro.invariantes import COMPROBACIONES as DE_LIBRO
from comisiones.libro.models import Apunte, Asiento, Eslabon, SaldoSellado, SelloDiario
from comisiones.models import DecisionEnMasa, IntentoPago, ItemPago, LotePago, Pago
from comisiones.motor import Terminos
from comisiones.pagos.invariantes import COMPROBACIONES as DE_PAGOS
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.retenciones.services import hoy, publicar_retencion
from comisiones.revision import avance, en_masa
from comisiones.revision.estados import AccionEnMasa
from comisiones.revision.invariantes import COMPROBACIONES as DE_REVISION
from comisiones.revision.models import LineaEnMasa
from comisiones.revision.services import aprobar_comision, devolver_comision
from conversiones.invariantes import COMPROBACIONES as DE_VENTAS
from conversiones.ventas.devoluciones import Devolucion, devolver, guardar_pendiente
from conversiones.ventas.models import Conversion, DevolucionPendiente, MovimientoConversion
from outbox.invariantes import COMPROBACIONES as DE_EVENTOS
from outbox.models import (
    EntregaPendiente,
    EventoAparcado,
    EventoProcesado,
    EventoPurgado,
    OutboxEvent,
)
from tests import fabricas
from tests.comisiones.pagos.fabrica import EVA, ajuste
from tests.fabricas import ANA, LUIS, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal
# Keys in what a check says, and of which rows they are.
_CLAVE = re.compile(
    r"\b(afiliado|comision|ajuste|item de pago|pago|evento|conversión|clave|entrega) (\d+)\b"
)
# SQLite adds decimals as binary fractions.
_PELOS = re.compile(r"-?\d+\.\d{5,}")
Hacer = Callable[[], object]


def dicen(relato: Relato, que: str, hacer: Hacer, de: Sequence[Comprobacion]) -> None:
    """Spoil something, tell what the checks of a wing say, and put it back."""
    relato.lineas += ["", f"== {que}"]
    with transaction.atomic():
        hacer()
        for comprobacion in de:
            # Consumers come in the order in which modules were imported.
            for falta in sorted(comprobacion.filas()):
                dicho = _PELOS.sub(lambda n: f"{D(n[0]):.4f}", _CLAVE.sub(r"\1 #", falta))
                relato.lineas.append(relato._limpio(f"   {comprobacion.nombre}: {dicho}"))
        transaction.set_rollback(True)


def cambia(modelo: type[Model], suyas: dict[str, Any], **cambios: Any) -> Hacer:
    return lambda: QuerySet(modelo).filter(**suyas).update(**cambios)


def borra(modelo: type[Model], **suyas: Any) -> Hacer:
    return lambda: QuerySet(modelo).filter(**suyas)._raw_delete("default")  # type: ignore[attr-defined]


def deja_sin_comision(comision: Comision, *, evento: bool = True) -> None:
    borra(Comision, pk=comision.pk)()
    if not evento:
        suyo = OutboxEvent.objects.get(
            type="ConversionRegistrada", aggregateid=comision.conversion.id_publico
        )
        borra(EntregaPendiente, evento=suyo)()
        borra(OutboxEvent, pk=suyo.pk)()


def de(relato: Relato, checks: Sequence[Comprobacion], *casos: tuple[str, Hacer]) -> None:
    dicen(relato, "Como está", lambda: None, checks)
    for que, hacer in casos:
        dicen(relato, que, hacer, checks)


@pytest.fixture
def pagos(relato: Relato, pasarela: Any, libro_sin_candado: None) -> dict[str, Pago]:
    """Of each state one, of which something is withheld in some; and a frozen batch."""
    ada = fabricas.afiliado(nombre="Ada")
    publicar_retencion(
        nombre="IRPF", porcentaje=D("10"), desde=hoy(), motivo="ley", actor=ANA, afiliado=ada
    )
    en = fabricas.campana()
    hechos: dict[str, Pago] = {}
    for estado, accidente in (
        ("pagado", ""), ("devuelto", ""), ("fallido", "rechaza"), ("incierto", "falla_antes"),
        ("listo", None),
    ):  # fmt: skip
        quien = ada if estado in ("pagado", "incierto", "devuelto") else fabricas.afiliado()
        comision = fabricas.aprobada(de=quien, en=en, valor="100.10")
        [pago] = programar_pagos(comisiones_ids=[comision.id_publico], actor=PRUEBAS)
        if accidente is not None:
            pasarela.accidentes[:] = [accidente]
            ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
        if estado == "devuelto":
            vuelta = Respuesta("devuelto", detalle="AC04")
            resolver_pago(pago_pk=pago.pk, respuesta=vuelta, actor=PRUEBAS)
        hechos[estado] = Pago.objects.get(pk=pago.pk)
        if estado == "listo":
            ajuste(quien, "-1.01")
        assert hechos[estado].estado == estado
    fabricas.aprobada(en=fabricas.campana(moneda="EUR"), valor="50")
    propuesta.proponer_lote(moneda="EUR", pasarela="pruebas", actor=LUIS)
    lote = LotePago.objects.get()
    ciclo.congelar_lote(lote=lote, actor=LUIS)
    ciclo.liberar_lote(lote=lote, actor=EVA)
    return hechos


@pytest.mark.lento
def test_verifica_pagos(relato: Relato, pagos: dict[str, Pago]) -> None:
    pagado, listo = pagos["pagado"], pagos["listo"]
    tarde = {"actualizado_en": fabricas.hace(minutes=5, seconds=1)}
    de(
        relato, DE_PAGOS,
        ("Un pago de más", cambia(Pago, {"pk": pagado.pk}, importe=D("9.02"))),
        ("Retenido de más", cambia(Pago, {"pk": pagado.pk}, retenido=D("1.01"))),
        ("Sin líneas", borra(ItemPago, pago=listo)),
        ("Una línea de otra moneda", cambia(ItemPago, {"pago": listo}, moneda="EUR")),
        ("Una línea ajena", cambia(ItemPago, {"pago": listo}, pago=pagado)),
        ("Dos veces en un pago vivo", cambia(
            ItemPago, {"pago": listo},
            comision=pagado.items.get().comision_id, comision_viva=None,
        )),
        ("Un fallido que vive", cambia(Pago, {"pk": pagos["fallido"].pk}, estado="listo")),
        ("Pagada sin pagar", cambia(Comision, {"items_pago__pago": listo}, estado="pagada")),
        ("Pagado sin su comisión", cambia(
            Comision, {"items_pago__pago": pagado}, estado="programada"
        )),
        ("Un devuelto sin su comisión", cambia(
            Comision, {"items_pago__pago": pagos["devuelto"]}, estado="aprobada"
        )),
        ("Sin intento", borra(IntentoPago, pago=pagado)),
        *(
            (
                f"{estado} sin asiento de {tipo}",
                cambia(Asiento, {"tipo": tipo, "origen": pagos[estado].id_publico}, origen="otro"),
            )
            for estado, tipo in (
                ("pagado", "pago"), ("pagado", "liquidacion"), ("devuelto", "liquidacion"),
                ("fallido", "impago"), ("fallido", "pago"), ("incierto", "pago"),
            )
        ),
        ("Sin ningún envío", borra(Apunte, asiento__tipo="pago")),
        ("Incierto que se olvida", cambia(Pago, {"estado": "incierto"}, estado="listo")),
        ("Ajuste sin contabilizar", cambia(Ajuste, {}, estado="borrador")),
        ("Comisión que deja de deberse", cambia(
            Comision, {"items_pago__pago": listo}, estado="rechazada"
        )),
        ("Otro importe debido", cambia(Comision, {"items_pago__pago": listo}, monto=D("10.02"))),
        ("Tarde", cambia(Pago, {}, **tarde)),
        ("Justo", cambia(Pago, {}, actualizado_en=fabricas.hace(minutes=5))),
        ("Lote de otro total", cambia(LotePago, {}, total=D("5.01"))),
        ("Lote de más pagos", cambia(LotePago, {}, numero_pagos=2)),
        ("Liberado por quien lo preparó", cambia(LotePago, {}, liberado_por=str(LUIS))),
        ("Preparado por quien libera", cambia(LotePago, {}, preparado_por=str(EVA))),
        ("Congelado por quien libera", cambia(LotePago, {}, congelado_por=str(EVA))),
    )  # fmt: skip


@pytest.mark.lento
def test_verifica_libro(relato: Relato, pagos: dict[str, Pago]) -> None:
    """Entries, seals and their balances."""
    primero = Asiento.objects.order_by("pk")[0]
    relato._reloj.shift(2 * 24 * 3600)
    ajuste(pagos["listo"].afiliado, "-0.01")
    relato._reloj.shift(24 * 3600)
    assert len(cadena.sellar_dias()) == 2 + 1
    suyo = SelloDiario.objects.order_by("dia")[0]
    segundo = SelloDiario.objects.order_by("dia")[1]
    una = primero.apuntes.order_by("pk")[0]
    de(
        relato, DE_LIBRO,
        ("Un céntimo de más", cambia(Apunte, {"pk": una.pk}, importe=una.importe + D("0.01"))),
        ("Un pelo", cambia(Apunte, {"pk": una.pk}, importe=una.importe + D("0.0001"))),
        ("De otra moneda", cambia(Apunte, {"pk": una.pk}, moneda="EUR")),
        ("Sin una línea", borra(Apunte, pk=una.pk)),
        ("Sin líneas", borra(Apunte, asiento=primero)),
        ("De otra causa", cambia(Asiento, {"pk": primero.pk}, origen="x")),
        ("De otro instante", cambia(
            Asiento, {"pk": primero.pk}, creado_en=fabricas.hace(days=3, seconds=1)
        )),
        ("De antes", cambia(Asiento, {"pk": primero.pk}, creado_en=fabricas.hace(days=9))),
        ("De otro día", cambia(
            Asiento, {"pk": primero.pk}, creado_en=primero.creado_en + timedelta(days=1)
        )),
        ("Un saldo de más", cambia(SaldoSellado, {"cuenta": "banco"}, importe=D("1"))),
        ("Un sello de otro", cambia(SelloDiario, {"pk": segundo.pk}, anterior="x")),
        ("Un sello que no es", cambia(SelloDiario, {"pk": suyo.pk}, sello="x")),
        ("Un primero con anterior", cambia(SelloDiario, {"pk": suyo.pk}, anterior="x")),
        ("Un día que falta", lambda: [
            borra(modelo, sello=segundo)() for modelo in (SaldoSellado, Eslabon)
        ] and borra(SelloDiario, pk=segundo.pk)()),
        ("De más asientos", cambia(SelloDiario, {"pk": suyo.pk}, asientos=99)),
        ("De otra huella", cambia(SelloDiario, {"pk": suyo.pk}, huella="x")),
        ("Sin un eslabón", lambda: [
            borra(Eslabon, asiento=primero)(), cambia(SelloDiario, {"pk": suyo.pk}, asientos=0)(),
        ]),
        ("De otro eslabón", lambda: [
            cambia(Eslabon, {"asiento": primero}, huella="x")(),
            cambia(SelloDiario, {"pk": suyo.pk}, asientos=0)(),
        ]),
    )  # fmt: skip


@pytest.mark.lento
def test_verifica_comisiones(relato: Relato) -> None:
    """Calculations, approvals, refunds and adjustments."""
    en, quien = fabricas.campana(), fabricas.afiliado()
    pendiente, aprobada, vuelta, entera = (
        fabricas.comision(en=en, de=quien, valor="100.10") for _ in range(4)
    )
    aprobar_comision(comision=aprobada, actor=ANA)
    for _vez in range(2):
        aprobar_comision(comision=vuelta, actor=ANA)
        devolver_comision(comision=vuelta, actor=LUIS, motivo="m")
    aprobar_comision(comision=vuelta, actor=ANA)
    en_pago = fabricas.aprobada(en=en, de=quien, valor="100.10")
    programar_pagos(comisiones_ids=[en_pago.id_publico], actor=PRUEBAS)
    ventas = [c.conversion for c in (vuelta, en_pago, entera)]
    for n, venta in enumerate(ventas):
        monto = None if n == 2 else D("33.37")
        devolver(conversion=venta, datos=Devolucion(id_externo=f"d{n}", monto=monto), actor=ANA)
    aplicar_devoluciones(conversiones_ids=[v.id_publico for v in ventas], actor=PRUEBAS)
    a_mano = calcular_manual(
        conversion=fabricas.conversion(), terminos=Terminos(porcentaje=D(5)), actor=LUIS
    )
    aprobar_comision(comision=a_mano, actor=ANA)
    bono = ajuste(quien, "5")
    suya, de_pago, de_entera = (Reverso.objects.get(comision=c) for c in (vuelta, en_pago, entera))
    venta = pendiente.conversion
    dicho = OutboxEvent.objects.get(type="ConversionRegistrada", aggregateid=venta.id_publico)
    de(
        relato, (*DE_CALCULO, *DE_REVISION, *DE_AJUSTES),
        ("Un céntimo de más", cambia(Comision, {"pk": aprobada.pk}, monto=D("10.02"))),
        ("Un céntimo de menos", cambia(Comision, {"pk": aprobada.pk}, monto=D("10.00"))),
        ("Un pelo", cambia(Comision, {"pk": aprobada.pk}, monto=D("10.0101"))),
        ("Otra base", cambia(Comision, {"pk": pendiente.pk}, base=D("100"))),
        ("Otra tasa", cambia(Comision, {"pk": pendiente.pk}, tasa=D("10.0001"))),
        ("Otra moneda", cambia(Comision, {"pk": pendiente.pk}, moneda="EUR")),
        ("Sin traza", cambia(Comision, {"pk": pendiente.pk}, traza={})),
        ("Sin asentar", cambia(Comision, {"pk": pendiente.pk}, estado="aprobada")),
        ("Rechazada, su asiento sobra", cambia(Comision, {"pk": aprobada.pk}, estado="rechazada")),
        ("Un reverso de más", cambia(Reverso, {"pk": suya.pk}, monto=D("3.35"))),
        ("Un reverso de ajuste de más", cambia(Reverso, {"pk": de_pago.pk}, monto=D("3.35"))),
        ("Revertido de más", cambia(Comision, {"pk": vuelta.pk}, revertido=D("3.35"))),
        ("Revertido sin reverso", cambia(Comision, {"pk": pendiente.pk}, revertido=D("1"))),
        ("Entera que deja algo", cambia(Comision, {"pk": entera.pk}, monto=D("0.01"))),
        ("Entera de reverso corto", cambia(Reverso, {"pk": de_entera.pk}, monto=D("10.00"))),
        ("Sin comisión, y por procesar", lambda: deja_sin_comision(pendiente)),
        ("Sin comisión ni evento", lambda: deja_sin_comision(pendiente, evento=False)),
        ("Sin comisión, procesada", lambda: [
            EventoProcesado(suscripcion="comisiones", evento_id=dicho.evento_id).save(),
            deja_sin_comision(pendiente),
        ]),
        ("Procesada por otra", lambda: [
            EventoProcesado(suscripcion="auditoria", evento_id=dicho.evento_id).save(),
            deja_sin_comision(pendiente),
        ]),
        ("Sin comisión, purgada", lambda: [
            EventoPurgado(
                evento_id="x", aggregateid=venta.id_publico, type=dicho.type,
                created_at=dicho.created_at,
            ).save(),
            deja_sin_comision(pendiente, evento=False),
        ]),
        ("Rechazada no la tiene", lambda: [
            cambia(Conversion, {"pk": venta.pk}, estado="rechazada")(),
            deja_sin_comision(pendiente, evento=False),
        ]),
        ("Aprobada por quien la fijó", cambia(
            Comision, {"pk": a_mano.pk}, aprobada_por=str(LUIS)
        )),
        ("Aprobado por quien lo redactó", cambia(
            Ajuste, {"pk": bono.pk}, aprobado_por=bono.creado_por
        )),
        ("El de un hecho sí", cambia(Ajuste, {"tipo": "reverso"}, aprobado_por="sistema:pruebas")),
    )  # fmt: skip


def test_verifica_decisiones(relato: Relato) -> None:
    jefa = persona(User.objects.create(username="j", is_staff=True, is_superuser=True).pk)
    for valor in ("10", "20"):
        fabricas.comision(valor=valor)
    decision = en_masa.preparar_decision(
        accion=AccionEnMasa.APROBAR, comisiones=Comision.objects.all(), alcance="T", actor=jefa
    )
    en_masa.confirmar_decision(decision=decision, actor=jefa, motivo="sí")
    avance.avanzar_decision(decision_pk=decision.pk)
    una = decision.lineas.order_by("pk")[0]
    de(
        relato, DE_REVISION,
        *(
            (f"De otras {campo}", cambia(DecisionEnMasa, {}, **{campo: 5}))
            for campo in ("total", "hechas", "ya", "apartadas")
        ),
        *(
            (f"Una línea {resultado}", cambia(LineaEnMasa, {"pk": una.pk}, resultado=resultado))
            for resultado in ("ya", "cambio", "por_hacer")
        ),
        *(
            (f"{estado} con algo por hacer", lambda estado=estado: [
                cambia(LineaEnMasa, {"pk": una.pk}, resultado="por_hacer")(),
                cambia(DecisionEnMasa, {}, hechas=1, estado=estado)(),
            ])
            for estado in ("terminada", "detenida", "en_curso")
        ),
        *(
            (f"En curso desde hace {s} s", cambia(
                DecisionEnMasa, {}, estado="en_curso", actualizado_en=fabricas.hace(seconds=s)
            ))
            for s in (300, 301)
        ),
    )  # fmt: skip


@pytest.mark.lento
def test_verifica_ventas(relato: Relato) -> None:
    """Movements and what waits; each fact was told once."""
    en = fabricas.campana()
    una, parte, entera = (fabricas.conversion(en=en, referencia_externa=f"r{n}") for n in range(3))
    for venta, monto in ((parte, D("40")), (entera, None)):
        datos = Devolucion(id_externo=venta.id_publico[-5:], monto=monto)
        devolver(conversion=venta, datos=datos, actor=ANA)
    guardar_pendiente(
        campana=en, referencia="lejos", actor=ANA, datos=Devolucion(id_externo="e", monto=D(1))
    )
    evento = OutboxEvent.objects.get(type="ConversionRegistrada", aggregateid=una.id_publico)
    repetido = OutboxEvent(
        evento_id="otro", aggregatetype=evento.aggregatetype, aggregateid=evento.aggregateid,
        type=evento.type, aggregate_version=1, payload="{}",
    )  # fmt: skip
    suyas = {"conversion": parte, "tipo": "devolucion"}
    de(
        relato, (*DE_VENTAS, *DE_EVENTOS),
        ("Devuelta en parte, entera", cambia(MovimientoConversion, suyas, monto=D("-100"))),
        ("Devuelta de más", cambia(MovimientoConversion, suyas, monto=D("-100.01"))),
        ("De la que no quita nada", cambia(MovimientoConversion, suyas, monto=D("0"))),
        ("En parte, que no", cambia(Conversion, {"pk": parte.pk}, estado="validada")),
        ("Entera, que no", cambia(Conversion, {"pk": entera.pk}, estado="revertida_parcial")),
        ("De otro valor", cambia(Conversion, {"pk": parte.pk}, valor=D("60"))),
        ("La suya llegó", cambia(Conversion, {"pk": una.pk}, referencia_externa="lejos")),
        ("Ya resuelta", lambda: [
            cambia(Conversion, {"pk": una.pk}, referencia_externa="lejos")(),
            cambia(DevolucionPendiente, {}, resuelta_en=fabricas.hace())(),
        ]),
        ("Contada dos veces", repetido.save),
        ("Sin contar", cambia(OutboxEvent, {"pk": evento.pk}, aggregateid="x")),
        ("Sin entregar", borra(EntregaPendiente, evento=evento)),
        ("Aparcado", lambda: [
            borra(EntregaPendiente, evento=evento, suscripcion="auditoria")(),
            EventoAparcado(suscripcion="auditoria", evento=evento, intentos=5, error="x").save(),
        ]),
        ("Aparcado y reencolado", lambda: [
            borra(EntregaPendiente, evento=evento, suscripcion="auditoria")(),
            EventoAparcado(
                suscripcion="auditoria", evento=evento, intentos=5, error="x",
                reencolado_en=fabricas.hace(),
            ).save(),
        ]),
        ("Tarde", cambia(OutboxEvent, {"pk": evento.pk}, created_at=fabricas.hace(seconds=301))),
        ("A tiempo", cambia(OutboxEvent, {"pk": evento.pk}, created_at=fabricas.hace(seconds=300))),
    )  # fmt: skip
