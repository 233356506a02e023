"""A sale that is of another affiliate than it seemed: what it earned goes with it, to the cent."""

from __future__ import annotations

import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import bloquear_afiliado
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.propuestas.errores import ObjetoCambiado
from alpespartner.comun.propuestas.services import confirmar_propuesta, descartar_propuesta
from comisiones.ajustes.invariantes import COMPROBACIONES as DE_AJUSTES
from comisiones.ajustes.models import Ajuste, Reverso
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.comision.models import Comision
from comisiones.libro.models import Asiento
from comisiones.libro.selectors import saldos
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import anular_pago, programar_pagos
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.errores import PagoEnCurso
from comisiones.revision.services import aprobar_comision, rechazar_comision
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.errores import (
    AfiliadoNoAdmitido,
    NoSeAsigna,
    SinAtribuir,
    YaEsSuyo,
)
from conversiones.ventas.informe import atribucion_de
from conversiones.ventas.models import Conversion
from conversiones.ventas.propuestas import proponer_reasignacion
from conversiones.ventas.reasignacion import ensayar_reasignacion, reasignar_conversion
from conversiones.ventas.services import rechazar_conversion
from outbox.consumo import Sobre
from outbox.models import OutboxEvent
from outbox.webhooks.duenos import afiliados_de
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS, problema

pytestmark = pytest.mark.django_db
D = Decimal


class Mundo:
    """Three affiliates, of 10, 7.3 and 5 %, and a sale of 100.10 of the first one."""

    def __init__(self) -> None:
        self.a, self.b, self.c = (
            fabricas.afiliado(
                nombre=n, email=f"{n}@example.com", referencia_externa=n, comision_base=D(p)
            )
            for n, p in (("Ada", "10"), ("Beda", "7.3"), ("Cora", "5"))
        )
        self.en = fabricas.campana(predeterminada=True)
        self.venta = fabricas.conversion(de=self.a, en=self.en, valor="100.10")
        fabricas.calcular(self.venta)

    def suya(self, de: Afiliado) -> Comision:
        return Comision.objects.filter(conversion=self.venta, afiliado=de).order_by("-pk")[0]

    def aprobar(self, de: Afiliado) -> Comision:
        return aprobar_comision(comision=self.suya(de), actor=OTRA)

    def pagar(self, de: Afiliado) -> None:
        [pago] = programar_pagos(comisiones_ids=[self.suya(de).id_publico], actor=PRUEBAS)
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
        assert self.suya(de).estado == "pagada"

    def reasignar(self, a: Afiliado) -> Any:
        return reasignar_conversion(conversion=self.venta, afiliado=a, motivo="m", actor=LUIS)

    def devolver(self, monto: str | None) -> None:
        venta = Conversion.objects.get(pk=self.venta.pk)
        datos = Devolucion(id_externo=f"d{monto}", monto=monto and D(monto))
        devolver(conversion=venta, datos=datos, actor=PRUEBAS)

    def debe(self, *quienes: Afiliado) -> list[Decimal]:
        return [saldos(quien).get("USD", D(0)) for quien in quienes or (self.a, self.b)]

    def todas(self) -> list[tuple[str, str, Decimal, bool | None]]:
        filas = Comision.objects.filter(conversion=self.venta).order_by("pk")
        return [(c.afiliado.nombre, c.estado, c.monto, c.viva) for c in filas]


@pytest.fixture
def m(settings: Any) -> Mundo:
    settings.PAGOS_AUTOMATICOS = False
    return Mundo()


def limpia() -> None:
    """Every invariant holds, once all events were handled."""
    fabricas.entregar_todo()
    call_command("verificar", stdout=io.StringIO())


