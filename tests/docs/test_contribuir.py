"""The examples of ``docs/contribuir.md`` run as they stand there, in the files that they name.

A block says its file in its first line. One for a file that exists is run in a copy of that
module's names, which then gets what the block defines; one for a new file becomes a module. All of
it is undone after each test.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.urls import reverse

from comisiones.admin.comision.pagina import ACCIONES, ComisionAdmin
from comisiones.comision.models import Comision
from comisiones.pagos.pago.bloqueo import orden_de
from comisiones.pagos.pago.envio import ejecutar_pago, reanudar_pago
from comisiones.pagos.pasarelas.interfaz import Pasarela, pasarela_de
from outbox import registro
from outbox.consumo import CONSUMIDORES
from outbox.errores import FueraDeTransaccion
from outbox.models import EventoProcesado, OutboxEvent
from outbox.publicacion import publicar
from tests import fabricas

pytestmark = pytest.mark.django_db

DOCUMENTO = Path(settings.BASE_DIR) / "docs" / "contribuir.md"
BLOQUES = dict(re.findall(r"^```python (\w+)\n(.*?)^```$", DOCUMENTO.read_text(), re.M | re.S))
MOTIVO = "No es mi tarifa."


@pytest.fixture(autouse=True)
def _registros(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Events and consumers that a test declares are forgotten after it."""
    monkeypatch.setattr(registro, "TIPOS", dict(registro.TIPOS))
    monkeypatch.setattr(registro, "_POR_CLASE", dict(registro._POR_CLASE))
    antes = dict(CONSUMIDORES)
    yield
    CONSUMIDORES.clear()
    CONSUMIDORES.update(antes)


def poner(monkeypatch: pytest.MonkeyPatch, *nombres: str) -> Any:
    """Run blocks where they say; returns the module of the last one."""
    modulo: ModuleType | None = None
    for nombre in nombres:
        codigo = BLOQUES[nombre]
        ruta = codigo.partition("\n")[0].removeprefix("# ")
        punteado = ruta.removesuffix(".py").replace("/", ".")
        ejecutable = compile(codigo, ruta, "exec")
        if (Path(settings.BASE_DIR) / ruta).exists():
            modulo = import_module(punteado)
            antes = dict(vars(modulo))
            espacio = dict(antes)
            exec(ejecutable, espacio)  # noqa: S102 - our own document
            for nuevo in espacio.keys() - antes.keys():
                monkeypatch.setattr(modulo, nuevo, espacio[nuevo], raising=False)
        else:
            modulo = ModuleType(punteado)
            monkeypatch.setitem(sys.modules, punteado, modulo)
            exec(ejecutable, vars(modulo))  # noqa: S102 - our own document
    return modulo


def reclamable(monkeypatch: pytest.MonkeyPatch, *mas: str) -> Any:
    """The service of the story, with what else a test needs of it."""
    poner(monkeypatch, "evento", "servicio", *mas)
    return import_module("comisiones.revision.services").reclamar_comision


def test_el_evento_sale_con_su_hecho(monkeypatch: pytest.MonkeyPatch) -> None:
    reclamar = reclamable(monkeypatch)
    comision = fabricas.comision()
    actual = reclamar(comision=comision, actor=fabricas.ANA, motivo=MOTIVO)
    evento = OutboxEvent.objects.get(type="ComisionReclamada")
    assert (evento.aggregateid, evento.aggregate_version) == (comision.id_publico, actual.version)
    assert (evento.aggregatetype, MOTIVO in evento.payload) == ("comisiones", True)


@pytest.mark.django_db(transaction=True)
def test_fuera_de_una_transaccion_no_se_publica(monkeypatch: pytest.MonkeyPatch) -> None:
    eventos = poner(monkeypatch, "evento")
    with pytest.raises(FueraDeTransaccion):
        publicar(eventos.ComisionReclamada(comision_id="com_1", motivo=MOTIVO), version=1)
    assert not OutboxEvent.objects.exists()


def test_el_consumidor_reacciona_una_vez(monkeypatch: pytest.MonkeyPatch) -> None:
    reclamar = reclamable(monkeypatch, "consumidor")
    comision = fabricas.comision()
    fabricas.entregar_todo()
    reclamar(comision=comision, actor=fabricas.ANA, motivo=MOTIVO)
    fabricas.entregar_todo()
    comision.refresh_from_db()
    assert (comision.estado, comision.motivo) == ("retenida", MOTIVO)
    assert EventoProcesado.objects.filter(suscripcion="reclamos").count() == 1
    # One that was approved in between is left alone.
    otra = fabricas.aprobada(de=comision.afiliado, en=comision.campana)
    reclamar(comision=otra, actor=fabricas.ANA, motivo=MOTIVO)
    fabricas.entregar_todo()
    otra.refresh_from_db()
    assert otra.estado != "retenida"
    assert EventoProcesado.objects.filter(suscripcion="reclamos").count() == 2


