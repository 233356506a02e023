"""Long work that a task does by portions, and old rows that it deletes: neither one that is never
done, nor one that fails, nor rows that cannot go keep the others from their turn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError
from django.utils import timezone

from alpespartner.comun import tachado
from alpespartner.comun.models import Tachadura
from alpespartner.comun.rondas import Ronda
from alpespartner.comun.tachado import pedir_tachado, tachar_pendientes
from comisiones.comision.models import Comision
from comisiones.revision import avance, en_masa, espera_sitio
from comisiones.revision.models import DecisionEnMasa, FicheroDecisiones
from conversiones.campanas.services import actualizar_campana
from conversiones.rastreo import clics, recogida
from conversiones.rastreo.clics import olvidar_pendientes, pedir_olvido
from conversiones.rastreo.models import Clic, OlvidoDeClics
from conversiones.rastreo.recogida import purgar_clics
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db


def con_huellas(veces: int) -> Any:
    """An affiliate whose clicks, so many, are to be forgotten."""
    enlace = fabricas.enlace()
    for _vez in range(veces):
        fabricas.clic(enlace, agente="a" * 32)
    pedir_olvido(enlace.afiliado)
    return enlace


@pytest.fixture
def de_a_uno(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions of one row, and turns that begin at the first."""
    monkeypatch.setattr(clics, "_POR_SENTENCIA", 1)
    monkeypatch.setattr(clics, "_PENDIENTES", Ronda())
    monkeypatch.setattr(tachado, "_POR_PORCION", 1)
    monkeypatch.setattr(tachado, "_PENDIENTES", Ronda())


def quedan(enlace: Any) -> int:
    return Clic.objects.filter(enlace=enlace).exclude(agente="").count()


@pytest.mark.usefixtures("de_a_uno")
def test_quien_tiene_muchos_clics_no_es_el_unico_que_se_olvida() -> None:
    muchos, pocos = con_huellas(9), con_huellas(2)
    assert [olvidar_pendientes(3) for _vez in range(2)] == [3, 3]
    assert (quedan(muchos), quedan(pocos)) == (5, 0)
    while olvidar_pendientes(3):
        pass
    assert quedan(muchos) == 0
    assert not OlvidoDeClics.objects.exists()


@pytest.mark.usefixtures("de_a_uno")
def test_lo_que_no_se_puede_olvidar_no_para_a_los_demas(monkeypatch: pytest.MonkeyPatch) -> None:
    malo, bueno = con_huellas(1), con_huellas(1)
    olvidar = clics.olvidar_clics

    def falla(suyos: Any, desde: int = 0) -> int | None:
        if suyos.filter(enlace=malo).exists():
            raise IntegrityError("roto")
        return olvidar(suyos, desde)

    monkeypatch.setattr(clics, "olvidar_clics", falla)
    assert olvidar_pendientes() == 1
    assert (quedan(malo), quedan(bueno)) == (1, 0)
    # A database that is away is everybody's: the next turn goes on.
    monkeypatch.setattr(clics, "olvidar_clics", lanza(OperationalError("gone away")))
    with pytest.raises(OperationalError):
        olvidar_pendientes()


def lanza(error: Exception) -> Callable[..., Any]:
    def hacer(*_partes: Any, **_dichas: Any) -> Any:
        raise error

    return hacer


@pytest.mark.usefixtures("de_a_uno")
def test_a_cada_uno_le_toca_que_lo_tachen() -> None:
    for quien in (fabricas.afiliado(), fabricas.afiliado()):
        pedir_tachado("afiliado", quien.id_publico, ["Aguja"])
    for _vez in range(2):
        assert tachar_pendientes(1) == 1
    pasos = Tachadura.objects.order_by("pk").values_list("paso", "ultimo")
    assert all(paso or ultimo for paso, ultimo in pasos)


def test_los_clics_viejos_se_borran_detras_de_los_que_no_se_borran(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """Of a clock that ran ahead: more of them than are looked at once."""
    settings.CLICS_DIAS = 40
    monkeypatch.setattr(recogida, "_POR_PURGA", 2)
    enlace = fabricas.enlace()

    def cinco(momento: datetime) -> set[int]:
        return {fabricas.clic(enlace, momento=momento).pk for _vez in range(5)}

    delante, _viejos = cinco(timezone.now() + timedelta(days=900)), cinco(hace(days=41))
    nuevos = cinco(hace(days=39))
    assert purgar_clics() == 5
    assert set(Clic.objects.values_list("pk", flat=True)) == delante | nuevos


def test_lo_que_falla_al_olvidarse_no_para_lo_que_viene_despues(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The sweep of decisions forgets selections first, and then files."""
    antes = hace(days=30)
    for n in range(2):
        DecisionEnMasa.objects.create(
            id_publico=f"dec_{n}", accion="aprobar", creada_por="persona:1", actualizado_en=antes
        )
    FicheroDecisiones.objects.create(
        id_publico="fic_1", nombre="f", huella="h", filas=0, subido_por="persona:1",
        subido_en=antes,
    )  # fmt: skip
    monkeypatch.setattr(en_masa, "_VIEJAS", Ronda())
    mala = DecisionEnMasa.objects.order_by("pk").values_list("pk", flat=True)[0]
    borrar = en_masa.LineaEnMasa.objects.filter

    def falla(**dichas: Any) -> Any:
        if dichas.get("decision") == mala:
            raise IntegrityError("roto")
        return borrar(**dichas)

    monkeypatch.setattr(en_masa.LineaEnMasa.objects, "filter", falla)
    avance.barrer_decisiones()
    assert [d.pk for d in DecisionEnMasa.objects.all()] == [mala]
    assert not FicheroDecisiones.objects.exists()


def test_las_que_no_se_pueden_liberar_no_ocupan_el_sitio(monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than are looked at once, before one that can."""
    campana = fabricas.campana(presupuesto=Decimal(1))
    esperan = [fabricas.comision(en=campana) for _vez in range(4)]
    assert {c.motivo_retencion for c in esperan} == {"presupuesto_agotado"}
    actualizar_campana(campana=campana, cambios={"presupuesto": Decimal(900)}, actor=ANA)
    liberar, malas = espera_sitio.liberar_comision, {c.pk for c in esperan[:3]}

    def falla(*, comision: Comision, **dichas: Any) -> Any:
        if comision.pk in malas:
            raise ValueError("rota")
        return liberar(comision=comision, **dichas)

    monkeypatch.setattr(espera_sitio, "liberar_comision", falla)
    monkeypatch.setattr(espera_sitio, "POR_VEZ", 2)
    assert espera_sitio.liberar_las_que_caben(campana_pk=campana.pk, actor=PRUEBAS) == 1
    esperan[3].refresh_from_db()
    assert esperan[3].estado == "pendiente"
