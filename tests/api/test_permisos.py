"""Who may see and do what: every endpoint × every kind of key."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import get_resolver

from afiliados.afiliado.services import suspender_afiliado
from afiliados.claves.models import ALCANCES_DE_AFILIADO
from afiliados.claves.services import buscar_clave, revocar_clave
from alpespartner.comun.errores import DatoInvalido
from comisiones.pagos.pago.envio import ejecutar_pago
from conversiones.inscripciones.services import invitar, publicar_terminos
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI, problema

pytestmark = pytest.mark.django_db

# method, path, scope, body that works; {…} are public ids of one affiliate's objects.
PUNTOS: list[tuple[str, str, str, dict[str, Any]]] = [
    ("GET", "/api/v1/afiliados", "afiliados:leer", {}),
    ("GET", "/api/v1/afiliados/{af}", "afiliados:leer", {}),
    ("POST", "/api/v1/afiliados", "afiliados:escribir", {"nombre": "A", "email": "a@b.co"}),
    ("POST", "/api/v1/afiliados/lote", "afiliados:escribir", {"afiliados": [{}]}),
    ("PATCH", "/api/v1/afiliados/{af}", "afiliados:cambiar", {"nombre": "A"}),
    ("PUT", "/api/v1/afiliados/{af}", "afiliados:cambiar",
     {"nombre": "A", "email": "a@b.co", "motivo": "m"}),
    ("POST", "/api/v1/afiliados/{pend}/activar", "afiliados:estado", {}),
    ("POST", "/api/v1/afiliados/{af}/suspender", "afiliados:estado", {"motivo": "m"}),
    ("POST", "/api/v1/afiliados/{af}/bloquear", "afiliados:estado", {"motivo": "m"}),
    ("POST", "/api/v1/afiliados/{susp}/reactivar", "afiliados:estado", {"motivo": "m"}),
    ("POST", "/api/v1/afiliados/{susp}/cerrar", "afiliados:estado", {"motivo": "m"}),
    ("GET", "/api/v1/campanas", "campanas:leer", {}),
    ("GET", "/api/v1/campanas/{camp}", "campanas:leer", {}),
    ("GET", "/api/v1/campanas/{con}/terminos", "campanas:leer", {}),
    ("GET", "/api/v1/campanas/{con}/inscripciones", "campanas:leer", {}),
    ("POST", "/api/v1/campanas/{con}/inscripciones", "inscripciones:escribir",
     {"afiliado_id": "{otro}"}),
    ("GET", "/api/v1/campanas/{con}/inscripciones/{insc}", "campanas:leer", {}),
    ("POST", "/api/v1/campanas/{con}/inscripciones/{inv}/aprobar", "inscripciones:decidir", {}),
    ("POST", "/api/v1/campanas/{con}/inscripciones/{inv}/rechazar", "inscripciones:decidir",
     {"motivo": "m"}),
    ("POST", "/api/v1/campanas/{con}/inscripciones/{insc}/retirar", "inscripciones:escribir",
     {"motivo": "m"}),
    ("GET", "/api/v1/conversiones/metricas", "comisiones:leer", {}),
    ("GET", "/api/v1/comisiones/estadisticas", "comisiones:leer", {}),
    ("GET", "/api/v1/comisiones/reportes", "comisiones:leer", {}),
    ("GET", "/api/v1/conversiones", "conversiones:leer", {}),
    ("GET", "/api/v1/conversiones/{conv}", "conversiones:leer", {}),
    ("PATCH", "/api/v1/conversiones/{conv2}", "conversiones:cambiar", {"metadatos": {}}),
    ("PUT", "/api/v1/conversiones/{conv2}", "conversiones:cambiar", {"valor_conversion": 100}),
    ("POST", "/api/v1/conversiones/lote", "conversiones:escribir",
     {"conversiones": [{"afiliado_id": "{af}", "valor_conversion": 1}]}),
    ("POST", "/api/v1/conversiones", "conversiones:escribir",
     {"afiliado_id": "{af}", "valor_conversion": 1}),
    ("POST", "/api/v1/conversiones/{conv}/devoluciones", "conversiones:devolver",
     {"id_externo": "dev-1"}),
    ("POST", "/api/v1/devoluciones/lote", "conversiones:devolver",
     {"devoluciones": [{"conversion_id": "x", "id_externo": "dev-1"}]}),
    ("GET", "/api/v1/conversiones/{conv}/atribucion", "conversiones:leer", {}),
    ("POST", "/api/v1/conversiones/{libre}/asignar", "conversiones:asignar",
     {"afiliado_id": "{af}", "motivo": "m"}),
    ("POST", "/api/v1/conversiones/{conv}/reasignar", "conversiones:reasignar",
     {"afiliado_id": "{otro}", "motivo": "m"}),
    ("POST", "/api/v1/clientes", "conversiones:escribir", {"cliente_ref": "c-1"}),
    ("GET", "/api/v1/enlaces", "enlaces:leer", {}),
    ("GET", "/api/v1/enlaces/{enl}", "enlaces:leer", {}),
    ("GET", "/api/v1/enlaces/{enl}/qr", "enlaces:leer", {}),
    ("POST", "/api/v1/enlaces", "enlaces:escribir", {"afiliado_id": "{af}"}),
    ("POST", "/api/v1/enlaces/{enl}/retirar", "enlaces:escribir", {"motivo": "m"}),
    ("GET", "/api/v1/cupones", "cupones:leer", {}),
    ("GET", "/api/v1/cupones/{cup}", "cupones:leer", {}),
    ("POST", "/api/v1/cupones", "cupones:escribir", {"afiliado_id": "{af}", "codigo": "otro"}),
    ("POST", "/api/v1/cupones/{cup}/retirar", "cupones:escribir", {"motivo": "m"}),
    ("GET", "/api/v1/comisiones", "comisiones:leer", {}),
    ("GET", "/api/v1/comisiones/{com}", "comisiones:leer", {}),
    ("GET", "/api/v1/afiliados/{af}/extracto?mes=2024-01", "comisiones:leer", {}),
    ("GET", "/api/v1/comisiones/{com}/explicacion", "comisiones:leer", {}),
    ("GET", "/api/v1/pagos", "pagos:leer", {}),
    ("GET", "/api/v1/pagos/{pago}", "pagos:leer", {}),
    ("GET", "/api/v1/pagos/{pago}/remesa", "pagos:leer", {}),
    ("GET", "/api/v1/liquidaciones", "pagos:leer", {}),
    ("GET", "/api/v1/liquidaciones/{liq}", "pagos:leer", {}),
    ("GET", "/api/v1/liquidaciones/{liq}/documento", "pagos:leer", {}),
    ("POST", "/api/v1/comisiones", "comisiones:escribir",
     {"afiliado_id": "{af}", "conversion_id": "{conv2}"}),
    ("POST", "/api/v1/comisiones/lote/aprobar", "comisiones:aprobar", {"comisiones": [{}]}),
    ("POST", "/api/v1/comisiones/lote/rechazar", "comisiones:aprobar", {"comisiones": [{}]}),
    ("POST", "/api/v1/comisiones/{com}/aprobar", "comisiones:aprobar", {}),
    ("POST", "/api/v1/comisiones/{com}/rechazar", "comisiones:aprobar", {"motivo": "m"}),
    ("POST", "/api/v1/comisiones/{apr}/devolver", "comisiones:aprobar", {"motivo": "m"}),
    ("POST", "/commissions/calculate", "comisiones:escribir",
     {"conversionId": "v", "affiliateId": "{af}", "grossAmount": 1}),
    ("POST", "/commissions/approve", "comisiones:aprobar", {"commissionId": "{com}"}),
    ("GET", "/commissions/by-conversion/{conv}", "comisiones:leer", {}),
    ("GET", "/debug/outbox", "outbox:leer", {}),
    ("GET", "/api/v1/eventos", "eventos:leer", {}),
]  # fmt: skip
# Nobody's key opens these: what comes is signed.
# tests/comisiones/pagos/conciliacion/test_avisos.py has who may.
SIN_CLAVE = {"/api/v1/avisos/stripe"}
# No live key does this: tests/pruebas/test_vaciado.py has who may.
DE_PRUEBA = {"/api/v1/pruebas"}
# Each is of the holder who made it, or of an affiliate from the first: tests/api/test_webhooks.py,
# test_postbacks.py and test_claves.py have who may.
DE_TITULAR = ("api/v1/webhooks", "api/v1/postbacks", "api/v1/claves")
IDS = [f"{metodo} {ruta}" for metodo, ruta, _a, _c in PUNTOS]


@pytest.fixture(scope="module")
def ids(una_vez: Any) -> dict[str, str]:
    """One affiliate with one of everything."""
    de_todo: dict[str, str] = una_vez(_de_todo)
    return de_todo


def _de_todo() -> dict[str, str]:
    campana = fabricas.campana(predeterminada=True, pagina="https://tienda.example/")
    afiliado = fabricas.afiliado()
    comision = fabricas.comision(de=afiliado, en=campana)
    pago = fabricas.pago(de=afiliado, en=campana)
    ejecutar_pago(pago_pk=pago.pk, actor=fabricas.PRUEBAS)
    inscripcion = fabricas.inscripcion(de=afiliado)
    con = inscripcion.campana
    publicar_terminos(campana=con, texto="t", actor=fabricas.ANA)
    return {
        "con": con.id_publico, "insc": inscripcion.id_publico,
        "inv": invitar(
            campana=con, afiliado=fabricas.afiliado(email="i@b.co"), actor=fabricas.ANA
        ).id_publico,
        "pago": pago.id_publico,
        "pend": fabricas.afiliado(activo=False).id_publico,
        "susp": suspender_afiliado(
            afiliado=fabricas.afiliado(), actor=ANA, motivo="m"
        ).id_publico,
        "libre": fabricas.sin_atribuir(en=campana).id_publico,
        "enl": fabricas.enlace(de=afiliado, en=campana).id_publico,
        "cup": fabricas.cupon("DIEZ", de=afiliado).id_publico,
        "af": afiliado.id_publico, "camp": campana.id_publico, "com": comision.id_publico,
        "conv": comision.conversion.id_publico,
        "liq": fabricas.liquidacion(de=afiliado, en=campana).id_publico,
        "otro": fabricas.afiliado(email="otro@example.com").id_publico,
        "apr": fabricas.aprobada(de=afiliado, en=campana).id_publico,
        "conv2": fabricas.conversion(de=afiliado, en=campana).id_publico,
    }  # fmt: skip


def llamar(api: ClienteAPI, punto: tuple[str, str, str, dict[str, Any]], ids: Any) -> Any:
    """One request of the table."""
    metodo, ruta, _alcance, cuerpo = punto
    ruta = ruta.format_map(ids)
    if metodo == "GET":
        return api.get(ruta)
    lleno = {k: v.format_map(ids) if isinstance(v, str) else v for k, v in cuerpo.items()}
    if metodo == "POST":
        return api.enviar(ruta, lleno)
    return api.cambiar(ruta, lleno, metodo=metodo, If_Match="*")


def test_la_tabla_esta_entera() -> None:
    """A new endpoint must join the table, or nobody checks who may use it."""
    rutas = set()
    for patron in get_resolver().url_patterns:
        for uno in getattr(patron, "url_patterns", [patron]):
            ruta = f"/{patron.pattern if uno is not patron else ''}{uno.pattern}"
            rutas.add(ruta)
    api = {r for r in rutas if r.startswith(("/api/", "/commissions", "/debug"))}

    def forma(ruta: str) -> str:
        return "/".join("*" if p[:1] in "<{" else p for p in ruta.split("/") if p)

    puntos = {forma(ruta.partition("?")[0]) for _m, ruta, _a, _c in PUNTOS}
    formas = {f for f in map(forma, api) if not f.startswith(DE_TITULAR)}
    assert formas == puntos | {forma(r) for r in SIN_CLAVE | DE_PRUEBA}


@pytest.mark.parametrize("punto", PUNTOS, ids=IDS)
def test_su_alcance_basta(punto: Any, ids: dict[str, str]) -> None:
    """The scope that the documentation names is the one that works."""
    assert llamar(fabricas.api([punto[2]]), punto, ids).status_code in (200, 201, 202)


@pytest.mark.parametrize("punto", PUNTOS, ids=IDS)
def test_los_demas_alcances_no_bastan(punto: Any, ids: dict[str, str]) -> None:
    """All the others together are a 403, and nothing is written."""
    api = fabricas.api([a for a in fabricas.TODOS_LOS_ALCANCES if a != punto[2]])
    antes = fabricas.foto()
    cuerpo = problema(llamar(api, punto, ids), 403, "sin_permiso")
    assert punto[2] in cuerpo["detail"]
    assert fabricas.foto() == antes


def _revocada() -> str:
    texto = fabricas.clave()
    clave = buscar_clave(texto)
    assert clave is not None
    revocar_clave(clave=clave, actor=ANA)
    return texto


def _alterada() -> str:
    texto = fabricas.clave()
    return texto[:-1] + ("A" if texto[-1] != "A" else "B")


CLAVES_MALAS = {
    "revocada": _revocada,
    "caducada": lambda: fabricas.clave(expira_en=fabricas.hace(seconds=1)),
    "alterada": _alterada,
    "de otro id": lambda: f"ap_{'0' * 12}_{fabricas.clave()[16:]}",
    "no es": lambda: "ap_x",
    "vacia": lambda: " ",
    "rara": lambda: "ap_ñ\u2028",
}


@pytest.mark.lento
@pytest.mark.parametrize("punto", PUNTOS, ids=IDS)
def test_sin_clave_o_con_una_mala(punto: Any, ids: dict[str, str]) -> None:
    """401 with the way to authenticate, and nothing is written or told."""
    claves = {nombre: hacer() for nombre, hacer in CLAVES_MALAS.items()}
    antes = fabricas.foto()
    respuesta = llamar(ClienteAPI(), punto, ids)
    problema(respuesta, 401, "sin_clave")
    assert respuesta["WWW-Authenticate"] == "Bearer"
    for nombre, texto in claves.items():
        respuesta = llamar(ClienteAPI(texto), punto, ids)
        assert problema(respuesta, 401, "clave_invalida"), nombre
    assert fabricas.foto() == antes


def test_solo_bearer(ids: dict[str, str]) -> None:
    """The scheme is part of the credential; its case is not."""
    clave = fabricas.clave()
    for esquema, estado in (("bearer", 200), ("BEARER", 200), ("Basic", 401), ("Token", 401)):
        cliente = ClienteAPI()
        cabeceras = {"Authorization": f"{esquema} {clave}"}
        assert cliente.get("/api/v1/afiliados", headers=cabeceras).status_code == estado


@pytest.mark.parametrize("punto", [p for p in PUNTOS if p[0] == "GET"], ids=lambda p: p[1])
def test_clave_de_un_afiliado(punto: Any, ids: dict[str, str]) -> None:
    """Its own objects; somebody else's do not exist; lists hold only its own."""
    if punto[1] == "/debug/outbox":
        api = fabricas.api(["comisiones:leer"], de=_afiliado(ids))
        problema(llamar(api, punto, ids), 403)
        return
    suya = fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=_afiliado(ids))
    respuesta = llamar(suya, punto, ids)
    assert respuesta.status_code == 200
    ajeno = fabricas.afiliado()
    ajena = fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=ajeno)
    respuesta = llamar(ajena, punto, ids)
    if "campanas" in punto[1] and "{insc}" not in punto[1]:
        assert respuesta.status_code == 200
    elif "{" in punto[1]:
        problema(respuesta, 404, "no_encontrado")
    elif "grupos" in respuesta.json():
        assert respuesta.json()["grupos"] == []
    elif punto[1].endswith("eventos"):
        assert {e["subject"] for e in respuesta.json()["resultados"]} <= {ajeno.id_publico}
    else:
        esperados = [ajeno.id_publico] if punto[1].endswith("afiliados") else []
        assert [f["afiliado_id"] for f in respuesta.json()["resultados"]] == esperados


