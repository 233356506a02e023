"""What each role of the staff may do with campaigns, links and sales."""

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_VER = (
    "view_campana",
    "view_clic",
    "view_cliente",
    "view_conversion",
    "view_cupon",
    "view_devolucionpendiente",
    "view_enlace",
    "view_filaimportada",
    "view_importacion",
    "view_inscripcion",
    "view_movimientoconversion",
    "view_terminoscampana",
)
ROLES = {
    REVISION: (
        *_VER,
        "validar_conversion",
        "asignar_conversion",
        "reasignar_conversion",
        "reasignar_cliente",
        "borrar_datos_cliente",
        "add_conversion",
        "devolver_conversion",
        "add_importacion",
        "add_enlace",
        "retirar_enlace",
        "add_cupon",
        "retirar_cupon",
        "add_inscripcion",
        "decidir_inscripcion",
    ),
    TESORERIA: _VER,
    CONSULTA: _VER,
}
