"""App configuration of the kernel."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class ComunConfig(AppConfig):
    """Holds the tables that every context shares: history, idempotent requests and turns."""

    name = "alpespartner.comun"
    label = "comun"
    verbose_name = _("Registro común")

    def ready(self) -> None:
        """The database tells texts apart. Whenever tables are migrated: they are of this version,
        and the staff's roles get what each app declares. The staff's accounts are written down."""
        from alpespartner.comun import accesos
        from alpespartner.comun.db.cotejo import comprobar, exigir_cotejo
        from alpespartner.comun.db.version import exigir_esta_version
        from alpespartner.comun.roles import aplicar

        accesos.conectar()
        checks.register(comprobar)
        pre_migrate.connect(exigir_cotejo, sender=self, dispatch_uid="alpespartner.cotejo")
        pre_migrate.connect(exigir_esta_version, sender=self, dispatch_uid="alpespartner.version")
        post_migrate.connect(aplicar, dispatch_uid="alpespartner.roles")
