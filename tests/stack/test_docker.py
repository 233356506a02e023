"""docker-compose.yml describes the same system: what it names is checked against what the project
has, without an engine. tests/compose runs it.
"""

import http.server
import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from stack import app, config, files, parts, render, versions
from stack.config import APP, DEFAULT_PORTS, PARTS
from tests.stack.conftest import PROJECT

TEXT = (PROJECT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, Any] = COMPOSE["services"]
JOBS = {"secretos", "inicio", "latido", "demo"}
TOOLS = {"pulsar-manager", "phpmyadmin", "redis-commander"}
# What an image needs of its own, beyond our templates and scripts.
OWN = {
    "mysql": {"MYSQL_ROOT_PASSWORD", "MYSQL_ROOT_HOST"},
    "pulsar": {"PULSAR_MEM", "PULSAR_GC"},
    "debezium": {"JAVA_OPTS"},
    "redis": set(),
}


def mounts(service: str) -> dict[str, str]:
    """Container path → project path of the service's bind mounts."""
    volumes = (volume.split(":") for volume in SERVICES[service].get("volumes", []))
    return {parts[1]: parts[0] for parts in volumes if parts[0].startswith("./")}


def words(service: str) -> str:
    settings = SERVICES[service]
    health = settings.get("healthcheck", {}).get("test", [])
    return " ".join([*settings.get("command", []), *health])


