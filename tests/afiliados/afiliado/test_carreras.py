"""Races between changes of affiliates."""

from __future__ import annotations

from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from tests import fabricas
from tests.fabricas import ANA, a_la_vez

pytestmark = pytest.mark.django_db(transaction=True)


def test_dos_referentes_a_la_vez_no_cierran_un_ciclo() -> None:
    """Each under the other: at most one comes true."""
    for _vez in range(5):
        uno, otro = fabricas.afiliado(), fabricas.afiliado()

        def bajo(de: Afiliado, referente: Afiliado) -> Any:
            return actualizar_afiliado(afiliado=de, cambios={"referente": referente}, actor=ANA)

        a_la_vez([lambda a=uno, b=otro: bajo(a, b), lambda a=uno, b=otro: bajo(b, a)])
        uno.refresh_from_db()
        otro.refresh_from_db()
        assert None in (uno.referente_id, otro.referente_id)
        assert {uno.referente_id, otro.referente_id} & {uno.pk, otro.pk}
