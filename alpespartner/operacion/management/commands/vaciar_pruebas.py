"""``vaciar_pruebas``: empty the sandbox, from the server."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from alpespartner.comun.actores import sistema
from alpespartner.comun.errores import ErrorDominio
from alpespartner.pruebas.services import vaciar_desde_fuera

ACTOR = sistema("vaciar_pruebas")


class Command(BaseCommand):
    """On the live site, which orders it: nothing else is ever emptied."""

    help = "Vacía el entorno de las claves de prueba; las claves siguen sirviendo."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            vaciar_desde_fuera(actor=ACTOR)
        except ErrorDominio as exc:
            raise CommandError(exc.mensaje) from None
        self.stdout.write("El entorno de pruebas está como al principio.")
