"""Batches of payments."""
