"""Two workers at once, and one that dies half-way."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from comisiones.models import Notificacion, Novedad
from comisiones.notificaciones import resumen
from comisiones.notificaciones.envio import enviar_pendientes
from tests import fabricas

pytestmark = pytest.mark.django_db(transaction=True)


def _deber(cuantos: int) -> None:
    """Affiliates with two things to tell each, due now."""
    ahora = timezone.now()
    for n in range(cuantos):
        de = fabricas.afiliado(nombre=f"A{n}", email=f"a{n}@example.com")
        for vez in range(2):
            Novedad.objects.create(
                evento_id=f"{n}-{vez}", afiliado=de, clase="aprobada", referencia=f"P{n}-{vez}",
                monto=1, moneda="USD", ocurrida_en=ahora, toca_en=ahora - timedelta(seconds=1),
            )  # fmt: skip


def test_dos_a_la_vez_escriben_y_envian_uno_a_cada_uno(monkeypatch: pytest.MonkeyPatch) -> None:
    _deber(12)
    monkeypatch.setattr(resumen, "PORCION", 5)

    def trabajar() -> None:
        resumen.resumir(segundos=60)
        enviar_pendientes(segundos=60)

    assert fabricas.a_la_vez([trabajar, trabajar, trabajar]) == [None] * 3
    enviar_pendientes(segundos=60)
    assert Notificacion.objects.filter(clase="resumen", estado="enviada").count() == 12
    assert not Novedad.objects.filter(notificacion=None).exists()
    assert Counter(c.to[0] for c in mail.outbox) == {f"a{n}@example.com": 1 for n in range(12)}
    for n in range(12):
        [correo] = [c for c in mail.outbox if c.to == [f"a{n}@example.com"]]
        assert correo.body.count(f"P{n}-0") == correo.body.count(f"P{n}-1") == 1


def test_quien_muere_al_escribir_no_dejo_nada(monkeypatch: pytest.MonkeyPatch) -> None:
    class Muerte(BaseException):
        pass

    def morir(*_args: Any) -> None:
        raise Muerte

    _deber(2)
    with monkeypatch.context() as parche:
        parche.setattr(resumen, "escribir", morir)
        with pytest.raises(Muerte):
            resumen.resumir()
    assert not Notificacion.objects.exists()
    assert Novedad.objects.filter(notificacion=None).count() == 4
    resumen.resumir()
    assert Notificacion.objects.count() == 2
