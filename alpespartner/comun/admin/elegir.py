"""The box that chooses a row of another table by searching for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError


class ElegirFila(AutocompleteSelect):
    """Shows again what was chosen, when it can be a key: of whatever else was sent Django would ask
    the database, which is an error of the page and not of the form."""

    def optgroups(self, name: str, value: Sequence[str], attr: Any = None) -> Any:
        return super().optgroups(name, [v for v in value if self._puede_ser(v)], attr)

    def _puede_ser(self, valor: str) -> bool:
        try:
            self.field.target_field.to_python(valor or None)
        except ValidationError:
            return False
        return True
