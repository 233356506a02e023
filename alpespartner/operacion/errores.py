"""What running the programme may refuse."""

from __future__ import annotations


class DemoImposible(RuntimeError):
    """The demo cannot be prepared; the message says why."""


class SiembraImposible(RuntimeError):
    """The massive seeding cannot be done here; the message says why."""


class PruebasImposibles(RuntimeError):
    """The sandbox cannot be here; the message says why."""
