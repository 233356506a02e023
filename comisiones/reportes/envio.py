"""Sending: the statement of a period is written once, in the transaction that leaves its mails.

The clock sends each period that is due, one after another; a person may have one sent again, which
is then the same statement.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date, timedelta

from django.contrib.auth.models import User
from django.db import DatabaseError, transaction
from django.utils import timezone

from alpespartner.comun import cola
from alpespartner.comun.actores import Actor, persona, sistema
from alpespartner.comun.errores import ErrorDominio
from alpespartner.comun.historial import paso
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.models import CorreoAlPersonal, QueCorreo
from alpespartner.comun.rondas import Ronda
from comisiones import eventos
from comisiones.metricas.errores import Remidiendo
from comisiones.reportes import documento
from comisiones.reportes.errores import ReporteRetirado, SinDestinatarios
from comisiones.reportes.models import EnvioReporte, Reporte
from comisiones.reportes.periodos import anterior_a, toca_tras, ultimo
from comisiones.reportes.selectors import destinatarios_de
from conversiones.campanas.dias import dia_en
from outbox.publicacion import publicar

log = logging.getLogger(__name__)

ACTOR = sistema("reportes")
# Reports of one round of the clock, and when what could not be sent is tried again.
_POR_RONDA = 20
_ESPERA = timedelta(minutes=5)
_DEBIDOS = Ronda()


def enviar_ahora(*, reporte: Reporte, actor: Actor) -> EnvioReporte:
    """Send the last period that is over: its statement, which is written now or was before.

    Raises :class:`ReporteRetirado`, :class:`SinDestinatarios` and what reading the figures does.
    """
    with transaction.atomic():
        actual = Reporte.objects.select_for_update().get(pk=reporte.pk)
        desde, hasta = ultimo(actual.periodo, actual.zona, timezone.now())
        return _enviar(actual, desde, hasta, actor)


def barrer_reportes() -> int:
    """Send the reports that are due; gives how many statements went out."""
    debidos = Reporte.objects.filter(toca_en__lte=timezone.now())
    return sum(_enviar_debido(pk) for pk in _DEBIDOS.siguientes(debidos, _POR_RONDA))


def _enviar_debido(pk: int) -> int:
    """Send the period of a report that is due, and note when the next one is."""
    try:
        with transaction.atomic():
            actual = _tomar(pk)
            if actual is None or actual.toca_en is None:
                return 0
            # Of when it was due: what nobody sent for days goes period by period.
            dia = dia_en(actual.zona, actual.toca_en)
            desde, hasta = anterior_a(actual.periodo, dia)
            ya = actual.envios.filter(desde=desde, hasta=hasta).exists()
            if not ya:
                _enviar(actual, desde, hasta, ACTOR)
            _seguir(actual)
        return 0 if ya else 1
    except DatabaseError:
        raise
    except Remidiendo:
        _aplazar(pk)
    except ErrorDominio as exc:
        _dejar(pk, exc.mensaje)
    except Exception as exc:
        # One that cannot be written must not stop the others.
        log.exception("reporte %s", pk)
        _dejar(pk, type(exc).__name__)
    return 0


def _tomar(pk: int) -> Reporte | None:
    """One that is due and that nobody else is sending."""
    debidos = Reporte.objects.filter(pk=pk, toca_en__lte=timezone.now(), retirado_en=None)
    return debidos.select_for_update(skip_locked=True).first()


def _seguir(reporte: Reporte, problema: str = "") -> None:
    """Note when the next period of a report that was due is."""
    if reporte.toca_en is not None:
        reporte.toca_en = toca_tras(reporte.periodo, reporte.zona, reporte.hora, reporte.toca_en)
    reporte.problema = problema[:300]
    reporte.save(update_fields=["toca_en", "problema"])


def _aplazar(pk: int) -> None:
    """The figures are being made anew: the same period, in a while."""
    with transaction.atomic():
        actual = _tomar(pk)
        if actual is not None:
            # The period is the day's, which a few minutes do not change but at midnight.
            mas_tarde = timezone.now() + _ESPERA
            if dia_en(actual.zona, mas_tarde) == dia_en(actual.zona, actual.toca_en or mas_tarde):
                actual.toca_en = mas_tarde
                actual.save(update_fields=["toca_en"])


def _dejar(pk: int, problema: str) -> None:
    """Leave a period that could not be sent, and say why."""
    with transaction.atomic():
        actual = _tomar(pk)
        if actual is None:
            return
        paso(
            entidad="reporte", entidad_id=actual.id_publico, accion="fallar", actor=ACTOR,
            datos={"toca_en": actual.toca_en, "problema": problema[:300]},
        ).save()  # fmt: skip
        _seguir(actual, problema)


def _enviar(reporte: Reporte, desde: date, hasta: date, actor: Actor) -> EnvioReporte:
    if reporte.retirado_en is not None:
        raise ReporteRetirado()
    personas = destinatarios_de(reporte)
    if not personas:
        raise SinDestinatarios()
    envio = reporte.envios.filter(desde=desde, hasta=hasta).first()
    accion = "reenviar"
    if envio is None:
        envio, accion = _congelar(reporte, desde, hasta, personas, actor), "enviar"
    paso(
        entidad="reporte", entidad_id=reporte.id_publico, accion=accion, actor=actor,
        datos={
            "envio": envio.id_publico, "desde": desde, "hasta": hasta, "huella": envio.huella,
            "destinatarios": [p.pk for p in personas],
        },
    ).save()  # fmt: skip
    _dejar_correos(envio, personas)
    return envio


def _congelar(
    reporte: Reporte, desde: date, hasta: date, personas: Sequence[User], actor: Actor
) -> EnvioReporte:
    """Write the statement of a period as it is now, for good."""
    suyo = documento.hacer(reporte, desde, hasta)
    texto, huella = documento.escribir(suyo)
    envio = EnvioReporte(
        id_publico=nuevo_id("env"), reporte=reporte, desde=desde, hasta=hasta, documento=texto,
        huella=huella, lineas=len(suyo["lineas"]), diferencias=len(suyo["diferencias"]),
        destinatarios=[str(persona(p.pk)) for p in personas], enviado_por=str(actor),
    )  # fmt: skip
    envio.save()
    reporte.version += 1
    reporte.save(update_fields=["version"])
    publicar(
        eventos.ReporteEnviado(
            reporte_id=reporte.id_publico, envio_id=envio.id_publico, desde=desde.isoformat(),
            hasta=hasta.isoformat(), zona=suyo["zona"], lineas=envio.lineas,
            diferencias=envio.diferencias, huella=huella,
        ),
        version=reporte.version,
    )  # fmt: skip
    return envio


def _dejar_correos(envio: EnvioReporte, personas: Sequence[User]) -> None:
    CorreoAlPersonal.objects.bulk_create(
        CorreoAlPersonal(usuario=quien, que=QueCorreo.REPORTE, objeto=envio.id_publico)
        for quien in personas
    )
    cola.encolar("acceso.enviar_correo")
