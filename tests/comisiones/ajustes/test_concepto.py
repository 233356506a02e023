"""Why we adjust stays among us; the affiliate reads the concept, wherever it looks."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core import mail
from pypdf import PdfReader

from alpespartner.comun.errores import DatoInvalido
from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.libro.extracto import a_csv, extractos
from comisiones.liquidaciones.models import Liquidacion
from comisiones.notificaciones.envio import enviar_pendientes
from comisiones.notificaciones.models import Novedad
from comisiones.notificaciones.resumen import resumir
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.pagos.pasarelas.interfaz import Respuesta
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db

SECRETO = "Sospecha-de-fraude"
PUBLICO = "Premio-de-marzo"


def texto_de(pdf: bytes) -> str:
    return "".join(pagina.extract_text() for pagina in PdfReader(io.BytesIO(pdf)).pages)


@pytest.mark.lento
@pytest.mark.parametrize("concepto", [PUBLICO, ""])
def test_el_motivo_no_sale(concepto: str) -> None:
    """Documents, mail, statement and every address that the affiliate's key may read."""
    afiliado = fabricas.afiliado(email="ana@example.com")
    ajuste = crear_ajuste(
        afiliado=afiliado, tipo="bono", monto=Decimal(5), moneda="USD", motivo=SECRETO,
        concepto=concepto, actor=ANA,
    )  # fmt: skip
    aprobar_ajuste(ajuste=ajuste, actor=LUIS, motivo=SECRETO)
    venta = fabricas.aprobada(de=afiliado)
    [pago] = programar_pagos(comisiones_ids=[venta.id_publico], actor=PRUEBAS)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    fabricas.entregar_todo()
    Novedad.objects.update(toca_en=fabricas.hace(seconds=1))
    resumir()
    enviar_pendientes(segundos=60)
    dicho = [f"{c.subject} {c.body}" for c in mail.outbox]
    dicho += [texto_de(a[1]) for c in mail.outbox for a in c.attachments]
    documentos = len(dicho)
    api = fabricas.api(
        ["comisiones:leer", "afiliados:leer", "conversiones:leer", "pagos:leer"], de=afiliado
    )
    mes = datetime.now(UTC).strftime("%Y-%m")
    liquidacion = Liquidacion.objects.get().id_publico
    rutas = (
        "comisiones", f"comisiones/{venta.id_publico}",
        f"comisiones/{venta.id_publico}/explicacion",
        "pagos", f"pagos/{pago.id_publico}", "liquidaciones", f"liquidaciones/{liquidacion}",
        f"afiliados/{afiliado.id_publico}/extracto?mes={mes}",
    )  # fmt: skip
    for ruta in rutas:
        respuesta = api.get(f"/api/v1/{ruta}")
        assert respuesta.status_code == 200, ruta
        dicho.append(json.dumps(respuesta.json(), ensure_ascii=False))
    dicho.append(a_csv(extractos(afiliado, mes)))
    for ruta in (f"liquidaciones/{liquidacion}/documento", f"pagos/{pago.id_publico}/remesa"):
        dicho.append(texto_de(api.get(f"/api/v1/{ruta}").content))
    assert documentos > 2
    assert not [texto for texto in dicho if SECRETO in texto]
    if concepto:
        assert sum(PUBLICO in texto for texto in dicho) >= 2
    else:
        assert any("Bono" in texto for texto in dicho)


def test_lo_que_dijo_el_banco_tampoco() -> None:
    """The bank's reason of a return is ours too, in the document that pays it again."""
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("devuelto", detalle=SECRETO), actor=PRUEBAS)
    ajuste = Ajuste.objects.get(tipo="pago_devuelto")
    assert SECRETO in ajuste.motivo
    assert SECRETO not in ajuste.publico


def test_se_guardan_los_dos() -> None:
    """Reread, without blanks around, and at both sides of the limit."""
    datos = {
        "afiliado": fabricas.afiliado(), "tipo": "bono", "monto": Decimal(1), "moneda": "USD",
        "motivo": "m", "actor": ANA,
    }  # fmt: skip
    hecho = Ajuste.objects.get(pk=crear_ajuste(**datos, concepto=f" {'x' * 200}\n").pk)
    assert (hecho.motivo, hecho.concepto, hecho.publico) == ("m", "x" * 200, "x" * 200)
    with pytest.raises(DatoInvalido) as error:
        crear_ajuste(**datos, concepto="x" * 201)
    assert error.value.campo == "concepto"
