"""Routes of campaigns and conversions under ``/api/v1/``."""

from django.urls import path

from conversiones.api.atribucion import AsignarView, AtribucionView
from conversiones.api.clientes import ClientesView
from conversiones.api.devoluciones import DevolucionesView
from conversiones.api.en_masa import VentasEnMasaView
from conversiones.api.views import CampanasView, CampanaView, ConversionesView, ConversionView

urlpatterns = [
    path("campanas", CampanasView.as_view(), name="campanas"),
    path("campanas/<str:campana_id>", CampanaView.as_view(), name="campana"),
    path("clientes", ClientesView.as_view(), name="clientes"),
    path("conversiones", ConversionesView.as_view(), name="conversiones"),
    path("conversiones/lote", VentasEnMasaView.as_view(), name="conversiones_lote"),
    path("conversiones/<str:conversion_id>", ConversionView.as_view(), name="conversion"),
    path(
        "conversiones/<str:conversion_id>/atribucion",
        AtribucionView.as_view(),
        name="conversion_atribucion",
    ),
    path(
        "conversiones/<str:conversion_id>/asignar",
        AsignarView.as_view(),
        name="conversion_asignar",
    ),
    path(
        "conversiones/<str:conversion_id>/devoluciones",
        DevolucionesView.as_view(),
        name="devoluciones",
    ),
]
