"""What restricts a key, said and changed by the staff."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from afiliados.claves.models import ClaveAPI
from alpespartner.comun.models import Historial

pytestmark = pytest.mark.django_db


def test_en_el_panel(admin: Client) -> None:
    datos = {
        "nombre": "Tienda", "titular": "Tienda", "alcances": ["afiliados:leer"],
        "direcciones": "10.0.0.0/8", "aprueba_por_venta": "usd 500, COP 2000000",
    }  # fmt: skip
    anadir = reverse("admin:afiliados_claveapi_add")
    assert admin.post(anadir, {**datos, "aprueba_por_dia": "mucho"}).status_code == 200
    assert admin.post(anadir, {**datos, "direcciones": "x"}).status_code == 200
    assert not ClaveAPI.objects.exists()
    assert admin.post(anadir, datos).status_code == 200
    clave = ClaveAPI.objects.get()
    assert clave.aprueba_por_venta == "COP 2000000, USD 500"
    ficha = reverse("admin:afiliados_claveapi_change", args=[clave.pk])
    assert "COP 2000000, USD 500" in admin.get(ficha).content.decode()
    cambio = {"direcciones": "", "aprueba_por_venta": "USD 5", "alcances": ["pagos:leer"]}
    assert admin.post(ficha, cambio).status_code == 302
    clave.refresh_from_db()
    assert (clave.direcciones, clave.aprueba_por_venta) == ("", "USD 5")
    assert clave.alcances == ["afiliados:leer"]
    assert Historial.objects.filter(entidad="clave", accion="restringir").count() == 1
