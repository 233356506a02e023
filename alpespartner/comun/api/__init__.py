"""What every API of the project shares: numbers, errors, pages, scopes, idempotency."""
