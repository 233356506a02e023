"""``purgar_outbox``: delete old events that everybody received."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from outbox.reconciliacion import purgar


class Command(BaseCommand):
    """In batches, so that it never holds a long lock."""

    help = "Borra los eventos con más días que la retención y recibidos por todos."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dias", type=int, default=90)
        parser.add_argument("--lote", type=int, default=1_000)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dias"] < 1 or options["lote"] < 1:
            raise CommandError("--dias y --lote son números mayores que cero.")
        antes_de = timezone.now() - timedelta(days=options["dias"])
        total = sum(purgar(antes_de, por_lote=options["lote"]))
        self.stdout.write(f"{total} eventos borrados")
