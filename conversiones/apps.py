"""App configuration of conversions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversionesConfig(AppConfig):
    """Campaigns and conversions."""

    name = "conversiones"
    verbose_name = _("Conversiones")

    def ready(self) -> None:
        """Declare the events, the words of the history and what takes a second person."""
        from conversiones import eventos, vocabulario, webhooks  # noqa: F401
        from conversiones.campanas import propuestas  # noqa: F401
        from conversiones.ventas import propuestas as de_ventas  # noqa: F401
