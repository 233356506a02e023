"""Deciding from the queue and from a commission's page: the panel, the next one of the filter, and
who was there before."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comisiones.comision.models import Comision
from comisiones.revision.services import aprobar_comision, rechazar_comision
from outbox.transportes.embebido import drenar
from tests.admin.conftest import PRUEBA, Programa
from tests.admin.test_revision import _accion, _estados

FILA = {"X-Alpes-Fila": "1"}


def ficha(comision: Comision) -> str:
    return reverse("admin:comisiones_comision_change", args=[comision.pk])


def panel(comision: Any) -> str:
    return reverse("admin:comisiones_comision_panel", args=[getattr(comision, "pk", comision)])


def desde(url: str, filtro: str) -> str:
    return f"{url}?_changelist_filters={quote(filtro)}"


def mensaje(respuesta: Any) -> str:
    return str(next(iter(respuesta.context["messages"])))


def test_el_panel(admin: Client, programa: Programa) -> None:
    """How it came about, who earns it, what looks like it, and what was decided."""
    otra = programa.nuevo_afiliado("Beatriz", activo=True)
    ajena = programa.ventas(1, otra)[0]
    comisiones = programa.ventas(4)
    suya, gemela, distinta, rechazada = comisiones
    Comision.objects.filter(pk=distinta.pk).update(monto=11)
    rechazar_comision(comision=rechazada, actor=PRUEBA, motivo_codigo="duplicada", motivo="Ojo")
    drenar()
    respuesta = admin.get(desde(panel(suya), "moneda=USD"))
    texto = respuesta.content.decode()
    for parte in ("Diez, versión 1", "10,00", "100,00", "Socia", "Verano",
                  "coincide hasta el último dígito", ficha(suya)):  # fmt: skip
        assert parte in texto, parte
    assert {c["comision"].pk for c in respuesta.context["parecidas"]} == {gemela.pk, rechazada.pk}
    assert ajena.pk not in {c["comision"].pk for c in respuesta.context["parecidas"]}
    antecedentes = dict(respuesta.context["antecedentes"])
    assert (antecedentes["Rechazadas"], antecedentes["En revisión"]) == ("1", "3")
    assert 'data-decidir="aprobar"' in texto
    assert 'data-decidir="liberar"' not in texto
    decidida = admin.get(panel(rechazada)).content.decode()
    assert "Duplicada: Ojo" in decidida
    assert "data-decidir" not in decidida


def test_el_panel_es_de_quien_ve_y_solo_se_lee(admin: Client, de_rol: Any, programa: Any) -> None:
    suya = programa.ventas(1)[0]
    assert de_rol("").get(panel(suya)).status_code == 403
    assert "data-decidir" not in de_rol("Consulta").get(panel(suya)).content.decode()
    assert admin.get(panel(999_999)).status_code == 404
    assert admin.post(panel(suya)).status_code == 405
    assert Client().get(panel(suya)).status_code == 302


@pytest.mark.lento
def test_el_panel_no_crece(admin: Client, programa: Programa) -> None:
    suya = programa.ventas(2)[0]
    cuentas = []
    for mas in (0, 120):
        if mas:
            programa.ventas(mas)
        admin.get(panel(suya))
        with CaptureQueriesContext(connection) as consultas:
            assert admin.get(panel(suya)).status_code == 200
        cuentas.append(len(consultas))
    assert cuentas[0] == cuentas[1] < 25


def test_decidir_desde_la_fila(admin: Client, programa: Programa) -> None:
    """The answer is what the row has to say; nothing is left for another page to say."""
    suya, otra = programa.ventas(2)
    hecha = admin.post(_accion(suya, "aprobar"), {"vista": suya.version}, headers=FILA)
    cuerpo = hecha.json()
    assert (cuerpo["lograda"], cuerpo["version"]) == (True, 2)
    assert "quedó aprobada" in cuerpo["mensaje"]
    assert "Aprobada" in cuerpo["estado"]
    sin_motivo = admin.post(_accion(otra, "rechazar"), {"vista": 1}, headers=FILA).json()
    assert (sin_motivo["lograda"], "motivo" in sin_motivo["mensaje"]) == (False, True)
    con_el = {"vista": 1, "motivo_codigo": "fraude", "motivo": ""}
    assert admin.post(_accion(otra, "rechazar"), con_el, headers=FILA).json()["lograda"]
    assert _estados([suya, otra]) == ["aprobada", "rechazada"]
    assert list(admin.get(reverse("admin:index")).context["messages"]) == []


@pytest.mark.parametrize("vista", [{}, {"vista": "1"}])
@pytest.mark.parametrize("fila", [{}, FILA])
def test_otra_persona_llego_antes(
    admin: Client, programa: Programa, de_rol: Any, vista: dict[str, str], fila: dict[str, str]
) -> None:
    """Who, what and when, and nothing is done."""
    suya = programa.ventas(1)[0]
    colega = de_rol("Revisión")
    colega.post(_accion(suya, "rechazar"), {"motivo_codigo": "prueba"})
    tarde = admin.post(_accion(suya, "aprobar"), vista, follow=True, headers=fila)
    dicho = tarde.json()["mensaje"] if fila else mensaje(tarde)
    assert re.search(r"Rechazo, de persona-Revisión, hace un momento \(\d", dicho), dicho
    assert _estados([suya]) == ["rechazada"]


def test_lo_que_cambio_sin_dejar_de_esperar(admin: Client, programa: Programa, de_rol: Any) -> None:
    """Held and released meanwhile: it may be approved, but not what was looked at before."""
    suya = programa.ventas(1)[0]
    colega = de_rol("Revisión")
    colega.post(_accion(suya, "retener"), {"motivo": "m"})
    colega.post(_accion(suya, "liberar"))
    tarde = admin.post(_accion(suya, "aprobar"), {"vista": "1"}, follow=True)
    assert "Cambió después de abrirla" in mensaje(tarde)
    assert "Liberación, de persona-Revisión" in mensaje(tarde)
    assert _estados([suya]) == ["pendiente"]
    pagina = admin.get(ficha(suya)).content.decode()
    assert 'name="vista" value="3"' in pagina
    admin.post(_accion(suya, "aprobar"), {"vista": "3"})
    assert _estados([suya]) == ["aprobada"]


@pytest.mark.lento
def test_siguiente_dentro_del_filtro(admin: Client, programa: Programa) -> None:
    """Its place, the next one, the buttons' addresses: all keep the list it was opened from."""
    otra = programa.nuevo_afiliado("Beatriz", activo=True)
    suyas = []
    for _vez in range(3):
        programa.ventas(1)
        suyas += programa.ventas(1, otra)
    filtro = f"afiliado__id__exact={otra.pk}"
    pagina = admin.get(desde(ficha(suyas[1]), filtro))
    assert pagina.context["lugar"] == "2 de 3"
    assert pagina.context["siguiente"] == suyas[2].pk
    conservado = f"_changelist_filters=afiliado__id__exact%3D{otra.pk}"
    assert pagina.content.decode().count(conservado) >= 4
    aqui = desde(_accion(suyas[1], "aprobar"), filtro)
    respuesta = admin.post(aqui, {"siguiente": "1"})
    assert respuesta.url == f"{ficha(suyas[2])}?{conservado}"
    # The last one goes round to what is left, and then back to the list, with its filter.
    respuesta = admin.post(desde(_accion(suyas[2], "aprobar"), filtro), {"siguiente": "1"})
    assert respuesta.url == f"{ficha(suyas[0])}?{conservado}"
    respuesta = admin.post(desde(_accion(suyas[0], "aprobar"), filtro), {"siguiente": "1"})
    assert respuesta.url == f"{reverse('admin:comisiones_comision_changelist')}?{filtro}"
    assert "No queda ninguna" in str(list(admin.get(respuesta.url).context["messages"])[-1])


