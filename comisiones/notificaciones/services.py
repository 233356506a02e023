"""What events and people ask of the mail: to write it, and to send one again.

Sending is in ``envio.py``, and digests in ``resumen.py``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import correos_cambiados
from alpespartner.comun import cola
from alpespartner.comun.actores import Actor
from alpespartner.comun.cifrado import cifrar
from alpespartner.comun.historial import paso
from comisiones.liquidaciones.models import Liquidacion
from comisiones.notificaciones.errores import CorreoEnEspera, ResumenNoQuerido
from comisiones.notificaciones.estados import ACABADAS, EstadoNotificacion
from comisiones.notificaciones.models import Notificacion, Novedad
from comisiones.notificaciones.novedades import HECHOS, novedades_de
from comisiones.notificaciones.redaccion import en_html, para
from comisiones.notificaciones.reloj import proxima_hora
from comisiones.notificaciones.resumen import no_lo_quiere
from comisiones.notificaciones.urgentes import URGENTES
from comisiones.pagos.models import Pago
from outbox.consumo import Sobre

# Who steals an account writes down another address first, and the old one back afterwards.
RECIENTES = timedelta(days=30)
PREFERENCIAS = "AfiliadoActualizado"
TIPOS = frozenset({*URGENTES, *HECHOS, PREFERENCIAS})
_POR_SENTENCIA = 500


def redactar(sobres: Sequence[Sobre]) -> None:
    """Write what events (of TIPOS) ask for, in the caller's transaction: a mail, queued on commit,
    for what cannot wait, and for the rest a line of the next digest."""
    novedades = novedades_de([s for s in sobres if s.tipo in HECHOS])
    Novedad.objects.bulk_create(novedades, batch_size=_POR_SENTENCIA)
    if urgentes := [s for s in sobres if s.tipo in URGENTES]:
        _escribir(urgentes)
    for sobre in sobres:
        if sobre.tipo == PREFERENCIAS and "resumen" in sobre.datos["campos"]:
            _otra_hora(sobre.sujeto)


def _escribir(sobres: Sequence[Sobre]) -> None:
    de_pagos = _afiliados_de_pagos([s.sujeto for s in sobres if s.tipo == "PagoFallido"])
    quien = {s.id: s.datos.get("afiliado_id") or de_pagos[s.sujeto] for s in sobres}
    # Nobody is there to be written to once it was erased.
    vivos = Afiliado.objects.filter(id_publico__in=quien.values(), borrado_en=None)
    afiliados = {a.id_publico: a for a in vivos}
    sobres = [sobre for sobre in sobres if quien[sobre.id] in afiliados]
    liquidaciones = dict(
        Liquidacion.objects.filter(id_publico__in=[s.sujeto for s in sobres]).values_list(
            "id_publico", "pk"
        )
    )
    notificaciones = []
    for sobre in sobres:
        afiliado = afiliados[quien[sobre.id]]
        with para(afiliado):
            clase, asunto, cuerpo = URGENTES[sobre.tipo](sobre.datos)
            html = en_html(asunto, cuerpo)
        notificaciones.append(
            Notificacion(
                evento_id=sobre.id,
                afiliado=afiliado,
                clase=clase,
                asunto=asunto,
                cuerpo=cuerpo,
                html=html,
                liquidacion_id=liquidaciones.get(sobre.sujeto),
                tambien_a=_cifrados(_correos_cambiados(sobre)),
            )
        )
    Notificacion.objects.bulk_create(notificaciones, batch_size=_POR_SENTENCIA)
    cola.encolar("notificaciones.enviar", caduca=60)


def _afiliados_de_pagos(ids: Sequence[str]) -> dict[str, str]:
    pagos = Pago.objects.filter(id_publico__in=ids)
    return dict(pagos.values_list("id_publico", "afiliado__id_publico"))


def _correos_cambiados(sobre: Sobre) -> list[str]:
    """Addresses to tell besides the present one: those of the change that a mail is about or, when
    it is about an account, those that changed a short time before."""
    datos = sobre.datos
    if sobre.tipo == "CorreoCambiado":
        return correos_cambiados(datos["afiliado_id"], paso=datos["paso"])
    if sobre.tipo == "CuentaBancariaCambiada":
        return correos_cambiados(datos["afiliado_id"], desde=timezone.now() - RECIENTES)
    return []


def _cifrados(correos: list[str]) -> str:
    return cifrar(json.dumps(correos)) if correos else ""


def _otra_hora(afiliado_id: str) -> None:
    """What waits for a digest is told when the affiliate asks for it now."""
    for afiliado in Afiliado.objects.filter(id_publico=afiliado_id):
        esperan = Novedad.objects.filter(afiliado=afiliado, notificacion=None)
        esperan.update(toca_en=proxima_hora(timezone.now(), afiliado.resumen))


def reenviar(*, notificacion: Notificacion, actor: Actor, motivo: str = "") -> Notificacion:
    """Send a mail again, as it was written, to the address that its affiliate has by then.

    Raises :class:`CorreoEnEspera` for one that waits anyway, and :class:`ResumenNoQuerido` for a
    digest of who asked for none.
    """
    with transaction.atomic():
        actual = (
            Notificacion.objects.select_related("afiliado")
            .select_for_update(of=("self",))
            .get(pk=notificacion.pk)
        )
        if actual.estado not in ACABADAS:
            raise CorreoEnEspera()
        if no_lo_quiere(actual):
            raise ResumenNoQuerido()
        antes = actual.estado
        Notificacion.objects.filter(pk=actual.pk).update(
            estado=EstadoNotificacion.PENDIENTE, intentos=0, vez=F("vez") + 1, detalle="",
            toca_en=timezone.now(),
        )  # fmt: skip
        actual.refresh_from_db()
        paso(
            entidad="correo", entidad_id=str(actual.pk), accion="reenviar", actor=actor,
            estado_anterior=antes, estado_nuevo=actual.estado, motivo=motivo.strip(),
        ).save()  # fmt: skip
        cola.encolar("notificaciones.enviar", caduca=60)
    return actual


def purgar(*, antes_de: object, limite: int = 1000) -> int:
    """Forget mails written before a moment that were sent or set aside, with what they told;
    returns how many."""
    viejas = Notificacion.objects.filter(creada_en__lt=antes_de, estado__in=ACABADAS)
    claves = list(viejas.order_by("creada_en").values_list("pk", flat=True)[:limite])
    with transaction.atomic():
        # Somebody may have had one sent again meanwhile.
        suyas = Notificacion.objects.select_for_update().filter(pk__in=claves, estado__in=ACABADAS)
        claves = list(suyas.values_list("pk", flat=True))
        Novedad.objects.filter(notificacion__in=claves).delete()
        Notificacion.objects.filter(pk__in=claves).delete()
    return len(claves)
