"""The gateway that writes files: what each says, and that it is on the disk before it counts."""

from __future__ import annotations

import os
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from comisiones.pagos.pasarelas.archivo import PasarelaArchivo
from comisiones.pagos.pasarelas.interfaz import Orden, Respuesta

ORDEN = Orden(
    clave="pago_1", pago_id="pago_1", afiliado_id="af_1", beneficiario="=Ada, S. L.",
    importe=Decimal("10.5"), moneda="USD", fecha="2026-01-31",
)  # fmt: skip
PAGADO = Respuesta("pagado", referencia="pago_1.csv")


@pytest.fixture
def fichero(settings: Any) -> Path:
    return Path(settings.PAGOS_DIR) / "2026-01-31" / "pago_1.csv"


def test_lo_que_escribe(fichero: Path) -> None:
    """A line for the treasury, that a spreadsheet does not run; again, it is the same."""
    assert PasarelaArchivo().consultar(ORDEN) is None
    assert PasarelaArchivo().enviar(ORDEN) == PAGADO
    assert fichero.read_text().splitlines() == [
        "pago_id,clave,afiliado_id,beneficiario,importe,moneda,concepto",
        'pago_1,pago_1,af_1,"\'=Ada, S. L.",10.50,USD,Comisiones pago_1',
    ]
    assert fichero.stat().st_mode & 0o077 == 0
    assert PasarelaArchivo().consultar(ORDEN) == PasarelaArchivo().enviar(ORDEN) == PAGADO
    assert list(fichero.parent.iterdir()) == [fichero]


@pytest.mark.parametrize("escrito", ["", "otra cosa", "\xff"])
def test_con_otro_contenido_no_se_sabe(fichero: Path, escrito: str) -> None:
    """It is not written over: somebody has to look."""
    PasarelaArchivo().enviar(ORDEN)
    fichero.write_bytes(escrito.encode("latin-1"))
    dicho = Respuesta("incierto", detalle="pago_1.csv tiene otro contenido")
    assert PasarelaArchivo().consultar(ORDEN) == PasarelaArchivo().enviar(ORDEN) == dicho
    assert fichero.read_bytes() == escrito.encode("latin-1")


def test_esta_en_el_disco_antes_de_contar(fichero: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a power cut takes was not paid: first what it says, then its name."""
    seguros: list[tuple[int, bool]] = []

    def fsync(descriptor: int) -> None:
        visto = os.fstat(descriptor)
        seguros.append((0 if stat.S_ISDIR(visto.st_mode) else visto.st_size, fichero.exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    PasarelaArchivo().enviar(ORDEN)
    assert seguros == [(len(fichero.read_bytes()), False), (0, True)]
