"""The engine: the network, the lines of a sale, what refunds take, and numbers."""

from __future__ import annotations

import itertools
from dataclasses import replace
from decimal import Decimal
from typing import Any

from alpespartner.comun import dinero
from comisiones.motor import calculo, lineas, partes, red, reversos
from comisiones.motor.congelado import a_json
from comisiones.motor.explicacion import monto_es, numero_es, tasa_es
from comisiones.motor.tipos import Hechos
from tests.comisiones.motor.fabrica import hechos, terminos
from tests.relatos.hoja import Hoja
from tests.relatos.test_motor import ESCALA, SUBE

D = Decimal
MAXIMO = dinero.MAXIMO


def test_motor_red(hoja: Hoja) -> None:
    cadena = [red.Ascendiente(n, n != "c") for n in "bcde"]
    venta = terminos(tipo="porcentual", porcentaje="20", base="neto", excluye=["envio"])
    ventas = [hechos("99.95", envio=D("9.95")), hechos("0.05"), hechos("0.15")]
    redes = [
        red.Red((D(10), D("5.5"), D(3)), tope=D("18.5")),
        red.Red((D(10), D("5.5"), D(3)), tope=D("18.5"), suspendido=red.Suspendido.COMPRIMIR),
        red.Red((D(10), D(10), D(10)), tope=D(30)),
        red.Red(()),
    ]
    for n, suya in enumerate(redes):
        for una, saltar in itertools.product(ventas, ((), (3,), (2, 4))):
            hoja.dice(
                f"red {n} de {una.valor} sin {saltar}",
                lambda suya=suya, una=una, saltar=saltar: [
                    [p.nivel, p.afiliado, p.resultado.base, p.resultado.monto, a_json(p.terminos)]
                    for p in red.repartir(suya, cadena, venta, una, saltar=saltar)
                ],
            )
    for porcentajes, tope in (
        (("60", "40"), "100"), (("60", "40.01"), "100"), (("10", "5"), "15"),
        (("10", "5"), "14.99"), (("-0.01",), "100"), (("100.01",), "100"), ((), "100.01"),
        ((), "0"), (("1.123456789",), "9"),
    ):  # fmt: skip
        suya = red.Red(tuple(map(D, porcentajes)), tope=D(tope))
        hoja.dice(f"{porcentajes} {tope}", lambda suya=suya: red.validar_red(suya))
    referentes = {"a": "b", "b": "c", "c": "d", "x": "y", "y": "x"}
    for quien in "abdx":
        for maximo in (None, 0, 1, 2, 3):
            hoja.dice(
                f"sobre {quien} hasta {maximo}",
                lambda quien=quien, maximo=maximo: red.ascendientes(quien, referentes, maximo),
            )
    for quien, otro in ("aa", "da", "cb", "ad", "zd"):
        hoja.dice(
            f"{otro} refiere a {quien}",
            lambda quien=quien, otro=otro: red.comprobar_referente(quien, otro, referentes),
        )
    hoja.dice("con ciclo", lambda: red.comprobar_sin_ciclos(referentes))
    hoja.dice("sin él", lambda: red.comprobar_sin_ciclos({"a": "b", "b": "c", "z": "b"}))


LINEAS = [
    lineas.Linea("A", 2, D("30.01")), lineas.Linea("B", 1, D("20.02")), lineas.Linea("A", 1, D(10)),
    lineas.Linea("", 3, D("0.05")),
]  # fmt: skip
EXTRAS = {"impuesto": D("7.77"), "envio": D("5.01"), "descuento": D("3.33")}


