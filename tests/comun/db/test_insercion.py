"""Append-only rows: none of the ORM's ways changes or deletes them."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from alpespartner.comun.models import FilaInmutable, Historial, SoloInsercion
from comisiones.ajustes.models import Reverso
from comisiones.libro.cadena import sellar_dias
from comisiones.libro.models import EslabonTardio
from comisiones.models import (
    Apunte,
    Asiento,
    AvisoPasarela,
    Eslabon,
    ExclusionLote,
    ExtractoBanco,
    FicheroPago,
    IntentoPago,
    LineaBanco,
    Liquidacion,
    PoliticaAprobacion,
    RetencionFiscal,
    SaldoSellado,
    SelloDiario,
    VersionRegla,
)
from comisiones.pagos.conciliacion.extractos import aplicar_extracto
from comisiones.pagos.conciliacion.importacion import importar_extracto
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.reportes.envio import enviar_ahora
from comisiones.reportes.models import EnvioReporte
from comisiones.reportes.services import guardar_reporte
from comisiones.retenciones.services import hoy, publicar_retencion
from comisiones.revision.automatica import publicar_politica
from conversiones.clientes.models import VisitanteDeCliente
from conversiones.inscripciones.models import TerminosCampana
from conversiones.inscripciones.services import publicar_terminos
from conversiones.rastreo.models import Clic
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import AtribucionVenta, MovimientoConversion
from outbox.models import (
    EntregaConfirmada,
    EventoProcesado,
    EventoPurgado,
    OutboxEvent,
    PostbackDicho,
)
from outbox.webhooks.services import crear_postback
from tests import fabricas
from tests.comisiones.pagos.sepa import NUESTRA, camt, emitido, linea

TABLAS = [
    Historial, OutboxEvent, EventoProcesado, EntregaConfirmada, Asiento, Apunte, VersionRegla,
    IntentoPago, MovimientoConversion, Reverso, ExclusionLote, PoliticaAprobacion,
    SelloDiario, Eslabon, FicheroPago, ExtractoBanco, LineaBanco, Liquidacion, RetencionFiscal,
    AvisoPasarela, SaldoSellado, EventoPurgado, Clic, AtribucionVenta, VisitanteDeCliente,
    TerminosCampana, PostbackDicho, EnvioReporte,
]  # fmt: skip


def _una_de_cada(settings: Any) -> None:
    """At least a row of each of the tables."""
    fabricas.regla(porcentaje="5")
    publicar_politica(campana=fabricas.campana(), hasta=None, motivo="x", actor=fabricas.ANA)
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=fabricas.PRUEBAS)
    fabricas.entregar_todo()
    devuelta = fabricas.comision()
    devolver(
        conversion=devuelta.conversion,
        datos=Devolucion(id_externo="dev-1", monto=Decimal(40)),
        actor=fabricas.PRUEBAS,
    )
    fabricas.entregar_todo()
    for minimo in (None, Decimal(1000)):
        fabricas.aprobada(de=fabricas.afiliado(minimo_pago=minimo, moneda_comision="USD"))
    proponer_lote(moneda="USD", pasarela="archivo", actor=fabricas.PRUEBAS)
    publicar_retencion(
        nombre="IRPF", porcentaje=Decimal(1), desde=hoy(), motivo="m", actor=fabricas.ANA
    )
    sellar_dias(ahora=timezone.now() + timedelta(days=2))
    settings.SEPA_IBAN = NUESTRA
    emitido(1)
    extracto = importar_extracto(
        contenido=camt(linea("x", "1")), nombre="e", actor=fabricas.PRUEBAS
    )
    aplicar_extracto(extracto_pk=extracto.pk)
    AvisoPasarela(pasarela="stripe", id_externo="evt_1", resultado="desconocido").save()
    EventoPurgado(evento_id="x", aggregateid="y", type="z", created_at=timezone.now()).save()
    de_clic = fabricas.clic(fabricas.enlace())
    fabricas.sin_atribuir(en=de_clic.campana, cliente_ref="cliente-1", clic_id=de_clic.id_publico)
    publicar_terminos(campana=de_clic.campana, texto="t", actor=fabricas.ANA)
    postback = crear_postback(
        url="https://ejemplo.invalid/?a={payout}", estados=["*"], actor=fabricas.PRUEBAS,
        afiliado=fabricas.afiliado().id_publico,
    )  # fmt: skip
    PostbackDicho(webhook=postback, objeto="com_x", estado="paid").save()
    jefe = User.objects.create_superuser("jefe", "jefe@ejemplo.co", "x")
    reporte = guardar_reporte(
        nombre="r", columnas=["valor"], destinatarios=[jefe], actor=fabricas.ANA
    )
    enviar_ahora(reporte=reporte, actor=fabricas.ANA)
    # Only the real stream confirms deliveries.
    EntregaConfirmada(evento_id="x", tipo="y", retraso_ms=1).save()


@pytest.mark.lento
@pytest.mark.django_db
def test_filas_que_solo_se_insertan(settings: Any) -> None:
    """History, events and money cannot be changed or deleted through any of the ORM's ways."""
    _una_de_cada(settings)
    cambiadas = []
    for modelo in TABLAS:
        assert issubclass(modelo, SoloInsercion)
        fila = modelo.objects.first()
        assert fila is not None, modelo
        antes = modelo.objects.values().get(pk=fila.pk)
        cambiadas += _formas_que_no_lo_impiden(modelo, fila)
        assert modelo.objects.values().get(pk=fila.pk) == antes, modelo
    assert cambiadas == []


def _formas_que_no_lo_impiden(modelo: Any, fila: Any) -> list[str]:
    campo = next(f.name for f in modelo._meta.fields if not f.primary_key)
    suya = modelo.objects.filter(pk=fila.pk)
    formas = {
        "save": lambda: fila.save(),
        "save otra vez": lambda: fila.save(force_insert=True),
        "delete": lambda: fila.delete(),
        "delete de todas": lambda: modelo.objects.all().delete(),
        "update": lambda: suya.update(**{campo: getattr(fila, campo)}),
        "bulk_update": lambda: modelo.objects.bulk_update([fila], [campo]),
        "update_or_create": lambda: modelo.objects.update_or_create(
            pk=fila.pk, defaults={campo: None}
        ),
    }
    malas = []
    for nombre, forma in formas.items():
        try:
            forma()
        except FilaInmutable:
            continue
        malas.append(f"{modelo.__name__}: {nombre}")
    return malas


def test_las_tablas_del_dinero_son_de_insercion() -> None:
    """A new financial table must join the list above."""
    from django.apps import apps

    declaradas = {m for m in apps.get_models() if issubclass(m, SoloInsercion)}
    # Its rows are made by a repair, whose tests hold the same of it.
    assert declaradas == {*TABLAS, EslabonTardio}
