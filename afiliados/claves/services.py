"""API keys: making, checking, rotating and revoking them.

A key is ``ap_<id>_<secret>``, and ``ap_test_<id>_<secret>`` in the sandbox: neither form is the
other's, so that no key is looked for where it is not of. The secret has 256 random bits, so one
SHA-256 is enough to store it: there is nothing to guess that a slow hash would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from afiliados.claves.direcciones import caben, exigir_redes
from afiliados.claves.models import ALCANCES_DE_AFILIADO, Alcance, ClaveAPI, prefijo
from afiliados.claves.selectors import (
    claves_de_su_titular,
    pruebas_de,
    titular_normal,
    vigentes,
)
from afiliados.claves.topes import Topes, escribir_topes, no_pasan
from afiliados.errores import AfiliadoBorrado, DemasiadasClaves, YaRevocada
from alpespartner.comun import cola, turnos
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import paso
from alpespartner.pruebas.ajustes import PREFIJO as PREFIJO_DE_PRUEBA

# What restricts a key besides its scopes.
RESTRICCIONES = ("direcciones", "aprueba_por_venta", "aprueba_por_dia")
# Keys that work, of a holder who makes them by itself.
POR_TITULAR = 10
_PARTES = r"([a-z0-9]{12})_([A-Za-z0-9_-]{43})\Z"
_FORMATO = re.compile("ap_" + _PARTES, re.ASCII)
_FORMATO_DE_PRUEBA = re.compile(PREFIJO_DE_PRUEBA + _PARTES, re.ASCII)


_POR_ID = ConsultaFija(ClaveAPI.objects.filter(id_clave=""))


def _formato() -> re.Pattern[str]:
    return _FORMATO_DE_PRUEBA if settings.PRUEBAS else _FORMATO


def crear_clave(
    *,
    nombre: str,
    titular: str,
    alcances: Iterable[str],
    actor: Actor,
    afiliado: Afiliado | None = None,
    expira_en: datetime | None = None,
    direcciones: str = "",
    aprueba_por_venta: Topes | None = None,
    aprueba_por_dia: Topes | None = None,
    rota: ClaveAPI | None = None,
) -> tuple[ClaveAPI, str]:
    """Make a key, that takes the place of ``rota`` or stands alone; returns it with its text,
    which is never shown again.

    Raises :class:`DatoInvalido` for an unknown scope or one not meant for affiliates, and for
    networks or amounts that are none.
    """
    restricciones = exigir_restricciones(
        {
            "direcciones": direcciones,
            "aprueba_por_venta": aprueba_por_venta or {},
            "aprueba_por_dia": aprueba_por_dia or {},
        }
    )
    return _crear(
        nombre=nombre, titular=titular, alcances=alcances, actor=actor, afiliado=afiliado,
        expira_en=expira_en, restricciones=restricciones, rota=rota,
    )  # fmt: skip


def exigir_restricciones(dichas: Mapping[str, Any]) -> dict[str, str]:
    """What is said of them, as it is stored; raises :class:`DatoInvalido`."""
    return {
        campo: exigir_redes(valor) if campo == "direcciones" else escribir_topes(valor, campo)
        for campo, valor in dichas.items()
    }


def _crear(
    *,
    nombre: str,
    titular: str,
    alcances: Iterable[str],
    actor: Actor,
    afiliado: Afiliado | None,
    expira_en: datetime | None,
    restricciones: Mapping[str, str],
    rota: ClaveAPI | None,
) -> tuple[ClaveAPI, str]:
    pedidos = exigir_alcances(alcances, afiliado)
    id_clave, secreto = parte_nueva()
    clave = _guardar(
        id_clave=id_clave, huella=huella_de(secreto),
        cadena=id_clave if rota is None else rota.cadena, nombre=nombre, titular=titular,
        alcances=pedidos, actor=actor, afiliado=afiliado,
        expira_en=expira_en, restricciones=restricciones, datos={},
        hecha_por="" if rota is None else rota.hecha_por,
    )  # fmt: skip
    return clave, f"{prefijo()}{clave.id_clave}_{secreto}"


def exigir_alcances(alcances: Iterable[str], afiliado: Afiliado | None) -> list[str]:
    """Scopes in their order, each once; raises :class:`DatoInvalido` for one that does not exist
    or is not meant for affiliates, and for none."""
    pedidos = sorted(set(alcances))
    admitidos = ALCANCES_DE_AFILIADO if afiliado else set(Alcance.values)
    sobran = [a for a in pedidos if a not in admitidos]
    if sobran or not pedidos:
        raise DatoInvalido(
            _("Alcances no admitidos: %(sobran)s. Elige entre: %(admitidos)s.")
            % {"sobran": ", ".join(sobran) or "-", "admitidos": ", ".join(sorted(admitidos))},
            campo="alcances",
        )
    return pedidos


def parte_nueva() -> tuple[str, str]:
    """The public part and the secret of a key that is nobody's yet."""
    secreto = secrets.token_urlsafe(32)
    return secrets.token_hex(6), secreto


