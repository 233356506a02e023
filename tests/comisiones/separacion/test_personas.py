"""Nobody approves what they priced: by terms, rate, referrer or rule."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import NuevoAfiliado, actualizar_afiliado, registrar_afiliado
from alpespartner.comun.actores import persona, sistema
from alpespartner.comun.errores import CuatroOjos
from comisiones.calculo.services import calcular_comisiones, calcular_manual
from comisiones.comision.models import Comision
from comisiones.motor import Terminos
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.automatica import aprobar_por_politicas, publicar_politica
from comisiones.revision.services import aprobar_comision
from tests import fabricas
from tests.fabricas import PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal
EVA, LUZ = persona(71), persona(72)
_Caso = Callable[[], Comision]


def cambiado(**cambios: Any) -> Comision:
    """Eva changes an affiliate's terms and a sale comes."""
    suyo = fabricas.afiliado()
    actualizar_afiliado(afiliado=suyo, cambios=cambios, actor=EVA, motivo="Acuerdo.")
    return fabricas.comision(de=suyo)


def fija() -> Comision:
    return cambiado(
        comision_base=None, comision_fija=D(88_888), moneda_comision="USD", minimo_pago=None
    )


def base() -> Comision:
    return cambiado(comision_base=D(50))


def premium() -> Comision:
    return cambiado(tipo_afiliado="premium")


def nivel() -> Comision:
    return cambiado(nivel="oro")


def sin_tarifa() -> Comision:
    """Its own rate is taken away, so that somebody else's higher rule applies."""
    campana = fabricas.campana()
    fabricas.regla(porcentaje="80", de=campana)
    suyo = fabricas.afiliado()
    actualizar_afiliado(
        afiliado=suyo, cambios={"comision_base": None}, actor=EVA, motivo="Acuerdo."
    )
    return fabricas.comision(de=suyo, en=campana)


def registrado() -> Comision:
    """Registered with a rate."""
    suyo = registrar_afiliado(
        datos=NuevoAfiliado(nombre="Ada", email="a@b.co", comision_base=D(90)),
        actor=EVA,
        activo=True,
    )
    return fabricas.comision(de=suyo)


def y_despues_otro_dato() -> Comision:
    """Another one changes another datum afterwards: the rate is still Eva's."""
    suyo = fabricas.afiliado()
    actualizar_afiliado(afiliado=suyo, cambios={"comision_base": D(9)}, actor=EVA, motivo="x")
    actualizar_afiliado(afiliado=suyo, cambios={"nivel": "oro"}, actor=persona(9), motivo="x")
    return fabricas.comision(de=suyo)


def y_despues_de_la_venta_otro() -> Comision:
    """What others change once it is calculated made nothing of it."""
    hecha = base()
    actualizar_afiliado(
        afiliado=hecha.afiliado, cambios={"comision_base": D(1)}, actor=persona(9), motivo="x"
    )
    return hecha


def regla() -> Comision:
    campana = fabricas.campana()
    nueva = crear_regla(nombre="R", campana=campana, actor=PRUEBAS)
    publicar_version(
        regla=nueva, tipo="porcentual", porcentaje=D(90), vigente_desde=hace(days=9), actor=EVA
    )
    return fabricas.comision(de=fabricas.afiliado_sin_tarifa(), en=campana)


def regla_del_programa() -> Comision:
    nueva = crear_regla(nombre="R", campana=None, actor=PRUEBAS)
    publicar_version(
        regla=nueva, tipo="porcentual", porcentaje=D(90), vigente_desde=hace(days=9), actor=EVA
    )
    return fabricas.comision(de=fabricas.afiliado_sin_tarifa())


def a_mano() -> Comision:
    venta = fabricas.conversion()
    return calcular_manual(conversion=venta, terminos=Terminos(monto_fijo=D(1)), actor=EVA)


def _con_red(publica: Any) -> Any:
    campana = fabricas.campana()
    red = crear_regla(nombre="Red", campana=campana, actor=PRUEBAS)
    publicar_version(
        regla=red, tipo="red", condiciones={"porcentajes": ["50"]}, vigente_desde=hace(days=9),
        actor=publica,
    )  # fmt: skip
    return campana


def _de_arriba(campana: Any, vendedor: Afiliado) -> Comision:
    venta = fabricas.conversion(de=vendedor, en=campana)
    calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    return Comision.objects.get(conversion=venta, nivel=2)


def referente() -> Comision:
    campana, arriba, abajo = _con_red(PRUEBAS), fabricas.afiliado(), fabricas.afiliado()
    actualizar_afiliado(afiliado=abajo, cambios={"referente": arriba}, actor=EVA, motivo="x")
    return _de_arriba(campana, abajo)


def red() -> Comision:
    campana, arriba = _con_red(EVA), fabricas.afiliado()
    return _de_arriba(campana, fabricas.afiliado(referente=arriba))


