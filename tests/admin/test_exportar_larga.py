"""A list too long to wait for: written by a task, taken by whoever asked for it, forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission, User
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alpespartner.comun.exportacion import avance, hoja, services
from alpespartner.comun.exportacion.services import DIAS, purgar_exportaciones
from alpespartner.comun.models import Exportacion, Historial, TrozoExportado
from comisiones.comision.models import Comision
from comisiones.revision.services import aprobar_comision
from tests.admin.conftest import PRUEBA, cliente_de
from tests.admin.exportadas import avanzar, descargar, leer, paso_a_paso, pedir, url_de

PORCION = 4


@pytest.fixture(autouse=True)
def _todas_son_largas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "DIRECTAS", 2)
    monkeypatch.setattr(services, "PORCION", PORCION)
    monkeypatch.setattr(avance, "PORCION", PORCION)


def ids(contenido: bytes) -> list[str]:
    return [fila["comision_id"] for fila in leer(contenido)]


def ficha(cliente: Client, exportacion: Exportacion) -> str:
    texto: str = cliente.get(url_de(Exportacion, "change", exportacion.pk)).content.decode()
    return texto


@pytest.mark.lento
@pytest.mark.parametrize("filas", [3, 4, 5, 8, 11])
def test_de_principio_a_fin(admin: Client, programa: Any, filas: int) -> None:
    programa.ventas(filas)
    vistas = [c.id_publico for c in paso_a_paso(admin, Comision, "?estado=todas")]
    exportacion = pedir(admin, Comision, "?estado=todas", bom="1")
    assert exportacion.estado == "encolada"
    pagina = ficha(admin, exportacion)
    assert "data-vivo" in pagina
    assert "Descargar CSV" not in pagina
    avanzar(exportacion)
    assert (exportacion.estado, exportacion.hechas, exportacion.total) == ("lista", filas, filas)
    assert "Descargar CSV" in ficha(admin, exportacion)
    contenido = descargar(admin, exportacion)
    assert contenido.startswith(hoja.BOM + b"comision_id,")
    assert ids(contenido.removeprefix(hoja.BOM)) == vistas
    acciones = Historial.objects.filter(entidad="exportacion").order_by("id")
    assert [p.accion for p in acciones] == ["exportar", "iniciar", "terminar", "descargar"]
    assert acciones[3].datos == {
        "lista": "comisiones.comision", "filtro": "estado=todas", "filas": filas,
    }  # fmt: skip


def test_las_que_habia_al_leerla(admin: Client, programa: Any) -> None:
    """What leaves the filter or comes into it meanwhile changes no rows of the file."""
    programa.ventas(6)
    habia = [c.id_publico for c in paso_a_paso(admin, Comision, "?estado=pendiente")]
    exportacion = pedir(admin, Comision, "?estado=pendiente")
    avanzar(exportacion, segundos=-1)
    assert (exportacion.estado, exportacion.total) == ("en_curso", 6)
    aprobar_comision(comision=Comision.objects.get(id_publico=habia[5]), actor=PRUEBA)
    programa.ventas(3)
    avanzar(exportacion)
    filas = leer(descargar(admin, exportacion))
    assert [f["comision_id"] for f in filas] == habia
    assert [f["estado"] == "pendiente" for f in filas] == [True] * 5 + [False]


def test_muere_a_la_mitad_y_sigue(
    admin: Client, programa: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever picks it up goes on after the last portion: no row is missing and none is twice."""
    programa.ventas(11)
    exportacion = pedir(admin, Comision)
    de_verdad, veces = avance.filas_de, []

    def muere(*args: Any) -> Any:
        veces.append(1)
        if len(veces) == 2:
            raise KeyboardInterrupt
        return de_verdad(*args)

    monkeypatch.setattr(avance, "filas_de", muere)
    with pytest.raises(KeyboardInterrupt):
        avanzar(exportacion)
    exportacion.refresh_from_db()
    assert (exportacion.estado, exportacion.hechas) == ("en_curso", PORCION)
    assert avance.barrer_exportaciones() == 0
    exportaciones = Exportacion.objects.filter(pk=exportacion.pk)
    exportaciones.update(actualizado_en=timezone.now() - timedelta(minutes=1))
    assert avance.barrer_exportaciones() == 1
    avanzar(exportacion)
    vistas = [c.id_publico for c in paso_a_paso(admin, Comision)]
    assert ids(descargar(admin, exportacion)) == vistas
    assert len(vistas) == 11


