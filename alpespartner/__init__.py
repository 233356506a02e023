"""The project package: settings, URLs, Celery and the kernel shared by the apps."""

from alpespartner.celery import app as celery_app

__all__ = ["celery_app"]
