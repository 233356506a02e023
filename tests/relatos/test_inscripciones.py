"""Enrolments: asked for, invited, accepted, turned down, taken out; their terms; and who earns."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import bloquear_afiliado, suspender_afiliado
from conversiones.campanas.models import Campana
from conversiones.campanas.services import finalizar_campana, pedir_inscripcion
from conversiones.inscripciones import models, services
from conversiones.inscripciones.models import Inscripcion
from conversiones.inscripciones.selectors import esta_inscrito, terminos_vigentes
from tests import fabricas
from tests.fabricas import ANA, LUIS, PRUEBAS
from tests.relatos.relato import Relato

pytestmark = [pytest.mark.django_db, pytest.mark.una_base]


def solicitar(en: Campana, de: Afiliado, terminos: int = 0) -> Inscripcion:
    return services.solicitar(campana=en, afiliado=de, terminos=terminos, actor=PRUEBAS)


def test_inscripciones(relato: Relato) -> None:
    """Of one affiliate in one campaign, beside another affiliate and another campaign."""
    en, otra = fabricas.con_inscripcion(), fabricas.con_inscripcion()
    una, vecina = fabricas.afiliado(), fabricas.afiliado(email="v@example.com")
    fabricas.inscripcion(de=vecina, en=en)
    fabricas.inscripcion(de=una, en=otra)
    dicho: Any = {"motivo": " no encaja ", "actor": LUIS}
    relato.empezar()
    suya = relato.paso("Pide entrar", lambda: solicitar(en, una))
    assert suya is not None
    relato.paso("Otra vez, nada", lambda: solicitar(en, una))
    relato.paso("No se invita", lambda: services.invitar(campana=en, afiliado=una, actor=ANA))
    relato.paso(
        "Sin motivo no se rechaza",
        lambda: services.rechazar_inscripcion(inscripcion=suya, motivo=" ", actor=ANA),
    )
    relato.paso("Se rechaza", lambda: services.rechazar_inscripcion(inscripcion=suya, **dicho))
    relato.paso("No se retira", lambda: services.retirar_inscripcion(inscripcion=suya, **dicho))
    relato.paso("La invitan", lambda: services.invitar(campana=en, afiliado=una, actor=ANA))
    relato.paso("Acepta", lambda: solicitar(en, una))
    relato.paso("Ya está", lambda: solicitar(en, una))
    relato.paso(
        "Sin motivo no se retira",
        lambda: services.retirar_inscripcion(inscripcion=suya, motivo="", actor=ANA),
    )
    relato.paso("Se retira", lambda: services.retirar_inscripcion(inscripcion=suya, **dicho))
    relato.paso("Vuelve a pedirlo", lambda: solicitar(en, una))
    relato.paso(
        "Se acepta",
        lambda: services.aprobar_inscripcion(inscripcion=suya, actor=ANA, motivo=" vale "),
    )
    relato.paso("Y no otra vez", lambda: services.aprobar_inscripcion(inscripcion=suya, actor=ANA))
    nueva = fabricas.afiliado(email="n@example.com")
    relato.empezar()
    relato.paso("Otra, invitada", lambda: services.invitar(campana=en, afiliado=nueva, actor=ANA))
    relato.paso("Y otra vez no", lambda: services.invitar(campana=en, afiliado=nueva, actor=ANA))


def test_quien_no_se_inscribe(relato: Relato) -> None:
    """In an open campaign or one that ended nobody; who is out of the programme nowhere."""
    abierta, acabada, en = (
        fabricas.campana(),
        fabricas.con_inscripcion(),
        fabricas.con_inscripcion(),
    )
    una, bloqueada, parada = (fabricas.afiliado(email=f"{n}@example.com") for n in ("a", "b", "c"))
    de_acabada = solicitar(acabada, una)
    finalizar_campana(campana=acabada, actor=ANA, motivo="m")
    de_bloqueada = solicitar(en, bloqueada)
    bloquear_afiliado(afiliado=bloqueada, actor=ANA, motivo="m")
    suspender_afiliado(afiliado=parada, actor=ANA, motivo="m")
    relato.empezar()
    for campana, quien in ((abierta, una), (acabada, una), (en, bloqueada)):
        relato.paso("No pide", lambda c=campana, q=quien: solicitar(c, q))
        relato.paso(
            "No se invita",
            lambda c=campana, q=quien: services.invitar(campana=c, afiliado=q, actor=ANA),
        )
    for suya in (de_acabada, de_bloqueada):
        relato.paso(
            "No entra",
            lambda s=suya: services.aprobar_inscripcion(inscripcion=s, actor=ANA),
        )
        relato.paso(
            "Y se rechaza",
            lambda s=suya: services.rechazar_inscripcion(inscripcion=s, actor=ANA, motivo="m"),
        )
    relato.paso("Una suspendida sí pide", lambda: solicitar(en, parada))


def test_terminos(relato: Relato, monkeypatch: Any) -> None:
    """Published by versions, each campaign its own; accepted by the one in force."""
    monkeypatch.setattr(services, "MAX_TERMINOS", 8)
    assert models.MAX_TERMINOS == 20_000
    en, otra = fabricas.con_inscripcion(), fabricas.con_inscripcion()
    una, vieja = fabricas.afiliado(), fabricas.afiliado(email="v@example.com")
    fabricas.inscripcion(de=vieja, en=en)

    def publicar(texto: str, campana: Campana = en) -> Any:
        return services.publicar_terminos(campana=campana, texto=texto, actor=ANA)

    relato.empezar()
    relato.dice("vigentes", terminos_vigentes(en))
    relato.paso("Sin texto no", lambda: publicar("  "))
    relato.paso("Ni largo", lambda: publicar("x" * 9))
    relato.paso("La primera", lambda: publicar(f"  {'x' * 8}  "))
    relato.paso("De la otra", lambda: publicar("otra", otra))
    relato.paso("La segunda", lambda: publicar("dos"))
    relato.dice("vigentes", terminos_vigentes(en))
    for version in (0, 1, 3):
        relato.paso(f"No la {version}", lambda v=version: solicitar(en, una, v))
    relato.paso("La segunda sí", lambda: solicitar(en, una, 2))
    relato.paso("Y no otra vez", lambda: solicitar(en, una, 2))
    relato.paso("Sin aceptarla no entra", lambda: solicitar(en, vieja))
    relato.paso("Quien estaba la acepta", lambda: solicitar(en, vieja, 2))
    relato.paso("La tercera", lambda: publicar("tres"))
    relato.paso("La acepta quien lo pidió", lambda: solicitar(en, una, 3))
    suya = Inscripcion.objects.get(campana=en, afiliado=una)
    relato.paso(
        "Se rechaza",
        lambda: services.rechazar_inscripcion(inscripcion=suya, actor=ANA, motivo="m"),
    )
    relato.paso("La invitan", lambda: services.invitar(campana=en, afiliado=una, actor=ANA))
    relato.paso("Acepta con la de antes", lambda: solicitar(en, una, 2))
    relato.paso("Con la de ahora", lambda: solicitar(en, una, 3))


def test_quien_gana_alli(relato: Relato) -> None:
    """Instant by instant, beside one that is in another campaign and one that is in this."""
    en, otra = fabricas.campana(), fabricas.con_inscripcion()
    una, vecina = fabricas.afiliado(), fabricas.afiliado(email="v@example.com")
    fabricas.inscripcion(de=una, en=otra)
    relato.empezar()
    horas = 3600
    instantes = [timezone.now()]

    def paso(que: str, hacer: Any) -> None:
        relato.paso(que, hacer, segundos=horas)
        instantes.append(timezone.now())

    paso("Pide inscribirse", lambda: pedir_inscripcion(campana=en, actor=ANA, motivo="m"))
    en.refresh_from_db()
    fabricas.inscripcion(de=vecina, en=en)
    relato.empezar()
    paso("La invitan", lambda: services.invitar(campana=en, afiliado=una, actor=ANA))
    suya = Inscripcion.objects.get(campana=en, afiliado=una)
    paso("Entra", lambda: services.aprobar_inscripcion(inscripcion=suya, actor=ANA))
    paso("Sale", lambda: services.retirar_inscripcion(inscripcion=suya, actor=ANA, motivo="m"))
    paso("Pide volver", lambda: solicitar(en, una))
    un_instante = timedelta(microseconds=1)
    for cuando in instantes:
        for quien in (una, vecina):
            relato.dice(
                f"{quien.nombre} {quien.email} a las {cuando:%H}, y antes",
                [esta_inscrito(en, quien, cuando), esta_inscrito(en, quien, cuando - un_instante)],
            )
