"""Weighs every list of the admin, with 50 rows of made-up data: ``make pesar``.

Prints a table of what each sends compressed, with the scripts that it loads, and fails when one is
over ``MAXIMO``.
"""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

RAIZ = Path(__file__).resolve().parent.parent
# Bytes of a list's HTML, compressed.
MAXIMO = 60_000
SEMBRAR = ["sembrar", "--masivo", "2000", "--afiliados", "80", "--campanas", "60"]
_SCRIPT = re.compile(r'<script[^>]*\bsrc="([^"?]+)')


class Peso(NamedTuple):
    """What a list weighs, in bytes, with its rows, and the scripts that it names."""

    direccion: str
    filas: int
    llano: int
    comprimido: int
    guiones: tuple[str, ...]


def pesar() -> list[Peso]:
    """Each list of the admin, the heaviest first; Django is there, with a database."""
    from django.contrib import admin
    from django.contrib.auth.models import User
    from django.test import Client
    from django.urls import reverse

    jefa, _nueva = User.objects.get_or_create(
        username="pesar", defaults={"is_staff": True, "is_superuser": True}
    )
    cliente = Client()
    cliente.force_login(jefa)
    pesos = []
    for modelo in admin.site._registry:
        opciones = modelo._meta
        direccion = reverse(f"admin:{opciones.app_label}_{opciones.model_name}_changelist")
        if opciones.model_name == "comision":
            direccion += "?estado=todas"
        respuesta = cliente.get(direccion, secure=True)
        lista = (respuesta.context_data or {}).get("cl")
        if respuesta.status_code != 200 or lista is None:
            continue
        html = respuesta.content
        pesos.append(
            Peso(
                direccion, len(lista.result_list), len(html), len(gzip.compress(html, 6)),
                tuple(_SCRIPT.findall(html.decode())),
            )
        )  # fmt: skip
    return sorted(pesos, key=lambda peso: -peso.comprimido)


def tabla(pesos: list[Peso]) -> str:
    """The weights, for who reads them."""
    lineas = ["| list | rows | HTML | compressed | scripts |", "|---|---|---|---|---|"]
    lineas += [
        f"| {p.direccion} | {p.filas} | {p.llano / 1000:.0f} KB | {p.comprimido / 1000:.1f} KB "
        f"| {len(p.guiones)} |"
        for p in pesos
    ]
    return "\n".join(lineas)


def main() -> int:
    """Weigh; 1 when a list is too heavy."""
    sys.path.insert(0, str(RAIZ))
    os.environ["DJANGO_SETTINGS_MODULE"] = "alpespartner.settings"
    with tempfile.TemporaryDirectory() as carpeta:
        os.environ["ALPES_DATOS"] = carpeta
        os.environ["ALPES_DEMO"] = "1"
        for orden in (["migrate", "-v0"], SEMBRAR):
            subprocess.run(  # noqa: S603 - our own command line
                [sys.executable, "manage.py", *orden], cwd=RAIZ, check=True, stdout=sys.stderr
            )
        import django

        django.setup()
        from django.conf import settings
        from django.db import connection

        settings.ALLOWED_HOSTS = ["testserver"]
        pesos = pesar()
        connection.close()
    print(tabla(pesos))
    pesadas = [peso.direccion for peso in pesos if peso.comprimido > MAXIMO]
    for direccion in pesadas:
        print(f"{direccion}: pasa de {MAXIMO // 1000} KB")
    return 1 if pesadas else 0


if __name__ == "__main__":
    sys.exit(main())
