"""What a tracker is told of a commission, how its address is filled in, and that it comes once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from comisiones.comision.models import Comision
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision.services import (
    aprobar_comision,
    devolver_comision,
    rechazar_comision,
)
from conversiones.ventas.devoluciones import Devolucion, devolver
from outbox.models import EntregaWebhook, OutboxEvent, PostbackDicho, Webhook
from outbox.webhooks import repeticion, services
from outbox.webhooks.errores import DemasiadosPostbacks, EstadoNoOfrecido, UrlInvalida
from outbox.webhooks.macros import MACROS, PRESETS, expandir, leer_plantilla, muestra
from outbox.webhooks.purga import purgar
from tests.fabricas import (
    ANA,
    PRUEBAS,
    a_la_vez,
    afiliado,
    calcular,
    campana,
    clic,
    comision,
    cupon,
    enlace,
    entregar_todo,
    hace,
    sin_atribuir,
)
from tests.outbox.webhooks.conftest import consumir
from tests.outbox.webhooks.receptor import Receptor, contestar
from tests.outbox.webhooks.test_entrega import mandar, mas_tarde

pytestmark = pytest.mark.django_db
HORAS = timedelta(hours=9)
TODAS = "&".join(f"{macro}={{{macro}}}" for macro in MACROS)


def postback(de: Afiliado, url: str, *estados: str) -> Webhook:
    return services.crear_postback(
        url=url, estados=estados or ("*",), afiliado=de.id_publico, actor=PRUEBAS
    )


def dicho(receptor: Receptor, *campos: str) -> list[tuple[str, ...]]:
    """What each request that came says, in the order in which they came."""
    consultas = [parse_qs(urlsplit(p).query, keep_blank_values=True) for p in receptor.pedido]
    return [tuple(c[campo][0] for campo in campos) for c in consultas]


def url_de(receptor: Receptor, consulta: str = TODAS) -> str:
    return f"http://127.0.0.1:{receptor.puerto}/cv?{consulta}"


def quitar(de: Comision, monto: str) -> None:
    datos = Devolucion(id_externo=f"d{monto}", monto=Decimal(monto))
    devolver(conversion=de.conversion, datos=datos, actor=PRUEBAS)


def por_un_clic(**datos: Any) -> tuple[Afiliado, Comision]:
    """A commission of whoever brought its customer, with what stood in the link."""
    quien, donde = afiliado(), campana(pagina="https://tienda.example/")
    suyo = clic(enlace(de=quien, en=donde), momento=hace(hours=1), **datos)
    venta = sin_atribuir(en=donde, clic_id=suyo.id_publico, referencia_externa="P&1 ñ")
    return quien, calcular(venta)


def test_se_rellena_lo_conocido_y_se_codifica() -> None:
    plantilla = "https://t.example/p?a={sub1}&b={otra}&c={payout}&d={SUB1}"
    valores = {"sub1": "a b&c={payout}#ñ/%", "payout": "1.50"}
    esperado = (
        "https://t.example/p?a=a%20b%26c%3D%7Bpayout%7D%23%C3%B1%2F%25&b={otra}&c=1.50&d={SUB1}"
    )
    assert expandir(plantilla, valores) == esperado


@pytest.mark.parametrize(
    "url",
    [
        "https://t.example/{click_id}?a=1", "https://{sub1}.example/?a=1", "http://t.example/?a=1",
        "https://10.0.0.1/?a={payout}", "https://t.example/?nid=<<RED>>", *[p.url for p in PRESETS],
    ],
)  # fmt: skip
def test_lo_que_no_es_una_plantilla(url: str) -> None:
    with pytest.raises(UrlInvalida):
        leer_plantilla(url)


def test_los_rastreadores_conocidos() -> None:
    esperado = {
        "voluum": {"cid", "payout", "txid", "currency", "et"},
        "keitaro": {"subid", "payout", "status", "tid", "currency"},
        "binom": {"cnv_id", "payout", "cnv_status"},
        "everflow": {"nid", "transaction_id", "amount", "order_id"},
    }
    for preset in PRESETS:
        url = preset.url.replace("<<", "").replace(">>", "")
        leer_plantilla(url)
        lleno = expandir(url, muestra())
        assert "{" not in lleno
        assert parse_qs(urlsplit(lleno).query).keys() == esperado.pop(preset.nombre)
    assert not esperado


def test_del_clic_a_la_aprobacion_y_el_pago(suyo: Receptor) -> None:
    quien, pendiente = por_un_clic(sub1="x y", sub2="&")
    postback(quien, url_de(suyo))
    entregar_todo()
    aprobar_comision(comision=pendiente, actor=ANA)
    [pago] = programar_pagos(comisiones_ids=[pendiente.id_publico], actor=PRUEBAS)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    entregar_todo()
    mandar()
    mandar()
    assert dicho(suyo, "status", "keitaro_status", "payout", "currency") == [
        ("pending", "lead", "10.00", "USD"),
        ("approved", "sale", "10.00", "USD"),
        ("paid", "sale", "10.00", "USD"),
    ]
    campos = (
        "sub1", "sub2", "sub3", "transaction_id", "sale_amount", "event", "commission_id", "coupon",
        "affiliate_id", "campaign_id", "click_id",
    )  # fmt: skip
    venta = pendiente.conversion
    esperado = (
        "x y", "&", "", "P&1 ñ", "100.00", "venta", pendiente.id_publico, "",
        quien.id_publico, venta.campana.id_publico, venta.atribucion.dato,
    )  # fmt: skip
    assert set(dicho(suyo, *campos)) == {esperado}
    assert "%20y" in suyo.pedido[0]
    # No address of ours tells where it goes.
    assert not any("127.0.0.1" in e.cuerpo for e in EntregaWebhook.objects.all())


def test_rechazada_y_devuelta_no_ganan(suyo: Receptor) -> None:
    quien = afiliado()
    postback(quien, url_de(suyo), "rejected", "reversed")
    una, otra = comision(de=quien), comision(de=quien, valor="50")
    rechazar_comision(comision=una, actor=ANA, motivo_codigo="fraude")
    quitar(otra, "50")
    entregar_todo()
    entregar_todo()
    mandar()
    assert sorted(dicho(suyo, "status", "payout", "reason", "commission_id")) == [
        ("rejected", "0.00", "fraude", una.id_publico),
        ("reversed", "0.00", "", otra.id_publico),
    ]


def test_la_que_ya_se_pago_y_se_devuelve_entera(suyo: Receptor) -> None:
    quien = afiliado()
    pagada = comision(de=quien)
    aprobar_comision(comision=pagada, actor=ANA)
    [pago] = programar_pagos(comisiones_ids=[pagada.id_publico], actor=PRUEBAS)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    entregar_todo()
    postback(quien, url_de(suyo), "reversed")
    # A part of it, and then the rest.
    for n, monto in enumerate(("30", "70")):
        quitar(pagada, monto)
        entregar_todo()
        entregar_todo()
        mandar()
        assert len(suyo.pedido) == n
    assert dicho(suyo, "status", "commission_id") == [("reversed", pagada.id_publico)]


def test_lo_de_otro_no_se_le_dice(suyo: Receptor) -> None:
    arriba = afiliado()
    quien = afiliado(email="b@example.com", referente=arriba)
    otra = afiliado(email="c@example.com")
    cupon("DE-OTRA", de=otra)
    for uno in (arriba, otra):
        postback(uno, url_de(suyo))
    postback(quien, url_de(suyo), "pending")
    comision(de=quien, cupon="DE-OTRA")
    entregar_todo()
    mandar()
    # Only whose sale it is, and not by which coupon of another it came.
    assert dicho(suyo, "affiliate_id", "coupon") == [(quien.id_publico, "")]


def test_una_vez_por_estado_pase_lo_que_pase(suyo: Receptor) -> None:
    quien = afiliado()
    uno = postback(quien, url_de(suyo), "approved")
    una = aprobar_comision(comision=comision(de=quien, en=campana(dias_retencion=60)), actor=ANA)
    entregar_todo()
    mandar()
    # Undone and approved again, long after what was sent is forgotten.
    with mas_tarde(days=31):
        assert purgar(antes_de=timezone.now()) == 1
        devolver_comision(comision=una, actor=ANA, motivo="m")
        aprobar_comision(comision=Comision.objects.get(pk=una.pk), actor=ANA)
        entregar_todo()
        mandar()
    assert len(suyo.pedido) == 1
    assert PostbackDicho.objects.filter(webhook=uno).count() == 1


def test_se_reintenta_al_sitio_nuevo_y_se_repite(suyo: Receptor) -> None:
    quien = afiliado()
    uno = postback(quien, url_de(suyo, "mal={payout}"), "pending")
    comision(de=quien)
    entregar_todo()
    suyo.responder = lambda manejador, _n: contestar(manejador, 500)
    mandar()
    services.editar(webhook=uno, url=url_de(suyo, "bien={payout}"), actor=PRUEBAS)
    suyo.responder = lambda manejador, _n: contestar(manejador, 204)
    with mas_tarde(seconds=10):
        mandar()
        [evento] = EntregaWebhook.objects.values_list("evento_id", flat=True)
        momento = OutboxEvent.objects.get(evento_id=evento).created_at
        intervalo = {"desde": momento - HORAS, "hasta": momento + HORAS}
        repeticion.probar(webhook=uno, actor=PRUEBAS)
        mandar()
        assert repeticion.repetir(webhook=uno, actor=PRUEBAS, **intervalo) == 1
        mandar()
    consultas = [urlsplit(p).query for p in suyo.pedido]
    assert consultas == ["mal=10.00", "bien=10.00", "bien=12.50", "bien=10.00"]


def test_cinco_por_afiliado_y_solo_mientras_sigue(suyo: Receptor) -> None:
    quien = afiliado()
    for n in range(services.POR_AFILIADO):
        postback(quien, f"https://t{n}.example/?a={{payout}}")
    with pytest.raises(DemasiadosPostbacks):
        postback(quien, "https://t.example/?a={payout}")
    otra = afiliado(email="b@example.com")
    with pytest.raises(EstadoNoOfrecido):
        postback(otra, "https://t.example/", "aprobada")
    uno = postback(otra, url_de(suyo))
    Afiliado.objects.filter(pk=otra.pk).update(estado="bloqueado")
    repeticion.probar(webhook=uno, actor=PRUEBAS)
    mandar()
    assert suyo.pedido == []


@pytest.mark.django_db(transaction=True)
def test_dos_consumidores_a_la_vez(suyo: Receptor) -> None:
    quien = afiliado()
    postback(quien, url_de(suyo), "pending")
    comision(de=quien)
    calculada = OutboxEvent.objects.get(type="ComisionCalculada")
    # The same fact by another event, as one that is told again after a change.
    otra_id = "019b0000-0000-7000-8000-000000000000"
    otro = OutboxEvent(
        evento_id=otra_id, type=calculada.type, aggregateid=calculada.aggregateid,
        payload=calculada.payload.replace(calculada.evento_id, otra_id),
    )  # fmt: skip
    a_la_vez([lambda: consumir(calculada), lambda: consumir(otro)] * 2)
    for evento in (calculada, otro):
        consumir(evento)
    assert EntregaWebhook.objects.count() == PostbackDicho.objects.count() == 1
    mandar()
    assert len(suyo.pedido) == 1