class Tienda(ModuleType):
    """A shop that credits each key once, and may go silent after it did."""

    class Rechazado(Exception):
        """No."""

    def __init__(self) -> None:
        super().__init__("tienda")
        self.abonos: dict[str, tuple[str, str]] = {}
        self.calla = self.rechaza = False

    def abonar(self, clave: str, cliente: str, importe: str) -> str:
        if self.rechaza:
            raise self.Rechazado("cliente desconocido")
        self.abonos.setdefault(clave, (cliente, importe))
        if self.calla:
            raise TimeoutError
        return f"abono-{clave}"

    def buscar(self, clave: str) -> str | None:
        return f"abono-{clave}" if clave in self.abonos else None


@pytest.fixture
def tienda(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Tienda:
    """The shop, and its gateway as the default one."""
    nueva = Tienda()
    monkeypatch.setitem(sys.modules, "tienda", nueva)
    poner(monkeypatch, "pasarela")
    settings.PAGOS_PASARELA = "comisiones.pagos.pasarelas.monedero.PasarelaMonedero"
    return nueva


def test_la_pasarela_es_una_pasarela(tienda: Tienda) -> None:
    clase: Any = type(pasarela_de("monedero"))
    for atributo in Pasarela.__annotations__:
        assert hasattr(clase, atributo)
    for metodo in ("enviar", "consultar"):
        suya, pedida = (inspect.signature(getattr(c, metodo)) for c in (clase, Pasarela))
        assert list(suya.parameters) == list(pedida.parameters)


def test_la_pasarela_paga(tienda: Tienda) -> None:
    pago = fabricas.pago()
    ejecutar_pago(pago_pk=pago.pk, actor=fabricas.PRUEBAS)
    pago.refresh_from_db()
    assert (pago.estado, pago.pasarela) == ("pagado", "monedero")
    assert tienda.abonos == {pago.id_publico: (pago.afiliado.id_publico, "10.00")}


def test_lo_que_la_tienda_no_contesto_se_pregunta(tienda: Tienda) -> None:
    pago = fabricas.pago()
    tienda.calla = True
    ejecutar_pago(pago_pk=pago.pk, actor=fabricas.PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == "incierto"
    tienda.calla = False
    reanudar_pago(pago_pk=pago.pk, actor=fabricas.PRUEBAS)
    pago.refresh_from_db()
    assert (pago.estado, len(tienda.abonos)) == ("pagado", 1)


def test_lo_que_la_tienda_rechazo_falla(tienda: Tienda) -> None:
    pago = fabricas.pago()
    tienda.rechaza = True
    ejecutar_pago(pago_pk=pago.pk, actor=fabricas.PRUEBAS)
    pago.refresh_from_db()
    assert pago.estado == "fallido"
    assert pasarela_de("monedero").consultar(orden_de(pago)) is None


def test_el_invariante_nombra_lo_roto(monkeypatch: pytest.MonkeyPatch) -> None:
    [maduran] = poner(monkeypatch, "invariante").COMPROBACIONES
    comision = fabricas.comision()
    assert list(maduran.filas()) == []
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE comisiones_comision SET madura_en = '2020-01-01' WHERE id = %s", [comision.pk]
        )
    assert [fila.partition(":")[0] for fila in maduran.filas()] == [comision.id_publico]


@pytest.mark.parametrize(("rol", "puede"), [("Revisión", True), ("Consulta", False)])
def test_la_accion_es_de_quien_puede(
    monkeypatch: pytest.MonkeyPatch, rol: str, puede: bool
) -> None:
    reclamable(monkeypatch, "accion")
    pagina = import_module("comisiones.admin.comision.pagina")
    monkeypatch.setattr(ComisionAdmin, "acciones", (*ACCIONES, pagina.RECLAMAR))
    comision = fabricas.comision()
    usuario = User.objects.create_user("persona", is_staff=True)
    usuario.groups.add(Group.objects.get(name=rol))
    cliente = Client()
    cliente.force_login(usuario)
    ficha = reverse("admin:comisiones_comision_change", args=[comision.pk])
    url = reverse("admin:comisiones_comision_accion", args=[comision.pk, "reclamar"])
    assert (url in cliente.get(ficha).content.decode()) is puede
    assert cliente.get(url).status_code == 405
    assert cliente.post(url, {"motivo": MOTIVO}).status_code == (302 if puede else 403)
    assert OutboxEvent.objects.filter(type="ComisionReclamada").exists() is puede


def test_los_ejemplos_no_dejan_nada() -> None:
    """After the tests above, nothing of theirs is registered."""
    assert "ComisionReclamada" not in registro.TIPOS
    assert "reclamos" not in CONSUMIDORES
    assert not hasattr(import_module("comisiones.eventos"), "ComisionReclamada")
    assert Comision.objects.count() == 0


def test_cada_ejemplo_se_ejecuta() -> None:
    """A block without a name would be only text."""
    assert list(BLOQUES) == ["evento", "servicio", "consumidor", "pasarela", "invariante", "accion"]
    assert DOCUMENTO.read_text().count("```python") == len(BLOQUES)
