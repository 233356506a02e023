"""Sales from a file: rehearsed, applied once, each row by itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.revision.services import aprobar_comision
from conversiones.fuentes.errores import FicheroYaAplicado
from conversiones.models import Conversion
from conversiones.ventas.services import rechazar_conversion
from outbox.models import OutboxEvent
from tests import fabricas
from tests.conversiones.fuentes.mesa import aplicar, csv, cuentas, ensayar, importar, malas, quien
from tests.fabricas import ANA, entregar_todo, foto

pytestmark = pytest.mark.django_db
HOY = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d")
D = Decimal


@pytest.fixture(autouse=True)
def _programa(db: None) -> None:
    fabricas.campana(predeterminada=True, referencia_externa="verano")
    fabricas.afiliado(referencia_externa="ana")


def test_se_ensaya_sin_escribir_y_se_aplica() -> None:
    contenido = csv(f"p-1,ana,100.50,{HOY}", f"p-2,ana,20,{HOY}", f"p-3,nadie,5,{HOY}")
    propias = ("conversiones.Importacion", "conversiones.FicheroImportado",
               "conversiones.FilaImportada", "comun.Historial")  # fmt: skip
    antes = foto(sin=propias)
    ensayada = ensayar(contenido)
    assert foto(sin=propias) == antes
    assert (ensayada.estado, cuentas(ensayada)) == ("por_confirmar", (2, 0, 1))
    assert ensayada.sumas == {"USD": [2, "120.50"]}
    hecha = aplicar(ensayada)
    assert (hecha.estado, cuentas(hecha), hecha.sumas) == (
        "terminada", (2, 0, 1), {"USD": [2, "120.50"]},
    )  # fmt: skip
    assert malas(hecha) == {4: ("afiliado", "No hay un afiliado «nadie»: regístralo primero.")}
    assert [c.valor for c in Conversion.objects.order_by("pk")] == [D("100.50"), D(20)]
    suya = Conversion.objects.get(referencia_externa="p-2")
    paso = Historial.objects.get(entidad_id=suya.id_publico)
    assert (paso.accion, paso.actor) == ("registrar", str(quien()))
    assert "«f.csv», línea 3" in paso.motivo
    eventos = OutboxEvent.objects.filter(type="ConversionRegistrada")
    assert eventos.count() == 2
    entregar_todo()
    assert {c.monto for c in Comision.objects.all()} == {D("10.05"), D(2)}


def test_quien_la_importo_no_aprueba_lo_que_trae() -> None:
    importar(csv(f"p-1,ana,100,{HOY}"))
    entregar_todo()
    comision = Comision.objects.get()
    with pytest.raises(CuatroOjos):
        aprobar_comision(comision=comision, actor=quien())
    assert aprobar_comision(comision=comision, actor=quien("luz")).estado == "aprobada"


def test_el_mismo_fichero_se_aplica_una_vez() -> None:
    contenido = csv(f"p-1,ana,100,{HOY}")
    otra = ensayar(contenido, actor=quien("luz"))
    importar(contenido)
    with pytest.raises(FicheroYaAplicado, match="eva"):
        ensayar(contenido)
    # Nor the one that was rehearsed before the other was applied.
    with pytest.raises(FicheroYaAplicado, match="eva"):
        aplicar(otra, quien("luz"))
    assert Conversion.objects.count() == 1


def test_uno_que_no_trajo_nada_se_puede_subir_otra_vez() -> None:
    contenido = csv(f"p-1,ana,100,{HOY}")
    ensayada = ensayar(contenido)
    fabricas.conversion(
        de=fabricas.Afiliado.objects.get(), en=fabricas.Campana.objects.get(), valor="7",
        referencia_externa="p-1",
    )  # fmt: skip
    assert cuentas(aplicar(ensayada)) == (0, 0, 1)
    assert cuentas(ensayar(contenido)) == (0, 0, 1)


def test_lo_que_ya_estaba() -> None:
    """The same says nothing new; other data is refused; what was refused does not come back."""
    importar(csv(*(f"p-{n},ana,{n},{HOY}" for n in (1, 2, 3))))
    rechazada = Conversion.objects.get(referencia_externa="p-3")
    rechazar_conversion(conversion=rechazada, actor=ANA, motivo="m")
    otra = importar(
        csv(f"p-1,ana,1.00,{HOY}", f"p-2,ana,2.01,{HOY}", f"p-3,ana,3,{HOY}", f"p-4,ana,4,{HOY}")
    )
    assert cuentas(otra) == (1, 1, 2)
    assert malas(otra)[3][0] == "referencia"
    assert "otro afiliado, valor o moneda" in malas(otra)[3][1]
    assert "Se rechazó" in malas(otra)[4][1]
    rechazada.refresh_from_db()
    assert (Conversion.objects.count(), rechazada.estado) == (4, "rechazada")


@pytest.mark.parametrize(
    ("fila", "columna", "dicho"),
    [
        (f",ana,1,{HOY}", "referencia", "vacío"),
        (f"p,,1,{HOY}", "afiliado", "vacío"),
        (f"p,ana,,{HOY}", "valor", "vacío"),
        ("p,ana,1,", "fecha", "vacío"),
        (f"p,otra,1,{HOY}", "afiliado", "regístralo"),
        (f"p,ana,-1,{HOY}", "valor", "mayor que cero"),
        (f"p,ana,0,{HOY}", "valor", "mayor que cero"),
        (f"p,ana,1.{'1' * 30},{HOY}", "valor", "decimales"),
        (f"p,ana,{'9' * 30},{HOY}", "valor", "mayor que cero"),
        (f'p,ana,"1,234",{HOY}', "valor", "dos maneras"),
        (f"p,ana,mucho,{HOY}", "valor", "no es un número"),
        (f"p,ana,1e5,{HOY}", "valor", "no es un número"),
        (f"p,ana,NaN,{HOY}", "valor", "no es un número"),
        ("p,ana,1,31/01/2026", "fecha", "2026-01-31"),
        ("p,ana,1,2026-02-30", "fecha", "2026-01-31"),
        ("p,ana,1,9999-12-31", "fecha", "futura"),
        ("p,ana,1,0001-01-01T00:00+14:00", "fecha", "2026-01-31"),
        ("p,ana,1,1999-01-01", "fecha", "vigente"),
        (f"=1+1,ana,1,{HOY}", "referencia", "fórmula"),
        (f"conv_01ARZ3NDEKTSV4RRFFQ69G5FAV,ana,1,{HOY}", "referencia", "identificadores"),
        (f"{'x' * 129},ana,1,{HOY}", "referencia", "128"),
        (f"p,ana,1,{HOY},sobra", "", "5 celdas"),
        ("p,ana,1", "", "3 celdas"),
    ],
)
def test_cada_fila_mala_dice_donde_y_que_hacer(fila: str, columna: str, dicho: str) -> None:
    hecha = importar(csv(f"b-1,ana,1,{HOY}", fila, f"b-2,ana,2,{HOY}"))
    assert cuentas(hecha) == (2, 0, 1)
    [(linea, (donde, que))] = malas(hecha).items()
    assert (linea, donde) == (3, columna)
    assert dicho in que


@pytest.mark.parametrize(
    ("celda", "columna", "dicho"),
    [
        ("XXX", "moneda", "moneda"),
        ("euros", "moneda", "moneda"),
    ],
)
def test_una_moneda_que_no_es(celda: str, columna: str, dicho: str) -> None:
    hecha = ensayar(csv(f"p,ana,1,{HOY},{celda}", cabecera="order_id,partner,total,date,currency"))
    [(_linea, (donde, que))] = malas(hecha).items()
    assert donde == "currency"
    assert dicho in que.lower()


def test_las_referencias_repetidas_dentro() -> None:
    contenido = csv(f"p-1,ana,1,{HOY}", f"P-1,ana,1,{HOY}", f" p-1 ,ana,2,{HOY}")
    for hecha in (ensayada := ensayar(contenido), aplicar(ensayada)):
        assert cuentas(hecha) == (2, 0, 1)
        assert malas(hecha) == {
            4: ("referencia", "«p-1» ya viene en la línea 2: deja una de las dos.")
        }


def test_monedas_fechas_y_campanas() -> None:
    fabricas.campana(nombre="Otra", moneda="COP", referencia_externa="otra")
    contenido = csv(
        "p-1;ana;1.234,50;2026-01-31 10:00;EUR;;correo",
        "p-2;ana;2000;2026-01-31T10:00:00Z;;otra;",
        "p-3;ana;0,01;2026-01-31;usd;verano;",
        cabecera="Nº de pedido;Afiliado;Importe;Fecha;Moneda;Campaña;Canal",
    )
    ensayada = ensayar(contenido, zona="America/Bogota")
    # Nobody guesses what «Nº de pedido» is.
    assert (ensayada.estado, ensayada.columnas.get("referencia")) == ("por_revisar", None)
    from conversiones.fuentes.avance import avanzar_importacion
    from conversiones.fuentes.services import cambiar_columnas

    cambiar_columnas(
        importacion=ensayada, actor=quien(),
        columnas={**ensayada.columnas, "referencia": "Nº de pedido"},
    )  # fmt: skip
    avanzar_importacion(importacion_pk=ensayada.pk)
    ensayada.refresh_from_db()
    hecha = aplicar(ensayada)
    assert malas(hecha) == {}
    assert hecha.sumas == {"COP": [1, "2000.00"], "EUR": [1, "1234.50"], "USD": [1, "0.01"]}
    una, dos, tres = Conversion.objects.order_by("referencia_externa")
    assert una.ocurrida_en == datetime(2026, 1, 31, 15, tzinfo=UTC)
    assert dos.ocurrida_en == datetime(2026, 1, 31, 10, tzinfo=UTC)
    assert tres.ocurrida_en == datetime(2026, 1, 31, 5, tzinfo=UTC)
    assert (dos.campana.nombre, una.canal_origen) == ("Otra", "correo")


def test_una_fila_que_la_base_no_traga_no_para_a_las_demas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looked for by halves, and its neighbours go on."""
    from conversiones.fuentes import aplicacion

    de_verdad = aplicacion.registrar_en_masa

    def romper(*, datos: list, actor: object) -> list:
        if any(dato.referencia_externa == "p-7" for dato in datos):
            raise RuntimeError("no")
        return de_verdad(datos=datos, actor=actor)

    monkeypatch.setattr(aplicacion, "registrar_en_masa", romper)
    hecha = importar(csv(*(f"p-{n},ana,{n},{HOY}" for n in range(1, 12))))
    assert cuentas(hecha) == (10, 0, 1)
    assert "RuntimeError" in malas(hecha)[8][1]


def test_otra_cosa_registrada_a_la_vez_no_se_pierde() -> None:
    """What the rehearsal saw is looked at again when it is applied."""
    ensayada = ensayar(csv(f"p-1,ana,1,{HOY}", f"p-2,ana,2,{HOY}"))
    fabricas.conversion(
        de=fabricas.Afiliado.objects.get(), en=fabricas.Campana.objects.get(), valor="1",
        referencia_externa="p-1",
    )  # fmt: skip
    assert cuentas(aplicar(ensayada)) == (1, 1, 0)
