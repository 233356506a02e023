"""``adoptar_base``: keep the rows of a database made before the migrations began again."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from alpespartner.operacion.adopcion import adoptar


class Command(BaseCommand):
    """Renames what was renamed; ``migrate`` comes after it. Repeated, it goes on."""

    help = "Adopta una base de datos de la versión anterior, con sus filas."

    def handle(self, *args: Any, **options: Any) -> None:
        for paso in adoptar():
            self.stdout.write(paso)
        self.stdout.write(self.style.SUCCESS("Hecho: ejecuta ahora «manage.py migrate»."))
