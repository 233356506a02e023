"""One object, read in a query of its own and written by a serializer that all threads share."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import QuerySet

from afiliados.afiliado.selectors import afiliados_visibles
from afiliados.api.views import AfiliadoView
from afiliados.claves.services import buscar_clave
from alpespartner.comun.api.campos import _hecho, escrito
from comisiones.api.comision import ComisionView
from comisiones.api.serializers import ComisionSerializer
from comisiones.comision.models import Comision
from comisiones.comision.selectors import comisiones_visibles
from comisiones.revision.services import rechazar_comision
from conversiones.api.conversion import ConversionView
from conversiones.ventas.selectors import conversiones_visibles
from tests import fabricas
from tests.fabricas import PRUEBAS, problema

pytestmark = pytest.mark.django_db


def _partes(comision: Comision) -> list[Any]:
    return [comision, comision.conversion, comision.afiliado]


@pytest.mark.parametrize(
    ("vista", "visibles", "cual"),
    [
        (ComisionView, comisiones_visibles, 0),
        (ConversionView, conversiones_visibles, 1),
        (AfiliadoView, afiliados_visibles, 2),
    ],
)
def test_se_ve_lo_mismo_que_en_la_lista(
    vista: Any, visibles: Callable[..., QuerySet[Any]], cual: int
) -> None:
    """By whichever key: of the programme, of its affiliate and of another one."""
    suya, ajena = _partes(fabricas.comision()), _partes(fabricas.comision())
    for dueno, cuantas in ((None, 2), (suya[2], 1), (fabricas.afiliado(), 0)):
        clave = buscar_clave(fabricas.clave(["comisiones:leer"], de=dueno))
        assert clave is not None
        leidas = [vista.uno.leer(p[cual].id_publico, clave) for p in (suya, ajena)]
        una_a_una = [leida.id_publico for leida in leidas if leida is not None]
        en_lista = visibles(clave).filter(pk__in=[suya[cual].pk, ajena[cual].pk])
        assert una_a_una == [uno.id_publico for uno in en_lista.order_by("pk")]
        assert len(una_a_una) == cuantas
        assert vista.uno.leer("no", clave) is None


def test_cada_clave_lo_suyo_por_turnos() -> None:
    """What one key is not told stays untold after another was."""
    comision = rechazar_comision(comision=fabricas.comision(), actor=PRUEBAS, motivo="Sospecha")
    ruta = f"/api/v1/comisiones/{comision.id_publico}"
    programa = fabricas.api(["comisiones:leer"])
    suya = fabricas.api(["comisiones:leer"], de=comision.afiliado)
    otra = fabricas.api(["comisiones:leer"], de=fabricas.afiliado())
    for _vez in range(2):
        entera, propia = programa.get(ruta).json(), suya.get(ruta).json()
        problema(otra.get(ruta), 404, "no_encontrado")
        assert (entera["motivo"], propia["motivo"]) == ("Sospecha", "")
        assert entera["calculo"] == comision.traza != propia["calculo"]
        assert {**entera, "motivo": "", "calculo": propia["calculo"]} == propia
        # As it is written of a whole one.
        assert entera == escrito(ComisionSerializer, comision, del_programa=True)


def test_quien_no_dice_quien_lee_ensena_menos() -> None:
    comision = rechazar_comision(comision=fabricas.comision(), actor=PRUEBAS, motivo="Sospecha")
    assert ComisionSerializer(comision).data["motivo"] == ""


@pytest.mark.parametrize("estado", ["pendiente", "aprobada", "pagada", "de_importe_fijo"])
def test_una_comision_se_escribe_como_dicen_sus_campos(estado: str) -> None:
    """Those that only describe are of the kind that they say."""
    if estado == "pagada":
        fabricas.liquidacion()
        comision = Comision.objects.get()
    else:
        comision = (fabricas.aprobada if estado == "aprobada" else fabricas.comision)()
    if estado == "de_importe_fijo":
        comision.tasa = None
    campos = ComisionSerializer().fields
    escrita = escrito(ComisionSerializer, comision, del_programa=True)
    assert list(escrita) == list(campos)
    for nombre, campo in campos.items():
        dicho = escrita[nombre]
        if not campo.read_only:
            valor = campo.get_attribute(comision)
            assert dicho == (None if valor is None else campo.to_representation(valor)), nombre
        elif dicho is not None or not campo.allow_null:
            assert type(dicho) is (dict if nombre == "calculo" else str), nombre


def test_un_serializador_compartido_no_guarda_nada() -> None:
    """What it kept of one object, another thread would say of its own."""
    suya, ajena = _partes(fabricas.comision(valor="10")), _partes(fabricas.comision(valor="90"))
    clases = [ComisionSerializer, ConversionView.serializer_class, AfiliadoView.serializer_class]
    for clase, una, otra in zip(clases, suya, ajena, strict=True):
        primero = escrito(clase, una)
        guardado = dict(vars(_hecho(clase)))
        assert escrito(clase, otra) != primero
        assert vars(_hecho(clase)) == guardado
        assert escrito(clase, una) == primero == clase(una).data


def test_lo_que_queda_de_cada_venta() -> None:
    api = fabricas.api(["conversiones:leer"])
    for valor in ("10", "90"):
        venta = fabricas.conversion(valor=valor)
        dicha = api.get(f"/api/v1/conversiones/{venta.id_publico}").json()
        assert (Decimal(dicha["queda"]), Decimal(dicha["devuelto"])) == (Decimal(valor), 0)
