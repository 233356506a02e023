"""HTTP view of the outbox."""
