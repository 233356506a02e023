"""A newcomer makes a client from the document and follows the page: each line of it works."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as ajustes
from pytest_django.live_server_helper import LiveServer

from comisiones.comision.models import Comision
from tests import fabricas

RAIZ = Path(ajustes.BASE_DIR)
ALCANCES = (
    "afiliados:escribir", "afiliados:activar", "conversiones:escribir", "comisiones:leer",
    "comisiones:aprobar", "comisiones:aprobar_propias", "conversiones:devolver",
    "conversiones:leer", "conversiones:cambiar",
)  # fmt: skip
# Documents are no JSON: the client gives their bytes. And it is not formatted.
AJUSTES = """
content_type_overrides:
  application/pdf: application/octet-stream
  text/csv: application/octet-stream
  image/svg+xml: application/octet-stream
post_hooks: []
"""

pytestmark = [
    pytest.mark.lento,
    pytest.mark.una_base,
    pytest.mark.django_db(transaction=True),
]


def generar(en: Path) -> str:
    """Make the client, typed, and return what its maker says."""
    (en / "ajustes.yaml").write_text(AJUSTES)
    hecho = subprocess.run(
        [
            Path(sys.executable).with_name("openapi-python-client"), "generate", "--meta", "none",
            "--path", RAIZ / "docs" / "openapi.json", "--output-path", en / "cliente_alpes",
            "--config", en / "ajustes.yaml", "--fail-on-warning",
        ],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert hecho.returncode == 0, hecho.stdout[-4_000:] + hecho.stderr[-2_000:]
    return hecho.stdout


@pytest.fixture
def sitio(settings: Any, request: pytest.FixtureRequest) -> Iterator[str]:
    """The site, served without TLS: what it is like is read when it starts."""
    settings.SECURE_SSL_REDIRECT = False
    settings.ALLOWED_HOSTS = ["localhost"]
    request.getfixturevalue("transactional_db")
    servidor = LiveServer("localhost")
    yield servidor.url
    servidor.stop()


def _de_la_pagina(nombre: str) -> dict[str, Any]:
    """What one of the programs of the page defines."""
    pagina = (RAIZ / "docs" / "api.md").read_text()
    codigo = re.search(rf"```python {nombre}\n(.*?)```", pagina, re.S)
    assert codigo is not None
    suyo: dict[str, Any] = {}
    exec(codigo[1], suyo)  # noqa: S102 - our own page
    return suyo


def test_el_comienzo_de_la_pagina(
    tmp_path: Path, sitio: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    generar(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    suyo = _de_la_pagina("inicio")
    # Who waits for the commission has the events handed over meanwhile.
    suyo["esperar"] = lambda _segundos: fabricas.entregar_todo()
    fabricas.campana(predeterminada=True)
    fabricas.regla(porcentaje="10")
    clave = fabricas.clave(ALCANCES)
    assert suyo["empezar"](sitio, clave) == ["aprobada", "10.00", "60.00"]
    with pytest.raises(RuntimeError, match="clave_invalida"):
        suyo["empezar"](sitio, clave[:-1])
    assert Comision.objects.count() == 1
    rebajar = _de_la_pagina("cambio")["rebajar"]
    hecho = rebajar(sitio, clave, "pedido-1", "90.00")
    assert (hecho.status_code, hecho.parsed.queda) == (200, "50.00")
    assert rebajar(sitio, clave, "pedido-1", "95.00").parsed.codigo == "valor_que_sube"
