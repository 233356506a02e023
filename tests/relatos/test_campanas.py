"""What happens to campaigns: their budgets and their end."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from comisiones.calculo.services import calcular_comisiones
from comisiones.comision.models import Comision
from comisiones.presupuesto.services import hay_mas_sitio, recontar
from comisiones.revision import services as revision
from comisiones.revision.espera_sitio import barrer_presupuestos, liberar_las_que_caben
from conversiones.campanas.services import (
    activar_campana,
    actualizar_campana,
    finalizar_vencidas,
    pausar_campana,
)
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def test_presupuesto(relato: Relato) -> None:
    """What fits, what waits, what makes room, and what is released by itself or by hand."""
    en, de = fabricas.campana(presupuesto=D(15)), fabricas.afiliado()
    ventas = [fabricas.conversion(en=en, de=de, valor=v) for v in ("100", "60", "50.10", "50")]
    relato.empezar()
    relato.paso(
        "Cabe una y la última, que es justo lo que queda",
        lambda: calcular_comisiones(
            conversiones_ids=[v.id_publico for v in ventas[::-1]], actor=PRUEBAS
        ),
    )
    una, grande, mediana, _justa = Comision.objects.order_by("conversion")
    relato.paso("No se aprueba", lambda: revision.aprobar_comision(comision=grande, actor=ANA))
    relato.paso("Ni se libera", lambda: revision.liberar_comision(comision=grande, actor=ANA))
    relato.paso(
        "Se amplía",
        lambda: actualizar_campana(campana=en, cambios={"presupuesto": D("20.05")}, actor=LUIS),
    )
    relato.paso("Su evento", lambda: hay_mas_sitio(campanas_ids=[en.id_publico]))
    relato.paso("Cabe la mediana", lambda: liberar_las_que_caben(campana_pk=en.pk, actor=PRUEBAS))
    relato.paso("Y nada más", lambda: liberar_las_que_caben(campana_pk=en.pk, actor=PRUEBAS))
    relato.paso(
        "Una se rechaza",
        lambda: revision.rechazar_comision(comision=una, actor=ANA, motivo="no procede"),
    )
    relato.paso("A mano", lambda: revision.liberar_comision(comision=grande, actor=ANA))
    relato.paso("No queda qué liberar", lambda: barrer_presupuestos(actor=PRUEBAS))
    relato.paso(
        "Se anula", lambda: revision.anular_comision(comision=mediana, actor=ANA, motivo="x")
    )
    relato.paso("Se cuenta otra vez", lambda: recontar(ahora=timezone.now()))


def test_fin_por_fecha(relato: Relato) -> None:
    """Once, of what is active or paused, and after its last instant."""
    fin = timezone.now() + timedelta(days=1)
    una, otra = (fabricas.campana(termina_en=fin) for _ in range(2))
    pausar_campana(campana=otra, actor=ANA, motivo="m")
    relato.empezar()
    dia = 86_400
    relato.paso("Su último instante", lambda: finalizar_vencidas(actor=PRUEBAS), segundos=dia)
    relato.paso("Pasó", lambda: finalizar_vencidas(actor=PRUEBAS), segundos=1)
    relato.paso("Ya está", lambda: finalizar_vencidas(actor=PRUEBAS))
    relato.paso("No se activa", lambda: activar_campana(campana=una, actor=ANA))
