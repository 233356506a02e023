"""Hostile rows: copies of good ones, with what hangs from them, and one column of each spoilt."""

from __future__ import annotations

import os
import random
import secrets
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, models, transaction

from afiliados.afiliado.models import Afiliado
from comisiones.models import Regla, RetencionFiscal, VersionRegla
from conversiones.campanas.models import Campana
from outbox.models import OutboxEvent
from tests.hostiles.mundo import modelos
from tests.hostiles.valores import ETIQUETAS, cabe, valores_de

SEMILLA = int(os.environ.get("ALPES_SEMILLA", "20260310"))
# How many batches of many more rows; each takes minutes.
TANDAS = int(os.environ.get("ALPES_HOSTILES", "0"))
# How far down a copy takes what hangs from its row, one of each relation.
HONDURA = 2
# What a copy shares with the good row, as neighbours do. Of anything else it takes a copy too: the
# lines of a sale, of a payment or of an entry add up to it, so one more would be no neighbour.
COMPARTIDOS = {Afiliado, Campana, Regla, VersionRegla, RetencionFiscal, OutboxEvent}


@dataclass(frozen=True)
class Hostil:
    """A row that no service wrote: ``valor`` is what its ``campo`` was given."""

    modelo: type[models.Model]
    campo: models.Field[Any, Any]
    valor: Any
    pk: Any

    def __str__(self) -> str:
        return f"{self.modelo.__name__}.{self.campo.name}={self.valor!r:.80} (pk {self.pk})"

    @property
    def es_mala(self) -> bool:
        """Whether no good row may hold it."""
        return not cabe(self.campo, self.valor)


@dataclass
class Cuenta:
    """What was tried."""

    intentos: int = 0
    admitidas: int = 0
    columnas: int = 0
    modelos: int = 0


