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
