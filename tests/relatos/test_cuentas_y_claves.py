"""Where affiliates are paid, and the keys of integrations."""

from __future__ import annotations

from typing import Any

import pytest

from afiliados.afiliado.services import actualizar_afiliado
from afiliados.claves import services as claves
from afiliados.claves.propuestas import lineas_de_revocar, proponer_revocacion
from afiliados.cuentas.models import CuentaBancaria
from afiliados.cuentas.services import confirmar_cuenta, guardar_cuenta
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import descartar_propuesta
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
IBAN, OTRO = "ES9121000418450200051332", "DE89370400440532013000"


def test_cuentas(relato: Relato, settings: Any) -> None:
    """Saved, confirmed by somebody else, changed, of Stripe."""
    settings.CUENTA_HORAS_ESPERA = 2
    de = fabricas.afiliado()
    relato.empezar()
    cuenta = relato.paso(
        "Se guarda",
        lambda: guardar_cuenta(
            afiliado=de, titular=" Ada  Byron ", iban=" es91 2100 0418 4502 0005 1332", actor=ANA,
            bic="CAIXESBB",
        ),
    )  # fmt: skip
    assert cuenta is not None
    relato.paso(
        "La misma, nada",
        lambda: guardar_cuenta(
            afiliado=de, titular="Ada Byron", iban=IBAN, actor=LUIS, bic="CAIXESBB"
        ),
    )
    relato.paso("Ana no la confirma", lambda: confirmar_cuenta(cuenta=cuenta, actor=ANA))
    relato.paso(
        "Otra persona cambia el correo",
        lambda: actualizar_afiliado(afiliado=de, cambios={"email": "x@example.com"}, actor=OTRA),
    )
    relato.paso("Ni ella", lambda: confirmar_cuenta(cuenta=cuenta, actor=OTRA))
    vista = CuentaBancaria.objects.get()
    relato.paso("Luis sí", lambda: confirmar_cuenta(cuenta=vista, actor=LUIS))
    relato.paso("No otra vez", lambda: confirmar_cuenta(cuenta=vista, actor=LUIS))

    def utilizable() -> None:
        relato.dice("utilizable", CuentaBancaria.objects.get().utilizable)

    relato.paso("En su espera", utilizable, segundos=2 * 3600 - 3 * 60 - 1)
    relato.paso("Pasó", utilizable, segundos=1)
    relato.paso("Empieza otra vez", lambda: CuentaBancaria.objects.get().reiniciar_espera())
    relato.paso("Cambia", lambda: guardar_cuenta(afiliado=de, titular="Ada", iban=OTRO, actor=LUIS))
    relato.paso("La que vio ya no es", lambda: confirmar_cuenta(cuenta=vista, actor=ANA))
    relato.paso(
        "De Stripe",
        lambda: guardar_cuenta(
            afiliado=de, titular="Ada", iban=" acct_1MTfjCQ9PRzxEwkZ ", actor=ANA
        ),
    )


def test_claves(relato: Relato) -> None:
    """Made, rotated, asked to be revoked, put back, revoked for good."""
    de = fabricas.afiliado()
    relato.empezar()
    leer = ["comisiones:leer", "pagos:leer", "comisiones:leer"]
    hecha = relato.paso(
        "Una de un afiliado",
        lambda: claves.crear_clave(
            nombre="Una", titular=" Tienda  Ñ ", alcances=leer, actor=ANA, afiliado=de,
            expira_en=fabricas.hace(days=-9),
        )[0],
    )  # fmt: skip
    assert hecha is not None
    relato.paso(
        "No puede escribir",
        lambda: claves.crear_clave(
            nombre="x", titular="x", alcances=["comisiones:aprobar"], actor=ANA, afiliado=de
        ),
    )
    nueva = relato.paso(
        "Se rota",
        lambda: claves.rotar_clave(
            clave=hecha, actor=LUIS, expira_anterior_en=fabricas.hace(days=-1)
        )[0],
    )
    assert nueva is not None
    relato.paso(
        "Que caduque después no la alarga",
        lambda: claves.rotar_clave(
            clave=nueva, actor=LUIS, expira_anterior_en=fabricas.hace(days=-30)
        )[0],
    )
    relato.paso(
        "Se pide revocarla", lambda: proponer_revocacion(clave=nueva, actor=ANA, motivo=" robo ")
    )
    relato.dice("haría", [[str(que), str(valor)] for que, valor in lineas_de_revocar(nueva)])
    propuesta = Propuesta.objects.get()
    relato.paso(
        "Se descarta", lambda: descartar_propuesta(propuesta=propuesta, actor=LUIS, motivo="no")
    )
    proponer_revocacion(clave=nueva, actor=ANA, motivo="robo")
    relato.empezar()
    relato.paso("Se confirma", fabricas.confirmar_lo_propuesto)
    relato.paso("No otra vez", lambda: claves.revocar_clave(clave=nueva, actor=ANA))
    relato.paso("Ni se pide", lambda: proponer_revocacion(clave=nueva, actor=ANA, motivo="robo"))