def test_the_compose_schema() -> None:
    pytest.importorskip("check_jsonschema")
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*check, str(PROJECT / "docker-compose.yml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_every_part_and_consumer_has_its_service() -> None:
    assert set(SERVICES) == {*PARTS, *APP, *JOBS, *TOOLS}
    assert {f"consumidor-{name}" for name in app.CONSUMERS} <= set(APP)


@pytest.mark.parametrize("name", APP)
def test_native_and_docker_run_the_same_commands(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in [key for key in os.environ if key.startswith("ALPES_")]:
        monkeypatch.delenv(variable)
    home = {"ALPES_STACK_HOME": str(tmp_path)}
    secrets = dict.fromkeys(files.SECRET_NAMES, "x")
    native = app.build(config.load(home, PROJECT), name, DEFAULT_PORTS, secrets)
    image = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    command = SERVICES[name].get("command") or json.loads(
        image.rpartition("CMD ")[2].replace("\\\n", "")
    )

    def essence(argv: list[str]) -> list[str]:
        # Addresses and folders differ, and how Python is called.
        skipped = re.compile(r".*python[\d.]*|-m|--bind=.*|--schedule=.*")
        return [word for word in argv if not skipped.fullmatch(word)]

    assert essence(native["argv"]) == essence(command)
    # What has no value here goes through as it is, to both.
    given = {key for key, value in COMPOSE["x-app"]["environment"].items() if value is not None}
    given |= {"ALPES_DATOS", "PYTHONUNBUFFERED"}
    # A public name and a proxy concern only Docker's, and the site of `make stack` adds its file.
    own = {"ALPES_HOSTS", "ALPES_DETRAS_DE_PROXY", "ALPES_DEMO_ARCHIVO"}
    assert set(native["env"]) == given - own


def test_every_setting_goes_through() -> None:
    known = set()
    for source in ("settings.py", "gunicorn.py", "pruebas/ajustes.py"):
        text = (PROJECT / "alpespartner" / source).read_text(encoding="utf-8")
        known |= set(re.findall(r'"(ALPES_[A-Z_]+)"', text))
    # Where the image keeps things, and how gunicorn runs in it.
    image = {"ALPES_DATOS", "ALPES_ENV_FILE"}
    image |= {"ALPES_WEB_PROCESOS", "ALPES_WEB_HILOS", "ALPES_WEB_LOG"}
    # `servir_pruebas` is the sandbox, and nothing else is.
    image |= {"ALPES_PRUEBAS"}
    assert known - set(COMPOSE["x-app"]["environment"]) == image


@pytest.mark.parametrize("service", SERVICES)
def test_every_file_it_mounts_or_runs_exists(service: str) -> None:
    mounted = mounts(service)
    for source in mounted.values():
        assert (PROJECT / source).is_file(), source
    for path in re.findall(r"/alpes/[\w.]+", words(service)):
        assert path in mounted
    # And the files that those scripts read in their turn.
    for target, source in mounted.items():
        if target.endswith(".sh"):
            for path in re.findall(r"/alpes/[\w.]+", (PROJECT / source).read_text()):
                assert path in mounted
    for volume in SERVICES[service].get("volumes", []):
        name = volume.split(":")[0]
        assert name.startswith("./") or name in COMPOSE["volumes"]


@pytest.mark.parametrize("service", PARTS)
def test_every_variable_of_its_files_is_given(service: str) -> None:
    wanted = set(OWN[service])
    for source in mounts(service).values():
        text = (PROJECT / source).read_text(encoding="utf-8")
        if not source.endswith(".sh"):
            wanted |= render.names(text)
        if source.endswith("iniciar.sh") or source.endswith("usuarios.sh"):
            wanted |= set(re.findall(r"\$\{?([A-Z][A-Z_]+)", text))
    wanted |= set(re.findall(r"\$\$([A-Z][A-Z_]+)", words(service)))
    # iniciar.sh sets this one itself.
    wanted -= {"PULSAR_STANDALONE_CONF"}
    assert set(SERVICES[service].get("environment", {})) == wanted


def test_native_and_docker_fill_the_same_marks() -> None:
    secrets = {"mysql_alpes": "a", "mysql_dbz": "d"}
    sql = (PROJECT / "connectors/mysql/usuarios.sql").read_text(encoding="utf-8")
    assert render.names(sql) == set(parts.mysql_values(secrets))
    properties = (PROJECT / "connectors/debezium/application.properties").read_text("utf-8")
    assert render.names(properties) == set(parts.debezium_values(DEFAULT_PORTS, secrets))


def test_native_and_docker_run_the_same_versions_and_sizes() -> None:
    assert SERVICES["mysql"]["image"] == f"mysql:{versions.MYSQL_SERIES}"
    for name in ("pulsar", "latido"):
        assert SERVICES[name]["image"] == f"apachepulsar/pulsar:{versions.PULSAR.version}"
    assert SERVICES["debezium"]["image"].endswith(f":{versions.DEBEZIUM.version}}}")
    recipe = (PROJECT / "connectors/debezium/Dockerfile").read_text(encoding="utf-8")
    assert f"ARG VERSION={versions.DEBEZIUM.version}\n" in recipe
    assert f"ARG SHA256={versions.DEBEZIUM.sha256}\n" in recipe
    assert versions.MAVEN_GET in recipe
    environment = SERVICES["pulsar"]["environment"]
    for name in ("PULSAR_MEM", "PULSAR_GC"):
        assert environment[name] == parts.PULSAR_ENV[name]
    assert SERVICES["debezium"]["environment"]["JAVA_OPTS"] == parts.DEBEZIUM_MEM


def test_the_heartbeat_topic_is_debezium_s() -> None:
    properties = (PROJECT / "connectors/debezium/application.properties").read_text("utf-8")
    prefix = re.search(r"^debezium\.source\.topic\.prefix=(.+)$", properties, re.MULTILINE)
    assert prefix is not None
    assert f"__debezium-heartbeat.{prefix[1]}" == parts.HEARTBEAT_TOPIC
    assert f"/persistent/public/default/{parts.HEARTBEAT_TOPIC})" in words("latido")


def test_only_loopback_and_no_data_port_is_published() -> None:
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}
    assert set(published) == {"web", *TOOLS}
    for ports in published.values():
        for port in ports:
            assert re.fullmatch(r"127\.0\.0\.1:\$\{ALPES_PUERTO\w*:-\d+\}:\d+", port)
    for name in TOOLS:
        assert SERVICES[name]["profiles"] == ["herramientas"]
    defaults = re.findall(r"127\.0\.0\.1:\$\{\w+:-(\d+)\}", TEXT)
    assert len(set(defaults)) == len(defaults) == len(published)


def test_no_secret_is_written_and_each_is_asked_for() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", TEXT))
    # Each is made by one script and looked at by the other, before anything is made with it.
    maker = (PROJECT / "scripts/docker.sh").read_text(encoding="utf-8")
    made = re.search(r'^SECRETOS="(.+)"$', maker, re.MULTILINE)
    assert made is not None
    assert set(made[1].split()) == required
    guard = (PROJECT / "connectors/secretos.sh").read_text(encoding="utf-8")
    assert set(re.findall(r"^mirar (\w+) \d+", guard, re.MULTILINE)) == required
    assert set(SERVICES["secretos"]["environment"]) == required
    for name in ("mysql", "redis", "pulsar"):
        assert "secretos" in SERVICES[name]["depends_on"]
    # Nothing is read bare: an unset variable is an error or has a default that is no secret.
    bare = re.findall(r"(?<!\$)\$(?:\{(\w+)\}|([A-Za-z]\w*))", TEXT.split("services:", 1)[1])
    assert not bare
    assert not {name for name in re.findall(r"\$\{(\w+):-", TEXT) if re.search("PASS|KEY", name)}
    for name, settings in SERVICES.items():
        for variable, value in settings.get("environment", {}).items():
            if re.search("PASSWORD|KEY", variable):
                assert str(value).startswith("${"), (name, variable)


def test_dependencies_can_be_met() -> None:
    for name, settings in SERVICES.items():
        for other, how in settings.get("depends_on", {}).items():
            if how["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], (name, other)
            else:
                assert how["condition"] == "service_completed_successfully"
                assert other in JOBS
    # Nothing runs on a database without tables or a broker without topics.
    for name in set(SERVICES) - {"mysql", "redis", "pulsar"} - JOBS - TOOLS:
        assert "inicio" in SERVICES[name]["depends_on"]
    assert "latido" in SERVICES["debezium"]["depends_on"]


def test_ours_write_nowhere_and_everything_has_limits() -> None:
    for name, settings in SERVICES.items():
        assert settings["security_opt"] == ["no-new-privileges:true"], name
        assert settings["logging"]["options"]["max-size"], name
        assert settings["mem_limit"], name
        assert "healthcheck" in settings or name in JOBS | TOOLS, name
        if name not in TOOLS | {"mysql", "pulsar", "latido"}:
            assert (settings["read_only"], settings["cap_drop"]) == (True, ["ALL"]), name
        if "image" in settings and name != "redis-commander":
            assert re.search(r":[^:]*\d|:local$", settings["image"]), name
    # One image, built once; who only runs it never asks a registry for it.
    ours = {name for name, s in SERVICES.items() if s["image"] == "alpespartner:local"}
    assert {name for name in ours if "build" in SERVICES[name]} == {"inicio"}
    assert {SERVICES[name]["pull_policy"] for name in ours} == {"never"}


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        ({}, ""),
        ({"REDIS_PASSWORD": ""}, "falta REDIS_PASSWORD"),
        ({"MYSQL_DBZ_PASSWORD": "cambiame"}, "MYSQL_DBZ_PASSWORD es débil"),
        ({"MYSQL_ROOT_PASSWORD": "ab" * 20}, "MYSQL_ROOT_PASSWORD es débil"),
        ({"MYSQL_ALPES_PASSWORD": "0123456789abcdef@hijk/"}, "MYSQL_ALPES_PASSWORD lleva"),
        ({"SECRET_KEY": "0123456789abcdef"}, "SECRET_KEY es débil"),
    ],
)
def test_the_guard_of_the_secrets(spoilt: dict[str, str], says: str) -> None:
    good = dict.fromkeys(SERVICES["secretos"]["environment"], "0123456789abcdef" * 4)
    done = subprocess.run(
        ["sh", str(PROJECT / "connectors/secretos.sh")],
        env={"PATH": os.environ["PATH"], **good, **spoilt},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == (1 if spoilt else 0)
    assert done.stderr.startswith(f"secretos: {says}" if says else "")
    assert done.stderr.count("\n") == len(spoilt)
    # What is wrong with it is said, never what it is.
    assert not [value for value in spoilt.values() if value and value in done.stderr]


def test_addresses_are_services_and_their_ports() -> None:
    for settings in SERVICES.values():
        for value in settings.get("environment", {}).values():
            for host, port in re.findall(r"//(?:[^@/]*@)?([a-z-]+):(\d+)", str(value)):
                assert host in SERVICES
                assert (
                    port == {"mysql": "3306", "redis": "6379"}.get(host) or port in "6650 8080 8100"
                )
    environment = SERVICES["debezium"]["environment"]
    assert {environment["MYSQL_HOST"], environment["PULSAR_HOST"]} <= set(SERVICES)
    assert environment["DEBEZIUM_PORT"] in SERVICES["debezium"]["healthcheck"]["test"]


def test_the_web_port_and_health_path() -> None:
    image = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
    port = SERVICES["web"]["ports"][0].rsplit(":", 1)[1]
    test = SERVICES["web"]["healthcheck"]["test"]
    assert test == ["CMD", "bash", "connectors/salud_http.sh", port, "/health/ready"]
    assert f'"--bind=0.0.0.0:{port}"' in image
    assert f"EXPOSE {port}" in image


@pytest.mark.skipif(not (PROJECT / "manage.py").exists(), reason="needs the Django project")
def test_what_it_names_of_the_django_project_exists() -> None:
    for path in (
        "requirements.txt",
        "alpespartner/wsgi.py",
        "alpespartner/celery.py",
        "outbox/management/commands/consumir.py",
        "outbox/management/commands/crear_topicos.py",
    ):
        assert (PROJECT / path).is_file(), path
    assert "# Its tests and checks" in (PROJECT / "requirements.txt").read_text()
    read = tuple(f"alpespartner/{f}.py" for f in ("settings", "gunicorn", "pruebas/ajustes"))
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (*(PROJECT / name for name in read), *(PROJECT / "outbox").rglob("*.py"))
    )
    for name in {**COMPOSE["x-app"]["environment"], "ALPES_DATOS": ""}:
        assert f'"{name}"' in sources, name
    urls = (PROJECT / "alpespartner/urls.py").read_text(encoding="utf-8")
    assert "health/ready" in urls or "health" in urls


