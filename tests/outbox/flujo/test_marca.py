"""How far the feed goes, number by number, and what a page of it holds: both sides of each edge.

The mark moves on MySQL alone; here its steps are taken without one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.models import Max
from django.test.utils import CaptureQueriesContext

from alpespartner.comun.identificadores import nuevo_uuid7
from outbox.flujo import selectors, services
from outbox.flujo.errores import CursorCaducado
from outbox.flujo.selectors import final, leer
from outbox.models import MarcaDelFlujo, OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
T0 = datetime(2026, 3, 10, 9, tzinfo=UTC)
SEGUNDO = timedelta(seconds=1)


@pytest.fixture
def cero() -> int:
    """Past the numbers that others took."""
    return (OutboxEvent.objects.aggregate(m=Max("posicion"))["m"] or 0) + 100


def poner(cero: int, *numeros: int, tipo: str = "AfiliadoSuspendido", de: str = "af_1") -> None:
    OutboxEvent.objects.bulk_create(
        OutboxEvent(
            posicion=cero + n, evento_id=nuevo_uuid7(), aggregatetype="afiliados",
            aggregateid=de, type=tipo, aggregate_version=1, payload=f'{{"n": {n}}}',
        )
        for n in numeros
    )  # fmt: skip


@pytest.mark.parametrize(
    ("hay", "viejas", "de_nadie", "hasta", "preguntadas"),
    [
        ((), 9, True, 0, []),
        ((1, 2, 3), 0, True, 3, []),
        ((1, 3), 3, True, 3, [(2, 2)]),
        ((1, 3), 2, True, 1, []),
        ((1, 3), 3, False, 1, [(2, 2)]),
        ((1, 4, 5), 4, True, 5, [(2, 3)]),
        ((3,), 3, True, 3, [(1, 2)]),
        ((2, 4), 4, True, 4, [(1, 1), (3, 3)]),
        ((2, 4), 3, True, 2, [(1, 1)]),
    ],
)
def test_hasta_donde_no_falta_ninguno(
    monkeypatch: pytest.MonkeyPatch, cero: int, hay: tuple[int, ...], viejas: int, de_nadie: bool,
    hasta: int, preguntadas: list[tuple[int, int]],
) -> None:  # fmt: skip
    """What is missing stops it unless it is nobody's, and only what has been missing for long is
    asked about."""
    poner(cero, *hay)
    dichas: list[tuple[int, int]] = []

    def preguntar(primera: int, ultima: int) -> bool:
        dichas.append((primera - cero, ultima - cero))
        return de_nadie

    monkeypatch.setattr(services, "_de_nadie", preguntar)
    assert services._hasta_donde(cero, cero + viejas) - cero == hasta
    assert dichas == preguntadas


@pytest.mark.parametrize(
    ("hay", "hasta", "lecturas"), [(3, 3, 2), (4, 4, 3), (7, 6, 3), (1, 1, 1), (0, 0, 1)]
)
def test_de_poco_en_poco(
    monkeypatch: pytest.MonkeyPatch, cero: int, hay: int, hasta: int, lecturas: int
) -> None:
    """Two at a time, three times; it ends with the first that is not full."""
    monkeypatch.setattr(services, "_TANDA", 2)
    monkeypatch.setattr(services, "_TANDAS", 3)
    poner(cero, *range(1, hay + 1))
    with CaptureQueriesContext(connection) as consultas:
        assert services._hasta_donde(cero, 0) - cero == hasta
    assert len(consultas) == lecturas


class Falsa:
    """A database that says one thing."""

    vendor = "mysql"

    def __init__(self, dice: Any) -> None:
        self.dice, self.pedido = dice, []

    def cursor(self) -> Any:
        return self

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_que: object) -> None:
        return None

    def execute(self, sql: str, valores: Any = ()) -> None:
        self.pedido.append((sql, list(valores)))
        if isinstance(self.dice, Exception):
            raise self.dice

    def fetchone(self) -> Any:
        return self.dice


@pytest.mark.parametrize(
    ("dice", "de_nadie"), [(None, True), ((7,), False), (OperationalError(3572, "nowait"), False)]
)
def test_de_quien_es_un_numero(monkeypatch: pytest.MonkeyPatch, dice: Any, de_nadie: bool) -> None:
    """A row that is there, or locked, is somebody's; it is asked for without waiting."""
    falsa = Falsa(dice)
    monkeypatch.setattr(services, "connection", falsa)
    assert services._de_nadie(4, 9) is de_nadie
    [(sql, valores)] = falsa.pedido
    assert valores == [4, 9]
    assert "BETWEEN %s AND %s" in sql
    assert sql.endswith("FOR SHARE NOWAIT")


def test_otro_fallo_no_dice_de_quien_es(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "connection", Falsa(OperationalError(2013, "lost")))
    with pytest.raises(OperationalError):
        services._de_nadie(1, 1)


