"""Pages that say what a change would have done with what happened lately, before it is saved.

A button of the page sends its form, which is read, answered and not saved. What lies above a row
(sales, commissions, money) other apps know: they register it here, since imports only look down.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import Model
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


# Of a saved row and what its form changes.
Calculo = Callable[[Any, dict[str, Any]], Efecto]
_CALCULOS: dict[type[Model], tuple[str, Calculo]] = {}


def registrar_calculo(modelo: type[Model], permiso: str, calculo: Calculo) -> None:
    """Declare who knows what a change of a row would have done, and what permission it takes."""
    _CALCULOS[modelo] = permiso, calculo


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
    """Add pages with a button that says what the row would have changed. Of a model of which
    somebody registered a calculation it is the pages that edit one."""

    change_form_after_template = "admin/alpes/efecto.html"

    def dice_efecto(self, request: HttpRequest, obj: Any) -> bool:
        """Whether a page has the button."""
        if self.model not in _CALCULOS:
            return obj is None
        permiso, _calculo = _CALCULOS[self.model]
        return (
            obj is not None
            and self.has_change_permission(request, obj)
            and request.user.has_perm(permiso)
        )

    def _efecto(self, request: HttpRequest, formulario: Any) -> Efecto:
        datos = formulario.cleaned_data
        if self.model not in _CALCULOS:
            return self.efecto_de(request, datos)
        _permiso, calculo = _CALCULOS[self.model]
        # The form has written on the row that it was given.
        guardado = self.model._default_manager.get(pk=formulario.instance.pk)
        return calculo(guardado, {c: datos[c] for c in formulario.changed_data})

    def efecto_de(self, request: HttpRequest, datos: dict[str, Any]) -> Efecto:
        """What saving a valid form would have changed; it writes nothing, and may refuse as
        saving it would."""
        raise NotImplementedError

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Form class; one that is only read, when that is what was asked for."""
        clase = super().get_form(request, obj, change, **kwargs)
        if VER in request.POST and self.dice_efecto(request, obj):
            return type("SoloVer", (_SoloVer, clase), {})
        return clase

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """The page; with what it would have changed, once somebody asked."""
        if self.dice_efecto(request, context.get("original")):
            context["dias_efecto"] = DIAS_EFECTO
            formulario = context["adminform"].form
            if VER in request.POST and not formulario.errors:
                try:
                    context["efecto"] = self._efecto(request, formulario)
                except ErrorDominio as exc:
                    campo = exc.campo if exc.campo in formulario.fields else None
                    formulario.add_error(campo, exc.mensaje)
        return super().render_change_form(request, context, *args, **kwargs)
