"""Makers of test objects. They go through the services, as every door does."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from afiliados.claves.models import Alcance
from afiliados.claves.services import crear_clave
from afiliados.cuentas.models import CuentaBancaria
from afiliados.cuentas.services import confirmar_cuenta, guardar_cuenta
from alpespartner.comun.actores import persona, sistema
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.propuestas.selectors import por_confirmar
from alpespartner.comun.propuestas.services import confirmar_propuesta
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.liquidaciones.services import emitir
from comisiones.models import Liquidacion, Pago, Regla
from comisiones.pagos.pago.envio import _reclamar, ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.pagos.pasarelas.interfaz import Orden
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import aprobar_comision
from conversiones.campanas.models import Campana
from conversiones.campanas.services import (
    activar_campana,
    crear_campana,
    pedir_inscripcion,
    predeterminar_campana,
)
from conversiones.inscripciones.models import Inscripcion
from conversiones.inscripciones.services import aprobar_inscripcion, invitar
from conversiones.rastreo.models import Clic, Cupon, Enlace
from conversiones.rastreo.services import crear_cupon, crear_enlace
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import NuevaConversion, registrar_conversion
from outbox.models import OutboxEvent
from outbox.transportes.embebido import drenar

ANA = persona(1)
LUIS = persona(2)
# Who has no part in anything.
OTRA = persona(99)
PRUEBAS = sistema("pruebas")
TODOS_LOS_ALCANCES = tuple(Alcance.values)


def cuenta(de: Afiliado, iban: str = "ES9121000418450200051332", **datos: Any) -> CuentaBancaria:
    """Where an affiliate is paid: confirmed, and past its wait."""
    valores = {"titular": "Ada", **datos}
    antes = timezone.now() - timedelta(hours=settings.CUENTA_HORAS_ESPERA + 1)
    nueva = guardar_cuenta(afiliado=de, iban=iban, actor=ANA, **valores)
    CuentaBancaria.objects.filter(pk=nueva.pk).update(utilizable_en=antes)
    return confirmar_cuenta(cuenta=nueva, actor=LUIS)


def hace(**duracion: float) -> datetime:
    """An instant in the past."""
    return timezone.now() - timedelta(**duracion)


def campana(*, activa: bool = True, predeterminada: bool = False, **datos: Any) -> Campana:
    """A campaign in USD that began a year ago."""
    valores = {"nombre": "Campaña", "moneda": "USD", "inicia_en": hace(days=365), **datos}
    nueva = crear_campana(datos=valores, actor=ANA)
    if activa:
        nueva = activar_campana(campana=nueva, actor=ANA)
    return predeterminar_campana(campana=nueva, actor=ANA) if predeterminada else nueva


def enlace(*, de: Afiliado | None = None, en: Campana | None = None, **datos: Any) -> Enlace:
    """A link of an affiliate, in a campaign with a page."""
    return crear_enlace(
        afiliado=de or afiliado(), campana=en or campana(pagina="https://tienda.example/inicio"),
        actor=ANA, **datos,
    )  # fmt: skip


def cupon(codigo: str, *, de: Afiliado | None = None, en: Campana | None = None) -> Cupon:
    """A coupon of an affiliate, in one campaign or in all."""
    return crear_cupon(afiliado=de or afiliado(), campana=en, codigo=codigo, actor=ANA)


def con_inscripcion(**datos: Any) -> Campana:
    """A campaign in which only who is enrolled earns."""
    return pedir_inscripcion(campana=campana(**datos), actor=ANA, motivo="m")


def inscripcion(*, de: Afiliado | None = None, en: Campana | None = None) -> Inscripcion:
    """An affiliate that is in a campaign."""
    invitada = invitar(afiliado=de or afiliado(), campana=en or con_inscripcion(), actor=ANA)
    return aprobar_inscripcion(inscripcion=invitada, actor=ANA)


def clic(de: Enlace, **datos: Any) -> Clic:
    """A click on a link, now unless it says when; its visitor is its own."""
    id_publico = nuevo_id("clic")
    valores = {
        "id_publico": id_publico, "enlace": de, "afiliado": de.afiliado, "campana": de.campana,
        "momento": timezone.now(), "visitante": id_publico, "consentimiento": True, "unico": True,
        **datos,
    }  # fmt: skip
    hecho = Clic(**valores)
    hecho.save()
    return hecho


def afiliado(*, activo: bool = True, **datos: Any) -> Afiliado:
    """An affiliate that earns 10 % unless ``datos`` says otherwise, with an e-mail of its own."""
    valores = {"nombre": "Ada", **datos}
    if "email" not in datos:
        valores["email"] = f"ada{Afiliado.objects.count() or ''}@example.com"
    if not {"comision_base", "comision_premium", "comision_fija"} & datos.keys():
        valores["comision_base"] = Decimal(10)
    return registrar_afiliado(datos=NuevoAfiliado(**valores), actor=PRUEBAS, activo=activo)


def afiliado_sin_tarifa(**datos: Any) -> Afiliado:
    """An affiliate that inherits what the campaign pays."""
    return afiliado(comision_base=None, **datos)


def regla(
    *, porcentaje: str | None = None, fijo: str | None = None, moneda: str = "USD",
    de: Campana | None = None, desde: datetime | None = None,
) -> Regla:  # fmt: skip
    """A rule with one version, in force since a year ago."""
    nueva = crear_regla(nombre="Regla", campana=de, actor=ANA)
    publicar_version(
        regla=nueva,
        tipo="porcentual" if porcentaje is not None else "fija",
        porcentaje=None if porcentaje is None else Decimal(porcentaje),
        monto_fijo=None if fijo is None else Decimal(fijo),
        moneda="" if porcentaje is not None else moneda,
        vigente_desde=desde or hace(days=365),
        actor=ANA,
    )
    return nueva


def conversion(
    *, de: Afiliado | None = None, en: Campana | None = None, valor: str = "100", **datos: Any
) -> Conversion:
    """A sale of 100 in the campaign's currency."""
    return registrar_conversion(
        datos=NuevaConversion(
            afiliado=de or afiliado(), campana=en or campana(), valor=Decimal(valor), **datos
        ),
        actor=PRUEBAS,
    )


