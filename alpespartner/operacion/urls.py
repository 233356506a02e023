"""Routes of operations under ``/api/v1/``."""

from django.urls import path

from alpespartner.operacion.pruebas.vistas import PruebasView

urlpatterns = [path("pruebas", PruebasView.as_view(), name="pruebas")]
