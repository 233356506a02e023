"""Links and coupons: one owner of a code, what each refuses, and how both end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from afiliados.afiliado.services import bloquear_afiliado
from alpespartner.comun.errores import DatoInvalido, ErrorDominio, TransicionInvalida
from alpespartner.comun.models import Historial
from conversiones.campanas.errores import CampanaTerminada
from conversiones.campanas.services import actualizar_campana, finalizar_campana
from conversiones.rastreo.errores import (
    AfiliadoNoAdmite,
    CodigoOcupado,
    CuponOcupado,
    DestinoNoAdmitido,
    SinDestino,
)
from conversiones.rastreo.models import Clic, Cupon, Enlace
from conversiones.rastreo.selectors import (
    clics_de,
    cupon_vivo,
    enlace_por_codigo,
    leer_clic,
)
from conversiones.rastreo.services import retirar_cupon, retirar_enlace
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, problema

pytestmark = pytest.mark.django_db
PAGINA = "https://tienda.example/inicio"


def test_un_enlace_con_su_evento_y_su_historial() -> None:
    enlace = fabricas.enlace(codigo=" Verano_26 ", destino="https://tienda.example/oferta?a=1")
    enlace.refresh_from_db()
    assert (enlace.codigo, enlace.estado) == ("verano_26", "activo")
    evento = OutboxEvent.objects.get(aggregateid=enlace.id_publico)
    assert (evento.type, evento.aggregatetype) == ("EnlaceCreado", "marketing")
    retirar_enlace(enlace=enlace, actor=ANA, motivo="dejó el programa")
    enlace.refresh_from_db()
    assert (enlace.estado, enlace.version) == ("retirado", 2)
    assert enlace.retirado_en is not None
    pasos = Historial.objects.filter(entidad="enlace", entidad_id=enlace.id_publico)
    assert list(pasos.order_by("pk").values_list("accion", "motivo")) == [
        ("crear", ""), ("retirar", "dejó el programa"),
    ]  # fmt: skip
    with pytest.raises(TransicionInvalida):
        retirar_enlace(enlace=enlace, actor=ANA, motivo="otra vez")
    # Printed somewhere: nobody gets its code again.
    with pytest.raises(CodigoOcupado):
        fabricas.enlace(codigo="VERANO_26")


def test_sin_codigo_recibe_uno_que_nadie_adivina() -> None:
    codigos = {fabricas.enlace().codigo for _ in range(5)}
    assert len(codigos) == 5
    assert {len(c) for c in codigos} == {9}


@pytest.mark.parametrize(
    "escrito", ["verano", " VERANO ", "verano.", "«Verano»,", "verano)!?", "ve\u200brano"]
)
def test_se_busca_como_se_escriba(escrito: str) -> None:
    enlace = fabricas.enlace(codigo="verano")
    assert enlace_por_codigo(escrito) == enlace
    assert enlace_por_codigo("veran") is None


@pytest.mark.parametrize(
    "codigo", ["ab", "-abc", "abc-", "a b", "año", "a" * 65, "a/b", "a.b", "x%00y"]
)
def test_codigos_malos(codigo: str) -> None:
    with pytest.raises(DatoInvalido) as fallo:
        fabricas.enlace(codigo=codigo)
    assert fallo.value.campo == "codigo"
    assert not Enlace.objects.exists()


def test_solo_a_los_sitios_de_su_campana() -> None:
    campana = fabricas.campana(pagina=PAGINA, destinos=["Otro.example", "otro.example"])
    assert campana.destinos == ["otro.example"]
    for bueno in ("https://tienda.example/x", "https://otro.example/", ""):
        fabricas.enlace(en=campana, destino=bueno)
    for malo in ("https://mal.example/", "http://otro.example/", "https://u@otro.example", "nada"):
        with pytest.raises(DestinoNoAdmitido):
            fabricas.enlace(en=campana, destino=malo)
    with pytest.raises(SinDestino):
        fabricas.enlace(en=fabricas.campana())


@pytest.mark.parametrize(
    ("campo", "valor"),
    [
        ("pagina", "http://tienda.example"), ("pagina", "tienda.example"),
        ("pagina", "https://u:p@tienda.example"), ("pagina", "https://a.b/" + "x" * 1000),
        ("destinos", ["https://a.example"]), ("destinos", ["a.example/x"]), ("destinos", ["a"]),
        ("destinos", [f"a{n}.example" for n in range(51)]),
        ("parametros", ["a b"]), ("parametros", ["a=b"]),
        ("parametros", ["p", *(f"p{n}" for n in range(20))]),
    ],
)  # fmt: skip
def test_lo_que_una_campana_no_admite(campo: str, valor: Any) -> None:
    campana = fabricas.campana()
    with pytest.raises(DatoInvalido) as fallo:
        actualizar_campana(campana=campana, cambios={campo: valor}, actor=ANA)
    assert fallo.value.campo == campo


def test_quien_no_recibe_enlaces_ni_cupones() -> None:
    fuera, dentro = fabricas.afiliado(), fabricas.afiliado()
    bloquear_afiliado(afiliado=fuera, actor=ANA, motivo="m")
    campana = fabricas.campana(pagina=PAGINA)
    terminada = finalizar_campana(campana=fabricas.campana(pagina=PAGINA), actor=ANA, motivo="m")
    for hacer in (
        lambda: fabricas.enlace(de=fuera, en=campana),
        lambda: fabricas.cupon("UNO", de=fuera),
    ):
        with pytest.raises(AfiliadoNoAdmite):
            hacer()
    for hacer in (
        lambda: fabricas.enlace(de=dentro, en=terminada),
        lambda: fabricas.cupon("UNO", de=dentro, en=terminada),
    ):
        with pytest.raises(CampanaTerminada):
            hacer()
    assert not Enlace.objects.exists()
    assert not Cupon.objects.exists()


def test_un_cupon_tiene_un_dueno_a_la_vez() -> None:
    primero, segundo = fabricas.afiliado(), fabricas.afiliado()
    cupon = fabricas.cupon(" verano-10 ", de=primero)
    assert cupon.codigo == "VERANO-10"
    with pytest.raises(CuponOcupado):
        fabricas.cupon("Verano-10", de=segundo)
    antes = timezone.now()
    retirar_cupon(cupon=cupon, actor=ANA, motivo="m")
    nuevo = fabricas.cupon("VERANO-10", de=segundo)
    # Whose it was when the sale occurred, whoever has it now.
    assert cupon_vivo("verano-10", antes) == cupon
    assert cupon_vivo("verano-10", timezone.now()) == nuevo
    assert cupon_vivo("verano-10", antes - timedelta(days=1)) is None
    assert [e.type for e in OutboxEvent.objects.filter(aggregateid=cupon.id_publico)] == [
        "CuponCreado", "CuponRetirado",
    ]  # fmt: skip


def test_un_cupon_de_una_campana_no_vale_en_otra() -> None:
    suya, otra = fabricas.campana(), fabricas.campana()
    cupon = fabricas.cupon("SOLO", en=suya)
    ahora = timezone.now()
    assert cupon_vivo("solo", ahora, suya) == cupon
    assert cupon_vivo("solo", ahora, otra) is None
    de_todas = fabricas.cupon("TODAS")
    assert cupon_vivo("todas", timezone.now(), otra) == de_todas


@pytest.mark.parametrize("codigo", ["ab", "a" * 33, "año", "a b", "", "a.b", "ß" * 20])
def test_cupones_malos(codigo: str) -> None:
    with pytest.raises(DatoInvalido):
        fabricas.cupon(codigo)
    assert not Cupon.objects.exists()


def test_los_clics_de_un_visitante() -> None:
    """Only those that count, in the campaign and the window, both ends included."""
    campana = fabricas.campana(pagina=PAGINA)
    enlace, ajeno = fabricas.enlace(en=campana), fabricas.enlace()
    ahora = timezone.now()
    dias = timedelta(days=30)
    primero = fabricas.clic(enlace, momento=ahora - dias)
    quien = primero.id_publico
    ultimo = fabricas.clic(enlace, momento=ahora, visitante=quien)
    fabricas.clic(enlace, momento=ahora - dias - timedelta(microseconds=1), visitante=quien)
    fabricas.clic(enlace, momento=ahora + timedelta(microseconds=1), visitante=quien)
    robot = fabricas.clic(enlace, momento=ahora, visitante=quien, descartado="robot")
    fabricas.clic(ajeno, momento=ahora, visitante=quien)
    fabricas.clic(enlace, momento=ahora)
    # Without consent it names no browser: others of nobody are not its own.
    mudo, _otro = (fabricas.clic(enlace, momento=ahora, visitante="") for _ in range(2))
    tramo: dict[str, Any] = {"campana": campana, "desde": ahora - dias, "hasta": ahora}
    assert [uno.pk for uno in clics_de([quien], **tramo)] == [ultimo.pk, primero.pk]
    for clic, suyos in (
        (ultimo, [ultimo, primero]), (robot, [ultimo, primero]), (mudo, []),
    ):  # fmt: skip
        leido = leer_clic(clic.id_publico, ahora)
        hallados = leido.del_tramo(**tramo)
        assert (leido.clic, [uno.pk for uno in hallados]) == (clic, [uno.pk for uno in suyos])
        assert all(uno.afiliado == enlace.afiliado for uno in hallados)
        assert hallados == (clics_de([quien], **tramo) if suyos else [])
    # A click of another campaign: its browser's clicks in this one.
    de_otra = leer_clic(Clic.objects.get(enlace=ajeno).id_publico, ahora)
    assert [uno.pk for uno in de_otra.del_tramo(**tramo)] == [ultimo.pk, primero.pk]
    assert leer_clic("clic_forjado", ahora).del_tramo(**tramo) == []


def test_por_la_api() -> None:
    campana = fabricas.campana(predeterminada=True, pagina=PAGINA)
    afiliado, otro = fabricas.afiliado(), fabricas.afiliado()
    api = fabricas.api()
    hecho = api.enviar("/api/v1/enlaces", {"afiliado_id": afiliado.id_publico, "codigo": "Ana"})
    assert hecho.status_code == 201
    cuerpo = hecho.json()
    assert cuerpo["enlace_id"].startswith("enl_")
    assert (cuerpo["codigo"], cuerpo["url"].rpartition("/r/")[2]) == ("ana", "ana")
    assert cuerpo["campana_id"] == campana.id_publico
    repetido = api.enviar("/api/v1/enlaces", {"afiliado_id": otro.id_publico, "codigo": "ANA"})
    problema(repetido, 409, "codigo_ocupado")
    malo = {"afiliado_id": afiliado.id_publico, "destino": "https://mal.example"}
    problema(api.enviar("/api/v1/enlaces", malo), 400, "destino_no_admitido")
    borrador = fabricas.campana(activa=False, pagina=PAGINA)
    suya = fabricas.api(["enlaces:leer", "enlaces:escribir"], de=afiliado)
    en_borrador = {"afiliado_id": afiliado.id_publico, "campana_id": borrador.id_publico}
    problema(suya.enviar("/api/v1/enlaces", en_borrador), 422, "campana_desconocida")
    assert [e["codigo"] for e in suya.get("/api/v1/enlaces").json()["resultados"]] == ["ana"]
    retirado = suya.enviar(f"/api/v1/enlaces/{cuerpo['enlace_id']}/retirar", {"motivo": "m"})
    assert retirado.json()["estado"] == "retirado"
    problema(suya.enviar(f"/api/v1/enlaces/{cuerpo['enlace_id']}/retirar", {}), 400)

    cupon = api.enviar("/api/v1/cupones", {"afiliado_id": otro.id_publico, "codigo": "diez"})
    assert (cupon.status_code, cupon.json()["codigo"], cupon.json()["campana_id"]) == (
        201, "DIEZ", None,
    )  # fmt: skip
    de_otro = {"afiliado_id": afiliado.id_publico, "codigo": "Diez"}
    problema(api.enviar("/api/v1/cupones", de_otro), 409, "cupon_ocupado")
    lista = api.get("/api/v1/cupones?codigo=diez").json()["resultados"]
    assert [c["cupon_id"] for c in lista] == [cupon.json()["cupon_id"]]
    assert (
        fabricas.api(["cupones:leer"], de=afiliado).get("/api/v1/cupones").json()["resultados"]
        == []
    )


def test_nada_queda_de_lo_que_se_rechaza() -> None:
    fabricas.cupon("UNO")
    antes = fabricas.foto()
    afiliado = fabricas.afiliado()
    antes = fabricas.foto()
    with pytest.raises(ErrorDominio):
        fabricas.cupon("uno", de=afiliado)
    assert fabricas.foto() == antes
