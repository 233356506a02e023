"""From where a key may be used, how much it approves, and when it was last used."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from ipaddress import ip_address
from typing import Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.claves import uso
from afiliados.claves.direcciones import admite, caben, exigir_redes
from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import (
    _exigir_que_no_de_mas,
    crear_clave,
    exigir_alcances,
    partes_de_prueba,
    restringir_clave,
    rotar_clave,
    texto_de_prueba,
)
from afiliados.claves.topes import no_pasan, topes_de
from alpespartner.comun.errores import DatoInvalido
from alpespartner.comun.models import Historial
from tests.fabricas import ANA, PRUEBAS, ClienteAPI, campana, comision, foto, problema

pytestmark = pytest.mark.django_db
RUTA = "/api/v1/claves"
UNA = "/api/v1/afiliados"


def hecha(**datos: Any) -> tuple[ClaveAPI, ClienteAPI]:
    valores = {"nombre": "n", "titular": "Pruebas", "alcances": ["afiliados:leer"], **datos}
    clave, texto = crear_clave(**valores, actor=PRUEBAS)
    return clave, ClienteAPI(texto)


@pytest.mark.parametrize(
    ("dicho", "guardado"),
    [
        ("", ""),
        (" 203.0.113.7 ", "203.0.113.7/32"),
        ("10.1.2.3/8,\n10.0.0.0/8 ; 9.0.0.1", "9.0.0.1/32 10.0.0.0/8"),
        ("2001:DB8::1/64 1.1.1.1", "1.1.1.1/32 2001:db8::/64"),
        ("::ffff:10.0.0.1", "10.0.0.1/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
    ],
)
def test_las_redes_en_su_forma(dicho: str, guardado: str) -> None:
    assert exigir_redes(dicho) == guardado


@pytest.mark.parametrize(
    "malo", ["x", "10.0.0.0/33", "1.2.3", "::1/129", "１.1.1.1", "10.0.0.0/8/8"]
)
def test_lo_que_no_es_una_red(malo: str) -> None:
    with pytest.raises(DatoInvalido) as dicho:
        exigir_redes(malo)
    assert dicho.value.campo == "direcciones"
    muchas = " ".join(f"10.0.0.{n}" for n in range(21))
    with pytest.raises(DatoInvalido):
        exigir_redes(muchas)
    assert exigir_redes(muchas.rpartition(" ")[0])


def test_unas_dentro_de_otras() -> None:
    assert caben("10.1.0.0/16 2001:db8::/64", "10.0.0.0/8 2001:db8::/32")
    assert caben("10.0.0.0/8", "")
    for dentro in ("", "10.0.0.0/7", "10.0.0.0/8 11.0.0.0/32", "::/0"):
        assert not caben(dentro, "10.0.0.0/8")
    # What no service wrote lets nobody in, nor does a caller without an address.
    assert not admite("nada", None)
    assert not admite("nada", ip_address("10.0.0.1"))


def test_solo_desde_sus_direcciones(settings: Any) -> None:
    _clave, cliente = hecha(direcciones="10.0.0.0/8 2001:db8::/64")
    for desde, estado in {
        "10.9.9.9": 200, "::ffff:10.0.0.1": 200, "2001:db8::5": 200, "11.0.0.1": 403,
        "2001:db8:1::5": 403, "": 403,
    }.items():  # fmt: skip
        assert cliente.get(UNA, REMOTE_ADDR=desde).status_code == estado, desde
    antes = foto()
    problema(cliente.get(UNA, REMOTE_ADDR="11.0.0.1"), 403, "direccion_no_admitida")
    assert foto() == antes
    # What a caller says of itself is not believed, unless our proxy is who says it.
    dice = {"HTTP_X_FORWARDED_FOR": "11.0.0.1, 10.0.0.1"}
    assert cliente.get(UNA, REMOTE_ADDR="11.0.0.1", **dice).status_code == 403
    settings.DETRAS_DE_PROXY = True
    assert cliente.get(UNA, REMOTE_ADDR="11.0.0.1", **dice).status_code == 200
    dice = {"HTTP_X_FORWARDED_FOR": "10.0.0.1, 11.0.0.1"}
    assert cliente.get(UNA, REMOTE_ADDR="10.0.0.1", **dice).status_code == 403


def test_se_dicen_por_la_api_y_se_heredan() -> None:
    _quien, cliente = hecha(
        alcances=["claves:leer", "claves:escribir"], direcciones="127.0.0.0/8",
        aprueba_por_dia={"USD": Decimal(100)},
    )  # fmt: skip
    cuerpo = {"nombre": "m", "alcances": ["claves:leer"]}
    otra = cliente.enviar(RUTA, cuerpo).json()
    assert otra["direcciones"] == ["127.0.0.0/8"]
    assert (otra["aprueba_por_venta"], otra["aprueba_por_dia"]) == (None, {"USD": "100.00"})
    ruta = f"{RUTA}/{otra['clave_id']}"
    menos = {"direcciones": ["127.0.0.1"], "aprueba_por_dia": {"USD": "50"}}
    hecho = cliente.cambiar(ruta, menos).json()
    assert (hecho["direcciones"], hecho["aprueba_por_dia"]) == (["127.0.0.1/32"], {"USD": "50.00"})
    paso = Historial.objects.get(entidad="clave", accion="restringir")
    assert paso.datos["antes"] == {"direcciones": "127.0.0.0/8", "aprueba_por_dia": "USD 100"}
    antes = foto()
    for mas in (
        {"direcciones": []}, {"direcciones": ["128.0.0.1"]}, {"aprueba_por_dia": {"USD": "50.01"}},
        {"aprueba_por_dia": {}}, {"aprueba_por_dia": {"EUR": "1"}}, {"direcciones": ["x"]},
        {"aprueba_por_venta": {"XXX": "1"}}, {"aprueba_por_venta": {"USD": "1.001"}},
    ):  # fmt: skip
        problema(cliente.cambiar(ruta, mas), 400)
    for mas in (
        {"direcciones": []}, {"direcciones": ["128.0.0.1"]}, {"aprueba_por_dia": {}},
        {"aprueba_por_dia": {"USD": "100.01"}}, {"aprueba_por_venta": {"XXX": "1"}},
    ):  # fmt: skip
        problema(cliente.enviar(RUTA, {**cuerpo, **mas}), 400)
    assert foto() == antes
    # Without a change nothing is written.
    assert cliente.cambiar(ruta, menos).status_code == 200
    assert foto() == antes
    nueva, _texto = rotar_clave(
        clave=ClaveAPI.objects.get(id_clave=otra["clave_id"]), actor=ANA,
        expira_anterior_en=timezone.now(),
    )  # fmt: skip
    assert (nueva.direcciones, nueva.aprueba_por_dia) == ("127.0.0.1/32", "USD 50")
    ajena, _cliente = hecha(titular="Otro")
    problema(cliente.cambiar(f"{RUTA}/{ajena.id_clave}", menos), 404, "clave_desconocida")


def test_aprueba_hasta_lo_suyo() -> None:
    alcances = ["comisiones:aprobar", "comisiones:aprobar_propias"]
    en = campana()
    filas = [comision(en=en) for _vez in range(3)]
    clave, cliente = hecha(alcances=alcances, aprueba_por_venta={"EUR": Decimal(9)})

    def aprobar(n: int, por: ClienteAPI = cliente) -> Any:
        return por.enviar(f"/api/v1/comisiones/{filas[n].id_publico}/aprobar", {})

    # A currency that is not listed is approved by persons.
    problema(aprobar(0), 403, "limite_de_clave")
    monto = filas[0].monto
    restringir_clave(clave=clave, actor=ANA, restricciones={"aprueba_por_venta": {"USD": monto}})
    assert aprobar(0).status_code == 200
    dia = {"aprueba_por_dia": {"USD": monto * 2 - Decimal("0.01")}}
    restringir_clave(clave=clave, actor=ANA, restricciones=dia)
    problema(aprobar(1), 403, "limite_de_clave")
    # Nor does the one that takes its place; another of the same holder has its own.
    _nueva, texto = rotar_clave(clave=ClaveAPI.objects.get(pk=clave.pk), actor=ANA,
                                expira_anterior_en=timezone.now() + timedelta(days=1))  # fmt: skip
    problema(aprobar(1, ClienteAPI(texto)), 403, "limite_de_clave")
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        assert aprobar(1, ClienteAPI(texto)).status_code == 200
    assert aprobar(2, hecha(alcances=alcances)[1]).status_code == 200


def test_se_anota_una_vez_por_minuto(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.USO_DE_CLAVES_CADA = timedelta(minutes=1)
    clave, cliente = hecha()
    inicio = timezone.now().replace(microsecond=0)

    def ahora() -> tuple[Any, Any]:
        clave.refresh_from_db()
        return clave.usada_en, clave.usada_desde

    assert ahora() == (None, "")
    with time_machine.travel(inicio, tick=False) as reloj:
        cliente.get(UNA, REMOTE_ADDR="10.0.0.1")
        assert ahora() == (inicio, "10.0.0.1")
        reloj.shift(59)
        uso._DICHAS.clear()
        cliente.get(UNA, REMOTE_ADDR="10.0.0.2")
        # Another process told it.
        assert ahora() == (inicio, "10.0.0.1")
        reloj.shift(1)
        cliente.get(UNA, REMOTE_ADDR="10.0.0.2")
        # This process told it a second ago.
        assert ahora() == (inicio, "10.0.0.1")
        uso._DICHAS.clear()
        cliente.get(UNA, REMOTE_ADDR="10.0.0.2")
        assert ahora() == (inicio + timedelta(minutes=1), "10.0.0.2")
        # A wrong one was not used.
        reloj.shift(60)
        uso._DICHAS.clear()
        ClienteAPI(f"ap_{clave.id_clave}_{'x' * 43}").get(UNA)
        assert ahora()[0] == inicio + timedelta(minutes=1)


def test_en_una_maquina_recien_encendida_tambien_se_anota(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its clock counts from when it was started."""
    settings.USO_DE_CLAVES_CADA = timedelta(minutes=1)
    monkeypatch.setattr(uso, "_DICHAS", {})
    veces = []
    for segundos in (0.5, 60.4, 60.5, 60.6):
        monkeypatch.setattr(uso.time, "monotonic", lambda ahora=segundos: ahora)
        veces.append(uso.toca_anotar("a"))
    assert veces == [True, False, True, False]


