"""Every state machine, and every set of states that something is decided by."""

from __future__ import annotations

from importlib import import_module

from alpespartner.comun.estados import Maquina
from tests.relatos.hoja import Hoja

MODULOS = (
    "afiliados.afiliado.estados", "comisiones.ajustes.estados", "comisiones.comision.estados",
    "comisiones.pagos.estados", "comisiones.revision.estados", "conversiones.ventas.estados",
    "conversiones.inscripciones.estados", "outbox.webhooks.estados",
)  # fmt: skip


def test_estados(hoja: Hoja) -> None:
    for nombre in MODULOS:
        for clave, valor in sorted(vars(import_module(nombre)).items()):
            if isinstance(valor, Maquina):
                hoja.dice(f"{nombre} {clave}", lambda v=valor: v.entidad)
                for origen, destinos in valor.pasos.items():
                    hoja.dice(f"   {origen}", lambda d=destinos: sorted(d))
            elif isinstance(valor, frozenset):
                hoja.dice(f"{nombre} {clave}", lambda v=valor: sorted(v))