def sin_atribuir(*, en: Campana | None = None, valor: str = "100", **datos: Any) -> Conversion:
    """A sale that is nobody's."""
    return registrar_conversion(
        datos=NuevaConversion(campana=en or campana(), valor=Decimal(valor), **datos),
        actor=PRUEBAS,
    )


def calcular(de: Conversion) -> Comision:
    """The commission of a conversion, as its event makes it."""
    calcular_comisiones(conversiones_ids=[de.id_publico], actor=PRUEBAS)
    return Comision.objects.get(conversion=de)


def comision(**datos: Any) -> Comision:
    """A pending commission of 10 USD; ``datos`` are those of :func:`conversion`."""
    return calcular(conversion(**datos))


def aprobada(**datos: Any) -> Comision:
    """An approved commission."""
    return aprobar_comision(comision=comision(**datos), actor=ANA)


def pago(**datos: Any) -> Pago:
    """A payment that is ready to be sent."""
    [nuevo] = programar_pagos(comisiones_ids=[aprobada(**datos).id_publico], actor=PRUEBAS)
    return nuevo


def reclamado(de: Pago) -> Orden:
    """What the worker that took a payment would ask for, had it not died."""
    return _reclamar(de.pk, PRUEBAS)[de.pk]


def liquidacion(**datos: Any) -> Liquidacion:
    """The document of a payment that was made."""
    hecho = pago(**datos)
    ejecutar_pago(pago_pk=hecho.pk, actor=PRUEBAS)
    return emitir(pagos_ids=[hecho.id_publico], actor=PRUEBAS)[0]


