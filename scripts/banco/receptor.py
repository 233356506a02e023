"""A receiver of webhooks that only takes them: ``python -m banco.receptor PORT FILE``.

Each that comes whole is a line of the file: its ``webhook-id`` and the time, in seconds.
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path
from typing import BinaryIO

_GRACIAS = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


async def _tomar(lee: asyncio.StreamReader, escribe: asyncio.StreamWriter, donde: BinaryIO) -> None:
    try:
        cabeceras = {}
        for linea in (await lee.readuntil(b"\r\n\r\n")).split(b"\r\n")[1:]:
            nombre, _dos, valor = linea.partition(b":")
            cabeceras[nombre.strip().lower()] = valor.strip()
        await lee.readexactly(int(cabeceras.get(b"content-length", 0)))
        if b"webhook-id" in cabeceras:
            donde.write(cabeceras[b"webhook-id"] + f" {time.time():.6f}\n".encode())
        escribe.write(_GRACIAS)
        await escribe.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        escribe.close()


async def _escuchar(puerto: int, donde: BinaryIO) -> None:
    servidor = await asyncio.start_server(
        lambda lee, escribe: _tomar(lee, escribe, donde), "127.0.0.1", puerto, backlog=512
    )
    async with servidor:
        await servidor.serve_forever()


if __name__ == "__main__":
    with Path(sys.argv[2]).open("ab", buffering=0) as fichero:
        asyncio.run(_escuchar(int(sys.argv[1]), fichero))
