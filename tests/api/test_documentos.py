"""A document that its caller has already is not sent again."""

from __future__ import annotations

import pytest
from django.utils import timezone

from comisiones.pagos.pago.envio import ejecutar_pago
from tests import fabricas

pytestmark = pytest.mark.django_db


def test_lo_que_se_tiene_no_se_vuelve_a_enviar() -> None:
    suya = fabricas.afiliado(nombre="Ñandú")
    en = fabricas.campana()
    fabricas.aprobada(de=suya, en=en)
    ruta = f"/api/v1/afiliados/{suya.id_publico}/extracto?mes={timezone.now():%Y-%m}&formato=csv"
    cliente = fabricas.api(["comisiones:leer"])
    primera = cliente.get(ruta)
    etiqueta = primera["ETag"]
    for tiene in (etiqueta, f"W/{etiqueta}", f'"x", {etiqueta}', "*"):
        otra = cliente.get(ruta, headers={"If-None-Match": tiene})
        assert (otra.status_code, otra.content, otra["ETag"]) == (304, b"", etiqueta), tiene
        assert otra["Cache-Control"] == "private, no-store"
        assert "X-Request-Id" in otra
        assert "RateLimit" in otra
    for tiene in ("", '"x"', etiqueta[:-2] + '"', etiqueta.strip('"')):
        assert cliente.get(ruta, headers={"If-None-Match": tiene}).content == primera.content
    # Once something happened it is another one.
    fabricas.aprobada(de=suya, en=en)
    nueva = cliente.get(ruta, headers={"If-None-Match": etiqueta})
    assert nueva.status_code == 200
    assert nueva["ETag"] != etiqueta
    # The JSON of the same address has no label, and a problem neither.
    json = cliente.get(ruta.removesuffix("&formato=csv"), headers={"If-None-Match": "*"})
    assert (json.status_code, "ETag" in json) == (200, False)
    malo = cliente.get(f"{ruta}x", headers={"If-None-Match": "*"})
    assert (malo.status_code, "ETag" in malo) == (400, False)
    ajeno = fabricas.api(["comisiones:leer"], de=fabricas.afiliado())
    fabricas.problema(ajeno.get(ruta, headers={"If-None-Match": "*"}), 404)


@pytest.mark.lento
def test_tambien_un_pdf_hecho_de_nuevo() -> None:
    """The same document gives the same bytes, made twice; in another language, others."""
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=fabricas.PRUEBAS)
    ruta, cliente = f"/api/v1/pagos/{pago.id_publico}/remesa", fabricas.api(["pagos:leer"])
    primera = cliente.get(ruta, headers={"Accept-Encoding": "gzip"})
    assert primera.status_code == 200
    tiene = {"If-None-Match": primera["ETag"]}
    assert cliente.get(ruta, headers=tiene).status_code == 304
    assert cliente.get(ruta, headers={**tiene, "Accept-Language": "en"}).status_code == 200