@pytest.mark.lento
def test_what_is_owed_goes_by_a_mirror_entry_and_is_worked_out_anew(m: Mundo) -> None:
    m.aprobar(m.a)
    assert m.debe() == [D("10.01"), 0]
    borrador = crear_ajuste(
        afiliado=m.a, comision=m.suya(m.a), tipo="bono", monto=D(9), moneda="USD", motivo="m",
        actor=ANA,
    )  # fmt: skip
    m.reasignar(m.b)
    borrador.refresh_from_db()
    assert borrador.estado == "descartado"
    assert m.todas() == [
        ("Ada", "anulada", D("10.01"), None), ("Beda", "pendiente", D("7.31"), True),
    ]  # fmt: skip
    assert m.debe() == [0, 0]
    vieja, nueva = m.suya(m.a), m.suya(m.b)
    assert list(Asiento.objects.order_by("pk").values_list("tipo", "origen")) == [
        ("aprobacion", vieja.id_publico), ("anulacion", vieja.id_publico),
    ]  # fmt: skip
    assert fabricas.eventos_de(m.venta.id_publico)[-1] == "ConversionReasignada"
    assert fabricas.eventos_de(vieja.id_publico)[-1] == "ComisionAnulada"
    assert fabricas.eventos_de(nueva.id_publico) == ["ComisionCalculada"]
    m.aprobar(m.b)
    assert m.debe() == [0, D("7.31")]
    # Its late event, or the same one again, makes no other.
    limpia()
    assert len(m.todas()) == 2


@pytest.mark.lento
def test_there_and_back_again_in_a_scale(m: Mundo) -> None:
    """The same affiliate has two of one sale, and only one of them is in its period."""
    tramos = [{"desde": "0", "hasta": "150", "porcentaje": "1"},
              {"desde": "150", "porcentaje": "20"}]  # fmt: skip
    publicar_version(
        regla=crear_regla(nombre="Escala", campana=m.en, actor=ANA), tipo="escalonada",
        moneda="USD", actor=ANA, vigente_desde=fabricas.hace(days=90),
        condiciones={"modo": "completa", "periodo": "total", "metrica": "valor", "tramos": tramos},
    )  # fmt: skip
    sin = [fabricas.afiliado_sin_tarifa(email=f"s{n}@example.com") for n in range(2)]
    m.venta = fabricas.conversion(de=sin[0], en=m.en)
    fabricas.calcular(m.venta)
    for quien in (sin[1], sin[0]):
        m.reasignar(quien)
    assert [(e, monto, viva) for _n, e, monto, viva in m.todas()] == [
        ("anulada", D(1), None), ("anulada", D(1), None), ("pendiente", D(1), True),
    ]  # fmt: skip
    # The second of 100 passes 150, and no third one was ever there.
    otra = fabricas.calcular(fabricas.conversion(de=sin[0], en=m.en, valor="40"))
    assert otra.monto == D("0.40")
    limpia()


@pytest.mark.lento
def test_what_was_paid_moves_by_a_pair_of_adjustments_and_so_do_its_refunds(m: Mundo) -> None:
    m.aprobar(m.a)
    m.pagar(m.a)
    m.devolver("10")
    # Its event did not come yet: it counts first.
    m.reasignar(m.b)
    assert m.todas() == [("Ada", "pagada", D("10.01"), True)]
    ajustes = Ajuste.objects.order_by("pk").values_list("afiliado__nombre", "tipo", "monto")
    assert list(ajustes) == [
        ("Ada", "reverso", D("-1.00")), ("Ada", "reasignacion", D("-9.01")),
        ("Beda", "reasignacion", D("9.01")),
    ]  # fmt: skip
    assert m.debe() == [D("-10.01"), D("9.01")]
    limpia()
    m.devolver("50.05")
    fabricas.entregar_todo()
    assert m.debe() == [D("-10.01"), D("4.00")]
    # A second time, it is taken from whoever has it by then.
    m.reasignar(m.c)
    m.devolver(None)
    limpia()
    assert m.debe(m.a, m.b, m.c) == [D("-10.01"), 0, 0]
    assert Reverso.objects.filter(comision=m.suya(m.a)).count() == 3


