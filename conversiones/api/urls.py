"""Routes of campaigns, links, coupons and conversions under ``/api/v1/``."""

from django.urls import path

from conversiones.api.atribucion import AsignarView, AtribucionView, ReasignarView
from conversiones.api.clientes import ClientesView
from conversiones.api.conversion import ConversionView
from conversiones.api.cupones import CuponesView, CuponView, RetirarCuponView
from conversiones.api.devoluciones import DevolucionesEnMasaView, DevolucionesView
from conversiones.api.en_masa import VentasEnMasaView
from conversiones.api.enlaces import EnlacesView, EnlaceView, QREnlaceView, RetirarEnlaceView
from conversiones.api.inscripciones import (
    AprobarInscripcionView,
    InscripcionesView,
    InscripcionView,
    RechazarInscripcionView,
    RetirarInscripcionView,
    TerminosView,
)
from conversiones.api.views import CampanasView, CampanaView, ConversionesView

urlpatterns = [
    path("campanas", CampanasView.as_view(), name="campanas"),
    path("campanas/<str:campana_id>", CampanaView.as_view(), name="campana"),
    path("campanas/<str:campana_id>/terminos", TerminosView.as_view(), name="campana_terminos"),
    path(
        "campanas/<str:campana_id>/inscripciones",
        InscripcionesView.as_view(),
        name="inscripciones",
    ),
    path(
        "campanas/<str:campana_id>/inscripciones/<str:inscripcion_id>",
        InscripcionView.as_view(),
        name="inscripcion",
    ),
    path(
        "campanas/<str:campana_id>/inscripciones/<str:inscripcion_id>/aprobar",
        AprobarInscripcionView.as_view(),
        name="inscripcion_aprobar",
    ),
    path(
        "campanas/<str:campana_id>/inscripciones/<str:inscripcion_id>/rechazar",
        RechazarInscripcionView.as_view(),
        name="inscripcion_rechazar",
    ),
    path(
        "campanas/<str:campana_id>/inscripciones/<str:inscripcion_id>/retirar",
        RetirarInscripcionView.as_view(),
        name="inscripcion_retirar",
    ),
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
        "conversiones/<str:conversion_id>/reasignar",
        ReasignarView.as_view(),
        name="conversion_reasignar",
    ),
    path(
        "conversiones/<str:conversion_id>/devoluciones",
        DevolucionesView.as_view(),
        name="devoluciones",
    ),
    path("devoluciones/lote", DevolucionesEnMasaView.as_view(), name="devoluciones_lote"),
    path("enlaces", EnlacesView.as_view(), name="enlaces"),
    path("enlaces/<str:enlace_id>", EnlaceView.as_view(), name="enlace"),
    path("enlaces/<str:enlace_id>/retirar", RetirarEnlaceView.as_view(), name="enlace_retirar"),
    path("enlaces/<str:enlace_id>/qr", QREnlaceView.as_view(), name="enlace_qr"),
    path("cupones", CuponesView.as_view(), name="cupones"),
    path("cupones/<str:cupon_id>", CuponView.as_view(), name="cupon"),
    path("cupones/<str:cupon_id>/retirar", RetirarCuponView.as_view(), name="cupon_retirar"),
]
