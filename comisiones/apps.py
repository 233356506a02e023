"""App configuration of commissions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComisionesConfig(AppConfig):
    """Commissions."""

    name = "comisiones"
    verbose_name = _("Comisiones")

    def ready(self) -> None:
        """Declare the events and register the consumer."""
        from comisiones import consumidor, eventos  # noqa: F401
        from comisiones.notificaciones import consumidor as _notificaciones  # noqa: F401
