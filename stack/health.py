"""One short question to each part over loopback: does it serve?"""

import http.client
import socket
from typing import Any
from urllib.parse import urlsplit

from stack.ports import LOOPBACK

SECONDS = 2.0


def is_healthy(check: dict[str, Any]) -> bool:
    """`check` is a spec's "salud": {"tipo": mysql | redis | http | tcp, …}."""
    try:
        match check["tipo"]:
            case "mysql":
                return _mysql(check["puerto"])
            case "redis":
                return _redis(check["puerto"], check["clave"])
            case "http":
                return http_status(check["url"], "GET", seconds=SECONDS) == 200
            case "tcp":
                with _connect(check["puerto"]):
                    return True
            case other:
                raise ValueError(other)
    except OSError:
        return False


def http_status(url: str, method: str, *, seconds: float) -> int:
    """Ask directly, whatever proxy the environment names. Raises OSError."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=seconds)
    try:
        connection.request(method, parts.path)
        return connection.getresponse().status
    except http.client.HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()


def _connect(port: int) -> socket.socket:
    return socket.create_connection((LOOPBACK, port), timeout=SECONDS)


def _mysql(port: int) -> bool:
    with _connect(port) as connection:
        packet = connection.recv(64)
    # Four header bytes, then the protocol version: 10 in a greeting, 255 in an error.
    return len(packet) > 4 and packet[4] == 10


def _redis(port: int, password: str) -> bool:
    with _connect(port) as connection:
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        answer = b""
        while answer.count(b"\r\n") < 2:
            chunk = connection.recv(64)
            if not chunk:
                break
            answer += chunk
    return answer == b"+OK\r\n+PONG\r\n"
