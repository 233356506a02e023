"""The kernel's admin pages; the bases of the other apps' pages are in the modules beside it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from alpespartner.comun.admin import exportaciones, historial, propuestas, sesiones, usuarios

__all__ = ["exportaciones", "historial", "propuestas", "sesiones", "usuarios"]

admin.site.index_title = _("Inicio")
