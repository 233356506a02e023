"""The API of webhooks: as its holder, as another, and as who guesses."""

from __future__ import annotations

from typing import Any

import pytest
from standardwebhooks import Webhook as Lector

from alpespartner.comun.models import PeticionIdempotente
from outbox.models import EntregaWebhook, Webhook
from outbox.webhooks import envio
from tests.fabricas import ClienteAPI, afiliado, api, problema
from tests.outbox.webhooks.receptor import receptor

pytestmark = pytest.mark.django_db
RUTA = "/api/v1/webhooks"
ALCANCES = ("webhooks:leer", "webhooks:escribir")
NUEVO = {"url": "https://ejemplo.com/eventos", "tipos": ["ComisionAprobada"]}


@pytest.fixture
def cliente() -> ClienteAPI:
    return api(ALCANCES)


def hacer(cliente: ClienteAPI, **cambios: Any) -> dict[str, Any]:
    respuesta = cliente.enviar(RUTA, {**NUEVO, **cambios})
    assert respuesta.status_code == 201, respuesta.content
    return respuesta.json()


def cambiar(cliente: ClienteAPI, ruta: str, cuerpo: Any) -> Any:
    return cliente.patch(ruta, data=cuerpo, content_type="application/json")


def test_de_crearlo_a_recibir_una_prueba_y_rotar(cliente: ClienteAPI, settings: Any) -> None:
    settings.WEBHOOKS_LOCALES = True
    with receptor() as uno:
        hecho = hacer(cliente, url=uno.url)
        suya = f"{RUTA}/{hecho['webhook_id']}"
        assert hecho["webhook_id"].startswith("wh_")
        assert hecho["secreto"].startswith("whsec_")
        # Said once.
        visto = cliente.get(suya).json()
        assert "secreto" not in visto
        [en_la_lista] = cliente.get(RUTA).json()["resultados"]
        assert en_la_lista == visto
        otro = cliente.enviar(f"{suya}/rotar").json()["secreto"]
        assert cliente.enviar(f"{suya}/probar").status_code == 202
        envio.enviar(10, hilos=2)
        [(cabeceras, cuerpo)] = uno.recibido
    for secreto in (hecho["secreto"], otro):
        Lector(secreto).verify(cuerpo, cabeceras)
    [entrega] = cliente.get(f"{suya}/entregas").json()["resultados"]
    assert (entrega["estado"], entrega["codigo_http"]) == ("entregada", 204)
    assert cliente.get(f"{suya}/entregas?evento_id=nada").json()["resultados"] == []


def test_se_cambia_se_desactiva_y_se_activa(cliente: ClienteAPI) -> None:
    suya = f"{RUTA}/{hacer(cliente)['webhook_id']}"
    cambiado = cambiar(cliente, suya, {"tipos": ["*"]}).json()
    assert (cambiado["tipos"], cambiado["url"]) == (["*"], NUEVO["url"])
    problema(cambiar(cliente, suya, {"url": "http://ejemplo.com"}), 400, "url_invalida")
    problema(cambiar(cliente, suya, {"secreto": "x"}), 400)
    for _vez in range(2):
        assert cliente.delete(suya).status_code == 204
    assert cliente.get(suya).json()["causa"] == "a_mano"
    problema(cliente.enviar(f"{suya}/probar"), 409, "webhook_desactivado")
    assert cliente.enviar(f"{suya}/activar").json()["estado"] == "activo"
    problema(cliente.enviar(f"{suya}/activar"), 409, "transicion_invalida")


