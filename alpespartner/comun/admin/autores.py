"""Lists that say who made each row."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from alpespartner.comun.admin.base import AdminBase
from alpespartner.comun.admin.formato import nombres_de_actores


class ConAutor(AdminBase):
    """Admin list with the names of the authors in ``campo_autor``, all read at once."""

    campo_autor = ""

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list, with the names of its rows."""
        lista = super().get_changelist_instance(request)
        autores = {fila.pk: getattr(fila, self.campo_autor) for fila in lista.result_list}
        nombres = nombres_de_actores(autores.values())
        for fila in lista.result_list:
            fila.nombre_autor = nombres[autores[fila.pk]]
        return lista

    def nombre_de_autor(self, fila: Any) -> str:
        """Name of the author of a row, of a list or by itself."""
        nombre: str | None = getattr(fila, "nombre_autor", None)
        autor = getattr(fila, self.campo_autor)
        return nombre or nombres_de_actores([autor])[autor]
