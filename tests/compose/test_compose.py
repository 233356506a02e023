"""The committed docker-compose.yml on stand-ins, in the order in which a person lives it.

What the stand-ins do not prove is in docs/docker.md. The tests share one site.
"""

from __future__ import annotations

import json
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from stack.config import APP
from tests.compose.conftest import cronometro
from tests.compose.sitio import Sitio
from tests.e2e import test_flujo as flujo
from tests.e2e import test_navegador as navegador
from tests.e2e.conftest import CHROMIUM, esperar, puerto_libre

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.stack,
    pytest.mark.xdist_group("compose"),
    pytest.mark.timeout(2000),
]
PARTES = ("mysql", "redis", "pulsar", "debezium")
VENTANAS = ("pulsar-manager", "phpmyadmin", "redis-commander")
MIB = 1024 * 1024


def _nada_hecho(sitio: Sitio) -> None:
    """No container, volume or network was left by what was refused."""
    for que in (("ps", "--all"), ("volume", "ls"), ("network", "ls", "--filter=name=alpespartner")):
        assert sitio.motor.docker(*que, "--quiet").stdout == ""


@pytest.mark.parametrize(
    ("antes", "entorno", "dice"),
    [
        ("REDIS_PASSWORD=changeme\n", {}, "secretos: REDIS_PASSWORD es débil"),
        ("", {"ALPES_HOSTS": "https://tienda.example"}, "docker.sh: ALPES_HOSTS: «https:"),
        ("", {"ALPES_PUERTO": "ocho mil"}, "docker.sh: ALPES_PUERTO: «ocho mil»"),
        ("", {"DOCKER_HOST": "unix:///nadie.sock"}, "docker.sh: Docker no contesta"),
    ],
)
def test_lo_que_esta_mal_se_dice_en_una_linea(
    producto: Sitio, antes: str, entorno: dict[str, str], dice: str
) -> None:
    (producto.clon / ".env").write_text(antes)
    hecho = producto.guion(env=entorno, check=False)
    assert hecho.returncode != 0
    [linea] = hecho.stderr.splitlines()
    assert linea.startswith(dice)
    _nada_hecho(producto)
    (producto.clon / ".env").unlink()


def test_un_puerto_ocupado(producto: Sitio) -> None:
    with socket.create_server(("127.0.0.1", producto.puerto)):
        hecho = producto.guion(check=False)
    assert hecho.returncode == 1
    assert hecho.stderr.startswith(f"docker.sh: el puerto {producto.puerto} está ocupado")
    assert not (producto.clon / ".env").exists()
    _nada_hecho(producto)


def test_sin_secretos_compose_no_hace_nada(producto: Sitio) -> None:
    hecho = producto.compose("up", "--detach", check=False)
    assert hecho.returncode != 0
    assert "is missing a value: lo pone scripts/docker.sh" in hecho.stderr
    _nada_hecho(producto)


def test_arranca_con_una_orden(producto: Sitio) -> None:
    with cronometro("scripts/docker.sh --demo (imágenes y arranque)"):
        hecho = producto.guion("--demo")
    dicho = hecho.stdout + hecho.stderr
    ids = producto.ids
    for algo in (
        f"http://localhost:{producto.puerto}/admin/",
        ids["staff"]["usuario"],
        ids["staff"]["clave"],
        ids["claves"]["integracion"],
        "docker compose down",
    ):
        assert algo in dicho
    for archivo in (".env", "test_data_ids.json"):
        assert (producto.clon / archivo).stat().st_mode & 0o777 == 0o600
    secretos = (producto.clon / ".env").read_text()
    de_antes = {servicio: producto.mirar(servicio)["Id"] for servicio in (*PARTES, *APP)}
    with cronometro("otra vez"):
        producto.guion("--demo")
    assert {servicio: producto.mirar(servicio)["Id"] for servicio in de_antes} == de_antes
    assert (producto.clon / ".env").read_text() == secretos
    assert producto.ids == ids
    volumen = producto.motor.docker(
        "volume", "inspect", "--format={{.Mountpoint}}", "alpespartner_datos"
    )
    producto.carpeta = Path(volumen.stdout.strip())


