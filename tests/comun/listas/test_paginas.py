"""Pages of a list: every row once, in order, both ways, and never by a join."""

from __future__ import annotations

import base64
import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q, QuerySet
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.listas import claves as modulo
from alpespartner.comun.listas.claves import contar
from alpespartner.comun.listas.errores import CursorAjeno, DemasiadasRamas, NoListable
from alpespartner.comun.listas.pagina import ULTIMA, Pagina, pagina
from alpespartner.comun.listas.sumas import sumar
from comisiones.comision.models import Comision
from conversiones.campanas.models import Campana
from conversiones.ventas.estados import EstadoConversion
from conversiones.ventas.models import Conversion
from tests import fabricas

pytestmark = pytest.mark.django_db
ESTADOS = EstadoConversion.values


@pytest.fixture
def ventas() -> None:
    """300 sales of five affiliates in three campaigns, some of the same instant."""
    azar = random.Random(4)
    afiliados = [fabricas.afiliado(nombre=f"A{n}") for n in range(5)]
    campanas = [fabricas.campana(nombre=f"C{n}") for n in range(3)]
    ahora = timezone.now()
    Conversion.objects.bulk_create(
        Conversion(
            id_publico=f"conv_{n:026d}", afiliado=azar.choice(afiliados),
            campana=azar.choice(campanas), valor=1, moneda="USD", estado=azar.choice(ESTADOS),
            referencia_externa=f"r{n}" if n % 3 else None,
            ocurrida_en=ahora - timedelta(minutes=azar.randrange(40)),
        )
        for n in range(300)
    )  # fmt: skip


def consultas() -> dict[str, QuerySet[Conversion]]:
    """What lists ask for: by one column and by several, one value and many, in each order."""
    todas = Conversion.objects.select_related("afiliado", "campana")
    afiliados = list(Afiliado.objects.values_list("pk", flat=True))
    campana = Campana.objects.latest("pk")
    hace = timezone.now() - timedelta(minutes=20)
    dos = todas.filter(estado__in=["recibida", "validada"])
    return {
        "todas": todas.order_by("-id"),
        "sin orden": todas,
        "hacia arriba": todas.order_by("pk"),
        "por estado": dos.order_by("estado", "id"),
        "dos estados": dos.order_by("-pk"),
        "de un afiliado": todas.filter(afiliado=afiliados[0]),
        "de varios": todas.filter(afiliado__in=afiliados[1:4]),
        "sin índice de los tres": todas.filter(
            afiliado=afiliados[0], campana=campana, estado="recibida"
        ),
        "de varios y estados": dos.filter(afiliado__in=afiliados),
        "desde": todas.filter(ocurrida_en__gte=hace).order_by("-ocurrida_en", "-pk"),
        "hasta y campaña": todas.filter(ocurrida_en__lt=hace, campana=campana).order_by(
            "-ocurrida_en", "-pk"
        ),
        "sin referencia": todas.filter(referencia_externa__isnull=True),
        "esto o lo otro": todas.filter(Q(referencia_externa="r4") | Q(afiliado__in=afiliados[:2])),
        "unas claves, o de muchos": dos.filter(
            Q(pk__in=[c.pk for c in todas[:30]]) | Q(afiliado__in=afiliados)
        ),
        "de muchos, y lo que no": todas.filter(
            Q(afiliado__in=[*afiliados, 10**6]) | Q(campana=campana, estado="recibida")
        ).order_by("-ocurrida_en", "-pk"),
        "unas claves": todas.filter(pk__in=[c.pk for c in todas[40:60]], estado="recibida"),
        "nadie": todas.filter(afiliado__in=[]),
        "uno que no cabe": todas.filter(afiliado=10**30),
    }


def ids(consulta: QuerySet[Conversion]) -> list[int]:
    orden = consulta.query.order_by or ("-pk",)
    return list(consulta.order_by(*orden).values_list("pk", flat=True))


def recorrer(consulta: Any, limite: int, cursor: str | None, enlace: str) -> list[list[int]]:
    paginas = []
    for _vez in range(400):
        una: Pagina[Any] = pagina(consulta, limite, cursor=cursor)
        paginas.append([fila.pk for fila in una.filas])
        cursor = getattr(una, enlace)
        if cursor is None:
            return paginas
    raise AssertionError("no acaba")


