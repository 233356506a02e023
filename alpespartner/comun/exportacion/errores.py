"""What an export may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, NoPermitido


class DemasiadasExportaciones(Conflicto):
    """Somebody has as many under way as one person may."""

    codigo = "demasiadas_exportaciones"
    texto = _("Ya tienes varias exportaciones en curso: espera a que termine una.")


class FiltroDemasiadoLargo(Conflicto):
    """The address says more than is kept of it."""

    codigo = "filtro_demasiado_largo"
    texto = _("La búsqueda es demasiado larga para exportarla: acórtala.")


class ExportacionDemasiadoGrande(Conflicto):
    """More rows than one file takes."""

    codigo = "exportacion_demasiado_grande"
    texto = _("Son más filas de las que caben en un fichero: filtra la lista y repite.")


class SinExportar(NoPermitido):
    """Whoever asked for it may not see the list any more."""

    codigo = "sin_exportar"
    texto = _("Quien la pidió ya no puede ver esta lista.")


class ListaQueNoSeAbre(Conflicto):
    """The list does not open with that filter any more."""

    codigo = "lista_que_no_se_abre"
    texto = _("La lista ya no se abre con ese filtro: ábrela de nuevo y repite.")


class SinFichero(Conflicto):
    """There is no file: it is not ready, or it was deleted."""

    codigo = "sin_fichero"
    texto = _("Su fichero no está: todavía no se terminó, o ya se borró. Pídela otra vez.")
