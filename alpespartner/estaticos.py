"""Which files of the libraries the site serves."""

from django.contrib.staticfiles.apps import StaticFilesConfig


class EstaticosConfig(StaticFilesConfig):
    """Without those of pages that the product does not have: the other reader of the API's
    document, and the API as web pages."""

    ignore_patterns = (*StaticFilesConfig.ignore_patterns, "redoc", "rest_framework")
