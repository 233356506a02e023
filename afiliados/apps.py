"""App configuration of affiliates."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AfiliadosConfig(AppConfig):
    """Affiliates and API keys."""

    name = "afiliados"
    verbose_name = _("Afiliados")

    def ready(self) -> None:
        """Declare the events."""
        from afiliados import eventos  # noqa: F401
