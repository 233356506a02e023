"""A programme with sales of February and a report of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, User

from alpespartner.comun.actores import persona
from comisiones.comision.models import Comision
from comisiones.reportes.models import Reporte
from comisiones.reportes.services import guardar_reporte
from conversiones.ventas.devoluciones import Devolucion, devolver
from outbox.transportes.embebido import drenar
from tests import fabricas

FEBRERO = datetime(2026, 2, 10, 12, tzinfo=UTC)
COLUMNAS = ["conversiones", "valor", "devuelto", "comision_neta"]


@dataclass
class Mes:
    """What February had."""

    ana: User
    en: Any
    ventas: list[Comision]
    reloj: time_machine.Traveller

    def ir_a(self, texto: str) -> None:
        self.reloj.move_to(datetime.fromisoformat(texto).replace(tzinfo=UTC), tick=False)

    def devolver(self, cual: int, monto: str) -> None:
        conversion = self.ventas[cual].conversion
        conversion.refresh_from_db()
        datos = Devolucion(id_externo=f"d-{cual}-{monto}", monto=Decimal(monto))
        devolver(conversion=conversion, datos=datos, actor=fabricas.PRUEBAS)
        drenar()

    def reporte(self, **datos: Any) -> Reporte:
        pedido: dict[str, Any] = {
            "nombre": "El mes", "agrupar": "campana", "columnas": COLUMNAS, "periodo": "mes",
            "zona": "Europe/Madrid", "hora": 8, "programado": True, "destinatarios": [self.ana],
            "actor": persona(self.ana.pk),
        }  # fmt: skip
        return guardar_reporte(**{**pedido, **datos})


@pytest.fixture
def mes(db: None, settings: Any) -> Iterator[Mes]:
    settings.PAGOS_AUTOMATICOS = False
    with time_machine.travel(FEBRERO, tick=False) as reloj:
        ana = User.objects.create_user("ana", "ana@ejemplo.co", "x", is_staff=True)
        ana.groups.add(Group.objects.get(name="Revisión"))
        en = fabricas.campana(nombre="=Verano", zona="Europe/Madrid", inicia_en=FEBRERO)
        socia = fabricas.afiliado(nombre="Socia")
        ventas = [fabricas.comision(de=socia, en=en, valor=valor) for valor in ("100", "300")]
        drenar()
        reloj.move_to(datetime(2026, 2, 20, 12, tzinfo=UTC), tick=False)
        yield Mes(ana, en, ventas, reloj)
