"""Sales that may be the same one: which is named, to the second and the cent."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from conversiones.ventas.models import Conversion
from conversiones.ventas.parecidas import CERCA, marcar_parecidas
from tests import fabricas
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal
SEGUNDO = timedelta(seconds=1)


def test_parecidas(relato: Relato) -> None:
    """Among those that there are the first one of the range, and of two of an instant the one that
    came first; among those that come together, the first that is near."""
    en, de, ahora = fabricas.campana(), fabricas.afiliado(), fabricas.hace(days=2)

    def hay(referencia: str, cuanto: timedelta, **datos: Any) -> Conversion:
        valores = {"cliente_ref": "c-1", "valor": "40", **datos}
        return fabricas.conversion(
            en=en, de=de, referencia_externa=referencia, ocurrida_en=ahora + cuanto, **valores
        )

    una = hay("una", -CERCA)
    hay("misma", -CERCA)
    hay("antes", -CERCA - SEGUNDO)
    hay("despues", CERCA)
    otro = hay("otro", timedelta(), cliente_ref="c-2")
    hay("cara", -CERCA - SEGUNDO, valor="40.01")
    hay("euros", -CERCA - SEGUNDO, moneda="EUR")
    Conversion.objects.update(parecida_a="")
    nombres = dict(Conversion.objects.values_list("id_publico", "referencia_externa"))

    def nueva(cuanto: timedelta, valor: str = "40.00", **datos: Any) -> Conversion:
        valores = {"moneda": "USD", "cliente_id": una.cliente_id, **datos}
        suya = Conversion(
            id_publico=f"n{len(nombres)}", valor=D(valor), ocurrida_en=ahora + cuanto, **valores
        )
        nombres[suya.id_publico] = f"nueva {len(nombres)}"
        return suya

    def marca(que: str, *ventas: Conversion) -> None:
        marcar_parecidas(ventas)
        relato.dice(que, [nombres.get(v.parecida_a, v.parecida_a) for v in ventas])

    marca("a su hora", nueva(timedelta()))
    marca("un segundo antes", nueva(-SEGUNDO))
    marca("un segundo después", nueva(SEGUNDO))
    marca("a veinte minutos y uno", nueva(2 * CERCA + SEGUNDO))
    marca("a veinte", nueva(2 * CERCA))
    marca("de otro cliente", nueva(timedelta(), cliente_id=otro.cliente_id))
    marca("de nadie", nueva(timedelta(), cliente_id=None), nueva(timedelta(), cliente_id=None))
    marca("más cara", nueva(timedelta(), "40.01"))
    marca("en euros", nueva(timedelta(), moneda="EUR"))
    lejos = timedelta(days=1)
    marca("juntas", *(nueva(lejos + n * CERCA, valor) for n, valor in (
        (0, "7"), (1, "7.0"), (2, "7.00"), (3, "8"), (2, "7"), (0, "7"),
    )))  # fmt: skip
    marca("juntas por un segundo", *(
        nueva(lejos + n, "9") for n in (timedelta(), CERCA + SEGUNDO, -CERCA - SEGUNDO, -CERCA)
    ))  # fmt: skip
    marca("juntas, de otro y de otra moneda", nueva(lejos, "5"), nueva(
        lejos, "5", cliente_id=otro.cliente_id
    ), nueva(lejos, "5", moneda="EUR"), nueva(lejos, "5.01"))  # fmt: skip
