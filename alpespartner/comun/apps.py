"""App configuration of the kernel."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ComunConfig(AppConfig):
    """Holds the tables that every context shares: history, idempotent requests and turns."""

    name = "alpespartner.comun"
    label = "comun"
    verbose_name = _("Registro común")

    def ready(self) -> None:
        """Give the staff's roles what each app declares, whenever its tables are migrated."""
        from alpespartner.comun.roles import aplicar

        post_migrate.connect(aplicar, dispatch_uid="alpespartner.roles")
