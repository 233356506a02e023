"""Renewals of a customer: what each sale is among the others, and what is put right later."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Q

from afiliados.afiliado.models import Afiliado
from comisiones.ajustes.models import Ajuste, TipoAjuste
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.ajustes.services import aprobar_ajuste, descartar_ajuste
from comisiones.calculo import renovaciones
from comisiones.calculo.invariantes import COMPROBACIONES
from comisiones.calculo.renovaciones import (
    con_calculadas_despues,
    fuera_de_su_sitio,
    limita_renovaciones,
    monto_de,
    repasar_clientes,
    repasar_ventas,
)
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.motor.congelado import terminos_de
from comisiones.motor.tipos import Renovacion
from comisiones.reglas.hechos import hechos_de_venta
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import rechazar_comision
from conversiones.campanas.models import Campana
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion, MovimientoConversion
from conversiones.ventas.services import rechazar_conversion
from tests import fabricas
from tests.fabricas import LUIS, OTRA, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def limitada(**condiciones: Any) -> Campana:
    """A campaign whose rule pays 10 %, and limits renewals."""
    suya = fabricas.campana()
    publicar_version(
        regla=crear_regla(nombre="Con límites", campana=suya, actor=LUIS), tipo="porcentual",
        porcentaje=D(10), condiciones=condiciones, vigente_desde=fabricas.hace(days=365),
        actor=LUIS,
    )  # fmt: skip
    return suya


def vender(en: Campana, de: Afiliado, dia: int, valor: str = "100.10", **datos: Any) -> Conversion:
    """A sale of so many days ago."""
    return fabricas.conversion(
        en=en, de=de, valor=valor, ocurrida_en=fabricas.hace(days=dia),
        **{"cliente_ref": "c-1", **datos},
    )  # fmt: skip


def devuelta(venta: Conversion, id_externo: str, monto: str | None = None) -> None:
    """Give back a part of a sale, or all, with what it earned."""
    datos = Devolucion(id_externo=id_externo, monto=D(monto) if monto else None)
    devolver(conversion=venta, datos=datos, actor=PRUEBAS)
    aplicar_devoluciones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)


def fuera(relato: Relato, *ventas: Conversion) -> None:
    """Tell what is not in its place among the sales of a customer, and what the check says."""
    for suelta in fuera_de_su_sitio(ventas[0].cliente_id or 0):
        relato.dice(
            f"fuera {suelta.comision.conversion.referencia_externa}",
            [suelta.correcto, suelta.falta, [a.monto for a in suelta.borradores]],
        )
    [comprobacion] = [c for c in COMPROBACIONES if c.aviso]
    for falta in comprobacion.filas():
        relato.dice("comprobación", falta)


def test_renovaciones(relato: Relato) -> None:
    """Two sales of a customer earn: what comes late, is refused, given back, approved or dropped
    changes which, and only a draft says so."""
    en, de = limitada(max_pagos=2), fabricas.afiliado_sin_tarifa()
    cuarta, _tercera, segunda = (
        vender(en, de, dia, referencia_externa=f"v-{dia}") for dia in (20, 30, 40)
    )
    vender(en, de, 60, cliente_ref="c-2", referencia_externa="ajena")
    vender(en, de, 60, cliente_ref="", referencia_externa="suelta")
    vender(en, de, 60, tipo_conversion="lead", referencia_externa="contacto")
    calcular_comisiones(
        conversiones_ids=list(Conversion.objects.values_list("id_publico", flat=True)),
        actor=PRUEBAS,
    )
    for comision in Comision.objects.order_by("conversion"):
        relato.dice(comision.conversion.referencia_externa, comision.monto)
    primera = vender(en, de, 50, "33.30", referencia_externa="v-50")
    relato.empezar()
    clientes = [primera.cliente_id, None, primera.cliente_id]
    fuera(relato, primera)

    def calcular(venta: Conversion) -> None:
        calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)

    relato.paso("Una que llega tarde", lambda: calcular(primera))
    fuera(relato, primera)
    relato.paso("Repasar otra vez, nada", lambda: repasar_clientes(clientes))
    devuelta(segunda, "d-1", "40.01")
    rechazar_conversion(conversion=primera, actor=LUIS, motivo="m", motivo_codigo="prueba")
    relato.empezar()
    fuera(relato, primera)
    relato.paso("La tardía no vale", lambda: repasar_ventas(Q(pk=primera.pk)))
    fuera(relato, primera)
    devuelta(segunda, "d-2")
    devuelta(cuarta, "d-3", "10.07")
    relato.empezar()
    relato.paso("La segunda se devuelve entera", lambda: repasar_ventas(Q(pk=segunda.pk)))
    fuera(relato, primera)
    [borrador] = Ajuste.objects.filter(comision__conversion=cuarta, estado="borrador")
    aprobar_ajuste(ajuste=borrador, actor=OTRA)
    Conversion.objects.filter(pk=segunda.pk).update(motivo_codigo="fraude")
    relato.empezar()
    relato.paso("La primera fue un fraude", lambda: repasar_clientes(clientes))
    fuera(relato, primera)
    for borrador in Ajuste.objects.filter(estado="borrador").order_by("pk"):
        descartar_ajuste(ajuste=borrador, actor=OTRA, motivo="se le deja")
    relato.empezar()
    fuera(relato, primera)
    relato.paso("Y se propone otra vez", lambda: repasar_clientes(clientes))


def test_renovaciones_por_tiempo(relato: Relato, monkeypatch: Any) -> None:
    """A month from the first sale; refunds of what turned out to earn more, or less; as many sales
    as are put right; a draft of another kind; an amount that no row holds."""
    en, de = limitada(duracion_meses=1), fabricas.afiliado_sin_tarifa()
    tarde, pronto = (
        vender(en, de, dia, valor, referencia_externa=f"v-{dia}")
        for dia, valor in ((20, "100.10"), (45, "77.70"))
    )
    for venta in (tarde, pronto):
        calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    primera = vender(en, de, 60, "50", referencia_externa="v-60")
    suya = Comision.objects.get(conversion=tarde)
    Ajuste.objects.create(
        id_publico="aj_bono", afiliado=de, comision=suya, tipo=TipoAjuste.BONO, monto=D(3),
        moneda="USD", motivo="m", creado_por="x",
    )  # fmt: skip
    relato.empezar()
    fuera(relato, primera)
    with monkeypatch.context() as pocas:
        pocas.setattr(renovaciones, "MAX_VENTAS", 1)
        relato.dice("solo la primera", fuera_de_su_sitio(primera.cliente_id or 0))
    relato.dice(
        "llegan tarde",
        [sorted(con_calculadas_despues(v)) == [primera.cliente_id] for v in (
            [primera], [pronto], [tarde], [], [tarde, primera],
        )],
    )  # fmt: skip
    devuelta(tarde, "d-1", "10.03")
    relato.empezar()
    relato.paso("La primera", lambda: calcular_comisiones(
        conversiones_ids=[primera.id_publico], actor=PRUEBAS
    ))  # fmt: skip
    fuera(relato, primera)
    [borrador] = Ajuste.objects.filter(tipo=TipoAjuste.RENOVACION)
    aprobar_ajuste(ajuste=borrador, actor=OTRA)
    devuelta(tarde, "d-2", "33.37")
    rechazar_conversion(conversion=primera, actor=LUIS, motivo="m", motivo_codigo="prueba")
    rechazar_conversion(conversion=pronto, actor=LUIS, motivo="m", motivo_codigo="prueba")
    relato.empezar()
    relato.paso("Era la primera", lambda: repasar_ventas(Q(pk=pronto.pk)))
    fuera(relato, primera)
    relato.paso("Sin cliente, nada", lambda: repasar_ventas(Q(pk=0)))
    # What each would pay as what it is.
    tardia = Renovacion(primera.ocurrida_en, False, 0)
    for renovacion in (None, tardia, Renovacion(tarde.ocurrida_en, False, 9)):
        suya.refresh_from_db()
        relato.dice("pagaría", monto_de(suya, renovacion))
    for traza in ({}, {"terminos": 1}):
        suya.traza = traza
        relato.dice("limita", limita_renovaciones(suya))
        relato.dice("pagaría", monto_de(suya, None))


def test_lo_que_queda_tras_devolver(relato: Relato) -> None:
    """The difference with what was calculated, without what refunds took, or would have taken."""
    suya = fabricas.comision(valor="100.10")
    venta = suya.conversion
    correctos = ("0", "4.01", "10.01", "16.02")

    def dice(que: str) -> None:
        suya.refresh_from_db()
        venta.refresh_from_db()
        for correcto in correctos:
            queda = renovaciones._lo_que_queda(venta, suya, D(correcto))
            relato.dice(f"{que}, {correcto}", queda)

    dice("nada devuelto")
    devuelta(venta, "d-1", "33.37")
    dice("un tercio")
    devuelta(venta, "d-2", "0.01")
    dice("un céntimo más")
    MovimientoConversion.objects.create(
        id_publico="mov_x", campana=venta.campana, conversion=venta, tipo="reposicion",
        id_externo="r", monto=D(7), moneda="USD", motivo="m", actor="x",
        ocurrido_en=venta.ocurrida_en,
    )  # fmt: skip
    dice("lo que no es una devolución")


@pytest.mark.lento
def test_lo_que_hay_al_calcular(relato: Relato) -> None:
    """What a sale is by what else there is of its customer: one thing beside two that earn."""
    en, de = limitada(max_pagos=9), fabricas.afiliado_sin_tarifa()
    suelta = fabricas.campana()
    publicar_version(
        regla=crear_regla(nombre="Sin límites", campana=suelta, actor=LUIS), tipo="porcentual",
        porcentaje=D(10), vigente_desde=fabricas.hace(days=365), actor=LUIS,
    )  # fmt: skip
    for dia in (30, 20):
        fabricas.calcular(vender(en, de, dia))
    suya = vender(en, de, 10)
    terminos = terminos_de(Comision.objects.order_by("pk")[0].traza["terminos"])

    def mira(que: str, hacer: Any, venta: Conversion = suya) -> None:
        """Tell it and undo it."""
        with transaction.atomic():
            hacer()
            hechos = hechos_de_venta(venta, venta.vendedor)
            for como in (renovaciones.con_su_renovacion, renovaciones.como_renovacion):
                hallada = como(hechos, terminos, venta).renovacion
                dicho: Any = None
                if hallada is not None:
                    dias = (venta.ocurrida_en - hallada.primera_en) / timedelta(days=1)
                    dicho = [dias, hallada.fraude, hallada.pagos]
                relato.dice(f"{que}, {como.__name__}", dicho)
            transaction.set_rollback(True)

    def calculada(dia: int = 40, **datos: Any) -> Comision:
        return fabricas.calcular(vender(datos.pop("en", en), de, dia, **datos))

    def rechazada(cual: Comision, por: str) -> None:
        rechazar_comision(comision=cual, actor=LUIS, motivo_codigo=por)

    def cambiada(cual: Any, **campos: Any) -> None:
        type(cual).objects.filter(pk=cual.pk).update(**campos)

    def ajustada(monto: str, **campos: Any) -> None:
        Ajuste.objects.create(**{
            "id_publico": "aj_1", "afiliado": de, "comision": Comision.objects.order_by("pk")[0],
            "tipo": TipoAjuste.RENOVACION, "monto": D(monto), "moneda": "USD", "motivo": "m",
            "creado_por": "x", **campos,
        })  # fmt: skip

    mira("Dos", lambda: None)
    mira("Ella misma, calculada", lambda: fabricas.calcular(suya))
    mira("Tres", calculada)
    mira("Una de después", lambda: calculada(5))
    mira("Un contacto", lambda: calculada(tipo_conversion="lead"))
    mira("Una suscripción", lambda: calculada(tipo_conversion="suscripcion"))
    mira("De otro cliente", lambda: calculada(cliente_ref="c-2"))
    mira("De otra campaña", lambda: calculada(en=suelta))
    mira("Sin calcular", lambda: vender(en, de, 40))
    mira("Una de nadie", lambda: cambiada(vender(en, de, 40), afiliado=None))
    mira("Anulada", lambda: cambiada(calculada(), estado="anulada"))
    mira("De otro nivel", lambda: cambiada(calculada(), nivel=2))
    mira("Rechazada", lambda: rechazada(calculada(), "prueba"))
    mira("Por fraude", lambda: rechazada(calculada(), "fraude"))
    mira("Anulada por fraude", lambda: cambiada(
        calculada(), estado="anulada", motivo_codigo="fraude"
    ))  # fmt: skip
    mira("De otro nivel, por fraude", lambda: cambiada(
        calculada(), estado="rechazada", motivo_codigo="fraude", nivel=2
    ))  # fmt: skip
    mira("La venta, rechazada", lambda: rechazar_conversion(
        conversion=vender(en, de, 40), actor=LUIS, motivo="m", motivo_codigo="prueba"
    ))  # fmt: skip
    mira("La venta, por fraude", lambda: rechazar_conversion(
        conversion=vender(en, de, 40), actor=LUIS, motivo="m", motivo_codigo="fraude"
    ))  # fmt: skip
    mira("La venta, devuelta", lambda: cambiada(calculada().conversion, estado="revertida"))
    mira("Y por fraude", lambda: cambiada(
        calculada().conversion, estado="revertida", motivo_codigo="fraude"
    ))  # fmt: skip
    mira("En parte, con ese código", lambda: cambiada(
        calculada().conversion, estado="revertida_parcial", motivo_codigo="fraude"
    ))  # fmt: skip
    mira("Que ganó nada", lambda: cambiada(calculada(), monto=0))
    mira("Y se devolvió", lambda: cambiada(calculada(), monto=0, revertido=D("10.01")))
    mira("La primera, ajustada", lambda: ajustada("-10.01"))
    mira("Menos un céntimo", lambda: ajustada("-10"))
    mira("Por otra cosa", lambda: ajustada("-10.01", tipo=TipoAjuste.CLAWBACK))
    mira("Que se descartó", lambda: ajustada("-10.01", estado="descartado"))
    mira("Que ya se hizo", lambda: ajustada("-10.01", estado="contabilizado"))
    misma = vender(en, de, 10)
    for venta in (suya, misma):
        cambiada(venta, ocurrida_en=suya.ocurrida_en)
        venta.refresh_from_db()
    Conversion.objects.exclude(pk__in=[suya.pk, misma.pk]).update(cliente=None)
    mira("A la vez, la de antes", lambda: fabricas.calcular(misma))
    mira("A la vez, la de después", lambda: fabricas.calcular(suya), misma)
    tercera = vender(en, de, 1)
    mira("La primera de dos a la vez", lambda: rechazar_conversion(
        conversion=suya, actor=LUIS, motivo="m", motivo_codigo="fraude"
    ), tercera)  # fmt: skip
    mira("Y no la otra", lambda: rechazar_conversion(
        conversion=misma, actor=LUIS, motivo="m", motivo_codigo="fraude"
    ), tercera)  # fmt: skip
