"""How much a key may approve without a person."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from afiliados.claves.selectors import clave_de, claves_de_la_cadena, claves_del_mismo
from afiliados.claves.topes import Topes, topes_de
from alpespartner.comun import dinero, turnos
from alpespartner.comun.actores import Actor, clave
from comisiones.comision.models import Comision
from comisiones.revision.errores import LimiteDeClave


def exigir_limite(comision: Comision, actor: Actor) -> None:
    """Raises :class:`LimiteDeClave` when a key, with the others of its holder, would approve more
    than is allowed of a sale, or of a day (UTC), in that currency.

    In the transaction that approves. A currency without a limit is approved by persons; limits
    that are None do not exist.
    """
    moneda = comision.moneda
    # As it is now, and not when its request began.
    propia = clave_de(actor)
    for por_venta in (
        settings.APROBACION_CLAVE_POR_VENTA, topes_de(propia.aprueba_por_venta if propia else ""),
    ):  # fmt: skip
        if por_venta is not None and comision.monto > por_venta.get(moneda, dinero.CERO):
            raise LimiteDeClave(
                _("Una clave aprueba hasta %(limite)s por venta: esta la aprueba una persona.")
                % {"limite": _importe(por_venta.get(moneda, dinero.CERO), moneda)}
            )
    por_dia = settings.APROBACION_CLAVE_POR_DIA
    if por_dia is not None:
        _exigir_del_dia(comision, claves_del_mismo(actor.id), por_dia)
    propio = topes_de(propia.aprueba_por_dia if propia else "")
    if propia is not None and propio is not None:
        _exigir_del_dia(comision, claves_de_la_cadena(propia), propio)


def _exigir_del_dia(comision: Comision, de: Iterable[str], por_dia: Topes) -> None:
    """What some keys, by their public parts, approve in a day."""
    moneda = comision.moneda
    # Not what the person who made one of them approves.
    suyas = [str(clave(suya)) for suya in de]
    # Two approvals of one holder at once would each miss the other's.
    turnos.tomar([f"aprobar {min(suyas)}"])
    hoy = timezone.now().astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    aprobado = Comision.objects.filter(
        aprobada_por__in=suyas, moneda=moneda, aprobada_en__gte=hoy
    ).aggregate(suma=Sum("monto", default=dinero.CERO))["suma"]
    # SQLite adds decimals as binary fractions: right to the unit, not beyond.
    total = dinero.cuantizar(aprobado, moneda) + comision.monto
    if total > por_dia.get(moneda, dinero.CERO):
        raise LimiteDeClave(
            _("Las claves de un titular aprueban hasta %(limite)s al día: lo demás, una persona.")
            % {"limite": _importe(por_dia.get(moneda, dinero.CERO), moneda)}
        )


def _importe(limite: object, moneda: str) -> str:
    return f"{limite} {moneda}"
