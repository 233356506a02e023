"""What importing may refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.errores import Conflicto, DatoInvalido, NoPermitido


class FicheroYaAplicado(Conflicto):
    """The same content was applied before."""

    codigo = "fichero_ya_aplicado"
    campo = "fichero"


class ColumnaDesconocida(DatoInvalido):
    """The file has no such column, or one column is given to two things."""

    codigo = "columna_desconocida"


class FaltanColumnas(DatoInvalido):
    """Nobody said where something that has to be in every row is."""

    codigo = "faltan_columnas"


class ImportacionAjena(NoPermitido):
    """It is confirmed by whoever uploaded it, in whose name it is done."""

    codigo = "importacion_ajena"
    texto = _("La aplica quien subió el fichero: queda a su nombre.")


class NoPuedeImportar(NoPermitido):
    """The person may not do by hand what the file does many times."""

    codigo = "no_puede_importar"
    texto = _("No tienes permiso para importar eso.")


class NadaQueImportar(Conflicto):
    """No row of the rehearsal was good."""

    codigo = "nada_que_importar"
    texto = _("Ninguna fila es buena: corrige el fichero o las columnas.")
