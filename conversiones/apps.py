"""App configuration of conversions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversionesConfig(AppConfig):
    """Campaigns and conversions."""

    name = "conversiones"
    verbose_name = _("Conversiones")

    def ready(self) -> None:
        """Declare the events."""
        from conversiones import eventos  # noqa: F401
