"""A whole office on one database, in a process of its own: it sells, calculates, approves and pays.

``python -m tests.fallos.oficina <file>`` runs until its input closes. What a service answered as
done goes to the file, one JSON per line, and so does each error of the database or the disk: after
one it asks again.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
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
from comisiones.models import Pago  # noqa: E402
from comisiones.pagos.barrido import barrer_pagos  # noqa: E402
from comisiones.pagos.pago.envio import ejecutar_pago  # noqa: E402
from comisiones.revision.services import aprobar_comision  # noqa: E402
from conversiones.campanas.models import Campana  # noqa: E402
from conversiones.ventas.errores import ConversionDuplicada  # noqa: E402
from conversiones.ventas.services import NuevaConversion, registrar_conversion  # noqa: E402
from outbox.transportes.embebido import drenar  # noqa: E402

# What goes with each sale: it fills a disk sooner.
RELLENO = "x" * 6_000


class Oficina:
    """Four hands, each with a connection of its own."""

    def __init__(self, archivo: Path) -> None:
        self.parar = threading.Event()
        self._salida = archivo.open("w")
        self._turno = threading.Lock()
        self._referencia = ""

    def anotar(self, **que: Any) -> None:
        with self._turno:
            self._salida.write(json.dumps({**que, "en": time.time()}) + "\n")
            self._salida.flush()

    def vender(self) -> None:
        """A sale; after an error the same one again, as a client does."""
        campana = Campana.objects.get(predeterminada=True)
        afiliado = Afiliado.objects.order_by("?")[0]
        self._referencia = self._referencia or nuevo_uuid7()
        datos = NuevaConversion(
            afiliado=afiliado, campana=campana, valor=Decimal(100),
            referencia_externa=self._referencia, metadatos={"nota": RELLENO},
        )  # fmt: skip
        try:
            registrar_conversion(datos=datos, actor=sistema("carga"))
        except ConversionDuplicada:
            # Committed by the try whose answer was lost.
            pass
        self.anotar(venta=self._referencia)
        self._referencia = ""
        time.sleep(0.01)

    def entregar(self) -> None:
        if not drenar():
            time.sleep(0.05)

    def aprobar(self) -> None:
        suyas = list(Comision.objects.filter(estado="pendiente").order_by("pk")[:20])
        for comision in suyas:
            aprobar_comision(comision=comision, actor=persona(1))
            self.anotar(aprobada=comision.id_publico)
        if not suyas:
            time.sleep(0.05)

    def pagar(self) -> None:
        barrer_pagos(actor=sistema("pagos"))
        for pk in list(Pago.objects.filter(estado="listo").values_list("pk", flat=True)[:50]):
            ejecutar_pago(pago_pk=pk, actor=sistema("pagos"))
        time.sleep(0.2)

    def insistir(self, hacer: Callable[[], None]) -> None:
        while not self.parar.is_set():
            try:
                hacer()
            except (DatabaseError, OSError) as exc:
                self.anotar(fallo=type(exc).__name__, dice=str(exc)[:200])
                connection.close()
                time.sleep(0.1)

    def abrir(self) -> None:
        """Work until the input closes."""
        manos = [
            threading.Thread(target=self.insistir, args=(hacer,), daemon=True)
            for hacer in (self.vender, self.entregar, self.aprobar, self.pagar)
        ]
        for mano in manos:
            mano.start()
        sys.stdin.read()
        self.parar.set()
        for mano in manos:
            mano.join()


if __name__ == "__main__":
    Oficina(Path(sys.argv[1])).abrir()