class Sembrador:
    """Copies good rows, and spoils a column of each copy."""

    def __init__(self, semilla: int = SEMILLA) -> None:
        self.azar = random.Random(semilla)
        self.cuenta = Cuenta()
        self.buenas = {m: list(m._base_manager.order_by("pk")) for m in modelos()}
        self._mayores: dict[tuple[Any, str], Any] = {}
        self._hijas: dict[tuple[Any, str], dict[Any, models.Model]] = {}
        for modelo, filas in self.buenas.items():
            for campo in modelo._meta.concrete_fields:
                if campo.is_relation:
                    de = {getattr(fila, campo.attname): fila for fila in filas}
                    self._hijas[modelo, campo.name] = de

    def sembrar(self, *, por_columna: int | None, solo: Collection[str] = ()) -> list[Hostil]:
        """``por_columna`` values of every column, or all of them; those that the database took."""
        hostiles: list[Hostil] = []
        columnas: Counter[str] = Counter()
        for modelo in modelos():
            if solo and modelo.__name__ not in solo:
                continue
            plantillas = self._plantillas(modelo)
            for campo in modelo._meta.concrete_fields:
                candidatas = [
                    (fila, valor)
                    for fila in plantillas
                    for valor in valores_de(campo, getattr(fila, campo.attname), self.azar)
                ]
                if por_columna is not None:
                    candidatas = self._algunas(candidatas, por_columna, campo)
                for fila, valor in candidatas:
                    self.cuenta.intentos += 1
                    suya = self._una(fila, campo, valor)
                    if suya is not None:
                        hostiles.append(suya)
                        columnas[str(campo)] += 1
        self.cuenta.admitidas, self.cuenta.columnas = len(hostiles), len(columnas)
        self.cuenta.modelos = len({h.modelo for h in hostiles})
        return hostiles

    def _algunas(
        self, candidatas: list[tuple[models.Model, Any]], cuantas: int, campo: Any
    ) -> list[tuple[models.Model, Any]]:
        """Some at random: more of a document, which has more ways to be spoilt, and always a tag in
        a text that people read."""
        if any(str(valor).startswith('{"') for _fila, valor in candidatas):
            cuantas *= 2
        elegidas = self.azar.sample(candidatas, min(cuantas, len(candidatas)))
        if isinstance(campo, models.CharField):
            elegidas += [par for par in candidatas if par[1] == ETIQUETAS[0]][:1]
        return elegidas

    def _plantillas(self, modelo: type[models.Model]) -> list[models.Model]:
        """A good row of each state or kind that there is."""
        filas = list(self.buenas[modelo])
        self.azar.shuffle(filas)
        por_clase: dict[tuple[Any, ...], models.Model] = {}
        for fila in filas:
            clase = tuple(str(getattr(fila, nombre, "")) for nombre in ("estado", "tipo", "type"))
            por_clase.setdefault(clase, fila)
        return list(por_clase.values())

    def _una(self, plantilla: models.Model, campo: Any, valor: Any) -> Hostil | None:
        modelo = type(plantilla)
        try:
            with transaction.atomic():
                copia = self.copiar(plantilla)
                with connection.cursor() as cursor:
                    llave = modelo._meta.pk_fields
                    suya = " AND ".join(f"{parte.column} = %s" for parte in llave)
                    cursor.execute(
                        f"UPDATE {modelo._meta.db_table} SET {campo.column} = %s WHERE {suya}",
                        [valor, *(getattr(copia, parte.attname) for parte in llave)],
                    )
        except (DatabaseError, UnicodeError):
            # It cannot be there.
            return None
        return Hostil(modelo, campo, valor, copia.pk)

    def copiar(self, fila: models.Model, hondura: int = HONDURA, **cambios: Any) -> Any:
        """A copy of a row with one of each thing that hangs from it, by SQL alone."""
        modelo = type(fila)
        nueva = modelo(
            **{c.attname: getattr(fila, c.attname) for c in modelo._meta.concrete_fields} | cambios
        )
        if len(modelo._meta.pk_fields) == 1:
            llave = isinstance(modelo._meta.pk, models.CharField)
            nueva.pk = secrets.token_hex(8) if llave else None
        for campo in modelo._meta.concrete_fields:
            # A rule that cannot be read holds the sales of its campaign: not the good one's.
            propio = campo.is_relation and (
                campo.related_model not in COMPARTIDOS or modelo is Regla
            )
            if propio and campo.attname not in cambios and getattr(nueva, campo.attname):
                padre = self.copiar(getattr(fila, campo.name), 0)
                setattr(nueva, campo.attname, padre.pk)
                cambios[campo.attname] = padre.pk
        for campos in _unicos(modelo):
            libre = any(getattr(nueva, c.attname) is None for c in campos)
            if not libre and not any(c.attname in cambios for c in campos):
                self._distinguir(nueva, campos)
        nueva.save_base(raw=True, force_insert=True)
        if hondura:
            for relacion in modelo._meta.related_objects:
                hijas = self._hijas[relacion.related_model, relacion.field.name]
                if fila.pk in hijas:
                    cuelga = {relacion.field.attname: nueva.pk}
                    self.copiar(hijas[fila.pk], hondura - 1, **cuelga)
        return nueva

    def _distinguir(self, fila: Any, campos: Sequence[models.Field[Any, Any]]) -> None:
        """Change one of some columns that are unique together: the one that says least."""
        campo = min(campos, key=_lo_que_dice)
        valor = getattr(fila, campo.attname)
        if campo.is_relation:
            valor = self.copiar(getattr(fila, campo.name), 0).pk
        elif isinstance(campo, models.CharField):
            prefijo = valor.partition("_")[0] + "_" if "_" in valor else ""
            largo = min(campo.max_length or 40, max(len(valor), 12))
            valor = f"{prefijo}{secrets.token_hex(32).upper()}"[:largo]
        elif isinstance(campo, models.BooleanField):
            valor = None
        else:
            cual = (type(fila), campo.name)
            paso: Any = timedelta(days=1) if isinstance(campo, models.DateField) else 1
            de_antes = [getattr(b, campo.name) for b in self.buenas[type(fila)]]
            valor = self._mayores[cual] = self._mayores.get(cual, max(de_antes)) + paso
        setattr(fila, campo.attname, valor)


def _lo_que_dice(campo: models.Field[Any, Any]) -> int:
    de_la_fila = campo.choices or campo.name in ("moneda", "suscripcion")
    if isinstance(campo, models.CharField) and not de_la_fila:
        return 0
    return 1 if campo.is_relation else 2


def _unicos(modelo: type[models.Model]) -> list[list[models.Field[Any, Any]]]:
    """Columns that are unique, alone or together."""
    solos: list[Any] = [[c] for c in modelo._meta.concrete_fields if c.unique and not c.primary_key]
    if len(modelo._meta.pk_fields) > 1:
        solos.append(modelo._meta.pk_fields)
    for restriccion in modelo._meta.total_unique_constraints:
        solos.append([modelo._meta.get_field(nombre) for nombre in restriccion.fields])
    return solos