def huella_de(secreto: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secreto.encode()).hexdigest()


def _guardar(
    *,
    id_clave: str,
    huella: str,
    cadena: str,
    nombre: str,
    titular: str,
    alcances: list[str],
    actor: Actor,
    afiliado: Afiliado | None,
    expira_en: datetime | None,
    restricciones: Mapping[str, str],
    datos: Mapping[str, Any],
    hecha_por: str = "",
) -> ClaveAPI:
    with transaction.atomic():
        # As it is now: who has been erased gets no name again.
        if (
            afiliado is not None
            and Afiliado.objects.filter(pk=afiliado.pk, borrado_en__isnull=False).exists()
        ):
            raise AfiliadoBorrado()
        clave = ClaveAPI.objects.create(
            id_clave=id_clave,
            cadena=cadena,
            hecha_por=hecha_por,
            titular_normal=titular_normal(titular)[:100],
            huella=huella,
            nombre=nombre,
            titular=titular,
            afiliado=afiliado,
            alcances=alcances,
            expira_en=expira_en,
            **restricciones,
        )
        dichas = {campo: texto for campo, texto in restricciones.items() if texto}
        paso(
            entidad="clave", entidad_id=clave.id_clave, accion="crear", actor=actor,
            datos={"alcances": alcances, **dichas, **datos},
        ).save()  # fmt: skip
    return clave


def crear_la_suya(
    *,
    clave: ClaveAPI,
    nombre: str,
    alcances: Iterable[str],
    actor: Actor,
    expira_en: datetime | None = None,
    restricciones: Mapping[str, Any] | None = None,
) -> tuple[ClaveAPI, str]:
    """Make a key of the holder of another, that may do nothing that the other may not, nor for
    longer, nor from elsewhere, nor approve more; they share what a minute and a day allow. Returns
    it with its text, never shown again.

    Raises :class:`DatoInvalido`, and :class:`DemasiadasClaves`.
    """
    da = lo_que_da(
        clave=clave, alcances=alcances, expira_en=expira_en, restricciones=restricciones or {}
    )
    with transaction.atomic():
        _exigir_sitio(clave)
        return _crear(nombre=nombre, actor=actor, rota=clave, **da)


def lo_que_da(
    *,
    clave: ClaveAPI,
    alcances: Iterable[str],
    expira_en: datetime | None,
    restricciones: Mapping[str, Any],
) -> dict[str, Any]:
    """What a key that another makes has of it, and no more. Raises :class:`DatoInvalido`."""
    pedidos = set(alcances)
    if sobran := sorted(pedidos - set(clave.alcances)):
        raise DatoInvalido(
            _("La clave no puede dar lo que no tiene: %(sobran)s.") % {"sobran": ", ".join(sobran)},
            campo="alcances",
        )
    suyas = {campo: getattr(clave, campo) for campo in RESTRICCIONES}
    dichas = exigir_restricciones(restricciones)
    _exigir_que_no_de_mas(suyas, dichas)
    return {
        "titular": clave.titular,
        "alcances": pedidos,
        "afiliado": clave.afiliado,
        "expira_en": min(filter(None, [clave.expira_en, expira_en]), default=None),
        "restricciones": {**suyas, **dichas},
    }


def inscribir_clave(
    *,
    id_clave: str,
    huella: str,
    nombre: str,
    titular: str,
    alcances: Iterable[str],
    actor: Actor,
    afiliado: Afiliado | None,
    expira_en: datetime | None,
    restricciones: Mapping[str, str],
    pide: str,
) -> ClaveAPI:
    """In the sandbox, a key that the live site made and whose text it showed; ``pide`` is who asked
    there: a key of there that is revoked takes it along.

    Raises :class:`DatoInvalido` and :class:`DemasiadasClaves`.
    """
    pedidos = exigir_alcances(alcances, afiliado)
    with transaction.atomic():
        de_quien = ClaveAPI(titular_normal=titular_normal(titular)[:100], afiliado=afiliado)
        _exigir_sitio(de_quien)
        return _guardar(
            id_clave=id_clave, huella=huella, cadena=id_clave, nombre=nombre, titular=titular,
            alcances=pedidos, actor=actor, afiliado=afiliado, expira_en=expira_en,
            restricciones=restricciones, datos={"pide": pide}, hecha_por=_clave_que_pide(pide),
        )  # fmt: skip


def _clave_que_pide(pide: str) -> str:
    """Public part of the live key that asked for a test key; "" when a person did."""
    quien, _dos_puntos, id_clave = pide.partition(":")
    return id_clave if quien == "clave" else ""


