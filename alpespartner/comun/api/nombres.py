"""Objects that partners call by our id or by their own reference, in paths and in filters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

import django_filters
from django.core.validators import EMPTY_VALUES
from django.db.models import Model, QuerySet
from django.http import Http404

from alpespartner.comun.api.credencial import Credencial, credencial
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.errores import ReferenciaAmbigua

_M = TypeVar("_M", bound=Model)


def llamados(objetos: QuerySet[_M], nombre: str) -> QuerySet[_M]:
    """Those of ``objetos`` with this public id or, when none has it, with this own reference."""
    por_id = objetos.filter(id_publico=nombre)
    return por_id if por_id.exists() else objetos.filter(referencia_externa=nombre)


def uno_llamado(objetos: QuerySet[_M], nombre: str) -> _M:
    """The one with this public id or own reference.

    Raises Http404, or :class:`ReferenciaAmbigua` when several have the reference.
    """
    por_id = objetos.filter(id_publico=nombre).first()
    return por_id if por_id is not None else uno_referido(objetos, nombre)


def uno_referido(objetos: QuerySet[_M], nombre: str) -> _M:
    """The one with this own reference, as :func:`uno_llamado`."""
    hallados = list(objetos.filter(referencia_externa=nombre)[:2])
    if len(hallados) > 1:
        raise ReferenciaAmbigua()
    if not hallados:
        raise Http404
    return hallados[0]


def con_nombres(objetos: QuerySet[_M], *relaciones: str) -> QuerySet[_M]:
    """Objects, and of those that they name nothing but their public ids: reading whole rows of
    four tables takes longer than all the rest of an answer."""
    propios = [campo.attname for campo in objetos.model._meta.concrete_fields]
    nombres = [f"{relacion}__id_publico" for relacion in relaciones]
    return objetos.select_related(None).select_related(*relaciones).only(*propios, *nombres)


class UnoVisible(Generic[_M]):
    """One of some objects by its public id, as far as a key sees it, in a query whose SQL is
    written once; ``dueno`` is their column that says of which affiliate each is, and ``como`` makes
    one of its values."""

    def __init__(
        self,
        objetos: QuerySet[_M, Any],
        *,
        dueno: str = "afiliado",
        como: Callable[..., Any] | None = None,
    ) -> None:
        por_id: QuerySet[_M, Any] = objetos.filter(id_publico="")
        self._de_cualquiera = ConsultaFija(por_id, como=como)
        self._del_suyo = ConsultaFija(por_id.filter(**{dueno: 0}), como=como)

    def leer(self, id_publico: str, clave: Credencial) -> _M | None:
        """The one, or None."""
        if clave.afiliado_id is None:
            return self._de_cualquiera.primera(id_publico)
        return self._del_suyo.primera(id_publico, clave.afiliado_id)


class PorId:
    """View of one object, named in its path by our id."""

    uno: ClassVar[UnoVisible[Any]]

    def get_object(self) -> Any:
        """The object, as far as the key sees it."""
        vista: Any = self
        objeto = self.uno.leer(vista.kwargs[vista.lookup_url_kwarg], credencial(vista.request))
        if objeto is None:
            raise Http404
        return objeto


class PorNombre:
    """View of one object, named in its path by our id or by the partner's reference."""

    # Reads it by our id; without it, the view's own query does.
    uno: ClassVar[UnoVisible[Any] | None] = None

    def get_object(self) -> Any:
        """The object, as far as the key sees it."""
        vista: Any = self
        nombre = vista.kwargs[vista.lookup_url_kwarg]
        if self.uno is None:
            return uno_llamado(vista.get_queryset(), nombre)
        objeto = self.uno.leer(nombre, credencial(vista.request))
        return objeto if objeto is not None else uno_referido(vista.get_queryset(), nombre)


class FiltroNombre(django_filters.CharFilter):
    """Filter by a related object, by our id or by the partner's reference of it."""

    def filter(self, qs: Any, value: Any) -> Any:
        """Rows of the related objects that are called so: two short queries use their indexes."""
        if value in EMPTY_VALUES:
            return qs
        relacionado = qs.model._meta.get_field(self.field_name).related_model
        claves = list(llamados(relacionado._default_manager.all(), value).values_list("pk")[:500])
        return qs.filter(**{f"{self.field_name}__in": [pk for (pk,) in claves]})


class FiltroDeOtro(django_filters.CharFilter):
    """Filter by a text of a related object, whose keys are looked up first by its index."""

    def __init__(self, field_name: str, texto: str, **opciones: Any) -> None:
        super().__init__(field_name, **opciones)
        self.texto = texto

    def filter(self, qs: Any, value: Any) -> Any:
        """Rows of the related objects that have the text."""
        if value in EMPTY_VALUES:
            return qs
        relacionado = qs.model._meta.get_field(self.field_name).related_model
        suyos = relacionado._default_manager.filter(**{self.texto: value})
        claves = list(suyos.values_list("pk", flat=True)[:500])
        return qs.filter(**{f"{self.field_name}__in": claves})
