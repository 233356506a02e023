"""What the environment of the sandbox is, from that of the installation. It knows no Django: the
settings use it.

With ``ALPES_PRUEBAS=1`` a process reads the same ``.env`` as the live ones and has nothing of
theirs: what is not named here, such as a limit, is as it is for them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

# Keys of the sandbox; those of the live site begin with the first three letters only.
PREFIJO = "ap_test_"
# How what the sandbox answers and sends says so.
CABECERA, MODO = "X-Modo", "prueba"
# What the live site calls the sandbox when it speaks to it itself.
HOST = "pruebas.localhost"
_SIN = (
    # Parts of the real stack.
    "ALPES_REDIS_URL", "ALPES_PULSAR_URL", "ALPES_PULSAR_ADMIN_URL",
    # Nobody is written to: each mail is a file.
    "ALPES_EMAIL_URL",
    # Nobody is paid.
    "ALPES_STRIPE_CLAVE", "ALPES_STRIPE_SECRETO_AVISOS", "ALPES_SEPA_NOMBRE", "ALPES_SEPA_IBAN",
    "ALPES_SEPA_BIC",
    # It is its own sandbox.
    "ALPES_PRUEBAS_URL",
)  # fmt: skip


def derivar(secreto: str, uso: str) -> str:
    """A secret of another use: what is signed or encrypted with one is nothing to the other."""
    return hmac.new(secreto.encode(), f"alpespartner.{uso}".encode(), hashlib.sha256).hexdigest()


def es_direccion(url: str) -> bool:
    """Whether the sandbox may be found there: another process of ours, by plain HTTP."""
    try:
        partes = urlsplit(url)
        return (partes.scheme, partes.path, partes.query) in (
            ("http", "", ""),
            ("http", "/", ""),
        ) and (bool(partes.hostname) and not partes.username and partes.port != 0)
    except ValueError:
        return False


def entorno(de_la_instalacion: Mapping[str, str], datos: Path) -> dict[str, str]:
    """The environment of the sandbox; ``datos`` is the data folder of who does not say one.

    Raises ValueError when both would have the same database.
    """
    suyo = {nombre: valor for nombre, valor in de_la_instalacion.items() if nombre not in _SIN}
    base = suyo.pop("ALPES_PRUEBAS_DATABASE_URL", "")
    if (viva := suyo.pop("ALPES_DATABASE_URL", "")) and base == viva:
        raise ValueError("ALPES_PRUEBAS_DATABASE_URL: otra base que ALPES_DATABASE_URL.")
    if base:
        suyo["ALPES_DATABASE_URL"] = base
    secreto = suyo.get("SECRET_KEY", "")
    suyo |= {
        "ALPES_DATOS": str(Path(suyo.get("ALPES_DATOS") or datos) / "pruebas"),
        "SECRET_KEY": derivar(secreto, "pruebas"),
        "ALPES_CLAVE_DATOS": derivar(suyo.get("ALPES_CLAVE_DATOS") or secreto, "pruebas.datos"),
        "ALPES_EVENTOS_TRANSPORTE": "embebido",
        # Only the live site speaks to it, and says who asked and how.
        "ALPES_DETRAS_DE_PROXY": "true",
        "ALPES_HOSTS": f"{suyo.get('ALPES_HOSTS') or 'localhost,127.0.0.1,[::1]'},{HOST}",
        # As far as a test goes: its gateway moves nothing.
        "ALPES_PAGOS_AUTOMATICOS": "true",
    }
    return suyo
