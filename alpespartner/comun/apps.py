"""App configuration of the kernel."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComunConfig(AppConfig):
    """Holds the tables that every context shares: history and idempotent requests."""

    name = "alpespartner.comun"
    label = "comun"
    verbose_name = _("Registro común")
