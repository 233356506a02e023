"""What a proposal may be refused for."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto


class YaPropuesto(Conflicto):
    """The same was proposed of the same object, and waits."""

    codigo = "ya_propuesto"
    texto = _("Ya hay una propuesta igual por confirmar: confírmala o descártala antes.")


class ObjetoCambiado(Conflicto):
    """What the proposal is about is not as its author saw it."""

    codigo = "objeto_cambiado"
    texto = _("Cambió desde que se propuso, y no se hizo nada: descártala y proponla de nuevo.")


class PropuestaCaducada(Conflicto):
    """Nobody confirmed the proposal in time."""

    codigo = "propuesta_caducada"
    texto = _("La propuesta caducó: proponla de nuevo.")
