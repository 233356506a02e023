"""Whose reports somebody sees, and whom one may be sent to."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet

from alpespartner.comun.actores import Actor
from alpespartner.comun.listas.condiciones import MAX_RAMAS
from comisiones.reportes.models import EnvioReporte, Reporte

# What shows a report on a page is what lets it be mailed.
VER = "comisiones.view_reporte"


def visibles(actor: Actor) -> Q:
    """Reports of a person, and the shared ones."""
    return Q(creado_por=str(actor)) | Q(compartido=True)


def con_envios(actor: Actor) -> list[int]:
    """Keys of those of which something was sent, the newest of them."""
    enviados = Reporte.objects.filter(visibles(actor), Exists(_SUYOS))
    return list(enviados.order_by("-pk").values_list("pk", flat=True)[:MAX_RAMAS])


_SUYOS = EnvioReporte.objects.filter(reporte=OuterRef("pk"))


def admisibles() -> QuerySet[User]:
    """Who of the staff may be sent figures: whoever sees them and has an address."""
    suyos = User.objects.with_perm(VER, backend="django.contrib.auth.backends.ModelBackend")
    return User.objects.filter(pk__in=suyos.values("pk"), is_staff=True).exclude(email="")


def destinatarios_de(reporte: Reporte) -> list[User]:
    """Whom a report goes to now: those that were chosen and may still see it."""
    elegidos = reporte.destinatarios.values_list("pk", flat=True)
    return list(admisibles().filter(pk__in=elegidos, is_active=True).order_by("pk"))
