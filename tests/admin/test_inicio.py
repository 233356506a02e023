"""The front page of each role: what that person can act on, and each number its list's."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.test import Client
from django.urls import reverse

from afiliados.afiliado.services import actualizar_afiliado
from afiliados.cuentas.services import guardar_cuenta
from alpespartner.comun.actores import persona
from alpespartner.inicio import ESPERAN
from comisiones.ajustes.services import crear_ajuste
from comisiones.models import AvisoPasarela, ExtractoBanco, LineaBanco, Pago
from comisiones.pagos.conciliacion.vistas import poner_por_mirar
from comisiones.pagos.lotes.ciclo import congelar_lote
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pago.services import reintentar_pago
from comisiones.revision.services import aprobar_comision, retener_comision
from conversiones.campanas.propuestas import proponer_predeterminada
from conversiones.inscripciones.services import solicitar
from outbox.transportes.embebido import drenar
from tests import fabricas
from tests.admin.conftest import PRUEBA, ROLES, cliente_de

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _sin_pagos_solos(settings: Any) -> None:
    """What is approved waits for whoever pays it."""
    settings.PAGOS_AUTOMATICOS = False


def tarjetas(cliente: Client) -> dict[str, dict[str, Any]]:
    """What waits, by its title."""
    esperan = cliente.get(reverse("admin:index")).context["esperan"]
    return {t["titulo"]: t for t in esperan}


def de(rol: str, nombre: str = "alguien") -> tuple[User, Client]:
    usuario = User.objects.create_user(f"{nombre}-{rol}", is_staff=True)
    usuario.groups.add(Group.objects.get(name=rol))
    return usuario, cliente_de(usuario)


def sumas(tarjeta: dict[str, Any]) -> list[str]:
    return [re.sub("<[^>]*>", "", str(suma)) for suma, _entera in tarjeta["sumas"]]


def _de_todo(programa: Any) -> None:
    """Something of everything that may wait."""
    programa.ventas(4)
    retener_comision(comision=programa.ventas(1)[0], actor=PRUEBA, motivo="m")
    programa.nuevo_afiliado("Nueva", activo=False)
    programa.pago("incierto")
    programa.lote("liberar")
    programa.lote("cerrar")
    programa.lote("congelar")
    programa.aparcado()
    for autor in (PRUEBA, persona(77)):
        crear_ajuste(
            afiliado=programa.afiliado, tipo="bono", monto=Decimal("7.25"), moneda="USD",
            motivo="m", actor=autor,
        )  # fmt: skip
    proponer_predeterminada(campana=programa.campana, actor=persona(77), motivo="m")
    aprobar_comision(comision=programa.ventas(1)[0], actor=PRUEBA)
    extracto = ExtractoBanco.objects.create(
        id_publico="ext_1", nombre="x", huella="h", movimientos=2, importado_por="persona:7"
    )
    lineas = [
        LineaBanco.objects.create(
            extracto=extracto, numero=numero, importe=Decimal(5), moneda="EUR",
            resultado=resultado, huella=f"h{numero}",
        )
        for numero, resultado in enumerate(["aplicada", "contradice", "desconocida"])
    ]  # fmt: skip
    poner_por_mirar(extracto, lineas)
    for resultado in ("aplicado", "desconocido"):
        AvisoPasarela.objects.create(
            pasarela="stripe", id_externo=resultado, tipo="t", referencia="r", resultado=resultado
        )
    guardar_cuenta(
        afiliado=programa.nuevo_afiliado("Cobra", activo=True), titular="Cobra",
        iban="DE89370400440532013000", actor=persona(77),
    )  # fmt: skip
    solicitar(
        campana=fabricas.con_inscripcion(), afiliado=programa.afiliado, terminos=0, actor=PRUEBA
    )
    # One that may spend nothing has nothing left.
    fabricas.campana(presupuesto=Decimal(0))
    # Last: a batch would pay again what it left.
    programa.pago("fallido")
    drenar()


DE_CADA_ROL = {
    "Revisión": {
        "Comisiones por revisar", "Retenidas", "Ajustes por aprobar", "Afiliados por revisar",
        "Cuentas por confirmar", "Por confirmar", "Inscripciones por decidir",
    },
    "Tesorería": {
        "Cuentas por confirmar", "Por confirmar", "Lotes por liberar", "Vencen esta semana",
        "Lotes en borrador",
        "Lotes con pagos fallidos", "Pagos fallidos", "Pagos inciertos",
        "Líneas del banco por mirar", "Avisos de pasarelas por mirar", "Eventos aparcados",
    },
    "Consulta": set(),
}  # fmt: skip


@pytest.mark.lento
def test_cada_rol_lo_suyo_y_cada_numero_es_el_de_su_lista(programa: Any, admin: Client) -> None:
    _de_todo(programa)
    for rol in (*ROLES, "superusuario"):
        cliente = admin if rol == "superusuario" else de(rol)[1]
        suyas = tarjetas(cliente)
        if rol == "superusuario":
            assert len(suyas) == len(ESPERAN) - 1
        elif rol == "Tesorería":
            # Whoever proposes a campaign's change asks whoever may change campaigns.
            assert set(suyas) | {"Por confirmar"} == DE_CADA_ROL[rol]
        else:
            assert set(suyas) | ({"Por confirmar"} & DE_CADA_ROL[rol]) == DE_CADA_ROL[rol], rol
        for titulo, tarjeta in suyas.items():
            # Nobody says since when a budget is nearly spent.
            assert tarjeta["desde"] or titulo == "Presupuestos que se acaban", (rol, titulo)
            respuesta = cliente.get(tarjeta["url"])
            assert respuesta.status_code == 200, (rol, titulo)
            assert str(respuesta.context["cl"].result_count) == tarjeta["cuenta"], (rol, titulo)
            vistas = len(respuesta.context["cl"].result_list)
            assert vistas == int(tarjeta["cuenta"]), (rol, titulo)


def test_no_lo_que_uno_mismo_preparo(programa: Any) -> None:
    """Own adjustments and own batches wait for somebody else."""
    aprobar_comision(comision=programa.ventas(1)[0], actor=PRUEBA)
    usuario, revision = de("Revisión")
    for autor in (persona(usuario.pk), PRUEBA, PRUEBA):
        crear_ajuste(
            afiliado=programa.afiliado, tipo="bono", monto=Decimal("7.25"), moneda="USD",
            motivo="m", actor=autor,
        )  # fmt: skip
    suya = tarjetas(revision)["Ajustes por aprobar"]
    assert (suya["cuenta"], sumas(suya)) == ("2", ["14,50 USD"])
    tesorera, tesoreria = de("Tesorería")
    lote = proponer_lote(moneda="USD", actor=persona(tesorera.pk), pasarela="archivo")
    congelar_lote(lote=lote, actor=persona(tesorera.pk))
    assert "Lotes por liberar" not in tarjetas(tesoreria)
    otra = tarjetas(de("Tesorería", "otra")[1])["Lotes por liberar"]
    assert (otra["cuenta"], sumas(otra)) == ("1", ["17,25 USD"]) or sumas(otra) == ["10,00 USD"]


def test_las_cuentas_que_guardo_otra_persona(programa: Any) -> None:
    """With what their affiliates are owed, each once; nobody confirms what they touched."""
    otro = programa.nuevo_afiliado("Otro", activo=True)
    for comision in (*programa.ventas(2), *programa.ventas(1, otro)):
        aprobar_comision(comision=comision, actor=PRUEBA)
    drenar()
    usuario, tesoreria = de("Tesorería")
    for afiliado, autor in ((programa.afiliado, 77), (otro, usuario.pk)):
        guardar_cuenta(
            afiliado=afiliado, titular="Quien sea", iban="DE89370400440532013000",
            actor=persona(autor),
        )  # fmt: skip
    suya = tarjetas(tesoreria)["Cuentas por confirmar"]
    assert (suya["cuenta"], sumas(suya)) == ("1", ["20,00 USD"])
    assert [c.afiliado for c in tesoreria.get(suya["url"]).context["cl"].result_list] == [
        programa.afiliado
    ]
    # Whoever says now where the owner is told of it is of its hands too.
    actualizar_afiliado(
        afiliado=programa.afiliado, cambios={"email": "nuevo@ejemplo.co"}, actor=persona(usuario.pk)
    )
    assert "Cuentas por confirmar" not in tarjetas(tesoreria)
    vista = tarjetas(de("Tesorería", "otra")[1])["Cuentas por confirmar"]
    assert (vista["cuenta"], sumas(vista)) == ("2", ["30,00 USD"])


def test_un_fallo_vuelto_a_pagar_ya_no_espera(programa: Any, admin: Client) -> None:
    pago = programa.pago("fallido")
    assert tarjetas(admin)["Pagos fallidos"]["cuenta"] == "1"
    assert sumas(tarjetas(admin)["Pagos fallidos"]) == ["10,00 USD"]
    reintentar_pago(pago=pago, actor=PRUEBA)
    assert Pago.objects.filter(estado="fallido").exists()
    assert "Pagos fallidos" not in tarjetas(admin)


def test_todo_hecho(programa: Any) -> None:
    for rol in ("Revisión", "Tesorería"):
        texto = de(rol)[1].get(reverse("admin:index")).content.decode()
        assert "Todo hecho: nada espera por ti." in texto
    assert "Tu rol es de consulta" in de("Consulta")[1].get(reverse("admin:index")).content.decode()


def test_hace_falta_poder_hacerlo_y_verlo(programa: Any) -> None:
    """A role of the programme's own: to approve without seeing shows nothing."""
    programa.ventas(1)
    usuario = User.objects.create_user("rara", is_staff=True)
    usuario.user_permissions.add(Permission.objects.get(codename="aprobar_comision"))
    assert tarjetas(cliente_de(usuario)) == {}
    usuario.user_permissions.add(Permission.objects.get(codename="view_comision"))
    assert set(tarjetas(cliente_de(usuario))) == {"Comisiones por revisar"}


def test_la_mas_antigua(programa: Any, admin: Client) -> None:
    programa.ventas(2)
    suya = tarjetas(admin)["Comisiones por revisar"]
    assert suya["desde"] == "Espera desde hace un momento"
    assert sumas(suya) == ["20,00 USD"]
