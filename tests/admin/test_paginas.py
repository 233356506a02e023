"""Every page opens, changes nothing on GET and asks the same number of queries at any size."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib import admin as sitio
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from afiliados.claves.propuestas import proponer_revocacion
from afiliados.claves.services import crear_clave
from afiliados.cuentas.services import guardar_cuenta
from alpespartner.comun.actores import persona
from alpespartner.comun.identificadores import nuevo_id, nuevo_uuid7
from alpespartner.comun.models import Exportacion
from comisiones.ajustes.services import crear_ajuste
from comisiones.comision.models import Comision
from comisiones.liquidaciones.services import emitir
from comisiones.models import Apunte, Asiento, AvisoPasarela, Notificacion, Pago
from comisiones.pagos.conciliacion.extractos import aplicar_extracto
from comisiones.pagos.conciliacion.importacion import importar_extracto
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.reglas.services import crear_regla
from comisiones.reportes.envio import enviar_ahora
from comisiones.reportes.models import Reporte
from comisiones.reportes.services import guardar_reporte
from comisiones.retenciones.services import hoy, publicar_retencion
from comisiones.revision.automatica import publicar_politica
from comisiones.revision.fichero import subir_fichero
from comisiones.revision.services import aprobar_comision
from comisiones.simulaciones.services import avanzar_simulacion, crear_simulacion
from conversiones.campanas.services import crear_campana
from conversiones.fuentes import services as fuentes
from conversiones.fuentes.avance import avanzar_importacion
from conversiones.fuentes.models import Importacion
from conversiones.inscripciones.services import publicar_terminos
from conversiones.ventas.devoluciones import Devolucion, guardar_pendiente
from conversiones.ventas.models import DevolucionPendiente
from outbox.models import EntregaPendiente, EventoAparcado, OutboxEvent
from outbox.webhooks.repeticion import probar
from outbox.webhooks.services import crear as crear_webhook
from outbox.webhooks.services import crear_postback
from tests import fabricas
from tests.admin.conftest import PRUEBA
from tests.comisiones.pagos.sepa import camt, linea
from tests.comisiones.revision.mesa import decidir, elegir

pytestmark = pytest.mark.una_base
PROPIAS = {"afiliados", "conversiones", "comisiones", "outbox", "comun"}
MODELOS = sorted(
    (m for m in sitio.site._registry if m._meta.app_label in PROPIAS), key=lambda m: m._meta.label
)


def _url(modelo, vista: str, *args) -> str:
    opciones = modelo._meta
    return reverse(f"admin:{opciones.app_label}_{opciones.model_name}_{vista}", args=args)


def _poblar(programa, n: int) -> None:
    """``n`` rows of everything."""
    de_informes, _nueva = User.objects.get_or_create(
        username="informes",
        defaults={"email": "informes@ejemplo.co", "is_staff": True, "is_superuser": True},
    )
    for i in range(n):
        for resultado in ("pagado", "fallido"):
            pago = programa.pago(resultado)
            emitir(pagos_ids=[pago.id_publico], actor=PRUEBA)
        programa.aparcado()
        webhook, _secreto = crear_webhook(
            url=f"https://ejemplo.com/{i}", tipos=["*"], titular=f"casa-{n}-{i}", afiliado="",
            actor=PRUEBA,
        )  # fmt: skip
        probar(webhook=webhook, actor=PRUEBA)
        crear_postback(
            url=f"https://ejemplo.com/{i}", estados=["*"], afiliado=f"af_{n}-{i}", actor=PRUEBA
        )
        crear_ajuste(
            afiliado=programa.afiliado, tipo="bono", monto=Decimal(1), moneda="USD", motivo="m",
            actor=PRUEBA,
        )  # fmt: skip
        simular(programa)
        importar(programa)
        decidir(elegir(programa.ventas(2), "retener"))
        guardar_pendiente(
            campana=programa.campana, referencia=f"r{i}", actor=PRUEBA,
            datos=Devolucion(id_externo=f"d{DevolucionPendiente.objects.count()}"),
        )  # fmt: skip
        guardar_cuenta(
            afiliado=programa.nuevo_afiliado(f"Con cuenta {i}", activo=True), titular="Socia",
            iban="ES9121000418450200051332", actor=PRUEBA,
        )  # fmt: skip
        extracto = importar_extracto(
            contenido=camt(linea(f"x-{OutboxEvent.objects.count()}-{i}", "1.00")), nombre="e.xml",
            actor=PRUEBA,
        )  # fmt: skip
        aplicar_extracto(extracto_pk=extracto.pk)
        reporte = guardar_reporte(
            nombre=nuevo_id("r"), columnas=["valor"], destinatarios=[de_informes],
            actor=persona(i + 1000 + Reporte.objects.count()),
        )  # fmt: skip
        enviar_ahora(reporte=reporte, actor=PRUEBA)
        AvisoPasarela(
            pasarela="stripe", id_externo=f"evt_{AvisoPasarela.objects.count()}", pago=pago,
            resultado="contradice",
        ).save()  # fmt: skip
        aprobar_comision(comision=programa.ventas(1)[0], actor=PRUEBA)
        proponer_lote(moneda="USD", actor=PRUEBA, pasarela="archivo")
        publicar_politica(campana=programa.campana, hasta=Decimal(5), motivo="m", actor=PRUEBA)
        publicar_retencion(
            nombre="IRPF", porcentaje=Decimal(15), desde=hoy(), motivo="m", actor=PRUEBA,
            afiliado=programa.nuevo_afiliado(f"Retenido {i}", activo=True),
        )  # fmt: skip
        EntregaPendiente.objects.get_or_create(
            suscripcion="lenta", evento=OutboxEvent.objects.latest("posicion")
        )
        clave, _texto = crear_clave(
            nombre=f"c{i}", titular="t", alcances=["afiliados:leer"], actor=PRUEBA,
            afiliado=programa.nuevo_afiliado(f"Socio{i}", activo=False),
        )  # fmt: skip
        proponer_revocacion(clave=clave, actor=PRUEBA, motivo="m")
        Notificacion.objects.create(
            evento_id=nuevo_uuid7(), afiliado=programa.afiliado, clase="pago", asunto="a",
            cuerpo="c",
        )  # fmt: skip
        Client().force_login(User.objects.get_or_create(username="quien entra")[0])
        subir_fichero(
            contenido=f"comision_id,decision\nno-hay-{nuevo_id('x')},aprobar".encode(),
            nombre="d.csv", actor=PRUEBA,
        )  # fmt: skip
        suyo = fabricas.enlace(de=programa.afiliado)
        fabricas.clic(suyo)
        fabricas.sin_atribuir(en=programa.campana, cliente_ref=suyo.codigo)
        fabricas.cupon(f"C{suyo.pk:08}", de=programa.afiliado)
        publicar_terminos(
            campana=fabricas.inscripcion(de=programa.afiliado).campana, texto="t", actor=PRUEBA
        )
        quien = User.objects.filter(is_superuser=True).first()
        Exportacion.objects.create(
            id_publico=nuevo_id("exp"), modelo="comisiones.pago",
            creada_por=str(persona(quien.pk if quien else 0)),
        )  # fmt: skip


def importar(programa) -> None:
    """A file with one sale, applied."""
    suya = fuentes.subir_fichero(
        tipo="ventas", nombre="f.csv", actor=PRUEBA, campana=programa.campana,
        contenido=f"referencia,afiliado,valor,fecha\nimp-{Importacion.objects.count()},"
        f"{programa.afiliado.id_publico},1,{timezone.now():%Y-%m-%dT%H:%M:%SZ}\n".encode(),
    )  # fmt: skip
    avanzar_importacion(importacion_pk=suya.pk)
    suya.refresh_from_db()
    fuentes.confirmar_importacion(importacion=suya, actor=PRUEBA)
    avanzar_importacion(importacion_pk=suya.pk)


def simular(programa) -> None:
    """A backtest with one line."""
    ahora = timezone.now()
    simulacion = crear_simulacion(
        nombre="Doce", desde=ahora - timedelta(days=1), hasta=ahora, actor=PRUEBA,
        politica='{"moneda": "USD", "reglas": [{"tipo": "porcentual", "porcentaje": "12"}]}',
    )  # fmt: skip
    avanzar_simulacion(simulacion_pk=simulacion.pk)


def _contar(cliente, url: str) -> int:
    with CaptureQueriesContext(connection) as consultas:
        assert cliente.get(url).status_code == 200
    return len(consultas)


def _escrituras(consultas) -> list[str]:
    return [
        c["sql"]
        for c in consultas.captured_queries
        if c["sql"].lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE", "REPLACE"))
    ]


def test_estan_todas_las_paginas():
    nombres = {m.__name__ for m in MODELOS}
    assert nombres == {
        "Liquidacion", "RetencionFiscal",
        "Afiliado", "ClaveAPI", "Campana", "Conversion", "Comision", "Regla", "Asiento", "Apunte",
        "Pago", "OutboxEvent", "EntregaPendiente", "EventoAparcado", "Historial", "Ajuste",
        "Simulacion", "LineaSimulacion", "DevolucionPendiente", "PoliticaAprobacion",
        "LotePago", "CuentaBancaria", "ExtractoBanco", "LineaBanco",
        "AvisoPasarela", "Propuesta", "Sesion", "DecisionEnMasa", "LineaEnMasa", "Notificacion",
        "Importacion", "FilaImportada", "Inscripcion", "TerminosCampana",
        "Exportacion", "FicheroDecisiones", "FilaSaltada", "Enlace", "Cupon", "Clic", "Cliente",
        "Webhook", "EntregaWebhook", "Postback", "Reporte", "EnvioReporte",
    }  # fmt: skip


# Reached from the page of what they are part of.
SIN_ENTRADA = {
    "LineaEnMasa", "LineaSimulacion", "LineaBanco", "AvisoPasarela", "FilaImportada", "FilaSaltada",
    "EnvioReporte",
}  # fmt: skip


def test_el_menu_lleva_a_todas(admin, programa):
    """A page that can be reached only by its address is not there for anybody."""
    inicio = admin.get(reverse("admin:index")).content.decode()
    faltan = {m.__name__ for m in MODELOS if f'href="{_url(m, "changelist")}' not in inicio}
    assert faltan == SIN_ENTRADA


@pytest.mark.lento
def test_get_no_cambia_nada(admin, programa):
    _poblar(programa, 2)
    retenida = programa.ventas(1, programa.nuevo_afiliado("Nueva", activo=False))[0]
    urls = [reverse("admin:index"), _url(apps.get_model("comisiones.Regla"), "publicar",
                                         programa.regla.pk)]  # fmt: skip
    urls.append(_url(Comision, "change", retenida.pk))
    for modelo in MODELOS:
        urls += [_url(modelo, "changelist"), _url(modelo, "change", modelo.objects.first().pk)]
    urls += [_url(Comision, "changelist") + f"?estado={e}" for e in ("pagada", "todas", "otro")]
    con_alta = ("afiliados.Afiliado", "conversiones.Campana", "comisiones.Regla",
                "afiliados.ClaveAPI", "comisiones.Ajuste", "comisiones.Simulacion",
                "comisiones.PoliticaAprobacion", "conversiones.Conversion",
                "conversiones.Importacion", "comisiones.Reporte")  # fmt: skip
    urls += [_url(apps.get_model(modelo), "add") for modelo in con_alta]
    admin.get(urls[0])
    for url in urls:
        with CaptureQueriesContext(connection) as consultas:
            assert admin.get(url).status_code == 200, url
        assert _escrituras(consultas) == [], url


@pytest.mark.parametrize("accion", ["aprobar", "rechazar", "retener", "liberar", "devolver"])
def test_las_acciones_no_van_por_get(admin, programa, accion):
    comision = programa.ventas(1)[0]
    assert admin.get(_url(Comision, "accion", comision.pk, accion)).status_code == 405
    comision.refresh_from_db()
    assert comision.estado == "pendiente"


def test_las_acciones_exigen_csrf(programa):
    cliente = Client(enforce_csrf_checks=True)
    cliente.force_login(User.objects.create_superuser("otra"))
    comision = programa.ventas(1)[0]
    assert cliente.post(_url(Comision, "accion", comision.pk, "aprobar")).status_code == 403
    comision.refresh_from_db()
    assert comision.estado == "pendiente"


@pytest.mark.lento
def test_consultas_constantes_con_1_y_con_50_filas(admin, programa):
    _poblar(programa, 1)
    # Two: with one, there is no next to look for.
    programa.ventas(2)
    decidir(elegir(programa.ventas(1), "retener"))
    urls = {m.__name__: _url(m, "changelist") for m in MODELOS}
    urls["Inicio"] = reverse("admin:index")
    urls["Comisiones pagadas"] = urls["Comision"] + "?estado=todas"
    for url in urls.values():
        admin.get(url)
    con_pocas = {nombre: _contar(admin, url) for nombre, url in urls.items()}
    _poblar(programa, 49)
    programa.ventas(50)
    for i in range(48):
        crear_campana(datos={"nombre": f"c{i}", "moneda": "USD"}, actor=PRUEBA)
        crear_regla(nombre=f"r{i}", campana=programa.campana, actor=PRUEBA)
    decidir(elegir(programa.ventas(1), "retener"))
    for modelo in MODELOS:
        assert modelo.objects.count() >= 49, modelo
    assert {nombre: _contar(admin, url) for nombre, url in urls.items()} == con_pocas
    # Each card of the front page asks a few times.
    assert con_pocas.pop("Inicio") < 60
    assert max(con_pocas.values()) <= 25


def test_consultas_constantes_del_detalle(admin, programa):
    comision = programa.ventas(2)[0]
    url = _url(Comision, "change", comision.pk)
    admin.get(url)
    antes = _contar(admin, url)
    programa.ventas(50)
    assert _contar(admin, url) == antes


def test_inicio_dice_lo_que_espera(admin, programa):
    programa.pago("incierto")
    programa.ventas(3)
    # Last: what it left is paid again by itself.
    programa.pago("fallido")
    programa.aparcado()
    respuesta = admin.get(reverse("admin:index"))
    cuentas = {t["titulo"]: t["cuenta"] for t in respuesta.context["tarjetas"]}
    assert cuentas["Comisiones por revisar"] == "3"
    assert cuentas["Pagos fallidos"] == cuentas["Pagos inciertos"] == "1"
    assert cuentas["Eventos aparcados"] == "1"
    assert "30,00" in respuesta.content.decode()


def test_lo_que_no_existe_es_404(admin, programa):
    for modelo in (Comision, Pago, Asiento, Apunte, EventoAparcado):
        # Django's own pages go back to the index with a message.
        assert admin.get(_url(modelo, "change", 999_999)).status_code == 302
    assert admin.post(_url(Comision, "accion", 999_999, "aprobar")).status_code == 404
    comision = programa.ventas(1)[0]
    assert admin.post(_url(Comision, "accion", comision.pk, "inventada")).status_code == 404
