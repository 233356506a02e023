"""The supervisor with small parts of its own: no download, real processes, real signals."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stack import files, parts, processes, supervisor
from tests.stack.conftest import PROJECT

pytestmark = pytest.mark.e2e
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
]


def wait(done: Callable[[], Any], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Small:
    def __init__(self, home: Path) -> None:
        self.home = home
        for name in ("run", "logs"):
            (home / name).mkdir()
        self.process: subprocess.Popen[bytes] | None = None

    def want(self, **argv: list[str] | dict[str, Any]) -> None:
        specs = {}
        for name, value in argv.items():
            given = value if isinstance(value, dict) else {"argv": value}
            settings = {
                "cwd": self.home,
                "puerto": 0,
                "salud": {"tipo": "proceso", "segundos": 0},
                **given,
            }
            specs[name] = parts.spec(settings.pop("argv"), **settings)
        files.write_json(self.home / "run/partes.json", {"puertos": {}, "partes": specs})

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stack.supervisor", str(self.home)],
            cwd=PROJECT,
            env={**os.environ, processes.MARK: str(self.home)},
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def stop(self) -> int:
        assert self.process is not None
        self.process.terminate()
        return self.process.wait(30)

    def part(self, name: str) -> dict[str, Any]:
        state = files.read_json(self.home / "estado.json")
        return dict(state.get("partes", {}).get(name, {}))

    def healthy(self, name: str) -> bool:
        return bool(self.part(name).get("sana"))


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    made = Small(tmp_path)
    yield made
    processes.kill_marked(tmp_path)
    if made.process is not None:
        made.process.wait(10)


def test_a_killed_part_is_restarted_and_counted(small: Small) -> None:
    small.want(una=SLEEP)
    small.start()
    wait(lambda: small.healthy("una"))
    first = small.part("una")["pid"]
    os.kill(first, signal.SIGKILL)
    wait(lambda: small.healthy("una") and small.part("una")["pid"] != first)
    assert small.part("una")["reinicios"] == 1
    assert small.part("una")["ultima_salida"] == -signal.SIGKILL
    assert small.stop() == 0
    assert processes.marked(small.home) == []


def test_what_a_killed_part_had_started_goes_with_it(small: Small) -> None:
    parent = f"import subprocess; subprocess.run({SLEEP!r})"
    small.want(una=[sys.executable, "-c", parent])
    small.start()
    wait(lambda: len(processes.marked(small.home)) == 3)
    before = set(processes.marked(small.home))
    os.kill(small.part("una")["pid"], signal.SIGKILL)
    wait(lambda: len(set(processes.marked(small.home)) - before) == 2)
    # The supervisor and the two new ones: the orphan is gone.
    wait(lambda: len(processes.marked(small.home)) == 3)
    assert small.stop() == 0
    # One that was killed may take a moment to be gone.
    wait(lambda: not processes.marked(small.home))


def test_a_part_that_keeps_failing_is_retried_ever_more_slowly(small: Small) -> None:
    small.want(mala=["/bin/false"])
    small.start()
    time.sleep(2.5)
    # Delays of 0.2, 0.4, 0.8 and 1.6 s: without them there would be dozens.
    assert 2 <= small.part("mala")["reinicios"] <= 5
    assert small.stop() == 0


def test_a_part_waits_for_those_it_needs(small: Small, tmp_path: Path) -> None:
    needs = {"argv": SLEEP, "despues": ("base",)}
    unhealthy = {"argv": SLEEP, "salud": {"tipo": "tcp", "puerto": 1}}
    small.want(base=unhealthy, arriba=needs)
    small.start()
    wait(lambda: small.part("base").get("pid"))
    time.sleep(0.5)
    assert small.part("arriba")["pid"] is None
    small.want(base=SLEEP, arriba=needs)
    wait(lambda: small.healthy("arriba"))
    assert small.stop() == 0


def test_parts_come_and_go_while_it_runs(small: Small) -> None:
    small.want(una=SLEEP)
    small.start()
    wait(lambda: small.healthy("una"))
    pid = small.part("una")["pid"]
    small.want(una=SLEEP, dos=SLEEP)
    wait(lambda: small.healthy("dos"))
    assert small.part("una")["pid"] == pid
    small.want(dos=SLEEP)
    wait(lambda: not small.part("una"))
    # A changed spec replaces the process.
    pid = small.part("dos")["pid"]
    small.want(dos={"argv": SLEEP, "env": {"X": "1"}})
    wait(lambda: small.healthy("dos") and small.part("dos")["pid"] != pid)
    assert small.stop() == 0


def test_a_part_that_ignores_the_request_to_stop_is_forced(small: Small) -> None:
    small.want(terca={"argv": STUBBORN, "parada": 1})
    small.start()
    wait(lambda: small.healthy("terca"))
    # Past the start of the interpreter, where SIGTERM would still end it.
    time.sleep(0.5)
    assert small.stop() == 0
    assert processes.marked(small.home) == []


def test_the_parts_die_with_a_killed_supervisor(small: Small) -> None:
    small.want(una=SLEEP, dos=STUBBORN)
    small.start()
    wait(lambda: small.healthy("una") and small.healthy("dos"))
    assert len(processes.marked(small.home)) == 3
    assert small.process is not None
    small.process.kill()
    small.process.wait(10)
    wait(lambda: processes.marked(small.home) == [], 5)


def test_there_is_one_supervisor_per_folder(small: Small) -> None:
    small.want()
    small.start()
    wait(lambda: (small.home / "estado.json").exists())
    assert supervisor.lock(small.home) is None
    second = subprocess.run(
        [sys.executable, "-m", "stack.supervisor", str(small.home)], cwd=PROJECT, check=False
    )
    assert second.returncode == 1
    assert small.stop() == 0
    descriptor = supervisor.lock(small.home)
    assert descriptor is not None
    os.close(descriptor)


def test_a_part_sees_only_the_environment_it_is_given(small: Small) -> None:
    show = "import os, json; print(json.dumps(dict(os.environ)), flush=True); input()"
    os.environ["SECRETO_DE_QUIEN_ARRANCA"] = "x"
    try:
        small.want(una=[sys.executable, "-c", show])
        small.start()
        log = small.home / "logs/una.log"
        wait(lambda: log.exists() and log.read_text().endswith("\n"))
    finally:
        del os.environ["SECRETO_DE_QUIEN_ARRANCA"]
    seen = json.loads(log.read_text().splitlines()[0])
    assert "SECRETO_DE_QUIEN_ARRANCA" not in seen
    assert seen["TZ"] == "UTC"
    small.stop()
