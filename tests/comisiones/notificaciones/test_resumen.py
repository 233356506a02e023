"""The digest: one a day for each affiliate, that tells each thing once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.models import Notificacion, Novedad, Pago
from comisiones.notificaciones import resumen, texto
from comisiones.notificaciones.envio import enviar_pendientes
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.revision.services import rechazar_comision, retener_comision
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.services import rechazar_conversion
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
# A Wednesday, two hours before the digest.
SEIS = datetime(2026, 3, 11, 6, tzinfo=UTC)
OCHO = SEIS + timedelta(hours=2)
UN_DIA = timedelta(days=1)


@pytest.fixture(autouse=True)
def _sin_pagos(settings: Any) -> None:
    settings.PAGOS_AUTOMATICOS = False


def contar(en: datetime) -> list[Notificacion]:
    """The digests written at a moment, once what happened is known."""
    with time_machine.travel(en, tick=False):
        antes = set(Notificacion.objects.values_list("pk", flat=True))
        resumen.resumir()
        return list(
            Notificacion.objects.filter(clase="resumen").exclude(pk__in=antes).order_by("pk")
        )


def pasa(en: datetime, *hechos: Any) -> list[Any]:
    """Do things at a moment, and let their events arrive."""
    with time_machine.travel(en, tick=False):
        dados = [hecho() for hecho in hechos]
        fabricas.entregar_todo()
    return dados


def una(de: Afiliado, en: Any, **datos: Any) -> Any:
    return lambda: fabricas.aprobada(de=de, en=en, **datos)


@pytest.fixture
def programa() -> Any:
    with time_machine.travel(SEIS - UN_DIA, tick=False):
        en = fabricas.campana()
        ada = fabricas.afiliado(nombre="Ada <b>", email="ada@example.com")
        fabricas.entregar_todo()
        Novedad.objects.all().delete()
        Notificacion.objects.all().delete()
    return ada, en


def test_uno_al_dia_con_lo_que_paso(programa: Any) -> None:
    ada, en = programa
    pasa(
        SEIS, una(ada, en, referencia_externa="P-1"), una(ada, en, referencia_externa="<i>P-2"),
        lambda: rechazar_comision(
            comision=fabricas.comision(de=ada, en=en, referencia_externa="P-3"), actor=ANA,
            motivo="Venta & duplicada",
        ),
        lambda: retener_comision(
            comision=fabricas.comision(de=ada, en=en, referencia_externa="P-4"), actor=ANA,
            motivo="huele mal",
        ),
    )  # fmt: skip
    assert contar(OCHO - timedelta(seconds=1)) == []
    [correo] = contar(OCHO)
    assert contar(OCHO + timedelta(hours=5)) == []
    assert correo.asunto == "2 comisiones aprobadas: 20,00 USD"
    for dicho in (
        "Hola, Ada <b>:", "Aprobadas (2): 20,00 USD", "- 11 Mar 2026 06:00 · P-1 · 10,00 USD\n",
        "Rechazadas (1): 10,00 USD", "P-3 · 10,00 USD (Venta & duplicada)",
        "P-4 · 10,00 USD (La estamos revisando.)", "Te debemos 20,00 USD.",
        "Las horas son de UTC.", "/correo/",
    ):  # fmt: skip
        assert dicho in correo.cuerpo, dicho
    assert "huele mal" not in correo.cuerpo + correo.html
    assert "Venta &amp; duplicada" in correo.html
    assert "&lt;i&gt;P-2" in correo.html
    assert "<b>" not in correo.html
    assert "<i>" not in correo.html
    assert str(correo.dia) == "2026-03-11"
    with time_machine.travel(OCHO, tick=False):
        assert enviar_pendientes() == 1
    [enviado] = mail.outbox
    assert enviado.to == ["ada@example.com"]
    assert enviado.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert enviado.alternatives[0][0] == correo.html


def test_lo_que_llega_tarde_va_en_el_siguiente(programa: Any) -> None:
    ada, en = programa
    pasa(SEIS, una(ada, en, referencia_externa="P-1"))
    assert len(contar(OCHO)) == 1
    pasa(OCHO + timedelta(minutes=1), una(ada, en, referencia_externa="P-2"))
    # As if its transaction had ended after the digest of its hour.
    Novedad.objects.filter(notificacion=None).update(toca_en=OCHO)
    assert contar(OCHO + timedelta(minutes=5)) == []
    assert Novedad.objects.get(notificacion=None).toca_en == OCHO + UN_DIA
    [otro] = contar(OCHO + UN_DIA)
    assert "P-2" in otro.cuerpo
    assert "P-1" not in otro.cuerpo


def test_una_devolucion_dice_cuanto_quito_de_que_pedido(programa: Any) -> None:
    ada, en = programa
    [comision] = pasa(SEIS, una(ada, en, referencia_externa="P-1"))
    contar(OCHO)

    def devolucion(n: int, monto: str | None) -> Any:
        cuanto = None if monto is None else Decimal(monto)
        return lambda: devolver(
            conversion=comision.conversion,
            datos=Devolucion(id_externo=f"d{n}", monto=cuanto), actor=PRUEBAS,
        )  # fmt: skip

    pasa(OCHO + timedelta(hours=1), devolucion(1, "30"), devolucion(2, "20"))
    pasa(OCHO + timedelta(hours=2), devolucion(3, None))
    [correo] = contar(OCHO + UN_DIA)
    assert "Quitadas por devoluciones (3): 10,00 USD" in correo.cuerpo
    for monto in ("3,00", "2,00", "5,00"):
        assert f"P-1 · {monto} USD (Devolución)" in correo.cuerpo
    assert "Anuladas" not in correo.cuerpo
    assert correo.asunto == "Novedades de tus comisiones"


def test_de_lo_ya_pagado_y_lo_anulado(programa: Any, settings: Any) -> None:
    ada, en = programa
    settings.PAGOS_AUTOMATICOS = True
    [comision] = pasa(SEIS, una(ada, en, referencia_externa="P-1"))
    with time_machine.travel(SEIS, tick=False):
        ejecutar_pago(pago_pk=Pago.objects.get().pk, actor=PRUEBAS)
        fabricas.entregar_todo()
    contar(OCHO)
    pasa(
        OCHO + timedelta(hours=1),
        lambda: devolver(
            conversion=comision.conversion, datos=Devolucion(id_externo="d", monto=Decimal(40)),
            actor=PRUEBAS,
        ),
        lambda: rechazar_conversion(
            conversion=fabricas.comision(de=ada, en=en, referencia_externa="P-2").conversion,
            actor=ANA, motivo="no existe",
        ),
        lambda: aprobar_ajuste(
            ajuste=crear_ajuste(
                afiliado=ada, tipo="bono", monto=Decimal(7), moneda="USD", motivo="entre nosotros",
                concepto="Por tu constancia", actor=ANA,
            ),
            actor=LUIS,
        ),
    )  # fmt: skip
    [correo] = contar(OCHO + UN_DIA)
    assert "P-1 · 4,00 USD (Devolución de una venta ya pagada)" in correo.cuerpo
    assert "P-2 · 10,00 USD (La conversión fue rechazada.)" in correo.cuerpo
    assert "7,00 USD (Por tu constancia)" in correo.cuerpo
    assert "entre nosotros" not in correo.cuerpo
    assert "no existe" not in correo.cuerpo
    assert "Te debemos 3,00 USD: va con tu próximo pago." in correo.cuerpo


def test_en_su_idioma_y_con_su_hora(programa: Any, settings: Any) -> None:
    ada, en = programa
    settings.ZONA, settings.RESUMEN_HORA = "America/Bogota", 4
    pasa(
        SEIS,
        lambda: actualizar_afiliado(afiliado=ada, cambios={"idioma": "en"}, actor=ANA),
        una(ada, en, referencia_externa="P-1"),
        lambda: rechazar_conversion(
            conversion=fabricas.comision(de=ada, en=en).conversion, actor=ANA, motivo="m"
        ),
    )
    assert contar(SEIS + timedelta(hours=2, minutes=59)) == []
    [correo] = contar(SEIS + timedelta(hours=3))
    assert correo.asunto == "1 commission approved: 10.00 USD"
    assert "11 Mar 2026 01:00 · P-1 · 10.00 USD" in correo.cuerpo
    assert "(The sale was refused.)" in correo.cuerpo
    assert "Times are in America/Bogota." in correo.cuerpo


def test_el_minimo_y_lo_negativo(programa: Any) -> None:
    ada, en = programa
    pasa(
        SEIS,
        lambda: actualizar_afiliado(
            afiliado=ada, actor=LUIS, motivo="m",
            cambios={"minimo_pago": Decimal(25), "moneda_comision": "USD"},
        ),
        una(ada, en),
        una(ada, fabricas.campana(moneda="EUR"), valor="20"),
        lambda: aprobar_ajuste(
            ajuste=crear_ajuste(
                afiliado=ada, tipo="clawback", monto=Decimal(-5), moneda="EUR", motivo="m",
                actor=ANA,
            ),
            actor=LUIS,
        ),
    )  # fmt: skip
    [correo] = contar(OCHO)
    assert correo.asunto == "2 comisiones aprobadas: 2,00 EUR + 10,00 USD"
    assert "Te debemos 10,00 USD. Tu mínimo de pago es 25,00 USD" in correo.cuerpo
    assert "te faltan 15,00 USD" in correo.cuerpo
    assert "Se descontarán 3,00 EUR de lo próximo que ganes." in correo.cuerpo


def test_uno_largo_dice_cuantas_mas(programa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, en = programa
    monkeypatch.setattr(texto, "FILAS", 2)
    pasa(SEIS, *[una(ada, en, referencia_externa=f"P-{n}") for n in range(5)])
    [correo] = contar(OCHO)
    assert "Aprobadas (5): 50,00 USD" in correo.cuerpo
    assert "y 3 más: están en tu extracto" in correo.cuerpo
    assert "y 3 más" in correo.html
    assert ("P-1" in correo.cuerpo, "P-2" in correo.cuerpo) == (True, False)


def test_cada_lunes(programa: Any) -> None:
    ada, en = programa
    pasa(SEIS, lambda: actualizar_afiliado(afiliado=ada, cambios={"resumen": "semanal"}, actor=ANA))
    pasa(SEIS, una(ada, en, referencia_externa="P-1"))
    lunes = OCHO + 5 * UN_DIA
    assert [len(contar(OCHO + n * UN_DIA)) for n in range(5)] == [0] * 5
    [correo] = contar(lunes)
    assert str(correo.dia) == "2026-03-16"
    pasa(lunes + UN_DIA, una(ada, en, referencia_externa="P-2"))
    assert contar(lunes + 2 * UN_DIA) == []
    # Who wants it every day again is told at once what waited.
    pasa(
        lunes + 3 * UN_DIA,
        lambda: actualizar_afiliado(afiliado=ada, cambios={"resumen": "diario"}, actor=ANA),
    )
    [correo] = contar(lunes + 4 * UN_DIA)
    assert "P-2" in correo.cuerpo


def test_quien_pasa_a_semanal_espera_al_lunes(programa: Any) -> None:
    ada, en = programa
    pasa(SEIS, una(ada, en))
    # Straight: the event of the change has not come yet.
    Afiliado.objects.update(resumen="semanal")
    assert contar(OCHO) == []
    assert len(contar(OCHO + 5 * UN_DIA)) == 1


def test_nunca_es_nunca(programa: Any) -> None:
    ada, en = programa
    pasa(SEIS, lambda: actualizar_afiliado(afiliado=ada, cambios={"resumen": "nunca"}, actor=ANA))
    pasa(SEIS, una(ada, en))
    assert contar(OCHO) == []
    assert not Novedad.objects.exists()


def test_uno_que_ya_no_lo_quiere_no_sale(programa: Any) -> None:
    ada, en = programa
    pasa(SEIS, una(ada, en))
    [correo] = contar(OCHO)
    actualizar_afiliado(afiliado=ada, cambios={"resumen": "nunca"}, actor=ANA)
    with time_machine.travel(OCHO, tick=False):
        assert enviar_pendientes() == 0
    correo.refresh_from_db()
    assert (correo.estado, correo.detalle) == (
        "fallida", "El afiliado pidió no recibir resúmenes."
    )  # fmt: skip


def test_uno_que_no_se_puede_escribir_no_para_a_los_demas(programa: Any) -> None:
    ada, en = programa
    with time_machine.travel(SEIS - UN_DIA, tick=False):
        otro = fabricas.afiliado(nombre="Otro", email="otro@example.com")
    pasa(SEIS, una(ada, en), una(otro, en))
    original = texto.escribir

    def escribir(suyo: Notificacion, contenido: Any) -> None:
        if suyo.afiliado_id == ada.pk:
            raise ValueError("no se puede")
        original(suyo, contenido)

    with pytest.MonkeyPatch.context() as parche:
        parche.setattr(resumen, "escribir", escribir)
        [correo] = contar(OCHO)
        assert correo.afiliado_id == otro.pk
        assert contar(OCHO + timedelta(minutes=59)) == []
    [correo] = contar(OCHO + resumen.ESPERA)
    assert correo.afiliado_id == ada.pk


@pytest.mark.lento
def test_las_consultas_no_crecen(programa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A portion costs as much with one affiliate as with fifty."""
    _ada, en = programa
    monkeypatch.setattr(resumen, "PORCION", 50)
    cuentas = []
    for dia, cuantos in enumerate((1, 50)):
        cuando = SEIS + dia * UN_DIA
        with time_machine.travel(cuando, tick=False):
            nuevos = [fabricas.afiliado(nombre=f"N{n}") for n in range(cuantos)]
        pasa(cuando, *[una(a, en) for a in nuevos for _vez in range(2)])
        with time_machine.travel(OCHO + dia * UN_DIA, tick=False):
            ahora = timezone.now()
            claves = [a.pk for a in nuevos]
            with CaptureQueriesContext(connection) as consultas:
                resumen._escribir_de(claves, ahora)
        assert Notificacion.objects.filter(afiliado__in=claves, clase="resumen").count() == cuantos
        cuentas.append(len(consultas))
    assert cuentas[0] == cuentas[1] <= 16, cuentas


def test_nada_del_cliente_ni_interno(programa: Any) -> None:
    """What the sale says of its buyer does not go into a mail."""
    ada, en = programa
    pasa(
        SEIS,
        una(ada, en,
            metadatos={"nombre": "Cliente Secreto"}),
    )  # fmt: skip
    [correo] = contar(OCHO)
    assert "cliente" not in (correo.cuerpo + correo.html).lower()
