"""The models of every wing: a face that defines nothing."""

from afiliados.afiliado.models import (
    Afiliado,
    CondicionesAfiliado,
    ConfiguracionProgramada,
    Nivel,
    TipoAfiliado,
)
from afiliados.claves.models import ALCANCES_DE_AFILIADO, Alcance, ClaveAPI
from afiliados.cuentas.models import CuentaBancaria, TipoCuenta

__all__ = [
    "ALCANCES_DE_AFILIADO",
    "Afiliado",
    "Alcance",
    "ClaveAPI",
    "CondicionesAfiliado",
    "ConfiguracionProgramada",
    "CuentaBancaria",
    "Nivel",
    "TipoAfiliado",
    "TipoCuenta",
]
