"""Amounts typed in either language, and pages that are sent twice."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from comisiones.ajustes.models import Ajuste
from comisiones.retenciones.models import RetencionFiscal

ALTA = "admin:comisiones_ajuste_add"


def ficha(admin: Any, ruta: str) -> str:
    hallada = re.search(r'name="ficha_de_un_uso" value="([^"]+)"', admin.get(ruta).content.decode())
    assert hallada is not None
    return hallada[1]


def datos(programa: Any, **otros: Any) -> dict[str, Any]:
    return {
        "afiliado": programa.afiliado.pk, "tipo": "bono", "monto": "25.50", "moneda": "USD",
        "motivo": "m", **otros,
    }  # fmt: skip


def test_dos_clics_un_ajuste(admin: Any, programa: Any) -> None:
    """The second leads to the first one's page; another page makes another."""
    ruta = reverse(ALTA)
    enviados = datos(programa, ficha_de_un_uso=ficha(admin, ruta))
    primera, segunda = admin.post(ruta, enviados), admin.post(ruta, enviados)
    ajuste = Ajuste.objects.get()
    assert (primera.status_code, segunda.status_code) == (302, 302)
    assert segunda.url == reverse("admin:comisiones_ajuste_change", args=[ajuste.pk])
    admin.post(ruta, datos(programa, ficha_de_un_uso=ficha(admin, ruta)))
    assert Ajuste.objects.count() == 2


def test_un_rechazo_devuelve_la_ficha(admin: Any, programa: Any) -> None:
    """Sent wrong, mended on the same page, saved; and of another person it is another token."""
    ruta = reverse(ALTA)
    suya = ficha(admin, ruta)
    mala = admin.post(ruta, datos(programa, monto="-5", ficha_de_un_uso=suya))
    assert suya in mala.content.decode()
    assert not Ajuste.objects.exists()
    admin.post(ruta, datos(programa, ficha_de_un_uso=suya))
    assert Ajuste.objects.get().monto == Decimal("25.50")


@pytest.mark.parametrize("idioma", ["es", "en"])
@pytest.mark.parametrize(
    ("texto", "guardado"),
    [("1,50", "1.50"), ("1.50", "1.50"), ("1.234,50", "1234.50"), ("1,234.50", "1234.50"),
     ("1,500", None), ("1.500", None), ("1e3", None)],
)  # fmt: skip
def test_lo_que_se_escribe(
    admin: Any, programa: Any, idioma: str, texto: str, guardado: str | None
) -> None:
    """``1,50`` is never 150, whatever the languages of the page and of the browser."""
    respuesta = admin.post(
        reverse(ALTA), datos(programa, monto=texto), headers={"Accept-Language": idioma}
    )
    if guardado is None:
        assert respuesta.status_code == 200
        assert not Ajuste.objects.exists()
        return
    assert Ajuste.objects.get().monto == Decimal(guardado)


@pytest.mark.lento
def test_las_cajas_son_de_texto(admin: Any, programa: Any) -> None:
    """A number box is read by the browser, in its own language, before we see it."""
    for nombre in (
        "afiliados_afiliado_add", "comisiones_ajuste_add", "comisiones_retencionfiscal_add",
        "comisiones_politicaaprobacion_add",
    ):  # fmt: skip
        pagina = admin.get(reverse(f"admin:{nombre}")).content.decode()
        assert "data-numero" in pagina, nombre
        assert 'step="' not in pagina, nombre
        assert "alpespartner/numeros.js" in pagina, nombre


def test_lo_guardado_vuelve_igual(admin: Any, programa: Any) -> None:
    """A page saved as it came changes nothing: its own figures are understood."""
    afiliado = programa.afiliado
    ruta = reverse("admin:afiliados_afiliado_change", args=[afiliado.pk])
    enviados = {c: getattr(afiliado, c) for c in ("nombre", "email", "nivel", "tipo_afiliado")}
    admin.post(ruta, {**enviados, "comision_base": "12,5", "motivo": "m"})
    afiliado.refresh_from_db()
    assert afiliado.comision_base == Decimal("12.5")
    assert 'value="12,5"' in admin.get(f"{ruta}?editar=1").content.decode()


def test_retencion_con_coma(admin: Any, programa: Any) -> None:
    admin.post(
        reverse("admin:comisiones_retencionfiscal_add"),
        {"nombre": "IRPF", "porcentaje": "7,5", "desde": "2030-01-01", "motivo": "m"},
    )
    for retencion in RetencionFiscal.objects.all():
        assert retencion.porcentaje == Decimal("7.5")
