"""Our ids as banks take them, and as they give them back."""

from __future__ import annotations

import re

# What stands between the kind and the rest: ours is not among what every bank takes, some of them
# drop it, and some write all in capitals.
_PAGO = re.compile(r"pago[-_]?([0-9A-HJKMNP-TV-Z]{26})", re.ASCII | re.IGNORECASE)


def para_el_banco(id_publico: str) -> str:
    """An id in the characters of EPC217-08: ``pago_01J…`` as ``pago-01J…``."""
    return id_publico.replace("_", "-")


def del_banco(referencia: str) -> str:
    """The id of the payment that a bank's reference names, in whatever form it says it; a reference
    that is not one of ours, without the blanks around it."""
    if nuestra := _PAGO.fullmatch("".join(referencia.split())):
        return f"pago_{nuestra.group(1).upper()}"
    return referencia.strip()


def nombrado_en(texto: str) -> str:
    """The id of the only payment that a text for people names; "" when it names none, or two."""
    nombrados = {hallado.upper() for hallado in _PAGO.findall("".join(texto.split()))}
    return f"pago_{nombrados.pop()}" if len(nombrados) == 1 else ""
