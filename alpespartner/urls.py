"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView

from alpespartner import salud
from alpespartner.comun.acceso.vistas import entrar
from comisiones.api.urls import inmediatas
from outbox.api.views import DebugOutboxView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("idioma", set_language, name="set_language"),
    path("admin/login/", entrar),
    path("admin/", admin.site.urls),
    path("api/v1/", include("afiliados.api.urls")),
    path("api/v1/", include("conversiones.api.urls")),
    path("api/v1/", include("comisiones.api.urls")),
    *inmediatas,
    path("debug/outbox", DebugOutboxView.as_view(), name="debug_outbox"),
    path("openapi.json", SpectacularJSONAPIView.as_view(), name="openapi"),
    path("docs", SpectacularSwaggerView.as_view(url_name="openapi"), name="docs"),
    path("health", salud.listo, name="health"),
    path("health/ready", salud.listo),
    path("health/live", salud.vivo),
]

handler404 = "alpespartner.comun.api.problemas.no_encontrado"
handler500 = "alpespartner.comun.api.problemas.error_interno"
