"""Form of a campaign: it reads input, the service decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from alpespartner.comun.admin.base import FormularioDeServicio
from alpespartner.comun.admin.formato import opciones_de_moneda
from conversiones.campanas.models import Campana


class CampanaForm(FormularioDeServicio):
    """Data of a campaign; never its state. Channels are written separated by commas."""

    moneda = forms.ChoiceField(
        label=_("Moneda"),
        choices=opciones_de_moneda,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Queda fija en cuanto haya conversiones."),
    )
    canales = forms.CharField(
        label=_("Canales"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Separados por comas: web, correo, redes."),
    )

    class Meta:
        model = Campana
        fields = (
            "nombre", "descripcion", "referencia_externa", "moneda", "presupuesto", "inicia_en",
            "termina_en", "canales", "dias_retencion", "modelo_atribucion",
            "ventana_atribucion_dias",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "canales" in self.fields:
            canales = self.instance.canales if self.instance.pk else []
            self.initial["canales"] = ", ".join(str(canal) for canal in canales)

    def clean_canales(self) -> list[str]:
        """Channels as the list that the service takes."""
        partes = (parte.strip() for parte in self.cleaned_data["canales"].split(","))
        return [parte for parte in partes if parte]
