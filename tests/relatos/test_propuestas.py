"""What two persons do: what a proposal tells, what changed meanwhile, and what is done then."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.services import suspender_afiliado
from afiliados.claves.models import ClaveAPI
from afiliados.claves.propuestas import lineas_de_revocar, proponer_revocacion
from afiliados.claves.services import crear_clave, revocar_clave, rotar_clave
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.services import confirmar_propuesta, descartar_propuesta
from alpespartner.comun.propuestas.tipos import lineas_de
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.propuestas import proponer_no_pagado
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision.propuestas import proponer_politica
from conversiones.campanas.models import Campana
from conversiones.clientes.models import Cliente
from conversiones.ventas.models import Conversion
from conversiones.ventas.propuestas import (
    asignar_o_proponer,
    proponer_reasignacion,
    proponer_reasignacion_de_cliente,
)
from conversiones.ventas.services import rechazar_conversion
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def dice(relato: Relato, propuesta: Any) -> Propuesta:
    """What it tells whoever confirms it."""
    assert isinstance(propuesta, Propuesta)
    for titulo, valor in lineas_de(propuesta):
        relato.dice(str(titulo), str(valor))
    return propuesta


def otra_persona(relato: Relato, propuesta: Propuesta) -> None:
    relato.paso("Quien lo propuso no", lambda: confirmar_propuesta(propuesta=propuesta, actor=ANA))
    relato.paso("Otra sí", lambda: confirmar_propuesta(propuesta=propuesta, actor=OTRA))


def test_asignar_entre_dos(relato: Relato, settings: Any) -> None:
    """Above the limit of its currency, or in one without."""
    settings.ASIGNAR_HASTA = {"USD": D("100")}
    en, euros = fabricas.campana(), fabricas.campana(moneda="EUR")
    de = fabricas.afiliado()
    justa, pasa = (fabricas.sin_atribuir(en=en, valor=v) for v in ("100", "100.01"))
    en_euros, de_alguien = fabricas.sin_atribuir(en=euros, valor="1"), fabricas.conversion(de=de)
    relato.empezar()

    def asignar(venta: Conversion) -> Any:
        return asignar_o_proponer(conversion=venta, afiliado=de, motivo=" fue ella ", actor=ANA)

    relato.paso("Hasta ahí, una basta", lambda: asignar(justa))
    propuesta = dice(relato, relato.paso("Un céntimo más, no", lambda: asignar(pasa)))
    relato.paso("Ya espera", lambda: asignar(pasa))
    relato.paso("Ni de otra moneda", lambda: asignar(en_euros))
    relato.paso("De alguien no", lambda: asignar(de_alguien))
    otra_persona(relato, propuesta)
    settings.ASIGNAR_HASTA = None
    relato.paso("Sin límites, una", lambda: asignar(fabricas.sin_atribuir(en=en, valor="9000")))


def test_reasignar_entre_dos(relato: Relato) -> None:
    """A sale with its commissions, and a customer; what changed meanwhile is told."""
    de, a = fabricas.afiliado(nombre="Ada"), fabricas.afiliado(nombre="Eva", comision_base=D("7.5"))
    parada = fabricas.afiliado(nombre="Parada")
    parada = suspender_afiliado(afiliado=parada, actor=ANA, motivo="m")
    venta = fabricas.comision(de=de, valor="100.10", cliente_ref="c-1").conversion
    anulada = fabricas.comision(de=de, en=venta.campana)
    Comision.objects.filter(pk=anulada.pk).update(conversion=venta, viva=None, nivel=2)
    cliente = Cliente.objects.get()
    relato.empezar()

    def reasignar(quien: Any, motivo: str = " la trajo Eva ") -> Any:
        return proponer_reasignacion(conversion=venta, afiliado=quien, motivo=motivo, actor=ANA)

    relato.paso("Sin motivo no", lambda: reasignar(a, " "))
    relato.paso("A quien ya la tiene no", lambda: reasignar(de))
    relato.paso("A quien no se admite no", lambda: reasignar(parada))
    primera = dice(relato, relato.paso("A otra", lambda: reasignar(a)))
    Conversion.objects.filter(pk=venta.pk).update(valor=D("50"))
    relato.empezar()
    relato.paso("Cambió", lambda: confirmar_propuesta(propuesta=primera, actor=OTRA))
    relato.paso(
        "Se descarta", lambda: descartar_propuesta(propuesta=primera, actor=ANA, motivo=" cambió ")
    )
    otra_persona(relato, dice(relato, relato.paso("Otra vez", lambda: reasignar(a))))

    def el_cliente(quien: Any) -> Any:
        return proponer_reasignacion_de_cliente(
            cliente=cliente, afiliado=quien, motivo=" es suyo ", actor=ANA
        )

    relato.paso("A quien no se admite no", lambda: el_cliente(parada))
    propuesta = dice(relato, relato.paso("Su cliente", lambda: el_cliente(a)))
    Cliente.objects.filter(pk=cliente.pk).update(afiliado=a)
    relato.empezar()
    relato.paso("Cambió", lambda: confirmar_propuesta(propuesta=propuesta, actor=OTRA))
    Cliente.objects.filter(pk=cliente.pk).update(afiliado=de)
    relato.empezar()
    otra_persona(relato, propuesta)


def test_politica_entre_dos(relato: Relato) -> None:
    """What it would approve at once: of its campaign, matured, up to its amount, of others."""
    en, otra = fabricas.campana(dias_retencion=1), fabricas.campana()
    de, de_ana = fabricas.afiliado(), fabricas.afiliado(email="a@example.com")
    ayer = fabricas.hace(days=1)
    for valor in ("100", "100.10", "50.05"):
        fabricas.comision(de=de, en=en, valor=valor, ocurrida_en=ayer)
    fabricas.comision(de=de, en=en, valor="1")
    fabricas.comision(de=de, en=otra, valor="2")
    suya = fabricas.comision(de=de_ana, en=en, valor="30", ocurrida_en=ayer)
    Comision.objects.filter(pk=suya.pk).update(creada_por=str(ANA))
    # What a draft would give keeps nobody waiting; what one would take, does.
    for n, (valor, monto) in enumerate((("7", "1"), ("8", "-0.01"), ("9", "-1"))):
        con_borrador = fabricas.comision(de=de, en=en, valor=valor, ocurrida_en=ayer)
        Ajuste.objects.create(
            id_publico=f"aj_{n}", afiliado=de, comision=con_borrador, tipo="correccion",
            monto=D(monto), moneda="USD", motivo="m", creado_por="x",
            estado="borrador" if n < 2 else "descartado",
        )  # fmt: skip
    relato.empezar()

    def proponer(hasta: str | None, campana: Campana = en) -> Any:
        return proponer_politica(
            campana=campana, hasta=None if hasta is None else D(hasta), motivo=" poco ", actor=ANA
        )

    for mal in ("0", "-1", "1.001"):
        relato.paso(f"De {mal} no", lambda m=mal: proponer(m))
    otra_persona(relato, dice(relato, relato.paso("De diez", lambda: proponer("10"))))
    dice(relato, relato.paso("Un céntimo más", lambda: proponer("10.01")))
    relato.paso("Lo mismo, ya", lambda: proponer("10"))
    relato.paso("Menos, ya", lambda: proponer("9.99"))
    Campana.objects.filter(pk=en.pk).update(moneda="EUR")
    en.refresh_from_db()
    dice(relato, Propuesta.objects.get(viva=True))


def test_no_pagado_entre_dos(relato: Relato, pasarela: Any) -> None:
    """What would be paid again; of one that is not in doubt any more, nothing."""
    pasarela.accidentes[:] = ["falla_antes"] * 2
    comisiones = [fabricas.aprobada(valor=v) for v in ("100.10", "50")]
    Comision.objects.filter(pk=comisiones[1].pk).update(afiliado=comisiones[0].afiliado)
    pagos = programar_pagos(comisiones_ids=[c.id_publico for c in comisiones], actor=PRUEBAS)
    for pago in pagos:
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    relato.dice("pagos", [[p.estado, p.importe] for p in type(pagos[0]).objects.order_by("pk")])
    relato.empezar()
    propuesta = relato.paso(
        "Se propone",
        lambda: proponer_no_pagado(pago=pagos[0], actor=ANA, motivo=" no llegó "),
    )
    if isinstance(propuesta, Propuesta):
        otra_persona(relato, dice(relato, propuesta))
    relato.paso(
        "Ya no está en duda",
        lambda: proponer_no_pagado(pago=pagos[0], actor=ANA, motivo="m"),
    )


def test_revocar_entre_dos(relato: Relato) -> None:
    """Stopped at once; what its holder has left; back if it is dropped, and not once revoked."""
    leer = ["comisiones:leer", "conversiones:leer"]

    def nueva(titular: str = "Tienda", **datos: Any) -> ClaveAPI:
        return crear_clave(nombre="a", titular=titular, alcances=leer, actor=PRUEBAS, **datos)[0]

    suya = nueva()
    rotar_clave(clave=suya, actor=PRUEBAS, expira_anterior_en=fabricas.hace(days=-1))
    revocar_clave(clave=nueva(), actor=PRUEBAS)
    nueva(expira_en=fabricas.hace(days=-2))
    nueva("Otra")
    de_afiliado = nueva(afiliado=fabricas.afiliado(nombre="Ada"))
    for cual in (suya, de_afiliado):
        for titulo, valor in lineas_de_revocar(cual):
            relato.dice(str(titulo), str(valor))
    relato.empezar()

    def proponer() -> Any:
        return proponer_revocacion(clave=suya, actor=ANA, motivo=" se filtró ")

    propuesta = dice(relato, relato.paso("Se propone", proponer))
    relato.paso(
        "Se descarta", lambda: descartar_propuesta(propuesta=propuesta, actor=ANA, motivo="no fue")
    )
    otra_persona(relato, dice(relato, relato.paso("Otra vez", proponer)))
    relato.paso("Revocada no se propone", proponer)


def test_lo_ilegible_no_se_confirma(relato: Relato) -> None:
    """What it is about is not there, or says nothing: it is told so."""
    venta = fabricas.sin_atribuir(valor="900")
    propuesta = Propuesta(
        id_publico="prop_x", tipo="asignar_conversion", entidad="conversion",
        entidad_id=venta.id_publico, datos={"afiliado_id": "af_x"}, motivo="m",
        propuesta_por=str(ANA), viva=True,
    )  # fmt: skip
    dice(relato, propuesta)
    propuesta.datos = {}
    dice(relato, propuesta)
    propuesta.tipo = "nada"
    dice(relato, propuesta)
    rechazar_conversion(conversion=venta, actor=LUIS, motivo="m")
    propuesta.tipo, propuesta.datos = "reasignar_conversion", {"afiliado_id": "af_x"}
    dice(relato, propuesta)
