"""Form of a campaign: it reads input, the service decides."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from alpespartner.comun.admin.base import FormularioDeServicio
from alpespartner.comun.admin.formato import opciones_de_moneda
from conversiones.campanas.models import PARAMETROS, Campana


class CampoDeNombres(forms.CharField):
    """A list of names, written separated by commas."""

    def __init__(self, **opciones: Any) -> None:
        super().__init__(required=False, widget=UnfoldAdminTextInputWidget, **opciones)

    def prepare_value(self, value: Any) -> Any:
        """The names as they are written."""
        return ", ".join(str(v) for v in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        """The names as the list that the service takes."""
        if isinstance(value, list):
            return value
        return [parte for p in (value or "").split(",") if (parte := p.strip())]

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Whether the names are others."""
        return bool(self.to_python(initial) != self.to_python(data))


class CampanaForm(FormularioDeServicio):
    """Data of a campaign; never its state."""

    moneda = forms.ChoiceField(
        label=_("Moneda"),
        choices=opciones_de_moneda,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Queda fija en cuanto haya conversiones o clics."),
    )
    zona = forms.CharField(
        label=_("Zona horaria"),
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_(
            "Sus días van de medianoche a medianoche de ella: America/Bogota. Vacía: la del "
            "programa. Queda fija en cuanto haya conversiones o clics."
        ),
    )
    canales = CampoDeNombres(
        label=_("Canales"), help_text=_("Separados por comas: web, correo, redes.")
    )

    destinos = CampoDeNombres(
        label=_("Otros sitios de destino"),
        help_text=_("Separados por comas: tienda.ejemplo.com. El de la página ya cuenta."),
    )
    parametros = CampoDeNombres(
        label=_("Parámetros de afiliado"),
        help_text=format_lazy(
            _("Separados por comas. Vacío: {nombres}."), nombres=", ".join(PARAMETROS)
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for campo in ("inicia_en", "termina_en"):
            if campo in self.fields:
                self.fields[campo].help_text = _now(
                    "Hora de %(zona)s, aunque los días de la campaña sean de otra zona."
                ) % {"zona": timezone.get_current_timezone_name()}

    class Meta:
        model = Campana
        fields = (
            "nombre", "descripcion", "referencia_externa", "moneda", "zona", "presupuesto",
            "inicia_en", "termina_en", "canales", "dias_retencion", "modelo_atribucion",
            "ventana_atribucion_dias", "cupon_reasigna", "pagina", "destinos", "parametros",
            "consentimiento",
        )  # fmt: skip
