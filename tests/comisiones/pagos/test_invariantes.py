"""What holds of payments: clean with one in every state, and each broken row is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from comisiones.comision.models import Comision
from comisiones.models import ItemPago, LotePago, Pago
from comisiones.pagos.invariantes import COMPROBACIONES
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import anular_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.retenciones.services import publicar_retencion
from tests import fabricas
from tests.comisiones.pagos.fabrica import ajuste, en_ejecucion
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal
Vida = dict[str, Pago]


def faltas() -> list[str]:
    return [fila for c in COMPROBACIONES for fila in c.filas()]


@pytest.fixture
def vida(pasarela: type[PasarelaDePruebas]) -> Vida:
    """A payment in each state, one of them with an adjustment, and what is owed without one."""
    suyas: Vida = {}
    for estado, accidente in (
        ("pagado", ""), ("devuelto", ""), ("fallido", "rechaza"), ("incierto", "no_sabe"),
    ):  # fmt: skip
        pago = suyas[estado] = fabricas.pago()
        pasarela.accidentes[:] = [accidente]
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    vuelta = Respuesta("devuelto", detalle="AC04")
    resolver_pago(pago_pk=suyas["devuelto"].pk, respuesta=vuelta, actor=PRUEBAS)
    suyas["enviando"] = fabricas.pago()
    fabricas.reclamado(suyas["enviando"])
    con_ajuste = fabricas.afiliado()
    ajuste(con_ajuste, "0.50")
    suyas["listo"] = fabricas.pago(de=con_ajuste)
    suyas["anulado"] = anular_pago(pago=fabricas.pago(), actor=ANA, motivo="m")
    fabricas.aprobada()
    fabricas.comision()
    assert faltas() == []
    for estado, pago in suyas.items():
        pago.refresh_from_db()
        assert pago.estado == estado
    return suyas


def cambiar(pago: Pago, **datos: Any) -> None:
    """Behind every service."""
    Pago.objects.filter(pk=pago.pk).update(**datos)


def test_cada_pago_suma_lo_que_paga(vida: Vida) -> None:
    cambiar(vida["listo"], importe=D("10.51"))
    [falta] = faltas()
    # MySQL writes the four decimals of the column.
    assert re.fullmatch(rf"{vida['listo'].id_publico}: 10\.5100 y sus comisiones 10\.50*", falta)
    cambiar(vida["listo"], importe=D("10.50"))
    ItemPago.objects.filter(pago=vida["listo"], ajuste=None).update(importe=D("10.01"))
    assert len(faltas()) == 1
    ItemPago.objects.filter(pago=vida["listo"]).delete()
    assert f"{vida['listo'].id_publico}: 10.5000 y sus comisiones None" in faltas()


@pytest.mark.parametrize("cosa", ["comision", "ajuste"])
def test_nada_va_en_dos_pagos_vivos(vida: Vida, cosa: str) -> None:
    """What a failed or voided one held may be in another; what one that lives holds, not."""
    suyo = ItemPago.objects.exclude(**{cosa: None}).get(pago=vida["listo"])
    for otro, vivo in (("anulado", False), ("fallido", False), ("enviando", True)):
        copia = ItemPago(
            pago=vida[otro], importe=D("0.01"), moneda="USD", **{cosa: getattr(suyo, cosa)}
        )
        copia.save()
        doble = f"{cosa} {getattr(suyo, f'{cosa}_id')}: en 2 pagos vivos"
        assert (doble in faltas()) == vivo
        assert f"item de pago {copia.pk}: su {cosa} es de otra moneda o afiliado" in faltas()
        copia.delete()
    assert faltas() == []


def test_cada_cosa_es_de_quien_la_cobra_y_en_su_moneda(vida: Vida) -> None:
    suyo = ItemPago.objects.exclude(comision=None).get(pago=vida["listo"])
    ItemPago.objects.filter(pk=suyo.pk).update(moneda="EUR")
    assert f"item de pago {suyo.pk}: moneda EUR" in faltas()
    assert f"item de pago {suyo.pk}: su comision es de otra moneda o afiliado" in faltas()


@pytest.mark.parametrize(
    ("de", "a", "dicho"),
    [
        ("pagado", "incierto", {"pagada sin un pago confirmado"}),
        ("incierto", "pagado", {"confirmado con una comisión sin pagar",
                                "pagado sin asiento de liquidacion"}),
        ("incierto", "fallido", {"fallido sin asiento de impago"}),
        ("listo", "incierto", {"incierto sin asiento de pago", "incierto sin intento"}),
        ("listo", "pagado", {"pagado sin asiento de pago", "pagado sin asiento de liquidacion",
                             "pagado sin intento", "confirmado con una comisión sin pagar"}),
        ("listo", "fallido", {"fallido sin asiento de pago", "fallido sin asiento de impago",
                              "fallido sin intento"}),
        ("listo", "anulado", set()),
        ("anulado", "devuelto", {"devuelto sin asiento de pago",
                                 "devuelto sin asiento de liquidacion", "devuelto sin intento",
                                 "confirmado con una comisión sin pagar"}),
    ],
)  # fmt: skip
def test_un_estado_que_no_es_el_suyo(vida: Vida, de: str, a: str, dicho: set[str]) -> None:
    """What the payment, its commission and the ledger say must be the same."""
    pago = vida[de]
    cambiar(pago, estado=a)
    suyos = {pago.id_publico, f"pago {pago.pk}", *pago.items.values_list(
        "comision__id_publico", flat=True
    )}  # fmt: skip
    vistos = [fila.partition(": ") for fila in faltas()]
    assert {que for quien, _, que in vistos if quien in suyos} == dicho


def test_el_saldo_es_lo_que_se_debe(vida: Vida) -> None:
    """Of whoever it is, to the cent; of what was sent nothing is owed any more."""
    suya = Comision.objects.get(estado="aprobada", item_vivo=None, conversion__valor=100,
                                items_pago=None)  # fmt: skip
    Comision.objects.filter(pk=suya.pk).update(monto=F("monto") + D("0.01"))
    assert faltas() == [
        f"afiliado {suya.afiliado_id} USD: el libro debe 10.00 y las comisiones 10.01"
    ]


@pytest.mark.parametrize(
    ("estado", "cuenta"),
    [("enviando", "30.00 en el libro y 20.00"), ("incierto", "30.00 en el libro y 20.00")],
)
def test_lo_que_esta_en_curso(vida: Vida, estado: str, cuenta: str) -> None:
    """The ledger has on its way what was sent and has no answer."""
    segundo = fabricas.pago()
    fabricas.reclamado(segundo)
    assert faltas() == []
    cambiar(vida[estado], estado="listo")
    assert [fila for fila in faltas() if cuenta in fila]


def test_lo_retenido_es_de_lo_que_salio(pasarela: type[PasarelaDePruebas]) -> None:
    """Until it comes back."""
    suyo = fabricas.afiliado()
    publicar_retencion(
        nombre="IRPF", afiliado=suyo, porcentaje=D(15), desde=timezone.now().date(),
        motivo="m", actor=ANA,
    )  # fmt: skip
    pago = fabricas.pago(de=suyo)
    assert (pago.importe, pago.retenido) == (D("8.50"), D("1.50"))
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert faltas() == []
    cambiar(pago, retenido=D("1.49"), importe=D("8.51"))
    assert any("1.50 en el libro y 1.49 en los pagos" in fila for fila in faltas())
    cambiar(pago, retenido=D("1.50"), importe=D("8.50"))
    resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("devuelto"), actor=PRUEBAS)
    assert faltas() == []


@pytest.mark.parametrize("estado", ["enviando", "incierto", "listo"])
def test_lo_que_tarda_se_avisa(vida: Vida, estado: str) -> None:
    """What was sent; what waits is not late."""
    cambiar(vida[estado], actualizado_en=timezone.now() - timedelta(days=30))
    assert bool(faltas()) == (estado != "listo")
    assert all(fila.startswith(f"{vida[estado].id_publico}: {estado} desde") for fila in faltas())
    assert [c.nombre for c in COMPROBACIONES if c.aviso] == [
        "Ningún pago sigue sin resolver", "Ningún pago salió del banco de más",
        "Ningún extracto está a medias",
    ]  # fmt: skip


ROTURAS: list[tuple[Callable[[LotePago], dict[str, Any]], str]] = [
    (lambda lote: {"total": lote.total + D("0.01")}, "20.0100 congelado y sus pagos 20"),
    (lambda lote: {"numero_pagos": 3}, "20.0000 congelado y sus pagos 20"),
    (lambda lote: {"liberado_por": str(LUIS)}, f"preparado y liberado por {LUIS}"),
    (lambda lote: {"congelado_por": lote.liberado_por}, "preparado y liberado por persona:3"),
]


@pytest.mark.parametrize(("romper", "dicho"), ROTURAS)
def test_cada_lote_paga_lo_que_se_congelo(
    solo_lotes: None, settings: Any, romper: Callable[[LotePago], dict[str, Any]], dicho: str
) -> None:
    """Of two batches, the one that was touched."""
    settings.PAGOS_LIBERA_QUIEN_APROBO = True
    for en in (fabricas.campana(), fabricas.campana(moneda="EUR")):
        for _n in range(2):
            fabricas.aprobada(en=en)
    lote, _otro = en_ejecucion(), en_ejecucion(moneda="EUR")
    assert faltas() == []
    LotePago.objects.filter(pk=lote.pk).update(**romper(lote))
    [fila] = faltas()
    assert fila.startswith(f"{lote.id_publico}: {dicho}")
