"""Digits of other scripts, which Python reads: refused in months, forms and filters."""

from __future__ import annotations

from typing import Any

import pytest
from django import forms
from django.urls import reverse

from afiliados.admin.formularios import AfiliadoForm
from alpespartner.comun.admin.base import CifrasLlanas
from conversiones.admin.formularios import CampanaForm
from tests import fabricas
from tests.fabricas import problema

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("mes", ["２０２６-03", "2026-0３", "٢٠٢٦-٠٣", "+026-03", "2026/03"])
@pytest.mark.parametrize("formato", ["json", "csv", "pdf"])
def test_un_mes(mes: str, formato: str) -> None:
    ruta = f"/api/v1/afiliados/{fabricas.afiliado().id_publico}/extracto"
    dicho = problema(fabricas.api().get(ruta, {"mes": mes, "formato": formato}), 400)
    assert dicho["errores"][0]["campo"] == "mes"


class _Formulario(CifrasLlanas, forms.Form):
    entero = forms.IntegerField()
    decimal = forms.DecimalField()
    dia = forms.DateField()
    cuando = forms.SplitDateTimeField()
    nombre = forms.CharField()


LLANO = {"entero": "12", "decimal": "1.5", "dia": "2026-03-01", "cuando_0": "2026-03-01",
         "cuando_1": "10:00", "nombre": "３ cafés"}  # fmt: skip


def test_las_llanas_valen() -> None:
    assert _Formulario(LLANO).is_valid()


@pytest.mark.parametrize(
    ("campo", "valor"),
    [("entero", "１２"), ("decimal", "١.٥"), ("dia", "２０２６-03-01"), ("cuando_0", "2026-03-0１"),
     ("cuando_1", "１0:00")],
)  # fmt: skip
def test_un_formulario(campo: str, valor: str) -> None:
    formulario = _Formulario({**LLANO, campo: valor})
    assert not formulario.is_valid()
    assert list(formulario.errors) == [campo.removesuffix("_0").removesuffix("_1")]


@pytest.mark.parametrize("clase", [AfiliadoForm, CampanaForm])
def test_los_del_panel(clase: Any) -> None:
    assert issubclass(clase, CifrasLlanas)


@pytest.mark.parametrize("consulta", ["afiliado__id__exact=٣", "p=２", "campana__id__exact=１"])
def test_un_filtro_del_panel(client: Any, admin_user: Any, consulta: str) -> None:
    client.force_login(admin_user)
    lista = reverse("admin:conversiones_conversion_changelist")
    assert client.get(f"{lista}?{consulta}").status_code == 400
    assert client.get(f"{lista}?q=３").status_code == 200