def test_todo_esta_sano_y_cerrado(producto: Sitio) -> None:
    memoria = 0
    for servicio in (*PARTES, *APP):
        visto = producto.mirar(servicio)
        assert producto.sano(servicio), servicio
        assert visto["RestartCount"] == 0, servicio
        assert visto["HostConfig"]["Memory"] > 0
        memoria += visto["HostConfig"]["Memory"]
        assert visto["HostConfig"]["SecurityOpt"] == ["no-new-privileges:true"]
        pid = visto["State"]["Pid"]
        estado = Path(f"/proc/{pid}/status").read_text()
        [usuario] = [linea.split()[1] for linea in estado.splitlines() if linea[:4] == "Uid:"]
        assert usuario != "0", servicio
        assert visto["HostConfig"]["ReadonlyRootfs"] == (servicio not in ("mysql", "pulsar"))
        for publicados in (visto["NetworkSettings"]["Ports"] or {}).values():
            assert {p["HostIp"] for p in publicados or ()} <= {"127.0.0.1"}
    dicho = producto.motor.docker("stats", "--no-stream", "--format={{.Name}} {{.MemUsage}}").stdout
    print(f"límites: {memoria // MIB} MiB\n{dicho}")


def test_la_imagen_cabe(producto: Sitio) -> None:
    tallas = {
        imagen: int(producto.motor.docker("image", "inspect", "--format={{.Size}}", imagen).stdout)
        // 1_000_000
        for imagen in ("alpespartner:local", "python:3.11-slim-bookworm")
    }
    print(tallas)
    assert tallas["alpespartner:local"] <= 400
    dentro = producto.compose("exec", "--no-TTY", "web", "ls", "-A", "/app").stdout.split()
    assert not {".env", ".git", ".venv", "data", "tests", "test_data_ids.json"} & set(dentro)


@pytest.mark.parametrize(
    "caso",
    [
        flujo.test_de_la_venta_al_pago,
        flujo.test_los_caminos_de_antes,
        flujo.test_documentos_y_salud,
    ],
    ids=lambda caso: caso.__name__,
)
def test_los_casos_de_fuera(producto: Sitio, caso: Callable[[Sitio], None]) -> None:
    caso(producto)


@pytest.mark.skipif(CHROMIUM is None, reason="no hay un Chromium instalado")
@pytest.mark.parametrize(
    "caso",
    [navegador.test_revisar_una, navegador.test_revisar_muchas],
    ids=lambda caso: caso.__name__,
)
def test_los_casos_del_navegador(
    producto: Sitio, pagina: Page, caso: Callable[[Sitio, Page], None]
) -> None:
    caso(producto, pagina)


def test_nada_se_pierde_al_reiniciar_cada_parte(producto: Sitio) -> None:
    with producto.carga() as prometidas, cronometro("reinicio de cada parte"):
        for parte in (*PARTES, "web"):
            producto.compose("restart", parte)
            producto.esperar_sano(parte)
        # What only listens leaves by itself, all at once, and comes back.
        producto.compose("restart", *(parte for parte in APP if parte != "web"))
        for parte in APP:
            producto.esperar_sano(parte)
    assert len(prometidas) > 20
    producto.asentar()
    assert producto.perdidas(prometidas) == []


@pytest.mark.parametrize(
    "parte", ["debezium", "pulsar", "mysql", "consumidor-comisiones", "worker"]
)
def test_nada_se_pierde_al_matar(producto: Sitio, parte: str) -> None:
    with producto.carga() as prometidas, cronometro(f"muerte de {parte}"):
        esperar(lambda: len(prometidas) > 3, "las primeras ventas", 60)
        # A crash: the engine starts it again by itself.
        pid = producto.matar_proceso(parte)
        esperar(lambda: producto.mirar(parte)["State"]["Pid"] not in (0, pid), "otro", 60)
        producto.esperar_sano(parte)
        # By hand: whoever did it brings it back.
        producto.motor.docker("kill", f"alpespartner-{parte}-1")
        producto.motor.docker("start", f"alpespartner-{parte}-1")
        producto.esperar_sano(parte)
    producto.asentar()
    assert producto.perdidas(prometidas) == []


def test_verificar_queda_limpio(producto: Sitio) -> None:
    verificado = producto.comando("verificar", "--cadena")
    assert verificado.returncode == 0, verificado.stdout
    lineas = (producto.carpeta / "events.jsonl").read_text().splitlines()
    eventos = [json.loads(linea)["id"] for linea in lineas]
    assert len(eventos) == len(set(eventos))


