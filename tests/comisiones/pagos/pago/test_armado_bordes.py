"""What a batch takes, on both sides of its date and of an affiliate's minimum."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from afiliados.afiliado.services import actualizar_afiliado
from alpespartner.comun.errores import Conflicto
from alpespartner.comun.models import Historial
from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.comision.models import Comision
from comisiones.models import LotePago, Pago
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pago.armado import ajustes_pendientes, reunir
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import anular_pago, programar_pagos
from comisiones.retenciones.services import publicar_retencion
from tests import fabricas
from tests.comisiones.pagos.fabrica import en_ejecucion
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal


def proponer(**datos: Any) -> LotePago:
    return proponer_lote(**{"moneda": "USD", "pasarela": "archivo", "actor": LUIS, **datos})


def en_pagos(lote: LotePago) -> set[str]:
    """Commissions that a batch pays, as they are in the database."""
    return set(
        Comision.objects.filter(items_pago__pago__lote=lote).values_list("id_publico", flat=True)
    )


def test_un_lote_hasta_ayer_deja_lo_de_hoy() -> None:
    """Of one affiliate: what matured up to that instant, and not what matured after it."""
    suyo, en = fabricas.afiliado(), fabricas.campana()
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        vieja = fabricas.aprobada(de=suyo, en=en)
    nueva = fabricas.aprobada(de=suyo, en=en, valor="30")
    lote = proponer(hasta=timezone.now() - timedelta(days=1))
    assert en_pagos(lote) == {vieja.id_publico}
    assert Pago.objects.get(lote=lote).importe == D(10)
    nueva.refresh_from_db()
    assert nueva.estado == "aprobada"
    assert en_pagos(proponer()) == {nueva.id_publico}


def test_el_instante_en_que_madura_cuenta() -> None:
    """The edge itself is inside; a microsecond before it, out."""
    with time_machine.travel(timezone.now() - timedelta(days=3)):
        suya = fabricas.aprobada()
    suya.refresh_from_db()
    with pytest.raises(Conflicto):
        proponer(hasta=suya.madura_en - timedelta(microseconds=1))
    assert en_pagos(proponer(hasta=suya.madura_en)) == {suya.id_publico}


@pytest.mark.parametrize("en_lote", [True, False])
def test_el_historial_dice_quien_lo_hizo_y_en_que_lote(en_lote: bool) -> None:
    """Of the payment and of its commission, which names it."""
    suya = fabricas.aprobada()
    if en_lote:
        lote = proponer()
        pago, datos, quien = lote.pagos.get(), {"lote_id": lote.id_publico}, LUIS
    else:
        [pago] = programar_pagos(comisiones_ids=[suya.id_publico], actor=PRUEBAS)
        datos, quien = {}, PRUEBAS
    pasos = Historial.objects.filter(accion="programar").order_by("entidad")
    assert list(pasos.values_list("entidad_id", "actor", "estado_nuevo", "datos")) == [
        (suya.id_publico, str(quien), "programada", {"pago_id": pago.id_publico}),
        (pago.id_publico, str(quien), "listo", datos),
    ]
    anular_pago(pago=pago, actor=ANA, motivo="m")
    paso = Historial.objects.get(accion="devolver_a_aprobada")
    assert (paso.entidad_id, paso.actor) == (suya.id_publico, str(ANA))
    assert (paso.estado_nuevo, paso.datos) == ("aprobada", {"pago_id": pago.id_publico})
    assert fabricas.eventos_de(suya.id_publico)[-1] == "ComisionDesprogramada"


def test_a_cada_uno_se_le_retiene_lo_suyo() -> None:
    """Of two in one batch, the one of whom something is withheld, and what is left is paid."""
    con, sin = fabricas.afiliado(), fabricas.afiliado()
    retencion = publicar_retencion(
        nombre="IRPF", porcentaje=D(15), afiliado=con, desde=timezone.now().date(), motivo="m",
        actor=ANA,
    )  # fmt: skip
    for de in (con, sin):
        fabricas.aprobada(de=de)
    pagos = proponer().pagos
    vistos = {p.afiliado_id: (p.importe, p.retenido, p.retencion) for p in pagos.all()}
    assert vistos == {con.pk: (D("8.50"), D("1.50"), retencion), sin.pk: (D(10), 0, None)}


def test_lo_que_no_debe_nada_no_se_paga() -> None:
    """Approved for nothing, beside a cent."""
    suyo, en = fabricas.afiliado(), fabricas.campana()
    nada, centimo = (fabricas.aprobada(de=suyo, en=en, valor="0.10") for _n in range(2))
    Comision.objects.filter(pk=nada.pk).update(monto=0)
    lote = proponer()
    assert en_pagos(lote) == {centimo.id_publico}
    assert lote.total == D("0.01")


@pytest.mark.parametrize("puerta", ["lote", "barrido"])
@pytest.mark.parametrize(
    ("minimo", "de", "cobra"),
    [("50", "JPY", True), ("50", "USD", False), ("10.01", "USD", False), ("10", "USD", True)],
)
def test_el_minimo_es_de_su_moneda(puerta: str, minimo: str, de: str, cobra: bool) -> None:
    """10 USD against a minimum in another currency, over it, and exactly at it."""
    suyo = fabricas.afiliado()
    fabricas.aprobada(de=suyo)
    actualizar_afiliado(
        afiliado=suyo,
        cambios={"minimo_pago": D(minimo), "moneda_comision": de},
        actor=ANA,
        motivo="m",
    )
    if puerta == "barrido":
        with time_machine.travel(timezone.now() + timedelta(minutes=10)):
            assert barrer_pagos(actor=PRUEBAS)["programados"] == int(cobra)
    elif cobra:
        proponer()
    else:
        with pytest.raises(Conflicto):
            proponer()
    assert list(Pago.objects.values_list("importe", "moneda")) == [(D(10), "USD")] * cobra


@pytest.fixture
def candados(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[Any, ...]]]:
    """Tables that are locked and in which order, also where the database locks nothing by row."""
    vistos: list[tuple[str, tuple[Any, ...]]] = []
    original = SQLCompiler.as_sql

    def as_sql(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self.query.select_for_update:
            vistos.append((self.query.model.__name__, tuple(self.query.order_by)))
        return original(self, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "as_sql", as_sql)
    return vistos


def test_quien_arma_pagos_bloquea_en_orden(candados: list[Any]) -> None:
    """Two that take the same rows in two orders lose a deadlock; without a lock, both pay them."""
    fabricas.aprobada()
    candados.clear()
    proponer()
    assert ("Comision", ("pk",)) in candados
    assert ("Ajuste", ("pk",)) in candados
    assert all(orden for tabla, orden in candados if tabla in ("Comision", "Ajuste"))


def test_quien_envia_bloquea_en_orden(candados: list[Any], solo_lotes: None) -> None:
    """Two tasks of a batch take its payments by their keys, to send and to resolve."""
    for _n in range(3):
        fabricas.aprobada()
    lote = en_ejecucion()
    candados.clear()
    ejecutar_pago(pago_pk=lote.pagos.earliest("pk").pk, actor=PRUEBAS)
    assert set(lote.pagos.values_list("estado", flat=True)) == {"pagado"}
    ordenes = [orden for tabla, orden in candados if tabla == "Pago"]
    assert len(ordenes) >= 2
    assert set(ordenes) == {("pk",)}


def test_quien_revierte_bloquea_en_orden(candados: list[Any]) -> None:
    """As for payments: a refund and an approval of the same sale go one after another."""
    suya = fabricas.aprobada()
    candados.clear()
    aplicar_devoluciones(conversiones_ids=[suya.conversion.id_publico], actor=PRUEBAS)
    assert ("Comision", ("pk",)) in candados


def test_lo_que_esta_en_un_pago_no_esta_pendiente() -> None:
    """An adjustment is deducted once: it is pending again only when its payment is dropped."""
    suya = fabricas.aprobada()
    borrador = crear_ajuste(
        afiliado=suya.afiliado, tipo="correccion", monto=D(-1), moneda="USD", motivo="m", actor=LUIS
    )
    ajuste = aprobar_ajuste(ajuste=borrador, actor=ANA)
    assert list(ajustes_pendientes()) == [ajuste]
    lote = proponer()
    assert list(ajustes_pendientes()) == []
    # Whoever chose it before that batch was committed finds it taken once they have its lock.
    [debido] = reunir(Comision.objects.filter(pk=suya.pk), Ajuste.objects.all())
    assert (debido.ajustes, debido.bruto) == ([], D(10))
    anular_pago(pago=lote.pagos.get(), actor=ANA, motivo="m")
    assert list(ajustes_pendientes()) == [ajuste]
    [debido] = reunir(Comision.objects.filter(pk=suya.pk), Ajuste.objects.all())
    assert (debido.ajustes, debido.bruto) == ([ajuste], D(9))
