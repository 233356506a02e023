"""The pages of an affiliate and of a campaign: their figures, their lists, and for whom."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.formato import VACIO
from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.contadores.models import Recuento
from comisiones.models import Pago
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.revision.services import aprobar_comision, retener_comision
from conversiones.campanas.models import Campana
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.admin.conftest import PRUEBA, cliente_de
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sin_pagos_solos(settings: Any) -> None:
    """What is approved waits for whoever pays it."""
    settings.PAGOS_AUTOMATICOS = False


def url_de(objeto: Any) -> str:
    opciones = objeto._meta
    return reverse(f"admin:{opciones.app_label}_{opciones.model_name}_change", args=[objeto.pk])


def cifras(cliente: Any, objeto: Any) -> dict[str, dict[str, str]]:
    """By currency, each figure in plain text, without the currency."""
    ficha = cliente.get(url_de(objeto)).context["ficha"]
    return {
        cuadro.moneda: {
            str(cifra.titulo): re.sub("<[^>]*>", "", str(cifra.valor)).split(" ")[0]
            for cifra in cuadro.cifras
        }
        for cuadro in ficha.cuadros
    }


def bloques(cliente: Any, objeto: Any) -> dict[str, Any]:
    return {str(b.titulo): b for b in cliente.get(url_de(objeto)).context["ficha"].bloques}


def pagar(*comisiones: Any) -> Pago:
    ids = [aprobar_comision(comision=c, actor=PRUEBA).id_publico for c in comisiones]
    [pago] = programar_pagos(comisiones_ids=ids, actor=PRUEBA)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBA)
    return pago


@pytest.mark.lento
def test_las_cifras_de_un_afiliado(admin: Any, programa: Any) -> None:
    socia = programa.afiliado
    suyas = programa.ventas(6)
    pagar(suyas[0], suyas[1])
    aprobar_comision(comision=suyas[2], actor=PRUEBA)
    retener_comision(comision=suyas[3], actor=PRUEBA, motivo="m")
    programa.ventas(3, programa.nuevo_afiliado("Otra", activo=True))
    drenar()
    ano = timezone.now().year
    assert cifras(admin, socia) == {
        "USD": {
            "Le debemos": "10,00", f"Pagado en {ano}": "20,00", "Por revisar": "20,00",
            "Retenido": "10,00", "Aprobado, sin programar": "10,00",
            "Programado en pagos": "0,00", "Vendido en 30 días": "600,00",
        }
    }  # fmt: skip
    texto = admin.get(url_de(socia)).content.decode()
    assert "2 comisiones" in texto
    assert "1 comisión" in texto
    assert 'class="ap-barra ap-barra-ganado"' in texto
    assert texto.count('<th scope="row">') == 12
    # Each figure leads to the list of just that.
    for estado, cuantas in (("pendiente", 2), ("retenida", 1), ("aprobada", 1)):
        lista = reverse("admin:comisiones_comision_changelist")
        url = f"{lista}?estado={estado}&afiliado__id__exact={socia.pk}"
        assert url in unescape(texto)
        assert admin.get(url).context["cl"].result_count == cuantas


@pytest.mark.lento
def test_todo_lo_suyo_y_nada_de_otros(admin: Any, programa: Any) -> None:
    """Every block is of this affiliate, of a few rows, and leads to its list filtered by it."""
    socia = programa.afiliado
    pagar(*programa.ventas(9))
    programa.ventas(9, programa.nuevo_afiliado("Otra", activo=True))
    fabricas.cuenta(socia)
    fabricas.clave(["comisiones:leer"], de=socia)
    fabricas.enlace(de=socia)
    fabricas.cupon("DIEZ", de=socia)
    drenar()
    suyos = bloques(admin, socia)
    assert {titulo: len(b.filas) for titulo, b in suyos.items()} == {
        "Últimas ventas": 6, "Últimas comisiones": 6, "Últimos pagos": 1, "Últimos ajustes": 0,
        "Últimas liquidaciones": 1, "Cuenta de cobro": 1, "Claves de API": 1,
        "Inscripciones": 0, "Enlaces": 1, "Cupones": 1,
        "Lo que trajo cada cupón": 0, "Lo que trajo cada enlace": 0,
    }  # fmt: skip
    for titulo, bloque in suyos.items():
        assert f"afiliado__id__exact={socia.pk}" in bloque.todas, titulo
        respuesta = admin.get(bloque.todas)
        assert respuesta.status_code == 200
        assert respuesta.context["cl"].result_count == {
            "Últimas ventas": 9, "Últimas comisiones": 9, "Últimos ajustes": 0, "Inscripciones": 0
        }.get(titulo, 1)  # fmt: skip
    texto = admin.get(url_de(socia)).content.decode()
    # The account as today: never its number.
    assert "ES …1332" in texto
    assert "91210004184502000" not in texto
    assert reverse("admin:comisiones_apunte_extracto", args=[socia.pk]) in texto
    historial = admin.get(url_de(socia)).context["todo_el_historial"]
    assert admin.get(historial).context["cl"].result_count >= 2


def test_sin_nada(admin: Any, programa: Any) -> None:
    nueva = programa.nuevo_afiliado("Nueva", activo=False)
    respuesta = admin.get(url_de(nueva))
    assert respuesta.context["ficha"].cuadros == []
    texto = respuesta.content.decode()
    assert "Todavía no hay ventas." in texto
    assert "No tiene cuenta: no se le puede pagar por banco." in texto
    assert "Activar" in texto


def test_dos_monedas_y_nos_debe(admin: Any, programa: Any) -> None:
    """Currencies are never added up; who owes us is told so."""
    socia = programa.afiliado
    pagar(*programa.ventas(1))
    nuevo = crear_ajuste(
        afiliado=socia, tipo="clawback", monto=Decimal("-25.50"), moneda="USD", motivo="m",
        actor=ANA,
    )  # fmt: skip
    aprobar_ajuste(ajuste=nuevo, actor=LUIS)
    en_yenes = fabricas.campana(moneda="JPY")
    fabricas.regla(porcentaje="10", de=en_yenes)
    aprobar_comision(comision=fabricas.comision(de=socia, en=en_yenes, valor="5000"), actor=LUIS)
    drenar()
    dicen = cifras(admin, socia)
    assert list(dicen) == ["JPY", "USD"]
    assert dicen["USD"]["Nos debe"] == "25,50"
    assert dicen["JPY"]["Le debemos"] == "500"
    assert "Le debemos" not in dicen["USD"]
    texto = admin.get(url_de(socia)).content.decode()
    assert "ap-cifra-alarma" in texto
    assert "525" not in texto


def test_las_cifras_de_una_campana(admin: Any, programa: Any) -> None:
    otra = programa.nuevo_afiliado("Otra", activo=True)
    pagar(*programa.ventas(2))
    for comision in programa.ventas(3, otra):
        aprobar_comision(comision=comision, actor=PRUEBA)
    programa.ventas(1)
    drenar()
    ano = timezone.now().year
    assert cifras(admin, programa.campana) == {
        "USD": {
            "Aprobado desde el principio": "50,00", "Pagado desde el principio": "20,00",
            f"Pagado en {ano}": "20,00", "Por revisar": "10,00", "Retenido": "0,00",
            "Aprobado, sin programar": "30,00", "Programado en pagos": "0,00",
            "Vendido en 30 días": "600,00",
        }
    }  # fmt: skip
    suyos = bloques(admin, programa.campana)
    assert list(suyos) == [
        "Reglas en vigor",
        "Quiénes ganan más",
        "Lo que trajo cada cupón",
        "Lo que trajo cada enlace",
        "Últimas ventas",
        "Inscripciones",
        "Enlaces",
        "Cupones",
        "Últimas comisiones",
    ]
    [fila] = suyos["Reglas en vigor"].filas
    assert "Diez" in str(fila[0])
    assert "10 %" in str(fila[1])
    mayores = [str(fila[0]) + str(fila[1]) for fila in suyos["Quiénes ganan más"].filas]
    assert ["Otra" in m for m in mayores] == [True, False]
    assert "30,00" in mayores[0]


def test_parar_una_campana(admin: Any, programa: Any) -> None:
    """From its page, with what it means: a reason and a button."""
    texto = admin.get(url_de(programa.campana)).content.decode()
    assert "Desde ahora rechaza sus ventas" in texto
    assert "se siguen revisando y pagando" in texto
    boton = reverse("admin:conversiones_campana_accion", args=[programa.campana.pk, "pausar"])
    assert boton in texto
    assert admin.post(boton, {"motivo": "fraude"}).status_code == 302
    assert Campana.objects.get().estado == "pausada"


@pytest.mark.parametrize("que", ["afiliado", "campana"])
def test_el_formulario_tras_su_boton(admin: Any, programa: Any, que: str) -> None:
    objeto = getattr(programa, que)
    url = url_de(objeto)
    ficha = admin.get(url).content.decode()
    assert 'name="nombre"' not in ficha
    assert f'href="{url}?editar=1"' in ficha
    formulario = admin.get(f"{url}?editar=1").content.decode()
    assert 'name="nombre"' in formulario
    assert f'href="{url}"' in formulario
    # The box that another page opens on top is a form too.
    assert 'name="nombre"' in admin.get(f"{url}?_popup=1").content.decode()


def test_al_guardar_se_vuelve_a_la_ficha(admin: Any, programa: Any) -> None:
    socia = programa.afiliado
    url = url_de(socia)
    datos = {
        "nombre": "Otra", "email": socia.email, "tipo_afiliado": "estandar", "nivel": "bronce",
    }  # fmt: skip
    assert admin.post(f"{url}?editar=1", {**datos, "_save": "1"}).url == url
    assert admin.post(url, {**datos, "_continue": "1"}).url == f"{url}?editar=1"
    assert Afiliado.objects.get(pk=socia.pk).nombre == "Otra"


def test_quien_solo_consulta(de_rol: Any, programa: Any) -> None:
    pagar(*programa.ventas(1))
    drenar()
    consulta = de_rol("Consulta")
    for objeto in (programa.afiliado, programa.campana):
        texto = consulta.get(url_de(objeto)).content.decode()
        assert "/accion/" not in texto
        assert "Todos los datos" in texto
        assert "10,00" in texto
        assert consulta.post(url_de(objeto), {"nombre": "x"}).status_code == 403
    # Its role sees no bank data nor keys.
    assert {"Cuenta de cobro", "Claves de API"}.isdisjoint(bloques(consulta, programa.afiliado))


def test_cada_parte_es_de_quien_puede_verla(programa: Any) -> None:
    """With no more than the permission to see affiliates, there is no money on the page."""
    pagar(*programa.ventas(1))
    drenar()
    persona = User.objects.create_user("recepcion", is_staff=True)

    def con(codigo: str) -> Any:
        persona.user_permissions.add(Permission.objects.get(codename=codigo))
        # A change of what somebody may do ends their sessions.
        return cliente_de(User.objects.get(pk=persona.pk))

    assert cliente_de(persona).get(url_de(programa.afiliado)).status_code in (302, 403)
    respuesta = con("view_afiliado").get(url_de(programa.afiliado))
    assert respuesta.context["ficha"].cuadros == []
    assert respuesta.context["ficha"].bloques == []
    assert "10,00" not in respuesta.content.decode()
    assert "/extracto/" not in respuesta.content.decode()
    cliente = con("view_comision")
    assert list(cifras(cliente, programa.afiliado)["USD"]) == [
        "Por revisar", "Retenido", "Aprobado, sin programar", "Programado en pagos",
        "Vendido en 30 días",
    ]  # fmt: skip
    assert "ap-barra" not in cliente.get(url_de(programa.afiliado)).content.decode()


def test_nombres_hostiles(admin: Any, programa: Any) -> None:
    malo = '<script>alert("x")</script> {{ 7|add:7 }} \u202e" onload=x'
    Afiliado.objects.filter(pk=programa.afiliado.pk).update(nombre=malo, email="<b>@x")
    Campana.objects.filter(pk=programa.campana.pk).update(nombre=malo)
    aprobar_comision(comision=programa.ventas(1)[0], actor=PRUEBA)
    drenar()
    for objeto in (programa.afiliado, programa.campana):
        texto = admin.get(url_de(objeto)).content.decode()
        assert "<script>alert" not in texto
        assert "&lt;script&gt;alert" in texto
        assert "<b>@x" not in texto


def test_mientras_se_cuenta(admin: Any, programa: Any) -> None:
    """Half counted figures are not shown."""
    programa.ventas(2)
    drenar()
    Recuento.objects.update_or_create(de="libro", defaults={"rehecho_hasta": 3})
    respuesta = admin.get(url_de(programa.afiliado))
    assert respuesta.context["ficha"].cuadros == []
    assert "se están contando de nuevo" in respuesta.content.decode()


@pytest.mark.lento
@pytest.mark.parametrize("que", ["afiliado", "campana"])
def test_las_mismas_consultas_con_mucho_mas(admin: Any, programa: Any, que: str) -> None:
    objeto = getattr(programa, que)
    fabricas.cuenta(programa.afiliado)
    fabricas.clave(["comisiones:leer"], de=programa.afiliado)
    nuevo = crear_ajuste(
        afiliado=programa.afiliado, tipo="bono", monto=Decimal(1), moneda="USD", motivo="m",
        actor=ANA,
    )  # fmt: skip
    aprobar_ajuste(ajuste=nuevo, actor=LUIS)

    def contar() -> int:
        admin.get(url_de(objeto))
        with CaptureQueriesContext(connection) as consultas:
            assert admin.get(url_de(objeto)).status_code == 200
        return len(consultas)

    pagar(*programa.ventas(2))
    aprobar_comision(comision=programa.ventas(2)[0], actor=PRUEBA)
    drenar()
    pocas = contar()
    for _vez in range(6):
        otra = programa.nuevo_afiliado(f"Otra{_vez}", activo=True)
        pagar(*programa.ventas(7))
        for comision in programa.ventas(3, otra):
            aprobar_comision(comision=comision, actor=PRUEBA)
    drenar()
    assert contar() == pocas
    assert pocas < 50


def test_titulos_en_orden_y_tablas_con_cabecera(admin: Any, programa: Any) -> None:
    """What a screen reader goes by."""
    pagar(*programa.ventas(1))
    drenar()
    urls = [url_de(programa.afiliado), url_de(programa.campana), reverse("admin:index"),
            reverse("admin:comisiones_comision_programa")]  # fmt: skip
    for url in urls:
        texto = admin.get(url).content.decode()
        titulos = [int(n) for n in re.findall(r"<h([1-6])[ >]", texto)]
        assert titulos.count(1) == 1, url
        propios = titulos[titulos.index(1) :]
        assert all(b - a <= 1 for a, b in itertools.pairwise(propios)), (url, propios)
        assert len(re.findall("<table", texto)) == len(re.findall("<thead", texto)), url
        assert "<th>" not in texto, url
        for svg in re.findall("<svg[^>]*role=[^>]*>", texto):
            assert "aria-label=" in svg, url


def test_lo_que_trajo_cada_codigo(admin: Any) -> None:
    """By coupon and by link; what came with none is in neither."""
    en = fabricas.campana(pagina="https://t.example/")
    suyo = fabricas.enlace(de=fabricas.afiliado(), en=en, codigo="de-lucia")
    for cupon, enlace in (("VERANO", ""), ("VERANO", "de-lucia"), ("", "")):
        fabricas.comision(de=suyo.afiliado, en=en, cupon=cupon, enlace=enlace)
    drenar()
    for objeto in (en, suyo.afiliado):
        opciones = objeto._meta
        url = reverse(f"admin:{opciones.app_label}_{opciones.model_name}_change", args=[objeto.pk])
        bloques = {b.titulo: b.filas for b in admin.get(url).context["ficha"].bloques}
        [[codigo, clics, ventas, *_]] = bloques["Lo que trajo cada cupón"]
        assert (codigo, clics, ventas) == ("VERANO", VACIO, "2")
        [[codigo, clics, ventas, *_]] = bloques["Lo que trajo cada enlace"]
        assert (codigo, clics, ventas) == ("de-lucia", "0", "1")