def _afiliado(ids: dict[str, str]) -> Any:
    from afiliados.afiliado.models import Afiliado

    return Afiliado.objects.get(id_publico=ids["af"])


# What an affiliate's key writes: its links, and in which campaigns it wants to be.
DE_LO_SUYO = ("enlaces:escribir", "inscripciones:escribir")


@pytest.mark.parametrize("punto", [p for p in PUNTOS if p[2] == "enlaces:escribir"])
def test_un_afiliado_escribe_sus_enlaces(punto: Any, ids: dict[str, str]) -> None:
    """Its own, and nobody else's: those do not exist, nor does their affiliate."""
    assert llamar(fabricas.api([punto[2]], de=_afiliado(ids)), punto, ids).status_code in (200, 201)
    ajena = fabricas.api([punto[2]], de=fabricas.afiliado())
    antes = fabricas.foto()
    assert llamar(ajena, punto, ids).status_code in (404, 422)
    assert fabricas.foto() == antes


@pytest.mark.parametrize(
    "punto",
    [p for p in PUNTOS if p[0] == "POST" and p[2] not in DE_LO_SUYO],
    ids=lambda p: p[1],
)
def test_un_afiliado_no_escribe(punto: Any, ids: dict[str, str]) -> None:
    """What it earns is decided by others: no other scope of its keys writes."""
    api = fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=_afiliado(ids))
    antes = fabricas.foto()
    problema(llamar(api, punto, ids), 403)
    assert fabricas.foto() == antes
    with pytest.raises(DatoInvalido):
        fabricas.clave([punto[2]], de=_afiliado(ids))


def test_un_filtro_no_ensena_lo_ajeno(ids: dict[str, str]) -> None:
    """Filtering by somebody else's id is an empty list."""
    ajena = fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=fabricas.afiliado())
    for recurso in ("conversiones", "comisiones"):
        lista = ajena.get(f"/api/v1/{recurso}?afiliado_id={ids['af']}").json()["resultados"]
        assert lista == []


def test_un_afiliado_no_ve_borradores() -> None:
    """A campaign being prepared is nobody else's business."""
    borrador = fabricas.campana(activa=False)
    suya = fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=fabricas.afiliado())
    problema(suya.get(f"/api/v1/campanas/{borrador.id_publico}"), 404)
    vistas = [una["campana_id"] for una in suya.get("/api/v1/campanas").json()["resultados"]]
    assert borrador.id_publico not in vistas
    assert fabricas.api().get(f"/api/v1/campanas/{borrador.id_publico}").status_code == 200
