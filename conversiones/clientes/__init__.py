"""Customers: who buys, and whose they are."""
