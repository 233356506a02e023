"""``verificar`` is clean after a whole life, and names the row of each broken invariant.

Rows are broken with plain SQL, as no service would.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from alpespartner.comun.identificadores import nuevo_id, nuevo_uuid7
from comisiones.comision.models import Comision
from comisiones.models import Apunte, Pago
from comisiones.pagos.pago.envio import ejecutar_pago
from outbox.models import OutboxEvent
from tests import fabricas

pytestmark = pytest.mark.django_db(transaction=True)


def sql(orden: str, *valores: Any) -> None:
    """Run one statement behind the services' back."""
    with connection.cursor() as cursor:
        cursor.execute(orden, valores)


@pytest.fixture
def vida() -> Comision:
    """A paid commission beside a pending one, with every event delivered."""
    afiliado = fabricas.afiliado()
    campana = fabricas.campana()
    pagada = fabricas.aprobada(de=afiliado, en=campana)
    fabricas.comision(de=afiliado, en=campana)
    fabricas.entregar_todo()
    ejecutar_pago(pago_pk=Pago.objects.get().pk, actor=fabricas.PRUEBAS)
    fabricas.entregar_todo()
    return pagada


def verificar() -> str:
    """Output of a run; raises CommandError when it fails."""
    salida = io.StringIO()
    try:
        call_command("verificar", stdout=salida, no_color=True)
    except CommandError as exc:
        raise CommandError(f"{exc}\n{salida.getvalue()}") from None
    return salida.getvalue()


@pytest.mark.lento
def test_una_vida_entera_verifica_limpia(vida: Comision) -> None:
    salida = verificar()
    assert "mal" not in salida.split()
    assert "aviso" not in salida


def _descuadrar(vida: Comision) -> str:
    apunte = Apunte.objects.order_by("id")[0].pk
    sql("UPDATE comisiones_apunte SET importe = importe + 1 WHERE id = %s", apunte)
    return "Cada asiento cuadra"


def _saldo(vida: Comision) -> str:
    sql(
        "UPDATE comisiones_comision SET estado = 'aprobada' WHERE id_publico = %s",
        Comision.objects.get(estado="pendiente").id_publico,
    )
    return "El saldo de cada afiliado"


def _huerfana(vida: Comision) -> str:
    otra = Comision.objects.get(estado="pendiente")
    sql("DELETE FROM comisiones_comision WHERE id = %s", otra.pk)
    return "Cada conversión procesada tiene su comisión"


def _monto(vida: Comision) -> str:
    otra = Comision.objects.get(estado="pendiente")
    sql("UPDATE comisiones_comision SET monto = monto + 1 WHERE id = %s", otra.pk)
    return "Cada monto es el de su cálculo"


def _sin_asiento(vida: Comision) -> str:
    sql("UPDATE comisiones_asiento SET origen = 'otro' WHERE origen = %s", vida.id_publico)
    return "Lo aprobado está asentado una vez"


def _pago_descuadrado(vida: Comision) -> str:
    sql("UPDATE comisiones_pago SET importe = importe + 1")
    return "Cada pago suma sus comisiones"


def _pagada_sin_pago(vida: Comision) -> str:
    sql("UPDATE comisiones_pago SET estado = 'incierto'")
    return "Pagada es pagada"


def _liquidado_sin_asiento(vida: Comision) -> str:
    sql("UPDATE comisiones_asiento SET tipo = 'impago' WHERE tipo = 'liquidacion'")
    return "Pagada es pagada"


def _en_curso(vida: Comision) -> str:
    sql("UPDATE comisiones_pago SET estado = 'enviando'")
    return "Lo que hay en curso y retenido"


def _retenido(vida: Comision) -> str:
    sql("UPDATE comisiones_apunte SET cuenta = 'retencion' WHERE cuenta = 'banco'")
    return "Lo que hay en curso y retenido"


def _sin_intento(vida: Comision) -> str:
    sql("DELETE FROM comisiones_intentopago")
    return "Pagada es pagada"


