"""Reads of API keys: whose they are."""

from __future__ import annotations

import unicodedata

from django.db.models import Q, QuerySet
from django.utils import timezone

from afiliados.afiliado.estados import FUERA
from afiliados.claves.models import ClaveAPI
from alpespartner.comun.actores import Actor, clave, persona
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Historial
from alpespartner.pruebas.services import ENTORNO

# A key of an affiliate only reads.
_QUE_ESCRIBEN = ClaveAPI.objects.filter(afiliado__isnull=True)


def titular_normal(titular: str) -> str:
    """A holder's name as it is compared: however it was typed it is the same holder."""
    texto = unicodedata.normalize("NFKC", titular)
    visibles = "".join(
        c for c in texto if unicodedata.category(c) not in ("Cf", "Cc") or c.isspace()
    )
    return " ".join(visibles.casefold().split())


def claves_del_mismo(id_clave: str) -> frozenset[str]:
    """Public parts of the keys of whoever holds one: its holder's, those that it was rotated from
    or into, and those of the affiliate that it is of. Revoked and expired ones too."""
    una = ClaveAPI.objects.filter(id_clave=id_clave).first()
    if una is None:
        return frozenset()
    suyas = Q(cadena=una.cadena) | Q(titular_normal=una.titular_normal)
    if una.afiliado_id is not None:
        suyas |= Q(afiliado=una.afiliado_id)
    return frozenset(ClaveAPI.objects.filter(suyas).values_list("id_clave", flat=True))


def claves_de_la_cadena(una: ClaveAPI) -> frozenset[str]:
    """Public parts of the keys that were rotated or made one from another, itself among them."""
    suyas = ClaveAPI.objects.filter(cadena=una.cadena)
    return frozenset(suyas.values_list("id_clave", flat=True))


def quienes_fue(una: ClaveAPI) -> list[str]:
    """Public parts of a key and of those that were rotated one into another until it was."""
    pasos = Historial.objects.filter(
        entidad="clave", entidad_id__in=claves_de_la_cadena(una), accion="rotar"
    ).values_list("entidad_id", "datos")
    de = {datos["nueva"]: vieja for vieja, datos in pasos}
    fue = [una.id_clave]
    while (vieja := de.get(fue[-1])) is not None:
        fue.append(vieja)
    return fue


def pruebas_de(una: ClaveAPI) -> frozenset[str]:
    """On the live site, public parts of the test keys that a key made, or one that it was before a
    rotation, and that nobody here ended yet."""
    entidad, entidad_id = ENTORNO
    autores = {str(clave(id_clave)) for id_clave in quienes_fue(una)}
    hechas: set[str] = set()
    acabadas: set[str] = set()
    pasos = historial_de(entidad, entidad_id).filter(
        Q(accion="crear", actor__in=autores) | Q(accion__in=("revocar", "revocar_las_de"))
    )
    for accion, datos in pasos.values_list("accion", "datos"):
        if accion == "revocar_las_de":
            acabadas.update(datos["claves"])
        else:
            (hechas if accion == "crear" else acabadas).add(datos["clave"])
    return frozenset(hechas - acabadas)


def manos_de_clave(id_clave: str) -> frozenset[str]:
    """Authors that are the same hands as a key, itself among them: the keys of the same, and the
    persons who made or rotated one of those that may write, for whom it was shown."""
    suyas = claves_del_mismo(id_clave)
    de_quien = Historial.objects.filter(
        entidad="clave",
        entidad_id__in=_QUE_ESCRIBEN.filter(id_clave__in=suyas).values("id_clave"),
        accion="crear",
        actor__startswith="persona:",
    )
    return frozenset({*map(str, map(clave, suyas)), *de_quien.values_list("actor", flat=True)})


def manos_de_persona(pk: str) -> frozenset[str]:
    """Keys that are the same hands as a person: those that may write and it made or rotated, with
    the others of their holders."""
    hechas = _QUE_ESCRIBEN.filter(
        id_clave__in=Historial.objects.filter(
            entidad="clave", accion="crear", actor=str(persona(pk))
        ).values("entidad_id")
    )
    suyas = _QUE_ESCRIBEN.filter(
        Q(cadena__in=hechas.values("cadena"))
        | Q(titular_normal__in=hechas.values("titular_normal"))
    )
    return frozenset(str(clave(id_clave)) for id_clave in suyas.values_list("id_clave", flat=True))


def claves_de_su_titular(clave: ClaveAPI) -> QuerySet[ClaveAPI]:
    """The keys that a key may look after: of its affiliate or, without one, of its holder."""
    if clave.afiliado_id is not None:
        return ClaveAPI.objects.filter(afiliado=clave.afiliado_id)
    return ClaveAPI.objects.filter(titular_normal=clave.titular_normal, afiliado=None)


def vigentes(claves: QuerySet[ClaveAPI]) -> QuerySet[ClaveAPI]:
    """Of some keys, those that work now."""
    return claves.filter(
        Q(expira_en=None) | Q(expira_en__gt=timezone.now()), revocada_en=None, suspendida_en=None
    )


def clave_de(actor: Actor) -> ClaveAPI | None:
    """The key that an author is."""
    if actor.tipo != "clave":
        return None
    return ClaveAPI.objects.filter(id_clave=actor.id).first()


def afiliados_de_quien(actor: Actor) -> frozenset[int]:
    """Affiliates whose keys are in the same hands as an author."""
    if actor.tipo != "clave":
        return frozenset()
    return frozenset(
        ClaveAPI.objects.filter(
            id_clave__in=claves_del_mismo(actor.id), afiliado__isnull=False
        ).values_list("afiliado_id", flat=True)
    )


def tiene_clave(titular: str, afiliado_id: str) -> bool:
    """Whether a holder (as it is compared), or an affiliate (by its public id) that is not out of
    the programme, has a key that works now."""
    sirven = vigentes(ClaveAPI.objects.all())
    if afiliado_id:
        suyas = sirven.filter(afiliado__id_publico=afiliado_id)
        return suyas.exclude(afiliado__estado__in=FUERA).exists()
    return sirven.filter(titular_normal=titular, afiliado=None).exists()
