"""``exportar_datos``: all that is held of an affiliate, as a ZIP to give to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from afiliados.afiliado.models import Afiliado
from afiliados.personales.services import exportar_datos
from alpespartner.comun.actores import sistema
from alpespartner.comun.errores import ErrorDominio

ACTOR = sistema("exportar_datos")


class Command(BaseCommand):
    """It overwrites no file."""

    help = "Escribe en un ZIP todo lo que hay de un afiliado, para dárselo."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("afiliado", help="af_…")
        parser.add_argument("--salida", required=True, help="el fichero que se escribe")

    def handle(self, *args: Any, **options: Any) -> None:
        afiliado = Afiliado.objects.filter(id_publico=options["afiliado"]).first()
        if afiliado is None:
            raise CommandError(f"No hay un afiliado «{options['afiliado']}».")
        salida = Path(options["salida"])
        if salida.exists():
            raise CommandError(f"Ya existe «{salida}»: elige otro nombre.")
        try:
            paquete = exportar_datos(afiliado=afiliado, actor=ACTOR)
            with salida.open("xb") as papel:
                papel.writelines(paquete)
        except ErrorDominio as exc:
            raise CommandError(exc.mensaje) from None
        except OSError as exc:
            raise CommandError(f"No se pudo escribir «{salida}»: {exc.strerror}.") from None
        self.stdout.write(str(salida))
