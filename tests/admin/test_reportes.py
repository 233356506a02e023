"""Reports in the admin: kept, looked at, changed, sent and downloaded by who may."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.test import Client
from django.urls import reverse

from alpespartner.comun.acceso import correos
from comisiones.reportes.models import EnvioReporte, Reporte
from comisiones.reportes.services import LIMITE
from tests.admin.conftest import Programa, cliente_de

LISTA = "/admin/comisiones/reporte/"
ANADIR = f"{LISTA}add/"
DATOS = {
    "nombre": "Cada semana", "agrupar": "campana", "periodo": "semana", "canal": "", "moneda": "",
    "columnas": ["valor", "comision_neta"], "zona": "Europe/Madrid", "hora": "8",
}  # fmt: skip


@pytest.fixture
def ana(de_rol: Any) -> Client:
    cliente: Client = de_rol("Revisión")
    User.objects.filter(username="persona-Revisión").update(email="ana@ejemplo.co")
    return cliente


def quien() -> User:
    return User.objects.get(username="persona-Revisión")


def guardar(cliente: Client, **datos: Any) -> Any:
    return cliente.post(ANADIR, {**DATOS, **datos})


def errores(respuesta: Any) -> dict[str, Any]:
    suyos: dict[str, Any] = respuesta.context["adminform"].form.errors
    return suyos


def test_se_guarda_se_cambia_y_se_retira(ana: Client) -> None:
    guardar(ana, programado="on", destinatarios=[quien().pk])
    reporte = Reporte.objects.get()
    assert (reporte.columnas, reporte.programado) == (["valor", "comision_neta"], True)
    assert reporte.toca_en is not None
    assert list(reporte.destinatarios.all()) == [quien()]
    pagina = f"{LISTA}{reporte.pk}/change/"
    ana.post(pagina, {**DATOS, "nombre": "Otro", "programado": "on", "hora": "9",
                      "destinatarios": [quien().pk]})  # fmt: skip
    antes, reporte.toca_en = reporte.toca_en, None
    reporte.refresh_from_db()
    assert (reporte.nombre, reporte.version) == ("Otro", 2)
    assert (reporte.toca_en - antes).total_seconds() == 3600
    ana.post(f"{LISTA}{reporte.pk}/accion/retirar/")
    reporte.refresh_from_db()
    assert (reporte.programado, reporte.toca_en) == (False, None)
    assert ana.post(pagina, DATOS).status_code == 403


def test_se_mira_antes_de_guardar(ana: Client, programa: Programa) -> None:
    programa.ventas(2)
    respuesta = guardar(ana, ver_efecto="1")
    assert "Nada se ha guardado todavía." in respuesta.content.decode()
    assert not Reporte.objects.exists()


@pytest.mark.parametrize(
    ("campo", "valor"),
    [("nombre", " "), ("columnas", ["nada"]), ("columnas", []), ("zona", "Marte/Fobos"),
     ("hora", "24"), ("moneda", "XXX"), ("agrupar", "nada"), ("periodo", "siglo")],
)  # fmt: skip
def test_lo_que_no_vale(ana: Client, campo: str, valor: Any) -> None:
    assert campo in errores(guardar(ana, **{campo: valor}))
    assert not Reporte.objects.exists()


def test_programado_necesita_a_quien(ana: Client) -> None:
    assert "destinatarios" in errores(guardar(ana, programado="on"))
    # Nor to somebody who does not see the figures.
    otro = User.objects.create_user("otro", "otro@ejemplo.co", is_staff=True)
    assert "destinatarios" in errores(guardar(ana, destinatarios=[otro.pk]))
    assert not Reporte.objects.exists()


def test_un_nombre_es_de_uno(ana: Client) -> None:
    guardar(ana)
    assert "nombre" in errores(guardar(ana))
    [reporte] = Reporte.objects.all()
    ana.post(f"{LISTA}{reporte.pk}/accion/retirar/")
    guardar(ana)
    assert Reporte.objects.count() == 2


def test_tantos_y_no_mas(ana: Client) -> None:
    autor = f"persona:{quien().pk}"
    Reporte.objects.bulk_create(
        Reporte(id_publico=f"rep_{n}", nombre=f"r{n}", creado_por=autor) for n in range(LIMITE)
    )
    assert "ya tienes muchos" in str(errores(guardar(ana))).lower()
    assert Reporte.objects.count() == LIMITE


def test_los_propios_y_los_compartidos(ana: Client, de_rol: Any) -> None:
    guardar(ana, nombre="Mío")
    guardar(ana, nombre="De todos", compartido="on")
    mio, de_todos = (Reporte.objects.get(nombre=n) for n in ("Mío", "De todos"))
    consulta, tesoreria = de_rol("Consulta"), de_rol("Tesorería")
    for cliente in (consulta, tesoreria):
        hallados = cliente.get(LISTA).context["cl"].result_list
        assert [r.nombre for r in hallados] == ["De todos"]
        assert cliente.get(f"{LISTA}{mio.pk}/change/").status_code == 302
        assert cliente.get(f"{LISTA}{de_todos.pk}/change/").status_code == 200
    assert consulta.post(f"{LISTA}{de_todos.pk}/accion/enviar/").status_code == 403
    assert consulta.get(ANADIR).status_code == 403
    # Whose it is not does not change it; who may send it may stop it.
    assert tesoreria.post(f"{LISTA}{de_todos.pk}/change/", DATOS).status_code == 403
    assert consulta.post(f"{LISTA}{de_todos.pk}/accion/retirar/").status_code == 403
    tesoreria.post(f"{LISTA}{de_todos.pk}/accion/retirar/")
    de_todos.refresh_from_db()
    assert (de_todos.nombre, de_todos.retirado_en is None) == ("De todos", False)


def test_quien_administra_los_ve_todos(ana: Client, admin: Client) -> None:
    """Somebody has to stop those of who left."""
    guardar(ana)
    [reporte] = Reporte.objects.all()
    assert admin.get(f"{LISTA}{reporte.pk}/change/").status_code == 200
    admin.post(f"{LISTA}{reporte.pk}/accion/retirar/")
    reporte.refresh_from_db()
    assert reporte.retirado_en is not None


def test_sin_permiso_no_se_comparte_ni_se_programa(ana: Client) -> None:
    """Whoever may only keep one for themselves: what their form does not have is not taken."""
    sola = User.objects.create_user("sola", "sola@ejemplo.co", is_staff=True)
    for nombre in ("view_reporte", "add_reporte", "change_reporte"):
        sola.user_permissions.add(Permission.objects.get(codename=nombre))
    guardar(cliente_de(sola), compartido="on", programado="on", destinatarios=[quien().pk])
    [reporte] = Reporte.objects.all()
    assert (reporte.compartido, reporte.programado) == (False, False)
    assert not reporte.destinatarios.exists()


def test_se_envia_se_ve_y_se_descarga(ana: Client, programa: Programa, de_rol: Any) -> None:
    guardar(ana, destinatarios=[quien().pk])
    [reporte] = Reporte.objects.all()
    assert ana.post(f"{LISTA}{reporte.pk}/accion/enviar/").status_code == 302
    correos.enviar_pendientes()
    assert [m.to for m in mail.outbox] == [["ana@ejemplo.co"]]
    [envio] = EnvioReporte.objects.all()
    assert str(envio) in ana.get(f"{LISTA}{reporte.pk}/change/").content.decode()
    suya = f"/admin/comisiones/envioreporte/{envio.pk}/"
    assert envio.huella in ana.get(f"{suya}change/").content.decode()
    assert ana.get(f"{suya}csv/").content.decode() == mail.outbox[0].attachments[0][1]
    documento = ana.get(f"{suya}documento/")
    assert hashlib.sha256(documento.content).hexdigest() == envio.huella
    assert ana.get(f"{suya}diferencias/").content.decode().startswith("desde,hasta,")
    # Of a report of one's own nobody else sees what was sent.
    otra = de_rol("Tesorería")
    assert otra.get(f"{suya}csv/").status_code == 404
    assert otra.get(reverse("admin:comisiones_envioreporte_changelist")).status_code == 200
    assert ana.post(f"{suya}csv/").status_code == 405
