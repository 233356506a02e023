"""The SEPA file says what was released, once, and is read back before it leaves."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from typing import Any

import pytest
from sepaxml.validation import try_valid_xml

from alpespartner.comun.errores import Conflicto, DatoInvalido, ErrorDominio
from comisiones.models import FicheroPago, LotePago
from comisiones.pagos.barrido import barrer_pagos, barrer_trabajos
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.lotes.fichero import entregar_fichero
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pago.resolucion import decidir_pago
from comisiones.pagos.pago.services import reintentar_pago
from comisiones.pagos.pasarelas.pain001 import CuadernoInvalido, Ordenante, Transferencia, redactar
from tests import fabricas
from tests.comisiones.pagos.fabrica import EVA, todo_cuadra
from tests.comisiones.pagos.sepa import NUESTRA, SUYA, emitido
from tests.fabricas import LUIS, PRUEBAS

pytestmark = pytest.mark.usefixtures("sepa")
D = Decimal


@pytest.mark.lento
@pytest.mark.django_db
def test_el_fichero_dice_lo_que_se_libero() -> None:
    """Valid for its schema; count, sum and each transfer are the batch's; one per batch."""
    lote = emitido(3)
    fichero = FicheroPago.objects.get()
    contenido = entregar_fichero(lote=lote, actor=EVA)
    try_valid_xml(contenido, "pain.001.001.09")
    assert hashlib.sha256(contenido).hexdigest() == fichero.huella
    texto = contenido.decode()
    assert texto.count("<NbOfTxs>3</NbOfTxs>") == 2
    assert texto.count("<CtrlSum>33.00</CtrlSum>") == 2
    assert f"<MsgId>{lote.id_publico.replace('_', '-')}</MsgId>" in texto
    for pago in lote.pagos.all():
        assert f"<EndToEndId>{pago.id_publico.replace('_', '-')}</EndToEndId>" in texto
        assert (pago.estado, pago.intentos.get().huella) == ("enviando", fichero.huella)
    assert SUYA in texto
    assert SUYA not in str(FicheroPago.objects.values().get())
    assert (fichero.pagos, fichero.total) == (3, D(33))
    todo_cuadra()


@pytest.mark.django_db
def test_lo_que_va_en_un_fichero_no_se_envia_otra_vez() -> None:
    """Neither the sweep, nor a stray task, nor a retry: only a statement or a person answers."""
    lote = emitido(1)
    antes = fabricas.foto()
    pago = lote.pagos.get()
    ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    assert barrer_pagos(actor=PRUEBAS)["reanudados"] == 0
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert fabricas.foto() == antes
    reanudar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == "incierto"
    pago = decidir_pago(pago=pago, pagado=False, actor=LUIS, motivo="el banco no lo admitió")
    with pytest.raises(Conflicto) as error:
        reintentar_pago(pago=pago, actor=LUIS)
    assert error.value.codigo == "pago_en_fichero"
    assert propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS).total == D(10)
    assert FicheroPago.objects.count() == 1


@pytest.mark.django_db
def test_quien_no_puede_cobrar_por_sepa(settings: Any) -> None:
    """Without an account they are left out; in another currency, or without ours, no batch."""
    en = fabricas.campana(moneda="EUR")
    con, sin = fabricas.afiliado(), fabricas.afiliado()
    fabricas.cuenta(con, SUYA)
    for de in (con, sin):
        fabricas.aprobada(de=de, en=en)
    with pytest.raises(DatoInvalido):
        propuesta.proponer_lote(moneda="USD", pasarela="sepa", actor=LUIS)
    settings.SEPA_IBAN = ""
    with pytest.raises(ErrorDominio) as error:
        propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    assert error.value.codigo == "sepa_sin_cuenta"
    settings.SEPA_IBAN = NUESTRA
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    assert lote.pagos.get().afiliado == con
    fuera = lote.exclusiones.get()
    assert (fuera.afiliado, fuera.motivo) == (sin, "sin_datos_bancarios")


def test_un_cuaderno_que_no_cuadra_no_sale(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is read back: a library that loses a transfer, or a cent, is caught."""
    from django.utils import timezone
    from sepaxml import SepaTransfer

    suyas = [
        Transferencia(f"pago_{i}", "Ada", SUYA, "", D(10 + i) / 10) for i in range(3)
    ]  # fmt: skip
    nuestro = Ordenante("Alpes", NUESTRA, "")
    datos: Any = {"lote": "lote_1", "ordenante": nuestro, "momento": timezone.now()}
    assert redactar(transferencias=suyas, **datos) == redactar(transferencias=suyas, **datos)
    poner = SepaTransfer.add_payment
    monkeypatch.setattr(
        SepaTransfer, "add_payment",
        lambda self, pago: poner(self, {**pago, "amount": pago["amount"] + 1}),
    )  # fmt: skip
    with pytest.raises(CuadernoInvalido):
        redactar(transferencias=suyas, **datos)
    monkeypatch.setattr(SepaTransfer, "add_payment", poner)
    with pytest.raises(CuadernoInvalido):
        redactar(transferencias=[Transferencia("p", "Ada", SUYA, "", D("1.005"))], **datos)


@pytest.mark.django_db
def test_un_lote_sin_fichero_no_para_a_los_demas(settings: Any) -> None:
    """Our account was unset after the release: it waits for it, and the batch behind it begins."""
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS, **_con_cuenta())
    liberados = [lote]
    fabricas.aprobada()
    liberados.append(propuesta.proponer_lote(moneda="USD", pasarela="archivo", actor=LUIS))
    for uno in liberados:
        ciclo.liberar_lote(lote=ciclo.congelar_lote(lote=uno, actor=LUIS), actor=EVA)
    settings.SEPA_IBAN = ""
    barrer_trabajos(actor=PRUEBAS)
    assert [x.estado for x in LotePago.objects.order_by("pk")] == ["aprobado", "en_ejecucion"]
    settings.SEPA_IBAN = NUESTRA
    barrer_trabajos(actor=PRUEBAS)
    assert FicheroPago.objects.count() == 1


def _con_cuenta() -> dict[str, Any]:
    en = fabricas.campana(moneda="EUR")
    suya = fabricas.afiliado()
    fabricas.cuenta(suya, SUYA)
    fabricas.aprobada(de=suya, en=en)
    return {"campana": en}
