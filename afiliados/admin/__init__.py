"""Pages of affiliates, their accounts and keys."""

from afiliados.admin import afiliado, claves, cuentas, postbacks

__all__ = ["afiliado", "claves", "cuentas", "postbacks"]
