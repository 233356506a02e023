"""Sales that are nobody's, and saying whose one is."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import afiliados_fijos
from alpespartner.comun.actores import Actor
from alpespartner.comun.dinero import CERO
from alpespartner.comun.historial import paso
from alpespartner.comun.textos import exigir_motivo
from conversiones import eventos
from conversiones.clientes.models import Cliente, VinculadoPor
from conversiones.clientes.services import vincular
from conversiones.ventas.errores import NoSeAsigna, YaAtribuida
from conversiones.ventas.estados import SIN_COMISION
from conversiones.ventas.models import Conversion
from conversiones.ventas.validacion import exigir_inscrito, exigir_que_admita
from outbox.publicacion import publicar


def pide_otra_persona(conversion: Conversion) -> bool:
    """Whether a sale is worth so much that another person confirms whose it is: above the limit of
    its currency, or in one without a limit."""
    limites = settings.ASIGNAR_HASTA
    if limites is None:
        return False
    return conversion.valor > limites.get(conversion.moneda, CERO)


def asignar_conversion(
    *, conversion: Conversion, afiliado: Afiliado, motivo: str, actor: Actor
) -> Conversion:
    """Say whose a sale is that was nobody's: its commission is calculated by event, once, and its
    customer, if nobody's too, is bound. A reason is required.

    Raises :class:`YaAtribuida`, :class:`NoSeAsigna` for a sale that earns nothing, and
    :class:`AfiliadoNoAdmitido`. Whether it takes another person is for its door to ask
    (:func:`pide_otra_persona`).
    """
    motivo = exigir_motivo(motivo)
    with transaction.atomic():
        # In the order of whoever registers a sale: customer, affiliate, sale.
        cliente = None
        if conversion.cliente_id is not None:
            cliente = cliente_bloqueado(conversion.cliente_id)
        quien = afiliados_fijos({afiliado.pk})[afiliado.pk]
        actual = (
            Conversion.objects.select_related("campana")
            .select_for_update(of=("self",))
            .get(pk=conversion.pk)
        )
        exigir_asignable(actual, quien)
        actual.afiliado = quien
        actual.version += 1
        actual.actualizado_en = timezone.now()
        actual.save(update_fields=["afiliado", "version", "actualizado_en"])
        paso(
            entidad="conversion", entidad_id=actual.id_publico, accion="asignar", actor=actor,
            estado_anterior=actual.estado, estado_nuevo=actual.estado, motivo=motivo,
            datos={"afiliado_id": quien.id_publico},
        ).save()  # fmt: skip
        publicar(
            eventos.ConversionAsignada(
                conversion_id=actual.id_publico, afiliado_id=quien.id_publico, motivo=motivo
            ),
            version=actual.version,
        )
        if cliente is not None and cliente.afiliado_id is None:
            vincular(
                cliente=cliente, afiliado=quien, por=VinculadoPor.ASIGNADO,
                en=actual.ocurrida_en, actor=actor, motivo=motivo,
            )  # fmt: skip
    return actual


def cliente_bloqueado(pk: int) -> Cliente:
    """A customer, locked until the caller's transaction ends."""
    clientes = Cliente.objects.select_related("campana", "afiliado")
    return clientes.select_for_update(of=("self",)).get(pk=pk)


def exigir_asignable(conversion: Conversion, afiliado: Afiliado) -> None:
    """Raises what :func:`asignar_conversion` does of a sale and an affiliate as they are."""
    if conversion.afiliado_id is not None:
        raise YaAtribuida()
    if conversion.estado in SIN_COMISION:
        raise NoSeAsigna()
    exigir_que_admita(afiliado)
    exigir_inscrito(conversion.campana, afiliado, conversion.ocurrida_en)
