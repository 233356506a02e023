"""Who cannot be in the file of a batch is left out with a reason, and the others are paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import bloquear_afiliado
from afiliados.cuentas.models import CuentaBancaria
from afiliados.cuentas.services import guardar_cuenta
from comisiones.models import FicheroPago, LotePago
from comisiones.pagos.estados import MotivoExclusion
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.lotes.fichero import entregar_fichero
from comisiones.pagos.pasarelas.sepa import PasarelaSepa
from tests import fabricas
from tests.comisiones.pagos.fabrica import EVA, todo_cuadra
from tests.comisiones.pagos.sepa import SUYA
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sepa")]
FUERA = [
    "AE070331234567890123456", "BR1800360305000010009795493C1", "TR330006100519786457841326",
    "TN5910006035183598478831", "GL8964710001000206", "UA213223130000026007233566001",
    "XK051212012345678906",
]  # fmt: skip
DENTRO = [
    SUYA, "CH9300762011623852957", "GI75NWBK000000007099453", "RS35260005601001611379",
    "AL47212110090000000235698741", "FR1420041010050500013M02606",
]  # fmt: skip


def con_cuenta(en: Any, iban: str = SUYA, valor: str = "100", **datos: Any) -> Afiliado:
    """An affiliate that is owed a tenth of ``valor`` in euros."""
    suya = fabricas.afiliado()
    fabricas.cuenta(suya, iban, **datos)
    fabricas.aprobada(de=suya, en=en, valor=valor)
    return suya


def propuesto() -> LotePago:
    """A batch of what is due in euros."""
    return propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)


def ejecutado(lote: LotePago) -> LotePago:
    """The same, frozen by one person, released by another and started."""
    lote = ciclo.congelar_lote(lote=lote, actor=LUIS)
    lote = ciclo.liberar_lote(lote=lote, actor=EVA)
    return ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)


def motivos(lote: LotePago) -> dict[int, str]:
    """Why each affiliate was left out."""
    return dict(lote.exclusiones.values_list("afiliado", "motivo"))


@pytest.mark.lento
def test_fuera_de_la_zona() -> None:
    """By the country of the IBAN, and by the territory of the bank when it is known."""
    en = fabricas.campana(moneda="EUR")
    dentro = {con_cuenta(en, iban).pk for iban in DENTRO}
    dentro.add(con_cuenta(en, DENTRO[-1], bic="AGRIMQMX").pk)
    fuera = {con_cuenta(en, iban).pk: "fuera_de_sepa" for iban in FUERA}
    fuera[con_cuenta(en, DENTRO[-1], bic="AGRINCNX").pk] = "fuera_de_sepa"
    lote = propuesto()
    assert motivos(lote) == fuera
    assert set(lote.pagos.values_list("afiliado", flat=True)) == dentro
    contenido = entregar_fichero(lote=ejecutado(lote), actor=EVA).decode()
    assert all(iban in contenido for iban in DENTRO)
    assert not any(iban in contenido for iban in FUERA)
    todo_cuadra()


ESTROPEAR: list[tuple[dict[str, Any], str]] = [
    ({"titular": "李小龍"}, "titular_no_admitido"),
    ({"titular": ""}, "titular_no_admitido"),
    ({"bic": "nada"}, "cuenta_no_admitida"),
    ({"destino_cifrado": "de otra clave"}, "cuenta_no_admitida"),
]


@pytest.mark.lento
@pytest.mark.parametrize(("datos", "motivo"), ESTROPEAR)
def test_una_cuenta_guardada_hace_tiempo(datos: dict[str, Any], motivo: str) -> None:
    """One that would not be saved today: it waits, and who is beside it is paid."""
    en = fabricas.campana(moneda="EUR")
    mala, buena = con_cuenta(en), con_cuenta(en)
    CuentaBancaria.objects.filter(afiliado=mala).update(**datos)
    lote = propuesto()
    assert motivos(lote) == {mala.pk: motivo}
    ejecutado(lote)
    assert FicheroPago.objects.get().pagos == 1
    assert lote.pagos.get().afiliado == buena


@pytest.mark.lento
@pytest.mark.parametrize(("datos", "motivo"), ESTROPEAR)
def test_una_cuenta_que_se_estropea_despues(datos: dict[str, Any], motivo: str) -> None:
    """After the proposal: its payment is voided with the reason, and the file is written."""
    en = fabricas.campana(moneda="EUR")
    mala, buena = con_cuenta(en), con_cuenta(en)
    lote = propuesto()
    CuentaBancaria.objects.filter(afiliado=mala).update(**datos)
    lote = ejecutado(lote)
    assert lote.estado == "en_ejecucion"
    assert FicheroPago.objects.get().total == Decimal(10)
    assert lote.pagos.get(afiliado=buena).estado == "enviando"
    fuera = lote.pagos.get(afiliado=mala)
    assert (fuera.estado, fuera.detalle) == ("anulado", MotivoExclusion(motivo).label)
    assert fabricas.eventos_de(fuera.id_publico)[-1] == "PagoAnulado"
    todo_cuadra()
    assert motivos(propuesta_del_resto(mala, en))[mala.pk] == motivo


def propuesta_del_resto(mala: Afiliado, en: Any) -> LotePago:
    """The next batch, in which somebody else is paid."""
    con_cuenta(en)
    return propuesto()


@pytest.mark.lento
def test_congelar_otra_vez_no_abre_la_puerta() -> None:
    """An account that changed, or an affiliate that was blocked, sends the batch back; who freezes
    it again does not get them into the file."""
    en = fabricas.campana(moneda="EUR")
    cambia, bloqueada, otra = con_cuenta(en), con_cuenta(en), con_cuenta(en)
    lote = ciclo.congelar_lote(lote=propuesto(), actor=LUIS)
    guardar_cuenta(afiliado=cambia, titular="Eva", iban=DENTRO[1], actor=ANA)
    bloquear_afiliado(afiliado=bloqueada, actor=ANA, motivo="se investiga")
    lote = ciclo.liberar_lote(lote=lote, actor=EVA)
    assert lote.estado == "borrador"
    lote = ejecutado(lote)
    estados = dict(lote.pagos.values_list("afiliado", "estado"))
    assert estados == {cambia.pk: "anulado", bloqueada.pk: "anulado", otra.pk: "enviando"}
    assert DENTRO[1] not in entregar_fichero(lote=lote, actor=EVA).decode()
    todo_cuadra()


@pytest.mark.lento
def test_nadie_cabe(django_capture_on_commit_callbacks: Any) -> None:
    """Without a file, and the batch is over."""
    mala = con_cuenta(fabricas.campana(moneda="EUR"))
    lote = propuesto()
    CuentaBancaria.objects.filter(afiliado=mala).update(titular="★")
    with django_capture_on_commit_callbacks(execute=True):
        lote = ejecutado(lote)
    lote.refresh_from_db()
    assert lote.estado == "liquidado"
    assert not FicheroPago.objects.exists()
    todo_cuadra()


def test_mas_de_lo_que_cabe() -> None:
    """The scheme has nine digits before the point."""
    cuenta = con_cuenta(fabricas.campana(moneda="EUR")).cuenta
    pasarela = PasarelaSepa()
    assert pasarela.no_admite(cuenta, Decimal("999999999.99")) == ""
    assert pasarela.no_admite(cuenta, Decimal("1000000000.00")) == "importe_no_cabe"
