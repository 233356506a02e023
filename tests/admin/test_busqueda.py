"""Finding things: in the lists, in the boxes that choose a row, and in the box for everything."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from alpespartner import buscador
from alpespartner.quien_puede.documento import permisos_de
from alpespartner.quien_puede.personal import ADMIN
from comisiones.comision.models import Comision
from comisiones.liquidaciones.services import emitir
from comisiones.models import Pago
from tests import fabricas
from tests.admin.conftest import PRUEBA, ROLES, cliente_de

pytestmark = pytest.mark.una_base
REFERENCIA = "PED-2026-004471-A"
PALETA = "/admin/search/"


class Caso:
    """A sale that was paid and has its document, and who sold it."""

    def __init__(self, programa: Any) -> None:
        self.mateo = registrar_afiliado(
            datos=NuevoAfiliado(nombre="Mateo Quispe Ñandú", email="mateo@ejemplo.co"),
            actor=PRUEBA, activo=True,
        )  # fmt: skip
        self.venta = fabricas.conversion(
            de=self.mateo, en=programa.campana, referencia_externa=REFERENCIA
        )
        fabricas.entregar_todo()
        self.comision = Comision.objects.get(conversion=self.venta)
        pagada = programa.pago("pagado")
        # The one that pays it stands for its own.
        pagada.items.update(comision=self.comision)
        self.pago = pagada
        [self.documento] = emitir(pagos_ids=[pagada.id_publico], actor=PRUEBA)

    @property
    def filas(self) -> dict[str, Any]:
        """By the permission that shows each."""
        return {
            "conversiones.view_conversion": self.venta,
            "comisiones.view_comision": self.comision,
            "comisiones.view_pago": self.pago,
            "comisiones.view_liquidacion": self.documento,
        }


@pytest.fixture
def caso(programa: Any) -> Caso:
    return Caso(programa)


def lista(cliente: Client, modelo: str, termino: str) -> list[Any]:
    respuesta = cliente.get(reverse(f"admin:{modelo}_changelist"), {"q": termino})
    assert respuesta.status_code == 200
    return list(respuesta.context["cl"].result_list)


@pytest.mark.parametrize("termino", ["4471", REFERENCIA, "quispe", "nandu", "mateo@"])
def test_en_las_listas(caso: Caso, admin: Client, programa: Any, termino: str) -> None:
    programa.ventas(3)
    assert lista(admin, "conversiones_conversion", termino) == [caso.venta]
    assert lista(admin, "comisiones_comision", termino) == [caso.comision]
    if "447" in termino:
        assert lista(admin, "comisiones_pago", termino) == [caso.pago]
        assert lista(admin, "comisiones_liquidacion", termino) == [caso.documento]
    else:
        assert lista(admin, "afiliados_afiliado", termino) == [caso.mateo]


@pytest.mark.lento
def test_por_cualquier_identificador(caso: Caso, admin: Client, programa: Any) -> None:
    programa.ventas(2)
    ids = [caso.venta.id_publico, caso.comision.id_publico, caso.pago.id_publico]
    for termino in (*ids, *(uno.lower() for uno in ids)):
        assert lista(admin, "comisiones_comision", termino) == [caso.comision], termino
    for termino in (caso.comision.id_publico, caso.pago.id_publico, caso.venta.id_publico):
        assert lista(admin, "comisiones_pago", termino) == [caso.pago], termino
        assert lista(admin, "comisiones_liquidacion", termino) == [caso.documento], termino
    numero = caso.documento.numero_completo
    for termino in (numero, str(caso.documento.numero), f"{caso.documento.numero:06d}"):
        assert caso.documento in lista(admin, "comisiones_liquidacion", termino)
    suyas = lista(admin, "conversiones_conversion", programa.campana.id_publico)
    assert caso.venta in suyas
    corto = f"af_…{caso.mateo.id_publico[-6:]}"
    assert lista(admin, "afiliados_afiliado", corto) == [caso.mateo]


# --- Boxes that choose a row ----------------------------------------------------------------------


def elegibles(
    cliente: Client, termino: str, modelo: str = "ajuste", campo: str = "afiliado"
) -> Any:
    datos = {"app_label": "comisiones", "model_name": modelo, "field_name": campo, "term": termino}
    return cliente.get("/admin/autocomplete/", datos)


def test_tres_del_mismo_nombre(admin: Client, django_assert_max_num_queries: Any) -> None:
    suyos = [
        fabricas.afiliado(nombre="Mateo Quispe", email=f"m{n}@ejemplo.co", activo=n < 2)
        for n in range(3)
    ]
    for _vez in range(2):
        with django_assert_max_num_queries(14):
            respuesta = elegibles(admin, "quispe mateo").json()
        fabricas.afiliado(nombre="Otro Quispe Mateos")
    textos = [fila["text"] for fila in respuesta["results"][-3:]]
    for afiliado, texto in zip(reversed(suyos), textos, strict=True):
        assert texto.startswith("Mateo Quispe · ")
        assert afiliado.email in texto
        assert afiliado.id_publico[-6:] in texto
        assert str(afiliado.get_estado_display()) in texto


def test_lo_elegido_se_dice_igual(admin: Client) -> None:
    uno = fabricas.afiliado(nombre="Mateo Quispe", email="m@ejemplo.co")
    url = reverse("admin:comisiones_comision_changelist")
    html = unescape(admin.get(url, {"afiliado__id__exact": uno.pk}).content.decode())
    assert f"Mateo Quispe · m@ejemplo.co · af_…{uno.id_publico[-6:]}" in html
    malo = admin.post(reverse("admin:comisiones_ajuste_add"), {"afiliado": uno.pk})
    assert f"af_…{uno.id_publico[-6:]}" in unescape(malo.content.decode())


def test_elige_quien_puede_verlo(de_rol: Any) -> None:
    assert elegibles(de_rol(""), "ada").status_code == 403
    assert elegibles(de_rol("Consulta"), "ada").status_code == 200


# --- The box for everything -----------------------------------------------------------------------


def hallados(cliente: Client, termino: str) -> list[str]:
    """Where the lines of the box lead."""
    respuesta = cliente.get(PALETA, {"q": termino})
    assert respuesta.status_code == 200
    html = respuesta.content.decode()
    assert html.count('role="option"') == len(re.findall(r'href="', html))
    return [unescape(url) for url in re.findall(r'href="([^"]+)"', html)]


def url_de(fila: Any) -> str:
    opciones = fila._meta
    return reverse(f"admin:{opciones.app_label}_{opciones.model_name}_change", args=[fila.pk])


@pytest.mark.parametrize("termino", ["4471", "ped-2026-004471", REFERENCIA])
def test_una_venta_con_lo_que_le_paso(caso: Caso, admin: Client, termino: str) -> None:
    assert hallados(admin, termino) == [url_de(fila) for fila in caso.filas.values()]


def test_cada_cosa_por_su_identificador(caso: Caso, admin: Client, programa: Any) -> None:
    lote = programa.lote("liberar")
    for fila in (*caso.filas.values(), caso.mateo, programa.campana, programa.regla, lote):
        assert hallados(admin, fila.id_publico.lower()) == [url_de(fila)], fila
    numero = caso.documento.numero_completo
    assert hallados(admin, numero) == [url_de(caso.documento)]
    assert hallados(admin, "nandu") == [url_de(caso.mateo)]
    assert hallados(admin, "verano") == [url_de(programa.campana)]


def test_adonde_ir_y_que_empezar(admin: Client) -> None:
    todas = hallados(admin, "")
    assert todas[0] == reverse("admin:index")
    assert reverse("acceso_propio") in todas
    assert hallados(admin, "cola revis")[0] == reverse("admin:comisiones_comision_changelist")
    assert reverse("admin:afiliados_afiliado_add") in hallados(admin, "añadir AFIL")
    assert reverse("admin:afiliados_afiliado_add") in hallados(admin, "anadir afil")
    # A word in the middle of another is none.
    assert hallados(admin, "evision") == []
    ana = fabricas.afiliado(nombre="Ana Añez")
    assert hallados(admin, "ana")[0] == url_de(ana)
    assert hallados(admin, "anad")[0].endswith("/add/")


def test_de_muchas_unas_pocas_y_el_camino_a_todas(admin: Client) -> None:
    for n in range(buscador.CADA + 2):
        fabricas.afiliado(nombre=f"Quispe & Hijos {n}")
    urls = hallados(admin, "quispe & hijos")
    assert len(urls) == buscador.CADA + 1
    assert urls[-1] == f"{reverse('admin:afiliados_afiliado_changelist')}?q=quispe+%26+hijos"
    assert len(lista(admin, "afiliados_afiliado", "quispe & hijos")) == buscador.CADA + 2


def test_lo_escrito_es_texto(admin: Client) -> None:
    fabricas.afiliado(nombre="<b>Eva</b>")
    html = admin.get(PALETA, {"q": "<b>eva"}).content.decode()
    assert "&lt;b&gt;Eva" in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in admin.get(PALETA, {"q": "<script>"}).content.decode()
    for raro in ("%", "'", '"; --', "\x00", "x" * 5_000, "٣", "🌮", "\ud800", " "):
        datos = {"q": raro.encode("utf-8", "surrogatepass").decode("utf-8", "replace")}
        assert admin.get(PALETA, datos).status_code == 200, raro


@pytest.mark.lento
@pytest.mark.parametrize("rol", ["", *ROLES])
def test_nada_que_su_rol_no_vea(caso: Caso, de_rol: Any, rol: str) -> None:
    cliente, puede = de_rol(rol), permisos_de(rol) if rol else set()
    esperado = [url_de(fila) for permiso, fila in caso.filas.items() if permiso in puede]
    assert hallados(cliente, "4471") == esperado
    for permiso, fila in {**caso.filas, "afiliados.view_afiliado": caso.mateo}.items():
        suya = [url_de(fila)] if permiso in puede else []
        assert hallados(cliente, fila.id_publico) == suya
    # Each line of the menu is a page that opens.
    for url in hallados(cliente, ""):
        assert cliente.get(url).status_code == 200, url


@pytest.mark.parametrize("permiso", ["conversiones.view_conversion", "comisiones.view_pago"])
def test_cada_permiso_ensena_lo_suyo(caso: Caso, db: Any, permiso: str) -> None:
    assert permiso in {acciones["ver"] for acciones in ADMIN.values()}
    usuario = User.objects.create_user("con-uno", is_staff=True)
    app, codigo = permiso.split(".")
    usuario.user_permissions.add(
        Permission.objects.get(content_type__app_label=app, codename=codigo)
    )
    assert hallados(cliente_de(usuario), REFERENCIA) == [url_de(caso.filas[permiso])]


def test_quien_no_entro_no_busca(db: Any, client: Client) -> None:
    for ruta in (PALETA, "/admin/autocomplete/"):
        assert client.get(ruta, {"q": "x"}).status_code == 302
    usuario = User.objects.create_user("de-fuera", is_staff=False)
    assert cliente_de(usuario).get(PALETA, {"q": "x"}).status_code == 302


def test_mirar_no_escribe_y_pregunta_lo_mismo(
    caso: Caso, admin: Client, django_assert_max_num_queries: Any
) -> None:
    antes = fabricas.foto()
    for _vez in range(2):
        for termino in ("4471", "quispe mateo", ""):
            with django_assert_max_num_queries(40):
                hallados(admin, termino)
        registrar_afiliado(
            datos=NuevoAfiliado(nombre="Mateo Quispe", email=f"x{_vez}@ejemplo.co"), actor=PRUEBA
        )
        antes = antes if _vez else fabricas.foto()
    assert admin.post(PALETA, {"q": "4471"}).status_code == 405
    assert Pago.objects.count() == antes["comisiones.Pago"]


def test_cada_pagina_la_lleva(admin: Client) -> None:
    html = admin.get("/admin/").content.decode()
    assert 'id="ap-paleta"' in html
    assert f'data-url="{PALETA}"' in html
    assert "alpespartner/paleta.js" in html
    assert 'x-data="searchCommand()"' not in html


def test_en_ingles(admin: Client) -> None:
    Group.objects.get_or_create(name="Revisión")
    ingles = Client(headers={"accept-language": "en"})
    ingles.force_login(User.objects.get(username="jefa"))
    html = ingles.get(PALETA, {"q": "queue"}).content.decode()
    assert reverse("admin:comisiones_comision_changelist") in html
    assert "Ir a" not in html
