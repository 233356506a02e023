"""What is kept counted and measured, all of it, and what is read of it; and what the checks say."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import transaction

from alpespartner.comun.invariantes import Comprobacion
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.comision.models import Comision
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.invariantes import COMPROBACIONES as DE_CONTADORES
from comisiones.contadores.libro import TABLAS
from comisiones.contadores.mayores import los_que_mas_cambian, los_que_mas_ganan
from comisiones.contadores.meses import (
    debido_a,
    en_revision_y_pago,
    estan_enteros,
    por_meses,
    por_vencer,
    ultimos_meses,
)
from comisiones.contadores.models import Contada, Contador, Recuento
from comisiones.contadores.reconstruccion import reconstruir as recontar
from comisiones.contadores.selectors import celdas
from comisiones.contadores.services import anotar_hasta, contar, sumar_lo_contado
from comisiones.contadores.tablas import COMISIONES, VENTAS, Casilla, Dicho, Tabla, en_rango, mes
from comisiones.metricas import informe as informes
from comisiones.metricas import selectors as metricas
from comisiones.metricas.consumidor import METRICAS
from comisiones.metricas.informe import a_csv, informe
from comisiones.metricas.invariantes import COMPROBACIONES as DE_METRICAS
from comisiones.metricas.models import Cifra, Medida, Remedicion
from comisiones.metricas.reconstruccion import reconstruir as remedir
from comisiones.metricas.selectors import Agrupar, Peticion, grupos
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.revision.services import (
    anular_comision,
    aprobar_comision,
    rechazar_comision,
    retener_comision,
)
from conversiones.campanas.models import Campana
from conversiones.rastreo.models import ClicsDeTramo
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.services import rechazar_conversion
from outbox.entrega import entregar
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS
from tests.relatos.relato import INICIO, Relato
from tests.relatos.test_verificar import borra, cambia

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal
MAYO = datetime(2026, 5, 1, tzinfo=UTC)
UN_INSTANTE = timedelta(microseconds=1)


# Keys of rows in what a check says: of a row, of a counter, of figures, of what a row adds.
_CLAVE = re.compile(
    r"(?<=\bcomision )\d+(?=:)|(?<=\['campana', )\d+|(?<=\['afiliado', )\d+"
    r"|(?<=\['en:)\d+', \d+|(?<=campana=)\d+|(?<=afiliado=)\d+"
)
_DE_CIFRAS = re.compile(r"(?<=Cifra \[)\d+, \d+")


def _sin_claves(falta: str) -> str:
    dicho = _CLAVE.sub("#", falta)
    return _DE_CIFRAS.sub(lambda h: re.sub(r"[1-9]\d*", "#", h[0]), dicho)


def dicen(
    relato: Relato, que: str, hacer: Callable[[], object], de: Sequence[Comprobacion]
) -> None:
    """Spoil something, tell what some checks say, and put it back."""
    relato.lineas += ["", f"== {que}"]
    with transaction.atomic():
        hacer()
        for comprobacion in de:
            for falta in sorted(map(_sin_claves, comprobacion.filas())):
                relato.lineas.append(relato._limpio(f"   {comprobacion.nombre}: {falta}"))
        transaction.set_rollback(True)


class Programa:
    """Two campaigns, in two currencies and zones, and two affiliates; what happened in March, in
    the last instant of April and in May."""

    def __init__(self, relato: Relato) -> None:
        self.relato = relato
        self.dolares = fabricas.campana(zona="America/Bogota", dias_retencion=30)
        self.yenes = fabricas.campana(moneda="JPY", zona="Asia/Tokyo")
        self.ada = fabricas.afiliado(nombre="Ada")
        self.eva = fabricas.afiliado(nombre="Eva", email="e@example.com", comision_base=D("7.5"))
        self.nombres = {
            **{("campana", c.pk): n for c, n in ((self.dolares, "USD"), (self.yenes, "JPY"))},
            **{("afiliado", a.pk): a.nombre for a in (self.ada, self.eva)},
        }
        marzo, abril = INICIO, MAYO - UN_INSTANTE
        # Midnight of neither zone.
        self.una = self.vende(marzo, self.dolares, self.ada, "100.10", canal_origen="blog")
        self.otra = self.vende(marzo, self.dolares, self.eva, "40.05")
        self.tercera = self.vende(marzo + timedelta(hours=14), self.dolares, self.ada, "20")
        self.yen = self.vende(marzo + timedelta(hours=7), self.yenes, self.eva, "999")
        self.nada = self.vende(marzo, self.yenes, self.ada, "500")
        with self.en(marzo + timedelta(hours=30)):
            aprobar_comision(comision=self.una, actor=LUIS)
            aprobar_comision(comision=self.yen, actor=LUIS)
            retener_comision(comision=self.tercera, actor=LUIS, motivo="m")
            rechazar_conversion(conversion=self.nada.conversion, actor=LUIS, motivo="m")
            anular_comision(comision=self.nada, actor=LUIS, motivo="m")
        with self.en(abril):
            aprobar_comision(comision=self.otra, actor=LUIS)
            self.devuelve(self.una, "10.01")
            self.paga(self.una, self.yen)
        with self.en(MAYO):
            self.devuelve(self.una, "50.05")
            quita = crear_ajuste(
                afiliado=self.eva, tipo="clawback", monto=D(-7), moneda="JPY", motivo="m",
                actor=ANA, comision=self.yen,
            )  # fmt: skip
            bono = crear_ajuste(
                afiliado=self.eva, tipo="bono", monto=D("3.33"), moneda="USD", motivo="m", actor=ANA
            )
            for ajuste in (quita, bono):
                aprobar_ajuste(ajuste=ajuste, actor=LUIS)
            for pago in self.pagos[1:]:
                resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("devuelto"), actor=PRUEBAS)
            self.pendiente = self.vende(MAYO, self.dolares, self.eva, "10", canal_origen="=1+1")

    def en(self, cuando: datetime) -> Any:
        return time_machine.travel(cuando, tick=False)

    def vende(self, cuando: datetime, en: Any, de: Any, valor: str, **datos: Any) -> Comision:
        with self.en(cuando):
            return fabricas.comision(en=en, de=de, valor=valor, ocurrida_en=cuando, **datos)

    def devuelve(self, cual: Comision, monto: str) -> None:
        datos = Devolucion(id_externo=f"d-{monto}", monto=D(monto))
        devolver(conversion=cual.conversion, datos=datos, actor=PRUEBAS)
        aplicar_devoluciones(conversiones_ids=[cual.conversion.id_publico], actor=PRUEBAS)

    def paga(self, *cuales: Comision) -> None:
        ids = [c.id_publico for c in cuales]
        Comision.objects.filter(id_publico__in=ids).update(madura_en=INICIO)
        self.pagos = sorted(programar_pagos(comisiones_ids=ids, actor=PRUEBAS), key=lambda p: p.pk)
        for pago in self.pagos:
            ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)

    def ajusta(self, cual: Comision) -> None:
        nuevo = crear_ajuste(
            afiliado=cual.afiliado, tipo="clawback", monto=D(-1), moneda=cual.moneda, motivo="m",
            actor=ANA, comision=cual,
        )  # fmt: skip
        aprobar_ajuste(ajuste=nuevo, actor=LUIS)

    def quien(self, corte: str, cual: int) -> str:
        return self.nombres.get((corte, cual), str(cual))

    def cuentan(self, de: str = "") -> None:
        """Every counter that is not nothing."""
        filas = Contador.objects.filter(de__startswith=de).exclude(cuantas=0, importe=0)
        for dicho in sorted(
            [f.de, *self._corte(f), f.mes, f.estado, f.moneda, f.cuantas, f.importe] for f in filas
        ):
            self.relato.dice("cuenta", dicho)

    def _corte(self, fila: Contador) -> list[str]:
        corte, _dos_puntos, campana = fila.corte.partition(":")
        suyo = f"en:{self.quien('campana', int(campana))}" if campana else corte
        return [suyo, self.quien("afiliado" if campana else corte, fila.quien)]

    def miden(self) -> None:
        """Every figure that is not nothing."""
        llave = ["grano", "desde", "canal", "moneda"]
        sumas = [c.name for c in Cifra._meta.concrete_fields if c.name not in (
            "campana", "afiliado", *llave,
        )]  # fmt: skip
        for dicho in sorted(
            [
                self.quien("campana", f.campana), self.quien("afiliado", f.afiliado),
                *(str(getattr(f, c)) for c in llave),
                *(f"{c} {getattr(f, c)}" for c in sumas if getattr(f, c)),
            ]
            for f in Cifra.objects.all()
            if any(getattr(f, c) for c in sumas)
        ):  # fmt: skip
            self.relato.dice("Cifra", dicho)


@pytest.fixture
def programa(relato: Relato, pasarela: Any, settings: Any) -> Programa:
    settings.PAGOS_AUTOMATICOS = False
    return Programa(relato)


def test_contadores(relato: Relato, programa: Programa, monkeypatch: Any) -> None:
    """Each counter, and what is read of them: of everybody, a campaign and an affiliate."""
    entregar(CONTADORES)
    programa.cuentan()
    ada, eva, dolares, yenes = programa.ada, programa.eva, programa.dolares, programa.yenes
    meses = ultimos_meses(3, MAYO)
    relato.dice("meses", [meses, ultimos_meses(13, INICIO)])
    cortes = [("", 0, "todo")] + [(c, pk, n) for (c, pk), n in programa.nombres.items()]
    for corte, cual, nombre in cortes:
        for suyo in por_meses(corte, cual, meses):
            relato.dice(f"{nombre} {suyo.moneda}", asdict(suyo))
            relato.dice("saldos", [suyo.siempre.saldo, *(m.saldo for m in suyo.meses.values())])
            relato.dice("del año", [asdict(suyo.del_ano(2026)), asdict(suyo.del_ano(2025))])
        relato.dice(f"{nombre} por estado", en_revision_y_pago(corte, cual))
    relato.dice("debido", sorted(debido_a([ada.pk, eva.pk])))
    relato.dice("debido a Ada", sorted(debido_a([ada.pk])))
    relato.dice("por vencer", por_vencer(["aprobada", "pendiente", "retenida"]))
    for campana, moneda in ((dolares, "USD"), (yenes, "JPY"), (dolares, "JPY")):
        for cuantos in (1, 9):
            ganan = los_que_mas_ganan(campana.pk, moneda, cuantos)
            relato.dice(
                f"ganan {cuantos}",
                [[programa.quien("afiliado", g.afiliado), g.moneda, g.ganado] for g in ganan],
            )
    for antes, ahora in ((202603, 202604), (202604, 202605), (202601, 202602)):
        for uno in los_que_mas_cambian(antes, ahora, 5):
            dichos = [
                [[programa.quien("afiliado", c.afiliado), c.antes, c.ahora, c.diferencia]
                 for c in unos]
                for unos in (uno.suben, uno.bajan)
            ]  # fmt: skip
            relato.dice(f"cambian {uno.moneda}", [*dichos, uno.seguro])
    conjuntos: list[list[dict[str, Any]]] = [
        [{}], [{"estado": "pagada"}], [{"moneda": "USD", "estado": "pendiente"}],
        [{"campana_id": dolares.pk}], [{"afiliado_id": eva.pk, "moneda": "JPY"}],
        [{"afiliado_id": eva.pk}, {"afiliado_id": ada.pk}],
        [{"estado": "pendiente"}, {"moneda": "USD"}], [{"otra": 1}],
        [{"campana_id": dolares.pk, "afiliado_id": eva.pk}],
    ]  # fmt: skip
    for tabla in (COMISIONES, VENTAS):
        for unos in conjuntos:
            hay = celdas(tabla, unos)
            dicho = None if hay is None else sorted(
                [c.estado, c.moneda, c.cuantas, c.suma] for c in hay
            )  # fmt: skip
            relato.dice(f"celdas {sorted(unos[0])}", dicho)


def test_contar_otra_vez(relato: Relato, programa: Programa) -> None:
    """Of some rows, of one that went, of nothing; all anew, cut and as it was; what was noted."""
    entregar(CONTADORES)
    antes = sorted(Contador.objects.values_list("de", *Casilla._fields, "cuantas", "importe"))

    def dice_si_es_lo_mismo(que: str) -> None:
        filas = Contador.objects.exclude(cuantas=0, importe=0)
        ahora = sorted(filas.values_list("de", *Casilla._fields, "cuantas", "importe"))
        relato.dice(que, ahora == [fila for fila in antes if any(fila[-2:])])

    contar(COMISIONES, [programa.una.pk, programa.otra.pk, 10**9])
    dice_si_es_lo_mismo("otra vez")
    for tabla in TABLAS:
        sumar_lo_contado(tabla)
    dice_si_es_lo_mismo("sumado otra vez")
    relato.dice("filas", sum(n for _tabla, n in recontar()))
    dice_si_es_lo_mismo("contado otra vez")
    relato.dice("enteros", estan_enteros())
    Recuento.objects.filter(de="libro").update(rehecho_hasta=5)
    relato.dice("a medias", estan_enteros())
    Recuento.objects.update(rehecho_hasta=None)
    for posicion in (7, 6, 8):
        Recuento.objects.filter(de="comision").update(hasta=7)
        anotar_hasta(COMISIONES, posicion)
        relato.dice("hasta", Recuento.objects.get(de="comision").hasta)
    for valor in (2**63, -(2**63), 3, None, "x", D(1)):
        relato.dice(f"{valor} cabe", en_rango(valor))
    for cuando in (MAYO, MAYO - UN_INSTANTE, datetime(2026, 1, 2), date(2026, 1, 2), None):  # noqa: DTZ001
        relato.dice(f"mes de {cuando}", mes(cuando))
    tabla = Tabla("t", Comision, "monto", (), por_mes=("afiliado",))
    for dicho in (Dicho("e", "USD", 1, 2, 3, 202603), Dicho("e", "USD", 0, 0, 3), Dicho(
        "e", "USD", 1, 2, 3
    )):  # fmt: skip
        relato.dice("casillas", [list(c) for c in tabla.casillas(dicho)])


def test_metricas(relato: Relato, programa: Programa) -> None:
    """Each figure, and each report: by everything, limited and not."""
    entregar(METRICAS)
    programa.miden()
    for campana, afiliado, grano, dia, clics, unicos in (
        (0, 0, "m", date(2026, 3, 1), 7, 3), (0, 0, "d", date(2026, 3, 10), 7, 3),
        (programa.dolares.pk, 0, "m", date(2026, 3, 1), 7, 3),
        (0, programa.ada.pk, "m", date(2026, 3, 1), 4, 2),
        (0, programa.eva.pk, "m", date(2026, 3, 1), 0, 2),
    ):  # fmt: skip
        ClicsDeTramo.objects.create(
            campana=campana, afiliado=afiliado, grano=grano, desde=dia, moneda="USD", clics=clics,
            unicos=unicos,
        )  # fmt: skip
    # Made before, and last in the order of their public ids.
    Campana.objects.filter(pk=programa.dolares.pk).update(id_publico="camp_z")
    type(programa.ada).objects.filter(pk=programa.ada.pk).update(id_publico="af_z")
    todo: dict[str, Any] = {"desde": date(2026, 3, 1), "hasta": date(2026, 5, 31)}
    for agrupar in Agrupar.values:
        suyo = informe(Peticion(agrupar=agrupar, **todo), "zona")
        for grupo in suyo.grupos:
            relato.dice(agrupar, grupo)
    relato.lineas += a_csv(informe(Peticion(agrupar="canal", **todo), "=zona")).splitlines()
    limites: tuple[dict[str, Any], ...] = (
        {"campana": programa.dolares.pk}, {"afiliado": programa.eva.pk},
        {"campana": programa.dolares.pk, "afiliado": programa.ada.pk}, {"canal": "blog"},
        {"canal": ""}, {"moneda": "JPY"},
        {"desde": date(2026, 3, 10), "hasta": date(2026, 3, 10)},
        {"desde": date(2026, 3, 11), "hasta": date(2026, 4, 30)},
        {"desde": date(2026, 3, 2), "hasta": date(2026, 5, 1)},
    )  # fmt: skip
    for limite in limites:
        for agrupar in ("total", "campana", "afiliado"):
            peticion = Peticion(**{**todo, "agrupar": agrupar, **limite})
            relato.dice(f"{agrupar} de {sorted(limite)}", [
                [g["clave"], g["moneda"], g["conversiones"], g["clics"], g["comision"]["neta"],
                 g["horas_aprobacion"]["p95"]]
                for g in informe(peticion, "").grupos
            ])  # fmt: skip
    relato.dice(
        "sin clics", [[str(g.clave), g.clics, dict(g.plazos)] for g in grupos(
            Peticion(agrupar="total", **todo), enteros=False
        )],
    )  # fmt: skip
    juntos = metricas.juntar(grupos(Peticion(agrupar="mes", moneda="USD", **todo)), "k", "USD")
    relato.dice("juntos", [
        juntos.clave, juntos.moneda, juntos.clics, juntos.unicos, juntos.neta, juntos.aov,
        juntos.cr, juntos.tasa_devolucion, juntos.epc(), juntos.epc(100), juntos.mediana,
        dict(juntos.plazos),
    ])  # fmt: skip


def test_metricas_rehusa(relato: Relato, programa: Programa, monkeypatch: Any) -> None:
    """Days the wrong way round, too many of them or of groups, and while all is made anew."""
    entregar(METRICAS)
    desde = date(2026, 3, 1)
    dos_anos = desde + timedelta(days=730)

    def pide(que: str, **datos: Any) -> None:
        relato.paso(que, lambda: relato.dice("n", len(grupos(Peticion(**datos)))))

    relato.empezar()
    pide("Al revés", desde=desde, hasta=desde - timedelta(days=1))
    pide("Un día", desde=desde, hasta=desde)
    pide("Dos años y uno bisiesto", desde=desde, hasta=dos_anos)
    pide("Un día más", desde=desde, hasta=dos_anos + timedelta(days=1))
    for maximo in (3, 4):
        monkeypatch.setattr(metricas, "MAX_GRUPOS", maximo)
        pide(f"Hasta {maximo} grupos", desde=desde, hasta=dos_anos, agrupar="afiliado")
    en = programa.yenes
    relato.dice("zonas", [
        metricas.zona_de(en, Campana.objects.none()), metricas.zona_de(None, Campana.objects.all()),
        metricas.zona_de(None, Campana.objects.none()),
    ])  # fmt: skip
    for campana in (None, programa.dolares, en):
        for dias in ((None, None), (desde, None), (None, desde), (desde, desde)):
            relato.dice("días", [str(d) for d in metricas.ultimos_dias(campana, *dias)])
    for hasta in (desde, desde + timedelta(days=9)):
        suyos = metricas.anterior(Peticion(desde=desde, hasta=hasta))
        relato.dice("antes", [str(d) for d in suyos])
    Remedicion.objects.create(de="venta")
    pide("A medias", desde=desde, hasta=desde)
    monkeypatch.setattr(informes, "_POR_CONSULTA", 1)
    Remedicion.objects.all().delete()
    claves = informes._claves("afiliado", [programa.ada.pk, programa.eva.pk])
    relato.dice("claves", sorted(claves.values()))


def test_remedir(relato: Relato, programa: Programa) -> None:
    """All anew is as it was, twice too; cut, it is told and goes on."""
    entregar(METRICAS)

    def todas() -> list[Any]:
        campos = [c.name for c in Cifra._meta.concrete_fields]
        cifras = Cifra.objects.values_list(*campos)
        # The sums and the hours come last.
        return [sorted(f for f in cifras if any(f[6:])), Medida.objects.count()]

    antes = todas()
    # Of no day of any link.
    ClicsDeTramo.objects.create(
        campana=0, afiliado=0, grano="d", desde=date(2026, 3, 1), moneda="USD", clics=7, unicos=3
    )
    relato.dice("remedidas", [f"{m.nombre} {n}" for m, n in remedir()])
    relato.dice("igual", todas() == antes)
    relato.dice("clics", ClicsDeTramo.objects.count())
    pasos = remedir()
    relato.dice("una", str(next(pasos)[1]))
    pasos.close()
    relato.dice("va por", [[r.de, r.hasta > 0] for r in Remedicion.objects.order_by("de")])
    relato.dice("sigue", [f"{m.nombre} {n}" for m, n in remedir()])
    relato.dice("igual", todas() == antes)


def test_verifica_cifras(relato: Relato, programa: Programa) -> None:
    """What each check of the counters and the figures says, one thing spoilt at a time."""
    entregar(CONTADORES)
    entregar(METRICAS)
    una = programa.una.pk
    contador = {"de": "comision", "corte": "", "mes": 0, "estado": "pagada", "moneda": "USD"}
    contada = {"de": "comision", "fila": una}
    casos: list[tuple[str, Callable[[], object]]] = [
        ("Como está", lambda: None),
        ("Un contador cuenta de más", cambia(Contador, contador, cuantas=9)),
        ("O suma de más", cambia(Contador, contador, importe=9)),
        ("O falta", borra(Contador, **contador)),
        ("O sobra", lambda: Contador.objects.create(
            de="conversion", corte="", quien=0, estado="x", moneda="USD", cuantas=1, importe=0
        )),
        ("Una fila, de otro estado", cambia(Contada, contada, estado="retenida")),
        ("Otro recuento a medias no la calla", lambda: (
            cambia(Contada, contada, estado="retenida")(),
            Recuento.objects.update_or_create(de="libro", defaults={"rehecho_hasta": 3}),
        )),
        ("El suyo sí", lambda: (
            cambia(Contada, contada, importe=1)(),
            Recuento.objects.update_or_create(de="comision", defaults={"rehecho_hasta": 0}),
        )),
        ("Una fila sin contar", borra(Contada, **contada)),
    ]  # fmt: skip
    for que, hacer in casos:
        dicen(relato, que, hacer, [c for c in DE_CONTADORES])
    cifra = {"campana": 0, "afiliado": 0, "grano": "m", "desde": date(2026, 3, 1), "canal": ""}
    ultimo = {**cifra, "desde": date(2026, 4, 1), "canal": "=1+1", "moneda": "USD"}
    en_dolares = {**cifra, "moneda": "USD"}
    medida = {"de": "comision", "fila": una}
    otros: list[tuple[str, Callable[[], object]]] = [
        ("Como está", lambda: None),
        ("Una cifra dice de más", cambia(Cifra, en_dolares, valor=1)),
        ("O falta", borra(Cifra, **en_dolares)),
        ("La del último mes", cambia(Cifra, ultimo, valor=1)),
        ("Un plazo", cambia(Cifra, {**cifra, "moneda": "JPY"}, plazos="0,9")),
        ("Una fila se mide de otra manera", cambia(Medida, medida, plazo=5)),
        ("O no se mide", borra(Medida, **medida)),
        ("Va en camino un ajuste de otra", lambda: (
            borra(Medida, **medida)(), programa.ajusta(programa.yen),
        )),
        ("Va en camino uno suyo", lambda: (
            borra(Medida, **medida)(), programa.ajusta(programa.una),
        )),
        ("A medias", lambda: (
            borra(Medida, **medida)(), Remedicion.objects.create(de="comision", hasta=4),
        )),
    ]  # fmt: skip
    for que, hacer in otros:
        dicen(relato, que, hacer, [c for c in DE_METRICAS if c.aviso or c.a_peticion])


def test_despues_de_rechazar(relato: Relato, programa: Programa) -> None:
    """What is not told yet is on its way: the checks wait for it, and then it is counted."""
    entregar(CONTADORES)
    entregar(METRICAS)
    rechazar_comision(comision=programa.tercera, actor=LUIS, motivo="m")
    checks = [*DE_CONTADORES, *(c for c in DE_METRICAS if c.aviso or c.a_peticion)]
    dicen(relato, "En camino", lambda: None, checks)
    entregar(CONTADORES)
    entregar(METRICAS)
    dicen(relato, "Contado", lambda: None, checks)
    relato.dice("por estado", en_revision_y_pago("afiliado", programa.ada.pk))
