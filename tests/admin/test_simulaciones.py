"""The pages of backtests: writing one, its progress, its figures and its download."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from comisiones.models import Simulacion, VersionRegla
from comisiones.simulaciones import services
from comisiones.simulaciones.services import MAX_POLITICA, avanzar_simulacion
from tests.admin.conftest import ROLES, cliente_de

DOCE = json.dumps({"moneda": "USD", "reglas": [{"tipo": "porcentual", "porcentaje": "12"}]})
ALTA = "admin:comisiones_simulacion_add"


@pytest.fixture(autouse=True)
def _sin_cola(monkeypatch):
    monkeypatch.setattr(services, "encolar", lambda _pk: None)


def datos(**otros):
    return {
        "nombre": "Doce", "politica": DOCE, "campana": "", "desde_0": "2020-01-01",
        "desde_1": "00:00", "hasta_0": "2099-01-01", "hasta_1": "00:00", **otros,
    }  # fmt: skip


def correr(simulacion):
    while avanzar_simulacion(simulacion_pk=simulacion.pk):
        pass
    simulacion.refresh_from_db()
    return simulacion


def crear(cliente, **otros):
    respuesta = cliente.post(reverse(ALTA), datos(**otros))
    assert respuesta.status_code == 302, respuesta.context["errors"]
    return Simulacion.objects.latest("pk")


def test_pegada_corre_y_se_descarga(admin, programa):
    programa.ventas(2)
    peligrosa = programa.nuevo_afiliado("=HYPERLINK(1)", activo=True)
    programa.ventas(1, peligrosa)
    simulacion = crear(admin)
    ficha = reverse("admin:comisiones_simulacion_change", args=[simulacion.pk])
    avance = reverse("admin:comisiones_simulacion_avance", args=[simulacion.pk])
    assert "data-vivo" in admin.get(ficha).content.decode()
    assert "data-vivo" in admin.get(avance).content.decode()
    correr(simulacion)
    pagina = admin.get(ficha).content.decode()
    assert "data-vivo" not in pagina
    assert "36,00" in pagina
    assert "30,00" in pagina
    assert "<polyline" in pagina
    assert "data-vivo" not in admin.get(avance).content.decode()
    de_ella = f"?simulacion__id__exact={simulacion.pk}"
    url = reverse("admin:comisiones_lineasimulacion_exportar") + de_ella
    assert f'action="{url}"' in pagina
    respuesta = admin.post(url)
    filas = list(csv.DictReader(io.StringIO(respuesta.content.decode())))
    assert {f["simulacion_id"] for f in filas} == {simulacion.id_publico}
    assert {
        (f["afiliado"], f["ventas"], f["hoy"], f["candidata"], f["diferencia"]) for f in filas
    } == {
        ("Socia", "2", "20.00", "24.00", "4.00"),
        ("'=HYPERLINK(1)", "1", "10.00", "12.00", "2.00"),
    }
    lista = reverse("admin:comisiones_lineasimulacion_changelist")
    respuesta = admin.get(lista, {"simulacion__id__exact": simulacion.pk})
    assert respuesta.context["cl"].result_count == 2
    assert admin.get(lista, {"simulacion__id__exact": 0}).context["cl"].result_count == 0


def test_subida(admin, programa):
    archivo = SimpleUploadedFile("p.json", b"\xef\xbb\xbf" + DOCE.encode())
    assert json.loads(crear(admin, politica="", archivo=archivo).politica) == json.loads(DOCE)


@pytest.mark.parametrize(
    ("archivo", "politica", "dice"),
    [
        (b" " * (MAX_POLITICA + 1), "", "demasiado grande"),
        (b"\xff\xfe{}", "", "UTF-8"),
        (b"\x89PNG\r\n", "", "UTF-8"),
        (b"{}", "", "línea 1"),
        (DOCE.encode(), DOCE, "no ambos"),
        (None, "", "Pega una política"),
        (None, "{'a': 1}", "línea 1"),
    ],
)
def test_lo_que_no_es_una_politica(admin, programa, archivo, politica, dice):
    subido = {} if archivo is None else {"archivo": SimpleUploadedFile("p.json", archivo)}
    respuesta = admin.post(reverse(ALTA), datos(politica=politica, **subido))
    assert respuesta.status_code == 200
    assert dice in respuesta.content.decode()
    assert not Simulacion.objects.exists()


@pytest.mark.parametrize("rol", ["", *ROLES])
def test_permiso_propio(programa, admin, de_rol, rol):
    """Reviewers run them; the others with a role look at what was found."""
    simulacion = crear(admin)
    cliente = de_rol(rol)
    assert cliente.post(reverse(ALTA), datos()).status_code == (302 if rol == "Revisión" else 403)
    for vista in ("change", "avance"):
        url = reverse(f"admin:comisiones_simulacion_{vista}", args=[simulacion.pk])
        assert cliente.get(url).status_code == (200 if rol else 403)
    cancelar = reverse("admin:comisiones_simulacion_accion", args=[simulacion.pk, "cancelar"])
    assert cliente.get(cancelar).status_code == 405
    assert cliente.post(cancelar).status_code == (302 if rol == "Revisión" else 403)
    simulacion.refresh_from_db()
    assert simulacion.estado == ("cancelada" if rol == "Revisión" else "encolada")


def test_probar_una_version_sin_publicarla(admin, programa):
    programa.ventas(1)
    url = reverse("admin:comisiones_regla_publicar", args=[programa.regla.pk])
    respuesta = admin.post(url, {"tipo": "porcentual", "porcentaje": "15", "probar": "1"})
    simulacion = correr(Simulacion.objects.get())
    assert respuesta.url == reverse("admin:comisiones_simulacion_change", args=[simulacion.pk])
    assert VersionRegla.objects.filter(regla=programa.regla).count() == 1
    assert simulacion.resultado["USD"]["candidata"] == "15.00"
    respuesta = admin.post(url, {"tipo": "porcentual", "porcentaje": "150", "probar": "1"})
    assert "de 0 a 100" in respuesta.content.decode()
    assert Simulacion.objects.count() == 1


def test_probar_exige_su_permiso(programa):
    from django.contrib.auth.models import Permission

    usuario = User.objects.create_user("publica", is_staff=True)
    usuario.user_permissions.set(
        Permission.objects.filter(codename__in=["publicar_regla", "view_regla"])
    )
    cliente = cliente_de(usuario)
    url = reverse("admin:comisiones_regla_publicar", args=[programa.regla.pk])
    assert 'name="probar"' not in cliente.get(url).content.decode()
    respuesta = cliente.post(url, {"tipo": "porcentual", "porcentaje": "15", "probar": "1"})
    assert respuesta.status_code == 403
    assert not Simulacion.objects.exists()
    assert programa.regla.versiones.count() == 1


@pytest.mark.lento
def test_consultas_constantes_de_la_ficha(admin, programa):
    programa.ventas(1)
    url = reverse("admin:comisiones_simulacion_change", args=[correr(crear(admin)).pk])
    admin.get(url)

    def contar(url):
        with CaptureQueriesContext(connection) as consultas:
            assert admin.get(url).status_code == 200
        return len(consultas)

    antes = contar(url)
    for i in range(20):
        programa.ventas(1, programa.nuevo_afiliado(f"Socio{i}", activo=True))
    otra = reverse("admin:comisiones_simulacion_change", args=[correr(crear(admin)).pk])
    assert contar(otra) == antes
