"""Sales that are refused, that come by hand or many at once, and what they would do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import suspender_afiliado
from alpespartner.comun.actores import clave
from alpespartner.comun.errores import DatoInvalido, ErrorDominio
from comisiones.ajustes.reversos import aplicar_devoluciones
from comisiones.calculo.inmediato import PeticionCalculo, registrar_y_calcular
from comisiones.calculo.services import calcular_comisiones, recalcular_sin_importe
from comisiones.pagos.pago.services import programar_pagos
from comisiones.reglas.services import publicar_version
from comisiones.revision.services import aprobar_comision
from conversiones.campanas.services import pausar_campana
from conversiones.ventas.a_mano import rechazar_validada, registrar_a_mano
from conversiones.ventas.desglose import ParteDevuelta
from conversiones.ventas.devoluciones import (
    Devolucion,
    _aplicar_olvidada,
    devolver,
    guardar_pendiente,
)
from conversiones.ventas.ensayo import ensayar_devolucion, ensayar_venta
from conversiones.ventas.models import Conversion
from conversiones.ventas.selectors import Agenda, buscar_conversion, ids_de_ventas
from conversiones.ventas.services import (
    NuevaConversion,
    rechazar_conversion,
    registrar_conversion,
    registrar_en_masa,
    validar_conversion,
)
from tests import fabricas
from tests.fabricas import ANA, LUIS, OTRA, PRUEBAS
from tests.relatos.relato import Relato
from tests.relatos.test_ventas import version

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]
D = Decimal


def nueva(relato: Relato, **datos: Any) -> NuevaConversion:
    valores = {
        "afiliado": fabricas.afiliado(),
        "campana": fabricas.campana(),
        "valor": D("10"),
        **datos,
    }
    relato.empezar()
    return NuevaConversion(**valores)


def test_venta_que_no_entra(relato: Relato) -> None:
    """On both sides of each edge: who, where, when, how much and of what length."""
    ahora = timezone.now()
    campana = fabricas.campana(
        inicia_en=ahora - timedelta(days=10), termina_en=ahora + timedelta(seconds=30)
    )
    buena = nueva(relato, campana=campana)
    parada, pausada = fabricas.afiliado(email="p@example.com"), fabricas.campana()
    suspender_afiliado(afiliado=parada, actor=ANA, motivo="x")
    pausar_campana(campana=pausada, actor=ANA, motivo="x")
    parada.refresh_from_db()
    pausada.refresh_from_db()
    relato.empezar()
    sin_fin = fabricas.campana()
    relato.empezar()
    for que, cambios in (
        ("De una suspendida", {"afiliado": parada}),
        ("En una pausada", {"campana": pausada}),
        ("A los 5 minutos", {"campana": sin_fin, "ocurrida_en": timedelta(minutes=5)}),
        ("Más tarde", {"campana": sin_fin, "ocurrida_en": timedelta(minutes=5, seconds=1)}),
        ("Al empezar la campaña", {"ocurrida_en": timedelta(days=-10)}),
        ("Antes", {"ocurrida_en": timedelta(days=-10, seconds=-1)}),
        ("Al acabar", {"ocurrida_en": timedelta(seconds=30)}),
        ("Después", {"ocurrida_en": timedelta(seconds=31)}),
        ("De nada", {"valor": D(0)}),
        ("De un céntimo", {"valor": D("0.01")}),
        ("De una milésima", {"valor": D("0.001")}),
        ("En yenes con decimales", {"valor": D("1.5"), "moneda": "JPY"}),
        ("De lo más", {"valor": D("99999999999.99")}),
        ("De más", {"valor": D("100000000000")}),
        ("En moneda que no hay", {"moneda": "ZZZ"}),
        ("Con nuestra referencia", {"referencia_externa": "conv_" + "0" * 26}),
        ("De referencia larga", {"referencia_externa": "r" * 129}),
        ("De cupón largo", {"cupon": "c" * 200}),
        ("De envío ilegible", {"metadatos": {"envio": "x"}}),
        ("De producto ilegible", {"productos": [{"id": "a"}, {"id": ["b"]}]}),
    ):
        if "ocurrida_en" in cambios:
            cambios["ocurrida_en"] += ahora  # type: ignore[operator]
        relato.paso(
            que,
            lambda c=cambios: registrar_conversion(
                datos=replace(buena, **c), actor=PRUEBAS
            ),
            segundos=0,
        )  # fmt: skip


def test_muchas_a_la_vez(relato: Relato) -> None:
    """The good ones of a batch: those that come twice, that come back, that are wrong."""
    buena = nueva(relato, referencia_externa="a", motivo="la mandó su tienda")
    otra_campana = fabricas.campana()
    vuelve = registrar_conversion(datos=replace(buena, referencia_externa="v"), actor=PRUEBAS)
    rechazar_conversion(conversion=vuelve, actor=ANA, motivo="fraude")
    registrar_conversion(datos=replace(buena, referencia_externa="ya"), actor=PRUEBAS)
    guardar_pendiente(
        campana=buena.campana, referencia="a", actor=LUIS,
        datos=Devolucion(id_externo="d1", monto=D("2.50")),
    )  # fmt: skip
    relato.empezar()
    lote = [
        buena,
        replace(buena, valor=D("0")),
        replace(buena, campana=otra_campana),
        buena,
        DatoInvalido("de su puerta", campo="x"),
        replace(buena, referencia_externa="v"),
        replace(buena, referencia_externa="ya"),
        replace(buena, referencia_externa=None, valor=D("3"), motivo=""),
        replace(buena, referencia_externa=None, valor=D("3")),
    ]

    def registrar() -> None:
        for r in registrar_en_masa(datos=lote, actor=clave("abc")):
            que = r.id_publico if isinstance(r, Conversion) else f"{type(r).__name__}: {r.mensaje}"
            relato.dice("es", que)

    relato.paso("Se registran", registrar)
    relato.paso("Otra vez", registrar)


def test_venta_sin_tienda(relato: Relato) -> None:
    """By hand: what it would earn, and a sale refused after it was validated."""
    madre = fabricas.afiliado(nombre="Madre", email="m@example.com")
    hija = fabricas.afiliado(nombre="Hija", referente=madre, activo=False)
    version("red", condiciones={"porcentajes": ["5"], "suspendido": "omitir", "tope": "100"})
    campana = fabricas.campana()
    buena = nueva(
        relato, afiliado=hija, campana=campana, referencia_externa="a", valor=D("50.50")
    )  # fmt: skip
    relato.paso(
        "Se ensaya",
        lambda: relato.dice(
            "gana", [str(g) for g in ensayar_venta(datos=buena, motivo="m", actor=ANA)]
        ),
    )
    relato.paso("Sin motivo no", lambda: registrar_a_mano(datos=buena, motivo=" ", actor=ANA))
    venta = relato.paso(
        "Se registra", lambda: registrar_a_mano(datos=buena, motivo=" olvido ", actor=ANA)
    )
    assert venta is not None
    relato.paso("Dos veces no", lambda: registrar_a_mano(datos=buena, motivo="x", actor=ANA))
    sin_nombre = replace(buena, referencia_externa="")
    for _vez in range(2):
        relato.paso(
            "Sin referencia sí", lambda: registrar_a_mano(datos=sin_nombre, motivo="x", actor=ANA)
        )
    relato.paso(
        "Sin validar no", lambda: rechazar_validada(conversion=venta, motivo="x", actor=LUIS)
    )
    validar_conversion(conversion=venta, actor=ANA)
    calcular_comisiones(conversiones_ids=[venta.id_publico], actor=PRUEBAS)
    relato.empezar()
    relato.paso(
        "Sin motivo tampoco", lambda: rechazar_validada(conversion=venta, motivo=" ", actor=LUIS)
    )
    relato.paso(
        "Se rechaza", lambda: rechazar_validada(conversion=venta, motivo=" fraude ", actor=LUIS)
    )
    relato.paso("No otra vez", lambda: rechazar_validada(conversion=venta, motivo="x", actor=LUIS))


def test_devuelta_antes(relato: Relato) -> None:
    """What was taken back of a sale before its commissions were calculated."""
    ventas = [fabricas.conversion(valor=valor) for valor in ("100.10", "50", "20")]
    for n, monto in enumerate((D("33.37"), None)):
        datos = Devolucion(id_externo=f"d{n}", monto=monto)
        devolver(conversion=ventas[n], datos=datos, actor=ANA)
    relato.empezar()
    ids = [venta.id_publico for venta in ventas]
    relato.paso("Una", lambda: calcular_comisiones(conversiones_ids=ids[:1], actor=PRUEBAS))
    relato.paso("Las demás", lambda: calcular_comisiones(conversiones_ids=ids, actor=PRUEBAS))
    for quien in (ANA, PRUEBAS):
        relato.paso(
            "Y ya no",
            lambda q=quien: aplicar_devoluciones(conversiones_ids=ids, actor=q),
        )


def test_ensayo_de_devolucion(relato: Relato) -> None:
    """What it would take from what is pending, approved and in a payment; nothing is written."""
    ventas = []
    for estado in ("pendiente", "aprobada", "en pago"):
        comision = fabricas.comision(valor="30.30")
        ventas.append(comision.conversion)
        if estado != "pendiente":
            aprobar_comision(comision=comision, actor=ANA)
        if estado == "en pago":
            programar_pagos(comisiones_ids=[comision.id_publico], actor=PRUEBAS)
    relato.empezar()
    for venta in ventas:
        for dada in (
            Devolucion(id_externo="d", monto=D("10.10")),
            Devolucion(id_externo="d"),
            Devolucion(id_externo="d", monto=D("30.31")),
        ):
            relato.paso(
                "Se ensaya",
                lambda v=venta, d=dada: relato.dice(
                    "haría", str(ensayar_devolucion(conversion=v, datos=d, actor=ANA))
                ),
            )


def test_devolucion_que_no_entra(relato: Relato) -> None:
    """On both sides of each edge: how much, what for, when; the id of another."""
    venta = fabricas.conversion(valor="100", metadatos={"envio": "5"})
    yenes = fabricas.conversion(en=fabricas.campana(moneda="JPY"), valor="100")
    ahora = timezone.now()
    guardar_pendiente(
        campana=venta.campana, referencia="lejos", actor=OTRA, datos=Devolucion(id_externo="espera")
    )
    relato.empezar()
    envio = ParteDevuelta(concepto="envio", monto=D("1"))
    for de, datos in (
        (venta, {"monto": D(0)}),
        (venta, {"monto": D("-1")}),
        (venta, {"monto": D("0.001")}),
        (venta, {"monto": D("0.00001")}),
        (venta, {"monto": D("100000000000")}),
        (yenes, {"monto": D("0.5")}),
        (venta, {"monto": D(1), "tipo": "venta"}),
        (venta, {"monto": D(1), "id_externo": "  "}),
        (venta, {"monto": D(1), "id_externo": "i" * 129}),
        (venta, {"monto": D(1), "id_externo": "mov_" + "0" * 26}),
        (venta, {"monto": D(1), "ocurrido_en": ahora + timedelta(minutes=5, seconds=1)}),
        (venta, {"de": [replace(envio, monto=D(0))]}),
        (venta, {"de": [replace(envio, concepto="otro")]}),
        (venta, {"de": [replace(envio, producto_id="x")]}),
        (venta, {"de": [replace(envio, monto=D("0.001"))]}),
        (venta, {"de": [envio], "monto": D("1.01")}),
        (venta, {"de": [envio], "monto": D("1"), "id_externo": "b"}),
        (venta, {"monto": D(1), "id_externo": "b"}),
        (venta, {"monto": D(1), "id_externo": "espera"}),
        (yenes, {"monto": D(1), "id_externo": "espera"}),
        (venta, {"monto": D(1), "ocurrido_en": ahora + timedelta(minutes=5)}),
    ):
        relato.paso(
            str(datos),
            lambda d=datos, c=de: devolver(
                conversion=c, datos=Devolucion(**{"id_externo": "a", **d}), actor=OTRA
            ),
            segundos=0,
        )
    for referencia, externo in (("lejos", "b"), ("lejos", "espera"), ("conv_" + "0" * 26, "c")):
        relato.paso(
            "Espera, no",
            lambda r=referencia, e=externo: guardar_pendiente(
                campana=venta.campana, referencia=r, actor=OTRA, datos=Devolucion(id_externo=e)
            ),
        )
    relato.dice("una que ya no está", _aplicar_olvidada(0))


def test_inmediato_de_siempre(relato: Relato) -> None:
    """In one step, of a sale that another door registered, refused, or cannot be one."""
    de, en = fabricas.afiliado(), fabricas.campana()
    registrada = registrar_conversion(
        datos=NuevaConversion(afiliado=de, campana=en, valor=D("20"), referencia_externa="r"),
        actor=PRUEBAS,
    )
    rechazada = registrar_conversion(
        datos=NuevaConversion(afiliado=de, campana=en, valor=D("20"), referencia_externa="x"),
        actor=PRUEBAS,
    )
    rechazar_conversion(conversion=rechazada, actor=ANA, motivo="m")
    madre = fabricas.afiliado(nombre="Madre", email="m@example.com")
    hija = fabricas.afiliado(nombre="Hija", email="h@example.com", referente=madre)
    version("red", condiciones={"porcentajes": ["5"], "suspendido": "omitir", "tope": "100"})
    guardar_pendiente(
        campana=en, referencia="n", datos=Devolucion(id_externo="d", monto=D(2)), actor=LUIS
    )
    relato.empezar()
    pedida = PeticionCalculo(referencia="r", afiliado=de, campana=en, importe=D("20"), moneda="USD")

    def pedir(**cambios: Any) -> None:
        comision, es_nueva = registrar_y_calcular(peticion=replace(pedida, **cambios), actor=LUIS)
        relato.dice("es", [comision.id_publico, comision.estado, comision.monto, es_nueva])

    for que, cambios in (
        ("Registrada por otra puerta", {}),
        ("La misma", {}),
        ("Por nuestro id", {"referencia": registrada.id_publico}),
        ("De otra moneda", {"moneda": "EUR"}),
        ("De otra afiliada", {"afiliado": madre}),
        ("Rechazada, que vuelve", {"referencia": "x"}),
        ("Nueva, en otra moneda", {"referencia": "m", "moneda": "EUR"}),
        ("De importe que no es", {"referencia": "n", "importe": D("0")}),
        ("Nueva, con red", {"referencia": "n", "afiliado": hija}),
        ("La misma, con red", {"referencia": "n", "afiliado": hija}),
    ):
        relato.paso(que, lambda c=cambios: pedir(**c))


def test_busca_ventas(relato: Relato) -> None:
    """By our id, and by the partner's reference, which another campaign may have too."""
    una = fabricas.campana(nombre="Una")
    otra = fabricas.campana(nombre="Otra", predeterminada=True, referencia_externa="otra")
    de = fabricas.afiliado(referencia_externa="ada")
    ajena = fabricas.afiliado(email="b@example.com")
    datos = NuevaConversion(afiliado=de, campana=una, valor=D(1))
    primera, *_mas = (
        registrar_conversion(
            datos=replace(datos, campana=campana, referencia_externa=que), actor=PRUEBAS
        )
        for campana in (una, otra)
        for que in ("p-1", "p-1-bis")
    )
    for referencia in (" p-1 ", "p-9", primera.id_publico, "conv_" + "9" * 26, "1-bis"):
        for campana in (una, otra, None):
            hallada = buscar_conversion(referencia, campana, Conversion.objects.all())
            relato.dice(f"{referencia} en {campana}", hallada and hallada.id_publico)
        claves = ids_de_ventas(referencia)
        ids = dict(Conversion.objects.values_list("pk", "id_publico"))
        relato.dice(f"{referencia}, todas", [ids[pk] for pk in claves])
    agenda = Agenda(
        Afiliado.objects.exclude(pk=ajena.pk), {" ada ", ajena.id_publico}, {"otra", una.id_publico}
    )  # fmt: skip
    with CaptureQueriesContext(connection) as consultas:
        sabidos = [agenda.campana(una.id_publico), agenda.campana(None), agenda.afiliado("ada")]
    relato.dice("sin preguntar otra vez", [len(consultas), *(s.id_publico for s in sabidos)])
    for que, dar in (("afiliado", agenda.afiliado), ("campana", agenda.campana)):
        for nombre in ("ada", de.id_publico, ajena.id_publico, "otra", una.id_publico, None, "x"):
            if nombre is None and que == "afiliado":
                continue
            try:
                hallado = dar(nombre).id_publico  # type: ignore[arg-type]
            except ErrorDominio as exc:
                hallado = f"{type(exc).__name__} ({getattr(exc, 'campo', '')}): {exc.mensaje}"
            relato.dice(f"{que} {nombre}", hallado)


