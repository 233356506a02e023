"""What the page of a commission tells: its computation, its events, its money."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from alpespartner.comun.admin_formato import (
    VACIO,
    importe,
    insignia,
    nombres_de_actores,
    porcentaje,
)
from alpespartner.comun.dinero import CERO
from comisiones.libro.models import Apunte
from comisiones.models import Comision
from comisiones.pagos.models import ItemPago
from outbox.selectors import eventos_de


def contexto_de_comision(comision: Comision) -> dict[str, Any]:
    """Context of the page, with a constant number of queries."""
    pagos = [
        item.pago
        for item in ItemPago.objects.filter(comision=comision)
        .select_related("pago")
        .order_by("-id")
    ]
    nombres = nombres_de_actores(filter(None, (comision.creada_por, comision.aprobada_por)))
    return {
        "comision": comision,
        "insignia_estado": insignia(comision.estado, comision.get_estado_display()),
        "monto": importe(comision.monto, comision.moneda),
        "venta": importe(comision.conversion.valor, comision.conversion.moneda),
        "tasa": porcentaje(comision.tasa) if comision.tasa is not None else "",
        "calculo": explicar(comision),
        "eventos": list(eventos_de(comision.id_publico)),
        "apuntes": apuntes_de([comision.id_publico, *(pago.id_publico for pago in pagos)]),
        "pagos": [
            {
                "pago": pago,
                "importe": importe(pago.importe, pago.moneda),
                "insignia": insignia(pago.estado, pago.get_estado_display()),
            }
            for pago in pagos
        ],
        "creada_por": nombres.get(comision.creada_por, ""),
        "aprobada_por": nombres.get(comision.aprobada_por, ""),
    }


def apuntes_de(origenes: list[str]) -> list[dict[str, Any]]:
    """Ledger lines of some causes, as debit and credit."""
    apuntes = (
        Apunte.objects.filter(asiento__origen__in=origenes)
        .select_related("asiento", "afiliado")
        .order_by("asiento_id", "id")
    )
    return [
        {
            "asiento": apunte.asiento,
            "cuenta": apunte.get_cuenta_display(),
            "afiliado": apunte.afiliado,
            "debe": importe(apunte.importe, apunte.moneda) if apunte.importe > CERO else "",
            "haber": importe(-apunte.importe, apunte.moneda) if apunte.importe < CERO else "",
        }
        for apunte in apuntes
    ]


def explicar(comision: Comision) -> list[tuple[str, object]]:
    """The computation in plain words, from the frozen trace; empty when no rule applied."""
    traza = comision.traza
    if not traza:
        return []
    moneda = traza.get("moneda", comision.moneda)
    regla = traza.get("regla") or _("sin regla")
    if traza.get("version"):
        regla = _("%(regla)s, versión %(version)s") % {"regla": regla, "version": traza["version"]}
    pasos: list[tuple[str, object]] = [(_("Regla"), regla)]
    if traza.get("tasa") is not None:
        base, tasa = _decimal(traza.get("base")), _decimal(traza.get("tasa"))
        pasos += [
            (_("Base: valor de la venta"), importe(base, moneda)),
            (_("Tasa"), porcentaje(tasa)),
            (_("Base × tasa ÷ 100, exacto"), _exacto(traza, moneda)),
        ]
    else:
        pasos.append((_("Importe fijo por venta"), _exacto(traza, moneda)))
    pasos.append(
        (_("Redondeado una vez, mitad hacia arriba"), importe(_decimal(traza.get("monto")), moneda))
    )
    return pasos


def _exacto(traza: dict[str, Any], moneda: str) -> str:
    """The unrounded amount, with all its decimals."""
    exacto = _decimal(traza.get("exacto"))
    if exacto is None:
        return VACIO
    decimales = max(0, -int(exacto.as_tuple().exponent))
    return f"{number_format(exacto, decimal_pos=decimales, force_grouping=True)} {moneda}"


def _decimal(texto: Any) -> Decimal | None:
    try:
        return Decimal(str(texto))
    except InvalidOperation:
        return None
