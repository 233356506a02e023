"""Every place where a payment's process can die ends, after a sweep, paid exactly once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.services import actualizar_afiliado, bloquear_afiliado
from comisiones.comision.models import Comision
from comisiones.libro.models import Asiento
from comisiones.libro.selectors import saldos
from comisiones.models import Pago
from comisiones.pagos.barrido import barrer_pagos
from comisiones.pagos.pago.envio import _enviar, ejecutar_pago
from comisiones.pagos.pasarelas.archivo import PasarelaArchivo
from tests import fabricas
from tests.comisiones.pagos.fabrica import ficheros
from tests.comisiones.pagos.pasarelas.pruebas import Caida, PasarelaDePruebas
from tests.fabricas import ANA, PRUEBAS

pytestmark = pytest.mark.django_db


def barrer_mas_tarde(minutos: int = 5) -> dict[str, int]:
    """A sweep after the time in which a payment may be on its way."""
    with time_machine.travel(timezone.now() + timedelta(minutes=minutos)):
        return barrer_pagos(actor=PRUEBAS)


def comprobar_pagado_una_vez(pago: Pago) -> None:
    """States, one pair of entries, nothing owed, one event of each."""
    pago.refresh_from_db()
    suya = Comision.objects.get()
    assert (pago.estado, suya.estado) == ("pagado", "pagada")
    assert Asiento.objects.filter(origen=pago.id_publico).count() == 2
    assert saldos(suya.afiliado) == {"USD": Decimal(0)}
    assert fabricas.eventos_de(pago.id_publico).count("PagoConfirmado") == 1
    assert fabricas.eventos_de(suya.id_publico).count("ComisionPagada") == 1


def morir_antes_de_enviar(pago: Pago) -> None:
    """The intent is committed and the process dies."""
    fabricas.reclamado(pago)


def morir_con_el_fichero_escrito(pago: Pago) -> None:
    """The money has left and the process dies before saying so."""
    orden = fabricas.reclamado(pago)
    PasarelaArchivo().enviar(orden)


def morir_a_mitad_del_fichero(pago: Pago) -> None:
    """Half a file under its temporary name."""
    orden = fabricas.reclamado(pago)
    ruta = PasarelaArchivo()._ruta(orden)
    ruta.parent.mkdir(parents=True)
    ruta.with_suffix(".999.tmp").write_bytes(b"pago_id,cla")


@pytest.mark.parametrize(
    "morir", [morir_antes_de_enviar, morir_con_el_fichero_escrito, morir_a_mitad_del_fichero]
)
def test_caidas_con_ficheros(morir: Callable[[Pago], None], settings: Any) -> None:
    """With the real gateway: one file, whole, at the end."""
    pago = fabricas.pago()
    morir(pago)
    ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)  # The broker gives the task to another worker.
    pago.refresh_from_db()
    assert pago.estado == "enviando"
    assert barrer_pagos(actor=PRUEBAS)["reanudados"] == 0, "it may still be on its way"
    assert barrer_mas_tarde()["reanudados"] == 1
    comprobar_pagado_una_vez(pago)
    assert len([f for f in ficheros(settings.PAGOS_DIR) if f.suffix == ".csv"]) == 1
    antes = fabricas.foto()
    barrer_mas_tarde(60)
    assert fabricas.foto() == antes


@pytest.mark.parametrize(
    "accidente", ["falla_antes", "falla_despues", "muere_antes", "muere_despues", "no_sabe"]
)
def test_caidas_con_un_banco(accidente: str, pasarela: type[PasarelaDePruebas]) -> None:
    """A bank that fails before or after it paid, and a process that dies before or after."""
    pasarela.accidentes.append(accidente)
    pago = fabricas.pago()
    if accidente.startswith("muere"):
        with pytest.raises(Caida):
            ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    else:
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == ("enviando" if accidente.startswith("muere") else "incierto")
    barrer_mas_tarde()
    comprobar_pagado_una_vez(pago)
    assert len(pasarela.pagadas) == 1
    # Sent again only when the bank had never heard of it.
    assert len(pasarela.envios) == (2 if accidente.endswith("antes") else 1)


def test_dos_caidas_seguidas(pasarela: type[PasarelaDePruebas]) -> None:
    """The sweep itself may die while it sends again."""
    pasarela.accidentes += ["muere_antes", "muere_despues"]
    pago = fabricas.pago()
    with pytest.raises(Caida):
        ejecutar_pago(pago_pk=pago.pk, actor=PRUEBAS)
    with pytest.raises(Caida):
        barrer_mas_tarde()
    barrer_mas_tarde(30)
    comprobar_pagado_una_vez(pago)
    assert len(pasarela.pagadas) == 1


def test_un_rechazo_que_se_sabe_tarde(pasarela: type[PasarelaDePruebas]) -> None:
    """The answer was lost and it was a no: the commission comes back, nothing is sent again."""
    pago = fabricas.pago()
    orden = fabricas.reclamado(pago)
    pasarela.rechazadas.add(orden.clave)
    barrer_mas_tarde()
    pago.refresh_from_db()
    assert (pago.estado, Comision.objects.get().estado) == ("fallido", "aprobada")
    assert pasarela.envios == []


def test_uno_sin_respuesta_no_para_a_los_demas(pasarela: type[PasarelaDePruebas]) -> None:
    """The oldest one cannot be asked about: those behind it are resumed all the same."""
    mudo, otro = fabricas.pago(), fabricas.pago()
    for pago in (mudo, otro):
        fabricas.reclamado(pago)
    pasarela.no_responde.add(mudo.id_publico)
    assert barrer_mas_tarde()["reanudados"] == 2
    mudo.refresh_from_db()
    otro.refresh_from_db()
    assert (mudo.estado, otro.estado) == ("incierto", "pagado")
    pasarela.no_responde.clear()
    barrer_mas_tarde(30)
    mudo.refresh_from_db()
    assert mudo.estado == "pagado"


def test_bloqueado_a_mitad_de_un_envio(pasarela: type[PasarelaDePruebas]) -> None:
    """What never arrived is not sent to a blocked affiliate; what was paid is recorded."""
    afiliado = fabricas.afiliado()
    perdido, pagado = fabricas.pago(de=afiliado), fabricas.pago(de=afiliado)
    fabricas.reclamado(perdido)
    orden = fabricas.reclamado(pagado)
    PasarelaDePruebas().enviar(orden)
    bloquear_afiliado(afiliado=afiliado, actor=ANA, motivo="fraude")
    barrer_mas_tarde()
    perdido.refresh_from_db()
    pagado.refresh_from_db()
    assert (perdido.estado, pagado.estado) == ("incierto", "pagado")
    assert list(pasarela.pagadas) == [pagado.id_publico]


def test_la_tarea_se_pierde_con_la_cola() -> None:
    """A payment that nobody took is queued again by the sweep, not at once but soon."""
    fabricas.pago()
    assert barrer_pagos(actor=PRUEBAS)["encolados"] == 0
    assert barrer_mas_tarde(1)["encolados"] == 1


def test_cambia_de_nombre_a_mitad_de_un_envio(settings: Any) -> None:
    """The file is written and its payee is renamed before anybody asks: it is the same payment."""
    pago = fabricas.pago()
    morir_con_el_fichero_escrito(pago)
    actualizar_afiliado(afiliado=pago.afiliado, cambios={"nombre": "Ada L."}, actor=ANA)
    barrer_mas_tarde()
    comprobar_pagado_una_vez(pago)


def test_un_fichero_ajeno_con_su_nombre(settings: Any) -> None:
    """A file that says another amount proves nothing: a person looks into it."""
    pago = fabricas.pago()
    orden = fabricas.reclamado(pago)
    ruta = PasarelaArchivo()._ruta(orden)
    ruta.parent.mkdir(parents=True)
    ruta.write_bytes(b"otra cosa")
    _enviar({pago.pk: orden}, PRUEBAS)
    barrer_mas_tarde()
    pago.refresh_from_db()
    assert pago.estado == "incierto"
    assert ruta.read_bytes() == b"otra cosa"
