"""The pages of imports, and the command that does the same."""

from __future__ import annotations

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from conversiones.fuentes.avance import avanzar_importacion
from conversiones.models import Conversion, Importacion
from tests.admin.conftest import PRUEBA, ROLES
from tests.admin.exportadas import url_de
from tests.conversiones.fuentes.mesa import cuentas, ensayar, importar
from tests.fabricas import foto

pytestmark = pytest.mark.django_db
ALTA = reverse("admin:conversiones_importacion_add")
HOY = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%d")


def contenido(programa: Any, *malas: str) -> bytes:
    suyo = programa.afiliado.id_publico
    filas = [f"p-{n},{suyo},{n},{HOY},{programa.campana.id_publico}" for n in (1, 2)]
    return "\n".join(["pedido,afiliado,importe,fecha,campaña", *filas, *malas]).encode()


def subir(cliente: Client, dentro: bytes, **datos: str) -> Any:
    fichero = SimpleUploadedFile("ventas de marzo.csv", dentro)
    return cliente.post(ALTA, {"tipo": "ventas", "zona": "UTC", "fichero": fichero, **datos})


def ficha(importacion: Importacion, accion: str = "") -> str:
    if accion:
        return reverse("admin:conversiones_importacion_accion", args=[importacion.pk, accion])
    return reverse("admin:conversiones_importacion_change", args=[importacion.pk])


def avanzar() -> Importacion:
    suya = Importacion.objects.latest("pk")
    avanzar_importacion(importacion_pk=suya.pk)
    suya.refresh_from_db()
    return suya


def test_de_la_subida_al_resultado(programa, admin) -> None:
    respuesta = subir(admin, contenido(programa, "x,nadie,1,2026-01-01,"))
    suya = avanzar()
    assert respuesta.headers["Location"] == ficha(suya)
    pagina = admin.get(ficha(suya)).content.decode()
    for dicho in ("Es un ensayo", "3,00", "nadie", "Columnas", "Aplicar"):
        assert dicho in pagina
    assert not Conversion.objects.exists()
    admin.post(ficha(suya, "confirmar"))
    avanzar()
    pagina = admin.get(ficha(suya)).content.decode()
    assert "Es un ensayo" not in pagina
    assert "Descargarlas para corregirlas" in pagina
    assert Conversion.objects.count() == 2
    lista = reverse("admin:conversiones_filaimportada_changelist")
    filas = admin.get(f"{lista}?importacion__id__exact={suya.pk}&resultado=creada")
    assert len(filas.context["cl"].result_list) == 2
    bajada = admin.get(reverse("admin:conversiones_importacion_rechazadas", args=[suya.pk]))
    assert bajada.content.decode().count("\r\n") == 2
    # The same content again.
    pagina = subir(admin, contenido(programa, "x,nadie,1,2026-01-01,")).content.decode()
    assert "ya se aplicó" in pagina
    assert "jefa" in pagina


def test_las_columnas_se_corrigen_en_la_pagina(programa, admin) -> None:
    dentro = contenido(programa).replace(b"pedido,", b"cosa,")
    subir(admin, dentro)
    suya = avanzar()
    assert "No se reconoce dónde está: Referencia de la venta" in (
        admin.get(ficha(suya)).content.decode()
    )
    url = reverse("admin:conversiones_importacion_columnas", args=[suya.pk])
    assert admin.get(url).status_code == 405
    dadas = {f"columna-{campo}": nombre for campo, nombre in suya.columnas.items()}
    admin.post(url, {**dadas, "columna-referencia": "otra"})
    assert avanzar().estado == "por_revisar"
    admin.post(url, {**dadas, "columna-referencia": "cosa"})
    assert avanzar().estado == "por_confirmar"


@pytest.mark.parametrize("dentro", [b"", b"a,b\n", b"PK\x03\x04", b'a,b\n"1,2', b"x" * 5_000_001])
def test_un_fichero_malo_se_dice_en_su_campo(programa, admin, dentro) -> None:
    antes = foto()
    respuesta = subir(admin, dentro)
    assert list(respuesta.context["adminform"].form.errors) == ["fichero"]
    assert foto() == antes


def test_un_fichero_de_dos_gigas_no_se_lee(admin) -> None:
    respuesta = admin.post(ALTA, b"x", content_type="text/csv", CONTENT_LENGTH=str(2 << 30))
    assert respuesta.status_code == 413


