"""Mail to whoever administers: something is wrong with the running of the programme."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alpespartner.comun import cola
from alpespartner.comun.acceso import correos
from alpespartner.comun.acceso.correos import Carta
from alpespartner.comun.models import CorreoAlPersonal, QueCorreo
from alpespartner.operacion.models import Alerta
from alpespartner.operacion.monitor.problemas import decir


def dejar(ahora: datetime) -> None:
    """Leave a mail for each administrator, in the transaction that opens alerts at ``ahora``."""
    personas = User.objects.filter(is_superuser=True, is_staff=True, is_active=True)
    # One that has not gone yet tells these too.
    ya = CorreoAlPersonal.objects.filter(que=QueCorreo.ALERTA).values("usuario")
    CorreoAlPersonal.objects.bulk_create(
        CorreoAlPersonal(usuario=usuario, que=QueCorreo.ALERTA, creado_en=ahora)
        for usuario in personas.exclude(email="").exclude(pk__in=ya).order_by("pk")
    )
    cola.encolar("acceso.enviar_correo")


def _redactar(fila: CorreoAlPersonal) -> Carta | None:
    """What opened since the mail was left and is still open; None when nothing is."""
    usuario = fila.usuario
    if usuario is None or not usuario.is_superuser:
        return None
    abiertas = Alerta.objects.filter(viva=True, avisada_en__gte=fila.creado_en).order_by("id")
    dichos = [decir(alerta.clave, alerta.datos) for alerta in abiertas]
    if not dichos:
        return None
    pagina = f"{settings.URL.rstrip('/')}{reverse('admin:operacion_alerta_monitor')}"
    asunto = dichos[0].titulo
    if len(dichos) > 1:
        asunto = ngettext("%(n)s alerta: %(primera)s", "%(n)s alertas: %(primera)s", len(dichos))
        asunto %= {"n": len(dichos), "primera": dichos[0].titulo}
    partes = ["\n".join(filter(None, dicho)) for dicho in dichos]
    pie = _("Se cierra sola cuando deja de pasar. Cómo está todo ahora:\n%(pagina)s")
    return Carta(asunto.replace("\n", " "), "\n\n".join([*partes, pie % {"pagina": pagina}]))


correos.registrar(QueCorreo.ALERTA, _redactar)
