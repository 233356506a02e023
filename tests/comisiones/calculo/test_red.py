"""The network: what ancestors earn from a sale, and who does not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import activar_afiliado, actualizar_afiliado, suspender_afiliado
from alpespartner.comun.errores import DatoInvalido
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.calculo.services import calcular_comisiones, calcular_manual
from comisiones.comision.models import Comision
from comisiones.libro.selectors import saldos
from comisiones.motor import Terminos
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import aprobar_comision
from conversiones.campanas.models import Campana
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS, hace, problema

pytestmark = pytest.mark.django_db
D = Decimal


def red(
    *porcentajes: str, de: Campana | None = None, suspendido: str = "omitir", tope: str = "100",
    **datos: Any,
) -> Any:  # fmt: skip
    """Publish the network of a campaign, or of the programme."""
    return publicar_version(
        regla=crear_regla(nombre="Red", campana=de, actor=ANA),
        tipo="red",
        condiciones={"porcentajes": list(porcentajes), "suspendido": suspendido, "tope": tope},
        actor=ANA,
        **{"vigente_desde": hace(days=365), **datos},
    )


def cadena(n: int = 4) -> list[Afiliado]:
    """The seller, its referrer, the referrer's referrer and so on."""
    afiliados = [fabricas.afiliado(nombre=f"N{n}", email=f"n{n}@example.com")]
    for i in range(n - 1, 0, -1):
        afiliados.append(
            fabricas.afiliado(nombre=f"N{i}", email=f"n{i}@example.com", referente=afiliados[-1])
        )
    return afiliados[::-1]


def vender(de: Afiliado, valor: str = "100", **datos: Any) -> Conversion:
    venta = fabricas.conversion(de=de, valor=valor, **datos)
    calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    return venta


def pagan(venta: Conversion) -> list[tuple[int, str, str]]:
    """(level, whose, amount) of the commissions of a sale."""
    suyas = Comision.objects.filter(conversion=venta).order_by("nivel")
    return [(c.nivel, c.afiliado.nombre, f"{c.monto.normalize():f}") for c in suyas]


def test_por_niveles() -> None:
    """Percent of the sale's base per level; each says its rule and replays to the last digit."""
    version = red("5", "2.5")
    venta = vender(cadena()[0], "80.10")
    assert pagan(venta) == [(1, "N1", "8.01"), (2, "N2", "4.01"), (3, "N3", "2")]
    segunda = Comision.objects.get(conversion=venta, nivel=2)
    assert (segunda.version_regla, segunda.tasa, segunda.base) == (version, D(5), D("80.10"))
    assert segunda.estado == "pendiente"
    assert segunda.traza["hechos"]["afiliado"] == segunda.afiliado.id_publico
    assert fabricas.eventos_de(segunda.id_publico) == ["ComisionCalculada"]
    call_command("recalcular")


def test_el_evento_repetido_no_paga_dos_veces() -> None:
    red("5")
    venta = vender(cadena()[0])
    calcular_comisiones(conversiones_ids=[venta.id_publico] * 2, actor=PRUEBAS)
    assert len(pagan(venta)) == 2


def test_la_campana_antes_que_el_programa_y_vacia_es_ninguna() -> None:
    propia, sin, otra = (fabricas.campana() for _ in range(3))
    red("5")
    red("7", de=propia)
    red(de=sin)
    vendedor = cadena()[0]
    montos = [[m for _n, _q, m in pagan(vender(vendedor, en=c))] for c in (propia, sin, otra)]
    assert montos == [["10", "7"], ["10"], ["10", "5"]]


def test_la_version_en_vigor_cuando_ocurrio() -> None:
    regla = red("5", vigente_desde=hace(days=30)).regla
    publicar_version(
        regla=regla, tipo="red", condiciones={"porcentajes": ["1"]},
        vigente_desde=hace(days=10), actor=ANA,
    )  # fmt: skip
    vendedor = cadena()[0]
    montos = [len(pagan(vender(vendedor, ocurrida_en=hace(days=d)))) for d in (40, 20, 5)]
    assert montos == [1, 2, 2]
    assert sorted(Comision.objects.filter(nivel=2).values_list("monto", flat=True)) == [D(1), D(5)]


@pytest.mark.parametrize(
    ("suspendido", "esperado"),
    [
        ("omitir", [(1, "N1", "10"), (3, "N3", "2")]),
        ("comprimir", [(1, "N1", "10"), (2, "N3", "5"), (3, "N4", "2")]),
    ],
)
def test_un_ascendiente_suspendido(suspendido: str, esperado: Any) -> None:
    red("5", "2", suspendido=suspendido)
    afiliados = cadena(5)
    suspender_afiliado(afiliado=afiliados[1], actor=ANA, motivo="Se investiga.")
    assert pagan(vender(afiliados[0])) == esperado


