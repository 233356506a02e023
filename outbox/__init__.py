"""Transactional outbox: publishing, consumers with their inbox, and the embedded relay."""
