"""WSGI entry point, served by gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

from alpespartner.comun.db.cotejo import exigir_al_arrancar

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "alpespartner.settings")

application = get_wsgi_application()

# The server starts without a command, so without its checks.
exigir_al_arrancar()
