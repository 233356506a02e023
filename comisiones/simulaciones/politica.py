"""A candidate policy in JSON, as ``simular`` reads it: rules, network, and the line of each.

``{"moneda": "USD", "zona_horaria": "UTC", "reglas": [{"nombre", "tipo", "porcentaje",
"monto_fijo", "por", "modo", "metrica", "periodo", "tramos": [{"desde", "hasta", "porcentaje",
"monto_fijo"}], "alcance": {"afiliado", "tipo_afiliado", "producto", "campana"}, "nivel", "minimo",
"tope", "duracion_meses", "max_pagos", "prioridad"}],
"red": {"porcentajes": ["10", "5"], "tope": "15"}}``

Numbers are text or JSON numbers, always exact. Absent or null keys inherit from the next rule that
applies; unknown and repeated keys are refused, because a typing error would pay something else.
Between equals, the rule written later is the newer one and wins.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from json import decoder, scanner
from pathlib import Path
from typing import Any, Final

from alpespartner.comun.dinero import decimal_exacto, exponente
from alpespartner.comun.textos import normalizar
from comisiones.motor.congelado import alcance_de, entero_de, terminos_de, texto_de
from comisiones.motor.errores import ErrorMotor
from comisiones.motor.periodos import zona
from comisiones.motor.precedencia import heredar, ordenar
from comisiones.motor.red import Red, validar_red
from comisiones.motor.tipos import Terminos, VersionRegla
from comisiones.motor.validacion import validar_completos, validar_rangos
from comisiones.simulaciones.errores import PoliticaInvalida

CLAVES: Final = frozenset({"moneda", "zona_horaria", "reglas", "red"})
CLAVES_TERMINOS: Final = frozenset(
    [
        "tipo",
        "porcentaje",
        "monto_fijo",
        "por",
        "modo",
        "metrica",
        "periodo",
        "tramos",
        "minimo",
        "tope",
        "duracion_meses",
        "max_pagos",
    ]
)
CLAVES_REGLA: Final = CLAVES_TERMINOS | {"nombre", "alcance", "nivel", "prioridad"}
CLAVES_ALCANCE: Final = frozenset({"afiliado", "tipo_afiliado", "producto", "campana"})
CLAVES_RED: Final = frozenset({"porcentajes", "tope"})
NOMBRE_RED: Final = "red"


@dataclass(frozen=True, slots=True)
class Politica:
    """Validated policy. ``lineas``: where each rule starts in the file, by name."""

    moneda: str
    zona_horaria: str
    reglas: tuple[VersionRegla, ...]
    red: Red
    lineas: Mapping[str, int]

    @property
    def por_periodos(self) -> bool:
        """Whether some commission depends on earlier orders."""
        limita = self.limites.limita_renovaciones
        return limita or any(r.terminos.con_periodo for r in self.reglas)

    @property
    def limites(self) -> Terminos:
        """The widest limits of renewals: what there is to know of a sale for any rule."""
        meses = [t for r in self.reglas if (t := r.terminos.duracion_meses) is not None]
        pagos = [t for r in self.reglas if (t := r.terminos.max_pagos) is not None]
        return Terminos(duracion_meses=max(meses, default=None), max_pagos=max(pagos, default=None))

    @property
    def niveles(self) -> int:
        """Deepest network level that some rule or percentage pays."""
        return max(len(self.red.porcentajes) + 1, *(regla.nivel for regla in self.reglas))


class _Objeto(dict[str, Any]):
    """JSON object that knows the line it starts on."""

    linea: int = 1


class _Lector(json.JSONDecoder):
    """JSON with exact decimals, no repeated keys, and the line of each object."""

    def __init__(self) -> None:
        super().__init__(
            parse_float=Decimal, parse_constant=_sin_constantes, object_pairs_hook=_sin_repetir
        )
        self.parse_object = _objeto_con_linea
        # The scanner in C ignores parse_object; the one in Python calls it.
        self.scan_once = scanner.py_make_scanner(self)  # type: ignore[attr-defined]


def _objeto_con_linea(s_and_end: tuple[str, int], *resto: Any) -> tuple[Any, int]:
    texto, inicio = s_and_end
    linea = texto.count("\n", 0, inicio) + 1
    try:
        objeto, fin = decoder.JSONObject(s_and_end, *resto)  # type: ignore[attr-defined]
    except _ConLinea:
        raise
    except (json.JSONDecodeError, RecursionError):
        raise
    except ValueError as error:
        raise _ConLinea(linea, str(error)) from error
    objeto.linea = linea
    return objeto, fin


class _ConLinea(ValueError):
    def __init__(self, linea: int, motivo: str) -> None:
        super().__init__(motivo)
        self.linea = linea


def _sin_constantes(texto: str) -> Any:
    raise ValueError(f"{texto} no es un número.")


def _sin_repetir(pares: list[tuple[str, Any]]) -> _Objeto:
    objeto = _Objeto(pares)
    if len(objeto) != len(pares):
        claves = [clave for clave, _ in pares]
        raise ValueError(f"clave repetida: «{next(c for c in claves if claves.count(c) > 1)}».")
    return objeto


def leer_politica(ruta: Path) -> Politica:
    """Read and validate a policy file. Raises :class:`PoliticaInvalida`, or ``OSError``."""
    contenido = ruta.read_bytes()
    try:
        texto = contenido.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        linea = contenido.count(b"\n", 0, error.start) + 1
        raise PoliticaInvalida(ruta.name, linea, "no es texto UTF-8.") from error
    return politica_de(texto, ruta.name)


def politica_de(texto: str, archivo: str = "politica") -> Politica:
    """Validated policy from its JSON text. Raises :class:`PoliticaInvalida` with the line."""
    try:
        return _politica(_Lector().decode(texto))
    except json.JSONDecodeError as error:
        raise PoliticaInvalida(archivo, error.lineno, f"JSON mal formado: {error.msg}.") from error
    except _ConLinea as error:
        raise PoliticaInvalida(archivo, error.linea, str(error)) from error
    except RecursionError as error:
        raise PoliticaInvalida(archivo, 1, "JSON demasiado anidado.") from error
    except ValueError as error:
        raise PoliticaInvalida(archivo, 1, str(error)) from error


def _politica(datos: Any) -> Politica:
    datos = _objeto(datos, "La política", 1, CLAVES)
    if datos.get("moneda") is None:
        raise _ConLinea(datos.linea, "Falta «moneda».")
    moneda = texto_de(datos["moneda"])
    exponente(moneda)
    nombre_zona = "UTC" if datos.get("zona_horaria") is None else texto_de(datos["zona_horaria"])
    zona(nombre_zona)
    lista = datos.get("reglas")
    if not isinstance(lista, list) or not lista:
        raise _ConLinea(datos.linea, "«reglas» debe ser una lista con al menos una regla.")
    reglas: list[VersionRegla] = []
    lineas: dict[str, int] = {}
    for numero, dato in enumerate(lista, start=1):
        objeto = _objeto(dato, f"La regla {numero}", datos.linea, CLAVES_REGLA)
        try:
            regla = _regla(objeto, numero, moneda, nombre_zona)
            if regla.regla in lineas:
                raise ValueError("hay otra regla con el mismo nombre.")
        except _ConLinea:
            raise
        except ValueError as error:
            nombre = objeto.get("nombre", numero)
            raise _ConLinea(objeto.linea, f"regla «{nombre}»: {error}") from error
        reglas.append(regla)
        lineas[regla.regla] = objeto.linea
    _comprobar_completas(reglas, lineas)
    return Politica(moneda, nombre_zona, tuple(reglas), _red(datos.get("red"), datos.linea), lineas)


def _objeto(dato: Any, nombre: str, linea: int, claves: frozenset[str]) -> _Objeto:
    if not isinstance(dato, _Objeto):
        raise _ConLinea(linea, f"{nombre} debe ser un objeto JSON.")
    if sobra := sorted(dato.keys() - claves):
        raise _ConLinea(dato.linea, f"{nombre} tiene una clave desconocida: «{sobra[0]}».")
    return dato


def _regla(objeto: _Objeto, numero: int, moneda: str, nombre_zona: str) -> VersionRegla:
    nombre = f"regla-{numero}" if objeto.get("nombre") is None else texto_de(objeto["nombre"])
    if not nombre or nombre == NOMBRE_RED:
        raise ValueError(f"el nombre no puede ser vacío ni «{NOMBRE_RED}».")
    terminos = terminos_de(
        {clave: valor for clave, valor in objeto.items() if clave in CLAVES_TERMINOS}
        | {"moneda": moneda, "zona_horaria": nombre_zona}
    )
    validar_rangos(terminos)
    alcance = objeto.get("alcance")
    if alcance is None:
        alcance = _Objeto()
    nombres = _objeto(alcance, "«alcance»", objeto.linea, CLAVES_ALCANCE)
    nivel = 1 if objeto.get("nivel") is None else entero_de(objeto["nivel"])
    if nivel < 1:
        raise ValueError("«nivel» empieza en 1, el afiliado que vende.")
    prioridad = 0 if objeto.get("prioridad") is None else entero_de(objeto["prioridad"])
    return VersionRegla(
        regla=nombre,
        version=numero,
        terminos=terminos,
        alcance=alcance_de(
            {k: normalizar(v) if isinstance(v, str) else v for k, v in nombres.items()}
        ),
        nivel=nivel,
        prioridad=prioridad,
    )


def _comprobar_completas(reglas: list[VersionRegla], lineas: Mapping[str, int]) -> None:
    """Refuse a rule that would lack a term even if every rule after it in precedence applied."""
    for nivel in {regla.nivel for regla in reglas}:
        orden = ordenar(regla for regla in reglas if regla.nivel == nivel)
        # From the last one up, so that each rule looks only at what is already merged below it.
        debajo: list[VersionRegla] = []
        for regla in reversed(orden):
            terminos = heredar([regla, *debajo]).terminos
            debajo = [replace(regla, terminos=terminos)]
            try:
                validar_completos(terminos)
            except ErrorMotor as error:
                linea = lineas[regla.regla]
                raise _ConLinea(linea, f"regla «{regla.regla}»: {error}") from error


def _red(dato: Any, linea: int) -> Red:
    if dato is None:
        return Red(())
    objeto = _objeto(dato, "«red»", linea, CLAVES_RED)
    porcentajes = objeto.get("porcentajes")
    if not isinstance(porcentajes, list):
        raise _ConLinea(objeto.linea, "«porcentajes» de la red debe ser una lista.")
    try:
        red = Red(tuple(decimal_exacto(porcentaje) for porcentaje in porcentajes))
        if objeto.get("tope") is not None:
            red = Red(red.porcentajes, decimal_exacto(objeto["tope"]))
        validar_red(red)
    except ValueError as error:
        raise _ConLinea(objeto.linea, f"«red»: {error}") from error
    return red
