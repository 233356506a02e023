"""Rules that can be read: the list in words, a new version from the one in force, its differences,
and the ways to copy, end and try one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from alpespartner.comun.actores import persona
from comisiones.admin.reglas.diferencia import _normal
from comisiones.admin.reglas.iniciales import iniciales_de
from comisiones.admin.reglas.palabras import paga
from comisiones.ajustes.services import crear_ajuste
from comisiones.models import Regla, Simulacion, VersionRegla
from comisiones.reglas.services import crear_regla, publicar_version, terminar_regla
from tests.fabricas import ANA, LUIS, foto, hace

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
ESCALA = {
    "modo": "graduada", "periodo": "mes", "zona_horaria": "America/Bogota",
    "tramos": [
        {"desde": "0", "hasta": "1000", "porcentaje": "10"},
        {"desde": "1000", "porcentaje": "12.125", "monto_fijo": "2"},
    ],
}  # fmt: skip
VERSIONES: list[tuple[dict[str, Any], str]] = [
    ({"tipo": "porcentual", "porcentaje": Decimal(10)}, "10 %"),
    (
        {"tipo": "mixta", "porcentaje": Decimal(10), "monto_fijo": Decimal(2), "moneda": "USD"},
        "10 % + 2,00 USD por venta",
    ),
    (
        {"tipo": "fija", "monto_fijo": Decimal("1.5"), "moneda": "USD",
         "condiciones": {"por": "item", "minimo": "1", "tope": "2000"}},
        "1,50 USD por artículo, mínimo 1,00 USD, tope 2\u00a0000,00 USD",
    ),
    (
        {"tipo": "escalonada", "moneda": "USD", "condiciones": ESCALA},
        "10 %, 12,125 % + 2,00 USD desde 1\u00a0000,00 USD",
    ),
    (
        {"tipo": "porcentual", "porcentaje": Decimal(10),
         "condiciones": {"duracion_meses": 0, "max_pagos": 1}},
        "10 %, solo la primera venta de cada cliente, 1 venta de cada cliente como mucho",
    ),
    (
        {"tipo": "red", "condiciones": {"porcentajes": ["10", "2.5"], "tope": "20",
                                        "suspendido": "comprimir"}},
        "red: 10 % + 2,5 %",
    ),
    (
        {"tipo": "porcentual", "porcentaje": Decimal("7.125"), "moneda": "USD",
         "condiciones": {"multiplicadores": [["oro", "1.125"], ["plata", "1.1"]],
                         "topes_gasto": [{"ambito": "afiliado", "periodo": "mes",
                                          "monto": "500.125"}]},
         "cupon": "VERANO", "producto": "p-1", "enlace": "x", "tipo_afiliado": "premium",
         "nivel": 2, "prioridad": 3},
        "7,125 %, por nivel",
    ),
]  # fmt: skip


def _version(datos: dict[str, Any]) -> VersionRegla:
    regla = crear_regla(nombre="R", campana=None, actor=ANA)
    datos = {**datos, "vigente_desde": hace(days=1)}
    if "topes_gasto" in datos.get("condiciones", {}):
        # Three decimals are of a dinar.
        datos["moneda"] = "KWD"
    return publicar_version(regla=regla, actor=ANA, **datos)


@pytest.mark.parametrize(("datos", "dicho"), VERSIONES)
def test_en_palabras(datos: dict[str, Any], dicho: str) -> None:
    assert paga(_version(datos)) == dicho


@pytest.mark.parametrize("datos", [datos for datos, _dicho in VERSIONES])
def test_la_nueva_empieza_como_la_vigente_y_no_cambia_nada(
    admin: Client, datos: dict[str, Any]
) -> None:
    """What the form shows, sent as it is, says the same; published, it is the same."""
    vigente = _version(datos)
    url = reverse("admin:comisiones_regla_publicar", args=[vigente.regla_id])
    formulario = admin.get(url).context["form"]
    enviado = {
        nombre: formulario[nombre].field.widget.format_value(formulario[nombre].value())
        if nombre not in ("vigente_desde", "vigente_hasta")
        else ""
        for nombre in formulario.fields
    }
    enviado = {
        nombre: valor[0] if isinstance(valor, list) else valor
        for nombre, valor in enviado.items()
        if valor not in (None, [])
    }
    antes = foto()
    previa = admin.post(
        reverse("admin:comisiones_regla_previa", args=[vigente.regla_id]), enviado
    ).content.decode()
    assert "Nada: paga lo mismo." in previa
    assert foto() == antes
    assert admin.post(url, enviado).status_code == 302
    nueva = vigente.regla.versiones.get(numero=2)
    for campo in ("tipo", "porcentaje", "monto_fijo", "moneda", "condiciones", "cupon", "producto",
                  "enlace", "tipo_afiliado", "nivel", "prioridad"):  # fmt: skip
        # 1,1250 is written for 1,125, which would be read two ways.
        assert _normal(getattr(nueva, campo)) == _normal(getattr(vigente, campo)), campo


def test_lo_que_cambia_se_dice_antes(admin: Client, programa: Any) -> None:
    url = reverse("admin:comisiones_regla_previa", args=[programa.regla.pk])
    texto = admin.post(
        url, {"tipo": "mixta", "porcentaje": "12", "monto_fijo": "2", "moneda": "USD",
              "cupon": "verano"},
    ).content.decode()  # fmt: skip
    assert "Lo que cambia de la versión 1" in texto
    for antes, despues in (("10 %", "12 %"), ("Hereda", "2 USD"), ("–", "VERANO")):
        assert f"<td>{antes}</td><td><strong>{despues}</strong></td>" in texto


def test_la_lista_dice_que_paga_a_quien_y_hasta_cuando(admin: Client, programa: Any) -> None:
    _version(VERSIONES[1][0])
    vieja = _version(VERSIONES[0][0]).regla
    terminar_regla(regla=vieja, actor=ANA, motivo="m")
    texto = admin.get(reverse("admin:comisiones_regla_changelist")).content.decode()
    for dicho in ("10 % + 2,00 USD por venta", "Verano", "Todo el programa", "sin fin",
                  "Nada: terminada", "Lo acordado con cada afiliado"):  # fmt: skip
        assert dicho in texto, dicho


def test_las_consultas_de_la_lista_no_crecen(
    admin: Client, programa: Any, django_assert_max_num_queries: Any
) -> None:
    url = reverse("admin:comisiones_regla_changelist")
    admin.get(url)
    for _n in range(20):
        _version(VERSIONES[0][0])
    with django_assert_max_num_queries(12):
        admin.get(url)


def test_duplicar_abre_su_primera_version(admin: Client, programa: Any) -> None:
    url = reverse("admin:comisiones_regla_accion", args=[programa.regla.pk, "duplicar"])
    respuesta = admin.post(url, follow=True)
    copia = Regla.objects.get(nombre__endswith="(copia)")
    assert respuesta.request["PATH_INFO"] == reverse(
        "admin:comisiones_regla_publicar", args=[copia.pk]
    )
    assert respuesta.context["form"]["porcentaje"].value() == 10
    assert copia.versiones.count() == 0


def test_terminar(admin: Client, programa: Any) -> None:
    url = reverse("admin:comisiones_regla_accion", args=[programa.regla.pk, "terminar"])
    admin.post(url)
    programa.regla.refresh_from_db()
    assert programa.regla.terminada_en is None
    admin.post(url, {"motivo": "acabó la campaña"})
    programa.regla.refresh_from_db()
    assert programa.regla.terminada_en is not None
    ficha = admin.get(reverse("admin:comisiones_regla_change", args=[programa.regla.pk]))
    publicar = reverse("admin:comisiones_regla_publicar", args=[programa.regla.pk])
    assert publicar not in ficha.content.decode()
    assert "acabó la campaña" in ficha.content.decode()
    assert admin.get(publicar).status_code == 404


@pytest.mark.parametrize("accion", ["duplicar", "terminar"])
@pytest.mark.parametrize("rol", ["Revisión", "Tesorería", "Consulta"])
def test_solo_quien_administra(de_rol: Any, programa: Any, rol: str, accion: str) -> None:
    cliente = de_rol(rol)
    antes = foto()
    url = reverse("admin:comisiones_regla_accion", args=[programa.regla.pk, accion])
    assert cliente.post(url, {"motivo": "m"}).status_code == 403
    assert foto() == antes


def test_lo_probado_se_publica_desde_su_prueba(admin: Client, programa: Any) -> None:
    """Try it against what happened, see whom it changes, and publish that and nothing else."""
    publicar = reverse("admin:comisiones_regla_publicar", args=[programa.regla.pk])
    admin.post(publicar, {"tipo": "porcentual", "porcentaje": "12,5", "probar": "1"})
    prueba = Simulacion.objects.get()
    ficha = admin.get(reverse("admin:comisiones_simulacion_change", args=[prueba.pk]))
    suya = f"{publicar}?simulacion={prueba.pk}"
    assert suya in ficha.content.decode()
    assert admin.get(suya).context["form"]["porcentaje"].value() == Decimal("12.5")
    # One of another rule says nothing here.
    otra = _version(VERSIONES[0][0]).regla
    ajena = reverse("admin:comisiones_regla_publicar", args=[otra.pk])
    formulario = admin.get(f"{ajena}?simulacion={prueba.pk}").context["form"]
    assert formulario["porcentaje"].value() is None
    for mala in ("x", "99999", "-1", ""):
        assert admin.get(f"{publicar}?simulacion={mala}").status_code == 200


def test_el_borrador_propio_no_se_ofrece_aprobar(admin: Client, programa: Any) -> None:
    """Who drafted it reads why; another person gets the button."""
    yo = User.objects.get(username="jefa")
    for autor, ofrece in ((persona(yo.pk), False), (LUIS, True)):
        suyo = crear_ajuste(
            afiliado=programa.afiliado, tipo="bono", monto=Decimal(3), moneda="USD", motivo="m",
            actor=autor,
        )  # fmt: skip
        texto = admin.get(reverse("admin:comisiones_ajuste_change", args=[suyo.pk]))
        accion = reverse("admin:comisiones_ajuste_accion", args=[suyo.pk, "aprobar"])
        assert (accion in texto.content.decode()) is ofrece
        assert ("lo aprueba otra persona" in texto.content.decode()) is not ofrece


def test_una_fila_ilegible_no_tira_la_lista_ni_el_editor(admin: Client) -> None:
    version = _version(VERSIONES[3][0])
    VersionRegla(
        regla=version.regla, numero=9, tipo="escalonada", moneda="USD",
        condiciones={"tramos": [{"desde": "x"}]}, vigente_desde=hace(hours=1), publicada_por="x",
    ).save()  # fmt: skip
    texto = admin.get(reverse("admin:comisiones_regla_changelist")).content.decode()
    assert "No se pudo leer" in texto
    mala = version.regla.versiones.get(numero=9)
    assert iniciales_de(mala)["tipo"] == "escalonada"
    for nombre in ("publicar", "previa"):
        url = reverse(f"admin:comisiones_regla_{nombre}", args=[version.regla_id])
        respuesta = admin.post(url, {"tipo": "porcentual", "porcentaje": "5", "previa": "1"})
        assert respuesta.status_code == 200
