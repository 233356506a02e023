"""The figures of the API: whose they are, what they refuse, and their file."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from comisiones.metricas.models import Remedicion
from comisiones.revision.services import aprobar_comision
from conversiones.rastreo.conteo import recontar
from conversiones.rastreo.models import ClicsDelDia
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.comisiones.metricas.conteo import contado
from tests.fabricas import ANA, problema

pytestmark = pytest.mark.django_db
MARZO = datetime(2026, 3, 10, 12, tzinfo=UTC)
METRICAS = "/api/v1/conversiones/metricas"
ESTADISTICAS = "/api/v1/comisiones/estadisticas"
REPORTES = "/api/v1/comisiones/reportes"
DIRECCIONES = (METRICAS, ESTADISTICAS, REPORTES)
RANGO = "desde=2026-03-01&hasta=2026-03-31"


@pytest.fixture
def mundo(settings: Any) -> Any:
    """Two affiliates, two campaigns in two zones and currencies, clicks, and a channel that would
    be a formula."""
    settings.PAGOS_AUTOMATICOS = False
    with time_machine.travel(MARZO, tick=False):
        en = [
            fabricas.campana(inicia_en=MARZO - timedelta(days=9), pagina="https://t.example/"),
            fabricas.campana(inicia_en=MARZO - timedelta(days=9), moneda="EUR",
                             zona="Pacific/Apia"),
        ]  # fmt: skip
        ada, eva = fabricas.afiliado(), fabricas.afiliado(nombre="Eva")
        suya = fabricas.comision(de=ada, en=en[0], canal_origen="=cmd()")
        fabricas.comision(de=ada, en=en[1], valor="33.33")
        fabricas.comision(de=eva, en=en[0], valor="7")
        aprobar_comision(comision=suya, actor=ANA)
        enlace = fabricas.enlace(de=ada, en=en[0])
        for unico in (True, False, True):
            fabricas.clic(enlace, unico=unico)
        ClicsDelDia.objects.create(enlace=enlace, dia=date(2026, 3, 10), clics=3, unicos=2)
        recontar()
        drenar()
        yield {"ada": ada, "eva": eva, "en": en}


def suya(de: Any) -> Any:
    return fabricas.api(["comisiones:leer"], de=de)


def pedir(direccion: str, consulta: str = RANGO, de: Any = None) -> Any:
    respuesta = suya(de).get(f"{direccion}?{consulta}")
    assert respuesta.status_code == 200, respuesta.content
    return respuesta


@pytest.mark.parametrize("agrupar", ["dia", "semana", "mes", "campana", "afiliado", "canal"])
def test_cada_grupo(mundo: Any, agrupar: str) -> None:
    """As counted row by row; in Apia it was tomorrow already."""
    suyo = pedir(METRICAS, f"{RANGO}&agrupar={agrupar}").json()
    assert (suyo["zona"], suyo["desde"], suyo["hasta"]) == (
        "Pacific/Apia, UTC", "2026-03-01", "2026-03-31",
    )  # fmt: skip
    esperado = contado(date(2026, 3, 1), date(2026, 3, 31), agrupar)
    assert {(g["clave"], g["moneda"]): g for g in suyo["grupos"]} == esperado
    assert len(suyo["grupos"]) >= 2


def test_las_formulas_a_mano(mundo: Any) -> None:
    """Three clicks, two of them unique, two sales of 107 and 10.70 of commission."""
    suyo = pedir(ESTADISTICAS, f"{RANGO}&campana_id={mundo['en'][0].id_publico}").json()
    assert suyo["zona"] == "UTC"
    [grupo] = suyo["grupos"]
    assert grupo == {
        "clave": "total", "moneda": "USD", "clics": 3, "unicos": 2, "conversiones": 2,
        "cr": "1.0000", "valor": "107.00", "aov": "53.50", "devuelto": "0.00",
        "tasa_devolucion": "0.0000",
        "comision": {
            "pendiente": "0.70", "retenida": "0.00", "aprobada": "10.00", "programada": "0.00",
            "pagada": "0.00", "rechazada": "0.00", "neta": "10.70",
        },
        "epc": "3.5667", "epc_100": "356.6667", "horas_aprobacion": {"mediana": 0, "p95": 0},
    }  # fmt: skip
    [euros] = pedir(ESTADISTICAS, f"{RANGO}&moneda=EUR").json()["grupos"]
    assert (euros["clics"], euros["cr"], euros["epc"], euros["epc_100"]) == (0, None, None, None)
    assert euros["horas_aprobacion"] == {"mediana": None, "p95": None}


def test_un_afiliado_solo_lo_suyo(mundo: Any) -> None:
    ada, eva = mundo["ada"], mundo["eva"]
    for direccion in DIRECCIONES:
        suyo = pedir(direccion, RANGO, de=eva).json()
        assert [(g["moneda"], g["valor"], g["clics"]) for g in suyo["grupos"]] == [
            ("USD", "7.00", 0)
        ]
        assert pedir(direccion, f"{RANGO}&afiliado_id={eva.id_publico}", de=eva).json() == suyo
        ajena = suya(eva).get(f"{direccion}?{RANGO}&afiliado_id={ada.id_publico}")
        problema(ajena, 404)
    [grupo] = pedir(METRICAS, f"{RANGO}&agrupar=afiliado", de=eva).json()["grupos"]
    assert grupo["clave"] == eva.id_publico
    borrador = fabricas.campana(activa=False)
    problema(suya(eva).get(f"{METRICAS}?campana_id={borrador.id_publico}"), 404)
    problema(fabricas.api(["conversiones:leer"]).get(METRICAS), 403)


@pytest.mark.parametrize(
    ("consulta", "campo", "codigo"),
    [
        ("desde=2026-03-31&hasta=2026-03-01", "hasta", "fechas_al_reves"),
        ("desde=1926-03-01&hasta=2026-03-01", "hasta", "demasiados_dias"),
        ("desde=2024-03-01&hasta=2026-03-02", "hasta", "demasiados_dias"),
        ("desde=2026-02-30", "desde", "invalid"),
        ("desde=20260301", "desde", "invalid"),
        ("hasta=2026-W10-1", "hasta", "invalid"),
        ("hasta=ayer", "hasta", "invalid"),
        ("agrupar=total", "agrupar", "invalid_choice"),
        ("agrupar=ano", "agrupar", "invalid_choice"),
        ("moneda=XXX", "moneda", "moneda_desconocida"),
        ("canal=" + "x" * 65, "canal", "max_length"),
        ("grupo=dia", "grupo", "parametro_desconocido"),
        ("desde=2026-03-01&desde=2026-03-02", "desde", "dato_invalido"),
    ],
)
def test_lo_que_no_se_entiende(mundo: Any, consulta: str, campo: str, codigo: str) -> None:
    dicho = problema(fabricas.api().get(f"{METRICAS}?{consulta}"), 400)
    assert {(e["campo"], e["codigo"]) for e in dicho["errores"]} == {(campo, codigo)}


def test_vacio_y_sin_fechas(mundo: Any) -> None:
    """Nothing in those days is no error, and without dates they are the last ones."""
    for consulta in (f"{RANGO}&moneda=KWD", "desde=2020-01-01&hasta=2021-12-31",
                     f"{RANGO}&canal=otro"):  # fmt: skip
        assert pedir(METRICAS, consulta).json()["grupos"] == []
    suyo = pedir(METRICAS, "").json()
    assert (suyo["desde"], suyo["hasta"]) == ("2026-02-09", "2026-03-10")
    de_apia = pedir(METRICAS, f"campana_id={mundo['en'][1].id_publico}").json()
    assert de_apia["hasta"] == "2026-03-11"
    assert [g["clave"] for g in de_apia["grupos"]] == ["2026-03-11"]
    problema(fabricas.api().get(f"{METRICAS}?campana_id=camp_nadie"), 404)
    Remedicion.objects.create(de="venta")
    problema(fabricas.api().get(METRICAS), 409, "remidiendo")


def test_el_fichero(mundo: Any) -> None:
    """The same figures, and no text that a spreadsheet would reckon."""
    respuesta = pedir(REPORTES, f"{RANGO}&agrupar=canal&formato=csv")
    assert respuesta["Content-Type"] == "text/csv; charset=utf-8"
    assert "reporte-2026-03-01-2026-03-31.csv" in respuesta["Content-Disposition"]
    filas = list(csv.DictReader(io.StringIO(respuesta.content.decode())))
    grupos = pedir(REPORTES, f"{RANGO}&agrupar=canal&formato=json").json()["grupos"]
    assert [f["clave"] for f in filas] == ["", "", "'=cmd()"]
    for fila, grupo in zip(filas, grupos, strict=True):
        plano = {
            **grupo,
            **{f"comision_{k}": v for k, v in grupo["comision"].items()},
            **{f"horas_aprobacion_{k}": v for k, v in grupo["horas_aprobacion"].items()},
        }
        assert fila["zona"] == "Pacific/Apia, UTC"
        for columna in fila.keys() - {"clave", "zona", "desde", "hasta"}:
            dicho = plano[columna]
            assert fila[columna] == ("" if dicho is None else str(dicho)), columna
    problema(fabricas.api().get(f"{REPORTES}?formato=pdf"), 400)


def test_las_mismas_consultas_haya_lo_que_haya(
    mundo: Any, django_assert_max_num_queries: Any
) -> None:
    cliente = fabricas.api()
    cliente.get(METRICAS)
    for agrupar in ("dia", "campana", "afiliado", "canal"):
        # The key, the zones, whether they are whole, three tables in up to three stretches, ids.
        with django_assert_max_num_queries(16):
            consulta = f"desde=2025-03-15&hasta=2026-03-14&agrupar={agrupar}"
            assert cliente.get(f"{METRICAS}?{consulta}").status_code == 200
