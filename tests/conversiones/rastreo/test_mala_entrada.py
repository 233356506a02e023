"""What nobody wants to get: codes of whoever is gone, a browser that never stops, a cookie of
another campaign, a clock that runs back."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.services import cerrar_afiliado, suspender_afiliado
from afiliados.personales.services import borrar_datos
from conversiones.campanas.services import actualizar_campana
from conversiones.clientes.candidatos import MAX_CANDIDATOS
from conversiones.rastreo.models import Clic
from conversiones.rastreo.selectors import MAX_CLICS, leer_clic
from conversiones.ventas.models import AtribucionVenta
from tests import fabricas
from tests.conversiones.rastreo.visitante import Visitante, clics
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _carpeta(settings: Any, tmp_path: Path) -> None:
    settings.CLICS_DIR = tmp_path


def _vender(**datos: Any) -> tuple[Any, list[tuple[Any, str]]]:
    dicha = fabricas.api().enviar("/api/v1/conversiones", {"valor_conversion": "10", **datos})
    assert dicha.status_code == 201, dicha.content
    venta = dicha.json()
    candidatos = venta["atribucion"]["candidatos"]
    return venta["afiliado_id"], [(c["afiliado_id"], c["razon"]) for c in candidatos]


@pytest.mark.parametrize("codigo", ["ana", "ANA", "%20Ana.", "«ana»,", "(aNa)!"])
def test_de_quien_se_borro(codigo: str) -> None:
    """However it is typed, its printed code still leads to the shop; it earns nothing, and its
    coupon is nobody's."""
    campana = fabricas.campana(predeterminada=True, pagina="https://tienda.example/")
    enlace = fabricas.enlace(en=campana, codigo="ana")
    fabricas.cupon("ANA10", de=enlace.afiliado)
    suya = enlace.afiliado
    suspender_afiliado(afiliado=suya, actor=ANA, motivo="m")
    suya = cerrar_afiliado(afiliado=suya, actor=ANA, motivo="m")
    borrar_datos(afiliado=suya, actor=ANA, motivo="m", confirmada_por=str(LUIS))
    yo = Visitante()
    fue = yo.ir(codigo.replace("%20", " "))
    assert (fue.estado, fue.destino.partition("?")[0]) == (302, "https://tienda.example/")
    assert yo.recoger() == 1
    [clic] = clics()
    assert clic.avisos == "afiliado_no_activo"
    assert _vender(clic_id=clic.id_publico, cupon="ana10") == (
        None, [(None, "desconocido"), (suya.id_publico, "no_activo")],
    )  # fmt: skip


@pytest.mark.lento
def test_un_navegador_que_no_para() -> None:
    """Of one address all are kept and one is unique; of a sale only so many are looked at, the
    newest, and so many told."""
    campana = fabricas.campana(predeterminada=True, pagina="https://tienda.example/")
    fabricas.enlace(en=campana, codigo="ana")
    yo = Visitante()
    for _vez in range(MAX_CLICS + 50):
        yo.ir("ana")
    assert yo.recoger() == MAX_CLICS + 50
    suyos = clics()
    assert sum(clic.unico for clic in suyos) == 1
    assert len({clic.visitante for clic in suyos}) == 1
    leido = leer_clic(suyos[0].id_publico, timezone.now())
    assert [c.pk for c in leido.suyos] == [
        c.pk for c in Clic.objects.order_by("-momento", "-pk")[:MAX_CLICS]
    ]
    quien, candidatos = _vender(clic_id=suyos[0].id_publico)
    assert quien == suyos[0].afiliado.id_publico
    assert len(candidatos) == len(AtribucionVenta.objects.get().candidatos) == MAX_CANDIDATOS


def test_una_cookie_de_otra_campana() -> None:
    """Its click says nothing in this one; what the same browser did here does, also where the first
    click counts, whose cookie another campaign's stays in."""
    aqui = fabricas.campana(predeterminada=True, pagina="https://tienda.example/")
    alla = fabricas.campana(pagina="https://otra.example/")
    actualizar_campana(campana=aqui, cambios={"modelo_atribucion": "primer_clic"}, actor=ANA)
    de_aqui = fabricas.enlace(en=aqui, codigo="aqui")
    fabricas.enlace(en=alla, codigo="alla")
    yo = Visitante()
    antes = yo.ir("alla").clic
    galleta = yo.cookie
    despues = yo.ir("aqui").clic
    assert yo.cookie == galleta
    yo.recoger()
    assert {c.visitante for c in clics()} == {antes}
    quien, candidatos = _vender(clic_id=antes)
    assert quien == de_aqui.afiliado.id_publico
    assert [razon for _quien, razon in candidatos] == ["otra_campana", "elegido"]
    assert _vender(clic_id=despues)[0] == de_aqui.afiliado.id_publico
    assert _vender(clic_id=antes, campana_id=alla.id_publico)[0] != de_aqui.afiliado.id_publico


def test_un_reloj_que_vuelve_atras() -> None:
    """A click that is earlier than the one before it is no other visit, has an id of its own, and
    counts for what occurred after it by the clock, not by the order in which they came."""
    campana = fabricas.campana(predeterminada=True, pagina="https://tienda.example/")
    quien = fabricas.enlace(en=campana, codigo="ana").afiliado.id_publico
    ahora = timezone.now()
    yo = Visitante()
    with time_machine.travel(ahora - timedelta(minutes=10), tick=False) as reloj:
        primero = yo.ir("ana").clic
        yo.recoger()
        reloj.move_to(ahora - timedelta(minutes=30))
        atras = yo.ir("ana").clic
        yo.recoger()
        reloj.move_to(ahora - timedelta(minutes=80))
        otra_hora = yo.ir("ana").clic
        yo.recoger()
    assert len({primero, atras, otra_hora}) == 3
    unicos = dict(Clic.objects.values_list("id_publico", "unico"))
    assert unicos == {primero: True, atras: False, otra_hora: True}
    entre = (ahora - timedelta(minutes=20)).isoformat()
    assert _vender(clic_id=atras, ocurrida_en=entre)[0] == quien
    # The one that came first had not been yet; the others of its browser had.
    assert _vender(clic_id=primero, ocurrida_en=entre) == (
        quien, [(quien, "clic_posterior"), (quien, "elegido"), (quien, "otro_clic")],
    )  # fmt: skip
