"""The one form of an e-mail, by which two of a person are the same."""

from __future__ import annotations

from alpespartner.comun.cifrado import huella
from alpespartner.comun.textos import normalizar

# One domain with two names, in which dots say nothing.
_SIN_PUNTOS = frozenset({"gmail.com", "googlemail.com"})


def correo_normal(correo: str) -> str:
    """Lower case, without what follows a ``+``, and in Gmail without dots; "" for what is none."""
    local, arroba, dominio = normalizar(correo).lower().rpartition("@")
    local = local.partition("+")[0]
    if dominio in _SIN_PUNTOS:
        local, dominio = local.replace(".", ""), "gmail.com"
    return f"{local}@{dominio}" if arroba and local and dominio else ""


def huella_de_correo(correo: str) -> str:
    """Keyed digest of a normalised e-mail; "" for what is none."""
    normal = correo_normal(correo)
    return huella("cliente", normal) if normal else ""
