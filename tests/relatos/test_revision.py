"""What is decided about commissions, one by one and many at once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User

from afiliados.afiliado.services import suspender_afiliado
from alpespartner.comun.actores import persona, sistema
from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.ajustes.services import (
    aprobar_ajuste,
    crear_ajuste,
    descartar_ajuste,
    por_que_no_aprueba,
)
from comisiones.calculo.reposicion import reponer_comisiones
from comisiones.comision.models import Comision
from comisiones.models import DecisionEnMasa
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision import automatica, avance, en_masa, services
from comisiones.revision.estados import AccionEnMasa
from comisiones.revision.propuestas import proponer_politica
from conversiones.ventas.desglose import ParteDevuelta
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.reposicion import reponer_si_volvio
from conversiones.ventas.services import rechazar_conversion
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def test_revision(relato: Relato) -> None:
    """Held, released, approved, voided, reinstated and approved again; turned down; of nothing."""
    en, de = fabricas.campana(), fabricas.afiliado()
    una, otra = (fabricas.comision(en=en, de=de, valor=v) for v in ("100.10", "50"))
    nada = fabricas.comision(en=en, de=fabricas.afiliado(comision_base=D(0), email="n@example.com"))
    # Of another sale, which was refused too and does not come back.
    services.anular_comision(
        comision=fabricas.comision(en=en, de=de), actor=LUIS, motivo="La conversión fue rechazada."
    )
    relato.empezar()
    relato.paso(
        "Se retiene", lambda: services.retener_comision(comision=una, actor=ANA, motivo=" duda ")
    )
    relato.paso(
        "Se libera", lambda: services.liberar_comision(comision=una, actor=LUIS, motivo=" vale ")
    )
    relato.paso(
        "Se aprueba", lambda: services.aprobar_comision(comision=una, actor=ANA, motivo=" bien ")
    )
    relato.paso("Y no otra vez", lambda: services.aprobar_comision(comision=una, actor=ANA))
    relato.paso(
        "Se anula",
        lambda: services.anular_comision(
            comision=una, actor=LUIS, motivo="La conversión fue rechazada."
        ),
    )
    relato.paso(
        "Vuelve",
        lambda: reponer_comisiones(conversiones_ids=[una.conversion.id_publico], actor=PRUEBAS),
    )
    relato.paso("Se aprueba de nuevo", lambda: services.aprobar_comision(comision=una, actor=ANA))
    relato.paso(
        "Se anula de nuevo", lambda: services.anular_comision(comision=una, actor=LUIS, motivo="x")
    )
    relato.paso(
        "Otra se rechaza",
        lambda: services.rechazar_comision(comision=otra, actor=ANA, motivo=" no procede "),
    )
    relato.paso(
        "Y no se anula", lambda: services.anular_comision(comision=otra, actor=ANA, motivo="x")
    )
    relato.paso("La de nada se cierra", lambda: services.aprobar_comision(comision=nada, actor=ANA))
    relato.paso(
        "La cerrada se anula",
        lambda: services.anular_comision(comision=nada, actor=ANA, motivo="x"),
    )


def test_cerrar_sin_importe(relato: Relato) -> None:
    """What was approved and has nothing left, and nothing beside it."""
    en, de = fabricas.campana(), fabricas.afiliado()
    comisiones = [fabricas.aprobada(en=en, de=de) for _ in range(3)]
    fabricas.comision(en=en, de=fabricas.afiliado(comision_base=D(0), email="n@example.com"))
    for comision in comisiones[:2]:
        Comision.objects.filter(pk=comision.pk).update(monto=0)
    relato.empezar()
    for _vez in range(2):
        relato.paso(
            "Se cierra lo vacío",
            lambda: relato.dice("n", services.cerrar_sin_importe(actor=PRUEBAS, limite=1)),
        )
    relato.paso("Nada", lambda: relato.dice("n", services.cerrar_sin_importe(actor=PRUEBAS)))


def test_cerrar_lo_devuelto(relato: Relato) -> None:
    """A refund of a part that leaves nothing of it, approved and not."""
    en, de = fabricas.campana(), fabricas.afiliado()
    aprobada, pendiente = (
        hacer(en=en, de=de, valor="0.10") for hacer in (fabricas.aprobada, fabricas.comision)
    )
    for n, comision in enumerate((aprobada, pendiente)):
        datos = Devolucion(id_externo=f"d{n}", monto=D("0.06"))
        devolver(conversion=comision.conversion, datos=datos, actor=PRUEBAS)
    relato.empezar()
    for que, comision in (("Aprobada, se cierra", aprobada), ("Pendiente, espera", pendiente)):
        relato.paso(que, lambda c=comision: aplicar_devoluciones(
            conversiones_ids=[c.conversion.id_publico], actor=PRUEBAS
        ))  # fmt: skip


def test_politica(relato: Relato) -> None:
    """What a policy approves alone: up to its amount, matured, of active affiliates."""
    en, aparte = fabricas.campana(dias_retencion=1), fabricas.campana(dias_retencion=0)
    ayer = relato_ayer()
    justa = fabricas.comision(en=en, valor="100", ocurrida_en=ayer)
    pasa = fabricas.comision(en=en, valor="100.10", ocurrida_en=ayer)
    fabricas.comision(en=en, valor="1", ocurrida_en=ayer + timedelta(minutes=10))
    suspendida = fabricas.comision(en=en, valor="2", ocurrida_en=ayer)
    suspender_afiliado(afiliado=suspendida.afiliado, actor=ANA, motivo="x")
    fabricas.comision(en=aparte, valor="3", ocurrida_en=ayer)
    relato.empezar()
    relato.paso(
        "Más que ahora: espera a otra persona",
        lambda: proponer_politica(campana=en, hasta=D("10.00"), motivo=" poco ", actor=ANA),
    )
    relato.paso("Que la confirma", fabricas.confirmar_lo_propuesto)
    relato.paso(
        "Menos vale ya",
        lambda: proponer_politica(campana=aparte, hasta=None, motivo="nada", actor=ANA),
    )
    relato.dice("por qué no", automatica.por_que_no_sola(justa))
    relato.dice("por qué no", automatica.por_que_no_sola(pasa))
    relato.dice("por qué no", automatica.por_que_no_sola(suspendida))
    relato.paso(
        "Aprueba",
        lambda: relato.dice("n", automatica.aprobar_por_politicas(actor=sistema("aprobacion"))),
    )


def relato_ayer() -> Any:
    return fabricas.hace(days=1)


@pytest.fixture
def jefa(relato: Relato) -> Any:
    return persona(User.objects.create(pk=7001, username="j", is_staff=True, is_superuser=True).pk)


def test_en_masa(relato: Relato, jefa: Any) -> None:
    """Selected, confirmed, worked through: done, already so, changed, refused."""
    en, de = fabricas.campana(), fabricas.afiliado()
    comisiones = [fabricas.comision(en=en, de=de, valor=v) for v in ("100", "0.50", "20", "30")]
    parada = fabricas.comision(en=en, de=fabricas.afiliado(email="p@example.com"), valor="40")
    suspender_afiliado(afiliado=parada.afiliado, actor=ANA, motivo="x")
    services.retener_comision(comision=comisiones[3], actor=ANA, motivo="duda")
    rechazada = fabricas.comision(en=en, de=de, valor="60")
    services.rechazar_comision(comision=rechazada, actor=ANA, motivo="no")
    relato.empezar()
    todas = Comision.objects.all()
    decision = relato.paso(
        "Se eligen",
        lambda: en_masa.preparar_decision(
            accion=AccionEnMasa.APROBAR, comisiones=todas, alcance="Todas", actor=jefa
        ),
    )
    assert decision is not None
    services.aprobar_comision(comision=comisiones[1], actor=LUIS)
    services.retener_comision(comision=comisiones[2], actor=LUIS, motivo="duda")
    relato.empezar()
    relato.paso(
        "Otra no la confirma",
        lambda: en_masa.confirmar_decision(decision=decision, actor=ANA, motivo="sí"),
    )
    relato.paso(
        "Se confirma",
        lambda: en_masa.confirmar_decision(decision=decision, actor=jefa, motivo=" sí "),
    )
    relato.paso("Se hace", lambda: avance.avanzar_decision(decision_pk=decision.pk))
    relato.paso("Nada", lambda: avance.avanzar_decision(decision_pk=decision.pk))
    relato.paso(
        "Acabada no se detiene",
        lambda: en_masa.detener_decision(decision=decision, actor=jefa, motivo="x"),
    )


def test_en_masa_por_porciones(relato: Relato, jefa: Any, monkeypatch: Any) -> None:
    """Turned down two at a time, and stopped; held by somebody who may not any more."""
    monkeypatch.setattr(avance, "PORCION", 2)
    en, de = fabricas.campana(), fabricas.afiliado()
    for valor in ("10", "20", "30", "40", "50"):
        fabricas.comision(en=en, de=de, valor=valor)

    def elegida(accion: AccionEnMasa) -> DecisionEnMasa:
        decision = en_masa.preparar_decision(
            accion=accion, comisiones=Comision.objects.all(), alcance="Todas", actor=jefa
        )
        return en_masa.confirmar_decision(decision=decision, actor=jefa, motivo=" no ")

    una = elegida(AccionEnMasa.RECHAZAR)
    relato.empezar()
    relato.paso("Dos", lambda: relato.dice("queda", avance._avanzar_porcion(una.pk)))
    relato.paso("A un segundo, nada", lambda: relato.dice("n", avance.barrer_decisiones()),
                segundos=1)  # fmt: skip
    relato.paso(
        "Más, se encola", lambda: relato.dice("n", avance.barrer_decisiones()), segundos=0.5
    )
    relato.paso("Dos más", lambda: relato.dice("queda", avance._avanzar_porcion(una.pk)))
    relato.paso(
        "Se detiene",
        lambda: en_masa.detener_decision(decision=una, actor=ANA, motivo=" basta "),
    )
    otra = elegida(AccionEnMasa.RETENER)
    User.objects.update(is_active=False)
    relato.empezar()
    relato.paso("Ya no puede", lambda: relato.dice("queda", avance._avanzar_porcion(otra.pk)))


def test_en_masa_olvidada(relato: Relato, jefa: Any) -> None:
    """A day after it was selected and not confirmed."""
    fabricas.comision()
    en_masa.preparar_decision(
        accion=AccionEnMasa.APROBAR, comisiones=Comision.objects.all(), alcance="T", actor=jefa
    )
    relato.empezar()
    dia = 24 * 3600
    relato.paso("A un día justo", lambda: relato.dice("n", en_masa.olvidar_sin_confirmar()),
                segundos=dia)  # fmt: skip
    relato.paso("Un segundo más", lambda: relato.dice("n", en_masa.olvidar_sin_confirmar()),
                segundos=1)  # fmt: skip


def test_ajustes(relato: Relato) -> None:
    """Drafted, approved by another person, dropped."""
    comision = fabricas.aprobada()
    de = comision.afiliado
    relato.empezar()
    bono = relato.paso(
        "Luis redacta un bono",
        lambda: crear_ajuste(
            afiliado=de, tipo="bono", monto=D("5.05"), moneda="USD", motivo=" por el mes ",
            concepto=" Gracias ", actor=LUIS, comision=comision,
        ),
    )  # fmt: skip
    resta = relato.paso(
        "Y una recuperación en otra moneda",
        lambda: crear_ajuste(
            afiliado=de, tipo="clawback", monto=D("-3"), moneda="JPY", motivo="fraude", actor=LUIS
        ),
    )
    relato.paso("Luis no lo aprueba", lambda: aprobar_ajuste(ajuste=bono, actor=LUIS))
    relato.paso("Ana sí", lambda: aprobar_ajuste(ajuste=bono, actor=ANA, motivo=" bien "))
    relato.paso("Y la otra", lambda: aprobar_ajuste(ajuste=resta, actor=ANA))
    relato.paso("No otra vez", lambda: aprobar_ajuste(ajuste=bono, actor=ANA))
    sobra = crear_ajuste(
        afiliado=de, tipo="correccion", monto=D("0.01"), moneda="USD", motivo="m", actor=LUIS
    )
    relato.empezar()
    relato.paso("Se descarta", lambda: descartar_ajuste(ajuste=sobra, actor=ANA, motivo=" no "))
    relato.dice("el afiliado lee", [a.publico for a in Ajuste.objects.order_by("pk")])
    suelto = Ajuste(
        id_publico="aj_x", afiliado=de, tipo="escala", monto=D(1), moneda="USD", motivo="m",
        creado_por=str(PRUEBAS),
    )  # fmt: skip
    suelto.save()
    relato.dice("de un hecho, sin comisión", por_que_no_aprueba(suelto, ANA))


def test_devoluciones(relato: Relato) -> None:
    """What refunds take from what is pending, approved and in a payment; to the end and by part."""
    en, de = fabricas.campana(), fabricas.afiliado()
    pendiente, aprobada, en_pago = (fabricas.comision(en=en, de=de) for _ in range(3))
    services.aprobar_comision(comision=aprobada, actor=ANA)
    services.aprobar_comision(comision=en_pago, actor=ANA)
    programar_pagos(comisiones_ids=[en_pago.id_publico], actor=PRUEBAS)
    ventas = [c.conversion for c in (pendiente, aprobada, en_pago)]
    relato.empezar()
    for n, venta in enumerate(ventas):
        relato.paso(
            "Vuelve un tercio",
            lambda v=venta, n=n: devolver(
                conversion=v,
                datos=Devolucion(id_externo=f"d{n}", monto=D("33.33"), motivo="rota"),
                actor=LUIS,
            ),
        )
    ids = [venta.id_publico for venta in ventas]
    for _vez in range(2):
        relato.paso(
            "Se quita de cada comisión, una vez",
            lambda: aplicar_devoluciones(conversiones_ids=ids, actor=PRUEBAS),
        )
    for n, venta in enumerate(ventas):
        devolver(
            conversion=venta, datos=Devolucion(id_externo=f"r{n}", tipo="contracargo"), actor=LUIS
        )
    relato.empezar()
    relato.paso(
        "Vuelve lo demás", lambda: aplicar_devoluciones(conversiones_ids=ids, actor=PRUEBAS)
    )
    relato.paso(
        "De más no",
        lambda: devolver(conversion=ventas[0], datos=Devolucion(id_externo="z"), actor=LUIS),
    )


def test_devolucion_por_partes(relato: Relato) -> None:
    """What it says that it is of."""
    venta = fabricas.conversion(
        valor="120",
        productos=[
            {"id": "a", "importe": "60"},
            {"id": "b", "precio": "20", "cantidad": 2},
            {"precio": "20"},
        ],
        metadatos={"envio": "12", "impuesto": "8"},
    )
    comision = fabricas.calcular(venta)
    relato.empezar()
    partes = (
        ParteDevuelta(concepto="producto", monto=D("20.10"), producto_id="b"),
        ParteDevuelta(concepto="envio", monto=D("12")),
    )
    relato.paso(
        "Vuelve una unidad y el envío",
        lambda: devolver(conversion=venta, datos=Devolucion(id_externo="d", de=partes), actor=LUIS),
    )
    relato.paso(
        "La comisión lo nota",
        lambda: aplicar_devoluciones(conversiones_ids=[venta.id_publico], actor=PRUEBAS),
    )
    for de in (
        [ParteDevuelta(concepto="envio", monto=D("0.01"))],
        [ParteDevuelta(concepto="producto", monto=D("19.91"), producto_id="b")],
        [ParteDevuelta(concepto="producto", monto=D("1"), producto_id="c")],
        [ParteDevuelta(concepto="producto", monto=D("120.01"))],
        [ParteDevuelta(concepto="impuesto", monto=D("8.01"))],
    ):
        relato.paso(
            "No cabe",
            lambda de=de: devolver(
                conversion=venta, datos=Devolucion(id_externo="e", de=de), actor=LUIS
            ),
        )
    relato.paso(
        "Justo, sí",
        lambda: devolver(
            conversion=venta,
            datos=Devolucion(
                id_externo="e",
                de=[ParteDevuelta(concepto="producto", monto=D("19.90"), producto_id="b")],
            ),
            actor=LUIS,
        ),
    )
    assert comision.conversion_id == venta.pk


def test_venta_que_vuelve(relato: Relato) -> None:
    """Refused, sent again, refused for good."""
    venta = fabricas.conversion(referencia_externa="p-1", valor="100.10")
    otra = fabricas.conversion(
        referencia_externa="p-2", valor="100.10", de=venta.afiliado, en=venta.campana
    )
    relato.empezar()
    relato.paso(
        "Se rechaza", lambda: rechazar_conversion(conversion=venta, actor=ANA, motivo=" fraude ")
    )
    distinta = fabricas.conversion(
        referencia_externa="p-3", valor="100.11", de=venta.afiliado, en=venta.campana
    )
    relato.empezar()
    relato.paso(
        "Con otro importe no vuelve",
        lambda: reponer_si_volvio(sabida=venta, dicha=distinta, actor=OTRA),
    )
    relato.paso("Vuelve", lambda: reponer_si_volvio(sabida=venta, dicha=otra, actor=OTRA))
    rechazar_conversion(conversion=venta, actor=ANA, motivo="otra vez")
    relato.empezar()
    relato.paso("Solo una vez", lambda: reponer_si_volvio(sabida=venta, dicha=otra, actor=OTRA))
