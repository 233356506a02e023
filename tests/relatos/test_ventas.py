"""Sales and what is calculated from them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import suspender_afiliado
from alpespartner.comun.actores import clave
from comisiones.calculo.explicacion import pasos_de, pasos_publicos
from comisiones.calculo.inmediato import PeticionCalculo, registrar_y_calcular
from comisiones.calculo.services import (
    calcular_comisiones,
    calcular_manual,
    recalcular_sin_importe,
)
from comisiones.comision.models import Comision
from comisiones.motor import Terminos
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import aprobar_comision
from conversiones.clientes.models import Cliente
from conversiones.ventas.desglose import ParteDevuelta
from conversiones.ventas.devoluciones import (
    Devolucion,
    barrer_pendientes,
    devolver,
    guardar_pendiente,
)
from conversiones.ventas.models import DevolucionPendiente
from conversiones.ventas.mudanza import mover_ventas, reasignar_cliente
from conversiones.ventas.propuestas import proponer_reasignacion_de_cliente
from conversiones.ventas.reasignacion import reasignar_conversion
from conversiones.ventas.services import (
    NuevaConversion,
    registrar_conversion,
    registrar_conversiones,
    validar_conversion,
)
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def calcular(*ventas: Any) -> list[Comision]:
    return calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=PRUEBAS)


def version(tipo: str, de: Any = None, **datos: Any) -> Any:
    """Terms in force since a year ago."""
    return publicar_version(
        regla=crear_regla(nombre=tipo, campana=de, actor=ANA), tipo=tipo, actor=ANA,
        vigente_desde=fabricas.hace(days=365), **datos,
    )  # fmt: skip


def test_registro(relato: Relato, settings: Any) -> None:
    """All that a sale says; many at once; of a key, which does not choose from when it matures."""
    settings.VENTAS_ANTIGUAS_DIAS = 2
    de, en = fabricas.afiliado(), fabricas.campana()
    relato.empezar()
    hace_tres = fabricas.hace(days=3)
    todo = NuevaConversion(
        afiliado=de, campana=en, valor=D("10.05"), tipo_conversion="lead", referencia_externa=" a ",
        ocurrida_en=hace_tres, canal_origen=" web ", cupon=" verano ", enlace=" e1 ",
        productos=[{"id": " x ", "cantidad": 2, "precio": "1.5"}], metadatos={"envio": "1"},
    )  # fmt: skip
    venta = relato.paso("Una", lambda: registrar_conversion(datos=todo, actor=PRUEBAS))
    relato.paso("Otra vez no", lambda: registrar_conversion(datos=todo, actor=PRUEBAS))
    relato.paso("Se valida", lambda: validar_conversion(conversion=venta, actor=ANA))
    relato.paso("Y no otra vez", lambda: validar_conversion(conversion=venta, actor=ANA))
    varias = [
        NuevaConversion(afiliado=de, campana=en, valor=D(n), referencia_externa=f"b{n}",
                        ocurrida_en=hace_tres, antigua=n == 2)
        for n in (1, 2)
    ]  # fmt: skip
    relato.paso(
        "Dos de una clave", lambda: registrar_conversiones(datos=varias, actor=clave("abc"))
    )
    relato.paso(
        "Todas o ninguna",
        lambda: registrar_conversiones(
            datos=[NuevaConversion(afiliado=de, campana=en, valor=D(3)), varias[0]], actor=PRUEBAS
        ),
    )


def test_devolucion_que_espera(relato: Relato) -> None:
    """One that came before its sale, one that does not fit, one that was forgotten."""
    de, en = fabricas.afiliado(), fabricas.campana()
    otra = fabricas.campana()
    relato.empezar()
    partes = (ParteDevuelta(concepto="envio", monto=D("1.50")),)
    relato.paso(
        "Llega antes",
        lambda: guardar_pendiente(
            campana=en, referencia=" v1 ", actor=LUIS,
            datos=Devolucion(id_externo=" d1 ", de=partes, tipo="ajuste", motivo="rebaja"),
        ),
    )  # fmt: skip
    relato.paso(
        "Y otra que no cabrá",
        lambda: guardar_pendiente(
            campana=en, referencia="v1", datos=Devolucion(id_externo="d2", monto=D("98.51")),
            actor=LUIS,
        ),
    )  # fmt: skip
    relato.paso(
        "La misma no",
        lambda: guardar_pendiente(
            campana=en, referencia="v2", datos=Devolucion(id_externo="d1"), actor=LUIS
        ),
    )
    relato.paso(
        "En otra campaña sí",
        lambda: guardar_pendiente(
            campana=otra, referencia="v1", datos=Devolucion(id_externo="d1"), actor=LUIS
        ),
    )
    datos = NuevaConversion(
        afiliado=de, campana=en, valor=D("100"), referencia_externa="v1", metadatos={"envio": "2"}
    )
    relato.paso("Llega su venta", lambda: registrar_conversion(datos=datos, actor=PRUEBAS))
    relato.paso(
        "Con la venta ya, se aplica",
        lambda: guardar_pendiente(
            campana=en, referencia="v1", datos=Devolucion(id_externo="d3", monto=D(10)), actor=LUIS
        ),
    )
    DevolucionPendiente.objects.filter(campana=en).update(resuelta_en=None, problema="")
    DevolucionPendiente.objects.filter(id_externo="d1", campana=en).update(
        id_externo="d4", de=[], monto=D("5")
    )
    relato.empezar()
    for _vez in range(3):
        relato.paso("Se barre", lambda: relato.dice("n", barrer_pendientes(limite=1)))


def test_calculo(relato: Relato) -> None:
    """A batch: of an active affiliate, of one that waits, of one suspended, without a rule;
    and what is calculated again."""
    en = fabricas.campana(dias_retencion=3)
    activo = fabricas.afiliado(comision_base=D("7.25"))
    ventas = [fabricas.conversion(de=activo, en=en, valor="33.33")]
    espera = fabricas.afiliado(activo=False, email="e@example.com")
    ventas.append(fabricas.conversion(de=espera, en=en))
    parada = fabricas.afiliado(email="p@example.com")
    ventas.append(fabricas.conversion(de=parada, en=en))
    suspender_afiliado(afiliado=parada, actor=ANA, motivo="x")
    sin_regla = fabricas.afiliado_sin_tarifa(email="s@example.com")
    ventas.append(
        fabricas.conversion(de=sin_regla, en=en, valor="50", metadatos={"envio": "10.50"})
    )
    relato.empezar()
    relato.paso("Se calculan", lambda: calcular(*ventas))
    relato.paso("Otra vez, nada", lambda: calcular(*ventas))
    sola = Comision.objects.get(conversion=ventas[3])
    relato.paso(
        "Sin regla sigue sin importe",
        lambda: relato.dice("tiene", recalcular_sin_importe(comision=sola, actor=PRUEBAS)),
    )
    version("mixta", porcentaje=D("1.5"), monto_fijo=D("0.30"), moneda="USD", de=en,
            condiciones={"minimo": "2", "base": "neto"})  # fmt: skip
    relato.empezar()
    relato.paso(
        "Con regla lo tiene",
        lambda: relato.dice("tiene", recalcular_sin_importe(comision=sola, actor=PRUEBAS)),
    )
    sola.refresh_from_db()
    for paso in pasos_de(sola):
        relato.dice(paso.codigo, paso.texto)
    relato.dice("al afiliado", [paso.texto for paso in pasos_publicos(sola)])


def test_a_mano(relato: Relato) -> None:
    """By terms that a person fixed."""
    venta, otra = (fabricas.conversion() for _ in range(2))
    relato.empezar()
    relato.paso(
        "Por porcentaje",
        lambda: calcular_manual(
            conversion=venta, terminos=Terminos(porcentaje=D("12.5")), actor=ANA
        ),
    )
    relato.paso("Ya la tiene", lambda: calcular_manual(conversion=venta, terminos=None, actor=ANA))
    relato.paso(
        "Por importe",
        lambda: calcular_manual(
            conversion=otra, terminos=Terminos(monto_fijo=D("3.21")), actor=ANA
        ),
    )


def test_inmediato(relato: Relato) -> None:
    """Registered and calculated in one step, once per id; a refund that came first."""
    de, en = fabricas.afiliado(), fabricas.campana()
    peticion = PeticionCalculo(
        referencia=" r1 ", afiliado=de, campana=en, importe=D("20.20"), moneda="USD"
    )
    guardar_pendiente(
        campana=en, referencia="r1", datos=Devolucion(id_externo="d", monto=D("1")), actor=LUIS
    )
    relato.empezar()
    for que in ("Nueva", "La misma"):
        relato.paso(
            que,
            lambda: relato.dice("nueva", registrar_y_calcular(peticion=peticion, actor=LUIS)[1]),
        )
    otra = PeticionCalculo(
        referencia="r1", afiliado=de, campana=en, importe=D("20.21"), moneda="USD"
    )
    relato.paso("Con otro importe", lambda: registrar_y_calcular(peticion=otra, actor=LUIS))


def test_red(relato: Relato) -> None:
    """What ancestors earn, also of one that a rule of their level names."""
    abuela = fabricas.afiliado(nombre="Abuela", email="a@example.com")
    madre = fabricas.afiliado(nombre="Madre", email="m@example.com", referente=abuela)
    hija = fabricas.afiliado(nombre="Hija", email="h@example.com", referente=madre)
    en = fabricas.campana()
    version("red", condiciones={"porcentajes": ["5", "2.5"], "suspendido": "omitir", "tope": "100"})
    venta = fabricas.conversion(de=hija, en=en, valor="80.10")
    otra = fabricas.conversion(de=hija, en=en, valor="10")
    relato.empezar()
    relato.paso("Se calcula", lambda: calcular(venta))
    version("porcentual", porcentaje=D("1"), nivel=2, de=en)
    suspender_afiliado(afiliado=Afiliado.objects.get(pk=abuela.pk), actor=ANA, motivo="x")
    relato.empezar()
    relato.paso("Con regla del nivel 2 y sin la abuela", lambda: calcular(otra))
    for comision in Comision.objects.filter(conversion=venta).order_by("nivel"):
        relato.dice("al afiliado", [paso.texto for paso in pasos_publicos(comision)])


def test_escala(relato: Relato) -> None:
    """Tiers over a month: a late sale drafts what it changes in those after it."""
    version(
        "escalonada", moneda="USD",
        condiciones={
            "modo": "graduada", "periodo": "mes", "zona_horaria": "America/Bogota",
            "tramos": [{"desde": "0", "hasta": "100", "porcentaje": "10"},
                       {"desde": "100", "porcentaje": "15"}],
        },
    )  # fmt: skip
    de, en = fabricas.afiliado_sin_tarifa(), fabricas.campana()
    base = fabricas.hace(days=6)
    ventas = [
        fabricas.conversion(de=de, en=en, valor=valor, ocurrida_en=base + timedelta(days=dia))
        for valor, dia in (("60", 0), ("60.60", 2), ("30", 1), ("5", -20))
    ]
    relato.empezar()
    relato.paso("Las dos primeras", lambda: calcular(*ventas[:2]))
    relato.paso("Una tardía", lambda: calcular(ventas[2]))
    relato.paso("Una de otro mes", lambda: calcular(ventas[3]))


def test_topes(relato: Relato) -> None:
    """What a campaign and an affiliate may spend, by lines with rules of their own."""
    en = fabricas.campana()
    version(
        "porcentual", porcentaje=D(10), de=en,
        condiciones={"topes_gasto": [
            {"ambito": "afiliado", "periodo": "mes", "monto": "15"},
            {"ambito": "campana", "periodo": "total", "monto": "22"},
        ], "moneda": "USD"},
        moneda="USD",
    )  # fmt: skip
    una, otra = (fabricas.afiliado_sin_tarifa(email=f"{n}@example.com") for n in "ab")
    ventas = [fabricas.conversion(de=de, en=en, valor="100.10") for de in (una, una, otra, otra)]
    relato.empezar()
    relato.paso("Se calculan", lambda: calcular(*ventas))


def test_lineas(relato: Relato) -> None:
    """A sale whose lines follow several rules; one whose lines say no prices."""
    en = fabricas.campana()
    version("porcentual", porcentaje=D(5), de=en)
    version("fija", monto_fijo=D("1.11"), moneda="USD", de=en, producto="x",
            condiciones={"por": "item"})  # fmt: skip
    de = fabricas.afiliado_sin_tarifa()
    productos = [
        {"id": "x", "cantidad": 3, "importe": "30.30"},
        {"id": "y", "importe": "60"},
    ]
    ventas = [
        fabricas.conversion(de=de, en=en, valor="100", productos=productos,
                            metadatos={"envio": "9.70"}),
        fabricas.conversion(de=de, en=en, valor="100", productos=[{"id": "x"}, {"id": "y"}]),
    ]  # fmt: skip
    relato.empezar()
    relato.paso("Se calculan", lambda: calcular(*ventas))
    for paso in pasos_de(Comision.objects.order_by("pk")[0]):
        relato.dice(paso.codigo, paso.texto)


def test_venta_reasignada(relato: Relato) -> None:
    """Owed, and then paid: a sale of a network that turns out to be of another, and of the first
    after all; and its customer."""
    madre = fabricas.afiliado(nombre="Madre", email="m@example.com")
    hija = fabricas.afiliado(nombre="Hija", referente=madre)
    sola = fabricas.afiliado(nombre="Sola", comision_base=D("7.3"))
    version("red", condiciones={"porcentajes": ["50"], "suspendido": "omitir", "tope": "100"})
    venta = fabricas.conversion(de=hija, valor="100.10", cliente_ref="c-1")
    for comision in calcular(venta):
        aprobar_comision(comision=comision, actor=LUIS)
    cliente = Cliente.objects.get()
    relato.empezar()
    dicho: Any = {"motivo": " la trajo otra ", "actor": ANA}

    def reasignar(a: Afiliado) -> None:
        traslado = reasignar_conversion(conversion=venta, afiliado=a, **dicho)
        relato.dice("pierden", [str(m) for m in traslado.pierden])
        relato.dice("ganan", [str(m) for m in traslado.ganan])

    relato.paso("Sin motivo no", lambda: reasignar_conversion(
        conversion=venta, afiliado=sola, motivo=" ", actor=ANA
    ))  # fmt: skip
    relato.paso("Es suya", lambda: reasignar(hija))
    relato.paso("Se debía", lambda: reasignar(sola))
    relato.paso("Y vuelve", lambda: reasignar(hija))
    for comision in Comision.objects.filter(viva=True).order_by("pk"):
        aprobar_comision(comision=comision, actor=LUIS)
        for pago in programar_pagos(comisiones_ids=[comision.id_publico], actor=PRUEBAS):
            relato.empezar()
            relato.paso("En un pago", lambda: reasignar(sola))
            ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    devolver(conversion=venta, datos=Devolucion(id_externo="d1", monto=D("33.37")), actor=PRUEBAS)
    relato.empezar()
    relato.paso("Pagada, y devuelta en parte", lambda: reasignar(sola))
    relato.paso("El cliente, de la misma", lambda: proponer_reasignacion_de_cliente(
        cliente=cliente, afiliado=hija, **dicho
    ))  # fmt: skip
    relato.paso("De otra", lambda: reasignar_cliente(cliente=cliente, afiliado=sola, **dicho))
    con: Any = {"cliente": cliente, "ventas_desde": venta.ocurrida_en, **dicho}
    relato.paso("Y vuelve con su venta", lambda: reasignar_cliente(afiliado=hija, **con))
    relato.paso("Sin esperarla, no", lambda: reasignar_cliente(afiliado=madre, **con))
    relato.paso("Que le sigue", lambda: mover_ventas(cliente_pk=cliente.pk))
