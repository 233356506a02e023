"""App configuration of conversions."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConversionesConfig(AppConfig):
    """Campaigns and conversions."""

    name = "conversiones"
    verbose_name = _("Conversiones")

    def ready(self) -> None:
        """Declare the events, the words of the history, what takes a second person and what ends
        with an affiliate."""
        from afiliados.afiliado.transiciones import registrar_cierre
        from conversiones import eventos, personales, vocabulario, webhooks  # noqa: F401
        from conversiones.campanas import propuestas  # noqa: F401
        from conversiones.clientes import propuestas as de_clientes  # noqa: F401
        from conversiones.rastreo.services import retirar_cupones_de
        from conversiones.ventas import propuestas as de_ventas  # noqa: F401

        registrar_cierre(retirar_cupones_de)
