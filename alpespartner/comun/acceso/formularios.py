"""The form of the sign-in page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from unfold.forms import AuthenticationForm

from alpespartner.comun.acceso.errores import AccesoOcupado, DemasiadosIntentos


class FormularioDeAcceso(AuthenticationForm):
    """Says why nobody looked at the password, and leaves it for the answer's status."""

    negado: AccesoOcupado | DemasiadosIntentos | None = None

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except (AccesoOcupado, DemasiadosIntentos) as exc:
            self.negado = exc
            raise ValidationError(exc.mensaje, code=exc.codigo) from None
