"""The first steps of the README work line by line, and it stays short."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from alpespartner.operacion.demo import preparar_demo
from comisiones.comision.models import Comision
from conversiones.campanas.models import Campana
from conversiones.ventas.models import Conversion
from tests import fabricas

README = (Path(settings.BASE_DIR) / "README.md").read_text()
# What each line is answered with, in order. The demo's data are there already.
ESPERADO = [
    ("POST", "/api/v1/afiliados", 201),
    ("POST", "/api/v1/conversiones", 201),
    ("GET", "/api/v1/comisiones", 200),
    ("POST", "/api/v1/comisiones/com_…/aprobar", 200),
    ("POST", "/api/v1/comisiones/com_…/rechazar", 200),
    ("GET", "/api/v1/comisiones/com_…/explicacion", 200),
    ("POST", "/api/v1/conversiones/conv_…/devoluciones", 201),
    ("POST", "/api/v1/conversiones/lote", 200),
    ("POST", "/api/v1/enlaces", 201),
    ("GET", "/api/v1/conversiones/metricas", 200),
    ("GET", "/api/v1/eventos", 200),
    # The event made its commission already.
    ("POST", "/api/v1/comisiones", 409),
    ("POST", "/commissions/calculate", 201),
    ("POST", "/commissions/approve", 200),
    ("GET", "/commissions/by-conversion/pedido-2", 200),
    ("GET", "/debug/outbox", 200),
]


def lineas() -> list[tuple[str, str, str]]:
    """(method, address, body) of each call of the block, after its key and its function."""
    [bloque] = re.findall(r"^```sh\nKEY=.*?\npost\(\).*?echo; \}\n(.*?)^```$", README, re.M | re.S)
    llamadas = []
    for orden in re.split(r"\n(?=post |curl |#)", re.sub(r"^#.*\n", "", bloque, flags=re.M)):
        palabras = shlex.split(orden)
        if not palabras:
            continue
        if palabras[0] == "post":
            llamadas.append(("POST", palabras[1], palabras[2]))
        else:
            [url] = [p for p in palabras if p.startswith("http")]
            llamadas.append(("GET", url.removeprefix("http://localhost:8000"), ""))
    return llamadas


def completar(texto: str) -> str:
    """With ids in the place of each «…»: those of what the last sale left, still pending."""
    comision = Comision.objects.filter(estado="pendiente").latest("pk")
    conversion = Conversion.objects.get(comisiones=comision)
    for marca, valor in (
        ("com_…", comision.id_publico),
        ("conv_…", conversion.id_publico),
        ("af_…", conversion.afiliado.id_publico),
        ("camp_…", Campana.objects.get(predeterminada=True).id_publico),
    ):
        texto = texto.replace(marca, valor)
    return texto


@pytest.mark.lento
@pytest.mark.django_db(transaction=True)
def test_los_primeros_pasos_funcionan(settings: Any, tmp_path: Path) -> None:
    settings.DEMO = True
    datos = preparar_demo(archivo=tmp_path / "ids.json", base_url="http://localhost:8000")
    cliente = fabricas.ClienteAPI(datos["claves"]["integracion"])
    dichas = lineas()
    assert [(m, u.partition("?")[0]) for m, u, _c in dichas] == [(m, u) for m, u, _e in ESPERADO]
    for (metodo, url, cuerpo), (_m, _u, esperado) in zip(dichas, ESPERADO, strict=True):
        if metodo == "POST":
            respuesta = cliente.enviar(completar(url), json.loads(completar(cuerpo)))
        else:
            respuesta = cliente.get(completar(url))
        assert respuesta.status_code == esperado, (url, respuesta.content)
        fabricas.entregar_todo()


def test_el_readme_es_corto() -> None:
    """What it is and where to read on; the rest has a document."""
    assert len(README.splitlines()) <= 200
