"""The staff's second factor: codes of an application (TOTP), and recovery codes.

The rows and the arithmetic are allauth's. Ours is what must hold in all processes at once: a code
counts before it is looked at, is used once, and everything is written down.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta

from allauth.core.internal.cryptokit import compare_user_code, normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from alpespartner.comun.acceso import correos, sesiones
from alpespartner.comun.acceso.direccion import direccion_de
from alpespartner.comun.acceso.errores import (
    CodigoErroneo,
    FactorInscrito,
    FactorObligatorio,
    SinFactor,
)
from alpespartner.comun.acceso.intentos import Limite, devolver, reservar
from alpespartner.comun.acceso.presencia import exigir
from alpespartner.comun.actores import Actor, persona, sistema
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.historial import paso
from alpespartner.comun.models import QueCorreo
from alpespartner.comun.textos import exigir_motivo

log = logging.getLogger(__name__)
_TIPO = Authenticator.Type
_ULTIMO = "ultimo_paso"
# By account, wherever it is tried from: whoever tries has its password already.
POR_RATO = 5
RATO = timedelta(minutes=15)
POR_DIA = 30
DIA = timedelta(days=1)


def limites_de(usuario: User) -> list[Limite]:
    """What a try of a code counts for."""
    quien = (str(usuario.pk),)
    return [Limite("codigo", quien, POR_RATO, RATO), Limite("codigos", quien, POR_DIA, DIA)]


def factor_de(usuario: User) -> Authenticator | None:
    """The second factor of somebody, or None."""
    return Authenticator.objects.filter(user=usuario, type=_TIPO.TOTP).first()


def codigos_que_quedan(usuario: User) -> int:
    """Recovery codes that were not used."""
    fila = Authenticator.objects.filter(user=usuario, type=_TIPO.RECOVERY_CODES).first()
    return 0 if fila is None else _sin_usar(fila)


def _sin_usar(fila: Authenticator) -> int:
    return app_settings.RECOVERY_CODE_COUNT - int(fila.data["used_mask"]).bit_count()


def comprobar(*, usuario: User, codigo: str, request: HttpRequest) -> Authenticator:
    """The factor that a code belongs to, which is used up by it.

    Raises DemasiadosIntentos before it is looked at, and :class:`CodigoErroneo`.
    """
    limites = limites_de(usuario)
    alcanzados = reservar(limites)
    usado = _gastar(usuario, codigo)
    direccion = direccion_de(request)
    if usado is None:
        _anotar_fallo(usuario, direccion, alcanzados)
        raise CodigoErroneo()
    devolver(limites[1:], olvidar=limites[0])
    if usado.type == _TIPO.RECOVERY_CODES:
        _anotar(
            usuario, "codigo_de_recuperacion", persona(usuario.pk),
            {"direccion": direccion, "quedan": _sin_usar(usado)},
        )  # fmt: skip
    return usado


def _anotar(usuario: User, accion: str, actor: Actor, datos: Mapping[str, object]) -> None:
    paso(
        entidad="acceso", entidad_id=usuario.get_username()[:40], accion=accion, actor=actor,
        datos=dict(datos),
    ).save()  # fmt: skip


def _anotar_fallo(usuario: User, direccion: str, alcanzados: list[Limite]) -> None:
    log.warning("código erróneo: usuario=%r dirección=%s", usuario.get_username(), direccion or "-")
    autor, datos = sistema("acceso"), {"direccion": direccion}
    _anotar(usuario, "codigo_erroneo", autor, datos)
    for limite in alcanzados:
        _anotar(usuario, "bloqueo", autor, {**datos, "por": limite.que})


def _gastar(usuario: User, codigo: str) -> Authenticator | None:
    """Use a code up, in one transaction that holds its row; None when it is none of theirs."""
    llano = normalize_user_code(codigo)
    with transaction.atomic():
        suyos = Authenticator.objects.select_for_update().filter(user=usuario)
        filas = {fila.type: fila for fila in suyos}
        # Recovery codes stand in for a factor: without one they open nothing.
        factor = filas.get(_TIPO.TOTP)
        if factor is None:
            return None
        try:
            momento = _momento_de(decrypt(factor.data["secret"]), llano)
            if momento is not None and momento > factor.data.get(_ULTIMO, 0):
                factor.data[_ULTIMO] = momento
                factor.last_used_at = timezone.now()
                factor.save(update_fields=["data", "last_used_at"])
                return factor
            reserva = filas.get(_TIPO.RECOVERY_CODES)
            if reserva is not None:
                codigos = RecoveryCodes(reserva)
                if codigos.validate_code(llano):
                    codigos.instance.record_usage()
                    return codigos.instance
        except InvalidToken:
            # ALPES_CLAVE_DATOS is another one since.
            log.error("no se puede leer el segundo factor de %r", usuario.get_username())
        return None


def _momento_de(secreto: str, codigo: str) -> int | None:
    """The interval of time that a code of the application is of; None for one of none."""
    for momento in yield_hotp_counters_from_time():
        if compare_user_code(
            actual=codigo, expected=format_hotp_value(hotp_value(secreto, momento))
        ):
            return momento
    return None


def inscribir(
    *, usuario: User, secreto: str, codigo: str, actor: Actor, sesion: str = ""
) -> tuple[Authenticator, list[str]]:
    """Give an account its first factor: the row, and the recovery codes to show once.

    ``codigo`` proves that the application has ``secreto``. Other sessions end. Raises
    :class:`CodigoErroneo`, and :class:`FactorInscrito` when it has one by now.
    """
    return _poner(usuario, secreto, codigo, actor, sesion, cambia=False)


def cambiar(
    *, usuario: User, secreto: str, codigo: str, actor: Actor, sesion: str
) -> tuple[Authenticator, list[str]]:
    """Put another factor in the place of one's own; as :func:`inscribir`, and asks for presence."""
    exigir(actor)
    return _poner(usuario, secreto, codigo, actor, sesion, cambia=True)


