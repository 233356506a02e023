"""Refunds against their sales: whichever comes first, in whatever currency, in each campaign."""

from __future__ import annotations

import io
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.errores import Conflicto, DatoInvalido
from alpespartner.comun.identificadores import nuevo_id
from comisiones.comision.models import Comision
from conversiones.campanas.models import Campana
from conversiones.ventas import devoluciones
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion, DevolucionPendiente, MovimientoConversion
from conversiones.ventas.tasks import barrer
from tests import fabricas
from tests.fabricas import PRUEBAS, ClienteAPI, a_la_vez

pytestmark = pytest.mark.django_db(transaction=True)
D = Decimal


def calculable(referencia: str, campana: Campana, afiliado: Afiliado) -> dict[str, str]:
    return {
        "conversionId": referencia, "campaignId": campana.id_publico,
        "affiliateId": afiliado.id_publico, "grossAmount": "100",
    }  # fmt: skip


@pytest.mark.lento
def test_cuarenta_ventas_contra_su_devolucion() -> None:
    """Each refund takes from its sale, whichever commits first and whichever door it came by."""
    campana, afiliado, clave = fabricas.campana(), fabricas.afiliado(), fabricas.clave()
    for n in range(40):
        referencia = f"pedido-{n}"

        def vender(r: str = referencia, calculada: bool = n % 2 == 0) -> int:
            cuerpo = {
                "afiliado_id": afiliado.id_publico, "campana_id": campana.id_publico,
                "valor_conversion": "100", "referencia_externa": r,
            }  # fmt: skip
            ruta = "/api/v1/conversiones"
            if calculada:
                ruta = "/commissions/calculate"
                cuerpo = calculable(r, campana, afiliado)
            return int(ClienteAPI(clave).enviar(ruta, cuerpo).status_code)

        def tomar(r: str = referencia) -> int:
            cuerpo = {"id_externo": f"d-{r}", "campana_id": campana.id_publico}
            ruta = f"/api/v1/conversiones/{r}/devoluciones"
            return int(ClienteAPI(clave).enviar(ruta, cuerpo).status_code)

        venta, devolucion = a_la_vez([vender, tomar])
        assert (venta, devolucion in (201, 202)) == (201, True), (venta, devolucion)
    assert {c.estado for c in Conversion.objects.all()} == {"revertida"}
    assert not DevolucionPendiente.objects.filter(resuelta_en=None).exists()
    fabricas.entregar_todo()
    assert sum(c.monto for c in Comision.objects.all()) == 0
    call_command("verificar", stdout=io.StringIO())


def test_la_que_espera_a_una_venta_que_llega_calculada() -> None:
    """It takes its part of the sale at once, and of the commission when it is told of it."""
    campana, afiliado, api = fabricas.campana(), fabricas.afiliado(), fabricas.api()
    cuerpo = {"id_externo": "d", "monto": "40", "campana_id": campana.id_publico}
    assert api.enviar("/api/v1/conversiones/p/devoluciones", cuerpo).status_code == 202
    respuesta = api.enviar("/commissions/calculate", calculable("p", campana, afiliado))
    assert respuesta.status_code == 201
    assert Conversion.objects.get().estado == "revertida_parcial"
    assert not DevolucionPendiente.objects.filter(resuelta_en=None).exists()
    fabricas.entregar_todo()
    comision = Comision.objects.get()
    assert (comision.monto, comision.revertido) == (D(6), D(4))


