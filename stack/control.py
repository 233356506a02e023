"""What a person asks for: up, down, status, logs, env."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from stack import app, download, files, parts, ports, processes, supervisor
from stack.config import APP, PARTS, PORTS_OF_PART, Config
from stack.errors import StackError

# Debezium goes last: its heartbeat topic needs a Pulsar that answers.
PHASES = (("mysql", "redis", "pulsar"), ("debezium",), APP)


def up(config: Config, names: Sequence[str] = PARTS) -> None:
    """Bring these parts up beside those already up; return when all answer. Raises StackError."""
    _lay_out(config)
    download.ensure(config.cache, tuple(names))
    with _one_at_a_time(config):
        known = files.read_json(config.specs_file)
        chosen: dict[str, int] = known.get("puertos", {})
        wanted: dict[str, Any] = known.get("partes", {})
        if not is_up(config):
            _clear_away(config)
            wanted = {}
        missing = _needed(names) - {*wanted, *names}
        if missing:
            raise StackError(f"Falta {', '.join(sorted(missing))}: añádalo a --solo.")
        secrets = files.load_secrets(config.secrets_file)
        for phase in PHASES:
            now = [name for name in phase if name in names]
            if not now:
                continue
            if "debezium" in now:
                parts.create_heartbeat_topic(chosen)
            new = [
                port for name in now if name not in wanted for port in PORTS_OF_PART.get(name, ())
            ]
            chosen = {**chosen, **ports.choose(config, tuple(new), chosen)}
            began = time.monotonic()
            wanted = {**wanted, **{name: _build(config, name, chosen, secrets) for name in now}}
            files.write_json(config.specs_file, {"puertos": chosen, "partes": wanted})
            if not is_up(config):
                _start_supervisor(config)
            _wait_healthy(config, now, wanted, began)


def _needed(names: Sequence[str]) -> set[str]:
    # The sandbox has its own of everything.
    if set(names) & set(APP) - {"pruebas"}:
        return {"mysql", "redis", "pulsar"}
    return {"mysql", "pulsar"} if "debezium" in names else set()


def _build(
    config: Config, name: str, chosen: dict[str, int], secrets: dict[str, str]
) -> dict[str, Any]:
    builder = app.build if name in APP else parts.build
    return builder(config, name, chosen, secrets)


def down(config: Config, names: Sequence[str] = ()) -> None:
    """Stop these parts, or all and the supervisor; return when they are gone."""
    _lay_out(config)
    with _one_at_a_time(config):
        known = files.read_json(config.specs_file)
        if names and is_up(config):
            left = {name: s for name, s in known["partes"].items() if name not in names}
            files.write_json(config.specs_file, {**known, "partes": left})
            _wait(config, lambda: not set(names) & set(_state(config)["partes"]), "no paran")
            return
        if is_up(config) and (pid := _state(config).get("supervisor")):
            os.kill(pid, signal.SIGTERM)
            # Whatever does not stop in time is forced below.
            with contextlib.suppress(StackError):
                _wait(config, lambda: not is_up(config), "no para")
        killed = _clear_away(config)
        if killed:
            print(f"forzados: {', '.join(map(str, killed))}")
        files.write_json(config.specs_file, {"puertos": known.get("puertos", {}), "partes": {}})
        print("todo parado")


def status(config: Config) -> bool:
    """Print the table; True when everything that should run answers."""
    if not is_up(config):
        print("la pila está parada: arránquela con 'python -m stack up'")
        return False
    state = _state(config)
    rows = [("parte", "pid", "puerto", "estado", "reinicios", "RSS MiB")]
    total = 0
    for name, part in state["partes"].items():
        memory = processes.rss_mib(part["pid"]) if part["pid"] else 0
        total += memory
        word = "sana" if part["sana"] else "arrancando" if part["pid"] else "caída"
        pid = part["pid"] or "-"
        rows.append(
            (name, f"{pid}", f"{part['puerto'] or '-'}", word, f"{part['reinicios']}", f"{memory}")
        )
    own = processes.rss_mib(state["supervisor"])
    rows.append(("supervisor", f"{state['supervisor']}", "-", "sana", "0", f"{own}"))
    rows.append(("total", "", "", "", "", f"{total + own}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    return bool(state["partes"]) and all(part["sana"] for part in state["partes"].values())


def logs(config: Config, names: Sequence[str], lines: int) -> None:
    """Print the last lines of each log. Raises StackError for a part that has none."""
    for name in names or sorted(path.stem for path in config.logs.glob("*.log")):
        path = config.logs / f"{name}.log"
        if not path.exists():
            raise StackError(f"No hay registro de {name} en {config.logs}.")
        print(f"==> {path}")
        print(_tail(path, lines))


def env(config: Config) -> list[str]:
    """The .env lines with which the Django project finds the parts that were ever started.

    Raises StackError before the first `up`.
    """
    chosen = files.read_json(config.specs_file).get("puertos", {})
    if not chosen:
        raise StackError("Ninguna pieza tiene puerto: antes, 'python -m stack up'.")
    secrets = files.load_secrets(config.secrets_file)
    return [f"{name}={value}" for name, value in app.environment(config, chosen, secrets).items()]


def is_up(config: Config) -> bool:
    """Whether a supervisor lives. Its lock dies with it, so a reused pid cannot fool this."""
    descriptor = supervisor.lock(config.home)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _state(config: Config) -> dict[str, Any]:
    return files.read_json(config.state_file)


def _clear_away(config: Config) -> list[int]:
    """Parts of a killed supervisor, whose data and ports the next one needs."""
    pids = [part["pid"] for part in _state(config).get("partes", {}).values() if part["pid"]]
    try:
        killed = processes.kill_marked(config.home)
        processes.wait_gone(config.home, pids)
    except TimeoutError as error:
        raise StackError(f"No mueren los procesos {error}: reinicie la máquina.") from error
    return killed


def _start_supervisor(config: Config) -> None:
    config.state_file.unlink(missing_ok=True)
    with (config.logs / "supervisor.log").open("ab") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "stack.supervisor", str(config.home)],
            cwd=config.project,
            env={**os.environ, processes.MARK: str(config.home)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _wait(
        config,
        lambda: _state(config).get("supervisor") == child.pid or child.poll() is not None,
        "no arranca",
    )
    if child.poll() is not None:
        raise StackError("El supervisor no arranca: mire 'python -m stack logs supervisor'.")


def _wait_healthy(
    config: Config, names: Sequence[str], wanted: dict[str, Any], began: float
) -> None:
    waiting = list(names)
    before = {name: part["reinicios"] for name, part in _state(config)["partes"].items()}
    while waiting:
        state = _state(config)["partes"]
        for name in list(waiting):
            part = state.get(name)
            if part is None or part["huella"] != wanted[name]["huella"]:
                continue
            if part["sana"]:
                seconds = time.monotonic() - began
                port = f", puerto {part['puerto']}" if part["puerto"] else ""
                print(f"{name:<10} sana en {seconds:4.1f} s{port}", flush=True)
                waiting.remove(name)
            elif part["reinicios"] - before.get(name, 0) >= 3:
                _give_up(config, name, "cae al arrancar")
        if waiting and time.monotonic() - began > config.timeout:
            _give_up(config, waiting[0], f"no responde en {config.timeout:.0f} s")
        if waiting and not is_up(config):
            raise StackError("El supervisor murió: mire 'python -m stack logs supervisor'.")
        time.sleep(0.1)


def _give_up(config: Config, name: str, what: str) -> None:
    print(_tail(config.logs / f"{name}.log", 15), file=sys.stderr)
    raise StackError(f"{name} {what}: mire 'python -m stack logs {name}', corrija y repita.")


def _wait(config: Config, done: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + config.timeout
    while not done():
        if time.monotonic() > deadline:
            raise StackError(f"La pila {what}: mire 'python -m stack logs supervisor'.")
        time.sleep(0.05)


def _tail(path: Path, lines: int) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as file:
        # Enough for any number of lines that a person asks for, whatever the file's size.
        file.seek(max(0, path.stat().st_size - lines * 500))
        return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])


def _lay_out(config: Config) -> None:
    for folder in (config.home, config.run, config.logs):
        folder.mkdir(parents=True, exist_ok=True)
    # Logs and data hold more than other users of the machine should read.
    config.home.chmod(0o700)


@contextmanager
def _one_at_a_time(config: Config) -> Iterator[None]:
    with (config.run / "orden.candado").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
