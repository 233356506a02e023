"""What each role of the staff may do with affiliates."""

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_VER = ("view_afiliado",)
ROLES = {
    REVISION: (
        *_VER,
        "add_afiliado",
        "change_afiliado",
        "cambiar_estado_afiliado",
        "exportar_datos_afiliado",
        "borrar_datos_afiliado",
        "view_cuentabancaria",
        "add_cuentabancaria",
        "change_cuentabancaria",
        "confirmar_cuentabancaria",
    ),
    TESORERIA: (*_VER, "view_cuentabancaria", "confirmar_cuentabancaria"),
    CONSULTA: _VER,
}
