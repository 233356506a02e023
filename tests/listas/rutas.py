"""Every address that lists, found in the admin's registry and in the API's addresses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db import models
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLPattern, URLResolver
from rest_framework.generics import ListAPIView

from comisiones.admin.comision.filtros import TODAS
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from tests.listas.siembra import modelos

# Of no row; the beginning of a word of many; parts of every reference and e-mail; of two words, one
# in many rows or both; and longer than what the index has of each.
TERMINOS = (
    "no-hay-de-esto", "Lucía", "L", "Campaña", "b", "000", "m0", "ejemplo", "com", "lucia ejemplo",
    "campana 1 a", "a e i o u", "semilla-1-000000000", "000000000000000000", "42",
)  # fmt: skip
# Filters of the queue that are written and not chosen.
_RANGOS = (
    "&calculada_desde=2020-01-01", "&calculada_hasta=2020-01-01",
    "&calculada_desde=2020-01-01&calculada_hasta=2099-01-01&monto_desde=1",
    "&moneda=USD&monto_desde=5&monto_hasta=6", "&monto_desde=99999999", "&moneda=KWD",
    "&antiguedad=1&moneda=USD&monto_hasta=3",
)  # fmt: skip


def lista_de(modelo: type[models.Model]) -> str:
    """Address of a list of the admin."""
    opciones = modelo._meta
    return reverse(f"admin:{opciones.app_label}_{opciones.model_name}_changelist")


def del_admin(modelo: type[models.Model]) -> Iterator[str]:
    """A list, with each filter in each of its values, two at a time, and searched."""
    lista = lista_de(modelo)
    yield lista
    valores = {nombre: vs for nombre, vs in _filtros(modelo) if vs}
    for nombre, vs in valores.items():
        yield from (f"{lista}?{nombre}={v}" for v in vs)
    pares = [(a, b) for a in valores for b in valores if a < b]
    yield from (f"{lista}?{a}={valores[a][0]}&{b}={valores[b][-1]}" for a, b in pares)
    if len(valores) > 2:
        yield f"{lista}?" + "&".join(f"{n}={vs[-1]}" for n, vs in valores.items())
    pagina = admin.site._registry[modelo]
    if pagina.search_fields:
        yield from (f"{lista}?q={termino}" for termino in (*TERMINOS, *_ids(modelo)))


def _ids(modelo: type[models.Model]) -> Iterator[str]:
    for nombre in ("id_publico", "entidad_id", "origen", "evento_id", "referencia_externa"):
        if any(campo.name == nombre for campo in modelo._meta.concrete_fields):
            fila = modelo.objects.exclude(**{nombre: None}).order_by("pk").first()
            if fila is not None:
                yield str(getattr(fila, nombre))


def _filtros(modelo: type[models.Model]) -> Iterator[tuple[str, list[str]]]:
    pagina: Any = admin.site._registry[modelo]
    claves = {campo.name: campo for campo in modelo._meta.fields if campo.remote_field}
    for filtro in pagina.list_filter:
        if not isinstance(filtro, str | tuple):
            if filtro.parameter_name in claves:
                yield filtro.parameter_name, _claves(modelo, claves[filtro.parameter_name])
                continue
            opciones = filtro.lookups(filtro, None, pagina)
            yield filtro.parameter_name, [str(valor) for valor, _texto in opciones]
            continue
        campo = modelo._meta.get_field(filtro if isinstance(filtro, str) else filtro[0])
        if campo.remote_field:
            yield f"{campo.name}__id__exact", _claves(modelo, campo)
        elif campo.choices:
            yield f"{campo.name}__exact", [str(valor) for valor, _texto in campo.flatchoices]


def _claves(modelo: type[models.Model], campo: Any) -> list[str]:
    """The one that has the most rows, one that has few, and one that is not."""
    por_cuantas = (
        modelo.objects.order_by().exclude(**{campo.name: None}).values(campo.name)
        .annotate(n=models.Count("pk")).order_by("-n", campo.name)
    )  # fmt: skip
    con = [str(fila[campo.name]) for fila in por_cuantas]
    return [*con[:1], *con[1:][-1:], "987654321"]


def fichas() -> list[str]:
    """The pages of who has the most and of who has few, and that of the whole programme."""
    paginas = [
        reverse(f"admin:{pagina}_change", args=[clave])
        for pagina, campo in (
            ("afiliados_afiliado", "afiliado"),
            ("conversiones_campana", "campana"),
        )
        for clave in _claves(Comision, Comision._meta.get_field(campo))[:-1]
    ]
    return [*paginas, reverse("admin:comisiones_comision_programa")]


def pestanas() -> list[str]:
    """The tabs of the review queue."""
    lista = reverse("admin:comisiones_comision_changelist")
    return [
        f"{lista}?estado={estado}{filtro}"
        for estado in (*EstadoComision.values, TODAS)
        for filtro in ("", *_RANGOS)
    ]


def selectores() -> Iterator[str]:
    """What the pickers of the admin ask for, of each foreign key that has one."""
    vistos = set()
    for modelo in modelos():
        pagina = admin.site._registry[modelo]
        campos = [f[0] for f in pagina.list_filter if isinstance(f, tuple)]
        for nombre in (*campos, *pagina.autocomplete_fields):
            campo = modelo._meta.get_field(nombre)
            if not campo.remote_field or campo.remote_field.model in vistos:
                continue
            vistos.add(campo.remote_field.model)
            base = (
                f"/admin/autocomplete/?app_label={modelo._meta.app_label}"
                f"&model_name={modelo._meta.model_name}&field_name={nombre}"
            )
            yield base
            yield from (f"{base}&term={termino}" for termino in TERMINOS)
            yield f"{base}&page=5"


def paleta() -> Iterator[str]:
    """What the box for everything asks for, also of an id of each kind."""
    url = reverse("admin:search")
    yield url
    ids = (uno for modelo in modelos() for uno in _ids(modelo))
    yield from (f"{url}?q={termino}" for termino in (*TERMINOS, *ids))


def de_la_api() -> Iterator[str]:
    """Each list of the API, with each of its filters and with all of them."""
    for ruta, vista in sorted(_vistas(get_resolver().url_patterns, ""), key=lambda v: v[0]):
        filtros = vista.filterset_class.base_filters if vista.filterset_class else {}
        valores = {nombre: _ejemplo(vista, nombre, filtro) for nombre, filtro in filtros.items()}
        yield ruta
        yield f"{ruta}?limite=200"
        for nombre, vs in valores.items():
            yield from (f"{ruta}?{nombre}={v}" for v in vs)
        pares = [(a, b) for a in valores for b in valores if a < b]
        yield from (f"{ruta}?{a}={valores[a][0]}&{b}={valores[b][-1]}" for a, b in pares)


def _vistas(patrones: Any, prefijo: str) -> Iterator[tuple[str, Any]]:
    for patron in patrones:
        ruta = prefijo + str(patron.pattern)
        if isinstance(patron, URLResolver):
            yield from _vistas(patron.url_patterns, ruta)
        elif isinstance(patron, URLPattern):
            vista = getattr(patron.callback, "view_class", None) or getattr(
                patron.callback, "cls", None
            )
            # One below an object is of whoever has it; the admin's goes by the same index.
            if isinstance(vista, type) and issubclass(vista, ListAPIView) and "<" not in ruta:
                yield f"/{ruta}", vista


def _ejemplo(vista: Any, nombre: str, filtro: Any) -> list[str]:
    opciones = getattr(filtro, "extra", {}).get("choices")
    if opciones:
        return [str(valor) for valor, _texto in opciones]
    if nombre in ("desde", "hasta", "actualizado_desde"):
        return ["2026-01-01T00:00:00Z", "2026-10-01T00:00:00Z", "1999-01-01T00:00:00Z"]
    campo = vista.queryset.model._meta.get_field(filtro.field_name)
    texto = getattr(filtro, "texto", "id_publico")
    if campo.remote_field:
        fila = vista.queryset.model.objects.exclude(**{campo.name: None}).first()
        hay = [] if fila is None else [str(getattr(getattr(fila, campo.name), texto))]
        return [*hay, "no-hay"]
    vacio = models.Q(**{campo.name: None}) | models.Q(**{campo.name: ""})
    fila = vista.queryset.model.objects.exclude(vacio).first()
    return ["no-hay", *([] if fila is None else [str(getattr(fila, campo.name))])]
