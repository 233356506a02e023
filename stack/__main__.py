"""python -m stack site | up | down | status | logs | env

Settings, all optional: ALPES_STACK_HOME (data, .stack), ALPES_STACK_CACHE (downloads,
~/.cache/alpespartner), ALPES_STACK_PUERTO_{MYSQL,REDIS,PULSAR,PULSAR_ADMIN,BOOKIE,DEBEZIUM,WEB},
ALPES_STACK_MYSQL_SYNC and ALPES_STACK_PULSAR_SYNC (1; 0 gives up durability for speed),
ALPES_STACK_JAVA (more options for Pulsar's and Debezium's Java),
ALPES_STACK_ESPERA (seconds that `up` waits for a part, 180).
"""

import argparse
import sys

from stack import config, control, site
from stack.config import APP, PARTS
from stack.errors import StackError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m stack", description="La pila real (MySQL, Redis, Pulsar, Debezium)."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("site", help="todo: pila, tablas, tópicos, aplicación y demostración")
    for name, text in (
        ("up", "arranca y espera a que todo responda"),
        ("down", "para y no deja ningún proceso; los datos quedan"),
    ):
        command = commands.add_parser(name, help=text)
        command.add_argument(
            "--solo",
            type=_parts,
            default=(),
            help=f"solo estas partes: {','.join((*PARTS, *APP))}; app: las de Django",
        )
    commands.add_parser("status", help="tabla de partes; sale con 1 si algo no responde")
    log = commands.add_parser("logs", help="últimas líneas de cada registro")
    log.add_argument("partes", nargs="*")
    log.add_argument("-n", type=int, default=40, dest="lines", help="cuántas líneas")
    commands.add_parser("env", help="líneas .env para Django (llevan contraseñas)")
    asked = parser.parse_args(arguments)
    try:
        settings = config.current()
        match asked.command:
            case "site":
                site.start(settings)
            case "up":
                control.up(settings, asked.solo or PARTS)
            case "down":
                control.down(settings, asked.solo)
            case "status":
                return 0 if control.status(settings) else 1
            case "logs":
                control.logs(settings, asked.partes, asked.lines)
            case "env":
                print("\n".join(control.env(settings)))
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrumpido: lo que arrancó sigue; párelo con 'python -m stack down'")
        return 130
    return 0


def _parts(text: str) -> tuple[str, ...]:
    asked = [name.strip() for name in text.split(",") if name.strip()]
    names = {one for name in asked for one in (APP if name == "app" else (name,))}
    if not names or names - {*PARTS, *APP}:
        raise argparse.ArgumentTypeError(f"use {','.join((*PARTS, *APP, 'app'))}")
    return tuple(name for name in (*PARTS, *APP) if name in names)


if __name__ == "__main__":
    sys.exit(main())
