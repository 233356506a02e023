"""What a key may not approve, and how much."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings as ajustes
from django.utils import timezone

from afiliados.claves.services import buscar_clave, crear_clave, rotar_clave
from comisiones.comision.models import Comision
from conversiones.campanas.models import Campana
from tests import fabricas
from tests.fabricas import ANA, ClienteAPI, problema

pytestmark = pytest.mark.django_db
D = Decimal
# Every scope but the two that lift a rule.
CORRIENTES = [
    a
    for a in fabricas.TODOS_LOS_ALCANCES
    if a not in ("comisiones:aprobar_propias", "conversiones:antiguas")
]


def clave(titular: str, alcances: list[str] = CORRIENTES) -> str:
    return crear_clave(nombre="n", titular=titular, alcances=alcances, actor=ANA)[1]


def rotada(texto: str) -> str:
    vieja = buscar_clave(texto)
    assert vieja is not None
    limite = timezone.now() + timedelta(hours=1)
    return rotar_clave(clave=vieja, actor=ANA, expira_anterior_en=limite)[1]


@pytest.fixture
def campana() -> Campana:
    return fabricas.campana(predeterminada=True, dias_retencion=15)


@pytest.fixture
def afiliado(campana: Campana) -> str:
    return fabricas.afiliado().id_publico


def por_venta(api: ClienteAPI, afiliado: str) -> str:
    """A sale posted by a key, its commission calculated by the consumer."""
    hecha = api.enviar("/api/v1/conversiones", {"afiliado_id": afiliado, "valor_conversion": 100})
    assert hecha.status_code == 201, hecha.content
    fabricas.entregar_todo()
    return Comision.objects.get(conversion__id_publico=hecha.json()["conversion_id"]).id_publico


def en_masa(api: ClienteAPI, afiliado: str) -> str:
    hecha = api.enviar(
        "/api/v1/conversiones/lote",
        {"conversiones": [{"afiliado_id": afiliado, "valor_conversion": 100}]},
    )
    assert hecha.json()["registradas"] == 1
    fabricas.entregar_todo()
    return Comision.objects.get().id_publico


def por_calculo(api: ClienteAPI, afiliado: str) -> str:
    hecha = api.enviar(
        "/commissions/calculate",
        {"conversionId": "v", "affiliateId": afiliado, "grossAmount": 100},
    )
    assert hecha.status_code == 201, hecha.content
    return str(Comision.objects.get().id_publico)


def con_reglas(api: ClienteAPI, afiliado: str) -> str:
    """Somebody else's sale, calculated by the key."""
    from afiliados.afiliado.models import Afiliado

    venta = fabricas.conversion(de=Afiliado.objects.get(id_publico=afiliado))
    hecha = api.enviar(
        "/api/v1/comisiones", {"afiliado_id": afiliado, "conversion_id": venta.id_publico}
    )
    assert hecha.status_code == 201, hecha.content
    return str(hecha.json()["comision_id"])


def a_mano(api: ClienteAPI, afiliado: str) -> str:
    from afiliados.afiliado.models import Afiliado

    venta = fabricas.conversion(de=Afiliado.objects.get(id_publico=afiliado))
    hecha = api.enviar(
        "/api/v1/comisiones",
        {
            "afiliado_id": afiliado,
            "conversion_id": venta.id_publico,
            "tipo_comision": "porcentual",
            "porcentaje": 90,
        },
    )
    assert hecha.status_code == 201, hecha.content
    return str(hecha.json()["comision_id"])


def con_su_tarifa(api: ClienteAPI, _afiliado: str) -> str:
    """Somebody else's sale, of an affiliate whose rate the key gave."""
    from afiliados.afiliado.models import Afiliado

    hecha = api.enviar(
        "/api/v1/afiliados",
        {"nombre": "Eva", "email": "e@x.co", "configuracion_comisiones": {"comision_base": 100}},
    )
    assert hecha.status_code == 201, hecha.content
    suyo = Afiliado.objects.get(id_publico=hecha.json()["afiliado_id"])
    return fabricas.comision(de=suyo).id_publico


HECHOS = [por_venta, en_masa, por_calculo, con_reglas, a_mano, con_su_tarifa]
_Hecho = Callable[[ClienteAPI, str], str]


def aprobar(texto: str, comision: str, ruta: str = "v1") -> Any:
    api = ClienteAPI(texto)
    if ruta == "v1":
        return api.enviar(f"/api/v1/comisiones/{comision}/aprobar", {})
    return api.enviar("/commissions/approve", {"commissionId": comision})


