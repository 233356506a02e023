"""``restablecer_factor``: for who administers alone and lost telephone and codes."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from alpespartner.comun.acceso import factor
from alpespartner.comun.actores import sistema
from alpespartner.comun.errores import ErrorDominio


class Command(BaseCommand):
    """Whoever runs it has the server, and writes down who they are and why."""

    help = "Quita el segundo factor de una persona: pondrá otro la próxima vez que entre."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("usuario")
        parser.add_argument("--motivo", required=True)
        parser.add_argument("--autor", required=True, help="quién lo hace, para el historial")

    def handle(self, *args: Any, **options: Any) -> None:
        usuario = User.objects.filter(username=options["usuario"]).first()
        if usuario is None:
            raise CommandError(f"No hay nadie que se llame {options['usuario']!r}.")
        motivo, autor = options["motivo"].strip(), options["autor"].strip()
        if not motivo or not autor:
            raise CommandError("Escribe el motivo y quién lo hace.")
        try:
            factor.restablecer(
                usuario=usuario, actor=sistema("consola"), motivo=f"{motivo} ({autor})"
            )
        except ErrorDominio as exc:
            raise CommandError(exc.mensaje) from None
        self.stdout.write(f"{usuario} pondrá otro segundo factor la próxima vez que entre.")
