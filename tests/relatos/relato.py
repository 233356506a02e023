"""Stories: what each step of one leaves in every table, written down and compared with a file.

A test that looks at three fields does not see the fourth. Here all that a service writes is there:
each row that is new or changed, the history with its data, the entries with their lines, the events
with all that they carry, the tasks that were queued. The files beside the tests are what it ought
to be, and are read by people: ``ALPES_RELATOS=escribir`` writes them anew, and whoever does it
reads the difference.

The clock stands still in a step and goes on between two. Ids, digests and keys are told apart by
the order in which they appear.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import time_machine
from django.apps import apps
from django.db.models import Field, Model
from django.test import TestCase
from django.utils import timezone

from alpespartner.comun.busqueda.reconstruccion import como_las_filas
from alpespartner.comun.errores import ErrorDominio
from tests.conftest import REGLAS_DEL_SISTEMA

T = TypeVar("T")
INICIO = datetime(2026, 3, 10, 9, tzinfo=UTC)
# Copies of what is elsewhere, or what a test of their own tells.
_FUERA = {
    "comun.Trozo", "comun.Turno", "comun.Intentos", "comun.CorreoAlPersonal", "comisiones.Contada",
    "comisiones.Contador", "comisiones.Recuento", "comisiones.Medida", "comisiones.Cifra",
    "comisiones.Remedicion", "comisiones.Simulacion",
    "comisiones.LineaSimulacion", "outbox.EntregaPendiente", "outbox.EventoProcesado",
    "outbox.PosicionArchivo",
}  # fmt: skip
_APPS = ("comun", "afiliados", "conversiones", "comisiones", "outbox")
# Keys of rows in columns that are no relations, and what tasks get.
_CLAVES = {
    "comisiones.LotePago.propuesto_hasta": "afiliados.Afiliado",
    "comisiones.LotePago.soltado_hasta": "comisiones.Pago",
    "comisiones.LotePago.reintentado_hasta": "comisiones.Pago",
    "comisiones.DecisionEnMasa.hasta": "comisiones.Comision",
    "conversiones.Cliente.mudada": "conversiones.Conversion",
    "conversiones.Cliente.muda_hasta": "conversiones.Conversion",
    "outbox.MarcaDelFlujo.purgado": "outbox.OutboxEvent",
    "pagos.ejecutar": "comisiones.Pago",
    "pagos.ejecutar_lote": "comisiones.LotePago",
    "pagos.avanzar_lote": "comisiones.LotePago",
    "pagos.aplicar_extracto": "comisiones.ExtractoBanco",
    "en_masa.avanzar": "comisiones.DecisionEnMasa",
    "clientes.mover_ventas": "conversiones.Cliente",
    "presupuestos.liberar": "conversiones.Campana",
    "acceso.enviar_correo": "comun.CorreoAlPersonal",
    "webhooks.enviar": "outbox.Webhook",
}
_ESCRIBE = re.compile(r"\s*(?!SELECT\b|SAVEPOINT\b|RELEASE\b)", re.IGNORECASE)
_NOMBRADAS = re.compile(r"\w+")
# Keys of rows inside of JSON: the rule that a term was inherited from, the change of an event.
_HEREDADA = re.compile(r'(?<=", ")\d{12}(?=", \d+\])')
_PASO = re.compile(r'(?<="paso": )\d+')
_AFILIADO = re.compile(r'(?<="afiliado_id": )\d+')
_DE_FILA = re.compile(r"^(\w+\.\w+) (\d+)(?=:)")
# Entities whose history names them by their keys.
_CON_CLAVE = {"devolucion": "conversiones.DevolucionPendiente", "vista": "comisiones.VistaGuardada"}
_CIFRADO = re.compile(r"gAAAA[\w=-]{20,}")
_NOMBRES = re.compile(
    r"(?P<id>\b[a-z]{1,12}[_-](?=\d{26}\b))\d{26}|(?P<huella>\b[0-9a-f]{64}\b)"
    r"|(?P<uuid>\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b)"
)
Filas = dict[str, dict[Any, dict[str, Any]]]


def comparar(lineas: Sequence[str], fichero: Path) -> None:
    """With what ought to be said."""
    dicho = "\n".join(lineas).strip() + "\n"
    if os.environ.get("ALPES_RELATOS") == "escribir":
        fichero.write_text(dicho)
    assert dicho.splitlines() == fichero.read_text().splitlines()


class Relato:
    """One story. ``con`` are tables that are left out unless a story is about them."""

    def __init__(self, reloj: time_machine.Traveller) -> None:
        self.lineas: list[str] = []
        self.tareas: list[tuple[str, tuple[Any, ...]]] = []
        self.con: set[str] = set()
        self._reloj = reloj
        self._nombres: dict[str, str] = {}
        self._cuantos: dict[str, int] = {}
        self._etiquetas: dict[str, dict[Any, str]] = {}
        self._antes: Filas = {}
        # Every word of what was no reading, since the tables were last read.
        self._escritas: set[str] = set()

    def oir(self, ejecutar: Callable[..., Any], sql: str, *resto: Any) -> Any:
        """Around each statement: a table that none of them names need not be read again."""
        if _ESCRIBE.match(sql):
            self._escritas.update(_NOMBRADAS.findall(sql))
        return ejecutar(sql, *resto)

    def empezar(self) -> None:
        """What was made until now is not told."""
        self._antes = self._leer({})
        self.tareas.clear()

    def paso(self, que: str, hacer: Callable[[], T], *, segundos: float = 60) -> T | None:
        """Do something a little later, and tell what it left; what refuses to be done is told too,
        with whatever it left, and gives None."""
        self._reloj.shift(segundos)
        self.lineas += ["", f"== {que}"]
        resultado: T | None = None
        with TestCase.captureOnCommitCallbacks(execute=True):
            try:
                resultado = hacer()
            except ErrorDominio as exc:
                self.lineas.append(self._limpio(f"   no: {type(exc).__name__}: {exc.mensaje}"))
        self._contar()
        self._devuelto(resultado)
        return resultado

    def acabar(self) -> None:
        """Tell what is not found by what it says, which the story itself leaves out."""
        for falta in como_las_filas():
            dicho = _DE_FILA.sub(lambda de: self._de(apps.get_model(de[1]), int(de[2])), falta)
            self.lineas.append(self._limpio(f"   no se encuentra: {dicho}"))

    def dice(self, que: str, valor: object) -> None:
        """Tell something that was read."""
        self.lineas.append(f"   {que}: {self._valor(valor)}")

    def _devuelto(self, resultado: object) -> None:
        """Tell of the rows that a service gives back what is not as it is in the database."""
        suyas = resultado if isinstance(resultado, list | tuple) else [resultado]
        for una in suyas:
            if not isinstance(una, Model):
                continue
            modelo = type(una)
            fila = modelo._base_manager.filter(pk=una.pk).values().first() or {}
            for campo in modelo._meta.concrete_fields:
                if campo.attname not in una.__dict__ or campo.attname not in fila:
                    continue
                dicho, hay = getattr(una, campo.attname), fila[campo.attname]
                if dicho != hay:
                    self.lineas.append(
                        f"   da {self._de(modelo, una.pk)}: {self._campo(modelo, campo, dicho)}"
                        f" y es {self._valor(hay, self._relacion(modelo, campo))}"
                    )

    def _contar(self) -> None:
        ahora = self._leer(self._antes)
        for etiqueta, filas in ahora.items():
            modelo = apps.get_model(etiqueta)
            antes = self._antes.get(etiqueta, {})
            for pk, fila in filas.items():
                if pk not in antes:
                    self.lineas += self._nueva(modelo, pk, fila)
                elif fila != antes[pk]:
                    self.lineas.append(self._cambiada(modelo, pk, antes[pk], fila))
            self.lineas += [f" - {self._de(modelo, pk)}" for pk in antes if pk not in filas]
        for tarea, claves in self.tareas:
            modelo = apps.get_model(_CLAVES[tarea])
            suyas = ", ".join(self._etiqueta(modelo, clave) for clave in claves)
            self.lineas.append(f" > {tarea} {suyas}".rstrip())
        self.tareas.clear()
        self._antes = ahora

    def _leer(self, sabidas: Filas) -> Filas:
        """Every table; one that nothing wrote since is as it was known."""
        filas: Filas = {}
        for app in _APPS:
            for modelo in apps.get_app_config(app).get_models():
                etiqueta = modelo._meta.label
                if modelo._meta.proxy or (etiqueta in _FUERA and etiqueta not in self.con):
                    continue
                if etiqueta in sabidas and modelo._meta.db_table not in self._escritas:
                    filas[etiqueta] = sabidas[etiqueta]
                    continue
                leidas = modelo._base_manager.order_by("pk").values()
                filas[etiqueta] = {fila[modelo._meta.pk.attname]: fila for fila in leidas}
                for pk, fila in filas[etiqueta].items():
                    self._etiqueta(modelo, pk, fila)
        self._escritas.clear()
        return filas

    def _nueva(self, modelo: type[Model], pk: Any, fila: dict[str, Any]) -> Iterator[str]:
        nombre = modelo.__name__
        if nombre == "OutboxEvent":
            sobre = json.loads(fila["payload"])
            assert (sobre["subject"], sobre["type"]) == (fila["aggregateid"], fila["type"])
            yield self._limpio(
                f" ! {fila['type']} de {fila['aggregateid']} v{fila['aggregate_version']}"
                f" {self._valor(sobre['data'])}"
            )
        elif nombre == "Historial":
            pasa = f"{fila['estado_anterior']}→{fila['estado_nuevo']}"
            quien = fila["entidad_id"]
            if con_clave := _CON_CLAVE.get(fila["entidad"]):
                quien = self._etiqueta(apps.get_model(con_clave), int(quien))
            yield self._limpio(
                f" · {fila['entidad']} {quien}: {fila['accion']}"
                f"{f' {pasa}' if len(pasa) > 1 else ''} por {fila['actor']}"
                f"{' «' + fila['motivo'] + '»' if fila['motivo'] else ''}"
                f"{' ' + self._valor(fila['datos']) if fila['datos'] else ''}"
            )
        else:
            dichos = [
                self._campo(modelo, campo, fila[campo.attname])
                for campo in modelo._meta.concrete_fields
                if not campo.primary_key
                and campo.attname != "id_publico"
                and not self._de_fabrica(campo, fila[campo.attname])
            ]
            yield f" + {self._de(modelo, pk)}: {', '.join(dichos)}"

    def _cambiada(
        self, modelo: type[Model], pk: Any, antes: dict[str, Any], fila: dict[str, Any]
    ) -> str:
        cambios = [
            f"{self._campo(modelo, campo, antes[campo.attname])} → "
            f"{self._valor(fila[campo.attname], self._relacion(modelo, campo))}"
            for campo in modelo._meta.concrete_fields
            if antes[campo.attname] != fila[campo.attname]
        ]
        return f" ~ {self._de(modelo, pk)}: {', '.join(cambios)}"

    def _campo(self, modelo: type[Model], campo: Field[Any, Any], valor: Any) -> str:
        return f"{campo.name}={self._valor(valor, self._relacion(modelo, campo))}"

    @staticmethod
    def _relacion(modelo: type[Model], campo: Field[Any, Any]) -> type[Model] | None:
        if campo.is_relation:
            otro: type[Model] = campo.related_model  # type: ignore[assignment]
            return otro
        clave = _CLAVES.get(f"{modelo._meta.label}.{campo.name}")
        return apps.get_model(clave) if clave else None

    @staticmethod
    def _de_fabrica(campo: Field[Any, Any], valor: Any) -> bool:
        """What nobody said: the value that a column has by itself."""
        if valor is None or valor == "":
            return True
        return bool(campo.has_default() and valor == campo.get_default())

    def _de(self, modelo: type[Model], pk: Any) -> str:
        return f"{modelo.__name__} {self._etiqueta(modelo, pk)}"

    def _etiqueta(self, modelo: type[Model], pk: Any, fila: dict[str, Any] | None = None) -> str:
        suyas = self._etiquetas.setdefault(modelo._meta.label, {})
        if not pk:
            return str(pk)
        if pk not in suyas:
            dicho = fila or {}
            if dicho.get("origen") in REGLAS_DEL_SISTEMA:
                # Made by a migration, or after a test that empties the tables.
                suyas[pk] = f"regla {dicho['origen']}"
            elif dicho.get("id_publico"):
                suyas[pk] = self._limpio(dicho["id_publico"])
            else:
                suyas[pk] = f"#{len(suyas) + 1}"
        return suyas[pk]

    def _valor(self, valor: Any, modelo: type[Model] | None = None) -> str:
        if valor is None:
            return "—"
        if modelo is not None:
            return self._etiqueta(modelo, valor)
        if isinstance(valor, Decimal):
            return f"{valor.normalize():f}"
        if isinstance(valor, datetime):
            return (
                "ahora" if valor == timezone.now() else f"{valor.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
            )
        if isinstance(valor, date):
            return valor.isoformat()
        if isinstance(valor, (dict, list, tuple)):
            return self._limpio(json.dumps(valor, ensure_ascii=False, sort_keys=True, default=str))
        return self._limpio(str(valor))

    def _limpio(self, texto: str) -> str:
        texto = _PASO.sub(lambda m: self._clave("comun.Historial", m), texto)
        texto = _AFILIADO.sub(lambda m: self._clave("afiliados.Afiliado", m), texto)
        texto = _HEREDADA.sub(lambda m: self._clave("comisiones.Regla", m), texto)
        return _NOMBRES.sub(self._nombre, _CIFRADO.sub("(cifrado)", texto))

    def _clave(self, modelo: str, hallada: re.Match[str]) -> str:
        return self._etiqueta(apps.get_model(modelo), int(hallada[0]))

    def _nombre(self, hallado: re.Match[str]) -> str:
        crudo = hallado[0]
        if crudo not in self._nombres:
            clase = (hallado["id"] or "").rstrip("_-") or ("h" if hallado["huella"] else "evento")
            self._cuantos[clase] = self._cuantos.get(clase, 0) + 1
            self._nombres[crudo] = f"{clase}.{self._cuantos[clase]}"
        return self._nombres[crudo]