def _exigir_que_no_de_mas(limite: Mapping[str, str], dichas: Mapping[str, str]) -> None:
    for campo, dicha in dichas.items():
        cabe = caben if campo == "direcciones" else no_pasan
        if not cabe(dicha, limite[campo]):
            raise DatoInvalido(
                _("La clave no puede dar lo que no tiene: %(sobran)s.")
                % {"sobran": dicha or _("sin límite")},
                campo=campo,
            )


def restringir_clave(
    *, clave: ClaveAPI, actor: Actor, restricciones: Mapping[str, Any]
) -> ClaveAPI:
    """Say from where a key may be used (``direcciones``, a text) and how much it approves of a
    commission and in a day (amounts by currency); what is not said stays.

    Raises :class:`DatoInvalido`, and :class:`YaRevocada`.
    """
    dichas = exigir_restricciones(restricciones)
    with transaction.atomic():
        actual = ClaveAPI.objects.select_for_update().get(pk=clave.pk)
        return _restringir(actual, dichas, actor)


def restringir_la_suya(
    *, quien: ClaveAPI, clave: ClaveAPI, actor: Actor, restricciones: Mapping[str, Any]
) -> ClaveAPI:
    """As :func:`restringir_clave`, by a key (``quien``) of the same holder: from nowhere that it
    may not be used from itself, and never approving more than it does, nor than until now."""
    dichas = exigir_restricciones(restricciones)
    with transaction.atomic():
        actual = ClaveAPI.objects.select_for_update().get(pk=clave.pk)
        _exigir_que_no_de_mas({campo: getattr(quien, campo) for campo in dichas}, dichas)
        montos = {campo: dicha for campo, dicha in dichas.items() if campo != "direcciones"}
        _exigir_que_no_de_mas({campo: getattr(actual, campo) for campo in montos}, montos)
        return _restringir(actual, dichas, actor)


def _restringir(actual: ClaveAPI, dichas: Mapping[str, str], actor: Actor) -> ClaveAPI:
    if actual.revocada_en is not None:
        raise YaRevocada()
    antes = {campo: getattr(actual, campo) for campo in dichas}
    distintas = {campo: dicha for campo, dicha in dichas.items() if antes[campo] != dicha}
    if not distintas:
        return actual
    for campo, dicha in distintas.items():
        setattr(actual, campo, dicha)
    actual.save(update_fields=list(distintas))
    paso(
        entidad="clave", entidad_id=actual.id_clave, accion="restringir", actor=actor,
        datos={"antes": {c: antes[c] for c in distintas}, "despues": distintas},
    ).save()  # fmt: skip
    return actual


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
    partes = _formato().match(texto)
    if partes is None:
        return None
    clave = _POR_ID.primera(partes[1])
    correcta = hmac.compare_digest(huella_de(partes[2]), clave.huella if clave else "0" * 64)
    return clave if clave and correcta and clave.vigente else None


def id_de_texto(texto: str) -> str | None:
    """Public part of a text that names a key of ours, whatever its secret; None without one."""
    partes = _formato().match(texto)
    return partes[1] if partes and _POR_ID.primera(partes[1]) else None


def texto_de_prueba() -> str:
    """The text of a test key that nobody has yet."""
    return PREFIJO_DE_PRUEBA + "_".join(parte_nueva())


def partes_de_prueba(texto: str) -> tuple[str, str] | None:
    """Public part and secret of a text that has the form of a test key."""
    partes = _FORMATO_DE_PRUEBA.match(texto)
    return (partes[1], partes[2]) if partes else None


def revocar_clave(*, clave: ClaveAPI, actor: Actor) -> None:
    """Make a key useless at once, and soon the test keys that it made, of which nobody here waits
    for the sandbox; raises :class:`YaRevocada` when it already is."""
    with transaction.atomic():
        cambiadas = ClaveAPI.objects.filter(pk=clave.pk, revocada_en=None).update(
            revocada_en=timezone.now()
        )
        if not cambiadas:
            raise YaRevocada()
        paso(entidad="clave", entidad_id=clave.id_clave, accion="revocar", actor=actor).save()
        # After it is locked: what it makes meanwhile is counted, or is not made.
        if de_prueba := len(pruebas_de(clave)):
            ClaveAPI.objects.filter(pk=clave.pk).update(pruebas_por_revocar=de_prueba)
            cola.encolar("claves.revocar_pruebas")


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
        nueva, texto = _crear(
            nombre=clave.nombre,
            titular=clave.titular,
            alcances=clave.alcances,
            actor=actor,
            afiliado=clave.afiliado,
            expira_en=clave.expira_en,
            restricciones={campo: getattr(clave, campo) for campo in RESTRICCIONES},
            rota=clave,
        )
        limite = min(filter(None, [clave.expira_en, expira_anterior_en]))
        ClaveAPI.objects.filter(pk=clave.pk).update(expira_en=limite)
        paso(
            entidad="clave", entidad_id=clave.id_clave, accion="rotar", actor=actor,
            datos={"nueva": nueva.id_clave},
        ).save()  # fmt: skip
    return nueva, texto
