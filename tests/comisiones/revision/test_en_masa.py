"""Many commissions decided at once: what was confirmed and nothing else, in few statements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afiliados.afiliado.services import suspender_afiliado
from alpespartner.comun.acceso.errores import FaltaPresencia
from alpespartner.comun.actores import Presencia, persona
from alpespartner.comun.errores import FaltaMotivo, TransicionInvalida
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.libro.models import Apunte, Asiento
from comisiones.models import DecisionEnMasa, LineaEnMasa
from comisiones.revision import avance, en_masa, pasos
from comisiones.revision.avance import avanzar_decision, barrer_decisiones
from comisiones.revision.en_masa import confirmar_decision, detener_decision, preparar_decision
from comisiones.revision.errores import DecisionAjena, NadaQueDecidir
from comisiones.revision.estados import REMEDIOS, SIN_APARTAR, AccionEnMasa, Resultado
from comisiones.revision.services import (
    anular_comision,
    aprobar_comision,
    rechazar_comision,
    retener_comision,
)
from conversiones.ventas.devoluciones import Devolucion, devolver
from outbox.models import EntregaPendiente, OutboxEvent
from tests import fabricas
from tests.comisiones.pagos.fabrica import todo_cuadra
from tests.comisiones.revision.mesa import decidir, dicho, elegir, jefa
from tests.fabricas import ANA, LUIS, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def _de_tres_en_tres(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avance, "PORCION", 3)


def varias(n: int, **datos: Any) -> list[Comision]:
    """Pending commissions of one affiliate."""
    de, en = fabricas.afiliado(), fabricas.campana()
    return [fabricas.comision(**{"de": de, "en": en, **datos}) for _n in range(n)]


def estados(comisiones: Sequence[Comision]) -> list[str]:
    """As they are in the database."""
    claves = [c.pk for c in comisiones]
    return list(
        Comision.objects.filter(pk__in=claves).order_by("pk").values_list("estado", flat=True)
    )


def rastro(comision: Comision) -> dict[str, Any]:
    """All that an approval writes of a commission, but ids and times."""
    suya = Comision.objects.filter(pk=comision.pk).values().get()
    suya = {
        k: v
        for k, v in suya.items()
        if not k.startswith(("id", "creada_en", "conversion", "traza"))
    }
    eventos = OutboxEvent.objects.filter(aggregateid=comision.id_publico).order_by("posicion")
    return {
        "fila": {k: bool(v) if k.endswith("_en") else v for k, v in suya.items()},
        "pasos": list(
            Historial.objects.filter(entidad="comision", entidad_id=comision.id_publico)
            .order_by("pk")
            .values_list("accion", "actor", "estado_anterior", "estado_nuevo", "motivo")
        ),
        "apuntes": list(
            Apunte.objects.filter(asiento__origen=comision.id_publico)
            .order_by("pk")
            .values_list("asiento__tipo", "cuenta", "afiliado", "importe", "moneda")
        ),
        "eventos": [
            (e.type, e.aggregate_version, {**json.loads(e.payload)["data"], "comision_id": "",
                                           "madura_en": "", "conversion_id": ""})
            for e in eventos
        ],
        "entregas": sorted(
            EntregaPendiente.objects.filter(evento__in=eventos).values_list(
                "suscripcion", "evento__type"
            )
        ),
    }  # fmt: skip


@pytest.mark.lento
@pytest.mark.parametrize("accion", ["aprobar", "rechazar", "retener"])
def test_escribe_lo_mismo_que_de_una_en_una(accion: str, settings: Any) -> None:
    """Row, history, ledger, events and deliveries, however many go together."""
    una, *otras = varias(8)
    servicio = {
        "aprobar": aprobar_comision, "rechazar": rechazar_comision, "retener": retener_comision,
    }[accion]  # fmt: skip
    servicio(comision=una, actor=jefa(), motivo="Porque sí")
    decision = elegir(otras, accion)
    assert estados(otras) == ["pendiente"] * 7, "selecting decides nothing"
    assert set(decidir(decision).values()) == {"hecha"}
    for otra in otras:
        assert rastro(otra) == rastro(una)
        [paso] = Historial.objects.filter(entidad_id=otra.id_publico, accion=accion)
        assert paso.datos == {"decision": decision.id_publico}
    assert (decision.estado, decision.hechas, decision.apartadas) == ("terminada", 7, 0)
    # Each in an entry of its own, which balances.
    assert Asiento.objects.count() == (8 if accion == "aprobar" else 0)
    fabricas.entregar_todo()
    todo_cuadra()


def test_las_de_cero_se_cierran() -> None:
    decision = elegir([*varias(2, valor="0.02"), *varias(1)])
    assert decision.sumas == {"USD": [3, "10.00"]}
    assert set(decidir(decision).values()) == {"hecha"}
    assert sorted(Comision.objects.values_list("estado", "monto")) == [
        ("aprobada", 10), ("cerrada", 0), ("cerrada", 0),
    ]  # fmt: skip
    assert Asiento.objects.count() == 1


@pytest.mark.lento
def test_lo_que_cambio_se_aparta_y_se_dice() -> None:
    """A refund, a hold, a void and somebody else's approval came between."""
    devuelta, retenida, anulada, aprobada, igual = todas = varias(5)
    decision = elegir(todas)
    devolver(
        conversion=devuelta.conversion, datos=Devolucion(id_externo="d", monto=D(40)), actor=ANA
    )
    fabricas.entregar_todo()
    retener_comision(comision=retenida, actor=ANA, motivo="duda")
    anular_comision(comision=anulada, actor=ANA, motivo="no")
    aprobar_comision(comision=aprobada, actor=ANA)
    assert decidir(decision) == {
        devuelta.id_publico: "cambio", retenida.id_publico: "cambio",
        anulada.id_publico: "cambio", aprobada.id_publico: "ya", igual.id_publico: "hecha",
    }  # fmt: skip
    assert estados(todas) == ["pendiente", "retenida", "anulada", "aprobada", "aprobada"]
    textos = dict(decision.lineas.values_list("comision", "detalle"))
    assert textos[devuelta.pk] == "Era 10 USD, «Pendiente»; ahora es 6 USD, «Pendiente»."
    assert textos[retenida.pk] == "Era 10 USD, «Pendiente»; ahora es 10 USD, «Retenida»."
    assert (decision.hechas, decision.ya, decision.apartadas) == (1, 1, 3)
    assert Historial.objects.filter(accion="aprobar").count() == 2
    todo_cuadra()


