"""Payments: scheduling, execution through a gateway, resolution."""
