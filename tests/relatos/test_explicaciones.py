"""How a stored commission is told, to the staff and to its affiliate, and what a replay finds."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from alpespartner.comun import dinero
from comisiones.calculo.explicacion import (
    calculo_publico,
    diferencias,
    mayor_que_su_venta,
    pasos_de,
    pasos_publicos,
)
from comisiones.calculo.rango import excede, monto_guardable, tasa_guardable
from comisiones.calculo.traza import Calculado, componer_traza, sumar
from comisiones.comision.models import Comision
from comisiones.motor import calcular
from comisiones.motor.tipos import Acumulado
from comisiones.reglas.models import Regla, VersionRegla
from comisiones.reglas.tarifa import Aplicable
from conversiones.ventas.models import Conversion
from tests.comisiones.motor.fabrica import DIEZ_QUINCE, hechos, terminos
from tests.relatos.hoja import Hoja

D = Decimal
TODOS = (("moneda", "9", 2), ("porcentaje", "9", 2), ("monto_fijo", "9", 2), ("por", "9", 2),
         ("modo", "9", 2), ("tramos", "9", 2), ("zona_horaria", "9", 2), ("minimo", "9", 2),
         ("base", "9", 2), ("otro", "9", 2))  # fmt: skip


def calculada(
    *reglas: dict[str, Any], valor: str = "100", nivel: int = 1, revertido: str = "0",
    version: int | None = 3, previo: Acumulado | None = None, origenes: Any = (), **hecho: Any,
) -> Comision:  # fmt: skip
    """A commission of a sale that as many rules pay, in equal parts."""
    venta = hechos(valor, **hecho)
    calculos = []
    for n, datos in enumerate(reglas):
        suyos = terminos(**datos)
        parte = replace(venta, valor=venta.valor / len(reglas))
        aplicable = Aplicable(
            Regla(nombre=f"Regla {n}"),
            None if version is None else VersionRegla(numero=version),
            suyos,
            parte,
            origenes=origenes,
            productos=((f"p{n}", parte.valor), ("", D(0))) if len(reglas) > 1 else (),
        )
        calculos.append(Calculado(aplicable, previo, calcular(suyos, parte, previo)))
    total = sumar(calculos)
    return Comision(
        conversion=Conversion(valor=venta.valor, moneda=venta.moneda),
        moneda=venta.moneda, nivel=nivel, base=total.base, tasa=tasa_guardable(total.tasa),
        monto=monto_guardable(total.monto) - D(revertido), revertido=D(revertido),
        traza=componer_traza(calculos, total, nivel),
    )  # fmt: skip


PORCENTUAL = {"tipo": "porcentual", "porcentaje": "7.5"}
FIJA = {"tipo": "fija", "monto_fijo": "3.33", "por": "item"}
TOPE = {"ambito": "campana", "periodo": "mes", "monto": "5"}
CASOS: dict[str, Comision] = {
    "porcentual": calculada(PORCENTUAL),
    "sin versión": calculada(PORCENTUAL, version=None),
    "fija": calculada(FIJA, cantidad=2),
    "mixta": calculada({**FIJA, "tipo": "mixta", "porcentaje": "1"}, origenes=TODOS),
    "hereda lo que no usa": calculada(PORCENTUAL, origenes=TODOS),
    "hereda, fija": calculada(FIJA, origenes=TODOS),
    "hereda, con tope de gasto": calculada(
        {**PORCENTUAL, "topes_gasto": [TOPE]}, origenes=TODOS, previo=Acumulado(gastado=(D(4),))
    ),
    "tope del afiliado": calculada(
        {**PORCENTUAL, "topes_gasto": [{**TOPE, "ambito": "afiliado"}]},
        previo=Acumulado(gastado=(D(4),)),
    ),
    "escalonada": calculada(
        {"tipo": "escalonada", "tramos": DIEZ_QUINCE, "periodo": "mes"}, valor="1200",
        origenes=TODOS, previo=Acumulado(D(900), 3, 2, D(90)),
    ),
    "neta": calculada({**PORCENTUAL, "base": "neto"}, impuesto=D(19), envio=D(1)),
    "neta, del nivel 2": calculada(
        {**PORCENTUAL, "base": "neto"}, nivel=2, impuesto=D(19), envio=D(1)
    ),
    "de dos reglas": calculada(PORCENTUAL, {"tipo": "mixta", "porcentaje": "1", "monto_fijo": "2"}),
    "de dos fijas": calculada(FIJA, FIJA, valor="1"),
    "mayor que su venta": calculada({"tipo": "fija", "monto_fijo": "100.01"}),
    "igual que su venta": calculada({"tipo": "fija", "monto_fijo": "100"}),
    "el máximo": calculada({"tipo": "fija", "monto_fijo": f"{dinero.MAXIMO:.2f}"}, valor="1"),
    "más que el máximo": calculada(
        {**FIJA, "monto_fijo": f"{dinero.MAXIMO:.2f}"}, valor="1", cantidad=2
    ),
    "reducida": calculada(PORCENTUAL, revertido="2.51"),
    "yenes": calculada({**PORCENTUAL, "moneda": "JPY"}, moneda="JPY"),
    "sin regla": Comision(traza={}, conversion=Conversion(valor=D(1))),
    "ilegible": Comision(traza={"traza": 5}, conversion=Conversion(valor=D(1)), monto=D(0),
                         revertido=D(0), moneda="USD"),
    "otra cosa": Comision(traza={"x": 1}, conversion=Conversion(valor=D(1)), monto=D(0),
                          revertido=D(0), moneda="USD", base=D(0)),
}  # fmt: skip


def test_explica(hoja: Hoja) -> None:
    for que, suya in CASOS.items():
        hoja.dice(que, lambda c=suya: [c.base, str(c.tasa), c.monto])
        for paso in pasos_de(suya):
            hoja.dice(f"   {paso.codigo}", lambda p=paso: f"{p.texto} {p.datos}")
        for paso in pasos_publicos(suya):
            hoja.dice(f"   al afiliado {paso.codigo}", lambda p=paso: f"{p.texto} {p.datos}")
        hoja.dice("   público", lambda c=suya: calculo_publico(c))
        hoja.dice("   diferencias", lambda c=suya: diferencias(c))
        if suya.traza.get("monto"):
            hoja.dice("   pasa", lambda c=suya: [excede(c), mayor_que_su_venta(c)])
            hoja.dice("   registro", lambda c=suya: {
                k: v for k, v in c.traza.items() if k not in ("traza", "terminos", "hechos")
            })  # fmt: skip


def test_explica_lo_distinto(hoja: Hoja) -> None:
    """A cent in the row, in the record, in one of two rules."""
    for campo in ("monto", "base", "revertido"):
        for sobra in (D("0.01"), D("-0.01")):
            suya = calculada(PORCENTUAL, FIJA, revertido="1")
            setattr(suya, campo, getattr(suya, campo) + sobra)
            hoja.dice(f"{campo} {sobra}", lambda c=suya: diferencias(c))
    suya = calculada(PORCENTUAL, FIJA)
    suya.traza["otras"][0]["resultado"]["monto"] = "1.66"
    hoja.dice("en la otra regla", lambda: diferencias(suya))
    rota = calculada(PORCENTUAL)
    del rota.traza["hechos"]["valor"]
    hoja.dice("sin valor", lambda: diferencias(rota))
    del rota.traza["resultado"]
    hoja.dice("sin resultado", lambda: [diferencias(rota), [p.texto for p in pasos_de(rota)]])
    for tasa in (None, "999.9999", "1000"):
        hoja.dice(f"tasa {tasa}", lambda t=tasa: str(tasa_guardable(None if t is None else D(t))))
    for monto in (dinero.MAXIMO, dinero.MAXIMO + D("0.0001")):
        hoja.dice(f"monto {monto}", lambda m=monto: monto_guardable(m))
