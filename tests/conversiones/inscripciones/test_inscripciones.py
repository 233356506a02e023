"""Who may earn in a campaign that asks for enrolment, since when, and on which terms."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.errores import Conflicto, ReferenciaDesconocida
from alpespartner.comun.historial import historial_de
from conversiones.campanas.models import Campana
from conversiones.campanas.services import abrir_a_todos, pedir_inscripcion
from conversiones.inscripciones import services
from conversiones.inscripciones.estados import INSCRIPCION, EstadoInscripcion
from conversiones.inscripciones.models import Inscripcion
from conversiones.inscripciones.selectors import esta_inscrito
from conversiones.ventas.asignacion import asignar_conversion
from tests import fabricas
from tests.fabricas import ANA, PRUEBAS

pytestmark = pytest.mark.django_db
HORA = timedelta(hours=1)


def solicitar(de: Afiliado, en: Campana, terminos: int = 0) -> Inscripcion:
    return services.solicitar(campana=en, afiliado=de, terminos=terminos, actor=PRUEBAS)


def test_la_vida_de_una_inscripcion() -> None:
    """Asked for, turned down, asked again, in, out, invited, in: a row, its history and events."""
    campana, socia = fabricas.con_inscripcion(), fabricas.afiliado()
    suya = solicitar(socia, campana)
    assert solicitar(socia, campana).version == suya.version
    services.rechazar_inscripcion(inscripcion=suya, actor=ANA, motivo="no")
    solicitar(socia, campana)
    services.aprobar_inscripcion(inscripcion=suya, actor=ANA)
    services.retirar_inscripcion(inscripcion=suya, actor=ANA, motivo="m")
    services.invitar(campana=campana, afiliado=socia, actor=ANA)
    assert solicitar(socia, campana).estado == "inscrito"
    with pytest.raises(Conflicto):
        services.invitar(campana=campana, afiliado=socia, actor=ANA)
    assert Inscripcion.objects.count() == 1
    assert fabricas.eventos_de(suya.id_publico) == [
        "InscripcionSolicitada", "InscripcionRechazada", "InscripcionSolicitada",
        "AfiliadoInscrito", "InscripcionRetirada", "AfiliadoInvitado", "AfiliadoInscrito",
    ]  # fmt: skip
    pasos = historial_de("inscripcion", suya.id_publico).values_list("estado_nuevo", flat=True)
    assert list(pasos) == ["solicitado", "rechazado", "solicitado", "inscrito", "retirado",
                           "invitado", "inscrito"]  # fmt: skip


def test_quien_vuelve_a_pedirla_acepta_los_terminos_de_ahora() -> None:
    campana, socia = fabricas.con_inscripcion(), fabricas.afiliado()
    services.publicar_terminos(campana=campana, texto="Uno", actor=ANA)
    suya = solicitar(socia, campana, 1)
    services.rechazar_inscripcion(inscripcion=suya, actor=ANA, motivo="no")
    Inscripcion.objects.update(aceptados_en=None)
    dos = services.publicar_terminos(campana=campana, texto="Dos", actor=ANA)
    solicitar(socia, campana, 2)
    leida = Inscripcion.objects.get()
    assert (leida.terminos, leida.aceptados_en is None) == (dos.numero, False)


def test_los_terminos_se_aceptan_por_su_version() -> None:
    """Whoever asks says which; whoever is in stays, and accepts the newer ones when it wants."""
    campana, socia = fabricas.con_inscripcion(), fabricas.afiliado()
    for texto in ("Uno", "Dos"):
        services.publicar_terminos(campana=campana, texto=texto, actor=ANA)
    antes = fabricas.foto()
    for version in (0, 1, 3):
        with pytest.raises(Conflicto) as error:
            solicitar(socia, campana, version)
        assert error.value.codigo == "terminos_sin_aceptar"
    assert fabricas.foto() == antes
    suya = services.aprobar_inscripcion(inscripcion=solicitar(socia, campana, 2), actor=ANA)
    assert (suya.terminos, suya.aceptados_en is not None) == (2, True)
    services.publicar_terminos(campana=campana, texto="Tres", actor=ANA)
    suya = solicitar(socia, campana, 3)
    assert (suya.estado, suya.terminos) == ("inscrito", 3)
    assert fabricas.eventos_de(suya.id_publico)[-1] == "TerminosAceptados"


@pytest.mark.parametrize(
    ("preparar", "codigo"),
    [
        (lambda: (fabricas.campana(), fabricas.afiliado()), "campana_abierta"),
        (lambda: (_terminada(), fabricas.afiliado()), "campana_terminada"),
        (lambda: (fabricas.con_inscripcion(), _bloqueado()), "afiliado_sin_inscripcion"),
    ],
)
def test_quien_no_se_inscribe(preparar: Any, codigo: str) -> None:
    """By any door, and nothing is written."""
    campana, socio = preparar()
    antes = fabricas.foto()
    for hacer in (
        lambda: solicitar(socio, campana),
        lambda: services.invitar(campana=campana, afiliado=socio, actor=ANA),
    ):
        with pytest.raises(Conflicto) as error:
            hacer()
        assert error.value.codigo == codigo
    assert fabricas.foto() == antes


def _terminada() -> Campana:
    from conversiones.campanas.services import finalizar_campana

    return finalizar_campana(campana=fabricas.con_inscripcion(), actor=ANA, motivo="m")


def _bloqueado() -> Afiliado:
    from afiliados.afiliado.services import bloquear_afiliado

    return bloquear_afiliado(afiliado=fabricas.afiliado(), actor=ANA, motivo="m")


def test_gana_quien_estaba_inscrito_cuando_ocurrio() -> None:
    """Instant by instant: open, asked for, in, out, open again."""
    socia, campana = fabricas.afiliado(), fabricas.campana()
    inicio = timezone.now()

    def a_la_hora(n: int, hacer: Any) -> None:
        with time_machine.travel(inicio + n * HORA, tick=False):
            hacer()

    a_la_hora(1, lambda: pedir_inscripcion(campana=campana, actor=ANA, motivo="m"))
    a_la_hora(2, lambda: solicitar(socia, campana))
    suya = Inscripcion.objects.get()
    a_la_hora(3, lambda: services.aprobar_inscripcion(inscripcion=suya, actor=ANA))
    a_la_hora(4, lambda: services.retirar_inscripcion(inscripcion=suya, actor=ANA, motivo="m"))
    campana.refresh_from_db()
    minuto = timedelta(minutes=1)
    dicho = [esta_inscrito(campana, socia, inicio + n * HORA + minuto) for n in range(5)]
    assert dicho == [True, False, False, True, False]
    # To the instant.
    assert esta_inscrito(campana, socia, inicio + 3 * HORA)
    assert not esta_inscrito(campana, socia, inicio + 4 * HORA)
    with time_machine.travel(inicio + 5 * HORA, tick=False):
        fabricas.conversion(de=socia, en=campana, ocurrida_en=inicio + 3 * HORA + minuto)
        with pytest.raises(ReferenciaDesconocida) as error:
            fabricas.conversion(de=socia, en=campana)
        assert error.value.codigo == "afiliado_no_inscrito"
        abierta = abrir_a_todos(campana=campana, actor=ANA, motivo="m")
        fabricas.conversion(de=socia, en=abierta)


def test_quien_no_esta_inscrito_cede_al_siguiente() -> None:
    """The coupon's owner is not in, whoever had the click is; and a sale of nobody is not assigned
    to who is not in."""
    campana = fabricas.con_inscripcion(pagina="https://tienda.example/inicio")
    dentro, fuera = fabricas.afiliado(), fabricas.afiliado(email="f@example.com")
    fabricas.inscripcion(de=dentro, en=campana)
    fabricas.cupon("FUERA", de=fuera)
    clic = fabricas.clic(fabricas.enlace(de=dentro, en=campana))
    venta = fabricas.sin_atribuir(en=campana, cupon="FUERA", clic_id=clic.id_publico)
    assert venta.afiliado == dentro
    assert [(c["afiliado_id"], c["por"], c["razon"]) for c in venta.atribucion.candidatos] == [
        (fuera.id_publico, "cupon", "no_inscrito"), (dentro.id_publico, "clic", "elegido"),
    ]  # fmt: skip
    libre = fabricas.sin_atribuir(en=campana, cupon="FUERA")
    assert libre.afiliado is None
    with pytest.raises(ReferenciaDesconocida) as error:
        asignar_conversion(conversion=libre, afiliado=fuera, motivo="m", actor=ANA)
    assert error.value.codigo == "afiliado_no_inscrito"
    asignar_conversion(conversion=libre, afiliado=dentro, motivo="m", actor=ANA)


def test_por_la_api() -> None:
    """An affiliate's key asks, sees and leaves its own; another's does not exist for it."""
    campana, suya, ajena = fabricas.con_inscripcion(), fabricas.afiliado(), fabricas.afiliado()
    services.publicar_terminos(campana=campana, texto="Sé buena", actor=ANA)
    otra = fabricas.inscripcion(de=ajena, en=campana)
    ruta = f"/api/v1/campanas/{campana.id_publico}/inscripciones"
    api = fabricas.api(["campanas:leer", "inscripciones:escribir"], de=suya)
    programa = fabricas.api()
    vigentes = api.get(f"/api/v1/campanas/{campana.id_publico}/terminos").json()
    assert (vigentes["version"], vigentes["texto"]) == (1, "Sé buena")
    problema = fabricas.problema(api.enviar(ruta, {}), 409, "terminos_sin_aceptar")
    assert problema["terminos"] == 1
    pedida = api.enviar(ruta, {"terminos": 1})
    assert (pedida.status_code, pedida.json()["estado"]) == (201, "solicitado")
    mia = f"{ruta}/{pedida.json()['inscripcion_id']}"
    assert [i["afiliado_id"] for i in api.get(ruta).json()["resultados"]] == [suya.id_publico]
    assert len(programa.get(ruta).json()["resultados"]) == 2
    fabricas.problema(api.enviar(ruta, {"afiliado_id": ajena.id_publico, "terminos": 1}), 422)
    fabricas.problema(api.get(f"{ruta}/{otra.id_publico}"), 404)
    fabricas.problema(api.enviar(f"{ruta}/{otra.id_publico}/retirar", {"motivo": "m"}), 404)
    fabricas.problema(api.enviar(f"{mia}/aprobar", {}), 403)
    assert programa.enviar(f"{mia}/aprobar", {}).json()["estado"] == "inscrito"
    assert api.enviar(f"{mia}/retirar", {"motivo": "m"}).json()["estado"] == "retirado"
    fabricas.problema(programa.enviar(ruta, {}), 400)
    # The same enrolment is not one of another campaign.
    de_otra = fabricas.con_inscripcion().id_publico
    fabricas.problema(
        programa.get(f"/api/v1/campanas/{de_otra}/inscripciones/{otra.id_publico}"), 404
    )


@pytest.mark.parametrize("origen", EstadoInscripcion.values)
def test_cada_paso(origen: str) -> None:
    """Every service from every state: what the table does not have is refused whole."""
    campana, socia = fabricas.con_inscripcion(), fabricas.afiliado()
    suya = services.invitar(campana=campana, afiliado=socia, actor=ANA)
    hacer = {
        "invitado": lambda: services.invitar(campana=campana, afiliado=socia, actor=ANA),
        "inscrito": lambda: services.aprobar_inscripcion(inscripcion=suya, actor=ANA),
        "rechazado": lambda: services.rechazar_inscripcion(inscripcion=suya, actor=ANA, motivo="m"),
        "retirado": lambda: services.retirar_inscripcion(inscripcion=suya, actor=ANA, motivo="m"),
    }
    for destino, paso in hacer.items():
        Inscripcion.objects.filter(pk=suya.pk).update(**{"estado": origen})
        antes = fabricas.foto()
        if INSCRIPCION.permite(origen, destino):
            paso()
            assert Inscripcion.objects.get(pk=suya.pk).estado == destino
        else:
            with pytest.raises(Conflicto):
                paso()
            assert fabricas.foto() == antes