def test_motor_lineas(hoja: Hoja) -> None:
    suma = sum((linea.importe or D(0) for linea in LINEAS), D(0))
    valores = {
        "justo": suma, "con impuesto": suma + D("7.77"), "con envío": suma + D("5.01"),
        "con ambos": suma + D("12.78"), "rebajada": suma - D("3.33"),
        "subida": suma + D("3.33"), "todo": suma + D("12.78") - D("3.33"),
        "un céntimo más": suma + D("0.01"),
    }  # fmt: skip
    reglas = {
        "A": terminos(tipo="porcentual", porcentaje="10"),
        "B": terminos(tipo="fija", monto_fijo="3", base="neto"),
        "": terminos(tipo="porcentual", porcentaje="1"),
        "M": terminos(tipo="escalonada", tramos=SUBE, periodo="mes"),
        "N": terminos(tipo="escalonada", tramos=ESCALA, periodo="dia"),
    }

    class Regla:
        def __init__(self, nombre: str) -> None:
            self.nombre, self.terminos = nombre, reglas[nombre]

    def partidas(venta: Hechos, suyas: Any, por: dict[str, str]) -> Any:
        resueltas = lineas.por_reglas(
            venta, suyas, lambda h: Regla(por[h.producto]) if h.producto in por else None,
            lambda r: r.nombre,
        )  # fmt: skip
        return resueltas and [
            [p.regla.nombre, p.hechos, p.productos, p.problema] for p in resueltas
        ]

    for que, valor in valores.items():
        venta = hechos(f"{valor}", **EXTRAS)
        hoja.dice(f"{que} separada", lambda venta=venta: lineas.separar(venta, LINEAS))
        hoja.dice(f"{que} costó", lambda venta=venta: lineas.costes(venta, LINEAS))
        hoja.dice(
            f"{que} por reglas",
            lambda venta=venta: partidas(venta, LINEAS, {"A": "A", "B": "B", "": ""}),
        )
    justa = hechos(f"{suma}", **EXTRAS)
    for por in (
        {"A": "A", "B": "A", "": "A"}, {"A": "A", "B": "A", "": ""}, {"A": "A", "B": "B"},
        {"A": "A", "B": "M", "": "A"}, {"A": "N", "B": "M", "": "A"}, {"A": "", "B": "B", "": "B"},
    ):  # fmt: skip
        hoja.dice(f"{por}", lambda por=por: partidas(justa, LINEAS, por))
    sin_precio = [*LINEAS, lineas.Linea("C", 1, None)]
    hoja.dice("sin precio", lambda: lineas.separar(justa, sin_precio))
    hoja.dice("sin precio", lambda: lineas.costes(justa, sin_precio))
    hoja.dice(
        "sin precio", lambda: partidas(justa, sin_precio, {"A": "A", "B": "B", "": "", "C": "A"})
    )
    for importe in ("-0.01", "0.001", "0"):
        malas = [lineas.Linea("A", 1, D(importe)), *LINEAS]
        hoja.dice(importe, lambda malas=malas: lineas.separar(justa, malas))
    hoja.dice("nada", lambda: lineas.separar(justa, [lineas.Linea("A", 1, D(0))]))
    trozos = lineas.separar(justa, LINEAS)
    hoja.dice("juntas", lambda: [lineas.juntar(trozos), lineas.juntar(trozos[::2])])
    for cuales in ("AA", "AB", "BB", "B"):
        pares = [(reglas[c], h) for c, h in zip(cuales, trozos, strict=False)]

        def de_la_red(pares: Any = pares) -> Any:
            suyos, venta = lineas.de_la_red(pares)
            return [a_json(suyos), venta]

        hoja.dice(f"red de {cuales}", de_la_red)


def test_motor_partes(hoja: Hoja) -> None:
    suma = sum((linea.importe or D(0) for linea in LINEAS), D(0))
    for extra, valor in (("nada", suma), ("envío", suma + D("5.01")), ("ambos", suma + D("12.78")),
                         ("impuesto", suma + D("7.77"))):  # fmt: skip
        venta = hechos(f"{valor}", **EXTRAS)
        trozos = list(zip(lineas.separar(venta, LINEAS), lineas.costes(venta, LINEAS), strict=True))
        for base in ("bruto", "neto"):
            reglas = [
                terminos(tipo="porcentual", porcentaje="10", base=base),
                terminos(tipo="fija", monto_fijo="3", base=base, excluye=["envio"]),
            ]
            pagos = []
            for regla, suyos in zip(reglas, (trozos[::2], trozos[1::2]), strict=True):
                junta = lineas.juntar([h for h, _c in suyos])
                monto = calculo.calcular(regla, junta).monto
                pagos.append(
                    partes.Pagado(regla, junta, monto, tuple((h.producto, c) for h, c in suyos))
                )
            entero = partes.Pagado(reglas[0], venta, D("8.88"))
            for dicho in (
                {"sin_decir": D("10.01")}, {"envio": D("5.01")}, {"envio": D("6")},
                {"impuesto": D("7.77")}, {"impuesto": D("1.11"), "envio": D("2.22")},
                {"producto": D("25")}, {"producto": suma}, {"productos": (("A", D("40.01")),)},
                {"productos": (("A", D("41")), ("B", D("0.02")))}, {"productos": (("Z", D(3)),)},
                {"sin_decir": D(20), "envio": D("5.01"), "producto": D("10")}, {"sin_decir": valor},
                {"sin_decir": valor + D("0.01")},
            ):  # fmt: skip
                devuelto = partes.Devuelto(**dicho)
                que = f"{extra} {base} {devuelto}".replace("Decimal('0'), ", "")
                a_medias = [pagos[0], replace(pagos[1], productos=())]
                for n, suyos_ in (
                    ("por líneas", pagos), ("entera", [entero]), ("a medias", a_medias),
                ):  # fmt: skip
                    hoja.dice(
                        f"{que} {n}",
                        lambda suyos_=suyos_, devuelto=devuelto: partes.quitado(
                            suyos_, devuelto, "USD"
                        ),
                    )
    uno = partes.Devuelto().mas("", D(1)).mas("envio", D(2)).mas("producto", D(3), "A")
    dos = uno.mas("producto", D(4), "A").mas("producto", D(5)).mas("impuesto", D(6))
    hoja.dice("sumas", lambda: [str(uno), uno.total, str(dos), dos.total])


