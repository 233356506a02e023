"""Self-billing documents: one per payment, numbered without gaps, and only for who may see them."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import connection, transaction
from django.urls import reverse
from pypdf import PdfReader

from alpespartner.comun.documentos import pdf
from alpespartner.comun.invariantes import comprobaciones
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.comision.models import Comision
from comisiones.liquidaciones.documento import pdf_de
from comisiones.liquidaciones.services import emitir
from comisiones.models import Liquidacion, Pago, SerieLiquidacion
from comisiones.notificaciones.envio import enviar_pendientes
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.pagos.pasarelas.interfaz import Respuesta
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, a_la_vez, problema

D = Decimal


def pagado(**datos: Any) -> Pago:
    pago = fabricas.pago(**datos)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    return pago


def pagado_de(*comisiones: Comision) -> Pago:
    """One payment of some approved commissions."""
    ids = [comision.id_publico for comision in comisiones]
    [pago] = programar_pagos(comisiones_ids=ids, actor=PRUEBAS)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    return pago


def numeros() -> list[int]:
    return list(Liquidacion.objects.order_by("numero").values_list("numero", flat=True))


def texto_de(documento: bytes) -> str:
    paginas = PdfReader(io.BytesIO(documento)).pages
    return "\n".join(pagina.extract_text() for pagina in paginas)


def comprobar_series() -> list[str]:
    return [f for c in comprobaciones() if "huecos" in c.nombre for f in c.filas()]


@pytest.mark.django_db
def test_cada_pago_tiene_la_suya_una_vez() -> None:
    """By event, however often it comes; a payment that is not made has none."""
    uno, otro = pagado(), pagado()
    fabricas.pago()
    fabricas.entregar_todo()
    assert emitir(pagos_ids=[uno.id_publico, otro.id_publico], actor=PRUEBAS) == []
    assert numeros() == [1, 2]
    primera = Liquidacion.objects.get(numero=1)
    assert (primera.pago, primera.importe, primera.moneda) == (uno, D(10), "USD")
    assert primera.receptor == {"nombre": uno.afiliado.nombre, "documento": ""}
    assert fabricas.eventos_de(primera.id_publico) == ["LiquidacionEmitida"]
    assert comprobar_series() == []


@pytest.mark.django_db
def test_un_pago_devuelto_se_rectifica() -> None:
    """Its document stays, and another with the next number and the opposite amount undoes it."""
    pago = pagado()
    fabricas.entregar_todo()
    devuelto = Respuesta("devuelto", detalle="cuenta cerrada")
    resolver_pago(pago_pk=pago.pk, respuesta=devuelto, actor=PRUEBAS)
    fabricas.entregar_todo()
    assert list(Liquidacion.objects.order_by("numero").values_list("tipo", "importe")) == [
        ("liquidacion", D(10)),
        ("rectificativa", D(-10)),
    ]
    assert comprobar_series() == []


@pytest.mark.django_db(transaction=True)
def test_lo_deshecho_no_gasta_numero() -> None:
    pago, otro = pagado(), pagado()
    with transaction.atomic():
        emitir(pagos_ids=[pago.id_publico], actor=PRUEBAS)
        transaction.set_rollback(True)
    emitir(pagos_ids=[otro.id_publico], actor=PRUEBAS)
    assert numeros() == [1]


@pytest.mark.django_db(transaction=True)
def test_a_la_vez_sin_huecos_ni_repetidos() -> None:
    """Eight at once, two for each payment: four numbers."""
    ids = [pagado().id_publico for _ in range(4)]
    resultados = a_la_vez(
        [lambda uno=uno: emitir(pagos_ids=[uno], actor=PRUEBAS) for uno in ids * 2]
    )
    assert not [r for r in resultados if isinstance(r, Exception)], resultados
    assert numeros() == [1, 2, 3, 4]
    assert SerieLiquidacion.objects.get().ultimo == 4


@pytest.mark.django_db
def test_verificar_ve_un_hueco() -> None:
    fabricas.liquidacion()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE comisiones_serieliquidacion SET ultimo = 2")
    assert len(comprobar_series()) == 1


@pytest.mark.django_db
def test_el_documento_lo_dice_todo() -> None:
    """Who, how much and for what; an adjustment with its concept; hostile text stays text."""
    afiliado = fabricas.afiliado(nombre="Ana <b>Pérez</b>", documento_tipo="CC",
                                 documento_numero="123")  # fmt: skip
    ajuste = crear_ajuste(
        afiliado=afiliado, tipo="bono", monto=D(5), moneda="USD", motivo="m",
        concepto="Mes récord", actor=ANA,
    )  # fmt: skip
    aprobar_ajuste(ajuste=ajuste, actor=fabricas.persona(2))
    venta = fabricas.aprobada(de=afiliado, referencia_externa="pedido-7")
    pago = pagado_de(venta)
    liquidacion = emitir(pagos_ids=[pago.id_publico], actor=PRUEBAS)[0]
    escrito = texto_de(pdf_de(liquidacion))
    for esperado in (
        liquidacion.numero_completo, "Ana <b>Pérez</b>", "CC 123", "AlpesPartner", "pedido-7",
        "Mes récord", "15,00 USD", venta.id_publico, pago.id_publico,
    ):  # fmt: skip
        assert esperado in escrito, (esperado, escrito)


@pytest.mark.django_db
def test_por_correo() -> None:
    """The affiliate gets it attached, with the remittance advice of its payment."""
    pago = pagado(de=fabricas.afiliado(email="ana@example.com"))
    fabricas.entregar_todo()
    enviar_pendientes(segundos=60)
    [correo] = [c for c in mail.outbox if c.subject == "Pago enviado"]
    assert correo.to == ["ana@example.com"]
    assert [(nombre, tipo) for nombre, _contenido, tipo in correo.attachments] == [
        (f"liquidacion-{Liquidacion.objects.get()}.pdf", "application/pdf"),
        (f"remesa-{pago.id_publico}.pdf", "application/pdf"),
    ]
    uno, otro = (texto_de(contenido) for _nombre, contenido, _tipo in correo.attachments)
    assert str(Liquidacion.objects.get()) in uno
    assert "Aviso de pago" in otro
    assert pago.id_publico in otro


@pytest.mark.lento
@pytest.mark.django_db
def test_la_rectificativa_va_sin_aviso_de_pago() -> None:
    """Who is told that a payment came back gets no advice that it was made."""
    pago = pagado()
    fabricas.entregar_todo()
    devuelto = Respuesta("devuelto", detalle="cuenta cerrada")
    resolver_pago(pago_pk=pago.pk, respuesta=devuelto, actor=PRUEBAS)
    fabricas.entregar_todo()
    enviar_pendientes(segundos=60)
    [correo] = [c for c in mail.outbox if c.subject == "Pago devuelto"]
    [(nombre, _contenido, _tipo)] = correo.attachments
    assert nombre.startswith("rectificativa-")


@pytest.mark.django_db
def test_lo_largo_no_va_por_correo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither document: both would be a heap of pages."""
    pagado()
    fabricas.entregar_todo()
    monkeypatch.setattr("comisiones.notificaciones.envio.partes_de", lambda _l: 2)
    enviar_pendientes(segundos=60)
    [correo] = [c for c in mail.outbox if c.subject == "Pago enviado"]
    assert correo.attachments == []