def test_la_venta_que_llega_mientras_se_guarda(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sale commits after the refund was told that there is none, and before it is kept."""
    campana, afiliado = fabricas.campana(), fabricas.afiliado()
    buscar, hecha = devoluciones.Campana.objects.select_for_update, threading.Event()

    def y_llega(*args: Any, **opciones: Any) -> Any:
        if not hecha.is_set():
            hecha.set()
            # SQLite: the refund has not taken the write lock of another connection yet.
            fabricas.conversion(de=afiliado, en=campana, referencia_externa="p")
        return buscar(*args, **opciones)

    monkeypatch.setattr(devoluciones.Campana.objects, "select_for_update", y_llega)
    respuesta = fabricas.api().enviar(
        "/api/v1/conversiones/p/devoluciones",
        {"id_externo": "d", "monto": "40", "campana_id": campana.id_publico},
    )
    assert (respuesta.status_code, respuesta.json()["queda"]) == (201, "60.00")


@pytest.mark.skipif(connection.vendor != "mysql", reason="solo MySQL tiene dos escritores a la vez")
def test_la_venta_sin_confirmar() -> None:
    """The refund waits for a sale that is written and not committed."""
    from django.db import transaction

    campana, afiliado = fabricas.campana(), fabricas.afiliado()
    escrita, suelta = threading.Event(), threading.Event()

    def vender() -> None:
        with transaction.atomic():
            fabricas.conversion(de=afiliado, en=campana, referencia_externa="p")
            escrita.set()
            suelta.wait(1)

    def tomar() -> Any:
        escrita.wait(10)
        return devoluciones.guardar_pendiente(
            campana=campana, referencia="p", datos=Devolucion(id_externo="d"), actor=PRUEBAS
        )

    _venta, hecho = a_la_vez([vender, tomar])
    assert isinstance(hecho, MovimientoConversion), hecho
    assert Conversion.objects.get().estado == "revertida"


def olvidada(monto: str | None = "40", **datos: Any) -> Conversion:
    """A sale whose refund waits for it still, as an earlier version left them."""
    venta = fabricas.conversion(referencia_externa="p", **datos)
    DevolucionPendiente.objects.create(
        campana=venta.campana, referencia_externa="p", tipo="devolucion", id_externo="vieja",
        monto=monto and D(monto), actor="clave:x", ocurrido_en=venta.ocurrida_en,
    )  # fmt: skip
    return venta


@pytest.mark.lento
def test_el_reloj_barre_las_olvidadas() -> None:
    """An invariant names them, the sweep applies them once, and the invariant is content."""
    venta = olvidada()
    fabricas.entregar_todo()
    salida = io.StringIO()
    with pytest.raises((CommandError, SystemExit)):
        call_command("verificar", stdout=salida)
    assert "vieja" in salida.getvalue()
    assert settings.CELERY_BEAT_SCHEDULE["barrer-devoluciones"]["task"] == barrer.name
    assert (barrer(), barrer()) == (1, 0)
    fabricas.entregar_todo()
    assert Comision.objects.get(conversion=venta).monto == D(6)
    call_command("verificar", stdout=io.StringIO())


def test_una_que_no_cabe_no_detiene_el_barrido() -> None:
    """It keeps its reason, and its neighbour is applied."""
    mala = olvidada("500")
    buena = fabricas.conversion(de=mala.afiliado, en=mala.campana, referencia_externa="q")
    DevolucionPendiente.objects.create(
        campana=mala.campana, referencia_externa="q", tipo="devolucion", id_externo="otra",
        actor="clave:x", ocurrido_en=buena.ocurrida_en,
    )  # fmt: skip
    assert barrer() == 2
    assert "quedan" in DevolucionPendiente.objects.get(id_externo="vieja").problema
    buena.refresh_from_db()
    assert buena.estado == "revertida"


def test_cuatro_barridos_a_la_vez() -> None:
    """Applied once."""
    venta = olvidada()
    assert sum(a_la_vez([barrer] * 4)) == 1
    assert venta.movimientos.filter(tipo="devolucion").count() == 1


@pytest.mark.parametrize(
    ("moneda", "valor", "monto", "queda"),
    [
        ("KWD", "10", "1.234", "8.766"), ("EUR", "100", "40.00", "60.00"),
        ("USD", "100", "1.234", None), ("JPY", "1000", "0.5", None), ("JPY", "1000", "500", "500"),
    ],
)  # fmt: skip
def test_la_moneda_es_la_de_la_venta(
    moneda: str, valor: str, monto: str, queda: str | None, client: Any, admin_user: Any
) -> None:
    """What waits says no currency; what its sale's does not admit is set aside, seen by people."""
    campana, afiliado = fabricas.campana(), fabricas.afiliado()
    respuesta = fabricas.api().enviar(
        "/api/v1/conversiones/p/devoluciones",
        {"id_externo": "d", "monto": monto, "campana_id": campana.id_publico},
    )
    assert respuesta.status_code == 202, respuesta.content
    assert (respuesta.json()["monto"], respuesta.json()["moneda"]) == (monto, None)
    client.force_login(admin_user)
    lista = reverse("admin:conversiones_devolucionpendiente_changelist")
    assert "USD" not in client.get(lista).content.decode().partition("<tbody")[2]
    venta = fabricas.conversion(
        de=afiliado, en=campana, referencia_externa="p", moneda=moneda, valor=valor
    )
    pendiente = DevolucionPendiente.objects.get()
    assert pendiente.resuelta_en is not None
    if queda is None:
        assert moneda in pendiente.problema
        assert moneda in client.get(f"{lista}?situacion=problema").content.decode()
        assert not venta.movimientos.exists()
    else:
        assert (pendiente.problema, devoluciones.queda_de(venta)) == ("", D(queda))


@pytest.mark.parametrize("monto", ["0", "-1", "1.00001", "100000000000"])
def test_lo_que_ninguna_venta_admite(monto: str) -> None:
    """No service call keeps it either."""
    campana = fabricas.campana()
    antes = fabricas.foto()
    with pytest.raises(DatoInvalido):
        devoluciones.guardar_pendiente(
            campana=campana, referencia="p", actor=PRUEBAS,
            datos=Devolucion(id_externo="d", monto=D(monto)),
        )  # fmt: skip
    assert fabricas.foto() == antes


def test_el_numero_es_de_su_campana() -> None:
    """``R-1`` of two shops are two refunds, kept or applied; of one, a conflict."""
    afiliado, campanas = fabricas.afiliado(), [fabricas.campana(), fabricas.campana()]
    ventas = [fabricas.conversion(de=afiliado, en=c, referencia_externa="p") for c in campanas]
    for venta in ventas:
        devolver(conversion=venta, datos=Devolucion(id_externo="R-1", monto=D(1)), actor=PRUEBAS)
    with pytest.raises(Conflicto):
        devolver(conversion=ventas[0], datos=Devolucion(id_externo="R-1"), actor=PRUEBAS)
    for campana in campanas:
        datos: dict[str, Any] = {"campana": campana, "referencia": "q", "actor": PRUEBAS}
        devoluciones.guardar_pendiente(**datos, datos=Devolucion(id_externo="R-2"))
        for repetido in ("R-1", "R-2"):
            with pytest.raises(Conflicto):
                devoluciones.guardar_pendiente(**datos, datos=Devolucion(id_externo=repetido))
    assert MovimientoConversion.objects.filter(id_externo="R-1").count() == 2
    assert DevolucionPendiente.objects.count() == 2


def test_un_numero_como_los_nuestros() -> None:
    """It would be taken by the sale's own movement, which has the sale's id."""
    venta = fabricas.conversion(referencia_externa="p")
    ruta = f"/api/v1/conversiones/{venta.id_publico}/devoluciones"
    for numero in (venta.id_publico, nuevo_id("mov")):
        cuerpo = fabricas.api().enviar(ruta, {"id_externo": numero, "monto": "1"})
        fabricas.problema(cuerpo, 400, "referencia_reservada")
    assert not MovimientoConversion.objects.exists()