def test_las_ventanas(producto: Sitio) -> None:
    puertos = {f"ALPES_PUERTO_{v.upper().replace('-', '_')}": puerto_libre() for v in VENTANAS}
    env = {nombre: str(puerto) for nombre, puerto in puertos.items()}
    producto.compose("--profile", "herramientas", "up", "--detach", "--wait", "--no-build", env=env)
    for puerto in puertos.values():
        esperar(lambda p=puerto: _contesta(p), "la ventana")
    producto.compose("--profile", "herramientas", "rm", "--stop", "--force", *VENTANAS, env=env)


def _contesta(puerto: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{puerto}/", timeout=5) as respuesta:
        return bool(respuesta.status == 200)


def test_abajo_y_arriba_con_los_datos(producto: Sitio) -> None:
    cuenta = "SELECT COUNT(*), MAX(id) FROM conversiones_conversion"
    antes = producto.sql(cuenta)
    assert int(antes[0][0]) > 10
    with cronometro("down"):
        producto.compose("down")
    with cronometro("up con los datos de antes"):
        producto.compose("up", "--detach", "--wait", "--no-build")
    assert producto.sql(cuenta) == antes
    with producto.carga() as prometidas:
        esperar(lambda: len(prometidas) > 5, "ventas nuevas", 60)
    producto.asentar()
    assert producto.perdidas(prometidas) == []


def test_una_copia_en_un_sitio_vacio(producto: Sitio) -> None:
    copia = str(producto.motor.carpeta / "copia")
    producto.motor.ejecutar(["rm", "-rf", copia])
    with producto.carga() as prometidas:
        esperar(lambda: len(prometidas) > 5, "ventas nuevas", 60)
        antes = list(prometidas)
        with cronometro("respaldo.sh hacer"):
            hecho = producto.respaldo("hacer", copia)
    assert "SOURCE_LOG_POS=" in hecho.stdout
    assert producto.respaldo("hacer", copia, check=False).returncode == 1
    hecho = producto.respaldo("restaurar", copia, check=False)
    assert (hecho.returncode, hecho.stderr.count("\n")) == (1, 1)
    producto.compose("down", "--volumes", "--timeout", "20")
    (producto.clon / ".env").unlink()
    with cronometro("respaldo.sh restaurar"):
        producto.respaldo("restaurar", copia)
    producto.asentar()
    # All that was promised before the copy began, each with its one commission.
    assert producto.perdidas(antes) == []
    assert producto.comando("verificar", "--cadena").returncode == 0
    assert producto.pedir("GET", "/api/v1/afiliados", clave="integracion")[0] == 200


def test_varios_de_cada(producto: Sitio) -> None:
    producto.archivos = ("-f", "docker-compose.yml", "-f", "docker-compose.varios.yml")
    producto.puerto_tls = puerto_libre()
    escala = {"web": 2, "worker": 3, "consumidor-comisiones": 3}
    cuantos = [f"--scale={servicio}={cuantos}" for servicio, cuantos in escala.items()]
    with cronometro("up --scale " + " ".join(cuantos)):
        producto.compose("up", "--detach", "--wait", "--no-build", *cuantos)
    with producto.carga(por_segundo=10) as prometidas:
        esperar(lambda: len(prometidas) > 10, "las primeras ventas", 60)
        # Of the webs each serves alone for a while.
        for uno in ("web-1", "consumidor-comisiones-2", "worker-3", "web-2"):
            if uno == "web-2":
                producto.motor.docker("start", "alpespartner-web-1")
                producto.esperar_sano("web")
            producto.motor.docker("kill", f"alpespartner-{uno}")
            llevaba = len(prometidas)
            esperar(lambda n=llevaba: len(prometidas) > n + 20, f"ventas sin {uno}", 60)
    producto.asentar()
    assert producto.perdidas(prometidas) == []
    assert producto.comando("verificar").returncode == 0


def test_fuera_no_queda_nada(producto: Sitio) -> None:
    with cronometro("down --volumes"):
        producto.compose("--profile", "demo", "down", "--volumes", "--timeout", "20")
    _nada_hecho(producto)
