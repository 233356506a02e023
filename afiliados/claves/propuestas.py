"""What of API keys takes a second person."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from afiliados.claves.models import Alcance, ClaveAPI
from afiliados.claves.selectors import claves_del_mismo, pruebas_de
from afiliados.claves.services import revocar_clave
from afiliados.errores import YaRevocada
from alpespartner.comun.actores import Actor
from alpespartner.comun.formato import VACIO, entero
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import proponer, quien_la_hizo
from alpespartner.comun.propuestas.tipos import Linea, Tipo, registrar


def proponer_revocacion(*, clave: ClaveAPI, actor: Actor, motivo: str) -> Propuesta:
    """Stop a key at once, and ask that it be revoked for good: another person confirms that, or
    drops it and the key works again. Raises :class:`YaRevocada`.

    One that leaked cannot wait for anybody; that it never works again can.
    """
    with transaction.atomic():
        propuesta = proponer(tipo=REVOCAR, entidad_id=clave.id_clave, actor=actor, motivo=motivo)
        if propuesta.visto["revocada"]:
            raise YaRevocada()
        ClaveAPI.objects.filter(pk=clave.pk).update(suspendida_en=timezone.now())
    return propuesta


def lineas_de_revocar(clave: ClaveAPI) -> list[Linea]:
    """Whose key it is, what stops, and what the same holder has left."""
    nombres = dict(Alcance.choices)
    otras = ClaveAPI.objects.filter(id_clave__in=claves_del_mismo(clave.id_clave))
    vigentes = sum(otra.vigente for otra in otras.exclude(pk=clave.pk))
    lineas: list[Linea] = [
        (_now("Titular"), clave.titular),
        (_now("Afiliado"), clave.afiliado or VACIO),
        (_now("Deja de poder"), ", ".join(str(nombres.get(str(a), a)) for a in clave.alcances)),
        (_now("Otras claves vigentes suyas"), entero(vigentes)),
    ]
    if de_prueba := len(pruebas_de(clave)):
        lineas.append((_now("Claves de prueba que hizo y se van con ella"), entero(de_prueba)))
    return lineas


def _foto(propuesta: Propuesta) -> Any:
    clave = ClaveAPI.objects.select_for_update().get(id_clave=propuesta.entidad_id)
    return {"alcances": clave.alcances, "revocada": clave.revocada_en is not None}


def _reponer(propuesta: Propuesta) -> None:
    ClaveAPI.objects.filter(id_clave=propuesta.entidad_id).update(suspendida_en=None)


REVOCAR = registrar(
    Tipo(
        nombre="revocar",
        titulo=_("Revocar la clave"),
        entidad="clave",
        foto=_foto,
        aplicar=lambda p, _sabido: revocar_clave(
            clave=ClaveAPI.objects.get(id_clave=p.entidad_id), actor=quien_la_hizo(p)
        ),
        lineas=lambda p: lineas_de_revocar(ClaveAPI.objects.get(id_clave=p.entidad_id)),
        modelo=lambda: ClaveAPI,
        campo="id_clave",
        deshacer=_reponer,
        # A key that leaked must not come back because nobody looked.
        dura=None,
    )
)
