"""Rows of a file, done: each by the service that does it from any other door, and each refused with
its column and what to do. A row that is there already, saying the same, changes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import correo_unico_de
from afiliados.afiliado.services import registrar_afiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto, DatoInvalido, ErrorDominio
from alpespartner.comun.textos import normalizar
from conversiones.campanas.models import Campana
from conversiones.fuentes import lectura
from conversiones.fuentes.estados import EstadoImportacion, Resultado, TipoImportacion
from conversiones.fuentes.lectura import Fila
from conversiones.fuentes.models import Importacion
from conversiones.ventas.devoluciones import devolver
from conversiones.ventas.errores import DevolucionDuplicada
from conversiones.ventas.estados import EstadoConversion
from conversiones.ventas.models import Conversion, MovimientoConversion
from conversiones.ventas.selectors import Agenda, buscar_conversion
from conversiones.ventas.services import NuevaConversion, registrar_en_masa

# What the services call otherwise than a row does.
_CAMPOS = {
    "valor_conversion": "valor",
    "afiliado_id": "afiliado",
    "campana_id": "campana",
    "referencia_externa": "referencia",
    "tipo_conversion": "tipo",
    "canal_origen": "canal",
}


@dataclass(frozen=True, slots=True)
class Dicho:
    """What became of a row; ``monto`` in ``moneda`` is what it was of, "" when of nothing."""

    fila: Fila
    resultado: Resultado
    objeto: str = ""
    campo: str = ""
    detalle: str = ""
    moneda: str = ""
    monto: Decimal = dinero.CERO


def rechazada(fila: Fila, error: ErrorDominio) -> Dicho:
    """A row that a rule refused."""
    campo = _CAMPOS.get(error.campo or "", error.campo or "")
    return Dicho(fila, Resultado.RECHAZADA, campo=campo, detalle=error.mensaje[:500])


def aplicar(importacion: Importacion, filas: Sequence[Fila], actor: Actor) -> list[Dicho]:
    """Do some readable rows, in the caller's transaction; what became of each, in their order."""
    return _DE[importacion.tipo](importacion, filas, actor)


def _motivo(importacion: Importacion, fila: Fila) -> str:
    """Why it is there, for the history."""
    return _("Importada de «%(fichero)s», línea %(linea)s (%(id)s).") % {
        "fichero": importacion.nombre[:200], "linea": fila.linea, "id": importacion.id_publico,
    }  # fmt: skip


def _agenda(filas: Sequence[Fila], importacion: Importacion) -> Agenda:
    afiliados = {fila["afiliado"] for fila in filas} - {""}
    campanas = {fila["campana"] for fila in filas} | {_por_omision(importacion) or ""}
    return Agenda(Afiliado.objects.all(), afiliados, campanas - {""})


def _por_omision(importacion: Importacion) -> str | None:
    return None if importacion.campana is None else importacion.campana.id_publico


def _ventas(importacion: Importacion, filas: Sequence[Fila], actor: Actor) -> list[Dicho]:
    agenda, zona = _agenda(filas, importacion), ZoneInfo(importacion.zona)
    campana = _por_omision(importacion)
    leidas: dict[int, NuevaConversion] = {}
    dichos: dict[int, Dicho] = {}
    for lugar, fila in enumerate(filas):
        try:
            leida = lectura.venta(fila, agenda, campana, zona)
        except ErrorDominio as exc:
            dichos[lugar] = rechazada(fila, exc)
        else:
            leidas[lugar] = leida
    sabidas = _sabidas(leidas.values())
    for lugar, leida in list(leidas.items()):
        sabida = sabidas.get((leida.campana.pk, normalizar(leida.referencia_externa or "")))
        if sabida is not None:
            # One that was refused does not come back by a file: its shop sends it again.
            dichos[lugar] = _ya_esta(filas[lugar], leidas.pop(lugar), sabida)
    nuevas = [
        replace(leida, motivo=_motivo(importacion, filas[lugar])) for lugar, leida in leidas.items()
    ]
    hechas = registrar_en_masa(datos=nuevas, actor=actor) if nuevas else []
    for lugar, hecha in zip(leidas, hechas, strict=True):
        if isinstance(hecha, ErrorDominio):
            dichos[lugar] = rechazada(filas[lugar], hecha)
        else:
            dichos[lugar] = Dicho(
                filas[lugar], Resultado.CREADA, hecha.id_publico,
                moneda=hecha.moneda, monto=hecha.valor,
            )  # fmt: skip
    return [dichos[lugar] for lugar in range(len(filas))]


