"""Saved views of the review queue: a filter under a name."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.comun.textos import normalizar
from alpespartner.comun.turnos import tomar
from comisiones.revision.errores import DemasiadasVistas
from comisiones.revision.models import VistaGuardada

# Of one person; the queue's menu shows them all.
LIMITE = 30
_NOMBRE = VistaGuardada._meta.get_field("nombre").max_length or 0
_FILTRO = VistaGuardada._meta.get_field("filtro").max_length or 0


def vistas_de(actor: Actor) -> QuerySet[VistaGuardada]:
    """Those of a person, and the shared ones."""
    return VistaGuardada.objects.filter(Q(creada_por=str(actor)) | Q(compartida=True))


def guardar_vista(*, nombre: str, filtro: str, compartida: bool, actor: Actor) -> VistaGuardada:
    """Keep a filter under a name; one of the same person and name is written over.

    Raises DatoInvalido for a name or a filter that does not fit, and DemasiadasVistas.
    """
    nombre = normalizar(nombre)
    if not nombre or len(nombre) > _NOMBRE:
        dicho = _("Escribe un nombre de hasta %(n)s caracteres.") % {"n": _NOMBRE}
        raise DatoInvalido(dicho, campo="nombre")
    if len(filtro) > _FILTRO:
        raise DatoInvalido(_("El filtro es demasiado largo para guardarlo."), campo="filtro")
    with transaction.atomic():
        # Two at once would each miss the other's.
        tomar([f"vistas:{actor}"])
        suyas = VistaGuardada.objects.filter(creada_por=str(actor))
        vista = suyas.filter(nombre=nombre).first()
        if vista is None:
            if suyas.count() >= LIMITE:
                raise DemasiadasVistas()
            vista = VistaGuardada(creada_por=str(actor), nombre=nombre)
        vista.filtro, vista.compartida = filtro, compartida
        vista.save()
        _anotar(vista, "guardar", actor)
    return vista


def quitar_vista(*, vista: VistaGuardada, actor: Actor) -> None:
    """Forget a view; what it was stays in the history."""
    with transaction.atomic():
        actual = VistaGuardada.objects.select_for_update().filter(pk=vista.pk).first()
        if actual is not None:
            _anotar(actual, "quitar", actor)
            actual.delete()


def _anotar(vista: VistaGuardada, accion: str, actor: Actor) -> None:
    paso(
        entidad="vista",
        entidad_id=str(vista.pk),
        accion=accion,
        actor=actor,
        datos={
            "nombre": vista.nombre, "filtro": vista.filtro, "compartida": vista.compartida,
            "de": vista.creada_por,
        },
    ).save()  # fmt: skip
