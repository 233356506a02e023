"""What other terms of an affiliate would have paid, before they are saved."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from afiliados.afiliado.cambio import como_quedaria
from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import actualizar_afiliado
from alpespartner.comun.models import Historial
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import rechazar_comision
from comisiones.simulaciones.efecto import EfectoDeCondiciones, efecto_de_condiciones
from tests import fabricas
from tests.fabricas import ANA, LUIS, hace

pytestmark = pytest.mark.django_db
D = Decimal


def con(afiliado: Afiliado, **condiciones: Any) -> EfectoDeCondiciones:
    afiliado.refresh_from_db()
    return efecto_de_condiciones(afiliado, como_quedaria(afiliado, condiciones))


def vendida(de: Afiliado, valor: str, dias: int = 10) -> str:
    """The id of a sale of that many days ago, with its commission."""
    hecha = fabricas.comision(de=de, valor=valor, ocurrida_en=hace(days=dias))
    return hecha.conversion.id_publico


def cambian(efecto: EfectoDeCondiciones) -> dict[str, tuple[Decimal, Decimal]]:
    return {v.id_publico: (v.ahora, v.con) for v in efecto.cambiadas}


def test_sus_ventas_de_noventa_dias_y_ninguna_otra() -> None:
    de = fabricas.afiliado()
    de_cien, de_doscientos = vendida(de, "100", dias=89), vendida(de, "200")
    vendida(de, "400", dias=91)
    vendida(fabricas.afiliado(), "800")
    rechazada = fabricas.comision(de=de, valor="50")
    rechazar_comision(comision=rechazada, actor=LUIS, motivo="m")
    efecto = con(de, comision_base=D(20))
    assert list(cambian(efecto).items()) == [
        (de_doscientos, (D(20), D(40))),
        (de_cien, (D(10), D(20))),
    ]
    assert efecto.sumas == {"USD": (D(30), D(60))}
    assert (efecto.miradas, efecto.hay_mas) == (2, False)


def test_la_que_no_le_toca_no_cambia_nada() -> None:
    """A premium's rate, of who is none."""
    de = fabricas.afiliado()
    vendida(de, "100")
    igual = con(de, comision_premium=D(50))
    assert (igual.miradas, igual.cambiadas, igual.sumas) == (1, [], {"USD": (D(10), D(10))})
    assert con(de, comision_premium=D(50), tipo_afiliado="premium").sumas == {"USD": (D(10), D(50))}


def test_sin_tasa_propia_gana_lo_que_diga_la_regla_o_nada() -> None:
    de = fabricas.afiliado()
    de_cien = vendida(de, "100")
    assert cambian(con(de, comision_base=None)) == {de_cien: (D(10), D(0))}
    fabricas.regla(porcentaje="4")
    assert cambian(con(de, comision_base=None)) == {de_cien: (D(10), D(4))}


def test_cada_venta_con_lo_que_se_le_pagaba_entonces() -> None:
    """What it earned is kept where the new terms are those of that day."""
    de = fabricas.afiliado()
    antes = vendida(de, "100", dias=30)
    actualizar_afiliado(
        afiliado=de, cambios={"comision_base": D(15)}, actor=ANA, motivo="m", desde=hace(days=20)
    )
    despues = vendida(Afiliado.objects.get(pk=de.pk), "200", dias=10)
    assert cambian(con(de, comision_base=D(10))) == {despues: (D(30), D(20))}
    assert cambian(con(de, comision_base=D(15), nivel="oro")) == {antes: (D(10), D(15))}


def test_un_tope_lo_llenan_las_de_antes() -> None:
    """Of three sales of 10 under a cap of 25 a month the last one earns 5, in the order in which
    they occurred."""
    regla = crear_regla(nombre="Con tope", campana=None, actor=ANA)
    publicar_version(
        regla=regla, tipo="porcentual", porcentaje=D(10), vigente_desde=hace(days=365), actor=ANA,
        condiciones={"topes_gasto": [
            {"ambito": "afiliado", "periodo": "total", "monto": "25"}]}, moneda="USD",
    )  # fmt: skip
    de = fabricas.afiliado(comision_base=D(1))
    ultima = vendida(de, "100", dias=5)
    vendida(de, "100", dias=7)
    vendida(de, "100", dias=6)
    efecto = con(de, comision_base=None)
    assert efecto.sumas == {"USD": (D(3), D(25))}
    assert cambian(efecto)[ultima] == (D(1), D(5))


def entrada(usuario: User) -> Client:
    cliente = Client()
    cliente.force_login(usuario)
    return cliente


def test_la_pagina_lo_dice_y_no_guarda() -> None:
    de = fabricas.afiliado(comision_base=D(10))
    fabricas.comision(de=de, valor="100")
    ruta = f"/admin/afiliados/afiliado/{de.pk}/change/?editar=1"
    jefa = entrada(User.objects.create_superuser("jefa"))
    formulario = jefa.get(ruta)
    assert "Ver a quién cambia" in formulario.content.decode()
    iniciales = formulario.context["adminform"].form.initial
    datos = {c: v for c, v in iniciales.items() if v not in (None, "")}
    pasos = Historial.objects.count()
    # The reason is not asked for until it is saved.
    pedido = {**datos, "nombre": "Otra", "comision_base": "12,5", "motivo": "", "ver_efecto": "1"}
    pagina = jefa.post(ruta, pedido)
    dicho = pagina.content.decode()
    assert pagina.status_code == 200
    assert "1 venta suya que ganó algo." in dicho
    assert "12,50 USD" in dicho
    assert f"/admin/conversiones/conversion/{de.conversiones.get().pk}/change/" in dicho
    de.refresh_from_db()
    assert (de.nombre, de.comision_base) == ("Ada", D(10))
    assert Historial.objects.count() == pasos
    mal = jefa.post(ruta, {**pedido, "comision_base": "101"}).content.decode()
    assert "El porcentaje va de 0 a 100." in mal
    assert "Como ahora" not in mal
    nada = jefa.post(ruta, {**pedido, "comision_base": "10"}).content.decode()
    assert "El formulario no cambia lo que gana." in nada
    # Who adds one has no sales to look at.
    assert "Ver a quién cambia" not in jefa.get("/admin/afiliados/afiliado/add/").content.decode()


def test_quien_no_cambia_datos_no_tiene_el_boton() -> None:
    de = fabricas.afiliado()
    lectora = User.objects.create_user("lectora", is_staff=True)
    lectora.groups.add(Group.objects.get(name="Consulta"))
    ruta = f"/admin/afiliados/afiliado/{de.pk}/change/?editar=1"
    assert "ver_efecto" not in entrada(lectora).get(ruta).content.decode()
