"""Whom and what a request names, as far as its key sees it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from afiliados.afiliado.selectors import afiliados_visibles
from afiliados.errores import AfiliadoDesconocido
from conversiones.ventas.models import Conversion
from conversiones.ventas.selectors import (
    Agenda,
    buscar_conversion,
    conversiones_visibles,
    exigir_afiliado,
    exigir_partes,
)
from tests import fabricas

pytestmark = pytest.mark.django_db


def credencial(afiliado: Any = None) -> Any:
    return SimpleNamespace(afiliado_id=afiliado and afiliado.pk)


@pytest.mark.parametrize("nombre", ["id_publico", "referencia_externa"])
def test_una_clave_de_otro_no_lo_ve(nombre: str) -> None:
    """By our id or by the partner's; the campaign comes with it."""
    suya = fabricas.afiliado(referencia_externa="r1")
    otra = fabricas.afiliado(referencia_externa="r2")
    en = fabricas.campana(referencia_externa="c1")
    fabricas.campana(predeterminada=True)
    referencia = getattr(suya, nombre)
    for clave in (credencial(), credencial(suya)):
        assert exigir_afiliado(f" {referencia} ", clave) == suya
        assert exigir_partes(afiliado=referencia, campana="c1", clave=clave) == (suya, en)
        agenda = Agenda(afiliados_visibles(clave), {f" {referencia} ", "nadie"}, {"c1"})
        assert agenda.afiliado(referencia) == suya
        assert (agenda.campana("c1"), agenda.campana(en.id_publico)) == (en, en)
        assert agenda.campana(None) not in (None, en)
    for clave, cual in ((credencial(otra), referencia), (credencial(), "nadie")):
        with pytest.raises(AfiliadoDesconocido) as fallo:
            exigir_afiliado(cual, clave, "vendedor")
        assert (fallo.value.campo, f"«{cual}»" in str(fallo.value)) == ("vendedor", True)
        with pytest.raises(AfiliadoDesconocido) as fallo:
            exigir_partes(afiliado=cual, campana="c1", clave=clave, campo_afiliado="quien")
        assert fallo.value.campo == "quien"
        with pytest.raises(AfiliadoDesconocido) as fallo:
            Agenda(afiliados_visibles(clave), {cual}, {"c1"}).afiliado(cual)
        assert fallo.value.campo == "afiliado_id"


def test_las_ventas_que_ve() -> None:
    """Its own, or all; named by our id, or by the partner's in its campaign."""
    una = fabricas.conversion(referencia_externa="p")
    otra = fabricas.conversion(referencia_externa="p")
    assert set(conversiones_visibles(credencial())) == {una, otra}
    assert list(conversiones_visibles(credencial(una.afiliado))) == [una]
    todas = Conversion.objects.all()
    assert buscar_conversion(" p ", una.campana, todas) == una
    assert buscar_conversion("p", otra.campana, todas) == otra
    assert buscar_conversion("p", None, todas) is None
    assert buscar_conversion("q", una.campana, todas) is None
    assert buscar_conversion(una.id_publico, otra.campana, todas) == una
    assert buscar_conversion(una.id_publico, None, todas.filter(pk=otra.pk)) is None
