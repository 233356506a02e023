"""WSGI entry point, served by gunicorn."""

import os
import sys

import django
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from alpespartner.comun.db.cotejo import exigir_al_arrancar

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alpespartner.settings")

try:
    django.setup(set_prefix=False)
except ImproperlyConfigured as exc:
    sys.exit(f"alpespartner: {exc}")
# Commands do it by themselves.
for fallo in run_checks(tags=["alpespartner"]):
    sys.exit(f"alpespartner: {fallo.msg}")
# After Django is ready: they read its models and its settings.
from alpespartner.pruebas.puerta import ConPruebas  # noqa: E402
from conversiones.rastreo.puerta import ConRedirecciones  # noqa: E402

application = ConRedirecciones(ConPruebas(get_wsgi_application()))

# The server starts without a command, so without its checks.
exigir_al_arrancar()