@pytest.mark.parametrize(
    "filtro",
    ["", "estado=todas", "estado=pendiente", "moneda=USD&monto_desde=1", "antiguedad=1",
     "calculada_desde=2020-01-01", "q=socia", "estado=todas&calculada_desde=2020-01-01",
     "retenida_por=manual"],
)  # fmt: skip
def test_en_cada_orden_se_pasa_por_todas(admin: Client, programa: Programa, filtro: str) -> None:
    """From the first to the last, in the order of the list, whatever it is."""
    comisiones = programa.ventas(4)
    admin.post(_accion(comisiones[1], "retener"), {"motivo_codigo": "fraude"})
    Comision.objects.filter(pk=comisiones[2].pk).update(monto="11.01")
    lista = admin.get(reverse("admin:comisiones_comision_changelist") + f"?{filtro}")
    orden = [c.pk for c in lista.context["cl"].result_list]
    for n, pk in enumerate(orden):
        pagina = admin.get(desde(reverse("admin:comisiones_comision_change", args=[pk]), filtro))
        assert pagina.context["lugar"] == f"{n + 1} de {len(orden)}"
        sigue = orden[(n + 1) % len(orden)]
        assert pagina.context["siguiente"] == (sigue if len(orden) > 1 else None)


@pytest.mark.parametrize(
    "filtro", ["monto_desde=nada", "traza=1", "afiliado__id__exact=x", "%%%", "estado=todas&p=x"]
)
def test_un_filtro_que_no_hay_es_la_cola(admin: Client, programa: Programa, filtro: str) -> None:
    primera, segunda = programa.ventas(2)
    pagina = admin.get(desde(ficha(primera), filtro))
    assert pagina.status_code == 200
    assert pagina.context["siguiente"] == segunda.pk


def test_devolver_a_revision(admin: Client, programa: Programa) -> None:
    suya = aprobar_comision(comision=programa.ventas(1)[0], actor=PRUEBA)
    assert _accion(suya, "devolver") in admin.get(ficha(suya)).content.decode()
    datos = {"motivo_codigo": "error_pedido", "motivo": "Era otro", "vista": suya.version}
    respuesta = admin.post(_accion(suya, "devolver"), datos, follow=True)
    assert "ya no se le debe" in mensaje(respuesta)
    texto = respuesta.content.decode()
    assert "Error en el pedido: Era otro" in texto
    assert "Comisión devuelta a revisión" in texto
    assert _estados([suya]) == ["pendiente"]
