"""The one process that starts the parts, restarts those that die and stops them in order.

It knows nothing of MySQL or Pulsar: it makes true what run/partes.json says and writes what is
true to estado.json. `up` and `down` edit the first; `status` reads the second. One thread, one
loop: every question it asks has a short time limit.

A spec: {"argv", "env", "cwd", "despues": [parts it needs], "puerto",
"salud": see health.py, or {"tipo": "proceso", "segundos"},
"parada": seconds it may take to stop, "huella": changes when the spec does}.
"""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from stack import files, health, processes

TICK = 0.1
CHECK_STARTING = 0.25
CHECK_HEALTHY = 2.0
FIRST_DELAY = 0.2
LONGEST_DELAY = 15.0
# A part that ran this long did not fail at starting: its next restart is immediate again.
STEADY_AFTER = 30.0
LOG_LIMIT = 50 * 1024 * 1024


@dataclass
class Part:
    name: str
    spec: dict[str, Any]
    process: subprocess.Popen[bytes] | None = None
    healthy: bool = False
    restarts: int = 0
    delay: float = FIRST_DELAY
    start_at: float = 0.0
    started: float = 0.0
    check_at: float = 0.0
    stop_sent: float = 0.0
    last_exit: int | None = None
    since: str = ""


class Supervisor:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.run = home / "run"
        self.parts: dict[str, Part] = {}
        self.wanted: dict[str, dict[str, Any]] = {}
        self.ports: dict[str, int] = {}
        self.stopping = False
        self._specs_seen = (0, 0)
        self._written: dict[str, Any] = {}

    def serve(self) -> None:
        signal.signal(signal.SIGTERM, self._on_stop)
        signal.signal(signal.SIGINT, self._on_stop)
        self.log(f"supervisor {os.getpid()} en marcha")
        while True:
            self._read_specs()
            for name, spec in self.wanted.items():
                if name not in self.parts:
                    self.parts[name] = Part(name, spec)
            for part in list(self.parts.values()):
                self._reap(part)
                if self.stopping or self.wanted.get(part.name) != part.spec:
                    self._stop(part)
                else:
                    self._start(part)
                    self._check(part)
            self._write_state()
            if self.stopping and not self.parts:
                self.log("todo parado")
                return
            time.sleep(TICK)

    def log(self, text: str) -> None:
        print(f"{datetime.now(UTC).isoformat(timespec='milliseconds')} {text}", flush=True)

    def _on_stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def _read_specs(self) -> None:
        status = (self.run / "partes.json").stat()
        # The file is replaced, never edited, so its inode changes even within one clock tick.
        if (seen := (status.st_ino, status.st_mtime_ns)) != self._specs_seen:
            data = files.read_json(self.run / "partes.json")
            self._specs_seen, self.wanted, self.ports = seen, data["partes"], data["puertos"]

    def _reap(self, part: Part) -> None:
        if part.process is None or (code := part.process.poll()) is None:
            return
        # What a killed part had started (a web server's workers) goes before it starts again.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(part.process.pid, signal.SIGKILL)
        part.process, part.healthy, part.last_exit = None, False, code
        now = time.monotonic()
        if part.stop_sent:
            self.log(f"{part.name} parada en {now - part.stop_sent:.1f} s, salida {code}")
            return
        if now - part.started > STEADY_AFTER:
            part.delay = FIRST_DELAY
        part.restarts += 1
        part.start_at = now + part.delay
        self.log(f"{part.name} terminó con {code}: reinicio {part.restarts} en {part.delay:.1f} s")
        part.delay = min(part.delay * 2, LONGEST_DELAY)

    def _start(self, part: Part) -> None:
        if part.process is not None or time.monotonic() < part.start_at:
            return
        if any(n in self.wanted and not self._serves(n) for n in part.spec["despues"]):
            return
        log = self.home / "logs" / f"{part.name}.log"
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_suffix(".log.1"))
        environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": os.environ.get("HOME", "/"),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            **part.spec["env"],
            processes.MARK: str(self.home),
        }
        with log.open("ab") as output:
            # preexec_fn is sound here: this process has one thread.
            part.process = subprocess.Popen(
                part.spec["argv"],
                env=environment,
                cwd=part.spec["cwd"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=processes.die_with_parent,
            )
        part.started, part.check_at, part.stop_sent = time.monotonic(), 0.0, 0.0
        part.since = datetime.now(UTC).isoformat(timespec="milliseconds")
        self.log(f"{part.name} arrancó con pid {part.process.pid}")

    def _serves(self, name: str) -> bool:
        return name in self.parts and self.parts[name].healthy

    def _check(self, part: Part) -> None:
        if part.process is None or time.monotonic() < part.check_at:
            return
        check = part.spec["salud"]
        if check["tipo"] == "proceso":
            # It has no port to ask: it serves if it has not fallen for a while.
            healthy = time.monotonic() - part.started >= check["segundos"]
        else:
            healthy = health.is_healthy(check)
        if healthy != part.healthy:
            seconds = time.monotonic() - part.started
            self.log(f"{part.name} {'sana' if healthy else 'no responde'} a los {seconds:.1f} s")
        part.healthy = healthy
        part.check_at = time.monotonic() + (CHECK_HEALTHY if healthy else CHECK_STARTING)

    def _stop(self, part: Part) -> None:
        if part.process is None:
            del self.parts[part.name]
            return
        now = time.monotonic()
        if not part.stop_sent:
            dependents = [p for p in self.parts.values() if part.name in p.spec["despues"]]
            if self.stopping and any(p.process is not None for p in dependents):
                return
            part.stop_sent, part.healthy = now, False
            part.process.terminate()
        elif now - part.stop_sent > part.spec["parada"]:
            self.log(f"{part.name} no paró en {part.spec['parada']} s: se fuerza")
            part.process.kill()

    def _write_state(self) -> None:
        state = {
            "supervisor": os.getpid(),
            "puertos": self.ports,
            "partes": {
                part.name: {
                    "pid": part.process.pid if part.process else None,
                    "puerto": part.spec["puerto"],
                    "sana": part.healthy,
                    "reinicios": part.restarts,
                    "ultima_salida": part.last_exit,
                    "desde": part.since,
                    "huella": part.spec["huella"],
                }
                for part in self.parts.values()
            },
        }
        if state != self._written:
            files.write_json(self.home / "estado.json", state)
            self._written = state


def lock(home: Path) -> int | None:
    """Hold the supervisor's place, or None when another holds it. Freed when the process ends."""
    descriptor = os.open(home / "run" / "supervisor.candado", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def main() -> int:
    home = Path(sys.argv[1])
    # `status` takes the place for an instant to see whether it is free.
    for _attempt in range(50):
        if lock(home) is not None:
            Supervisor(home).serve()
            return 0
        time.sleep(0.05)
    return 1


if __name__ == "__main__":
    sys.exit(main())
