"""What each role of the staff may do with commissions and payments."""

from alpespartner.comun.roles import CONSULTA, REVISION, TESORERIA

_VER = (
    "view_ajuste",
    "view_apunte",
    "view_asiento",
    "view_comision",
    "view_decisionenmasa",
    "view_exclusionlote",
    "view_extractobanco",
    "view_ficherodecisiones",
    "view_filasaltada",
    "view_intentopago",
    "view_itempago",
    "view_lineabanco",
    "view_lineaenmasa",
    "view_lineasimulacion",
    "view_liquidacion",
    "view_lotepago",
    "view_pago",
    "view_politicaaprobacion",
    "view_regla",
    "view_envioreporte",
    "view_reporte",
    "view_retencionfiscal",
    "view_reverso",
    "view_simulacion",
    "view_versionregla",
)
# Keeping one for oneself, and sending it to others.
_REPORTES = ("add_reporte", "change_reporte", "programar_reporte")
ROLES = {
    REVISION: (
        *_VER,
        "aprobar_comision",
        "rechazar_comision",
        "compartir_vista",
        "add_ficherodecisiones",
        "add_ajuste",
        "aprobar_ajuste",
        "simular",
        *_REPORTES,
        # A mail may tell of an account, which not everybody sees.
        "view_notificacion",
        "reenviar_notificacion",
    ),
    TESORERIA: (
        *_VER,
        "add_lotepago",
        "preparar_lote",
        "liberar_lote",
        "reintentar_pago",
        "decidir_pago",
        "add_extractobanco",
        "view_avisopasarela",
        "add_retencionfiscal",
        "view_notificacion",
        *_REPORTES,
    ),
    CONSULTA: (*_VER, "view_avisopasarela"),
}
