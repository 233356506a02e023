"""Proposals in the admin: on the page of their object, in their list, and who decides them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.urls import reverse

from afiliados.claves.models import Alcance, ClaveAPI
from afiliados.claves.services import buscar_clave, crear_clave
from alpespartner.comun.actores import persona
from alpespartner.comun.formato import numero
from alpespartner.comun.models import Propuesta
from conversiones.campanas.propuestas import proponer_predeterminada
from tests import fabricas
from tests.admin.conftest import PRUEBA, ROLES, cliente_de

pytestmark = pytest.mark.django_db
QUE = {"motivo": "La otra se acaba"}


def _url(pagina: str, *args: object) -> str:
    return reverse(f"admin:{pagina}", args=args)


def _confirmar(propuesta: Propuesta) -> str:
    return _url("comun_propuesta_accion", propuesta.pk, "confirmar")


def test_se_propone_y_se_confirma_en_la_pagina_del_objeto(programa, admin, de_rol):
    campana = programa.campana
    ficha = _url("conversiones_campana_change", campana.pk)
    boton = _url("conversiones_campana_accion", campana.pk, "predeterminar")
    admin.post(boton, {"motivo": ""})
    assert not Propuesta.objects.exists()
    admin.post(boton, QUE)
    propuesta = Propuesta.objects.get()
    campana.refresh_from_db()
    assert campana.predeterminada is None
    # Who asked for it sees that it waits, no second button, and cannot confirm it.
    pagina = admin.get(ficha).content.decode()
    assert "Por confirmar" in pagina
    assert QUE["motivo"] in pagina
    assert boton not in pagina
    assert _confirmar(propuesta) not in pagina
    assert "lo confirma otra persona" in pagina
    admin.post(_confirmar(propuesta), {"volver": "1"})
    campana.refresh_from_db()
    assert campana.predeterminada is None
    tesoreria = de_rol("Tesorería")
    assert _confirmar(propuesta) in tesoreria.get(ficha).content.decode()
    respuesta = tesoreria.post(_confirmar(propuesta), {"volver": "1"})
    assert respuesta.url == ficha
    campana.refresh_from_db()
    assert campana.predeterminada is True
    pagina = admin.get(ficha).content.decode()
    assert "Propuesta confirmada: Hacer predeterminada" in pagina


@pytest.mark.parametrize("rol", ["", *ROLES])
@pytest.mark.parametrize("accion", ["confirmar", "descartar"])
def test_quien_decide(programa, de_rol, rol, accion):
    propuesta = proponer_predeterminada(campana=programa.campana, actor=PRUEBA, motivo="m")
    cliente = de_rol(rol)
    url = _url("comun_propuesta_accion", propuesta.pk, accion)
    puede = rol in ("Revisión", "Tesorería")
    vista = cliente.get(_url("comun_propuesta_change", propuesta.pk))
    assert vista.status_code == (200 if rol else 403)
    assert (url in vista.content.decode()) is puede
    assert cliente.get(url).status_code == 405
    assert cliente.post(url, QUE).status_code == (302 if puede else 403)
    propuesta.refresh_from_db()
    assert (propuesta.estado != "por_confirmar") is puede


def test_la_pagina_dice_que_hara_y_a_quien(programa, de_rol):
    vieja = fabricas.campana(nombre="La de antes", predeterminada=True)
    fabricas.conversion(en=vieja, valor="1234.50")
    fabricas.conversion(en=vieja, valor="0.50")
    propuesta = proponer_predeterminada(campana=programa.campana, actor=PRUEBA, motivo="m")
    pagina = de_rol("Revisión").get(_url("comun_propuesta_change", propuesta.pk)).content.decode()
    assert "La de antes" in pagina
    assert f"2 · {numero(Decimal(1235), 'USD')} USD" in pagina


@pytest.mark.lento
def test_el_inicio_y_la_lista_dicen_lo_que_espera(programa, de_rol, django_assert_num_queries):
    cliente = de_rol("Consulta")
    lista = _url("comun_propuesta_changelist") + "?estado__exact=por_confirmar"

    def cuentas() -> tuple[int, int]:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as captura:
            pagina = cliente.get(lista)
        return len(pagina.context["cl"].result_list), len(captura)

    proponer_predeterminada(campana=programa.campana, actor=PRUEBA, motivo="m")
    n, consultas = cuentas()
    assert n == 1
    for i in range(12):
        proponer_predeterminada(
            campana=fabricas.campana(nombre=f"C{i}"), actor=persona(User.objects.get().pk),
            motivo="m",
        )  # fmt: skip
    assert cuentas()[0] == 13
    assert cuentas()[1] <= consultas + 1
    # The front page counts them for whoever may confirm them.
    for rol, cuenta in (("Tesorería", ["13"]), ("Revisión", ["13"])):
        otra = de_rol(rol)
        tarjetas = otra.get(_url("index")).context["tarjetas"]
        suyas = [t for t in tarjetas if t["titulo"] == "Por confirmar"]
        assert [t["cuenta"] for t in suyas] == cuenta
        assert len(otra.get(suyas[0]["url"]).context["cl"].result_list) == 13
    assert cliente.get(_url("index")).context["tarjetas"] == []


def test_revocar_para_la_clave_al_instante_y_otra_persona_lo_hace_definitivo(admin, de_rol):
    una, texto = crear_clave(
        nombre="Tienda", titular="Tienda", alcances=[Alcance.CAMPANAS_LEER], actor=PRUEBA
    )
    ficha = _url("afiliados_claveapi_change", una.pk)
    pagina = admin.get(ficha).content.decode()
    assert "Leer campañas" in pagina
    admin.post(_url("afiliados_claveapi_accion", una.pk, "revocar"), {"motivo": "Se filtró"})
    assert buscar_clave(texto) is None
    assert fabricas.ClienteAPI(texto).get("/api/v1/campanas").status_code == 401
    una.refresh_from_db()
    assert una.revocada_en is None
    propuesta = Propuesta.objects.get()
    assert propuesta.caduca_en is None
    assert "Suspendida" in admin.get(ficha).content.decode()
    otra = de_rol("Revisión")
    # Dropped, it works again; asked for again and confirmed, it never does.
    otra.post(_url("comun_propuesta_accion", propuesta.pk, "descartar"), {"motivo": "Era otra"})
    assert buscar_clave(texto) == una
    admin.post(_url("afiliados_claveapi_accion", una.pk, "revocar"), {"motivo": "Sí era"})
    otra.post(_confirmar(Propuesta.objects.get(estado="por_confirmar")))
    una = ClaveAPI.objects.get()
    assert una.revocada_en is not None
    assert buscar_clave(texto) is None
    admin.post(_url("afiliados_claveapi_accion", una.pk, "revocar"), {"motivo": "Otra vez"})
    assert Propuesta.objects.count() == 2


def test_un_permiso_del_tipo_hace_falta_ademas(programa, monkeypatch):
    """Somebody with the general permission, and not the one that the kind asks for besides."""
    from dataclasses import replace

    from alpespartner.comun.propuestas import tipos

    propuesta = proponer_predeterminada(campana=programa.campana, actor=PRUEBA, motivo="m")
    exigente = replace(tipos.TIPOS["predeterminar"], permiso="comisiones.decidir_pago")
    monkeypatch.setitem(tipos.TIPOS, "predeterminar", exigente)
    usuario = User.objects.create_user("una", is_staff=True)
    usuario.groups.add(Group.objects.get(name="Revisión"))
    cliente = cliente_de(usuario)
    vista = cliente.get(_url("comun_propuesta_change", propuesta.pk)).content.decode()
    assert _confirmar(propuesta) not in vista
    assert cliente.post(_confirmar(propuesta)).status_code == 403
    propuesta.refresh_from_db()
    assert propuesta.estado == "por_confirmar"
    usuario.groups.add(Group.objects.get(name="Tesorería"))
    assert cliente_de(usuario).post(_confirmar(propuesta)).status_code == 302
    propuesta.refresh_from_db()
    assert propuesta.estado == "confirmada"
