"""A statement that gives money back is prepared by one person and applied when another confirms."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import confirmar_propuesta, descartar_propuesta
from alpespartner.comun.propuestas.tipos import TIPOS
from comisiones.models import ExtractoBanco, Pago
from comisiones.pagos.conciliacion.extractos import aplicar_extracto, barrer_extractos
from comisiones.pagos.conciliacion.importacion import importar_extracto, proponer_extracto
from comisiones.pagos.errores import ExtractoNoEspera, ExtractoRepetido
from comisiones.pagos.invariantes import COMPROBACIONES
from tests import fabricas
from tests.comisiones.pagos.sepa import DEVUELTA, NUESTRA, camt, emitido, linea, resultados
from tests.fabricas import ANA, OTRA

pytestmark = pytest.mark.django_db
OTRO_BANCO = "ES9121000418450200051332"


@pytest.fixture(autouse=True)
def _sepa(settings: Any) -> None:
    settings.SEPA_IBAN = NUESTRA
    settings.PAGOS_AUTOMATICOS = False


def traer(*lineas: str, **datos: Any) -> ExtractoBanco:
    return importar_extracto(contenido=camt(*lineas, **datos), nombre="e.xml", actor=ANA)


def vuelta(pago: Pago) -> str:
    return linea(pago.id_publico, f"{pago.importe:.2f}", sentido="CRDT", extra=DEVUELTA)


def salida(pago: Pago) -> str:
    return linea(pago.id_publico, f"{pago.importe:.2f}")


def estado(pago: Pago) -> str:
    pago.refresh_from_db()
    return pago.estado


def test_el_que_devuelve_espera_y_nada_lo_aplica() -> None:
    uno, otro = emitido().pagos.order_by("pk")
    extracto = traer(salida(uno), vuelta(otro))
    p = Propuesta.objects.get()
    for _vez in range(2):
        aplicar_extracto(extracto_pk=extracto.pk)
        barrer_extractos(antes_de=timezone.now())
    assert resultados(extracto) == []
    assert (estado(uno), estado(otro)) == ("enviando", "enviando")
    assert not [fila for c in COMPROBACIONES for fila in c.filas()]
    lineas = dict(TIPOS[p.tipo].lineas(p))
    assert str(lineas["Devuelve"]).startswith("1 · 11")
    assert otro.id_publico in str(lineas["Se podrán pagar otra vez"])
    assert uno.id_publico not in str(lineas["Se podrán pagar otra vez"])
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=p, actor=ANA)
    aplicar_extracto(extracto_pk=extracto.pk)
    assert resultados(extracto) == []
    confirmar_propuesta(propuesta=p, actor=OTRA)
    aplicar_extracto(extracto_pk=extracto.pk)
    assert resultados(extracto) == ["aplicada", "aplicada"]
    assert (estado(uno), estado(otro)) == ("pagado", "fallido")
    # Who imported it said so: that person releases no batch that pays it again.
    pasos = historial_de("pago", otro.id_publico)
    assert pasos.get(accion="fallar").actor == str(ANA)
    assert list(historial_de("extracto", extracto.id_publico).values_list("accion", flat=True)) == [
        "importar",
        "proponer",
        "confirmar_propuesta",
    ]


@pytest.mark.parametrize("caso", ["salen", "de_otra_cuenta", "sin_contabilizar", "ajena"])
def test_el_que_no_devuelve_nada_nuestro_no_espera(caso: str) -> None:
    pago = emitido(1).pagos.get()
    importe = f"{pago.importe:.2f}"
    lineas = {
        "salen": [salida(pago)],
        "de_otra_cuenta": [salida(pago)],
        "sin_contabilizar": [
            linea(pago.id_publico, importe, sentido="CRDT", estado="PDNG"), salida(pago)
        ],
        "ajena": [linea("FACTURA-7", importe, sentido="CRDT"), salida(pago)],
    }[caso]  # fmt: skip
    extracto = traer(*lineas)
    assert not Propuesta.objects.exists()
    aplicar_extracto(extracto_pk=extracto.pk)
    assert len(resultados(extracto)) == len(lineas)
    assert estado(pago) == "pagado"


def test_las_referencias_con_guion_tambien_devuelven() -> None:
    """Banks that take no low line give our reference back with a hyphen."""
    pago = emitido(1).pagos.get()
    importe = f"{pago.importe:.2f}"
    extracto = traer(linea(pago.id_publico.replace("_", "-"), importe, sentido="CRDT"))
    aplicar_extracto(extracto_pk=extracto.pk)
    assert (Propuesta.objects.count(), estado(pago)) == (1, "enviando")


def test_descartado_espera_hasta_que_alguien_lo_proponga_otra_vez() -> None:
    pago = emitido(1).pagos.get()
    extracto = traer(vuelta(pago))
    descartar_propuesta(propuesta=Propuesta.objects.get(), actor=OTRA, motivo="No es del banco")
    aplicar_extracto(extracto_pk=extracto.pk)
    assert (resultados(extracto), estado(pago)) == ([], "enviando")
    with pytest.raises(ExtractoRepetido):
        traer(vuelta(pago))
    proponer_extracto(extracto=extracto, actor=OTRA, motivo="Sí lo es")
    p = Propuesta.objects.get(estado="por_confirmar")
    confirmar_propuesta(propuesta=p, actor=ANA)
    aplicar_extracto(extracto_pk=extracto.pk)
    assert estado(pago) == "fallido"
    antes = fabricas.foto()
    with pytest.raises(ExtractoNoEspera):
        proponer_extracto(extracto=extracto, actor=OTRA, motivo="m")
    assert fabricas.foto() == antes


def test_la_pagina_lo_dice(client: Any, django_user_model: Any) -> None:
    pago = emitido(1).pagos.get()
    extracto = traer(vuelta(pago))
    client.force_login(django_user_model.objects.create_superuser("jefa", id=500))
    ficha = reverse("admin:comisiones_extractobanco_change", args=[extracto.pk])
    pagina = client.get(ficha).content.decode()
    p = Propuesta.objects.get()
    assert reverse("admin:comun_propuesta_accion", args=[p.pk, "confirmar"]) in pagina
    assert pago.id_publico in pagina
    proponer = reverse("admin:comisiones_extractobanco_accion", args=[extracto.pk, "proponer"])
    assert proponer not in pagina
    lista = client.get(reverse("admin:comisiones_extractobanco_changelist")).content.decode()
    assert "Por confirmar" in lista
    client.post(reverse("admin:comun_propuesta_accion", args=[p.pk, "descartar"]), {"motivo": "No"})
    assert proponer in client.get(ficha).content.decode()
    client.post(proponer, {"motivo": "Sí"})
    assert Propuesta.objects.filter(estado="por_confirmar").count() == 1
