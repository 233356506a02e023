"""Pages of the outbox."""

from outbox.admin import entregas, eventos, webhooks

__all__ = ["entregas", "eventos", "webhooks"]
