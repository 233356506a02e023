"""The state tables, whole: every state × every target of every machine."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction

from afiliados.afiliado import services as afiliados
from afiliados.afiliado.estados import AFILIADO, EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.errores import NoPermitido, TransicionInvalida
from alpespartner.comun.estados import Maquina
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Historial
from comisiones.ajustes.estados import AJUSTE, EstadoAjuste
from comisiones.comision.estados import COMISION, EstadoComision
from comisiones.comision.models import Comision
from comisiones.pagos.estados import LOTE, PAGO, EstadoLote, EstadoPago
from comisiones.revision import services as comisiones
from comisiones.revision.errores import YaAprobada
from conversiones.campanas import services as campanas
from conversiones.campanas.estados import CAMPANA, EstadoCampana
from conversiones.campanas.models import Campana
from conversiones.inscripciones.estados import INSCRIPCION, EstadoInscripcion
from conversiones.ventas import services as conversiones
from conversiones.ventas.estados import CONVERSION, EstadoConversion
from conversiones.ventas.models import Conversion
from outbox.errores import EventoDemasiadoGrande
from outbox.models import EntregaPendiente, OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, LUIS

# Written out here on purpose: a step added to the code by mistake must disagree with somebody.
MAQUINAS: dict[str, tuple[Maquina, Any, dict[str, str]]] = {
    "afiliado": (AFILIADO, EstadoAfiliado, {
        "pendiente": "activo rechazado",
        "activo": "suspendido bloqueado",
        "suspendido": "activo cerrado bloqueado",
        "bloqueado": "suspendido",
        "rechazado": "",
        "cerrado": "",
    }),
    "campana": (CAMPANA, EstadoCampana, {
        "borrador": "activa",
        "activa": "pausada finalizada",
        "pausada": "activa finalizada",
        "finalizada": "",
    }),
    "inscripcion": (INSCRIPCION, EstadoInscripcion, {
        "invitado": "inscrito rechazado retirado",
        "solicitado": "inscrito rechazado retirado",
        "inscrito": "retirado",
        "retirado": "solicitado invitado",
        "rechazado": "solicitado invitado",
    }),
    "conversion": (CONVERSION, EstadoConversion, {
        "recibida": "validada rechazada revertida_parcial revertida",
        "validada": "revertida_parcial revertida",
        "revertida_parcial": "revertida_parcial revertida",
        "rechazada": "",
        "revertida": "",
    }),
    "comision": (COMISION, EstadoComision, {
        "pendiente": "retenida aprobada rechazada anulada",
        "retenida": "pendiente aprobada rechazada anulada",
        "aprobada": "programada anulada cerrada",
        "cerrada": "anulada",
        "programada": "pagada aprobada",
        "pagada": "",
        "rechazada": "",
        "anulada": "",
    }),
    "ajuste": (AJUSTE, EstadoAjuste, {
        "borrador": "aprobado descartado",
        "aprobado": "contabilizado",
        "contabilizado": "",
        "descartado": "",
    }),
    "pago": (PAGO, EstadoPago, {
        "listo": "enviando anulado",
        "enviando": "pagado fallido incierto",
        "incierto": "enviando pagado fallido",
        "pagado": "devuelto",
        "fallido": "",
        "devuelto": "",
        "anulado": "",
    }),
    "lote": (LOTE, EstadoLote, {
        "proponiendo": "borrador descartado",
        "borrador": "congelado descartado",
        "congelado": "aprobado borrador",
        "aprobado": "en_ejecucion borrador",
        "en_ejecucion": "liquidado parcialmente_fallido",
        "parcialmente_fallido": "en_ejecucion cerrado",
        "liquidado": "cerrado",
        "cerrado": "",
        "descartado": "",
    }),
}  # fmt: skip

CELDAS = [
    (nombre, origen, destino)
    for nombre, (_maquina, estados, _pasos) in MAQUINAS.items()
    for origen in estados.values
    for destino in estados.values
]


@pytest.mark.django_db
@pytest.mark.parametrize(("nombre", "origen", "destino"), CELDAS)
def test_tabla(nombre: str, origen: str, destino: str) -> None:
    """Either the step is in the table, or nothing about the row changes and nothing is written."""
    maquina, _estados, pasos = MAQUINAS[nombre]
    guardado: list[list[str]] = []
    fila: Any = SimpleNamespace(
        id_publico="x_1", estado=origen, version=4, actualizado_en=None,
        save=lambda update_fields: guardado.append(list(update_fields)),
    )  # fmt: skip
    if destino in pasos[origen].split():
        maquina.transitar(fila, destino, accion="mover", actor=ANA, motivo="m", campos=["extra"])
        assert (fila.estado, fila.version) == (destino, 5)
        assert guardado == [["estado", "version", "actualizado_en", "extra"]]
        hecho = Historial.objects.get()
        assert (hecho.entidad, hecho.estado_anterior, hecho.estado_nuevo) == (
            nombre, origen, destino,
        )  # fmt: skip
        assert (hecho.actor, hecho.motivo) == ("persona:1", "m")
    else:
        with pytest.raises(TransicionInvalida) as error:
            maquina.transitar(fila, destino, accion="mover", actor=ANA)
        assert error.value.datos == {"estado": origen}
        assert (fila.estado, fila.version, guardado) == (origen, 4, [])
        assert not Historial.objects.exists()


def _afiliado(estado: str) -> Afiliado:
    fila = fabricas.afiliado()
    Afiliado.objects.filter(pk=fila.pk).update(estado=estado)
    return fila


def _campana(estado: str) -> Campana:
    fila = fabricas.campana()
    Campana.objects.filter(pk=fila.pk).update(estado=estado)
    return fila


def _conversion(estado: str) -> Conversion:
    fila = fabricas.conversion()
    Conversion.objects.filter(pk=fila.pk).update(estado=estado)
    return fila


def _comision(estado: str) -> Comision:
    fila = fabricas.comision()
    Comision.objects.filter(pk=fila.pk).update(
        estado=estado, motivo_retencion="manual" if estado == "retenida" else ""
    )
    return fila


M = "Porque sí"
# Service, how it is called, where it leads, the event it publishes.
SERVICIOS: list[tuple[str, Callable[[str], Any], Callable[[Any], Any], str, str]] = [
    ("afiliado", _afiliado, lambda f: afiliados.activar_afiliado(afiliado=f, actor=ANA),
     "activo", "AfiliadoActivado"),
    ("afiliado", _afiliado, lambda f: afiliados.rechazar_afiliado(afiliado=f, actor=ANA, motivo=M),
     "rechazado", "AfiliadoRechazado"),
    ("afiliado", _afiliado,
     lambda f: afiliados.suspender_afiliado(afiliado=f, actor=ANA, motivo=M),
     "suspendido", "AfiliadoSuspendido"),
    ("afiliado", _afiliado, lambda f: afiliados.bloquear_afiliado(afiliado=f, actor=ANA, motivo=M),
     "bloqueado", "AfiliadoBloqueado"),
    ("afiliado", _afiliado, lambda f: afiliados.cerrar_afiliado(afiliado=f, actor=ANA, motivo=M),
     "cerrado", "AfiliadoCerrado"),
    ("campana", _campana, lambda f: campanas.activar_campana(campana=f, actor=ANA),
     "activa", "CampanaActivada"),
    ("campana", _campana, lambda f: campanas.pausar_campana(campana=f, actor=ANA, motivo=M),
     "pausada", "CampanaPausada"),
    ("campana", _campana, lambda f: campanas.finalizar_campana(campana=f, actor=ANA, motivo=M),
     "finalizada", "CampanaFinalizada"),
    ("conversion", _conversion, lambda f: conversiones.validar_conversion(conversion=f, actor=ANA),
     "validada", "ConversionValidada"),
    ("conversion", _conversion,
     lambda f: conversiones.rechazar_conversion(conversion=f, actor=ANA, motivo=M),
     "rechazada", "ConversionRechazada"),
    ("comision", _comision, lambda f: comisiones.rechazar_comision(comision=f, actor=ANA, motivo=M),
     "rechazada", "ComisionRechazada"),
    ("comision", _comision, lambda f: comisiones.retener_comision(comision=f, actor=ANA, motivo=M),
     "retenida", "ComisionRetenida"),
    ("comision", _comision, lambda f: comisiones.liberar_comision(comision=f, actor=ANA),
     "pendiente", "ComisionLiberada"),
    ("comision", _comision, lambda f: comisiones.anular_comision(comision=f, actor=ANA, motivo=M),
     "anulada", "ComisionAnulada"),
    ("comision", _comision, lambda f: comisiones.aprobar_comision(comision=f, actor=ANA),
     "aprobada", "ComisionAprobada"),
]  # fmt: skip
CASOS = [
    pytest.param(servicio, origen, id=f"{servicio[0]}-{origen}-{servicio[4]}")
    for servicio in SERVICIOS
    for origen in MAQUINAS[servicio[0]][1].values
]


@pytest.mark.lento
@pytest.mark.django_db
@pytest.mark.parametrize(("servicio", "origen"), CASOS)
def test_servicios_por_estado(servicio: Any, origen: str) -> None:
    """Each service from each state: history and event with the change, or nothing at all; and a
    transaction that is rolled back around it leaves nothing either."""
    entidad, crear, llamar, destino, evento = servicio
    fila = crear(origen)
    if origen == "aprobada" and destino == "anulada":
        # Its approval was never posted here; the ledger has tests of its own.
        Comision.objects.filter(pk=fila.pk).update(monto=0)
    antes = fabricas.foto()
    permitido = destino in MAQUINAS[entidad][2][origen].split()
    ya = destino == "aprobada" and origen in ("aprobada", "programada", "pagada", "cerrada")
    # Lifting a block takes a second person, and who was suspended is brought back otherwise; a
    # failed payment's way back is not an approval.
    otras = {("AfiliadoSuspendido", "bloqueado"), ("AfiliadoActivado", "suspendido")}
    if (evento, origen) in otras or ya:
        permitido = False
    if not permitido:
        with pytest.raises(YaAprobada if ya else TransicionInvalida):
            llamar(fila)
        assert fabricas.foto() == antes
        fila.refresh_from_db()
        assert fila.estado == origen
        return

    with transaction.atomic():
        llamar(fila)
        transaction.set_rollback(True)
    assert fabricas.foto() == antes
    fila.refresh_from_db()
    assert fila.estado == origen

    version = fila.version
    llamar(fila)
    fila.refresh_from_db()
    assert (fila.estado, fila.version) == (destino, version + 1)
    hecho = historial_de(entidad, fila.id_publico).last()
    assert hecho is not None
    assert (hecho.estado_anterior, hecho.estado_nuevo) == (origen, destino)
    salida = OutboxEvent.objects.order_by("posicion").last()
    assert salida is not None
    assert (salida.type, salida.aggregateid) == (evento, fila.id_publico)
    assert salida.aggregate_version == fila.version
    assert EntregaPendiente.objects.filter(evento=salida).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("origen", EstadoAfiliado.values)
def test_desbloquear(origen: str) -> None:
    """Only a blocked affiliate, and only somebody else than who blocked it (four eyes)."""
    fila = _afiliado(origen)
    if origen != "bloqueado":
        with pytest.raises(TransicionInvalida):
            afiliados.desbloquear_afiliado(afiliado=fila, actor=LUIS, motivo="m")
        return
    Afiliado.objects.filter(pk=fila.pk).update(estado="activo")
    afiliados.bloquear_afiliado(afiliado=fila, actor=ANA, motivo="m")
    antes = fabricas.foto()
    with pytest.raises(NoPermitido) as error:
        afiliados.desbloquear_afiliado(afiliado=fila, actor=ANA, motivo="m")
    assert error.value.codigo == "cuatro_ojos"
    assert fabricas.foto() == antes
    assert (
        afiliados.desbloquear_afiliado(afiliado=fila, actor=LUIS, motivo="m").estado == "suspendido"
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("servicio", SERVICIOS, ids=[s[4] for s in SERVICIOS])
def test_sin_evento_no_hay_cambio(servicio: Any, settings: Any) -> None:
    """With no transaction around it, each service makes its own: when the event cannot be written
    (here it does not fit) neither is the change, nor its history, nor its ledger entry."""
    entidad, crear, llamar, destino, _evento = servicio
    origen = next(o for o, destinos in MAQUINAS[entidad][2].items() if destino in destinos.split())
    fila = crear(origen)
    antes = fabricas.foto()
    settings.EVENTO_MAX_BYTES = 10
    with pytest.raises(EventoDemasiadoGrande):
        llamar(fila)
    fila.refresh_from_db()
    assert (fabricas.foto(), fila.estado) == (antes, origen)
    settings.EVENTO_MAX_BYTES = 1_000_000
    llamar(fila)
    fila.refresh_from_db()
    assert fila.estado == destino
