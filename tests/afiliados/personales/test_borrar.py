"""Erasing an affiliate: a needle in every place, and nowhere afterwards."""

from __future__ import annotations

import io
import json
import re
import zipfile
from contextlib import suppress
from decimal import Decimal
from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import models

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import (
    actualizar_afiliado,
    cerrar_afiliado,
    suspender_afiliado,
)
from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import crear_clave
from afiliados.cuentas.models import CuentaBancaria
from afiliados.cuentas.services import guardar_cuenta
from afiliados.errores import AfiliadoBorrado, AfiliadoSinCerrar, BorradoImpedido
from afiliados.invariantes import COMPROBACIONES
from afiliados.personales.propuestas import lineas_de_borrar, proponer_borrado
from afiliados.personales.services import exportar_datos
from alpespartner.comun.cifrado import descifrar
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Tachadura
from alpespartner.comun.propuestas.services import confirmar_propuesta
from alpespartner.comun.tachado import tachar_pendientes
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.libro.selectors import saldos
from comisiones.models import Liquidacion, Pago
from comisiones.notificaciones.models import Notificacion
from comisiones.pagos.pago.services import programar_pagos
from comisiones.retenciones.services import hoy, publicar_retencion
from comisiones.revision.services import rechazar_comision
from conversiones.rastreo.clics import olvidar_pendientes
from conversiones.rastreo.models import Clic
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.services import rechazar_conversion
from outbox.models import Webhook
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA, hace

pytestmark = pytest.mark.django_db
AGUJA = re.compile("aguja|zurcir|60011122[23]|79123456|AAX55501", re.IGNORECASE)
IBAN = "ES9121000418450200051332"
_CIFRADO = re.compile(r"gAAAA[\w=-]{60,}")
_TEXTO = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def en_claro(valor: Any) -> str:
    """A column as text, with what our key reads of it."""
    texto = valor if isinstance(valor, str) else str(valor)

    def abierto(hallado: re.Match[str]) -> str:
        for uso in ("cifrado", "tachadura"):
            with suppress(InvalidToken):
                return descifrar(hallado[0], uso)
        return ""

    return _CIFRADO.sub(abierto, texto)


def donde() -> set[str]:
    """Columns of the whole database where the needle is."""
    hallados = set()
    for modelo in apps.get_models(include_auto_created=True):
        columnas = [c for c in modelo._meta.concrete_fields if isinstance(c, _TEXTO)]
        if not columnas or modelo._meta.proxy or not modelo._meta.managed:
            continue
        nombres = [c.attname for c in columnas]
        for fila in models.QuerySet(modelo).values_list(*nombres):
            hallados |= {
                f"{modelo.__name__}.{nombre}"
                for nombre, valor in zip(nombres, fila, strict=True)
                if valor is not None and (AGUJA.search(en_claro(valor)) or IBAN in en_claro(valor))
            }
    return hallados


