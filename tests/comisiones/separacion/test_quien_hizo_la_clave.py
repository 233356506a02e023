"""Who made a key, or rotated it, and the key are the same hands."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import buscar_clave, crear_clave, revocar_clave, rotar_clave
from alpespartner.comun.actores import Actor, persona, sistema
from alpespartner.comun.errores import CuatroOjos
from alpespartner.comun.separacion import manos
from comisiones.calculo.services import calcular_manual
from comisiones.comision.models import Comision
from comisiones.motor import Terminos
from comisiones.pagos.lotes import ciclo
from comisiones.revision.automatica import aprobar_por_politicas, publicar_politica
from comisiones.revision.services import aprobar_comision
from conversiones.campanas.models import Campana
from tests import fabricas
from tests.comisiones.pagos.fabrica import proponer, todo_cuadra
from tests.comisiones.separacion.test_claves import (
    CORRIENTES,
    HECHOS,
    a_mano,
    afiliado,  # noqa: F401 - a fixture
    aprobar,
    campana,  # noqa: F401 - a fixture
    por_venta,
)
from tests.comisiones.separacion.test_personas import EVA, LUZ, base, regla
from tests.fabricas import PRUEBAS, ClienteAPI, problema

pytestmark = pytest.mark.django_db
D = Decimal
SOL, MAR = persona(73), persona(74)
PROPIAS = [*CORRIENTES, "comisiones:aprobar_propias"]
_Hecho = Callable[[ClienteAPI, str], str]


def clave(
    titular: str, por: Actor, alcances: list[str] = CORRIENTES, de: Afiliado | None = None
) -> str:
    return crear_clave(nombre="n", titular=titular, alcances=alcances, afiliado=de, actor=por)[1]


def rotada(texto: str, por: Actor) -> str:
    vieja = buscar_clave(texto)
    assert vieja is not None
    limite = timezone.now() + timedelta(hours=1)
    return rotar_clave(clave=vieja, actor=por, expira_anterior_en=limite)[1]


def creada() -> str:
    return clave("Tienda", EVA)


def de_su_titular() -> str:
    """Another one made by nobody, with the holder of one that Eva made and was revoked."""
    suya = buscar_clave(clave(" TIENDA", EVA))
    assert suya is not None
    revocar_clave(clave=suya, actor=PRUEBAS)
    return clave("Tienda", PRUEBAS)


def que_roto() -> str:
    """The old one: Eva has the new one, which does the same."""
    vieja = clave("Tienda", PRUEBAS)
    rotada(vieja, EVA)
    return vieja


def que_salio_de_rotar() -> str:
    return rotada(clave("Tienda", PRUEBAS), EVA)


@pytest.mark.parametrize("hacer", [creada, de_su_titular, que_roto, que_salio_de_rotar])
@pytest.mark.parametrize("hecho", HECHOS)
def test_no_aprueba_lo_de_su_clave(
    campana: Campana,  # noqa: F811
    afiliado: str,  # noqa: F811
    hecho: _Hecho,
    hacer: Callable[[], str],
) -> None:
    """What it registered, calculated or priced: somebody else does."""
    comision = Comision.objects.get(id_publico=hecho(ClienteAPI(hacer()), afiliado))
    with pytest.raises(CuatroOjos):
        aprobar_comision(comision=comision, actor=EVA)
    comision.refresh_from_db()
    assert comision.estado == "pendiente"
    assert aprobar_comision(comision=comision, actor=LUZ).estado == "aprobada"


@pytest.mark.parametrize("hecho", HECHOS)
def test_la_de_una_orden_no_es_de_nadie(
    campana: Campana,  # noqa: F811
    afiliado: str,  # noqa: F811
    hecho: _Hecho,
) -> None:
    """As the demo's: nobody of the staff was shown it."""
    clave("Otra", EVA)
    comision = Comision.objects.get(
        id_publico=hecho(ClienteAPI(clave("Tienda", PRUEBAS)), afiliado)
    )
    assert aprobar_comision(comision=comision, actor=EVA).estado == "aprobada"


def con_sus_terminos() -> Comision:
    return calcular_manual(
        conversion=fabricas.conversion(), terminos=Terminos(porcentaje=D(90)), actor=EVA
    )


@pytest.mark.parametrize("alcances", [CORRIENTES, PROPIAS], ids=["sin", "con el alcance"])
@pytest.mark.parametrize("caso", [base, regla, con_sus_terminos])
def test_su_clave_no_aprueba_lo_que_taso(caso: Callable[[], Comision], alcances: list[str]) -> None:
    """The scope for one's own is for what keys did: a person's price needs another person."""
    comision = caso().id_publico
    problema(aprobar(clave("Tienda", EVA, alcances), comision), 403, "cuatro_ojos")
    problema(
        aprobar(rotada(clave("Tienda dos", PRUEBAS, alcances), EVA), comision), 403, "cuatro_ojos"
    )
    assert Comision.objects.get(id_publico=comision).estado == "pendiente"
    assert aprobar(clave("Finanzas", LUZ, alcances), comision).status_code == 200


