"""Every sweep that takes so many at a time: more of them stuck for good than it takes do not keep
the last one from its turn."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado import cambio
from afiliados.afiliado.models import Afiliado, CondicionesAfiliado
from afiliados.afiliado.services import actualizar_afiliado
from alpespartner.comun import cola
from alpespartner.comun.identificadores import nuevo_id
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas import services as propuestas
from alpespartner.comun.rondas import Ronda
from comisiones.comision.models import Comision
from comisiones.models import (
    ExtractoBanco,
    ExtractoPendiente,
    LotePago,
    Pago,
    Simulacion,
)
from comisiones.pagos import barrido
from comisiones.pagos.conciliacion import extractos
from comisiones.pagos.lotes import avance, ciclo
from comisiones.retenciones.services import hoy, publicar_retencion
from comisiones.revision import services as revision
from comisiones.simulaciones import services as simulaciones
from conversiones.campanas.propuestas import proponer_predeterminada
from conversiones.ventas import devoluciones
from conversiones.ventas.models import DevolucionPendiente
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS, hace

pytestmark = pytest.mark.django_db
N, DE_VEZ = 5, 2
VUELTAS = 3


@pytest.fixture
def encoladas(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keys of the tasks that were queued: nobody works them, as when each of them fails."""
    claves: list[int] = []
    monkeypatch.setattr(cola, "encolar", lambda _tarea, *suyas, **_d: claves.extend(suyas))
    monkeypatch.setattr(cola, "encolar_cada", lambda _tarea, suyas: claves.extend(suyas))
    return claves


