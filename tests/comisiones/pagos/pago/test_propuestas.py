"""That a payment did not arrive, said by one person, frees nothing until another confirms it."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from alpespartner.comun.errores import CuatroOjos, FaltaMotivo
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.errores import ObjetoCambiado, YaPropuesto
from alpespartner.comun.propuestas.services import confirmar_propuesta, descartar_propuesta
from alpespartner.comun.propuestas.tipos import TIPOS
from comisiones.comision.models import Comision
from comisiones.models import Pago
from comisiones.pagos.errores import PagoCambiado, PagoNoIncierto, PasarelaResponde
from comisiones.pagos.pago import propuestas
from comisiones.pagos.pago.propuestas import proponer_no_pagado
from comisiones.pagos.pago.resolucion import decidir_pago, resolver_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from tests import fabricas
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.comisiones.pagos.sepa import NUESTRA, emitido
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sepa(settings: Any) -> None:
    settings.SEPA_IBAN = NUESTRA
    settings.PAGOS_AUTOMATICOS = False


def en_el_banco() -> Pago:
    """A payment of 10 euros whose file the bank has."""
    return emitido(1).pagos.get()


def estados(pago: Pago) -> tuple[str, list[str]]:
    pago.refresh_from_db()
    suyas = Comision.objects.filter(items_pago__pago=pago).order_by("pk")
    return pago.estado, list(suyas.values_list("estado", flat=True))


def test_hace_falta_otra_persona() -> None:
    pago = en_el_banco()
    p = proponer_no_pagado(pago=pago, actor=ANA, motivo="No aparece")
    assert estados(pago) == ("enviando", ["programada"])
    lineas = dict(TIPOS[p.tipo].lineas(p))
    assert str(lineas["Se podrá pagar otra vez"]).startswith("1 · 10")
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=p, actor=ANA)
    assert estados(pago) == ("enviando", ["programada"])
    confirmar_propuesta(propuesta=p, actor=OTRA)
    assert estados(pago) == ("fallido", ["aprobada"])
    assert pago.detalle == "No aparece"


def test_descartada_no_libera_nada_y_se_puede_decir_otra_vez() -> None:
    pago = en_el_banco()
    with pytest.raises(FaltaMotivo):
        proponer_no_pagado(pago=pago, actor=ANA, motivo="")
    p = proponer_no_pagado(pago=pago, actor=ANA, motivo="No aparece")
    with pytest.raises(YaPropuesto):
        proponer_no_pagado(pago=pago, actor=LUIS, motivo="Yo tampoco lo veo")
    descartar_propuesta(propuesta=p, actor=OTRA, motivo="Está el día 3")
    assert estados(pago) == ("enviando", ["programada"])
    proponer_no_pagado(pago=pago, actor=LUIS, motivo="Era otro")


def test_si_llego_mientras_tanto_no_se_libera() -> None:
    """The gateway is no longer asked: what was heard of it is what counts."""
    pago = en_el_banco()
    p = proponer_no_pagado(pago=pago, actor=ANA, motivo="No aparece")
    resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("pagado", "B-1"), actor=PRUEBAS)
    antes = fabricas.foto()
    with pytest.raises(PagoNoIncierto):
        confirmar_propuesta(propuesta=p, actor=OTRA)
    assert estados(pago) == ("pagado", ["pagada"])
    assert fabricas.foto() == antes
    descartar_propuesta(propuesta=p, actor=OTRA, motivo="Llegó")
    assert estados(pago) == ("pagado", ["pagada"])


def test_si_llega_justo_al_confirmar_tampoco(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the question and the lock."""
    pago = en_el_banco()
    p = proponer_no_pagado(pago=pago, actor=ANA, motivo="No aparece")
    preguntar = propuestas.preguntar_antes

    def llega(**datos: Any) -> int:
        version = preguntar(**datos)
        resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("pagado", "B-1"), actor=PRUEBAS)
        return version

    monkeypatch.setattr(propuestas, "preguntar_antes", llega)
    with pytest.raises(ObjetoCambiado):
        confirmar_propuesta(propuesta=p, actor=OTRA)
    assert estados(pago) == ("pagado", ["pagada"])


def test_si_se_reenvio_entre_la_pregunta_y_el_cerrojo_tampoco() -> None:
    pago = en_el_banco()
    pregunta = propuestas.preguntar_antes(pago=pago, actor=ANA)
    Pago.objects.filter(pk=pago.pk).update(version=pago.version + 1)
    with pytest.raises(PagoCambiado):
        decidir_pago(pago=pago, pagado=False, actor=ANA, motivo="m", preguntado=pregunta)
    assert estados(pago) == ("enviando", ["programada"])


def test_la_pasarela_se_pregunta_otra_vez_al_confirmar(settings: Any) -> None:
    settings.PAGOS_PASARELA = "tests.comisiones.pagos.pasarelas.pruebas.PasarelaDePruebas"
    PasarelaDePruebas.reiniciar()
    pago = fabricas.pago()
    orden = fabricas.reclamado(pago)
    resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("incierto"), actor=PRUEBAS)
    p = proponer_no_pagado(pago=pago, actor=ANA, motivo="No lo veo")
    # It was late, and now the gateway knows it.
    PasarelaDePruebas().enviar(orden)
    with pytest.raises(PasarelaResponde):
        confirmar_propuesta(propuesta=p, actor=OTRA)
    assert estados(pago) == ("pagado", ["pagada"])


def test_que_se_pago_lo_dice_una_sola() -> None:
    pago = en_el_banco()
    decidir_pago(pago=pago, pagado=True, actor=ANA, motivo="Está el día 3")
    assert estados(pago) == ("pagado", ["pagada"])


def test_la_pagina_del_lote_lo_dice(client: Any, django_user_model: Any) -> None:
    pago = en_el_banco()
    client.force_login(django_user_model.objects.create_superuser("jefa"))
    url = reverse("admin:comisiones_pago_accion", args=[pago.pk, "descartar"])
    ficha = reverse("admin:comisiones_pago_change", args=[pago.pk])
    assert "Se podrá pagar otra vez" in client.get(ficha).content.decode()
    client.post(url, {"motivo": "No aparece en el extracto"})
    p = Propuesta.objects.get()
    assert estados(pago) == ("enviando", ["programada"])
    for pagina in ("comisiones_lotepago_change", "comisiones_pago_change"):
        de = pago.lote_id if "lote" in pagina else pago.pk
        texto = client.get(reverse(f"admin:{pagina}", args=[de])).content.decode()
        assert "No aparece en el extracto" in texto
        assert reverse("admin:comun_propuesta_change", args=[p.pk]) in texto
        assert url not in texto
