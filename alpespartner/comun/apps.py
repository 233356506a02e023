"""App configuration of the kernel."""

from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in
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
        and the staff's roles get what each app declares. Who comes in is written down."""
        from alpespartner.comun import (
            accesos,
            comprobaciones,  # noqa: F401 - registers them
        )
        from alpespartner.comun.acceso import (
            sesiones,
            vocabulario,  # noqa: F401 - registers its words
        )
        from alpespartner.comun.acceso.contrasenas import anotar_entrada
        from alpespartner.comun.db.cotejo import comprobar, exigir_cotejo
        from alpespartner.comun.db.version import exigir_esta_version
        from alpespartner.comun.exportacion import vocabulario as _exportacion  # noqa: F401
        from alpespartner.comun.propuestas import vocabulario as _propuestas  # noqa: F401
        from alpespartner.comun.roles import aplicar

        accesos.conectar()
        sesiones.conectar()
        checks.register(comprobar)
        pre_migrate.connect(exigir_cotejo, sender=self, dispatch_uid="alpespartner.cotejo")
        pre_migrate.connect(exigir_esta_version, sender=self, dispatch_uid="alpespartner.version")
        user_logged_in.connect(anotar_entrada, dispatch_uid="alpespartner.entradas")
        post_migrate.connect(aplicar, dispatch_uid="alpespartner.roles")