def test_lo_que_no_estaba_en_revision() -> None:
    """It is told before confirming, and stays as it is."""
    una, otra, tercera = varias(3)
    rechazar_comision(comision=una, actor=ANA, motivo="m")
    retener_comision(comision=otra, actor=ANA, motivo="m")
    decision = elegir([una, otra, tercera])
    assert (decision.fuera, decision.retenidas, decision.sumas) == (1, 1, {"USD": [2, "20.00"]})
    assert decidir(decision) == {
        una.id_publico: "transicion_invalida", otra.id_publico: "hecha",
        tercera.id_publico: "hecha",
    }  # fmt: skip


def test_las_reglas_valen_como_con_una() -> None:
    """Whoever priced it, an affiliate that is not active, one without an amount."""
    quien = jefa()
    tasada = fabricas.calcular(fabricas.conversion(en=_con_regla_de(quien),
                                                   de=fabricas.afiliado_sin_tarifa()))  # fmt: skip
    suspendido = fabricas.afiliado()
    de_baja = fabricas.comision(de=suspendido)
    suspender_afiliado(afiliado=suspendido, actor=PRUEBAS, motivo="x")
    fabricas.entregar_todo()
    sin_regla = fabricas.comision(de=fabricas.afiliado_sin_tarifa())
    buena = fabricas.comision()
    todas = [tasada, de_baja, sin_regla, buena]
    resultado = decidir(elegir(todas))
    assert resultado == {
        tasada.id_publico: "cuatro_ojos", de_baja.id_publico: "afiliado_no_activo",
        sin_regla.id_publico: "sin_regla", buena.id_publico: "hecha",
    }  # fmt: skip
    assert "publicó la regla" in LineaEnMasa.objects.get(comision=tasada).detalle
    assert estados([buena]) == ["aprobada"]
    assert not Asiento.objects.exclude(origen=buena.id_publico).exists()
    # Rejecting is anybody's of the review, as with one.
    assert decidir(elegir([tasada], "rechazar")) == {tasada.id_publico: "hecha"}


def _con_regla_de(quien: Any) -> Any:
    from comisiones.reglas.services import crear_regla, publicar_version

    en = fabricas.campana()
    regla = crear_regla(nombre="R", campana=en, actor=quien)
    publicar_version(
        regla=regla, tipo="porcentual", porcentaje=D(10), vigente_desde=fabricas.hace(days=9),
        actor=quien,
    )  # fmt: skip
    return en


