"""Renewals of stored customers: what each earns, in any order, and what is drafted later."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from comisiones.ajustes.estados import EstadoAjuste
from comisiones.ajustes.models import Ajuste, TipoAjuste
from comisiones.ajustes.services import aprobar_ajuste, descartar_ajuste
from comisiones.calculo import services
from comisiones.calculo.explicacion import pasos_de, pasos_publicos
from comisiones.calculo.invariantes import COMPROBACIONES
from comisiones.calculo.renovaciones import _sin_nada
from comisiones.calculo.services import calcular_comisiones, recalcular_sin_importe
from comisiones.comision.estados import SIN_EFECTO
from comisiones.comision.models import Comision
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.automatica import elegibles, por_que_no_sola, publicar_politica
from comisiones.revision.services import rechazar_comision
from conversiones.campanas.models import Campana
from conversiones.ventas.devoluciones import Devolucion, devolver
from conversiones.ventas.models import Conversion
from conversiones.ventas.services import rechazar_conversion
from tests import fabricas
from tests.comisiones.motor import oraculo_renovaciones as oraculo
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS

pytestmark = pytest.mark.django_db
D = Decimal
INICIO = datetime(2024, 1, 1, tzinfo=UTC)


def en(texto: str) -> datetime:
    return datetime.fromisoformat(texto).replace(tzinfo=UTC)


def limitada(**condiciones: Any) -> Campana:
    """A campaign whose rule pays 10 %, and limits renewals."""
    suya = fabricas.campana(inicia_en=INICIO)
    publicar_version(
        regla=crear_regla(nombre="Con límites", campana=suya, actor=ANA), tipo="porcentual",
        porcentaje=D(10), condiciones=condiciones, vigente_desde=INICIO, actor=ANA,
    )  # fmt: skip
    return suya


class Tienda:
    """A campaign with limits, an affiliate and its customers."""

    def __init__(self, **condiciones: Any) -> None:
        self.campana = limitada(**condiciones)
        self.afiliado = fabricas.afiliado_sin_tarifa()

    def venta(self, cuando: str, valor: str = "100", **datos: Any) -> Conversion:
        valores = {"cliente_ref": "c-1", **datos}
        return fabricas.conversion(
            de=self.afiliado, en=self.campana, valor=valor, ocurrida_en=en(cuando), **valores
        )

    def gana(self, cuando: str, valor: str = "100", **datos: Any) -> Comision:
        return fabricas.calcular(self.venta(cuando, valor, **datos))


def montos(*comisiones: Comision) -> list[Decimal]:
    return [Comision.objects.get(pk=c.pk).monto for c in comisiones]


def propuestos() -> list[tuple[int, Decimal]]:
    """Sale and amount of the drafts of renewals."""
    return list(
        Ajuste.objects.filter(estado=EstadoAjuste.BORRADOR, tipo=TipoAjuste.RENOVACION)
        .order_by("comision__conversion__ocurrida_en")
        .values_list("comision_id", "monto")
    )


def sin_avisos() -> None:
    for comprobacion in COMPROBACIONES:
        assert list(comprobacion.filas()) == [], comprobacion.nombre


def test_durante_doce_meses() -> None:
    tienda = Tienda(duracion_meses=12)
    primera = tienda.gana("2024-02-29T10:00")
    dentro = tienda.gana("2025-02-28T09:59:59")
    fuera = tienda.gana("2025-02-28T10:00")
    assert montos(primera, dentro, fuera) == [D(10), D(10), D(0)]
    # Another customer, and nobody in particular.
    otra = tienda.gana("2025-03-01T10:00", cliente_ref="c-2")
    suelta = tienda.gana("2025-03-01T10:00", cliente_ref="")
    assert montos(otra, suelta) == [D(10), D(10)]
    [codigo] = [p.codigo for p in pasos_de(fuera) if p.codigo.startswith("renovacion")]
    assert codigo == "renovacion_vencida"
    assert "29/02/2024" in " ".join(p.texto for p in pasos_de(fuera))
    # Its affiliate is not told of a sale that may be another's.
    publico = " ".join(p.texto for p in pasos_publicos(fuera))
    assert "2024" not in publico
    assert "Pasó el tiempo" in publico
    assert not propuestos()
    sin_avisos()
    call_command("recalcular", stdout=io.StringIO())


def test_tantas_como_diga() -> None:
    tienda = Tienda(max_pagos=2)
    comisiones = [tienda.gana(f"2024-0{mes}-01") for mes in (1, 2, 3)]
    assert montos(*comisiones) == [D(10), D(10), D(0)]
    # A lead is no sale: it neither counts nor is limited.
    registro = tienda.gana("2024-03-02", tipo_conversion="lead")
    assert montos(registro) == [D(10)]
    sin_avisos()


def test_un_contacto_no_empieza_el_plazo() -> None:
    tienda = Tienda(duracion_meses=1)
    tienda.gana("2024-01-01", tipo_conversion="lead")
    assert montos(tienda.gana("2024-06-01"), tienda.gana("2024-06-02")) == [D(10), D(10)]


def test_juntas_en_un_lote() -> None:
    """Registered backwards and calculated at once: each in its place, and nothing to adjust."""
    tienda = Tienda(max_pagos=2)
    ventas = [tienda.venta(f"2024-0{mes}-01") for mes in (3, 1, 2)]
    calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=PRUEBAS)
    suyas = [Comision.objects.get(conversion=v).monto for v in ventas]
    assert suyas == [D(0), D(10), D(10)]
    assert not propuestos()


def test_la_primera_llega_tarde() -> None:
    """The renewals earned as first sales: what that was too much is drafted, and put right again
    when the late one was none."""
    tienda = Tienda(duracion_meses=1, max_pagos=2)
    tercera = tienda.gana("2024-03-10")
    segunda = tienda.gana("2024-02-05")
    assert montos(tercera, segunda) == [D(10), D(10)]
    assert propuestos() == [(tercera.pk, D(-10))]
    primera = tienda.venta("2024-01-01")
    assert fabricas.calcular(primera).monto == D(10)
    assert propuestos() == [(segunda.pk, D(-10)), (tercera.pk, D(-10))]
    sin_avisos()
    rechazar_conversion(conversion=primera, actor=ANA, motivo="prueba", motivo_codigo="prueba")
    fabricas.entregar_todo()
    assert propuestos() == [(tercera.pk, D(-10))]
    assert Ajuste.objects.filter(estado=EstadoAjuste.DESCARTADO).count() == 1
    sin_avisos()


def test_la_ultima_plaza_no_es_de_dos() -> None:
    """The one that comes late finds it taken; a person may give it back."""
    tienda = Tienda(max_pagos=2)
    tienda.gana("2024-01-01")
    tercera = tienda.gana("2024-03-01", "300")
    segunda = tienda.gana("2024-02-01")
    assert montos(tercera, segunda) == [D(30), D(0)]
    assert propuestos() == [(segunda.pk, D(10)), (tercera.pk, D(-30))]
    for ajuste in Ajuste.objects.all():
        aprobar_ajuste(ajuste=ajuste, actor=OTRA)
    cuarta = tienda.gana("2024-04-01")
    assert montos(cuarta) == [D(0)]
    assert not propuestos()
    sin_avisos()


@pytest.mark.parametrize("de_la_comision", [False, True])
def test_el_fraude_de_la_primera_las_termina(de_la_comision: bool) -> None:
    tienda = Tienda(duracion_meses=12)
    primera, segunda = tienda.gana("2024-01-01"), tienda.gana("2024-02-01")
    if de_la_comision:
        rechazar_comision(comision=primera, actor=LUIS, motivo_codigo="fraude")
    else:
        rechazar_conversion(
            conversion=primera.conversion, actor=LUIS, motivo="Fraude", motivo_codigo="fraude"
        )
    fabricas.entregar_todo()
    assert propuestos() == [(segunda.pk, D(-10))]
    tercera = tienda.gana("2024-03-01")
    assert montos(segunda, tercera) == [D(10), D(0)]
    assert "renovacion_fraude" in [p.codigo for p in pasos_de(tercera)]
    assert "fraude" not in " ".join(p.texto for p in pasos_publicos(tercera))
    sin_avisos()


def test_una_rechazada_deja_su_sitio() -> None:
    """Refused for anything else it was no sale: the next one is the first."""
    tienda = Tienda(max_pagos=1)
    primera, segunda = tienda.gana("2024-01-01"), tienda.gana("2024-02-01", "50")
    assert montos(segunda) == [D(0)]
    rechazar_conversion(conversion=primera.conversion, actor=LUIS, motivo="Repetida")
    fabricas.entregar_todo()
    assert propuestos() == [(segunda.pk, D(5))]
    sin_avisos()


def test_el_sitio_que_se_propuso_no_es_de_otra() -> None:
    """What is drafted for a sale counts: the next one does not earn in the same place."""
    tienda = Tienda(max_pagos=2)
    _primera, segunda, tercera = (tienda.gana(f"2024-0{mes}-01") for mes in (1, 2, 3))
    rechazar_conversion(conversion=segunda.conversion, actor=LUIS, motivo="Repetida")
    fabricas.entregar_todo()
    assert propuestos() == [(tercera.pk, D(10))]
    assert montos(tienda.gana("2024-04-01")) == [D(0)]
    sin_avisos()


def test_lo_devuelto_no_se_quita_dos_veces() -> None:
    """Of 10, a refund took 4: what the renewal earned too much are the 6 that are left."""
    tienda = Tienda(duracion_meses=1)
    segunda = tienda.gana("2024-03-10")
    devolver(
        conversion=segunda.conversion, datos=Devolucion(id_externo="d-1", monto=D(40)), actor=ANA
    )
    fabricas.entregar_todo()
    tienda.gana("2024-01-01")
    assert propuestos() == [(segunda.pk, D(-6))]
    devolver(conversion=segunda.conversion, datos=Devolucion(id_externo="d-2"), actor=ANA)
    fabricas.entregar_todo()
    assert propuestos() == []
    sin_avisos()


def test_lo_que_descarta_una_persona_se_avisa() -> None:
    tienda = Tienda(duracion_meses=1)
    tarde = tienda.gana("2024-03-10")
    tienda.gana("2024-01-01")
    descartar_ajuste(ajuste=Ajuste.objects.get(), actor=OTRA, motivo="Se le deja")
    [aviso] = [f for c in COMPROBACIONES if c.aviso for f in c.filas()]
    assert tarde.id_publico in aviso
    assert "-10" in aviso


def test_una_politica_no_aprueba_lo_que_sobra() -> None:
    tienda = Tienda(duracion_meses=1)
    tarde, primera = tienda.gana("2024-03-10"), tienda.gana("2024-01-01")
    politica = publicar_politica(campana=tienda.campana, hasta=D(99), motivo="m", actor=OTRA)
    assert list(elegibles(politica)) == [primera]
    assert por_que_no_sola(tarde) == ["un ajuste que espera le quitaría algo"]


def test_sin_cliente_no_cuesta_nada_y_con_muchas_lo_mismo() -> None:
    """Queries of one calculation: no more without a customer, and the same after 1 and 12 sales."""
    tienda = Tienda(duracion_meses=120, max_pagos=100)

    def contadas(venta: Conversion) -> list[str]:
        with CaptureQueriesContext(connection) as consultas:
            calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
        return [c["sql"] for c in consultas]

    suelta = contadas(tienda.venta("2024-01-01", cliente_ref=""))
    assert not [c for c in suelta if 'cliente_id" = ' in c or "comun_turno" in c]
    tienda.gana("2024-01-02")
    con_una = contadas(tienda.venta("2024-01-03"))
    for dia in range(4, 15):
        tienda.gana(f"2024-01-{dia:02}")
    con_muchas = contadas(tienda.venta("2024-01-20"))
    assert len(con_una) == len(con_muchas)
    # What came late, the first sale and those that earned; on MySQL, its turn.
    assert len(con_una) - len(suelta) == 3 + (connection.vendor == "mysql")


OPERACIONES = ["viva", "viva", "viva", "parcial", "entera", "rechazada", "fraude"]
DIAS = ["2024-01-30", "2024-01-31", "2024-02-28", "2024-02-29", "2024-03-31", "2025-02-28"]
VENTAS = st.lists(
    st.tuples(
        st.sampled_from(["c-1", "c-2"]), st.sampled_from(DIAS), st.sampled_from(OPERACIONES),
        st.sampled_from(["100", "33.33", "250"]), st.booleans(),
    ),
    min_size=2, max_size=7,
)  # fmt: skip


@pytest.mark.lento
@given(VENTAS, st.sampled_from([None, 0, 1, 12, 13]), st.sampled_from([None, 1, 2, 3]))
@settings(max_examples=25)
def test_en_cualquier_orden_segun_el_oraculo(
    dibujadas: list[tuple[str, str, str, str, bool]], meses: int | None, maximo: int | None
) -> None:
    """Sales come, are refused and given back in any order, and some drafts are approved on the way:
    commissions and what is adjusted or drafted are what the oracle says of the whole."""
    if meses is None and maximo is None:
        maximo = 2
    limites = {"duracion_meses": meses, "max_pagos": maximo}
    tienda = Tienda(**{nombre: valor for nombre, valor in limites.items() if valor is not None})
    suyas: dict[str, list[dict[str, Any]]] = {"c-1": [], "c-2": []}
    vendidas: list[dict[str, Any]] = []
    for numero, (cliente, dia, como, valor, pausa) in enumerate(dibujadas):
        # No two at once: among these the oracle cannot know the ids.
        cuando = en(dia) + timedelta(minutes=numero)
        venta = tienda.venta(cuando.isoformat()[:19], valor, cliente_ref=cliente)
        una = {"id": numero, "en": cuando, "como": como, "valor": D(valor), "venta": venta}
        suyas[cliente].append(una)
        vendidas.append(una)
        if pausa:
            fabricas.entregar_todo()
            _aprobar_uno()
            _terminar(vendidas.pop(0))
    fabricas.entregar_todo()
    for una in vendidas:
        _terminar(una)
    fabricas.entregar_todo()
    for ventas in suyas.values():
        ganan = [v["id"] for v in oraculo.ganan(ventas, meses, maximo)]
        for una in ventas:
            debido = una["valor"] / 10 if una["id"] in ganan else D(0)
            debido = debido.quantize(D("0.01"), "ROUND_HALF_UP")
            if una["como"] == "parcial":
                quitado = (debido * D("0.4")).quantize(D("0.01"), "ROUND_HALF_UP")
                debido -= quitado
            assert abs(_neto(una["venta"]) - debido) <= _margen(una), (una, ventas, limites)
    sin_avisos()


def _margen(una: dict[str, Any]) -> Decimal:
    """A refund that came before a draft, and one after it, round apart."""
    return D("0.01") if una["como"] == "parcial" else D(0)


def _aprobar_uno() -> None:
    ajuste = Ajuste.objects.filter(estado=EstadoAjuste.BORRADOR).order_by("pk").first()
    if ajuste is not None:
        aprobar_ajuste(ajuste=ajuste, actor=OTRA)


def _terminar(una: dict[str, Any]) -> None:
    venta, como = Conversion.objects.get(pk=una["venta"].pk), una["como"]
    if como in ("rechazada", "fraude"):
        codigo = "fraude" if como == "fraude" else "prueba"
        rechazar_conversion(conversion=venta, actor=LUIS, motivo=como, motivo_codigo=codigo)
    elif como in ("parcial", "entera"):
        monto = (venta.valor * D("0.4")).quantize(D("0.01")) if como == "parcial" else None
        datos = Devolucion(id_externo=f"d-{venta.pk}", monto=monto)
        devolver(conversion=venta, datos=datos, actor=LUIS)


def _neto(venta: Conversion) -> Decimal:
    comision = Comision.objects.filter(conversion=venta).first()
    if comision is None:
        return D(0)
    ajustes = comision.ajustes.exclude(estado=EstadoAjuste.DESCARTADO)
    suma = sum((a.monto for a in ajustes), D(0))
    return suma + (D(0) if comision.estado in SIN_EFECTO else comision.monto)


@pytest.mark.parametrize(
    ("venta", "estado", "motivo", "nada"),
    [
        ("recibida", "pendiente", "", False), ("validada", "retenida", "manual", False),
        ("rechazada", "pendiente", "", True), ("recibida", "anulada", "", True),
        ("recibida", "retenida", "sin_regla", True),
    ],
)  # fmt: skip
def test_donde_el_orden_no_cambia_nada(venta: str, estado: str, motivo: str, nada: bool) -> None:
    suya = Comision(estado=estado, motivo_retencion=motivo)
    assert _sin_nada(Conversion(estado=venta), suya) is nada


def test_la_que_recibe_regla_tarde_repasa_las_siguientes(monkeypatch: pytest.MonkeyPatch) -> None:
    suya, socia = fabricas.campana(inicia_en=INICIO), fabricas.afiliado_sin_tarifa()
    primera, segunda = (
        fabricas.comision(de=socia, en=suya, cliente_ref="c-1", ocurrida_en=en(cuando))
        for cuando in ("2024-01-01", "2024-02-01")
    )
    assert primera.motivo_retencion == "sin_regla"
    publicar_version(
        regla=crear_regla(nombre="Con límites", campana=suya, actor=ANA), tipo="porcentual",
        porcentaje=D(10), condiciones={"max_pagos": 2}, vigente_desde=INICIO, actor=ANA,
    )  # fmt: skip
    repasados: list[set[int]] = []
    monkeypatch.setattr(services, "repasar_clientes", lambda quienes: repasados.append(quienes))
    assert recalcular_sin_importe(comision=primera, actor=PRUEBAS)
    assert recalcular_sin_importe(comision=segunda, actor=PRUEBAS)
    # Nobody comes after the second.
    assert repasados == [{primera.conversion.cliente_id}, set()]


@pytest.mark.parametrize(("presupuesto", "veces"), [(D(100), 1), (None, 0)])
def test_los_turnos_van_antes_que_los_presupuestos(
    monkeypatch: pytest.MonkeyPatch, presupuesto: Decimal | None, veces: int
) -> None:
    """All of a batch at once, where any of its campaigns has one."""
    con = fabricas.campana(presupuesto=presupuesto)
    ventas = [fabricas.conversion(en=en_cual) for en_cual in (con, fabricas.campana())]
    tomado: list[str] = []
    for que in ("tomar_turnos", "tomar_presupuestos"):
        monkeypatch.setattr(services, que, lambda _de, que=que: tomado.append(que))
    calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas], actor=PRUEBAS)
    assert tomado.count("tomar_presupuestos") == veces
    if veces:
        assert tomado[:2] == ["tomar_turnos", "tomar_presupuestos"]
