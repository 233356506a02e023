"""The whole site on the real stack: what `make stack` does.

Each step is idempotent, so running it again changes nothing and prints the addresses once more.
"""

import os
import subprocess
import sys

from stack import app, control, files
from stack.config import APP, Config
from stack.errors import StackError


def start(config: Config) -> None:
    """Infrastructure, tables, topics, Debezium, the application and its demo. Raises StackError."""
    os.environ.setdefault("ALPES_DEMO", "1")
    os.environ.setdefault("ALPES_DEMO_ARCHIVO", str(config.home / "test_data_ids.json"))
    control.up(config, ("mysql", "redis", "pulsar"))
    env = write_env(config)
    _manage(config, env, "migrate", "--no-input", "--verbosity=0")
    # Before Debezium: a topic that is not there yet would stop it.
    _manage(config, env, "crear_topicos", "--verbosity=0")
    control.up(config, ("debezium",))
    control.up(config, tuple(name for name in APP if name != "pruebas"))
    port = files.read_json(config.specs_file)["puertos"]["web"]
    _manage(config, env, "demo", f"--url=http://localhost:{port}")
    # Last: it migrates a database of its own, and nobody who enters waits for it.
    control.up(config, ("pruebas",))


def write_env(config: Config) -> dict[str, str]:
    """Keep what Django needs in env under the stack's folder, for ALPES_ENV_FILE; return it."""
    known = files.read_json(config.specs_file)["puertos"]
    env = app.environment(config, known, files.load_secrets(config.secrets_file))
    for name in ("ALPES_DEMO", "ALPES_DEMO_ARCHIVO"):
        if name in os.environ:
            env[name] = os.environ[name]
    files.write(config.home / "env", "".join(f"{name}={value}\n" for name, value in env.items()))
    return env


def _manage(config: Config, env: dict[str, str], *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=config.project,
        env={**os.environ, **env},
        check=False,
    )
    if done.returncode != 0:
        raise StackError(f"manage.py {arguments[0]} falló: corríjalo y repita.")