def test_el_alcance_sigue_valiendo_para_la_clave(
    campana: Campana,  # noqa: F811
    afiliado: str,  # noqa: F811
) -> None:
    """The earlier system's calculate → approve by one key, whoever made it; not for its maker."""
    texto = clave("Tienda", EVA, PROPIAS)
    una, otra = (por_venta(ClienteAPI(texto), afiliado) for _ in range(2))
    with pytest.raises(CuatroOjos):
        aprobar_comision(comision=Comision.objects.get(id_publico=una), actor=EVA)
    assert aprobar(texto, otra).status_code == 200


def test_dar_a_un_afiliado_su_clave_no_ata() -> None:
    """It only reads: who makes it registers nothing by it, and is not who gets the money."""
    suyo = fabricas.afiliado()
    clave("Ada", EVA, ["comisiones:leer"], de=suyo)
    assert manos(EVA) == {str(EVA)}
    assert aprobar_comision(comision=fabricas.comision(de=suyo), actor=EVA).estado == "aprobada"


def test_de_uno_a_otro_titular_no_pasa() -> None:
    """Two holders whose keys one person made are not each other's hands."""
    una, otra = (buscar_clave(clave(t, EVA)) for t in ("Tienda", "Finanzas"))
    assert una is not None
    assert otra is not None
    de_una, de_otra = f"clave:{una.id_clave}", f"clave:{otra.id_clave}"
    assert manos(EVA) == {str(EVA), de_una, de_otra}
    assert manos(Actor("clave", una.id_clave)) == {de_una, str(EVA)}


def lote_con(comision: Comision) -> Any:
    aprobar_comision(comision=comision, actor=LUZ)
    Comision.objects.update(madura_en=fabricas.hace(days=1))
    return ciclo.congelar_lote(lote=proponer(actor=SOL), actor=SOL)


@pytest.mark.usefixtures("sin_automaticos")
@pytest.mark.parametrize("libera_quien_aprobo", [False, True])
@pytest.mark.parametrize("hecho", HECHOS)
def test_no_libera_lo_de_su_clave(
    campana: Campana,  # noqa: F811
    afiliado: str,  # noqa: F811
    hecho: _Hecho,
    libera_quien_aprobo: bool,
    settings: Any,
) -> None:
    settings.PAGOS_LIBERA_QUIEN_APROBO = libera_quien_aprobo
    texto = creada()
    lote = lote_con(Comision.objects.get(id_publico=hecho(ClienteAPI(texto), afiliado)))
    with pytest.raises(CuatroOjos):
        ciclo.liberar_lote(lote=lote, actor=EVA)
    lote.refresh_from_db()
    assert lote.estado == "congelado"
    clave("De otro", MAR)
    assert ciclo.liberar_lote(lote=lote, actor=MAR).estado == "aprobado"


@pytest.mark.usefixtures("sin_automaticos")
def test_no_libera_lo_que_aprobo_su_clave() -> None:
    comision = fabricas.comision()
    assert aprobar(clave("Finanzas", EVA), comision.id_publico).status_code == 200
    Comision.objects.update(madura_en=fabricas.hace(days=1))
    lote = ciclo.congelar_lote(lote=proponer(actor=SOL), actor=SOL)
    with pytest.raises(CuatroOjos):
        ciclo.liberar_lote(lote=lote, actor=EVA)
    assert ciclo.liberar_lote(lote=lote, actor=MAR).estado == "aprobado"


@pytest.fixture
def sin_automaticos(settings: Any) -> None:
    """Only batches pay."""
    settings.PAGOS_AUTOMATICOS = False


def test_su_politica_no_aprueba_lo_de_su_clave(
    campana: Campana,  # noqa: F811
    afiliado: str,  # noqa: F811
) -> None:
    comision = Comision.objects.get(id_publico=por_venta(ClienteAPI(creada()), afiliado))
    Comision.objects.update(madura_en=fabricas.hace(days=1))
    publicar_politica(campana=campana, hasta=D(10_000), motivo="x", actor=EVA)
    assert aprobar_por_politicas(actor=sistema("aprobacion")) == 0
    publicar_politica(campana=campana, hasta=D(10_000), motivo="x", actor=LUZ)
    assert aprobar_por_politicas(actor=sistema("aprobacion")) == 1
    comision.refresh_from_db()
    assert comision.estado == "aprobada"


def test_lo_que_aprueba_la_persona_no_gasta_el_limite_de_su_clave(settings: Any) -> None:
    settings.APROBACION_CLAVE_POR_VENTA = settings.APROBACION_CLAVE_POR_DIA = {"USD": D(50)}
    texto = clave("Finanzas", EVA)
    de = fabricas.afiliado(comision_base=D(100))
    aprobar_comision(comision=fabricas.comision(de=de, valor="50"), actor=EVA)
    assert aprobar(texto, fabricas.comision(de=de, valor="50").id_publico).status_code == 200


def test_hacer_despues_una_clave_no_rompe_lo_aprobado(
    campana: Campana,  # noqa: F811
    afiliado: str,  # noqa: F811
) -> None:
    """What Luz approved when she had nothing to do with the holder stays right."""
    comision = Comision.objects.get(id_publico=a_mano(ClienteAPI(creada()), afiliado))
    aprobar_comision(comision=comision, actor=LUZ)
    clave("tienda", LUZ)
    assert ClaveAPI.objects.count() == 2
    todo_cuadra()