@pytest.fixture(autouse=True)
def _desde_el_principio(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins at the first row, with short turns."""
    for modulo, rondas in (
        (avance, ["_A_MEDIAS"]), (ciclo, ["_LIBERADOS", "_EN_MARCHA"]),
        (extractos, ["_PARADOS"]), (devoluciones, ["_OLVIDADAS"]), (revision, ["_VACIAS"]),
        (propuestas, ["_VENCIDAS"]), (cambio, ["_VENCIDAS"]),
        (barrido, ["_LISTOS", "_COLGADOS", "_GRUPOS"]),
    ):  # fmt: skip
        for ronda in rondas:
            monkeypatch.setattr(modulo, ronda, Ronda())
    for modulo in (avance, ciclo, extractos, simulaciones):
        monkeypatch.setattr(modulo, "A_LA_VEZ", DE_VEZ)
    for modulo in (propuestas, cambio):
        monkeypatch.setattr(modulo, "_POR_VUELTA", DE_VEZ)
    nuevas = {estado: Ronda() for estado in simulaciones._SIN_NOTICIAS}
    monkeypatch.setattr(simulaciones, "_SIN_NOTICIAS", nuevas)


def lotes(estado: str, **datos: Any) -> list[int]:
    antes = hace(days=9)
    for _n in range(N):
        LotePago.objects.create(
            id_publico=nuevo_id("lote"), moneda="USD", pasarela="archivo", estado=estado,
            preparado_por="persona:2", creado_en=antes, actualizado_en=antes, **datos,
        )  # fmt: skip
    return list(LotePago.objects.order_by("pk").values_list("pk", flat=True))


def varias(barrer: Callable[[], object]) -> None:
    """As many turns as it takes to look at all."""
    for _vuelta in range(VUELTAS):
        barrer()


def ahora() -> Any:
    return timezone.now() + timedelta(minutes=1)


def test_los_lotes_a_medias(encoladas: list[int]) -> None:
    claves = lotes("proponiendo", propuesto_hasta=0)
    varias(lambda: avance.barrer_a_medias(antes_de=ahora()))
    assert set(encoladas) == set(claves)
    assert len(encoladas) == VUELTAS * DE_VEZ


@pytest.mark.parametrize(
    ("estado", "que"), [("aprobado", "ejecutar_lote"), ("en_ejecucion", "terminar_lote")]
)
def test_los_lotes_liberados_y_los_que_acaban(
    monkeypatch: pytest.MonkeyPatch, estado: str, que: str
) -> None:
    claves, intentados = lotes(estado), []

    def atascado(*, lote_pk: int, actor: Any) -> None:
        intentados.append(lote_pk)
        raise RuntimeError("no se escribe")

    monkeypatch.setattr(ciclo, que, atascado)
    varias(lambda: ciclo.barrer_lotes(antes_de=ahora(), actor=PRUEBAS))
    assert set(intentados) == set(claves)


def test_los_extractos(encoladas: list[int]) -> None:
    for n in range(N):
        extracto = ExtractoBanco(
            id_publico=nuevo_id("ext"), nombre="x", huella=f"{n}", movimientos=1,
            importado_por="persona:2",
        )  # fmt: skip
        extracto.save()
        ExtractoPendiente.objects.create(extracto=extracto, actualizado_en=hace(days=1))
    varias(lambda: extractos.barrer_extractos(antes_de=ahora()))
    assert set(encoladas) == set(ExtractoBanco.objects.values_list("pk", flat=True))


def test_las_simulaciones(monkeypatch: pytest.MonkeyPatch) -> None:
    encoladas: list[int] = []
    monkeypatch.setattr(simulaciones, "encolar", encoladas.append)
    for estado in ("encolada", "en_curso"):
        for n in range(N):
            Simulacion.objects.create(
                id_publico=nuevo_id("sim"), nombre="x", desde=hace(days=9), hasta=hace(days=1),
                intervalo="dia", estado=estado, creada_por="persona:1",
                actualizado_en=hace(days=n + 1),
            )  # fmt: skip
    varias(simulaciones.barrer_simulaciones)
    assert set(encoladas) == set(Simulacion.objects.values_list("pk", flat=True))


def test_las_devoluciones_cuya_venta_llego(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of those that cannot be applied, none hides the last one, which can."""
    venta = fabricas.conversion(referencia_externa="v-1")
    for n in range(N):
        DevolucionPendiente.objects.create(
            campana=venta.campana, referencia_externa="v-1", tipo="devolucion", monto=Decimal(1),
            id_externo=f"d-{n}", actor="persona:1", ocurrido_en=hace(days=1),
        )  # fmt: skip
    ultima = DevolucionPendiente.objects.latest("pk").pk
    aplicar = devoluciones._aplicar_olvidada

    def casi(pk: int) -> bool:
        if pk != ultima:
            raise RuntimeError("ilegible")
        return aplicar(pk)

    monkeypatch.setattr(devoluciones, "_aplicar_olvidada", casi)
    varias(lambda: devoluciones.barrer_pendientes(limite=DE_VEZ))
    assert DevolucionPendiente.objects.exclude(resuelta_en=None).get().pk == ultima
    venta.refresh_from_db()
    assert venta.estado == "revertida_parcial"


def test_las_comisiones_sin_importe(monkeypatch: pytest.MonkeyPatch) -> None:
    for _n in range(N):
        suya = fabricas.comision(valor="0.02")
        Comision.objects.filter(pk=suya.pk).update(estado="aprobada", monto=0)
    ultima = Comision.objects.latest("pk").pk
    cerrar = revision._cerrar_vacia

    def casi(vacias: Any, pk: int, actor: Any) -> bool:
        if pk != ultima:
            raise RuntimeError("ilegible")
        return cerrar(vacias, pk, actor)

    monkeypatch.setattr(revision, "_cerrar_vacia", casi)
    varias(lambda: revision.cerrar_sin_importe(actor=PRUEBAS, limite=DE_VEZ))
    assert Comision.objects.exclude(estado="aprobada").get().pk == ultima


def test_las_propuestas_que_caducan(monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(N):
        proponer_predeterminada(campana=fabricas.campana(nombre=f"{n}"), actor=ANA, motivo="m")
    Propuesta.objects.update(caduca_en=timezone.now())
    ultima = Propuesta.objects.latest("pk")
    caducar = propuestas._caducar

    def casi(propuesta: Propuesta) -> bool:
        if propuesta.pk != ultima.pk:
            raise RuntimeError("ilegible")
        return caducar(propuesta)

    monkeypatch.setattr(propuestas, "_caducar", casi)
    varias(propuestas.caducar_propuestas)
    ultima.refresh_from_db()
    assert ultima.estado == "caducada"
    assert Propuesta.objects.filter(estado="caducada").count() == 1


def test_las_condiciones_que_empiezan() -> None:
    for _n in range(N):
        actualizar_afiliado(
            afiliado=fabricas.afiliado(), cambios={"comision_base": Decimal(11)}, actor=ANA,
            motivo="m", desde=timezone.now() + timedelta(hours=1),
        )  # fmt: skip
    ultimo = Afiliado.objects.latest("pk")
    CondicionesAfiliado.objects.filter(aplicada_en=None).exclude(afiliado=ultimo).update(
        campos=["no_hay"]
    )
    with time_machine.travel(timezone.now() + timedelta(hours=2)):
        varias(cambio.aplicar_condiciones_vencidas)
    ultimo.refresh_from_db()
    assert ultimo.comision_base == 11
    assert CondicionesAfiliado.objects.filter(aplicada_en=None).count() == N - 1


def test_los_pagos_por_enviar(encoladas: list[int]) -> None:
    claves = {fabricas.pago().pk for _n in range(N)}
    encoladas.clear()
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        varias(lambda: barrido.barrer_pagos(actor=PRUEBAS, limite=DE_VEZ))
    assert set(encoladas) == claves


def test_los_pagos_por_preguntar(monkeypatch: pytest.MonkeyPatch) -> None:
    claves = {fabricas.pago().pk for _n in range(N)}
    Pago.objects.update(estado="incierto")
    preguntados = []

    def atascado(*, pago_pk: int, actor: Any) -> None:
        preguntados.append(pago_pk)
        raise RuntimeError("no contesta")

    monkeypatch.setattr(barrido, "reanudar_pago", atascado)
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        varias(lambda: barrido.barrer_pagos(actor=PRUEBAS, limite=DE_VEZ))
        assert set(preguntados) == claves
        # Nor when the gateway takes all the time that there is for each of them.
        preguntados.clear()
        monkeypatch.setattr(barrido, "SEGUNDOS_PREGUNTANDO", -1)
        for _vuelta in range(N):
            barrido.barrer_pagos(actor=PRUEBAS)
    assert sorted(preguntados) == sorted(claves)


def test_a_quien_no_se_puede_pagar(settings: Any) -> None:
    """Somebody from whom all is withheld is only known with the rows locked."""
    settings.PAGOS_AUTOMATICOS = True
    for n in range(N):
        de = fabricas.afiliado()
        fabricas.aprobada(de=de, valor="0.10")
        if n < N - 1:
            publicar_retencion(
                nombre="IVA", porcentaje=Decimal(99), desde=hoy(), motivo="m", actor=ANA,
                afiliado=de,
            )  # fmt: skip
    assert not Pago.objects.exists()
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        varias(lambda: barrido.barrer_pagos(actor=PRUEBAS, limite=DE_VEZ))
    assert Pago.objects.get().afiliado == Afiliado.objects.latest("pk")


def test_una_tanda_grande_que_no_se_puede_pagar(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor by how many commissions it has."""
    settings.PAGOS_AUTOMATICOS = True
    monkeypatch.setattr(barrido, "A_PROGRAMAR", 2)
    vistas = []
    monkeypatch.setattr(
        barrido, "programar_pagos",
        lambda *, comisiones_ids, actor: vistas.extend(comisiones_ids) or [],
    )  # fmt: skip
    primera = fabricas.afiliado()
    for _n in range(3):
        fabricas.aprobada(de=primera)
    otra = fabricas.aprobada()
    with time_machine.travel(timezone.now() + timedelta(minutes=10)):
        varias(lambda: barrido.barrer_pagos(actor=PRUEBAS))
    assert otra.id_publico in vistas