@pytest.mark.django_db
def test_un_documento_que_falla_no_para_el_correo(monkeypatch: pytest.MonkeyPatch) -> None:
    fabricas.entregar_todo()
    pagado()
    fabricas.entregar_todo()
    monkeypatch.setattr("comisiones.notificaciones.envio.pdf_de", lambda _l: 1 / 0)
    enviar_pendientes(segundos=60)
    assert {c.subject for c in mail.outbox} == {"Tu cuenta está activa"}


@pytest.mark.django_db
def test_la_api_solo_da_las_propias(monkeypatch: pytest.MonkeyPatch) -> None:
    propia, ajena = fabricas.liquidacion(), fabricas.liquidacion()
    api = fabricas.api(["pagos:leer"], de=propia.afiliado)
    [fila] = api.get("/api/v1/liquidaciones").json()["resultados"]
    assert fila == api.get(f"/api/v1/liquidaciones/{propia.id_publico}").json()
    assert (fila["numero"], fila["importe"], fila["moneda"]) == (str(propia), "10.00", "USD")
    documento = f"/api/v1/liquidaciones/{propia.id_publico}/documento"
    respuesta = api.get(documento, headers={"Accept": "application/pdf"})
    assert respuesta["Content-Type"] == "application/pdf"
    assert respuesta.content.startswith(b"%PDF-")
    for ruta in ("", "/documento"):
        problema(api.get(f"/api/v1/liquidaciones/{ajena.id_publico}{ruta}"), 404)
    for parte in ("0", "2", "x", "1e9"):
        problema(api.get(f"{documento}?parte={parte}"), 400)
    todas = fabricas.api(["pagos:leer"]).get("/api/v1/liquidaciones").json()["resultados"]
    assert [f["liquidacion_id"] for f in todas] == [ajena.id_publico, propia.id_publico]


@pytest.mark.django_db
def test_los_largos_van_por_partes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line in one part, the total in the last, and no attachment of a heap of pages."""
    de = fabricas.afiliado()
    pago = pagado_de(
        *(fabricas.aprobada(de=de, referencia_externa=f"pedido-{n}") for n in range(3))
    )
    [liquidacion] = emitir(pagos_ids=[pago.id_publico], actor=PRUEBAS)
    monkeypatch.setattr("comisiones.liquidaciones.documento.LINEAS_POR_PARTE", 2)
    assert pdf.LINEAS_POR_PARTE == 500
    ruta = f"/api/v1/liquidaciones/{liquidacion.id_publico}/documento"
    primera = fabricas.api().get(ruta)
    assert primera["Link"] == f'<{ruta}?parte=2>; rel="next"'
    uno = texto_de(primera.content)
    segunda = fabricas.api().get(f"{ruta}?parte=2")
    assert "Link" not in segunda
    dos = texto_de(segunda.content)
    assert ("pedido-0" in uno, "pedido-2" in uno, "30,00 USD" in uno) == (True, False, False)
    assert ("pedido-1" in dos, "pedido-2" in dos, "30,00 USD" in dos) == (False, True, True)


@pytest.mark.django_db
def test_en_el_admin(admin_client: Any) -> None:
    """Found by its number, and downloaded."""
    propia, otra = fabricas.liquidacion(), fabricas.liquidacion()
    lista = reverse("admin:comisiones_liquidacion_changelist")
    hallada = admin_client.get(lista, {"q": str(propia)}).content.decode()
    assert str(propia) in hallada
    assert str(otra) not in hallada
    ficha = admin_client.get(reverse("admin:comisiones_liquidacion_change", args=[propia.pk]))
    enlace = reverse("admin:comisiones_liquidacion_documento", args=[propia.pk, 1])
    assert enlace in ficha.content.decode()
    assert admin_client.get(enlace).content.startswith(b"%PDF-")
    fuera = reverse("admin:comisiones_liquidacion_documento", args=[propia.pk, 2])
    assert admin_client.get(fuera).status_code == 404