def test_otra_escala(relato: Relato) -> None:
    """What a scale inherits changed meanwhile: the orders of before are of another scale."""
    en, de = fabricas.campana(), fabricas.afiliado_sin_tarifa()
    general = version("porcentual", porcentaje=D(1), condiciones={"tope": "500"}, moneda="USD")
    tramos = [{"desde": "0", "hasta": "100", "porcentaje": "10"},
              {"desde": "100", "porcentaje": "15"}]  # fmt: skip
    version(
        "escalonada", moneda="USD", de=en,
        condiciones={
            "modo": "graduada", "periodo": "total", "zona_horaria": "UTC", "tramos": tramos,
        },
    )  # fmt: skip
    ventas = [
        fabricas.conversion(de=de, en=en, valor="60.10", ocurrida_en=fabricas.hace(days=dias))
        for dias in (6, 5, 1, 0)
    ]
    relato.empezar()
    relato.paso("Dos", lambda: _montos(relato, ventas[:2]))
    publicar_version(
        regla=general.regla, tipo="porcentual", porcentaje=D(1), moneda="USD", actor=ANA,
        condiciones={"tope": "400"}, vigente_desde=fabricas.hace(days=3),
    )  # fmt: skip
    relato.empezar()
    relato.paso("Y dos con otro tope", lambda: _montos(relato, ventas[2:]))


