"""Automatic approval: off until a policy says so, and never what a person should look at."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.urls import reverse

from afiliados.afiliado.services import suspender_afiliado
from alpespartner.celery import app
from alpespartner.comun.actores import persona, sistema
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import confirmar_propuesta
from comisiones.calculo.services import calcular_manual
from comisiones.comision.models import Comision
from comisiones.libro.selectors import saldos
from comisiones.models import PoliticaAprobacion
from comisiones.motor import Terminos
from comisiones.revision.automatica import aprobar_por_politicas, publicar_politica, vigentes
from comisiones.revision.services import retener_comision
from conversiones.campanas.models import Campana
from tests import fabricas
from tests.fabricas import ANA, LUIS, hace

pytestmark = pytest.mark.django_db
D = Decimal
SISTEMA = sistema("aprobacion")


@pytest.fixture
def campana() -> Campana:
    return fabricas.campana(dias_retencion=10)


def politica(campana: Campana, hasta: str | None = "50") -> PoliticaAprobacion:
    return publicar_politica(
        campana=campana, hasta=hasta and D(hasta), motivo="Importes pequeños.", actor=ANA
    )


def madura(campana: Campana, valor: str = "100", **datos: Any) -> Comision:
    """A commission of 10 %, matured."""
    return fabricas.comision(en=campana, valor=valor, ocurrida_en=hace(days=11), **datos)


def aprobadas(**datos: Any) -> int:
    return aprobar_por_politicas(actor=SISTEMA, **datos)


def test_apagada_por_omision(campana: Campana) -> None:
    madura(campana)
    assert aprobadas() == 0


def test_aprueba_y_dice_por_que(campana: Campana) -> None:
    """Through the same service: owed, told, and with the policy in its history."""
    cual = politica(campana)
    suya = madura(campana)
    assert aprobadas() == 1
    suya.refresh_from_db()
    assert (suya.estado, suya.aprobada_por) == ("aprobada", "sistema:aprobacion")
    assert saldos(suya.afiliado) == {"USD": D(10)}
    assert "ComisionAprobada" in fabricas.eventos_de(suya.id_publico)
    ultimo = historial_de("comision", suya.id_publico).last()
    assert ultimo is not None
    assert cual.id_publico in ultimo.motivo
    assert "50.00 USD" in ultimo.motivo
    assert aprobadas() == 0


def test_lo_que_espera_a_una_persona(campana: Campana) -> None:
    """Not matured, over the amount, held, of somebody suspended, by hand, of another campaign."""
    politica(campana)
    fabricas.comision(en=campana)
    madura(campana, "500.10")
    retener_comision(comision=madura(campana), actor=LUIS, motivo="Se revisa.")
    suspendido = fabricas.afiliado()
    madura(campana, de=suspendido)
    suspender_afiliado(afiliado=suspendido, actor=ANA, motivo="Se investiga.")
    a_mano = fabricas.conversion(en=campana, ocurrida_en=hace(days=11))
    calcular_manual(conversion=a_mano, terminos=Terminos(monto_fijo=D(1)), actor=ANA)
    madura(campana, de=fabricas.afiliado_sin_tarifa())
    madura(fabricas.campana())
    assert aprobadas() == 0
    assert not Comision.objects.filter(estado="aprobada").exists()
    en_el_limite = madura(campana, "500")
    assert aprobadas() == 1
    assert Comision.objects.get(estado="aprobada") == en_el_limite


def test_la_ultima_politica_es_la_que_vale(campana: Campana) -> None:
    """Lower, then off: each is a row, so who allowed what is never lost."""
    politica(campana, "50")
    politica(campana, "5")
    madura(campana)
    assert aprobadas() == 0
    politica(campana, None)
    madura(campana, "10")
    assert aprobadas() == 0
    assert not vigentes().exists()
    politica(campana, "50")
    assert aprobadas() == 2
    assert [(p.numero, p.hasta, p.publicada_por) for p in campana.politicas.order_by("pk")] == [
        (1, 50, "persona:1"), (2, 5, "persona:1"), (3, None, "persona:1"), (4, 50, "persona:1"),
    ]  # fmt: skip


def test_retenida_mientras_se_barre(campana: Campana, monkeypatch: pytest.MonkeyPatch) -> None:
    """Held, or the policy withdrawn, after it was chosen: it stays with the person."""
    from comisiones.revision import automatica as services

    politica(campana)
    suyas = [madura(campana), madura(campana), madura(campana)]
    aprobar, cambios = services._aprobar, [
        lambda: retener_comision(comision=suyas[0], actor=LUIS, motivo="Se revisa."),
        lambda: None,
        lambda: politica(campana, None),
    ]  # fmt: skip

    def con_cambio(*args: Any) -> bool:
        cambios.pop(0)()
        return aprobar(*args)

    monkeypatch.setattr(services, "_aprobar", con_cambio)
    assert aprobadas() == 1
    estados = [Comision.objects.get(pk=s.pk).estado for s in suyas]
    assert estados == ["retenida", "aprobada", "pendiente"]


def test_de_pocas_en_pocas(campana: Campana) -> None:
    politica(campana)
    for _ in range(3):
        madura(campana)
    assert [aprobadas(limite=2), aprobadas(limite=2), aprobadas(limite=2)] == [2, 1, 0]


@pytest.mark.parametrize("hasta", ["0", "-1", "1.001"])
def test_importes_que_no_son(campana: Campana, hasta: str) -> None:
    with pytest.raises(DatoInvalido):
        politica(campana, hasta)


def test_la_tarea_esta_en_el_reloj(campana: Campana) -> None:
    """Both ways to run take their clock from the same schedule."""
    politica(campana)
    madura(campana)
    app.loader.import_default_modules()
    nombre = settings.CELERY_BEAT_SCHEDULE["aprobar-por-politica"]["task"]
    assert app.tasks[nombre]() == 1


def test_en_el_admin(admin_client: Any, client: Any, campana: Campana) -> None:
    """Published by who may; shown with its author; never changed."""
    url = reverse("admin:comisiones_politicaaprobacion_add")
    datos = {"campana": campana.pk, "hasta": "25.50", "motivo": "Prueba."}
    mala = admin_client.post(url, {**datos, "hasta": "25.555"})
    assert "hasta" in mala.context["adminform"].form.errors
    assert admin_client.post(url, datos).status_code == 302
    confirmar_propuesta(propuesta=Propuesta.objects.get(), actor=persona(999))
    suya = PoliticaAprobacion.objects.get()
    assert (suya.hasta, suya.moneda, suya.motivo) == (D("25.5"), "USD", "Prueba.")
    assert suya.publicada_por.startswith("persona:")
    ficha = reverse("admin:comisiones_politicaaprobacion_change", args=[suya.pk])
    assert "admin" in admin_client.get(ficha).content.decode()
    assert admin_client.post(ficha, datos).status_code == 403
    lista = admin_client.get(reverse("admin:comisiones_politicaaprobacion_changelist"))
    assert suya.id_publico in lista.content.decode()