def _sin_evento(vida: Comision) -> str:
    evento = OutboxEvent.objects.get(aggregateid=vida.id_publico, type="ComisionAprobada")
    sql("DELETE FROM outbox_event WHERE posicion = %s", evento.pk)
    return "Cada hecho tiene su evento"


def _evento_doble(vida: Comision) -> str:
    evento = OutboxEvent.objects.get(aggregateid=vida.id_publico, type="ComisionAprobada")
    evento.pk, evento.evento_id = None, nuevo_uuid7()
    evento._state.adding = True
    evento.save()
    return "Cada hecho tiene su evento"


def _evento_perdido(vida: Comision) -> str:
    sql(
        "DELETE FROM outbox_eventoprocesado WHERE suscripcion = 'comisiones' AND evento_id = %s",
        OutboxEvent.objects.filter(type="ConversionRegistrada").first().evento_id,
    )
    return "Cada evento está entregado"


def _linea_repetida(vida: Comision) -> str:
    from django.conf import settings

    lineas = settings.AUDITORIA_ARCHIVO.read_bytes().splitlines(keepends=True)
    settings.AUDITORIA_ARCHIVO.write_bytes(b"".join([*lineas, lineas[0]]))
    sql(
        "UPDATE outbox_posicionarchivo SET bytes = %s",
        settings.AUDITORIA_ARCHIVO.stat().st_size,
    )
    return "events.jsonl tiene cada evento una vez"


def _linea_perdida(vida: Comision) -> str:
    from django.conf import settings

    settings.AUDITORIA_ARCHIVO.unlink()
    return "events.jsonl tiene cada evento una vez"


def _cuatro_ojos(vida: Comision) -> str:
    sql("UPDATE comisiones_regla SET origen = 'manual' WHERE origen = 'afiliado'")
    sql("UPDATE comisiones_comision SET creada_por = aprobada_por")
    return "Nadie aprueba lo que fijó a mano"


def _item_doble(vida: Comision) -> str:
    pago = Pago.objects.get()
    pago_id = nuevo_id("pago")
    sql(
        "INSERT INTO comisiones_pago (id_publico, afiliado_id, importe, retenido, moneda, estado,"
        " pasarela, detalle, version, creado_en, actualizado_en)"
        " SELECT %s, afiliado_id, importe, 0, moneda,"
        " 'listo', pasarela, '', 1, creado_en, actualizado_en FROM comisiones_pago WHERE id = %s",
        pago_id,
        pago.pk,
    )
    sql(
        "INSERT INTO comisiones_itempago (pago_id, comision_id, importe, moneda)"
        " SELECT (SELECT id FROM comisiones_pago WHERE id_publico = %s), comision_id, importe,"
        " moneda FROM comisiones_itempago",
        pago_id,
    )
    return "ninguna va en dos"


@pytest.mark.lento
@pytest.mark.parametrize(
    "romper",
    [
        _descuadrar, _saldo, _huerfana, _monto, _sin_asiento, _pago_descuadrado, _pagada_sin_pago,
        _liquidado_sin_asiento, _en_curso, _retenido, _sin_intento, _sin_evento, _evento_doble,
        _evento_perdido, _linea_repetida,
        _linea_perdida, _cuatro_ojos, _item_doble,
    ],
)  # fmt: skip
def test_cada_invariante_roto_se_ve(
    vida: Comision, libro_sin_candado: None, romper: Callable[[Comision], str]
) -> None:
    connection.disable_constraint_checking()
    try:
        esperado = romper(vida)
        with pytest.raises(CommandError) as fallo:
            verificar()
    finally:
        connection.enable_constraint_checking()
    malas = [linea for linea in str(fallo.value).splitlines() if linea.startswith("mal")]
    assert any(esperado in linea for linea in malas), fallo.value


@pytest.mark.lento
def test_lo_que_solo_va_tarde_avisa_y_no_falla(vida: Comision) -> None:
    conversion = fabricas.conversion(de=vida.afiliado, en=vida.campana)
    sql(
        "UPDATE outbox_event SET created_at = %s WHERE aggregateid = %s",
        fabricas.hace(hours=1),
        conversion.id_publico,
    )
    assert "aviso Ninguna entrega va tarde" in verificar()
