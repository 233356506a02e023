"""The models of every wing: a face that defines nothing."""

from conversiones.campanas.models import Campana, ModeloAtribucion, PresupuestoCampana
from conversiones.clientes.models import Cliente, VisitanteDeCliente
from conversiones.fuentes.models import FicheroImportado, FilaImportada, Importacion
from conversiones.inscripciones.models import Inscripcion, TerminosCampana
from conversiones.rastreo.models import (
    Causa,
    ClaveDeHuella,
    Clic,
    ClicsDelDia,
    ClicsDelMes,
    ClicsDeTramo,
    Cupon,
    Enlace,
    OlvidoDeClics,
)
from conversiones.ventas.models import (
    AtribucionVenta,
    Conversion,
    DevolucionPendiente,
    MovimientoConversion,
    TipoConversion,
    TipoMovimiento,
)

__all__ = [
    "AtribucionVenta",
    "Campana",
    "Causa",
    "ClaveDeHuella",
    "Clic",
    "ClicsDeTramo",
    "ClicsDelDia",
    "ClicsDelMes",
    "Cliente",
    "Conversion",
    "Cupon",
    "DevolucionPendiente",
    "Enlace",
    "FicheroImportado",
    "FilaImportada",
    "Importacion",
    "Inscripcion",
    "ModeloAtribucion",
    "MovimientoConversion",
    "OlvidoDeClics",
    "PresupuestoCampana",
    "TerminosCampana",
    "TipoConversion",
    "TipoMovimiento",
    "VisitanteDeCliente",
]
