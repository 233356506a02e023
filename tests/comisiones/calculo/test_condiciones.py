"""A sale is priced by what was in force when it occurred, whenever it is calculated."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.separacion.selectors import Relacion, vetos_de
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal


def cambiar(de: Afiliado, por: Any = ANA, desde: Any = None, **cambios: Any) -> None:
    actualizar_afiliado(afiliado=de, cambios=cambios, actor=por, motivo="x", desde=desde)


def montos(*ventas: Any) -> list[Decimal]:
    calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=PRUEBAS)
    return [Comision.objects.get(conversion=v, nivel=1).monto for v in ventas]


def test_la_venta_de_antes_que_se_calcula_despues() -> None:
    """All in one batch, with one of somebody whose terms never changed."""
    suya = fabricas.afiliado()
    en = fabricas.campana()
    antes = fabricas.conversion(de=suya, en=en, ocurrida_en=hace(days=3))
    cambiar(suya, comision_base=D(20), desde=hace(days=2))
    cambiar(suya, comision_base=D(30))
    suya.refresh_from_db()
    medio = fabricas.conversion(de=suya, en=en, ocurrida_en=hace(days=1))
    ahora = fabricas.conversion(de=suya, en=en)
    ajena = fabricas.conversion(en=en)
    assert montos(ahora, antes, ajena, medio) == [D(30), D(10), D(10), D(20)]


def test_la_que_ocurre_despues_de_la_fecha_aunque_nadie_barra(time_machine: Any) -> None:
    suya = fabricas.afiliado()
    manana = timezone.now() + timedelta(days=1)
    cambiar(suya, comision_base=D(20), desde=manana)
    hoy = fabricas.conversion(de=suya)
    time_machine.move_to(manana + timedelta(hours=1))
    assert Afiliado.objects.get(pk=suya.pk).comision_base == D(10)
    assert montos(fabricas.conversion(de=suya), hoy) == [D(20), D(10)]


def test_el_camino_de_una_peticion_tambien() -> None:
    """The earlier system's: calculated in the request that registers the sale."""
    suya = fabricas.afiliado(referencia_externa="p-1")
    fabricas.campana(predeterminada=True)
    cambiar(suya, comision_base=D(20), desde=timezone.now() + timedelta(days=1))
    Afiliado.objects.filter(pk=suya.pk).update(comision_base=D(99))
    cuerpo = {
        "conversionId": "c-1",
        "affiliateId": "p-1",
        "grossAmount": "100.00",
        "currency": "USD",
    }
    respuesta = fabricas.api().enviar("/commissions/calculate", cuerpo)
    assert respuesta.status_code in (200, 201), respuesta.content
    # The dated terms say it, and not the column.
    assert Comision.objects.get().monto == D(10)


def test_el_tipo_y_el_nivel_son_los_de_entonces() -> None:
    suya = fabricas.afiliado(comision_base=D(10), comision_premium=D(15))
    en = fabricas.campana()
    antes = fabricas.conversion(de=suya, en=en, ocurrida_en=hace(days=1))
    cambiar(suya, tipo_afiliado="premium", nivel="oro")
    suya.refresh_from_db()
    assert montos(antes, fabricas.conversion(de=suya, en=en)) == [D(10), D(15)]


def test_la_red_es_la_de_entonces() -> None:
    """The referrer of then gets the level, and the new one that of the next sale."""
    en = fabricas.campana()
    red = crear_regla(nombre="Red", campana=en, actor=PRUEBAS)
    publicar_version(
        regla=red, tipo="red", actor=PRUEBAS, vigente_desde=hace(days=365),
        condiciones={"porcentajes": ["5", "2"], "tope": "50"},
    )  # fmt: skip
    lejos = fabricas.afiliado(nombre="Lejos")
    vieja = fabricas.afiliado(nombre="Vieja", referente=lejos)
    nueva = fabricas.afiliado(nombre="Nueva")
    suya = fabricas.afiliado(referente=vieja)
    antes = fabricas.conversion(de=suya, en=en, ocurrida_en=hace(days=1))
    cambiar(suya, por=LUIS, referente=nueva)
    # Nor does it matter who is above the one above by now.
    cambiar(vieja, por=ANA, referente=nueva)
    suya.refresh_from_db()
    despues = fabricas.conversion(de=suya, en=en)
    montos(despues, antes)

    def arriba(venta: Any) -> list[tuple[str, Decimal]]:
        suyas = Comision.objects.filter(conversion=venta, nivel__gt=1).order_by("nivel")
        return list(suyas.values_list("afiliado__nombre", "monto"))

    assert arriba(antes) == [("Vieja", D(5)), ("Lejos", D(2))]
    assert arriba(despues) == [("Nueva", D(5))]
    # Who changed it is tied to what the new one earns, and not to what the old one did.
    assert Relacion.REFERENTE in vetos_de(Comision.objects.get(afiliado=nueva), LUIS)
    assert Relacion.REFERENTE not in vetos_de(Comision.objects.get(afiliado=lejos), LUIS)


def test_quien_puso_las_de_entonces_no_la_aprueba() -> None:
    """Somebody else's later terms, that are of later sales, do not free whoever set these."""
    suya = fabricas.afiliado()
    cambiar(suya, por=ANA, comision_base=D(20), desde=hace(days=2))
    venta = fabricas.conversion(de=suya, ocurrida_en=hace(days=1))
    cambiar(suya, por=LUIS, comision_base=D(30), desde=timezone.now() + timedelta(days=9))
    assert montos(venta) == [D(20)]
    comision = Comision.objects.get(conversion=venta)
    assert Relacion.TARIFA in vetos_de(comision, ANA)
    assert Relacion.TARIFA not in vetos_de(comision, LUIS)
