"""App configuration of affiliates."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AfiliadosConfig(AppConfig):
    """Affiliates and API keys."""

    name = "afiliados"
    verbose_name = _("Afiliados")

    def ready(self) -> None:
        """Declare the events and the words of the history."""
        from afiliados import eventos, vocabulario  # noqa: F401
