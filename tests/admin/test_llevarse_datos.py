"""Handing over what is held of an affiliate: at once, or by a task when it is much."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.urls import reverse

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import cerrar_afiliado, suspender_afiliado
from afiliados.personales.services import borrar_datos
from alpespartner.comun.admin.exportar import fuente
from alpespartner.comun.documentos.paquetes import Pieza, en_zip, pieza
from alpespartner.comun.exportacion import paquete
from alpespartner.comun.exportacion.avance import avanzar_exportacion
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import EstadoExportacion, Exportacion, TrozoExportado
from tests import fabricas
from tests.fabricas import ANA, LUIS

pytestmark = pytest.mark.django_db


def _con_ventas(cuantas: int) -> Afiliado:
    suya = fabricas.afiliado(nombre="Ada", email="ada@example.com")
    for n in range(cuantas):
        fabricas.comision(de=suya, valor=str(10 + n))
    return suya


def _pedir(navegador: Client, suya: Afiliado) -> Any:
    return navegador.post(
        reverse("admin:afiliados_afiliado_accion", args=[suya.pk, "exportar_datos"])
    )


def _avanzar(pedida: Exportacion) -> Exportacion:
    avanzar_exportacion(exportacion_pk=pedida.pk, fuente=fuente)
    pedida.refresh_from_db()
    return pedida


def _abierto(respuesta: Any) -> zipfile.ZipFile:
    cuerpo = b"".join(respuesta) if respuesta.streaming else respuesta.content
    abierto = zipfile.ZipFile(io.BytesIO(cuerpo))
    assert abierto.testzip() is None
    return abierto


@pytest.mark.lento
def test_lo_mucho_lo_escribe_una_tarea(
    admin: Client, de_rol: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the same file, a portion at a time; only who asked takes it, and only while they may;
    the history says all of it."""
    suya = _con_ventas(5)
    fabricas.comision(de=fabricas.afiliado(nombre="Ajena"))
    navegador = de_rol("Revisión")
    directa = _abierto(_pedir(navegador, suya))
    monkeypatch.setattr(paquete, "DIRECTAS", 5)
    monkeypatch.setattr(paquete, "PORCION", 2)
    pagina = _pedir(navegador, suya)
    pedida = Exportacion.objects.get()
    assert pagina.status_code == 302
    assert pagina["Location"].endswith(f"/{pedida.pk}/change/")
    descargar = reverse("admin:comun_exportacion_descargar", args=[pedida.pk])
    assert navegador.post(descargar).status_code == 302
    assert _avanzar(pedida).estado == EstadoExportacion.LISTA
    assert pedida.hechas == pedida.total > 10
    # Five of each in portions of two, and every other section in one.
    secciones = [
        json.loads(zlib.decompress(bytes(t.contenido or b"")))["seccion"]
        for t in pedida.trozos.order_by("numero")
    ]
    assert (secciones.count("ventas"), secciones.count("comisiones")) == (3, 3)
    texto = navegador.get(pagina["Location"]).content.decode()
    assert "Descargar ZIP" in texto
    respuesta = navegador.post(descargar)
    assert respuesta["Content-Type"] == "application/zip"
    assert f"datos-{suya.id_publico}.zip" in respuesta["Content-Disposition"]
    tardia = _abierto(respuesta)
    antes, ahora = (json.loads(uno.read("datos.json")) for uno in (directa, tardia))
    # The history has one step more: that it was asked for.
    assert len(ahora.pop("historial")) == len(antes.pop("historial")) + 1
    assert ahora == antes
    for nombre in directa.namelist():
        if nombre not in ("historial.csv", "datos.json"):
            assert tardia.read(nombre) == directa.read(nombre), nombre
    assert sorted(tardia.namelist()) == sorted(directa.namelist())
    assert "datos-" not in str(admin.post(descargar).headers)
    hecho = historial_de("afiliado", suya.id_publico).last()
    assert hecho is not None
    assert (hecho.accion, hecho.datos) == (
        "exportar_datos", {"exportacion_id": pedida.id_publico},
    )  # fmt: skip
    suyos = historial_de("exportacion", pedida.id_publico).values_list("accion", flat=True)
    assert list(suyos) == ["exportar", "iniciar", "terminar", "descargar"]


@pytest.mark.lento
def test_ni_sin_permiso_ni_de_quien_se_borro(de_rol: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who lost the permission takes nothing, and an erasure takes the file away, also one that was
    on its way."""
    suya = _con_ventas(1)
    navegador = de_rol("Revisión")
    monkeypatch.setattr(paquete, "DIRECTAS", 1)
    hechas = []
    for _vez in range(3):
        _pedir(navegador, suya)
        hechas.append(Exportacion.objects.latest("pk"))
    lista, en_cola, sin_permiso = hechas
    assert _avanzar(lista).estado == EstadoExportacion.LISTA
    suspender_afiliado(afiliado=suya, actor=ANA, motivo="m")
    suya = cerrar_afiliado(afiliado=suya, actor=ANA, motivo="m")
    permiso = Permission.objects.get(codename="exportar_datos_afiliado")
    Group.objects.get(name="Revisión").permissions.remove(permiso)
    assert _avanzar(sin_permiso).estado == EstadoExportacion.FALLIDA
    assert "ya no puede" in sin_permiso.problema
    descargar = reverse("admin:comun_exportacion_descargar", args=[lista.pk])
    assert navegador.post(descargar).status_code == 403
    borrar_datos(afiliado=suya, actor=ANA, motivo="m", confirmada_por=str(LUIS))
    for una, estado in ((lista, EstadoExportacion.CADUCADA), (en_cola, EstadoExportacion.FALLIDA)):
        assert _avanzar(una).estado == estado
    assert not TrozoExportado.objects.exists()


def test_un_zip_sin_volver_atras() -> None:
    """Sections in their order, also those without rows; nothing is a formula; nothing at all is
    still a ZIP."""
    filas = [{"a": "=1", "b": None, "c": [1]}, {"a": "ñ", "b": True, "c": {}}]
    piezas = [
        pieza("vacia", []), pieza("una", filas[:1]), pieza("una", filas[1:]), pieza("una", []),
    ]  # fmt: skip
    abierto = zipfile.ZipFile(io.BytesIO(b"".join(en_zip(lambda: piezas))))
    assert json.loads(abierto.read("datos.json")) == {"vacia": [], "una": filas}
    assert abierto.namelist() == ["una.csv", "datos.json"]
    assert abierto.read("una.csv").decode("utf-8-sig") == "a,b,c\r\n'=1,,[1]\r\nñ,true,{}\r\n"
    nada: list[Pieza] = []
    abierto = zipfile.ZipFile(io.BytesIO(b"".join(en_zip(lambda: nada))))
    assert json.loads(abierto.read("datos.json")) == {}
