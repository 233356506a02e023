"""Erasing who an affiliate was, and handing over what is held of it.

Commissions, ledger, payments and documents stay as they are until their retention ends, of an
affiliate that has only its ids (``docs/datos-personales.md``).
"""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from afiliados import eventos
from afiliados.afiliado.busqueda import AFILIADOS
from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from afiliados.errores import AfiliadoBorrado, AfiliadoSinCerrar, BorradoImpedido
from afiliados.personales.partes import textos_de
from alpespartner.comun.actores import Actor
from alpespartner.comun.exportacion.paquete import (
    Titular,
    cabe_en_una_respuesta,
    modelo_de,
    olvidar_paquetes,
    registrar_titular,
    zip_de,
)
from alpespartner.comun.exportacion.services import pedir_exportacion
from alpespartner.comun.historial import paso
from alpespartner.comun.models import Exportacion
from alpespartner.comun.personales import Tacha, partes
from alpespartner.comun.tachado import pedir_tachado
from outbox.publicacion import publicar

ENTIDAD = "afiliado"
NOMBRE = "—"
ACABADOS = frozenset({EstadoAfiliado.CERRADO, EstadoAfiliado.RECHAZADO})


def exigir_que_se_pueda(afiliado: Afiliado) -> None:
    """Raise :class:`AfiliadoBorrado`, :class:`AfiliadoSinCerrar` or :class:`BorradoImpedido` when
    an affiliate cannot be erased now."""
    if afiliado.borrado_en is not None:
        raise AfiliadoBorrado()
    if afiliado.estado not in ACABADOS:
        raise AfiliadoSinCerrar()
    for parte in partes(ENTIDAD):
        if impedimento := parte.impide(afiliado):
            raise BorradoImpedido(impedimento)


def borrar_datos(*, afiliado: Afiliado, actor: Actor, motivo: str, confirmada_por: str) -> Afiliado:
    """Erase who an affiliate was, for good: two persons decided it (``propuestas.py``).

    Raises what :func:`exigir_que_se_pueda` does.
    """
    with transaction.atomic():
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        exigir_que_se_pueda(actual)
        textos = list(textos_de(actual))
        tacha = Tacha(textos)
        trozos = AFILIADOS.trozos_en(actual)
        for parte in partes(ENTIDAD):
            parte.borrar(actual, tacha)
        olvidar_paquetes(ENTIDAD, actual.id_publico, actor)
        pedir_tachado(ENTIDAD, actual.id_publico, textos)
        actual.nombre, actual.email, actual.correo_unico = NOMBRE, "", None
        actual.telefono = actual.documento_tipo = actual.documento_pais = ""
        actual.documento_numero = None
        # The partner's own id of it stays, unless it says who it was.
        if actual.referencia_externa and (
            "@" in actual.referencia_externa
            or tacha(actual.referencia_externa) != actual.referencia_externa
        ):
            actual.referencia_externa = None
        actual.borrado_en = actual.actualizado_en = timezone.now()
        actual.version += 1
        actual.save()
        AFILIADOS.corregir(actual, trozos)
        paso(
            entidad=ENTIDAD,
            entidad_id=actual.id_publico,
            accion="borrar_datos",
            actor=actor,
            motivo=tacha(motivo),
            datos={"confirmada_por": confirmada_por},
        ).save()
        publicar(eventos.AfiliadoBorrado(afiliado_id=actual.id_publico), version=actual.version)
    return actual


def exportar_datos(*, afiliado: Afiliado, actor: Actor) -> Iterator[bytes]:
    """All that is held of an affiliate, as a ZIP, a part at a time; the history says who took it.

    Raises :class:`AfiliadoBorrado`.
    """
    if afiliado.borrado_en is not None:
        raise AfiliadoBorrado()
    paso(
        entidad=ENTIDAD, entidad_id=afiliado.id_publico, accion="exportar_datos", actor=actor
    ).save()
    return zip_de(ENTIDAD, afiliado)


def llevarse_datos(*, afiliado: Afiliado, actor: Actor) -> bytes | Exportacion:
    """All that is held of an affiliate: the ZIP, or the export that a task writes when it is much.

    Raises :class:`AfiliadoBorrado` and what asking for an export does.
    """
    if cabe_en_una_respuesta(ENTIDAD, afiliado):
        return b"".join(exportar_datos(afiliado=afiliado, actor=actor))
    with transaction.atomic():
        # With its lock: whoever erases it finds this export, or this finds it erased.
        actual = Afiliado.objects.select_for_update().get(pk=afiliado.pk)
        if actual.borrado_en is not None:
            raise AfiliadoBorrado()
        pedida = pedir_exportacion(
            modelo=modelo_de(ENTIDAD), filtro=actual.id_publico, bom=True, actor=actor
        )
        paso(
            entidad=ENTIDAD, entidad_id=actual.id_publico, accion="exportar_datos", actor=actor,
            datos={"exportacion_id": pedida.id_publico},
        ).save()  # fmt: skip
    return pedida


def _con_datos(id_publico: str) -> Afiliado:
    afiliado = Afiliado.objects.filter(id_publico=id_publico).first()
    if afiliado is None or afiliado.borrado_en is not None:
        raise AfiliadoBorrado()
    return afiliado


registrar_titular(
    Titular(entidad=ENTIDAD, buscar=_con_datos, permiso="afiliados.exportar_datos_afiliado")
)
