"""A file of decisions in the admin: sent, read, confirmed with one click."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from comisiones.models import DecisionEnMasa, FicheroDecisiones
from comisiones.revision.avance import avanzar_decision
from tests.admin.conftest import ROLES
from tests.admin.exportadas import exportar, leer
from tests.admin.test_revision import _estados

ALTA = "admin:comisiones_ficherodecisiones_add"


def subir(cliente: Client, *filas: str) -> Any:
    texto = "\n".join(["comision_id,decision,motivo_codigo,nota", *filas])
    archivo = SimpleUploadedFile("marzo.csv", texto.encode())
    return cliente.post(reverse(ALTA), {"fichero": archivo}, follow=True)


def confirmar(cliente: Client, fichero: FicheroDecisiones) -> Any:
    url = reverse("admin:comisiones_ficherodecisiones_accion", args=[fichero.pk, "confirmar"])
    return cliente.post(url, follow=True)


def test_se_mira_y_se_confirma(admin: Client, programa: Any) -> None:
    comisiones = programa.ventas(3)
    una, otra, tercera = (c.id_publico for c in comisiones)
    pagina = subir(
        admin, f"{una},aprobar,,", f"{otra},rechazar,fraude,<b>no</b>", f"{tercera},corregir,,",
    ).content.decode()  # fmt: skip
    for parte in ("3 filas, 1 saltadas", "Aprobar", "Rechazar", "10,00", tercera,
                  "necesita «motivo_codigo»", ">Confirmar<"):  # fmt: skip
        assert parte in pagina, parte
    assert _estados(comisiones) == ["pendiente"] * 3
    fichero = FicheroDecisiones.objects.get()
    pagina = confirmar(admin, fichero).content.decode()
    assert "se está decidiendo" in pagina
    for decision in DecisionEnMasa.objects.all():
        avanzar_decision(decision_pk=decision.pk)
    assert _estados(comisiones) == ["aprobada", "rechazada", "pendiente"]
    assert "Confirmar…" not in confirmar(admin, fichero).content.decode()
    assert "ya se aplicó" in subir(
        admin, f"{una},aprobar,,", f"{otra},rechazar,fraude,<b>no</b>", f"{tercera},corregir,,",
    ).content.decode()  # fmt: skip


def test_la_cola_exportada_vuelve_con_sus_decisiones(admin: Client, programa: Any) -> None:
    """Export, add two columns, send it back."""
    comisiones = programa.ventas(4)
    from comisiones.comision.models import Comision

    filas = exportar(admin, Comision, "?estado=pendiente")
    lineas = [";".join([*fila.values(), "rechazar", "prueba"]) for fila in filas]
    cabecera = ";".join([*filas[0], "decision", "motivo_codigo"])
    archivo = SimpleUploadedFile("cola.csv", "\r\n".join([cabecera, *lineas]).encode())
    admin.post(reverse(ALTA), {"fichero": archivo})
    fichero = FicheroDecisiones.objects.get()
    assert (fichero.filas, fichero.n_saltadas) == (4, 0)
    confirmar(admin, fichero)
    avanzar_decision(decision_pk=fichero.decisiones.get().pk)
    assert _estados(comisiones) == ["rechazada"] * 4


def test_las_saltadas_se_exportan(admin: Client, programa: Any) -> None:
    pagina = subir(admin, "com_NADA,aprobar,,", "=1+1,aprobar,,").content.decode()
    fichero = FicheroDecisiones.objects.get()
    url = reverse("admin:comisiones_filasaltada_exportar") + f"?fichero__id__exact={fichero.pk}"
    assert f'action="{url}"' in pagina
    assert "Confirmar…" not in pagina
    filas = leer(admin.post(url).content)
    assert [(f["numero"], f["comision"], f["causa"]) for f in filas] == [
        ("2", "com_NADA", "no_existe"), ("3", "'=1+1", "no_existe"),
    ]  # fmt: skip


def test_un_fichero_malo_lo_dice_junto_a_su_campo(admin: Client, programa: Any) -> None:
    archivo = SimpleUploadedFile("x.csv", b"a,b\r\n1,2")
    pagina = admin.post(reverse(ALTA), {"fichero": archivo}).content.decode()
    assert "Faltan columnas" in pagina
    assert "articulo_devuelto" in pagina


@pytest.mark.parametrize("rol", ["", *ROLES])
def test_quien_puede(programa: Any, admin: Client, de_rol: Any, rol: str) -> None:
    subir(admin, f"{programa.ventas(1)[0].id_publico},aprobar,,")
    fichero = FicheroDecisiones.objects.get()
    cliente = de_rol(rol)
    assert cliente.get(reverse(ALTA)).status_code == (200 if rol == "Revisión" else 403)
    ficha = reverse("admin:comisiones_ficherodecisiones_change", args=[fichero.pk])
    assert cliente.get(ficha).status_code == (200 if rol else 403)
    # Whoever may is not who sent it.
    url = reverse("admin:comisiones_ficherodecisiones_accion", args=[fichero.pk, "confirmar"])
    assert cliente.post(url).status_code == (302 if rol == "Revisión" else 403)
    fichero.refresh_from_db()
    assert fichero.confirmado_en is None
    assert DecisionEnMasa.objects.get().estado == "por_confirmar"