def con_agujas() -> Afiliado:
    """An affiliate that is named wherever it can be, and was paid."""
    api = fabricas.api()
    cuerpo = {"nombre": "Aguja Primera", "email": "aguja@example.com", "telefono": "600111222",
              "documento_tipo": "CC", "documento_numero": "79123456",
              "referencia_externa": "aguja-ref@example.com",
              "configuracion_comisiones": {"comision_base": "10"}}  # fmt: skip
    dicho = api.enviar("/api/v1/afiliados", cuerpo, Idempotency_Key="k").json()
    suya = Afiliado.objects.get(id_publico=dicho["afiliado_id"])
    cambios = {"nombre": "Zurcir Segunda", "email": "zurcir@example.com", "telefono": "600111223",
               "documento_tipo": "PASAPORTE", "documento_pais": "ES",
               "documento_numero": "AAX55501"}  # fmt: skip
    # Not those who approve.
    for dichos in (cambios, {"comision_base": Decimal(12)}):
        actualizar_afiliado(
            afiliado=suya, cambios=dichos, actor=OTRA, motivo="Lo pide Aguja Primera"
        )
    guardar_cuenta(afiliado=suya, titular="Aguja Vieja", iban="DE89370400440532013000", actor=ANA)
    fabricas.cuenta(suya, titular="Aguja Primera", iban=IBAN)
    crear_clave(
        nombre="De Aguja", titular="Zurcir", alcances=["afiliados:leer"], afiliado=suya, actor=ANA
    )
    Webhook.objects.create(
        id_publico="wh_1", url="https://aguja.example/", anfitrion="aguja.example", tipos=["*"],
        afiliado=suya.id_publico, secreto="s", titular="",
    )  # fmt: skip
    fabricas.clic(fabricas.enlace(de=suya), sub1="aguja", agente="a" * 16)
    bono = crear_ajuste(
        afiliado=suya, tipo="bono", monto=Decimal(5), moneda="USD", motivo="A Zurcir Segunda",
        concepto="Para aguja@example.com", actor=ANA,
    )  # fmt: skip
    aprobar_ajuste(ajuste=bono, actor=LUIS)
    rechazar_comision(comision=fabricas.comision(de=suya), actor=ANA, motivo="Es Aguja Primera")
    rechazar_conversion(
        conversion=fabricas.conversion(de=suya), actor=ANA, motivo="AGUJA PRIMERA, otra vez"
    )
    LogEntry.objects.create(
        user=get_user_model().objects.create_user("staff"), action_flag=CHANGE,
        content_type=ContentType.objects.get_for_model(Afiliado), object_id=str(suya.pk),
        object_repr="Aguja Primera",
    )  # fmt: skip
    fabricas.liquidacion(de=suya)
    publicar_retencion(
        nombre="IRPF de Aguja", porcentaje=Decimal(1), desde=hoy(), motivo="Zurcir", actor=ANA,
        afiliado=suya,
    )  # fmt: skip
    devolver(
        conversion=fabricas.conversion(de=suya), actor=ANA,
        datos=Devolucion(id_externo="d-1", monto=Decimal(4), motivo="Se queja Aguja Primera"),
    )  # fmt: skip
    suspender_afiliado(afiliado=suya, actor=ANA, motivo="Se va Zurcir Segunda")
    fabricas.entregar_todo()
    cerrar_afiliado(afiliado=suya, actor=ANA, motivo='Baja de "Aguja Primera"')
    suya.refresh_from_db()
    return suya


def borrar(suya: Afiliado) -> None:
    propuesta = proponer_borrado(afiliado=suya, actor=ANA, motivo="Lo pide Zurcir Segunda")
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=propuesta, actor=ANA)
    confirmar_propuesta(propuesta=propuesta, actor=LUIS)


def tachar() -> None:
    """All that is done in the minutes after an erasure."""
    while tachar_pendientes(1):
        pass
    Tachadura.objects.update(creada_en=hace(minutes=6))
    tachar_pendientes()
    assert not Tachadura.objects.exists()


@pytest.mark.lento
def test_no_queda_quien_era() -> None:
    """All over the database, encrypted or not, but for documents that were issued."""
    otra = fabricas.afiliado(nombre="Otra", email="otra@example.com")
    suya = con_agujas()
    antes = donde()
    # The needle was in all of these, or this would prove nothing.
    assert antes >= {
        "Afiliado.nombre", "Afiliado.email", "Afiliado.correo_unico", "Afiliado.telefono",
        "Afiliado.documento_numero", "Afiliado.referencia_externa", "Ajuste.motivo",
        "Ajuste.concepto", "ClaveAPI.nombre", "ClaveAPI.titular", "CondicionesAfiliado.motivo",
        "CuentaBancaria.titular", "CuentaBancaria.destino_cifrado", "Historial.motivo",
        "Historial.datos", "Liquidacion.receptor", "LogEntry.object_repr",
        "PeticionIdempotente.respuesta", "Webhook.url", "Clic.sub1", "Trozo.texto",
        "OutboxEvent.payload", "Comision.motivo", "RetencionFiscal.nombre",
        "RetencionFiscal.motivo", "MovimientoConversion.motivo",
    }, antes  # fmt: skip
    libro = saldos(suya)
    documentos = list(Liquidacion.objects.values())
    borrar(suya)
    assert [olvidar_pendientes() for _vez in range(2)] == [1, 0]
    assert donde() >= {"OutboxEvent.payload", "Comision.motivo", "Tachadura.textos"}
    tachar()
    queda = donde()
    assert queda == {"Liquidacion.receptor"}, queda
    assert (saldos(suya), list(Liquidacion.objects.values())) == (libro, documentos)
    suya.refresh_from_db()
    assert (suya.nombre, suya.email, suya.correo_unico, suya.estado) == ("—", "", None, "cerrado")
    assert not CuentaBancaria.objects.filter(afiliado=suya).exists()
    assert not Notificacion.objects.filter(afiliado=suya).exists()
    assert Clic.objects.get().agente == ""
    *_antes, hecho, tachado = historial_de("afiliado", suya.id_publico)
    assert (hecho.accion, hecho.actor, hecho.motivo) == ("borrar_datos", str(ANA), "Lo pide …")
    assert (tachado.accion, tachado.actor) == ("tachar", "sistema:personales")
    assert tachado.datos["textos"] > 5
    assert fabricas.eventos_de(suya.id_publico)[-1] == "AfiliadoBorrado"
    otra.refresh_from_db()
    assert (otra.nombre, otra.correo_unico) == ("Otra", "otra@example.com")
    mal = {c.nombre: list(c.filas()) for c in COMPROBACIONES}
    assert [nombre for nombre, filas in mal.items() if filas] == []
    Afiliado.objects.filter(pk=suya.pk).update(telefono="1")
    [dicho] = next(list(c.filas()) for c in COMPROBACIONES if c.nombre.startswith("De quien se"))
    assert dicho == f"{suya.id_publico}: se borró, y tiene telefono"


