"""Many of a kind in one request: each is done or refused on its own, and told in its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ValidationError

from alpespartner.comun.api.campos import CampoProblema, SerializadorEstricto
from alpespartner.comun.api.problemas import cuerpo_problema, problema_de
from alpespartner.comun.errores import ErrorDominio

# Of one request.
MAXIMO = 500


class ResultadoSerializer(serializers.Serializer[Any]):
    """What became of one item: what its own request would have answered, or why it was refused."""

    indice = serializers.IntegerField()
    estado = serializers.ChoiceField(["hecho", "rechazado"])
    problema = CampoProblema(required=False)


class ResultadosSerializer(serializers.Serializer[Any]):
    """Answer to many, in the order of its items."""

    hechos = serializers.IntegerField()
    rechazados = serializers.IntegerField()


def uno_a_uno(
    items: list[Any],
    campos: type[SerializadorEstricto],
    hacer: Callable[[dict[str, Any]], dict[str, Any]],
    *,
    por: str = "",
) -> dict[str, Any]:
    """Do some items, one transaction for all of them: what fails undoes only itself, and what the
    database undoes is tried again whole. They are done in the order of their field ``por``, so that
    two requests do not wait for each other, and told in their own."""
    leidos: dict[int, dict[str, Any]] = {}
    resultados: dict[int, dict[str, Any]] = {}
    entrada = campos()
    for indice, item in enumerate(items):
        try:
            leidos[indice] = entrada.run_validation(item)
        except ValidationError as exc:
            resultados[indice] = _rechazado(indice, problema_de(exc))
    with transaction.atomic():
        for indice in sorted(leidos, key=lambda i: (str(leidos[i].get(por, "")), i)):
            resultados[indice] = _hacer(indice, leidos[indice], hacer)
    rechazados = sum(r["estado"] == "rechazado" for r in resultados.values())
    return {
        "hechos": len(items) - rechazados,
        "rechazados": rechazados,
        "resultados": [resultados[i] for i in range(len(items))],
    }


def _hacer(
    indice: int, datos: dict[str, Any], hacer: Callable[[dict[str, Any]], dict[str, Any]]
) -> dict[str, Any]:
    try:
        with transaction.atomic():
            return {"indice": indice, "estado": "hecho", **hacer(datos)}
    except (ErrorDominio, ValidationError) as exc:
        return _rechazado(indice, problema_de(exc))
    except Http404:
        no_hay = NotFound()
        return _rechazado(indice, cuerpo_problema(404, "no_encontrado", str(no_hay.detail)))


def _rechazado(indice: int, problema: dict[str, Any]) -> dict[str, Any]:
    return {"indice": indice, "estado": "rechazado", "problema": problema}