def test_escala_que_faltaba(relato: Relato) -> None:
    """A sale that waited for a rule, and comes late to the scale of those after it."""
    en, de = fabricas.campana(), fabricas.afiliado_sin_tarifa()
    ventas = [
        fabricas.conversion(de=de, en=en, valor="60.10", ocurrida_en=fabricas.hace(days=dias))
        for dias in (6, 5, 1)
    ]
    sin_regla = fabricas.calcular(ventas[0])
    tramos = [{"desde": "0", "hasta": "100", "porcentaje": "10"},
              {"desde": "100", "porcentaje": "15"}]  # fmt: skip
    version(
        "escalonada", moneda="USD", de=en,
        condiciones={
            "modo": "graduada", "periodo": "total", "zona_horaria": "UTC", "tramos": tramos,
        },
    )  # fmt: skip
    calcular_comisiones(conversiones_ids=[v.id_publico for v in ventas[1:]], actor=PRUEBAS)
    relato.empezar()
    relato.paso(
        "Tiene regla",
        lambda: relato.dice("tiene", recalcular_sin_importe(comision=sin_regla, actor=PRUEBAS)),
    )


def _montos(relato: Relato, ventas: list[Conversion]) -> None:
    ids = [venta.id_publico for venta in ventas]
    for comision in calcular_comisiones(conversiones_ids=ids, actor=PRUEBAS):
        relato.dice("paga", comision.monto)