def test_si_la_matan_siempre_lo_dice(
    admin: Client, programa: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    programa.ventas(3)
    exportacion = pedir(admin, Comision)

    def muere(*_args: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as sin_filas:
        sin_filas.setattr(avance, "filas_de", muere)
        for _vez in range(avance.MAX_INTENTOS):
            with pytest.raises(KeyboardInterrupt):
                avanzar(exportacion)
    avanzar(exportacion)
    assert exportacion.estado == "fallida"
    assert "Se interrumpió varias veces" in ficha(admin, exportacion)
    assert not TrozoExportado.objects.exists()


@pytest.mark.parametrize(
    ("error", "queda", "dice"),
    [(ValueError("x"), "fallida", "ValueError"), (OperationalError(2006, "x"), "en_curso", "")],
)
def test_lo_que_falla(
    admin: Client, programa: Any, monkeypatch: pytest.MonkeyPatch,
    error: Exception, queda: str, dice: str,
) -> None:  # fmt: skip
    """A database that is away comes back; anything else is said to who asked."""
    programa.ventas(3)
    exportacion = pedir(admin, Comision)

    def falla(*_args: Any) -> Any:
        raise error

    with monkeypatch.context() as sin_filas:
        sin_filas.setattr(avance, "filas_de", falla)
        if queda == "fallida":
            avanzar(exportacion)
        else:
            with pytest.raises(OperationalError):
                avanzar(exportacion)
    exportacion.refresh_from_db()
    assert (exportacion.estado, exportacion.problema) == (queda, dice)
    if queda == "en_curso":
        assert avanzar(exportacion).estado == "lista"


@pytest.mark.parametrize("segundos", [-1, 60], ids=["la misma porción", "hasta el final"])
def test_dos_a_la_vez_escriben_una(
    admin: Client, programa: Any, monkeypatch: pytest.MonkeyPatch, segundos: float
) -> None:
    """Another worker that did the same portion first keeps its own, and it counts once."""
    programa.ventas(11)
    exportacion = pedir(admin, Comision)
    avanzar(exportacion, segundos=-1)
    de_verdad = avance.filas_de

    def otro_antes(*args: Any) -> Any:
        monkeypatch.setattr(avance, "filas_de", de_verdad)
        avanzar(exportacion, segundos=segundos)
        return de_verdad(*args)

    monkeypatch.setattr(avance, "filas_de", otro_antes)
    avanzar(exportacion)
    avanzar(exportacion)
    assert (exportacion.estado, exportacion.hechas) == ("lista", 11)
    assert len(set(ids(descargar(admin, exportacion)))) == 11


def test_la_de_otra_persona_no_existe(admin: Client, programa: Any, de_rol: Any) -> None:
    programa.ventas(3)
    exportacion = avanzar(pedir(admin, Comision))
    otra = cliente_de(User.objects.create_superuser("otra"))
    for cliente in (otra, de_rol("Revisión")):
        for vista in ("avance", "descargar"):
            url = url_de(Exportacion, vista, exportacion.pk)
            respuesta = cliente.post(url) if vista == "descargar" else cliente.get(url)
            assert respuesta.status_code == 404
        assert exportacion.id_publico not in cliente.get(
            url_de(Exportacion, "changelist")
        ).content.decode()  # fmt: skip
        assert cliente.get(url_de(Exportacion, "change", exportacion.pk)).status_code == 302
    assert admin.get(url_de(Exportacion, "descargar", exportacion.pk)).status_code == 405


def test_el_permiso_es_el_de_ahora(programa: Any, de_rol: Any) -> None:
    """To take it, and to have it written."""
    programa.ventas(3)
    cliente = de_rol("Consulta")
    lista, otra = avanzar(pedir(cliente, Comision)), pedir(cliente, Comision)
    permiso = Permission.objects.get(codename="view_comision")
    Group.objects.get(name="Consulta").permissions.remove(permiso)
    url = url_de(Exportacion, "descargar", lista.pk)
    assert cliente.post(url).status_code == 403
    avanzar(otra)
    assert (otra.estado, otra.problema) == (
        "fallida", "Quien la pidió ya no puede ver esta lista.",
    )  # fmt: skip
    Group.objects.get(name="Consulta").permissions.add(permiso)
    assert cliente.post(url).status_code == 200
    tercera = pedir(cliente, Comision)
    User.objects.filter(username="persona-Consulta").update(is_active=False)
    assert avanzar(tercera).estado == "fallida"


def test_sin_permiso_para_esperarla_lo_dice(programa: Any) -> None:
    programa.ventas(3)
    usuario = User.objects.create_user("sin-rol", is_staff=True)
    usuario.user_permissions.add(Permission.objects.get(codename="view_comision"))
    cliente = cliente_de(usuario)
    respuesta = cliente.post(url_de(Comision), follow=True)
    assert "pide permiso para exportarlas" in respuesta.content.decode()
    assert not Exportacion.objects.exists()


def test_unas_pocas_por_persona(admin: Client, programa: Any) -> None:
    programa.ventas(3)
    for _vez in range(services.A_LA_VEZ):
        pedir(admin, Comision)
    respuesta = admin.post(url_de(Comision), follow=True)
    assert "espera a que termine una" in respuesta.content.decode()
    assert Exportacion.objects.count() == services.A_LA_VEZ


def test_demasiado_grande(admin: Client, programa: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avance, "MAX_FILAS", 5)
    programa.ventas(6)
    exportacion = avanzar(pedir(admin, Comision))
    assert exportacion.estado == "fallida"
    assert "filtra la lista" in ficha(admin, exportacion)


def test_se_borra(admin: Client, programa: Any) -> None:
    programa.ventas(3)
    exportacion = avanzar(pedir(admin, Comision))
    with time_machine.travel(timezone.now() + timedelta(days=DIAS, minutes=-1)):
        assert purgar_exportaciones() == 0
    with time_machine.travel(timezone.now() + timedelta(days=DIAS, minutes=1)):
        assert purgar_exportaciones() == 1
    assert not TrozoExportado.objects.exists()
    exportacion.refresh_from_db()
    assert exportacion.estado == "caducada"
    respuesta = admin.post(url_de(Exportacion, "descargar", exportacion.pk), follow=True)
    assert "ya se borró" in respuesta.content.decode()


def test_consultas_de_una_porcion(
    admin: Client, programa: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As many for four rows as for forty."""
    programa.ventas(44)
    cuentas = []
    for porcion in (4, 40):
        monkeypatch.setattr(services, "PORCION", porcion)
        monkeypatch.setattr(avance, "PORCION", porcion)
        exportacion = pedir(admin, Comision)
        avanzar(exportacion, segundos=-1)
        with CaptureQueriesContext(connection) as consultas:
            avanzar(exportacion, segundos=-1)
        assert exportacion.hechas == porcion
        cuentas.append(len(consultas))
    assert cuentas[0] == cuentas[1] < 30
