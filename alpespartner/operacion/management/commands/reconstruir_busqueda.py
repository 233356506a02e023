"""``reconstruir_busqueda``: make the index of what people search say what the rows say."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from alpespartner.comun.busqueda.indice import buscables
from alpespartner.comun.busqueda.reconstruccion import reconstruir
from alpespartner.comun.consola import barra_de_avance


class Command(BaseCommand):
    """Everybody goes on meanwhile; to run it again does no harm."""

    help = "Escribe lo que falta en el índice de las búsquedas y quita lo que sobra."

    def handle(self, *args: Any, **options: Any) -> None:
        total = 0
        with barra_de_avance() as barra:
            for buscable in buscables():
                tarea = barra.add_task(
                    str(buscable.modelo._meta.verbose_name_plural),
                    total=buscable.modelo._default_manager.count(),
                )
                for leidas in reconstruir(buscable):
                    barra.advance(tarea, leidas)
                    total += leidas
        self.stdout.write(f"{total} filas leídas")
