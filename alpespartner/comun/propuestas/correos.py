"""Mail to whoever may confirm a proposal: that one waits, once to each."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun import cola
from alpespartner.comun.acceso import correos
from alpespartner.comun.acceso.correos import Carta
from alpespartner.comun.actores import persona
from alpespartner.comun.formato import fecha_y_hora
from alpespartner.comun.models import CorreoAlPersonal, EstadoPropuesta, Propuesta, QueCorreo
from alpespartner.comun.propuestas.tipos import PERMISO, tipo_de
from alpespartner.comun.separacion import son_las_mismas


def dejar(propuesta: Propuesta) -> None:
    """Leave a mail for each person who may confirm a new proposal, in the caller's transaction."""
    personas = User.objects.filter(is_staff=True).exclude(email="").order_by("pk")
    for permiso in _permisos(propuesta):
        personas = personas.filter(pk__in=User.objects.with_perm(permiso).values("pk"))
    CorreoAlPersonal.objects.bulk_create(
        CorreoAlPersonal(usuario=usuario, que=QueCorreo.POR_CONFIRMAR, propuesta=propuesta)
        for usuario in personas
        if _es_otra(usuario, propuesta)
    )
    cola.encolar("acceso.enviar_correo")


def _permisos(propuesta: Propuesta) -> tuple[str, ...]:
    """What whoever confirms it needs."""
    return PERMISO, tipo_de(propuesta.tipo).permiso


def _es_otra(usuario: User, propuesta: Propuesta) -> bool:
    return not son_las_mismas(propuesta.propuesta_por, persona(usuario.pk))


def _redactar(correo: CorreoAlPersonal) -> Carta | None:
    """What waits and where: neither whom it is about, nor why, nor how much. None when it does not
    wait any more, or this person may not confirm it."""
    propuesta, usuario = correo.propuesta, correo.usuario
    if propuesta is None or usuario is None or propuesta.estado != EstadoPropuesta.POR_CONFIRMAR:
        return None
    caduca_en = propuesta.caduca_en
    if caduca_en is not None and caduca_en <= timezone.now():
        return None
    if not (usuario.has_perms(_permisos(propuesta)) and _es_otra(usuario, propuesta)):
        return None
    pagina = reverse("admin:comun_propuesta_change", args=[propuesta.pk])
    datos = {
        "que": tipo_de(propuesta.tipo).titulo,
        "pagina": f"{settings.URL.rstrip('/')}{pagina}",
    }
    cuerpo = (
        _("«%(que)s» espera a que otra persona lo confirme o lo descarte:\n\n%(pagina)s") % datos
    )
    if caduca_en is not None:
        cuerpo += "\n\n" + _("Caduca el %(hasta)s.") % {"hasta": fecha_y_hora(caduca_en)}
    return Carta(_("Por confirmar: %(que)s") % datos, cuerpo)


correos.registrar(QueCorreo.POR_CONFIRMAR, _redactar)
