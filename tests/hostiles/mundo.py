"""A small programme with rows of every model: those that wait for something, and those that had it.

They are good rows: the hostile ones are copies of them (``filas.py``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import time_machine
from django.apps import apps
from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from afiliados.claves.propuestas import proponer_revocacion
from afiliados.claves.services import crear_clave
from alpespartner.comun import idempotencia
from alpespartner.comun.acceso.intentos import Limite, reservar
from alpespartner.comun.actores import persona
from alpespartner.comun.admin.exportar import fuente
from alpespartner.comun.exportacion.avance import avanzar_exportacion
from alpespartner.comun.exportacion.services import pedir_exportacion
from alpespartner.comun.identificadores import nuevo_uuid7
from alpespartner.comun.models import CorreoAlPersonal, QueCorreo, Turno
from alpespartner.comun.tachado import pedir_tachado
from alpespartner.operacion.alertas import anotar
from alpespartner.operacion.models import MiradaAPruebas
from alpespartner.operacion.monitor.problemas import Problema
from comisiones.ajustes.services import crear_ajuste
from comisiones.comision.models import Comision
from comisiones.libro.cadena import huella_de, sellar_dias
from comisiones.libro.models import Asiento, EslabonTardio
from comisiones.models import AvisoPasarela, DecisionEnMasa, LotePago, Novedad, Pago, Recuento
from comisiones.notificaciones.resumen import resumir
from comisiones.pagos.conciliacion.importacion import importar_extracto
from comisiones.pagos.models import ExclusionLote
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.reportes.envio import enviar_ahora
from comisiones.reportes.services import guardar_reporte
from comisiones.retenciones.services import hoy, publicar_retencion
from comisiones.revision.automatica import publicar_politica
from comisiones.revision.en_masa import confirmar_decision
from comisiones.revision.fichero import subir_fichero
from comisiones.revision.vistas import guardar_vista
from comisiones.simulaciones.services import avanzar_simulacion, crear_simulacion
from conversiones.fuentes import services as fuentes
from conversiones.fuentes.avance import avanzar_importacion
from conversiones.inscripciones.services import publicar_terminos
from conversiones.rastreo.conteo import recontar
from conversiones.rastreo.models import ClaveDeHuella, ClicsDelDia, OlvidoDeClics
from conversiones.ventas.devoluciones import Devolucion, devolver, guardar_pendiente
from conversiones.ventas.models import Conversion
from outbox.models import (
    EntregaConfirmada,
    EntregaPendiente,
    EntregaWebhook,
    EventoAparcado,
    EventoPurgado,
    MarcaDelFlujo,
    OutboxEvent,
    PostbackDicho,
)
from outbox.webhooks import services as webhooks
from tests import fabricas
from tests.comisiones.pagos.sepa import camt, emitido, importar, linea
from tests.comisiones.revision.mesa import decidir, elegir, jefa
from tests.fabricas import ANA, LUIS, PRUEBAS, hace

APPS = ("comun", "outbox", "afiliados", "conversiones", "comisiones", "operacion")
POLITICA = '{"moneda": "USD", "reglas": [{"tipo": "porcentual", "porcentaje": "12"}]}'


# While there is a row of it nobody may read the figures.
SIN_FILAS = {"comisiones.Remedicion"}


def modelos() -> list[type[models.Model]]:
    """Every model of the project that has a table of ours."""
    suyos = [m for etiqueta in APPS for m in apps.get_app_config(etiqueta).get_models()]
    return [m for m in suyos if not m._meta.proxy and m._meta.label not in SIN_FILAS]


@dataclass
class Mundo:
    """What waits: each of these must have had its turn when everything ran."""

    socia: Afiliado
    por_aprobar: Comision
    por_pagar: Comision
    por_enviar: Pago
    por_calcular: Conversion
    por_devolver: Comision
    lote: LotePago
    simulacion: int
    extracto: int
    linea_de: Pago
    por_lote: Comision
    por_decidir: Comision
    por_contar: str


def poblar() -> Mundo:
    """The programme. It takes a second or two."""
    with time_machine.travel(hace(days=3), tick=True):
        en, socia, lote = _con_historia()
        sellar_dias(ahora=timezone.now() + timedelta(days=1, hours=2))
    asiento = Asiento.objects.order_by("-pk").first()
    assert asiento is not None
    EslabonTardio(
        asiento=asiento, huella=huella_de([asiento.id_publico]), motivo="reloj", autor="sistema:x"
    ).save()
    _sueltas(en, socia)
    fabricas.entregar_todo()
    resumir(segundos=60)
    return _en_espera(en, socia, lote)


def _con_historia() -> tuple[Any, Afiliado, LotePago]:
    """Sales, refunds, payments, documents and a batch with its file."""
    en = fabricas.campana(
        nombre="Verano", predeterminada=True, canales=["web"],
        pagina="https://tienda.example/inicio",
    )  # fmt: skip
    regla = crear_regla(nombre="Diez", campana=en, actor=persona(9))
    publicar_version(
        regla=regla, tipo="porcentual", porcentaje=Decimal(10), vigente_desde=hace(days=300),
        condiciones={"minimo": "0", "tope": "500"}, moneda="USD", actor=persona(9),
    )  # fmt: skip
    referente = fabricas.afiliado_sin_tarifa(
        nombre="Referente", documento_tipo="CC", documento_numero="100"
    )
    socia = fabricas.afiliado_sin_tarifa(
        nombre="Socia", referencia_externa="socia-1", referente=referente, telefono="+57 1"
    )
    fabricas.cuenta(socia, titular="Socia")
    fabricas.clave(["afiliados:leer"], de=socia)
    publicar_retencion(
        nombre="IVA", porcentaje=Decimal(10), desde=hoy(), motivo="m", actor=ANA,
        afiliado=socia,
    )  # fmt: skip
    vendida = fabricas.aprobada(
        de=socia, en=en, productos=[{"id": "a", "cantidad": 2, "precio": "50"}],
        metadatos={"envio": "5"}, referencia_externa="pedido-1", cupon="VERANO", enlace="blog",
    )  # fmt: skip
    devolver(
        conversion=vendida.conversion,
        datos=Devolucion(id_externo="dev-1", monto=Decimal(10)),
        actor=PRUEBAS,
    )
    pago = _pagado(socia, en, "100")
    devolver(
        conversion=Comision.objects.filter(items_pago__pago=pago)[0].conversion,
        datos=Devolucion(id_externo="dev-2", monto=Decimal(20)), actor=PRUEBAS,
    )  # fmt: skip
    fabricas.entregar_todo()
    lote = emitido(2)
    primero = lote.pagos.order_by("pk")[0]
    # A line that settles a payment, and one of another amount, which waits to be looked at.
    suya = primero.id_publico.replace("_", "-")
    importar(camt(linea(suya, primero.importe), linea(suya, primero.importe + 1, banco="B-0002")))
    ExclusionLote(lote=lote, afiliado=socia, motivo="bajo_minimo", importe=Decimal(1)).save()
    AvisoPasarela(
        pasarela="stripe", id_externo="evt_1", tipo="transfer.reversed", referencia="tr_1",
        pago=pago, resultado="contradice",
    ).save()  # fmt: skip
    fabricas.entregar_todo()
    return en, socia, lote


def _pagado(socia: Afiliado, en: Any, valor: str) -> Pago:
    comision = fabricas.aprobada(de=socia, en=en, valor=valor)
    [pago] = programar_pagos(comisiones_ids=[comision.id_publico], actor=PRUEBAS)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == "pagado"
    fabricas.entregar_todo()
    return pago


def _sueltas(en: Any, socia: Afiliado) -> None:
    """What nothing above made."""
    crear_ajuste(
        afiliado=socia, tipo="bono", monto=Decimal(3), moneda="USD", motivo="m", concepto="Bono",
        actor=LUIS,
    )  # fmt: skip
    guardar_pendiente(
        campana=en, referencia="pedido-9", actor=PRUEBAS,
        datos=Devolucion(id_externo="dev-9", monto=Decimal(2)),
    )  # fmt: skip
    peticion, _nueva = idempotencia.reservar(ambito="x", clave="k", huella="h")
    idempotencia.guardar_respuesta(peticion, 201, {"a": {"b": "1"}})
    reservar([Limite("entrar", ["x"], 5, timedelta(hours=1))])
    Turno.objects.create(clave="turno")
    MiradaAPruebas.objects.create(pk=MiradaAPruebas.UNICA, en=timezone.now(), ms=9)
    Recuento.objects.create(de="comision")
    MarcaDelFlujo.objects.create(pk=1)
    suya, _texto = crear_clave(
        nombre="Por revocar", titular="t", alcances=["afiliados:leer"], actor=ANA
    )
    revocacion = proponer_revocacion(clave=suya, actor=ANA, motivo="m")
    con_fecha = fabricas.afiliado_sin_tarifa(nombre="De condiciones")
    actualizar_afiliado(
        afiliado=con_fecha, cambios={"comision_base": Decimal(7)}, motivo="m", actor=ANA
    )
    actualizar_afiliado(
        afiliado=con_fecha, cambios={"idioma": "en"}, actor=ANA,
        desde=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    for que, cual in ((QueCorreo.CONTRASENA, None), (QueCorreo.POR_CONFIRMAR, revocacion)):
        CorreoAlPersonal(
            que=que, propuesta=cual, toca_en=timezone.now() + timedelta(days=9)
        ).save()  # fmt: skip
    _importada(en, socia)
    ahora = timezone.now()
    OlvidoDeClics(afiliado=fabricas.afiliado_sin_tarifa(nombre="Sin clics")).save()
    pedir_tachado("afiliado", "af_nadie", ["Nadie"])
    suyo = fabricas.enlace(de=socia)
    fabricas.clic(suyo, visita="v" * 32, sub1="boletin")
    fabricas.cupon("VERANO", de=socia)
    publicar_terminos(campana=fabricas.inscripcion(de=socia).campana, texto="t", actor=ANA)
    de_clic = fabricas.clic(fabricas.enlace(de=socia, en=en))
    fabricas.sin_atribuir(en=en, cliente_ref="c-1", clic_id=de_clic.id_publico)
    ClicsDelDia.objects.create(enlace=suyo, dia=ahora.date(), clics=3, unicos=2, descartados=1)
    recontar()
    ClaveDeHuella.objects.create(periodo="d2026-01-01", secreto="x", caduca_en=ahora)
    publicar_politica(campana=en, hasta=Decimal(30), motivo="m", actor=LUIS)
    con_limite = fabricas.campana(presupuesto=Decimal(15))
    for _ in range(2):
        fabricas.comision(de=socia, en=con_limite)
    decidir(elegir([fabricas.comision(de=socia, en=en, valor="20")]))
    subir_fichero(contenido=b"comision_id,decision\ncom_nada,aprobar", nombre="d.csv", actor=jefa())
    guardar_vista(nombre="Mía", filtro="estado=retenida", compartida=True, actor=jefa())
    jefe = User.objects.create_superuser("jr", "jefe@ejemplo.co", "x")
    for n, programado in enumerate((False, True)):
        reporte = guardar_reporte(
            nombre=f"R{n}", columnas=["valor"], programado=programado, campana=en,
            destinatarios=[jefe], actor=persona(jefe.pk),
        )  # fmt: skip
        enviar_ahora(reporte=reporte, actor=persona(jefe.pk))
    pedida = pedir_exportacion(modelo="comisiones.comision", filtro="", bom=False, actor=jefa())
    avanzar_exportacion(exportacion_pk=pedida.pk, fuente=fuente)
    lista = crear_simulacion(
        nombre="Doce", desde=ahora - timedelta(days=9), hasta=ahora, actor=ANA, politica=POLITICA
    )
    avanzar_simulacion(simulacion_pk=lista.pk)
    evento = OutboxEvent.objects.order_by("posicion").first()
    assert evento is not None
    EventoAparcado.objects.create(suscripcion="lenta", evento=evento, intentos=5, error="OSError")
    EventoAparcado.objects.create(suscripcion="lenta", intentos=1, error="X", contenido="nada")
    EntregaPendiente.objects.create(suscripcion="lenta", evento=evento, ultimo_error="x")
    webhook, _secreto = webhooks.crear(
        url="https://ejemplo.invalid/eventos", tipos=["*"], titular="pruebas", afiliado="",
        actor=PRUEBAS,
    )  # fmt: skip
    webhooks.rotar(webhook=webhook, actor=PRUEBAS)
    EntregaWebhook.objects.create(
        webhook=webhook, evento_id=evento.evento_id, tipo=evento.type, objeto=evento.aggregateid,
        estado="entregada", intentos=1, codigo_http=204, cabeceras={"webhook-id": "x"},
    )  # fmt: skip
    for _mirada in range(2):
        anotar(vistos=[Problema("outbox", {"segundos": 90})], juzga=lambda _clave: True)
    anotar(vistos=[], juzga=lambda _clave: True, miradas=1)
    postback = webhooks.crear_postback(
        url="https://ejemplo.invalid/?a={payout}", estados=["*"], afiliado=evento.aggregateid,
        actor=PRUEBAS,
    )  # fmt: skip
    PostbackDicho(webhook=postback, objeto=evento.aggregateid, estado="paid").save()
    EntregaWebhook.objects.create(
        webhook=postback, evento_id=evento.evento_id, tipo="paid", objeto=evento.aggregateid,
        cuerpo='{"payout": "1.00"}',
    )  # fmt: skip
    EntregaConfirmada(evento_id=evento.evento_id, tipo=evento.type, retraso_ms=3).save()
    EventoPurgado(
        evento_id=nuevo_uuid7(), aggregateid="af_viejo", type="AfiliadoSuspendido",
        created_at=ahora,
    ).save()  # fmt: skip


def _importada(en: Any, socia: Afiliado) -> None:
    """A file that was applied, with a refused row."""
    suya = fuentes.subir_fichero(
        tipo="ventas", nombre="f.csv", actor=PRUEBAS, campana=en,
        contenido=f"referencia,afiliado,valor,fecha\nimp-1,{socia.id_publico},5,"
        f"{hace(minutes=1):%Y-%m-%dT%H:%M:%SZ}\nimp-2,nadie,5,hoy\n".encode(),
    )  # fmt: skip
    avanzar_importacion(importacion_pk=suya.pk)
    suya.refresh_from_db()
    fuentes.confirmar_importacion(importacion=suya, actor=PRUEBAS)
    avanzar_importacion(importacion_pk=suya.pk)


def _en_espera(en: Any, socia: Afiliado, lote: LotePago) -> Mundo:
    """What has still to be approved, paid, sent, calculated, refunded, applied and simulated."""
    ahora = timezone.now()
    por_devolver = fabricas.aprobada(de=socia, en=en, valor="60")
    devolver(
        conversion=por_devolver.conversion,
        datos=Devolucion(id_externo="dev-3", monto=Decimal(30)), actor=PRUEBAS,
    )  # fmt: skip
    otra = fabricas.afiliado_sin_tarifa(nombre="Otra")
    por_enviar = programar_pagos(
        comisiones_ids=[fabricas.aprobada(de=otra, en=en, valor="70").id_publico], actor=PRUEBAS
    )[0]
    buena = fabricas.afiliado_sin_tarifa(nombre="Buena")
    por_pagar = fabricas.aprobada(de=buena, en=en, valor="80")
    simulacion = crear_simulacion(
        nombre="En cola", desde=ahora - timedelta(days=9), hasta=ahora, actor=ANA, politica=POLITICA
    )
    pendiente = lote.pagos.filter(estado="enviando").order_by("pk")[0]
    extracto = importar_extracto(
        contenido=camt(linea(pendiente.id_publico.replace("_", "-"), pendiente.importe)),
        nombre="e.xml", actor=LUIS,
    )  # fmt: skip
    antes = hace(seconds=90)
    Comision.objects.filter(estado="aprobada").update(actualizado_en=antes)
    Pago.objects.filter(estado="listo").update(actualizado_en=antes)
    return Mundo(
        socia=socia,
        por_aprobar=fabricas.comision(de=buena, en=en, valor="50"),
        por_pagar=por_pagar,
        por_enviar=por_enviar,
        por_calcular=fabricas.conversion(de=buena, en=en, valor="40"),
        por_devolver=por_devolver,
        lote=lote,
        simulacion=simulacion.pk,
        extracto=extracto.pk,
        linea_de=pendiente,
        por_lote=_por_lote(),
        por_decidir=_por_decidir(buena, en),
        por_contar=_por_contar(buena),
    )


def _por_contar(de: Afiliado) -> str:
    """What a digest has still to tell."""
    novedad = Novedad(
        evento_id=nuevo_uuid7(), afiliado=de, clase="aprobada", referencia="pedido-8",
        monto=Decimal(8), moneda="USD", ocurrida_en=hace(hours=30), toca_en=hace(seconds=90),
    )  # fmt: skip
    novedad.save()
    return novedad.evento_id


def _por_decidir(de: Afiliado, en: Any) -> Comision:
    """What a bulk decision has still to hold."""
    suya = fabricas.comision(de=de, en=en, valor="9000")
    confirmar_decision(decision=elegir([suya], "retener"), actor=jefa(), motivo="m")
    DecisionEnMasa.objects.update(actualizado_en=hace(seconds=90))
    return suya


def _por_lote() -> Comision:
    """What a batch in euros has to pay."""
    de = fabricas.afiliado(nombre="De lote")
    fabricas.cuenta(de, titular="De lote")
    return fabricas.aprobada(de=de, en=fabricas.campana(moneda="EUR"), valor="90")
