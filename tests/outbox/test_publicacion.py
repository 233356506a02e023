"""Publishing: in the change's transaction, of declared types, within the limits of the stream."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from afiliados.eventos import AfiliadoActualizado, AfiliadoSuspendido
from conversiones.eventos import ConversionRegistrada
from outbox.consumo import CONSUMIDORES, Consumidor, registrar, suscripciones_de
from outbox.errores import EventoDemasiadoGrande, EventoNoDeclarado, FueraDeTransaccion
from outbox.models import EntregaPendiente, OutboxEvent
from outbox.publicacion import _nombrados, publicar, publicar_todos
from outbox.registro import CONTEXTOS, TIPOS, datos_de, evento, instante
from tests import fabricas

SUSPENDIDO = AfiliadoSuspendido(afiliado_id="af_1", motivo="ñandú")

# From the design: the topic of each type is a contract with consumers outside.
TEMAS = {
    "afiliados": "AfiliadoRegistrado AfiliadoActivado AfiliadoActualizado AfiliadoSuspendido "
    "AfiliadoBloqueado AfiliadoCerrado ConfiguracionComisionesActualizada AfiliadoDesbloqueado "
    "AfiliadoRechazado CuentaBancariaCambiada CuentaBancariaConfirmada CorreoCambiado "
    "CondicionesProgramadas AfiliadoBorrado",
    "marketing": "CampanaCreada CampanaActualizada CampanaActivada CampanaPausada "
    "CampanaFinalizada CanarioEmitido EnlaceCreado EnlaceRetirado CuponCreado CuponRetirado "
    "TerminosPublicados AfiliadoInvitado InscripcionSolicitada AfiliadoInscrito "
    "InscripcionRechazada InscripcionRetirada TerminosAceptados",
    "conversiones": "ConversionRegistrada ConversionValidada ConversionRechazada "
    "ConversionRevertida ConversionRepuesta ConversionAsignada ClienteRegistrado ClienteVinculado "
    "ConversionReasignada ConversionActualizada ClienteReasignado ClienteBorrado",
    "comisiones": "ComisionCalculada ComisionRetenida ComisionLiberada ComisionAprobada "
    "ComisionRechazada ComisionAnulada ComisionProgramada ComisionPagada "
    "ComisionDesprogramada PagoEnviado PagoReenviado PagoConfirmado PagoIncierto PagoFallido "
    "VersionReglaPublicada AjusteContabilizado ComisionReducida PagoAnulado LoteAprobado "
    "LoteTerminado PagoDevuelto PoliticaAprobacionPublicada LiquidacionEmitida "
    "ReporteEnviado RetencionFiscalPublicada ComisionCerrada ComisionDevuelta ReglaTerminada",
}


def test_cada_tipo_en_su_tema() -> None:
    """A type in another topic never reaches who subscribed to it."""
    assert {t.nombre: t.contexto for t in TIPOS.values()} == {
        nombre: tema for tema, nombres in TEMAS.items() for nombre in nombres.split()
    }
    assert set(TEMAS) == set(CONTEXTOS)


def test_todo_lo_que_un_consumidor_quiere_esta_declarado() -> None:
    """A misspelt name in a subscription is silence for ever."""
    for consumidor in CONSUMIDORES.values():
        assert consumidor.tipos <= TIPOS.keys()
    assert {"auditoria", "comisiones"} <= CONSUMIDORES.keys()
    assert all("auditoria" in suscripciones_de(tipo) for tipo in TIPOS)


@pytest.mark.django_db(transaction=True)
def test_fuera_de_una_transaccion() -> None:
    """An event apart from its change may be lost, or tell what did not happen."""
    with pytest.raises(FueraDeTransaccion):
        publicar(SUSPENDIDO, version=1)
    assert not OutboxEvent.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_lo_deshecho_no_se_publica() -> None:
    """Invariant 8, on a real commit and a real rollback."""
    with transaction.atomic():
        publicar(SUSPENDIDO, version=1)
        transaction.set_rollback(True)
    assert not OutboxEvent.objects.exists()
    assert not EntregaPendiente.objects.exists()
    with transaction.atomic():
        publicar(SUSPENDIDO, version=1)
    assert OutboxEvent.objects.count() == 1
    assert EntregaPendiente.objects.filter(suscripcion="auditoria").count() == 1


@pytest.mark.django_db
def test_tipo_no_declarado() -> None:
    """Nobody knows its topic or its key."""

    @dataclasses.dataclass(frozen=True)
    class Suelto:
        afiliado_id: str = "af_1"

    for intruso in (Suelto(), {"afiliado_id": "af_1"}, None):
        with pytest.raises(EventoNoDeclarado):
            publicar(intruso, version=1)
    assert not OutboxEvent.objects.exists()


def test_declaraciones_incoherentes() -> None:
    """Caught at import, not in production."""

    @dataclasses.dataclass(frozen=True)
    class AfiliadoActivado:
        afiliado_id: str

    for opciones in (
        {"contexto": "otro", "sujeto": "afiliado_id"},
        {"contexto": "afiliados", "sujeto": "afiliado_id"},  # Twice the same name.
    ):
        with pytest.raises(ValueError):
            evento(**opciones)(AfiliadoActivado)

    @dataclasses.dataclass(frozen=True)
    class Nuevo:
        uno: str

    with pytest.raises(ValueError):
        evento(contexto="afiliados", sujeto="otro")(Nuevo)
    with pytest.raises(ValueError):
        registrar(Consumidor("auditoria", frozenset(), lambda _sobres: None))
    assert "Nuevo" not in TIPOS


@pytest.mark.django_db
def test_tamano(settings: Any) -> None:
    """Over the cap the stream would drop it: the change must not happen either."""
    base = len(publicar(SUSPENDIDO, version=1).payload.encode()) - len("ñandú".encode())
    justo = settings.EVENTO_MAX_BYTES - base
    antes = fabricas.foto()
    with pytest.raises(EventoDemasiadoGrande):
        publicar(AfiliadoSuspendido(afiliado_id="af_1", motivo="x" * (justo + 1)), version=2)
    # Bytes, not characters.
    with pytest.raises(EventoDemasiadoGrande):
        publicar(AfiliadoSuspendido(afiliado_id="af_1", motivo="ñ" * (justo // 2 + 1)), version=2)
    assert fabricas.foto() == antes
    publicar(AfiliadoSuspendido(afiliado_id="af_1", motivo="x" * justo), version=2)


@pytest.mark.django_db
@pytest.mark.parametrize("valor", [1.5, [1.5], {"a": [1.5]}, (1.5,)])
def test_sin_floats(valor: Any) -> None:
    """Money in a float is a cent lost further on."""
    with pytest.raises(TypeError):
        publicar(AfiliadoActualizado(afiliado_id="af_1", campos=valor), version=1)


@pytest.mark.django_db
def test_documento_cloudevents() -> None:
    """The envelope is a contract with every consumer outside."""
    fila = publicar(SUSPENDIDO, version=7)
    documento = json.loads(fila.payload)
    assert documento == {
        "specversion": "1.0",
        "id": fila.evento_id,
        "source": "/alpespartner/afiliados",
        "type": "AfiliadoSuspendido",
        "subject": "af_1",
        "time": instante(fila.created_at),
        "datacontenttype": "application/json",
        "dataschema": "/alpespartner/esquemas/AfiliadoSuspendido/1",
        "data": {"afiliado_id": "af_1", "motivo": "ñandú"},
    }
    assert (fila.aggregatetype, fila.aggregateid, fila.aggregate_version) == (
        "afiliados", "af_1", 7,
    )  # fmt: skip


def test_valores() -> None:
    """Decimals as plain text, instants in UTC whatever zone they came in."""
    bogota = timezone(timedelta(hours=-5))
    suceso = ConversionRegistrada(
        conversion_id="conv_1", afiliado_id="af_1", campana_id="camp_1", tipo_conversion="venta",
        valor=Decimal("1E+2"), moneda="USD", ocurrida_en=datetime(2026, 1, 31, 20, tzinfo=bogota),
        referencia_externa=None,
    )  # type: ignore[arg-type]  # fmt: skip
    datos = datos_de(suceso)
    assert datos["valor"] == "100"
    assert datos["ocurrida_en"] == "2026-02-01T01:00:00.000000Z"
    assert datos["referencia_externa"] is None
    assert instante(datetime(2026, 1, 1, tzinfo=UTC)) == "2026-01-01T00:00:00.000000Z"


@pytest.mark.django_db
def test_muchos_en_orden() -> None:
    """A bulk keeps the order it was given in: an aggregate's events must not swap."""
    filas = publicar_todos([(SUSPENDIDO, n) for n in range(1, 1201)])
    guardadas = OutboxEvent.objects.order_by("posicion")
    assert [f.aggregate_version for f in guardadas] == list(range(1, 1201))
    assert [f.evento_id for f in guardadas] == [f.evento_id for f in filas]
    assert EntregaPendiente.objects.filter(suscripcion="auditoria").count() == 1200


@pytest.mark.django_db
def test_con_pulsar_no_hay_entregas(settings: Any) -> None:
    """Debezium reads the row itself: pending deliveries would grow for ever."""
    settings.EVENTOS_TRANSPORTE = "pulsar"
    publicar(SUSPENDIDO, version=1)
    assert OutboxEvent.objects.count() == 1
    assert not EntregaPendiente.objects.exists()


def test_de_que_mas_es_un_evento() -> None:
    datos = {"afiliado_id": "af_1", "moneda": "USD", "veces_id": 3, "pago_id": "pago_1"}
    assert list(_nombrados(datos)) == ["af_1", "pago_1"]
