"""Query parameters: what an address does not read, or does not understand, it refuses by name."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import fabricas
from tests.api.test_permisos import IDS, PUNTOS, ids, llamar  # noqa: F401 - a fixture
from tests.fabricas import problema

pytestmark = pytest.mark.django_db

LISTAS = ("afiliados", "campanas", "conversiones", "comisiones", "pagos", "liquidaciones")


def rechazado(respuesta: Any, nombre: str, codigo: str | None = None) -> None:
    """A 400 that names the parameter."""
    errores = problema(respuesta, 400, codigo)["errores"]
    assert [e["campo"] for e in errores] == [nombre]


@pytest.mark.parametrize("punto", PUNTOS, ids=IDS)
def test_lo_que_nadie_lee(punto: Any, ids: dict[str, str]) -> None:  # noqa: F811
    """Every address, also those that write: nothing is done for a request half understood."""
    metodo, ruta, alcance, cuerpo = punto
    unida = f"{ruta}{'&' if '?' in ruta else '?'}no_existe=x"
    antes = fabricas.foto(sin=["afiliados.ClaveAPI", "comun.Historial"])
    respuesta = llamar(fabricas.api([alcance]), (metodo, unida, alcance, cuerpo), ids)
    rechazado(respuesta, "no_existe", "parametro_desconocido")
    assert fabricas.foto(sin=["afiliados.ClaveAPI", "comun.Historial"]) == antes


@given(nombre=st.text(min_size=1, max_size=30).filter(lambda n: n not in _leidos()))
@settings(max_examples=40)
def test_nombres_inventados(nombre: str) -> None:
    """Whatever the name, case, width or blanks: ``Estado`` and ``estado `` are not ``estado``."""
    try:
        consulta = quote(nombre, safe="")
    except UnicodeEncodeError:
        return
    rechazado(fabricas.api().get(f"/api/v1/comisiones?{consulta}=x"), nombre)


def _leidos() -> set[str]:
    from alpespartner.comun.api.parametros import parametros_de
    from comisiones.api.comision import ComisionesView

    return set(parametros_de(ComisionesView))


@pytest.mark.parametrize("lista", LISTAS)
@pytest.mark.parametrize(
    "limite",
    ["abc", "0", "-1", "1.5", "1e2", "%2B5", "%205", "5%20", "007", "１０", "0x10", "9" * 5000, ""],
)
def test_limite_que_no_lo_es(lista: str, limite: str) -> None:
    """Not fifty rows for a number that nobody understood."""
    rechazado(fabricas.api().get(f"/api/v1/{lista}?limite={limite}"), "limite", "dato_invalido")


@pytest.mark.parametrize("lista", LISTAS)
def test_limite_que_lo_es(lista: str) -> None:
    """Its positive twin, at its edges."""
    for limite in ("1", "200", "201", "999999"):
        assert fabricas.api().get(f"/api/v1/{lista}?limite={limite}").status_code == 200


@pytest.mark.parametrize("lista", LISTAS)
def test_repetido_vacio_o_inventado(lista: str) -> None:
    """Of two values one would be ignored, and an empty one shows everything."""
    api = fabricas.api()
    rechazado(api.get(f"/api/v1/{lista}?limite=1&limite=2"), "limite")
    rechazado(api.get(f"/api/v1/{lista}?cursor=x"), "cursor")
    if lista != "campanas":
        nombre = "email" if lista == "afiliados" else "afiliado_id"
        for vacio in ("", "%20", "%09"):
            rechazado(api.get(f"/api/v1/{lista}?{nombre}={vacio}"), nombre)


def test_referencias_propias_en_filtros() -> None:
    """What a partner calls an affiliate, a campaign or a sale, in every list that names one."""
    campana = fabricas.campana(referencia_externa="VERANO/26")
    afiliado = fabricas.afiliado(referencia_externa="socio ñ-1")
    liquidacion = fabricas.liquidacion(de=afiliado, en=campana, referencia_externa="pedido 1")
    comision = liquidacion.pago.items.get().comision
    fabricas.liquidacion(referencia_externa="otro")
    api = fabricas.api()
    de_afiliado, de_campana = quote("socio ñ-1"), quote("VERANO/26")
    for ruta, campo, esperado in (
        (f"afiliados?referencia_externa={de_afiliado}", "afiliado_id", afiliado.id_publico),
        (f"campanas?referencia_externa={de_campana}", "campana_id", campana.id_publico),
        (f"conversiones?afiliado_id={de_afiliado}", "afiliado_id", afiliado.id_publico),
        (f"conversiones?campana_id={de_campana}", "campana_id", campana.id_publico),
        (f"comisiones?afiliado_id={de_afiliado}", "comision_id", comision.id_publico),
        (f"comisiones?campana_id={de_campana}", "comision_id", comision.id_publico),
        ("comisiones?conversion_id=pedido%201", "comision_id", comision.id_publico),
        ("comisiones?referencia_externa=pedido%201", "comision_id", comision.id_publico),
        (f"pagos?afiliado_id={de_afiliado}", "pago_id", liquidacion.pago.id_publico),
        (f"liquidaciones?afiliado_id={de_afiliado}", "liquidacion_id", liquidacion.id_publico),
    ):
        [fila] = api.get(f"/api/v1/{ruta}").json()["resultados"]
        assert fila[campo] == esperado, ruta
    for lista in LISTAS[2:]:
        assert api.get(f"/api/v1/{lista}?afiliado_id=nadie").json()["resultados"] == []


def test_referencias_propias_en_rutas() -> None:
    """The same object by both names; two of one name are never chosen between."""
    campana = fabricas.campana(referencia_externa="verano")
    afiliado = fabricas.afiliado(referencia_externa="socio-1")
    venta = fabricas.conversion(de=afiliado, en=campana, referencia_externa="pedido-1")
    api = fabricas.api()
    for recurso, propia, nuestra in (
        ("afiliados", "socio-1", afiliado.id_publico),
        ("campanas", "verano", campana.id_publico),
        ("conversiones", "pedido-1", venta.id_publico),
    ):
        uno = api.get(f"/api/v1/{recurso}/{propia}")
        assert uno.status_code == 200, recurso
        assert uno.json() == api.get(f"/api/v1/{recurso}/{nuestra}").json()
        problema(api.get(f"/api/v1/{recurso}/{propia}-no"), 404)
    assert api.get("/api/v1/afiliados/socio-1/extracto?mes=2026-03").status_code == 200
    creada = api.enviar(
        "/api/v1/comisiones", {"afiliado_id": "socio-1", "conversion_id": "pedido-1"}
    )
    assert creada.json()["conversion_id"] == venta.id_publico
    fabricas.conversion(de=afiliado, referencia_externa="pedido-1")
    problema(api.get("/api/v1/conversiones/pedido-1"), 409, "referencia_ambigua")


def test_de_nadie_mas() -> None:
    """By its own reference an affiliate's key finds no more than by our id."""
    suyo = fabricas.afiliado(referencia_externa="mia")
    ajena = fabricas.comision(de=fabricas.afiliado(referencia_externa="ajena"))
    api = fabricas.api(["comisiones:leer", "afiliados:leer"], de=suyo)
    assert api.get("/api/v1/afiliados/mia").status_code == 200
    problema(api.get("/api/v1/afiliados/ajena"), 404)
    assert api.get("/api/v1/comisiones?afiliado_id=ajena").json()["resultados"] == []
    conversion = ajena.conversion.id_publico
    assert api.get(f"/api/v1/comisiones?conversion_id={conversion}").json()["resultados"] == []


@pytest.mark.parametrize("formato", ["json", "csv", "pdf"])
def test_la_parte_de_un_extracto(formato: str) -> None:
    """Whatever its format, a part is a number; what does not come in parts has one."""
    afiliado = fabricas.afiliado().id_publico
    ruta = f"/api/v1/afiliados/{afiliado}/extracto?mes=2026-03&formato={formato}&parte="
    for mala in ("false", "0", "-1", "2"):
        rechazado(fabricas.api().get(f"{ruta}{mala}"), "parte")
    assert fabricas.api().get(f"{ruta}1").status_code == 200
