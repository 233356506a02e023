"""Terms have a moment from which they hold, and a large change of them takes two persons."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from afiliados.afiliado.cambio import aplicar_condiciones_vencidas
from afiliados.afiliado.condiciones import como_era
from afiliados.afiliado.models import Afiliado, CondicionesAfiliado
from afiliados.afiliado.selectors import CONDICIONES, autores_de
from afiliados.afiliado.services import activar_afiliado, actualizar_afiliado
from afiliados.invariantes import COMPROBACIONES
from alpespartner.celery import app
from alpespartner.comun.errores import CuatroOjos, DatoInvalido
from alpespartner.comun.historial import historial_de
from alpespartner.comun.models import Propuesta
from alpespartner.comun.propuestas.errores import ObjetoCambiado, YaPropuesto
from alpespartner.comun.propuestas.services import confirmar_propuesta
from alpespartner.comun.propuestas.tipos import TIPOS
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA, hace

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture(autouse=True)
def _grande(settings: Any) -> None:
    settings.CAMBIO_GRANDE = {"%": D(10), "USD": D(50)}


def cambiar(de: Afiliado, por: Any = ANA, desde: Any = None, **cambios: Any) -> Afiliado:
    return actualizar_afiliado(
        afiliado=de, cambios=cambios, actor=por, motivo="Acuerdo", desde=desde
    )


def tasa(de: Afiliado) -> Decimal | None:
    return Afiliado.objects.get(pk=de.pk).comision_base


def rotas() -> list[str]:
    return [fila for c in COMPROBACIONES for fila in c.filas()]


def test_lo_pequeno_vale_ya_y_se_sabe_lo_que_era() -> None:
    suya = fabricas.afiliado()
    assert not suya.con_condiciones
    antes = timezone.now()
    cambiar(suya, comision_base=D(20))
    assert not Propuesta.objects.exists()
    suya = Afiliado.objects.get()
    assert [como_era(suya, t).comision_base for t in (hace(days=900), antes, timezone.now())] == [
        D(10), D(10), D(20),
    ]  # fmt: skip
    fila = CondicionesAfiliado.objects.latest("pk")
    assert (fila.campos, fila.publicada_por, fila.motivo, fila.confirmada_por) == (
        ["comision_base"], str(ANA), "Acuerdo", "",
    )  # fmt: skip
    paso = historial_de("afiliado", suya.id_publico).get(accion="actualizar")
    assert paso.datos["desde"]
    assert rotas() == []


@pytest.mark.parametrize(
    ("de", "cambios", "grande"),
    [
        ({"comision_base": D(10)}, {"comision_base": D(20)}, False),
        ({"comision_base": D(10)}, {"comision_base": D("20.01")}, True),
        ({"comision_base": D(20)}, {"comision_base": D("9.99")}, True),
        ({"comision_base": None}, {"comision_base": D(10)}, False),
        ({"comision_base": None}, {"comision_base": D("10.01")}, True),
        ({"comision_base": D(5), "comision_premium": D(30)}, {"tipo_afiliado": "premium"}, True),
        ({"comision_base": D(25), "comision_premium": D(30)}, {"tipo_afiliado": "premium"}, False),
        ({"comision_base": None}, {"comision_fija": D(50), "moneda_comision": "USD"}, False),
        ({"comision_base": None}, {"comision_fija": D("50.01"), "moneda_comision": "USD"}, True),
        ({"comision_base": None}, {"comision_fija": D("0.01"), "moneda_comision": "EUR"}, True),
        ({"comision_fija": D(60), "moneda_comision": "USD"}, {"comision_fija": D(110)}, False),
        ({"comision_fija": D(60), "moneda_comision": "USD"}, {"moneda_comision": "EUR"}, True),
        ({"comision_fija": D(51), "moneda_comision": "USD"}, {"comision_fija": None}, True),
        ({"comision_base": D(10)}, {"nivel": "oro"}, False),
    ],
)
def test_que_es_grande(de: dict[str, Any], cambios: dict[str, Any], grande: bool) -> None:
    cambiar(fabricas.afiliado(**de), **cambios)
    assert Propuesta.objects.exists() is grande


def test_lo_grande_espera_y_lo_demas_no() -> None:
    suya = fabricas.afiliado()
    cambiar(suya, comision_base=D(80), nombre="Eva")
    actual = Afiliado.objects.get()
    assert (actual.comision_base, actual.nombre) == (D(10), "Eva")
    p = Propuesta.objects.get()
    lineas = {str(nombre): str(valor) for nombre, valor in TIPOS[p.tipo].lineas(p)}
    assert lineas["Comisión base (%)"] == "10 % → 80 %"
    with pytest.raises(YaPropuesto):
        cambiar(suya, comision_base=D(70), nombre="Otra")
    assert Afiliado.objects.get().nombre == "Eva"
    with pytest.raises(CuatroOjos):
        confirmar_propuesta(propuesta=p, actor=ANA)
    assert tasa(suya) == D(10)
    antes = timezone.now()
    confirmar_propuesta(propuesta=p, actor=LUIS)
    actual = Afiliado.objects.get()
    assert (actual.comision_base, como_era(actual, antes).comision_base) == (D(80), D(10))
    # Whoever asked for it set it: that person approves nothing of it.
    assert str(ANA) in autores_de(actual, CONDICIONES)
    assert str(LUIS) not in autores_de(actual, CONDICIONES)
    paso = historial_de("afiliado", suya.id_publico).filter(accion="actualizar").last()
    assert paso is not None
    assert (paso.actor, paso.datos["confirmada_por"]) == (str(ANA), str(LUIS))
    assert fabricas.eventos_de(suya.id_publico)[-1] == "ConfiguracionComisionesActualizada"
    assert rotas() == []
    CondicionesAfiliado.objects.update(publicada_por=str(LUIS))
    assert [fila for fila in rotas() if "confirmó" in fila]


def test_si_cambiaron_mientras_tanto_no_se_hace_nada() -> None:
    suya = fabricas.afiliado()
    cambiar(suya, comision_base=D(80))
    cambiar(suya, comision_base=D(12))
    with pytest.raises(ObjetoCambiado):
        confirmar_propuesta(propuesta=Propuesta.objects.get(), actor=LUIS)
    assert tasa(suya) == D(12)


def test_otro_referente_siempre_lo_confirma_otra_persona() -> None:
    suya, arriba = fabricas.afiliado(), fabricas.afiliado(nombre="Arriba")
    cambiar(suya, referente=arriba)
    assert Afiliado.objects.get(pk=suya.pk).referente_id is None
    with pytest.raises(DatoInvalido):
        cambiar(fabricas.afiliado(), referente=arriba, desde=hace(days=1))
    confirmar_propuesta(propuesta=Propuesta.objects.get(), actor=LUIS)
    assert Afiliado.objects.get(pk=suya.pk).referente == arriba


def test_con_fecha_futura_entran_en_vigor_a_su_hora(time_machine: Any) -> None:
    suya = fabricas.afiliado()
    manana = timezone.now() + timedelta(days=1)
    cambiar(suya, comision_base=D(15), desde=manana)
    assert tasa(suya) == D(10)
    suya = Afiliado.objects.get()
    assert como_era(suya, manana).comision_base == D(15)
    assert como_era(suya, manana - timedelta(seconds=1)).comision_base == D(10)
    assert fabricas.eventos_de(suya.id_publico)[-1] == "CondicionesProgramadas"
    assert aplicar_condiciones_vencidas() == 0
    # Nothing comes in between; something later does, and begins with what will be then.
    with pytest.raises(DatoInvalido) as error:
        cambiar(suya, comision_base=D(12))
    assert error.value.campo == "desde"
    cambiar(suya, nivel="oro", desde=manana + timedelta(days=1))
    assert como_era(Afiliado.objects.get(), manana + timedelta(days=2)).comision_base == D(15)
    time_machine.move_to(manana + timedelta(minutes=10))
    assert [fila for fila in rotas() if "le tocaban" in fila]
    app.loader.import_default_modules()
    assert app.tasks["afiliados.aplicar_condiciones"]() == 1
    assert aplicar_condiciones_vencidas() == 0
    actual = Afiliado.objects.get()
    assert (actual.comision_base, actual.nivel) == (D(15), "bronce")
    assert fabricas.eventos_de(suya.id_publico)[-1] == "ConfiguracionComisionesActualizada"
    assert rotas() == []
    Afiliado.objects.update(comision_base=D(1))
    assert [fila for fila in rotas() if "en vigor" in fila]


def test_un_cambio_antes_del_barrido_no_pisa_lo_que_ya_tocaba(time_machine: Any) -> None:
    suya = fabricas.afiliado()
    manana = timezone.now() + timedelta(days=1)
    cambiar(suya, comision_base=D(15), nivel="oro", desde=manana)
    time_machine.move_to(manana + timedelta(minutes=1))
    cambiar(suya, comision_base=D(12))
    actual = Afiliado.objects.get()
    assert (actual.comision_base, actual.nivel) == (D(12), "oro")
    assert aplicar_condiciones_vencidas() == 0
    assert tasa(suya) == D(12)
    assert rotas() == []


def test_lo_grande_con_fecha_futura_se_confirma_y_se_programa() -> None:
    suya = fabricas.afiliado()
    manana = timezone.now() + timedelta(days=1)
    cambiar(suya, comision_base=D(80), desde=manana)
    assert not CondicionesAfiliado.objects.exists()
    confirmar_propuesta(propuesta=Propuesta.objects.get(), actor=LUIS)
    fila = CondicionesAfiliado.objects.latest("pk")
    assert (fila.desde, fila.confirmada_por, fila.aplicada_en) == (manana, str(LUIS), None)
    assert tasa(suya) == D(10)


def test_hacia_atras_solo_donde_nada_se_calculo() -> None:
    suya = fabricas.afiliado()
    vendida = fabricas.comision(de=suya, ocurrida_en=hace(days=5)).conversion.ocurrida_en
    antes = fabricas.foto()
    for desde in (hace(days=6), vendida):
        with pytest.raises(DatoInvalido) as error:
            cambiar(suya, comision_base=D(15), desde=desde)
        assert error.value.campo == "desde"
    assert fabricas.foto() == antes
    cambiar(suya, comision_base=D(15), desde=vendida + timedelta(seconds=1))
    # Nor before what was said last.
    with pytest.raises(DatoInvalido):
        cambiar(suya, comision_base=D(14), desde=vendida)
    assert como_era(Afiliado.objects.get(), vendida).comision_base == D(10)


def test_quien_la_registra_con_condiciones_grandes_no_la_activa() -> None:
    for base, puede in ((D(10), True), (D("10.01"), False)):
        suya = fabricas.afiliado(activo=False, comision_base=base)
        historial_de("afiliado", suya.id_publico)
        cambiar(suya, comision_base=base - D("0.01"))
        cambiar(suya, comision_base=base)
        if puede:
            assert activar_afiliado(afiliado=suya, actor=ANA).estado == "activo"
            continue
        with pytest.raises(CuatroOjos):
            activar_afiliado(afiliado=suya, actor=ANA)
        assert activar_afiliado(afiliado=suya, actor=OTRA).estado == "activo"


@pytest.mark.parametrize(
    ("dicho", "vale"),
    [
        ("*", None),
        ("10 %, USD 50", {"%": D(10), "USD": D(50)}),
        ("cop 200000,5 %", {"%": D(5), "COP": D(200000)}),
        ("10", ImproperlyConfigured),
        ("USD mucho", ImproperlyConfigured),
    ],
)
def test_la_variable(monkeypatch: pytest.MonkeyPatch, dicho: str, vale: Any) -> None:
    from alpespartner import settings as ajustes

    monkeypatch.setenv("ALPES_CAMBIO_GRANDE", dicho)
    if vale is ImproperlyConfigured:
        with pytest.raises(ImproperlyConfigured, match="ALPES_CAMBIO_GRANDE"):
            ajustes._cambio_grande()
    else:
        assert ajustes._cambio_grande() == vale


@pytest.mark.django_db(transaction=True)
def test_dos_cambios_a_la_vez_dejan_una_historia_en_orden() -> None:
    suya = fabricas.afiliado()
    hechos = fabricas.a_la_vez(
        [lambda t=t: cambiar(suya, comision_base=D(t)) for t in (11, 12, 13, 14)]
    )
    assert all(isinstance(h, Afiliado) for h in hechos), hechos
    filas = list(CondicionesAfiliado.objects.order_by("pk").values_list("desde", flat=True))
    assert (len(filas), filas) == (5, sorted(filas))
    assert tasa(suya) == CondicionesAfiliado.objects.latest("pk").comision_base
    assert rotas() == []
