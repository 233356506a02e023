"""What a sale carries: names in one form, quantities, amounts and dates that can be read."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import Any

import pytest
from django.db import DataError
from hypothesis import given, settings
from hypothesis import strategies as st

from alpespartner.comun.identificadores import nuevo_id
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from conversiones.campanas.services import actualizar_campana
from conversiones.ventas import services
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import NuevaConversion, registrar_en_masa
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, hace, problema

pytestmark = pytest.mark.django_db
D = Decimal
VENTAS = "/api/v1/conversiones"


@pytest.fixture
def cuerpo() -> dict[str, Any]:
    """A good sale."""
    fabricas.campana(predeterminada=True)
    return {"afiliado_id": fabricas.afiliado().id_publico, "valor_conversion": "100"}


@pytest.mark.parametrize("prefijo", ["conv", "af", "camp", "com", "mov"])
def test_una_referencia_como_los_nuestros(cuerpo: dict[str, Any], prefijo: str) -> None:
    """Of a sale, one by one or in a batch, an affiliate or a campaign: refused by every door."""
    suya, cliente = nuevo_id(prefijo), fabricas.api()
    antes = fabricas.foto()
    venta = {**cuerpo, "referencia_externa": f"\u200b{suya}"}
    problema(cliente.enviar(VENTAS, venta), 400, "referencia_reservada")
    lote = cliente.enviar(f"{VENTAS}/lote", {"conversiones": [venta]}).json()
    assert lote["resultados"][0]["problema"]["codigo"] == "referencia_reservada"
    calculo = {"conversionId": suya, "affiliateId": cuerpo["afiliado_id"], "grossAmount": "1"}
    dicho = problema(cliente.enviar("/commissions/calculate", calculo), 400, "referencia_reservada")
    assert dicho["errores"][0]["campo"] == "conversionId"
    otro = {"nombre": "B", "email": "b@example.com", "referencia_externa": suya.lower()}
    problema(cliente.enviar("/api/v1/afiliados", otro), 400, "referencia_reservada")
    with pytest.raises(Exception, match="forma de nuestros"):
        fabricas.campana(referencia_externa=suya)
    with pytest.raises(Exception, match="forma de nuestros"):
        fabricas.afiliado(referencia_externa=suya)
    campana = Conversion._meta.get_field("campana").related_model.objects.get()  # type: ignore[union-attr]
    with pytest.raises(Exception, match="forma de nuestros"):
        actualizar_campana(campana=campana, cambios={"referencia_externa": suya}, actor=ANA)
    assert fabricas.foto() == antes


def test_nombrar_nunca_halla_dos(cuerpo: dict[str, Any]) -> None:
    """Nor where an earlier version took such a reference: our id names ours."""
    cliente = fabricas.api()
    una = cliente.enviar(VENTAS, cuerpo).json()["conversion_id"]
    otra = cliente.enviar(VENTAS, {**cuerpo, "referencia_externa": "x"}).json()["conversion_id"]
    Conversion.objects.filter(id_publico=otra).update(referencia_externa=una)
    calculo = {"conversionId": una, "affiliateId": cuerpo["afiliado_id"], "grossAmount": "100"}
    respuesta = cliente.enviar("/commissions/calculate", calculo)
    assert (respuesta.status_code, respuesta.json()["conversionId"]) == (201, una)
    campana = Conversion.objects.first().campana.id_publico  # type: ignore[union-attr]
    devuelta = cliente.enviar(
        f"{VENTAS}/{una}/devoluciones", {"id_externo": "d", "campana_id": campana}
    )
    assert devuelta.json()["conversion_id"] == una


FORMAS = [
    "café",
    "cafe\u0301",
    "CAFE\u0301",
    "ca\u200bfé",
    "\ufeffcafé",
    "Café\u00a0",
    "caf\u00adé",
]


@pytest.mark.parametrize("tecleado", FORMAS)
@pytest.mark.parametrize("publicado", FORMAS[:3])
def test_el_mismo_cupon(cuerpo: dict[str, Any], tecleado: str, publicado: str) -> None:
    """30 % of 100, however the rule's coupon and the sale's were typed."""
    regla = crear_regla(nombre="Cupón", campana=None, actor=ANA)
    publicar_version(
        regla=regla, tipo="porcentual", porcentaje=D(30), cupon=publicado,
        vigente_desde=hace(days=9), actor=ANA,
    )  # fmt: skip
    venta = fabricas.api().enviar(VENTAS, {**cuerpo, "cupon": tecleado}).json()
    assert venta["cupon"] == "CAFÉ"
    fabricas.entregar_todo()
    assert Comision.objects.get().monto == D(30)


def test_los_demas_nombres(cuerpo: dict[str, Any]) -> None:
    """References, e-mails, links and products: kept in one form, found by any."""
    cliente = fabricas.api()
    alta = {"nombre": "Jose\u0301", "email": "jose\u0301@example.com".replace("e\u0301", "\u200be"),
            "referencia_externa": "soci\u0301a\u200d"}  # fmt: skip
    socia = cliente.enviar("/api/v1/afiliados", alta).json()
    assert (socia["nombre"], socia["referencia_externa"]) == ("José", "socía")
    hallada = cliente.get("/api/v1/afiliados", {"email": "\ufeffjose@example.com "}).json()
    assert [a["afiliado_id"] for a in hallada["resultados"]] == [socia["afiliado_id"]]
    datos = {
        **cuerpo, "afiliado_id": "soci\u0301a", "referencia_externa": "nº\u00a0cafe\u0301",
        "enlace": "b\u200b7", "productos": [{"sku": "te\u0301"}],
    }  # fmt: skip
    venta = cliente.enviar(VENTAS, datos).json()
    assert (venta["referencia_externa"], venta["enlace"]) == ("nº café", "b7")
    assert venta["productos"] == [{"sku": "té"}]
    problema(cliente.enviar(VENTAS, {**datos, "referencia_externa": "nº café"}), 409)
    for filtro in ("nº cafe\u0301", "nº café\u200b"):
        lista = cliente.get(VENTAS, {"referencia_externa": filtro}).json()["resultados"]
        assert [v["conversion_id"] for v in lista] == [venta["conversion_id"]]
    lote = cliente.enviar(f"{VENTAS}/lote", {"conversiones": [
        {**datos, "referencia_externa": "1", "afiliado_id": "socía\u200b"}, {**datos},
    ]}).json()  # fmt: skip
    assert [r["estado"] for r in lote["resultados"]] == ["registrada", "rechazada"]


@pytest.mark.parametrize(
    ("campo", "cabe", "sobra"),
    [
        ("cupon", "ß" * 32, "ß" * 33), ("cupon", "x\u200b" * 64, "ﬁ" * 33),
        ("cupon", "e\u0301" * 64, "ΐ" * 65),
        ("referencia_externa", "é" * 128, "x" * 129), ("enlace", "\u00ad".join("x" * 64), "x" * 65),
        ("canal_origen", "e\u0301" * 64, "x" * 65),
    ],
)  # fmt: skip
def test_el_largo_es_el_de_la_forma(
    cuerpo: dict[str, Any], campo: str, cabe: str, sobra: str
) -> None:
    """Both sides of the edge, and the good sales of the batch stay."""
    buenas = [{**cuerpo, campo: cabe}, cuerpo]
    respuesta = fabricas.api().enviar(
        f"{VENTAS}/lote", {"conversiones": [buenas[0], {**cuerpo, campo: sobra}, buenas[1]]}
    )
    assert respuesta.status_code == 200, respuesta.content
    estados = [r["estado"] for r in respuesta.json()["resultados"]]
    assert estados == ["registrada", "rechazada", "registrada"]
    malo = respuesta.json()["resultados"][1]["problema"]
    assert (malo["status"], malo["errores"][0]["campo"]) == (400, campo)
    assert Conversion.objects.count() == 2
    # The service says the same to whoever skips the API.
    with pytest.raises(Exception, match="hasta"):
        fabricas.conversion(en=Conversion.objects.all()[0].campana, **{campo: sobra})


@pytest.mark.lento
@settings(max_examples=25)
@given(cupones=st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=64)))
def test_un_lote_de_cualquier_cosa(cupones: list[str]) -> None:
    """No text takes the batch along."""
    afiliado, campana = fabricas.afiliado(), fabricas.campana()
    datos = [
        NuevaConversion(afiliado=afiliado, campana=campana, valor=D(1), cupon=c) for c in cupones
    ]
    resultados = registrar_en_masa(datos=datos, actor=PRUEBAS)
    for cupon, hecho in zip(cupones, resultados, strict=True):
        largo = len(unicodedata.normalize("NFC", cupon.strip().upper()))
        assert isinstance(hecho, Conversion) or largo > 60


def test_la_fila_que_la_base_rechaza_va_sola(
    cuerpo: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the database may refuse that nobody thought of."""
    original = services._registrar_en_masa

    def con_una_mala(datos: Any, actor: Any) -> Any:
        if any(getattr(d, "enlace", "") == "mala" for d in datos):
            raise DataError(1406, "Data too long")
        return original(datos, actor)

    monkeypatch.setattr(services, "_registrar_en_masa", con_una_mala)
    lote = {"conversiones": [cuerpo, {**cuerpo, "enlace": "mala"}, cuerpo]}
    respuesta = fabricas.api().enviar(f"{VENTAS}/lote", lote).json()
    assert [r["estado"] for r in respuesta["resultados"]] == [
        "registrada", "rechazada", "registrada",
    ]  # fmt: skip
    assert respuesta["resultados"][1]["problema"]["status"] == 400