def test_un_ascendiente_pendiente_espera() -> None:
    red("5")
    arriba = fabricas.afiliado(activo=False, nombre="Jefa", email="jefa@example.com")
    venta = vender(fabricas.afiliado(referente=arriba))
    suya = Comision.objects.get(conversion=venta, nivel=2)
    assert (suya.estado, suya.motivo_retencion) == ("retenida", "afiliado_pendiente")
    activar_afiliado(afiliado=arriba, actor=ANA)
    fabricas.entregar_todo()
    suya.refresh_from_db()
    assert suya.estado == "pendiente"


def test_un_ciclo_no_para_la_venta() -> None:
    """The service refuses it; two changes at once could still close one."""
    red("5", "5", "5", suspendido="comprimir")
    uno, dos = cadena(2)
    Afiliado.objects.filter(pk=dos.pk).update(referente=uno)
    assert pagan(vender(uno)) == [(1, "N1", "10"), (2, "N2", "5")]


def test_una_regla_de_su_nivel_va_antes() -> None:
    """The level's own rule; the others by the network."""
    red("5", "2")
    afiliados = cadena()
    publicar_version(
        regla=crear_regla(nombre="Nivel 2", campana=None, actor=ANA), tipo="fija", nivel=2,
        monto_fijo=D(3), moneda="USD", afiliado=afiliados[1], vigente_desde=hace(days=9), actor=ANA,
    )  # fmt: skip
    assert pagan(vender(afiliados[0])) == [(1, "N1", "10"), (2, "N2", "3"), (3, "N3", "2")]
    assert pagan(vender(afiliados[1])) == [(1, "N2", "10"), (2, "N3", "5"), (3, "N4", "2")]


def test_el_tope_entre_todos() -> None:
    """Rounding never passes it."""
    red("10", "10", "10", tope="30")
    venta = vender(cadena(4)[0], "0.05")
    assert [m for _n, _q, m in pagan(venta)] == ["0.01", "0.01", "0.01", "0"]
    call_command("recalcular")


@pytest.mark.parametrize(
    ("condiciones", "datos"),
    [
        ({"porcentajes": ["60", "41"]}, {}),
        ({"porcentajes": ["10", "6"], "tope": "15"}, {}),
        ({"porcentajes": ["-1"]}, {}),
        ({"porcentajes": ["x"]}, {}),
        ({"porcentajes": ["1"] * 10}, {}),
        ({"porcentajes": ["1"], "suspendido": "quizá"}, {}),
        ({"porcentajes": ["1"]}, {"nivel": 2}),
        ({"porcentajes": ["1"]}, {"producto": "p"}),
    ],
)
def test_lo_que_no_se_publica(condiciones: Any, datos: Any) -> None:
    regla = crear_regla(nombre="Red", campana=None, actor=ANA)
    with pytest.raises(DatoInvalido):
        publicar_version(regla=regla, tipo="red", condiciones=condiciones, actor=ANA, **datos)


def test_una_regla_no_cambia_a_red() -> None:
    """The newest version would silence what the sale pays."""
    for regla, tipo in ((fabricas.regla(porcentaje="5"), "red"), (red("5").regla, "porcentual")):
        with pytest.raises(DatoInvalido):
            publicar_version(regla=regla, tipo=tipo, porcentaje=D(1), condiciones={}, actor=ANA)


def test_una_devolucion_quita_a_todos() -> None:
    """In proportion, and to exactly 0 when it is whole."""
    red("5", "2.5")
    venta = vender(cadena()[0], "79.99")
    for suya in Comision.objects.filter(conversion=venta):
        aprobar_comision(comision=suya, actor=LUIS)
    for n, monto in enumerate((D("33.33"), None)):
        devolver(conversion=venta, datos=Devolucion(id_externo=f"d{n}", monto=monto), actor=PRUEBAS)
        aplicar_devoluciones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    assert [m for _n, _q, m in pagan(venta)] == ["0", "0", "0"]
    assert set(Comision.objects.values_list("estado", flat=True)) == {"anulada"}
    assert all(saldos(c.afiliado) == {"USD": D(0)} for c in Comision.objects.all())


def test_sin_regla_espera_y_luego_paga_a_todos() -> None:
    red("5")
    abajo = fabricas.afiliado_sin_tarifa(referente=cadena(1)[0])
    venta = vender(abajo)
    assert pagan(venta) == [(1, "Ada", "0")]
    fabricas.regla(porcentaje="20")
    fabricas.entregar_todo()
    assert pagan(venta) == [(1, "Ada", "20"), (2, "N1", "5")]


