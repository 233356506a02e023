"""What is asked of many commissions at once never lets through one that is tied to its author."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from afiliados.afiliado.services import NuevoAfiliado, actualizar_afiliado, registrar_afiliado
from afiliados.claves.models import ClaveAPI
from afiliados.claves.services import crear_clave
from alpespartner.comun.actores import Actor, clave, persona, sistema
from alpespartner.comun.identificadores import nuevo_id
from comisiones.calculo.services import calcular_comisiones, calcular_manual
from comisiones.comision.models import Comision
from comisiones.motor import Terminos
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.separacion.selectors import ajenas, vetos_de
from conversiones.ventas.services import NuevaConversion, registrar_conversion
from tests import fabricas
from tests.fabricas import PRUEBAS, hace

pytestmark = pytest.mark.django_db
D = Decimal
EVA, LUZ, NADIE = persona(71), persona(72), persona(73)


def con_red(quien: Actor, que: str) -> list[Comision]:
    """A sale that pays its affiliate and two above it, of which ``quien`` did one thing."""
    en = fabricas.campana(nombre=f"{que} {quien}")
    terminos: dict[str, dict[str, Any]] = {
        "porcentual": {"porcentaje": D(10)},
        "red": {"condiciones": {"porcentajes": ["5", "3"]}},
    }
    for tipo, datos in terminos.items():
        publicar_version(
            regla=crear_regla(nombre=tipo, campana=en, actor=PRUEBAS), tipo=tipo,
            vigente_desde=hace(days=30), actor=quien if que == tipo else PRUEBAS, **datos,
        )  # fmt: skip
    arriba: Any = None
    for lugar in ("abuela", "madre", "hija"):
        suyo = registrar_afiliado(
            datos=NuevoAfiliado(nombre=lugar, email=f"{nuevo_id(lugar)}@example.com"),
            actor=quien if que == f"registro {lugar}" else PRUEBAS, activo=True,
        )  # fmt: skip
        if arriba is not None:
            actualizar_afiliado(
                afiliado=suyo, cambios={"referente": arriba}, motivo="m",
                actor=quien if que == f"referente {lugar}" else PRUEBAS,
            )  # fmt: skip
        if que == f"nivel {lugar}":
            actualizar_afiliado(
                afiliado=suyo, cambios={"nivel": "oro"}, motivo="m", actor=quien
            )  # fmt: skip
        suyo.refresh_from_db()
        arriba = suyo
    venta = registrar_conversion(
        datos=NuevaConversion(afiliado=arriba, campana=en, valor=D(100)),
        actor=quien if que == "venta" else PRUEBAS,
    )
    if que == "a mano":
        calcular_manual(conversion=venta, terminos=Terminos(monto_fijo=D(5)), actor=quien)
    calcular_comisiones(
        conversiones_ids=[venta.id_publico], actor=quien if que == "calculo" else PRUEBAS
    )
    return list(Comision.objects.filter(conversion=venta).order_by("nivel"))


QUE = ("nada", "porcentual", "red", "venta", "calculo", "a mano", "referente madre",
       "referente hija", "nivel abuela", "nivel madre", "nivel hija", "registro abuela",
       "registro madre", "registro hija")  # fmt: skip


def suya(quien: str, de: Any = None) -> Actor:
    """A key that a person made."""
    alcances = ["comisiones:aprobar"] if de is None else ["comisiones:leer"]
    hecha, _texto = crear_clave(
        nombre="n", titular=quien, alcances=alcances, actor=EVA, afiliado=de
    )  # fmt: skip
    return clave(ClaveAPI.objects.get(pk=hecha.pk).id_clave)


@pytest.mark.lento
def test_ninguna_atada_pasa() -> None:
    """Each thing that each sort of author may have done, asked for by everybody."""
    de_eva = suya("t")
    for quien in (EVA, LUZ, de_eva):
        for que in QUE:
            con_red(quien, que)
    todas = list(Comision.objects.select_related("afiliado", "conversion", "regla"))
    assert len(todas) > 3 * len(QUE)
    for actor in (EVA, LUZ, de_eva, suya("otro"), NADIE, sistema("x")):
        libres = ajenas(todas, actor)
        con_veto = {c.pk for c in todas if vetos_de(c, actor)}
        assert not libres & con_veto, [c.traza for c in todas if c.pk in libres & con_veto]
        # Nor is everybody asked about everything.
        if not con_veto:
            assert libres == {c.pk for c in todas}
        else:
            assert libres


@pytest.mark.parametrize("que", QUE)
def test_de_cada_cosa(que: str) -> None:
    """By itself: what ties, ties whoever did it and nobody else."""
    hechas = con_red(EVA, que)
    assert hechas
    libres = ajenas(hechas, EVA)
    assert not libres & {c.pk for c in hechas if vetos_de(c, EVA)}
    assert ajenas(hechas, NADIE) == {c.pk for c in hechas}


def test_pocas_preguntas_para_muchas() -> None:
    def cuantas(n: int) -> int:
        todas = [c for _n in range(n) for c in con_red(LUZ, "nada")]
        claves = [c.pk for c in todas]
        juntas = list(
            Comision.objects.filter(pk__in=claves).select_related("afiliado", "conversion", "regla")
        )
        with CaptureQueriesContext(connection) as consultas:
            assert ajenas(juntas, EVA) == set(claves)
        return len(consultas)

    assert cuantas(4) == cuantas(1)
