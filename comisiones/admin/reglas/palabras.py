"""A version of a rule in words: what it pays, to whom, and what else it says."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alpespartner.comun.dinero import DineroInvalido
from alpespartner.comun.formato import con_moneda, porcentaje, sin_moneda
from comisiones.admin.reglas.version_form import VersionForm
from comisiones.motor import Metrica, Por, Suspendido
from comisiones.motor.errores import ILEGIBLE
from comisiones.reglas.models import OrigenRegla, Regla, TipoComision, VersionRegla
from comisiones.reglas.tarifa import red_de

# Tiers that a line of the list tells; the rest, the page of the rule.
_TRAMOS = 3


def paga(version: VersionRegla) -> str:
    """``10 % + 2,00 COP por venta, tope 50,00 COP``; a row of nobody's service may say nothing."""
    try:
        return ", ".join(_frases(version))
    except (*ILEGIBLE, DineroInvalido):
        return _("No se pudo leer")


def paga_sin_version(regla: Regla) -> str:
    """What a rule pays that has no version in force."""
    if regla.origen == OrigenRegla.AFILIADO:
        return _("Lo acordado con cada afiliado")
    if regla.origen == OrigenRegla.MANUAL:
        return _("Lo que se fijó a mano en cada venta")
    return _("Nada: terminada") if regla.terminada_en else _("Nada: ninguna versión en vigor")


def _frases(version: VersionRegla) -> list[str]:
    otras = version.condiciones
    if version.tipo == TipoComision.RED:
        niveles = " + ".join(porcentaje(parte) for parte in red_de(otras).porcentajes)
        return [_("red: %(niveles)s") % {"niveles": niveles or porcentaje(Decimal(0))}]
    frases = [_pago(version)] if version.tipo != TipoComision.ESCALONADA else _escala(version)
    for nombre, dicho in (("minimo", _("mínimo %(monto)s")), ("tope", _("tope %(monto)s"))):
        if nombre in otras:
            frases.append(dicho % {"monto": con_moneda(Decimal(otras[nombre]), version.moneda)})
    if "multiplicadores" in otras:
        frases.append(_("por nivel"))
    return frases + _por_cliente(otras)


def _por_cliente(otras: dict[str, Any]) -> list[str]:
    """How long and how often the sales of a customer earn."""
    frases = []
    meses, maximo = otras.get("duracion_meses"), otras.get("max_pagos")
    if meses == 0:
        frases.append(_("solo la primera venta de cada cliente"))
    elif meses is not None:
        frases.append(ngettext("durante %(n)s mes", "durante %(n)s meses", meses) % {"n": meses})
    if maximo is not None:
        frases.append(
            ngettext(
                "%(n)s venta de cada cliente como mucho",
                "%(n)s ventas de cada cliente como mucho",
                maximo,
            )
            % {"n": maximo}
        )
    return frases


def _pago(version: VersionRegla) -> str:
    partes = []
    if version.porcentaje is not None:
        partes.append(porcentaje(version.porcentaje))
    if version.monto_fijo is not None:
        cada = (
            _("%(monto)s por artículo")
            if version.condiciones.get("por") == Por.ITEM
            else _("%(monto)s por venta")
        )
        partes.append(cada % {"monto": con_moneda(version.monto_fijo, version.moneda)})
    return " + ".join(partes)


def _escala(version: VersionRegla) -> list[str]:
    tramos = version.condiciones["tramos"]
    en_items = version.condiciones.get("metrica") == Metrica.CANTIDAD
    frases = []
    for tramo in tramos[:_TRAMOS]:
        pago = _pago_de_tramo(tramo, version.moneda)
        desde = Decimal(tramo["desde"])
        if not desde:
            frases.append(pago)
            continue
        cuanto = (
            _("%(n)s artículos") % {"n": sin_moneda(desde)}
            if en_items
            else con_moneda(desde, version.moneda)
        )
        frases.append(_("%(pago)s desde %(cuanto)s") % {"pago": pago, "cuanto": cuanto})
    if len(tramos) > _TRAMOS:
        frases.append("…")
    return frases


def _pago_de_tramo(tramo: dict[str, str], moneda: str) -> str:
    partes = []
    if "porcentaje" in tramo:
        partes.append(porcentaje(Decimal(tramo["porcentaje"])))
    if "monto_fijo" in tramo:
        partes.append(con_moneda(Decimal(tramo["monto_fijo"]), moneda))
    return " + ".join(partes)


