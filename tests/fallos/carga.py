"""Load, in a process of its own: sales registered, or commissions approved, at a steady rate.

``python -m tests.fallos.carga ventas|aprobaciones <per second> <file>`` runs until its input
closes. What a service answered as done goes to the file, one JSON per line: these lines are what
the client was promised. While the database is away it insists with the same reference.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import django

django.setup()

from django.db import DatabaseError, connection  # noqa: E402

from afiliados.afiliado.models import Afiliado  # noqa: E402
from alpespartner.comun.actores import persona, sistema  # noqa: E402
from alpespartner.comun.identificadores import nuevo_uuid7  # noqa: E402
from comisiones.comision.models import Comision  # noqa: E402
from comisiones.revision.errores import YaAprobada  # noqa: E402
from comisiones.revision.services import aprobar_comision  # noqa: E402
from conversiones.campanas.models import Campana  # noqa: E402
from conversiones.ventas.errores import ConversionDuplicada  # noqa: E402
from conversiones.ventas.services import NuevaConversion, registrar_conversion  # noqa: E402


def insistir(hacer: Callable[[], str]) -> str:
    """What ``hacer`` returns, however long the database is away."""
    while True:
        try:
            return hacer()
        except DatabaseError:
            connection.close()
            time.sleep(0.1)


def ventas() -> Iterator[str]:
    """Register sales, each with a reference of its own."""
    campana = Campana.objects.get(predeterminada=True)
    afiliados = list(Afiliado.objects.order_by("pk")[:20])
    actor = sistema("carga")
    while True:
        referencia = nuevo_uuid7()
        datos = NuevaConversion(
            afiliado=afiliados[hash(referencia) % len(afiliados)],
            campana=campana,
            valor=Decimal(100),
            referencia_externa=referencia,
        )

        def registrar(datos: NuevaConversion = datos, referencia: str = referencia) -> str:
            try:
                registrar_conversion(datos=datos, actor=actor)
            except ConversionDuplicada:
                # Committed by the try whose answer was lost.
                pass
            return referencia

        yield insistir(registrar)


def aprobaciones() -> Iterator[str]:
    """Approve pending commissions, oldest first."""
    actor = persona(1)
    pendientes = Comision.objects.filter(estado="pendiente").order_by("pk").iterator()
    for comision in pendientes:

        def aprobar(comision: Comision = comision) -> str:
            try:
                aprobar_comision(comision=comision, actor=actor)
            except YaAprobada:
                pass
            return comision.id_publico

        yield insistir(aprobar)


def main() -> None:
    """Run one kind of load."""
    trabajo = {"ventas": ventas, "aprobaciones": aprobaciones}[sys.argv[1]]
    pausa = 1 / float(sys.argv[2])
    parar = threading.Event()

    def esperar_fin() -> None:
        sys.stdin.read()
        parar.set()

    threading.Thread(target=esperar_fin, daemon=True).start()
    with Path(sys.argv[3]).open("w") as salida:
        proximo = time.monotonic()
        for hecho in trabajo():
            linea: dict[str, Any] = {"hecho": hecho, "en": time.time()}
            salida.write(json.dumps(linea) + "\n")
            salida.flush()
            # A pause of the machine is not made up for: the rate is a ceiling.
            proximo = max(proximo + pausa, time.monotonic())
            if parar.wait(proximo - time.monotonic()):
                break


if __name__ == "__main__":
    main()
