"""What does not help somebody to a sale: making a browser click hundreds of times, or being named
while it may not earn yet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from conversiones.campanas.models import Campana
from conversiones.clientes import candidatos
from conversiones.rastreo import selectors
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db


def vender(en: Campana, **datos: Any) -> tuple[Afiliado | None, str]:
    venta = fabricas.sin_atribuir(en=en, **datos)
    return venta.afiliado, Conversion.objects.get(pk=venta.pk).atribucion.motivo


@pytest.mark.parametrize("modelo", ["primer_clic", "ultimo_clic"])
def test_quien_hace_muchos_clics_no_echa_al_primero(
    monkeypatch: pytest.MonkeyPatch, modelo: str
) -> None:
    """More than are looked at, of a browser that somebody else brought first; and, of what came
    before all of them, what no window reaches."""
    monkeypatch.setattr(selectors, "MAX_CLICS", 3)
    monkeypatch.setattr(candidatos, "MAX_CLICS", 3)
    en = fabricas.campana(pagina="https://tienda.example/", modelo_atribucion=modelo)
    ana, luis, larga, viejo = (fabricas.afiliado() for _quien in range(4))
    larga = actualizar_afiliado(afiliado=larga, cambios={"ventana_atribucion_dias": 60}, actor=ANA)
    ahora = timezone.now()

    def clic(de: Afiliado, momento: datetime, **datos: Any) -> str:
        return fabricas.clic(fabricas.enlace(de=de, en=en), momento=momento, **datos).id_publico

    navegador = clic(viejo, ahora - timedelta(days=31))
    clic(ana, ahora - timedelta(days=29), visitante=navegador)
    suyos = [
        clic(luis, ahora - timedelta(minutes=n), visitante=navegador) for n in (50, 40, 30, 20)
    ]
    fabricas.sin_atribuir(en=en, cliente_ref="c-1", clic_id=suyos[0], ocurrida_en=ahora)
    venta = Conversion.objects.get(cliente__cliente_ref="c-1")
    # The click that is named goes before those of its browser.
    assert venta.afiliado == luis
    gana = ana if modelo == "primer_clic" else luis
    otro = fabricas.sin_atribuir(en=en, cliente_ref="c-2", ocurrida_en=ahora - timedelta(days=40))
    assert otro.cliente is not None
    otro.cliente.visitantes.create(visitante=navegador)
    assert vender(en, cliente_ref="c-2", ocurrida_en=ahora) == (gana, "clic")
    # One that counts for longer was before her.
    clic(larga, ahora - timedelta(days=59), visitante=navegador)
    tercero = fabricas.sin_atribuir(en=en, cliente_ref="c-3")
    assert tercero.cliente is not None
    tercero.cliente.visitantes.create(visitante=navegador)
    gana = larga if modelo == "primer_clic" else luis
    assert vender(en, cliente_ref="c-3", ocurrida_en=ahora) == (gana, "clic")


def test_el_cupon_de_quien_aun_no_gana_no_va_delante_de_la_vinculacion() -> None:
    """A pending affiliate is taken when it is named, after the binding; its coupon is not."""
    en = fabricas.campana(cupon_reasigna=True)
    suyo, pendiente = fabricas.afiliado(), fabricas.afiliado(activo=False)
    fabricas.cupon("VERANO", de=pendiente)
    assert vender(en, cliente_ref="c-1", cupon="VERANO") == (None, "ninguno")
    fabricas.conversion(de=suyo, en=en, cliente_ref="c-1")
    venta = fabricas.conversion(de=pendiente, en=en, cliente_ref="c-1", cupon="VERANO")
    assert venta.afiliado == suyo
    assert [c["razon"] for c in venta.atribucion.candidatos] == [
        "no_activo", "elegido", "va_despues",
    ]  # fmt: skip
    # Of a customer of nobody it is taken, as it is when it is named alone.
    venta = fabricas.conversion(de=pendiente, en=en, cliente_ref="c-2", cupon="VERANO")
    assert (venta.afiliado, venta.atribucion.motivo) == (pendiente, "explicito")
