"""Races for a customer and for a sale that is nobody's, on real connections."""

from __future__ import annotations

import pytest

from comisiones.comision.models import Comision
from conversiones.clientes.models import Cliente
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ClienteAPI, a_la_vez

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("conocido", [False, True])
def test_two_affiliates_send_the_same_customer_at_once(conocido: bool) -> None:
    """One binding, whoever comes first, told as it is to all; and one commission for each sale."""
    en = fabricas.campana(predeterminada=True, pagina="https://tienda.example/")
    quienes = [fabricas.afiliado(nombre=n, email=f"{n}@example.com") for n in ("ana", "luis")]
    clics = [fabricas.clic(fabricas.enlace(de=q, en=en)).id_publico for q in quienes]
    clave = fabricas.clave()
    if conocido:
        # Nobody's yet: its row is there to be fought for.
        ClienteAPI(clave).enviar("/api/v1/clientes", {"cliente_ref": "c-1"})

    def identificar(clic: str) -> tuple[str, str]:
        respuesta = ClienteAPI(clave).enviar(
            "/api/v1/clientes", {"cliente_ref": "c-1", "clic_id": clic}
        )
        assert respuesta.status_code in (200, 201), respuesta.content
        return respuesta.status_code, respuesta.json()["afiliado_id"]

    def vender(clic: str) -> tuple[str, str]:
        respuesta = ClienteAPI(clave).enviar("/api/v1/conversiones", {
            "valor_conversion": "10", "cliente_ref": "c-1", "clic_id": clic,
        })  # fmt: skip
        assert respuesta.status_code == 201, respuesta.content
        return respuesta.status_code, respuesta.json()["afiliado_id"]

    dichos = a_la_vez(
        [lambda c=c, h=h: h(c) for c in clics for h in (identificar, vender)]  # type: ignore[misc]
    )
    cliente = Cliente.objects.get()
    assert cliente.afiliado in quienes
    assert {quien for _estado, quien in dichos} == {cliente.afiliado.id_publico}
    eventos = fabricas.eventos_de(cliente.id_publico)
    assert sorted(eventos) == ["ClienteRegistrado", "ClienteVinculado"]
    fabricas.entregar_todo()
    assert [c.afiliado for c in Comision.objects.all()] == [cliente.afiliado] * 2


def test_two_persons_assign_one_sale_at_once() -> None:
    """It is of one of them, with one commission."""
    fabricas.campana(predeterminada=True)
    venta = fabricas.sin_atribuir(en=fabricas.Campana.objects.get())
    quienes = [fabricas.afiliado(nombre=n, email=f"{n}@example.com") for n in ("ana", "luis")]
    clave = fabricas.clave()
    ruta = f"/api/v1/conversiones/{venta.id_publico}/asignar"
    respuestas = a_la_vez([
        lambda q=q: ClienteAPI(clave).enviar(ruta, {"afiliado_id": q.id_publico, "motivo": "m"})
        for q in quienes * 2
    ])  # fmt: skip
    assert sorted(r.status_code for r in respuestas) == [200, 409, 409, 409]
    fabricas.entregar_todo()
    suya = Conversion.objects.get()
    assert suya.afiliado in quienes
    assert [c.afiliado for c in Comision.objects.all()] == [suya.afiliado]