@pytest.mark.lento
@pytest.mark.parametrize("limite", [7, 50, 1000])
@pytest.mark.parametrize("presupuesto", [2_000, 25])
def test_cada_fila_una_vez(
    ventas: None, monkeypatch: pytest.MonkeyPatch, limite: int, presupuesto: int
) -> None:
    """Forward from the first page and back from the last, as the plain query has them; also when a
    page may look at so few rows that the search stops half-way, and goes on."""
    monkeypatch.setattr(modulo, "PRESUPUESTO", presupuesto)
    monkeypatch.setattr(modulo, "ENTERA", presupuesto)
    for nombre, consulta in consultas().items():
        esperadas = ids(consulta) if nombre != "uno que no cabe" else []
        hacia_delante = recorrer(consulta, limite, None, "siguiente")
        assert [pk for p in hacia_delante for pk in p] == esperadas, nombre
        hacia_atras = recorrer(consulta, limite, ULTIMA, "anterior")
        # The last step back is the first page whole, which may repeat some of the one after it.
        vistas = dict.fromkeys(pk for p in reversed(hacia_atras) for pk in p)
        assert list(vistas) == esperadas, nombre


@pytest.mark.parametrize("tope", [10, 1000])
def test_cuentas(ventas: None, tope: int) -> None:
    for nombre, consulta in consultas().items():
        hay = len(ids(consulta)) if nombre != "uno que no cabe" else 0
        n, entera = contar(consulta, tope)
        assert n == hay if entera else n <= hay, nombre
        if tope == 1000:
            assert entera, nombre


def test_las_filas_traen_lo_suyo(ventas: None, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(2):
        una = pagina(Conversion.objects.select_related("afiliado", "campana"), 50)
        assert all(fila.afiliado.nombre and fila.campana.nombre for fila in una.filas)


def test_lo_que_cambia_de_sitio_no_rompe_la_pagina(ventas: None) -> None:
    """The row of a cursor went to another state: the next page begins where it was."""
    cola = Conversion.objects.filter(estado="recibida").order_by("estado", "id")
    primera = pagina(cola, 5)
    resto = ids(cola)[5:]
    Conversion.objects.filter(pk=primera.filas[-1].pk).update(estado="validada")
    assert [f.pk for f in pagina(cola, 5, cursor=primera.siguiente).filas] == resto[:5]


@pytest.mark.parametrize(
    "consulta",
    [
        lambda: Conversion.objects.filter(campana__nombre="C1"),
        lambda: Conversion.objects.exclude(estado="recibida"),
        lambda: Conversion.objects.filter(id_publico__contains="1"),
        lambda: Conversion.objects.filter(campana__in=Campana.objects.filter(nombre="C1")),
        lambda: Conversion.objects.order_by("valor"),
        lambda: Conversion.objects.order_by("estado", "-id"),
        lambda: Conversion.objects.distinct(),
    ],
)
def test_lo_que_un_indice_no_contesta_se_ve_al_escribirlo(ventas: None, consulta: Any) -> None:
    with pytest.raises(NoListable):
        pagina(consulta(), 50)


def test_demasiados_valores(ventas: None) -> None:
    muchos = Conversion.objects.filter(afiliado__in=range(1, 101), campana__in=range(1, 101))
    with pytest.raises(DemasiadasRamas):
        pagina(muchos, 50)


def test_cursores_ajenos(ventas: None) -> None:
    """Of another list, of another order, changed, or made up."""
    todas = Conversion.objects.all()
    suyo = pagina(todas, 5).siguiente
    assert suyo is not None
    for otra in (
        todas.order_by("pk"),
        todas.order_by("-ocurrida_en", "-pk"),
        Campana.objects.all(),
    ):
        with pytest.raises(CursorAjeno):
            pagina(otra, 5, cursor=suyo)
    for malo in (suyo[:-1], f"{suyo}x", suyo.swapcase(), "x", "é", "1:2:3", "\x00"):
        with pytest.raises(CursorAjeno):
            pagina(todas, 5, cursor=malo)


def test_sumas_por_moneda(db: None) -> None:
    for valor in ("10", "20.50", "30"):
        fabricas.comision(valor=valor)
    fabricas.comision(en=fabricas.campana(moneda="EUR"), valor="7")
    pendientes = Comision.objects.filter(estado="pendiente")
    assert list(sumar(pendientes, "monto", por="moneda", tope=10)) == [
        ("EUR", Decimal("0.70"), True), ("USD", Decimal("6.05"), True),
    ]  # fmt: skip
    [_euros, (_moneda, suma, entera)] = sumar(pendientes, "monto", por="moneda", tope=2)
    assert (entera, suma < Decimal("6.05")) == (False, True)
    pagadas = Comision.objects.filter(estado="pagada")
    assert list(sumar(pagadas, "monto", por="moneda", tope=2)) == []
    with pytest.raises(NoListable):
        list(sumar(pendientes, "base", por="moneda", tope=2))


def test_un_cursor_no_dice_nada(ventas: None) -> None:
    """Neither a key, which tells how many there are, nor the same twice."""
    primero, segundo = (pagina(Conversion.objects.all(), 5).siguiente for _vez in range(2))
    assert primero is not None
    assert primero != segundo
    crudo = base64.urlsafe_b64decode(primero + "=" * (-len(primero) % 4))
    assert b"onversion" not in crudo
    assert str(Conversion.objects.latest("pk").pk - 4).encode() not in crudo