@pytest.mark.parametrize(
    "cantidad",
    [0, -1, 100_001, 1_000_000_000, 8412345678905, "8412345678905", 1.5, "0,5", "1e3", "٣", "+3",
     " 3", "", True, None, [], {}, "dos", 10**30, "0", "1_000"],
)  # fmt: skip
def test_no_es_una_cantidad(cuerpo: dict[str, Any], cantidad: Any) -> None:
    """Nor the bar code that came in its place."""
    cliente = fabricas.api()
    antes = fabricas.foto()
    productos = [{"sku": "a"}, {"sku": "b", "cantidad": cantidad}]
    dicho = problema(cliente.enviar(VENTAS, {**cuerpo, "productos": productos}), 400)
    assert dicho["errores"][0]["campo"] == "productos.1.cantidad"
    assert fabricas.foto() == antes


@pytest.mark.parametrize("clave", ["producto_id", "id", "sku"])
@pytest.mark.parametrize(
    ("nombre", "vale"),
    [("x" * 64, True), ("x" * 65, False), (7, True), (True, False), (10**63, True),
     (10**64, False), (["x"], False)],
)  # fmt: skip
def test_como_se_nombra_un_producto(
    cuerpo: dict[str, Any], clave: str, nombre: Any, vale: bool
) -> None:
    """A text or a whole number, of 64 at most; a wrong one is named with its line."""
    productos = [{"sku": "a"}, {clave: nombre}]
    respuesta = fabricas.api().enviar(VENTAS, {**cuerpo, "productos": productos})
    if vale:
        assert respuesta.status_code == 201, respuesta.content
    else:
        dicho = problema(respuesta, 400)
        assert dicho["errores"][0]["campo"] == f"productos.1.{clave}"


