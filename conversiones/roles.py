"""What each role of the staff may do with campaigns and sales."""

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_VER = (
    "view_campana",
    "view_conversion",
    "view_devolucionpendiente",
    "view_movimientoconversion",
)
ROLES = {
    REVISION: (*_VER, "validar_conversion"),
    TESORERIA: _VER,
    CONSULTA: _VER,
}
