"""Every address of the sandbox: those of the site, and the one by which it is ordered things."""

from django.urls import path

from alpespartner.operacion.pruebas.vistas import ordenes
from alpespartner.pruebas.canal import RUTA
from alpespartner.urls import handler400, handler403, handler404, handler500
from alpespartner.urls import urlpatterns as del_sitio

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [path(RUTA.removeprefix("/"), ordenes), *del_sitio]
