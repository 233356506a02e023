"""What a version to publish says that the one in force does not, and the other way round."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from alpespartner.comun.formato import VACIO
from comisiones.admin.reglas.palabras import etiqueta, valor_de
from comisiones.admin.reglas.version_form import VersionForm
from comisiones.motor.congelado import a_json
from comisiones.motor.errores import ILEGIBLE
from comisiones.motor.tipos import plano
from comisiones.reglas.models import TipoComision, VersionRegla
from comisiones.reglas.services import nombres_de_alcance, red_a_publicar, terminos_a_publicar
from comisiones.reglas.tarifa import terminos_de_version

_ALCANCE = ("afiliado", "tipo_afiliado", "producto", "cupon", "enlace", "nivel", "prioridad")
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+", re.ASCII)
# Named apart in the form.
_DE_RED = {"porcentajes": "porcentajes_red", "tope": "tope_red", "suspendido": "suspendido"}


def diferencia(vigente: VersionRegla, formulario: VersionForm) -> list[tuple[str, str, str]]:
    """Label, what there is and what there would be, of each term and limit that changes; the form
    is valid. Raises what publishing it would."""
    antes = {n: _normal(v) for n, v in _de_version(vigente).items()}
    ahora = {n: _normal(v) for n, v in _de_formulario(formulario).items()}
    nombres = [n for n in (*VersionForm.base_fields, *antes) if n in antes or n in ahora]
    return [
        (
            etiqueta(nombre),
            _dicho(nombre, antes.get(nombre), antes.get("moneda", "")),
            _dicho(nombre, ahora.get(nombre), ahora.get("moneda", "")),
        )
        for nombre in dict.fromkeys(nombres)
        if antes.get(nombre) != ahora.get(nombre)
    ]


def _de_version(version: VersionRegla) -> dict[str, Any]:
    try:
        if version.tipo == TipoComision.RED:
            terminos = _red(version.condiciones)
        else:
            terminos = a_json(terminos_de_version(version))
    except ILEGIBLE:
        terminos = {"tipo": version.tipo}
    return terminos | _con_algo({nombre: getattr(version, nombre) for nombre in _ALCANCE})


def _de_formulario(formulario: VersionForm) -> dict[str, Any]:
    red, alcance = formulario.red(), formulario.alcance()
    suyos = {nombre: alcance[nombre] for nombre in _ALCANCE}
    nombres = ("producto", "cupon", "enlace")
    normales = nombres_de_alcance(**{nombre: suyos[nombre] for nombre in nombres})
    suyos |= dict(zip(nombres, normales, strict=True))
    if red is not None:
        return _red(red_a_publicar(red)) | _con_algo(suyos)
    return a_json(terminos_a_publicar(**formulario.terminos())) | _con_algo(suyos)


def _normal(valor: Any) -> Any:
    """Numbers without the zeros that say nothing: ``10`` and ``10.0000`` are the same."""
    if isinstance(valor, list | tuple):
        return [_normal(uno) for uno in valor]
    if isinstance(valor, dict):
        return {nombre: _normal(uno) for nombre, uno in valor.items()}
    if isinstance(valor, str) and _DECIMAL.fullmatch(valor):
        return plano(Decimal(valor).normalize())
    return valor


def _red(condiciones: dict[str, Any]) -> dict[str, Any]:
    terminos = {_DE_RED[nombre]: valor for nombre, valor in condiciones.items()}
    return {"tipo": TipoComision.RED.value, **terminos}


def _con_algo(alcance: dict[str, Any]) -> dict[str, Any]:
    """The limits that there are: level 1 and priority 0 are none."""
    sin_nada = {"nivel": 1, "prioridad": 0}
    return {n: v for n, v in alcance.items() if v not in (None, "", sin_nada.get(n))}


def _dicho(nombre: str, valor: Any, moneda: str) -> str:
    if valor is None:
        return _("Hereda") if nombre not in _ALCANCE else VACIO
    return valor_de(nombre, valor, moneda)