def test_se_anota_tras_responder_y_sin_estorbar(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.USO_DE_CLAVES_CADA = timedelta(minutes=1)
    clave, cliente = hecha(alcances=["afiliados:escribir"])

    def falla(*_args: Any, **_opciones: Any) -> Any:
        # By then what was asked for is there.
        vistos.append(Afiliado.objects.count())
        raise DatabaseError("lleno")

    vistos: list[int] = []
    monkeypatch.setattr(uso.ClaveAPI.objects, "filter", falla)
    respuesta = cliente.enviar(UNA, {"nombre": "A", "email": "a@b.co"})
    assert (respuesta.status_code, vistos) == (201, [1])
    monkeypatch.undo()
    clave.refresh_from_db()
    assert clave.usada_en is None


def test_con_la_orden(capsys: pytest.CaptureFixture[str]) -> None:
    call_command(
        "crear_clave_api", nombre="n", alcances="afiliados:leer", direcciones="10.0.0.1",
        aprueba_por_dia="USD 5",
    )  # fmt: skip
    clave = ClaveAPI.objects.get()
    assert (clave.direcciones, clave.aprueba_por_dia) == ("10.0.0.1/32", "USD 5")


@pytest.mark.parametrize(
    ("de", "que", "si"),
    [
        ("", "", True), ("USD 5.00", "", True), ("", "USD 5.00", False),
        ("USD 5.00", "USD 5.00", True), ("USD 5.01", "USD 5.00", False),
        ("COP 1, USD 5.01", "COP 1, USD 5.00", False), ("COP 2, USD 1.00", "USD 5.00", False),
        ("USD 1.00", "COP 2, USD 5.00", True),
    ],
)  # fmt: skip
def test_un_limite_no_pasa_de_otro_en_ninguna_moneda(de: str, que: str, si: bool) -> None:
    assert no_pasan(de, que) is si


def test_un_limite_de_una_moneda_que_no_existe_no_deja_pasar_nada() -> None:
    assert topes_de("QQQ 5.00") == topes_de("USD 5.00, QQQ 1.00") == {}
    assert (topes_de("USD 5.00"), topes_de("")) == ({"USD": Decimal(5)}, None)


def test_toda_la_red_de_ipv4_es_una_red_de_ipv4() -> None:
    assert exigir_redes("::ffff:0:0/96") == "0.0.0.0/0"
    assert exigir_redes("::ffff:10.0.0.1") == "10.0.0.1/32"


def test_una_clave_sin_alcances_no_se_hace() -> None:
    with pytest.raises(DatoInvalido):
        exigir_alcances([], None)
    assert exigir_alcances(["claves:leer", "afiliados:leer", "claves:leer"], None) == [
        "afiliados:leer", "claves:leer",
    ]  # fmt: skip


def test_lo_que_sobra_se_dice_aunque_sea_no_tener_limite() -> None:
    with pytest.raises(DatoInvalido, match="sin límite"):
        _exigir_que_no_de_mas({"aprueba_por_dia": "USD 5.00"}, {"aprueba_por_dia": ""})
    with pytest.raises(DatoInvalido, match=r"USD 6\.00"):
        _exigir_que_no_de_mas({"aprueba_por_dia": "USD 5.00"}, {"aprueba_por_dia": "USD 6.00"})


def test_el_texto_de_una_clave_de_prueba_es_de_su_forma() -> None:
    texto = texto_de_prueba()
    partes = partes_de_prueba(texto)
    assert partes is not None
    assert f"ap_test_{partes[0]}_{partes[1]}" == texto
    assert partes_de_prueba(texto.replace("_test_", "_")) is None
