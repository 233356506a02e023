"""Budgets, step by step: whose turn it is, what is given back, what is counted anew, what waits."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afiliados.afiliado.services import suspender_afiliado
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.comision.models import Comision
from comisiones.pagos.pago.services import programar_pagos
from comisiones.presupuesto import services
from comisiones.presupuesto.invariantes import COMPROBACIONES
from comisiones.presupuesto.selectors import gasta, gastado_de
from comisiones.revision import espera_sitio
from comisiones.revision.services import rechazar_comision, retener_comision
from conversiones.campanas.models import Campana, PresupuestoCampana
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def por_hacer(venta: Conversion, monto: str, nivel: int = 1, **datos: Any) -> Comision:
    """A commission that is about to be written."""
    valores = {"moneda": venta.campana.moneda, "estado": "pendiente", **datos}
    return Comision(conversion=venta, campana=venta.campana, monto=D(monto), nivel=nivel, **valores)


def dichas(comisiones: Any) -> list[str]:
    return [f"{c.conversion.referencia_externa} nivel {c.nivel} {c.monto}" for c in comisiones]


def test_sitio_por_turnos(relato: Relato) -> None:
    """The sale that occurred first; of those of an instant, the first one told; of one, whoever
    sold before whoever referred. Of two campaigns, each its own."""
    de = fabricas.afiliado()
    en, otra = fabricas.campana(presupuesto=D(10)), fabricas.campana(presupuesto=D("0.05"))
    libre = fabricas.campana()
    ahora = timezone.now()

    def vender(referencia: str, donde: Campana, horas: int) -> Conversion:
        cuando = ahora - timedelta(hours=horas)
        return fabricas.conversion(
            de=de, en=donde, referencia_externa=referencia, ocurrida_en=cuando
        )

    tarde, una, misma = vender("tarde", en, 1), vender("una", en, 2), vender("misma", en, 2)
    ajena, sin = vender("ajena", otra, 3), vender("sin", libre, 3)
    relato.empezar()

    def apartar(*cuales: Comision) -> None:
        relato.dice("sin sitio", dichas(services.apartar(cuales)))
        relato.dice("esperan", dichas(c for c in cuales if c.motivo_retencion))

    relato.paso("La primera se lo lleva", lambda: apartar(
        por_hacer(tarde, "4"), por_hacer(misma, "3", 2), por_hacer(misma, "3"),
        por_hacer(una, "3", 2), por_hacer(una, "3"), por_hacer(ajena, "0.05"),
        por_hacer(sin, "99"),
    ))  # fmt: skip
    relato.paso("Justo", lambda: apartar(por_hacer(una, "1.01"), por_hacer(tarde, "1")))
    relato.paso("Ni un céntimo", lambda: apartar(por_hacer(una, "0.01"), por_hacer(ajena, "0.01")))
    relato.paso("Lo que no gasta", lambda: apartar(
        por_hacer(una, "0"), por_hacer(una, "9", moneda="EUR"),
        por_hacer(una, "9", motivo_retencion="sin_regla"),
    ))  # fmt: skip
    Campana.objects.filter(pk=otra.pk).update(presupuesto=None)
    relato.paso("Ya sin límite", lambda: apartar(por_hacer(ajena, "1000")))


def test_lo_que_se_suelta(relato: Relato) -> None:
    """What counted is given back, once for each campaign; what did not, makes it be looked at."""
    de = fabricas.afiliado()
    en, otra = fabricas.campana(presupuesto=D(30)), fabricas.campana(presupuesto=D(20))
    libre = fabricas.campana()
    una, dos, retenida, ajena, sin = (
        fabricas.comision(de=de, en=donde, valor=valor)
        for donde, valor in (
            (en, "100.10"), (en, "50"), (en, "33.30"), (otra, "70"), (libre, "10"),
        )
    )  # fmt: skip
    euros = fabricas.comision(de=de, en=en, valor="10", moneda="EUR")
    espera = fabricas.comision(de=de, en=en, valor="900")
    retener_comision(comision=retenida, actor=ANA, motivo="m")
    Comision.objects.filter(pk=dos.pk).update(estado="anulada")
    PresupuestoCampana.objects.update(hay_sitio=False)
    todas = list(Comision.objects.select_related("campana", "conversion").order_by("pk"))
    for comision in todas:
        relato.dice(f"gasta {comision.monto} {comision.moneda}", gasta(comision))
    relato.empezar()
    relato.dice("suyas", [[c.monto, monto] for c, monto in services.por_soltar(todas)])
    quitas = [(c, D(n)) for c, n in ((una, 1), (ajena, 2), (una, "0.50"), (euros, 4), (sin, 8))]
    relato.paso("Se sueltan", lambda: services.soltar(quitas))
    relato.paso("De lo que espera, nada", lambda: services.soltar([(espera, D(0))]))
    relato.paso("Ni de nadie", lambda: services.soltar([]))
    PresupuestoCampana.objects.filter(campana=en).update(contado_desde=None)
    relato.empezar()
    relato.paso("Quien acaba de contar ya lo sabe", lambda: services.soltar(quitas[:1]))
    relato.paso("Y luego no", lambda: services.soltar(quitas[:1]))


def test_recuento(relato: Relato, monkeypatch: Any) -> None:
    """At its time and not before, as many as were asked for; one that cannot be counted stops
    nobody. Who has more room, and who has none."""
    de = fabricas.afiliado()
    una, mala, otra = (fabricas.campana(presupuesto=D(30)) for _ in range(3))
    sin, acabada = fabricas.campana(), fabricas.campana(presupuesto=D(30))
    for en in (una, mala, otra):
        fabricas.comision(de=de, en=en)
    services.tomar_presupuesto(acabada.pk)
    Campana.objects.filter(pk=acabada.pk).update(presupuesto=None)
    PresupuestoCampana.objects.filter(campana=otra).update(gastado=D(3))
    relato.empezar()
    original = services.gastado_de

    def contar(campana: Campana) -> Decimal:
        if campana == mala:
            raise RuntimeError("no se puede")
        return original(campana)

    monkeypatch.setattr(services, "gastado_de", contar)

    def recontar(**cuantos: int) -> None:
        relato.dice("contados", services.recontar(ahora=timezone.now(), **cuantos))

    relato.paso("Un segundo antes", recontar, segundos=599)
    relato.paso("A su hora, uno", lambda: recontar(limite=1), segundos=1)
    relato.paso("Y los demás", recontar)
    relato.paso("Otra vez el malo", recontar)
    PresupuestoCampana.objects.update(hay_sitio=False)
    relato.empezar()
    ids = [c.id_publico for c in (una, sin, acabada)]
    relato.paso("Más sitio", lambda: services.hay_mas_sitio(campanas_ids=[*ids, "camp_x"]))
    for _vez in range(2):
        relato.paso("Nada cabe", lambda: services.nada_cabe(
            PresupuestoCampana.objects.get(campana=una)
        ))  # fmt: skip
    for campanas in ([otra, sin, una], [sin], []):
        with CaptureQueriesContext(connection) as consultas:
            services.tomar_presupuestos(campanas)
        relato.dice("tomados", len(consultas))
    [dicha] = [c["sql"] for c in _consultas(lambda: services.tomar_presupuestos([otra, una]))]
    assert f'ORDER BY "{PresupuestoCampana._meta.db_table}"."campana_id"' in dicha
    assert {str(otra.pk), str(una.pk)} <= set(re.findall(r"\d+", dicha.partition(" IN ")[2]))


def _consultas(hacer: Any) -> list[dict[str, str]]:
    with CaptureQueriesContext(connection) as consultas:
        hacer()
    return list(consultas)


def test_gastado(relato: Relato) -> None:
    """Beside what counts, what does not: another campaign, another currency, what ended, what
    waits; and what was taken of what is in a payment."""
    de = fabricas.afiliado()
    en, otra = fabricas.campana(presupuesto=D(100)), fabricas.campana(presupuesto=D(100))
    pagada = fabricas.aprobada(de=de, en=en, valor="100.10")
    fabricas.comision(de=de, en=otra)
    fabricas.comision(de=de, en=en, moneda="EUR")
    rechazada = fabricas.comision(de=de, en=en, valor="7")
    rechazar_comision(comision=rechazada, actor=ANA, motivo="m")
    espera = fabricas.comision(de=de, en=en, valor="2000")
    relato.dice("espera", espera.motivo_retencion)
    relato.dice("gastado", [gastado_de(en), gastado_de(otra)])
    retener_comision(comision=fabricas.comision(de=de, en=en, valor="3"), actor=ANA, motivo="m")
    relato.dice("también lo retenido", gastado_de(en))
    reducida = fabricas.comision(de=de, en=en, valor="10")
    devolver(
        conversion=reducida.conversion, datos=Devolucion(id_externo="r", monto=D(4)), actor=PRUEBAS
    )
    aplicar_devoluciones(conversiones_ids=[reducida.conversion.id_publico], actor=PRUEBAS)
    relato.dice("y lo que queda de una devuelta", gastado_de(en))
    programar_pagos(comisiones_ids=[pagada.id_publico], actor=PRUEBAS)
    devolver(
        conversion=pagada.conversion, datos=Devolucion(id_externo="d", monto=D("33.37")),
        actor=PRUEBAS,
    )  # fmt: skip
    aplicar_devoluciones(conversiones_ids=[pagada.conversion.id_publico], actor=PRUEBAS)
    relato.dice("menos lo que se quitó", gastado_de(en))
    relato.dice("de nada", gastado_de(fabricas.campana(presupuesto=D(1))))
    [comprobacion] = COMPROBACIONES
    PresupuestoCampana.objects.update(recontar_en=None)
    relato.dice("bien", list(comprobacion.filas()))
    for que, cambios in (
        ("de más", {"gastado": D("12.35")}),
        ("por recontar", {"recontar_en": timezone.now()}),
        ("contado de otro", {"recontar_en": None, "contado_desde": fabricas.hace(days=3)}),
    ):
        PresupuestoCampana.objects.filter(campana=en).update(**cambios)
        relato.dice(que, list(comprobacion.filas()))


def test_lo_que_espera_sitio(relato: Relato, monkeypatch: Any) -> None:
    """The oldest that fits, and the next that does by then; decided meanwhile, or that fails; of
    one that is not active; as many at a time; what a sweep finds."""
    de, parado = fabricas.afiliado(), fabricas.afiliado(email="p@example.com")
    en, otra = fabricas.campana(presupuesto=D(1)), fabricas.campana(presupuesto=D(1))
    fabricas.comision(de=de, en=en, valor="10")
    cinco, _seis, justa, de_parado, _mas = (
        fabricas.comision(de=quien, en=en, valor=valor)
        for quien, valor in (
            (de, "50"), (de, "60"), (de, "49.90"), (parado, "0.20"), (de, "0.30"),
        )
    )  # fmt: skip
    fabricas.comision(de=de, en=otra, valor="30")
    suspender_afiliado(afiliado=parado, actor=ANA, motivo="m")
    Campana.objects.filter(pk=en.pk).update(presupuesto=D("11.06"))
    relato.empezar()

    def liberar(cual: Campana = en) -> None:
        n = espera_sitio.liberar_las_que_caben(campana_pk=cual.pk, actor=PRUEBAS)
        relato.dice("liberadas", n)

    original = espera_sitio._liberar
    falla: dict[int, Exception] = {justa.pk: RuntimeError("x")}

    def con_fallos(pk: int, actor: Any) -> None:
        if pk in falla:
            raise falla[pk]
        original(pk, actor)

    monkeypatch.setattr(espera_sitio, "_liberar", con_fallos)
    relato.paso("Caben dos, y otra falla", liberar)
    falla.clear()
    monkeypatch.setattr(espera_sitio, "POR_VEZ", 1)
    relato.paso("La que falló", liberar)
    relato.paso("Nada más", liberar)
    relato.paso("De otra, tampoco", lambda: liberar(otra))
    Comision.objects.filter(pk=cinco.pk).update(estado="retenida", motivo_retencion="manual")
    relato.empezar()
    relato.paso("Ya la retuvo una persona", lambda: espera_sitio._liberar(cinco.pk, PRUEBAS))
    PresupuestoCampana.objects.update(hay_sitio=True)
    Campana.objects.filter(pk=otra.pk).update(presupuesto=None)
    relato.empezar()
    relato.paso("Un barrido", lambda: relato.dice(
        "liberadas", espera_sitio.barrer_presupuestos(actor=PRUEBAS)
    ))  # fmt: skip
    relato.dice("de quien no está activo", Comision.objects.get(pk=de_parado.pk).motivo_retencion)
