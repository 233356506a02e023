"""Settings, ports, secrets and templates: what decides how the stack is laid out."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from stack import apt, config, files, ports, render, versions
from stack.config import DEFAULT_PORTS, PARTS, PORTS_OF_PART
from stack.errors import StackError
from tests.stack.conftest import PROJECT


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def load(tmp_path: Path, **environ: str) -> config.Config:
    return config.load({"ALPES_STACK_HOME": str(tmp_path), **environ}, PROJECT)


def test_default_ports_clash_with_nothing_usual() -> None:
    usual = {2181, 3181, 3306, 6379, 6650, 8000, 8080, 8083, 26379, 33060}
    assert not usual & set(DEFAULT_PORTS.values())
    assert len(set(DEFAULT_PORTS.values())) == len(DEFAULT_PORTS)
    assert max(DEFAULT_PORTS.values()) < 32768
    assert {name for names in PORTS_OF_PART.values() for name in names} == set(DEFAULT_PORTS)
    assert set(PORTS_OF_PART) == {*PARTS, "web", "pruebas"}


@pytest.mark.parametrize(
    "environ",
    [
        {"ALPES_STACK_PUERTO_MYSQL": "abc"},
        {"ALPES_STACK_PUERTO_MYSQL": "70000"},
        {"ALPES_STACK_PUERTO_MYSQL": "0"},
        {"ALPES_STACK_PUERTO_MYSQL": "9000", "ALPES_STACK_PUERTO_REDIS": "9000"},
        {"ALPES_STACK_MYSQL_SYNC": "2"},
        {"ALPES_STACK_PULSAR_SYNC": "sí"},
        {"ALPES_STACK_ESPERA": "-1"},
        {"ALPES_STACK_CACHE": "/var/con espacio"},
    ],
)
def test_a_wrong_setting_is_refused(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(StackError):
        load(tmp_path, **environ)


def test_durable_unless_asked_otherwise(tmp_path: Path) -> None:
    assert load(tmp_path).mysql_sync == 1
    assert load(tmp_path).pulsar_sync is True
    assert load(tmp_path, ALPES_STACK_PULSAR_SYNC="0").pulsar_sync is False


def test_a_fixed_port_that_is_taken_is_an_error(tmp_path: Path, taken: int) -> None:
    settings = load(tmp_path, ALPES_STACK_PUERTO_MYSQL=str(taken))
    with pytest.raises(StackError, match="ALPES_STACK_PUERTO_MYSQL"):
        ports.choose(settings, ("mysql",), {})


def test_a_remembered_port_is_kept_and_a_taken_one_is_left(tmp_path: Path, taken: int) -> None:
    settings = load(tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    assert ports.choose(settings, ("mysql",), {"mysql": free}) == {"mysql": free}
    assert ports.choose(settings, ("mysql",), {"mysql": taken})["mysql"] != taken


def test_no_port_is_given_twice(tmp_path: Path) -> None:
    settings = load(tmp_path)
    chosen = ports.choose(settings, ("mysql", "redis"), {"redis": 14444, "pulsar": 13306})
    assert chosen["mysql"] != 13306
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        fijo = libre.getsockname()[1]
    settings = load(tmp_path, ALPES_STACK_PUERTO_REDIS=str(fijo))
    everything = ports.choose(settings, tuple(DEFAULT_PORTS), {})
    assert len(set(everything.values())) == len(DEFAULT_PORTS)


def test_secrets_are_private_random_and_stable(tmp_path: Path) -> None:
    path = tmp_path / "a" / "secretos.json"
    first = files.load_secrets(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert files.load_secrets(path) == first
    assert len(set(first.values())) == len(files.SECRET_NAMES)
    assert all(len(value) >= 32 and value.isalnum() for value in first.values())
    assert files.load_secrets(tmp_path / "b" / "secretos.json") != first


def test_a_mark_without_a_value_is_an_error() -> None:
    assert render.render("a=@@UNO@@ ${dos} \\\\${tres}", {"UNO": "1"}) == "a=1 ${dos} \\\\${tres}"
    with pytest.raises(KeyError):
        render.render("@@OTRO@@", {})


@pytest.mark.parametrize(
    "value", ["simple", "con & y \\ y / y $HOME", "@@DOS@@", "", "ñ 'x' \"y\""]
)
def test_the_shell_renders_as_python_does(value: str) -> None:
    template = "a=@@UNO@@\n  b=@@UNO@@@@DOS@@\\\\${x}\n\n"
    values = {"UNO": value, "DOS": "2"}
    shell = subprocess.run(
        ["bash", str(PROJECT / "connectors/renderizar.sh")],
        input=template,
        env={**os.environ, **values},
        capture_output=True,
        text=True,
        check=True,
    )
    assert shell.stdout == render.render(template, values)


def test_the_shell_refuses_a_mark_without_a_value() -> None:
    shell = subprocess.run(
        ["bash", str(PROJECT / "connectors/renderizar.sh")],
        input="@@NO_ESTA@@",
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert shell.returncode != 0
    assert "NO_ESTA" in shell.stderr


DEB822 = """\
# a comment: with a colon
Types: deb deb-src
URIs: http://otro.invalid/debian
Suites: nodistro
Components: main

