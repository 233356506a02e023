"""Text that people write."""

from __future__ import annotations

from django.utils.translation import gettext as _

from alpespartner.comun.errores import DatoInvalido, FaltaMotivo

MAX_MOTIVO = 500


def exigir_motivo(motivo: str) -> str:
    """The reason without surrounding blanks; raises :class:`DatoInvalido` when it is not one."""
    motivo = motivo.strip()
    if not motivo:
        raise FaltaMotivo()
    if len(motivo) > MAX_MOTIVO:
        raise DatoInvalido(
            _("El motivo admite hasta %(n)s caracteres.") % {"n": MAX_MOTIVO}, campo="motivo"
        )
    return motivo