@pytest.mark.parametrize("ruta", ["v1", "anterior"])
@pytest.mark.parametrize("quien", ["la misma", "rotada", "de su titular"])
@pytest.mark.parametrize("hecho", HECHOS)
def test_no_aprueba_lo_suyo(
    campana: Campana, afiliado: str, hecho: _Hecho, quien: str, ruta: str
) -> None:
    """What it registered, calculated or priced: nor another of its holder, nor one rotated."""
    texto = clave("Tienda")
    comision = hecho(ClienteAPI(texto), afiliado)
    otra = {
        "la misma": lambda: texto,
        "rotada": lambda: rotada(texto),
        "de su titular": lambda: clave(" TIENDA"),
    }[quien]()
    problema(aprobar(otra, comision, ruta), 403, "cuatro_ojos")
    assert Comision.objects.get(id_publico=comision).estado == "pendiente"


@pytest.mark.parametrize("hecho", HECHOS)
def test_otro_titular_si(campana: Campana, afiliado: str, hecho: _Hecho) -> None:
    comision = hecho(ClienteAPI(clave("Tienda")), afiliado)
    assert aprobar(clave("Finanzas"), comision).status_code == 200


@pytest.mark.parametrize("hecho", [h for h in HECHOS if h is not a_mano])
def test_con_su_alcance_si(campana: Campana, afiliado: str, hecho: _Hecho) -> None:
    """The earlier system's calculate → approve by one caller, for a key that has the scope."""
    texto = clave("Tienda", [*CORRIENTES, "comisiones:aprobar_propias"])
    comision = hecho(ClienteAPI(texto), afiliado)
    assert aprobar(texto, comision).status_code == 200


def test_lo_fijado_a_mano_nunca(campana: Campana, afiliado: str) -> None:
    texto = clave("Tienda", [*CORRIENTES, "comisiones:aprobar_propias"])
    comision = a_mano(ClienteAPI(texto), afiliado)
    otra_suya = clave("tienda", [*CORRIENTES, "comisiones:aprobar_propias"])
    for otra in (texto, rotada(texto), otra_suya):
        problema(aprobar(otra, comision), 403, "cuatro_ojos")


def test_quien_cobra_no_aprueba(campana: Campana) -> None:
    """A holder with a key of the affiliate approves nothing of it with another one."""
    suyo = fabricas.afiliado()
    crear_clave(nombre="n", titular="Ada", afiliado=suyo, alcances=["comisiones:leer"], actor=ANA)
    comision = fabricas.comision(de=suyo)
    for alcances in (CORRIENTES, [*CORRIENTES, "comisiones:aprobar_propias"]):
        problema(aprobar(clave("ADA", alcances), comision.id_publico), 403, "cuatro_ojos")
    assert aprobar(clave("Finanzas"), comision.id_publico).status_code == 200


def test_ningun_alcance_por_omision() -> None:
    """The scopes that lift a rule are asked for by name."""
    from django.core.management import call_command

    from afiliados.claves.models import ALCANCES_DE_AFILIADO, ClaveAPI

    call_command("crear_clave_api", nombre="n")
    suyos = set(ClaveAPI.objects.get().alcances)
    assert not suyos & {"comisiones:aprobar_propias", "conversiones:antiguas"}
    assert not ALCANCES_DE_AFILIADO & {"comisiones:aprobar_propias", "conversiones:antiguas"}


def vendida_hace(texto: str, afiliado: str, dias: float) -> Comision:
    hecha = ClienteAPI(texto).enviar(
        "/api/v1/conversiones",
        {
            "afiliado_id": afiliado,
            "valor_conversion": 100,
            "ocurrida_en": fabricas.hace(days=dias).isoformat(),
        },
    )
    assert hecha.status_code == 201, hecha.content
    fabricas.entregar_todo()
    return Comision.objects.get(conversion__id_publico=hecha.json()["conversion_id"])


@pytest.mark.parametrize("dias", [0, 1, 15, 20, 300])
def test_madura_desde_que_se_registra(campana: Campana, afiliado: str, dias: int) -> None:
    """However far back a sale is dated, its days count from when we knew of it."""
    antes = timezone.now()
    comision = vendida_hace(clave("Tienda"), afiliado, dias)
    assert comision.madura_en >= antes + timedelta(days=15)
    assert comision.madura_en <= timezone.now() + timedelta(days=15)
    assert comision.conversion.ocurrida_en <= fabricas.hace(days=dias)


