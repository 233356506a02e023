"""A click that is named, by a shop or by a cookie, before its notebook is read."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from alpespartner.comun.identificadores import nuevo_id
from conversiones.clientes.candidatos import Nombrados
from conversiones.clientes.services import Identificado, NuevoCliente, identificar_cliente
from conversiones.rastreo.cuaderno import Cuaderno
from conversiones.rastreo.models import Clic, ClicsDelDia, Enlace
from conversiones.rastreo.recogida import recoger, traer
from tests import fabricas
from tests.conversiones.rastreo.visitante import Visitante
from tests.fabricas import PRUEBAS

pytestmark = pytest.mark.django_db


@pytest.fixture
def enlace() -> Enlace:
    en = fabricas.campana(
        predeterminada=True, pagina="https://tienda.example/", consentimiento=True
    )
    return fabricas.enlace(codigo="ana", en=en)


def identificar(enlace: Enlace, clic: str, quien: str = "compra-1") -> Identificado:
    return identificar_cliente(
        datos=NuevoCliente(
            campana=enlace.campana, cliente_ref=quien, nombrados=Nombrados(clic_id=clic)
        ),
        actor=PRUEBAS,
    )


def test_quien_se_registra_al_llegar(enlace: Enlace) -> None:
    """The file is still open; the click comes in once, and is counted once."""
    visitante = Visitante()
    clic, otro = visitante.ir("ana").clic, Visitante(ip="203.0.113.8").ir("ana").clic
    hecho = identificar(enlace, clic)
    assert hecho.cliente.afiliado == enlace.afiliado
    assert list(hecho.cliente.visitantes.values_list("visitante", flat=True)) == [clic]
    # Only what was asked for.
    assert [c.id_publico for c in Clic.objects.all()] == [clic]
    assert visitante.recoger() == 0
    assert ClicsDelDia.objects.get().clics == 1
    # By nobody's id nothing is found.
    for de_nadie in (nuevo_id("clic"), "clic_", f"clic_{'Z' * 26}", otro[:-1]):
        assert identificar(enlace, de_nadie, "compra-2").cliente.afiliado is None


def test_una_venta_que_lo_nombra_enseguida(enlace: Enlace) -> None:
    clic = Visitante().ir("ana").clic
    venta = fabricas.api().enviar(
        "/api/v1/conversiones", {"valor_conversion": "10", "clic_id": clic}
    ).json()  # fmt: skip
    assert venta["afiliado_id"] == enlace.afiliado.id_publico


def test_de_un_fichero_que_no_puede_tenerlo_no_se_lee_nada(
    enlace: Enlace, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The id says when the click was: what was begun later is of others."""
    with time_machine.travel(timezone.now() - timedelta(minutes=5), tick=False):
        viejo = nuevo_id("clic")
    Visitante().ir("ana")
    leidos = []
    leer = type(settings.CLICS_DIR).read_bytes
    monkeypatch.setattr(
        type(settings.CLICS_DIR), "read_bytes", lambda ruta: leidos.append(ruta) or leer(ruta)
    )
    traer(viejo)
    assert leidos == []
    traer(nuevo_id("clic"))
    assert len(leidos) == 1


@pytest.mark.parametrize("atrasado", [False, True])
def test_de_que_navegador_es_no_depende_de_que_fichero_se_lee_antes(
    enlace: Enlace, settings: Any, atrasado: bool
) -> None:
    """Three processes answer one browser, and the last hands over first; the clock may have been
    put back in between."""
    visitante, ahora = Visitante(), timezone.now()
    ids, cuadernos = [], []
    for vez in range(3):
        visitante.app.cuaderno = Cuaderno(settings.CLICS_DIR)
        cuadernos.append(visitante.app.cuaderno)
        salto = timedelta(seconds=-vez if atrasado else vez)
        with time_machine.travel(ahora + salto, tick=False):
            ids.append(visitante.ir("ana").clic)
    for cuaderno in reversed(cuadernos):
        cuaderno.entregar(ya=True)
        recoger()
    assert dict(Clic.objects.values_list("id_publico", "visitante")) == dict.fromkeys(ids, ids[0])
    assert ClicsDelDia.objects.get().clics == 3
