"""What one, two and three of each give, on this machine: ``ALPES_CIFRAS=1`` measures it.

The table is printed: it is compared with nothing, for it depends on how many cores there are.
"""

from __future__ import annotations

import json
import os
import statistics

import pytest

from tests.compose.sitio import Sitio, de_nadie
from tests.e2e.conftest import esperar, puerto_libre
from tests.stack.conftest import PROJECT

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.stack,
    pytest.mark.xdist_group("compose"),
    pytest.mark.timeout(3000),
    pytest.mark.skipif(not os.environ.get("ALPES_CIFRAS"), reason="lo hace ALPES_CIFRAS=1"),
]
CUANTOS = (1, 2, 3)
SEGUNDOS, VECES = 8, 3
_SIN_LIMITE = {"ALPES_API_POR_MINUTO": "60000000"}
_CALCULADAS = (
    "SELECT COUNT(*), TIMESTAMPDIFF(MICROSECOND, MIN(creada_en), MAX(creada_en)) / 1e6"
    " FROM comisiones_comision WHERE id > {}"
)


def _vender(sitio: Sitio, segundos: float) -> float:
    """Sales a second over TLS, by eight connections."""
    from banco import carga

    def venta(nombre: str) -> str:
        return json.dumps(
            {
                "afiliado_id": "demo-lucia",
                "valor_conversion": "100.00",
                "referencia_externa": nombre,
            }
        )

    medido = carga.medir(
        sitio.puerto_tls,
        "/api/v1/conversiones",
        sitio.ids["claves"]["integracion"],
        venta,
        segundos,
        de_nadie(),
    )
    assert set(medido["estados"]) == {201}, medido
    return float(medido["por_segundo"])


def _subir(sitio: Sitio, **cuantos: int) -> None:
    escala = [f"--scale={parte.replace('_', '-')}={n}" for parte, n in cuantos.items()]
    sitio.compose("up", "--detach", "--wait", "--no-build", *escala, env=_SIN_LIMITE)


def _comisiones_por_segundo(sitio: Sitio, consumidores: int) -> float:
    """Of a backlog of half a minute of sales, by so many processes."""
    _subir(sitio, consumidor_comisiones=0)
    [[ultima]] = sitio.sql("SELECT MAX(id) FROM comisiones_comision")
    [[antes]] = sitio.sql("SELECT COUNT(*) FROM conversiones_conversion")
    _vender(sitio, 30)
    [[ahora]] = sitio.sql("SELECT COUNT(*) FROM conversiones_conversion")
    nuevas = int(ahora) - int(antes)
    _subir(sitio, consumidor_comisiones=consumidores)
    consulta = _CALCULADAS.format(ultima)
    esperar(lambda: int(sitio.sql(consulta)[0][0]) >= nuevas, "las comisiones", 300)
    [[cuantas, segundos]] = sitio.sql(consulta)
    return int(cuantas) / float(segundos)


def test_uno_dos_y_tres(producto: Sitio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(PROJECT / "scripts")
    producto.guion("--demo")
    producto.compose("down")
    producto.archivos = ("-f", "docker-compose.yml", "-f", "docker-compose.varios.yml")
    producto.puerto_tls = puerto_libre()
    try:
        for n in CUANTOS:
            _subir(producto, web=n)
            _vender(producto, 3)
            medidas = [_vender(producto, SEGUNDOS) for _vez in range(VECES)]
            print(f"web × {n}: {statistics.median(medidas):.0f} ventas/s {sorted(medidas)}")
            producto.asentar()
        for n in CUANTOS:
            print(f"consumidor × {n}: {_comisiones_por_segundo(producto, n):.0f} comisiones/s")
            producto.asentar()
    finally:
        producto.compose("--profile", "demo", "down", "--volumes", "--timeout", "20")
        producto.archivos, producto.puerto_tls = (), 0
