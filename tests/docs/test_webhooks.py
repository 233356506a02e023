"""The receiver of docs/webhooks.md reads what we sign, and nothing else."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from outbox.webhooks.firma import firmar, nuevo_secreto
from outbox.webhooks.turno import ESPERAS

PAGINA = Path(settings.BASE_DIR) / "docs" / "webhooks.md"


def test_el_receptor_de_la_pagina() -> None:
    codigo = re.search(r"```python receptor\n(.*?)```", PAGINA.read_text(), re.S)
    assert codigo is not None
    suyo: dict[str, Any] = {}
    exec(codigo[1], suyo)  # noqa: S102 - our own page
    es_autentico = suyo["es_autentico"]
    viejo, nuevo = nuevo_secreto(), nuevo_secreto()
    ahora = int(time.time())
    cuerpo = '{"a":"ñ"}'.encode()

    def cabeceras(instante: int = ahora) -> dict[str, str]:
        return {
            "webhook-id": "1", "webhook-timestamp": str(instante),
            "webhook-signature": firmar([nuevo, viejo], "1", instante, cuerpo),
        }  # fmt: skip

    assert es_autentico(viejo, cabeceras(), cuerpo)
    assert es_autentico(nuevo, cabeceras(), cuerpo)
    assert not es_autentico(nuevo_secreto(), cabeceras(), cuerpo)
    assert not es_autentico(nuevo, cabeceras(), cuerpo + b" ")
    assert not es_autentico(nuevo, {**cabeceras(), "webhook-id": "2"}, cuerpo)
    assert not es_autentico(nuevo, cabeceras(ahora - 301), cuerpo)


def test_el_calendario_de_la_pagina() -> None:
    unidades = {"s": 1, "min": 60, "h": 3600}
    dicho = PAGINA.read_text().split("tried again after ", 1)[1].split(", each", 1)[0]
    esperas = [int(n) * unidades[u] for n, u in re.findall(r"(\d+)\s(s|min|h)\b", dicho)]
    assert esperas == list(ESPERAS[1:])
