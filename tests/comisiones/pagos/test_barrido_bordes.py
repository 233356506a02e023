"""What the sweep pays: small amounts, and who must not stand in front of others."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import bloquear_afiliado
from afiliados.cuentas.models import CuentaBancaria
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.models import Pago
from comisiones.pagos import barrido
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.pago.services import programar_pagos
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal
IBAN = "ES91 2100 0418 4502 0005 1332"


def barrer(**datos: Any) -> dict[str, int]:
    """The sweep, ten minutes from now."""
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        return barrer_pagos(actor=PRUEBAS, **datos)


def con_cuenta(*, espera: bool) -> Afiliado:
    """An affiliate whose account can be used, or not for some days."""
    suyo = fabricas.afiliado()
    fabricas.cuenta(suyo, IBAN)
    dias = timedelta(days=7 if espera else -7)
    CuentaBancaria.objects.filter(afiliado=suyo).update(utilizable_en=timezone.now() + dias)
    return suyo


@pytest.mark.parametrize(
    ("valor", "ajuste", "importes"),
    [
        ("5", None, ["0.50"]),
        ("0.10", None, ["0.01"]),
        ("5", "-0.49", ["0.01"]),
        ("5", "-0.50", []),
        ("5", "-0.51", []),
    ],
)
def test_los_centimos_tambien_se_pagan(valor: str, ajuste: str | None, importes: list[str]) -> None:
    """Half a unit, a cent, what is left of an adjustment; and nothing of nothing."""
    suya = fabricas.aprobada(valor=valor)
    if ajuste:
        borrador = crear_ajuste(
            afiliado=suya.afiliado, tipo="correccion", monto=D(ajuste), moneda="USD", motivo="m",
            actor=LUIS,
        )  # fmt: skip
        aprobar_ajuste(ajuste=borrador, actor=ANA)
    assert barrer()["programados"] == len(importes)
    assert list(Pago.objects.values_list("importe", flat=True)) == [D(i) for i in importes]


@pytest.mark.parametrize("que", ["listo", "enviando"])
def test_lo_reciente_se_deja_a_quien_esta_con_ello(
    que: str, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A payment just made has its task on the way, one just sent its answer: only later is it
    queued again or asked about."""
    settings.PAGOS_SEGUNDOS_BARRIDO = settings.PAGOS_SEGUNDOS_INCIERTO = 60
    encolados: list[int] = []
    monkeypatch.setattr(
        barrido.cola, "encolar_cada", lambda _tarea, claves: encolados.extend(claves)
    )
    pago = fabricas.pago()
    if que == "enviando":
        fabricas.reclamado(pago)
    encolados.clear()
    hecho = barrer_pagos(actor=PRUEBAS)
    assert (hecho, encolados) == ({"programados": 0, "encolados": 0, "reanudados": 0}, [])
    hecho = barrer()
    assert (hecho["encolados"], hecho["reanudados"]) == ((1, 0) if que == "listo" else (0, 1))
    assert encolados == ([pago.pk] if que == "listo" else [])


@pytest.mark.parametrize("impide", ["cuenta en espera", "bloqueado"])
@pytest.mark.parametrize("paso", ["programar", "enviar"])
def test_quien_espera_no_tapa_a_quien_esta_listo(
    impide: str, paso: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that must wait and one that is ready, with room for one."""
    encolados: list[int] = []
    monkeypatch.setattr(
        barrido.cola, "encolar_cada", lambda _tarea, claves: encolados.extend(claves)
    )
    primero = con_cuenta(espera=False)
    segundo = con_cuenta(espera=False)
    suyas = [fabricas.aprobada(de=de) for de in (primero, segundo)]
    if paso == "enviar":
        for suya in suyas:
            programar_pagos(comisiones_ids=[suya.id_publico], actor=PRUEBAS)
    if impide == "bloqueado":
        bloquear_afiliado(afiliado=primero, actor=ANA, motivo="fraude")
    else:
        CuentaBancaria.objects.filter(afiliado=primero).update(
            utilizable_en=timezone.now() + timedelta(days=7)
        )
    encolados.clear()
    hecho = barrer(limite=1)
    if paso == "programar":
        assert hecho["programados"] == 1
        assert list(Pago.objects.values_list("afiliado", flat=True)) == [segundo.pk]
    else:
        assert hecho["encolados"] == 1
        assert encolados == [Pago.objects.get(afiliado=segundo).pk]


def test_dos_monedas_de_un_afiliado() -> None:
    """A debt in one does not touch what is owed in the other."""
    suyo = fabricas.afiliado()
    fabricas.aprobada(de=suyo)
    fabricas.aprobada(de=suyo, en=fabricas.campana(moneda="EUR"), valor="70")
    deuda = crear_ajuste(
        afiliado=suyo, tipo="correccion", monto=D(-20), moneda="USD", motivo="m", actor=LUIS
    )
    aprobar_ajuste(ajuste=deuda, actor=ANA)
    barrer()
    assert list(Pago.objects.values_list("importe", "moneda")) == [(D(7), "EUR")]
