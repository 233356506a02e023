"""Customers that are of another affiliate than it seemed, and their sales with them.

The customer is bound to the other at once. The sales that go with it follow one by one, each in a
transaction of its own and as any sale is reassigned; one that cannot go is set aside with its
reason, in the history of the customer, and the rest goes on.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import afiliados_fijos
from alpespartner.comun import cola
from alpespartner.comun.actores import Actor, de_texto, sistema
from alpespartner.comun.db.reintento import es_pasajero, reintentar
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Historial
from alpespartner.comun.porciones import por_porciones
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.textos import exigir_motivo
from conversiones.clientes.models import Cliente
from conversiones.clientes.services import (
    apartar_venta,
    avanzar_mudanza,
    revincular,
    terminar_mudanza,
)
from conversiones.ventas.asignacion import cliente_bloqueado
from conversiones.ventas.errores import MudanzaEnCurso, SinVinculo, YaEsSuyo
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.models import Conversion
from conversiones.ventas.reasignacion import reasignar_conversion
from conversiones.ventas.validacion import exigir_que_admita

log = logging.getLogger(__name__)
ACTOR = sistema("clientes")
# For how long a task goes on before others have their turn.
SEGUNDOS = 5.0
# Without news for this long, a customer may have lost its task.
SIN_NOTICIAS = timedelta(seconds=30)
_PARADAS = Ronda()


def reasignar_cliente(
    *,
    cliente: Cliente,
    afiliado: Afiliado,
    motivo: str,
    actor: Actor,
    ventas_desde: datetime | None = None,
) -> None:
    """Bind a customer to another affiliate: its sales to come are that one's. A reason is required.

    With ``ventas_desde``, those that it made since then follow (:func:`ventas_que_irian`). Raises
    :class:`SinVinculo`, :class:`YaEsSuyo`, :class:`MudanzaEnCurso` and
    :class:`AfiliadoNoAdmitido`. That two persons said so is for its door to ask.
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        actual = cliente_bloqueado(cliente.pk)
        quien = afiliados_fijos({afiliado.pk})[afiliado.pk]
        exigir_cliente_reasignable(actual, quien)
        hasta = None
        if ventas_desde is not None:
            # Whoever registers one of its sales locks it: there is none on its way.
            suyas = ventas_que_irian(actual, actual.afiliado_id, ventas_desde)
            hasta = suyas.aggregate(Max("pk"))["pk__max"]
        revincular(
            cliente=actual, afiliado=quien, motivo=motivo, actor=actor,
            ventas_desde=ventas_desde, muda_hasta=hasta,
        )  # fmt: skip
        if hasta is not None:
            encolar(actual.pk)


def exigir_cliente_reasignable(cliente: Cliente, afiliado: Afiliado) -> None:
    """Raises what :func:`reasignar_cliente` does of a customer and an affiliate as they are."""
    if cliente.afiliado_id is None:
        raise SinVinculo()
    if cliente.afiliado_id == afiliado.pk:
        raise YaEsSuyo()
    if cliente.muda_hasta is not None:
        raise MudanzaEnCurso()
    exigir_que_admita(afiliado)


def ventas_que_irian(cliente: Cliente, de: int | None, desde: datetime) -> QuerySet[Conversion]:
    """The sales of a customer since an instant that are of an affiliate, by its key, and that
    somebody may earn by. Those of others, by a coupon or because a person said so, stay theirs."""
    suyas = Conversion.objects.filter(cliente=cliente, afiliado=de, ocurrida_en__gte=desde)
    return suyas.exclude(estado__in=sorted(SIN_COMISION))


def mover_ventas(*, cliente_pk: int, segundos: float = SEGUNDOS) -> None:
    """Go on with the sales of a customer, and queue the rest after ``segundos``. It may run any
    number of times, at once or after a crash."""
    por_porciones(
        lambda: reintentar(lambda: _mover_la_siguiente(cliente_pk)),
        segundos=segundos,
        seguir=lambda: encolar(cliente_pk),
    )


def barrer_mudanzas() -> int:
    """Queue again the customers whose sales are on their way and without news; gives how many."""
    paradas = Cliente.objects.filter(
        muda_hasta__isnull=False, actualizado_en__lt=timezone.now() - SIN_NOTICIAS
    )
    encoladas = 0
    for pk in _PARADAS.siguientes(paradas, 50):
        encolar(pk)
        encoladas += 1
    return encoladas


def encolar(cliente_pk: int) -> None:
    """Queue the task that goes on with the sales of a customer."""
    cola.encolar("clientes.mover_ventas", cliente_pk)


def _mover_la_siguiente(cliente_pk: int) -> bool:
    """A sale in one transaction; whether to go on."""
    with transaction.atomic():
        # One that somebody else holds is being worked on: waiting would only keep a worker busy.
        libres = Cliente.objects.select_for_update(skip_locked=True).filter(pk=cliente_pk)
        cliente = libres.filter(muda_hasta__isnull=False).first()
        if cliente is None:
            return False
        cambio = historial_de("cliente", cliente.id_publico).filter(accion="reasignar").last()
        venta = None if cambio is None else _siguiente(cliente, cambio)
        if cambio is None or venta is None:
            terminar_mudanza(cliente=cliente, actor=ACTOR)
            return False
        if por_que := _mover(venta, cliente, cambio):
            apartar_venta(cliente=cliente, conversion_id=venta.id_publico, motivo=por_que,
                          actor=ACTOR)  # fmt: skip
        avanzar_mudanza(cliente=cliente, hasta=venta.pk)
    return True


def _siguiente(cliente: Cliente, cambio: Historial) -> Conversion | None:
    anterior = Afiliado.objects.filter(id_publico=cambio.datos["anterior_id"]).first()
    if anterior is None:
        return None
    desde = datetime.fromisoformat(cambio.datos["ventas_desde"])
    quedan = ventas_que_irian(cliente, anterior.pk, desde).filter(
        pk__gt=cliente.mudada, pk__lte=cliente.muda_hasta
    )
    return quedan.order_by("pk").first()


def _mover(venta: Conversion, cliente: Cliente, cambio: Historial) -> str:
    """Move a sale; why it was not, or empty."""
    quien = cliente.afiliado
    assert quien is not None  # noqa: S101 - it was reassigned
    try:
        with transaction.atomic():
            reasignar_conversion(
                conversion=venta, afiliado=quien, motivo=cambio.motivo,
                actor=de_texto(cambio.actor),
            )  # fmt: skip
    except ErrorDominio as exc:
        return exc.mensaje
    except Exception as exc:
        if isinstance(exc, OperationalError) and es_pasajero(exc):
            raise
        log.exception("cliente %s, venta %s: no se pudo", cliente.pk, venta.pk)
        return type(exc).__name__
    return ""
