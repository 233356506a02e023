"""Bad input: each a 4xx that names the field, never a 500, and nothing is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from afiliados.afiliado.services import bloquear_afiliado, cerrar_afiliado, suspender_afiliado
from conversiones.campanas.models import Campana
from conversiones.campanas.services import finalizar_campana, pausar_campana
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI, problema

pytestmark = pytest.mark.django_db


class Crudo(str):
    """JSON text that goes into the document as it is."""


MONTOS_MALOS: list[Any] = [
    -1, "-1", "-0.01", 0, "0", "0.00", -0.0, Crudo("1e400"), Crudo("1e-400"), Crudo("-1e400"),
    Crudo("NaN"), Crudo("Infinity"), Crudo("-Infinity"), Crudo("0.12345"), "0.12345",
    Crudo("1e15"), "100000000000", 10**400, "1e5", "1E5", "NaN",
    "Infinity", "abc", "", " ", "1,5", "0x10", "١٢", "1\x00", "\ud800", True, False, None, [], {},
    [1], {"a": 1}, "9" * 300,
]  # fmt: skip
PORCENTAJES_MALOS = [-1, "-0.0001", 101, "100.0001", Crudo("1e400"), "1e1", True, "x", [], "5%"]
IDS_MALOS: list[Any] = [
    "x" * 300, "", "  ", "\x00", "a\x00b", "\ud800", "a\udfff", True, [], {}, ["a"], None,
]  # fmt: skip
MONEDAS_MALAS: list[Any] = [
    "usd", "US", "USDT", "XXX", "XAU", "ZZZ", "", "x" * 300, "\x00\x00\x00", "\ud800aa", 840,
    True, None, [],
]  # fmt: skip
FECHAS_MALAS: list[Any] = [
    "ayer", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00",
    "9999-12-31T23:59:59Z", "1980-01-01T00:00:00Z", 5, True, [], "\ud800",
]  # fmt: skip
TIPOS_MALOS: list[Any] = ["otra", "", "\x00", "\ud800", 1, True, [], {}, None]

AFILIADO: dict[str, Any] = {"nombre": "Ada", "email": "ada@example.com"}
CAMPOS: list[tuple[str, str, list[Any]]] = [
    ("afiliados", "nombre", [*IDS_MALOS, "x" * 201]),
    ("afiliados", "email", [*IDS_MALOS, "a", "a@", "@b.co", "a b@c.co", 1]),
    ("afiliados", "tipo_afiliado", TIPOS_MALOS),
    ("afiliados", "nivel", TIPOS_MALOS),
    ("afiliados", "documento_numero", ["x" * 33, "\x00", "\ud800", True, None]),
    ("afiliados", "telefono", ["x" * 33, "\x00", "\ud800", True, None]),
    ("afiliados", "referencia_externa", ["x" * 65, *IDS_MALOS]),
    ("afiliados", "referente", ["x" * 65, "af_no", *IDS_MALOS]),
    ("afiliados", "configuracion_comisiones", [1, "x", [], True]),
    ("afiliados", "configuracion_comisiones.comision_base", PORCENTAJES_MALOS),
    ("afiliados", "configuracion_comisiones.comision_premium", PORCENTAJES_MALOS),
    ("afiliados", "configuracion_comisiones.comision_fija",
     [m for m in MONTOS_MALOS if m is not None]),
    ("afiliados", "configuracion_comisiones.minimo_pago",
     [m for m in MONTOS_MALOS if m is not None]),
    ("afiliados", "configuracion_comisiones.moneda", MONEDAS_MALAS),
    ("conversiones", "afiliado_id", ["af_no", *IDS_MALOS]),
    ("conversiones", "valor_conversion", [*MONTOS_MALOS, "0.001", Crudo("10.005")]),
    ("conversiones", "moneda", MONEDAS_MALAS),
    ("conversiones", "tipo_conversion", TIPOS_MALOS),
    ("conversiones", "campana_id", ["camp_no", *IDS_MALOS]),
    ("conversiones", "referencia_externa", ["x" * 129, *IDS_MALOS]),
    ("conversiones", "canal_origen", ["x" * 65, "\x00", "\ud800", True, None, []]),
    ("conversiones", "cupon", ["x" * 65, "\x00", "\ud800", True, None, []]),
    ("conversiones", "enlace", ["x" * 65, "\x00", "\ud800", True, None, []]),
    ("conversiones", "ocurrida_en", FECHAS_MALAS),
    ("conversiones", "productos", [1, "x", {}, [1], [[]], [{}] * 101, [{"a": "\x00"}]]),
    ("conversiones", "metadatos",
     [1, "x", [], {"a": "\x00"}, {"a": "\ud800"}, {"\ud800": 1}, {"a": "x" * 20_000}]),
    ("comisiones", "afiliado_id", ["af_no", *IDS_MALOS]),
    ("comisiones", "conversion_id", ["conv_no", *IDS_MALOS]),
    ("comisiones", "tipo_comision", TIPOS_MALOS),
    ("comisiones", "porcentaje", PORCENTAJES_MALOS),
    ("calculate", "conversionId", ["x" * 129, *IDS_MALOS]),
    ("calculate", "affiliateId", ["af_no", *IDS_MALOS]),
    ("calculate", "campaignId", ["camp_no", *IDS_MALOS]),
    ("calculate", "currency", MONEDAS_MALAS),
    ("calculate", "grossAmount", [*MONTOS_MALOS, "0.001"]),
    ("approve", "commissionId", IDS_MALOS),
]  # fmt: skip
RUTAS = {
    "afiliados": "/api/v1/afiliados", "conversiones": "/api/v1/conversiones",
    "comisiones": "/api/v1/comisiones", "calculate": "/commissions/calculate",
    "approve": "/commissions/approve",
}  # fmt: skip


@pytest.fixture(scope="module")
def mundo(una_vez: Any) -> dict[str, dict[str, Any]]:
    """A good body for each endpoint."""
    cuerpos: dict[str, dict[str, Any]] = una_vez(_cuerpos)
    return cuerpos


def _cuerpos() -> dict[str, dict[str, Any]]:
    campana = fabricas.campana(predeterminada=True)
    venta = fabricas.conversion(en=campana)
    comision = fabricas.comision(en=campana)
    afiliado = venta.afiliado.id_publico
    return {
        "afiliados": AFILIADO,
        "conversiones": {"afiliado_id": afiliado, "valor_conversion": "10"},
        "comisiones": {
            "afiliado_id": afiliado, "conversion_id": venta.id_publico,
            "tipo_comision": "porcentual", "porcentaje": "5",
        },
        "calculate": {"conversionId": "v-1", "affiliateId": afiliado, "grossAmount": "10"},
        "approve": {"commissionId": comision.id_publico},
    }  # fmt: skip


def documento(cuerpo: dict[str, Any], campo: str, valor: Any) -> bytes:
    """The good body with one bad field."""
    cuerpo = json.loads(json.dumps(cuerpo))
    destino = cuerpo
    *padres, ultimo = campo.split(".")
    for padre in padres:
        destino = destino.setdefault(padre, {})
    marca = "@@crudo@@"
    destino[ultimo] = marca if isinstance(valor, Crudo) else valor
    return json.dumps(cuerpo).replace(f'"{marca}"', str(valor)).encode()


@pytest.mark.parametrize(
    ("recurso", "campo", "valores"), CAMPOS, ids=[f"{r}-{c}" for r, c, _v in CAMPOS]
)
def test_campo_malo(
    recurso: str, campo: str, valores: list[Any], mundo: dict[str, dict[str, Any]]
) -> None:
    """One field at a time, with and without Idempotency-Key."""
    api = fabricas.api()
    antes = fabricas.foto()
    for indice, valor in enumerate(valores):
        crudo = documento(mundo[recurso], campo, valor)
        cabeceras = {"Idempotency_Key": f"k-{indice}"} if indice % 2 else {}
        respuesta = api.enviar(RUTAS[recurso], crudo, **cabeceras)
        assert respuesta.status_code in (400, 422), (valor, respuesta.content)
        cuerpo = problema(respuesta, respuesta.status_code)
        campos = [e["campo"] for e in cuerpo["errores"]]
        assert any(c == campo or c.startswith(f"{campo}.") for c in campos), (valor, cuerpo)
    assert fabricas.foto() == antes


@pytest.mark.parametrize("recurso", RUTAS)
def test_falta_todo_o_sobra_algo(recurso: str, mundo: dict[str, dict[str, Any]]) -> None:
    """Missing fields and misspelt ones are named."""
    api = fabricas.api()
    antes = fabricas.foto()
    opcionales = {"tipo_comision", "porcentaje"}
    # Of a sale that names nobody it is found out whose it is.
    opcionales |= {"afiliado_id"} if recurso == "conversiones" else set()
    obligatorios = [c for c in mundo[recurso] if c not in opcionales]
    cuerpo = problema(api.enviar(RUTAS[recurso], {}), 400, "datos_invalidos")
    assert {e["campo"] for e in cuerpo["errores"]} == set(obligatorios)
    for sobra in ("monedaa", "estado", "id", "\ud800", "\x00", "x" * 300):
        cuerpo = problema(api.enviar(RUTAS[recurso], {**mundo[recurso], sobra: 1}), 400)
        [error] = cuerpo["errores"]
        assert error["codigo"] == "campo_desconocido"
        assert error["campo"] == sobra[:64].replace("\ud800", "?")
    assert fabricas.foto() == antes


DOCUMENTOS = [
    b"{", b"", b"nada", b"[]", b"[1]", b'"x"', b"1", b"true", b"null", b"NaN", b'{"a":NaN}',
    b"\xff", '{"a":1}'.encode("utf-16"), b"[" * 100_000, b'{"a":' * 900 + b"1" + b"}" * 900,
    b'{"valor_conversion":' + b"9" * 5000 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("recurso", RUTAS)
def test_no_es_un_objeto_json(recurso: str) -> None:
    """Malformed documents, and well-formed ones that are no object."""
    api = fabricas.api()
    antes = fabricas.foto()
    for crudo in DOCUMENTOS:
        problema(api.enviar(RUTAS[recurso], crudo), 400)
        problema(api.enviar(RUTAS[recurso], crudo, Idempotency_Key="k"), 400)
    for tipo, estado in (
        ("text/plain", 415), ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415), ("nada", 415), ("application/xml", 415),
    ):  # fmt: skip
        problema(api.post(RUTAS[recurso], b"a=1", content_type=tipo), estado)
    grande = json.dumps({"nombre": "x" * 1_100_000}).encode()
    problema(api.enviar(RUTAS[recurso], grande), 413, "peticion_demasiado_grande")
    assert fabricas.foto() == antes


@pytest.mark.parametrize("moneda", ["JPY", "KWD", "COP"])
def test_mas_decimales_que_la_moneda(moneda: str, mundo: dict[str, dict[str, Any]]) -> None:
    """What the currency cannot hold is refused, not rounded."""
    de_mas = {"JPY": "10.5", "KWD": "10.0005", "COP": "10.005"}[moneda]
    api = fabricas.api()
    antes = fabricas.foto()
    for recurso, monto, divisa in (
        ("conversiones", "valor_conversion", "moneda"), ("calculate", "grossAmount", "currency"),
    ):  # fmt: skip
        cuerpo = {**mundo[recurso], monto: de_mas, divisa: moneda}
        problema(api.enviar(RUTAS[recurso], cuerpo), 400, "demasiado_preciso")
    tarifa = {"comision_fija": de_mas, "moneda": moneda}
    cuerpo = {**AFILIADO, "configuracion_comisiones": tarifa}
    problema(api.enviar(RUTAS["afiliados"], cuerpo), 400, "demasiado_preciso")
    assert fabricas.foto() == antes


SITUACIONES = {
    "suspendido": ("afiliado", lambda a, _c: suspender_afiliado(afiliado=a, actor=ANA, motivo="m")),
    "bloqueado": ("afiliado", lambda a, _c: bloquear_afiliado(afiliado=a, actor=ANA, motivo="m")),
    "cerrado": ("afiliado", lambda a, _c: cerrar_afiliado(
        afiliado=suspender_afiliado(afiliado=a, actor=ANA, motivo="m"), actor=ANA, motivo="m")),
    "pausada": ("campana", lambda _a, c: pausar_campana(campana=c, actor=ANA, motivo="m")),
    "finalizada": ("campana", lambda _a, c: finalizar_campana(campana=c, actor=ANA, motivo="m")),
}  # fmt: skip


@pytest.mark.parametrize("situacion", SITUACIONES)
@pytest.mark.parametrize("recurso", ["conversiones", "calculate"])
def test_quien_no_admite_conversiones(recurso: str, situacion: str) -> None:
    """Suspended, blocked, closed, paused, finished: 422 with the field and the state."""
    culpable, preparar = SITUACIONES[situacion]
    afiliado, campana = fabricas.afiliado(), fabricas.campana()
    preparar(afiliado, campana)
    api = fabricas.api()
    antes = fabricas.foto()
    cuerpo: dict[str, Any] = {
        "conversiones": {"afiliado_id": afiliado.id_publico, "campana_id": campana.id_publico,
                         "valor_conversion": 1},
        "calculate": {"affiliateId": afiliado.id_publico, "campaignId": campana.id_publico,
                      "grossAmount": 1, "conversionId": "v"},
    }[recurso]  # fmt: skip
    codigo = f"{culpable}_no_admitid{'a' if culpable == 'campana' else 'o'}"
    dicho = problema(api.enviar(RUTAS[recurso], cuerpo), 422, codigo)
    assert situacion in dicho["detail"]
    campo = {"conversiones": f"{culpable}_id", "calculate": _VIEJOS[culpable]}[recurso]
    assert dicho["errores"][0]["campo"] == campo
    assert fabricas.foto() == antes


_VIEJOS = {"afiliado": "affiliateId", "campana": "campaignId"}


def test_sin_campana_predeterminada() -> None:
    """422 that says so, not a sale in any campaign."""
    cuerpo = {"afiliado_id": fabricas.afiliado().id_publico, "valor_conversion": 1}
    fabricas.campana()
    Campana.objects.update(predeterminada=None)
    respuesta = fabricas.api().enviar(RUTAS["conversiones"], cuerpo)
    problema(respuesta, 422, "sin_campana_predeterminada")


def test_terminos_incoherentes(mundo: dict[str, dict[str, Any]]) -> None:
    """Exactly the term that the type asks for."""
    api = fabricas.api()
    base = {k: mundo["comisiones"][k] for k in ("afiliado_id", "conversion_id")}
    antes = fabricas.foto()
    for terminos in (
        {"porcentaje": 5}, {"monto_fijo": 5}, {"tipo_comision": "fija"},
        {"tipo_comision": "porcentual"}, {"tipo_comision": "fija", "porcentaje": 5},
        {"tipo_comision": "porcentual", "monto_fijo": 5},
        {"tipo_comision": "fija", "monto_fijo": 5, "porcentaje": 5},
        {"tipo_comision": "fija", "monto_fijo": "5.001"},
    ):  # fmt: skip
        problema(api.enviar(RUTAS["comisiones"], {**base, **terminos}), 400)
    ajena = {**base, "afiliado_id": fabricas.afiliado().id_publico}
    antes = fabricas.foto()
    problema(api.enviar(RUTAS["comisiones"], ajena), 422, "conversion_desconocida")
    assert fabricas.foto() == antes


def test_direcciones_y_metodos() -> None:
    """Whatever is not there is a 404, and whatever it does not do a 405: as problems."""
    api = fabricas.api()
    for ruta in (
        "/nada",
        "/api/v1/nada",
        "/api/v1/afiliados/",
        "/api/v2/afiliados",
        "/commissions",
    ):
        for cliente in (api, ClienteAPI()):
            problema(cliente.get(ruta), 404, "no_encontrado")
            problema(cliente.enviar(ruta, {}), 404, "no_encontrado")
    for ruta in (
        "/api/v1/afiliados/%00", "/api/v1/comisiones/..%2f", f"/api/v1/afiliados/{'x' * 3000}",
        "/commissions/by-conversion/%ED%A0%80", "/api/v1/conversiones/🙂",
    ):  # fmt: skip
        problema(api.get(ruta), 404, "no_encontrado")
    for metodo, ruta in (
        ("put", "/api/v1/afiliados"), ("delete", "/api/v1/afiliados/af_1"),
        ("delete", "/api/v1/conversiones/conv_1"), ("post", "/api/v1/campanas"),
        ("post", "/api/v1/comisiones/com_1"), ("get", "/commissions/calculate"),
        ("get", "/commissions/approve"), ("post", "/commissions/by-conversion/x"),
        ("get", "/api/v1/comisiones/com_1/aprobar"), ("delete", "/debug/outbox"),
    ):  # fmt: skip
        problema(getattr(api, metodo)(ruta), 405, "metodo_no_admitido")
    respuesta = api.get("/api/v1/afiliados", headers={"Accept": "text/csv"})
    problema(respuesta, 406, "formato_no_disponible")
