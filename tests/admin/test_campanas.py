"""Campaigns in the admin: written by their service, which says what is wrong."""

from __future__ import annotations

from django.urls import reverse

from conversiones.campanas.models import Campana

CAMPANA = {
    "nombre": "Invierno", "moneda": "USD", "inicia_en_0": "01/01/2026", "inicia_en_1": "00:00",
    "dias_retencion": "3", "modelo_atribucion": "ultimo_clic", "ventana_atribucion_dias": "30",
    "canales": "web, correo",
}  # fmt: skip


def test_campana_por_el_servicio(admin, db):
    url = reverse("admin:conversiones_campana_add")
    mal = admin.post(url, {**CAMPANA, "presupuesto": "1.005"})
    assert list(mal.context["adminform"].form.errors) == ["presupuesto"]
    assert admin.post(url, CAMPANA).status_code == 302
    campana = Campana.objects.get()
    assert (campana.estado, campana.canales) == ("borrador", ["web", "correo"])
    cambio = reverse("admin:conversiones_campana_change", args=[campana.pk])
    assert admin.post(cambio, {**CAMPANA, "canales": "web"}).status_code == 302
    campana.refresh_from_db()
    assert (campana.canales, campana.version) == (["web"], 2)


def test_moneda_fija_se_explica(admin, programa):
    programa.ventas(1)
    url = reverse("admin:conversiones_campana_change", args=[programa.campana.pk])
    respuesta = admin.post(url, {**CAMPANA, "moneda": "EUR"})
    assert "La moneda no puede cambiar" in respuesta.content.decode()


def test_lo_que_se_hace_desde_la_lista(admin, de_rol, programa):
    """Beside its row, for whoever may; it leads to the open form, and changes nothing by itself."""
    consulta = de_rol("Consulta")
    lista = reverse("admin:conversiones_campana_changelist")
    ficha = reverse("admin:conversiones_campana_change", args=[programa.campana.pk])
    pagina = admin.get(lista).content.decode()
    assert f'href="{ficha}?accion=pausar"' in pagina
    assert "accion=activar" not in pagina
    assert "accion=" not in consulta.get(lista).content.decode()
    abierta = admin.get(f"{ficha}?accion=pausar").content.decode()
    [hoja] = [h for h in abierta.split("<details")[1:] if " open>" in h.split("\n")[0]]
    assert "accion/pausar/" in hoja.split("</details>")[0]
    assert 'name="accion" open>' not in consulta.get(f"{ficha}?accion=pausar").content.decode()
    programa.campana.refresh_from_db()
    assert programa.campana.estado == "activa"