def test_el_reloj_es_el_de_la_base(monkeypatch: pytest.MonkeyPatch) -> None:
    falsa = Falsa((T0.replace(tzinfo=None),))
    monkeypatch.setattr(services, "connection", falsa)
    assert services._reloj() == T0
    assert falsa.pedido == [("SELECT UTC_TIMESTAMP(6)", [])]


@pytest.fixture
def avanzar(monkeypatch: pytest.MonkeyPatch, cero: int) -> Callable[[datetime], Any]:
    """Moves the mark at an instant, where nothing that is missing is anybody's; gives what it said
    and how the mark is: as far as it goes, what was seen and when."""
    MarcaDelFlujo.objects.update_or_create(
        pk=1, defaults={"hasta": cero, "purgado": 0, "vista": 0, "vista_en": None}
    )
    monkeypatch.setattr(services, "connection", SimpleNamespace(vendor="mysql"))
    monkeypatch.setattr(services, "_de_nadie", lambda *_cuales: True)

    def mover(cuando: datetime) -> Any:
        monkeypatch.setattr(services, "_reloj", lambda: cuando)
        dicho = services.avanzar()
        fila = MarcaDelFlujo.objects.get(pk=1)
        assert dicho == fila.hasta or dicho == fila.purgado
        return dicho - cero, fila.vista - cero, fila.vista_en

    return mover


def test_lo_que_falta_se_espera(cero: int, avanzar: Callable[[datetime], Any]) -> None:
    """Only what was seen to be missing ``ESPERA`` ago is given up; a clock that goes back begins
    to count anew."""
    poner(cero, 1, 3)
    assert avanzar(T0) == (1, 3, T0)
    poner(cero, 5)
    assert avanzar(T0) == (1, 3, T0)
    casi = T0 + 5 * SEGUNDO - timedelta(microseconds=1)
    assert avanzar(casi) == (1, 3, T0)
    # What is seen now is waited for anew.
    justo = T0 + 5 * SEGUNDO
    assert avanzar(justo) == (3, 5, justo)
    poner(cero, 7)
    atras = justo - SEGUNDO
    assert avanzar(atras) == (3, 7, atras)
    assert avanzar(atras + 5 * SEGUNDO) == (7, 7, atras + 5 * SEGUNDO)


def test_desde_lo_purgado(cero: int, avanzar: Callable[[datetime], Any]) -> None:
    """What is gone is not missing, and the mark never goes back."""
    poner(cero, 1, 5, 6)
    MarcaDelFlujo.objects.update(purgado=cero + 4)
    assert avanzar(T0)[0] == 6
    MarcaDelFlujo.objects.update(purgado=cero + 9)
    assert avanzar(T0)[0] == 9
    MarcaDelFlujo.objects.update(hasta=cero + 8, purgado=0)
    assert avanzar(T0)[0] == 8


