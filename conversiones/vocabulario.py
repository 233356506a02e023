"""The words of the admin for campaigns, links and sales: entities, actions, tones of states."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.vocabulario import PARTES, Entidad, registrar

registrar(
    "campana",
    Entidad(
        _("Campaña"),
        modelo="conversiones.Campana",
        acciones={
            "crear": _("Creación"),
            "actualizar": _("Cambio de datos"),
            "predeterminar": _("Elegida como predeterminada"),
            "activar": _("Activación"),
            "pausar": _("Pausa"),
            "finalizar": _("Fin"),
            "pedir_inscripcion": _("Solo con inscripción"),
            "abrir_a_todos": _("Abierta a todos"),
            "publicar_terminos": _("Publicación de términos"),
        },
        tonos={
            "activa": "bien",
            "pausada": "aviso",
        },
    ),
)
for _nombre, _que in (("enlace", _("Enlace")), ("cupon", _("Cupón"))):
    registrar(
        _nombre,
        Entidad(
            _que,
            acciones={"crear": _("Creación"), "retirar": _("Retirada")},
            tonos={"activo": "bien"},
        ),
    )
registrar(
    "inscripcion",
    Entidad(
        _("Inscripción"),
        acciones={
            "invitar": _("Invitación"),
            "solicitar": _("Solicitud"),
            "inscribir": _("Inscripción"),
            "rechazar": _("Rechazo"),
            "retirar": _("Retirada"),
            "aceptar_terminos": _("Aceptación de términos"),
        },
        tonos={
            "invitado": "info",
            "solicitado": "aviso",
            "inscrito": "bien",
            "rechazado": "mal",
        },
    ),
)
registrar(
    "conversion",
    Entidad(
        _("Conversión"),
        acciones={
            "registrar": _("Registro"),
            "actualizar": _("Cambio de datos"),
            "asignar": _("Asignación a un afiliado"),
            "reasignar": _("Reasignación a otro afiliado"),
            "validar": _("Validación"),
            "rechazar": _("Rechazo"),
            "reponer": _("Reposición"),
            "revertir": _("Devolución"),
        },
        tonos={
            "recibida": "info",
            "validada": "bien",
            "rechazada": "mal",
            "revertida_parcial": "aviso",
            "revertida": "mal",
        },
    ),
)
registrar(
    "cliente",
    Entidad(
        _("Cliente"),
        acciones={
            "registrar": _("Registro"),
            "identificar": _("Cambio de correo"),
            "vincular": _("Vínculo con un afiliado"),
            "reasignar": _("Reasignación a otro afiliado"),
            "borrar_datos": _("Borrado de sus datos"),
            "tachar": _("Tachado en motivos y eventos"),
            "apartar_venta": _("Una venta no le siguió"),
            "terminar_mudanza": _("Sus ventas le siguieron"),
        },
    ),
)
registrar(
    "devolucion",
    Entidad(
        _("Devolución sin su venta"),
        acciones={
            "registrar": _("Registro"),
        },
    ),
)
registrar(
    "importacion",
    Entidad(
        _("Importación"),
        acciones={
            "subir": _("Subida"),
            "ensayar": _("Comienzo del ensayo"),
            "cambiar_columnas": _("Cambio de columnas"),
            "ensayada": _("Fin del ensayo"),
            "confirmar": _("Confirmación"),
            "reanudar": _("Reanudación"),
            "terminar": _("Fin"),
            "detener": _("Detención"),
        },
        tonos={
            "por_revisar": "aviso",
            "ensayando": "info",
            "por_confirmar": "aviso",
            "en_curso": "info",
            "terminada": "bien",
            "detenida": "mal",
        },
    ),
)
PARTES.update({
    "importaciones": _("importaciones"),
    "importar": _("importación desde el servidor"),
})  # fmt: skip
