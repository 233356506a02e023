"""Who was erased is crossed out of events that are written, and of nothing else in them."""

from __future__ import annotations

import dataclasses
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import cerrar_afiliado, suspender_afiliado
from afiliados.personales.services import borrar_datos
from alpespartner.comun import tachado
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Historial, Tachadura
from alpespartner.comun.personales import Tacha
from alpespartner.comun.tachado import tachar_pendientes
from comisiones.revision.services import rechazar_comision
from conversiones.clientes.borrado import borrar_cliente
from conversiones.clientes.models import Cliente
from outbox import archivo, registro
from outbox import tachado as eventos_tachados
from outbox.models import OutboxEvent
from outbox.reconciliacion import purgar
from tests import fabricas
from tests.fabricas import ANA, LUIS, hace

# What an event says with words of ours or of a shop's catalogue, never with a person's.
DE_LISTA = {
    "base", "campos", "codigo", "comision_base", "comision_fija", "comision_premium", "de", "desde",
    "documento_tipo", "estado", "hasta", "huella", "importe", "moneda", "monto", "motivo_codigo",
    "motivo_retencion", "numero", "por", "porcentaje", "queda", "quitado", "referencia",
    "referencia_externa", "retenido", "revertido", "tasa", "tipo", "tipo_afiliado",
    "tipo_conversion", "total", "valor", "zona",
}  # fmt: skip


def _borrar(suya: Afiliado) -> None:
    borrar_datos(afiliado=suya, actor=ANA, motivo="Lo pide", confirmada_por=str(LUIS))


def _cerrar(suya: Afiliado, motivo: str) -> Afiliado:
    suspender_afiliado(afiliado=suya, actor=ANA, motivo=motivo)
    return cerrar_afiliado(afiliado=suya, actor=ANA, motivo=motivo)


def _lineas(archivo: Any) -> list[bytes]:
    return list(archivo.read_bytes().splitlines(keepends=True))