Types: deb
URIs: http://archivo.invalid/debian
Suites: trixie trixie-updates
Components: main
Signed-By: /usr/share/keyrings/k.gpg
"""


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("sources.list.d/debian.sources", DEB822),
        (
            "sources.list",
            "# deb http://no.invalid/debian trixie main\n"
            "deb-src http://no.invalid/debian trixie main\n"
            "deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg]"
            " http://archivo.invalid/debian trixie main\n",
        ),
    ],
)
def test_the_address_of_debian_is_the_machine_s_own(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    source = apt.find_source(tmp_path, "trixie")
    assert source.uri == "http://archivo.invalid/debian"
    assert source.signed_by == "/usr/share/keyrings/k.gpg"
    with pytest.raises(StackError):
        apt.find_source(tmp_path, "bookworm")


def test_apt_works_on_a_state_of_its_own(tmp_path: Path) -> None:
    state = tmp_path / "apt"
    options = apt.private_state(state, apt.Source("http://archivo.invalid", ("trixie",), ""))
    settings = dict(option.split("=", 1) for option in options[1::2])
    for name, value in settings.items():
        if name.startswith("Dir::"):
            assert value == "/dev/null" or Path(value).is_relative_to(state)
    assert {"Dir::State", "Dir::State::status", "Dir::Cache"} <= set(settings)
    assert "Suites: sid" in (state / "etc/sources.list.d/sid.sources").read_text()


def test_maven_paths() -> None:
    assert versions.PULSAR.coordinates == (
        "org.apache.pulsar:pulsar-server-distribution:4.0.8:tar.gz:bin"
    )
    assert versions.PULSAR.repository_path.endswith(
        "pulsar-server-distribution/4.0.8/pulsar-server-distribution-4.0.8-bin.tar.gz"
    )
    assert versions.BOOKKEEPER.coordinates == "org.apache.bookkeeper:bookkeeper-server:4.17.3:jar"
    assert versions.BOOKKEEPER.repository_path.endswith("/4.17.3/bookkeeper-server-4.17.3.jar")
    assert versions.DEBEZIUM.repository_path.endswith("debezium-server-dist-3.6.0.Final.tar.gz")


@pytest.mark.parametrize(("given", "said"), [((), ""), (("PORT=9123",), "9123")])
def test_make_takes_a_port_for_the_stack_too(given: tuple[str, ...], said: str) -> None:
    """``make run PORT=…`` does; 18000 is the stack's own."""
    answer = subprocess.run(
        ["make", "--dry-run", "stack", *given], cwd=PROJECT, capture_output=True, text=True,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip
    assert (f"ALPES_STACK_PUERTO_WEB={said} " in answer.stdout) == bool(said)
