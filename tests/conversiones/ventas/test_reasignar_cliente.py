"""A customer that is of another affiliate, from then on."""

from __future__ import annotations

import pytest

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import bloquear_afiliado
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.propuestas.services import confirmar_propuesta
from conversiones.clientes.models import Cliente
from conversiones.invariantes import COMPROBACIONES
from conversiones.ventas.errores import AfiliadoNoAdmitido, SinVinculo, YaEsSuyo
from conversiones.ventas.mudanza import reasignar_cliente
from conversiones.ventas.propuestas import proponer_reasignacion_de_cliente
from outbox.invariantes import COMPROBACIONES as DE_EVENTOS
from tests import fabricas
from tests.fabricas import ANA, LUIS, a_la_vez


def _dos() -> list[Afiliado]:
    return [fabricas.afiliado(nombre=n, email=f"{n}@example.com") for n in ("ana", "luis")]


@pytest.mark.django_db
def test_its_next_sales_follow_and_the_others_stay() -> None:
    ana, luis = _dos()
    en = fabricas.campana()
    vieja = fabricas.conversion(de=ana, en=en, cliente_ref="c-1")
    cliente = Cliente.objects.get()
    dicho = {"cliente": cliente, "afiliado": luis, "motivo": "lo dijo la tienda"}
    propuesta = proponer_reasignacion_de_cliente(**dicho, actor=LUIS)
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=propuesta, actor=LUIS)
    assert fabricas.conversion(de=ana, en=en, cliente_ref="c-1", valor="5").afiliado == ana
    confirmar_propuesta(propuesta=propuesta, actor=ANA)
    cliente.refresh_from_db()
    assert (cliente.afiliado, cliente.vinculado_por) == (luis, "asignado")
    assert fabricas.conversion(de=ana, en=en, cliente_ref="c-1", valor="7").afiliado == luis
    vieja.refresh_from_db()
    assert vieja.afiliado == ana
    assert fabricas.eventos_de(cliente.id_publico)[-1] == "ClienteReasignado"
    fabricas.entregar_todo()
    for comprobacion in (*COMPROBACIONES, *DE_EVENTOS[:1]):
        assert list(comprobacion.filas()) == [], comprobacion.nombre


@pytest.mark.django_db
def test_what_is_refused() -> None:
    ana, luis = _dos()
    fabricas.conversion(de=ana, cliente_ref="c-1")
    fabricas.sin_atribuir(cliente_ref="c-2")
    bloqueado = bloquear_afiliado(
        afiliado=fabricas.afiliado(email="z@example.com"), actor=ANA, motivo="m"
    )
    suyo, libre = Cliente.objects.order_by("cliente_ref")
    for cliente, quien, error in (
        (suyo, ana, YaEsSuyo), (libre, luis, SinVinculo),
        (suyo, bloqueado, AfiliadoNoAdmitido),
    ):  # fmt: skip
        with pytest.raises(error):
            reasignar_cliente(cliente=cliente, afiliado=quien, motivo="m", actor=LUIS)


@pytest.mark.django_db(transaction=True)
def test_against_a_sale_of_its() -> None:
    """Before it or after it, and never half: the sale is of whoever the customer was of."""
    ana, luis = _dos()
    en = fabricas.campana()
    fabricas.conversion(de=ana, en=en, cliente_ref="c-1")
    cliente = Cliente.objects.get()
    _hecho, venta = a_la_vez(
        [
            lambda: reasignar_cliente(cliente=cliente, afiliado=luis, motivo="m", actor=LUIS),
            lambda: fabricas.conversion(de=ana, en=en, cliente_ref="c-1", valor="9"),
        ]
    )
    cliente.refresh_from_db()
    assert cliente.afiliado == luis
    assert venta.afiliado in (ana, luis)
    assert [f for c in COMPROBACIONES for f in c.filas()] == []
