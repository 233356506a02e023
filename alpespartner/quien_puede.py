"""Who may do what, as one table: each address of the API and of the admin, with what opens it.

It decides nothing: views, admin pages and services do, and a test holds that they say the same and
that no address or action is missing here. ``docs/seguridad.md`` is written from it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.apps import apps
from django.utils import translation

from afiliados.claves.models import ALCANCES_DE_AFILIADO
from alpespartner.comun import roles
from comisiones.separacion.selectors import LEVANTA_EL_ALCANCE, VETOS, Relacion

# Method and address of the API, with the scope that its key needs; None: no key opens it.
API: dict[tuple[str, str], str | None] = {
    ("GET", "/api/v1/afiliados"): "afiliados:leer",
    ("POST", "/api/v1/afiliados"): "afiliados:escribir",
    ("POST", "/api/v1/afiliados/lote"): "afiliados:escribir",
    ("GET", "/api/v1/afiliados/*"): "afiliados:leer",
    ("PUT", "/api/v1/afiliados/*"): "afiliados:cambiar",
    ("PATCH", "/api/v1/afiliados/*"): "afiliados:cambiar",
    ("POST", "/api/v1/afiliados/*/activar"): "afiliados:estado",
    ("POST", "/api/v1/afiliados/*/suspender"): "afiliados:estado",
    ("POST", "/api/v1/afiliados/*/bloquear"): "afiliados:estado",
    ("POST", "/api/v1/afiliados/*/reactivar"): "afiliados:estado",
    ("POST", "/api/v1/afiliados/*/cerrar"): "afiliados:estado",
    ("GET", "/api/v1/afiliados/*/extracto"): "comisiones:leer",
    ("GET", "/api/v1/campanas"): "campanas:leer",
    ("GET", "/api/v1/campanas/*"): "campanas:leer",
    ("GET", "/api/v1/campanas/*/terminos"): "campanas:leer",
    ("GET", "/api/v1/campanas/*/inscripciones"): "campanas:leer",
    ("POST", "/api/v1/campanas/*/inscripciones"): "inscripciones:escribir",
    ("GET", "/api/v1/campanas/*/inscripciones/*"): "campanas:leer",
    ("POST", "/api/v1/campanas/*/inscripciones/*/aprobar"): "inscripciones:decidir",
    ("POST", "/api/v1/campanas/*/inscripciones/*/rechazar"): "inscripciones:decidir",
    ("POST", "/api/v1/campanas/*/inscripciones/*/retirar"): "inscripciones:escribir",
    ("GET", "/api/v1/conversiones"): "conversiones:leer",
    ("POST", "/api/v1/conversiones"): "conversiones:escribir",
    ("POST", "/api/v1/conversiones/lote"): "conversiones:escribir",
    ("GET", "/api/v1/conversiones/metricas"): "comisiones:leer",
    ("GET", "/api/v1/conversiones/*"): "conversiones:leer",
    ("PUT", "/api/v1/conversiones/*"): "conversiones:cambiar",
    ("PATCH", "/api/v1/conversiones/*"): "conversiones:cambiar",
    ("GET", "/api/v1/conversiones/*/atribucion"): "conversiones:leer",
    ("POST", "/api/v1/conversiones/*/asignar"): "conversiones:asignar",
    ("POST", "/api/v1/conversiones/*/reasignar"): "conversiones:reasignar",
    ("POST", "/api/v1/clientes"): "conversiones:escribir",
    ("POST", "/api/v1/conversiones/*/devoluciones"): "conversiones:devolver",
    ("POST", "/api/v1/devoluciones/lote"): "conversiones:devolver",
    ("GET", "/api/v1/enlaces"): "enlaces:leer",
    ("POST", "/api/v1/enlaces"): "enlaces:escribir",
    ("GET", "/api/v1/enlaces/*"): "enlaces:leer",
    ("GET", "/api/v1/enlaces/*/qr"): "enlaces:leer",
    ("POST", "/api/v1/enlaces/*/retirar"): "enlaces:escribir",
    ("GET", "/api/v1/cupones"): "cupones:leer",
    ("POST", "/api/v1/cupones"): "cupones:escribir",
    ("GET", "/api/v1/cupones/*"): "cupones:leer",
    ("POST", "/api/v1/cupones/*/retirar"): "cupones:escribir",
    ("GET", "/api/v1/comisiones"): "comisiones:leer",
    ("POST", "/api/v1/comisiones"): "comisiones:escribir",
    ("GET", "/api/v1/comisiones/estadisticas"): "comisiones:leer",
    ("GET", "/api/v1/comisiones/reportes"): "comisiones:leer",
    ("GET", "/api/v1/comisiones/*"): "comisiones:leer",
    ("GET", "/api/v1/comisiones/*/explicacion"): "comisiones:leer",
    ("POST", "/api/v1/comisiones/lote/aprobar"): "comisiones:aprobar",
    ("POST", "/api/v1/comisiones/lote/rechazar"): "comisiones:aprobar",
    ("POST", "/api/v1/comisiones/*/aprobar"): "comisiones:aprobar",
    ("POST", "/api/v1/comisiones/*/rechazar"): "comisiones:aprobar",
    ("POST", "/api/v1/comisiones/*/devolver"): "comisiones:aprobar",
    ("GET", "/api/v1/pagos"): "pagos:leer",
    ("GET", "/api/v1/pagos/*"): "pagos:leer",
    ("GET", "/api/v1/pagos/*/remesa"): "pagos:leer",
    ("GET", "/api/v1/liquidaciones"): "pagos:leer",
    ("GET", "/api/v1/liquidaciones/*"): "pagos:leer",
    ("GET", "/api/v1/liquidaciones/*/documento"): "pagos:leer",
    ("POST", "/commissions/calculate"): "comisiones:escribir",
    ("POST", "/commissions/approve"): "comisiones:aprobar",
    ("GET", "/commissions/by-conversion/*"): "comisiones:leer",
    ("GET", "/debug/outbox"): "outbox:leer",
    ("GET", "/api/v1/eventos"): "eventos:leer",
    ("GET", "/api/v1/claves"): "claves:leer",
    ("POST", "/api/v1/claves"): "claves:escribir",
    ("PATCH", "/api/v1/claves/*"): "claves:escribir",
    ("POST", "/api/v1/claves/*/rotar"): "claves:escribir",
    ("POST", "/api/v1/claves/*/revocar"): "claves:escribir",
    ("GET", "/api/v1/postbacks"): "postbacks:leer",
    ("POST", "/api/v1/postbacks"): "postbacks:escribir",
    ("GET", "/api/v1/postbacks/macros"): "postbacks:leer",
    ("GET", "/api/v1/postbacks/*"): "postbacks:leer",
    ("PATCH", "/api/v1/postbacks/*"): "postbacks:escribir",
    ("DELETE", "/api/v1/postbacks/*"): "postbacks:escribir",
    ("POST", "/api/v1/postbacks/*/activar"): "postbacks:escribir",
    ("POST", "/api/v1/postbacks/*/probar"): "postbacks:escribir",
    ("POST", "/api/v1/postbacks/*/repetir"): "postbacks:escribir",
    ("GET", "/api/v1/postbacks/*/entregas"): "postbacks:leer",
    ("GET", "/api/v1/webhooks"): "webhooks:leer",
    ("POST", "/api/v1/webhooks"): "webhooks:escribir",
    ("GET", "/api/v1/webhooks/*"): "webhooks:leer",
    ("PATCH", "/api/v1/webhooks/*"): "webhooks:escribir",
    ("DELETE", "/api/v1/webhooks/*"): "webhooks:escribir",
    ("POST", "/api/v1/webhooks/*/activar"): "webhooks:escribir",
    ("POST", "/api/v1/webhooks/*/probar"): "webhooks:escribir",
    ("POST", "/api/v1/webhooks/*/rotar"): "webhooks:escribir",
    ("POST", "/api/v1/webhooks/*/repetir"): "webhooks:escribir",
    ("GET", "/api/v1/webhooks/*/entregas"): "webhooks:leer",
    ("DELETE", "/api/v1/pruebas"): "pruebas:vaciar",
    # What comes here is signed by the gateway.
    ("POST", "/api/v1/avisos/stripe"): None,
}
# Scopes that open no address but change what happens behind one.
ALCANCES_QUE_MATIZAN: dict[str, str] = {
    "afiliados:activar": "Los afiliados que registra quedan activos, no pendientes.",
    "comisiones:aprobar_propias": "Aprueba también lo que su titular registró, calculó o tasó; "
    "nunca lo que fijó a mano ni lo que cobra.",
    "conversiones:antiguas": "Sus ventas maduran desde su fecha, hasta ALPES_VENTAS_ANTIGUAS_DIAS "
    "atrás; sin él, desde que se registran.",
}

# Pages and actions of the admin by model, with the permission that each needs.
ADMIN: dict[str, dict[str, str]] = {
    "afiliados.afiliado": {
        "ver": "afiliados.view_afiliado",
        "página exportar": "afiliados.view_afiliado",
        "añadir": "afiliados.add_afiliado",
        "editar": "afiliados.change_afiliado",
        "activar": "afiliados.cambiar_estado_afiliado",
        "rechazar": "afiliados.cambiar_estado_afiliado",
        "suspender": "afiliados.cambiar_estado_afiliado",
        "reactivar": "afiliados.cambiar_estado_afiliado",
        "bloquear": "afiliados.cambiar_estado_afiliado",
        "desbloquear": "afiliados.cambiar_estado_afiliado",
        "cerrar": "afiliados.cambiar_estado_afiliado",
        "exportar_datos": "afiliados.exportar_datos_afiliado",
        "borrar_datos": "afiliados.borrar_datos_afiliado",
    },
    "afiliados.claveapi": {
        "ver": "afiliados.view_claveapi",
        "página exportar": "afiliados.view_claveapi",
        "añadir": "afiliados.add_claveapi",
        "editar": "afiliados.change_claveapi",
        "revocar": "afiliados.change_claveapi",
        "página pruebas": "afiliados.view_claveapi",
        "página prueba_nueva": "afiliados.add_claveapi",
        "página prueba_revocar": "afiliados.change_claveapi",
        "página prueba_vaciar": "afiliados.change_claveapi",
    },
    "afiliados.cuentabancaria": {
        "ver": "afiliados.view_cuentabancaria",
        "página exportar": "afiliados.view_cuentabancaria",
        "añadir": "afiliados.add_cuentabancaria",
        "editar": "afiliados.change_cuentabancaria",
        "confirmar": "afiliados.confirmar_cuentabancaria",
    },
    "auth.group": {
        "ver": "auth.view_group",
        "añadir": "auth.add_group",
        "editar": "auth.change_group",
        "borrar": "auth.delete_group",
    },
    "auth.user": {
        "ver": "auth.view_user",
        "añadir": "auth.add_user",
        "editar": "auth.change_user",
        "página password_change": "auth.change_user",
        "restablecer_factor": "auth.change_user",
        "terminar_sesiones": "auth.change_user",
    },
    "comisiones.ajuste": {
        "ver": "comisiones.view_ajuste",
        "página exportar": "comisiones.view_ajuste",
        "añadir": "comisiones.add_ajuste",
        "aprobar": "comisiones.aprobar_ajuste",
        "descartar": "comisiones.aprobar_ajuste",
    },
    "comisiones.apunte": {
        "ver": "comisiones.view_apunte",
        "página exportar": "comisiones.view_apunte",
        "página extracto": "comisiones.view_apunte",
    },
    "comisiones.asiento": {
        "ver": "comisiones.view_asiento",
        "página exportar": "comisiones.view_asiento",
    },
    "comisiones.avisopasarela": {
        "ver": "comisiones.view_avisopasarela",
        "página exportar": "comisiones.view_avisopasarela",
    },
    "comisiones.comision": {
        "ver": "comisiones.view_comision",
        "página programa": "comisiones.view_comision",
        "página cifras": "comisiones.view_comision",
        "página exportar": "comisiones.view_comision",
        "aprobar": "comisiones.aprobar_comision",
        "rechazar": "comisiones.rechazar_comision",
        "retener": "comisiones.rechazar_comision",
        "liberar": "comisiones.rechazar_comision",
        "devolver": "comisiones.rechazar_comision",
        "página panel": "comisiones.view_comision",
        "página vista_guardar": "comisiones.view_comision",
        "página vista_quitar": "comisiones.view_comision",
    },
    "comisiones.decisionenmasa": {
        "ver": "comisiones.view_decisionenmasa",
        "página exportar": "comisiones.view_decisionenmasa",
        "página avance": "comisiones.view_decisionenmasa",
        "aprobar": "comisiones.aprobar_comision",
        "rechazar": "comisiones.rechazar_comision",
        "retener": "comisiones.rechazar_comision",
        "detener": "comisiones.rechazar_comision",
    },
    "comisiones.envioreporte": {
        "ver": "comisiones.view_envioreporte",
        "página exportar": "comisiones.view_envioreporte",
        "página csv": "comisiones.view_envioreporte",
        "página diferencias": "comisiones.view_envioreporte",
        "página documento": "comisiones.view_envioreporte",
    },
    "comisiones.extractobanco": {
        "ver": "comisiones.view_extractobanco",
        "página exportar": "comisiones.view_extractobanco",
        "añadir": "comisiones.add_extractobanco",
        "proponer": "comisiones.add_extractobanco",
        "dar_por_vistas": "comisiones.add_extractobanco",
        "página avance": "comisiones.view_extractobanco",
    },
    "comisiones.ficherodecisiones": {
        "ver": "comisiones.view_ficherodecisiones",
        "página exportar": "comisiones.view_ficherodecisiones",
        "añadir": "comisiones.add_ficherodecisiones",
        "confirmar": "comisiones.add_ficherodecisiones",
    },
    "comisiones.filasaltada": {
        "ver": "comisiones.view_filasaltada",
        "página exportar": "comisiones.view_filasaltada",
    },
    "comisiones.lineabanco": {
        "ver": "comisiones.view_lineabanco",
        "página exportar": "comisiones.view_lineabanco",
        "dar_por_vista": "comisiones.add_extractobanco",
        "volver_a_mirar": "comisiones.add_extractobanco",
    },
    "comisiones.lineaenmasa": {
        "ver": "comisiones.view_lineaenmasa",
        "página exportar": "comisiones.view_lineaenmasa",
    },
    "comisiones.lineasimulacion": {
        "ver": "comisiones.view_lineasimulacion",
        "página exportar": "comisiones.view_lineasimulacion",
    },
    "comisiones.liquidacion": {
        "ver": "comisiones.view_liquidacion",
        "página exportar": "comisiones.view_liquidacion",
        "página documento": "comisiones.view_liquidacion",
    },
    "comisiones.lotepago": {
        "ver": "comisiones.view_lotepago",
        "página exportar": "comisiones.view_lotepago",
        "añadir": "comisiones.add_lotepago",
        "página fichero": "comisiones.liberar_lote",
        "página avance": "comisiones.view_lotepago",
        "congelar": "comisiones.preparar_lote",
        "rehacer": "comisiones.preparar_lote",
        "descartar": "comisiones.preparar_lote",
        "liberar": "comisiones.liberar_lote",
        "devolver": "comisiones.liberar_lote",
        "reintentar": "comisiones.reintentar_pago",
        "cerrar": "comisiones.preparar_lote",
    },
    "comisiones.notificacion": {
        "ver": "comisiones.view_notificacion",
        "página exportar": "comisiones.view_notificacion",
        "reenviar": "comisiones.reenviar_notificacion",
    },
    "comisiones.pago": {
        "ver": "comisiones.view_pago",
        "página exportar": "comisiones.view_pago",
        "página remesa": "comisiones.view_pago",
        "reintentar": "comisiones.reintentar_pago",
        "confirmar": "comisiones.decidir_pago",
        "descartar": "comisiones.decidir_pago",
        "anular": "comisiones.reintentar_pago",
    },
    "comisiones.politicaaprobacion": {
        "ver": "comisiones.view_politicaaprobacion",
        "página exportar": "comisiones.view_politicaaprobacion",
        "añadir": "comisiones.add_politicaaprobacion",
    },
    "comisiones.regla": {
        "ver": "comisiones.view_regla",
        "página exportar": "comisiones.view_regla",
        "añadir": "comisiones.add_regla",
        "página publicar": "comisiones.publicar_regla",
        "página previa": "comisiones.publicar_regla",
        "duplicar": "comisiones.publicar_regla",
        "terminar": "comisiones.publicar_regla",
    },
    "comisiones.reporte": {
        "ver": "comisiones.view_reporte",
        "página exportar": "comisiones.view_reporte",
        "añadir": "comisiones.add_reporte",
        "editar": "comisiones.change_reporte",
        "enviar": "comisiones.programar_reporte",
        "retirar": "comisiones.change_reporte",
    },
    "comisiones.retencionfiscal": {
        "ver": "comisiones.view_retencionfiscal",
        "página exportar": "comisiones.view_retencionfiscal",
        "añadir": "comisiones.add_retencionfiscal",
    },
    "comisiones.simulacion": {
        "ver": "comisiones.view_simulacion",
        "página exportar": "comisiones.view_simulacion",
        "añadir": "comisiones.simular",
        "página avance": "comisiones.view_simulacion",
        "cancelar": "comisiones.simular",
    },
    "comun.exportacion": {
        "ver": "comun.view_exportacion",
        "página exportar": "comun.view_exportacion",
        "página avance": "comun.view_exportacion",
        "página descargar": "comun.view_exportacion",
    },
    "comun.historial": {
        "ver": "comun.view_historial",
        "página exportar": "comun.view_historial",
    },
    "comun.propuesta": {
        "ver": "comun.view_propuesta",
        "página exportar": "comun.view_propuesta",
        "confirmar": "comun.confirmar_propuesta",
        "descartar": "comun.confirmar_propuesta",
    },
    "comun.sesion": {
        "ver": "comun.view_sesion",
        "terminar": "comun.delete_sesion",
    },
    "conversiones.campana": {
        "ver": "conversiones.view_campana",
        "página exportar": "conversiones.view_campana",
        "añadir": "conversiones.add_campana",
        "editar": "conversiones.change_campana",
        "activar": "conversiones.cambiar_estado_campana",
        "pausar": "conversiones.cambiar_estado_campana",
        "finalizar": "conversiones.cambiar_estado_campana",
        "predeterminar": "conversiones.cambiar_estado_campana",
        "pedir_inscripcion": "conversiones.cambiar_estado_campana",
        "abrir_a_todos": "conversiones.cambiar_estado_campana",
    },
    "conversiones.clic": {
        "ver": "conversiones.view_clic",
        "página exportar": "conversiones.view_clic",
    },
    "conversiones.cliente": {
        "ver": "conversiones.view_cliente",
        "página exportar": "conversiones.view_cliente",
        "página reasignar": "conversiones.reasignar_cliente",
        "borrar_datos": "conversiones.borrar_datos_cliente",
    },
    "conversiones.conversion": {
        "ver": "conversiones.view_conversion",
        "añadir": "conversiones.add_conversion",
        "página asignar": "conversiones.asignar_conversion",
        "página devolver": "conversiones.devolver_conversion",
        "página exportar": "conversiones.view_conversion",
        "página reasignar": "conversiones.reasignar_conversion",
        "validar": "conversiones.validar_conversion",
        "rechazar": "conversiones.validar_conversion",
        "rechazar_validada": "conversiones.validar_conversion",
    },
    "conversiones.cupon": {
        "ver": "conversiones.view_cupon",
        "página exportar": "conversiones.view_cupon",
        "añadir": "conversiones.add_cupon",
        "retirar": "conversiones.retirar_cupon",
    },
    "conversiones.devolucionpendiente": {
        "ver": "conversiones.view_devolucionpendiente",
        "página exportar": "conversiones.view_devolucionpendiente",
    },
    "conversiones.enlace": {
        "ver": "conversiones.view_enlace",
        "página exportar": "conversiones.view_enlace",
        "añadir": "conversiones.add_enlace",
        "retirar": "conversiones.retirar_enlace",
        "página probar": "conversiones.view_enlace",
        "página qr": "conversiones.view_enlace",
    },
    "conversiones.filaimportada": {
        "ver": "conversiones.view_filaimportada",
        "página exportar": "conversiones.view_filaimportada",
    },
    "conversiones.importacion": {
        "ver": "conversiones.view_importacion",
        "página exportar": "conversiones.view_importacion",
        "añadir": "conversiones.add_importacion",
        "página columnas": "conversiones.add_importacion",
        "página rechazadas": "conversiones.add_importacion",
        "página avance": "conversiones.view_importacion",
        "confirmar": "conversiones.add_importacion",
        "reanudar": "conversiones.add_importacion",
        "detener": "conversiones.add_importacion",
    },
    "conversiones.inscripcion": {
        "ver": "conversiones.view_inscripcion",
        "página exportar": "conversiones.view_inscripcion",
        "añadir": "conversiones.add_inscripcion",
        "aprobar": "conversiones.decidir_inscripcion",
        "rechazar": "conversiones.decidir_inscripcion",
        "retirar": "conversiones.decidir_inscripcion",
    },
    "conversiones.terminoscampana": {
        "ver": "conversiones.view_terminoscampana",
        "página exportar": "conversiones.view_terminoscampana",
        "añadir": "conversiones.add_terminoscampana",
    },
    "operacion.alerta": {
        "ver": "operacion.view_alerta",
        "página exportar": "operacion.view_alerta",
        "página monitor": "operacion.view_alerta",
        "página monitor_avance": "operacion.view_alerta",
    },
    "outbox.entregapendiente": {
        "ver": "outbox.view_entregapendiente",
        "página exportar": "outbox.view_entregapendiente",
    },
    "outbox.entregawebhook": {
        "ver": "outbox.view_entregawebhook",
        "página exportar": "outbox.view_entregawebhook",
        "repetir": "outbox.change_webhook",
    },
    "outbox.eventoaparcado": {
        "ver": "outbox.view_eventoaparcado",
        "página exportar": "outbox.view_eventoaparcado",
        "reencolar": "outbox.change_eventoaparcado",
    },
    "outbox.outboxevent": {
        "ver": "outbox.view_outboxevent",
        "página exportar": "outbox.view_outboxevent",
    },
    "outbox.postback": {
        "ver": "outbox.view_postback",
        "añadir": "outbox.add_postback",
        "editar": "outbox.change_postback",
        "página exportar": "outbox.view_postback",
        "página previa": "outbox.add_postback",
        "probar": "outbox.change_postback",
        "desactivar": "outbox.change_postback",
        "activar": "outbox.change_postback",
    },
    "outbox.webhook": {
        "ver": "outbox.view_webhook",
        "página exportar": "outbox.view_webhook",
        "probar": "outbox.change_webhook",
        "desactivar": "outbox.change_webhook",
        "activar": "outbox.change_webhook",
    },
}

# The doors: addresses of nobody's role, with who they are for.
PUERTAS: dict[str, str] = {
    "login/": "cualquiera, con los límites de las contraseñas",
    "login/codigo/": "quien acaba de dar su contraseña y tiene segundo factor",
    "login/inscribir/": "quien acaba de dar su contraseña y no lo tiene todavía",
    "olvido/": "cualquiera, unas pocas veces por hora",
    "olvido/enviado/": "cualquiera",
    "olvido/listo/": "cualquiera",
    "olvido/*/*/": "quien tiene el enlace del correo, una vez",
    "identidad/": "quien entró",
    "password_change/": "quien entró, la suya; con la de antes",
    "mi-acceso/": "quien entró, lo suyo",
    "mi-acceso/factor/": "quien entró, el suyo; confirmando que es quien entró",
    "mi-acceso/codigos/": "quien entró, los suyos; confirmando que es quien entró",
    "mi-acceso/quitar/": "quien entró, donde no es obligatorio; confirmando que es quien entró",
    "mi-acceso/sesiones/": "quien entró, las suyas",
    "mi-acceso/sesiones/*/": "quien entró, una suya",
}

# Pages of the admin that are of no model.
DE_TODO: dict[str, str] = {
    "search/": "quien entró; de cada cosa, lo que puede ver, y adónde puede ir",
    "autocomplete/": "quien puede ver lo que se elige",
}

# What asks a person, before it is done, to show again that they are there.
CON_PRESENCIA: tuple[tuple[str, str], ...] = (
    ("lote", "liberar, reintentar los fallidos, descargar el fichero para el banco"),
    ("pago", "reintentar, dar por pagado, dar por no pagado"),
    ("extracto del banco", "importar"),
    ("cuenta bancaria", "confirmar"),
    ("comisión, ajuste", "aprobar, al pasar de ALPES_APROBACION_SESION"),
    (
        "segundo factor",
        "poner, cambiar, quitar, códigos nuevos, restablecer el de otra persona",
    ),
)

# Who does not do the second half of something, besides what is said of commissions.
SEPARACION: tuple[tuple[str, str, str], ...] = (
    ("ajuste", "aprobar", "lo redactó"),
    ("ajuste propuesto por un hecho", "aprobar", "no podría aprobar su comisión"),
    ("lote", "liberar", "lo preparó o lo congeló"),
    (
        "lote",
        "liberar",
        "aprobó algo de lo que paga (lo levanta ALPES_PAGOS_LIBERA_QUIEN_APROBO)",
    ),
    (
        "lote",
        "liberar",
        "registró la venta de algo de lo que paga, o creó o rotó una clave que registró o calculó "
        "algo de ello",
    ),
    ("lote", "liberar", "dijo que no llegó algo que estuvo en el fichero de otro lote"),
    ("afiliado", "desbloquear", "lo bloqueó"),
    (
        "afiliado",
        "activar por primera vez",
        "le fijó condiciones que pasan de ALPES_CAMBIO_GRANDE, o un referente",
    ),
    ("cuenta bancaria", "confirmar", "la guardó, o cambió el correo de su afiliado por entonces"),
    ("segundo factor", "restablecer", "lo tiene: lo hace otra persona que administre"),
    ("importación", "aplicar", "no la subió: queda a su nombre, y no aprueba lo que trae"),
    ("política de aprobación", "aprobar por ella", "su autor no podría aprobar la comisión"),
    (
        "propuesta de condiciones de un afiliado",
        "confirmar",
        "las propuso (las que pasan de ALPES_CAMBIO_GRANDE, y otro referente)",
    ),
    ("propuesta de borrar los datos de un afiliado o de un cliente", "confirmar", "la pidió"),
    ("propuesta de dar un pago por no pagado", "confirmar", "lo dijo"),
    ("propuesta de aplicar un extracto que devuelve", "confirmar", "lo importó o lo propuso"),
    ("propuesta de revocar una clave", "confirmar", "la pidió (la clave para mientras tanto)"),
    ("propuesta de hacer predeterminada una campaña", "confirmar", "la pidió"),
    ("propuesta de retención fiscal de más de un afiliado", "confirmar", "la pidió"),
    ("propuesta de política que aprueba más que la vigente", "confirmar", "la pidió"),
)


def permisos_de(rol: str) -> set[str]:
    """Permissions that the apps declare for a role, with their label."""
    return {
        f"{config.label}.{codigo}"
        for config in apps.get_app_configs()
        for codigo in roles.declarados(config).get(rol, ())
    }


def tabla() -> str:
    """The table in Markdown, for ``docs/seguridad.md``."""
    with translation.override("es"):
        return "\n".join(_lineas())


def _lineas() -> Iterator[str]:
    yield "### Claves de API"
    yield ""
    yield "| dirección | alcance | clave de afiliado |"
    yield "|---|---|---|"
    de_afiliado = ALCANCES_DE_AFILIADO
    for (metodo, ruta), alcance in API.items():
        suya = "solo lo suyo" if alcance in de_afiliado else "no"
        yield f"| `{metodo} {ruta}` | {f'`{alcance}`' if alcance else 'firma'} | {suya} |"
    yield ""
    yield "| alcance que matiza | qué cambia |"
    yield "|---|---|"
    for alcance, que in ALCANCES_QUE_MATIZAN.items():
        yield f"| `{alcance}` | {que} |"
    yield ""
    yield "### Personal"
    yield ""
    nombres = (roles.REVISION, roles.TESORERIA, roles.CONSULTA)
    tienen = {rol: permisos_de(rol) for rol in nombres}
    yield f"| objeto | acción | permiso | {' | '.join(nombres)} | Administración |"
    yield f"|---|---|---|{'---|' * len(nombres)}---|"
    for modelo, acciones in ADMIN.items():
        for accion, permiso in acciones.items():
            celdas = " | ".join("sí" if permiso in tienen[rol] else "" for rol in nombres)
            yield f"| {modelo} | {accion} | `{permiso}` | {celdas} | sí |"
    yield ""
    yield "### Puertas"
    yield ""
    yield "| dirección | para quién |"
    yield "|---|---|"
    for direccion, quien in {**PUERTAS, **DE_TODO}.items():
        yield f"| `/admin/{direccion}` | {quien} |"
    yield ""
    yield "### Lo que pide confirmar que se es quien entró"
    yield ""
    yield "| objeto | acción |"
    yield "|---|---|"
    for objeto, accion in CON_PRESENCIA:
        yield f"| {objeto} | {accion} |"
    yield ""
    yield "### Quién no aprueba una comisión"
    yield ""
    yield (
        "| quien… | persona | clave, u otra de su titular | con `comisiones:aprobar_propias` "
        "| quien creó o rotó esa clave |"
    )
    yield "|---|---|---|---|---|"
    for relacion in Relacion:
        persona = "no aprueba" if relacion in VETOS["persona"] else "—"
        con = "aprueba" if relacion in LEVANTA_EL_ALCANCE else "no aprueba"
        # To hold a read-only key of who gets the money is not to get it.
        creo = "—" if relacion is Relacion.COBRA else "no aprueba"
        yield f"| {relacion.label} | {persona} | no aprueba | {con} | {creo} |"
    yield ""
    yield "### Las demás segundas personas"
    yield ""
    yield "| objeto | acción | no la hace quien… |"
    yield "|---|---|---|"
    for objeto, accion, quien in SEPARACION:
        yield f"| {objeto} | {accion} | {quien} |"
