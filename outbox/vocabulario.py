"""The words of the admin for events: entities, actions, tones of states."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.vocabulario import Entidad, registrar

registrar(
    "evento",
    Entidad(
        _("Evento"),
        acciones={
            "reencolar": _("Reencolado"),
        },
    ),
)
registrar(
    "webhook",
    Entidad(
        _("Webhook"),
        modelo="outbox.Webhook",
        acciones={
            "crear": _("Creación"),
            "editar": _("Cambio"),
            "activar": _("Activación"),
            "desactivar": _("Desactivación"),
            "rotar": _("Rotación del secreto"),
            "probar": _("Prueba"),
            "repetir": _("Repetición"),
        },
        tonos={"activo": "bien", "desactivado": "mal"},
    ),
)
