"""``recalcular``: replay commissions from their frozen inputs."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comisiones.calculo.explicacion import repasar


class Command(BaseCommand):
    """Writes nothing; exits 1 and names each commission that does not agree to the last digit."""

    help = "Recalcula comisiones desde sus entradas congeladas y compara hasta el último dígito."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--comision", action="append", metavar="com_…", help="Solo esta.")

    def handle(self, *args: Any, **options: Any) -> None:
        ids: list[str] | None = options["comision"]
        vistas, malas = set(), 0
        for id_publico, diferencias in repasar(ids):
            vistas.add(id_publico)
            if diferencias:
                malas += 1
                self.stdout.write(f"{id_publico}: {'; '.join(diferencias)}")
        if faltan := sorted(set(ids or ()) - vistas):
            raise CommandError(f"No hay una comisión calculada {faltan[0]}.")
        if malas:
            raise CommandError(f"{malas} de {len(vistas)} comisiones no coinciden.")
        self.stdout.write(f"{len(vistas)} comisiones coinciden hasta el último dígito.")
