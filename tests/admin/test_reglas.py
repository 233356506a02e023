"""Rules in the admin: the preview of a version changes nothing, its publication is whole."""

from __future__ import annotations

import pytest
from django.urls import reverse

from comisiones.reglas.models import VersionRegla
from comisiones.reglas.services import crear_regla
from tests.fabricas import ANA, foto

TIERS = {
    "tipo": "escalonada", "moneda": "USD", "tramos": "0; 1000; 10\n1000; ; 15",
    "modo": "graduada", "periodo": "orden", "nivel": "1",
}  # fmt: skip


@pytest.fixture
def url(programa):
    return lambda nombre: reverse(f"admin:comisiones_regla_{nombre}", args=[programa.regla.pk])


def test_la_previa_no_escribe(admin, url):
    antes = foto()
    respuesta = admin.post(url("previa"), TIERS)
    texto = respuesta.content.decode()
    assert respuesta.status_code == 200
    assert "<polyline" in texto
    assert "100,00" in texto
    assert "700,00" in texto  # 5000: 1000 at 10 % and 4000 at 15 %.
    assert foto() == antes
    assert admin.get(url("previa")).status_code == 405


def test_la_previa_dice_por_que_no(admin, url):
    texto = admin.post(url("previa"), {**TIERS, "tramos": "0;1000;10\n1001;;15"}).content.decode()
    assert "hueco" in texto
    assert "<polyline" not in texto


def test_previa_sin_javascript(admin, url):
    texto = admin.post(url("publicar"), {**TIERS, "previa": "1"}).content.decode()
    assert "<polyline" in texto
    assert VersionRegla.objects.count() == 1


def test_publicar_por_tramos(admin, url, programa):
    respuesta = admin.post(url("publicar"), TIERS)
    assert respuesta.status_code == 302, respuesta.content.decode()
    version = programa.regla.versiones.first()
    assert version.condiciones["tramos"] == [
        {"desde": "0", "hasta": "1000", "porcentaje": "10"}, {"desde": "1000", "porcentaje": "15"},
    ]  # fmt: skip
    ficha = admin.get(reverse("admin:comisiones_regla_change", args=[programa.regla.pk]))
    assert "1000 – ∞: 15 %" in ficha.content.decode()


@pytest.mark.parametrize("campo", ["tramos", "topes_gasto", "multiplicadores", "afiliado"])
def test_lo_ilegible_se_dice_en_su_campo(admin, url, campo):
    respuesta = admin.post(url("publicar"), {**TIERS, campo: "x; y; z; 1; 2"})
    assert respuesta.status_code == 200
    assert respuesta.context["form"].errors.keys() == {campo}


FIJA = {"tipo": "fija", "monto_fijo": "1", "moneda": "USD", "nivel": "1"}
RECHAZADOS = [
    ("tramos", TIERS, {"tramos": "0;1000;10\n1001;;15"}),
    ("tramos", TIERS, {"tramos": ""}),
    ("tramos", TIERS, {"tramos": "0;;1.123456789"}),
    ("tramos", TIERS, {"tramos": "0;10;15\n10;;10", "modo": "completa", "periodo": "mes"}),
    ("porcentaje", {**FIJA, "tipo": "mixta"}, {"porcentaje": "101"}),
    ("monto_fijo", FIJA, {"monto_fijo": "-1"}),
    ("monto_fijo", FIJA, {"monto_fijo": "0.001"}),
    ("moneda", TIERS, {"moneda": ""}),
    ("minimo", FIJA, {"minimo": "-1"}),
    ("minimo", FIJA, {"minimo": "2", "tope": "1"}),
    ("tope", FIJA, {"tope": "0.001"}),
    ("zona_horaria", FIJA, {"zona_horaria": "Marte/Olimpo"}),
    ("multiplicadores", FIJA, {"multiplicadores": "oro=-1"}),
    ("multiplicadores", FIJA, {"multiplicadores": "oro=1 oro=2"}),
    ("topes_gasto", FIJA, {"topes_gasto": "afiliado orden 5"}),
    ("topes_gasto", FIJA, {"topes_gasto": "nadie mes 5"}),
    ("topes_gasto", FIJA, {"topes_gasto": "afiliado mes 5; afiliado mes 6"}),
    ("topes_gasto", TIERS, {"topes_gasto": "afiliado mes 5", "periodo": "mes"}),
    ("vigente_hasta", FIJA, {"vigente_hasta_0": "2020-01-01", "vigente_hasta_1": "00:00"}),
]


@pytest.mark.parametrize(("campo", "buenos", "malos"), RECHAZADOS)
def test_lo_rechazado_se_dice_en_su_campo(admin, url, campo, buenos, malos):
    """What the engine or the service refuses is shown beside what is to be put right."""
    respuesta = admin.post(url("publicar"), {**buenos, **malos})
    assert respuesta.status_code == 200
    assert respuesta.context["form"].errors.keys() == {campo}
    assert VersionRegla.objects.count() == 1


def test_sin_permiso_no_hay_previa(de_rol, url):
    assert de_rol("Consulta").post(url("previa"), TIERS).status_code == 403


RED = {"tipo": "red", "porcentajes_red": "10; 5", "tope_red": "20", "suspendido": "comprimir"}


def test_publicar_una_red(admin, programa):
    """The network is a version like another, of a rule of its own."""
    regla = crear_regla(nombre="Red", campana=None, actor=ANA)
    url = {
        nombre: reverse(f"admin:comisiones_regla_{nombre}", args=[regla.pk])
        for nombre in ("previa", "publicar", "change")
    }
    assert "150,00" in admin.post(url["previa"], RED).content.decode()  # 15 % of 1000.
    mala = admin.post(url["publicar"], {**RED, "tope_red": "14"})
    assert mala.context["form"].errors.keys() == {"porcentajes_red"}
    mala = admin.post(url["publicar"], {**RED, "tope_red": "101"})
    assert mala.context["form"].errors.keys() == {"tope_red"}
    assert admin.post(url["publicar"], RED).status_code == 302
    assert regla.versiones.get().condiciones == {
        "porcentajes": ["10", "5"], "tope": "20", "suspendido": "comprimir",
    }  # fmt: skip
    ficha = admin.get(url["change"]).content.decode()
    assert "Nivel 3: 5" in ficha
    assert "lo cobra el siguiente" in ficha


def test_publicar_version(admin, programa):
    url = reverse("admin:comisiones_regla_publicar", args=[programa.regla.pk])
    mal = admin.post(url, {"tipo": "porcentual", "porcentaje": "101"})
    assert list(mal.context["form"].errors) == ["porcentaje"]
    fija = admin.post(url, {"tipo": "fija", "monto_fijo": "5"})
    assert list(fija.context["form"].errors) == ["moneda"]
    assert programa.regla.versiones.count() == 1
    assert admin.post(url, {"tipo": "porcentual", "porcentaje": "12.5"}).status_code == 302
    version = programa.regla.versiones.first()
    assert (version.numero, version.porcentaje) == (2, 12.5)
    assert version.publicada_por.startswith("persona:")


def test_crear_regla(admin, programa):
    datos = {"nombre": "Otra", "campana": programa.campana.pk}
    assert admin.post(reverse("admin:comisiones_regla_add"), datos).status_code == 302
    regla = programa.campana.reglas.get(nombre="Otra")
    assert regla.id_publico.startswith("regla_")
