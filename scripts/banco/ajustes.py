"""The project's settings with the bare view of the benchmark beside its own addresses."""

from alpespartner.settings import *  # noqa: F403
from alpespartner.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "banco"]
ROOT_URLCONF = "banco.urls"
