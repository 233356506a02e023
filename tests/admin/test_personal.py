"""The staff: deactivated and never deleted, and all that happens to an account is written down."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.db import transaction
from django.test import Client
from django.urls import reverse

from alpespartner.comun.admin.formato import nombres_de_actores
from alpespartner.comun.errores import UsuarioNoSeBorra
from alpespartner.comun.historial import historial_de

pytestmark = pytest.mark.django_db


def pasos(entidad: str, pk: int | str) -> list[tuple[str, str, Any]]:
    return list(historial_de(entidad, str(pk)).values_list("accion", "actor", "datos"))


def formulario(de: User, **cambios: Any) -> dict[str, Any]:
    datos = {"username": de.username, "first_name": "", "last_name": "", "email": de.email,
             "is_active": "on", "is_staff": "on", "date_joined_0": "2026-01-01",
             "date_joined_1": "00:00:00", **cambios}  # fmt: skip
    return {k: v for k, v in datos.items() if v is not None}


def test_nadie_se_borra(admin: Client) -> None:
    """Not by its page, nor many at once, nor by a script: what it did keeps its name."""
    quien = User.objects.create_user("ana", is_staff=True, first_name="Ana", last_name="Ruiz")
    url = reverse("admin:auth_user_delete", args=[quien.pk])
    assert admin.get(url).status_code == admin.post(url, {"post": "yes"}).status_code == 403
    lista = reverse("admin:auth_user_changelist")
    admin.post(lista, {"action": "delete_selected", "_selected_action": quien.pk, "post": "yes"})
    for borrar in (quien.delete, User.objects.filter(pk=quien.pk).delete):
        with pytest.raises(UsuarioNoSeBorra), transaction.atomic():
            borrar()
    autor = f"persona:{quien.pk}"
    assert nombres_de_actores([autor]) == {autor: "Ana Ruiz"}


def test_desactivada_sale_y_conserva_su_nombre(admin: Client) -> None:
    quien = User.objects.create_user("ana", is_staff=True, first_name="Ana")
    suya = Client()
    suya.force_login(quien)
    assert suya.get(reverse("admin:index")).status_code == 200
    url = reverse("admin:auth_user_change", args=[quien.pk])
    assert admin.post(url, formulario(quien, is_active=None)).status_code == 302
    assert suya.get(reverse("admin:index")).status_code == 302
    assert nombres_de_actores([f"persona:{quien.pk}"])


def test_cada_cambio_dice_lo_que_habia(admin: Client) -> None:
    """Roles, permissions, administrator or not, name and e-mail; who did it; never a password."""
    jefa = User.objects.get(username="jefa")
    url = reverse("admin:auth_user_add")
    nueva = {"username": "eva", "password1": "n3verSeen!", "password2": "n3verSeen!",
             "usable_password": "true"}  # fmt: skip
    assert admin.post(url, nueva).status_code == 302
    eva = User.objects.get(username="eva")
    rol = Group.objects.get(name="Tesorería")
    permiso = Permission.objects.get(codename="aprobar_comision")
    url = reverse("admin:auth_user_change", args=[eva.pk])
    cambios = formulario(
        eva, is_superuser="on", email="eva@x.co", groups=[rol.pk], user_permissions=[permiso.pk]
    )
    assert admin.post(url, cambios).status_code == 302
    assert admin.post(url, cambios).status_code == 302
    clave = reverse("admin:auth_user_password_change", args=[eva.pk])
    otra = {"password1": "0tr4Clave!", "password2": "0tr4Clave!", "usable_password": "true"}
    assert admin.post(clave, otra).status_code == 302
    hechos = pasos("usuario", eva.pk)
    assert [(accion, actor) for accion, actor, _d in hechos] == [
        ("crear", f"persona:{jefa.pk}"), ("cambiar", f"persona:{jefa.pk}"),
        ("cambiar", f"persona:{jefa.pk}"),
    ]  # fmt: skip
    assert hechos[0][2]["username"] == "eva"
    assert hechos[1][2] == {
        "email": ["", "eva@x.co"],
        "is_staff": [False, True],
        "is_superuser": [False, True],
        "roles": [[], ["Tesorería"]],
        "permisos": [[], ["comisiones.aprobar_comision"]],
    }
    assert "n3verSeen!" not in str(hechos)
    assert "0tr4Clave!" not in str(hechos)
    assert eva.password not in str(hechos)


def test_los_roles_tambien(admin: Client) -> None:
    permiso = Permission.objects.get(codename="liberar_lote")
    admin.post(reverse("admin:auth_group_add"), {"name": "Extra", "permissions": []})
    rol = Group.objects.get(name="Extra")
    datos = {"name": "Extra", "permissions": [permiso.pk]}
    admin.post(reverse("admin:auth_group_change", args=[rol.pk]), datos)
    admin.post(reverse("admin:auth_group_delete", args=[rol.pk]), {"post": "yes"})
    suyos = [(accion, datos) for accion, _a, datos in pasos("rol", rol.pk)]
    assert suyos == [
        ("crear", {"nombre": "Extra", "permisos": []}),
        ("cambiar", {"permisos": [[], ["comisiones.liberar_lote"]]}),
        ("borrar", {"nombre": "Extra", "permisos": ["comisiones.liberar_lote"]}),
    ]


def test_las_entradas_buenas_y_malas() -> None:
    """By account and address; a name that is nobody's may be a password: it is not kept."""
    eva = User.objects.create_user("eva", password="n3verSeen!", is_staff=True)
    url = reverse("admin:login")
    cliente = Client(REMOTE_ADDR="10.1.2.3")
    cliente.post(url, {"username": "eva", "password": "mala-clave"})
    cliente.post(url, {"username": "n3verSeen!", "password": "eva"})
    assert cliente.post(url, {"username": "eva", "password": "n3verSeen!"}).status_code == 302
    assert pasos("acceso", "eva") == [
        ("fallo", "sistema:acceso", {"usuario": "eva", "direccion": "10.1.2.3"}),
        ("entrada", f"persona:{eva.pk}", {"direccion": "10.1.2.3"}),
    ]
    assert pasos("acceso", "desconocido") == [
        ("fallo", "sistema:acceso", {"usuario": "desconocido", "direccion": "10.1.2.3"})
    ]
