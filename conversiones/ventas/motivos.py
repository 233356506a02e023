"""Why a sale is refused or taken back: a cause of the list, and a note."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.textos import exigir_motivo


class MotivoDecision(models.TextChoices):
    """Why a person turned a sale or its commission down, took it back or looks at it again."""

    FRAUDE = "fraude", _("Fraude")
    ERROR_CLIENTE = "error_cliente", _("Error del cliente")
    ARTICULO_DEVUELTO = "articulo_devuelto", _("Artículo devuelto")
    ERROR_PEDIDO = "error_pedido", _("Error en el pedido")
    PEDIDO_ACTUALIZADO = "pedido_actualizado", _("Pedido actualizado")
    DISPUTA_PARTNER = "disputa_partner", _("Disputa del afiliado")
    DISPUTA_MARCA = "disputa_marca", _("Disputa de la marca")
    INCUMPLE_CONDICIONES = "incumple_condiciones", _("Incumple las condiciones")
    SIN_EXISTENCIAS = "sin_existencias", _("Sin existencias")
    DUPLICADA = "duplicada", _("Duplicada")
    PRUEBA = "prueba", _("Pedido de prueba")


def razon(motivo: str, motivo_codigo: str) -> tuple[str, str]:
    """What somebody wrote, and the code that they chose. One of the two is required.

    Raises FaltaMotivo, and :class:`DatoInvalido` for what is too long or not of the list.
    """
    if not motivo_codigo:
        return exigir_motivo(motivo), ""
    if motivo_codigo not in MotivoDecision.values:
        raise DatoInvalido(_now("Elige un motivo de la lista."), campo="motivo_codigo")
    return (exigir_motivo(motivo) if motivo.strip() else ""), motivo_codigo


def en_palabras(motivo: str, motivo_codigo: str) -> str:
    """A reason for whoever reads only text: what was written or the code in the site's language."""
    if motivo or not motivo_codigo:
        return motivo
    with override(settings.LANGUAGE_CODE):
        return str(MotivoDecision(motivo_codigo).label)


def motivo_de(motivo_codigo: str, nota: str = "") -> str:
    """Both in one text, where no code is kept apart; the code is required. Raises as
    :func:`razon`."""
    if not motivo_codigo:
        raise DatoInvalido(_now("Elige un motivo de la lista."), campo="motivo_codigo")
    nota, motivo_codigo = razon(nota, motivo_codigo)
    dicho = en_palabras("", motivo_codigo)
    return exigir_motivo(f"{dicho}: {nota}" if nota else dicho)
