"""What a conversion earns: whose terms apply, the arithmetic, and once per conversion."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.services import activar_afiliado, actualizar_afiliado, suspender_afiliado
from comisiones.calculo.errores import ComisionExistente
from comisiones.calculo.services import calcular_comisiones, calcular_manual
from comisiones.comision.models import Comision
from comisiones.motor import Terminos
from comisiones.reglas.services import publicar_version
from conversiones.ventas.services import rechazar_conversion
from outbox.consumo import CONSUMIDORES, Sobre
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal

# percent_half_up_minor_units of the worked examples: value and commission in cents.
CENTAVOS = [
    (1000, "20", 200), (1900, "10", 190), (7, "20", 1), (2, "20", 0), (3, "20", 1),
    (15, "10", 2), (1, "50", 1), (500, "2.9", 15),
]  # fmt: skip


@pytest.mark.parametrize(("valor", "porcentaje", "esperado"), CENTAVOS)
def test_ejemplos(valor: int, porcentaje: str, esperado: int) -> None:
    """The worked examples, from the affiliate's rate to the saved row."""
    suya = fabricas.comision(
        de=fabricas.afiliado(comision_base=D(porcentaje)), valor=str(D(valor).scaleb(-2))
    )
    assert suya.monto == D(esperado).scaleb(-2)
    assert suya.tasa == D(porcentaje)


@pytest.mark.parametrize(
    ("moneda", "valor", "porcentaje", "monto"),
    [
        ("JPY", "1001", "0.05", "1"),
        ("JPY", "999", "0.05", "0"),
        ("COP", "100000.00", "15", "15000.00"),
        ("KWD", "1.001", "50", "0.501"),
        ("KWD", "0.001", "50", "0.001"),
        ("USD", "99999999999.99", "100", "99999999999.99"),
        ("CLF", "99999999999.9999", "100", "99999999999.9999"),
    ],
)
def test_monedas(moneda: str, valor: str, porcentaje: str, monto: str) -> None:
    """Rounded to the currency, not always to cents."""
    suya = fabricas.comision(
        de=fabricas.afiliado(comision_base=D(porcentaje)),
        en=fabricas.campana(moneda=moneda),
        valor=valor,
    )
    assert (suya.monto, suya.moneda) == (D(monto), moneda)
    assert suya.traza["monto"] == monto
    assert suya.traza["base"] == valor


# Affiliate's terms, campaign's rule, default rule → amount of a sale of 200 USD, state.
PRECEDENCIA: dict[str, tuple[dict[str, Any], Any, Any, str, str]] = {
    "premium gana a base": (
        {"tipo_afiliado": "premium", "comision_base": D(1), "comision_premium": D(20)},
        "5", "3", "40", "pendiente"),
    "estandar no usa premium": (
        {"comision_base": D(1), "comision_premium": D(20)}, "5", "3", "2", "pendiente"),
    "premium sin tasa premium usa base": (
        {"tipo_afiliado": "premium", "comision_base": D(1)}, "5", "3", "2", "pendiente"),
    "estandar solo con premium hereda": ({"comision_premium": D(20)}, "5", "3", "10", "pendiente"),
    "base cero es cero": ({"comision_base": D(0)}, "5", "3", "0", "pendiente"),
    "premium cero es cero": (
        {"tipo_afiliado": "premium", "comision_base": D(9), "comision_premium": D(0)},
        "5", "3", "0", "pendiente"),
    "fija en la misma moneda": (
        {"comision_fija": D(7), "moneda_comision": "USD"}, "5", "3", "7", "pendiente"),
    "fija cero es cero": (
        {"comision_fija": D(0), "moneda_comision": "USD"}, "5", "3", "0", "pendiente"),
    "fija en otra moneda hereda": (
        {"comision_fija": D(7), "moneda_comision": "EUR"}, "5", "3", "10", "pendiente"),
    "regla de la campaña": ({"comision_base": None}, "5", "3", "10", "pendiente"),
    "regla de la campaña a cero": ({"comision_base": None}, "0", "3", "0", "pendiente"),
    "regla del programa": ({"comision_base": None}, None, "3", "6", "pendiente"),
    "fija del programa": ({"comision_base": None}, None, ("4.50", "USD"), "4.50", "pendiente"),
    "fija de la campaña en otra moneda cae al programa": (
        {"comision_base": None}, ("4.50", "EUR"), "3", "6", "pendiente"),
    "ninguna": ({"comision_base": None}, None, None, "0", "retenida"),
}  # fmt: skip


