"""The review queue: one by one and many at once."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from afiliados.afiliado.services import suspender_afiliado
from alpespartner.comun.models import Historial
from comisiones.comision.models import Comision
from comisiones.models import Apunte
from conversiones.ventas.services import rechazar_conversion
from outbox.models import OutboxEvent
from outbox.transportes.embebido import drenar
from tests.admin.conftest import PRUEBA

LISTA = "admin:comisiones_comision_changelist"
EN_MASA = "admin:comisiones_comision_en_masa"


def _accion(comision, nombre: str) -> str:
    return reverse("admin:comisiones_comision_accion", args=[comision.pk, nombre])


def _estados(comisiones) -> list[str]:
    return list(
        Comision.objects.filter(pk__in=[c.pk for c in comisiones]).values_list("estado", flat=True)
    )


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
    for json_ in (True, False):
        respuesta = admin.post(
            reverse(EN_MASA),
            {"accion": "rechazar", "ids": str(comision.pk), "motivo": motivo},
            headers={"accept": "application/json"} if json_ else {},
        )
        assert respuesta.status_code == 400
        assert "motivo" in respuesta.content.decode()
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


def _confirmar(admin, comisiones, accion="aprobar_varias", **extra):
    return admin.post(
        reverse(LISTA),
        {"action": accion, "_selected_action": [c.pk for c in comisiones[:50]], **extra},
    )


def test_aprobar_120_con_dos_que_no_se_puede(admin, programa):
    comisiones = programa.ventas(118)
    suspendida = programa.nuevo_afiliado("Suspendida", activo=True)
    mala = programa.ventas(1, suspendida)[0]
    suspender_afiliado(afiliado=suspendida, actor=PRUEBA, motivo="x")
    anulada = programa.ventas(1)[0]
    pagina = _confirmar(admin, comisiones, select_across="1")
    contexto = pagina.context
    assert contexto["restantes"] == 120
    assert [(n, "1" in str(suma)) for n, suma in contexto["sumas"]] == [(120, True)]
    assert _estados(comisiones) == ["pendiente"] * 118
    # Somebody else voids one and approves another meanwhile.
    rechazar_conversion(conversion=anulada.conversion, actor=PRUEBA, motivo="x")
    drenar()
    admin.post(_accion(comisiones[0], "aprobar"))

    claves = contexto["ids"].split(",")
    totales = {"hechas": 0, "ya": 0, "fallidas": []}
    while claves:
        respuesta = admin.post(
            reverse(EN_MASA),
            {"accion": "aprobar", "ids": ",".join(claves[:50]), "motivo": ""},
            headers={"accept": "application/json"},
        )
        parte = respuesta.json()
        for campo in totales:
            totales[campo] += parte[campo]
        claves = claves[50:]
    assert (totales["hechas"], totales["ya"]) == (117, 1)
    assert {f["id"] for f in totales["fallidas"]} == {mala.id_publico, anulada.id_publico}
    assert all(f["motivo"] and f["url"] for f in totales["fallidas"])
    assert _estados(comisiones) == ["aprobada"] * 118
    assert OutboxEvent.objects.filter(type="ComisionAprobada").count() == 118
    assert Apunte.objects.count() == 236


def test_sin_script_continua_por_partes(admin, programa):
    comisiones = programa.ventas(60)
    pagina = _confirmar(admin, comisiones, select_across="1")
    datos = {"accion": "aprobar", "ids": pagina.context["ids"], "motivo": ""}
    primera = admin.post(reverse(EN_MASA), datos)
    assert primera.context["restantes"] == 10
    assert "Continuar con las 10 restantes" in primera.content.decode()
    contexto = primera.context
    segunda = admin.post(
        reverse(EN_MASA), {**datos, "ids": contexto["ids"], "previo": contexto["previo"]}
    )
    assert segunda.context["resumen"].hechas == 60
    assert segunda.context["restantes"] == 0
    assert _estados(comisiones) == ["aprobada"] * 60


def test_rechazar_varias(admin, programa):
    comisiones = programa.ventas(3)
    _confirmar(admin, comisiones, "rechazar_varias")
    datos = {
        "accion": "rechazar",
        "ids": ",".join(str(c.pk) for c in comisiones),
        "motivo": "Pedido falso",
    }
    respuesta = admin.post(reverse(EN_MASA), datos, headers={"accept": "application/json"})
    assert respuesta.json() == {"hechas": 3, "ya": 0, "fallidas": []}
    otra_vez = admin.post(reverse(EN_MASA), datos, headers={"accept": "application/json"})
    assert otra_vez.json() == {"hechas": 0, "ya": 3, "fallidas": []}
    assert set(Comision.objects.values_list("motivo", flat=True)) == {"Pedido falso"}


@pytest.mark.parametrize(
    "datos",
    [
        {"accion": "borrar", "ids": "1"},
        {"accion": "aprobar", "ids": "1,dos"},
        {"accion": "aprobar", "ids": ",".join(["1"] * 5001)},
        {"accion": "aprobar", "ids": "1", "previo": json.dumps({"fallidas": [1]})},
    ],
)
def test_en_masa_mal_pedido_es_400(admin, db, datos):
    assert admin.post(reverse(EN_MASA), datos).status_code == 400
