"""Bank's lines with a difference: each waits until somebody says that they looked at it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alpespartner.comun.actores import persona
from alpespartner.comun.errores import Conflicto, FaltaMotivo
from alpespartner.comun.historial import historial_de
from comisiones.models import ExtractoBanco, LineaBanco
from comisiones.pagos.conciliacion.vistas import (
    dar_por_vista,
    dar_por_vistas,
    id_de,
    poner_por_mirar,
    volver_a_mirar,
)
from tests.admin.test_inicio import tarjetas

pytestmark = pytest.mark.django_db
EVA = persona(7)
TITULO = "Líneas del banco por mirar"


def extracto(nombre: str = "1", *resultados: str) -> list[LineaBanco]:
    """A statement with a line of each result."""
    uno = ExtractoBanco.objects.create(
        id_publico=f"ext_{nombre}", nombre=nombre, huella=nombre, movimientos=3,
        importado_por="persona:7", creado_en=timezone.now() - timedelta(days=60),
    )  # fmt: skip
    lineas = [
        LineaBanco.objects.create(
            extracto=uno, numero=n, importe=Decimal("5.01"), moneda="EUR", resultado=resultado,
            huella=f"{nombre}-{n}",
        )
        for n, resultado in enumerate(resultados or ("aplicada", "contradice", "desconocida"), 1)
    ]  # fmt: skip
    poner_por_mirar(uno, lineas)
    return lineas


def pasos(linea: LineaBanco) -> list[tuple[str, str, str]]:
    return [(p.accion, p.actor, p.motivo) for p in historial_de("linea_banco", id_de(linea))]


def test_una_y_otra_vez(admin: Client) -> None:
    """Looked at and again to be, with who and why; the front page counts what is left."""
    _aplicada, contradice, desconocida = extracto()
    # However old: nobody looked at them.
    assert tarjetas(admin)[TITULO]["cuenta"] == "2"
    url = reverse("admin:comisiones_lineabanco_accion", args=[desconocida.pk, "dar_por_vista"])
    assert "dar_por_vista" in admin.get(tarjetas(admin)[TITULO]["url"]).content.decode()
    admin.post(url, {"motivo": ""})
    assert tarjetas(admin)[TITULO]["cuenta"] == "2"
    admin.post(url, {"motivo": "Es el alquiler"})
    suya = tarjetas(admin)[TITULO]
    assert suya["cuenta"] == "1"
    assert list(admin.get(suya["url"]).context["cl"].result_list) == [contradice]
    ficha = reverse("admin:comisiones_lineabanco_change", args=[desconocida.pk])
    pagina = admin.get(ficha).content.decode()
    assert "Es el alquiler" in pagina
    assert "Volver a mirar" in pagina
    volver_a_mirar(linea=desconocida, actor=EVA, motivo="No lo era")
    assert tarjetas(admin)[TITULO]["cuenta"] == "2"
    [(_a, _quien, _m), otra] = pasos(desconocida)
    assert (_a, _m) == ("dar_por_vista", "Es el alquiler")
    assert otra == ("volver_a_mirar", "persona:7", "No lo era")


def test_lo_que_no_se_puede(admin: Client) -> None:
    """Twice, one without a difference, or without saying why: nothing changes."""
    aplicada, contradice, _otra = extracto()
    for linea, hacer in ((aplicada, dar_por_vista), (aplicada, volver_a_mirar),
                         (contradice, volver_a_mirar)):  # fmt: skip
        with pytest.raises(Conflicto):
            hacer(linea=linea, actor=EVA, motivo="m")
    with pytest.raises(FaltaMotivo):
        dar_por_vista(linea=contradice, actor=EVA, motivo=" ")
    assert (pasos(aplicada), pasos(contradice)) == ([], [])
    assert tarjetas(admin)[TITULO]["cuenta"] == "2"


def test_todas_las_de_un_extracto(admin: Client) -> None:
    """Those of another one stay; each line tells it, and so does the statement."""
    _a, contradice, desconocida = extracto()
    [otra] = extracto("2", "de_mas")
    dar_por_vista(linea=contradice, actor=EVA, motivo="antes")
    url = reverse("admin:comisiones_extractobanco_accion",
                  args=[desconocida.extracto.pk, "dar_por_vistas"])  # fmt: skip
    admin.post(url, {"motivo": "Cuenta de gastos"})
    assert list(admin.get(tarjetas(admin)[TITULO]["url"]).context["cl"].result_list) == [otra]
    assert [m for _accion, _quien, m in pasos(desconocida)] == ["Cuenta de gastos"]
    assert len(pasos(contradice)) == 1
    [paso] = historial_de("extracto", "ext_1")
    assert (paso.accion, paso.motivo, paso.datos) == (
        "dar_por_vistas", "Cuenta de gastos", {"lineas": 1},
    )  # fmt: skip
    with pytest.raises(Conflicto):
        dar_por_vistas(extracto=desconocida.extracto, actor=EVA, motivo="m")


def test_solo_quien_concilia(de_rol: Any) -> None:
    [linea] = extracto("1", "desconocida")
    url = reverse("admin:comisiones_lineabanco_accion", args=[linea.pk, "dar_por_vista"])
    for rol, vale in (("Consulta", False), ("Revisión", False), ("Tesorería", True)):
        estado = de_rol(rol).post(url, {"motivo": "m"}).status_code
        assert (estado == 302) is vale, rol
        assert bool(pasos(linea)) is vale, rol
