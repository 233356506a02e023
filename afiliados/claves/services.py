"""API keys: making, checking, rotating and revoking them.

A key is ``ap_<id>_<secret>``. The secret has 256 random bits, so one SHA-256 is enough to store it:
there is nothing to guess that a slow hash would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ALCANCES_DE_AFILIADO, Alcance, ClaveAPI
from afiliados.claves.selectors import claves_de_su_titular, titular_normal, vigentes
from afiliados.errores import AfiliadoBorrado, DemasiadasClaves, YaRevocada
from alpespartner.comun import turnos
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso

# Keys that work, of a holder who makes them by itself.
POR_TITULAR = 10
_FORMATO = re.compile(r"ap_([a-z0-9]{12})_([A-Za-z0-9_-]{43})\Z", re.ASCII)


_POR_ID = ConsultaFija(ClaveAPI.objects.filter(id_clave=""))


def _huella(secreto: str) -> str:
    return hashlib.sha256(secreto.encode()).hexdigest()


def crear_clave(
    *,
    nombre: str,
    titular: str,
    alcances: Iterable[str],
    actor: Actor,
    afiliado: Afiliado | None = None,
    expira_en: datetime | None = None,
    rota: ClaveAPI | None = None,
) -> tuple[ClaveAPI, str]:
    """Make a key, that takes the place of ``rota`` or stands alone; returns it with its text,
    which is never shown again.

    Raises :class:`DatoInvalido` for an unknown scope or one not meant for affiliates.
    """
    pedidos = sorted(set(alcances))
    admitidos = ALCANCES_DE_AFILIADO if afiliado else set(Alcance.values)
    sobran = [a for a in pedidos if a not in admitidos]
    if sobran or not pedidos:
        raise DatoInvalido(
            _("Alcances no admitidos: %(sobran)s. Elige entre: %(admitidos)s.")
            % {"sobran": ", ".join(sobran) or "-", "admitidos": ", ".join(sorted(admitidos))},
            campo="alcances",
        )
    secreto = secrets.token_urlsafe(32)
    id_clave = secrets.token_hex(6)
    with transaction.atomic():
        # As it is now: who has been erased gets no name again.
        if (
            afiliado is not None
            and Afiliado.objects.filter(pk=afiliado.pk, borrado_en__isnull=False).exists()
        ):
            raise AfiliadoBorrado()
        clave = ClaveAPI.objects.create(
            id_clave=id_clave,
            cadena=id_clave if rota is None else rota.cadena,
            titular_normal=titular_normal(titular)[:100],
            huella=_huella(secreto),
            nombre=nombre,
            titular=titular,
            afiliado=afiliado,
            alcances=pedidos,
            expira_en=expira_en,
        )
        paso(
            entidad="clave", entidad_id=clave.id_clave, accion="crear", actor=actor,
            datos={"alcances": pedidos},
        ).save()  # fmt: skip
    return clave, f"ap_{clave.id_clave}_{secreto}"


def crear_la_suya(
    *,
    clave: ClaveAPI,
    nombre: str,
    alcances: Iterable[str],
    actor: Actor,
    expira_en: datetime | None = None,
) -> tuple[ClaveAPI, str]:
    """Make a key of the holder of another, that may do nothing that the other may not, nor for
    longer; they share what a minute allows. Returns it with its text, never shown again.

    Raises :class:`DatoInvalido`, and :class:`DemasiadasClaves`.
    """
    pedidos = set(alcances)
    if sobran := sorted(pedidos - set(clave.alcances)):
        raise DatoInvalido(
            _("La clave no puede dar lo que no tiene: %(sobran)s.") % {"sobran": ", ".join(sobran)},
            campo="alcances",
        )
    with transaction.atomic():
        _exigir_sitio(clave)
        return crear_clave(
            nombre=nombre,
            titular=clave.titular,
            alcances=pedidos,
            actor=actor,
            afiliado=clave.afiliado,
            expira_en=min(filter(None, [clave.expira_en, expira_en]), default=None),
            rota=clave,
        )


def rotar_la_suya(
    *, clave: ClaveAPI, actor: Actor, expira_anterior_en: datetime
) -> tuple[ClaveAPI, str]:
    """As :func:`rotar_clave`, of one that works, by the key of its holder. Raises
    :class:`YaRevocada` and :class:`DemasiadasClaves`."""
    with transaction.atomic():
        _exigir_sitio(clave)
        actual = ClaveAPI.objects.select_for_update().get(pk=clave.pk)
        if not actual.vigente:
            raise YaRevocada()
        return rotar_clave(clave=actual, actor=actor, expira_anterior_en=expira_anterior_en)


def _exigir_sitio(clave: ClaveAPI) -> None:
    # One at a time: two of the same holder would both find room.
    de_quien = clave.afiliado_publico or clave.titular_normal
    turnos.tomar([f"cl_{hashlib.sha256(de_quien.encode()).hexdigest()[:24]}"])
    if vigentes(claves_de_su_titular(clave)).count() >= POR_TITULAR:
        raise DemasiadasClaves()


def buscar_clave(texto: str) -> ClaveAPI | None:
    """The valid key of a text, or None. Takes the same time whatever part is wrong."""
    partes = _FORMATO.match(texto)
    if partes is None:
        return None
    clave = _POR_ID.primera(partes[1])
    correcta = hmac.compare_digest(_huella(partes[2]), clave.huella if clave else "0" * 64)
    return clave if clave and correcta and clave.vigente else None


def id_de_texto(texto: str) -> str | None:
    """Public part of a text that names a key of ours, whatever its secret; None without one."""
    partes = _FORMATO.match(texto)
    return partes[1] if partes and _POR_ID.primera(partes[1]) else None


def revocar_clave(*, clave: ClaveAPI, actor: Actor) -> None:
    """Make a key useless at once; raises :class:`YaRevocada` when it already is."""
    with transaction.atomic():
        cambiadas = ClaveAPI.objects.filter(pk=clave.pk, revocada_en=None).update(
            revocada_en=timezone.now()
        )
        if not cambiadas:
            raise YaRevocada()
        paso(entidad="clave", entidad_id=clave.id_clave, accion="revocar", actor=actor).save()


def revocar_las_de(afiliado: Afiliado, actor: Actor, _motivo: str) -> int:
    """Make the keys of an affiliate useless for good, in the transaction of what ended it; returns
    how many."""
    suyas = list(
        ClaveAPI.objects.select_for_update().filter(afiliado=afiliado, revocada_en=None)
        .order_by("pk")
    )  # fmt: skip
    for clave in suyas:
        revocar_clave(clave=clave, actor=actor)
    return len(suyas)


def rotar_clave(
    *, clave: ClaveAPI, actor: Actor, expira_anterior_en: datetime
) -> tuple[ClaveAPI, str]:
    """Make a key with the same grants; the old one works until ``expira_anterior_en``."""
    with transaction.atomic():
        nueva, texto = crear_clave(
            nombre=clave.nombre,
            titular=clave.titular,
            alcances=clave.alcances,
            actor=actor,
            afiliado=clave.afiliado,
            expira_en=clave.expira_en,
            rota=clave,
        )
        limite = min(filter(None, [clave.expira_en, expira_anterior_en]))
        ClaveAPI.objects.filter(pk=clave.pk).update(expira_en=limite)
        paso(
            entidad="clave", entidad_id=clave.id_clave, accion="rotar", actor=actor,
            datos={"nueva": nueva.id_clave},
        ).save()  # fmt: skip
    return nueva, texto
