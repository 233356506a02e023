"""Sales that may be one, sent twice: registered, held, and shown beside each other."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comisiones.comision.models import Comision
from comisiones.revision.services import aprobar_comision, liberar_comision
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import NuevaConversion, registrar_conversiones
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, ClienteAPI, a_la_vez

RUTA = "/api/v1/conversiones"


class Mundo:
    def __init__(self) -> None:
        self.en, self.otra = fabricas.campana(predeterminada=True), fabricas.campana()
        self.quien = fabricas.afiliado()
        self.ahora = timezone.now() - timedelta(hours=2)

    def vender(self, minutos: float = 0, **datos: Any) -> Conversion:
        valores = {
            "de": self.quien, "en": self.en, "valor": "40", "cliente_ref": "c-1",
            "ocurrida_en": self.ahora + timedelta(minutes=minutos), **datos,
        }  # fmt: skip
        return fabricas.conversion(**valores)


@pytest.fixture
def m() -> Mundo:
    return Mundo()


@pytest.mark.django_db
def test_what_is_like_another_and_what_is_not(m: Mundo) -> None:
    primera = m.vender()
    assert primera.parecida_a == ""
    diez = timedelta(minutes=10).total_seconds() / 60
    for minutos in (0, diez, -diez):
        assert m.vender(minutos, referencia_externa=f"r{minutos}").parecida_a
    segundo = 1 / 60
    m.ahora += timedelta(hours=1)
    m.vender()
    for distinta in (
        m.vender(diez + segundo), m.vender(-diez - segundo), m.vender(valor="40.01"),
        m.vender(cliente_ref="c-2"), m.vender(cliente_ref=""), m.vender(cliente_ref=""),
        m.vender(en=m.otra), m.vender(moneda="EUR"),
    ):  # fmt: skip
        assert distinta.parecida_a == "", distinta


@pytest.mark.django_db
def test_its_commissions_wait_for_a_person_with_the_way_to_the_other(m: Mundo) -> None:
    primera, segunda = m.vender(referencia_externa="p-1"), m.vender(9, referencia_externa="p-2")
    fabricas.entregar_todo()
    buena, dudosa = (Comision.objects.get(conversion=v) for v in (primera, segunda))
    assert (buena.estado, dudosa.estado) == ("pendiente", "retenida")
    assert (dudosa.motivo_retencion, dudosa.monto) == ("posible_duplicada", Decimal(4))
    # Nothing but a person lets it go.
    assert liberar_comision(comision=dudosa, actor=ANA).estado == "pendiente"
    assert aprobar_comision(comision=dudosa, actor=ANA).estado == "aprobada"


@pytest.mark.django_db
def test_in_one_batch_too(m: Mundo) -> None:
    def nueva(referencia: str, en: datetime, cliente: str = "c-1") -> NuevaConversion:
        return NuevaConversion(
            campana=m.en, afiliado=m.quien, valor=Decimal(40), referencia_externa=referencia,
            cliente_ref=cliente, ocurrida_en=en,
        )  # fmt: skip

    minuto = timedelta(minutes=1)
    hechas = registrar_conversiones(
        datos=[
            nueva("a", m.ahora), nueva("b", m.ahora + 11 * minuto), nueva("c", m.ahora + minuto),
            nueva("d", m.ahora, "c-2"),
        ],
        actor=PRUEBAS,
    )  # fmt: skip
    a, b, _c, _d = hechas
    # The third is near both, and the first of them is named.
    assert [v.parecida_a for v in hechas] == ["", "", a.id_publico, ""]
    assert Conversion.objects.exclude(parecida_a="").count() == 1
    assert b.parecida_a == ""


@pytest.mark.django_db
def test_it_is_found_by_an_index(m: Mundo) -> None:
    """However many sales the customer has: a range of one index, in its order, and one row."""
    primera = m.vender()
    ajena = m.vender(cliente_ref="c-2")
    # Many of its customer at other times and of other amounts, and of another in those minutes.
    Conversion.objects.bulk_create(
        Conversion(
            id_publico=f"conv_{n}",
            afiliado=m.quien,
            campana=m.en,
            valor=40 + n % 3 * (n % 4 > 1),
            moneda="USD",
            cliente=(primera, ajena)[n % 2].cliente,
            ocurrida_en=m.ahora + timedelta(minutes=n % 2 or 60 + n),
        )
        for n in range(400)
    )
    with CaptureQueriesContext(connection) as consultas:
        m.vender(3)
    [suya] = [c["sql"] for c in consultas if "BETWEEN" in c["sql"] and "ocurrida_en" in c["sql"]]
    assert suya.endswith("LIMIT 1")
    with connection.cursor() as cursor:
        plan = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN FORMAT=TREE "
        cursor.execute(plan + suya)
        dicho = str(cursor.fetchall())
    assert "conversion_parecidas" in dicho
    assert "TEMP B-TREE" not in dicho
    assert "Sort" not in dicho


@pytest.mark.django_db(transaction=True)
def test_two_that_arrive_at_once() -> None:
    """Each waits for its customer: of two, one is held, and names the other."""
    m = Mundo()
    clave = fabricas.clave()
    for vez in range(3):
        cuerpo = {
            "afiliado_id": m.quien.id_publico, "valor_conversion": "40",
            "cliente_ref": f"c-{vez}", "ocurrida_en": m.ahora.isoformat(),
        }  # fmt: skip
        respuestas = a_la_vez(
            [
                lambda r=f"{vez}-{n}", c=cuerpo: ClienteAPI(clave).enviar(
                    RUTA, {**c, "referencia_externa": r}
                )
                for n in range(2)
            ]
        )
        assert [r.status_code for r in respuestas] == [201, 201]
        suyas = Conversion.objects.filter(cliente__cliente_ref=f"c-{vez}")
        una, otra = sorted(suyas, key=lambda v: v.parecida_a)
        assert (una.parecida_a, otra.parecida_a) == ("", una.id_publico)
