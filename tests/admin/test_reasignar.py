"""Saying in the admin that a sale, or a customer, is of another affiliate."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliados.afiliado.services import reactivar_afiliado, suspender_afiliado
from comisiones.comision.models import Comision
from conversiones.clientes.models import Cliente
from conversiones.ventas.models import Conversion
from conversiones.ventas.mudanza import mover_ventas
from conversiones.ventas.reasignacion import reasignar_conversion
from tests import fabricas
from tests.admin.conftest import cliente_de
from tests.fabricas import foto

pytestmark = pytest.mark.django_db


def _dos() -> tuple[Conversion, Any]:
    ada, beda = (fabricas.afiliado(nombre=n, email=f"{n}@example.com") for n in ("Ada", "Beda"))
    venta = fabricas.conversion(de=ada, cliente_ref="c-1")
    fabricas.calcular(venta)
    return venta, beda


def otra() -> Client:
    return cliente_de(User.objects.create_superuser("otra", "otra@ejemplo.co", "x"))


@pytest.mark.lento
def test_a_sale_is_seen_proposed_and_confirmed_on_its_page(admin: Client) -> None:
    venta, beda = _dos()
    pagina = reverse("admin:conversiones_conversion_change", args=[venta.pk])
    url = reverse("admin:conversiones_conversion_reasignar", args=[venta.pk])
    assert url in admin.get(pagina).content.decode()
    datos = {"afiliado": str(beda.pk), "motivo": "la trajo Beda"}
    antes = foto()
    vista = admin.post(url, datos)
    assert foto() == antes
    assert [(m["afiliado"], m["como"]) for m in vista.context["pierden"]] == [("Ada", "Pendiente")]
    assert [m["afiliado"] for m in vista.context["ganan"]] == ["Beda"]
    # What is sent without having been seen is shown again.
    assert "visto" in admin.post(url, {**datos, "visto": "x"}).context
    hecha = admin.post(url, {**datos, "visto": vista.context["visto"]})
    assert hecha.headers["Location"] == pagina
    assert Conversion.objects.get().afiliado.nombre == "Ada"
    propia = admin.get(pagina).content.decode()
    assert "lo confirma otra persona" in propia
    # While it waits nobody is led to a second one.
    assert url not in propia
    ajena = otra()
    texto = ajena.get(pagina).content.decode()
    confirmar = texto.split("/confirmar/")[0].rsplit('"', 1)[1] + "/confirmar/"
    assert ajena.post(confirmar, {"volver": "1"}).headers["Location"] == pagina
    assert Conversion.objects.get().afiliado == beda
    assert Comision.objects.get(viva=True).monto == Decimal(10)
    texto = admin.get(pagina).content.decode()
    assert "Se reasignó entre dos personas" in texto
    assert "Era suya y se reasignó" in texto
    assert "la trajo Beda" in texto


def test_what_the_page_refuses(admin: Client, de_rol: Any) -> None:
    venta, _beda = _dos()
    url = reverse("admin:conversiones_conversion_reasignar", args=[venta.pk])
    mal = admin.post(url, {"afiliado": str(venta.afiliado_id), "motivo": "m"})
    assert mal.context["form"].errors["afiliado"] == ["Ya es de ese afiliado: elige otro."]
    libre = fabricas.sin_atribuir()
    suya = reverse("admin:conversiones_conversion_reasignar", args=[libre.pk])
    assert admin.get(suya).status_code == 302
    assert de_rol("Tesorería").get(url).status_code == 403
    assert de_rol("Revisión").get(url).status_code == 200
    cliente = reverse("admin:conversiones_cliente_reasignar", args=[Cliente.objects.get().pk])
    assert de_rol("Consulta").get(cliente).status_code == 403


def test_a_customer(admin: Client) -> None:
    _venta, beda = _dos()
    cliente = Cliente.objects.get()
    pagina = reverse("admin:conversiones_cliente_change", args=[cliente.pk])
    url = reverse("admin:conversiones_cliente_reasignar", args=[cliente.pk])
    assert url in admin.get(pagina).content.decode()
    assert "Las que ya hizo siguen siendo de quien son" in admin.get(url).content.decode()
    hecha = admin.post(url, {"afiliado": str(beda.pk), "motivo": "era de Beda"})
    assert hecha.headers["Location"] == pagina, hecha.context["form"].errors
    assert "Las que ya hizo siguen siendo de quien son" in admin.get(pagina).content.decode()
    assert fabricas.confirmar_lo_propuesto() == 1
    cliente.refresh_from_db()
    assert cliente.afiliado == beda


def test_a_customer_with_its_sales(admin: Client) -> None:
    """Which would go is seen first; its page says which did not, and why."""
    venta, beda = _dos()
    cliente = Cliente.objects.get()
    pagina = reverse("admin:conversiones_cliente_change", args=[cliente.pk])
    url = reverse("admin:conversiones_cliente_reasignar", args=[cliente.pk])
    hoy = f"{timezone.now() - timedelta(days=1):%d/%m/%Y}"
    datos = {"afiliado": str(beda.pk), "motivo": "era de Beda", "ventas_desde": hoy}
    antes = foto()
    vista = admin.post(url, datos)
    assert foto() == antes
    assert vista.context["irian"] == [("Ventas", "1 · 100,00 USD"), ("Comisiones", "1 · 10,00 USD")]
    mala = admin.post(url, {**datos, "ventas_desde": "ayer"})
    assert "ventas_desde" in mala.context["form"].errors
    hecha = admin.post(url, {**datos, "visto": vista.context["visto"]})
    assert hecha.headers["Location"] == pagina
    assert "1 · 100,00 USD" in admin.get(pagina).content.decode()
    assert fabricas.confirmar_lo_propuesto() == 1
    assert "Sus ventas se están moviendo" in admin.get(pagina).content.decode()
    suspender_afiliado(afiliado=beda, actor=fabricas.ANA, motivo="m")
    mover_ventas(cliente_pk=cliente.pk)
    texto = admin.get(pagina).content.decode()
    assert reverse("admin:conversiones_conversion_change", args=[venta.pk]) in texto
    assert "Una venta no le siguió" in texto
    reactivar_afiliado(afiliado=beda, actor=fabricas.LUIS, motivo="m")
    reasignar_conversion(conversion=venta, afiliado=beda, motivo="m", actor=fabricas.LUIS)
    # Once it is whose it ought to be, there is nothing to tell.
    suya = reverse("admin:conversiones_conversion_change", args=[venta.pk])
    assert suya not in admin.get(pagina).content.decode()


def test_the_reviewer_sees_the_other_sale(admin: Client) -> None:
    ada, en = fabricas.afiliado(), fabricas.campana()
    una, copia = (
        fabricas.conversion(de=ada, en=en, cliente_ref="c-1", referencia_externa=r)
        for r in ("pedido-1", "pedido-2")
    )
    fabricas.calcular(una)
    dudosa = fabricas.calcular(copia)
    la_otra = reverse("admin:conversiones_conversion_change", args=[una.pk])
    for pagina in (
        reverse("admin:comisiones_comision_change", args=[dudosa.pk]),
        reverse("admin:conversiones_conversion_change", args=[copia.pk]),
    ):
        assert la_otra in admin.get(pagina).content.decode()
    suya = reverse("admin:comisiones_comision_change", args=[Comision.objects.first().pk])
    assert "enviada dos veces" not in admin.get(suya).content.decode()
