"""Imports go on after any crash, stop when they are told, and are forgotten when nobody applies
them."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from alpespartner.comun.errores import DatoInvalido, TransicionInvalida
from alpespartner.comun.models import Historial
from conversiones.fuentes import avance, services
from conversiones.fuentes.avance import avanzar_importacion, barrer_importaciones
from conversiones.fuentes.columnas import reconocer
from conversiones.fuentes.errores import (
    ColumnaDesconocida,
    FaltanColumnas,
    ImportacionAjena,
    NadaQueImportar,
    NoPuedeImportar,
)
from conversiones.fuentes.selectors import csv_de_rechazadas
from conversiones.fuentes.services import (
    cambiar_columnas,
    confirmar_importacion,
    detener_importacion,
    subir_fichero,
)
from conversiones.models import Conversion, FicheroImportado, FilaImportada, Importacion
from tests import fabricas
from tests.conversiones.fuentes.mesa import (
    CABECERA,
    aplicar,
    csv,
    cuentas,
    ensayar,
    importar,
    malas,
    quien,
)

pytestmark = pytest.mark.django_db
HOY = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d")


@pytest.fixture(autouse=True)
def _programa(db: None) -> None:
    fabricas.campana(predeterminada=True)
    fabricas.afiliado(referencia_externa="ana")


def cien() -> bytes:
    return csv(*(f"p-{n},ana,{n},{HOY}" for n in range(1, 101)))


class Corte(BaseException):
    """The process dies: nothing catches it."""


@pytest.mark.parametrize("en", [1, 3, 5])
def test_muerta_a_mitad_sigue_sin_repetir(en: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avance, "PORCION", 20)
    ensayada = ensayar(cien())
    confirmar_importacion(importacion=ensayada, actor=quien())
    veces, de_verdad = [0], avance._anotar

    def morir(*args: object, **kwargs: object) -> None:
        de_verdad(*args, **kwargs)
        veces[0] += 1
        if veces[0] == en:
            # Its rows and its progress were written, and are not committed.
            raise Corte

    monkeypatch.setattr(avance, "_anotar", morir)
    with pytest.raises(Corte):
        avanzar_importacion(importacion_pk=ensayada.pk)
    ensayada.refresh_from_db()
    assert (ensayada.hasta, Conversion.objects.count()) == (20 * (en - 1), 20 * (en - 1))
    avanzar_importacion(importacion_pk=ensayada.pk)
    ensayada.refresh_from_db()
    assert (ensayada.estado, cuentas(ensayada)) == ("terminada", (100, 0, 0))
    assert Conversion.objects.count() == 100
    assert FilaImportada.objects.filter(importacion=ensayada).count() == 100


def test_el_barrido_encuentra_las_que_perdieron_su_tarea(monkeypatch: pytest.MonkeyPatch) -> None:
    encoladas: list[int] = []
    monkeypatch.setattr(avance, "encolar", encoladas.append)
    suya = subir_fichero(tipo="ventas", contenido=cien(), nombre="f", actor=quien())
    assert barrer_importaciones() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=5)):
        assert (barrer_importaciones(), encoladas) == (1, [suya.pk])


def test_se_detiene_y_se_reanuda(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avance, "PORCION", 20)
    ensayada = ensayar(cien())
    confirmar_importacion(importacion=ensayada, actor=quien())
    avanzar_importacion(importacion_pk=ensayada.pk, segundos=0)
    detener_importacion(importacion=ensayada, actor=quien("luz"), motivo="m")
    avanzar_importacion(importacion_pk=ensayada.pk)
    assert Conversion.objects.count() == 20
    assert cuentas(aplicar(ensayada)) == (100, 0, 0)
    assert Conversion.objects.count() == 100


def test_quien_pierde_el_permiso_no_sigue() -> None:
    ensayada = ensayar(cien())
    confirmar_importacion(importacion=ensayada, actor=quien())
    User.objects.filter(username="eva").update(is_active=False)
    avanzar_importacion(importacion_pk=ensayada.pk)
    ensayada.refresh_from_db()
    assert (ensayada.estado, Conversion.objects.count()) == ("detenida", 0)
    ultimo = Historial.objects.filter(entidad="importacion").last()
    assert "ya no tiene permiso" in ultimo.motivo
    with pytest.raises(NoPuedeImportar):
        confirmar_importacion(importacion=ensayada, actor=quien())


def test_la_confirma_quien_la_subio_y_una_vez() -> None:
    ensayada = ensayar(cien())
    with pytest.raises(ImportacionAjena):
        confirmar_importacion(importacion=ensayada, actor=quien("luz"))
    confirmar_importacion(importacion=ensayada, actor=quien())
    with pytest.raises(TransicionInvalida):
        confirmar_importacion(importacion=ensayada, actor=quien())
    with pytest.raises(TransicionInvalida):
        cambiar_columnas(importacion=ensayada, columnas=ensayada.columnas, actor=quien())


def test_sin_filas_buenas_no_se_aplica() -> None:
    with pytest.raises(NadaQueImportar):
        aplicar(ensayar(csv(f"p,nadie,1,{HOY}")))


@pytest.mark.parametrize("rol", ["Tesorería", "Consulta"])
@pytest.mark.parametrize("tipo", ["ventas", "devoluciones", "afiliados"])
def test_otros_roles_no_importan(rol: str, tipo: str) -> None:
    with pytest.raises(NoPuedeImportar):
        subir_fichero(tipo=tipo, contenido=cien(), nombre="f", actor=quien(rol, rol))
    assert not Importacion.objects.exists()


@pytest.mark.parametrize("datos", [{"tipo": "pagos"}, {"zona": "Marte/Norte"}, {"zona": "../x"}])
def test_lo_que_no_se_entiende_al_subirlo(datos: dict[str, str]) -> None:
    with pytest.raises(DatoInvalido):
        subir_fichero(
            **{"tipo": "ventas", "contenido": cien(), "nombre": "f", "actor": quien(), **datos}
        )
    assert not Importacion.objects.exists()


def test_se_olvida_lo_que_nadie_aplica() -> None:
    aplicada = importar(cien())
    ensayar(cien() + b"\n")
    with time_machine.travel(timezone.now() + services.OLVIDO + timedelta(minutes=1)):
        barrer_importaciones()
    assert list(Importacion.objects.all()) == [aplicada]
    assert FicheroImportado.objects.count() == 1
    assert FilaImportada.objects.filter(importacion=aplicada).count() == 100


def test_el_fichero_no_se_guarda_a_la_vista() -> None:
    importar(cien())
    assert "p-1" not in FicheroImportado.objects.get().contenido_cifrado


def test_las_rechazadas_se_corrigen_y_se_suben() -> None:
    contenido = csv(
        f"p-1;ana;1;{HOY};nota", f"p-2;nadie;2;{HOY};'=x", f'p-3;ana;-3;{HOY};"a;b"', "p-4;ana",
        cabecera="referencia;afiliado;valor;fecha;nota",
    )  # fmt: skip
    hecha = importar(contenido)
    assert cuentas(hecha) == (1, 0, 3)
    salida = csv_de_rechazadas(hecha)
    lineas = salida.lstrip("\ufeff").splitlines()
    assert lineas[0] == (
        "referencia;afiliado;valor;fecha;nota;alpes_linea;alpes_columna;alpes_que_hacer"
    )
    assert lineas[1].startswith(f"p-2;nadie;2;{HOY};'=x;3;afiliado;")
    assert lineas[2].startswith(f'p-3;ana;\'-3;{HOY};"a;b";4;valor;')
    assert lineas[3].startswith("p-4;ana;;;;5;;")
    corregida = (
        salida.replace("nadie", "ana")
        .replace("'-3", "3")
        .replace("p-4;ana;;;", f"p-4;ana;4;{HOY};")
    )
    otra = importar(corregida.encode())
    assert (cuentas(otra), malas(otra)) == ((3, 0, 0), {})


def test_se_reconocen_las_columnas_de_otros() -> None:
    assert reconocer("ventas", ["Order ID", "Affiliate", "Order Total", "Date", "Currency"]) == {
        "referencia": "Order ID", "afiliado": "Affiliate", "valor": "Order Total",
        "ocurrida_en": "Date", "moneda": "Currency",
    }  # fmt: skip
    assert reconocer("ventas", ["afiliado_id", "valor_conversion", "referencia_externa",
                                "ocurrida_en", "campana_id", "moneda"]).keys() == {
        "afiliado", "valor", "referencia", "ocurrida_en", "campana", "moneda",
    }  # fmt: skip
    assert reconocer("devoluciones", ["Venta", "Devolución", "Importe"]) == {
        "venta": "Venta", "id_externo": "Devolución", "monto": "Importe",
    }  # fmt: skip
    # Its own name is before an alias, wherever it stands.
    assert reconocer("afiliados", ["id", "referencia"])["referencia"] == "referencia"


@pytest.mark.parametrize(
    ("columnas", "error"),
    [
        ({"referencia": "a"}, FaltanColumnas),
        (
            {"referencia": "a", "afiliado": "a", "valor": "c", "ocurrida_en": "d"},
            ColumnaDesconocida,
        ),
        (
            {"referencia": "x", "afiliado": "b", "valor": "c", "ocurrida_en": "d"},
            ColumnaDesconocida,
        ),
    ],
)
def test_columnas_que_no_valen(columnas: dict[str, str], error: type[Exception]) -> None:
    suya = ensayar(csv(f"p,ana,1,{HOY}", cabecera="a,b,c,d"))
    assert suya.estado == "por_revisar"
    with pytest.raises(error):
        cambiar_columnas(importacion=suya, columnas=columnas, actor=quien())
    with pytest.raises(ImportacionAjena):
        cambiar_columnas(importacion=suya, columnas={}, actor=quien("luz"))


def test_con_otras_columnas_se_ensaya_de_nuevo() -> None:
    ensayada = ensayar(csv(f"p,ana,1,{HOY},5", cabecera=f"{CABECERA},otro"))
    assert ensayada.sumas == {"USD": [1, "1.00"]}
    viejas = dict(ensayada.columnas)
    cambiar_columnas(importacion=ensayada, columnas={**viejas, "valor": "otro"}, actor=quien())
    # A task that read them under the old ones does nothing.
    filas = avance.filas_de("ventas", services.tabla_de(ensayada.pk), viejas)
    assert avance._avanzar_porcion(ensayada.pk, filas, viejas) is False
    avanzar_importacion(importacion_pk=ensayada.pk)
    ensayada.refresh_from_db()
    assert (ensayada.estado, ensayada.sumas) == ("por_confirmar", {"USD": [1, "5.00"]})