@pytest.mark.parametrize(("dias", "cuentan"), [(20, 20), (80, 80), (300, 90)])
def test_con_alcance_las_antiguas(
    campana: Campana, afiliado: str, settings: Any, dias: int, cuentan: int
) -> None:
    """With the scope from when they were sold, but never farther back than the bound."""
    settings.VENTAS_ANTIGUAS_DIAS = 90
    antes = timezone.now()
    comision = vendida_hace(clave("T", [*CORRIENTES, "conversiones:antiguas"]), afiliado, dias)
    esperada = antes - timedelta(days=cuentan) + timedelta(days=15)
    assert abs(comision.madura_en - esperada) < timedelta(minutes=1)


def comision_de(valor: str, **datos: Any) -> str:
    return fabricas.comision(
        de=fabricas.afiliado(comision_base=D(100)), valor=valor, **datos
    ).id_publico


def test_limite_por_venta(settings: Any) -> None:
    settings.APROBACION_CLAVE_POR_VENTA = {"USD": D(50)}
    settings.APROBACION_CLAVE_POR_DIA = {"USD": D(1000)}
    texto = clave("Finanzas")
    assert aprobar(texto, comision_de("50.00")).status_code == 200
    problema(aprobar(texto, comision_de("50.01")), 403, "limite_de_clave")


def test_limite_por_dia(settings: Any) -> None:
    """Of a holder, with all its keys; tomorrow it begins again; each currency on its own."""
    settings.APROBACION_CLAVE_POR_VENTA = {"USD": D(50), "EUR": D(50)}
    settings.APROBACION_CLAVE_POR_DIA = {"USD": D(80), "EUR": D(20)}
    texto = clave("Finanzas")
    with time_machine.travel("2026-03-01T12:00:00Z", tick=True):
        assert aprobar(texto, comision_de("50")).status_code == 200
        problema(aprobar(clave("finanzas"), comision_de("30.01")), 403, "limite_de_clave")
        problema(aprobar(rotada(texto), comision_de("30.01")), 403, "limite_de_clave")
        assert aprobar(texto, comision_de("30.00")).status_code == 200
        problema(aprobar(texto, comision_de("0.01")), 403, "limite_de_clave")
        assert aprobar(clave("Otra"), comision_de("50")).status_code == 200
        euros = comision_de("20", en=fabricas.campana(moneda="EUR"))
        assert aprobar(texto, euros).status_code == 200
    with time_machine.travel("2026-03-02T00:00:01Z", tick=True):
        assert aprobar(clave("Finanzas"), comision_de("50")).status_code == 200


def test_sin_limite_en_una_moneda_no_aprueba_ninguna(settings: Any) -> None:
    """Nobody said how much of it a key may approve: a person does."""
    settings.APROBACION_CLAVE_POR_VENTA = {"USD": D(50)}
    settings.APROBACION_CLAVE_POR_DIA = {"USD": D(50), "EUR": D(50)}
    euros = comision_de("1", en=fabricas.campana(moneda="EUR"))
    problema(aprobar(clave("Finanzas"), euros), 403, "limite_de_clave")


def test_una_persona_no_tiene_ese_limite(settings: Any) -> None:
    from comisiones.revision.services import aprobar_comision

    settings.APROBACION_CLAVE_POR_VENTA = settings.APROBACION_CLAVE_POR_DIA = {"USD": D(1)}
    comision = Comision.objects.get(id_publico=comision_de("500"))
    assert aprobar_comision(comision=comision, actor=ANA).estado == "aprobada"


@pytest.mark.lento
def test_fuera_de_la_demo_solo_pagan_los_lotes() -> None:
    """The settings of an installation that says nothing, read in a process of its own."""
    import os
    import subprocess
    import sys

    def leidos(**mas: str) -> str:
        entorno = {
            k: v for k, v in os.environ.items() if not k.startswith("ALPES_") or k == "ALPES_DATOS"
        }
        codigo = (
            "import os; os.environ['DJANGO_SETTINGS_MODULE']='alpespartner.settings';"
            "from django.conf import settings as s;"
            "print(s.PAGOS_AUTOMATICOS, s.APROBACION_CLAVE_POR_VENTA is not None,"
            " s.APROBACION_CLAVE_POR_DIA is not None)"
        )
        return subprocess.run(
            [sys.executable, "-c", codigo],
            env={**entorno, "SECRET_KEY": "x" * 60, **mas},
            cwd=ajustes.BASE_DIR, capture_output=True, text=True, check=True,
        ).stdout.strip()  # fmt: skip

    assert leidos() == "False True True"
    assert leidos(ALPES_DEMO="1") == "True False False"
    assert leidos(ALPES_PAGOS_AUTOMATICOS="1").startswith("True")
