"""What each role of the staff may do with campaigns and sales."""

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_VER = (
    "view_campana",
    "view_cliente",
    "view_conversion",
    "view_devolucionpendiente",
    "view_filaimportada",
    "view_importacion",
    "view_movimientoconversion",
)
ROLES = {
    REVISION: (
        *_VER,
        "validar_conversion",
        "asignar_conversion",
        "add_conversion",
        "devolver_conversion",
        "add_importacion",
    ),
    TESORERIA: _VER,
    CONSULTA: _VER,
}
