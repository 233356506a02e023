"""The ledger: nobody changes or deletes it, and its statements."""

from __future__ import annotations

import io
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pypdf import PdfReader

from comisiones.ajustes.services import aprobar_ajuste, crear_ajuste
from comisiones.libro import documento
from comisiones.libro.extracto import extractos
from comisiones.libro.models import Apunte
from tests import fabricas

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("tabla", ["comisiones_asiento", "comisiones_apunte"])
@pytest.mark.parametrize("orden", ["DELETE FROM {}", "UPDATE {} SET id = id"])
def test_la_base_se_niega(tabla: str, orden: str) -> None:
    """Behind every service and every model, by plain SQL."""
    fabricas.aprobada()
    with (
        pytest.raises(DatabaseError, match="no se cambia ni se borra"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(orden.format(tabla))
    assert Apunte.objects.count() == 2


def test_extracto() -> None:
    """Opening + lines = closing; CSV says the same; somebody else's is a 404."""
    suya = fabricas.aprobada(valor="1000.50")
    crear = {"afiliado": suya.afiliado, "moneda": "USD", "motivo": "m", "actor": fabricas.ANA}
    ajuste = crear_ajuste(**crear, tipo="clawback", monto=Decimal("-0.05"))
    aprobar_ajuste(ajuste=ajuste, actor=fabricas.LUIS)
    mes = f"{timezone.now():%Y-%m}"
    ruta = f"/api/v1/afiliados/{suya.afiliado.id_publico}/extracto?mes={mes}"
    cliente = fabricas.api(["comisiones:leer"], de=suya.afiliado)
    [hoja] = cliente.get(ruta).json()
    assert (hoja["apertura"], hoja["cierre"]) == ("0.00", "100.00")
    assert [(x["importe"], x["saldo"], x["origen"]) for x in hoja["lineas"]] == [
        ("100.05", "100.05", suya.id_publico), ("-0.05", "100.00", ajuste.id_publico),
    ]  # fmt: skip
    texto = cliente.get(f"{ruta}&formato=csv").content.decode()
    assert [fila.split(",")[5] for fila in texto.splitlines()[1:]] == [
        "0.00", "100.05", "100.00", "100.00",
    ]  # fmt: skip
    [otro] = extractos(suya.afiliado, "2999-01")
    assert (otro.apertura, otro.cierre, otro.lineas) == (Decimal(100), Decimal(100), ())
    ajeno = fabricas.api(["comisiones:leer"], de=fabricas.afiliado())
    fabricas.problema(ajeno.get(ruta), 404)


@pytest.mark.parametrize("mes", ["", "2024", "2024-13", "2024-1", "9999-12", "x" * 7])
def test_mes_invalido(mes: str) -> None:
    respuesta = fabricas.api().get(
        f"/api/v1/afiliados/{fabricas.afiliado().id_publico}/extracto?mes={mes}"
    )
    fabricas.problema(respuesta, 400)


def _texto(contenido: bytes) -> str:
    paginas = PdfReader(io.BytesIO(contenido)).pages
    return "\n".join(pagina.extract_text() for pagina in paginas)


@pytest.mark.lento
def test_extracto_en_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """The figures of the JSON, in parts that carry the balance, and nobody else's."""
    monkeypatch.setattr(documento, "LINEAS_POR_PARTE", 2)
    suya = fabricas.afiliado(nombre="Ñandú & Hijas", email="n@x.co")
    euros = fabricas.campana(nombre="Otra", moneda="EUR")
    usd = fabricas.campana()
    fabricas.aprobada(de=suya, en=euros, valor="50")
    for valor in ("1000.50", "2000", "12345"):
        fabricas.aprobada(de=suya, en=usd, valor=valor)
    mes = f"{timezone.now():%Y-%m}"
    ruta = f"/api/v1/afiliados/{suya.id_publico}/extracto?mes={mes}&formato=pdf"
    cliente = fabricas.api(["comisiones:leer"], de=suya)
    primera = cliente.get(ruta, headers={"Accept": "application/pdf"})
    assert primera["Content-Type"] == "application/pdf"
    assert primera["Content-Disposition"].endswith(f'{mes}-1-de-2.pdf"')
    texto = _texto(primera.content)
    assert "Ñandú & Hijas" in texto
    # Opening and closing of both currencies, and the first two lines: one of each.
    for cifra in ("5,00", "100,05", "1\xa0534,55"):
        assert cifra in texto
    assert "300,05" not in texto
    siguiente = primera["Link"].removeprefix("<").removesuffix('>; rel="next"')
    segunda = cliente.get(siguiente)
    assert "Link" not in segunda
    texto = _texto(segunda.content)
    assert "Saldo anterior" in texto
    for cifra in ("100,05", "300,05", "1\xa0234,50", "1\xa0534,55"):
        assert cifra in texto
    for parte in ("0", "3", "x", "9" * 9, "-1"):
        problema = fabricas.problema(cliente.get(f"{ruta}&parte={parte}"), 400, "dato_invalido")
        assert problema["errores"][0]["campo"] == "parte"
    ajeno = fabricas.api(["comisiones:leer"], de=fabricas.afiliado())
    fabricas.problema(ajeno.get(ruta), 404)
    ingles = _texto(cliente.get(ruta, headers={"Accept-Language": "en"}).content)
    assert "1,534.55" in ingles


def test_extracto_vacio_en_pdf() -> None:
    quien = fabricas.afiliado()
    ruta = f"/api/v1/afiliados/{quien.id_publico}/extracto?mes=2024-02&formato=pdf"
    texto = _texto(fabricas.api().get(ruta).content)
    assert "Sin movimientos" in texto
    assert "Febrero de 2024" in texto
