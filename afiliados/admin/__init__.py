"""Pages of affiliates, their accounts and keys."""

from afiliados.admin import afiliado, claves, cuentas

__all__ = ["afiliado", "claves", "cuentas"]
