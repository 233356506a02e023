"""The outbox's own consumers."""
