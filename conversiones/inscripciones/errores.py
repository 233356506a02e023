"""What enrolments may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto


class CampanaAbierta(Conflicto):
    """Everybody is enrolled in it."""

    codigo = "campana_abierta"
    texto = _("La campaña está abierta a todos: no hace falta inscribirse.")


class AfiliadoSinInscripcion(Conflicto):
    """The affiliate is out of the programme."""

    codigo = "afiliado_sin_inscripcion"
    texto = _("El afiliado está fuera del programa: no se inscribe.")


class TerminosSinAceptar(Conflicto):
    """Whoever asks to be enrolled accepts the terms in force, and no others."""

    codigo = "terminos_sin_aceptar"
    texto = _("La campaña tiene términos: léelos y repite la petición con su versión vigente.")
    campo = "terminos"