def confirmar_lo_propuesto() -> int:
    """Another person confirms whatever waits for one; how many there were."""
    esperan = list(por_confirmar().order_by("pk"))
    for propuesta in esperan:
        confirmar_propuesta(propuesta=propuesta, actor=OTRA)
    return len(esperan)


def entregar_todo() -> int:
    """Hand every committed event to its consumers."""
    return drenar()


def eventos_de(aggregateid: str) -> list[str]:
    """Types of the events of one aggregate, in order."""
    return list(
        OutboxEvent.objects.filter(aggregateid=aggregateid)
        .order_by("posicion")
        .values_list("type", flat=True)
    )


def foto(*, sin: Sequence[str] = ()) -> dict[str, int]:
    """Rows of every table of the project: equal before and after when nothing was written.

    Counting a wrong key is no writing of the request's.
    """
    etiquetas = ("comun", "outbox", "afiliados", "conversiones", "comisiones")
    return {
        modelo._meta.label: modelo._default_manager.count()
        for etiqueta in etiquetas
        for modelo in apps.get_app_config(etiqueta).get_models()
        if modelo._meta.label not in (*sin, "comun.Intentos")
    }


def clave(
    alcances: Sequence[str] = TODOS_LOS_ALCANCES,
    *,
    de: Afiliado | None = None,
    expira_en: datetime | None = None,
) -> str:
    """Text of a new API key."""
    return crear_clave(
        nombre="Pruebas", titular="Pruebas", alcances=alcances, afiliado=de,
        expira_en=expira_en, actor=PRUEBAS,
    )[1]  # fmt: skip


class ClienteAPI(Client):
    """Django's client with a key and JSON in and out."""

    def __init__(self, clave: str | None = None) -> None:
        super().__init__(headers={"Authorization": f"Bearer {clave}"} if clave else None)

    def enviar(self, ruta: str, cuerpo: Any = None, **cabeceras: str) -> Any:
        """POST a JSON document, or raw ``bytes`` as they are."""
        crudo = cuerpo if isinstance(cuerpo, bytes) else json.dumps(cuerpo, default=str).encode()
        return self.post(
            ruta,
            data=crudo,
            content_type="application/json",
            headers=_cabeceras(cabeceras),
        )

    def cambiar(self, ruta: str, cuerpo: Any, *, metodo: str = "PATCH", **cabeceras: str) -> Any:
        """PATCH or PUT a JSON document."""
        crudo = json.dumps(cuerpo, default=str)
        return self.generic(
            metodo, ruta, crudo, content_type="application/json", headers=_cabeceras(cabeceras)
        )


def _cabeceras(dichas: dict[str, str]) -> dict[str, str]:
    return {nombre.replace("_", "-"): valor for nombre, valor in dichas.items()}


def api(alcances: Sequence[str] = TODOS_LOS_ALCANCES, *, de: Afiliado | None = None) -> ClienteAPI:
    """A client with a new key."""
    return ClienteAPI(clave(alcances, de=de))


def problema(respuesta: Any, estado: int, codigo: str | None = None) -> dict[str, Any]:
    """Assert that a response is a problem document and return it."""
    assert respuesta.status_code == estado, respuesta.content
    assert respuesta["Content-Type"] == "application/problem+json"
    cuerpo: dict[str, Any] = respuesta.json()
    assert {"type", "title", "status", "codigo", "detail"} <= cuerpo.keys()
    assert cuerpo["status"] == estado
    if codigo is not None:
        assert cuerpo["codigo"] == codigo, cuerpo
    return cuerpo


def a_la_vez(tareas: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run tasks in threads that start together, each on a connection of its own.

    Returns what each returned, or the exception that it raised.
    """
    salida = threading.Barrier(len(tareas))
    resultados: list[Any] = [None] * len(tareas)

    def correr(indice: int) -> None:
        try:
            salida.wait()
            resultados[indice] = tareas[indice]()
        except BaseException as exc:
            resultados[indice] = exc
        finally:
            connection.close()

    hilos = [threading.Thread(target=correr, args=(i,)) for i in range(len(tareas))]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    return resultados
