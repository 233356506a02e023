"""The words of the admin for the running of the programme."""

from django.utils.translation import gettext_lazy as _

from alpespartner.comun.vocabulario import PARTES, Entidad, registrar

registrar("alerta", Entidad(_("Alerta"), acciones={"abrir": _("Apertura"), "cerrar": _("Cierre")}))
PARTES["monitor"] = _("monitor")
