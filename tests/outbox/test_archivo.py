"""What is purged is in the archive before it is deleted, whole, and the figures come back of it."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from alpespartner.comun import privado
from comisiones.metricas.models import Cifra, CifraDeCodigo, Medida
from comisiones.metricas.services import a_medias
from comisiones.revision.services import aprobar_comision
from outbox import archivo
from outbox.archivo import alteradas, archivados, todos
from outbox.models import EventoPurgado, OutboxEvent
from outbox.reconciliacion import purgar
from tests import fabricas
from tests.fabricas import LUIS

pytestmark = pytest.mark.django_db
MARZO = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def carpeta(settings: Any) -> Path:
    settings.PAGOS_AUTOMATICOS = False
    suya: Path = settings.ARCHIVO_DIR
    return suya


@pytest.fixture
def programa() -> list[dict[str, Any]]:
    """Sales of two days with what became of them; gives their events as they were."""
    with time_machine.travel(MARZO, tick=False) as reloj:
        en = fabricas.campana(inicia_en=MARZO)
        for n in range(3):
            una = fabricas.comision(en=en, cupon="VERANO" if n else "", valor=str(100 + n))
            reloj.shift(timedelta(hours=15))
        aprobar_comision(comision=una, actor=LUIS)
        fabricas.entregar_todo()
    return eventos()


def eventos() -> list[dict[str, Any]]:
    return list(OutboxEvent.objects.order_by("posicion").values("posicion", "evento_id", "payload"))


def purgar_todo(por_lote: int = 4) -> int:
    return sum(purgar(timezone.now() + timedelta(seconds=1), por_lote=por_lote))


def figuras() -> list[Any]:
    return [
        sorted(m.objects.values_list(*[c.name for c in m._meta.concrete_fields]))
        for m in (Cifra, CifraDeCodigo, Medida)
    ]


def dichos() -> list[dict[str, Any]]:
    return [
        {"posicion": u.posicion, "evento_id": u.evento_id, "payload": u.texto} for u in archivados()
    ]


def test_lo_purgado_esta_en_el_archivo(programa: Any, carpeta: Path) -> None:
    assert purgar_todo() == len(programa)
    assert dichos() == programa
    assert list(alteradas()) == []
    assert [d.name for d in archivo.dias()] == [f"2026-03-0{n}" for n in (1, 2, 3)]
    # Each part by itself is what other tools read.
    manifiesto = json.loads((carpeta / "2026-03-01/manifiesto.json").read_text())
    for nombre, parte in manifiesto["partes"].items():
        contenido = (carpeta / "2026-03-01" / nombre).read_bytes()
        assert hashlib.sha256(contenido).hexdigest() == parte["sha256"]
        lineas = gzip.decompress(contenido).decode().splitlines()
        assert len(lineas) == parte["eventos"]
        assert all(json.loads(linea)["created_at"].startswith("2026-03-01") for linea in lineas)
    assert not list(carpeta.rglob("*.nuevo"))


@pytest.mark.lento
def test_reconstruir_da_lo_mismo_antes_y_despues(programa: Any) -> None:
    antes = figuras()
    assert antes[0]
    assert antes[1]
    for _vez in range(2):
        Cifra.objects.update(valor=1)
        CifraDeCodigo.objects.all().delete()
        salida = io.StringIO()
        call_command("reconstruir", stdout=salida)
        assert figuras() == antes
        assert not a_medias()
        assert "eventos recorridos" in salida.getvalue()
        purgar_todo()
    assert not OutboxEvent.objects.exists()


def test_lo_que_no_esta_en_ningun_sitio_se_echa_en_falta(programa: Any, carpeta: Path) -> None:
    """Nothing is forgotten to be made anew from less."""
    antes = figuras()
    purgar_todo()
    EventoPurgado(evento_id="x", aggregateid="y", type="z", created_at=MARZO).save()
    with pytest.raises(CommandError, match="faltan 1 eventos"):
        call_command("reconstruir")
    assert figuras() == antes


def test_un_archivo_que_alguien_toco(programa: Any, carpeta: Path) -> None:
    purgar_todo()
    antes = figuras()
    parte = next(iter(sorted(carpeta.glob("2026-03-02/*.gz"))))
    bueno = parte.read_bytes()
    parte.write_bytes(gzip.compress(gzip.decompress(bueno).replace(b"VERANO", b"OTONO!")))
    assert list(alteradas()) == [f"2026-03-02/{parte.name}: no es la de su manifiesto"]
    with pytest.raises(CommandError, match=parte.name):
        call_command("reconstruir")
    parte.unlink()
    assert list(alteradas()) == [f"2026-03-02/{parte.name}: no está"]
    (parte.parent / "manifiesto.json").write_text("{")
    assert list(alteradas()) == ["2026-03-02/manifiesto.json: no se puede leer"]
    assert (figuras(), a_medias()) == (antes, False)


def test_quien_muere_en_medio_no_pierde_ni_repite(programa: Any, monkeypatch: Any) -> None:
    """Killed after writing the archive and before deleting: both have it, and it is told once."""

    def muere(*_a: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("outbox.reconciliacion.anotar_purga", muere)
    with pytest.raises(KeyboardInterrupt):
        purgar_todo()
    assert eventos() == programa
    monkeypatch.undo()
    # With another batch size the parts are others.
    purgar_todo(por_lote=3)
    assert dichos() == programa


def test_sin_sitio_no_se_borra(programa: Any, monkeypatch: Any) -> None:
    def sin_sitio(*_a: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(privado.os, "fsync", sin_sitio)
    with pytest.raises(OSError, match="No space"):
        purgar_todo()
    assert eventos() == programa
    assert not EventoPurgado.objects.exists()


def test_los_dos_sitios_juntos(programa: Any) -> None:
    next(purgar(timezone.now() + timedelta(seconds=1), por_lote=4))
    assert {u.evento_id for u in todos()} == {e["evento_id"] for e in programa}
    assert len(list(archivados())) == 4