def test_lo_de_otro_no_existe(cliente: ClienteAPI) -> None:
    suya = f"{RUTA}/{hacer(cliente)['webhook_id']}"
    una, otra = afiliado(), afiliado()
    de_afiliada = api(ALCANCES, de=una)
    su_ruta = f"{RUTA}/{hacer(de_afiliada, tipos=['*'])['webhook_id']}"
    intervalo = {"desde": "2026-01-01T00:00:00Z", "hasta": "2026-01-02T00:00:00Z"}
    for ajeno, ruta in (
        (de_afiliada, suya), (api(ALCANCES, de=otra), su_ruta), (cliente, su_ruta),
    ):  # fmt: skip
        respuestas = [
            ajeno.get(ruta), ajeno.get(f"{ruta}/entregas"), ajeno.delete(ruta),
            cambiar(ajeno, ruta, {"tipos": ["*"]}), ajeno.enviar(f"{ruta}/rotar"),
            ajeno.enviar(f"{ruta}/probar"), ajeno.enviar(f"{ruta}/activar"),
            ajeno.enviar(f"{ruta}/repetir", intervalo),
        ]  # fmt: skip
        for respuesta in respuestas:
            problema(respuesta, 404, "webhook_desconocido")
    assert [w["webhook_id"] for w in cliente.get(RUTA).json()["resultados"]] == [suya[17:]]
    # Another key of the same affiliate is the same holder.
    assert api(ALCANCES, de=una).get(su_ruta).status_code == 200
    assert not EntregaWebhook.objects.exists()


def test_a_un_afiliado_no_se_le_ofrece_lo_del_programa() -> None:
    cliente = api(ALCANCES, de=afiliado())
    for tipo in ("AfiliadoSuspendido", "LoteAprobado", "CanarioEmitido"):
        cuerpo = cliente.enviar(RUTA, {**NUEVO, "tipos": [tipo]})
        problema(cuerpo, 400, "tipo_no_ofrecido")
    hacer(cliente)


def test_lo_que_no_se_entiende(cliente: ClienteAPI) -> None:
    for cuerpo, codigo in (
        ({"url": "https://127.0.0.1/", "tipos": ["*"]}, "url_invalida"),
        ({"url": "https://u:c@ejemplo.com/", "tipos": ["*"]}, "url_invalida"),
        ({"url": NUEVO["url"], "tipos": ["Nada"]}, "tipo_no_ofrecido"),
        ({"url": NUEVO["url"], "tipos": []}, None),
        ({"url": NUEVO["url"]}, None),
        ({**NUEVO, "secreto": "whsec_mio"}, None),
    ):
        problema(cliente.enviar(RUTA, cuerpo), 400, codigo)
    assert not Webhook.objects.exists()
    suya = f"{RUTA}/{hacer(cliente)['webhook_id']}"
    al_reves = {"desde": "2026-01-02T00:00:00Z", "hasta": "2026-01-01T00:00:00Z"}
    problema(cliente.enviar(f"{suya}/repetir", al_reves), 400, "intervalo_invalido")
    sin_zona = {"desde": "2026-01-01T00:00:00", "hasta": "2026-01-02T00:00:00Z"}
    problema(cliente.enviar(f"{suya}/repetir", sin_zona), 400)


def test_repetir_la_peticion_no_dice_el_secreto_otra_vez(cliente: ClienteAPI) -> None:
    """Nor is it kept anywhere to be said."""
    primera = cliente.enviar(RUTA, NUEVO, Idempotency_Key="uno")
    segunda = cliente.enviar(RUTA, NUEVO, Idempotency_Key="uno")
    assert segunda["Idempotent-Replayed"] == "true"
    secreto = primera.json()["secreto"]
    assert segunda.json() == {**primera.json(), "secreto": None}
    assert primera["Cache-Control"] == "no-store"
    assert secreto not in str(list(PeticionIdempotente.objects.values()))
    assert secreto not in str(list(Webhook.objects.values()))


def test_sin_el_alcance(cliente: ClienteAPI) -> None:
    """Each address asks for its own: to look, or to write."""
    suya = f"{RUTA}/{hacer(cliente)['webhook_id']}"
    lee = api(("webhooks:leer",))
    otra = api(("conversiones:leer", "webhooks:escribir"))
    acciones = ("activar", "probar", "rotar", "repetir")
    escrituras = [
        lambda de: de.enviar(RUTA, NUEVO), lambda de: cambiar(de, suya, {"tipos": ["*"]}),
        lambda de: de.delete(suya),
        *(lambda de, que=que: de.enviar(f"{suya}/{que}") for que in acciones),
    ]  # fmt: skip
    for escribe in escrituras:
        problema(escribe(lee), 403)
    for ruta in (RUTA, suya, f"{suya}/entregas"):
        assert lee.get(ruta).status_code == 200
        problema(otra.get(ruta), 403)
        problema(ClienteAPI().get(ruta), 401)
