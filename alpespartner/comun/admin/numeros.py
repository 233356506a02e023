"""Boxes of amounts that people type with a comma or with a point."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from unfold.widgets import UnfoldAdminTextInputWidget

from alpespartner.comun.cifras import leer_numero


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
