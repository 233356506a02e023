"""Making the figures anew, cut and all, and what ``verificar`` says of what was spoilt."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from comisiones.metricas import invariantes
from comisiones.metricas.errores import Remidiendo
from comisiones.metricas.invariantes import COMPROBACIONES, _desdes
from comisiones.metricas.medidas import COMISIONES
from comisiones.metricas.models import Cifra, CifraDeCodigo, Medida, Remedicion
from comisiones.metricas.reconstruccion import reconstruir, reconstruir_de_eventos
from comisiones.metricas.selectors import Grupo, Peticion, grupos
from comisiones.metricas.services import medir, tomar_turno
from comisiones.models import Comision
from comisiones.revision.services import aprobar_comision, rechazar_comision
from conversiones.invariantes import COMPROBACIONES as DE_VENTAS
from conversiones.rastreo.models import ClicsDelDia, ClicsDeTramo
from outbox import rehacer
from outbox.models import EntregaPendiente, EventoProcesado
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.fabricas import ANA

pytestmark = pytest.mark.django_db


def total() -> list[Grupo]:
    hoy = timezone.now().date()
    return grupos(Peticion(desde=hoy - timedelta(days=2), hasta=hoy, agrupar="total"))


def mal() -> list[str]:
    """What the checks say, each once."""
    dicho = []
    for comprobacion in (*COMPROBACIONES, *DE_VENTAS):
        dicho += list(comprobacion.filas())
    return dicho


def test_se_sigue_donde_se_corto(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr(rehacer, "PORCION", 2)
    en = fabricas.campana()
    suyas = [fabricas.comision(en=en) for _n in range(5)]
    # Nobody got their events: they count as received, and those written afterwards come.
    EntregaPendiente.objects.filter(suscripcion="metricas").delete()
    pasos = reconstruir()
    next(pasos)
    pasos.close()
    assert {r.de: r.hasta > 0 for r in Remedicion.objects.all()} == {
        "venta": True, "comision": False,
    }  # fmt: skip
    with pytest.raises(Remidiendo):
        total()
    rechazar_comision(comision=suyas[0], actor=ANA, motivo="m")
    drenar()
    call_command("reconstruir_metricas")
    # Of ten rows, two sales were measured before.
    assert "8 filas medidas" in capsys.readouterr().out
    [suyo] = total()
    assert (suyo.conversiones, suyo.neta, suyo.importe("rechazada")) == (5, 40, 10)
    aprobar_comision(comision=suyas[1], actor=ANA)
    drenar()
    [suyo] = total()
    assert (suyo.mediana, suyo.neta) == (0, 40)
    assert mal() == []
    assert EventoProcesado.objects.filter(suscripcion="metricas").count() > 10


def test_verificar_dice_que_no_cuadra() -> None:
    """Each thing by itself."""
    en = fabricas.campana(pagina="https://t.example/")
    suya = fabricas.comision(en=en)
    aprobar_comision(comision=suya, actor=ANA)
    drenar()
    assert mal() == []
    dia = ClicsDelDia.objects.create(
        enlace=fabricas.enlace(en=en, de=suya.afiliado), dia=date(2026, 3, 1), clics=2, unicos=1
    )
    # All, of the campaign, of the affiliate and of both: of the day, the month, the quarter and the
    # year. And the month of the link.
    assert len(mal()) == 17
    dia.delete()
    ClicsDeTramo.objects.create(
        campana=0, afiliado=0, grano="d", desde=date(2026, 3, 1), moneda="USD", clics=1
    )
    assert "dice 1 y 0, son [0, 0]" in mal()[0]
    ClicsDeTramo.objects.all().delete()
    for campo, valor in (("devuelto", 1), ("plazos", "0,9")):
        fila = Cifra.objects.filter(grano="d").last()
        antes = getattr(fila, campo)
        Cifra.objects.filter(pk=fila.pk).update(**{campo: valor})
        # In the sample and in all.
        assert len(mal()) == 2, campo
        Cifra.objects.filter(pk=fila.pk).update(**{campo: antes})
    Medida.objects.filter(de="comision").update(importe=1)
    assert any("se mide Dicha" in linea for linea in mal())
    Medida.objects.filter(de="comision").update(importe=100_000, fila=suya.pk + 1)
    assert any("se mide y no existe" in linea for linea in mal())
    assert any("se mide None" in linea for linea in mal())
    Remedicion.objects.create(de="venta")
    assert [linea[:5] for linea in mal()] == ["venta"]


def test_verificar_mira_los_codigos() -> None:
    """Days and months, by what was measured; quarters and years, by their months."""
    suya = fabricas.comision(cupon="VERANO", enlace="b7")
    aprobar_comision(comision=suya, actor=ANA)
    drenar()
    assert mal() == []
    filas = CifraDeCodigo.objects.filter(codigo="VERANO")
    assert sorted(filas.values_list("grano", "plazos")) == [
        (grano, "0,1") for grano in ("a", "d", "m", "t")
    ]
    for grano in ("d", "t", "a"):
        for campo, valor in (("plazos", "0,2"), ("pagada", 1)):
            filas.filter(grano=grano).update(**{campo: valor})
            # In the sample and in all.
            assert len(mal()) == 2, (grano, campo)
            filas.filter(grano=grano).update(**{campo: "0,1" if campo == "plazos" else 0})
    filas.filter(grano="a").delete()
    assert len(mal()) == 2
    call_command("reconstruir_metricas")
    assert mal() == []
    rechazar_comision(comision=fabricas.comision(cupon="OTRO"), actor=ANA, motivo="m")
    drenar()
    assert mal() == []


def test_un_plazo_se_quita() -> None:
    """Though no sum changes."""
    suya = fabricas.comision(cupon="VERANO")
    aprobar_comision(comision=suya, actor=ANA)
    drenar()
    Comision.objects.filter(pk=suya.pk).update(aprobada_en=suya.creada_en + timedelta(hours=30))
    with transaction.atomic():
        tomar_turno()
        medir(COMISIONES, [suya.pk])
    filas = CifraDeCodigo.objects.filter(codigo="VERANO")
    assert set(filas.values_list("plazos", flat=True)) == {"30,1"}
    Comision.objects.filter(pk=suya.pk).update(aprobada_en=None)
    with transaction.atomic():
        tomar_turno()
        medir(COMISIONES, [suya.pk])
    assert set(filas.values_list("plazos", flat=True)) == {""}
    assert mal() == []


def test_lo_que_esta_en_camino_no_es_un_fallo() -> None:
    suya = fabricas.comision()
    assert mal() == []
    drenar()
    aprobar_comision(comision=suya, actor=ANA)
    assert mal() == []


def test_se_mira_hasta_la_ultima_fila_y_la_ultima_medida(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever goes further."""
    monkeypatch.setattr(invariantes, "_PORCION", 2)
    en = fabricas.campana()
    suyas = [fabricas.comision(en=en) for _n in range(5)]
    drenar()
    ultima = Medida.objects.filter(de="comision", fila=suyas[-1].pk)
    assert ultima.update(fila=suyas[-1].pk + 50) == 1
    dicho = list(invariantes._medidas_como_estan())
    assert f"comision {suyas[-1].pk + 50}: se mide y no existe" in dicho
    Medida.objects.filter(fila__gte=suyas[1].pk, de="comision").delete()
    dicho = [linea for linea in invariantes._medidas_como_estan() if linea.startswith("com_")]
    assert [linea.split(":")[0] for linea in dicho] == [c.id_publico for c in suyas[1:]]