@pytest.mark.lento
def test_what_somebody_adjusted_of_a_paid_one_goes_with_it(m: Mundo) -> None:
    m.aprobar(m.a)
    m.pagar(m.a)
    suyo = crear_ajuste(
        afiliado=m.a, comision=m.suya(m.a), tipo="clawback", monto=D("-4"), moneda="USD",
        motivo="m", actor=ANA,
    )  # fmt: skip
    aprobar_ajuste(ajuste=suyo, actor=LUIS)
    borrador = crear_ajuste(
        afiliado=m.a, comision=m.suya(m.a), tipo="bono", monto=D(9), moneda="USD", motivo="m",
        actor=ANA,
    )  # fmt: skip
    m.reasignar(m.b)
    borrador.refresh_from_db()
    assert borrador.estado == "descartado"
    assert m.debe() == [D("-10.01"), D("6.01")]
    limpia()


@pytest.mark.lento
def test_refunds_that_came_before_count_in_the_new_one_too(m: Mundo) -> None:
    m.aprobar(m.a)
    m.devolver("50.05")
    m.reasignar(m.b)
    assert m.todas() == [
        ("Ada", "anulada", D("5.00"), None), ("Beda", "pendiente", D("3.65"), True),
    ]  # fmt: skip
    m.aprobar(m.b)
    assert m.debe() == [0, D("3.65")]
    m.devolver(None)
    limpia()
    assert m.debe() == [0, 0]
    assert m.todas()[1][1:] == ("anulada", D(0), True)


@pytest.mark.lento
def test_one_on_its_way_waits(m: Mundo) -> None:
    m.aprobar(m.a)
    [pago] = programar_pagos(comisiones_ids=[m.suya(m.a).id_publico], actor=PRUEBAS)
    antes = fabricas.foto()
    with pytest.raises(PagoEnCurso):
        m.reasignar(m.b)
    assert fabricas.foto() == antes
    assert Conversion.objects.get().afiliado == m.a
    anular_pago(pago=pago, actor=ANA, motivo="m")
    m.reasignar(m.b)
    limpia()


@pytest.mark.lento
def test_a_rejected_one_stays_so_and_the_other_earns(m: Mundo) -> None:
    rechazar_comision(comision=m.suya(m.a), actor=ANA, motivo="se la vendió a sí mismo")
    m.reasignar(m.b)
    assert m.todas() == [
        ("Ada", "rechazada", D("10.01"), None), ("Beda", "pendiente", D("7.31"), True),
    ]  # fmt: skip
    limpia()


@pytest.mark.lento
def test_one_that_was_not_calculated_yet(m: Mundo) -> None:
    m.venta = fabricas.conversion(de=m.a, en=m.en)
    m.reasignar(m.b)
    limpia()
    assert m.todas() == [("Beda", "pendiente", D("7.30"), True)]


@pytest.mark.lento
@pytest.mark.parametrize("pagada", [False, True])
def test_the_levels_of_the_network_follow(m: Mundo, pagada: bool) -> None:
    """To whoever is above the other; from whoever nobody takes the place of, it is taken back."""
    publicar_version(
        regla=crear_regla(nombre="Red", campana=None, actor=ANA), tipo="red", actor=ANA,
        vigente_desde=fabricas.hace(days=90),
        condiciones={"porcentajes": ["50", "20"], "suspendido": "omitir"},
    )  # fmt: skip
    arriba, mas, otro = (fabricas.afiliado(email=f"r{n}@example.com", nombre=f"R{n}",
                                           referente=None) for n in range(3))  # fmt: skip
    medio = fabricas.afiliado(email="m@example.com", nombre="Medio", referente=arriba)
    vende = fabricas.afiliado(email="v@example.com", nombre="Vende", referente=medio)
    recibe = fabricas.afiliado(email="x@example.com", nombre="Recibe", referente=otro)
    m.venta = fabricas.conversion(de=vende, en=m.en)
    fabricas.calcular_comisiones(conversiones_ids=[m.venta.id_publico], actor=PRUEBAS)
    suyas = {c.nivel: c for c in Comision.objects.filter(conversion=m.venta)}
    assert sorted(suyas) == [1, 2, 3]
    montos = [suyas[n].monto for n in (1, 2, 3)]
    for comision in suyas.values():
        aprobar_comision(comision=comision, actor=OTRA)
        if pagada:
            [pago] = programar_pagos(comisiones_ids=[comision.id_publico], actor=PRUEBAS)
            ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    m.reasignar(recibe)
    if pagada:
        debido = [-montos[0], -montos[1], -montos[2], montos[0], montos[1]]
        assert m.debe(vende, medio, arriba, recibe, otro) == debido
        assert [v for *_x, v in m.todas()] == [True, True, None]
        # What comes back is taken from those who have it, and nothing from who gave it back.
        m.devolver(None)
        limpia()
        assert m.debe(vende, medio, arriba, recibe, otro) == [*debido[:3], 0, 0]
    else:
        assert m.debe(vende, medio, arriba, recibe, otro, mas) == [0] * 6
        assert [(n, e) for n, e, _m, v in m.todas() if v] == [
            (recibe.nombre, "pendiente"), (otro.nombre, "pendiente"),
        ]  # fmt: skip
        limpia()


