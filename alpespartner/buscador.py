"""One box for everything: what a person may see, and where they may go, by what they type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import ids_de_afiliados
from alpespartner.comun.admin.formato import corto, id_corto, importe, insignia
from alpespartner.comun.busqueda.texto import llano
from alpespartner.comun.formato import fecha_y_hora
from alpespartner.comun.identificadores import canonico, es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from alpespartner.comun.textos import normalizar
from alpespartner.panel import enlaces_de_la_cuenta, menu
from comisiones.admin.busqueda import ids_por_numero, pagos_que_pagan
from comisiones.comision.models import Comision
from comisiones.liquidaciones.models import Liquidacion
from comisiones.pagos.models import Pago
from conversiones.campanas.models import Campana
from conversiones.campanas.selectors import ids_de_campanas
from conversiones.clientes.models import Cliente
from conversiones.clientes.selectors import ids_de_clientes
from conversiones.rastreo.models import Cupon, Enlace
from conversiones.rastreo.selectors import ids_de_cupones, ids_de_enlaces
from conversiones.ventas.models import Conversion
from conversiones.ventas.selectors import ids_de_ventas

# Of each kind: whoever wants more goes to its list.
CADA = 6
LARGO = 200
# A term that is no longer means a row before it means a page.
CORTO = 3


@dataclass(frozen=True, slots=True)
class Hallazgo:
    """A line of the box, and where it leads."""

    titulo: str
    url: str
    detalle: str = ""
    icono: str = ""
    insignia: str = ""


@dataclass(frozen=True, slots=True)
class Grupo:
    """Lines of one kind."""

    titulo: str
    hallazgos: Sequence[Hallazgo]


@require_safe
def buscar(request: HttpRequest) -> HttpResponse:
    """What matches, in groups; without a term, where one may go."""
    termino = canonico(normalizar(request.GET.get("q", "")[:LARGO]))
    grupos = [grupo for grupo in _grupos(request, termino) if grupo.hallazgos]
    return TemplateResponse(
        request, "admin/alpes/hallazgos.html", {"grupos": grupos, "termino": termino}
    )


def _grupos(request: HttpRequest, termino: str) -> Iterator[Grupo]:
    ordenes = list(_ordenes(request, termino))
    if not llano(termino):
        yield Grupo(_("Ir a"), ordenes)
        return
    adonde = Grupo(_("Ir a"), ordenes[:CADA])
    filas = _por_id(request, termino) if es_nuestro(termino) else _por_texto(request, termino)
    # Three letters are more often of a name: «ana» begins «añadir», too.
    if len(llano(termino)) > CORTO:
        yield from (adonde, *filas)
    else:
        yield from (*filas, adonde)


# --- Where to go ----------------------------------------------------------------------------------


def _ordenes(request: HttpRequest, termino: str) -> Iterator[Hallazgo]:
    """Pages of the menu and what may be begun from anywhere, that have each word of the term."""
    palabras = llano(termino).split()
    for hallazgo in _todas_las_ordenes(request):
        suyas = llano(f"{hallazgo.titulo} {hallazgo.detalle}").split()
        if all(any(suya.startswith(p) for suya in suyas) for p in palabras):
            yield hallazgo


def _todas_las_ordenes(request: HttpRequest) -> Iterator[Hallazgo]:
    for titulo, items in menu(request):
        for item in items:
            if "permission" not in item or item["permission"](request):
                yield Hallazgo(item["title"], item["link"], titulo, item["icon"])
    for modelo, pagina in admin.site._registry.items():
        if pagina.has_add_permission(request):
            opciones = modelo._meta
            url = reverse(f"admin:{opciones.app_label}_{opciones.model_name}_add")
            que = _("Añadir %(que)s") % {"que": opciones.verbose_name}
            yield Hallazgo(que, url, icono="add")
    for enlace in enlaces_de_la_cuenta(request):
        yield Hallazgo(enlace["title"], enlace["link"], _("Mi cuenta"), "person")


# --- Rows -----------------------------------------------------------------------------------------


def _por_id(request: HttpRequest, termino: str) -> Iterator[Grupo]:
    """The row that one of our ids names, of whatever kind."""
    for modelo, pagina in admin.site._registry.items():
        if not any(campo.name == "id_publico" for campo in modelo._meta.concrete_fields):
            continue
        if pagina.has_view_permission(request):
            filas = pagina.get_queryset(request).filter(id_publico=termino)
            if claves := list(filas.values_list("pk", flat=True)):
                yield _grupo(request, modelo, claves)
                return


def _por_texto(request: HttpRequest, termino: str) -> Iterator[Grupo]:
    ventas = ids_de_ventas(termino)
    suyas = Comision.objects.filter(conversion__in=ventas[:CADA])
    comisiones = sorted(claves_de(suyas), reverse=True)[:CADA]
    pagos = pagos_que_pagan(comisiones)
    documentos = ids_por_numero(termino) or claves_de(Liquidacion.objects.filter(pago__in=pagos))
    quienes = _grupo(request, Afiliado, ids_de_afiliados(termino), termino)
    de_ventas = [
        _grupo(request, Conversion, ventas, termino),
        _grupo(request, Comision, comisiones),
        _grupo(request, Pago, pagos),
        _grupo(request, Liquidacion, documentos),
    ]
    # A number is part of a reference more often than of a name.
    if any(letra.isdigit() for letra in termino):
        yield from (*de_ventas, quienes)
    else:
        yield from (quienes, *de_ventas)
    yield _grupo(request, Campana, ids_de_campanas(termino), termino)
    yield _grupo(request, Cliente, ids_de_clientes(termino), termino)
    yield _grupo(request, Enlace, ids_de_enlaces(termino), termino)
    yield _grupo(request, Cupon, ids_de_cupones(termino), termino)


def _grupo(
    request: HttpRequest, modelo: type[Model], claves: Sequence[int], termino: str = ""
) -> Grupo:
    """The first of some rows, for whoever may see them, and the way to all that match."""
    opciones = modelo._meta
    titulo = capfirst(str(opciones.verbose_name_plural))
    pagina: Any = admin.site._registry[modelo]
    if not claves or not pagina.has_view_permission(request):
        return Grupo(titulo, ())
    filas: QuerySet[Any] = pagina.get_queryset(request).select_related(*_CON.get(modelo, ()))
    halladas = filas.in_bulk(list(claves[:CADA]))
    vista = f"admin:{opciones.app_label}_{opciones.model_name}"
    hallazgos = [_de_fila(vista, halladas[pk]) for pk in claves[:CADA] if pk in halladas]
    if termino and len(claves) > CADA:
        url = f"{reverse(f'{vista}_changelist')}?{urlencode({'q': termino})}"
        hallazgos.append(
            Hallazgo(_("Ver todas las que coinciden"), url, icono="format_list_bulleted")
        )
    return Grupo(titulo, hallazgos)


_CON: dict[type[Model], tuple[str, ...]] = {
    Conversion: ("afiliado", "campana"),
    Comision: ("afiliado", "conversion"),
    Pago: ("afiliado",),
    Liquidacion: ("afiliado",),
    Enlace: ("afiliado",),
    Cupon: ("afiliado",),
}


def _de_fila(vista: str, fila: Any) -> Hallazgo:
    titulo = str(fila)
    detalle: list[str] = [id_corto(fila.id_publico)]
    match fila:
        case Afiliado():
            detalle.insert(0, fila.email)
        case Campana():
            detalle.append(fila.moneda)
        case Enlace() | Cupon():
            detalle.insert(0, fila.afiliado.nombre)
        case Conversion():
            titulo = fila.referencia_externa or corto(fila.id_publico)
            detalle = [
                importe(fila.valor, fila.moneda),
                fila.afiliado.nombre if fila.afiliado else _("Sin atribuir"),
                fecha_y_hora(fila.ocurrida_en), *detalle,
            ]  # fmt: skip
        case Comision():
            titulo = corto(fila.id_publico)
            detalle = [
                importe(fila.monto, fila.moneda), fila.afiliado.nombre,
                fila.conversion.referencia_externa or "",
            ]  # fmt: skip
        case Pago() | Liquidacion():
            titulo = corto(fila.id_publico) if isinstance(fila, Pago) else fila.numero_completo
            detalle = [importe(fila.importe, fila.moneda), fila.afiliado.nombre]
    return Hallazgo(
        titulo,
        reverse(f"{vista}_change", args=[fila.pk]),
        format_html_join(" · ", "{}", ((parte,) for parte in detalle if parte)),
        insignia=insignia(fila.estado, fila.get_estado_display())
        if hasattr(fila, "get_estado_display")
        else "",
    )