@pytest.mark.parametrize("cantidad", [1, 100_000, "1", "100000", 2.0])
def test_es_una_cantidad(cuerpo: dict[str, Any], cantidad: Any) -> None:
    productos = [{"sku": "b", "cantidad": cantidad}, {"otra": "cosa"}]
    respuesta = fabricas.api().enviar(VENTAS, {**cuerpo, "productos": productos})
    assert respuesta.status_code == 201, respuesta.content


@pytest.mark.parametrize("clave", ["impuesto", "envio", "descuento"])
@pytest.mark.parametrize(
    "valor",
    [
        "20,00",
        -5,
        "-5",
        "-0.01",
        "abc",
        "",
        "1e3",
        "NaN",
        True,
        [],
        {},
        "100000000000",
        "٢٠",
        " 20",
    ],
)
def test_lo_que_lee_el_motor_se_comprueba(cuerpo: dict[str, Any], clave: str, valor: Any) -> None:
    dicho = problema(fabricas.api().enviar(VENTAS, {**cuerpo, "metadatos": {clave: valor}}), 400)
    assert dicho["errores"][0]["campo"] == f"metadatos.{clave}"


@pytest.mark.parametrize("valor", ["20.00", 20, 20.5, "0", 0, None, "1.6667"])
def test_lo_que_el_motor_entiende(cuerpo: dict[str, Any], valor: Any) -> None:
    """And what it does not read is the partner's business."""
    metadatos = {"envio": valor, "nota": "20,00", "peso": -5}
    assert fabricas.api().enviar(VENTAS, {**cuerpo, "metadatos": metadatos}).status_code == 201


@pytest.mark.parametrize("clave", ["producto_id", "id", "sku"])
@pytest.mark.parametrize("valor", [True, [], ["a"], {"a": 1}, "x" * 65])
def test_el_nombre_del_producto(cuerpo: dict[str, Any], clave: str, valor: Any) -> None:
    """One that is cut would be another product's."""
    cuerpo = {**cuerpo, "productos": [{clave: valor}]}
    dicho = problema(fabricas.api().enviar(VENTAS, cuerpo), 400)
    assert dicho["errores"][0]["campo"] == f"productos.0.{clave}"


@pytest.mark.parametrize(
    "cuando",
    ["2026-11-20", "2026-11-20T10:00:00", "２０２６-11-20T10:00:00Z", "2026-11-20T10:00:00+0１:00"],
)
def test_una_fecha_sin_zona(cuerpo: dict[str, Any], cuando: str) -> None:
    """Nobody guesses where it was that time: of a sale, of a refund, in a filter."""
    cliente = fabricas.api()
    dicho = problema(cliente.enviar(VENTAS, {**cuerpo, "ocurrida_en": cuando}), 400)
    assert dicho["errores"][0]["campo"] == "ocurrida_en"
    assert "zona" in dicho["errores"][0]["mensaje"]
    venta = cliente.enviar(VENTAS, cuerpo).json()["conversion_id"]
    devolucion = {"id_externo": "d", "ocurrido_en": cuando}
    dicho = problema(cliente.enviar(f"{VENTAS}/{venta}/devoluciones", devolucion), 400)
    assert dicho["errores"][0]["campo"] == "ocurrido_en"
    dicho = problema(cliente.get(VENTAS, {"desde": cuando}), 400)
    assert dicho["errores"][0]["campo"] == "desde"
    buena = {**cuerpo, "ocurrida_en": hace(days=1).isoformat()}
    assert cliente.enviar(VENTAS, buena).status_code == 201
