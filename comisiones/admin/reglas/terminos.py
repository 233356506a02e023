"""What a version of a rule pays, to whom and when, in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.html import format_html_join
from django.utils.translation import gettext as _now

from alpespartner.comun.admin.formato import importe
from alpespartner.comun.formato import porcentaje
from comisiones.admin.reglas.version_form import VersionForm
from comisiones.motor import Suspendido
from comisiones.motor.errores import ILEGIBLE
from comisiones.reglas.models import TipoComision, VersionRegla
from comisiones.reglas.tarifa import red_de


def lo_que_paga(version: VersionRegla) -> Any:
    """Percentage and amount of a version, or how it finds them."""
    partes = []
    if version.porcentaje is not None:
        partes.append(porcentaje(version.porcentaje))
    if version.monto_fijo is not None:
        partes.append(importe(version.monto_fijo, version.moneda))
    if version.tipo == TipoComision.RED:
        return _now("por niveles")
    return format_html_join(" + ", "{}", ((parte,) for parte in partes)) or _now("por tramos")


def detalle(version: VersionRegla) -> list[str]:
    """Scope and other terms, a line each; those of a row of nobody's service may say nothing."""
    lineas = alcance(version)
    try:
        return lineas + _otros_terminos(version)
    except ILEGIBLE:
        return [*lineas, _now("No se pudo leer")]


def alcance(version: VersionRegla) -> list[str]:
    """Which sales it is for, a line each."""
    lineas = []
    if version.nivel > 1:
        lineas.append(_now("Nivel %(n)s de la red") % {"n": version.nivel})
    if version.afiliado:
        lineas.append(_now("Solo %(quien)s") % {"quien": version.afiliado})
    if version.tipo_afiliado:
        lineas.append(_now("Solo afiliados: %(tipo)s") % {"tipo": version.tipo_afiliado})
    if version.producto:
        lineas.append(_now("Solo el producto %(producto)s") % {"producto": version.producto})
    if version.cupon:
        lineas.append(_now("Solo con el cupón %(cupon)s") % {"cupon": version.cupon})
    if version.enlace:
        lineas.append(_now("Solo por el enlace %(enlace)s") % {"enlace": version.enlace})
    if version.prioridad:
        lineas.append(_now("Prioridad %(n)s") % {"n": version.prioridad})
    return lineas


def _otros_terminos(version: VersionRegla) -> list[str]:
    lineas = []
    if version.tipo == TipoComision.RED:
        red = red_de(version.condiciones)
        for nivel, parte in enumerate(red.porcentajes, start=2):
            lineas.append(_now("Nivel %(n)s: %(parte)s") % {"n": nivel, "parte": porcentaje(parte)})
        lineas.append(_now("Tope de la red: %(tope)s") % {"tope": porcentaje(red.tope)})
        if red.suspendido is Suspendido.COMPRIMIR:
            lineas.append(_now("El nivel de un suspendido lo cobra el siguiente"))
        return lineas
    for nombre, valor in version.condiciones.items():
        if nombre == "tramos":
            lineas += [_tramo(tramo, version.moneda) for tramo in valor]
        elif nombre == "multiplicadores":
            factores = ", ".join(f"{nivel} × {factor}" for nivel, factor in valor)
            lineas.append(f"{_etiqueta(nombre)}: {factores}")
        elif nombre == "topes_gasto":
            lineas += [
                f"{_etiqueta(nombre)}: {t['ambito']}, {t['periodo']}, {t['monto']} {version.moneda}"
                for t in valor
            ]
        else:
            lineas.append(f"{_etiqueta(nombre)}: {_valor(nombre, valor, version.moneda)}")
    return lineas


def _tramo(tramo: dict[str, str], moneda: str) -> str:
    paga = [porcentaje(Decimal(tramo["porcentaje"]))] if "porcentaje" in tramo else []
    paga += [f"{tramo['monto_fijo']} {moneda}"] if "monto_fijo" in tramo else []
    return f"{tramo['desde']} – {tramo.get('hasta', '∞')}: {' + '.join(paga)}"


def _etiqueta(nombre: str) -> str:
    """A term as the form that writes it calls it."""
    campo = VersionForm.base_fields.get(nombre)
    return nombre if campo is None else str(campo.label)


def _valor(nombre: str, valor: Any, moneda: str) -> str:
    campo = VersionForm.base_fields.get(nombre)
    if isinstance(campo, forms.ChoiceField):
        return str(dict(campo.choices).get(valor, valor))  # type: ignore[arg-type]
    if nombre in ("minimo", "tope"):
        return f"{valor} {moneda}"
    return ", ".join(valor) if isinstance(valor, list) else str(valor)
