"""The words of the admin for affiliates and keys: entities, actions, tones of states."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.vocabulario import PARTES, Entidad, registrar

registrar(
    "afiliado",
    Entidad(
        _("Afiliado"),
        modelo="afiliados.Afiliado",
        acciones={
            "registrar": _("Registro"),
            "actualizar": _("Cambio de datos"),
            "programar_condiciones": _("Condiciones con fecha futura"),
            "aplicar_condiciones": _("Condiciones que entran en vigor"),
            "activar": _("Activación"),
            "rechazar": _("Rechazo"),
            "suspender": _("Suspensión"),
            "reactivar": _("Reactivación"),
            "bloquear": _("Bloqueo"),
            "desbloquear": _("Desbloqueo"),
            "cerrar": _("Cierre"),
            "exportar_datos": _("Entrega de sus datos"),
            "borrar_datos": _("Borrado de sus datos"),
            "tachar": _("Tachado en motivos y eventos"),
            "cambiar_cuenta": _("Cambio de cuenta bancaria"),
            "confirmar_cuenta": _("Cuenta bancaria confirmada"),
        },
        tonos={
            "pendiente": "aviso",
            "activo": "bien",
            "suspendido": "aviso",
            "bloqueado": "mal",
            "rechazado": "mal",
            "cerrado": "bien",
        },
    ),
)
registrar(
    "clave",
    Entidad(
        _("Clave de API"),
        acciones={
            "crear": _("Creación"),
            "rotar": _("Rotación"),
            "restringir": _("Cambio de sus restricciones"),
            "revocar": _("Revocación"),
            "revocar_pruebas": _("Fin de las claves de prueba que hizo"),
        },
    ),
)
registrar(
    "pruebas",
    Entidad(
        _("Entorno de pruebas"),
        acciones={
            "crear": _("Clave de prueba"),
            "revocar": _("Revocación de una clave de prueba"),
            "revocar_las_de": _("Fin de las que hizo una clave revocada"),
            "sembrar": _("Programa de prueba"),
            "recibir": _("Orden del sitio"),
            "vaciar": _("Vaciado"),
        },
    ),
)
PARTES.update({
    "condiciones": _("condiciones con fecha"),
    "entorno_de_pruebas": _("entorno de pruebas"),
    "pruebas_de_una_clave": _("claves de prueba de una clave revocada"),
    "vaciar_pruebas": _("vaciado de pruebas desde el servidor"),
    "suspensiones": _("suspensiones con fecha"),
    "crear_clave_api": _("claves desde el servidor"),
    "exportar_datos": _("datos desde el servidor"),
})  # fmt: skip
