"""Add pages that say what a change would have done with what happened lately, before it is saved.

A button of the page sends its form, which is read, answered and not saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest, HttpResponse

from alpespartner.comun.admin.base import AdminPorServicio
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.formato import DIAS_EFECTO

VER: Final = "ver_efecto"
# What a row says of itself changes nobody: it is not asked for until it is saved.
_DE_SOBRA = ("motivo", "nombre")


@dataclass(frozen=True, slots=True, kw_only=True)
class Efecto:
    """What a page shows: ``miradas`` says what was looked at, ``filas`` compare (what, now, with
    the change), ``ejemplos`` are rows under ``columnas``."""

    miradas: str
    filas: Sequence[tuple[object, object, object]]
    avisos: Sequence[str] = ()
    columnas: Sequence[object] = ()
    ejemplos: Sequence[Sequence[object]] = field(default=())


class _SoloVer:
    """Form that is read and never saved."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        campos: dict[str, Any] = self.fields  # type: ignore[attr-defined]
        self._de_sobra = [campos[n] for n in _DE_SOBRA if n in campos and campos[n].required]

    def is_valid(self) -> bool:
        for campo in self._de_sobra:
            campo.required = False
        super().is_valid()  # type: ignore[misc]
        for campo in self._de_sobra:
            campo.required = True
        return False


class ConEfecto(AdminPorServicio):
    """Add pages with a button that says what the row would have changed."""

    change_form_after_template = "admin/alpes/efecto.html"

    def efecto_de(self, request: HttpRequest, datos: dict[str, Any]) -> Efecto:
        """What saving a valid form would have changed; it writes nothing, and may refuse as
        saving it would."""
        raise NotImplementedError

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Form class; one that is only read, when that is what was asked for."""
        clase = super().get_form(request, obj, change, **kwargs)
        if obj is None and VER in request.POST:
            return type("SoloVer", (_SoloVer, clase), {})
        return clase

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page; with what it would have changed, once somebody asked."""
        if context.get("original") is None:
            context["dias_efecto"] = DIAS_EFECTO
            formulario = context["adminform"].form
            if VER in request.POST and not formulario.errors:
                try:
                    context["efecto"] = self.efecto_de(request, formulario.cleaned_data)
                except ErrorDominio as exc:
                    campo = exc.campo if exc.campo in formulario.fields else None
                    formulario.add_error(campo, exc.mensaje)
        return super().render_change_form(request, context, *args, **kwargs)
