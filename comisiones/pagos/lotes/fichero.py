"""The file of a batch for the bank."""

from __future__ import annotations

import hashlib

from django.utils import timezone

from afiliados.cuentas.services import iban_de
from alpespartner.comun import dinero
from alpespartner.comun.acceso import presencia
from alpespartner.comun.actores import Actor
from alpespartner.comun.cifrado import cifrar, descifrar
from alpespartner.comun.historial import paso
from comisiones.pagos.errores import FicheroAlterado
from comisiones.pagos.estados import EstadoPago, MotivoExclusion
from comisiones.pagos.models import FicheroPago, LotePago
from comisiones.pagos.pago.bloqueo import por_que_no_sale
from comisiones.pagos.pago.salida import dar_salida
from comisiones.pagos.pago.services import anular_pago
from comisiones.pagos.pasarelas.pain001 import Transferencia, redactar
from comisiones.pagos.pasarelas.sepa import ordenante


def emitir_fichero(lote: LotePago, actor: Actor) -> None:
    """Write the file of a batch and leave its payments ``enviando``, in the caller's transaction.

    A payment whose affiliate cannot be paid any more is voided, with the reason: what it owes goes
    in another batch. Without any other there is no file. Its uniqueness is what keeps a batch from
    having a second one.
    """
    listos = list(
        lote.pagos.filter(estado=EstadoPago.LISTO)
        .select_related("afiliado__cuenta")
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    pagos = []
    for pago in listos:
        if motivo := por_que_no_sale(pago):
            anular_pago(pago=pago, actor=actor, motivo=str(MotivoExclusion(motivo).label))
        else:
            pagos.append(pago)
    if not pagos:
        return
    contenido = redactar(
        lote=lote.id_publico,
        ordenante=ordenante(),
        transferencias=[
            Transferencia(
                referencia=pago.id_publico,
                titular=pago.afiliado.cuenta.titular,
                iban=iban_de(pago.afiliado.cuenta),
                bic=pago.afiliado.cuenta.bic,
                importe=dinero.cuantizar(pago.importe, pago.moneda),
            )
            for pago in pagos
        ],
        momento=timezone.now(),
    )
    huella = hashlib.sha256(contenido).hexdigest()
    fichero = FicheroPago(
        lote=lote,
        nombre=f"{lote.id_publico}.xml",
        contenido_cifrado=cifrar(contenido.decode()),
        huella=huella,
        pagos=len(pagos),
        total=sum(pago.importe for pago in pagos),
    )
    fichero.save()
    dar_salida(dict.fromkeys(pagos, huella), actor=actor)


def entregar_fichero(*, lote: LotePago, actor: Actor) -> bytes:
    """The file of a batch, as it was written; who takes it goes to the history.

    Raises :class:`FicheroAlterado` when it is not what was written.
    """
    presencia.exigir(actor)
    fichero = FicheroPago.objects.get(lote=lote)
    contenido = descifrar(fichero.contenido_cifrado).encode()
    if hashlib.sha256(contenido).hexdigest() != fichero.huella:
        raise FicheroAlterado()
    paso(
        entidad="lote", entidad_id=lote.id_publico, accion="descargar", actor=actor,
        datos={"huella": fichero.huella},
    ).save()  # fmt: skip
    return contenido
