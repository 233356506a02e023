"""Reads of commissions and what services give, each row that is found beside one that is not."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import OperationalError
from django.utils import timezone

from afiliados.afiliado.services import bloquear_afiliado
from afiliados.claves.models import ClaveAPI
from afiliados.claves.selectors import afiliados_de_quien, clave_de, tiene_clave
from afiliados.claves.services import crear_clave, id_de_texto
from alpespartner.comun.actores import Actor, clave, persona
from alpespartner.comun.errores import ReferenciaAmbigua
from comisiones.ajustes.models import Ajuste
from comisiones.comision.models import Comision
from comisiones.comision.selectors import (
    comision_de_conversion,
    comisiones_visibles,
    hay_calculado_desde,
    totales,
)
from comisiones.contadores import tablas as contadas
from comisiones.contadores.libro import LIBRO
from comisiones.metricas import medidas, reconstruccion
from comisiones.metricas.models import Remedicion
from comisiones.revision import avance
from conversiones.inscripciones import services as inscripciones
from tests import fabricas
from tests.comisiones.revision.mesa import decidir, elegir
from tests.fabricas import PRUEBAS

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def test_la_de_una_venta() -> None:
    """By the id of its sale or its reference, if that is of one; of who sold, and alive."""
    de, en, otra = fabricas.afiliado(), fabricas.campana(), fabricas.campana()
    una = fabricas.comision(de=de, en=en, referencia_externa="r-1")
    for campana in (en, otra):
        fabricas.comision(de=de, en=campana, referencia_externa="r-2")
    todas = Comision.objects.all()
    assert comision_de_conversion(una.conversion.id_publico, todas) == una
    assert comision_de_conversion(" r-1 ", todas) == una
    assert comision_de_conversion("r-3", todas) is None
    with pytest.raises(ReferenciaAmbigua):
        comision_de_conversion("r-2", todas)
    assert comision_de_conversion("r-1", todas.exclude(pk=una.pk)) is None
    for cambio in ({"nivel": 2}, {"nivel": 1, "viva": None}):
        Comision.objects.filter(pk=una.pk).update(**cambio)
        assert comision_de_conversion("r-1", todas) is None
        assert comision_de_conversion(una.conversion.id_publico, todas) is None


def test_lo_que_suman() -> None:
    """By currency, in order, to the cent."""
    de, en = fabricas.afiliado(), fabricas.campana()
    for valor, moneda in (("100.10", "USD"), ("50.05", "USD"), ("70", "EUR")):
        fabricas.comision(de=de, en=en, valor=valor, moneda=moneda)
    assert totales(Comision.objects.all()) == [("EUR", 1, D("7.00")), ("USD", 2, D("15.02"))]
    assert totales(Comision.objects.filter(moneda="USD", monto__lt=6)) == [("USD", 1, D("5.01"))]
    assert totales(Comision.objects.none()) == []


def test_lo_que_se_calculo_por_un_afiliado() -> None:
    """Of its own sales and of those that it earns of, since an instant; not what has no amount."""
    de, red = fabricas.afiliado(), fabricas.afiliado(email="r@example.com")
    ajeno = fabricas.afiliado(email="x@example.com")
    una = fabricas.comision(de=de)
    ocurrida = una.conversion.ocurrida_en
    de_red = fabricas.comision(de=de)
    Comision.objects.filter(pk=de_red.pk).update(afiliado=red, nivel=2)
    un_instante = timedelta(microseconds=1)
    for quien in (de, red):
        assert hay_calculado_desde(quien, ocurrida)
    assert not hay_calculado_desde(ajeno, ocurrida - un_instante)
    Comision.objects.filter(pk=de_red.pk).delete()
    assert hay_calculado_desde(de, ocurrida)
    assert not hay_calculado_desde(de, ocurrida + un_instante)
    for estado, motivo, hay in (
        ("retenida", "sin_regla", False), ("retenida", "manual", True),
        ("retenida", "fuera_de_rango", False), ("pendiente", "sin_regla", True),
    ):  # fmt: skip
        Comision.objects.filter(pk=una.pk).update(estado=estado, motivo_retencion=motivo)
        assert hay_calculado_desde(de, ocurrida) is hay


def test_de_quien_son_las_claves_de_unas_manos() -> None:
    """Those of the same holder, of whichever affiliate; none of a person."""
    una, otra = fabricas.afiliado(), fabricas.afiliado(email="o@example.com")

    def nueva(titular: str, de: object = None) -> ClaveAPI:
        return crear_clave(
            nombre="k", titular=titular, alcances=["conversiones:leer"], afiliado=de,
            actor=PRUEBAS,
        )[0]  # fmt: skip

    suya, de_programa = nueva("T", una), nueva("Otro")
    nueva("O", otra)
    assert afiliados_de_quien(clave(suya.id_clave)) == {una.pk}
    assert afiliados_de_quien(clave(de_programa.id_clave)) == frozenset()
    assert afiliados_de_quien(persona(1)) == frozenset()
    assert clave_de(clave(suya.id_clave)) == suya
    for nadie in (persona(1), Actor("persona", suya.id_clave), clave("no_hay")):
        assert clave_de(nadie) is None
    assert afiliados_de_quien(Actor("persona", suya.id_clave)) == frozenset()


def test_las_que_ve_una_clave() -> None:
    """Those of its affiliate, or all."""
    una, ajena = fabricas.comision(), fabricas.comision()
    suya = ClaveAPI(afiliado=una.afiliado)
    assert set(comisiones_visibles(suya)) == {una}
    assert set(comisiones_visibles(ClaveAPI())) == {una, ajena}


@pytest.mark.parametrize(
    ("falla", "pasa"),
    [(OperationalError(1213, "deadlock"), True), (OperationalError(1021, "disk full"), False)],
)
def test_lo_que_la_base_no_puede(
    monkeypatch: pytest.MonkeyPatch, falla: OperationalError, pasa: bool
) -> None:
    """What may succeed in a moment is tried again by whoever comes next; anything else is set
    aside with its cause."""
    una = fabricas.comision()

    def romper(*_de: object, **_datos: object) -> None:
        raise falla

    monkeypatch.setitem(avance._APLICAR, avance.AccionEnMasa.APROBAR, romper)
    decision = elegir([una])
    if pasa:
        with pytest.raises(OperationalError):
            decidir(decision)
    else:
        assert decidir(decision) == {una.id_publico: "fallo"}
        assert decision.lineas.get().detalle == "OperationalError"


def test_remedir_no_recibe_lo_de_despues() -> None:
    """Once a row was measured anew, an event of it that was written afterwards must come."""
    assert not reconstruccion._intacta()
    Remedicion.objects.create(de="venta")
    Remedicion.objects.create(de="comision")
    assert reconstruccion._intacta()
    Remedicion.objects.filter(de="venta").update(hasta=1)
    assert not reconstruccion._intacta()


def test_que_filas_nombra_un_evento() -> None:
    """By its subject: a sale, a commission or an adjustment of it; and no other."""
    una, otra = fabricas.aprobada(), fabricas.aprobada()
    ajustes = [
        Ajuste.objects.create(
            id_publico=f"aj_{n}", afiliado=una.afiliado, comision=comision, tipo="bono",
            monto=D(1), moneda="USD", motivo="m", creado_por="x",
        )
        for n, comision in enumerate((una, otra, None))
    ]  # fmt: skip
    suyo, _ajeno, suelto = (a.id_publico for a in ajustes)
    assert medidas.COMISIONES.claves_de({suyo, suelto}) == [una.pk]
    assert medidas.COMISIONES.claves_de({una.id_publico, suyo}) == [una.pk]
    assert medidas.COMISIONES.claves_de({otra.id_publico, suyo}) == [una.pk, otra.pk]
    assert medidas.VENTAS.claves_de({una.conversion.id_publico, suyo}) == [una.conversion_id]
    assert contadas.COMISIONES.claves_de({una.id_publico, suyo}) == [una.pk]
    lineas = LIBRO.claves_de([una.id_publico])
    assert [LIBRO.leer(pk=pk)[pk][0] for pk in lineas] == [una.id_publico]
    assert LIBRO.claves_de([suyo]) == []


def test_lo_que_dan_los_servicios_de_inscripciones() -> None:
    """What they wrote, for whoever asked."""
    en, de = fabricas.con_inscripcion(), fabricas.afiliado()
    hechos = [inscripciones.publicar_terminos(campana=en, texto=t, actor=PRUEBAS) for t in "ab"]
    assert [(t.numero, t.texto) for t in hechos] == [(1, "a"), (2, "b")]
    suya = inscripciones.invitar(campana=en, afiliado=de, actor=PRUEBAS)
    assert (suya.estado, suya.terminos) == ("invitado", 0)
    for hacer, estado in (
        (lambda: inscripciones.solicitar(campana=en, afiliado=de, terminos=2, actor=PRUEBAS),
         "inscrito"),
        (lambda: inscripciones.solicitar(campana=en, afiliado=de, terminos=2, actor=PRUEBAS),
         "inscrito"),
        (lambda: inscripciones.retirar_inscripcion(inscripcion=suya, motivo="m", actor=PRUEBAS),
         "retirado"),
        (lambda: inscripciones.solicitar(campana=en, afiliado=de, terminos=2, actor=PRUEBAS),
         "solicitado"),
        (lambda: inscripciones.rechazar_inscripcion(inscripcion=suya, motivo="m", actor=PRUEBAS),
         "rechazado"),
        (lambda: inscripciones.invitar(campana=en, afiliado=de, actor=PRUEBAS), "invitado"),
        (lambda: inscripciones.aprobar_inscripcion(inscripcion=suya, actor=PRUEBAS), "inscrito"),
    ):  # fmt: skip
        dada = hacer()
        assert (dada.pk, dada.estado, dada.afiliado, dada.campana) == (suya.pk, estado, de, en)


def test_quien_tiene_una_clave_que_sirve() -> None:
    """Of the holder or of the affiliate that is asked about, now, and in the programme."""
    de, otro = fabricas.afiliado(), fabricas.afiliado(email="o@example.com")

    def nueva(titular: str, de: object = None) -> ClaveAPI:
        return crear_clave(
            nombre="k", titular=titular, alcances=["conversiones:leer"], afiliado=de,
            actor=PRUEBAS,
        )[0]  # fmt: skip

    def hay() -> list[bool]:
        return [
            tiene_clave("una", ""), tiene_clave("una", de.id_publico), tiene_clave("otra", ""),
            tiene_clave("x", otro.id_publico), tiene_clave("", ""),
        ]  # fmt: skip

    assert hay() == [False] * 5
    una, suya = nueva("Una"), nueva("Suya", de)
    assert hay() == [True, True, False, False, False]
    ahora = timezone.now()
    un_instante = timedelta(microseconds=1)
    with time_machine.travel(ahora, tick=False):
        for campo, valor, sirve in (
            ("expira_en", ahora + un_instante, True), ("expira_en", ahora, False),
            ("expira_en", None, True), ("revocada_en", ahora, False),
            ("suspendida_en", ahora, False),
        ):  # fmt: skip
            for clave_suya, n in ((una, 0), (suya, 1)):
                ClaveAPI.objects.filter(pk=clave_suya.pk).update(**{campo: valor})
                assert hay()[n] is sirve, (campo, valor)
                if campo != "expira_en":
                    ClaveAPI.objects.filter(pk=clave_suya.pk).update(**{campo: None})
    bloquear_afiliado(afiliado=de, actor=PRUEBAS, motivo="m")
    assert hay() == [True, False, False, False, False]


def test_la_clave_que_dice_un_texto() -> None:
    """Its public part, whatever its secret; of none that there is, nothing."""
    suya, texto = crear_clave(nombre="k", titular="t", alcances=["eventos:leer"], actor=PRUEBAS)
    assert id_de_texto(texto) == suya.id_clave
    otro_secreto = texto[:-1] + ("a" if texto[-1] != "a" else "b")
    assert id_de_texto(otro_secreto) == suya.id_clave
    assert id_de_texto(texto.replace(suya.id_clave, suya.id_clave[::-1])) is None
    assert id_de_texto("x") is None
