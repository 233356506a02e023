"""Rows of a file as what the services take: each that is not says its column and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado, Nivel, TipoAfiliado
from afiliados.afiliado.selectors import correo_unico_de
from afiliados.afiliado.services import NuevoAfiliado
from afiliados.errores import CicloDeReferentes
from alpespartner.comun.cifras import leer_numero
from alpespartner.comun.documentos.tablas import Tabla, texto_de_celda
from alpespartner.comun.errores import DatoInvalido, ErrorDominio
from alpespartner.comun.textos import normalizar
from conversiones.fuentes.estados import TipoImportacion
from conversiones.ventas.devoluciones import Devolucion
from conversiones.ventas.models import DEVOLUCIONES, TipoConversion, TipoMovimiento
from conversiones.ventas.motivos import MotivoDecision
from conversiones.ventas.selectors import Agenda
from conversiones.ventas.services import NuevaConversion

_FECHA = re.compile(
    r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?( ?(Z|[+-]\d\d:?\d\d))?)?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Fila:
    """The cells of a row by their field, or why it cannot be read. ``tras_otra``: it names as its
    referrer whoever another row registers, and comes after that one."""

    linea: int
    celdas: dict[str, str] = field(default_factory=dict)
    problema: ErrorDominio | None = None
    tras_otra: bool = False

    def __getitem__(self, campo: str) -> str:
        return self.celdas.get(campo, "")


def filas_de(tipo: str, tabla: Tabla, columnas: Mapping[str, str]) -> list[Fila]:
    """Every row of a table in the order in which they are applied: that of the file, with the
    refunds of a sale together, and affiliates after whoever referred them. One that says what an
    earlier row said has that as its problem."""
    lugares = {campo: tabla.cabecera.index(nombre) for campo, nombre in columnas.items()}
    filas = [_fila(linea, celdas, lugares, len(tabla.cabecera)) for linea, celdas in tabla.filas]
    if tipo == TipoImportacion.DEVOLUCIONES:
        filas.sort(key=grupo)
    vistas: dict[tuple[str, ...], int] = {}
    for lugar, fila in enumerate(filas):
        if fila.problema is not None:
            continue
        for campo, clave in _claves(tipo, fila):
            if not clave[-1]:
                continue
            primera = vistas.setdefault((campo, *clave), fila.linea)
            if primera != fila.linea:
                filas[lugar] = Fila(fila.linea, fila.celdas, _repetida(campo, clave[-1], primera))
    return _tras_su_referente(filas) if tipo == TipoImportacion.AFILIADOS else filas


def _tras_su_referente(filas: list[Fila]) -> list[Fila]:
    """Each row after the one that it names as its referrer. Of rows that refer each other in a
    circle none may be first: that is their problem."""
    de_quien: dict[str, int] = {}
    for lugar, fila in enumerate(filas):
        if fila.problema is None:
            for nombre in (normalizar(fila["referencia"]), normalizar(fila["email"])):
                de_quien.setdefault(nombre, lugar)
    de_quien.pop("", None)
    arriba = {
        lugar: de_quien[nombre]
        for lugar, fila in enumerate(filas)
        if fila.problema is None and (nombre := normalizar(fila["referente"])) in de_quien
    }
    orden: list[Fila] = []
    puestas: set[int] = set()
    for lugar in range(len(filas)):
        # From a row up to one that has its place, or that nobody in the file referred.
        camino: dict[int, None] = {}
        actual: int | None = lugar
        while actual is not None and actual not in puestas and actual not in camino:
            camino[actual] = None
            actual = arriba.get(actual)
        circulo = list(camino)
        circulo = circulo[circulo.index(actual) :] if actual in camino else []
        for suya in reversed(camino):
            fila = filas[suya]
            if suya in circulo:
                fila = replace(fila, problema=CicloDeReferentes())
            elif suya in arriba:
                fila = replace(fila, tras_otra=True)
            orden.append(fila)
        puestas |= camino.keys()
    return orden


def grupo(fila: Fila) -> tuple[str, str]:
    """Rows of one sale come together."""
    return normalizar(fila["campana"]), normalizar(fila["venta"])


def _fila(linea: int, celdas: list[str], lugares: Mapping[str, int], ancho: int) -> Fila:
    if (len(celdas) != ancho and any(celda.strip() for celda in celdas[ancho:])) or (
        len(celdas) < ancho
    ):
        return Fila(linea, {}, DatoInvalido(
            _("Tiene %(n)s celdas y la cabecera %(ancho)s: revisa separadores y comillas.")
            % {"n": len(celdas), "ancho": ancho}
        ))  # fmt: skip
    textos: dict[str, str] = {}
    for campo, lugar in lugares.items():
        try:
            textos[campo] = texto_de_celda(celdas[lugar])
        except ValueError as exc:
            return Fila(linea, {}, DatoInvalido(exc, campo=campo))
    return Fila(linea, textos)


def _claves(tipo: str, fila: Fila) -> list[tuple[str, tuple[str, ...]]]:
    """What no two rows of a file may share, by its field."""
    if tipo == TipoImportacion.VENTAS:
        return [("referencia", (normalizar(fila["campana"]), normalizar(fila["referencia"])))]
    if tipo == TipoImportacion.DEVOLUCIONES:
        return [("id_externo", (normalizar(fila["campana"]), normalizar(fila["id_externo"])))]
    documento = [normalizar(fila[c]) for c in ("documento_tipo", "documento_pais",
                                               "documento_numero")]  # fmt: skip
    return [
        ("referencia", (normalizar(fila["referencia"]),)),
        ("documento_numero", tuple(documento)),
        ("email", (correo_unico_de(fila["email"]),)),
    ]


def _repetida(campo: str, valor: str, linea: int) -> DatoInvalido:
    return DatoInvalido(
        _("«%(valor)s» ya viene en la línea %(linea)s: deja una de las dos.")
        % {"valor": valor[:60], "linea": linea},
        campo=campo,
    )


def venta(fila: Fila, agenda: Agenda, campana: str | None, zona: ZoneInfo) -> NuevaConversion:
    """The sale of a row. Raises :class:`ErrorDominio` with our field."""
    return NuevaConversion(
        afiliado=agenda.afiliado(_obligatorio(fila, "afiliado")),
        campana=agenda.campana(normalizar(fila["campana"]) or campana),
        valor=_numero(fila, "valor"),
        moneda=fila["moneda"].upper() or None,
        tipo_conversion=_opcion(fila, "tipo", TipoConversion.values) or TipoConversion.VENTA,
        referencia_externa=_obligatorio(fila, "referencia"),
        ocurrida_en=_fecha(fila, "ocurrida_en", zona),
        canal_origen=fila["canal"],
        cupon=fila["cupon"],
    )


def devolucion(fila: Fila, zona: ZoneInfo) -> Devolucion:
    """The refund of a row. Raises :class:`ErrorDominio` with our field."""
    motivo = fila["motivo"]
    if motivo in MotivoDecision.values:
        motivo = str(MotivoDecision(motivo).label)
    if len(motivo) > 400:
        raise DatoInvalido(_("Admite hasta %(n)s caracteres.") % {"n": 400}, campo="motivo")
    return Devolucion(
        id_externo=_obligatorio(fila, "id_externo"),
        monto=_numero(fila, "monto") if fila["monto"] else None,
        tipo=_opcion(fila, "tipo", DEVOLUCIONES) or TipoMovimiento.DEVOLUCION,
        motivo=motivo,
        ocurrido_en=_fecha(fila, "ocurrido_en", zona) if fila["ocurrido_en"] else None,
    )


def afiliado(fila: Fila, referente: Afiliado | None = None) -> NuevoAfiliado:
    """The affiliate of a row, and who referred it. Raises :class:`ErrorDominio` with our field."""
    tasa = _numero(fila, "comision_base") if fila["comision_base"] else None
    return NuevoAfiliado(
        nombre=_de_afiliado("nombre", _obligatorio(fila, "nombre")),
        email=_de_afiliado("email", normalizar(_obligatorio(fila, "email"))),
        telefono=fila["telefono"],
        documento_tipo=fila["documento_tipo"],
        documento_pais=fila["documento_pais"],
        documento_numero=fila["documento_numero"] or None,
        tipo_afiliado=_opcion(fila, "tipo_afiliado", TipoAfiliado.values) or TipoAfiliado.ESTANDAR,
        nivel=_opcion(fila, "nivel", Nivel.values) or Nivel.BRONCE,
        referente=referente,
        referencia_externa=_obligatorio(fila, "referencia"),
        comision_base=_de_afiliado("comision_base", tasa),
    )


def _de_afiliado(campo: str, valor: Any) -> Any:
    """A value that the column holds, as the other doors ask of it."""
    try:
        return Afiliado._meta.get_field(campo).clean(valor, None)  # type: ignore[union-attr]
    except ValidationError as exc:
        raise DatoInvalido(exc.messages[0], campo=campo) from None


def _obligatorio(fila: Fila, campo: str) -> str:
    if not normalizar(fila[campo]):
        raise DatoInvalido(_("No puede estar vacío."), campo=campo)
    return fila[campo]


def _opcion(fila: Fila, campo: str, opciones: Sequence[str]) -> str:
    dicha = fila[campo].lower()
    if dicha and dicha not in opciones:
        raise DatoInvalido(
            _("«%(dicha)s» no es uno de: %(cuales)s.")
            % {"dicha": dicha[:40], "cuales": ", ".join(map(str, opciones))},
            campo=campo,
        )
    return dicha


def _numero(fila: Fila, campo: str) -> Decimal:
    try:
        return leer_numero(_obligatorio(fila, campo))
    except ValueError as exc:
        raise DatoInvalido(exc, campo=campo) from None


def _fecha(fila: Fila, campo: str, zona: ZoneInfo) -> datetime:
    dicha = _obligatorio(fila, campo)
    try:
        if not _FECHA.fullmatch(dicha):
            raise ValueError
        fecha = datetime.fromisoformat(
            dicha.replace(" Z", "Z").replace(" +", "+").replace(" -", "-")
        )
        if fecha.utcoffset() is None:
            fecha = fecha.replace(tzinfo=zona)
        return fecha.astimezone(UTC)
    except (ValueError, OverflowError):
        raise DatoInvalido(
            _("«%(dicha)s» no es una fecha: escríbela como 2026-01-31 o 2026-01-31 10:00.")
            % {"dicha": dicha[:40]},
            campo=campo,
        ) from None
