"""A result over what a commission can store is held, and breaks nothing."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from alpespartner.comun.dinero import MAXIMO
from alpespartner.comun.errores import Conflicto
from comisiones.calculo.services import recalcular_sin_importe
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte
from comisiones.reglas.models import Regla
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import aprobar_comision, liberar_comision, rechazar_comision
from conversiones.campanas.models import Campana
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS, hace

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def por_item(monto: str, *, de: Campana | None = None, **datos: object) -> Regla:
    regla = crear_regla(nombre="Por artículo", campana=de, actor=ANA)
    publicar_version(
        regla=regla, tipo="fija", monto_fijo=D(monto), moneda="USD", vigente_desde=hace(days=365),
        condiciones={"por": "item"}, actor=ANA, **datos,
    )  # fmt: skip
    return regla


def venta_de(cantidad: int, **datos: object) -> Conversion:
    return fabricas.conversion(
        de=fabricas.afiliado_sin_tarifa(),
        productos=[{"producto_id": "p", "cantidad": cantidad}],
        **datos,
    )


@pytest.fixture
def jefa() -> Client:
    cliente = Client()
    cliente.force_login(User.objects.create_superuser("jefa", "jefa@ejemplo.co", "x"))
    return cliente


def todo_se_ve(jefa: Client, suya: Comision) -> None:
    """Pages, lists and checks of a commission."""
    for ruta in (
        "/admin/",
        "/admin/comisiones/comision/?estado=todas",
        f"/admin/comisiones/comision/{suya.pk}/change/",
        f"/admin/conversiones/conversion/{suya.conversion_id}/change/",
        "/admin/conversiones/conversion/",
    ):
        assert jefa.get(ruta).status_code == 200, ruta
    api = fabricas.api()
    for ruta in (
        "/api/v1/comisiones",
        "/api/v1/conversiones",
        f"/api/v1/comisiones/{suya.id_publico}",
        f"/api/v1/comisiones/{suya.id_publico}/explicacion",
    ):
        assert api.get(ruta).status_code == 200, ruta


@pytest.mark.lento
@pytest.mark.parametrize(("monto", "cantidad"), [("99999999999.99", 2), ("1000000.01", 100_000)])
def test_over_the_maximum_is_held(jefa: Client, monto: str, cantidad: int) -> None:
    por_item(monto)
    suya = fabricas.calcular(venta_de(cantidad))
    assert D(monto) * cantidad > MAXIMO
    suya.refresh_from_db()
    assert (suya.estado, suya.motivo_retencion) == ("retenida", "fuera_de_rango")
    assert suya.monto == 0
    assert D(suya.traza["monto"]) == D(monto) * cantidad
    todo_se_ve(jefa, suya)
    for accion in (aprobar_comision, liberar_comision):
        with pytest.raises(Conflicto) as error:
            accion(comision=suya, actor=LUIS)
        assert error.value.codigo == "fuera_de_rango"
    assert not Apunte.objects.exists()
    fabricas.entregar_todo()
    for orden in ("verificar", "recalcular"):
        call_command(orden, stdout=io.StringIO())
    pasos = fabricas.api().get(f"/api/v1/comisiones/{suya.id_publico}/explicacion").json()["pasos"]
    assert "fuera_de_rango" in [paso["codigo"] for paso in pasos]
    rechazar_comision(comision=suya, actor=ANA, motivo="m")
    fabricas.entregar_todo()
    for orden in ("verificar", "recalcular"):
        call_command(orden, stdout=io.StringIO())


def test_the_maximum_itself_is_paid() -> None:
    por_item("99999999999.99")
    suya = fabricas.calcular(venta_de(1, valor="10"))
    assert (suya.estado, suya.monto) == ("pendiente", D("99999999999.99"))


@pytest.mark.lento
def test_released_only_by_a_calculation_within_range() -> None:
    regla = por_item("99999999999.99")
    suya = fabricas.calcular(venta_de(3))
    antes = suya.version
    assert not recalcular_sin_importe(comision=suya, actor=PRUEBAS)
    suya.refresh_from_db()
    assert suya.version == antes
    publicar_version(
        regla=regla, tipo="fija", monto_fijo=D(2), moneda="USD", vigente_desde=hace(days=365),
        condiciones={"por": "item"}, actor=ANA,
    )  # fmt: skip
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.motivo_retencion, suya.monto) == ("pendiente", "", D(6))
    assert fabricas.eventos_de(suya.id_publico) == [
        "ComisionCalculada", "ComisionRetenida", "ComisionLiberada",
    ]  # fmt: skip
    for orden in ("verificar", "recalcular"):
        call_command(orden, stdout=io.StringIO())


def test_a_level_of_the_network_out_of_range_is_released_alone() -> None:
    """The seller's is paid meanwhile, and nobody is paid twice."""
    por_item("1")
    regla = por_item("99999999999.99", nivel=2)
    arriba = fabricas.afiliado_sin_tarifa()
    venta = fabricas.conversion(
        de=fabricas.afiliado_sin_tarifa(referente=arriba), productos=[{"cantidad": 2}]
    )
    fabricas.entregar_todo()
    assert list(
        Comision.objects.order_by("nivel").values_list("nivel", "monto", "motivo_retencion")
    ) == [(1, D(2), ""), (2, D(0), "fuera_de_rango")]
    publicar_version(
        regla=regla, tipo="fija", monto_fijo=D(3), moneda="USD", vigente_desde=hace(days=365),
        condiciones={"por": "item"}, nivel=2, actor=ANA,
    )  # fmt: skip
    fabricas.entregar_todo()
    assert list(
        Comision.objects.filter(conversion=venta).order_by("nivel").values_list("nivel", "monto")
    ) == [(1, D(2)), (2, D(6))]


