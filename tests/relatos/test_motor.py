"""The engine: all that it says of each kind of rule, on both sides of every edge."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from alpespartner.comun import dinero
from comisiones.motor import calculo, precedencia, validacion
from comisiones.motor.ajustes import OrdenPeriodo, repasar_periodo
from comisiones.motor.congelado import a_json, congelar, discrepancias, terminos_de
from comisiones.motor.explicacion import explicar
from comisiones.motor.tipos import Acumulado, Alcance, Hechos, Terminos, VersionRegla
from tests.comisiones.motor.fabrica import CUANDO, hechos, terminos
from tests.relatos.hoja import Hoja

D = Decimal
MAXIMO = dinero.MAXIMO


ESCALA = [
    {"desde": "0", "hasta": "10", "porcentaje": "5", "monto_fijo": "1"},
    {"desde": "10", "hasta": "20", "porcentaje": "7.5"},
    {"desde": "20", "hasta": None, "monto_fijo": "2.5"},
]
SUBE = [
    {"desde": "0", "hasta": "10", "porcentaje": "5"},
    {"desde": "10", "hasta": "20", "porcentaje": "7.5", "monto_fijo": "1"},
    {"desde": "20", "hasta": None, "porcentaje": "10", "monto_fijo": "2.5"},
]
PREVIOS = [
    None,
    Acumulado(D(0), 0, 1, D(0)),
    Acumulado(D("9.99"), 9, 2, D("0.51")),
    Acumulado(D(10), 10, 3, D("1.5")),
    Acumulado(D("20.01"), 21, 4, D("3.335")),
]


def contar(hoja: Hoja, que: str, regla: Terminos, venta: Hechos, previo: Any = None) -> None:
    def calculado() -> Any:
        resultado = calculo.calcular(regla, venta, previo)
        hoja.lineas.extend(f"   {frase}" for frase in explicar(resultado))
        dicho = a_json(resultado)
        dicho.pop("traza")
        return dicho

    hoja.dice(que, calculado)


def test_motor_escalas(hoja: Hoja) -> None:
    for metrica, modo, por in itertools.product(
        ("valor", "cantidad"), ("graduada", "completa"), ("orden", "item")
    ):
        datos = {"tipo": "escalonada", "metrica": metrica, "modo": modo, "por": por}
        suelta = terminos(**datos, tramos=ESCALA)
        for valor, cantidad in (("0", 1), ("10", 10), ("10.01", 11), ("33.33", 23)):
            venta = hechos(valor, cantidad=cantidad)
            contar(hoja, f"{metrica} {modo} {por} {valor} × {cantidad}", suelta, venta)
        mes = terminos(**datos, tramos=SUBE, periodo="mes")
        for n, previo in enumerate(PREVIOS):
            venta = hechos("10.01", cantidad=3)
            contar(hoja, f"{metrica} {modo} {por} al mes tras {n}", mes, venta, previo)


def test_motor_calculo(hoja: Hoja) -> None:
    venta = hechos("119.05", cantidad=3, impuesto=D("19.05"), envio=D(5), descuento=D("2.5"))
    for tipo, base, excluye in itertools.product(
        ("porcentual", "fija", "mixta"), ("bruto", "neto"), (None, [], ["envio"])
    ):
        regla = terminos(
            tipo=tipo, porcentaje="7.25", monto_fijo="1.115", por="item", base=base, excluye=excluye
        )
        contar(hoja, f"{tipo} {base} {excluye}", regla, venta)
    mitad = {"tipo": "porcentual", "porcentaje": "50"}
    for cota in ("minimo", "tope"):
        for limite in ("4.99", "5.00", "5.01"):
            regla = terminos(**mitad, **{cota: limite})
            contar(hoja, f"{cota} {limite}", regla, hechos("10"))
    contar(hoja, "el tope manda", terminos(**mitad, minimo="9", tope="3"), hechos("10"))
    topes = [
        {"ambito": "afiliado", "periodo": "dia", "monto": "10"},
        {"ambito": "campana", "periodo": "semana", "monto": "6"},
    ]
    gasta = terminos(**mitad, topes_gasto=topes)
    for gastado in (("4.99", "0"), ("5.00", "1"), ("5.01", "1"), ("4", "1.01"), ("11", "7")):
        previo = Acumulado(gastado=tuple(map(D, gastado)))
        contar(hoja, f"gastado {gastado}", gasta, hechos("10"), previo)
    nivel = terminos(**mitad, multiplicadores=[["oro", "1.25"], ["plata", "0"]])
    for cual in ("oro", "plata", "otro"):
        contar(hoja, cual, nivel, hechos("10", nivel_afiliado=cual))
    justas = [
        hechos(f"{MAXIMO}"), hechos(f"{MAXIMO + D('0.0001')}"), hechos("-0.01"),
        hechos("1", cantidad=100_000), hechos("1", cantidad=100_001), hechos("1", cantidad=0),
        hechos("1", impuesto=MAXIMO), hechos("1", envio=MAXIMO + 1), hechos("1", envio=D("-0.01")),
        hechos("1", "JPY"), hechos("1", "XXX"),
    ]  # fmt: skip
    neta = terminos(tipo="porcentual", porcentaje="10", base="neto", moneda=None)
    for una in justas:
        contar(hoja, f"{una.valor} {una.moneda} × {una.cantidad}", neta, una)
    for suelta in (
        {}, {"tipo": "porcentual"}, {"tipo": "fija"}, {"tipo": "mixta", "porcentaje": "1"},
        {"tipo": "escalonada"}, {"tipo": "fija", "monto_fijo": "1", "moneda": None},
        {"tipo": "fija", "monto_fijo": "1", "moneda": "EUR"},
        {"tipo": "porcentual", "porcentaje": "1", "minimo": "0", "moneda": "EUR"},
        {"tipo": "porcentual", "porcentaje": "1", "tope": "1", "moneda": "EUR"},
        {"tipo": "escalonada", "tramos": SUBE, "moneda": "EUR"},
        {"tipo": "escalonada", "tramos": SUBE, "metrica": "cantidad", "moneda": "EUR"},
    ):  # fmt: skip
        contar(hoja, f"{suelta}", terminos(**suelta), hechos("5"))


def test_motor_validacion(hoja: Hoja) -> None:
    fija: dict[str, Any] = {"tipo": "fija", "monto_fijo": "1"}
    tope = {"ambito": "afiliado", "periodo": "mes", "monto": "1"}
    casos: list[dict[str, Any]] = [
        {**fija, "monto_fijo": f"{MAXIMO}"}, {**fija, "monto_fijo": "0"},
        {**fija, "monto_fijo": f"{MAXIMO + D('0.0001')}"}, {**fija, "minimo": "1", "tope": "1"},
        {**fija, "minimo": "1.01", "tope": "1"}, {**fija, "minimo": "-0.01"},
        {**fija, "tope": "0.001"}, {**fija, "minimo": "0.001"}, {**fija, "moneda": "ZZZ"},
        {**fija, "multiplicadores": [["a", "0"], ["b", "100"]]},
        {**fija, "multiplicadores": [["a", "100.01"]]}, {**fija, "multiplicadores": [["a", "-1"]]},
        {**fija, "multiplicadores": [["a", "1.12345678"]]},
        {**fija, "multiplicadores": [["a", "1.123456789"]]},
        {**fija, "multiplicadores": [["a", "1"], ["a", "2"]]},
        {**fija, "topes_gasto": [tope, {**tope, "periodo": "dia"}]},
        {**fija, "topes_gasto": [tope, tope]},
        {**fija, "topes_gasto": [{**tope, "monto": "0.001"}]},
        {**fija, "topes_gasto": [{**tope, "periodo": "orden"}]},
        {**fija, "excluye": ["envio", "envio"]}, {**fija, "zona_horaria": "Marte/Olimpo"},
        {"tipo": "porcentual", "porcentaje": "100"}, {"tipo": "porcentual", "porcentaje": "100.01"},
        {"tipo": "porcentual", "porcentaje": "0"}, {"tipo": "porcentual", "porcentaje": "-0.01"},
        {"tipo": "porcentual", "porcentaje": "1.12345678"},
        {"tipo": "porcentual", "porcentaje": "1.123456789"},
        {}, {"tipo": "porcentual"}, {"tipo": "mixta", "porcentaje": "1"}, {"tipo": "fija"},
        {"tipo": "escalonada"}, {"tipo": "escalonada", "tramos": []},
        {"tipo": "fija", "monto_fijo": "1", "moneda": None},
        {"tipo": "escalonada", "tramos": [{"desde": "0", "porcentaje": "1.123456789"}]},
        {"tipo": "escalonada", "tramos": [{"desde": "0", "porcentaje": "100.01"}]},
        {"tipo": "escalonada", "tramos": [{"desde": "0", "monto_fijo": "-0.01"}]},
        {"tipo": "escalonada", "tramos": [{"desde": "0"}]},
        {"tipo": "escalonada", "tramos": [{"desde": "0.01", "porcentaje": "1"}]},
        {"tipo": "escalonada", "tramos": [{"desde": "0", "hasta": "1", "porcentaje": "1"}]},
        {"tipo": "escalonada", "tramos": [{"desde": "0", "hasta": "0", "porcentaje": "1"}]},
        {"tipo": "escalonada", "tramos": [{"desde": "0", "hasta": "1", "porcentaje": "100"},
                                          {"desde": "0.99", "porcentaje": "0"}]},
        {"tipo": "escalonada", "tramos": [{"desde": "0", "porcentaje": "1"},
                                          {"desde": "1", "porcentaje": "0"}]},
        *({"tipo": "escalonada", "tramos": [SUBE[1] | {"desde": "0"}, {**SUBE[2], "porcentaje": p}],
           "modo": modo, "periodo": periodo}
          for p, modo, periodo in itertools.product(
              ("7.5", "7.49"), ("completa", "graduada"), ("mes", "orden"))),
    ]  # fmt: skip
    for caso in casos:
        hoja.dice(f"{caso}", lambda caso=caso: validacion.validar(terminos(**caso)))
    for texto in ("1e999", "NaN", "Infinity"):
        for campo in ("porcentaje", "minimo", "tope", "monto_fijo"):
            mala = replace(terminos(**fija), **{campo: D(texto)})
            hoja.dice(f"{campo} {texto}", lambda mala=mala: validacion.validar_rangos(mala))


def test_motor_precedencia(hoja: Hoja) -> None:
    def version(regla: str, numero: int = 1, terminos: dict[str, Any] | None = None,
                **datos: Any) -> VersionRegla:  # fmt: skip
        alcance = {c: datos.pop(c) for c in precedencia.CONDICIONES if c in datos}
        suyos = terminos_de(terminos or {"tipo": "porcentual", "porcentaje": f"{numero}"})
        return VersionRegla(regla, numero, suyos, Alcance(**alcance), **datos)

    hora = timedelta(hours=1)
    todas = [
        version("programa", terminos={"tipo": "fija", "monto_fijo": "9", "moneda": "USD",
                                      "minimo": "1", "base": "neto"}),
        version("campana", terminos={"tipo": "mixta", "porcentaje": "3", "moneda": "EUR",
                                     "monto_fijo": "2", "tope": "5"}, campana="c"),
        version("tipo", tipo_afiliado="vip"), version("producto", producto="p"),
        version("producto suyo", producto="p", afiliado="a"), version("suya", afiliado="a"),
        version("cupon", cupon="k"), version("enlace", enlace="e"),
        version("segundo", nivel=2), version("vieja", 1, campana="d"),
        version("vieja", 2, campana="d", vigente_desde=CUANDO - hora),
        version("nueva", 1, campana="d", vigente_desde=CUANDO),
        version("futura", campana="d", vigente_desde=CUANDO + timedelta(seconds=1)),
        version("acaba", campana="f", vigente_hasta=CUANDO),
        version("dura", campana="f", vigente_hasta=CUANDO + timedelta(seconds=1)),
        version("primera", campana="g", prioridad=1), version("segunda", 2, campana="g"),
    ]  # fmt: skip
    for una in todas:
        hoja.dice(f"rango de {una.regla}", lambda una=una: precedencia.rango(una.alcance))
    for datos in (
        {}, {"campana": "c"}, {"campana": "d"}, {"campana": "f"}, {"campana": "g"},
        {"tipo_afiliado": "vip", "campana": "c"}, {"producto": "p", "tipo_afiliado": "vip"},
        {"producto": "p", "afiliado": "a"}, {"afiliado": "a", "producto": "q"},
        {"cupon": "k", "afiliado": "a"}, {"enlace": "e", "cupon": "k"},
    ):  # fmt: skip
        for nivel in (1, 2, 3):

            def resuelta(datos: Any = datos, nivel: int = nivel) -> Any:
                hallada = precedencia.resolver(todas, hechos("1", **datos), nivel)
                return hallada and [
                    hallada.version.regla, hallada.version.version, a_json(hallada.terminos),
                    hallada.origenes,
                ]  # fmt: skip

            hoja.dice(f"{datos} nivel {nivel}", resuelta)
    mixta = [version("sin", terminos={"tipo": "mixta"}), todas[1], todas[0]]
    for moneda in ("EUR", "USD", None):
        hoja.dice(
            f"en {moneda}",
            lambda moneda=moneda: a_json(precedencia.heredar(mixta, moneda).terminos),
        )


def test_motor_periodos_repasados(hoja: Hoja) -> None:
    topes = [{"ambito": "afiliado", "periodo": "dia", "monto": "1.5"}]
    for datos in (
        {},
        {"topes_gasto": topes},
        {"zona_horaria": "America/Bogota", "topes_gasto": topes},
    ):
        regla = terminos(tipo="escalonada", tramos=SUBE, periodo="mes", **datos)
        ordenes = [
            OrdenPeriodo(nombre, hechos(valor, ocurrida_en=CUANDO + timedelta(hours=horas)))
            for nombre, valor, horas in (
                ("a", "9.99", 0), ("c", "0.02", 1), ("b", "10", 1), ("d", "5", 13), ("e", "5", 24),
            )
        ]  # fmt: skip
        for concedidas, inicio, gastado in (
            ({}, None, None), ({"a": D("0.50"), "b": D("0.70")}, None, None),
            ({}, PREVIOS[2], {(0, "2026-03-10"): D("1.4")}), ({"z": D(1)}, None, None),
        ):  # fmt: skip

            def repasado(regla: Any = regla, ordenes: Any = ordenes, c: Any = concedidas,
                         i: Any = inicio, g: Any = gastado) -> Any:  # fmt: skip
                r = repasar_periodo(regla, reversed(ordenes), c, inicio=i, gastado=g)
                return [
                    [[n, x.monto] for n, x in r.nuevas],
                    [[a.id, a.concedido, a.correcto, a.monto] for a in r.ajustes],
                    r.total, a_json(r.acumulado),
                ]  # fmt: skip

            hoja.dice(f"{datos} {concedidas} {gastado}", repasado)
    hoja.dice("repetida", lambda: repasar_periodo(terminos(), [ordenes[0], ordenes[0]], {}))


def test_motor_registro(hoja: Hoja) -> None:
    regla = terminos(tipo="escalonada", tramos=SUBE, periodo="mes")
    venta = hechos("12.34", cantidad=2, envio=D(1))
    previo = PREVIOS[2]
    registro = congelar(regla, venta, previo, calculo.calcular(regla, venta, previo))
    hoja.dice("registro", lambda: registro)
    hoja.dice("nada", lambda: discrepancias(registro))
    otro = {**registro, "resultado": {**registro["resultado"], "monto": "9.99", "tasa": None}}
    hoja.dice("dos", lambda: discrepancias(otro))
    hoja.dice("formato", lambda: discrepancias({**registro, "formato": 2}))
    for campo, valor in (
        ("valor", "12.340"), ("valor", 1.5), ("cantidad", True), ("cantidad", "2"), ("envio", "x"),
        ("ocurrida_en", "2026-03-10T12:00:00"), ("ocurrida_en", "ayer"), ("producto", 5),
        ("otro", 1),
    ):  # fmt: skip
        cambiado = {**registro, "hechos": {**registro["hechos"], campo: valor}}
        hoja.dice(f"{campo} {valor!r}", lambda cambiado=cambiado: discrepancias(cambiado))
    for campo, valor in (
        ("tramos", {}), ("tramos", [{}]), ("tramos", ["x"]), ("multiplicadores", [["a"]]),
        ("multiplicadores", [["a", "1", "2"]]), ("multiplicadores", [[1, "1"]]), ("tipo", "x"),
        ("excluye", ["x"]), ("topes_gasto", [{"ambito": "x"}]),
    ):  # fmt: skip
        hoja.dice(f"{campo} {valor}", lambda c=campo, v=valor: terminos_de({c: v}) and None)