def tarifa_de_quien_vende() -> Comision:
    """The ancestor earns a part of what the seller does."""
    campana, arriba = _con_red(PRUEBAS), fabricas.afiliado()
    abajo = fabricas.afiliado(referente=arriba)
    actualizar_afiliado(afiliado=abajo, cambios={"comision_base": D(90)}, actor=EVA, motivo="x")
    return _de_arriba(campana, abajo)


CASOS = [fija, base, premium, nivel, sin_tarifa, registrado, y_despues_otro_dato,
         y_despues_de_la_venta_otro, regla, regla_del_programa, a_mano, referente, red,
         tarifa_de_quien_vende]  # fmt: skip


@pytest.mark.parametrize("caso", CASOS)
def test_quien_lo_taso_no_lo_aprueba(caso: _Caso) -> None:
    comision = caso()
    with pytest.raises(CuatroOjos):
        aprobar_comision(comision=comision, actor=EVA)
    comision.refresh_from_db()
    assert comision.estado == "pendiente"
    assert aprobar_comision(comision=comision, actor=LUZ).estado == "aprobada"


def contacto() -> Comision:
    return cambiado(telefono="+34 600 000 000", nombre="Ada L.")


def minimo() -> Comision:
    """When it is paid, not what it earns."""
    return cambiado(minimo_pago=D(5))


def sin_condiciones() -> Comision:
    """Registered without any terms of its own."""
    campana = fabricas.campana()
    fabricas.regla(porcentaje="10", de=campana)
    suyo = registrar_afiliado(
        datos=NuevoAfiliado(nombre="Ada", email="a@b.co"), actor=EVA, activo=True
    )
    return fabricas.comision(de=suyo, en=campana)


def cambiado_despues() -> Comision:
    """Eva changed it when it was calculated already."""
    comision = fabricas.comision()
    actualizar_afiliado(
        afiliado=comision.afiliado, cambios={"comision_base": D(99)}, actor=EVA, motivo="x"
    )
    return comision


def cambiado_por_otro_luego() -> Comision:
    """Another one's rate is what it was calculated with."""
    suyo = fabricas.afiliado()
    for quien, tasa in ((EVA, 50), (persona(9), 12)):
        actualizar_afiliado(
            afiliado=suyo, cambios={"comision_base": D(tasa)}, actor=quien, motivo="x"
        )
    return fabricas.comision(de=suyo)


def otra_regla() -> Comision:
    regla_del_programa()
    return fabricas.comision()


@pytest.mark.parametrize(
    "caso",
    [contacto, minimo, sin_condiciones, cambiado_despues, cambiado_por_otro_luego, otra_regla],
)
def test_lo_que_no_la_ata(caso: _Caso) -> None:
    assert aprobar_comision(comision=caso(), actor=EVA).estado == "aprobada"


CAMPOS = {"comision_base": st.integers(0, 100).map(D), "nivel": st.sampled_from(["oro", "plata"]),
          "telefono": st.sampled_from(["1", "2"])}  # fmt: skip
CAMBIO = st.one_of(
    *(st.tuples(st.just(c), v, st.sampled_from([71, 72, 73])) for c, v in CAMPOS.items())
)


@pytest.mark.lento
@given(cambios=st.lists(CAMBIO, max_size=6), aprueba=st.sampled_from([71, 72, 73]))
def test_cualquier_sucesion_de_cambios(cambios: list[Any], aprueba: int) -> None:
    """The last to set each datum that prices is tied, and nobody else."""
    suyo = fabricas.afiliado()
    autores = {}
    for campo, valor, quien in cambios:
        if getattr(suyo, campo) == valor:
            continue
        suyo = actualizar_afiliado(
            afiliado=suyo, cambios={campo: valor}, actor=persona(quien), motivo="x"
        )
        if campo != "telefono":
            autores[campo] = quien
    comision = fabricas.comision(de=suyo)
    if aprueba in autores.values():
        with pytest.raises(CuatroOjos):
            aprobar_comision(comision=comision, actor=persona(aprueba))
    else:
        assert aprobar_comision(comision=comision, actor=persona(aprueba)).pk


@pytest.mark.parametrize("caso", [regla, base])
def test_su_politica_tampoco(caso: _Caso) -> None:
    """A policy approves in the name of who published it: others are approved, this one waits."""
    comision = caso()
    Comision.objects.update(madura_en=hace(days=1))
    publicar_politica(campana=comision.campana, hasta=D(10_000), motivo="x", actor=EVA)
    assert aprobar_por_politicas(actor=sistema("aprobacion"), limite=1) == 0
    ajena = fabricas.comision(en=comision.campana)
    Comision.objects.update(madura_en=hace(days=1))
    assert aprobar_por_politicas(actor=sistema("aprobacion"), limite=1) == 1
    ajena.refresh_from_db()
    comision.refresh_from_db()
    assert (ajena.estado, comision.estado) == ("aprobada", "pendiente")
    publicar_politica(campana=comision.campana, hasta=D(10_000), motivo="x", actor=LUZ)
    assert aprobar_por_politicas(actor=sistema("aprobacion"), limite=1) == 1
