"""What was in a file for the bank is paid again only when a second person, who is told, agrees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

from alpespartner.comun.actores import persona
from alpespartner.comun.errores import CuatroOjos
from comisiones.models import LotePago, Pago
from comisiones.pagos.conciliacion.extractos import aplicar_extracto
from comisiones.pagos.conciliacion.importacion import importar_extracto
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.lotes.contenido import contenido
from comisiones.pagos.pago.propuestas import proponer_no_pagado
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS

pytestmark = pytest.mark.django_db
EVA, MIA = persona(3), persona(4)
NUESTRA = "DE89370400440532013000"
_Dicho = Callable[[Pago], None]


@pytest.fixture(autouse=True)
def _sepa(settings: Any) -> None:
    settings.SEPA_IBAN = NUESTRA
    settings.PAGOS_AUTOMATICOS = False


def frozen(quien: Any) -> LotePago:
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=quien)
    return ciclo.congelar_lote(lote=lote, actor=quien)


def emitido(n: int = 2) -> LotePago:
    """A batch of two payments whose file is written."""
    en = fabricas.campana(moneda="EUR")
    for i in range(n):
        de = fabricas.afiliado(nombre=f"Socia {i}")
        fabricas.cuenta(de, titular="Socia")
        fabricas.aprobada(de=de, en=en, valor=str(100 + 10 * i))
    lote = ciclo.liberar_lote(lote=frozen(LUIS), actor=EVA)
    return ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)


def marcado(pago: Pago) -> None:
    """A treasurer says that it did not leave, and another one confirms it."""
    proponer_no_pagado(pago=pago, actor=MIA, motivo="No aparece en el banco.")
    assert fabricas.confirmar_lo_propuesto() == 1


def _extracto(pago: Pago, *lineas: tuple[str, str]) -> None:
    entradas = "".join(
        f"""<Ntry><Amt Ccy="EUR">{pago.importe:.2f}</Amt><CdtDbtInd>{sentido}</CdtDbtInd>
        <Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-20</Dt></BookgDt>
        <AcctSvcrRef>{sentido}</AcctSvcrRef><NtryDtls><TxDtls>
        <Refs><EndToEndId>{pago.id_publico}</EndToEndId></Refs>{extra}</TxDtls></NtryDtls></Ntry>"""
        for sentido, extra in lineas
    )
    suyo = importar_extracto(
        contenido=f"""<?xml version="1.0"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt>
        <GrpHdr><MsgId>m</MsgId></GrpHdr><Stmt><Id>1</Id><Acct><Id><IBAN>{NUESTRA}</IBAN></Id>
        </Acct>{entradas}</Stmt></BkToCstmrStmt></Document>""".encode(),
        nombre="a mano.xml",
        actor=MIA,
    )
    assert fabricas.confirmar_lo_propuesto() == 1
    aplicar_extracto(extracto_pk=suyo.pk)


VUELTA = "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>"


def devuelto(pago: Pago) -> None:
    """A statement says that it arrived and came back."""
    _extracto(pago, ("DBIT", ""), ("CRDT", VUELTA))


def devuelto_sin_salir(pago: Pago) -> None:
    _extracto(pago, ("CRDT", VUELTA))


DICHOS = [marcado, devuelto, devuelto_sin_salir]


@pytest.mark.parametrize("dicho", DICHOS)
def test_se_paga_otra_vez_con_dos(dicho: _Dicho, client: Any, django_user_model: Any) -> None:
    """Frozen with what it was; neither who said it nor who prepares it releases it."""
    primero = emitido()
    pago = primero.pagos.order_by("pk")[0]
    dicho(pago)
    pago.refresh_from_db()
    assert pago.estado in ("fallido", "devuelto")
    otro = frozen(LUIS)
    assert otro.numero_pagos == 1
    [linea] = [una for una in contenido(otro) if una.startswith("antes|")]
    assert f"{pago.id_publico} estuvo en el fichero de {primero.id_publico}" in linea
    assert pago.detalle in linea
    assert pago.detalle
    assert str(MIA) in linea
    for quien in (MIA, LUIS):
        with pytest.raises(CuatroOjos):
            ciclo.liberar_lote(lote=otro, actor=quien)
    otro.refresh_from_db()
    assert otro.estado == "congelado"
    # None of those who had a part.
    jefa = django_user_model.objects.create_superuser("jefa", "j@x.co", "x", pk=1_000)
    client.force_login(jefa)
    pagina = client.get(
        reverse("admin:comisiones_lotepago_change", args=[otro.pk]),
        headers={"accept-language": "es"},
    ).content.decode()
    assert f"Estuvo en el fichero de {primero.id_publico}" in pagina
    assert pago.detalle in pagina
    assert "Lo confirmó" in pagina
    # No user has the key of who said it, nor of who confirmed it.
    assert pagina.count(f"Persona {MIA.id}") == pagina.count(f"Persona {OTRA.id}") >= 1
    assert ciclo.liberar_lote(lote=otro, actor=EVA).estado == "aprobado"


def test_quien_lo_dijo_no_lo_arma_y_lo_libera_su_otra_mano(settings: Any) -> None:
    """Allowing who approved to release does not allow this."""
    settings.PAGOS_LIBERA_QUIEN_APROBO = True
    marcado(emitido(1).pagos.get())
    otro = frozen(LUIS)
    with pytest.raises(CuatroOjos):
        ciclo.liberar_lote(lote=otro, actor=MIA)
    assert ciclo.liberar_lote(lote=otro, actor=ANA).estado == "aprobado"


def test_lo_que_se_dice_despues_de_congelar_lo_devuelve() -> None:
    """The frozen content has what was known: another reason afterwards is another content."""
    marcado(emitido(1).pagos.get())
    otro = frozen(LUIS)
    Pago.objects.filter(estado="fallido").update(detalle="otra cosa")
    assert ciclo.liberar_lote(lote=otro, actor=EVA).estado == "borrador"


def test_un_lote_corriente_no_dice_nada() -> None:
    fabricas.aprobada()
    lote = propuesta.proponer_lote(moneda="USD", pasarela="archivo", actor=LUIS)
    assert not [una for una in contenido(lote) if una.startswith("antes|")]