def _poner(
    usuario: User, secreto: str, codigo: str, actor: Actor, sesion: str, *, cambia: bool
) -> tuple[Authenticator, list[str]]:
    momento = _momento_de(secreto, normalize_user_code(codigo))
    if momento is None:
        raise CodigoErroneo()
    with transaction.atomic():
        # Two at once: MySQL has no index that would refuse the second.
        User.objects.select_for_update().get(pk=usuario.pk)
        if factor_de(usuario) is not None and not cambia:
            raise FactorInscrito()
        Authenticator.objects.filter(user=usuario).delete()
        factor = TOTP.activate(usuario, secreto).instance
        # What proved it is used up.
        factor.data[_ULTIMO] = momento
        factor.save(update_fields=["data"])
        codigos = RecoveryCodes.activate(usuario).generate_codes()
        _anotar(usuario, "factor_cambiado" if cambia else "inscripcion", actor, {})
        sesiones.terminar(usuario=usuario, actor=actor, menos=sesion, por="segundo factor")
    return factor, codigos


def renovar_codigos(*, usuario: User, actor: Actor) -> list[str]:
    """New recovery codes, to show once; the old ones open nothing any more.

    Asks for presence; raises :class:`SinFactor`.
    """
    exigir(actor)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=usuario.pk)
        if factor_de(usuario) is None:
            raise SinFactor()
        Authenticator.objects.filter(user=usuario, type=_TIPO.RECOVERY_CODES).delete()
        codigos = RecoveryCodes.activate(usuario).generate_codes()
        _anotar(usuario, "codigos_nuevos", actor, {})
    return codigos


def quitar(*, usuario: User, actor: Actor, sesion: str) -> None:
    """Go without a factor again, where that is allowed. Asks for presence; other sessions end.

    Raises :class:`FactorObligatorio` and :class:`SinFactor`.
    """
    if settings.SEGUNDO_FACTOR:
        raise FactorObligatorio()
    exigir(actor)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=usuario.pk)
        if factor_de(usuario) is None:
            raise SinFactor()
        Authenticator.objects.filter(user=usuario).delete()
        _anotar(usuario, "factor_quitado", actor, {})
        sesiones.terminar(usuario=usuario, actor=actor, menos=sesion, por="segundo factor")


def por_que_no_restablece(usuario: User, actor: Actor) -> str:
    """Why somebody may not reset the factor of an account that others may; "" when they may."""
    if str(persona(usuario.pk)) == str(actor):
        return _("Tu propio segundo factor lo restablece otra persona que administre.")
    return ""


def restablecer(*, usuario: User, actor: Actor, motivo: str) -> None:
    """Take the factor of somebody who lost it: they enrol another at their next sign-in.

    Its sessions end and its person is told. Asks for presence and a reason; raises
    :class:`CuatroOjos` for one's own and :class:`SinFactor`.
    """
    motivo = exigir_motivo(motivo)
    if impedimento := por_que_no_restablece(usuario, actor):
        raise CuatroOjos(impedimento)
    exigir(actor)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=usuario.pk)
        if factor_de(usuario) is None:
            raise SinFactor()
        Authenticator.objects.filter(user=usuario).delete()
        paso(
            entidad="usuario", entidad_id=str(usuario.pk), accion="restablecer_factor",
            actor=actor, motivo=motivo,
        ).save()  # fmt: skip
        sesiones.terminar(usuario=usuario, actor=actor, por="segundo factor")
        correos.dejar(usuario=usuario, que=QueCorreo.FACTOR_RESTABLECIDO)
