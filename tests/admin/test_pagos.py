"""Payments in the admin: who may release a batch, how far it is, and a retry that is one."""

import re

from django.urls import reverse

from alpespartner.comun.actores import persona
from comisiones.models import LotePago
from comisiones.pagos.lotes.ciclo import congelar_lote, ejecutar_lote, liberar_lote
from comisiones.pagos.pago.envio import ejecutar_pago
from comisiones.revision.services import aprobar_comision
from tests.admin.conftest import PRUEBA

LIBERAR = 'name="motivo"[^§]*>Liberar<|>Liberar…<'


def ficha(cliente, lote):
    return cliente.get(reverse("admin:comisiones_lotepago_change", args=[lote.pk])).content.decode()


def proponer(cliente):
    respuesta = cliente.post(
        reverse("admin:comisiones_lotepago_add"),
        {
            "moneda": "USD",
            "pasarela": "archivo",
            "campana": "",
            "hasta_0": "2099-01-01",
            "hasta_1": "00:00",
        },
    )
    assert respuesta.status_code == 302, respuesta.context["errors"]
    lote = LotePago.objects.get()
    assert respuesta["Location"] == reverse("admin:comisiones_lotepago_change", args=[lote.pk])
    return lote


def test_lo_libera_la_segunda_persona(programa, de_rol, admin):
    una, otra = de_rol("Tesorería"), admin
    aprobar_comision(comision=programa.ventas(1)[0], actor=PRUEBA)
    lote = proponer(una)
    assert "no puede liberarlo" not in ficha(una, lote), "there is nothing to release yet"
    una.post(reverse("admin:comisiones_lotepago_accion", args=[lote.pk, "congelar"]))
    assert not re.search(LIBERAR, ficha(una, lote))
    assert "no puede liberarlo" in ficha(una, lote)
    assert re.search(LIBERAR, ficha(otra, lote))
    assert "no puede liberarlo" not in ficha(otra, lote)
    liberar = reverse("admin:comisiones_lotepago_accion", args=[lote.pk, "liberar"])
    una.post(liberar)
    lote.refresh_from_db()
    assert lote.estado == "congelado"
    otra.post(liberar)
    lote.refresh_from_db()
    assert lote.estado == "aprobado"


def test_lo_que_va_pagado(programa, admin, de_rol):
    socias = [programa.nuevo_afiliado(f"Socia{n}", activo=True) for n in range(2)]
    for comision in [programa.ventas(1, socia)[0] for socia in socias]:
        aprobar_comision(comision=comision, actor=PRUEBA)
    lote = congelar_lote(lote=proponer(admin), actor=PRUEBA)
    lote = liberar_lote(lote=lote, actor=persona(99))
    avance = reverse("admin:comisiones_lotepago_avance", args=[lote.pk])
    assert 'data-avance="aprobado" data-vivo' in admin.get(avance).content.decode()
    ejecutar_lote(lote_pk=lote.pk, actor=PRUEBA)
    dicho = admin.get(avance).content.decode()
    assert 'data-avance="en_ejecucion" data-vivo' in dicho
    assert "0 de 2 pagos con respuesta" in dicho
    assert '<progress value="0" max="2"' in dicho
    ejecutar_pago(pago_pk=lote.pagos.earliest("pk").pk, actor=PRUEBA)
    dicho = admin.get(avance).content.decode()
    assert "2 de 2 pagos con respuesta" in dicho
    assert "Pagado" in dicho
    assert de_rol().get(avance).status_code == 403


def test_reintentar_dos_veces_no_paga_dos(admin, programa):
    pago = programa.pago("fallido")
    url = reverse("admin:comisiones_pago_accion", args=[pago.pk, "reintentar"])
    admin.post(url)
    respuesta = admin.post(url, follow=True)
    assert "ya están en otro pago" in str(list(respuesta.context["messages"])[-1])
    assert type(pago).objects.count() == 2