def _sabidas(ventas: Collection[NuevaConversion]) -> dict[tuple[int, str], Conversion]:
    referencias = {normalizar(venta.referencia_externa or "") for venta in ventas}
    halladas = Conversion.objects.filter(
        referencia_externa__in=referencias, campana__in={venta.campana.pk for venta in ventas}
    ).only("id_publico", "afiliado_id", "campana_id", "referencia_externa", "valor", "moneda",
           "estado")  # fmt: skip
    return {(c.campana_id, str(c.referencia_externa)): c for c in halladas}


def _ya_esta(fila: Fila, dicha: NuevaConversion, sabida: Conversion) -> Dicho:
    if sabida.estado == EstadoConversion.RECHAZADA:
        return rechazada(fila, Conflicto(
            _("Se rechazó (%(id)s): si vale, la reenvía su tienda.") % {"id": sabida.id_publico},
            campo="referencia",
        ))  # fmt: skip
    moneda = dicha.moneda or dicha.campana.moneda
    quien = None if dicha.afiliado is None else dicha.afiliado.pk
    igual = (sabida.afiliado_id, sabida.valor, sabida.moneda) == (quien, dicha.valor, moneda)
    if igual:
        return Dicho(fila, Resultado.YA, sabida.id_publico)
    return rechazada(fila, Conflicto(
        _("Ya está con otro afiliado, valor o moneda (%(id)s): mírala.")
        % {"id": sabida.id_publico},
        campo="referencia",
    ))  # fmt: skip


def _devoluciones(importacion: Importacion, filas: Sequence[Fila], actor: Actor) -> list[Dicho]:
    agenda = _agenda(filas, importacion)
    return [
        _una_a_una(fila, lambda f: _devolucion(importacion, f, agenda, actor)) for fila in filas
    ]


def _una_a_una(fila: Fila, hacer: Callable[[Fila], Dicho]) -> Dicho:
    """A row by itself: what it wrote before it was refused is undone."""
    try:
        with transaction.atomic():
            return hacer(fila)
    except ErrorDominio as exc:
        return rechazada(fila, exc)


def _devolucion(importacion: Importacion, fila: Fila, agenda: Agenda, actor: Actor) -> Dicho:
    datos = lectura.devolucion(fila, ZoneInfo(importacion.zona))
    referencia = normalizar(fila["venta"])
    if not referencia:
        raise DatoInvalido(_("No puede estar vacío."), campo="venta")
    campana = agenda.campana(normalizar(fila["campana"]) or _por_omision(importacion))
    venta = buscar_conversion(
        referencia, campana, Conversion.objects.select_related("campana", "afiliado")
    )
    if venta is None:
        raise DatoInvalido(
            _("No hay una venta «%(referencia)s» en la campaña: impórtala antes.")
            % {"referencia": referencia[:60]},
            campo="venta",
        )
    moneda = fila["moneda"].upper()
    if moneda and moneda != venta.moneda:
        raise DatoInvalido(
            _("La venta es en %(moneda)s: la devolución también.") % {"moneda": venta.moneda},
            campo="moneda",
        )
    sabida = _sabida(venta.campana, datos.id_externo)
    if sabida is not None:
        if sabida.conversion_id == venta.pk and datos.monto in (None, -sabida.monto):
            return Dicho(fila, Resultado.YA, sabida.id_publico)
        raise DevolucionDuplicada(datos.id_externo)
    hecha = devolver(conversion=venta, datos=datos, actor=actor)
    return Dicho(fila, Resultado.CREADA, hecha.id_publico, moneda=hecha.moneda, monto=-hecha.monto)


def _sabida(campana: Campana, id_externo: str) -> MovimientoConversion | None:
    return MovimientoConversion.objects.filter(
        campana=campana, id_externo=normalizar(id_externo)
    ).first()


