"""The words of the admin for what happens at the doors."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.vocabulario import PARTES, Entidad, registrar

registrar(
    "acceso",
    Entidad(
        _("Acceso"),
        acciones={
            "entrada": _("Entrada"),
            "fallo": _("Contraseña errónea"),
            "bloqueo": _("Bloqueo por intentos fallidos"),
            "claves_erroneas": _("Claves de API erróneas"),
            "inscripcion": _("Segundo factor puesto"),
            "factor_cambiado": _("Segundo factor cambiado"),
            "factor_quitado": _("Segundo factor quitado"),
            "codigos_nuevos": _("Códigos de recuperación nuevos"),
            "codigo_de_recuperacion": _("Código de recuperación usado"),
            "codigo_erroneo": _("Código erróneo"),
            "confirmacion": _("Identidad confirmada"),
            "enlace_pedido": _("Enlace de contraseña pedido"),
        },
    ),
)
PARTES.update({
    "acceso": _("la entrada"),
    "propuestas": _("lo que se confirma"),
    "exportaciones": _("exportaciones"),
})  # fmt: skip
