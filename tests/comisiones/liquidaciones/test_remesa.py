"""The remittance of a payment: what it pays, for its affiliate only, and only once it is paid."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.liquidaciones.remesa import pdf_de
from comisiones.models import Pago
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db


@pytest.fixture
def pagado() -> Pago:
    """Ten of a commission less three of an adjustment, paid."""
    suya = fabricas.afiliado(nombre="Ñandú & <Hijas>")
    ajuste = crear_ajuste(
        afiliado=suya, tipo="clawback", monto=Decimal(-3), moneda="USD", motivo="m", actor=LUIS
    )
    aprobar_ajuste(ajuste=ajuste, actor=ANA)
    pago = fabricas.pago(de=suya, referencia_externa="pedido-77")
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    return pago


def test_dice_lo_que_paga(pagado: Pago, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each concept with its sign, the total, and the same bytes each time."""
    vistos: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "comisiones.liquidaciones.remesa.a_pdf", lambda _p, c: vistos.append(c) or b""
    )
    pdf_de(pagado)
    [contexto] = vistos
    assert contexto["importe"] == "7,00"
    comision, ajuste = contexto["lineas"]
    assert (comision["origen"], comision["importe"]) == ("pedido-77", "10,00")
    assert ajuste["importe"] == "-3,00"
    assert (contexto["mas"], contexto["devuelto"]) == (0, False)
    monkeypatch.undo()
    documento = pdf_de(pagado)
    assert documento.startswith(b"%PDF-")
    assert documento == pdf_de(pagado)


def test_lo_que_no_cabe_se_suma(pagado: Pago, monkeypatch: pytest.MonkeyPatch) -> None:
    """A document of a hundred thousand lines would keep a worker for minutes."""
    vistos: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "comisiones.liquidaciones.remesa.a_pdf", lambda _p, c: vistos.append(c) or b""
    )
    monkeypatch.setattr("comisiones.liquidaciones.remesa.LINEAS_POR_PARTE", 1)
    pdf_de(pagado)
    assert (vistos[0]["mas"], vistos[0]["suma_de_mas"], len(vistos[0]["lineas"])) == (1, "-3,00", 1)


def test_por_la_api(pagado: Pago) -> None:
    """Its own affiliate and the programme; to another one it does not exist."""
    ruta = f"/api/v1/pagos/{pagado.id_publico}"
    for api in (fabricas.api(), fabricas.api(["comisiones:leer"], de=pagado.afiliado)):
        assert api.get(ruta).json()["importe"] == "7.00"
        remesa = api.get(f"{ruta}/remesa")
        assert remesa["Content-Type"] == "application/pdf"
        assert remesa.content.startswith(b"%PDF-")
        assert [p["pago_id"] for p in api.get("/api/v1/pagos").json()["resultados"]] == [
            pagado.id_publico
        ]
    ajena = fabricas.api(["comisiones:leer"], de=fabricas.afiliado())
    assert ajena.get("/api/v1/pagos").json()["resultados"] == []
    for otra in (ruta, f"{ruta}/remesa"):
        fabricas.problema(ajena.get(otra), 404)


def test_antes_de_pagar_no_hay(client: Any, django_user_model: Any) -> None:
    """And the page says so instead of failing."""
    pago = fabricas.pago()
    fabricas.problema(
        fabricas.api().get(f"/api/v1/pagos/{pago.id_publico}/remesa"), 409, "sin_remesa"
    )
    client.force_login(django_user_model.objects.create_superuser("jefa"))
    url = reverse("admin:comisiones_pago_remesa", args=[pago.pk])
    assert client.get(url).status_code == 302
    ficha = reverse("admin:comisiones_pago_change", args=[pago.pk])
    assert url not in client.get(ficha).content.decode()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert url in client.get(ficha).content.decode()
    assert client.get(url).content.startswith(b"%PDF-")
    resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("devuelto"), actor=PRUEBAS)
    assert client.get(url).status_code == 200
