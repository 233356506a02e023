"""App configuration of affiliates."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AfiliadosConfig(AppConfig):
    """Affiliates and API keys."""

    name = "afiliados"
    verbose_name = _("Afiliados")

    def ready(self) -> None:
        """Declare the events, the words of the history, what takes a second person, what ends
        with an affiliate, and which keys are the same hands."""
        from afiliados import eventos, vocabulario, webhooks  # noqa: F401
        from afiliados.afiliado import propuestas as _afiliados  # noqa: F401
        from afiliados.afiliado.transiciones import registrar_cierre
        from afiliados.claves import propuestas as _claves  # noqa: F401
        from afiliados.claves.selectors import manos_de_clave, manos_de_persona
        from afiliados.claves.services import revocar_las_de
        from afiliados.personales import propuestas as _personales  # noqa: F401
        from alpespartner.comun.separacion import registrar

        registrar_cierre(revocar_las_de)
        registrar("clave", manos_de_clave)
        registrar("persona", manos_de_persona)
