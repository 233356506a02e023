"""How the postman waits: for whoever answers first, or for his next round."""

from __future__ import annotations

from concurrent.futures import Future
from typing import Any

import pytest

from outbox.models import Webhook
from outbox.webhooks import duenos, envio


@pytest.fixture
def dormido(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long he slept, each time."""
    veces: list[float] = []
    monkeypatch.setattr(envio.time, "sleep", veces.append)
    return veces


def test_con_algo_en_mano_espera_a_que_se_conteste(dormido: list[float]) -> None:
    cartero = envio.Cartero(1)
    contestado: Future[Any] = Future()
    contestado.set_result(None)
    cartero._en_mano[contestado] = None  # type: ignore[assignment]
    cartero.esperar(30)
    assert dormido == [envio._REUNIR]
    assert cartero.en_mano == 1


def test_sin_nada_en_mano_espera_su_vuelta(dormido: list[float]) -> None:
    cartero = envio.Cartero(1)
    cartero.esperar(30)
    assert dormido == [30]


@pytest.mark.parametrize("clase", ["webhook", "postback"])
@pytest.mark.parametrize(("dicen", "si"), [((True, True), True), ((True, False), False)])
def test_recibe_quien_puede_segun_todos(
    monkeypatch: pytest.MonkeyPatch, clase: str, dicen: tuple[bool, ...], si: bool
) -> None:
    preguntas = [lambda *_de, dice=dice: dice for dice in dicen]
    monkeypatch.setattr(duenos, "_SIGUEN" if clase == "postback" else "_PUEDEN", preguntas)
    assert duenos.puede_recibir(Webhook(clase=clase, titular="t", afiliado="af_1")) is si


def test_quien_pregunta_se_queda(monkeypatch: pytest.MonkeyPatch) -> None:
    for lista, exigir in (
        ("_PUEDEN", duenos.exigir_que_pueda),
        ("_SIGUEN", duenos.exigir_que_siga),
    ):
        monkeypatch.setattr(duenos, lista, [])
        exigir(bool)
        assert getattr(duenos, lista) == [bool]
