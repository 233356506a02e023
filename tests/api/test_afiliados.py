"""``PUT /api/v1/afiliados/{id}`` and the steps of an affiliate's life over the API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ALCANCES_DE_AFILIADO
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Propuesta
from tests import fabricas
from tests.fabricas import ClienteAPI, problema

pytestmark = pytest.mark.django_db
TODO = {
    "nombre": "Zoe", "email": "zoe@example.com", "telefono": "+57 1", "documento_tipo": "NIT",
    "documento_numero": "800.197.268-4", "tipo_afiliado": "premium", "nivel": "oro",
    "configuracion_comisiones": {
        "comision_base": "10", "comision_premium": "12", "minimo_pago": "20", "moneda": "USD",
    },
}  # fmt: skip


def poner(api: ClienteAPI, de: Afiliado, cuerpo: dict[str, Any]) -> Any:
    return api.put(ruta(de), json.dumps(cuerpo), content_type="application/json")


def ruta(de: Afiliado, paso: str = "") -> str:
    return f"/api/v1/afiliados/{de.id_publico}{paso}"


def test_entero() -> None:
    """What is said it has, what is left out it has no more; the same again is nothing."""
    api = fabricas.api()
    suyo = fabricas.afiliado(idioma="en", resumen="semanal", referencia_externa="z")
    hecho = poner(api, suyo, {**TODO, "motivo": "Acuerdo"})
    assert hecho.status_code == 200, hecho.content
    dicho = hecho.json()
    assert (dicho["documento_tipo"], dicho["documento_pais"], dicho["documento_numero"]) == (
        "NIT", "CO", "800197268",
    )  # fmt: skip
    assert dicho["configuracion_comisiones"]["minimo_pago"] == "20.00"
    assert api.get(ruta(suyo)).json() == dicho
    antes = fabricas.foto()
    assert poner(api, suyo, TODO).json() == dicho
    assert fabricas.foto() == antes
    minimo = poner(api, suyo, {"nombre": "Zoe", "email": "z@example.com", "motivo": "m"}).json()
    assert (minimo["telefono"], minimo["documento_numero"], minimo["referencia_externa"]) == (
        "", None, "z",
    )  # fmt: skip
    assert (minimo["nivel"], minimo["idioma"]) == ("bronce", "en")
    suyo.refresh_from_db()
    assert suyo.resumen == "semanal"


def test_con_fecha_y_lo_que_espera_a_otra_persona(settings: Any) -> None:
    """202 while another person has to confirm; what is for later is not yet."""
    api, suyo, jefa = fabricas.api(), fabricas.afiliado(), fabricas.afiliado()
    cuerpo = {"nombre": "Zoe", "email": "zoe@example.com", "configuracion_comisiones": {
        "comision_base": "10", "moneda": "USD"}, "motivo": "m"}  # fmt: skip
    assert poner(api, suyo, cuerpo).status_code == 200
    luego = (timezone.now() + timedelta(days=2)).isoformat()
    dicho = poner(api, suyo, {**cuerpo, "idioma": "en", "desde": luego})
    assert (dicho.status_code, dicho.json()["idioma"]) == (200, "es")
    assert suyo.programadas.get().campos == ["idioma"]
    settings.CAMBIO_GRANDE = {}
    espera = poner(api, suyo, {**cuerpo, "referente": jefa.id_publico, "telefono": "1"})
    assert espera.status_code == 202
    assert (espera.json()["referente_id"], espera.json()["telefono"]) == (None, "1")
    assert Propuesta.objects.get().entidad_id == suyo.id_publico


@pytest.mark.parametrize(
    ("cambio", "estado", "codigo", "campo"),
    [
        ({"email": "OTRO@example.com"}, 409, "afiliado_duplicado", None),
        (
            {"documento_tipo": "CC", "documento_numero": "1"},
            400,
            "documento_invalido",
            "documento_numero",
        ),
        ({"email": "nadie"}, 400, None, "email"),
        ({"estado": "activo"}, 400, None, "estado"),
        ({"nivel": "oro"}, 400, "falta_motivo", "motivo"),
        ({"referente": "nadie"}, 422, "afiliado_desconocido", "referente"),
    ],
)
def test_lo_que_no_vale(cambio: Any, estado: int, codigo: str | None, campo: str | None) -> None:
    api, suyo = fabricas.api(), fabricas.afiliado_sin_tarifa()
    fabricas.afiliado(email="otro@example.com")
    antes = fabricas.foto()
    cuerpo = {"nombre": "Zoe", "email": "zoe@example.com", **cambio}
    dicho = problema(poner(api, suyo, cuerpo), estado, codigo)
    if campo is not None:
        assert [e["campo"] for e in dicho["errores"]] == [campo]
    assert fabricas.foto() == antes


def test_la_vida_entera() -> None:
    """Each step, its reason in the history, and again the same answer for the same key."""
    api, suyo = fabricas.api(), fabricas.afiliado(activo=False)
    hasta = (timezone.now() + timedelta(days=3)).isoformat()
    for paso, cuerpo, estado in (
        ("/activar", {}, "activo"),
        ("/suspender", {"motivo": "a", "hasta": hasta}, "suspendido"),
        ("/reactivar", {"motivo": "b"}, "activo"),
        ("/bloquear", {"motivo": "c"}, "bloqueado"),
    ):
        for _vez in range(2):
            dicho = api.enviar(ruta(suyo, paso), cuerpo, Idempotency_Key=f"k{paso}")
            assert dicho.status_code == 200, dicho.content
            assert dicho.json()["estado"] == estado
            assert (dicho.json()["suspendido_hasta"] is None) == (paso != "/suspender")
    Afiliado.objects.filter(pk=suyo.pk).update(estado="suspendido")
    assert api.enviar(ruta(suyo, "/cerrar"), {"motivo": "d"}).json()["estado"] == "cerrado"
    pasos = historial_de("afiliado", suyo.id_publico)
    assert [p.motivo for p in pasos][1:] == ["", "a", "b", "c", "d"]
    for paso in ("/activar", "/suspender", "/bloquear", "/reactivar", "/cerrar"):
        mal = problema(api.enviar(ruta(suyo, paso), {"motivo": "m"}), 409, "transicion_invalida")
        assert "«cerrado»" in mal["detail"]


def test_quien_puede() -> None:
    """Without the scope 403, and no key of an affiliate has it; an unknown one is a 404."""
    suyo = fabricas.afiliado()
    for api in (
        fabricas.api(["afiliados:leer", "afiliados:escribir", "afiliados:activar"]),
        fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=suyo),
    ):
        problema(api.enviar(ruta(suyo, "/suspender"), {"motivo": "m"}), 403)
    problema(poner(fabricas.api(sorted(ALCANCES_DE_AFILIADO), de=suyo), suyo, TODO), 403)
    api = fabricas.api()
    problema(api.enviar("/api/v1/afiliados/af_nadie/suspender", {"motivo": "m"}), 404)
    for mala in ({}, {"motivo": " "}, {"motivo": "m", "hasta": "mañana"}, {"motivo": "m", "x": 1},
                 {"motivo": "m", "hasta": "2020-01-01T00:00:00Z"}):  # fmt: skip
        problema(api.enviar(ruta(suyo, "/suspender"), mala), 400)
    suyo.refresh_from_db()
    assert suyo.estado == "activo"
