"""Which port each part listens on: loopback only, chosen once and then remembered."""

import socket
from collections.abc import Mapping

from stack.config import DEFAULT_PORTS, Config
from stack.errors import StackError

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: connections of a part just killed linger in TIME_WAIT.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def choose(config: Config, names: tuple[str, ...], known: Mapping[str, int]) -> dict[str, int]:
    """Give each name a port: the fixed one, else the remembered one, else the default, else any.

    Only a fixed port that something else holds raises StackError; the others move on.
    """
    chosen: dict[str, int] = {}
    taken = {port for name, port in known.items() if name not in names}
    taken |= set(config.fixed_ports.values())
    for name in names:
        fixed = config.fixed_ports.get(name)
        if fixed is not None:
            if not is_free(fixed):
                raise StackError(
                    f"El puerto {fixed} está ocupado: libérelo o cambie "
                    f"ALPES_STACK_PUERTO_{name.upper()}."
                )
            chosen[name] = fixed
            continue
        first = known.get(name, DEFAULT_PORTS[name])
        candidates = (first, DEFAULT_PORTS[name], *range(first + 1, first + 200))
        for port in candidates:
            if port not in taken and is_free(port):
                chosen[name] = port
                taken.add(port)
                break
        else:
            raise StackError(f"No hay puerto libre para {name}: fije ALPES_STACK_PUERTO_*.")
    return chosen