def test_what_is_refused(m: Mundo) -> None:
    with pytest.raises(YaEsSuyo):
        m.reasignar(m.a)
    with pytest.raises(AfiliadoNoAdmitido):
        m.reasignar(_cerrado())
    libre = fabricas.sin_atribuir(en=m.en)
    with pytest.raises(SinAtribuir):
        reasignar_conversion(conversion=libre, afiliado=m.b, motivo="m", actor=LUIS)
    rechazar_conversion(conversion=m.venta, actor=ANA, motivo="m")
    with pytest.raises(NoSeAsigna):
        m.reasignar(m.b)


def _cerrado() -> Afiliado:
    return bloquear_afiliado(
        afiliado=fabricas.afiliado(email="z@example.com"), actor=ANA, motivo="m"
    )


@pytest.mark.lento
def test_two_persons_and_what_was_seen(m: Mundo) -> None:
    proponer = {"conversion": m.venta, "afiliado": m.b, "motivo": "lo dijo la tienda"}
    antes = fabricas.foto()
    traslado = ensayar_reasignacion(**proponer, actor=LUIS)
    assert fabricas.foto() == antes
    assert [(x.afiliado, x.monto) for x in (*traslado.pierden, *traslado.ganan)] == [
        ("Ada", D("-10.01")), ("Beda", D("7.31")),
    ]  # fmt: skip
    propuesta = proponer_reasignacion(**proponer, actor=LUIS)
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=propuesta, actor=LUIS)
    m.devolver("1")
    with pytest.raises(ObjetoCambiado):
        confirmar_propuesta(propuesta=propuesta, actor=ANA)
    descartar_propuesta(propuesta=propuesta, actor=LUIS, motivo="m")
    proponer_reasignacion(**proponer, actor=LUIS)
    assert fabricas.confirmar_lo_propuesto() == 1
    # Whoever asked for it does not approve what it earns.
    with pytest.raises(CuatroOjos):
        aprobar_comision(comision=m.suya(m.b), actor=LUIS)
    aprobar_comision(comision=m.suya(m.b), actor=ANA)
    limpia()


