"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from alpespartner import catalogo, salud
from alpespartner.buscador import buscar
from alpespartner.comun.admin.elegir import Selector
from comisiones.api.urls import inmediatas
from comisiones.notificaciones.vistas import preferencias
from outbox.api.views import DebugOutboxView

LEER = ["get", "head"]

del_panel = [
    path("admin/search/", admin.site.admin_view(buscar)),
    path("admin/autocomplete/", admin.site.admin_view(Selector.as_view(admin_site=admin.site))),
]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("idioma", set_language, name="set_language"),
    path("admin/", include("alpespartner.comun.acceso.urls")),
    # These come before those of the admin, two of which they stand in for.
    *del_panel,
    path("admin/", admin.site.urls),
    path("api/v1/", include("afiliados.api.urls")),
    # «conversiones/metricas» is of commissions too, and no conversion's id.
    path("api/v1/", include("comisiones.api.urls")),
    path("api/v1/", include("conversiones.api.urls")),
    path("api/v1/", include("outbox.api.urls")),
    path("api/v1/", include("alpespartner.operacion.urls")),
    *inmediatas,
    path("correo/<str:ficha>/", preferencias, name="correo_preferencias"),
    path("debug/outbox", DebugOutboxView.as_view(), name="debug_outbox"),
    path("openapi.json", SpectacularJSONAPIView.as_view(http_method_names=LEER), name="openapi"),
    path(
        "docs",
        SpectacularSwaggerSplitView.as_view(url_name="openapi", http_method_names=LEER),
        name="docs",
    ),
    path("docs/errores", catalogo.indice, name="errores"),
    path("docs/errores/<str:codigo>", catalogo.pagina, name="error"),
    path("health", salud.sano, name="health"),
    path("health/ready", salud.listo),
    path("health/live", salud.vivo),
    path("metrics", salud.para_prometheus, name="metrics"),
]

handler400 = "alpespartner.comun.web.paginas.peticion_mala"
handler403 = "alpespartner.comun.web.paginas.prohibido"
handler404 = "alpespartner.comun.web.paginas.no_encontrado"
handler500 = "alpespartner.comun.web.paginas.error_interno"
