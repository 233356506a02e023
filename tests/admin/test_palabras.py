"""What pages, lists and messages are called, and what they say of what happened."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin as sitio
from django.contrib.auth.models import User
from django.contrib.messages import get_messages
from django.test import Client, RequestFactory
from django.urls import resolve, reverse
from django.utils import translation
from django.utils.formats import date_format, localize
from django.utils.translation import gettext

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.admin.formato import nombres_de_actores
from alpespartner.comun.vocabulario import nombre_de_entidad, nombre_de_parte, tono_de
from alpespartner.panel import menu
from comisiones.ajustes.services import crear_ajuste
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
from outbox.models import EventoAparcado, OutboxEvent
from scripts.compilar_textos import main as compilar
from tests.admin.conftest import PRUEBA

pytestmark = [pytest.mark.una_base, pytest.mark.django_db]
# A list of what is there from the beginning is never empty.
NUNCA_VACIAS = {"auth.user", "auth.group", "comun.sesion"}


def _del_menu() -> dict[str, str]:
    """Address of each list of the menu, and what the menu calls it."""
    peticion: Any = RequestFactory().get("/")
    peticion.user = User(is_superuser=True, is_active=True)
    items = [item for _titulo, suyos in menu(peticion) for item in suyos]
    return {item["link"]: str(item["title"]) for item in items}


def _modelo_de(url: str) -> Any:
    nombre = resolve(url.partition("?")[0]).url_name or ""
    listas = {
        f"{m._meta.app_label}_{m._meta.model_name}_changelist": m for m in sitio.site._registry
    }
    return listas.get(nombre)


def test_cada_lista_del_menu_dice_que_la_llena() -> None:
    modelos = {m for url in _del_menu() if (m := _modelo_de(url))}
    assert len(modelos) > 25
    mudas = {m._meta.label_lower for m in modelos if not sitio.site._registry[m].si_vacia}
    assert mudas == NUNCA_VACIAS


@pytest.mark.lento
def test_cada_pagina_se_llama_como_en_el_menu(admin: Client, programa: Any) -> None:
    otras = {}
    for url, titulo in _del_menu().items():
        pagina = admin.get(url).content.decode()
        dicho = re.search(r"<h1[^>]*>(.*?)</h1>", pagina, re.DOTALL)
        assert dicho is not None, url
        texto = html.unescape(" ".join(re.sub(r"<[^>]+>", " ", dicho[1]).split()))
        if not texto.startswith(titulo):
            otras[url] = (titulo, texto)
    # The front page greets.
    assert {u for u in otras if u != reverse("admin:index")} == set(), otras


def test_la_pagina_de_una_fila_nombra_su_lista_como_el_menu(admin: Client, programa: Any) -> None:
    comision = programa.ventas(1)[0]
    pagina = admin.get(reverse("admin:comisiones_comision_change", args=[comision.pk]))
    nueva = admin.get(reverse("admin:comisiones_politicaaprobacion_add"))
    for dicha, lista in ((pagina, "Cola de revisión"), (nueva, "Aprobación automática")):
        assert re.search(rf"<h1[^>]*>\s*<a [^>]*>{lista}</a>", dicha.content.decode())


def test_la_pagina_de_una_fila_se_llama_como_la_conoce_la_gente(
    admin: Client, programa: Any
) -> None:
    lote = programa.lote()
    pago = lote.pagos.get()
    comision = pago.items.get().comision
    venta = comision.conversion
    Conversion.objects.filter(pk=venta.pk).update(referencia_externa="pedido-7")
    ajuste = crear_ajuste(
        afiliado=comision.afiliado, tipo="bono", monto=Decimal(3), moneda="USD",
        motivo="m", actor=PRUEBA,
    )  # fmt: skip
    dinero = "10,00 USD para Socia"
    nombres = [
        (comision, dinero), (pago, dinero), (lote, "10,00 USD en 1 pago"), (venta, "pedido-7"),
        (ajuste, "3,00 USD para Socia"),
    ]  # fmt: skip
    for fila, nombre in nombres:
        opciones = fila._meta
        url = reverse(f"admin:{opciones.app_label}_{opciones.model_name}_change", args=[fila.pk])
        pagina = admin.get(url).content.decode().replace("\xa0", " ")
        titulo = re.search(r"<h1.*?</h1>", pagina, re.DOTALL)
        assert titulo is not None
        assert nombre in titulo[0], fila
        assert f"{nombre} | " in re.sub(r"\s+", " ", pagina), fila


def test_una_lista_vacia_y_una_busqueda_sin_nada_dicen_cosas_distintas(admin: Client) -> None:
    lista = reverse("admin:conversiones_importacion_changelist")
    assert "se ensaya, se mira y se aplica" in admin.get(lista).content.decode()
    buscada = admin.get(f"{reverse('admin:afiliados_afiliado_changelist')}?q=nadie")
    assert "Quitar búsqueda y filtros" in buscada.content.decode()


def test_un_correo_de_otro_se_dice_y_al_guardar_se_ve_lo_guardado(
    admin: Client, programa: Any
) -> None:
    alta = reverse("admin:afiliados_afiliado_add")
    datos = {
        "nombre": "Otra", "email": programa.afiliado.email.upper(), "tipo_afiliado": "estandar",
        "nivel": "bronce", "resumen": "diario",
    }  # fmt: skip
    rechazada = admin.post(alta, datos)
    assert list(rechazada.context["adminform"].form.errors) == ["email"]
    respuesta = admin.post(alta, {**datos, "email": "otra@example.com"})
    otra = Afiliado.objects.latest("pk")
    assert respuesta.url == reverse("admin:afiliados_afiliado_change", args=[otra.pk])
    # One from before is named on the page of the other.
    Afiliado.objects.filter(pk=otra.pk).update(correo_unico=None, email=programa.afiliado.email)
    pagina = admin.get(respuesta.url).content.decode()
    assert "Mismo correo que" in pagina
    assert f">{programa.afiliado}</a>" in pagina


def test_la_cabecera_dice_lo_que_quitaron_las_devoluciones(admin: Client, programa: Any) -> None:
    comision = programa.ventas(1)[0]
    url = reverse("admin:comisiones_comision_change", args=[comision.pk])
    assert "por devoluciones</span>" not in admin.get(url).content.decode()
    from outbox.transportes.embebido import drenar

    devolver(
        conversion=comision.conversion, datos=Devolucion(id_externo="d", monto=Decimal(40)),
        actor=PRUEBA,
    )  # fmt: skip
    drenar()
    cabecera = (
        admin.get(url).content.decode().partition("ap-ficha-cuanto")[2].partition("</header")[0]
    )
    texto = " ".join(re.sub(r"<[^>]+>", " ", cabecera).split())
    assert "6,00 USD" in texto
    assert "menos 4,00 USD por devoluciones" in texto


def test_los_aparcados_se_reencolan_juntos(admin: Client, programa: Any, de_rol: Any) -> None:
    programa.ventas(1)
    suyos = [
        EventoAparcado.objects.create(suscripcion=s, evento=e, intentos=5, error="OSError: lleno")
        for s, e in zip(("una", "otra"), OutboxEvent.objects.order_by("-posicion")[:2], strict=True)
    ]
    lista = reverse("admin:outbox_eventoaparcado_changelist")
    assert "OSError" not in admin.get(lista).content.decode()
    datos = {"action": "reencolar_varios", "_selected_action": [a.pk for a in suyos]}
    de_rol("Consulta").post(lista, datos)
    assert not EventoAparcado.objects.exclude(reencolado_en=None).exists()
    respuesta = admin.post(lista, datos)
    assert [str(m) for m in get_messages(respuesta.wsgi_request)] == [
        "2 eventos vuelven a su cola."
    ]
    assert not EventoAparcado.objects.filter(reencolado_en=None).exists()


def test_palabras_y_no_codigos() -> None:
    assert nombre_de_entidad("conversion") == "Conversión"
    assert nombre_de_parte("en_masa") == "decisiones en masa"
    assert nombres_de_actores(["persona:987"]) == {"persona:987": "Persona 987"}
    # What only came in is no warning.
    assert tono_de("recibida") == "info"


def test_las_frases_de_django_no_tienen_genero() -> None:
    compilar()
    from django.utils.translation import trans_real

    trans_real._translations.clear()
    with translation.override("es"):
        dicho = gettext("The {name} “{obj}” was added successfully.").format(name="regla", obj="R")
        todas = gettext("Select all %(total_count)s %(module_name)s")
    assert dicho == "Guardado: regla «R»."
    assert "todos los" not in todas


def test_una_fecha_se_escribe_de_una_manera() -> None:
    cuando = datetime(2026, 3, 4, 15, 6, tzinfo=UTC)
    for lengua, dicha in (("es", "04/03/2026 15:06"), ("en", "4 Mar 2026, 15:06")):
        with translation.override(lengua):
            dichas = {date_format(cuando, f) for f in ("DATETIME_FORMAT", "SHORT_DATETIME_FORMAT")}
            assert dichas == {dicha, localize(cuando)}
