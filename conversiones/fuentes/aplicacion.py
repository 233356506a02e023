"""Rows of a file, done: each by the service that does it from any other door, and each refused with
its column and what to do. A row that is there already, saying the same, changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import registrar_afiliado
from alpespartner.comun import dinero
from alpespartner.comun.actores import Actor
from alpespartner.comun.errores import Conflicto, DatoInvalido, ErrorDominio
from alpespartner.comun.textos import normalizar
from conversiones.campanas.models import Campana
from conversiones.fuentes import lectura
from conversiones.fuentes.estados import Resultado, TipoImportacion
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


def _afiliados(_importacion: Importacion, filas: Sequence[Fila], actor: Actor) -> list[Dicho]:
    referencias = {normalizar(fila["referencia"]) for fila in filas} - {""}
    sabidos = {
        str(uno.referencia_externa): uno
        for uno in Afiliado.objects.filter(referencia_externa__in=referencias)
    }
    return [_una_a_una(fila, lambda f: _afiliado(f, sabidos, actor)) for fila in filas]


def _afiliado(fila: Fila, sabidos: Mapping[str, Afiliado], actor: Actor) -> Dicho:
    datos = lectura.afiliado(fila)
    sabido = sabidos.get(normalizar(datos.referencia_externa or ""))
    if sabido is not None:
        if sabido.email == normalizar(datos.email):
            return Dicho(fila, Resultado.YA, sabido.id_publico)
        raise Conflicto(
            _("Ya hay otro afiliado con esa referencia (%(id)s), con otro correo.")
            % {"id": sabido.id_publico},
            campo="referencia",
        )
    # Pending: somebody looks at each before it earns.
    hecho = registrar_afiliado(datos=datos, actor=actor, activo=False)
    return Dicho(fila, Resultado.CREADA, hecho.id_publico)


_DE: Mapping[str, Callable[[Importacion, Sequence[Fila], Actor], list[Dicho]]] = {
    TipoImportacion.VENTAS: _ventas,
    TipoImportacion.DEVOLUCIONES: _devoluciones,
    TipoImportacion.AFILIADOS: _afiliados,
}