def test_de_los_eventos_se_olvida_lo_que_ninguno_dice() -> None:
    fabricas.comision()
    drenar()
    suya = Medida.objects.get(de="comision")
    suya.fila += 50
    suya.save(force_insert=True)
    assert list(reconstruir_de_eventos()) != []
    assert Medida.objects.filter(de="comision").count() == 1
    assert mal() == []


def test_al_medir_todo_se_olvida_lo_que_no_es_de_nada() -> None:
    """What is of no row or of no kind, and the figures that nothing adds up to; the others stay."""
    fabricas.comision(cupon="VERANO")
    drenar()
    antes = [sorted(m.objects.values_list()) for m in (Medida, Cifra, CifraDeCodigo)]
    suya = Medida.objects.get(de="comision")
    for de, fila, dia in (("comision", suya.fila + 50, suya.dia), ("x", suya.fila, date(1, 1, 1))):
        suya.de, suya.fila, suya.dia = de, fila, dia
        suya.save(force_insert=True)
    for modelo in (Cifra, CifraDeCodigo):
        una = modelo.objects.filter(grano="d").last()
        una.desde, una.valor = date(2020, 5, 1), 7
        una.save(force_insert=True)
    modelo.objects.filter(grano="m").update(valor=3)
    sum(n for _de, n in reconstruir())
    assert [sorted(m.objects.values_list()) for m in (Medida, Cifra, CifraDeCodigo)] == antes


def test_la_muestra() -> None:
    assert _desdes(1, 3_000, None) == [1, 2_001]
    assert len(set(_desdes(1, 2_000_000, 5))) == 5
    assert _desdes(0, 0, 5) == [0]
