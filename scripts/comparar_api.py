"""Says what of the API's document would break a client of its last release.

``docs/openapi-publicado.json`` is that release, without its words. Run with ``--publicar``, it
becomes what ``docs/openapi.json`` says now: when a version is released, or when something is broken
on purpose, which ``docs/api-cambios.md`` then tells.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RAIZ = Path(__file__).resolve().parent.parent
ACTUAL = RAIZ / "docs" / "openapi.json"
PUBLICADO = RAIZ / "docs" / "openapi-publicado.json"
_METODOS = ("get", "post", "put", "patch", "delete")
_PALABRAS = frozenset({"description", "summary", "example", "examples", "tags", "info", "title"})
_MINIMOS = ("minimum", "exclusiveMinimum", "minLength", "minItems")
_MAXIMOS = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")


class Comparacion:
    """Two documents, and what the second one breaks of the first."""

    def __init__(self, antes: dict[str, Any], ahora: dict[str, Any]) -> None:
        self.antes, self.ahora = antes, ahora
        self._vistos: set[tuple[str, str, bool]] = set()

    def roturas(self) -> Iterator[str]:
        """Each in words, with where it is."""
        for ruta, operaciones in self.antes["paths"].items():
            nuevas = self.ahora["paths"].get(ruta)
            if nuevas is None:
                yield f"{ruta}: ya no está"
                continue
            for metodo in _METODOS:
                if metodo not in operaciones:
                    continue
                donde = f"{metodo.upper()} {ruta}"
                if metodo not in nuevas:
                    yield f"{donde}: ya no está"
                    continue
                self._vistos.clear()
                yield from self._operacion(donde, operaciones[metodo], nuevas[metodo])

    def _operacion(self, donde: str, una: Any, otra: Any) -> Iterator[str]:
        yield from self._parametros(donde, una, otra)
        yield from self._entrada(donde, una.get("requestBody"), otra.get("requestBody"))
        for estado, respuesta in una["responses"].items():
            if not estado.startswith("2"):
                continue
            nueva = otra["responses"].get(estado)
            if nueva is None:
                yield f"{donde}: ya no contesta {estado}"
                continue
            for tipo, medio in self._de(self.antes, respuesta).get("content", {}).items():
                suyo = self._de(self.ahora, nueva).get("content", {}).get(tipo)
                if suyo is None:
                    yield f"{donde} {estado}: ya no da {tipo}"
                else:
                    yield from self._esquema(
                        f"{donde} {estado}", medio["schema"], suyo["schema"], entra=False
                    )

    def _parametros(self, donde: str, una: Any, otra: Any) -> Iterator[str]:
        def por_nombre(documento: Any, operacion: Any) -> dict[tuple[str, str], Any]:
            leidos = [self._de(documento, p) for p in operacion.get("parameters", ())]
            return {(p["in"], p["name"]): p for p in leidos}

        viejos, nuevos = por_nombre(self.antes, una), por_nombre(self.ahora, otra)
        for (sitio, nombre), viejo in viejos.items():
            nuevo = nuevos.get((sitio, nombre))
            if nuevo is None:
                yield f"{donde}: ya no lee {sitio} «{nombre}»"
                continue
            if nuevo.get("required") and not viejo.get("required"):
                yield f"{donde}: {sitio} «{nombre}» pasa a ser obligatorio"
            yield from self._esquema(
                f"{donde} {sitio} «{nombre}»", viejo["schema"], nuevo["schema"], entra=True
            )
        for clave, nuevo in nuevos.items():
            if clave not in viejos and nuevo.get("required"):
                yield f"{donde}: {clave[0]} «{clave[1]}» es nuevo y obligatorio"

    def _entrada(self, donde: str, una: Any, otra: Any) -> Iterator[str]:
        if una is None:
            if otra is not None and otra.get("required"):
                yield f"{donde}: pide un cuerpo"
            return
        if otra is None:
            yield f"{donde}: ya no lee su cuerpo"
            return
        if otra.get("required") and not una.get("required"):
            yield f"{donde}: el cuerpo pasa a ser obligatorio"
        for tipo, medio in una["content"].items():
            suyo = otra["content"].get(tipo)
            if suyo is None:
                yield f"{donde}: ya no lee {tipo}"
            else:
                yield from self._esquema(donde, medio["schema"], suyo["schema"], entra=True)

    def _esquema(self, donde: str, uno: Any, otro: Any, *, entra: bool) -> Iterator[str]:
        llave = (str(uno.get("$ref")), str(otro.get("$ref")), entra)
        if "$ref" in uno and "$ref" in otro:
            if llave in self._vistos:
                return
            self._vistos.add(llave)
        viejo, nuevo = self._de(self.antes, uno), self._de(self.ahora, otro)
        # What has no type takes, and gives, anything.
        cualquiera = not (nuevo if entra else viejo).get("type")
        if not cualquiera and _tipo(viejo) != _tipo(nuevo):
            yield f"{donde}: era {_tipo(viejo)} y es {_tipo(nuevo)}"
            return
        if entra and viejo.get("nullable") and not nuevo.get("nullable"):
            yield f"{donde}: ya no admite null"
        if not entra and nuevo.get("nullable") and not viejo.get("nullable"):
            yield f"{donde}: puede ser null"
        if entra:
            yield from self._limites(donde, viejo, nuevo)
        yield from self._alternativas(donde, viejo, nuevo, entra=entra)
        yield from self._campos(donde, viejo, nuevo, entra=entra)
        if "items" in viejo and "items" in nuevo:
            yield from self._esquema(f"{donde}[]", viejo["items"], nuevo["items"], entra=entra)

    def _limites(self, donde: str, viejo: Any, nuevo: Any) -> Iterator[str]:
        if "enum" in nuevo:
            sobran = set(map(str, viejo.get("enum", ()))) - set(map(str, nuevo["enum"]))
            if sobran or "enum" not in viejo:
                yield f"{donde}: ya no admite {', '.join(sorted(sobran)) or 'cualquier valor'}"
        for limite in (*_MINIMOS, *_MAXIMOS):
            antes, ahora = viejo.get(limite), nuevo.get(limite)
            menos = ahora is not None and (
                antes is None or (ahora > antes if limite in _MINIMOS else ahora < antes)
            )
            if menos:
                yield f"{donde}: {limite} era {antes} y es {ahora}"
        if nuevo.get("pattern") not in (None, viejo.get("pattern")):
            yield f"{donde}: otra forma ({nuevo['pattern']})"

    def _alternativas(self, donde: str, viejo: Any, nuevo: Any, *, entra: bool) -> Iterator[str]:
        for clase in ("oneOf", "anyOf", "allOf"):
            unas, otras = viejo.get(clase, []), nuevo.get(clase, [])
            if entra and not (unas and otras):
                # Types say it: one that was written otherwise, or that takes anything now.
                continue
            if len(unas) != len(otras):
                yield f"{donde}: otras alternativas"
                continue
            for una, otra in zip(unas, otras, strict=True):
                yield from self._esquema(donde, una, otra, entra=entra)

    def _campos(self, donde: str, viejo: Any, nuevo: Any, *, entra: bool) -> Iterator[str]:
        suyos, otros = viejo.get("properties", {}), nuevo.get("properties", {})
        pedia, pide = set(viejo.get("required", ())), set(nuevo.get("required", ()))
        for campo, esquema in suyos.items():
            if campo not in otros:
                yield f"{donde}: ya no está el campo «{campo}»"
                continue
            yield from self._esquema(f"{donde} «{campo}»", esquema, otros[campo], entra=entra)
            if not entra and campo in pedia - pide:
                yield f"{donde}: el campo «{campo}» puede faltar"
        if entra:
            for campo in sorted(pide - pedia):
                yield f"{donde}: el campo «{campo}» es obligatorio"

    @staticmethod
    def _de(documento: Any, esquema: Any) -> Any:
        """What a reference leads to."""
        while "$ref" in esquema:
            lugar = documento
            for parte in esquema["$ref"].removeprefix("#/").split("/"):
                lugar = lugar[parte]
            esquema = lugar
        return esquema


def _tipo(esquema: Any) -> str:
    return " ".join(filter(None, (esquema.get("type", "cualquiera"), esquema.get("format"))))


def sin_palabras(cosa: Any, *, nombres: bool = False) -> Any:
    """A document without what tells people and binds nobody; ``nombres``: its keys are names of
    fields or components, which are never words."""
    if isinstance(cosa, dict):
        return {
            clave: sin_palabras(
                valor, nombres=not nombres and clave in ("properties", "schemas", "paths")
            )
            for clave, valor in cosa.items()
            if nombres or clave not in _PALABRAS
        }
    return [sin_palabras(una) for una in cosa] if isinstance(cosa, list) else cosa


def main() -> int:
    """Compare, or publish."""
    opciones = argparse.ArgumentParser(description=__doc__)
    opciones.add_argument("--publicar", action="store_true")
    ahora = json.loads(ACTUAL.read_text())
    if opciones.parse_args().publicar:
        texto = json.dumps(sin_palabras(ahora), ensure_ascii=False, separators=(",", ":"))
        PUBLICADO.write_text(texto + "\n")
        return 0
    roturas = list(Comparacion(json.loads(PUBLICADO.read_text()), ahora).roturas())
    print("\n".join(roturas) or "No rompe nada de lo publicado.")
    return 1 if roturas else 0


if __name__ == "__main__":
    sys.exit(main())
