"""States of enrolments and the steps between them, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class EstadoInscripcion(models.TextChoices):
    """Life of an affiliate in a campaign. Only who is ``inscrito`` earns there."""

    INVITADO = "invitado", _("Invitado")
    SOLICITADO = "solicitado", _("Solicitado")
    INSCRITO = "inscrito", _("Inscrito")
    RETIRADO = "retirado", _("Retirado")
    RECHAZADO = "rechazado", _("Rechazado")


_I = EstadoInscripcion
INSCRIPCION = Maquina(
    entidad="inscripcion",
    pasos={
        _I.INVITADO: frozenset({_I.INSCRITO, _I.RECHAZADO, _I.RETIRADO}),
        _I.SOLICITADO: frozenset({_I.INSCRITO, _I.RECHAZADO, _I.RETIRADO}),
        _I.INSCRITO: frozenset({_I.RETIRADO}),
        # Who is out may ask again, or be invited.
        _I.RETIRADO: frozenset({_I.SOLICITADO, _I.INVITADO}),
        _I.RECHAZADO: frozenset({_I.SOLICITADO, _I.INVITADO}),
    },
)
