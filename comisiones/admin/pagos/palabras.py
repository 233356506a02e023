"""What people call the ways to pay."""

from __future__ import annotations

from django.utils.translation import gettext as _


def nombre_de_pasarela(nombre: str) -> str:
    """A gateway in words; one that is not ours, as it is configured."""
    de_casa = {
        "archivo": _("Fichero local"),
        "sepa": _("Transferencia SEPA"),
        "stripe": "Stripe",
    }
    return de_casa.get(nombre, nombre)
