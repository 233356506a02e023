"""Routes of affiliates under ``/api/v1/``."""

from django.urls import path

from afiliados.api import claves, postbacks
from afiliados.api.views import (
    ActivarView,
    AfiliadosEnMasaView,
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
    path("afiliados/lote", AfiliadosEnMasaView.as_view(), name="afiliados_lote"),
    path(_UNO, AfiliadoView.as_view(), name="afiliado"),
    path(f"{_UNO}/activar", ActivarView.as_view(), name="afiliado_activar"),
    path(f"{_UNO}/suspender", SuspenderView.as_view(), name="afiliado_suspender"),
    path(f"{_UNO}/bloquear", BloquearView.as_view(), name="afiliado_bloquear"),
    path(f"{_UNO}/reactivar", ReactivarView.as_view(), name="afiliado_reactivar"),
    path(f"{_UNO}/cerrar", CerrarView.as_view(), name="afiliado_cerrar"),
    path("claves", claves.ClavesView.as_view(), name="claves"),
    path("claves/<str:clave_id>", claves.ClaveView.as_view()),
    path("claves/<str:clave_id>/rotar", claves.RotarView.as_view()),
    path("claves/<str:clave_id>/revocar", claves.RevocarView.as_view()),
    path("postbacks", postbacks.PostbacksView.as_view(), name="postbacks"),
    path("postbacks/macros", postbacks.MacrosView.as_view()),
    path("postbacks/<str:postback_id>", postbacks.PostbackView.as_view(), name="postback"),
    path("postbacks/<str:postback_id>/activar", postbacks.ActivarView.as_view()),
    path("postbacks/<str:postback_id>/probar", postbacks.ProbarView.as_view()),
    path("postbacks/<str:postback_id>/repetir", postbacks.RepetirView.as_view()),
    path("postbacks/<str:postback_id>/entregas", postbacks.EntregasView.as_view()),
]