@pytest.mark.parametrize("rol", ["", *ROLES])
def test_quien_importa(programa, de_rol, admin, rol) -> None:
    cliente, puede = de_rol(rol), rol == "Revisión"
    assert (cliente.get(ALTA).status_code == 200) is puede
    respuesta = subir(cliente, contenido(programa))
    assert respuesta.status_code == (302 if puede else 403)
    assert Importacion.objects.exists() is puede
    if not puede:
        subir(admin, contenido(programa))
    suya = avanzar()
    ve = cliente.get(ficha(suya))
    assert ve.status_code == (200 if rol else 403)
    confirmada = cliente.post(ficha(suya, "confirmar"))
    assert confirmada.status_code == (302 if puede else 403)
    columnas = reverse("admin:conversiones_importacion_columnas", args=[suya.pk])
    rechazadas = reverse("admin:conversiones_importacion_rechazadas", args=[suya.pk])
    assert (cliente.post(columnas).status_code == 403) is not puede
    assert (cliente.get(rechazadas).status_code == 403) is not puede
    assert (avanzar().estado == "terminada") is puede
    assert (Conversion.objects.count() == 2) is puede


def test_otra_persona_no_aplica_lo_mio(programa, de_rol, admin) -> None:
    subir(de_rol("Revisión"), contenido(programa))
    suya = avanzar()
    pagina = admin.get(ficha(suya)).content.decode()
    assert ficha(suya, "confirmar") not in pagina
    assert "La aplica quien subió el fichero" in pagina
    admin.post(ficha(suya, "confirmar"))
    assert avanzar().estado == "por_confirmar"


def orden(*args: str) -> tuple[dict[str, Any], str, int]:
    """What the command says, what it complains of, and how it ends."""
    salida, quejas, fin = StringIO(), StringIO(), 0
    try:
        call_command("importar", *args, stdout=salida, stderr=quejas)
    except SystemExit as exc:
        fin = exc.code
    return json.loads(salida.getvalue()), quejas.getvalue(), fin


def test_la_orden(programa, tmp_path: Path) -> None:
    fichero = tmp_path / "v.csv"
    fichero.write_bytes(contenido(programa, f"p-3,nadie,1,{HOY},"))
    antes = foto(sin=["comun.Historial"])
    dicho, quejas, fin = orden("ventas", str(fichero), "--en-seco", "--campana",
                               programa.campana.id_publico)  # fmt: skip
    assert (dicho, fin) == (
        {"creadas": 2, "ya": 0, "rechazadas": 1, "sumas": {"USD": "3.00"}}, 1,
    )  # fmt: skip
    assert "línea 4, afiliado: No hay un afiliado «nadie»" in quejas
    assert foto(sin=["comun.Historial"]) == antes
    dicho, _quejas, fin = orden("ventas", str(fichero), "--campana", programa.campana.id_publico)
    assert (dicho["creadas"], fin, Conversion.objects.count()) == (2, 1, 2)
    with pytest.raises(CommandError, match="ya se aplicó") as caso:
        orden("ventas", str(fichero))
    assert caso.value.returncode == 2


@pytest.mark.parametrize("dentro", [b"", b"a,b\n1,2\n", b'"', b"\x00"])
def test_la_orden_con_un_fichero_malo(programa, tmp_path: Path, dentro: bytes) -> None:
    fichero = tmp_path / "v.csv"
    fichero.write_bytes(dentro)
    with pytest.raises(CommandError, match=r"v\.csv: \w") as caso:
        orden("ventas", str(fichero))
    assert (caso.value.returncode, Importacion.objects.count()) == (2, 0)
    assert "\n" not in str(caso.value)
    with pytest.raises(CommandError) as caso:
        orden("ventas", str(tmp_path / "no-hay.csv"))
    assert caso.value.returncode == 2


def test_lo_exportado_se_importa(admin: Client, programa: Any) -> None:
    """The columns of a list are those of its import: of what is there nothing is made twice, and
    what is not is made, with whoever referred it."""
    programa.ventas(2)
    for venta in Conversion.objects.all():
        Conversion.objects.filter(pk=venta.pk).update(referencia_externa=f"p-{venta.pk}")
    sobrina = registrar_afiliado(
        datos=NuevoAfiliado(
            nombre="=Sobrina", email="s@e.co", referencia_externa="sob", referente=programa.afiliado
        ),
        actor=PRUEBA,
    )
    vuelta: dict[str, tuple[int, int, int]] = {}
    for tipo, modelo in (("ventas", Conversion), ("afiliados", Afiliado)):
        exportado = admin.post(url_de(modelo, "exportar"), {"bom": "1"})
        fichero = b"".join(exportado) if exportado.streaming else exportado.content
        vuelta[tipo] = cuentas(ensayar(fichero, tipo))
    assert vuelta == {"ventas": (0, 2, 0), "afiliados": (0, 2, 0)}
    # In a programme where she is not yet.
    texto = fichero.decode("utf-8-sig").replace("sob,", "sobrina-2,").replace("s@e.co", "s2@e.co")
    hecha = importar(texto.replace(sobrina.id_publico, "").encode(), "afiliados")
    assert cuentas(hecha) == (1, 1, 0)
    nueva = Afiliado.objects.get(referencia_externa="sobrina-2")
    assert (nueva.nombre, nueva.referente) == ("=Sobrina", programa.afiliado)
