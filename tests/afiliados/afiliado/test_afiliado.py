"""Affiliates: registering, changing data, and what their events must not tell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import NuevoAfiliado, actualizar_afiliado, registrar_afiliados
from alpespartner.comun.errores import Conflicto, DatoInvalido
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Historial
from outbox.models import OutboxEvent
from tests import fabricas
from tests.fabricas import ANA, a_la_vez

D = Decimal


@pytest.mark.django_db
@pytest.mark.parametrize("activo", [True, False])
def test_registrar(activo: bool) -> None:
    """Active or pending from the first moment, and told so."""
    nuevo = fabricas.afiliado(activo=activo)
    assert nuevo.estado == ("activo" if activo else "pendiente")
    hecho = historial_de("afiliado", nuevo.id_publico).get()
    assert (hecho.accion, hecho.estado_nuevo) == ("registrar", nuevo.estado)
    assert (
        fabricas.eventos_de(nuevo.id_publico)
        == ["AfiliadoRegistrado", "AfiliadoActivado"][: 1 + activo]
    )


@pytest.mark.django_db
def test_ni_eventos_ni_historial_llevan_datos_personales() -> None:
    """Both are read by many and kept for ever."""
    datos = {
        "nombre": "Zenobia", "email": "zenobia@example.com", "telefono": "+573001112233",
        "documento_tipo": "CC", "documento_numero": "79123456",
    }  # fmt: skip
    nueva = fabricas.afiliado(**datos)
    actualizar_afiliado(
        afiliado=nueva, cambios={"nombre": "Casilda", "telefono": "+34600111222"}, actor=ANA
    )
    escrito = "".join(OutboxEvent.objects.values_list("payload", flat=True))
    escrito += str(list(Historial.objects.values()))
    for dato in (*datos.values(), "Casilda", "+34600111222"):
        if dato != "CC":
            assert dato not in escrito


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("datos", "campo"),
    [
        ({"comision_base": D("-0.01")}, "comision_base"),
        ({"comision_base": D("100.01")}, "comision_base"),
        ({"comision_premium": D(101)}, "comision_premium"),
        ({"comision_fija": D(-1)}, "comision_fija"),
        ({"comision_fija": D("1.001"), "moneda_comision": "USD"}, "comision_fija"),
        ({"comision_fija": D("1.5"), "moneda_comision": "JPY"}, "comision_fija"),
        ({"comision_fija": D(10) ** 12, "moneda_comision": "USD"}, "comision_fija"),
        ({"minimo_pago": D(-1)}, "minimo_pago"),
        ({"comision_fija": D(1), "comision_base": D(1)}, "comision_fija"),
    ],
)
def test_tarifas_invalidas(datos: dict[str, Any], campo: str) -> None:
    """On registration and on a change alike; nothing is written."""
    antes = fabricas.foto()
    with pytest.raises(DatoInvalido) as error:
        fabricas.afiliado(**datos)
    assert error.value.campo == campo
    assert fabricas.foto() == antes
    viejo = fabricas.afiliado_sin_tarifa()
    antes = fabricas.foto()
    with pytest.raises(DatoInvalido):
        actualizar_afiliado(afiliado=viejo, cambios=datos, actor=ANA)
    assert fabricas.foto() == antes


@pytest.mark.django_db
def test_actualizar() -> None:
    """New rates are told; what does not change is not; a forbidden field is ignored."""
    suyo = fabricas.afiliado()
    antes = fabricas.foto()
    for nada in ({}, {"nombre": "Ada"}, {"estado": "cerrado"}, {"id_publico": "x"}):
        actualizar_afiliado(afiliado=suyo, cambios=nada, actor=ANA)
    assert fabricas.foto() == antes
    actual = actualizar_afiliado(afiliado=suyo, cambios={"nombre": "Eva"}, actor=ANA)
    assert (actual.version, actual.estado) == (2, "activo")
    assert fabricas.eventos_de(suyo.id_publico)[2:] == ["AfiliadoActualizado"]
    actualizar_afiliado(afiliado=suyo, cambios={"comision_base": None}, actor=ANA, motivo="x")
    assert fabricas.eventos_de(suyo.id_publico)[3:] == [
        "AfiliadoActualizado", "ConfiguracionComisionesActualizada",
    ]  # fmt: skip
    versiones = OutboxEvent.objects.filter(aggregateid=suyo.id_publico).order_by("posicion")
    assert [e.aggregate_version for e in versiones] == [1, 1, 2, 3, 3]


@pytest.mark.django_db
def test_referentes_sin_ciclos() -> None:
    """A cycle would make a network commission go round for ever."""
    abuela = fabricas.afiliado()
    madre = fabricas.afiliado(referente=abuela)
    hija = fabricas.afiliado(referente=madre)
    for referente in (abuela, madre, hija):
        with pytest.raises(DatoInvalido) as error:
            actualizar_afiliado(
                afiliado=abuela, cambios={"referente": referente}, actor=ANA, motivo="x"
            )
        assert error.value.codigo == "ciclo_de_referentes"


@pytest.mark.django_db
def test_muchos_o_ninguno() -> None:
    """A bulk with a bad one registers none."""
    bueno = NuevoAfiliado(nombre="A", email="a@b.co")
    repetido = NuevoAfiliado(nombre="B", email="b@b.co", referencia_externa="r")
    malo = NuevoAfiliado(nombre="C", email="c@b.co", comision_base=D(200))
    antes = fabricas.foto()
    for datos, error in (([bueno, malo], DatoInvalido), ([bueno, repetido, repetido], Conflicto)):
        with pytest.raises(error):
            registrar_afiliados(datos=datos, actor=ANA)
        assert fabricas.foto() == antes
    hechos = registrar_afiliados(datos=[bueno, repetido], actor=ANA, activo=True)
    assert [a.estado for a in hechos] == ["activo"] * 2
    assert OutboxEvent.objects.count() == 4


@pytest.mark.django_db
def test_texto_vacio_es_ninguno() -> None:
    """Two affiliates without a document or reference do not clash."""
    for _ in range(2):
        nuevo = fabricas.afiliado(documento_tipo="CC", documento_numero="", referencia_externa="")
        assert (nuevo.documento_numero, nuevo.referencia_externa) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_el_mismo_documento_a_la_vez() -> None:
    """One registers; the others are told."""
    datos = {"documento_tipo": "CC", "documento_numero": "100"}
    resultados = a_la_vez([lambda: fabricas.afiliado(**datos)] * 6)
    assert sum(isinstance(r, Afiliado) for r in resultados) == 1
    assert sum(isinstance(r, Conflicto) for r in resultados) == 5
    assert OutboxEvent.objects.filter(type="AfiliadoRegistrado").count() == 1
