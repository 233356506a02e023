"""Refunds and affiliates from a file."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from afiliados.models import Afiliado
from comisiones.comision.models import Comision
from conversiones.fuentes import avance
from conversiones.models import MovimientoConversion
from tests import fabricas
from tests.conversiones.fuentes.mesa import aplicar, csv, cuentas, ensayar, importar, malas
from tests.fabricas import entregar_todo, foto

pytestmark = pytest.mark.django_db
HOY = (timezone.now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
DE_DEVOLUCION = "venta,devolucion,monto,fecha,motivo"
DE_AFILIADO = "id,name,email"
D = Decimal


@pytest.fixture
def ventas(db: None) -> None:
    en = fabricas.campana(predeterminada=True)
    suya = fabricas.afiliado(referencia_externa="ana")
    for n in (1, 2):
        fabricas.comision(de=suya, en=en, valor="100", referencia_externa=f"p-{n}")


def test_devoluciones_en_parte_y_enteras(ventas: None) -> None:
    contenido = csv(
        f"p-1,r-1,30,{HOY},fraude", f"p-2,r-2,,{HOY},Se arrepintió", f"p-9,r-9,1,{HOY},",
        cabecera=DE_DEVOLUCION,
    )  # fmt: skip
    antes = MovimientoConversion.objects.count()
    ensayada = ensayar(contenido, "devoluciones")
    assert MovimientoConversion.objects.count() == antes
    hecha = aplicar(ensayada)
    assert (cuentas(hecha), hecha.sumas) == ((2, 0, 1), {"USD": [2, "130.00"]})
    assert malas(hecha) == {4: ("venta", "No hay una venta «p-9» en la campaña: impórtala antes.")}
    entregar_todo()
    assert [c.monto for c in Comision.objects.order_by("pk")] == [D(7), D(0)]
    assert set(
        MovimientoConversion.objects.filter(tipo="devolucion").values_list("motivo", flat=True)
    ) == {"Fraude", "Se arrepintió"}
    # The same again, from another file.
    otra = ensayar(contenido + f"\np-1,r-3,70.01,{HOY},".encode(), "devoluciones")
    assert cuentas(otra) == (0, 2, 2)
    assert "70.00 USD" in malas(otra)[5][1]


@pytest.mark.parametrize("porcion", [1, 2, 250])
def test_el_ensayo_suma_las_de_una_venta(
    ventas: None, porcion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far apart they come: together they are no more than there was."""
    monkeypatch.setattr(avance, "PORCION", porcion)
    contenido = csv(
        f"p-1,a,60,{HOY},", f"p-2,b,60,{HOY},", f"p-2,c,40,{HOY},", f"p-1,d,60,{HOY},",
        cabecera=DE_DEVOLUCION,
    )  # fmt: skip
    ensayada = ensayar(contenido, "devoluciones")
    assert (cuentas(ensayada), list(malas(ensayada))) == ((3, 0, 1), [5])
    assert cuentas(aplicar(ensayada)) == (3, 0, 1)


@pytest.mark.parametrize(
    ("fila", "columna", "dicho"),
    [
        ("p-1,,1,hoy,", "devolucion", "vacío"),
        (",x,1,hoy,", "venta", "vacío"),
        ("p-1,x,-1,hoy,", "monto", "mayor que cero"),
        ("p-1,x,0,hoy,", "monto", "mayor que cero"),
        ("p-1,x,100.01,hoy,", "monto", "quedan"),
        ("p-1,x,0.001,hoy,", "monto", "decimales"),
        ("p-1,x,1,2099-01-01,", "fecha", "futura"),
        ("p-1,x,1,ayer,", "fecha", "2026-01-31"),
        ("p-1,x,1,hoy," + "m" * 401, "motivo", "400"),
    ],
)
def test_una_devolucion_mala(ventas: None, fila: str, columna: str, dicho: str) -> None:
    # Not before: each process would make other parameters.
    hecha = ensayar(csv(fila.replace("hoy", HOY), cabecera=DE_DEVOLUCION), "devoluciones")
    [(_linea, (donde, que))] = malas(hecha).items()
    assert donde == columna
    assert dicho in que


def test_una_devolucion_en_otra_moneda(ventas: None) -> None:
    hecha = ensayar(csv("p-1,x,1,EUR", cabecera="venta,devolucion,monto,moneda"), "devoluciones")
    assert malas(hecha)[2] == ("moneda", "La venta es en USD: la devolución también.")


