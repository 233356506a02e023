"""Payments and batches, from what is owed to what the bank sends back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from comisiones.models import LotePago, Pago
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.lotes import avance, ciclo, propuesta, reintento
from comisiones.pagos.lotes.fichero import entregar_fichero
from comisiones.pagos.pago import services as pagos
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pago.fin_de_lote import terminar_lote
from comisiones.pagos.pago.propuestas import proponer_no_pagado
from comisiones.pagos.pago.resolucion import decidir_pago, resolver_pago
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.retenciones.services import hoy, publicar_retencion
from tests import fabricas
from tests.comisiones.pagos.fabrica import EVA, ajuste
from tests.comisiones.pagos.sepa import NUESTRA
from tests.fabricas import ANA, LUIS, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


@pytest.fixture
def debido(relato: Relato, pasarela: Any) -> list[Any]:
    """Two commissions and a debt of one in dollars, of which something is withheld, another of
    theirs in euros, and one of somebody else."""
    ada = fabricas.afiliado(nombre="Ada")
    bea = fabricas.afiliado(nombre="Bea", email="bea@example.com")
    dolares, euros = fabricas.campana(), fabricas.campana(moneda="EUR")
    publicar_retencion(
        nombre="IRPF", porcentaje=D("7.5"), desde=hoy(), motivo="ley", actor=ANA, afiliado=ada
    )
    comisiones = [
        fabricas.aprobada(de=ada, en=dolares, valor="100.10"),
        fabricas.aprobada(de=ada, en=dolares, valor="50"),
        fabricas.aprobada(de=ada, en=euros, valor="20"),
        fabricas.aprobada(de=bea, en=dolares, valor="30.30"),
    ]
    ajuste(ada, "-1.01")
    relato.empezar()
    return comisiones


def test_pago_suelto(relato: Relato, debido: list[Any], pasarela: Any) -> None:
    """One arrives and comes back, one is refused and tried again, one is nobody knows where."""
    ids = [c.id_publico for c in debido]
    hechos = relato.paso(
        "Se programa lo debido", lambda: pagos.programar_pagos(comisiones_ids=ids, actor=PRUEBAS)
    )
    assert hechos is not None
    llega, falla, dudoso = hechos
    relato.paso("El primero llega", lambda: ejecutar_pago(pago_pk=llega.pk, actor=PRUEBAS))
    pasarela.accidentes[:] = ["rechaza"]
    relato.paso("El segundo falla", lambda: ejecutar_pago(pago_pk=falla.pk, actor=PRUEBAS))
    pasarela.accidentes[:] = ["falla_despues"]
    relato.paso("Del tercero no se sabe", lambda: ejecutar_pago(pago_pk=dudoso.pk, actor=PRUEBAS))
    relato.paso("Otra vez, nada", lambda: ejecutar_pago(pago_pk=dudoso.pk, actor=PRUEBAS))
    relato.paso("La pasarela lo sabe", lambda: reanudar_pago(pago_pk=dudoso.pk, actor=PRUEBAS))
    vuelta = Respuesta("devuelto", detalle="AC04")
    for vez in ("El primero vuelve", "Otra vez, nada"):
        relato.paso(vez, lambda: resolver_pago(pago_pk=llega.pk, respuesta=vuelta, actor=PRUEBAS))
    nuevo = relato.paso(
        "El fallido se reintenta", lambda: pagos.reintentar_pago(pago=falla, actor=LUIS)
    )
    relato.paso("Dos veces no", lambda: pagos.reintentar_pago(pago=falla, actor=LUIS))
    relato.paso("El pagado tampoco", lambda: pagos.reintentar_pago(pago=dudoso, actor=LUIS))
    relato.paso(
        "El nuevo se anula", lambda: pagos.anular_pago(pago=nuevo, actor=LUIS, motivo=" mal ")
    )
    relato.paso("Y no otra vez", lambda: pagos.anular_pago(pago=nuevo, actor=LUIS, motivo="mal"))
    relato.paso(
        "Lo que volvió, y la deuda, con lo siguiente",
        lambda: pagos.programar_pagos(comisiones_ids=ids, actor=PRUEBAS),
    )


def test_interrumpido(relato: Relato, debido: list[Any], pasarela: Any) -> None:
    """Sent again with the same key when the gateway never heard of it, and not too late."""
    ids = [c.id_publico for c in debido[3:]]
    hechos = pagos.programar_pagos(comisiones_ids=ids, actor=PRUEBAS)
    relato.empezar()
    pasarela.accidentes[:] = ["falla_antes", "falla_antes"]
    pk = hechos[0].pk
    relato.paso("Se corta antes", lambda: ejecutar_pago(pago_pk=pk, actor=PRUEBAS))
    pasarela.ventana = timedelta(seconds=59)
    relato.paso("La pasarela ya no se acuerda", lambda: reanudar_pago(pago_pk=pk, actor=PRUEBAS))
    pasarela.ventana = timedelta(seconds=120)
    relato.paso("Se acuerda aún: se reenvía", lambda: reanudar_pago(pago_pk=pk, actor=PRUEBAS))
    pasarela.ventana = None
    relato.paso("Otra vez, y llega", lambda: reanudar_pago(pago_pk=pk, actor=PRUEBAS))
    relato.paso("Nada más", lambda: reanudar_pago(pago_pk=pk, actor=PRUEBAS))


def test_barrido(relato: Relato, debido: list[Any], settings: Any, pasarela: Any) -> None:
    """Each thing when its wait is over and not before."""
    settings.PAGOS_SEGUNDOS_BARRIDO, settings.PAGOS_SEGUNDOS_INCIERTO = 60, 90

    def barrer() -> None:
        relato.dice("barrido", barrer_pagos(actor=PRUEBAS))

    relato.paso("Aún no", barrer)
    relato.paso("Se programa", barrer, segundos=1)
    relato.paso("Aún no se encola otra vez", barrer)
    relato.paso("Se encola otra vez", barrer, segundos=1)
    pasarela.accidentes[:] = ["falla_despues"]
    primero = Pago.objects.order_by("pk")[0]
    ejecutar_pago(pago_pk=primero.pk, actor=PRUEBAS)
    relato.paso("Aún no se pregunta", barrer, segundos=90)
    relato.paso("Se pregunta", barrer, segundos=1)


def test_lote(relato: Relato, debido: list[Any], settings: Any, pasarela: Any) -> None:
    """Proposed, frozen, sent back, released, executed, retried in part, closed."""
    settings.PAGOS_AUTOMATICOS = False
    bloqueada = fabricas.afiliado(nombre="Caro", email="c@example.com", minimo_pago=D("5.01"),
                                  moneda_comision="USD")  # fmt: skip
    fabricas.aprobada(de=bloqueada, en=debido[0].campana, valor="50")
    relato.empezar()
    lote = relato.paso(
        "Luis propone",
        lambda: propuesta.proponer_lote(moneda="USD", pasarela="pruebas", actor=LUIS),
    )
    assert lote is not None
    relato.paso("Luis congela", lambda: ciclo.congelar_lote(lote=lote, actor=LUIS))
    relato.paso("Luis no libera", lambda: ciclo.liberar_lote(lote=lote, actor=LUIS))
    relato.paso(
        "Eva devuelve", lambda: ciclo.devolver_lote(lote=lote, actor=EVA, motivo=" falta algo ")
    )
    relato.paso(
        "Un borrador no", lambda: ciclo.devolver_lote(lote=lote, actor=EVA, motivo="otra vez")
    )
    ciclo.congelar_lote(lote=lote, actor=LUIS)
    relato.empezar()
    relato.paso("Eva libera", lambda: ciclo.liberar_lote(lote=lote, actor=EVA))
    relato.paso("Se ejecuta", lambda: ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS))
    relato.paso("Otra vez, nada", lambda: ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS))
    pasarela.accidentes[:] = ["", "rechaza"]
    uno = lote.pagos.order_by("pk")[0]
    relato.paso("Salen los dos", lambda: ejecutar_pago(pago_pk=uno.pk, actor=PRUEBAS))
    relato.paso(
        "Se reintenta el fallido", lambda: reintento.reintentar_fallidos(lote=lote, actor=LUIS)
    )
    relato.paso("No queda ninguno", lambda: reintento.reintentar_fallidos(lote=lote, actor=LUIS))
    nuevo = lote.pagos.order_by("pk")[2]
    relato.paso("Llega", lambda: ejecutar_pago(pago_pk=nuevo.pk, actor=PRUEBAS))
    relato.paso("Luis cierra", lambda: ciclo.cerrar_lote(lote=lote, actor=LUIS, motivo=" listo "))


def test_lote_descartado(relato: Relato, debido: list[Any], settings: Any) -> None:
    """A payment leaves a draft of one campaign, which is made again and dropped."""
    settings.PAGOS_AUTOMATICOS = False
    lote = propuesta.proponer_lote(
        moneda="USD", pasarela="pruebas", actor=LUIS, campana=debido[0].campana
    )
    relato.empezar()
    uno = lote.pagos.order_by("pk")[0]
    relato.paso(
        "Sale un pago del lote", lambda: pagos.anular_pago(pago=uno, actor=LUIS, motivo="no toca")
    )
    otro = relato.paso("Se rehace", lambda: propuesta.rehacer_lote(lote=lote, actor=LUIS))
    relato.paso(
        "Se descarta", lambda: propuesta.descartar_lote(lote=otro, actor=ANA, motivo=" no ")
    )
    relato.paso(
        "De otra campaña no hay nada",
        lambda: propuesta.proponer_lote(
            moneda="USD", pasarela="pruebas", actor=LUIS, campana=debido[2].campana
        ),
    )
    relato.paso(
        "Lo que no está configurado",
        lambda: propuesta.proponer_lote(moneda="USD", pasarela="otra", actor=LUIS),
    )


def test_lote_por_porciones(
    relato: Relato, debido: list[Any], settings: Any, por_porciones: None
) -> None:
    """Proposed and dropped by a task, in the name of whoever asked."""
    settings.PAGOS_AUTOMATICOS = False
    for n in range(3):
        de = fabricas.afiliado(nombre=f"Socia {n}", email=f"s{n}@example.com")
        fabricas.aprobada(de=de, en=debido[0].campana, valor="10")
        fabricas.aprobada(de=de, en=debido[0].campana, valor="20")
    relato.empezar()
    lote = relato.paso(
        "Se propone",
        lambda: propuesta.proponer_lote(moneda="USD", pasarela="pruebas", actor=LUIS),
    )
    assert lote is not None

    def avanzar() -> None:
        relato.dice("queda", avance._avanzar_porcion(lote.pk))

    relato.paso("Otra porción", avanzar)
    relato.paso("Y otra", avanzar)
    relato.paso("Nada", avanzar)
    relato.paso(
        "Se descarta", lambda: propuesta.descartar_lote(lote=lote, actor=ANA, motivo="no toca")
    )
    otro = relato.paso(
        "Mientras se suelta, otro espera",
        lambda: propuesta.proponer_lote(moneda="USD", pasarela="pruebas", actor=LUIS),
    )
    assert otro is not None
    relato.paso("Y no avanza", lambda: relato.dice("queda", avance._avanzar_porcion(otro.pk)))
    for que in ("Se suelta otra porción", "Y otra", "Ya está", "Nada"):
        relato.paso(que, avanzar)


def test_reintento_por_porciones(
    relato: Relato, debido: list[Any], settings: Any, monkeypatch: Any, pasarela: Any
) -> None:
    """One at a time, and the rest in the name of whoever asked."""
    settings.PAGOS_AUTOMATICOS = False
    lote = propuesta.proponer_lote(moneda="USD", pasarela="pruebas", actor=LUIS)
    ciclo.congelar_lote(lote=lote, actor=LUIS)
    ciclo.liberar_lote(lote=lote, actor=EVA)
    ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    pasarela.accidentes[:] = ["rechaza", "rechaza"]
    ejecutar_pago(pago_pk=lote.pagos.order_by("pk")[0].pk, actor=PRUEBAS)
    terminar_lote(lote_pk=lote.pk, actor=PRUEBAS)
    relato.empezar()
    monkeypatch.setattr(reintento, "REINTENTOS", 1)
    relato.paso("El primero", lambda: reintento.reintentar_fallidos(lote=lote, actor=EVA))
    for _vez in range(3):
        relato.paso("Los demás", lambda: relato.dice("queda", avance._avanzar_porcion(lote.pk)))


def test_fichero(relato: Relato, settings: Any) -> None:
    """A batch in a file for the bank: taken, decided by persons."""
    settings.SEPA_IBAN, settings.SEPA_NOMBRE, settings.SEPA_BIC = NUESTRA, "Alpes", "COBADEFFXXX"
    settings.PAGOS_OTRAS_PASARELAS = ["comisiones.pagos.pasarelas.sepa.PasarelaSepa"]
    settings.PAGOS_AUTOMATICOS = False
    en = fabricas.campana(moneda="EUR")
    for n in range(3):
        de = fabricas.afiliado(nombre=f"Socia {n}", email=f"s{n}@example.com")
        fabricas.cuenta(de)
        fabricas.aprobada(de=de, en=en, valor=f"{100 + n}.10")
    lote = propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=LUIS)
    ciclo.congelar_lote(lote=lote, actor=LUIS)
    ciclo.liberar_lote(lote=lote, actor=EVA)
    de.cuenta.reiniciar_espera()
    relato.empezar()
    relato.paso("Se escribe", lambda: ciclo.ejecutar_lote(lote_pk=lote.pk, actor=PRUEBAS))
    relato.paso("Luis lo descarga", lambda: entregar_fichero(lote=lote, actor=LUIS) and None)
    llega, no_llega, _fuera = Pago.objects.order_by("pk")
    relato.paso(
        "Luis dice que uno llegó",
        lambda: decidir_pago(pago=llega, pagado=True, actor=LUIS, motivo=" lo vi "),
    )
    relato.paso(
        "Y que otro no",
        lambda: proponer_no_pagado(pago=no_llega, actor=LUIS, motivo=" no está "),
    )
    relato.paso("Eva lo confirma", fabricas.confirmar_lo_propuesto)
    relato.paso(
        "De lo resuelto no se decide",
        lambda: decidir_pago(pago=llega, pagado=False, actor=LUIS, motivo="lo vi"),
    )
    relato.paso(
        "En fichero no se reintenta", lambda: pagos.reintentar_pago(pago=no_llega, actor=LUIS)
    )
    otro = relato.paso(
        "Va en otro lote",
        lambda: propuesta.proponer_lote(moneda="EUR", pasarela="sepa", actor=EVA),
    )
    relato.paso("Que se congela", lambda: ciclo.congelar_lote(lote=otro, actor=EVA))
    relato.paso(
        "Y no libera quien lo dio por no pagado",
        lambda: ciclo.liberar_lote(lote=LotePago.objects.get(pk=otro.pk), actor=LUIS),
    )
