"""Erasing who a customer was: what a shop told of it, and what its browsers left."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.historial import paso
from alpespartner.comun.personales import (
    Tacha,
    olvidar_en_el_panel,
    partes,
    tachar_rastro,
    todas,
)
from alpespartner.comun.tachado import pedir_tachado
from conversiones import eventos
from conversiones.clientes.busqueda import CLIENTES
from conversiones.clientes.errores import ClienteBorrado
from conversiones.clientes.models import Cliente, VisitanteDeCliente
from conversiones.rastreo.clics import olvidar_clics
from conversiones.rastreo.models import Clic
from outbox.publicacion import publicar

ENTIDAD = "cliente"


def exigir_sin_borrar(cliente: Cliente) -> None:
    """Raise :class:`ClienteBorrado` when it was erased before."""
    if cliente.borrado_en is not None:
        raise ClienteBorrado()


def borrar_cliente(*, cliente: Cliente, actor: Actor, motivo: str, confirmada_por: str) -> Cliente:
    """Erase who a customer was, for good: two persons decided it (``propuestas.py``).

    Its sales stay whose they are; should the shop tell of it again, it is a new one.
    Raises :class:`ClienteBorrado`.
    """
    with transaction.atomic():
        actual = Cliente.objects.select_for_update().get(pk=cliente.pk)
        exigir_sin_borrar(actual)
        tacha = Tacha([actual.cliente_ref])
        trozos = CLIENTES.trozos_en(actual)
        for parte in partes(ENTIDAD):
            parte.borrar(actual, tacha)
        suyos = todas(VisitanteDeCliente).filter(cliente=actual)
        for visitante in suyos.values_list("visitante", flat=True):
            # Each portion leaves its visitor, so that the next one is the first again.
            while olvidar_clics(Clic.objects.filter(visitante=visitante), visitante=""):
                pass
        suyos.delete()
        olvidar_en_el_panel(actual)
        tachar_rastro(ENTIDAD, [actual.id_publico], tacha)
        pedir_tachado(ENTIDAD, actual.id_publico, [actual.cliente_ref])
        actual.cliente_ref, actual.correo_huella = actual.id_publico, ""
        actual.borrado_en = actual.actualizado_en = timezone.now()
        actual.version += 1
        actual.save()
        CLIENTES.corregir(actual, trozos)
        paso(
            entidad=ENTIDAD, entidad_id=actual.id_publico, accion="borrar_datos", actor=actor,
            motivo=tacha(motivo), datos={"confirmada_por": confirmada_por},
        ).save()  # fmt: skip
        publicar(eventos.ClienteBorrado(cliente_id=actual.id_publico), version=actual.version)
    return actual


def solo_importes(metadatos: Any) -> dict[str, str]:
    """Of what a shop attached to a sale, the amounts: they may be what it is priced by."""
    if not isinstance(metadatos, dict):
        return {}
    return {clave: valor for clave, valor in metadatos.items() if _es_importe(valor)}


def _es_importe(valor: object) -> bool:
    if isinstance(valor, bool) or not isinstance(valor, str | int | Decimal):
        return False
    try:
        return abs(dinero.decimal_exacto(valor)) <= dinero.MAXIMO
    except dinero.DineroInvalido:
        return False