@pytest.mark.parametrize("caso", PRECEDENCIA)
def test_precedencia(caso: str) -> None:
    """Affiliate, then campaign, then programme. NULL inherits and 0 is zero."""
    suyos, de_campana, del_programa, monto, estado = PRECEDENCIA[caso]
    campana = fabricas.campana()
    fabricas.regla(porcentaje="99", de=fabricas.campana())  # Another campaign's.
    for terminos, de in ((de_campana, campana), (del_programa, None)):
        if isinstance(terminos, tuple):
            fabricas.regla(fijo=terminos[0], moneda=terminos[1], de=de)
        elif terminos is not None:
            fabricas.regla(porcentaje=terminos, de=de)
    suya = fabricas.comision(de=fabricas.afiliado(**suyos), en=campana, valor="200")
    assert (suya.monto, suya.estado) == (D(monto), estado)
    assert suya.motivo_retencion == ("sin_regla" if estado == "retenida" else "")
    assert (suya.regla is None) == (estado == "retenida")


def test_vigencia() -> None:
    """The version in force when the sale occurred, not when it is calculated; of several, the
    newest."""
    regla = fabricas.regla(porcentaje="1", desde=hace(days=30))
    for porcentaje, desde, hasta in (
        ("2", hace(days=20), hace(days=10)),
        ("3", hace(days=5), None),
    ):
        publicar_version(
            regla=regla, tipo="porcentual", porcentaje=D(porcentaje), vigente_desde=desde,
            vigente_hasta=hasta, actor=ANA,
        )  # fmt: skip
    afiliado = fabricas.afiliado_sin_tarifa()
    for dias, monto in ((40, "0"), (25, "1"), (15, "2"), (7, "1"), (1, "3")):
        suya = fabricas.comision(de=afiliado, ocurrida_en=hace(days=dias))
        assert suya.monto == D(monto), dias


def test_sin_regla_hasta_que_se_publica() -> None:
    """Held, not lost: publishing a version that covers the sale calculates it, by event."""
    campana = fabricas.campana()
    suya = fabricas.comision(de=fabricas.afiliado_sin_tarifa(), en=campana, valor="200")
    fabricas.entregar_todo()
    fabricas.regla(porcentaje="50", de=fabricas.campana())
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.motivo_retencion) == ("retenida", "sin_regla")
    fabricas.regla(porcentaje="5", de=campana)
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.motivo_retencion, suya.monto) == ("pendiente", "", D(10))
    assert fabricas.eventos_de(suya.id_publico) == [
        "ComisionCalculada", "ComisionRetenida", "ComisionLiberada",
    ]  # fmt: skip
    # A second version must not touch it: it was calculated.
    fabricas.regla(porcentaje="9", de=campana)
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert suya.monto == D(10)


def test_sin_regla_hasta_que_el_afiliado_acuerda_una() -> None:
    """The affiliate's new rate is a rule too, for the sales since it holds."""
    afiliado = fabricas.afiliado_sin_tarifa()
    suya = fabricas.comision(de=afiliado)
    actualizar_afiliado(
        afiliado=afiliado, cambios={"comision_base": D(7)}, actor=ANA, motivo="x",
        desde=suya.conversion.ocurrida_en,
    )  # fmt: skip
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.monto) == ("pendiente", D(7))


def test_sin_regla_y_la_nueva_tarifa_no_es_de_entonces() -> None:
    """From now on says nothing of a sale that occurred before."""
    afiliado = fabricas.afiliado_sin_tarifa()
    suya = fabricas.comision(de=afiliado)
    actualizar_afiliado(afiliado=afiliado, cambios={"comision_base": D(6)}, actor=ANA, motivo="x")
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.motivo_retencion) == ("retenida", "sin_regla")


def test_sin_regla_y_afiliado_pendiente() -> None:
    """Two reasons to wait: lifting one leaves the other."""
    afiliado = fabricas.afiliado_sin_tarifa(activo=False)
    suya = fabricas.comision(de=afiliado)
    fabricas.regla(porcentaje="5")
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.motivo_retencion) == ("retenida", "afiliado_pendiente")
    activar_afiliado(afiliado=afiliado, actor=ANA)
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.monto) == ("pendiente", D(5))


