"""The massive seeding: everything that happens to a sale, and every invariant."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from alpespartner.operacion.calco import Calco, Destino, Foto, crear_serie, llenar_serie
from comisiones.comision.estados import EstadoComision
from comisiones.comision.models import Comision
from comisiones.libro.cadena import sellar_dias
from comisiones.libro.models import Asiento
from comisiones.models import Ajuste, Pago, Reverso
from conversiones.campanas.models import Campana
from conversiones.ventas.estados import EstadoConversion
from conversiones.ventas.models import Conversion
from outbox.models import EntregaPendiente, OutboxEvent
from tests import fabricas
from tests.comisiones.contadores.cuadre import cuadra

pytestmark = pytest.mark.django_db(transaction=True)


def correr(comando: str, *args: str) -> str:
    salida = io.StringIO()
    call_command(comando, *args, stdout=salida, no_color=True)
    return salida.getvalue()


def distintos(modelo: type, campo: str) -> set[str]:
    return set(modelo.objects.values_list(campo, flat=True))  # type: ignore[attr-defined]


@pytest.mark.lento
def test_hace_de_todo_y_verificar_se_cumple(capsys: pytest.CaptureFixture[str]) -> None:
    pedido = ("sembrar", "--masivo", "1500", "--afiliados", "60", "--campanas", "6")
    assert "conversiones, con lo que les pasó" in correr(*pedido)
    assert 1_400 < Conversion.objects.count() < 1_700
    assert distintos(Comision, "estado") == set(EstadoComision.values) - {"cerrada"}
    assert distintos(Conversion, "estado") == set(EstadoConversion.values)
    assert distintos(Conversion, "moneda") == {"USD", "EUR"}
    assert {"listo", "pagado", "fallido", "incierto"} <= distintos(Pago, "estado")
    assert Ajuste.objects.exists()
    assert Reverso.objects.count() > 50
    # A copy is entered as often as what it is of.
    assert distintos(Asiento, "vez") <= {1, 2}
    # The few that sell the most, and the many that sell little.
    ventas = Conversion.objects.values("afiliado").annotate(n=Count("pk")).order_by("-n")
    por_afiliado = [fila["n"] for fila in ventas]
    assert por_afiliado[0] > 5 * por_afiliado[len(por_afiliado) // 2]
    assert not EntregaPendiente.objects.exists()
    assert cuadra()
    # Nothing of it says the name of what it was copied from.
    assert OutboxEvent.objects.values("evento_id").distinct().count() == OutboxEvent.objects.count()
    sellar_dias()
    correr("verificar", "--cadena")
    # And it goes on living.
    venta = fabricas.conversion(en=Campana.objects.filter(moneda="USD").latest("pk"))
    fabricas.entregar_todo()
    assert Comision.objects.get(conversion=venta).estado == "pendiente"
    correr("verificar")
    with pytest.raises(CommandError, match="sin ventas"):
        correr(*pedido)


@pytest.mark.parametrize("args", [("--masivo", "999"), ("--masivo", "2000", "--campanas", "0")])
def test_rechaza_cantidades_sin_sentido(args: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="1000"):
        correr("sembrar", *args)
    assert not Conversion.objects.exists()


def test_una_copia_nombra_lo_suyo() -> None:
    """Keys, ids and events of a copy are its own, and its owner the one of the series."""
    de, otro, campana = fabricas.afiliado(), fabricas.afiliado(), fabricas.campana()
    fabricas.entregar_todo()
    modelos = (Conversion, OutboxEvent)
    foto = Foto(modelos)
    venta = fabricas.conversion(de=de, en=campana, referencia_externa="r-1")
    crear_serie()
    llenar_serie((n, otro.pk, otro.id_publico, campana.pk, campana.id_publico, 60) for n in (0, 1))
    destino = Destino({(type(de), de.pk): "afiliado"}, {de.id_publico: "afiliado_id"})
    Calco(modelos).copiar(foto.nuevas(), destino, 0, 2)
    copias = Conversion.objects.exclude(pk=venta.pk).order_by("pk")
    assert [c.afiliado for c in copias] == [otro, otro]
    assert len({c.id_publico for c in copias} | {venta.id_publico}) == 3
    assert len({c.referencia_externa for c in copias} | {"r-1"}) == 3
    for copia in copias:
        hace = (venta.ocurrida_en - copia.ocurrida_en).total_seconds()
        assert hace == pytest.approx(60, abs=0.01)
    for copia in copias:
        evento = OutboxEvent.objects.get(aggregateid=copia.id_publico)
        assert copia.id_publico in evento.payload
        assert evento.evento_id in evento.payload
        assert otro.id_publico in evento.payload
        assert venta.id_publico not in evento.payload
        assert de.id_publico not in evento.payload