@pytest.mark.lento
@pytest.mark.parametrize("mala", range(7))
def test_una_que_falla_no_para_a_las_demas(mala: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it raises, and wherever it is in its portion."""
    todas = varias(7)
    asentar = pasos.asentar_veces

    def romper(primero: Any, otra: Any, lineas: Any, *, quizas: Any) -> None:
        asentar(primero, otra, lineas, quizas=quizas)
        if todas[mala].id_publico in lineas:
            raise ZeroDivisionError

    monkeypatch.setattr(pasos, "asentar_veces", romper)
    decision = elegir(todas)
    resultado = decidir(decision)
    assert resultado.pop(todas[mala].id_publico) == "fallo"
    assert set(resultado.values()) == {"hecha"}
    assert estados([todas[mala]]) == ["pendiente"]
    assert decision.lineas.get(resultado="fallo").detalle == "ZeroDivisionError"
    assert (decision.hechas, decision.apartadas, decision.estado) == (6, 1, "terminada")
    assert Asiento.objects.count() == Historial.objects.filter(accion="aprobar").count() == 6
    todo_cuadra()


def test_una_fila_que_no_escribio_nadie() -> None:
    """Its row cannot be read as what it should be, or what it hangs from."""
    if connection.vendor != "sqlite":
        pytest.skip("MySQL does not take it")
    todas = varias(5)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE comisiones_comision SET traza = '{\"hereda\": 7}' WHERE id = %s", [todas[1].pk]
        )
        cursor.execute("UPDATE comisiones_comision SET monto = 'x' WHERE id = %s", [todas[3].pk])
    resultado = list(decidir(elegir(todas)).values())
    assert [resultado[n] for n in (0, 2, 4)] == ["hecha"] * 3
    assert resultado[1] == "fallo"
    assert resultado[3] != "hecha"


def test_confirma_quien_las_eligio_y_una_vez() -> None:
    decision = elegir(varias(2))
    with pytest.raises(DecisionAjena):
        confirmar_decision(decision=decision, actor=LUIS)
    confirmar_decision(decision=decision, actor=jefa())
    with pytest.raises(TransicionInvalida):
        confirmar_decision(decision=decision, actor=jefa())
    assert Historial.objects.filter(entidad="decision").count() == 1


@pytest.mark.parametrize("accion", ["rechazar", "retener"])
@pytest.mark.parametrize("motivo", ["", "  "])
def test_sin_motivo_solo_se_aprueba(accion: str, motivo: str) -> None:
    decision = elegir(varias(1), accion)
    with pytest.raises(FaltaMotivo):
        confirmar_decision(decision=decision, actor=jefa(), motivo=motivo)
    decision.refresh_from_db()
    assert decision.estado == "por_confirmar"


def test_lo_aprobado_cuenta_en_la_sesion(settings: Any) -> None:
    """Before any of them is approved; what is not in review is not counted."""
    settings.APROBACION_SESION = {"USD": D(25)}
    ahora = timezone.now()
    quien = persona(jefa().id, Presencia(sesion="s", entro=ahora, confirmo=None))
    todas = varias(3)
    decision = elegir(todas)
    with pytest.raises(FaltaPresencia):
        confirmar_decision(decision=decision, actor=quien)
    avanzar_decision(decision_pk=decision.pk)
    assert estados(todas) == ["pendiente"] * 3
    confirmada = persona(jefa().id, Presencia(sesion="s", entro=ahora, confirmo=ahora))
    confirmar_decision(decision=decision, actor=confirmada)
    avanzar_decision(decision_pk=decision.pk)
    assert estados(todas) == ["aprobada"] * 3
    # Nobody is asked to reject.
    confirmar_decision(decision=elegir(varias(3), "rechazar"), actor=quien, motivo="m")


@pytest.mark.parametrize("pierde", ["is_active", "is_staff", "is_superuser"])
def test_quien_deja_de_poder_no_sigue(pierde: str) -> None:
    todas = varias(5)
    decision = elegir(todas)
    confirmar_decision(decision=decision, actor=jefa())
    assert avance._avanzar_porcion(decision.pk)
    User.objects.filter(username="decide").update(**{pierde: False})
    avanzar_decision(decision_pk=decision.pk)
    assert list(dicho(decision).values()) == ["hecha"] * 3 + ["sin_permiso"] * 2
    assert (decision.estado, decision.apartadas) == ("detenida", 2)
    assert estados(todas) == ["aprobada"] * 3 + ["pendiente"] * 2


@pytest.mark.lento
def test_detener() -> None:
    todas = varias(5)
    decision = elegir(todas)
    with pytest.raises(TransicionInvalida):
        detener_decision(decision=decision, actor=LUIS, motivo="m")
    confirmar_decision(decision=decision, actor=jefa())
    avance._avanzar_porcion(decision.pk)
    detener_decision(decision=decision, actor=LUIS, motivo="No eran esas")
    avanzar_decision(decision_pk=decision.pk)
    assert list(dicho(decision).values()) == ["hecha"] * 3 + ["detenida"] * 2
    assert estados(todas)[3:] == ["pendiente"] * 2
    with pytest.raises(TransicionInvalida):
        detener_decision(decision=decision, actor=LUIS, motivo="m")
    todo_cuadra()


def test_hasta_el_limite_las_mas_antiguas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(en_masa, "LIMITE", 3)
    todas = varias(5)
    decision = elegir(todas)
    assert (decision.total, decision.entera) == (3, False)
    decidir(decision)
    assert estados(todas) == ["aprobada"] * 3 + ["pendiente"] * 2
    assert elegir(todas[:3]).entera
    with pytest.raises(NadaQueDecidir):
        preparar_decision(
            accion=AccionEnMasa.APROBAR, comisiones=Comision.objects.none(), alcance="",
            actor=jefa(),
        )  # fmt: skip


def test_un_plazo_corto_deja_el_resto_encolado(monkeypatch: pytest.MonkeyPatch) -> None:
    encoladas: list[int] = []
    monkeypatch.setattr(avance, "encolar", encoladas.append)
    todas = varias(7)
    decision = elegir(todas)
    confirmar_decision(decision=decision, actor=jefa())
    avanzar_decision(decision_pk=decision.pk, segundos=0)
    assert encoladas == [decision.pk]
    assert estados(todas) == ["aprobada"] * 3 + ["pendiente"] * 4
    # The sweep finds what the queue lost, once it is without news.
    assert barrer_decisiones() == 0
    DecisionEnMasa.objects.update(actualizado_en=fabricas.hace(seconds=2))
    assert barrer_decisiones() == 1
    avanzar_decision(decision_pk=decision.pk)
    assert estados(todas) == ["aprobada"] * 7
    DecisionEnMasa.objects.update(actualizado_en=fabricas.hace(seconds=2))
    assert barrer_decisiones() == 0


def test_lo_que_nadie_confirma_se_olvida() -> None:
    _vieja, reciente, confirmada = (elegir(varias(1)) for _n in range(3))
    confirmar_decision(decision=confirmada, actor=jefa())
    antes = timezone.now() - en_masa.OLVIDO - timedelta(seconds=1)
    DecisionEnMasa.objects.exclude(pk=reciente.pk).update(actualizado_en=antes)
    barrer_decisiones()
    assert set(DecisionEnMasa.objects.all()) == {reciente, confirmada}
    assert LineaEnMasa.objects.count() == 2


def test_no_se_olvida_la_que_alguien_mira_mientras_tanto(monkeypatch: pytest.MonkeyPatch) -> None:
    vieja, mirada = (elegir(varias(1)) for _n in range(2))
    antes = timezone.now() - en_masa.OLVIDO - timedelta(seconds=1)
    DecisionEnMasa.objects.filter(pk=vieja.pk).update(actualizado_en=antes)
    # Both were old when they were looked for.
    ronda: Any = SimpleNamespace(cada=lambda _cuales, _n, hacer, _que: hacer(mirada.pk))
    monkeypatch.setattr(en_masa, "_VIEJAS", ronda)
    assert en_masa.olvidar_sin_confirmar() == 0
    assert DecisionEnMasa.objects.count() == 2


def test_las_sentencias_no_crecen_con_las_filas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avance, "PORCION", 100)

    def cuantas(n: int) -> int:
        decision = elegir(varias(n))
        confirmar_decision(decision=decision, actor=jefa())
        with CaptureQueriesContext(connection) as consultas:
            avanzar_decision(decision_pk=decision.pk)
        assert set(dicho(decision).values()) == {"hecha"}
        return len(consultas)

    assert cuantas(20) == cuantas(3)


def test_cada_causa_tiene_remedio() -> None:
    assert REMEDIOS.keys() == set(Resultado) - SIN_APARTAR


def test_lo_que_no_cuadra_se_ve() -> None:
    decision = elegir(varias(2))
    decidir(decision)
    LineaEnMasa.objects.filter(decision=decision).update(resultado="por_hacer")
    with pytest.raises(AssertionError, match="cuenta lo que dicen sus líneas"):
        todo_cuadra()
