"""Add pages that say, before anything is saved, what it would have changed in the last 90 days."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from alpespartner.comun.actores import persona
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.models import Pago, PoliticaAprobacion, RetencionFiscal
from comisiones.pagos.pago.efecto import Retenido, efecto_de_retencion
from comisiones.retenciones.services import hoy, publicar_retencion
from comisiones.revision.automatica import publicar_politica
from comisiones.revision.efecto import efecto_de_politica
from comisiones.revision.services import rechazar_comision, retener_comision
from conversiones.campanas.models import Campana
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal
EVA = persona(71)
POLITICA = "/admin/comisiones/politicaaprobacion/add/"
RETENCION = "/admin/comisiones/retencionfiscal/add/"


@pytest.fixture
def jefa() -> Client:
    cliente = Client()
    cliente.force_login(User.objects.create_superuser("jefa"))
    return cliente


def madura(en: Campana, valor: str, dias: int = 20) -> Comision:
    """One of a tenth of ``valor`` that matured ``dias`` ago."""
    return fabricas.comision(en=en, valor=valor, ocurrida_en=hace(days=dias))


def otra(porcentaje: int, **de_quien: Any) -> RetencionFiscal:
    """One that nobody published."""
    return RetencionFiscal(nombre="Renta", porcentaje=D(porcentaje), **de_quien)


def claves(miradas: Any) -> set[int]:
    return {m.pk for m in miradas}


def test_una_politica_dice_a_quien_habria_cambiado() -> None:
    en = fabricas.campana()
    de_diez, de_veinte, rechazada, retenida, de_cincuenta = (
        madura(en, v) for v in ("100", "200", "300", "250", "500")
    )
    madura(en, "110", dias=91)
    madura(fabricas.campana(), "100")
    rechazar_comision(comision=rechazada, actor=LUIS, motivo="m")
    retener_comision(comision=retenida, actor=LUIS, motivo="m")
    publicar_politica(campana=en, hasta=D(15), motivo="m", actor=ANA)
    mas = efecto_de_politica(campana=en, hasta=D(30), actor=EVA)
    assert (mas.miradas, mas.hay_mas) == (4, False)
    assert claves(mas.ahora) == {de_diez.pk}
    assert claves(mas.entran) == {de_veinte.pk, rechazada.pk}
    assert claves(mas.rechazadas) == {rechazada.pk}
    assert not mas.salen
    ninguna = efecto_de_politica(campana=en, hasta=None, actor=EVA)
    assert (claves(ninguna.salen), ninguna.con) == ({de_diez.pk}, [])
    todas = efecto_de_politica(campana=en, hasta=D(50), actor=EVA)
    assert de_cincuenta.pk in claves(todas.con)
    # Whoever priced them does not approve them by a policy of theirs either.
    de_quien_las_registro = efecto_de_politica(campana=en, hasta=D(50), actor=PRUEBAS)
    assert claves(de_quien_las_registro.con) == claves(todas.con)


def test_una_politica_mira_las_ultimas(
    monkeypatch: Any, django_assert_max_num_queries: Any
) -> None:
    monkeypatch.setattr("comisiones.revision.efecto.TOPE_PREVIA", 2)
    en = fabricas.campana()
    de = fabricas.afiliado()
    vieja, *_otras = (fabricas.comision(en=en, de=de, ocurrida_en=hace(days=20)) for _n in range(3))
    with django_assert_max_num_queries(6):
        efecto = efecto_de_politica(campana=en, hasta=D(30), actor=EVA)
    assert (efecto.miradas, efecto.hay_mas) == (2, True)
    assert vieja.pk not in claves(efecto.con)


def test_una_retencion_dice_lo_que_habria_quitado() -> None:
    de_nit = fabricas.afiliado(documento_tipo="NIT", documento_numero="800197268")
    exento = fabricas.afiliado(documento_tipo="NIT", documento_numero="899999068")
    publicar_retencion(
        nombre="Exento", porcentaje=D(0), desde=hoy(), motivo="m", actor=ANA, afiliado=exento
    )
    suyo, _ajeno = (fabricas.pago(de=quien, valor="1000") for quien in (de_nit, exento))
    otro = fabricas.pago(valor="1000")
    viejo = fabricas.pago(de=de_nit, valor="500")
    Pago.objects.filter(pk=viejo.pk).update(creado_en=hace(days=91))
    fabricas.aprobada(de=de_nit, valor="200")
    de_un_tipo = efecto_de_retencion(otra(10, documento_tipo="NIT"))
    assert [(p.pk, p.con) for p in de_un_tipo.cambiados] == [(suyo.pk, D(10))]
    assert de_un_tipo.miradas == 3
    assert de_un_tipo.pagados == {"USD": Retenido(D(300), D(0), D(10))}
    assert de_un_tipo.debido == {"USD": Retenido(D(20), D(0), D(2))}
    de_todos = efecto_de_retencion(otra(10))
    assert {p.pk for p in de_todos.cambiados} == {suyo.pk, otro.pk}
    de_uno = efecto_de_retencion(otra(10, afiliado=exento))
    assert (de_uno.miradas, [p.con for p in de_uno.cambiados]) == (1, [D(10)])


def test_una_que_baja_devuelve_lo_que_se_retuvo() -> None:
    """What was withheld then is what it compares with."""
    de = fabricas.afiliado()
    publicar_retencion(
        nombre="Renta", porcentaje=D(20), desde=hoy(), motivo="m", actor=ANA, afiliado=de
    )
    fabricas.pago(de=de, valor="1000")
    menos = efecto_de_retencion(otra(5, afiliado=de))
    assert menos.pagados == {"USD": Retenido(D(100), D(20), D(5))}


def test_la_pagina_de_una_politica_lo_muestra_y_no_guarda(jefa: Client) -> None:
    en = fabricas.campana()
    rechazada = madura(en, "300")
    rechazar_comision(comision=rechazada, actor=LUIS, motivo="m")
    antes = Historial.objects.count()
    datos = {"campana": en.pk, "hasta": "30", "motivo": ""}
    assert "Ver a quién cambia" in jefa.get(POLITICA).content.decode()
    # The reason is not asked for until it is saved.
    pagina = jefa.post(POLITICA, {**datos, "ver_efecto": "1"})
    dicho = pagina.content.decode()
    assert pagina.status_code == 200
    assert "alguien rechazó: 1 · 30,00 USD" in dicho
    assert f"/admin/comisiones/comision/{rechazada.pk}/change/" in dicho
    assert "Calcular otra vez" in dicho
    assert not PoliticaAprobacion.objects.exists()
    assert Historial.objects.count() == antes
    mal = jefa.post(POLITICA, {**datos, "hasta": "-1", "ver_efecto": "1"})
    assert "No es un importe válido en esa moneda." in mal.content.decode()


def test_la_pagina_de_una_retencion_lo_muestra_y_no_guarda(jefa: Client) -> None:
    pago = fabricas.pago(valor="1000")
    datos = {
        "porcentaje": "10", "desde": hoy().strftime("%d/%m/%Y"),
        "ver_efecto": "1",
    }  # fmt: skip
    dicho = jefa.post(RETENCION, datos).content.decode()
    assert "De lo pagado: 100,00 USD" in dicho
    assert f"/admin/comisiones/pago/{pago.pk}/change/" in dicho
    assert not RetencionFiscal.objects.exists()
    pasado = (hoy() - timedelta(days=1)).strftime("%d/%m/%Y")
    mal = jefa.post(RETENCION, {**datos, "desde": pasado}).content.decode()
    assert "Los pagos de ese día ya se hicieron." in mal
    assert "Con esta" not in mal
