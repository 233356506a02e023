"""How many webhooks a holder may have, for how long an old secret signs, and what is no address."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from outbox.consumo import Sobre
from outbox.models import Webhook
from outbox.webhooks import destino, duenos
from outbox.webhooks.errores import DemasiadosWebhooks, UrlInvalida
from outbox.webhooks.services import crear, rotar
from tests import fabricas
from tests.fabricas import PRUEBAS

pytestmark = pytest.mark.django_db


def test_veinte_de_cada_titular() -> None:
    datos: dict[str, Any] = {"tipos": ["*"], "afiliado": "", "actor": PRUEBAS}
    for n in range(20):
        crear(url=f"https://ejemplo.com/{n}", titular="una", **datos)
    with pytest.raises(DemasiadosWebhooks):
        crear(url="https://ejemplo.com/x", titular="una", **datos)
    otro, _secreto = crear(url="https://ejemplo.com/x", titular="otra", **datos)
    antes = timezone.now()
    girado, _secreto = rotar(webhook=otro, actor=PRUEBAS)
    dia = timedelta(hours=24)
    assert girado.anterior_hasta is not None
    assert antes + dia <= girado.anterior_hasta <= timezone.now() + dia


def test_de_que_afiliado_es_un_evento() -> None:
    """The one that it names or, when it names none, whose its object is; of those that are offered
    and of objects that there are."""
    una, otra = fabricas.comision(), fabricas.comision()
    suyo, ajeno = una.afiliado.id_publico, otra.afiliado.id_publico

    def de(tipo: str, sujeto: str, **datos: str) -> str | None:
        sobre = Sobre("e", tipo, sujeto, json.dumps({"data": datos}))
        return duenos.afiliados_de([sobre]).get("e")

    venta = una.conversion.id_publico
    assert de("ConversionValidada", venta) == suyo
    assert de("ConversionValidada", venta, afiliado_id="") == suyo
    assert de("ConversionValidada", venta, afiliado_id=ajeno) == ajeno
    assert de("ConversionValidada", "conv_x", afiliado_id=ajeno) is None
    assert de("ComisionAprobada", una.id_publico) == suyo
    assert de("ComisionAprobada", otra.id_publico) == ajeno
    assert de("ComisionAprobada", venta) is None
    assert de("AfiliadoSuspendido", suyo) is None


@pytest.mark.parametrize(
    ("dicen", "puede"),
    [((), True), ((True,), True), ((False,), False), ((True, False), False), ((True, True), True)],
)
def test_todas_las_que_preguntan(
    monkeypatch: pytest.MonkeyPatch, dicen: tuple[bool, ...], puede: bool
) -> None:
    """Each of those that ask may keep it, and each is asked of its holder."""
    preguntas: list[tuple[str, str]] = []

    def pregunta(si: bool) -> Any:
        return lambda titular, afiliado: (preguntas.append((titular, afiliado)), si)[1]

    monkeypatch.setattr(duenos, "_PUEDEN", [pregunta(si) for si in dicen])
    assert duenos.puede_recibir(Webhook(titular="t", afiliado="a")) is puede
    assert set(preguntas) <= {("t", "a")}


@pytest.mark.parametrize(
    ("url", "locales", "vale"),
    [
        ("https://ejemplo.com/", False, True),
        ("http://ejemplo.com/", True, False),
        ("http://127.0.0.1:80/", True, True),
        ("http://localhost/", True, True),
        ("http://localhost/", False, False),
        ("https://localhost/", True, True),
        ("ftp://localhost/", True, False),
        ("ftp://127.0.0.1/", True, False),
        ("ws://localhost/", True, False),
        ("https://127.0.0.1/", False, False),
        ("https://ejemplo.com:0/", False, False),
        ("https://ejemplo.com/#", False, False),
        ("https://ejemplo.com/#a", False, False),
        ("https://u@ejemplo.com/", False, False),
        ("https://ejemplo.com/" + "x" * 480, False, True),
        ("https://ejemplo.com/" + "x" * 481, False, False),
    ],
)
def test_lo_que_es_una_direccion(settings: Any, url: str, locales: bool, vale: bool) -> None:
    settings.WEBHOOKS_LOCALES = locales
    if vale:
        assert destino.leer(url).anfitrion in url
    else:
        with pytest.raises(UrlInvalida):
            destino.leer(url)


@pytest.mark.parametrize(
    ("url", "puerto", "ruta", "host"),
    [
        ("https://e.com", 443, "/", "e.com"),
        ("https://e.com:443/a?b=1", 443, "/a?b=1", "e.com"),
        ("https://e.com:80/a", 80, "/a", "e.com:80"),
        ("https://e.com:8443?x", 8443, "/?x", "e.com:8443"),
        ("https://[2606:4700::1]/", 443, "/", "[2606:4700::1]"),
        ("http://localhost/", 80, "/", "localhost"),
        ("http://localhost:443/", 443, "/", "localhost:443"),
    ],
)
def test_las_partes_de_una_direccion(
    settings: Any, url: str, puerto: int, ruta: str, host: str
) -> None:
    settings.WEBHOOKS_LOCALES = True
    leida = destino.leer(url)
    assert (leida.puerto, leida.ruta, leida.host) == (puerto, ruta, host)
    assert leida.tls is url.startswith("https")
