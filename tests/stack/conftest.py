"""The real stack for the tests marked `stack`, in folders of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stack.config import DEFAULT_PORTS
from stack.ports import is_free

PROJECT = Path(__file__).resolve().parents[2]
# Started dozens of times and hardly used: what a second compiler makes never pays here.
JAVA = "-XX:TieredStopAtLevel=1"


def own_ports() -> dict[str, str]:
    """Ports that no other test process looks at: of two stacks at once, neither may take the port
    of a part of the other that was just killed. Below those of outgoing connections."""
    first = 22_000 + os.getpid() % 1_000 * 10
    free = (port for port in range(first, 32_768) if is_free(port))
    return {f"ALPES_STACK_PUERTO_{name.upper()}": f"{next(free)}" for name in DEFAULT_PORTS}


@dataclass
class Pila:
    home: Path
    environ: dict[str, str]

    def __post_init__(self) -> None:
        self.environ = {"ALPES_STACK_JAVA": JAVA, **own_ports(), **self.environ}

    def run(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        result = subprocess.run(
            [sys.executable, "-m", "stack", *arguments],
            cwd=PROJECT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert not check or result.returncode == 0, result.stdout + result.stderr
        return result

    def state(self) -> dict[str, Any]:
        return dict(json.loads((self.home / "estado.json").read_text()))

    def part(self, name: str) -> dict[str, Any]:
        return dict(self.state()["partes"][name])

    def env(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.run("env").stdout.splitlines())


def _una(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pila]:
    home = tmp_path_factory.mktemp("pila")
    # Nothing of a developer's own stack, which may be up.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ALPES_STACK_") or name == "ALPES_STACK_CACHE"
    }
    stack = Pila(home, {**kept, "ALPES_STACK_HOME": str(home)})
    try:
        yield stack
    finally:
        stack.run("down", check=False)


@pytest.fixture(scope="module")
def pila(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pila]:
    """A stack of the module's own."""
    yield from _una(tmp_path_factory)


@pytest.fixture(scope="session")
def pila_comun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pila]:
    """A stack that modules of one `xdist_group` use one after another, each a database of its own.
    Whoever stops or kills its parts is the last."""
    yield from _una(tmp_path_factory)
