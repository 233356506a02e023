"""Sales and refunds by hand, and a sale that is refused after it was validated."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliados.afiliado.services import actualizar_afiliado
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.models import Ajuste, Reverso
from conversiones.models import Conversion, MovimientoConversion
from conversiones.ventas.services import rechazar_conversion, validar_conversion
from outbox.models import OutboxEvent
from outbox.transportes.embebido import drenar
from tests.admin.conftest import PRUEBA, ROLES
from tests.fabricas import foto

pytestmark = pytest.mark.django_db
ALTA = "admin:conversiones_conversion_add"
D = Decimal


def venta(programa: Any, **cambios: str) -> dict[str, str]:
    """What the page of a sale sends."""
    ayer = timezone.now() - timedelta(days=1)
    return {
        "afiliado": str(programa.afiliado.pk), "campana": str(programa.campana.pk),
        "tipo_conversion": "venta", "valor": "80,50", "moneda": "",
        "ocurrida_en_0": ayer.strftime("%d/%m/%Y"), "ocurrida_en_1": "10:00:00",
        "referencia_externa": "pedido-7", "cupon": "", "motivo": "Vino por teléfono",
        "ficha_de_un_uso": "ficha-1", **cambios,
    }  # fmt: skip


def ver(cliente: Client, url: str, datos: dict[str, str]) -> dict[str, str]:
    """The page after its first button: what it would do, and what the second one sends."""
    vista = cliente.post(url, datos)
    assert vista.status_code == 200, vista.headers
    assert "visto" in vista.context, vista.context["form"].errors
    return {**datos, "visto": vista.context["visto"]}


def textos(cliente: Client, url: str, datos: dict[str, str]) -> str:
    return cliente.post(url, datos).content.decode()


# Writing the counters of what others did is no writing of the page's.
SIN = ("comun.PeticionIdempotente",)


def test_antes_de_registrarla_se_ve_lo_que_gana(programa, admin) -> None:
    antes = foto()
    vista = admin.post(reverse(ALTA), venta(programa))
    assert foto() == antes
    [ganada] = vista.context["ganadas"]
    assert (ganada["afiliado"], ganada["espera"]) == ("Socia", "")
    assert "8,05" in ganada["monto"]
    assert "Nada se ha registrado todavía" in vista.content.decode()


def test_se_registra_como_las_de_la_api(programa, admin) -> None:
    datos = ver(admin, reverse(ALTA), venta(programa))
    respuesta = admin.post(reverse(ALTA), datos)
    suya = Conversion.objects.get()
    assert respuesta.headers["Location"] == reverse(
        "admin:conversiones_conversion_change", args=[suya.pk]
    )
    assert (suya.valor, suya.moneda, suya.referencia_externa) == (D("80.50"), "USD", "pedido-7")
    assert suya.estado == "recibida"
    paso = Historial.objects.get(entidad="conversion", entidad_id=suya.id_publico)
    assert paso.actor == f"persona:{admin.session['_auth_user_id']}"
    assert (paso.accion, paso.motivo) == ("registrar", "Vino por teléfono")
    assert OutboxEvent.objects.filter(
        aggregateid=suya.id_publico, type="ConversionRegistrada"
    ).exists()
    drenar()
    assert Comision.objects.get().monto == D("8.05")
    # Whoever looks at it later sees why it is there.
    assert "Vino por teléfono" in admin.get(respuesta.headers["Location"]).content.decode()


def test_dos_clics_son_una_venta(programa, admin) -> None:
    datos = ver(admin, reverse(ALTA), venta(programa, referencia_externa=""))
    primera, segunda = (admin.post(reverse(ALTA), datos) for _vez in range(2))
    assert Conversion.objects.count() == 1
    assert primera.headers["Location"] == segunda.headers["Location"]


def test_la_misma_referencia_lleva_a_la_que_esta(programa, admin) -> None:
    admin.post(reverse(ALTA), ver(admin, reverse(ALTA), venta(programa)))
    suya = Conversion.objects.get()
    otra = venta(programa, ficha_de_un_uso="otra", referencia_externa=" pedido-7 ")
    pagina = textos(admin, reverse(ALTA), otra)
    assert reverse("admin:conversiones_conversion_change", args=[suya.pk]) in pagina
    # Nor does one that was refused come back by hand.
    rechazar_conversion(conversion=suya, actor=PRUEBA, motivo="m")
    textos(admin, reverse(ALTA), otra)
    suya.refresh_from_db()
    assert (Conversion.objects.count(), suya.estado) == (1, "rechazada")


def test_lo_que_cambio_se_ve_otra_vez(programa, admin) -> None:
    datos = ver(admin, reverse(ALTA), venta(programa))
    vista = admin.post(reverse(ALTA), {**datos, "valor": "90"})
    assert vista.context["cambio"] is True
    assert not Conversion.objects.exists()
    actualizar_afiliado(
        afiliado=programa.afiliado, cambios={"comision_base": D(50)}, motivo="m", actor=PRUEBA,
        desde=timezone.now() - timedelta(days=5),
    )  # fmt: skip
    vista = admin.post(reverse(ALTA), datos)
    assert vista.context["cambio"] is True
    assert "40,25" in vista.context["ganadas"][0]["monto"]
    assert not Conversion.objects.exists()


@pytest.mark.parametrize(
    ("cambios", "campo"),
    [
        ({"motivo": " "}, "motivo"),
        ({"valor": "-5"}, "valor"),
        ({"valor": "0"}, "valor"),
        ({"valor": "1,234"}, "valor"),
        ({"valor": "1,23456"}, "valor"),
        ({"valor": "9" * 30}, "valor"),
        ({"moneda": "XXX"}, "moneda"),
        ({"afiliado": "987654"}, "afiliado"),
        ({"afiliado": "x'"}, "afiliado"),
        ({"campana": ""}, "campana"),
        ({"ocurrida_en_0": "31/12/2099"}, "ocurrida_en"),
        ({"ocurrida_en_0": "01/01/1999"}, "ocurrida_en"),
        ({"ocurrida_en_0": "ayer"}, "ocurrida_en"),
        ({"referencia_externa": "conv_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "referencia_externa"),
        ({"referencia_externa": "x" * 129}, "referencia_externa"),
        ({"cupon": "x" * 65}, "cupon"),
    ],
)
def test_lo_malo_se_dice_en_su_campo(programa, admin, cambios, campo) -> None:
    antes = foto()
    vista = admin.post(reverse(ALTA), venta(programa, **cambios))
    assert vista.status_code == 200
    assert list(vista.context["form"].errors) == [campo]
    assert foto() == antes


def test_un_afiliado_cerrado_no_vende(programa, admin) -> None:
    # Since before it was sold.
    antes = timezone.now() - timedelta(days=3)
    type(programa.afiliado).objects.update(estado="cerrado", actualizado_en=antes)
    vista = admin.post(reverse(ALTA), venta(programa))
    assert list(vista.context["form"].errors) == ["afiliado"]


@pytest.mark.lento
@pytest.mark.parametrize("rol", ["", *ROLES])
def test_quien_registra_y_devuelve_a_mano(programa, de_rol, rol) -> None:
    vendida = programa.ventas(1)[0].conversion
    cliente, puede = de_rol(rol), rol == "Revisión"
    devolver = reverse("admin:conversiones_conversion_devolver", args=[vendida.pk])
    for url, datos in ((reverse(ALTA), venta(programa)), (devolver, devolucion())):
        assert (cliente.get(url).status_code == 200) is puede
        respuesta = cliente.post(url, datos)
        assert respuesta.status_code == (200 if puede else 403)
        if puede:
            assert cliente.post(url, ver(cliente, url, datos)).status_code == 302
    assert (Conversion.objects.count() == 2) is puede
    assert MovimientoConversion.objects.exists() is puede


def devolucion(**cambios: str) -> dict[str, str]:
    """What the page of a refund sends."""
    hoy = timezone.now() - timedelta(minutes=1)
    return {
        "monto": "", "tipo": "devolucion", "ocurrido_en_0": hoy.strftime("%d/%m/%Y"),
        "ocurrido_en_1": hoy.strftime("%H:%M:%S"), "causa": "articulo_devuelto", "nota": "",
        "id_externo": "", "ficha_de_un_uso": "ficha-2", **cambios,
    }  # fmt: skip


def _devolver(vendida: Conversion) -> str:
    return reverse("admin:conversiones_conversion_devolver", args=[vendida.pk])


def test_una_parte_dice_lo_que_quita_y_lo_que_queda(programa, admin) -> None:
    comision = programa.ventas(1)[0]
    url = _devolver(comision.conversion)
    assert "100,00" in admin.get(url).content.decode()
    antes = foto()
    vista = admin.post(url, devolucion(monto="30"))
    assert foto() == antes
    assert "30,00" in vista.context["devuelve"]
    assert "70,00" in vista.context["quedaria"]
    [quitada] = vista.context["quitadas"]
    assert "3,00" in quitada["quita"]
    assert "7,00" in quitada["queda"]
    admin.post(url, ver(admin, url, devolucion(monto="30", nota="Talla")))
    drenar()
    comision.refresh_from_db()
    assert (comision.monto, comision.conversion.movimientos.count()) == (D(7), 2)
    movimiento = MovimientoConversion.objects.get(tipo="devolucion")
    assert (movimiento.monto, movimiento.motivo) == (D(-30), "Artículo devuelto: Talla")
    assert movimiento.actor == f"persona:{admin.session['_auth_user_id']}"
    ficha = admin.get(
        reverse("admin:conversiones_conversion_change", args=[movimiento.conversion_id])
    )
    assert "Artículo devuelto: Talla" in ficha.content.decode()
    assert "70,00" in ficha.content.decode()


def test_entera_y_dos_veces(programa, admin) -> None:
    comision = programa.ventas(1)[0]
    url = _devolver(comision.conversion)
    datos = ver(admin, url, devolucion())
    assert [admin.post(url, datos).status_code for _vez in range(2)] == [302, 200]
    drenar()
    comision.refresh_from_db()
    assert (comision.estado, comision.monto) == ("anulada", D(0))
    assert MovimientoConversion.objects.filter(tipo="devolucion").count() == 1
    ficha = admin.get(
        reverse("admin:conversiones_conversion_change", args=[comision.conversion_id])
    )
    assert url not in ficha.content.decode()


def test_de_lo_pagado_dice_que_se_descuenta(programa, admin) -> None:
    pago = programa.pago("pagado")
    comision = Comision.objects.get(items_pago__pago=pago)
    url = _devolver(comision.conversion)
    vista = admin.post(url, devolucion(monto="50"))
    assert vista.context["quitadas"][0]["descontada"] is True
    assert not Ajuste.objects.exists()
    admin.post(url, ver(admin, url, devolucion(monto="50")))
    drenar()
    assert Ajuste.objects.get().monto == D(-5)
    assert Reverso.objects.get().monto == D(5)


@pytest.mark.parametrize(
    ("cambios", "campo"),
    [
        ({"monto": "100,01"}, "monto"),
        ({"monto": "-1"}, "monto"),
        ({"monto": "0"}, "monto"),
        ({"monto": "1,00001"}, "monto"),
        ({"causa": ""}, "causa"),
        ({"causa": "porque_si"}, "causa"),
        ({"tipo": "venta"}, "tipo"),
        ({"ocurrido_en_0": "31/12/2099"}, "ocurrido_en"),
        ({"id_externo": "mov_01ARZ3NDEKTSV4RRFFQ69G5FAV"}, "id_externo"),
    ],
)
def test_una_devolucion_mala_no_escribe_nada(programa, admin, cambios, campo) -> None:
    url = _devolver(programa.ventas(1)[0].conversion)
    antes = foto()
    vista = admin.post(url, devolucion(**cambios))
    assert list(vista.context["form"].errors) == [campo]
    assert foto() == antes


def test_lo_que_cambio_antes_de_confirmarla(programa, admin) -> None:
    """Half of the sale went back meanwhile: «all that is left» is not what was seen."""
    comision = programa.ventas(1)[0]
    url = _devolver(comision.conversion)
    datos = ver(admin, url, devolucion())
    otra = ver(admin, url, devolucion(monto="50", ficha_de_un_uso="otra"))
    assert admin.post(url, otra).status_code == 302
    vista = admin.post(url, datos)
    assert vista.context["cambio"] is True
    assert "50,00" in vista.context["devuelve"]
    assert MovimientoConversion.objects.filter(tipo="devolucion").count() == 1


def _rechazar(cliente: Client, vendida: Conversion, accion: str, **datos: str) -> Any:
    url = reverse("admin:conversiones_conversion_accion", args=[vendida.pk, accion])
    return cliente.post(url, {"motivo_codigo": "fraude", **datos})


@pytest.mark.parametrize("accion", ["rechazar", "rechazar_validada"])
def test_se_rechaza_con_una_causa(programa, admin, accion) -> None:
    comision = programa.ventas(1)[0]
    vendida = comision.conversion
    if accion == "rechazar_validada":
        validar_conversion(conversion=vendida, actor=PRUEBA)
    _rechazar(admin, vendida, accion, motivo_codigo="nada")
    vendida.refresh_from_db()
    assert vendida.estado in ("recibida", "validada")
    _rechazar(admin, vendida, accion, motivo="Tarjeta robada")
    drenar()
    vendida.refresh_from_db()
    comision.refresh_from_db()
    assert vendida.estado == {"rechazar": "rechazada"}.get(accion, "revertida")
    assert (comision.estado, comision.monto) in (("anulada", D(0)), ("anulada", D(10)))
    ultimo = Historial.objects.filter(entidad="conversion").last()
    assert ultimo.motivo.endswith("Fraude: Tarjeta robada")


def test_rechazada_despues_de_pagarla_se_descuenta(programa, admin) -> None:
    pago = programa.pago("pagado")
    comision = Comision.objects.get(items_pago__pago=pago)
    validar_conversion(conversion=comision.conversion, actor=PRUEBA)
    for _vez in range(2):
        _rechazar(admin, comision.conversion, "rechazar_validada")
        drenar()
    assert Ajuste.objects.get().monto == D(-10)


def test_la_que_no_esta_validada_no_se_devuelve_al_rechazarla(programa, admin) -> None:
    vendida = programa.ventas(1)[0].conversion
    _rechazar(admin, vendida, "rechazar_validada")
    assert not MovimientoConversion.objects.exists()
