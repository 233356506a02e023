"""What a digest says: what happened, of each kind, and what comes next."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, F, Min, Sum, Window
from django.db.models.functions import RowNumber
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.dinero import CERO, visible
from alpespartner.comun.formato import VACIO, con_moneda, entero
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.notificaciones.baja import direccion_de_baja
from comisiones.notificaciones.estados import ClaseNovedad
from comisiones.notificaciones.models import Notificacion, Novedad
from comisiones.notificaciones.redaccion import dia_y_hora
from comisiones.pagos.pago.armado import ajustes_pendientes
from comisiones.pagos.pago.minimo import alcanza_minimo

log = logging.getLogger(__name__)
# A digest lists this many of each kind, and of the rest says how many there are.
FILAS = 25


@dataclass(slots=True)
class Grupo:
    """What happened of one kind: the first rows, how many there are, and their sums."""

    filas: list[Novedad] = field(default_factory=list)
    cuantas: int = 0
    sumas: list[tuple[str, Decimal]] = field(default_factory=list)


@dataclass(slots=True)
class Contenido:
    """What a digest has to tell. ``debido`` is by currency: how much, and from when on it can be
    paid (None when all of it is adjustments)."""

    grupos: dict[str, Grupo] = field(default_factory=lambda: defaultdict(Grupo))
    debido: dict[str, tuple[Decimal, datetime | None]] = field(default_factory=dict)


def contenidos_de(resumenes: Sequence[Notificacion]) -> dict[int, Contenido]:
    """What each of some digests tells, in four queries of bounded rows."""
    contenidos = {resumen.pk: Contenido() for resumen in resumenes}
    suyas = Novedad.objects.filter(notificacion__in=list(contenidos))
    sumas = suyas.values_list("notificacion", "clase", "moneda").annotate(
        cuantas=Count("pk"), suma=Sum("monto")
    )
    for pk, clase, moneda, cuantas, suma in sumas.order_by("moneda"):
        grupo = contenidos[pk].grupos[clase]
        grupo.cuantas += cuantas
        grupo.sumas.append((moneda, visible(suma, moneda)))
    numeradas = suyas.annotate(
        n=Window(
            RowNumber(),
            partition_by=[F("notificacion"), F("clase")],
            order_by=[F("ocurrida_en").asc(), F("pk").asc()],
        )
    )
    for fila in numeradas.filter(n__lte=FILAS).order_by("notificacion", "clase", "n"):
        contenidos[fila.notificacion_id or 0].grupos[fila.clase].filas.append(fila)
    try:
        _lo_debido({resumen.afiliado_id: contenidos[resumen.pk] for resumen in resumenes})
    except (ArithmeticError, TypeError, ValueError) as exc:
        # A row of nobody's service. Alone, a digest goes without what comes next.
        if len(resumenes) > 1:
            raise
        log.error("lo debido al afiliado %s: %s", resumenes[0].afiliado_id, type(exc).__name__)
    return contenidos


def _lo_debido(contenidos: dict[int, Contenido]) -> None:
    """What is approved and in no payment, net of what is taken back, by affiliate and currency."""
    aprobadas = (
        Comision.objects.filter(afiliado__in=contenidos, estado=EstadoComision.APROBADA)
        .values_list("afiliado", "moneda")
        .annotate(suma=Sum("monto"), desde=Min("madura_en"))
        .order_by()
    )
    for afiliado, moneda, suma, desde in aprobadas:
        contenidos[afiliado].debido[moneda] = (visible(suma, moneda), desde)
    ajustes = (
        ajustes_pendientes()
        .filter(afiliado__in=contenidos)
        .values_list("afiliado", "moneda")
        .annotate(suma=Sum("monto"))
        .order_by()
    )
    for afiliado, moneda, suma in ajustes:
        hay, desde = contenidos[afiliado].debido.get(moneda, (CERO, None))
        contenidos[afiliado].debido[moneda] = (hay + visible(suma, moneda), desde)


def escribir(resumen: Notificacion, contenido: Contenido) -> None:
    """Subject, text and HTML of a digest, in the language that is active; it is not saved."""
    contexto = {
        "asunto": _asunto(contenido),
        "nombre": _en_una_linea(resumen.afiliado.nombre),
        "grupos": _grupos(contenido),
        "siguiente": _siguiente(resumen.afiliado, contenido),
        "zona": settings.ZONA,
        "baja": direccion_de_baja(resumen.afiliado),
        "idioma": translation.get_language(),
    }
    resumen.asunto = contexto["asunto"][:200]
    resumen.cuerpo = _en_texto(contexto)
    resumen.html = render_to_string("correo/resumen.html", contexto)


def _asunto(contenido: Contenido) -> str:
    aprobadas = contenido.grupos.get(ClaseNovedad.APROBADA)
    if aprobadas is None:
        return _("Novedades de tus comisiones")
    frase = ngettext(
        "%(n)s comisión aprobada: %(total)s", "%(n)s comisiones aprobadas: %(total)s",
        aprobadas.cuantas,
    )  # fmt: skip
    return frase % {"n": entero(aprobadas.cuantas), "total": _total(aprobadas.sumas)}


def _total(sumas: Sequence[tuple[str, Decimal]]) -> str:
    return " + ".join(con_moneda(suma, moneda) for moneda, suma in sumas)


def _grupos(contenido: Contenido) -> list[dict[str, Any]]:
    grupos = []
    for clase in ClaseNovedad:
        grupo = contenido.grupos.get(clase)
        if grupo is None:
            continue
        resto = grupo.cuantas - len(grupo.filas)
        grupos.append(
            {
                "titulo": clase.label,
                "cuantas": entero(grupo.cuantas),
                "total": _total([par for par in grupo.sumas if par[1]]),
                "filas": [fila_de(fila) for fila in grupo.filas],
                "resto": resto and _("y %(n)s más: están en tu extracto") % {"n": entero(resto)},
            }
        )
    return grupos


def fila_de(novedad: Novedad) -> dict[str, str]:
    """What a digest says of one thing."""
    monto = con_moneda(novedad.monto, novedad.moneda) if novedad.monto else VACIO
    motivo = _en_una_linea(novedad.motivo)
    return {
        "cuando": dia_y_hora(novedad.ocurrida_en),
        "referencia": _en_una_linea(novedad.referencia),
        "monto": monto,
        # What the system says is in the catalogue; what a person wrote is as they wrote it.
        "motivo": _(motivo) if motivo else "",
    }


def _en_una_linea(texto: str) -> str:
    return " ".join(texto.split())


def _siguiente(afiliado: Afiliado, contenido: Contenido) -> list[str]:
    """What comes next, a sentence for each currency."""
    frases = []
    for moneda, (monto, desde) in sorted(contenido.debido.items()):
        datos = {"monto": con_moneda(monto, moneda)}
        if monto <= 0:
            if monto:
                datos["monto"] = con_moneda(-monto, moneda)
                frases.append(_("Se descontarán %(monto)s de lo próximo que ganes.") % datos)
            continue
        minimo = afiliado.minimo_pago or CERO
        if not alcanza_minimo(monto, moneda, minimo=minimo, moneda_minimo=afiliado.moneda_comision):
            datos |= {
                "minimo": con_moneda(minimo, moneda),
                "faltan": con_moneda(minimo - monto, moneda),
            }
            frase = _(
                "Te debemos %(monto)s. Tu mínimo de pago es %(minimo)s: se paga cuando llegues; te "
                "faltan %(faltan)s."
            )
        elif desde is None:
            frase = _("Te debemos %(monto)s: va con tu próximo pago.")
        else:
            datos["cuando"] = dia_y_hora(desde)
            frase = (
                _("Te debemos %(monto)s. Se paga al madurar: lo primero, el %(cuando)s.")
                if settings.PAGOS_AUTOMATICOS
                else _(
                    "Te debemos %(monto)s. Va en el próximo lote de pagos; lo primero madura el "
                    "%(cuando)s."
                )
            )
        frases.append(frase % datos)
    return frases


def _en_texto(contexto: dict[str, Any]) -> str:
    lineas = [_("Hola, %(nombre)s:") % contexto, ""]
    for grupo in contexto["grupos"]:
        cabeza = f"{grupo['titulo']} ({grupo['cuantas']})"
        lineas += [f"{cabeza}: {grupo['total']}" if grupo["total"] else cabeza]
        for fila in grupo["filas"]:
            partes = (fila["cuando"], fila["referencia"], fila["monto"])
            motivo = f" ({fila['motivo']})" if fila["motivo"] else ""
            lineas.append("- " + " · ".join(partes) + motivo)
        lineas += [f"  {grupo['resto']}"] if grupo["resto"] else []
        lineas.append("")
    if contexto["siguiente"]:
        lineas += [_("Qué sigue"), *(f"- {frase}" for frase in contexto["siguiente"]), ""]
    lineas += [
        _("Las horas son de %(zona)s.") % contexto,
        _("Para recibirlo menos a menudo, o nunca: %(baja)s") % contexto,
    ]
    return "\n".join(lineas) + "\n"
