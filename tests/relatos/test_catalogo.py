"""What is declared as data, told whole: checks, proposals, who gets each event, its pages."""

from __future__ import annotations

from dataclasses import make_dataclass, replace
from typing import Any

from django.contrib import admin

from alpespartner.comun.invariantes import comprobaciones
from alpespartner.comun.propuestas.tipos import TIPOS as PROPUESTAS
from alpespartner.comun.vocabulario import ENTIDADES
from outbox.consumo import CONSUMIDORES, registrar
from outbox.registro import TIPOS as EVENTOS
from outbox.registro import evento as evento_de
from outbox.transportes.pulsar.topicos import TOPICOS, topicos_de
from tests.relatos.hoja import Hoja

# Of a page of the staff, what is a list of names.
_DE_LISTA = (
    "list_display", "exporta", "list_filter", "search_fields", "ordering", "list_select_related",
    "fields", "readonly_fields", "fieldsets",
)  # fmt: skip
_DE_ACCION = ("nombre", "permiso", "motivo", "icono", "tono")


def _nombres(valor: Any) -> Any:
    if isinstance(valor, (list, tuple)):
        return [_nombres(v) for v in valor]
    if isinstance(valor, dict):
        return {clave: _nombres(v) for clave, v in valor.items()}
    return getattr(valor, "__name__", None) or str(valor)


def test_comprobaciones(hoja: Hoja) -> None:
    """What always holds; which only warn, and which take long."""
    for c in comprobaciones():
        hoja.dice(c.nombre, lambda c=c: [
            *["avisa"] * c.aviso, *["a petición"] * c.a_peticion
        ])  # fmt: skip


def test_paginas_de_eventos(hoja: Hoja) -> None:
    """What the pages of events show, export, filter, look for and let do."""
    for modelo, pagina in sorted(admin.site._registry.items(), key=lambda p: p[0]._meta.label):
        if modelo._meta.app_label != "outbox":
            continue
        for que in _DE_LISTA:
            hoja.dice(
                f"{modelo.__name__} {que}", lambda p=pagina, q=que: _nombres(getattr(p, q, None))
            )
        for accion in getattr(pagina, "acciones", ()):
            hoja.dice(
                f"{modelo.__name__} hace",
                lambda a=accion: [str(getattr(a, que)) for que in _DE_ACCION],
            )


def test_declarado(hoja: Hoja) -> None:
    """Proposals, events and who gets them."""
    for nombre, tipo in sorted(PROPUESTAS.items()):
        hoja.dice(f"propuesta {nombre}", lambda t=tipo: [
            str(t.titulo), t.entidad, t.campo, t.permiso, t.dura, t.modelo and t.modelo().__name__,
        ])  # fmt: skip
    for nombre, evento in sorted(EVENTOS.items()):
        hoja.dice(nombre, lambda e=evento: [
            e.contexto, e.sujeto, e.esquema,
            *sorted(c.nombre for c in CONSUMIDORES.values() if c.quiere(e.nombre)),
        ])  # fmt: skip
    for nombre, consumidor in sorted(CONSUMIDORES.items()):
        hoja.dice(f"consumidor {nombre}", lambda c=consumidor: [
            c.exclusivo, sorted(c.transportes), *(t.contexto for t in topicos_de(c)),
        ])  # fmt: skip
    suyo = CONSUMIDORES["auditoria"]
    hoja.dice("dos con un nombre", lambda: registrar(suyo))
    de_otros = replace(suyo, nombre="de otros", transportes=frozenset({"pulsar"}))
    hoja.dice("de otro transporte", lambda: registrar(de_otros).nombre in CONSUMIDORES)
    for contexto, sujeto, nombre in (
        ("otro", "x_id", "Nuevo"), ("marketing", "y", "Nuevo"),
        ("marketing", "x_id", "PagoEnviado"),
    ):  # fmt: skip
        clase = make_dataclass(nombre, ["x_id"])
        hoja.dice(
            f"{nombre} de {contexto} con {sujeto}",
            lambda c=contexto, s=sujeto, k=clase: evento_de(contexto=c, sujeto=s)(k),
        )
    for topico in TOPICOS:
        hoja.dice(topico.nombre, lambda t=topico: [t.particiones, t.dias])


def test_palabras_de_eventos(hoja: Hoja) -> None:
    """How the history calls what happens to events and webhooks."""
    for nombre in ("evento", "webhook"):
        suya = ENTIDADES[nombre]
        hoja.dice(f"{nombre} «{suya.nombre}»", lambda e=suya: [
            {que: str(dicho) for que, dicho in e.acciones.items()}, dict(e.tonos),
        ])  # fmt: skip
