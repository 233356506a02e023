"""Renewals in the engine, the words of them and the days of reports: both sides of each edge."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

from alpespartner.comun.granos import cubrir, mes_siguiente, tramos_de
from comisiones.metricas.horas import percentil, plazo
from comisiones.metricas.selectors import Grupo, cociente
from comisiones.motor import Renovacion
from comisiones.motor.calculo import calcular
from comisiones.motor.congelado import a_json, congelar, discrepancias, hechos_congelados
from comisiones.motor.explicacion import explicar
from comisiones.motor.renovaciones import VentaDeCliente, en_su_sitio, juzgar, limite
from conversiones.campanas.dias import dia_en, es_zona
from tests.comisiones.motor.fabrica import hechos, terminos
from tests.relatos.hoja import Hoja

UN_INSTANTE = timedelta(microseconds=1)
PRIMERA = datetime(2026, 1, 31, 10, 30, tzinfo=UTC)
BOGOTA = timezone(timedelta(hours=-5))


def test_motor_renovaciones(hoja: Hoja) -> None:
    """Until when, how many and after what; what is frozen of it and told."""
    for primera in (PRIMERA, datetime(2025, 12, 31, 23, tzinfo=BOGOTA), datetime.max.replace(
        tzinfo=UTC
    ), datetime(2024, 2, 29, tzinfo=UTC)):  # fmt: skip
        for meses in (0, 1, 11, 12, 13, 1200):
            hoja.dice(f"{primera:%Y-%m-%d} y {meses}", lambda p=primera, m=meses: limite(p, m))
    casos: list[tuple[dict[str, Any], datetime, dict[str, Any]]] = [
        ({"duracion_meses": 1}, limite(PRIMERA, 1) - UN_INSTANTE, {}),
        ({"duracion_meses": 1}, limite(PRIMERA, 1), {}),
        ({"duracion_meses": 0}, PRIMERA, {}),
        *(({"max_pagos": 2}, PRIMERA, {"pagos": n}) for n in (1, 2, 3)),
        ({"duracion_meses": 1, "max_pagos": 2}, limite(PRIMERA, 1), {"pagos": 2}),
        ({"duracion_meses": 1, "max_pagos": 2}, PRIMERA, {"pagos": 1, "fraude": True}),
        ({}, PRIMERA, {"pagos": 9, "fraude": True}),
    ]
    for datos, cuando, de in casos:
        suyos = terminos(tipo="porcentual", porcentaje="10", **datos)
        suya = Renovacion(**{"primera_en": PRIMERA, **de})
        hoja.dice(f"{datos} {de}", lambda s=suyos, c=cuando, r=suya: juzgar(s, c, r))
        venta = hechos("10.05", ocurrida_en=cuando, renovacion=suya)
        resultado = calcular(suyos, venta)
        hoja.lineas += [f"   {frase}" for frase in explicar(resultado)]
        hoja.dice("limita", lambda s=suyos: s.limita_renovaciones)
        hoja.dice("resultado", lambda r=resultado: {
            k: v for k, v in a_json(r).items() if k != "traza"
        })  # fmt: skip
        guardado = congelar(suyos, venta, None, resultado)
        hoja.dice("congelado", lambda g=guardado: g["hechos"].get("renovacion"))
        hoja.dice("vuelve", lambda g=guardado, v=venta: hechos_congelados(g["hechos"]) == v)
        hoja.dice("difiere", lambda g=guardado: discrepancias(g))


def test_en_su_sitio(hoja: Hoja) -> None:
    """What each sale is: after the first one, with as many as earned before it."""

    def sale(*ventas: tuple[bool, bool], ganan: str = "") -> list[str]:
        suyas = [
            VentaDeCliente(f"v{n}", PRIMERA + n * UN_INSTANTE, fraude, cuenta)
            for n, (fraude, cuenta) in enumerate(ventas)
        ]
        hay = en_su_sitio(suyas, lambda venta, _suya: venta not in ganan.split())
        return [
            f"{venta} " + ("primera" if r is None else f"{r.primera_en:%f} {r.fraude} {r.pagos}")
            for venta, r in hay
        ]

    bien, fraude, vacia = (False, True), (True, True), (False, False)
    for que, ventas in (
        ("ninguna", ()), ("tres", (bien, bien, bien)), ("la primera, vacía", (vacia, bien, bien)),
        ("la segunda, vacía", (bien, vacia, bien)), ("la primera, fraude", (fraude, bien, bien)),
        ("la segunda, fraude", (bien, fraude, bien)), ("fraude y vacía", ((True, False), bien)),
    ):  # fmt: skip
        hoja.dice(que, lambda v=ventas: sale(*v))
        hoja.dice(f"{que}, v1 no gana", lambda v=ventas: sale(*v, ganan="v1"))


def test_dias_y_plazos(hoja: Hoja) -> None:
    """Stretches of a report, hours of an approval and ratios."""
    for desde, hasta in (
        (date(2026, 3, 1), date(2026, 3, 31)), (date(2026, 3, 1), date(2026, 3, 30)),
        (date(2026, 3, 2), date(2026, 3, 31)), (date(2026, 3, 31), date(2026, 3, 31)),
        (date(2026, 2, 28), date(2026, 3, 1)), (date(2026, 1, 31), date(2026, 4, 1)),
        (date(2025, 12, 1), date(2026, 1, 31)), (date(2025, 12, 2), date(2026, 2, 1)),
        (date(2026, 3, 31), date(2026, 5, 1)), (date(2026, 3, 1), date(2026, 3, 1)),
    ):  # fmt: skip
        hoja.dice(f"{desde} a {hasta}", lambda d=desde, h=hasta: [
            f"{s:+} {g} {a} {b}" for s, g, a, b in cubrir(d, h)
        ])  # fmt: skip
    for dia in (date(2026, 1, 31), date(2025, 12, 1), date(2024, 2, 29)):
        hoja.dice(f"{dia}", lambda d=dia: [str(mes_siguiente(d)), *map(str, tramos_de(d))])
    hora = timedelta(hours=1)
    for cuanto in (
        -hora, timedelta(), hora - UN_INSTANTE, hora, 48 * hora - UN_INSTANTE, 48 * hora,
        72 * hora - UN_INSTANTE, 72 * hora, 366 * 24 * 100 * hora, 366 * 24 * 100 * hora + hora,
        366 * 24 * 100 * hora + 24 * hora,
    ):  # fmt: skip
        hoja.dice(f"plazo de {cuanto}", lambda c=cuanto: plazo(PRIMERA, PRIMERA + c))
    for plazos in ({}, {3: 1}, {1: 1, 5: 1}, {9: 1, 1: 19}, {1: 95, 9: 5}, {1: 94, 9: 6}, {2: 0}):
        hoja.dice(f"{plazos}", lambda p=plazos: [percentil(p, n) for n in (1, 50, 95, 100)])
    for de, entre in (("1", 3), ("2", 3), ("0.00005", 1), ("0.00004", 1), ("1", 0), ("1", None)):
        hoja.dice(f"{de} / {entre}", lambda d=de, e=entre: cociente(hechos(d).valor, e))
    for moneda in ("USD", "JPY", "KWD"):
        vacio, lleno = Grupo("k", moneda), Grupo("k", moneda, 7, 3)
        lleno.sumas.update(
            conversiones=2, valor=1_000_100, devuelto=333_300, pendiente=10_000, retenida=20_000,
            aprobada=40_000, programada=80_000, pagada=160_000, cerrada=7, rechazada=1_000_000,
            anulada=1_000_000, ajustado=5_000,
        )  # fmt: skip
        lleno.plazos.update({1: 3, 48: 1})
        for grupo in (vacio, lleno):
            hoja.dice(f"grupo en {moneda}", lambda g=grupo: [
                g.neta, g.importe("valor"), g.conversiones, g.cr, g.aov, g.tasa_devolucion,
                g.epc(), g.epc(100), g.mediana, g.p95,
            ])  # fmt: skip
    for zona in ("America/Bogota", "Asia/Tokyo", "UTC", "No/Hay", "", "../x"):
        hoja.dice(f"«{zona}»", lambda z=zona: [es_zona(z), str(dia_en(z, PRIMERA)), str(dia_en(
            z, datetime.max.replace(tzinfo=UTC)
        )), str(dia_en(z, datetime.min.replace(tzinfo=UTC)))])  # fmt: skip
