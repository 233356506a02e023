"""The models of every wing: a face that defines nothing."""

from comisiones.ajustes.models import Ajuste, Reverso
from comisiones.comision.models import Comision
from comisiones.contadores.models import Contada, Contador, Recuento
from comisiones.libro.models import Apunte, Asiento, Eslabon, SaldoSellado, SelloDiario
from comisiones.liquidaciones.models import Liquidacion, SerieLiquidacion
from comisiones.metricas.models import (
    Cifra,
    CifraDeCodigo,
    Medida,
    Remedicion,
)
from comisiones.notificaciones.models import Notificacion, Novedad
from comisiones.pagos.models import (
    AvisoPasarela,
    ExclusionLote,
    ExtractoBanco,
    ExtractoPendiente,
    FicheroPago,
    IntentoPago,
    ItemPago,
    LineaBanco,
    LineaPorMirar,
    LotePago,
    Pago,
)
from comisiones.reglas.models import Regla, VersionRegla
from comisiones.reportes.models import EnvioReporte, Reporte
from comisiones.retenciones.models import RetencionFiscal
from comisiones.revision.models import (
    DecisionEnMasa,
    FicheroDecisiones,
    FilaSaltada,
    LineaEnMasa,
    PoliticaAprobacion,
    VistaGuardada,
)
from comisiones.simulaciones.models import LineaSimulacion, Simulacion

__all__ = [
    "Ajuste",
    "Apunte",
    "Asiento",
    "AvisoPasarela",
    "Cifra",
    "CifraDeCodigo",
    "Comision",
    "Contada",
    "Contador",
    "DecisionEnMasa",
    "EnvioReporte",
    "Eslabon",
    "ExclusionLote",
    "ExtractoBanco",
    "ExtractoPendiente",
    "FicheroDecisiones",
    "FicheroPago",
    "FilaSaltada",
    "IntentoPago",
    "ItemPago",
    "LineaBanco",
    "LineaEnMasa",
    "LineaPorMirar",
    "LineaSimulacion",
    "Liquidacion",
    "LotePago",
    "Medida",
    "Notificacion",
    "Novedad",
    "Pago",
    "PoliticaAprobacion",
    "Recuento",
    "Regla",
    "Remedicion",
    "Reporte",
    "RetencionFiscal",
    "Reverso",
    "SaldoSellado",
    "SelloDiario",
    "SerieLiquidacion",
    "Simulacion",
    "VersionRegla",
    "VistaGuardada",
]
