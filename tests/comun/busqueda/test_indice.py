"""A row is found by what it says, at once, whoever wrote it; and by nothing else."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from afiliados.afiliado.busqueda import AFILIADOS
from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.selectors import ids_de_afiliados
from afiliados.afiliado.services import NuevoAfiliado, actualizar_afiliado, registrar_afiliados
from alpespartner.comun.busqueda import consulta
from alpespartner.comun.busqueda.consulta import claves
from alpespartner.comun.busqueda.indice import Buscable, registrar
from alpespartner.comun.busqueda.reconstruccion import como_las_filas
from alpespartner.comun.busqueda.texto import MINIMO, llano
from alpespartner.comun.invariantes import comprobaciones
from alpespartner.comun.models import Trozo
from alpespartner.comun.textos import normalizar
from conversiones.campanas.selectors import ids_de_campanas
from conversiones.campanas.services import actualizar_campana
from conversiones.ventas.busqueda import VENTAS
from conversiones.ventas.errores import ConversionDuplicada
from conversiones.ventas.models import Conversion
from conversiones.ventas.selectors import ids_de_ventas
from conversiones.ventas.services import NuevaConversion, registrar_conversiones
from tests import fabricas

pytestmark = pytest.mark.django_db
ANADIDA = "PED-2026-004471-A"


@pytest.fixture
def mateo() -> Afiliado:
    return fabricas.afiliado(
        nombre="Mateo Quispe Ñandú", email="Mateo.Q@correo.example", referencia_externa="SOC-77/b"
    )


@pytest.mark.parametrize(
    "termino",
    ["quispe", "QUISPE", "nandu", "Ñandú", "mateo", "mat", "ñandu mateo", "Quispe Ñ", "teo.q",
     "mateo.q@correo.example", "MATEO.Q@CORREO", "@correo", "correo.example", "soc-77", "77/b",
     "mateo quispe nandu", "mateo correo"],
)  # fmt: skip
def test_un_afiliado(mateo: Afiliado, termino: str) -> None:
    fabricas.afiliado(nombre="Otra Persona", email="otra@ejemplo.test")
    assert ids_de_afiliados(termino) == [mateo.pk]


@pytest.mark.parametrize(
    "termino",
    ["uispe", "mateo perez", "quispe quispes", "zz", "%", "_", "q%e", "'", '"', "\\", "*"],
)
def test_no_se_encuentra_lo_que_no_dice(mateo: Afiliado, termino: str) -> None:
    """What means something to a database is text."""
    assert ids_de_afiliados(termino) == []


@pytest.mark.parametrize("nombre", ["100% Ñ_a", 'O\'Brien "x"', "a\\b c", "*q* [z]", "; DROP --"])
def test_lo_que_significa_algo_se_encuentra_como_texto(nombre: str) -> None:
    una = fabricas.afiliado(nombre=nombre)
    for palabra in nombre.split():
        assert ids_de_afiliados(palabra) == [una.pk], palabra


def test_por_su_identificador_y_por_su_final(mateo: Afiliado) -> None:
    assert ids_de_afiliados(mateo.id_publico) == [mateo.pk]
    assert ids_de_afiliados(mateo.id_publico[-6:].lower()) == [mateo.pk]


@pytest.mark.parametrize("nombre", ["王小明", "محمد علي", "Ana 🌮", "Игорь", "กขค", "김철수"])
def test_ningun_nombre_se_pierde(nombre: str) -> None:
    una = fabricas.afiliado(nombre=nombre)
    for buscado in (nombre, nombre[-1:], nombre[-2:].strip(), *nombre.split()):
        assert ids_de_afiliados(buscado) == [una.pk], buscado


def test_una_palabra_mas_larga_que_lo_que_se_apunta() -> None:
    una = fabricas.afiliado(nombre="Wolfeschlegelsteinhausen Bergerdorff")
    fabricas.afiliado(nombre="Wolfeschlegelsteiner")
    for buscado in ("wolfeschlegelsteinhausen", "WOLFESCHLEGELSTEINH", una.nombre):
        assert ids_de_afiliados(buscado) == [una.pk], buscado


@pytest.mark.parametrize(
    "termino", ["4471", "004471", "471-a", "PED-2026", "ped", ANADIDA, "-0044"]
)
def test_una_venta_por_parte_de_su_referencia(termino: str) -> None:
    venta = fabricas.conversion(referencia_externa=ANADIDA)
    fabricas.conversion(de=venta.afiliado, en=venta.campana)
    assert ids_de_ventas(termino) == [venta.pk]
    assert ids_de_ventas(venta.id_publico) == [venta.pk]


def test_una_referencia_larga_con_el_principio_de_todas() -> None:
    """More have its beginning than are looked at: its end tells it apart."""
    primera = fabricas.conversion(referencia_externa="https://tienda.example/pedidos/000000")
    hechas = registrar_conversiones(
        datos=[
            NuevaConversion(
                afiliado=primera.afiliado, campana=primera.campana, valor=Decimal(1),
                referencia_externa=f"https://tienda.example/pedidos/{n:06d}",
            )
            for n in range(1, consulta.MIRADAS + 40)
        ],
        actor=fabricas.PRUEBAS,
    )  # fmt: skip
    for venta in (primera, hechas[7], hechas[-1]):
        referencia = str(venta.referencia_externa)
        assert ids_de_ventas(referencia[8:]) == [venta.pk]
    assert len(ids_de_ventas("tienda.example")) == consulta.LIMITE
    # The exact one is always there, and first.
    assert ids_de_ventas(str(primera.referencia_externa))[0] == primera.pk


@settings(max_examples=25)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=40),
        min_size=1, max_size=4,
    ),
    st.data(),
)  # fmt: skip
def test_cualquiera_se_encuentra_por_lo_suyo(referencias: list[str], data: st.DataObject) -> None:
    """Each by its whole reference, by any part of it and by its id; and so as the rows say."""
    dichas = {normalizar(texto) for texto in referencias} - {""}
    with transaction.atomic():
        de, en = fabricas.afiliado(), fabricas.campana()
        ventas = registrar_conversiones(
            datos=[
                NuevaConversion(afiliado=de, campana=en, valor=Decimal(1), referencia_externa=dicha)
                for dicha in sorted(dichas)
            ],
            actor=fabricas.PRUEBAS,
        )
        for venta in ventas:
            referencia = str(venta.referencia_externa)
            desde = data.draw(st.integers(0, len(referencia)))
            hasta = data.draw(st.integers(desde, len(referencia)))
            parte = referencia[desde:hasta]
            assert ids_de_ventas(referencia)[0] == venta.pk
            assert ids_de_ventas(venta.id_publico) == [venta.pk]
            if len(llano(parte)) >= MINIMO:
                assert venta.pk in ids_de_ventas(parte)
        assert list(como_las_filas()) == []
        transaction.set_rollback(True)


def test_lo_que_cambia_se_encuentra_por_lo_nuevo(mateo: Afiliado) -> None:
    actualizar_afiliado(
        afiliado=mateo, cambios={"nombre": "Matías Quispe", "email": "otro@correo.example"},
        actor=fabricas.ANA,
    )  # fmt: skip
    assert ids_de_afiliados("matias") == ids_de_afiliados("otro@") == [mateo.pk]
    assert ids_de_afiliados("nandu") == ids_de_afiliados("mateo") == []
    assert ids_de_afiliados("quispe") == [mateo.pk]
    campana = fabricas.campana(nombre="Día de la Madre")
    actualizar_campana(campana=campana, cambios={"nombre": "Navidad"}, actor=fabricas.ANA)
    assert ids_de_campanas("navidad") == [campana.pk]
    assert ids_de_campanas("madre") == []
    assert list(como_las_filas()) == []


def test_por_cada_puerta(mateo: Afiliado) -> None:
    """The API alone and with its commission, in bulk, and affiliates in bulk."""
    fabricas.campana(predeterminada=True)
    api = fabricas.api()
    una = {
        "afiliado_id": mateo.id_publico, "valor_conversion": "10.00", "referencia_externa": "uno-1",
    }  # fmt: skip
    assert api.enviar("/api/v1/conversiones", una).status_code == 201
    varias = [{**una, "referencia_externa": f"dos-{n}"} for n in range(3)]
    assert api.enviar("/api/v1/conversiones/lote", {"conversiones": varias}).status_code == 200
    calculada = {
        "conversionId": "tres-1", "affiliateId": mateo.id_publico, "grossAmount": "100.00",
        "currency": "USD",
    }  # fmt: skip
    assert api.enviar("/commissions/calculate", calculada).status_code in (200, 201)
    for buscado, cuantas in (("uno-1", 1), ("dos-", 3), ("tres-1", 1)):
        assert len(ids_de_ventas(buscado)) == cuantas, buscado
    registrar_afiliados(
        datos=[NuevoAfiliado(nombre=f"Lía {n}", email=f"lia{n}@ejemplo.test") for n in range(3)],
        actor=fabricas.PRUEBAS,
    )
    assert len(ids_de_afiliados("lia")) == 3
    assert list(como_las_filas()) == []


def test_lo_que_no_se_escribe_no_se_encuentra(mateo: Afiliado) -> None:
    en = fabricas.campana()
    fabricas.conversion(de=mateo, en=en, referencia_externa="repetida-1")
    antes = Trozo.objects.count()
    with pytest.raises(ConversionDuplicada):
        fabricas.conversion(de=mateo, en=en, referencia_externa="repetida-1")
    assert Trozo.objects.count() == antes


def test_verificar_dice_lo_que_falta_y_lo_que_sobra(mateo: Afiliado) -> None:
    """And the command mends it."""
    venta = fabricas.conversion(de=mateo, referencia_externa=ANADIDA)
    assert list(como_las_filas()) == []
    # Around the services.
    Afiliado.objects.filter(pk=mateo.pk).update(nombre="Otra")
    Trozo.objects.filter(de=VENTAS.de, texto="4471-a").delete()
    Trozo.objects.create(de=VENTAS.de, texto="fantasma", fila=venta.pk + 1)
    dichas = list(como_las_filas())
    assert any("fantasma" in linea and "no lo dice" in linea for linea in dichas)
    assert any("«4471-a»" in linea and "no se encuentra" in linea for linea in dichas)
    assert any("«nandu»" in linea for linea in dichas)
    assert any("«otra»" in linea for linea in dichas)
    assert como_las_filas in {una.filas for una in comprobaciones()}
    for _vez in range(2):
        call_command("reconstruir_busqueda", stdout=StringIO())
        assert list(como_las_filas()) == []
    assert ids_de_afiliados("otra") == [mateo.pk]
    assert ids_de_ventas("4471") == [venta.pk]


def test_se_reconstruye_entero(mateo: Afiliado, monkeypatch: pytest.MonkeyPatch) -> None:
    from alpespartner.comun.busqueda import reconstruccion

    monkeypatch.setattr(reconstruccion, "PORCION", 2)
    monkeypatch.setattr(reconstruccion, "_POR_SENTENCIA", 3)
    for n in range(5):
        fabricas.conversion(de=mateo, en=fabricas.campana(), referencia_externa=f"igual igual {n}")
    habia = set(Trozo.objects.values_list("de", "texto", "fila"))
    Trozo.objects.all().delete()
    call_command("reconstruir_busqueda", stdout=StringIO())
    assert set(Trozo.objects.values_list("de", "texto", "fila")) == habia
    assert list(como_las_filas()) == []


def test_dos_tablas_no_comparten_numero() -> None:
    with pytest.raises(ValueError, match="ya es de"):
        registrar(Buscable(AFILIADOS.de, Conversion))


def test_varias_palabras_mandan_las_mas_raras() -> None:
    """One word in more rows than are looked at, with another that few have."""
    datos = [
        NuevoAfiliado(nombre=f"Mateo N{n}", email=f"m{n}@ejemplo.test")
        for n in range(consulta.MIRADAS + 20)
    ]
    registrar_afiliados(datos=datos, actor=fabricas.PRUEBAS)
    una = fabricas.afiliado(nombre="Quispe, Mateo", email="q@ejemplo.test")
    otra = fabricas.afiliado(nombre="Mateo de la Quispe", email="r@ejemplo.test")
    assert set(claves(AFILIADOS, "mateo quispe")) == {una.pk, otra.pk}
    assert len(claves(AFILIADOS, "mateo")) == consulta.LIMITE


def test_las_preguntas_son_siempre_las_mismas(
    mateo: Afiliado, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(7):
        ids_de_afiliados("uno dos tres cuatro cinco seis siete mateo")


def test_un_indice_y_un_orden(mateo: Afiliado) -> None:
    """The plan is a range of the key, in its order."""
    if connection.vendor != "sqlite":
        pytest.skip("lo dice tests/listas")
    with connection.cursor() as cursor:
        cursor.execute(
            "EXPLAIN QUERY PLAN SELECT fila FROM comun_trozo WHERE de = 1 AND texto >= 'a'"
            " AND texto <= 'b' ORDER BY texto DESC, fila DESC LIMIT 3"
        )
        pasos = [fila[3] for fila in cursor.fetchall()]
    assert len(pasos) == 1
    assert "COVERING INDEX" in pasos[0]
