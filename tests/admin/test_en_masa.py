"""Many commissions at once: selected in the queue, confirmed on a page, done by a task."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from afiliados.afiliado.services import suspender_afiliado
from alpespartner.comun.admin.listas import TOPE_CONTEO
from comisiones.comision.models import Comision
from comisiones.models import Apunte, DecisionEnMasa
from comisiones.revision.avance import avanzar_decision
from conversiones.ventas.services import rechazar_conversion
from outbox.models import OutboxEvent
from outbox.transportes.embebido import drenar
from tests.admin.conftest import PRUEBA
from tests.admin.test_revision import LISTA, _accion, _estados


def elegir(cliente, comisiones, accion="aprobar", filtro="", **extra) -> DecisionEnMasa:
    """Select in the list and go to the page that confirms it."""
    respuesta = cliente.post(
        reverse(LISTA) + filtro,
        {"action": f"{accion}_varias", "_selected_action": [c.pk for c in comisiones[:50]],
         **extra},
    )  # fmt: skip
    decision = DecisionEnMasa.objects.latest("pk")
    assert respuesta.url == ficha(decision)
    return decision


def ficha(decision) -> str:
    return reverse("admin:comisiones_decisionenmasa_change", args=[decision.pk])


def confirmar(cliente, decision, motivo=""):
    url = reverse("admin:comisiones_decisionenmasa_accion", args=[decision.pk, decision.accion])
    return cliente.post(url, {"motivo": motivo}, follow=True)


def leer(cliente, decision) -> str:
    return re.sub(r"\s+", " ", cliente.get(ficha(decision)).content.decode())


@pytest.mark.lento
def test_aprobar_120_con_dos_que_no_se_puede(admin, programa):
    comisiones = programa.ventas(118)
    suspendida = programa.nuevo_afiliado("Suspendida", activo=True)
    mala = programa.ventas(1, suspendida)[0]
    suspender_afiliado(afiliado=suspendida, actor=PRUEBA, motivo="x")
    anulada = programa.ventas(1)[0]
    decision = elegir(admin, comisiones, select_across="1")
    pagina = leer(admin, decision)
    assert "Vas a aprobar 120 comisiones" in pagina
    assert "1 200,00" in pagina
    assert _estados(comisiones) == ["pendiente"] * 118
    # Somebody else voids one and approves another meanwhile.
    rechazar_conversion(conversion=anulada.conversion, actor=PRUEBA, motivo="x")
    drenar()
    admin.post(_accion(comisiones[0], "aprobar"))

    en_curso = confirmar(admin, decision, "Vistas").content.decode()
    assert "data-vivo" in en_curso
    assert "sigue sola" in en_curso
    assert _estados(comisiones[1:]) == ["pendiente"] * 117, "a task does it"
    avanzar_decision(decision_pk=decision.pk)
    pagina = leer(admin, decision)
    for parte in ("117 de 120 decididas", "1 ya lo estaba", "2 apartadas", "Activa al afiliado",
                  mala.id_publico, anulada.id_publico, "actívalo antes de aprobar",
                  "Anulada", "Vistas", "jefa", "Todas las del filtro: En revisión"):  # fmt: skip
        assert parte in pagina, parte
    assert "data-vivo" not in pagina
    assert _estados(comisiones) == ["aprobada"] * 118
    assert OutboxEvent.objects.filter(type="ComisionAprobada").count() == 118
    assert Apunte.objects.count() == 236


@pytest.mark.lento
def test_todas_las_del_filtro_pasan_de_lo_que_se_cuenta(admin, programa):
    """More than have numbered pages are decided whole; the counters know how many they are."""
    programa.ventas(TOPE_CONTEO + 60)
    texto = admin.get(reverse(LISTA)).content.decode()
    assert "1\xa0060" in texto
    decision = elegir(admin, list(Comision.objects.all()[:1]), "retener", select_across="1")
    assert (decision.total, decision.entera) == (TOPE_CONTEO + 60, True)
    confirmar(admin, decision, "auditoría")
    avanzar_decision(decision_pk=decision.pk)
    assert Comision.objects.filter(estado="retenida").count() == TOPE_CONTEO + 60


def test_solo_las_del_filtro(admin, programa):
    otra = programa.nuevo_afiliado("Beatriz", activo=True)
    suyas, ajenas = programa.ventas(3, otra), programa.ventas(2)
    filtro = f"?afiliado__id__exact={otra.pk}&campana__id__exact={programa.campana.pk}"
    decision = elegir(admin, suyas, filtro=filtro, select_across="1")
    assert decision.total == 3
    assert decision.alcance == "Todas las del filtro: En revisión · Beatriz · Verano"
    a_mano = elegir(admin, ajenas)
    assert (a_mano.total, a_mano.alcance) == (2, "Elegidas a mano")
    dicha = admin.get(ficha(a_mano), headers={"accept-language": "en"})
    assert "Selected by hand" in dicha.content.decode()
    buscada = elegir(admin, suyas, filtro="?q=beat", select_across="1")
    assert (buscada.total, buscada.alcance) == (3, "Todas las del filtro: Todas · «beat»")


@pytest.mark.parametrize(("accion", "queda"), [("rechazar", "rechazada"), ("retener", "retenida")])
def test_con_su_motivo(admin, programa, accion, queda):
    comisiones = programa.ventas(3)
    decision = elegir(admin, comisiones, accion)
    sin_motivo = confirmar(admin, decision, " ")
    assert "Escribe el motivo" in sin_motivo.content.decode()
    largo = confirmar(admin, decision, "x" * 501)
    assert "500" in largo.content.decode()
    decision.refresh_from_db()
    assert decision.estado == "por_confirmar"
    confirmar(admin, decision, "Pedido falso")
    avanzar_decision(decision_pk=decision.pk)
    assert _estados(comisiones) == [queda] * 3
    assert set(Comision.objects.values_list("motivo", flat=True)) == {"Pedido falso"}


def test_dos_clics_confirman_una_vez(admin, programa):
    decision = elegir(admin, programa.ventas(2))
    confirmar(admin, decision)
    otra = confirmar(admin, decision)
    assert "no se aplica" in otra.content.decode()
    avanzar_decision(decision_pk=decision.pk)
    decision.refresh_from_db()
    assert (decision.estado, decision.hechas) == ("terminada", 2)


def test_la_ven_otros_y_no_la_confirman(admin, programa, de_rol):
    comisiones = programa.ventas(2)
    decision = elegir(admin, comisiones)
    otra = de_rol("Revisión")
    pagina = leer(otra, decision)
    assert "La confirma quien eligió las comisiones" in pagina
    assert "La confirma quien eligió" in confirmar(otra, decision).content.decode()
    decision.refresh_from_db()
    assert decision.estado == "por_confirmar"
    confirmar(admin, decision)
    avanzar_decision(decision_pk=decision.pk)
    lista = de_rol("Consulta").get(reverse("admin:comisiones_decisionenmasa_changelist"))
    texto = lista.content.decode()
    assert "2 de 2 decididas" in texto
    assert "jefa" in texto


def test_las_lineas_de_una_por_resultado(admin, programa):
    comisiones = programa.ventas(3)
    decision = elegir(admin, comisiones)
    admin.post(_accion(comisiones[0], "aprobar"))
    confirmar(admin, decision)
    avanzar_decision(decision_pk=decision.pk)
    lineas = reverse("admin:comisiones_lineaenmasa_changelist")
    de_esta = f"{lineas}?decision__id__exact={decision.pk}"
    for resultado, n in (("hecha", 2), ("ya", 1), ("cambio", 0)):
        vista = admin.get(f"{de_esta}&resultado={resultado}")
        assert vista.context["cl"].result_count == n
    assert admin.get(de_esta).context["cl"].result_count == 3
    assert f"{de_esta}&amp;resultado=ya" in leer(admin, decision)


def test_sin_ninguna_que_quede(admin, programa):
    [comision] = programa.ventas(1)
    Comision.objects.filter(pk=comision.pk).update(estado="pagada")
    respuesta = admin.post(
        reverse(LISTA),
        {"action": "aprobar_varias", "_selected_action": [comision.pk], "select_across": "1"},
        follow=True,
    )
    assert "No queda ninguna comisión" in respuesta.content.decode()
    assert not DecisionEnMasa.objects.exists()


def test_detener_desde_su_pagina(admin, programa):
    comisiones = programa.ventas(2)
    decision = elegir(admin, comisiones)
    url = reverse("admin:comisiones_decisionenmasa_accion", args=[decision.pk, "detener"])
    admin.post(url, {"motivo": "m"})
    confirmar(admin, decision)
    assert "quedó detenida" in admin.post(url, {"motivo": "m"}, follow=True).content.decode()
    avanzar_decision(decision_pk=decision.pk)
    assert _estados(comisiones) == ["pendiente"] * 2