def test_afiliado_pendiente() -> None:
    """Its conversions are accepted; their commissions wait and are freed by its activation."""
    afiliado = fabricas.afiliado(activo=False)
    venta = fabricas.conversion(de=afiliado)
    fabricas.entregar_todo()
    suya = Comision.objects.get(conversion=venta)
    assert (suya.estado, suya.motivo_retencion, suya.monto) == (
        "retenida", "afiliado_pendiente", D(10),
    )  # fmt: skip
    activar_afiliado(afiliado=afiliado, actor=ANA)
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.motivo_retencion) == ("pendiente", "")


def test_afiliado_suspendido_entre_la_venta_y_el_calculo() -> None:
    """The sale was taken; its commission waits for the affiliate to come back."""
    afiliado = fabricas.afiliado()
    venta = fabricas.conversion(de=afiliado)
    suspender_afiliado(afiliado=afiliado, actor=ANA, motivo="m")
    suya = fabricas.calcular(venta)
    assert suya.motivo_retencion == "afiliado_no_activo"


def test_una_por_conversion_aunque_el_evento_se_repita() -> None:
    """Invariant 3: the same event again, under its id or a new one, and a new version of the rule
    in between, add nothing."""
    regla = fabricas.regla(porcentaje="5")
    venta = fabricas.conversion(de=fabricas.afiliado_sin_tarifa())
    fabricas.entregar_todo()
    antes = fabricas.foto(sin=["comisiones.VersionRegla", "comun.Historial"])
    publicar_version(regla=regla, tipo="porcentual", porcentaje=D(9), actor=ANA)
    fila = OutboxEvent.objects.get(type="ConversionRegistrada")
    sobre = Sobre("otro-id", fila.type, fila.aggregateid, fila.payload)
    for _ in range(3):
        CONSUMIDORES["comisiones"].manejar([sobre, sobre])
    suya = Comision.objects.get()
    assert (suya.conversion, suya.monto) == (venta, D(5))
    assert OutboxEvent.objects.filter(type="ComisionCalculada").count() == 1
    despues = fabricas.foto(sin=["comisiones.VersionRegla", "comun.Historial"])
    cambian = {k for k in antes if antes[k] != despues[k]}
    assert cambian == {"outbox.OutboxEvent", "outbox.EntregaPendiente"}  # VersionReglaPublicada.


def test_muchas_y_de_todo() -> None:
    """Many at once: new, repeated, refused and unknown conversions: only the new ones earn."""
    nuevas = [fabricas.conversion() for _ in range(3)]
    servida = fabricas.comision().conversion
    rechazada = fabricas.conversion()
    rechazar_conversion(conversion=rechazada, actor=ANA, motivo="m")
    ids = [c.id_publico for c in (*nuevas, *nuevas, servida, rechazada)]
    hechas = calcular_comisiones(conversiones_ids=[*ids, "conv_no"], actor=PRUEBAS)
    assert {c.conversion_id for c in hechas} == {c.pk for c in nuevas}
    assert calcular_comisiones(conversiones_ids=ids, actor=PRUEBAS) == []
    assert Comision.objects.count() == 4


def test_madura() -> None:
    """Days of hold count from the sale."""
    venta = fabricas.conversion(en=fabricas.campana(dias_retencion=30), ocurrida_en=hace(days=3))
    suya = fabricas.calcular(venta)
    assert (suya.madura_en - venta.ocurrida_en).days == 30


def test_a_mano() -> None:
    """Terms given by hand beat every rule, once; a rejected conversion takes none."""
    venta = fabricas.conversion(valor="200")
    terminos = Terminos(monto_fijo=D("1.50"))
    suya = calcular_manual(conversion=venta, terminos=terminos, actor=ANA)
    assert (suya.monto, suya.tasa, suya.tipo, suya.creada_por) == (
        D("1.50"), None, "fija", "persona:1",
    )  # fmt: skip
    with pytest.raises(ComisionExistente) as error:
        calcular_manual(conversion=venta, terminos=terminos, actor=ANA)
    assert error.value.datos == {"comision_id": suya.id_publico}
    fabricas.entregar_todo()
    assert Comision.objects.get() == suya
