"""Adjustments in the admin: one person drafts, another approves."""

from __future__ import annotations

from decimal import Decimal

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comisiones.ajustes.models import Ajuste
from comisiones.ajustes.services import crear_ajuste
from tests.admin.conftest import PRUEBA

LISTA = "admin:comisiones_ajuste_changelist"


def test_redactar_y_aprobar(admin, de_rol, programa):
    otra = de_rol("Revisión")
    respuesta = otra.post(
        reverse("admin:comisiones_ajuste_add"),
        {"afiliado": programa.afiliado.pk, "tipo": "bono", "monto": "25.50", "moneda": "USD",
         "motivo": "Campeona del mes"},
    )  # fmt: skip
    assert respuesta.status_code == 302, respuesta.content.decode()
    ajuste = Ajuste.objects.get()
    accion = reverse("admin:comisiones_ajuste_accion", args=[ajuste.pk, "aprobar"])
    otra.post(accion)
    ajuste.refresh_from_db()
    assert ajuste.estado == "borrador"
    admin.post(accion)
    ajuste.refresh_from_db()
    assert ajuste.estado == "contabilizado"
    ficha = admin.get(reverse("admin:comisiones_ajuste_change", args=[ajuste.pk]))
    assert "25,50" in ficha.content.decode()
    assert "jefa" in ficha.content.decode()


def test_el_signo_se_explica(admin, programa):
    respuesta = admin.post(
        reverse("admin:comisiones_ajuste_add"),
        {"afiliado": programa.afiliado.pk, "tipo": "bono", "monto": "-5", "moneda": "USD",
         "motivo": "x"},
    )  # fmt: skip
    assert "Un bono es positivo" in respuesta.content.decode()
    assert not Ajuste.objects.exists()


def test_lista_de_ajustes_con_consultas_constantes(admin, programa):
    """As many queries for thirty rows as for one."""

    def consultas() -> int:
        with CaptureQueriesContext(connection) as capturadas:
            assert admin.get(reverse(LISTA)).status_code == 200
        return len(capturadas)

    def redactar() -> None:
        crear_ajuste(
            afiliado=programa.nuevo_afiliado("Otra", activo=True), tipo="bono", monto=Decimal(1),
            moneda="USD", motivo="m", actor=PRUEBA,
        )  # fmt: skip

    redactar()
    admin.get(reverse(LISTA))
    una = consultas()
    for _vez in range(30):
        redactar()
    assert consultas() == una
