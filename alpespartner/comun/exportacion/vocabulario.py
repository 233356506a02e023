"""The words of the admin for exported lists."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.vocabulario import Entidad, registrar

registrar(
    "exportacion",
    Entidad(
        _("Exportación"),
        acciones={
            "exportar": _("Exportación"),
            "iniciar": _("Comienzo"),
            "terminar": _("Término"),
            "fallar": _("Fallo"),
            "descargar": _("Descarga"),
            "caducar": _("Caducidad"),
        },
        tonos={
            "encolada": "info",
            "en_curso": "info",
            "lista": "bien",
            "fallida": "mal",
            "caducada": "neutro",
        },
    ),
)
