"""The site, on a port, in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer


@pytest.fixture
def sitio(transactional_db: None, settings: Any) -> Iterator[str]:
    """The site with rows of everything, on a port, as it is behind no proxy."""
    for nombre in ("SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE",
                   "LANGUAGE_COOKIE_SECURE"):  # fmt: skip
        setattr(settings, nombre, False)
    settings.SECURE_HSTS_SECONDS = 0
    settings.SEPA_IBAN = "DE89370400440532013000"
    settings.ALLOWED_HOSTS = ["localhost", "testserver"]
    servidor = LiveServer("localhost")
    yield str(servidor)
    servidor.stop()
