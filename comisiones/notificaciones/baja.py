"""The link with which an affiliate says how often it wants digests. It needs no password: it is
signed, and what it can change is only that, of the one affiliate that it is of."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from alpespartner.comun.actores import sistema

_SAL = "comisiones.notificaciones.baja"
# Who did it: whoever has the mail.
ACTOR = sistema("enlace_del_correo")


def direccion_de_baja(afiliado: Afiliado) -> str:
    """Where an affiliate chooses."""
    ruta = reverse("correo_preferencias", args=[signing.dumps(afiliado.id_publico, salt=_SAL)])
    return f"{settings.URL.rstrip('/')}{ruta}"


def afiliado_de(ficha: str) -> Afiliado | None:
    """Whose a link is; None when nobody signed it. It does not expire: old mails are kept."""
    try:
        id_publico = signing.loads(ficha, salt=_SAL)
    except signing.BadSignature:
        return None
    return Afiliado.objects.filter(id_publico=str(id_publico)).first()


def elegir_resumen(*, afiliado: Afiliado, resumen: str) -> Afiliado:
    """How often an affiliate wants digests, as it says itself. Raises DatoInvalido."""
    return actualizar_afiliado(afiliado=afiliado, cambios={"resumen": resumen}, actor=ACTOR)
