"""What a key may approve by itself, of one commission and of a day, by currency: less than what all
the keys of its holder may. One without any of its own has what they have."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from django.utils.translation import gettext as _

from alpespartner.comun import dinero
from alpespartner.comun.errores import DatoInvalido

Topes = Mapping[str, Decimal]
_MAX_MONEDAS = 10


def topes_de(texto: str) -> dict[str, Decimal] | None:
    """Amounts of a stored text, by currency; None without any. One that no service wrote lets
    nothing through."""
    if not texto:
        return None
    try:
        topes = leer_topes(texto, "")
        for moneda in topes:
            dinero.exponente(moneda)
    except (DatoInvalido, dinero.DineroInvalido):
        return {}
    return topes


def escribir_topes(topes: Topes, campo: str) -> str:
    """Amounts as they are stored; raises :class:`DatoInvalido`."""
    if len(topes) > _MAX_MONEDAS:
        raise DatoInvalido(_("Admite hasta %(n)s monedas.") % {"n": _MAX_MONEDAS}, campo=campo)
    for moneda, tope in topes.items():
        try:
            exacto = dinero.es_exacto(tope, moneda)
        except dinero.DineroInvalido as exc:
            raise DatoInvalido(exc, campo=campo) from None
        if not exacto or not 0 < tope <= dinero.MAXIMO:
            raise DatoInvalido(
                _("No es un importe de %(moneda)s mayor que cero.") % {"moneda": moneda},
                campo=campo,
            )
    return ", ".join(f"{moneda} {topes[moneda]:f}" for moneda in sorted(topes))


def leer_topes(texto: str, campo: str) -> dict[str, Decimal]:
    """Amounts as people write them: ``USD 500, COP 2000000``; raises :class:`DatoInvalido`."""
    topes: dict[str, Decimal] = {}
    for parte in texto.split(","):
        if not parte.strip():
            continue
        try:
            moneda, importe = parte.split()
            topes[moneda.upper()] = dinero.decimal_exacto(importe)
        except (ValueError, dinero.DineroInvalido):
            raise DatoInvalido(
                _("Escribe moneda e importe, con comas entre ellos: «USD 500, COP 2000000»."),
                campo=campo,
            ) from None
    return topes


def no_pasan(de: str, que: str) -> bool:
    """Whether some stored amounts let through no more than others."""
    limite, suyos = topes_de(que), topes_de(de)
    if limite is None:
        return True
    return suyos is not None and all(
        tope <= limite.get(moneda, dinero.CERO) for moneda, tope in suyos.items()
    )
