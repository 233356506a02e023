"""A sale whose lines follow several rules is paid line by line, to the minor unit."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client

from alpespartner.comun.errores import Conflicto
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import aprobar_comision
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ANA, hace

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal
A20, B30 = {"producto_id": "A", "precio": "20.00"}, {"producto_id": "B", "precio": "30.00"}


def publicar(nombre: str, **datos: Any) -> None:
    publicar_version(
        regla=crear_regla(nombre=nombre, campana=None, actor=ANA), vigente_desde=hace(days=365),
        actor=ANA, **datos,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _reglas(_reglas_del_sistema: None) -> None:
    """In general 10 %, product B 50 %."""
    publicar("General", tipo="porcentual", porcentaje=D(10))
    publicar("De B", tipo="porcentual", porcentaje=D(50), producto="B")


def comision(valor: str, *productos: dict[str, Any], **datos: Any) -> Comision:
    afiliado = datos.pop("de", None) or fabricas.afiliado_sin_tarifa()
    venta = fabricas.conversion(de=afiliado, valor=valor, **datos)
    # Around the service, which refuses some of these today.
    Conversion.objects.filter(pk=venta.pk).update(productos=list(productos))
    venta.refresh_from_db()
    return fabricas.calcular(venta)


def limpia() -> None:
    fabricas.entregar_todo()
    for orden in ("verificar", "recalcular"):
        call_command(orden, stdout=io.StringIO())


@pytest.mark.lento
def test_each_line_by_its_rule() -> None:
    suya = comision("50.00", A20, B30)
    suya.refresh_from_db()
    assert (suya.monto, suya.base, suya.tasa, suya.estado) == (D(17), D(50), D(34), "pendiente")
    assert {r["resultado"]["monto"] for r in (suya.traza, *suya.traza["otras"])} == {
        "2.00", "15.00",
    }  # fmt: skip
    cuerpo = fabricas.api().get(f"/api/v1/comisiones/{suya.id_publico}/explicacion").json()
    textos = " ".join(paso["texto"] for paso in cuerpo["pasos"])
    for dicho in ("para las líneas de A", "para las líneas de B", "15,00 USD + 2,00 USD = 17,00"):
        assert dicho in textos.replace("\u00a0", " ")
    assert cuerpo["coincide"]
    jefa = Client()
    jefa.force_login(User.objects.create_superuser("jefa", "jefa@ejemplo.co", "x"))
    pagina = jefa.get(f"/admin/comisiones/comision/{suya.pk}/change/").content.decode()
    assert "para las líneas de B" in pagina
    limpia()


@pytest.mark.lento
@pytest.mark.parametrize(
    ("valor", "productos", "metadatos", "monto"),
    [
        # A whole line's amount, a price by the unit, several lines of one product.
        ("50", [{"producto_id": "A", "importe": "20"}, {"sku": "B", "importe": 30}], {}, "17.00"),
        ("50", [{"id": "A", "precio": "5", "cantidad": 4}, B30], {}, "17.00"),
        ("50", [{"id": "A", "precio": "5", "cantidad": 4, "importe": "20.00"}, B30], {}, "17.00"),
        ("60", [{**A20, "precio": "10"}, B30, {**A20}], {}, "18.00"),
        # 1.5 kg at 13.333 each: rounded once.
        ("50", [{"id": "A", "precio": "13.333", "cantidad": "1.5"}, B30], {}, "17.00"),
        # An unnamed line follows the general rule; a free line earns nothing.
        ("50", [{"precio": "20"}, B30], {}, "17.00"),
        ("30", [{**A20, "precio": 0}, B30], {}, "15.00"),
        # What the sale has beyond its lines is spread over them: 10 of shipping, 4 and 6.
        ("60", [A20, B30], {"envio": "10"}, "20.40"),
        ("59.50", [A20, B30], {"impuesto": "9.50"}, "20.23"),
        ("45", [A20, B30], {"descuento": "5"}, "15.30"),
        ("50", [A20, B30], {"envio": "10"}, "17.00"),
    ],
)
def test_prices(valor: str, productos: Any, metadatos: Any, monto: str) -> None:
    suya = comision(valor, *productos, metadatos=metadatos)
    assert (suya.estado, suya.monto) == ("pendiente", D(monto))
    assert suya.base == D(valor)
    limpia()


@pytest.mark.lento
@pytest.mark.parametrize(
    "productos",
    [
        [{"producto_id": "A"}, {"producto_id": "B"}],
        [A20, {"producto_id": "B"}],
        [A20, {**B30, "precio": "29.99"}],
        [A20, {**B30, "importe": "30.01"}],
        [A20, {**B30, "precio": "-30"}],
        [{**A20, "precio": "80"}, {**B30, "precio": "-30"}],
        [{**A20, "precio": "0"}, {**B30, "precio": "0"}],
        [A20, {**B30, "precio": "treinta"}],
        [{**A20, "precio": "19.999"}, {**B30, "precio": "30.01"}],
        [A20, {**B30, "precio": "1e9"}],
    ],
)
def test_without_prices_it_is_held_until_one_rule_pays_all(productos: Any) -> None:
    suya = comision("50", *productos)
    assert (suya.estado, suya.motivo_retencion, suya.monto) == ("retenida", "lineas_sin_precio", 0)
    with pytest.raises(Conflicto) as error:
        aprobar_comision(comision=suya, actor=ANA)
    assert error.value.codigo == "lineas_sin_precio"
    limpia()
    publicar("Cupón", tipo="porcentual", porcentaje=D(20), afiliado=suya.afiliado)
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert (suya.estado, suya.motivo_retencion, suya.monto) == ("pendiente", "", D(10))
    limpia()


@pytest.mark.parametrize(
    ("productos", "monto"),
    [
        ([{"producto_id": "A"}, {"producto_id": "C"}], "5.00"),
        ([{"producto_id": "B"}, {"producto_id": "B"}], "25.00"),
        ([], "5.00"),
        ([{"nombre": "suelto"}], "5.00"),
    ],
)
def test_no_prices_are_asked_for_when_one_rule_pays_all(productos: Any, monto: str) -> None:
    assert comision("50", *productos).monto == D(monto)


def test_whom_the_affiliate_rate_pays_needs_no_prices() -> None:
    assert comision("50", {"id": "A"}, {"id": "B"}, de=fabricas.afiliado()).monto == 5


def test_each_rule_once_with_its_minimum_and_its_amount() -> None:
    publicar("De C", tipo="fija", monto_fijo=D(7), moneda="USD", producto="C")
    c = {"producto_id": "C", "precio": "10"}
    assert comision("40", c, A20, c).monto == D(9)


@pytest.mark.lento
def test_the_network_earns_of_all_of_the_sale() -> None:
    publicar(
        "Red", tipo="red", condiciones={"porcentajes": ["4"], "tope": "100", "suspendido": "omitir"}
    )
    arriba = fabricas.afiliado_sin_tarifa()
    fabricas.conversion(
        de=fabricas.afiliado_sin_tarifa(referente=arriba), valor="50", productos=[A20, B30]
    )
    fabricas.entregar_todo()
    assert list(Comision.objects.order_by("nivel").values_list("monto", flat=True)) == [D(17), D(2)]
    limpia()


@pytest.mark.lento
def test_a_cap_of_spending_counts_the_lines_before() -> None:
    topes = [{"ambito": "afiliado", "periodo": "mes", "monto": "16"}]
    for nombre, tasa, producto in (("G", 10, ""), ("B", 50, "B")):
        publicar(nombre, tipo="porcentual", porcentaje=D(tasa), producto=producto, moneda="USD",
                 condiciones={"topes_gasto": topes})  # fmt: skip
    afiliado = fabricas.afiliado_sin_tarifa()
    assert [comision("50", A20, B30, de=afiliado).monto for _vez in range(2)] == [D(16), D(0)]
    limpia()


@pytest.mark.lento
def test_a_scale_over_a_period_takes_its_lines_only() -> None:
    tramos = [{"desde": "0", "hasta": "100", "porcentaje": "10"},
              {"desde": "100", "porcentaje": "20"}]  # fmt: skip
    publicar("Escala", tipo="escalonada", moneda="USD",
             condiciones={"periodo": "mes", "tramos": tramos})  # fmt: skip
    afiliado = fabricas.afiliado_sin_tarifa()
    a = {"producto_id": "A", "precio": "80"}
    # 80 at 10 %; then 20 at 10 % and 60 at 20 %.
    assert comision("110", a, B30, de=afiliado).monto == D(8) + D(15)
    assert comision("110", a, B30, de=afiliado).monto == D(14) + D(15)
    # One that occurred before them moves the others' tiers, and says so.
    comision("80", {"producto_id": "A"}, de=afiliado, ocurrida_en=hace(minutes=5))
    tarde = Comision.objects.filter(ajustes__isnull=False)
    assert {a.monto for c in tarde for a in c.ajustes.all()} == {D(6), D(2)}
    limpia()
    publicar("Escala de B", tipo="escalonada", moneda="USD", producto="B",
             condiciones={"periodo": "mes", "tramos": tramos})  # fmt: skip
    suya = comision("110", a, B30, de=afiliado)
    assert (suya.motivo_retencion, suya.monto) == ("lineas_en_escalas", 0)
    limpia()
