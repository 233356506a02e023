"""What ``verificar`` says of clicks, customers and reports that no service wrote."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet
from django.test import Client
from django.utils import timezone

from alpespartner.comun.models import Historial
from conversiones import invariantes
from conversiones.clientes.models import Cliente
from conversiones.invariantes import COMPROBACIONES
from conversiones.rastreo.cuaderno import Cuaderno
from conversiones.rastreo.models import Clic, ClicsDelDia, Enlace
from conversiones.rastreo.recogida import purgar_clics
from tests import fabricas
from tests.conversiones.rastreo.visitante import Visitante

pytestmark = pytest.mark.django_db
CONTADOS = "Cada clic se contó antes de borrarse"


@pytest.fixture(autouse=True)
def carpeta(settings: Any, tmp_path: Path) -> Path:
    settings.CLICS_DIR = tmp_path / "clics"
    return tmp_path / "clics"


@pytest.fixture
def enlace() -> Enlace:
    pagina = "https://tienda.example/"
    return fabricas.enlace(en=fabricas.campana(pagina=pagina, predeterminada=True), codigo="ana")


def malas() -> dict[str, list[str]]:
    """What each check says, of those that say anything."""
    return {c.nombre: filas for c in COMPROBACIONES if (filas := list(c.filas()))}


def test_los_clics_se_cuentan_antes_de_borrarse(enlace: Enlace, settings: Any) -> None:
    yo = Visitante()
    for agente in (yo.agente, yo.agente, "curl/8"):
        yo.ir("ana", HTTP_USER_AGENT=agente)
    yo.recoger()
    assert malas() == {}
    ClicsDelDia.objects.update(clics=1)
    assert CONTADOS in malas()
    ClicsDelDia.objects.all().delete()
    assert "sin contar" in malas()[CONTADOS][0]


def test_lo_borrado_sigue_contado(enlace: Enlace, settings: Any) -> None:
    """Fewer clicks than were counted is what deleting leaves, but only among the oldest."""
    settings.CLICS_DIAS = 40
    ahora = timezone.now()
    dias = (45, 41, 41, 20, 5)
    for dia in dias:
        fabricas.clic(enlace, momento=ahora - timedelta(days=dia), unico=False)
        del_dia, _hecho = ClicsDelDia.objects.get_or_create(
            enlace=enlace, dia=(ahora - timedelta(days=dia)).date()
        )
        del_dia.clics += 1
        del_dia.save()
    assert list(malas()) == [
        "Los clics por tramo suman los de cada día",
        "Los clics viejos se borran",
    ]
    assert purgar_clics() == 3
    assert list(malas()) == ["Los clics por tramo suman los de cada día"]
    Clic.objects.filter(momento__gt=ahora - timedelta(days=6))._raw_delete("default")
    assert CONTADOS in malas()


def test_lo_que_nadie_recoge_avisa(carpeta: Path) -> None:
    uno = Cuaderno(carpeta)
    uno.anotar({"i": "a"})
    uno.entregar(ya=True)
    assert malas() == {}
    assert Client().get("/health").json()["clics"] == "ok"
    [fichero] = carpeta.glob("*.lista")
    hace = time.time() - 61
    os.utime(fichero, (hace, hace))
    (carpeta / "apartadas.jsonl").write_text("{}\n{}\n")
    dicho = malas()
    assert fichero.name in dicho["Los clics llegan a la base de datos en un minuto"][0]
    assert dicho["Ningún clic quedó aparte"] == ["2 en apartadas.jsonl"]
    assert Client().get("/health").json()["clics"] == "atrasados"


def test_un_cliente_se_vincula_una_vez(enlace: Enlace) -> None:
    fabricas.conversion(de=enlace.afiliado, en=enlace.campana, cliente_ref="c-1")
    fabricas.sin_atribuir(en=enlace.campana, cliente_ref="c-2")
    suyo, libre = Cliente.objects.order_by("pk")
    nombre = "Cada cliente se vinculó una vez"
    assert nombre not in malas()
    paso = Historial.objects.get(entidad="cliente", accion="vincular")
    for que, dice in (
        (
            lambda: Cliente.objects.filter(pk=suyo.pk).update(afiliado=fabricas.afiliado()),
            "de quien dice",
        ),
        (lambda: Historial.objects.filter(pk=paso.pk)._raw_delete("default"), "0 veces"),
        (lambda: _copia(paso), "2 veces"),
    ):
        with transaction.atomic():
            que()
            assert dice in malas()[nombre][0]
            transaction.set_rollback(True)
    assert libre.afiliado is None
    assert suyo.afiliado == enlace.afiliado


def _copia(paso: Historial) -> None:
    paso.pk, paso._state.adding = None, True
    paso.save()


def test_ni_un_clic_posterior_ni_un_informe_que_no_suma(enlace: Enlace, monkeypatch: Any) -> None:
    yo = Visitante()
    clic = yo.ir("ana").clic
    yo.recoger()
    venta = fabricas.sin_atribuir(en=enlace.campana, cliente_ref="c-1", clic_id=clic)
    assert venta.afiliado == enlace.afiliado
    assert malas() == {}
    de_verdad = invariantes.informe_de

    def de_menos(suya: Any) -> Any:
        return {modelo: partes * 2 for modelo, partes in de_verdad(suya).items()}

    with monkeypatch.context() as roto:
        roto.setattr(invariantes, "informe_de", de_menos)
        assert len(malas()["Cada informe de atribución suma su venta"]) == 5
    QuerySet(Clic).update(momento=timezone.now() + timedelta(days=1))
    assert {"Ninguna venta es de un clic posterior", "Ningún cliente es de un clic posterior"} <= (
        malas().keys()
    )
