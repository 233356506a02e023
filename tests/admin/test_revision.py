"""The review queue, one by one; many at once is in ``test_en_masa``."""

from __future__ import annotations

import pytest
from django.urls import reverse

from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision

LISTA = "admin:comisiones_comision_changelist"


def _accion(comision, nombre: str) -> str:
    return reverse("admin:comisiones_comision_accion", args=[comision.pk, nombre])


def _estados(comisiones) -> list[str]:
    """Their states, in the order in which they were made."""
    filas = Comision.objects.filter(pk__in=[c.pk for c in comisiones]).order_by("pk")
    return list(filas.values_list("estado", flat=True))


def test_la_cola_abre_en_lo_que_espera(admin, programa):
    retenida = programa.ventas(1, programa.nuevo_afiliado("Nueva", activo=False))[0]
    pendientes = programa.ventas(2)
    admin.post(_accion(pendientes[0], "aprobar"))
    lista = admin.get(reverse(LISTA)).context["cl"].result_list
    assert [c.pk for c in lista] == [pendientes[1].pk, retenida.pk]
    texto = admin.get(reverse(LISTA)).content.decode()
    assert "El afiliado está pendiente de activación" in texto
    todas = admin.get(reverse(LISTA) + "?estado=todas").context["cl"]
    assert todas.result_count == 3


@pytest.mark.parametrize("que", ["comision", "conversion", "afiliado", "correo", "nombre"])
def test_busqueda_exacta(admin, programa, que):
    otra = programa.nuevo_afiliado("Beatriz", activo=True)
    programa.ventas(2)
    comision = programa.ventas(1, otra)[0]
    texto = {
        "comision": comision.id_publico,
        "conversion": comision.conversion.id_publico,
        "afiliado": otra.id_publico,
        "correo": otra.email,
        "nombre": "beat",
    }[que]
    lista = admin.get(reverse(LISTA), {"q": texto}).context["cl"].result_list
    assert [c.pk for c in lista] == [comision.pk]


def test_aprobar_y_siguiente(admin, programa):
    primera, segunda = programa.ventas(2)
    respuesta = admin.post(_accion(primera, "aprobar"), {"motivo": "bien", "siguiente": "1"})
    assert respuesta.url == reverse("admin:comisiones_comision_change", args=[segunda.pk])
    ultima = admin.post(_accion(segunda, "aprobar"), {"siguiente": "1"})
    assert ultima.url == reverse(LISTA)
    assert _estados([primera, segunda]) == ["aprobada", "aprobada"]
    paso = Historial.objects.get(entidad_id=primera.id_publico, accion="aprobar")
    assert (paso.actor.split(":")[0], paso.motivo) == ("persona", "bien")


@pytest.mark.parametrize("motivo", ["", "   ", "x" * 501])
def test_rechazar_exige_motivo(admin, programa, motivo):
    [comision] = programa.ventas(1)
    respuesta = admin.post(_accion(comision, "rechazar"), {"motivo": motivo}, follow=True)
    assert "motivo" in str(next(iter(respuesta.context["messages"]))).lower()
    assert _estados([comision]) == ["pendiente"]


def test_la_ficha_explica_el_calculo(admin, programa):
    [comision] = programa.ventas(1)
    admin.post(_accion(comision, "aprobar"), {"motivo": "revisada"})
    texto = admin.get(
        reverse("admin:comisiones_comision_change", args=[comision.pk])
    ).content.decode()
    for parte in ("10,00", "100,00", "Diez, versión 1", "jefa", "revisada", "ComisionAprobada",
                  "Gasto en comisiones", "Por pagar a afiliados"):  # fmt: skip
        assert parte in texto
    # No button that the state does not permit.
    assert _accion(comision, "aprobar") not in texto
    assert _accion(comision, "rechazar") not in texto


def test_lo_que_escribe_un_socio_no_es_html(admin, programa):
    malo = programa.nuevo_afiliado("<script>alert(1)</script>", activo=True)
    [comision] = programa.ventas(1, malo)
    for url in (reverse(LISTA), reverse("admin:comisiones_comision_change", args=[comision.pk])):
        assert "<script>alert(1)" not in admin.get(url).content.decode()
