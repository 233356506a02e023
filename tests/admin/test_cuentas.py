"""True numbers on the front page, the tabs and the lists, and how old they are."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from alpespartner import inicio
from alpespartner.comun.admin import listas
from comisiones.admin.comision import cola
from comisiones.comision.models import Comision
from comisiones.contadores.consumidor import CONTADORES
from comisiones.contadores.models import Contador, Recuento
from comisiones.revision.services import aprobar_comision
from outbox.models import EntregaPendiente
from outbox.transportes.embebido import drenar
from tests.admin.conftest import PRUEBA

pytestmark = pytest.mark.django_db
COLA = "admin:comisiones_comision_changelist"


@pytest.fixture(autouse=True)
def _pocas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Six are many."""
    monkeypatch.setattr(inicio, "TOPE_CUENTA", 5)
    monkeypatch.setattr(inicio, "TOPE_SUMA", 5)
    monkeypatch.setattr(cola, "TOPE", 5)
    monkeypatch.setattr(listas, "TOPE_CONTEO", 5)


def tarjeta(admin: Any, titulo: str = "Comisiones por revisar") -> dict[str, Any]:
    tarjetas = admin.get(reverse("admin:index")).context["tarjetas"]
    [suya] = [t for t in tarjetas if t["titulo"] == titulo]
    return suya  # type: ignore[no-any-return]


def pestanas(admin: Any, filtro: str = "") -> dict[str, str]:
    respuesta = admin.get(reverse(COLA) + filtro)
    return {str(p["titulo"]): p["cuenta"] for p in respuesta.context["pestanas"]}


@pytest.mark.lento
def test_numeros_de_verdad(admin: Any, programa: Any) -> None:
    programa.ventas(1_234)
    otra = programa.nuevo_afiliado("Otra", activo=True)
    programa.ventas(7, otra)
    suyas = programa.ventas(6)
    for suya in suyas:
        aprobar_comision(comision=suya, actor=PRUEBA)
    drenar()
    suya = tarjeta(admin)
    assert suya["cuenta"] == "1\xa0241"
    [(suma, entera)] = suya["sumas"]
    assert entera
    assert "12\xa0410,00" in suma
    aqui = pestanas(admin)
    assert (aqui["Pendiente"], aqui["En revisión"], aqui["Todas"]) == (
        "1\xa0241", "1\xa0241", "1\xa0247",
    )  # fmt: skip
    assert pestanas(admin, f"?afiliado__id__exact={otra.pk}") == {
        "En revisión": "7", "Pendiente": "7", "Retenida": "0", "Aprobada": "0", "Programada": "0",
        "Pagada": "0", "Cerrada sin importe": "0", "Rechazada": "0", "Anulada": "0", "Todas": "7",
    }  # fmt: skip
    lista = admin.get(f"{reverse(COLA)}?campana__id__exact={programa.campana.pk}&estado=pendiente")
    assert "1\xa0241 comisiones" in lista.content.decode()
    assert not re.search(r"más de (?!\d+ días?<)", lista.content.decode())
    # A long list has no numbered pages, though everybody knows how long it is.
    assert "Siguiente" in lista.content.decode()
    ventas = admin.get(reverse("admin:conversiones_conversion_changelist"))
    assert "1\xa0247 filas" in ventas.content.decode()


def test_lo_que_ningun_contador_dice(admin: Any, programa: Any) -> None:
    """Of an affiliate in a campaign: counted as far as an index goes, and it says so."""
    programa.ventas(8)
    filtro = f"?afiliado__id__exact={programa.afiliado.pk}&campana__id__exact={programa.campana.pk}"
    aqui = pestanas(admin, filtro)
    assert (aqui["Pendiente"], aqui["Retenida"], aqui["Todas"]) == (
        "más de 5", "0", "más de 5",
    )  # fmt: skip
    assert "más de 5 comisiones" in admin.get(reverse(COLA) + filtro).content.decode()


@pytest.mark.parametrize("como", ["sin contadores", "a medias"])
def test_mientras_no_los_hay(admin: Any, programa: Any, como: str) -> None:
    programa.ventas(8)
    if como == "a medias":
        Recuento.objects.create(de="comision", rehecho_hasta=3)
    else:
        Contador.objects.all().delete()
    assert tarjeta(admin)["cuenta"] == "5+"
    assert [entera for _suma, entera in tarjeta(admin)["sumas"]] == [False]
    assert pestanas(admin)["Pendiente"] == "más de 5"
    assert "más de 5 comisiones" in admin.get(reverse(COLA)).content.decode()


def test_pocas_se_cuentan_en_el_momento(admin: Any, programa: Any) -> None:
    """Whoever has just approved one sees it, whether the counters know or not."""
    suyas = programa.ventas(4)
    aprobar_comision(comision=suyas[0], actor=PRUEBA)
    assert EntregaPendiente.objects.filter(suscripcion=CONTADORES.nombre).exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        respuesta = admin.get(reverse(COLA))
        assert {p["titulo"]: p["cuenta"] for p in respuesta.context["pestanas"]}["Pendiente"] == "3"
        assert "atrasados" not in respuesta.content.decode()
        assert tarjeta(admin)["cuenta"] == "3"


@pytest.mark.lento
def test_dice_que_es_viejo(admin: Any, programa: Any) -> None:
    suyas = programa.ventas(8)
    paginas = [reverse("admin:index"), reverse(COLA)]
    for pagina in paginas:
        assert "atrasados" not in admin.get(pagina).content.decode()
    aprobar_comision(comision=suyas[0], actor=PRUEBA)
    suya = EntregaPendiente.objects.filter(suscripcion=CONTADORES.nombre).order_by("pk")[0]
    with time_machine.travel(suya.evento.created_at + timedelta(seconds=2), tick=False):
        for pagina in paginas:
            assert "atrasados" not in admin.get(pagina).content.decode()
    with time_machine.travel(suya.evento.created_at + timedelta(minutes=3), tick=False):
        assert tarjeta(admin)["cuenta"] == "8"
        for pagina in paginas:
            texto = admin.get(pagina).content.decode()
            assert "son de hace 3\xa0minutos: los contadores van atrasados." in texto
        texto = admin.get(paginas[1], headers={"accept-language": "en"}).content.decode()
        assert "the counters are late" in texto


def test_pocas_consultas(admin: Any, programa: Any, django_assert_max_num_queries: Any) -> None:
    """The tabs of many read the counters once, and count nothing."""
    programa.ventas(8)
    assert Comision.objects.count() == 8
    admin.get(reverse(COLA))
    with django_assert_max_num_queries(30):
        admin.get(reverse(COLA))
