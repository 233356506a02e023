"""Sales: what is taken, from whom, and when."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.services import reactivar_afiliado, suspender_afiliado
from alpespartner.comun.errores import Conflicto, DatoInvalido, ReferenciaDesconocida
from conversiones.campanas.services import actualizar_campana
from conversiones.ventas.errores import AfiliadoNoAdmitido
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import NuevaConversion, registrar_conversiones
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal


def test_registrar() -> None:
    """The event says what the consumers need, with the amount as text."""
    venta = fabricas.conversion(valor="10.5", referencia_externa="r-1")
    assert (venta.estado, venta.moneda, venta.version) == ("recibida", "USD", 1)
    [evento] = OutboxEvent.objects.filter(aggregateid=venta.id_publico)
    datos = json.loads(evento.payload)["data"]
    assert datos["valor"] == "10.50"
    assert datos["afiliado_id"] == venta.afiliado.id_publico
    assert datos["ocurrida_en"].endswith("Z")


@pytest.mark.parametrize(
    ("datos", "error", "campo"),
    [
        ({"valor": "0"}, DatoInvalido, "valor_conversion"),
        ({"valor": "-1"}, DatoInvalido, "valor_conversion"),
        ({"valor": "0.001"}, DatoInvalido, "valor_conversion"),
        ({"valor": "100000000000"}, DatoInvalido, "valor_conversion"),
        ({"moneda": "XXX"}, DatoInvalido, "moneda"),
        ({"moneda": "JPY", "valor": "1.5"}, DatoInvalido, "valor_conversion"),
        ({"ocurrida_en": hace(days=-1)}, DatoInvalido, "ocurrida_en"),
        ({"ocurrida_en": hace(days=400)}, ReferenciaDesconocida, "ocurrida_en"),
    ],
)
def test_no_se_registra(datos: dict[str, Any], error: type[Exception], campo: str) -> None:
    """Amount, currency and date, whoever calls the service."""
    afiliado, campana = fabricas.afiliado(), fabricas.campana()
    antes = fabricas.foto()
    with pytest.raises(error) as hallado:
        fabricas.conversion(de=afiliado, en=campana, **datos)
    assert hallado.value.campo == campo  # type: ignore[attr-defined]
    assert fabricas.foto() == antes


def test_relojes_distintos() -> None:
    """A partner's clock may be some minutes ahead."""
    assert fabricas.conversion(ocurrida_en=timezone.now() + timedelta(minutes=4))


def test_lo_que_el_afiliado_era_cuando_ocurrio() -> None:
    """Of who is named alone too: when a sale arrives decides nothing."""
    en = fabricas.campana()
    with time_machine.travel(hace(days=9), tick=False):
        quien = fabricas.afiliado()
    with time_machine.travel(hace(days=6), tick=False):
        suspender_afiliado(afiliado=quien, actor=ANA, motivo="m")
    quien.refresh_from_db()
    assert fabricas.conversion(de=quien, en=en, ocurrida_en=hace(days=7)).afiliado == quien
    with time_machine.travel(hace(days=3), tick=False):
        reactivar_afiliado(afiliado=quien, actor=ANA, motivo="m")
    quien.refresh_from_db()
    with pytest.raises(AfiliadoNoAdmitido, match="suspendido"):
        fabricas.conversion(de=quien, en=en, ocurrida_en=hace(days=4))
    assert fabricas.conversion(de=quien, en=en, ocurrida_en=hace(days=2)).afiliado == quien


def test_fin_de_campana() -> None:
    """A sale of its last days that arrives late counts; one after the end does not."""
    campana = fabricas.campana()
    actualizar_campana(campana=campana, cambios={"termina_en": hace(days=2)}, actor=PRUEBAS)
    campana.refresh_from_db()
    assert fabricas.conversion(en=campana, ocurrida_en=hace(days=3))
    with pytest.raises(ReferenciaDesconocida):
        fabricas.conversion(en=campana, ocurrida_en=hace(days=1))


def test_muchas_o_ninguna() -> None:
    """A bulk with a bad one registers none; a repeated reference is a conflict, not a crash."""
    afiliado, campana = fabricas.afiliado(), fabricas.campana()

    def venta(**datos: Any) -> NuevaConversion:
        return NuevaConversion(**{
            "afiliado": afiliado, "campana": campana, "valor": D(1), **datos,
        })  # fmt: skip

    antes = fabricas.foto()
    with pytest.raises(DatoInvalido):
        registrar_conversiones(datos=[venta(), venta(valor=D(0))], actor=PRUEBAS)
    repetida = venta(referencia_externa="r")
    with pytest.raises(Conflicto):
        registrar_conversiones(datos=[venta(), repetida, repetida], actor=PRUEBAS)
    assert fabricas.foto() == antes
    assert len(registrar_conversiones(datos=[venta(), repetida], actor=PRUEBAS)) == 2
    assert OutboxEvent.objects.filter(type="ConversionRegistrada").count() == 2


def test_la_misma_referencia_en_otra_campana() -> None:
    """Unique per campaign, not for everybody; without one there is no limit."""
    campana = fabricas.campana()
    for en in (campana, fabricas.campana()):
        fabricas.conversion(en=en, referencia_externa="r")
    for _ in range(2):
        fabricas.conversion(en=campana, referencia_externa=None)
        fabricas.conversion(en=campana, referencia_externa="")
    with pytest.raises(Conflicto):
        fabricas.conversion(en=campana, referencia_externa="r")
    assert Conversion.objects.count() == 6


def test_un_afiliado_suspendido_no_trae() -> None:
    """Nor does the service take them from a caller that skipped the API."""
    afiliado = fabricas.afiliado()
    afiliado = suspender_afiliado(afiliado=afiliado, actor=ANA, motivo="m")
    with pytest.raises(ReferenciaDesconocida) as error:
        fabricas.conversion(de=afiliado)
    assert error.value.codigo == "afiliado_no_admitido"
