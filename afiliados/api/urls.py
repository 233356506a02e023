"""Routes of affiliates under ``/api/v1/``."""

from django.urls import path

from afiliados.api import claves, postbacks
from afiliados.api.views import AfiliadosEnMasaView, AfiliadosView, AfiliadoView

urlpatterns = [
    path("afiliados", AfiliadosView.as_view(), name="afiliados"),
    path("afiliados/lote", AfiliadosEnMasaView.as_view(), name="afiliados_lote"),
    path("afiliados/<str:afiliado_id>", AfiliadoView.as_view(), name="afiliado"),
    path("claves", claves.ClavesView.as_view(), name="claves"),
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
