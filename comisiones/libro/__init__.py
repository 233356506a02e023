"""Ledger: append-only double entry."""