def test_by_the_api_each_sees_its_own_side(m: Mundo) -> None:
    ruta = f"/api/v1/conversiones/{m.venta.id_publico}"
    todo = fabricas.api()
    dicho = {"afiliado_id": "Beda", "motivo": "era de Beda y no de Ada"}
    respuesta = todo.enviar(f"{ruta}/reasignar", dicho)
    assert respuesta.status_code == 202, respuesta.content
    assert respuesta.json()["afiliado_id"] is None
    problema(todo.enviar(f"{ruta}/reasignar", dicho), 409, "ya_propuesto")
    assert fabricas.api(["conversiones:asignar"]).enviar(f"{ruta}/reasignar", dicho).status_code \
        == 403  # fmt: skip
    fabricas.confirmar_lo_propuesto()
    problema(todo.enviar(f"{ruta}/reasignar", dicho), 409, "ya_es_suyo")
    contado = todo.get(f"{ruta}/atribucion").json()
    assert (contado["motivo"], contado["afiliado_id"]) == ("reasignada", m.b.id_publico)
    assert [(c["afiliado_id"], c["razon"]) for c in contado["candidatos"]] == [
        (m.b.id_publico, "elegido"), (m.a.id_publico, "reasignada"),
    ]  # fmt: skip
    de_a, de_b = (fabricas.api(
        ["conversiones:leer", "comisiones:leer"], de=quien) for quien in (m.a, m.b))  # fmt: skip
    problema(de_a.get(ruta), 404)
    problema(de_a.get(f"{ruta}/atribucion"), 404)
    problema(de_a.get(f"/commissions/by-conversion/{m.venta.id_publico}"), 404)
    for suyo, ajeno, quien in ((de_a, m.b, m.a), (de_b, m.a, m.b)):
        for pagina in ("/api/v1/conversiones", "/api/v1/comisiones",
                       f"/api/v1/comisiones/{m.suya(quien).id_publico}"):  # fmt: skip
            cuerpo = suyo.get(pagina).content.decode()
            assert ajeno.id_publico not in cuerpo
            assert ajeno.nombre not in cuerpo
    assert m.a.id_publico not in de_b.get(f"{ruta}/atribucion").content.decode()


def test_no_event_tells_an_affiliate_of_the_other(m: Mundo) -> None:
    m.aprobar(m.a)
    m.pagar(m.a)
    m.reasignar(m.b)
    eventos = [
        Sobre(e.evento_id, e.type, e.aggregateid, e.payload)
        for e in OutboxEvent.objects.order_by("posicion")
    ]
    de_quien = afiliados_de(eventos)
    a, b = m.a.id_publico, m.b.id_publico
    contados = [(de_quien[e.id], json.dumps(e.datos)) for e in eventos if e.id in de_quien]
    assert contados
    for quien, datos in contados:
        assert (b if quien == a else a) not in datos
    assert not {"ConversionReasignada", "AjusteContabilizado"} & {
        e.tipo for e in eventos if e.id in de_quien
    }
    # The registration was the first one's, and stays so for whoever asks for it again.
    assert de_quien[eventos[[e.tipo for e in eventos].index("ConversionRegistrada")].id] == a


@pytest.mark.lento
def test_the_attribution_that_was_decided_is_kept(m: Mundo) -> None:
    enlace = fabricas.enlace(de=m.a, en=fabricas.campana(pagina="https://tienda.example/"))
    venta = fabricas.sin_atribuir(en=enlace.campana, clic_id=fabricas.clic(enlace).id_publico)
    assert venta.afiliado == m.a
    m.venta = venta
    m.reasignar(m.b)
    m.reasignar(m.a)
    suya = Conversion.objects.get(pk=venta.pk)
    assert [(c["afiliado_id"], c["por"], c["razon"]) for c in atribucion_de(suya)["candidatos"]] \
        == [
            (m.a.id_publico, "reasignada", "elegido"),
            (m.b.id_publico, "explicito", "reasignada"),
            (m.a.id_publico, "clic", "reasignada"),
        ]  # fmt: skip
    limpia()


def test_what_always_holds_says_so_when_it_does_not(m: Mundo) -> None:
    m.aprobar(m.a)
    m.pagar(m.a)
    m.reasignar(m.b)

    def dicho() -> list[str]:
        return [fila for c in DE_AJUSTES for fila in c.filas()]

    assert dicho() == []
    suya = m.suya(m.a)
    Ajuste.objects.filter(afiliado=m.b).update(monto=D("9.99"))
    assert dicho() == [f"{suya.id_publico}: sus traspasos suman -0.0200"]
    Ajuste.objects.filter(afiliado=m.b).update(monto=D("10.02"))
    Comision.objects.update(viva=None)
    assert dicho() == [f"{suya.id_publico}: sus traspasos suman 0.0100"]
    Ajuste.objects.filter(afiliado=m.b).update(monto=D("10.01"))
    Comision.objects.update(estado="aprobada")
    assert dicho() == [f"{suya.id_publico}: está aprobada y su venta es de otro"]
    Comision.objects.update(viva=True)
    assert dicho() == [f"{suya.id_publico}: es de quien no vendió"]
