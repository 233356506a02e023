"""Gateways: who moves the money."""
