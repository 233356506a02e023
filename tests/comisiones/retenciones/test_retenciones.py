"""Withholding: from whom, since when, to the cent; posted with the payment and undone with it."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.db.models import Sum
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from alpespartner.comun.actores import persona
from alpespartner.comun.dinero import cuantizar, es_exacto
from alpespartner.comun.errores import Conflicto, DatoInvalido
from alpespartner.comun.invariantes import comprobaciones
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import confirmar_propuesta
from comisiones.ajustes.models import Ajuste
from comisiones.libro.models import Apunte
from comisiones.libro.selectors import saldos
from comisiones.liquidaciones import documento, remesa
from comisiones.liquidaciones.services import emitir
from comisiones.models import Pago
from comisiones.pagos.conciliacion.selectors import posicion
from comisiones.pagos.lotes import ciclo, propuesta
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import programar_pagos, reintentar_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.retenciones.models import RetencionFiscal
from comisiones.retenciones.services import hoy, publicar_retencion, retenciones_de, retenido_de
from tests import fabricas
from tests.comisiones.pagos.pasarelas.pruebas import PasarelaDePruebas
from tests.fabricas import ANA, LUIS, PRUEBAS

D = Decimal


def retener(porcentaje: str, **datos: Any) -> RetencionFiscal:
    """A withholding of everybody from today, unless said otherwise."""
    return publicar_retencion(
        **{"nombre": "IRPF", "porcentaje": D(porcentaje), "desde": hoy(), "motivo": "ley",
           "actor": ANA, **datos}
    )  # fmt: skip


def todo_cuadra() -> None:
    assert [f for c in comprobaciones() if not c.aviso for f in c.filas()] == []


def apuntes(pago: Pago) -> list[tuple[str, str, Decimal]]:
    return [
        (a.asiento.tipo, a.cuenta, a.importe)
        for a in Apunte.objects.filter(asiento__origen=pago.id_publico).order_by("id")
    ]


def retenido_en_el_libro() -> Decimal:
    suma = Apunte.objects.filter(cuenta="retencion").aggregate(s=Sum("importe"))["s"]
    return -cuantizar(suma or D(0), "USD")


@given(
    bruto=st.decimals(-1000, 10**7, places=4),
    porcentaje=st.decimals(0, "99.9999", places=4),
    moneda=st.sampled_from(["USD", "EUR", "COP", "JPY", "KWD"]),
)
def test_ni_un_centimo_de_mas(bruto: Decimal, porcentaje: Decimal, moneda: str) -> None:
    """Net and withheld are the gross, each an amount of the currency, within half a unit of the
    percentage; nothing is withheld of a debt."""
    bruto = cuantizar(bruto, moneda)
    retenido = retenido_de(bruto, moneda, RetencionFiscal(porcentaje=porcentaje))
    assert es_exacto(retenido, moneda)
    assert 0 <= retenido <= max(bruto, D(0))
    if bruto > 0:
        unidad = cuantizar(D(1), moneda).scaleb(0).as_tuple().exponent
        assert abs(retenido - bruto * porcentaje / 100) <= D(1).scaleb(int(unidad)) / 2
    assert retenido_de(bruto, moneda, None) == 0


@pytest.mark.django_db
def test_lo_mas_concreto_y_lo_ultimo_que_ha_empezado() -> None:
    """Affiliate, type of document, everybody; of each, the newest that has begun; 0 % exempts."""
    con_nif = fabricas.afiliado(documento_tipo="CC", documento_numero="1001")
    exento = fabricas.afiliado(documento_tipo="CC", documento_numero="1002")
    otro = fabricas.afiliado()
    todos = [con_nif, exento, otro]

    def dicho() -> list[str]:
        retenciones = retenciones_de(todos)
        return [f"{retenciones[a.pk].porcentaje:f}" if a.pk in retenciones else "" for a in todos]

    assert dicho() == ["", "", ""]
    retener("5")
    retener("15", documento_tipo="CC")
    retener("0", afiliado=exento)
    retener("7", desde=hoy() + timedelta(days=2))
    assert dicho() == ["15.0000", "", "5.0000"]
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert dicho() == ["15.0000", "", "7.0000"]
        retener("0")
        assert dicho() == ["15.0000", "", ""]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("campo", "datos"),
    [
        ("porcentaje", {"porcentaje": "100"}),
        ("porcentaje", {"porcentaje": "-1"}),
        ("desde", {"desde": date(2020, 1, 1)}),
    ],
)
def test_lo_que_no_se_publica(campo: str, datos: dict[str, Any]) -> None:
    with pytest.raises(DatoInvalido) as error:
        retener(datos.pop("porcentaje", "5"), **datos)
    assert error.value.campo == campo
    with pytest.raises(DatoInvalido):
        retener("5", afiliado=fabricas.afiliado(), documento_tipo="CC")
    assert not RetencionFiscal.objects.exists()


@pytest.mark.lento
@pytest.mark.django_db
def test_un_pago_con_retencion() -> None:
    """The net leaves; the gross is settled; documents, API and books say the three figures."""
    retener("15")
    pago = fabricas.pago()
    assert (pago.bruto, pago.importe, pago.retenido) == (D(10), D("8.50"), D("1.50"))
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert apuntes(pago) == [
        ("pago", "por_pagar", D(10)), ("pago", "compensacion", D("-8.50")),
        ("pago", "retencion", D("-1.50")),
        ("liquidacion", "compensacion", D("8.50")), ("liquidacion", "banco", D("-8.50")),
    ]  # fmt: skip
    assert saldos(pago.afiliado) == {"USD": D(0)}
    [dolares] = posicion()
    assert (dolares.en_curso, dolares.salido, dolares.retenido) == (D(0), D("8.50"), D("1.50"))
    respuesta = fabricas.api().get(f"/api/v1/pagos/{pago.id_publico}").json()
    assert (respuesta["bruto"], respuesta["retenido"], respuesta["importe"]) == (
        "10.00", "1.50", "8.50",
    )  # fmt: skip
    assert respuesta["retencion"] == {"nombre": "IRPF", "porcentaje": "15"}
    [liquidacion] = emitir(pagos_ids=[pago.id_publico], actor=PRUEBAS)
    pago.refresh_from_db()
    for fichero in (remesa.pdf_de(pago), documento.pdf_de(liquidacion)):
        texto = "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(fichero)).pages)
        for dicho in ("10,00", "IRPF 15 %", "1,50", "8,50"):
            assert dicho in texto
    todo_cuadra()


@pytest.mark.lento
@pytest.mark.django_db
def test_un_fallido_deshace_lo_retenido(pasarela: type[PasarelaDePruebas]) -> None:
    retener("15")
    pasarela.accidentes.append("rechaza")
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    assert (saldos(pago.afiliado), retenido_en_el_libro()) == ({"USD": D(10)}, 0)
    pago.refresh_from_db()
    nuevo = reintentar_pago(pago=pago, actor=ANA)
    ejecutar_pago(pago_pk=nuevo.pk, actor=PRUEBAS)
    assert retenido_en_el_libro() == D("1.50")
    assert pasarela.total() == D("8.50")
    todo_cuadra()


@pytest.mark.lento
@pytest.mark.django_db
def test_lo_que_el_banco_devuelve_se_debe_en_bruto() -> None:
    """What was withheld of a payment that came back is no more: the next one withholds it, once."""
    retener("15")
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    emitir(pagos_ids=[pago.id_publico], actor=PRUEBAS)
    resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("devuelto"), actor=PRUEBAS)
    assert Ajuste.objects.get().monto == D(10)
    assert (saldos(pago.afiliado), retenido_en_el_libro()) == ({"USD": D(10)}, 0)
    [rectificativa] = emitir(pagos_ids=[pago.id_publico], actor=PRUEBAS)
    assert rectificativa.importe == D("-8.50")
    todo_cuadra()
    otra = fabricas.aprobada(de=pago.afiliado)
    [segundo] = programar_pagos(comisiones_ids=[otra.id_publico], actor=PRUEBAS)
    assert (segundo.bruto, segundo.retenido) == (D(20), D(3))
    ejecutar_pago(pago_pk=segundo.pk, actor=PRUEBAS)
    assert retenido_en_el_libro() == D(3)
    todo_cuadra()


def cambiar(consulta: str) -> Callable[[Pago], None]:
    def hacer(pago: Pago) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE comisiones_pago SET {consulta} WHERE id = %s", [pago.pk])

    return hacer


@pytest.mark.lento
@pytest.mark.django_db
def test_un_lote_paga_el_neto_que_se_congelo(
    settings: Any, pasarela: type[PasarelaDePruebas]
) -> None:
    """A withholding published after the freeze changes nothing of it; a changed row sends it
    back; a retry with other figures is refused."""
    settings.PAGOS_AUTOMATICOS = False
    settings.PAGOS_LIBERA_QUIEN_APROBO = True
    retener("15")
    fabricas.aprobada()
    lote = propuesta.proponer_lote(moneda="USD", pasarela="pruebas", actor=LUIS)
    assert lote.total == D("8.50")
    lote = ciclo.congelar_lote(lote=lote, actor=LUIS)
    assert lote.total == D("8.50")
    pago = lote.pagos.get()
    cambiar("retenido = 2")(pago)
    assert ciclo.liberar_lote(lote=lote, actor=ANA).estado == "borrador"
    cambiar("retenido = 1.5")(pago)
    ciclo.congelar_lote(lote=lote, actor=LUIS)
    retener("20")
    assert ciclo.liberar_lote(lote=lote, actor=ANA).estado == "aprobado"
    ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    pasarela.accidentes.append("rechaza")
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    with pytest.raises(Conflicto) as error:
        reintentar_pago(pago=pago, actor=LUIS)
    assert error.value.codigo == "pago_cambiado"
    todo_cuadra()


@pytest.mark.django_db
def test_la_pagina_de_la_tabla(client: Any, django_user_model: Any) -> None:
    """Published through its form, which says what it refuses; nothing of it is edited."""
    client.force_login(django_user_model.objects.create_superuser("jefa"))
    fabricas.afiliado(documento_tipo="CC", documento_numero="1001")
    poner = reverse("admin:comisiones_retencionfiscal_add")
    datos = {"nombre": "IRPF", "porcentaje": "15", "documento_tipo": "CC", "motivo": "ley"}
    pagina = client.post(poner, {**datos, "desde": "2020-01-01"})
    assert "ya se hicieron" in pagina.content.decode()
    assert client.post(poner, {**datos, "desde": hoy().isoformat()}).status_code == 302
    confirmar_propuesta(propuesta=Propuesta.objects.get(), actor=persona(999))
    ficha = reverse(
        "admin:comisiones_retencionfiscal_change", args=[RetencionFiscal.objects.get().pk]
    )
    assert "15 %" in client.get(ficha).content.decode()
    assert client.post(ficha, {**datos, "porcentaje": "1"}).status_code == 403
    client.force_login(django_user_model.objects.create_user("otra", is_staff=True))
    assert client.get(poner).status_code == 403