def test_a_stored_quantity_that_no_sale_has_is_held(jefa: Client) -> None:
    """A bar code in «cantidad», from before anybody checked it."""
    por_item("0.01")
    venta = venta_de(1)
    Conversion.objects.filter(pk=venta.pk).update(productos=[{"cantidad": 7_501_031_311_309}])
    suya = fabricas.calcular(venta)
    assert (suya.estado, suya.motivo_retencion, suya.monto) == ("retenida", "fuera_de_rango", 0)
    todo_se_ve(jefa, suya)


def test_an_average_rate_that_no_column_holds() -> None:
    """Tiers with amounts on a tiny base: an average of millions of percent."""
    regla = crear_regla(nombre="Escala", campana=None, actor=ANA)
    publicar_version(
        regla=regla, tipo="escalonada", moneda="USD", vigente_desde=hace(days=365), actor=ANA,
        condiciones={
            "metrica": "cantidad",
            "tramos": [
                {"desde": "0", "hasta": "1", "porcentaje": "1", "monto_fijo": "100000"},
                {"desde": "1", "porcentaje": "2", "monto_fijo": "100000"},
            ],
        },
    )  # fmt: skip
    suya = fabricas.calcular(venta_de(2, valor="0.01"))
    suya.refresh_from_db()
    assert (suya.monto, suya.tasa) == (D(200000), None)
    call_command("recalcular", stdout=io.StringIO())


def test_larger_than_its_sale_is_said(jefa: Client) -> None:
    por_item("50")
    suya = fabricas.calcular(venta_de(3, valor="100"))
    igual = fabricas.calcular(venta_de(2, valor="100"))
    for una, dicho in ((suya, True), (igual, False)):
        ruta = f"/api/v1/comisiones/{una.id_publico}/explicacion"
        codigos = [paso["codigo"] for paso in fabricas.api().get(ruta).json()["pasos"]]
        assert ("mayor_que_la_venta" in codigos) is dicho
        pagina = jefa.get(f"/admin/comisiones/comision/{una.pk}/change/").content.decode()
        assert ("es mayor que la venta" in pagina) is dicho
    lista = jefa.get("/admin/comisiones/comision/").content.decode()
    assert lista.count("Mayor que la venta") == 1
