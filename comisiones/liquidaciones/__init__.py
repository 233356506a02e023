"""Self-billing documents: one for each payment made, numbered without gaps."""
