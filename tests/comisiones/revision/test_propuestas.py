"""A policy that approves more than the present one takes a second person."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from alpespartner.comun.errores import CuatroOjos, DatoInvalido
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.errores import ObjetoCambiado
from alpespartner.comun.propuestas.services import confirmar_propuesta
from alpespartner.comun.propuestas.tipos import TIPOS
from comisiones.models import PoliticaAprobacion
from comisiones.revision.automatica import publicar_politica
from comisiones.revision.propuestas import proponer_politica
from conversiones.campanas.models import Campana
from tests import fabricas
from tests.fabricas import ANA, LUIS, hace

pytestmark = pytest.mark.django_db
D = Decimal


def pedir(campana: Campana, hasta: str | None) -> PoliticaAprobacion | Propuesta:
    return proponer_politica(
        campana=campana, hasta=hasta and D(hasta), motivo="Pequeños", actor=ANA
    )


def test_la_que_empieza_a_aprobar_espera_a_otra_persona() -> None:
    campana = fabricas.campana()
    fabricas.comision(en=campana, valor="100", ocurrida_en=hace(days=1))
    fabricas.comision(en=campana, valor="100.10", ocurrida_en=hace(days=1))
    p = pedir(campana, "10.00")
    assert isinstance(p, Propuesta)
    assert not PoliticaAprobacion.objects.exists()
    # One of the two is within the amount: 10.00, and 10.01 is not.
    lineas = dict(TIPOS[p.tipo].lineas(p))
    assert str(lineas["Aprobaría ya"]).startswith("1 · 10")
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=p, actor=ANA)
    assert not PoliticaAprobacion.objects.exists()
    confirmar_propuesta(propuesta=p, actor=LUIS)
    politica = PoliticaAprobacion.objects.get()
    assert (politica.hasta, politica.publicada_por) == (D(10), str(ANA))


def test_la_que_aprueba_menos_no_espera() -> None:
    campana = fabricas.campana()
    publicar_politica(campana=campana, hasta=D(50), motivo="m", actor=ANA)
    for hasta, espera in (
        ("50", False),
        ("49.99", False),
        ("50", True),
        (None, False),
        ("1", True),
    ):
        assert isinstance(pedir(campana, hasta), Propuesta) is espera, hasta
        Propuesta.objects.update(viva=None)
    assert list(PoliticaAprobacion.objects.order_by("numero").values_list("hasta", flat=True)) == [
        D(50), D(50), D("49.99"), None,
    ]  # fmt: skip


def test_si_la_vigente_cambio_no_se_publica() -> None:
    campana = fabricas.campana()
    p = pedir(campana, "10")
    assert isinstance(p, Propuesta)
    publicar_politica(campana=campana, hasta=D(5), motivo="m", actor=LUIS)
    with pytest.raises(ObjetoCambiado):
        confirmar_propuesta(propuesta=p, actor=LUIS)
    assert PoliticaAprobacion.objects.get().hasta == D(5)


def test_lo_que_no_vale_se_dice_al_pedirlo() -> None:
    for hasta in ("0", "-1", "10.001"):
        with pytest.raises(DatoInvalido):
            pedir(fabricas.campana(), hasta)
    assert not Propuesta.objects.exists()


def test_en_el_panel_la_ficha_lleva_a_la_propuesta_y_una_sola_vez(admin_client) -> None:
    url = reverse("admin:comisiones_politicaaprobacion_add")
    datos = {
        "campana": fabricas.campana().pk, "hasta": "10", "motivo": "m", "ficha_de_un_uso": "una",
    }  # fmt: skip
    respuestas = [admin_client.post(url, datos) for _n in range(2)]
    p = Propuesta.objects.get()
    ficha = reverse("admin:comun_propuesta_change", args=[p.pk])
    assert [r.url for r in respuestas] == [ficha, ficha]
    assert not PoliticaAprobacion.objects.exists()
    pagina = admin_client.get(ficha).content.decode()
    assert "lo confirma otra persona" in pagina
    assert "Se aprueban solas hasta" in pagina
