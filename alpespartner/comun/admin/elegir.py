"""The box that chooses a row of another table by searching for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm


def como_elegir(pagina: Any, fila: Model) -> str:
    """A row in words by which two of one name are told apart, as its page says."""
    return str(getattr(pagina, "como_elegir", str)(fila))


class Selector(AutocompleteJsonView):
    """The rows that a box finds."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        return {
            "id": str(getattr(obj, to_field_name)), "text": como_elegir(self.model_admin, obj),
        }  # fmt: skip


class _FormularioDeFila(AutocompleteDropdownForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nombrar(self.fields[kwargs["name"]], kwargs["field"], kwargs["model_admin"].admin_site)


class FiltroDeFila(AutocompleteSelectFilter):
    """A filter by a row of another table, which says which one it is."""

    form_class = _FormularioDeFila


def nombrar(campo: Any, relacion: Any, sitio: Any) -> None:
    """Have a field say of what was chosen what its box said."""
    pagina = sitio._registry.get(relacion.remote_field.model)
    campo.label_from_instance = lambda fila: como_elegir(pagina, fila)


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