def test_afiliados_pendientes_y_una_vez(db: None) -> None:
    contenido = csv(
        "a-1,Ana Ñíguez,ana@ejemplo.co", "a-2,Luis,luis@ejemplo.co", "a-3,,x@ejemplo.co",
        "a-4,Mal,no-es-correo", "a-1,Otra,otra@ejemplo.co", f"a-5,{'n' * 201},n@ejemplo.co",
        cabecera=DE_AFILIADO,
    )  # fmt: skip
    antes = Afiliado.objects.count()
    ensayada = ensayar(contenido, "afiliados")
    assert Afiliado.objects.count() == antes
    hecha = aplicar(ensayada)
    assert cuentas(hecha) == (2, 0, 4)
    assert {linea: donde for linea, (donde, _que) in malas(hecha).items()} == {
        4: "name", 5: "email", 6: "id", 7: "name",
    }  # fmt: skip
    ana = Afiliado.objects.get(referencia_externa="a-1")
    assert (ana.nombre, ana.estado) == ("Ana Ñíguez", "pendiente")
    otra = importar(csv("a-1,Ana,ana@ejemplo.co", "a-2,Luis,otro@ejemplo.co", "a-6,Eva,e@e.co",
                        cabecera=DE_AFILIADO), "afiliados")  # fmt: skip
    assert cuentas(otra) == (1, 1, 1)
    assert "con otro correo" in malas(otra)[3][1]


def test_un_documento_repetido_y_una_tasa_imposible(db: None) -> None:
    contenido = csv(
        "a-1,A,a@e.co,CC,700,10", "a-2,B,b@e.co,CC,700,10", "a-3,C,c@e.co,CC,800,101",
        "a-4,D,d@e.co,CC,900,-1", "a-5,E,e@e.co,NIT,800197268-4,\"12,5\"",
        "a-6,F,f@e.co,NIT,800197268-5,1", "a-7,G,A@E.co,,,1",
        cabecera="id,name,email,documento_tipo,documento,rate",
    )  # fmt: skip
    hecha = importar(contenido, "afiliados")
    assert cuentas(hecha) == (2, 0, 5)
    assert {linea: donde for linea, (donde, _que) in malas(hecha).items()} == {
        3: "documento", 4: "rate", 5: "rate", 7: "documento", 8: "email",
    }  # fmt: skip
    assert Afiliado.objects.get(referencia_externa="a-5").comision_base == D("12.5")
    assert foto()["afiliados.Afiliado"] == 2


CON_REFERENTE = "id,name,email,referido_por"


@pytest.mark.parametrize("porcion", [1, 250])
def test_el_referente_en_cualquier_orden(
    db: None, porcion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its reference, our id or its e-mail; of another row it is registered first, also where the
    rehearsal has undone it by then."""
    monkeypatch.setattr(avance, "PORCION", porcion)
    zoe = fabricas.afiliado(nombre="Zoe", email="zoe@e.co", referencia_externa="z")
    contenido = csv(
        "a,A,a@e.co,b@e.co", "b,B,b@e.co,c", "c,C,c@e.co,z", f"d,D,d@e.co,{zoe.id_publico}",
        "e,E,e@e.co,zoe@e.co", "f,F,f@e.co,", cabecera=CON_REFERENTE,
    )  # fmt: skip
    ensayada = ensayar(contenido, "afiliados")
    assert (cuentas(ensayada), Afiliado.objects.count()) == ((6, 0, 0), 1)
    assert cuentas(aplicar(ensayada)) == (6, 0, 0)
    de_quien = dict(Afiliado.objects.values_list("nombre", "referente__nombre"))
    assert de_quien == {
        "Zoe": None, "A": "B", "B": "C", "C": "Zoe", "D": "Zoe", "E": "Zoe", "F": None,
    }  # fmt: skip


def test_un_referente_que_no_vale(db: None) -> None:
    """Circles, nobody, two of one e-mail, and another one than it has: each says what to do."""
    for n in (1, 2):
        fabricas.afiliado(
            nombre=f"Doble {n}", email=f"doble{n}@e.co", referencia_externa=f"doble-{n}"
        )
    # From before no two had one.
    Afiliado.objects.filter(nombre="Doble 2").update(correo_unico=None)
    Afiliado.objects.filter(nombre__startswith="Doble").update(email="doble@e.co")
    contenido = csv(
        "a,A,a@e.co,b", "b,B,b@e.co,c", "c,C,c@e.co,a@e.co", "d,D,d@e.co,d", "e,E,e@e.co,nadie",
        "f,F,f@e.co,doble@e.co", "doble-1,Doble 1,doble@e.co,doble-2", "g,G,g@e.co,a",
        cabecera=CON_REFERENTE,
    )  # fmt: skip
    hecha = importar(contenido, "afiliados")
    assert cuentas(hecha) == (0, 0, 8)
    dichas = malas(hecha)
    assert {donde for donde, _que in dichas.values()} == {"referido_por"}
    for linea, dicho in {
        2: "ciclo", 3: "ciclo", 4: "ciclo", 5: "ciclo", 6: "«nadie»", 7: "varios", 8: "otro",
        9: "«a»",
    }.items():  # fmt: skip
        assert dicho in dichas[linea][1], linea
