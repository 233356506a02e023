"""Numbers as people write them: with a comma or with a point, and never guessed."""

from __future__ import annotations

import re
from decimal import Decimal

from django.utils.translation import gettext as _

from alpespartner.comun.dinero import DineroInvalido, decimal_exacto

_BLANCOS = re.compile(r"[ \u00a0\u202f\u2009']")
_NUMERO = re.compile(r"([+\-\u2212]?)([0-9][0-9.,]*|[.,][0-9]+)", re.ASCII)


def leer_numero(texto: str) -> Decimal:
    """The number that somebody typed in either language: ``1.234,50``, ``1,234.50``, ``1234.5``.

    Raises ``ValueError`` with a sentence for what is not a number, and for one separator before
    three figures, which is thousands in one language and decimals in the other.
    """
    limpio = texto.strip()
    hallado = _NUMERO.fullmatch(_sin_grupos_de_blancos(limpio))
    if hallado is None:
        raise ValueError(_no_es(texto))
    signo, cifras = hallado.groups()
    plano = _con_punto(cifras, texto)
    try:
        return decimal_exacto(f"-{plano}" if signo in ("-", "\u2212") else plano)
    except DineroInvalido:
        raise ValueError(_no_es(texto)) from None


def _no_es(texto: str) -> str:
    return _("«%(texto)s» no es un número, como 10,50.") % {"texto": texto[:40]}


def _sin_grupos_de_blancos(texto: str) -> str:
    """Without the blanks between thousands; any other blank stays, and is refused."""
    grupos = _BLANCOS.split(texto)
    if len(grupos) > 1 and re.fullmatch(r"[+\-\u2212]?[0-9]{1,3}", grupos[0]):
        enteros = [re.split("[.,]", g)[0] for g in grupos[1:]]
        if all(re.fullmatch(r"[0-9]{3}", g) for g in enteros) and all(
            g.isdigit() for g in grupos[1:-1]
        ):
            return "".join(grupos)
    return texto


def _con_punto(cifras: str, texto: str) -> str:
    marcas = [c for c in cifras if c in ".,"]
    if not marcas:
        return cifras
    decimal = marcas[-1]
    miles = "," if decimal == "." else "."
    entero, _marca, resto = cifras.rpartition(decimal)
    if len(set(marcas)) == 1 and len(marcas) > 1:
        # Several of one kind are thousands.
        return _unir(cifras.split(decimal), texto)
    if len(set(marcas)) == 1 and re.fullmatch(r"[1-9][0-9]{0,2}", entero) and len(resto) == 3:
        raise ValueError(
            _("«%(texto)s» se lee de dos maneras: escribe %(miles)s o %(decimal)s.")
            % {"texto": texto[:40], "miles": f"{entero}{resto}", "decimal": f"{entero},{resto}0"}
        )
    if decimal in entero or not resto:
        raise ValueError(_no_es(texto))
    return f"{_unir(entero.split(miles), texto) if miles in entero else entero or '0'}.{resto}"


def _unir(grupos: list[str], texto: str) -> str:
    """Figures grouped by thousands, as one number."""
    if not re.fullmatch(r"[0-9]{1,3}", grupos[0]) or any(len(g) != 3 for g in grupos[1:]):
        raise ValueError(_no_es(texto))
    return "".join(grupos)
