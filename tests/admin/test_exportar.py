"""A list as a file: what is filtered and nothing else, for whoever may see it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.exportacion import hoja
from alpespartner.comun.models import Exportacion, Historial
from alpespartner.quien_puede.documento import permisos_de
from alpespartner.quien_puede.personal import ADMIN
from comisiones.comision.models import Comision
from comisiones.models import Apunte
from comisiones.revision.services import aprobar_comision, retener_comision
from conversiones.ventas.models import Conversion
from outbox.models import OutboxEvent
from tests.admin.conftest import PRUEBA, ROLES
from tests.admin.exportadas import exportables, exportar, leer, paso_a_paso, url_de
from tests.admin.test_paginas import _poblar

LISTA = "admin:comisiones_comision_changelist"


@pytest.fixture
def de_todo(programa: Any) -> Any:
    """Commissions in several states, of two affiliates, over more than a page."""
    otra = programa.nuevo_afiliado("Beatriz", activo=True)
    filas = programa.ventas(40) + programa.ventas(25, otra)
    for comision in filas[:8]:
        aprobar_comision(comision=comision, actor=PRUEBA)
    for comision in filas[35:50]:
        retener_comision(comision=comision, actor=PRUEBA, motivo="x")
    programa.otra = otra
    return programa


@pytest.mark.lento
def test_es_lo_que_se_pagina(admin: Client, de_todo: Any) -> None:
    """Whatever is filtered and searched, the file has the rows of its pages, in their order."""

    @settings(max_examples=25)
    @given(
        estado=st.sampled_from(["", "pendiente", "retenida", "aprobada", "pagada", "todas", "x"]),
        afiliado=st.sampled_from([None, de_todo.afiliado.pk, de_todo.otra.pk, 987654]),
        campana=st.sampled_from([None, de_todo.campana.pk]),
        q=st.sampled_from(["", "beat", "Socia", "nadie"]),
    )
    def probar(estado: str, afiliado: Any, campana: Any, q: str) -> None:
        partes = [f"estado={estado}"] if estado else []
        partes += [f"afiliado__id__exact={afiliado}"] if afiliado else []
        partes += [f"campana__id__exact={campana}"] if campana else []
        partes += [f"q={q}"] if q else []
        filtro = f"?{'&'.join(partes)}" if partes else ""
        vistas = [c.id_publico for c in paso_a_paso(admin, Comision, filtro)]
        assert [f["comision_id"] for f in exportar(admin, Comision, filtro)] == vistas

    probar()


@pytest.mark.lento
@pytest.mark.parametrize(
    ("modelo", "columna", "campo"),
    [(Conversion, "conversion_id", "id_publico"), (Afiliado, "afiliado_id", "id_publico"),
     (Apunte, "apunte_id", "pk"), (OutboxEvent, "evento_id", "evento_id")],
)  # fmt: skip
def test_tambien_las_demas(
    admin: Client, de_todo: Any, modelo: Any, columna: str, campo: str
) -> None:
    vistas = [str(getattr(fila, campo)) for fila in paso_a_paso(admin, modelo)]
    assert len(vistas) > 1
    assert [f[columna] for f in exportar(admin, modelo)] == vistas


def test_dice_los_valores(admin: Client, programa: Any) -> None:
    [comision] = programa.ventas(1, programa.nuevo_afiliado("=1+1", activo=True))
    [fila] = exportar(admin, Comision)
    assert fila == fila | {
        "comision_id": comision.id_publico, "conversion_id": comision.conversion.id_publico,
        "afiliado_id": comision.afiliado.id_publico, "afiliado": "'=1+1", "campana": "Verano",
        "monto": "10.00", "moneda": "USD", "valor": "100.00", "porcentaje": "10",
        "estado": "pendiente", "aprobada_en": "",
        "ocurrida_en": comision.conversion.ocurrida_en.isoformat().replace("+00:00", "Z"),
    }  # fmt: skip


def test_una_lista_vacia_tiene_su_cabecera(admin: Client, programa: Any) -> None:
    respuesta = admin.post(url_de(Comision))
    assert respuesta.content.startswith(b"comision_id,conversion_id,")
    assert respuesta.content.count(b"\r\n") == 1


def test_el_nombre_dice_cuando_y_excel_tiene_su_marca(admin: Client, programa: Any) -> None:
    programa.ventas(1)
    respuesta = admin.post(url_de(Comision), {"bom": "1"})
    assert respuesta.content.startswith(hoja.BOM + b"comision_id,")
    dicho = re.fullmatch(
        r'attachment; filename="comision-(\d{8}T\d{6})Z.csv"', respuesta["Content-Disposition"]
    )
    assert dicho
    leida = datetime.strptime(dicho[1] + "+0000", "%Y%m%dT%H%M%S%z")
    assert timedelta(0) <= timezone.now() - leida < timedelta(minutes=5)
    assert "private, no-store" in respuesta["Cache-Control"]
    assert not admin.post(url_de(Comision)).content.startswith(hoja.BOM)


def test_el_boton_lleva_el_filtro(admin: Client, programa: Any) -> None:
    programa.ventas(1)
    pagina = admin.get(reverse(LISTA) + "?estado=pendiente&q=Socia").content.decode()
    assert f'action="{url_de(Comision)}?estado=pendiente&amp;q=Socia"' in pagina
    # What says where somebody is in the list is no part of what is in it.
    [fila] = exportar(admin, Comision, "?estado=pendiente&p=3&cursor=x")
    assert fila["estado"] == "pendiente"
    usuarios = admin.get(reverse("admin:auth_user_changelist")).content.decode()
    assert "ap-exportar" not in usuarios


def test_queda_en_el_historial(admin: Client, programa: Any) -> None:
    programa.ventas(3)
    exportar(admin, Comision, "?estado=pendiente")
    paso = Historial.objects.get(entidad="exportacion")
    assert paso.accion == "exportar"
    assert paso.actor.startswith("persona:")
    assert paso.datos == paso.datos | {
        "lista": "comisiones.comision", "filtro": "estado=pendiente", "filas": 3,
    }  # fmt: skip


def test_las_elegidas(admin: Client, programa: Any) -> None:
    comisiones = programa.ventas(4)
    datos = {"action": "exportar_varias", "_selected_action": [c.pk for c in comisiones[:2]]}
    filas = leer(admin.post(reverse(LISTA), datos).content)
    assert {f["comision_id"] for f in filas} == {c.id_publico for c in comisiones[:2]}
    todas = admin.post(reverse(LISTA) + "?estado=pendiente", {**datos, "select_across": "1"})
    assert len(leer(todas.content)) == 4


@pytest.mark.parametrize(
    "filtro",
    ["?afiliado__id__exact=x", "?afiliado__id__exact=99999999999999999999999", "?q=a%00b"],
)
def test_un_filtro_que_no_hay(admin: Client, programa: Any, filtro: str) -> None:
    """As on the page: never a file of all the rest."""
    programa.ventas(1)
    respuesta = admin.post(url_de(Comision) + filtro, follow=True)
    if respuesta.redirect_chain:
        assert "ábrela de nuevo" in respuesta.content.decode()
    else:
        assert leer(respuesta.content) == []


@pytest.mark.parametrize("rol", ["", *ROLES])
def test_quien_ve_la_lista_la_exporta(programa: Any, de_rol: Any, rol: str) -> None:
    cliente = de_rol(rol)
    tiene = permisos_de(rol) if rol else set()
    for modelo in exportables():
        url = url_de(modelo)
        puede = ADMIN[modelo._meta.label_lower]["página exportar"] in tiene
        assert cliente.post(url).status_code == (200 if puede else 403), modelo
        assert cliente.get(url).status_code == 405, modelo
    assert not Exportacion.objects.exists()


def test_exige_csrf_y_haber_entrado(admin: Client, programa: Any) -> None:
    assert Client().post(url_de(Comision)).status_code == 302
    cliente = Client(enforce_csrf_checks=True)
    cliente.cookies = admin.cookies
    assert cliente.post(url_de(Comision)).status_code == 403


def _consultas(cliente: Client, modelo: Any) -> int:
    with CaptureQueriesContext(connection) as consultas:
        exportar(cliente, modelo)
    return len(consultas)


@pytest.mark.lento
def test_consultas_constantes(admin: Client, programa: Any) -> None:
    """With a few rows of everything as with more."""
    modelos = exportables()
    _poblar(programa, 1)
    for modelo in modelos:
        exportar(admin, modelo)
    antes = {m.__name__: _consultas(admin, m) for m in modelos}
    _poblar(programa, 4)
    assert {m.__name__: _consultas(admin, m) for m in modelos} == antes
    assert max(antes.values()) < 25


@pytest.mark.parametrize("filtro", ["?afiliado__email=a", "?estado__gt=a"])
def test_no_se_filtra_por_cualquier_columna(admin: Client, programa: Any, filtro: str) -> None:
    programa.ventas(1)
    assert admin.post(url_de(Comision) + filtro).status_code in (302, 400)