def test_a_mano_tambien() -> None:
    red("5")
    venta = fabricas.conversion(de=cadena()[0])
    calcular_manual(conversion=venta, terminos=Terminos(monto_fijo=D(1)), actor=ANA)
    assert pagan(venta) == [(1, "N1", "1"), (2, "N2", "5")]


def test_por_calculate() -> None:
    """The earlier systems' path answers with the seller's, and pays the network too."""
    red("5")
    campana = fabricas.campana()
    vendedor, arriba, *_ = cadena()
    cuerpo = {
        "conversionId": "p1", "affiliateId": vendedor.id_publico, "grossAmount": 200,
        "campaignId": campana.id_publico,
    }  # fmt: skip
    for estado in (201, 200):
        respuesta = fabricas.api().enviar("/commissions/calculate", cuerpo)
        assert (respuesta.status_code, respuesta.json()["netAmount"]) == (estado, "20.00")
    assert pagan(Conversion.objects.get()) == [(1, "N1", "20"), (2, "N2", "10")]
    # Each partner sees its own and nothing of the other.
    suya = Comision.objects.get(nivel=2)
    de_arriba, de_abajo = (fabricas.api(["comisiones:leer"], de=a) for a in (arriba, vendedor))
    vistas = de_arriba.get("/api/v1/comisiones").json()["resultados"]
    assert [(c["comision_id"], c["nivel"]) for c in vistas] == [(suya.id_publico, 2)]
    assert vendedor.id_publico not in str(vistas)
    ruta = f"/api/v1/comisiones/{suya.id_publico}/explicacion"
    assert de_arriba.get(ruta).json()["coincide"] is True
    explicada = fabricas.api().get(ruta).json()
    assert "nivel 2 de la red" in explicada["pasos"][0]["texto"]
    problema(de_abajo.get(f"/api/v1/comisiones/{suya.id_publico}"), 404)
    problema(de_arriba.get("/commissions/by-conversion/p1"), 404)


def test_apagada_no_cuesta_consultas() -> None:
    """Without a network, or without a referrer, the same queries; with both, a step each."""
    abajo, arriba = cadena(2)
    campana = fabricas.campana()
    cliente = fabricas.api()

    def consultas(de: Afiliado, ref: str) -> int:
        cuerpo = {
            "conversionId": ref, "affiliateId": de.id_publico, "grossAmount": 200,
            "campaignId": campana.id_publico,
        }  # fmt: skip
        with CaptureQueriesContext(connection) as hechas:
            assert cliente.enviar("/commissions/calculate", cuerpo).status_code == 201
        # Several commissions are written in fewer statements than one with its sale.
        return sum("SELECT" in una["sql"] for una in hechas)

    consultas(arriba, "calienta")
    sin_red = [consultas(arriba, "a"), consultas(abajo, "b")]
    red("5")
    assert sin_red == [sin_red[0]] * 2
    assert consultas(arriba, "c") == sin_red[0]
    assert consultas(abajo, "d") > sin_red[0]


def test_muchas_cuestan_por_nivel_y_no_por_venta() -> None:
    red("5", "2")
    afiliados = cadena()

    def consultas(n: int) -> int:
        ventas = [fabricas.conversion(de=afiliados[i % 2]).id_publico for i in range(n)]
        with CaptureQueriesContext(connection) as hechas:
            calcular_comisiones(conversiones_ids=ventas, actor=PRUEBAS)
        return len(hechas)

    assert consultas(2) == consultas(8)


def test_cambiar_de_referente_no_cambia_lo_calculado() -> None:
    red("5")
    abajo, arriba = cadena(2)
    venta = vender(abajo)
    actualizar_afiliado(afiliado=abajo, cambios={"referente": None}, actor=ANA, motivo="x")
    calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    assert pagan(venta) == [(1, "N1", "10"), (2, "N2", "5")]
    assert pagan(vender(abajo)) == [(1, "N1", "10")]
    assert arriba.pk


def test_comprimir_tambien_con_reglas_de_nivel() -> None:
    """The level's rule pays whoever takes the level."""
    red("5", suspendido="comprimir")
    publicar_version(
        regla=crear_regla(nombre="Nivel 2", campana=None, actor=ANA), tipo="porcentual", nivel=2,
        porcentaje=D(8), vigente_desde=hace(days=9), actor=ANA,
    )  # fmt: skip
    afiliados = cadena()
    suspender_afiliado(afiliado=afiliados[1], actor=ANA, motivo="Se investiga.")
    assert pagan(vender(afiliados[0])) == [(1, "N1", "10"), (2, "N3", "8")]
