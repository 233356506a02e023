"""What the feed may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import ErrorDominio


class CursorCaducado(ErrorDominio):
    """What came after a cursor is not all there any more (410)."""

    http = 410
    codigo = "cursor_caducado"
    texto = _(
        "Parte de lo que siguió a este cursor ya no se guarda: pide uno con «desde=ahora», lee "
        "otra vez las listas que sigues y continúa desde él."
    )
    campo = "desde"
