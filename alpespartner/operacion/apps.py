"""App configuration of operations: it only brings commands."""

from django.apps import AppConfig


class OperacionConfig(AppConfig):
    """Commands that span every context."""

    name = "alpespartner.operacion"
    label = "operacion"