def test_the_build_leaves_secrets_and_data_out() -> None:
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    assert {".env", ".git", ".stack", ".venv", "data"} <= set(ignored)
    # What a run leaves in the folder, the demo's keys among it, is in no image; nor does it make
    # the next one another.
    left = {line.rstrip("/") for line in (PROJECT / ".gitignore").read_text().splitlines()}
    assert left <= {line.removeprefix("**/") for line in ignored}


def test_no_registry_is_named() -> None:
    """Each tool uses its own default, so the same files work behind any mirror."""
    allowed = re.compile(r"^(127\.0\.0\.1|localhost|pruebas|pulsar|mysql|redis|\{)")
    paths = [PROJECT / "Dockerfile", PROJECT / "docker-compose.yml", PROJECT / ".dockerignore"]
    for folder in ("stack", "connectors"):
        paths += [p for p in (PROJECT / folder).rglob("*") if p.is_file() and p.suffix != ".pyc"]
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for host in re.findall(r"(?:https?|ftp)://([^\s\"']*)", text):
            assert allowed.match(host), (path, host)
        # Nor without a scheme: coordinates such as org.apache.pulsar begin with it instead.
        names = re.findall(r"(?<![\w.])(?:[a-z0-9-]+\.)+(?:org|io|com|net|dev)(?![\w.])", text)
        assert not names, path


class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/bien" else 503)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        pass


def test_the_health_script() -> None:
    script = str(PROJECT / "connectors/salud_http.sh")

    def ask(port: int, path: str) -> int:
        command = ["bash", script, str(port), path]
        return subprocess.run(command, capture_output=True, check=False).returncode

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.server_port
        try:
            assert ask(port, "/bien") == 0
            assert ask(port, "/mal") != 0
        finally:
            server.shutdown()
            thread.join()
    assert ask(port, "/bien") != 0


@pytest.mark.parametrize("script", sorted((PROJECT / "connectors").rglob("*.sh")), ids=str)
def test_the_scripts_parse_and_can_be_run(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
