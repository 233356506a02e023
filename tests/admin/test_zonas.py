"""Pages that show days of a campaign, or instants that begin or end one, say of which zone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from alpespartner.comun.formato import fecha_y_hora, fecha_y_hora_en
from comisiones.admin.reglas.palabras import detalle
from comisiones.models import VersionRegla
from tests import fabricas

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
FIN = datetime(2027, 1, 1, 4, 59, tzinfo=UTC)


def test_una_fecha_en_otra_zona_la_nombra() -> None:
    assert fecha_y_hora_en(FIN, "America/Bogota") == "31/12/2026 23:59 (America/Bogota)"
    # In the reader's own it says no more; nor of a zone that is none.
    assert fecha_y_hora_en(FIN, "UTC") == fecha_y_hora(FIN) == "01/01/2027 04:59"
    assert fecha_y_hora_en(FIN, "no/hay") == fecha_y_hora_en(FIN, "") == fecha_y_hora(FIN)
    assert fecha_y_hora_en(datetime.max.replace(tzinfo=UTC), "Asia/Tokyo")


def test_una_campana_termina_en_su_zona() -> None:
    en = fabricas.campana(zona="America/Bogota", termina_en=FIN)
    cliente = Client()
    cliente.force_login(User.objects.create_superuser("jefa"))
    direccion = f"/admin/conversiones/campana/{en.pk}/change/"
    pagina = cliente.get(direccion).content.decode()
    assert "31/12/2026 23:59 (America/Bogota)" in pagina
    formulario = cliente.get(f"{direccion}?editar=1").content.decode()
    assert formulario.count("Hora de UTC, aunque los días de la campaña sean de otra zona.") == 2


def test_los_periodos_de_una_regla_dicen_su_zona() -> None:
    def lineas(**condiciones: str) -> str:
        version = VersionRegla(tipo="porcentual", condiciones=condiciones, moneda="USD")
        return " · ".join(detalle(version))

    assert "Zona horaria: UTC" in lineas(periodo="mes")
    assert lineas(periodo="mes", zona_horaria="America/Bogota").count("Zona horaria") == 1
    assert "Zona horaria" not in lineas(minimo="1")
