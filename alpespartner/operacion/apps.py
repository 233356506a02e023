"""App configuration of operations: commands, the monitor and its alerts."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperacionConfig(AppConfig):
    """What spans every context."""

    name = "alpespartner.operacion"
    label = "operacion"
    verbose_name = _("Operación")

    def ready(self) -> None:
        """Register its words."""
        from alpespartner.operacion import vocabulario  # noqa: F401 - registers them
