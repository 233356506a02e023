"""Pages of the outbox."""

from outbox.admin import entregas, eventos

__all__ = ["entregas", "eventos"]
