"""Routes of affiliates under ``/api/v1/``."""

from django.urls import path

from afiliados.api.views import (
    ActivarView,
    AfiliadosView,
    AfiliadoView,
    BloquearView,
    CerrarView,
    ReactivarView,
    SuspenderView,
)

_UNO = "afiliados/<str:afiliado_id>"
urlpatterns = [
    path("afiliados", AfiliadosView.as_view(), name="afiliados"),
    path(_UNO, AfiliadoView.as_view(), name="afiliado"),
    path(f"{_UNO}/activar", ActivarView.as_view(), name="afiliado_activar"),
    path(f"{_UNO}/suspender", SuspenderView.as_view(), name="afiliado_suspender"),
    path(f"{_UNO}/bloquear", BloquearView.as_view(), name="afiliado_bloquear"),
    path(f"{_UNO}/reactivar", ReactivarView.as_view(), name="afiliado_reactivar"),
    path(f"{_UNO}/cerrar", CerrarView.as_view(), name="afiliado_cerrar"),
]
