"""All writes of links and coupons."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from afiliados.afiliado.estados import FUERA
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.actores import Actor
from alpespartner.comun.db.insercion import insertar_si_cabe
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.textos import exigir_motivo
from conversiones import eventos
from conversiones.campanas.errores import CampanaTerminada
from conversiones.campanas.estados import EstadoCampana
from conversiones.campanas.models import Campana
from conversiones.campanas.selectors import admite_destino, sitios_de
from conversiones.rastreo.busqueda import CUPONES, ENLACES
from conversiones.rastreo.codigos import exigir_codigo, exigir_cupon, nuevo_codigo
from conversiones.rastreo.errores import (
    AfiliadoNoAdmite,
    CodigoOcupado,
    CuponOcupado,
    DestinoNoAdmitido,
    SinDestino,
)
from conversiones.rastreo.estados import CUPON, ENLACE, EstadoDeCodigo
from conversiones.rastreo.models import Cupon, Enlace
from outbox.publicacion import publicar

# A code of nobody's choice is taken once in a lifetime.
_INTENTOS = 3


def crear_enlace(
    *, afiliado: Afiliado, campana: Campana, actor: Actor, codigo: str = "", destino: str = ""
) -> Enlace:
    """Give an affiliate a link in a campaign. Without ``codigo`` it gets one; without ``destino``
    it leads to the campaign's page.

    Raises :class:`DatoInvalido`, :class:`CodigoOcupado`, :class:`AfiliadoNoAdmite` or
    :class:`CampanaTerminada`.
    """
    elegido = exigir_codigo(codigo) if codigo else ""
    with transaction.atomic():
        afiliado, actual = _bloquear(afiliado, campana)
        assert actual is not None  # noqa: S101 - a campaign was given
        destino = destino.strip()
        if not destino and not actual.pagina:
            raise SinDestino(campo="destino")
        if destino and not admite_destino(destino, sitios_de(actual)):
            raise DestinoNoAdmitido(campo="destino")
        for _intento in range(_INTENTOS):
            enlace = Enlace(
                id_publico=nuevo_id("enl"), codigo=elegido or nuevo_codigo(), afiliado=afiliado,
                campana=actual, destino=destino,
            )  # fmt: skip
            if insertar_si_cabe(enlace):
                break
            if elegido:
                raise CodigoOcupado(campo="codigo")
        else:
            raise CodigoOcupado(campo="codigo")
        ENLACES.apuntar([enlace])
        paso(
            entidad="enlace", entidad_id=enlace.id_publico, accion="crear", actor=actor,
            estado_nuevo=enlace.estado, datos={"destino": destino} if destino else None,
        ).save()  # fmt: skip
        publicar(
            eventos.EnlaceCreado(
                enlace_id=enlace.id_publico,
                afiliado_id=afiliado.id_publico,
                campana_id=actual.id_publico,
                codigo=enlace.codigo,
            ),
            version=enlace.version,
        )
    return enlace


def crear_cupon(
    *, afiliado: Afiliado, codigo: str, actor: Actor, campana: Campana | None = None
) -> Cupon:
    """Make a code an affiliate's, in one campaign or in all. It has no other owner meanwhile.

    Raises :class:`DatoInvalido`, :class:`CuponOcupado`, :class:`AfiliadoNoAdmite` or
    :class:`CampanaTerminada`.
    """
    codigo = exigir_cupon(codigo)
    with transaction.atomic():
        afiliado, campana = _bloquear(afiliado, campana)
        cupon = Cupon(
            id_publico=nuevo_id("cup"), codigo=codigo, vivo=codigo, afiliado=afiliado,
            campana=campana,
        )  # fmt: skip
        if not insertar_si_cabe(cupon):
            raise CuponOcupado(campo="codigo")
        CUPONES.apuntar([cupon])
        paso(
            entidad="cupon", entidad_id=cupon.id_publico, accion="crear", actor=actor,
            estado_nuevo=cupon.estado,
        ).save()  # fmt: skip
        publicar(
            eventos.CuponCreado(
                cupon_id=cupon.id_publico,
                afiliado_id=afiliado.id_publico,
                campana_id=campana.id_publico if campana else None,
                codigo=codigo,
            ),
            version=cupon.version,
        )
    return cupon


def retirar_enlace(*, enlace: Enlace, actor: Actor, motivo: str) -> Enlace:
    """End a link: it leads to its campaign's page and counts no clicks. A reason is required."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = Enlace.objects.select_for_update().get(pk=enlace.pk)
        actual.retirado_en = timezone.now()
        ENLACE.transitar(
            actual, EstadoDeCodigo.RETIRADO, accion="retirar", actor=actor, motivo=motivo,
            campos=["retirado_en"],
        )  # fmt: skip
        publicar(eventos.EnlaceRetirado(enlace_id=actual.id_publico), version=actual.version)
    return actual


def retirar_cupon(*, cupon: Cupon, actor: Actor, motivo: str) -> Cupon:
    """End a coupon: sales from now on are nobody's by it, and somebody else may get its code. A
    reason is required."""
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = Cupon.objects.select_for_update().get(pk=cupon.pk)
        actual.retirado_en = timezone.now()
        actual.vivo = None
        CUPON.transitar(
            actual, EstadoDeCodigo.RETIRADO, accion="retirar", actor=actor, motivo=motivo,
            campos=["retirado_en", "vivo"],
        )  # fmt: skip
        publicar(eventos.CuponRetirado(cupon_id=actual.id_publico), version=actual.version)
    return actual


def retirar_cupones_de(afiliado: Afiliado, actor: Actor, motivo: str) -> int:
    """End the coupons of an affiliate that is closed, in the transaction of that: their codes are
    free. Its links go on leading buyers to the shop. Returns how many."""
    suyos = Cupon.objects.filter(afiliado=afiliado, estado=EstadoDeCodigo.ACTIVO).order_by("pk")
    for cupon in suyos:
        retirar_cupon(cupon=cupon, actor=actor, motivo=motivo)
    return len(suyos)


def _bloquear(afiliado: Afiliado, campana: Campana | None) -> tuple[Afiliado, Campana | None]:
    """Both as they are now, locked in the order of every service."""
    suyo = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
    if suyo.estado in FUERA:
        raise AfiliadoNoAdmite(campo="afiliado_id")
    if campana is None:
        return suyo, None
    suya = Campana.objects.select_for_update().get(pk=campana.pk)
    if suya.estado == EstadoCampana.FINALIZADA:
        raise CampanaTerminada(campo="campana_id")
    return suyo, suya
