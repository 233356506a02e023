"""Affiliates and keys in the admin: written by their services, which say what is wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import buscar_clave
from alpespartner.comun.models import Historial, Propuesta
from outbox.models import OutboxEvent

ALTA = "admin:afiliados_afiliado_add"
AFILIADO = {
    "nombre": "Nueva", "email": "nueva@ejemplo.co", "tipo_afiliado": "premium", "nivel": "bronce",
    "comision_premium": "20",
}  # fmt: skip


def test_alta_de_afiliado_por_el_servicio(admin, db):
    respuesta = admin.post(reverse(ALTA), AFILIADO)
    assert respuesta.status_code == 302
    afiliado = Afiliado.objects.get()
    assert afiliado.id_publico.startswith("af_")
    assert (afiliado.estado, afiliado.comision_premium) == ("pendiente", 20)
    evento = OutboxEvent.objects.get()
    assert (evento.type, evento.aggregateid) == ("AfiliadoRegistrado", afiliado.id_publico)
    assert Historial.objects.get(entidad="afiliado").actor.startswith("persona:")


@pytest.mark.parametrize(
    ("cambio", "campo"),
    [
        ({"comision_premium": "150"}, "comision_premium"),
        ({"comision_premium": "", "comision_fija": "1.005", "moneda_comision": "USD"},
         "comision_fija"),
        ({"comision_fija": "5", "moneda_comision": "USD"}, "comision_fija"),
        ({"minimo_pago": "-1"}, "minimo_pago"),
        ({"moneda_comision": "ZZZ"}, "moneda_comision"),
        ({"email": "nadie"}, "email"),
        ({"comision_base": "nan"}, "comision_base"),
    ],
)  # fmt: skip
def test_lo_que_el_servicio_rechaza_se_ve_en_su_campo(admin, db, cambio, campo):
    respuesta = admin.post(reverse(ALTA), {**AFILIADO, **cambio})
    assert respuesta.status_code == 200
    assert list(respuesta.context["adminform"].form.errors) == [campo]
    assert not Afiliado.objects.exists()
    assert not OutboxEvent.objects.exists()


def test_duplicado_se_explica(admin, programa):
    datos = {**AFILIADO, "referencia_externa": "EXT-1"}
    admin.post(reverse(ALTA), datos)
    respuesta = admin.post(reverse(ALTA), datos)
    assert "Ya hay un afiliado" in respuesta.content.decode()
    assert Afiliado.objects.filter(referencia_externa="EXT-1").count() == 1


def test_editar_afiliado_por_el_servicio(admin, programa):
    url = reverse("admin:afiliados_afiliado_change", args=[programa.afiliado.pk])
    datos = {
        "nombre": "Otro nombre", "email": programa.afiliado.email, "tipo_afiliado": "estandar",
        "nivel": "bronce", "comision_base": "7.5", "motivo": "Acuerdo.",
        # Not fields: they change nothing.
        "estado": "cerrado", "id_publico": "af_x", "version": "99",
    }  # fmt: skip
    assert admin.post(url, datos).status_code == 302
    afiliado = Afiliado.objects.get(pk=programa.afiliado.pk)
    assert (afiliado.nombre, str(afiliado.comision_base)) == ("Otro nombre", "7.5000")
    assert (afiliado.estado, afiliado.id_publico) == ("activo", programa.afiliado.id_publico)
    evento = OutboxEvent.objects.filter(type="AfiliadoActualizado").get()
    assert '["comision_base","nombre"]' in evento.payload
    mal = admin.post(url, {**datos, "comision_base": "101"})
    assert list(mal.context["adminform"].form.errors) == ["comision_base"]
    afiliado.refresh_from_db()
    assert str(afiliado.comision_base) == "7.5000"
    # The same again changes nothing.
    eventos = OutboxEvent.objects.count()
    admin.post(url, datos)
    assert OutboxEvent.objects.count() == eventos


def test_la_clave_se_ve_una_vez(admin, programa):
    datos = {"nombre": "Tienda", "titular": "Equipo", "alcances": ["conversiones:escribir"]}
    respuesta = admin.post(reverse("admin:afiliados_claveapi_add"), datos)
    texto = respuesta.context["texto"]
    clave = ClaveAPI.objects.get()
    assert buscar_clave(texto) == clave
    assert texto in respuesta.content.decode()
    assert "no-store" in respuesta["Cache-Control"]
    secreto = texto.split("_", 2)[2]
    for url in (
        reverse("admin:afiliados_claveapi_changelist"),
        reverse("admin:afiliados_claveapi_change", args=[clave.pk]),
    ):
        pagina = admin.get(url).content.decode()
        assert secreto not in pagina
        assert clave.huella not in pagina
    assert secreto not in str(dict(admin.session))
    admin.post(
        reverse("admin:afiliados_claveapi_accion", args=[clave.pk, "revocar"]), {"motivo": "m"}
    )
    assert buscar_clave(texto) is None


def test_alcance_de_afiliado_se_explica(admin, programa):
    datos = {
        "nombre": "Socio", "titular": "Socio", "alcances": ["comisiones:aprobar"],
        "afiliado": programa.afiliado.pk,
    }  # fmt: skip
    respuesta = admin.post(reverse("admin:afiliados_claveapi_add"), datos)
    assert list(respuesta.context["adminform"].form.errors) == ["alcances"]
    assert not ClaveAPI.objects.exists()


def test_condiciones_grandes_y_con_fecha(admin, de_rol, programa, settings):
    """The page tells what waits for another person, and what is to come."""
    settings.CAMBIO_GRANDE = {"%": Decimal(10)}
    url = reverse("admin:afiliados_afiliado_change", args=[programa.afiliado.pk])
    datos = {
        "nombre": "Socia", "email": "socia@ejemplo.co", "tipo_afiliado": "estandar",
        "nivel": "bronce", "motivo": "Acuerdo",
    }  # fmt: skip
    pagina = admin.post(url, {**datos, "comision_base": "80"}, follow=True).content.decode()
    assert "cuando las confirme otra persona" in pagina
    pagina = admin.get(url).content.decode()
    assert "– → 80 %" in pagina
    assert Afiliado.objects.get(pk=programa.afiliado.pk).comision_base is None
    propuesta = Propuesta.objects.get()
    confirmar = reverse("admin:comun_propuesta_accion", args=[propuesta.pk, "confirmar"])
    assert confirmar not in pagina
    tesoreria = de_rol("Tesorería")
    assert confirmar in tesoreria.get(url).content.decode()
    tesoreria.post(confirmar, {"volver": "1"})
    assert Afiliado.objects.get(pk=programa.afiliado.pk).comision_base == 80
    datos |= {"comision_base": "75", "desde_0": "2099-12-01", "desde_1": "00:00:00"}
    admin.post(url, datos)
    for cliente in (admin, tesoreria):
        pagina = cliente.get(url).content.decode()
        assert "Comisión base (%): 75 %" in pagina
        assert "2099" in pagina
    assert Afiliado.objects.get(pk=programa.afiliado.pk).comision_base == 80
    mala = admin.post(url, {**datos, "comision_base": "70", "desde_0": "2098-12-01"})
    assert "elige una fecha posterior" in mala.content.decode()
