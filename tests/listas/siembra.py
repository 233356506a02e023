"""Many rows of everything that a list shows, in a believable shape, and their end."""

from __future__ import annotations

from io import StringIO
from typing import Any

from django.contrib import admin
from django.core.management import call_command
from django.db import connection, models
from django.db.models import ForeignObjectRel

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.listas import ListaCorta
from alpespartner.operacion.calco import Calco, Destino, Fila, crear_serie, llenar_serie
from alpespartner.operacion.masiva import Tamano, sembrar_masivo
from comisiones.libro.cadena import sellar_dias
from comisiones.models import Regla
from conversiones.campanas.models import Campana
from tests.conftest import REGLAS_DEL_SISTEMA

PROPIAS = {"afiliados", "conversiones", "comisiones", "outbox", "comun"}
# Of these there are as many as the programme has.
SIN_RELLENO = {"Afiliado", "Campana"}
# Of what each of these is part of there is one for each.
CON_SU = {
    "EntregaPendiente": "evento",
    "EnvioReporte": "reporte",
    "FilaSaltada": "fichero",
    "LineaEnMasa": "decision",
    "LineaSimulacion": "simulacion",
    "Liquidacion": "pago",
}


def modelos() -> list[type[models.Model]]:
    """Those that have a list of ours in the admin, and may have many rows."""
    return sorted(
        (
            modelo
            for modelo, pagina in admin.site._registry.items()
            if modelo._meta.app_label in PROPIAS and not isinstance(pagina, ListaCorta)
        ),
        key=lambda modelo: modelo._meta.label,
    )


def sembrar(ventas: int, minimo: int, programa: Any, poblar: Any, campanas: int) -> None:
    """A programme with its sales, and at least ``minimo`` rows in every list."""
    # Each has at most one account.
    tamano = Tamano(ventas, afiliados=minimo + 100, campanas=campanas)
    sembrar_masivo(tamano=tamano, semilla=1, avisar=lambda _avance: None)
    uno = programa()
    poblar(uno, 1)
    propios = list(
        Afiliado.objects.filter(referencia_externa__startswith="semilla-").order_by("pk")
    )[:minimo]
    crear_serie()
    llenar_serie(
        (n, a.pk, a.id_publico, uno.campana.pk, uno.campana.id_publico, n)
        for n, a in enumerate(propios)
    )
    for modelo in modelos():
        if modelo.__name__ not in SIN_RELLENO and modelo.objects.count() < minimo:
            _rellenar(modelo, minimo)
    # What was copied is found, too.
    call_command("reconstruir_busqueda", stdout=StringIO())
    # As the clock does: what the ledger adds up is what came after its last seal.
    sellar_dias()
    if connection.vendor == "mysql":
        with connection.cursor() as cursor:
            for tabla in connection.introspection.table_names(cursor):
                cursor.execute(f"ANALYZE TABLE {tabla}")


def _rellenar(modelo: type[models.Model], cuantas: int) -> None:
    ultima = modelo.objects.latest("pk")
    filas = [_fila(ultima)]
    if modelo.__name__ in CON_SU:
        filas.insert(0, _fila(getattr(ultima, CON_SU[modelo.__name__])))
    propias: dict[Any, str] = {}
    if modelo.__name__ in ("CuentaBancaria", "Inscripcion"):
        propias = {(Afiliado, filas[0].valores["afiliado_id"]): "afiliado"}
    Calco([fila.modelo for fila in filas]).copiar(filas, Destino(propias), 0, cuantas)


def _fila(objeto: models.Model) -> Fila:
    modelo = type(objeto)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM {modelo._meta.db_table} WHERE {modelo._meta.pk.column} = %s",
            [objeto.pk],
        )
        columnas = [c[0] for c in cursor.description]
        return Fila(modelo, dict(zip(columnas, cursor.fetchone(), strict=True)))


def una_campana() -> None:
    """Everything in one campaign: its table then looks like the best one to begin with."""
    queda, *sobran = Campana.objects.order_by("pk").values_list("pk", flat=True)
    with connection.cursor() as cursor:
        # Also those that the campaign has no name for.
        for relacion in Campana._meta.get_fields(include_hidden=True):
            if not isinstance(relacion, ForeignObjectRel) or relacion.many_to_many:
                continue
            tabla, columna = relacion.related_model._meta.db_table, relacion.field.column
            if relacion.related_model._meta.model_name == "politicaaprobacion":
                cursor.execute(f"DELETE FROM {tabla} WHERE {columna} <> %s", [queda])
            cursor.execute(f"UPDATE {tabla} SET {columna} = %s", [queda])
        cursor.execute(f"DELETE FROM conversiones_campana WHERE id <> {queda}")
        assert sobran
        if connection.vendor == "mysql":
            cursor.execute("ANALYZE TABLE conversiones_campana, conversiones_conversion")


def vaciar() -> None:
    """The database as the migrations leave it."""
    call_command("flush", verbosity=0, interactive=False)
    for origen, nombre in REGLAS_DEL_SISTEMA.items():
        Regla.objects.get_or_create(
            origen=origen, defaults={"nombre": nombre, "id_publico": f"regla_{origen}"}
        )
