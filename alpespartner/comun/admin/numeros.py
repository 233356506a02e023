"""Amounts as people type them: with a comma or with a point, and never guessed."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

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


class EntradaDeNumero(UnfoldAdminTextInputWidget):
    """A text box, since a browser reads a number box in its own language; it echoes what it read
    before anything is saved."""

    class Media:
        js = ("alpespartner/numeros.js",)

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(
            {"inputmode": "decimal", "autocomplete": "off", "data-numero": "", **(attrs or {})}
        )

    def format_value(self, value: Any) -> str | None:
        """As the page's language writes it, without thousands."""
        if not isinstance(value, Decimal):
            return None if value is None else str(value)
        normal = value.normalize()
        decimales = max(0, -int(normal.as_tuple().exponent))
        # With three it would be read two ways when it is sent back.
        decimales += decimales == 3
        return number_format(normal, decimal_pos=decimales, use_l10n=True)


class CampoNumero(forms.DecimalField):
    """Decimal field that reads what people type with :func:`leer_numero`."""

    widget = EntradaDeNumero

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        """The number, or a validation error."""
        if isinstance(value, str) and value.strip():
            try:
                return leer_numero(value)
            except ValueError as exc:
                raise forms.ValidationError(str(exc), code="invalid") from None
        return super().to_python(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether what was typed is another number than the one there was."""
        try:
            return bool(self.to_python(data) != self.to_python(initial))
        except forms.ValidationError:
            return True

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """None of a number box."""
        return {}
