"""A backtest of sales with lines prices them as the engine did when it paid them."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.models import Simulacion
from comisiones.reglas.models import Regla
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.simulaciones import services
from comisiones.simulaciones.services import avanzar_simulacion, crear_simulacion
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.conftest import casos
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal
# The same rules, as versions and as a policy.
REGLAS: list[dict[str, Any]] = [
    {"tipo": "porcentual", "porcentaje": "10"},
    {"tipo": "porcentual", "porcentaje": "33.3", "producto": "B"},
    {"tipo": "fija", "monto_fijo": "1.25", "producto": "C"},
    {"tipo": "porcentual", "porcentaje": "7", "nivel": 2},
    {"tipo": "porcentual", "porcentaje": "1.5", "nivel": 2, "producto": "A"},
]


@pytest.fixture(autouse=True)
def _sin_cola(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "encolar", lambda _pk: None)


def publicar() -> list[Regla]:
    reglas = []
    for n, dicha in enumerate(REGLAS):
        datos = {c: D(v) if c in ("porcentaje", "monto_fijo") else v for c, v in dicha.items()}
        regla = crear_regla(nombre=f"Regla {n}", campana=None, actor=ANA)
        publicar_version(
            regla=regla, vigente_desde=hace(days=365), actor=ANA,
            moneda="USD" if "monto_fijo" in datos else "", **datos,
        )  # fmt: skip
        reglas.append(regla)
    return reglas


def politica() -> str:
    reglas = [
        {"nombre": f"r{n}", **{c: v for c, v in dicha.items() if c != "producto"},
         "alcance": {"producto": dicha["producto"]} if "producto" in dicha else {}}
        for n, dicha in enumerate(REGLAS)
    ]  # fmt: skip
    return json.dumps({"moneda": "USD", "reglas": reglas})


def probar(**datos: Any) -> Simulacion:
    ahora = timezone.now()
    simulacion = crear_simulacion(
        nombre="x", desde=ahora - timedelta(days=60), hasta=ahora, actor=ANA, **datos
    )
    while avanzar_simulacion(simulacion_pk=simulacion.pk, segundos=60):
        pass
    simulacion.refresh_from_db()
    assert simulacion.estado == "terminada", simulacion.problema
    return simulacion


def vender(de: Afiliado, en: Any, productos: list[dict[str, Any]], **metadatos: str) -> Comision:
    """A sale of ten days ago worth what its lines and the rest say."""
    valor = sum((D(p["importe"]) for p in productos), D(0))
    valor += D(metadatos.get("envio", "0")) - D(metadatos.get("descuento", "0"))
    venta = fabricas.conversion(
        de=de, en=en, valor=str(valor), productos=productos, metadatos=metadatos,
        ocurrida_en=hace(days=10),
    )  # fmt: skip
    calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    return Comision.objects.get(conversion=venta, nivel=1)


def ganado() -> dict[int, Decimal]:
    suyo: dict[int, Decimal] = {}
    for quien, monto in Comision.objects.values_list("afiliado", "monto"):
        suyo[quien] = suyo.get(quien, D(0)) + monto
    return suyo


def candidata(simulacion: Simulacion) -> dict[int, Decimal]:
    return dict(simulacion.lineas.values_list("afiliado", "candidata"))


def linea(producto: str, importe: str, cantidad: int = 1) -> dict[str, Any]:
    return {"producto_id": producto, "importe": importe, "cantidad": cantidad}


lineas = st.lists(
    st.builds(
        linea,
        st.sampled_from(["A", "B", "C", ""]),
        st.decimals("0.01", "999.99", places=2).map(str),
        st.integers(1, 3),
    ),
    min_size=1,
    max_size=5,
)
extras = st.fixed_dictionaries(
    {}, optional={"envio": st.sampled_from(["0.01", "7.77"]), "descuento": st.just("0.01")}
)


@pytest.mark.lento
@settings(
    deadline=None,
    max_examples=casos(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.tuples(lineas, extras), min_size=1, max_size=3))
def test_lo_mismo_que_se_gano(ventas: list[tuple[list[dict[str, Any]], dict[str, str]]]) -> None:
    """The rules in force, as a policy and as a draft of each, give each affiliate, the seller and
    its referrer, what its commissions are."""
    with transaction.atomic():
        reglas, en = publicar(), fabricas.campana()
        arriba = fabricas.afiliado_sin_tarifa(nombre="Zoe")
        de = fabricas.afiliado_sin_tarifa(nombre="Ana", referente=arriba)
        for productos, metadatos in ventas:
            vender(de, en, productos, **metadatos)
        assert set(Comision.objects.values_list("estado", flat=True)) == {"pendiente"}
        assert set(ganado()) == {de.pk, arriba.pk}
        hecha = probar(politica=politica())
        assert hecha.excluidas == 0
        assert candidata(hecha) == ganado()
        for regla, dicha in zip(reglas, REGLAS, strict=True):
            datos = {c: D(v) if c in ("porcentaje", "monto_fijo") else v for c, v in dicha.items()}
            borrador = {"moneda": "USD" if "monto_fijo" in datos else "", **datos}
            de_una = probar(regla=regla, borrador=borrador)
            assert candidata(de_una) == ganado()
            assert not de_una.lineas.exclude(diferencia=0).exists()
        transaction.set_rollback(True)


def test_dos_lineas_de_dos_reglas() -> None:
    publicar()
    venta = vender(fabricas.afiliado_sin_tarifa(), fabricas.campana(),
                   [linea("A", "20.00"), linea("B", "30.00")])  # fmt: skip
    assert venta.monto == D("11.99")
    usd = probar(politica=politica()).resultado["USD"]
    assert (usd["hoy"], usd["candidata"]) == ("11.99", "11.99")


def test_lo_que_no_se_puede_separar_se_excluye() -> None:
    """As the engine holds it: nobody knows what it would pay."""
    publicar()
    suya = vender(fabricas.afiliado_sin_tarifa(), fabricas.campana(), [linea("A", "20.00")])
    Conversion.objects.update(productos=[{"producto_id": "A"}, {"producto_id": "B"}])
    hecha = probar(politica=politica())
    assert (hecha.hechas, hecha.excluidas, hecha.resultado) == (1, 1, {})
    assert suya.monto == D(2)


def test_un_tope_de_gasto_cuenta_las_otras_lineas() -> None:
    """Two rules of one sale that spend of one cap: the draft pays as the engine."""
    en = fabricas.campana()
    tope = {"topes_gasto": [{"ambito": "afiliado", "periodo": "total", "monto": "9"}]}
    datos = {"tipo": "porcentual", "porcentaje": D(50), "moneda": "USD", "condiciones": tope}
    for producto in ("A", "B"):
        regla = crear_regla(nombre=producto, campana=None, actor=ANA)
        publicar_version(
            regla=regla, vigente_desde=hace(days=365), actor=ANA, producto=producto, **datos
        )
    suya = vender(fabricas.afiliado_sin_tarifa(), en, [linea("A", "10.00"), linea("B", "10.00")])
    assert suya.monto == D(9)
    hecha = probar(regla=regla, borrador={**datos, "producto": "B"})
    assert hecha.resultado["USD"]["candidata"] == "9.00"


def test_con_las_condiciones_de_entonces() -> None:
    """Who changed its type since sold as what it was."""
    premium = {"tipo": "porcentual", "porcentaje": "50", "alcance": {"tipo_afiliado": "premium"}}
    de = fabricas.afiliado_sin_tarifa()
    fabricas.regla(porcentaje="10")
    suya = vender(de, fabricas.campana(), [linea("A", "20.00")])
    actualizar_afiliado(afiliado=de, cambios={"tipo_afiliado": "premium"}, actor=ANA, motivo="m")
    reglas = [{"nombre": "p", **premium}, {"nombre": "g", **REGLAS[0]}]
    hecha = probar(politica=json.dumps({"moneda": "USD", "reglas": reglas}))
    assert hecha.resultado["USD"]["candidata"] == f"{suya.monto:.2f}" == "2.00"
    regla = crear_regla(nombre="Premium", campana=None, actor=ANA)
    borrador = {"tipo": "porcentual", "porcentaje": D(50), "tipo_afiliado": "premium"}
    assert probar(regla=regla, borrador=borrador).resultado["USD"]["candidata"] == "2.00"
