"""``sellar_libro``: seal the closed days of the ledger now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from comisiones.libro.cadena import dias_en_espera, sellar_dias


class Command(BaseCommand):
    """One line per day sealed: what to keep outside, so that nobody can make the chain anew."""

    help = "Sella los días cerrados del libro (también lo hace el reloj, cada hora)."

    def handle(self, *args: Any, **options: Any) -> None:
        sellos = sellar_dias()
        for sello in sellos:
            self.stdout.write(f"{sello.dia:%Y-%m-%d} {sello.asientos} {sello.sello}")
        if not sellos:
            self.stdout.write("No hay días por sellar.")
        if espera := dias_en_espera():
            self.stdout.write(
                f"Sin sellar quedan {espera} días posteriores al último asiento: se sellan cuando"
                " llegue otro, por si el reloj va adelantado."
            )
