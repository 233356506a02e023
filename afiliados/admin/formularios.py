"""Forms of affiliates and API keys: they read input, the services decide."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from afiliados.afiliado.documentos import TipoDocumento
from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import Alcance, ClaveAPI
from afiliados.claves.topes import leer_topes
from afiliados.cuentas.models import CuentaBancaria
from alpespartner.comun.admin.base import FormularioDeServicio
from alpespartner.comun.admin.formato import opciones_de_moneda
from alpespartner.comun.errores import DatoInvalido


class AfiliadoForm(FormularioDeServicio):
    """Data of an affiliate; never its state."""

    documento_tipo = forms.ChoiceField(
        label=_("Tipo de documento"), required=False, widget=UnfoldAdminSelectWidget
    )
    moneda_comision = forms.ChoiceField(
        label=_("Moneda"),
        required=False,
        choices=opciones_de_moneda,
        widget=UnfoldAdminSelectWidget,
        help_text=_("Vacía: la del programa."),
    )

    desde = forms.SplitDateTimeField(
        label=_("Valen desde"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        help_text=_(
            "Las condiciones, para las ventas que ocurran desde entonces; el mínimo de pago, el "
            "idioma y el resumen cambian en ese momento. Vacío: desde ahora. "
            "Puede ser antes, para ventas que esperan una regla, si nada de entonces se calculó."
        ),
    )
    motivo = forms.CharField(
        label=_("Motivo del cambio"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Obligatorio si cambia lo que gana o quién lo refirió. Queda en el historial."),
    )

    class Meta:
        model = Afiliado
        fields = (
            "nombre", "email", "telefono", "documento_tipo", "documento_numero", "documento_pais",
            "tipo_afiliado", "nivel", "referente", "referencia_externa", "comision_base",
            "comision_premium", "comision_fija", "moneda_comision", "minimo_pago",
            "ventana_atribucion_dias", "idioma", "resumen",
        )  # fmt: skip
        help_texts = {
            "documento_numero": _("Sin puntos; el NIT, con su dígito tras un guion o sin él."),
            "documento_pais": _("Dos letras (CO, ES…). Solo hace falta en un pasaporte."),
            "ventana_atribucion_dias": _("Vacía, la de cada campaña."),
            "resumen": _("Lo que pasó con sus comisiones. Lo de sus pagos y su cuenta va siempre."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for campo in ("idioma", "resumen"):
            if campo in self.fields:
                self.fields[campo].required = False
        if "documento_tipo" in self.fields:
            # One from before they were checked is offered as it is.
            suyo = self.instance.documento_tipo
            raro = [(suyo, suyo)] if suyo and suyo not in TipoDocumento.values else []
            self.fields["documento_tipo"].choices = [  # type: ignore[attr-defined]
                ("", "—"), *raro, *TipoDocumento.choices,
            ]  # fmt: skip

    def clean_idioma(self) -> str:
        """What it was, when nobody says."""
        return self.cleaned_data["idioma"] or self.instance.idioma

    def clean_resumen(self) -> str:
        """What it was, when nobody says."""
        return self.cleaned_data["resumen"] or self.instance.resumen


class CuentaForm(FormularioDeServicio):
    """Bank data; the number goes in and never comes out."""

    iban = forms.CharField(
        label=_("IBAN o cuenta de Stripe"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
        help_text=_("Al cambiarlo, no se le paga durante la espera y se le avisa por correo."),
    )

    class Meta:
        model = CuentaBancaria
        fields = ("afiliado", "titular", "bic")


class RestriccionesForm(FormularioDeServicio):
    """From where a key may be used, and how much it approves."""

    class Meta:
        model = ClaveAPI
        fields: tuple[str, ...] = ("direcciones", "aprueba_por_venta", "aprueba_por_dia")

    def clean_aprueba_por_venta(self) -> Any:
        """By currency, as the service takes it."""
        return self._topes("aprueba_por_venta")

    def clean_aprueba_por_dia(self) -> Any:
        """By currency, as the service takes it."""
        return self._topes("aprueba_por_dia")

    def _topes(self, campo: str) -> Any:
        try:
            return leer_topes(self.cleaned_data[campo], campo)
        except DatoInvalido as exc:
            raise forms.ValidationError(exc.mensaje) from None


class ClaveForm(RestriccionesForm):
    """A key to make."""

    alcances = forms.MultipleChoiceField(
        label=_("Alcances"),
        choices=Alcance.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("Una clave de afiliado solo admite alcances de lectura."),
    )

    class Meta(RestriccionesForm.Meta):
        fields = (
            "nombre", "titular", "afiliado", "alcances", "expira_en",
            *RestriccionesForm.Meta.fields,
        )  # fmt: skip

    def clean_alcances(self) -> Any:
        """Plain list, as the service takes it."""
        return list(self.cleaned_data["alcances"])