def test_lo_que_lo_impide_y_lo_que_ya_no_se_puede(settings: Any) -> None:
    """In the programme, with a payment on its way; and nothing is written of it afterwards."""
    settings.PAGOS_AUTOMATICOS = False
    suya = fabricas.afiliado()
    with pytest.raises(AfiliadoSinCerrar):
        proponer_borrado(afiliado=suya, actor=ANA, motivo="m")
    comision = fabricas.aprobada(de=suya, valor="100")
    suspender_afiliado(afiliado=suya, actor=ANA, motivo="m")
    suya = cerrar_afiliado(afiliado=suya, actor=ANA, motivo="m")
    assert "10,00" in str(dict(lineas_de_borrar(suya))["Queda sin cobrar"])
    propuesta = proponer_borrado(afiliado=suya, actor=ANA, motivo="m")
    [pago] = programar_pagos(comisiones_ids=[comision.id_publico], actor=ANA)
    antes = fabricas.foto()
    with pytest.raises(BorradoImpedido) as error:
        confirmar_propuesta(propuesta=propuesta, actor=LUIS)
    assert pago.id_publico in error.value.mensaje
    assert fabricas.foto() == antes
    Pago.objects.update(estado="fallido")
    confirmar_propuesta(propuesta=propuesta, actor=LUIS)
    for intento in (
        lambda: proponer_borrado(afiliado=Afiliado.objects.get(), actor=ANA, motivo="m"),
        lambda: exportar_datos(afiliado=Afiliado.objects.get(), actor=ANA),
        lambda: actualizar_afiliado(afiliado=suya, cambios={"nombre": "X"}, actor=ANA),
        lambda: guardar_cuenta(afiliado=suya, titular="Ada", iban=IBAN, actor=ANA),
        lambda: crear_clave(
            nombre="n", titular="t", alcances=["afiliados:leer"], afiliado=suya, actor=ANA
        ),
    ):
        with pytest.raises(AfiliadoBorrado):
            intento()
    assert ClaveAPI.objects.count() == 0


def test_entregar_sus_datos(tmp_path: Any) -> None:
    """All of its own, without formulas, once said in the history."""
    suya = fabricas.afiliado(nombre="=Fórmula", email="ada@example.com")
    fabricas.cuenta(suya, titular="Ada", iban=IBAN)
    fabricas.aprobada(de=suya)
    fabricas.aprobada(de=fabricas.afiliado(nombre="Ajena", email="ajena@example.com"))
    paquete = zipfile.ZipFile(io.BytesIO(b"".join(exportar_datos(afiliado=suya, actor=ANA))))
    todo = json.loads(paquete.read("datos.json"))
    assert todo["afiliado"][0]["nombre"] == "=Fórmula"
    assert todo["cuenta"][0]["numero"] == IBAN
    assert [len(todo[de]) for de in ("comisiones", "ventas")] == [1, 1]
    assert "ajena" not in str(todo).lower()
    assert "'=Fórmula" in paquete.read("afiliado.csv").decode("utf-8-sig")
    hecho = historial_de("afiliado", suya.id_publico).last()
    assert hecho is not None
    assert (hecho.accion, hecho.actor) == ("exportar_datos", str(ANA))
    salida = tmp_path / "f.zip"
    call_command("exportar_datos", suya.id_publico, salida=str(salida), verbosity=0)
    assert zipfile.is_zipfile(salida)
    for cual in (suya.id_publico, "af_nadie"):
        with pytest.raises(CommandError):
            call_command("exportar_datos", cual, salida=str(salida), verbosity=0)
