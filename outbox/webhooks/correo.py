"""Mail to the staff that looks after webhooks: one was turned off by itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _

from alpespartner.comun import cola
from alpespartner.comun.acceso import correos
from alpespartner.comun.acceso.correos import Carta
from alpespartner.comun.models import CorreoAlPersonal, QueCorreo

PERMISO = "outbox.change_webhook"


def dejar() -> None:
    """Leave a mail for each person who may turn it on again, in the caller's transaction."""
    personas = User.objects.with_perm(PERMISO).filter(is_staff=True, is_active=True)
    # One that has not gone yet says it of all.
    ya = CorreoAlPersonal.objects.filter(que=QueCorreo.WEBHOOK).values("usuario")
    CorreoAlPersonal.objects.bulk_create(
        CorreoAlPersonal(usuario=usuario, que=QueCorreo.WEBHOOK)
        for usuario in personas.exclude(email="").exclude(pk__in=ya).order_by("pk")
    )
    cola.encolar("acceso.enviar_correo")


def _redactar(fila: CorreoAlPersonal) -> Carta | None:
    """Where to look: neither whose it is, nor its address."""
    usuario = fila.usuario
    if usuario is None or not usuario.has_perm(PERMISO):
        return None
    pagina = reverse("admin:outbox_webhook_changelist")
    datos = {"pagina": f"{settings.URL.rstrip('/')}{pagina}?estado=desactivado"}
    cuerpo = _(
        "Su receptor falló durante días, o contestó que ya no existe. Habla con quien lo lleva y "
        "actívalo cuando responda; lo que quedó por entregar saldrá entonces:\n\n%(pagina)s"
    )
    return Carta(_("Un webhook dejó de enviarse"), cuerpo % datos)


correos.registrar(QueCorreo.WEBHOOK, _redactar)
