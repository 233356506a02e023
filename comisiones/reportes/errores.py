"""What a report that is kept may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto


class DemasiadosReportes(Conflicto):
    """A person keeps as many as one may."""

    codigo = "demasiados_reportes"
    texto = _("Ya tienes muchos reportes guardados: retira alguno.")


class NombreDeReporteTomado(Conflicto):
    """The same person keeps another one under that name."""

    codigo = "nombre_de_reporte_tomado"
    texto = _("Ya tienes un reporte con ese nombre.")
    campo = "nombre"


class ReporteRetirado(Conflicto):
    """Nobody sends it any more."""

    codigo = "reporte_retirado"
    texto = _("Ese reporte está retirado.")


class SinDestinatarios(Conflicto):
    """There is nobody to send it to."""

    codigo = "sin_destinatarios"
    texto = _("No hay a quién enviarlo: elige personas que tengan correo y puedan ver las cifras.")
    campo = "destinatarios"
