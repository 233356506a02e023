"""Kinds of proposals: each app registers its own when it is ready."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _

from alpespartner.comun.models import Propuesta

# Whoever may confirm or drop proposals; a kind may ask for a permission more.
PERMISO = "comun.confirmar_propuesta"
Linea = tuple[object, object]
# What reading a proposal raises that no service wrote.
_ILEGIBLE = (
    ArithmeticError, AttributeError, LookupError, ObjectDoesNotExist, TypeError, ValueError,
)  # fmt: skip


def _nada(_propuesta: Propuesta) -> None:
    return None


@dataclass(frozen=True, kw_only=True)
class Tipo:
    """A kind of proposal.

    ``foto`` locks what a proposal is about and tells, in JSON, how it is: it must still be so when
    somebody confirms. It refuses nothing: any proposal can be dropped. ``aplicar`` does it then, in
    the same transaction, in the name of whoever proposed it. ``lineas`` tell a person what it would
    do, and to whom. ``modelo`` is that of the row that it is about, if there is one, and ``campo``
    the one with its id. ``antes`` runs before that transaction, for what must not wait with rows
    locked; ``aplicar`` gets what it returns. ``deshacer`` is called when it is dropped. ``dura`` is
    None for one that does not lapse.
    """

    nombre: str
    titulo: Any
    entidad: str
    foto: Callable[[Propuesta], Any]
    aplicar: Callable[[Propuesta, Any], object]
    lineas: Callable[[Propuesta], list[Linea]]
    modelo: Callable[[], type[Model]] | None = None
    campo: str = "id_publico"
    antes: Callable[[Propuesta], Any] = _nada
    deshacer: Callable[[Propuesta], None] = _nada
    permiso: str = PERMISO
    dura: timedelta | None = timedelta(days=7)

    def objetos(self, ids: Collection[str]) -> dict[str, Model]:
        """The rows that proposals are about, by the id that those have."""
        if self.modelo is None:
            return {}
        filas = self.modelo()._default_manager.filter(**{f"{self.campo}__in": ids})
        return {str(getattr(fila, self.campo)): fila for fila in filas}


TIPOS: dict[str, Tipo] = {}


def tipo_de(nombre: str) -> Tipo:
    """The kind of that name. For what is none, one whose proposals do nothing: they are dropped, or
    lapse."""
    return TIPOS.get(nombre) or Tipo(
        nombre=nombre,
        titulo=nombre,
        entidad="",
        foto=lambda _propuesta: {"tipo": None},
        aplicar=_no_hay,
        lineas=lambda _propuesta: [],
    )


def _no_hay(propuesta: Propuesta, _sabido: Any) -> None:
    raise LookupError(propuesta.tipo)


def lineas_de(propuesta: Propuesta) -> list[Linea]:
    """What it would do, for a person; of one that cannot be read, that it cannot."""
    try:
        return tipo_de(propuesta.tipo).lineas(propuesta)
    except _ILEGIBLE:
        return [(_("Contenido"), _("No se puede leer: descártala y proponla de nuevo."))]


def registrar(tipo: Tipo) -> Tipo:
    """Declare a kind of proposal."""
    TIPOS[tipo.nombre] = tipo
    return tipo
