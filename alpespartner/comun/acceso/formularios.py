"""The forms of the doors."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm
from unfold.widgets import UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from alpespartner.comun.acceso.errores import AccesoOcupado, DemasiadosIntentos

Negado = AccesoOcupado | DemasiadosIntentos


class FormularioDeAcceso(AuthenticationForm):
    """Says why nobody looked at the password, and leaves it for the answer's status."""

    negado: Negado | None = None

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except (AccesoOcupado, DemasiadosIntentos) as exc:
            self.negado = exc
            raise ValidationError(exc.mensaje, code=exc.codigo) from None


def _caja_de_codigo(**mas: Any) -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(
        attrs={
            "autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false", **mas,
        }
    )  # fmt: skip


class FormularioDeCodigo(forms.Form):
    """A code of the application, or a recovery code."""

    negado: Negado | None = None

    codigo = forms.CharField(
        label=_("Código"), max_length=20, widget=_caja_de_codigo(autofocus=True)
    )


class FormularioDeInscripcion(FormularioDeCodigo):
    """The first code of an application, with the secret that it was given."""

    ficha = forms.CharField(max_length=400, widget=forms.HiddenInput)


class FormularioDeIdentidad(forms.Form):
    """The code of who has a second factor; the password of who has none."""

    negado: Negado | None = None

    def __init__(self, *args: Any, con_factor: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.con_factor = con_factor
        self.fields["prueba"] = (
            forms.CharField(
                label=_("Código"), max_length=20, widget=_caja_de_codigo(autofocus=True),
                help_text=_("El de tu aplicación, o uno de tus códigos de recuperación."),
            )
            if con_factor
            else forms.CharField(
                label=_("Contraseña"), max_length=500, strip=False,
                widget=UnfoldAdminPasswordWidget(
                    attrs={"autocomplete": "current-password", "autofocus": True}
                ),
            )
        )  # fmt: skip


class FormularioDeCambio(AdminOwnPasswordChangeForm):
    """One's own password: the old one is tried by the same door as a sign-in, with its limits."""

    negado: Negado | None = None

    def __init__(self, *args: Any, request: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_old_password(self) -> str:
        """The old password; wrong ones are counted and written down."""
        vieja: str = self.cleaned_data["old_password"]
        try:
            mismo = authenticate(self._request, username=self.user.get_username(), password=vieja)
        except (AccesoOcupado, DemasiadosIntentos) as exc:
            self.negado = exc
            raise ValidationError(exc.mensaje, code=exc.codigo) from None
        if mismo is None or mismo.pk != self.user.pk:
            raise ValidationError(
                self.error_messages["password_incorrect"], code="password_incorrect"
            )
        return vieja


class FormularioDeOlvido(forms.Form):
    """The address to which a link is sent."""

    negado: Negado | None = None

    correo = forms.EmailField(
        label=_("Correo"),
        max_length=254,
        widget=UnfoldAdminTextInputWidget(
            attrs={"type": "email", "autocomplete": "email", "autofocus": True}
        ),
    )


class FormularioDeContrasena(SetPasswordForm):
    """Another password, by a link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for campo in self.fields.values():
            campo.widget = UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"})
