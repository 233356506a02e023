"""States of links and coupons and the step between them, as data."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.estados import Maquina


class EstadoDeCodigo(models.TextChoices):
    """Life of a link or a coupon. One that was retired stays so: a new one is made instead."""

    ACTIVO = "activo", _("Activo")
    RETIRADO = "retirado", _("Retirado")


_PASOS = {EstadoDeCodigo.ACTIVO.value: frozenset({EstadoDeCodigo.RETIRADO.value})}
ENLACE = Maquina(entidad="enlace", pasos=_PASOS)
CUPON = Maquina(entidad="cupon", pasos=_PASOS)
