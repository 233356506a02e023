"""Erasing a customer: its sales stay, and say nothing of who bought."""

from __future__ import annotations

import pytest

from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.historial import historial_de
from alpespartner.comun.propuestas.services import confirmar_propuesta
from conversiones.clientes.borrado import solo_importes
from conversiones.clientes.errores import ClienteBorrado
from conversiones.clientes.models import Cliente, VisitanteDeCliente
from conversiones.clientes.propuestas import proponer_borrado
from conversiones.clientes.selectors import ids_de_clientes
from conversiones.rastreo.models import Clic
from tests import fabricas
from tests.fabricas import ANA, LUIS


@pytest.mark.django_db
def test_borrar() -> None:
    """The digest, its browsers and what the shop attached, but for amounts; named again it is
    another one."""
    en = fabricas.campana(predeterminada=True, pagina="https://tienda.example/")
    clic = fabricas.clic(fabricas.enlace(en=en), ip_riesgo="r" * 16, agente="a" * 16, sub1="s")
    venta = fabricas.sin_atribuir(
        en=en, cliente_ref="maria-perez", clic_id=clic.id_publico, email_cliente="m@example.com",
        metadatos={"envio": "5", "nota": "María Pérez"},
    )  # fmt: skip
    suyo = Cliente.objects.get()
    assert suyo.correo_huella
    assert suyo.afiliado is not None
    propuesta = proponer_borrado(cliente=suyo, actor=ANA, motivo="Lo pide maria-perez")
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=propuesta, actor=ANA)
    confirmar_propuesta(propuesta=propuesta, actor=LUIS)
    suyo.refresh_from_db()
    assert (suyo.cliente_ref, suyo.correo_huella) == (suyo.id_publico, "")
    assert suyo.afiliado == clic.afiliado
    assert not VisitanteDeCliente.objects.exists()
    dejado = Clic.objects.get()
    assert (dejado.ip_riesgo, dejado.agente, dejado.sub1, dejado.visitante) == ("",) * 4
    venta.refresh_from_db()
    assert (venta.cliente, venta.metadatos) == (suyo, {"envio": "5"})
    assert ids_de_clientes("maria") == []
    hecho = historial_de("cliente", suyo.id_publico).last()
    assert hecho is not None
    assert (hecho.accion, hecho.motivo) == ("borrar_datos", "Lo pide …")
    assert fabricas.eventos_de(suyo.id_publico)[-1] == "ClienteBorrado"
    with pytest.raises(ClienteBorrado):
        proponer_borrado(cliente=suyo, actor=ANA, motivo="m")
    otra = fabricas.sin_atribuir(en=en, cliente_ref="maria-perez")
    assert otra.cliente != suyo


def test_solo_importes() -> None:
    """What a sale may be priced by."""
    assert solo_importes({"envio": "5.00", "n": 3, "quien": "Ana", "d": {"a": "1"}, "b": True}) == {
        "envio": "5.00", "n": 3,
    }  # fmt: skip
    assert solo_importes([1]) == {}
