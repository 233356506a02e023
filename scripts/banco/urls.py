"""The project's addresses and the bare view's."""

from django.urls import path

from alpespartner.urls import handler404, handler500
from alpespartner.urls import urlpatterns as propias
from banco.vistas import VistaPelada

__all__ = ["handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("banco/pelada", VistaPelada.as_view()),
    *propias,
]
