"""The words of the admin for what happens at the doors."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.vocabulario import Entidad, registrar

registrar(
    "acceso",
    Entidad(
        _("Acceso"),
        acciones={
            "entrada": _("Entrada"),
            "fallo": _("Contraseña errónea"),
            "bloqueo": _("Bloqueo por intentos fallidos"),
            "claves_erroneas": _("Claves de API erróneas"),
        },
    ),
)
