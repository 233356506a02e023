"""``crear_topicos``: topics, partitions, retention and subscriptions on Pulsar."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from outbox.errores import PulsarNoResponde
from outbox.transportes.pulsar.topicos import crear_topicos


class Command(BaseCommand):
    """Run it before anything is published; again, it changes nothing."""

    help = "Crea los tópicos de Pulsar con sus particiones, retención y suscripciones."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            for linea in crear_topicos():
                self.stdout.write(linea)
        except PulsarNoResponde as exc:
            raise CommandError(str(exc)) from None
