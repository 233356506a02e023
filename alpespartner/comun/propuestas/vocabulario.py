"""The words of the admin for proposals."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.vocabulario import Entidad, registrar

registrar(
    "propuesta",
    Entidad(
        _("Propuesta"),
        acciones={
            "proponer": _("Propuesta"),
            "confirmar": _("Confirmación"),
            "descartar": _("Descarte"),
            "caducar": _("Caducidad"),
            # In the history of what it is about.
            "confirmar_propuesta": _("Propuesta confirmada"),
            "descartar_propuesta": _("Propuesta descartada"),
        },
        tonos={
            "por_confirmar": "aviso",
            "confirmada": "bien",
            "descartada": "neutro",
            "caducada": "neutro",
        },
    ),
)
