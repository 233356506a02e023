"""Why a sale is refused or taken back: a cause of the list, and a note."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

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


def motivo_de(causa: str, nota: str = "") -> str:
    """The reason as the history keeps it: the cause, and the note if there is one.

    Raises :class:`DatoInvalido` for a cause that is not of the list and for a note too long.
    """
    if causa not in MotivoDecision.values:
        raise DatoInvalido(_now("Elige una causa de la lista."), campo="motivo_codigo")
    dicha = str(MotivoDecision(causa).label)
    return exigir_motivo(f"{dicha}: {nota.strip()}" if nota.strip() else dicha)