def test_la_marca_no_vuelve_atras_aunque_otro_la_adelante(
    cero: int, avanzar: Callable[[datetime], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def mientras(hasta: int, _viejas: int) -> int:
        MarcaDelFlujo.objects.update(hasta=cero + 9)
        return hasta + 1

    monkeypatch.setattr(services, "_reloj", lambda: T0)
    monkeypatch.setattr(services, "_hasta_donde", mientras)
    services.avanzar()
    assert MarcaDelFlujo.objects.get(pk=1).hasta == cero + 9


def test_sin_eventos_ni_marca(monkeypatch: pytest.MonkeyPatch) -> None:
    OutboxEvent.objects.all()._raw_delete(using="default")
    MarcaDelFlujo.objects.all().delete()
    assert (services.avanzar(), MarcaDelFlujo.objects.exists()) == (0, False)
    assert (final(), services.marca().hasta, services.marca().pk) == (0, 0, 1)
    monkeypatch.setattr(services, "connection", SimpleNamespace(vendor="mysql"))
    monkeypatch.setattr(services, "_reloj", lambda: T0)
    assert services.avanzar() == 0
    suya = MarcaDelFlujo.objects.get()
    assert (suya.pk, suya.hasta, suya.vista, suya.vista_en) == (1, 0, 0, T0)


def test_una_purga_solo_sube() -> None:
    MarcaDelFlujo.objects.all().delete()
    for hasta, queda in ((5, 5), (4, 5), (6, 6)):
        services.anotar_purga(hasta)
        assert MarcaDelFlujo.objects.get(pk=1).purgado == queda


@pytest.mark.parametrize(
    ("hay", "purgado", "sqlite", "mysql"),
    [
        ((), 0, 0, 0),
        ((1, 2, 4), 0, 4, 2),
        ((2,), 0, 2, 0),
        ((1, 2, 4), 3, 4, 4),
        ((1, 2), 9, 9, 9),
        # As many as a page looks at, and no more.
        ((1, 2, 3, 4), 0, 4, 3),
    ],
)
def test_el_final(
    monkeypatch: pytest.MonkeyPatch, cero: int, hay: tuple[int, ...], purgado: int, sqlite: int,
    mysql: int,
) -> None:  # fmt: skip
    """Where one writer at a time leaves nothing missing it is the last one; elsewhere, the last
    with none missing before it."""
    monkeypatch.setattr(selectors, "VENTANA", 3)
    MarcaDelFlujo.objects.update_or_create(
        pk=1, defaults={"hasta": cero, "purgado": cero + purgado}
    )
    poner(cero, *hay)
    assert final() - cero == sqlite
    monkeypatch.setattr(selectors, "connection", SimpleNamespace(vendor="mysql"))
    with CaptureQueriesContext(connection) as consultas:
        assert final() - cero == mysql
    # Whatever the database would give them in.
    assert "ORDER BY" in consultas[-1]["sql"]


@pytest.fixture
def seis(cero: int, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[int], int, bool]]:
    """Six events after a purge: of two objects, which are two affiliates, of two types and one of
    the path, which is told to nobody. Reads them."""
    monkeypatch.setattr(
        selectors, "afiliados_de", lambda sobres: {sobre.id: sobre.sujeto for sobre in sobres}
    )
    MarcaDelFlujo.objects.update_or_create(pk=1, defaults={"hasta": 0, "purgado": cero})
    poner(cero, 1, 2, 5)
    poner(cero, 3, de="af_2")
    poner(cero, 4, tipo="AfiliadoActivado")
    poner(cero, 6, tipo="CanarioEmitido")

    def pedir(desde: int | None, limite: int, **cuales: str) -> tuple[list[int], int, bool]:
        tanda = leer(None if desde is None else cero + desde, limite, **cuales)
        numeros = [int(texto.removeprefix('{"n": ').removesuffix("}")) for texto in tanda.textos]
        return numeros, tanda.hasta - cero, tanda.hay_mas

    return pedir


@pytest.mark.parametrize(
    ("desde", "limite", "cuales", "pagina"),
    [
        (None, 2, {}, ([1, 2], 2, True)),
        (0, 2, {}, ([1, 2], 2, True)),
        (2, 2, {}, ([3, 4], 4, True)),
        (4, 2, {}, ([5], 6, False)),
        (4, 3, {}, ([5], 6, False)),
        (6, 2, {}, ([], 6, False)),
        (0, 2, {"objeto": "af_1"}, ([1, 2], 2, True)),
        (2, 9, {"objeto": "af_1"}, ([4, 5], 6, False)),
        (0, 9, {"objeto": "af_2"}, ([3], 6, False)),
        (0, 2, {"tipo": "AfiliadoSuspendido"}, ([1, 2], 2, True)),
        (2, 2, {"tipo": "AfiliadoSuspendido"}, ([3, 5], 5, True)),
        (5, 2, {"tipo": "AfiliadoSuspendido"}, ([], 6, False)),
        (0, 1, {"tipo": "AfiliadoActivado"}, ([4], 4, True)),
        # Of both: more is looked at than is given.
        (0, 1, {"tipo": "AfiliadoSuspendido", "objeto": "af_1"}, ([1], 1, True)),
        (1, 2, {"tipo": "AfiliadoSuspendido", "objeto": "af_1"}, ([2, 5], 6, False)),
        (1, 1, {"tipo": "AfiliadoActivado", "objeto": "af_1"}, ([4], 6, False)),
        (0, 9, {"tipo": "AfiliadoActivado", "objeto": "af_2"}, ([], 6, False)),
        (0, 9, {"afiliado": "af_3"}, ([], 6, False)),
        (0, 2, {"afiliado": "af_1"}, ([1, 2], 2, True)),
        (2, 9, {"afiliado": "af_1"}, ([4, 5], 6, False)),
    ],
)
def test_una_pagina(
    seis: Callable[..., Any], desde: int | None, limite: int, cuales: dict[str, str],
    pagina: tuple[list[int], int, bool],
) -> None:  # fmt: skip
    assert seis(desde, limite, **cuales) == pagina


def test_los_suyos_en_su_orden(seis: Callable[..., Any]) -> None:
    """Whatever the database would give them in."""
    with CaptureQueriesContext(connection) as consultas:
        seis(None, 2)
    leidos = [c["sql"] for c in consultas if '"payload"' in c["sql"]]
    assert leidos
    assert all("ORDER BY" in sql for sql in leidos)


def test_lo_que_se_mira_en_vano(seis: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Three at a time: short pages, and more of them."""
    monkeypatch.setattr(selectors, "VENTANA", 3)
    ambas = {"tipo": "AfiliadoActivado", "objeto": "af_1"}
    assert seis(0, 9, **ambas) == ([4], 4, True)
    assert seis(4, 9, **ambas) == ([], 6, False)
    assert seis(0, 9, afiliado="af_2") == ([3], 3, True)


@pytest.mark.parametrize("desde", [-1, 7])
def test_de_donde_no_hay(seis: Callable[..., Any], desde: int) -> None:
    """Of before a purge, or of a later time than the database."""
    with pytest.raises(CursorCaducado) as error:
        seis(desde, 2)
    assert (error.value.http, error.value.codigo, error.value.campo) == (
        410, "cursor_caducado", "desde",
    )  # fmt: skip