def test_motor_reversos(hoja: Hoja) -> None:
    for comision, venta, devuelto in (
        ("10", "100", "33.33"), ("10", "100", "100"), ("10", "100", "0"), ("10", "100", "100.01"),
        ("10", "100", "-0.01"), ("0", "100", "50"), ("-0.01", "100", "50"), ("10", "0", "0"),
        ("0.01", "100", "50"), ("0.01", "100", "49.99"),
    ):  # fmt: skip
        hoja.dice(
            f"{comision} de {venta}, {devuelto}",
            lambda c=comision, v=venta, d=devuelto: reversos.revertido_total(
                D(c), D(v), D(d), "USD"
            ),
        )
    for devolucion, devuelto, revertido in (
        ("33.33", "0", None), ("33.33", "33.33", None), ("33.34", "66.66", None), ("0", "0", None),
        ("33.35", "66.66", None), ("-33.33", "33.33", None), ("10", "10", "0"), ("10", "10", "10"),
        ("10", "10", "10.01"), ("10", "10", "-0.01"),
    ):  # fmt: skip
        hoja.dice(
            f"{devolucion} tras {devuelto} y {revertido}",
            lambda d=devolucion, a=devuelto, r=revertido: str(
                reversos.revertir(
                    comision=D(10), venta=D(100), devolucion=D(d), moneda="USD", devuelto=D(a),
                    revertido=None if r is None else D(r),
                )
            ),
        )  # fmt: skip
    hoja.dice(
        "todas",
        lambda: [str(r) for r in reversos.revertir_todas(D(79), D(1000), [D(400), D(600)], "USD")],
    )


def test_motor_numeros(hoja: Hoja) -> None:
    for texto, moneda in itertools.product(
        ("0", "-0.001", "1234567.5", "0.0000001", "0.1234567", "0.123456", "1E+3", "1.005"),
        ("USD", "JPY", "KWD", "CLF"),
    ):
        hoja.dice(f"{texto} {moneda}", lambda t=texto, m=moneda: monto_es(t, m))
        hoja.dice(f"{texto} {moneda} llano", lambda t=texto, m=moneda: dinero.texto(D(t), m))
        hoja.dice(f"{texto} {moneda} exacto", lambda t=texto, m=moneda: dinero.es_exacto(D(t), m))
    for texto in ("1.500", "0", "1234.5", "1E+2"):
        hoja.dice(texto, lambda t=texto: [tasa_es(t), numero_es(D(t), 1)])
    cifras = dinero.CIFRAS
    for valor in (
        "10.50", "+1", "-0", ".5", "1.", "1e3", " 1", "1\n", "9" * cifras, "9" * (cifras + 1),
        "0." + "1" * cifras, "0." + "1" * (cifras + 1), 5, True, 1.5, None, D("NaN"),
        D("-Infinity"), D("1E+38"), D("1E+39"), D("1E-40"), D("1E-41"), D("-0.00"),
    ):  # fmt: skip
        hoja.dice(f"{valor!r}", lambda v=valor: dinero.decimal_exacto(v))
    for monto in (MAXIMO, MAXIMO + D("0.0001"), -MAXIMO, -MAXIMO - D("0.0001")):
        hoja.dice(f"{monto} cabe", lambda m=monto: dinero.es_exacto(m, "CLF"))
    for moneda in ("USD", "XAU", "usd", "ZZZZZZZZZZZZZZ", ""):
        hoja.dice(
            f"moneda {moneda}",
            lambda m=moneda: [dinero.es_moneda(m), dinero.visible(D("-0.001"), m)],
        )
        hoja.dice(f"unidad {moneda}", lambda m=moneda: dinero.unidad_minima(m))
