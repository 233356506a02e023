"""The API of postbacks: an affiliate's own, those of all for the programme, and nobody else's."""

from __future__ import annotations

from typing import Any

import pytest

from outbox.models import EntregaWebhook, Webhook
from outbox.webhooks import envio
from tests.fabricas import ClienteAPI, afiliado, api, foto, problema
from tests.outbox.webhooks.receptor import receptor

pytestmark = pytest.mark.django_db
RUTA = "/api/v1/postbacks"
ALCANCES = ("postbacks:leer", "postbacks:escribir")
NUEVO = {"url": "https://t.example/cv?p={payout}&s={status}&x={nada}", "estados": ["approved"]}


def hacer(cliente: ClienteAPI, **cambios: Any) -> str:
    respuesta = cliente.enviar(RUTA, {**NUEVO, **cambios})
    assert respuesta.status_code == 201, respuesta.content
    return f"{RUTA}/{respuesta.json()['postback_id']}"


def cambiar(cliente: ClienteAPI, ruta: str, cuerpo: Any) -> Any:
    return cliente.patch(ruta, data=cuerpo, content_type="application/json")


def test_de_crearlo_a_ver_la_prueba(settings: Any) -> None:
    settings.WEBHOOKS_LOCALES = True
    quien = afiliado()
    cliente = api(ALCANCES, de=quien)
    with receptor() as uno:
        suya = hacer(cliente, url=f"http://127.0.0.1:{uno.puerto}/cv?s={{status}}&p={{payout}}")
        visto = cliente.get(suya).json()
        assert visto["ejemplo"].endswith("/cv?s=approved&p=12.50")
        assert (visto["afiliado_id"], visto["estados"]) == (quien.id_publico, ["approved"])
        assert cliente.get(RUTA).json()["resultados"] == [visto]
        assert cliente.enviar(f"{suya}/probar", {"estado": "rejected"}).status_code == 202
        problema(cliente.enviar(f"{suya}/probar", {"estado": "no"}), 400)
        envio.enviar(10, hilos=2)
        assert uno.pedido == ["/cv?s=rejected&p=0.00"]
    [entrega] = cliente.get(f"{suya}/entregas").json()["resultados"]
    assert (entrega["estado"], entrega["codigo_http"]) == ("entregada", 204)
    cambiado = cambiar(cliente, suya, {"estados": ["paid", "pending"]}).json()
    assert cambiado["estados"] == ["pending", "paid"]
    for _vez in range(2):
        assert cliente.delete(suya).status_code == 204
    problema(cliente.enviar(f"{suya}/probar"), 409, "webhook_desactivado")
    assert cliente.enviar(f"{suya}/activar").json()["estado"] == "activo"
    macros = cliente.get(f"{RUTA}/macros").json()
    assert {"macro": "{payout}", "ejemplo": "12.50"} in macros["macros"]
    assert len(macros["presets"]) == 4


def test_lo_de_otro_no_existe() -> None:
    una, otra = afiliado(), afiliado(email="b@example.com")
    suya = hacer(api(ALCANCES, de=una))
    intervalo = {"desde": "2026-01-01T00:00:00Z", "hasta": "2026-01-02T00:00:00Z"}
    ajeno, programa = api(ALCANCES, de=otra), api(ALCANCES)
    antes = foto()
    for respuesta in (
        ajeno.get(suya), ajeno.get(f"{suya}/entregas"), ajeno.delete(suya),
        cambiar(ajeno, suya, {"estados": ["*"]}), ajeno.enviar(f"{suya}/probar"),
        ajeno.enviar(f"{suya}/activar"), ajeno.enviar(f"{suya}/repetir", intervalo),
    ):  # fmt: skip
        problema(respuesta, 404, "postback_desconocido")
    assert ajeno.get(RUTA).json()["resultados"] == []
    problema(ajeno.enviar(RUTA, {**NUEVO, "afiliado_id": una.id_publico}), 422)
    # The programme's key says whose it is, and sees all.
    problema(programa.enviar(RUTA, NUEVO), 400, "dato_invalido")
    assert foto() == antes
    de_otra = hacer(programa, afiliado_id=otra.id_publico)
    assert ajeno.get(de_otra).status_code == programa.get(suya).status_code == 200
    [uno] = programa.get(f"{RUTA}?afiliado_id={otra.id_publico}").json()["resultados"]
    assert uno["afiliado_id"] == otra.id_publico
    # They are no webhooks of anybody's.
    lector = api(("webhooks:leer",), de=una)
    assert lector.get("/api/v1/webhooks").json()["resultados"] == []
    problema(lector.get(suya.replace("postbacks", "webhooks")), 404, "webhook_desconocido")
    problema(api(("webhooks:leer",), de=una).get(suya), 403)
    assert not EntregaWebhook.objects.exists()


def test_lo_mal_escrito_y_lo_repetido() -> None:
    cliente = api(ALCANCES, de=afiliado())
    for cambios, codigo in (
        ({"url": "https://t.example/{payout}"}, "url_invalida"),
        ({"url": "https://127.0.0.1/?a={payout}"}, "url_invalida"),
        ({"estados": ["aprobada"]}, "datos_invalidos"),
        ({"estados": []}, "datos_invalidos"),
        ({"secreto": "x"}, "datos_invalidos"),
    ):
        problema(cliente.enviar(RUTA, {**NUEVO, **cambios}), 400, codigo)
    assert not Webhook.objects.exists()
    dos = [cliente.enviar(RUTA, NUEVO, Idempotency_Key="k") for _vez in range(2)]
    assert dos[0].json() == dos[1].json()
    for _vez in range(4):
        hacer(cliente)
    problema(cliente.enviar(RUTA, NUEVO), 409, "demasiados_postbacks")