def detalle(version: VersionRegla) -> list[str]:
    """Scope and other terms, a line each; those of a row of nobody's service may say nothing."""
    lineas = a_quien(version)
    try:
        return lineas + _otros_terminos(version)
    except ILEGIBLE:
        return [*lineas, _("No se pudo leer")]


def a_quien(version: VersionRegla) -> list[str]:
    """Whom it pays, a line for each limit; none when it pays for every sale."""
    lineas = []
    if version.nivel > 1:
        lineas.append(_("Nivel %(n)s de la red") % {"n": version.nivel})
    if version.afiliado:
        lineas.append(_("Solo %(quien)s") % {"quien": version.afiliado})
    if version.tipo_afiliado:
        lineas.append(_("Solo afiliados: %(tipo)s") % {"tipo": version.tipo_afiliado})
    if version.producto:
        lineas.append(_("Solo el producto %(producto)s") % {"producto": version.producto})
    if version.cupon:
        lineas.append(_("Solo con el cupón %(cupon)s") % {"cupon": version.cupon})
    if version.enlace:
        lineas.append(_("Solo por el enlace %(enlace)s") % {"enlace": version.enlace})
    if version.prioridad:
        lineas.append(_("Prioridad %(n)s") % {"n": version.prioridad})
    return lineas


def _otros_terminos(version: VersionRegla) -> list[str]:
    if version.tipo == TipoComision.RED:
        lineas = []
        red = red_de(version.condiciones)
        for nivel, parte in enumerate(red.porcentajes, start=2):
            lineas.append(_("Nivel %(n)s: %(parte)s") % {"n": nivel, "parte": porcentaje(parte)})
        lineas.append(_("Tope de la red: %(tope)s") % {"tope": porcentaje(red.tope)})
        if red.suspendido is Suspendido.COMPRIMIR:
            lineas.append(_("El nivel de un suspendido lo cobra el siguiente"))
        return lineas
    lineas = []
    for nombre, valor in version.condiciones.items():
        if nombre == "tramos":
            lineas += [_tramo(tramo, version.moneda) for tramo in valor]
        elif nombre == "topes_gasto":
            lineas += [
                f"{etiqueta(nombre)}: {t['ambito']}, {t['periodo']}, {t['monto']} {version.moneda}"
                for t in valor
            ]
        else:
            lineas.append(f"{etiqueta(nombre)}: {valor_de(nombre, valor, version.moneda)}")
    por_dias = {"periodo", "topes_gasto"} & version.condiciones.keys()
    if por_dias and not version.condiciones.get("zona_horaria"):
        # Its days and months begin at a midnight that nobody may guess.
        lineas.append(f"{etiqueta('zona_horaria')}: UTC")
    return lineas


def _tramo(tramo: dict[str, str], moneda: str) -> str:
    dicho = [porcentaje(Decimal(tramo["porcentaje"]))] if "porcentaje" in tramo else []
    dicho += [f"{tramo['monto_fijo']} {moneda}"] if "monto_fijo" in tramo else []
    return f"{tramo['desde']} – {tramo.get('hasta', '∞')}: {' + '.join(dicho)}"


def etiqueta(nombre: str) -> str:
    """A term as the form that writes it calls it."""
    campo = VersionForm.base_fields.get(nombre)
    return nombre if campo is None else str(campo.label)


def valor_de(nombre: str, valor: Any, moneda: str) -> str:
    """The value of a term, as its field shows it."""
    campo = VersionForm.base_fields.get(nombre)
    if isinstance(campo, forms.ChoiceField):
        return str(dict(campo.choices).get(valor, valor))  # type: ignore[arg-type]
    if nombre == "porcentaje":
        return porcentaje(Decimal(valor))
    if nombre in ("minimo", "tope", "monto_fijo"):
        return f"{valor} {moneda}"
    if nombre == "multiplicadores":
        return ", ".join(f"{nivel} × {factor}" for nivel, factor in valor)
    if nombre == "tramos":
        return " · ".join(_tramo(tramo, moneda) for tramo in valor)
    if nombre == "topes_gasto":
        return " · ".join(f"{t['ambito']} {t['periodo']} {t['monto']}" for t in valor)
    return ", ".join(valor) if isinstance(valor, list) else str(valor)
