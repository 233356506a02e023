"""Routes of affiliates under ``/api/v1/``."""

from django.urls import path

from afiliados.api.views import AfiliadosView, AfiliadoView

urlpatterns = [
    path("afiliados", AfiliadosView.as_view(), name="afiliados"),
    path("afiliados/<str:afiliado_id>", AfiliadoView.as_view(), name="afiliado"),
]
