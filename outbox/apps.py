"""App configuration of the outbox."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """Events on their way out."""

    name = "outbox"
    verbose_name = _("Eventos")

    def ready(self) -> None:
        """Declare the words of the history and register the consumers of no other app."""
        from outbox import eventos, personales, tachado, vocabulario  # noqa: F401
        from outbox.consumidores import auditoria, confirmacion  # noqa: F401
        from outbox.webhooks import consumidor, correo  # noqa: F401
