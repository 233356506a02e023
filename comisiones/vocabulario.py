"""The words of the admin for commissions and payments: entities, actions, tones of states."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.vocabulario import PARTES, Entidad, registrar

registrar(
    "comision",
    Entidad(
        _("Comisión"),
        acciones={
            "calcular": _("Cálculo"),
            "recalcular": _("Recálculo"),
            "aprobar": _("Aprobación"),
            "rechazar": _("Rechazo"),
            "retener": _("Retención"),
            "liberar": _("Liberación"),
            "devolver": _("Devolución a revisión"),
            "anular": _("Anulación"),
            "reponer": _("Reposición"),
            "reducir": _("Reducción por devolución"),
            "programar": _("Pago programado"),
            "devolver_a_aprobada": _("Vuelta a aprobada"),
            "pagar": _("Pago"),
            "cerrar": _("Cierre sin importe"),
        },
        tonos={
            "cerrada": "bien",
            "pendiente": "aviso",
            "retenida": "espera",
            "aprobada": "bien",
            "programada": "info",
            "pagada": "bien",
            "rechazada": "mal",
        },
    ),
)
registrar(
    "decision",
    Entidad(
        _("Decisión en masa"),
        acciones={
            "confirmar": _("Confirmación"),
            "terminar": _("Término"),
            "detener": _("Detención"),
        },
        tonos={
            "por_confirmar": "aviso",
            "en_curso": "info",
            "terminada": "bien",
            "detenida": "mal",
        },
    ),
)
registrar(
    "vista",
    Entidad(
        _("Vista guardada"),
        acciones={
            "guardar": _("Guardado"),
            "quitar": _("Retirada"),
        },
    ),
)
registrar(
    "reporte",
    Entidad(
        _("Reporte"),
        acciones={
            "guardar": _("Guardado"),
            "cambiar": _("Cambio"),
            "retirar": _("Retirada"),
            "enviar": _("Envío"),
            "reenviar": _("Reenvío"),
            "fallar": _("Fallo"),
        },
    ),
)
registrar(
    "fichero",
    Entidad(
        _("Fichero de decisiones"),
        acciones={
            "subir": _("Subida"),
            "confirmar": _("Confirmación"),
        },
    ),
)
registrar(
    "ajuste",
    Entidad(
        _("Ajuste"),
        acciones={
            "crear": _("Creación"),
            "aprobar": _("Aprobación"),
            "contabilizar": _("Contabilización"),
            "descartar": _("Descarte"),
        },
        tonos={
            "aprobado": "info",
            "contabilizado": "bien",
        },
    ),
)
registrar(
    "regla",
    Entidad(
        _("Regla"),
        acciones={
            "crear": _("Creación"),
            "publicar": _("Versión publicada"),
            "terminar": _("Fin"),
        },
    ),
)
registrar(
    "extracto",
    Entidad(
        _("Extracto del banco"),
        acciones={
            "importar": _("Importación"),
            "dar_por_vistas": _("Líneas dadas por vistas"),
        },
    ),
)
registrar(
    "linea_banco",
    Entidad(
        _("Línea del banco"),
        acciones={
            "dar_por_vista": _("Dada por vista"),
            "volver_a_mirar": _("Por mirar otra vez"),
        },
    ),
)
registrar(
    "politica",
    Entidad(
        _("Aprobación automática"),
        acciones={
            "publicar": _("Versión publicada"),
        },
    ),
)
registrar(
    "retencion",
    Entidad(
        _("Retención fiscal"),
        acciones={
            "publicar": _("Versión publicada"),
        },
    ),
)
registrar(
    "lote",
    Entidad(
        _("Lote de pagos"),
        acciones={
            "proponer": _("Propuesta"),
            "armar": _("Propuesta completa"),
            "congelar": _("Congelación"),
            "liberar": _("Liberación"),
            "devolver": _("Vuelta a borrador"),
            "ejecutar": _("Comienzo de los pagos"),
            "descargar": _("Descarga del fichero"),
            "reintentar": _("Reintento"),
            "reintentar_fallidos": _("Reintento de los fallidos"),
            "terminar": _("Término"),
            "descartar": _("Descarte"),
            "cerrar": _("Cierre"),
        },
        tonos={
            "proponiendo": "info",
            "congelado": "aviso",
            "aprobado": "info",
            "en_ejecucion": "info",
            "liquidado": "bien",
            "parcialmente_fallido": "mal",
            "cerrado": "bien",
        },
    ),
)
registrar(
    "pago",
    Entidad(
        _("Pago"),
        acciones={
            "programar": _("Pago programado"),
            "enviar": _("Envío a la pasarela"),
            "reenviar": _("Reenvío a la pasarela"),
            "confirmar": _("Pago confirmado"),
            "dejar_incierto": _("Resultado incierto"),
            "decidir": _("Decisión de una persona"),
            "fallar": _("Fallo"),
            "recibir_devolucion": _("Devuelto por el banco"),
            "anular": _("Anulación"),
        },
        tonos={
            "listo": "info",
            "enviando": "info",
            "incierto": "aviso",
            "pagado": "bien",
            "fallido": "mal",
            "devuelto": "mal",
        },
    ),
)
registrar(
    "libro",
    Entidad(
        _("Libro"),
        acciones={
            "aceptar_tardio": _("Asiento aceptado tras el sello de su día"),
        },
    ),
)
registrar(
    "correo",
    Entidad(
        _("Correo"),
        acciones={
            "reenviar": _("Enviado otra vez"),
        },
        tonos={
            "enviada": "bien",
        },
    ),
)
registrar(
    "liquidacion",
    Entidad(
        _("Liquidación"),
        acciones={
            "emitir": _("Emisión"),
        },
    ),
)
registrar(
    "simulacion",
    Entidad(
        _("Simulación"),
        acciones={
            "crear": _("Creación"),
            "iniciar": _("Comienzo"),
            "terminar": _("Término"),
            "fallar": _("Fallo"),
            "cancelar": _("Cancelación"),
        },
        tonos={
            "encolada": "info",
            "en_curso": "info",
            "terminada": "bien",
            "fallida": "mal",
        },
    ),
)
PARTES.update({
    "comisiones": _("cálculo de comisiones"),
    "aprobacion": _("aprobación automática"),
    "devoluciones": _("devoluciones"),
    "en_masa": _("decisiones en masa"),
    "pagos": _("pagos"),
    "simulaciones": _("simulaciones"),
    "enlace_del_correo": _("enlace de un correo"),
})  # fmt: skip