def _afiliados(importacion: Importacion, filas: Sequence[Fila], actor: Actor) -> list[Dicho]:
    conocidos = _Conocidos(
        nombre
        for fila in filas
        for nombre in (fila["referencia"], fila["afiliado_id"], fila["referente"])
    )
    ensayo = importacion.estado == EstadoImportacion.ENSAYANDO
    return [
        _una_a_una(fila, lambda f: _afiliado(f, conocidos, actor, ensayo=ensayo)) for fila in filas
    ]


class _Conocidos:
    """Affiliates by what a file calls them: by the first of these that is of somebody."""

    _CAMPOS = ("id_publico", "referencia_externa", "email")

    def __init__(self, nombres: Iterable[str]) -> None:
        buscados = {normalizar(nombre) for nombre in nombres} - {""}
        self._por: dict[str, dict[str, list[Afiliado]]] = {
            c: defaultdict(list) for c in self._CAMPOS
        }
        for campo in self._CAMPOS:
            for uno in Afiliado.objects.filter(**{f"{campo}__in": buscados}):
                self._por[campo][str(getattr(uno, campo))].append(uno)

    def apuntar(self, afiliado: Afiliado) -> None:
        """One that this file registered: a later row may name it."""
        for campo in self._CAMPOS:
            self._por[campo][str(getattr(afiliado, campo))].append(afiliado)

    def de(self, campo: str, nombre: str) -> Afiliado | None:
        """The one that has it in a field that no two share."""
        return next(iter(self._por[campo].get(normalizar(nombre), ())), None)

    def referente(self, nombre: str) -> Afiliado | None:
        """Who is meant; None for nobody. Raises :class:`DatoInvalido` for an e-mail of several."""
        for campo in self._CAMPOS:
            suyos = self._por[campo].get(normalizar(nombre), ())
            if len(suyos) > 1:
                raise DatoInvalido(
                    _("Hay varios afiliados con ese correo: usa su referencia."), campo="referente"
                )
            if suyos:
                return suyos[0]
        return None


def _afiliado(fila: Fila, conocidos: _Conocidos, actor: Actor, *, ensayo: bool) -> Dicho:
    referente = conocidos.referente(fila["referente"])
    # A rehearsal undoes whoever an earlier row registered.
    if referente is None and normalizar(fila["referente"]) and not (ensayo and fila.tras_otra):
        raise DatoInvalido(
            _("No hay un afiliado «%(quien)s»: impórtalo antes, o en este fichero.")
            % {"quien": fila["referente"][:60]},
            campo="referente",
        )
    sabido = conocidos.de("referencia_externa", fila["referencia"]) or conocidos.de(
        "id_publico", fila["afiliado_id"]
    )
    if sabido is not None:
        return _ya_registrado(fila, sabido, referente)
    # Pending: somebody looks at each before it earns.
    datos = lectura.afiliado(fila, referente)
    hecho = registrar_afiliado(datos=datos, actor=actor, activo=False)
    conocidos.apuntar(hecho)
    return Dicho(fila, Resultado.CREADA, hecho.id_publico)


def _ya_registrado(fila: Fila, sabido: Afiliado, referente: Afiliado | None) -> Dicho:
    if correo_unico_de(sabido.email) != correo_unico_de(fila["email"]):
        raise Conflicto(
            _("Ya hay otro afiliado con esa referencia (%(id)s), con otro correo.")
            % {"id": sabido.id_publico},
            campo="referencia",
        )
    if referente is not None and referente.pk != sabido.referente_id:
        raise Conflicto(
            _("Ya está con otro referente o ninguno (%(id)s): cámbialo en su página.")
            % {"id": sabido.id_publico},
            campo="referente",
        )
    return Dicho(fila, Resultado.YA, sabido.id_publico)


_DE: Mapping[str, Callable[[Importacion, Sequence[Fila], Actor], list[Dicho]]] = {
    TipoImportacion.VENTAS: _ventas,
    TipoImportacion.DEVOLUCIONES: _devoluciones,
    TipoImportacion.AFILIADOS: _afiliados,
}