@pytest.mark.django_db
def test_el_fichero_de_eventos(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line stays in its place and of its length; what others' objects say stays too."""
    suya = fabricas.afiliado(nombre="Ñandú Zurcido", email="n@example.com")
    ajena = fabricas.afiliado(nombre="Otra", email="otra@example.com")
    rechazar_comision(
        comision=fabricas.comision(de=suya), actor=ANA, motivo='Dice "ÑANDÚ zurcido"\tque no'
    )
    fabricas.cuenta(suya, titular="Ñandú", iban="ES9121000418450200051332")
    rechazar_comision(comision=fabricas.comision(de=ajena), actor=ANA, motivo="De Ñandú Zurcido")
    fabricas.entregar_todo()
    suya = _cerrar(suya, "Ñandú Zurcido y n@example.com")
    archivo = settings.AUDITORIA_ARCHIVO
    antes = _lineas(archivo)
    _borrar(suya)
    # One at a time, so that it goes on from the middle.
    monkeypatch.setattr(eventos_tachados, "PORCION", 400)
    monkeypatch.setattr(tachado, "_POR_PORCION", 1)
    while tachar_pendientes(1):
        pass
    # Not sent yet: they go out as they are now.
    fabricas.entregar_todo()
    nuevas = _lineas(archivo)[len(antes) :]
    assert any(b'"AfiliadoCerrado"' in una for una in nuevas)
    assert not any("Zurcido" in una.decode() for una in nuevas)
    assert _lineas(archivo)[: len(antes)] == antes
    Tachadura.objects.update(creada_en=hace(minutes=6))
    while tachar_pendientes(1):
        pass
    assert not Tachadura.objects.exists()
    despues = _lineas(archivo)
    assert [len(una) for una in despues[: len(antes)]] == [len(una) for una in antes]
    cambiadas = [
        (json.loads(una), json.loads(otra))
        for una, otra in zip(antes, despues, strict=False) if una != otra
    ]  # fmt: skip
    assert {una["type"] for una, _otra in cambiadas} == {
        "ComisionRechazada", "CuentaBancariaCambiada", "CuentaBancariaConfirmada",
    }  # fmt: skip
    for una, otra in cambiadas:
        campo = "motivo" if "motivo" in una["data"] else "termina_en"
        dicho = (una["data"].pop(campo), otra["data"].pop(campo).rstrip())
        assert dicho in {('Dice "ÑANDÚ zurcido"\tque no', 'Dice "…"\tque no'), ("1332", "…")}
        assert una == otra
    assert b"De \xc3\x91and\xc3\xba Zurcido" in archivo.read_bytes()
    hecho = historial_de("afiliado", suya.id_publico).last()
    assert hecho is not None
    # The commission's step and column, its event and its line; and two lines of the account's.
    assert (hecho.accion, hecho.datos) == ("tachar", {"textos": 6})
    call_command("verificar", cadena=True, verbosity=0)


@pytest.mark.django_db
def test_el_archivo(settings: Any) -> None:
    """Of what was purged too, a part at a time: another with its own hash takes its place, and
    those that say nothing of who was erased stay as they are."""
    suya = fabricas.afiliado(nombre="Ñandú Zurcido", email="n@example.com")
    ajena = fabricas.afiliado(nombre="Otra", email="otra@example.com")
    for de in (suya, ajena):
        rechazar_comision(comision=fabricas.comision(de=de), actor=ANA, motivo="De Ñandú Zurcido")
    fabricas.entregar_todo()
    assert sum(purgar(timezone.now() + timedelta(seconds=1), por_lote=2)) > 8
    antes = {uno.evento_id: uno.texto for uno in archivo.archivados()}
    de_antes = {ruta.name for dia in archivo.dias() for ruta in dia.iterdir()}
    # Of who purged and died before naming it.
    (archivo.dias()[0] / "000000000001-000000000002.jsonl.gz").write_bytes(b"Zurcido")
    _borrar(_cerrar(suya, "m"))
    Tachadura.objects.update(creada_en=hace(minutes=6))
    # One at a time, so that it goes on from the middle.
    while tachar_pendientes(1):
        pass
    assert not Tachadura.objects.exists()
    assert list(archivo.alteradas()) == []
    despues = {uno.evento_id: uno.texto for uno in archivo.archivados()}
    cambiados = {de for de in antes if antes[de] != despues[de]}
    rechazos = [texto for texto in despues.values() if '"ComisionRechazada"' in texto]
    assert sorted(json.loads(r)["data"]["motivo"] for r in rechazos) == ["De Ñandú Zurcido", "De …"]
    assert len(cambiados) == 1
    [cual] = cambiados
    assert antes[cual].replace("De Ñandú Zurcido", "De …") == despues[cual]
    de_ahora = {ruta.name for dia in archivo.dias() for ruta in dia.iterdir()}
    assert (len(de_antes - de_ahora), len(de_ahora - de_antes)) == (1, 1)
    assert not any(
        ruta.name == "000000000001-000000000002.jsonl.gz"
        for dia in archivo.dias() for ruta in dia.iterdir()
    )  # fmt: skip
    assert archivo.reescribir(10**11, lambda _evento: True) == (None, 0)


@pytest.mark.django_db
def test_de_un_cliente_y_lo_que_no_se_deja(caplog: Any) -> None:
    """A customer is crossed out of its sales and their commissions; one that cannot be read stops
    nobody else, and its words wait."""
    comision = fabricas.comision(cliente_ref="maria-perez")
    rechazar_comision(comision=comision, actor=ANA, motivo="María: maria-perez no pagó")
    suyo = Cliente.objects.get()
    tachado.pedir_tachado("afiliado", "af_1", ["Nadie"])
    Tachadura.objects.update(textos="ilegible")
    borrar_cliente(cliente=suyo, actor=ANA, motivo="m", confirmada_por=str(LUIS))
    tachar_pendientes()
    assert "tachadura" in caplog.text
    assert Tachadura.objects.count() == 2
    comision.refresh_from_db()
    assert comision.motivo == "María: … no pagó"
    rechazo = OutboxEvent.objects.get(type="ComisionRechazada")
    assert json.loads(rechazo.payload)["data"]["motivo"] == "María: … no pagó"
    paso = Historial.objects.get(entidad="comision", accion="rechazar")
    assert paso.motivo == "María: … no pagó"


def test_un_importe_no_es_un_nombre() -> None:
    """A customer whom its shop calls 1001 is in no amount; a telephone is nobody's amount."""
    tacha = Tacha(["1001", "USD", "600111222"])
    assert tacha.en({"valor": "1001.00", "n": "1001", "tel": "600111222"}) == {
        "valor": "1001.00", "n": "1001", "tel": "…",
    }  # fmt: skip
    assert tacha.en(["El 1001 dice"]) == ["El … dice"]


def test_cada_texto_de_un_evento_es_de_alguien() -> None:
    """A field that people write has to be declared as such, or it would be told for ever."""
    sueltos = {
        f"{clase.__name__}.{campo.name}"
        for clase in registro._POR_CLASE
        for campo in dataclasses.fields(clase)
        if "str" in str(campo.type)
        and not campo.name.endswith("_id")
        and campo.name not in registro.TEXTO_LIBRE | registro.SUYO | DE_LISTA
    }
    assert sueltos == set()
