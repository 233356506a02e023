"""Mail to whoever may confirm a proposal: to each once, and without what it is about."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core import mail
from django.db import transaction
from django.utils import timezone

from afiliados.claves.models import Alcance
from afiliados.claves.services import crear_clave
from alpespartner.comun.acceso import correos
from alpespartner.comun.actores import clave, persona
from alpespartner.comun.models import CorreoAlPersonal, Propuesta, QueCorreo
from alpespartner.comun.propuestas.errores import YaPropuesto
from alpespartner.comun.propuestas.services import confirmar_propuesta, descartar_propuesta
from comisiones.pagos.pago.propuestas import proponer_no_pagado
from conversiones.campanas.propuestas import proponer_predeterminada
from tests import fabricas
from tests.fabricas import OTRA
from tests.fabricas import reclamado as salir

pytestmark = pytest.mark.django_db
CONFIRMA, DECIDE = "confirmar_propuesta", "decidir_pago"


@pytest.fixture(autouse=True)
def _direccion(settings: Any) -> None:
    settings.URL = "https://panel.ejemplo.co/"


def alguien(nombre: str, *permisos: str, **datos: Any) -> User:
    valores = {"is_staff": True, "email": f"{nombre}@ejemplo.co", **datos}
    suyo = User.objects.create_user(nombre, **valores)
    suyo.user_permissions.set(Permission.objects.filter(codename__in=permisos))
    return suyo


def proponer(por: Any, motivo: str = "Se acaba por 123,45 de Ada") -> Propuesta:
    nueva = fabricas.campana(nombre="Campaña secreta")
    return proponer_predeterminada(campana=nueva, actor=por, motivo=motivo)


def enviados() -> list[str]:
    """To whom mails go out now."""
    mail.outbox.clear()
    correos.enviar_pendientes()
    return sorted(correo.to[0].partition("@")[0] for correo in mail.outbox)


def test_a_cada_persona_que_la_confirma_una_vez() -> None:
    autora = alguien("autora", CONFIRMA)
    alguien("luis", CONFIRMA)
    alguien("jefa", is_superuser=True)
    alguien("consulta")
    alguien("sincorreo", CONFIRMA, email="")
    alguien("fuera", CONFIRMA, is_active=False)
    alguien("ajena", CONFIRMA, is_staff=False)
    p = proponer(persona(autora.pk))
    assert enviados() == ["jefa", "luis"]
    assert enviados() == []
    assert not CorreoAlPersonal.objects.exists()
    # What another proposes of the same is refused, and writes to nobody.
    with pytest.raises(YaPropuesto), transaction.atomic():
        proponer_predeterminada(
            campana=fabricas.Campana.objects.get(id_publico=p.entidad_id), actor=OTRA, motivo="m"
        )
    assert enviados() == []


def test_dice_que_espera_y_donde_y_nada_de_dinero_ni_de_personas() -> None:
    alguien("luis", CONFIRMA)
    p = proponer(OTRA)
    assert enviados() == ["luis"]
    [correo] = mail.outbox
    assert correo.subject == "Por confirmar: Hacer predeterminada"
    assert f"https://panel.ejemplo.co/admin/comun/propuesta/{p.pk}/change/" in correo.body
    for secreto in ("123", "Ada", "secreta", "Se acaba", p.entidad_id):
        assert secreto not in correo.subject + correo.body


def test_con_el_permiso_de_su_clase() -> None:
    """To give a payment up asks for a permission more."""
    alguien("revisa", CONFIRMA)
    alguien("paga", CONFIRMA, DECIDE)
    pago = fabricas.pago()
    salir(pago)
    type(pago).objects.update(estado="incierto")
    proponer_no_pagado(pago=pago, actor=OTRA, motivo="m")
    assert enviados() == ["paga"]


def test_las_mismas_manos_no() -> None:
    """Whoever made the key that proposes would not be let confirm it."""
    suya = alguien("autora", CONFIRMA)
    alguien("luis", CONFIRMA)
    una, _texto = crear_clave(
        nombre="n", titular="Tienda", alcances=[Alcance.CAMPANAS_LEER], actor=persona(suya.pk)
    )
    proponer(clave(una.id_clave))
    assert enviados() == ["luis"]


def test_lo_que_ya_no_espera_no_se_envia() -> None:
    luis = alguien("luis", CONFIRMA)
    for decidir in (
        lambda p: confirmar_propuesta(propuesta=p, actor=persona(98)),
        lambda p: descartar_propuesta(propuesta=p, actor=OTRA, motivo="m"),
        lambda p: Propuesta.objects.filter(pk=p.pk).update(
            caduca_en=timezone.now() - timedelta(seconds=1)
        ),
        lambda _p: luis.user_permissions.clear(),
    ):
        decidir(proponer(OTRA))
        assert enviados() == []
        assert not CorreoAlPersonal.objects.exists()


def test_uno_que_no_se_puede_escribir_no_detiene_a_los_demas() -> None:
    luis = alguien("luis", CONFIRMA)
    CorreoAlPersonal.objects.create(usuario=luis, que="otra cosa")
    CorreoAlPersonal.objects.create(usuario=luis, que=QueCorreo.POR_CONFIRMAR)
    proponer(OTRA)
    assert enviados() == ["luis"]
    assert CorreoAlPersonal.objects.get().que == "otra cosa"
    for _vez in range(correos.INTENTOS):
        CorreoAlPersonal.objects.update(toca_en=timezone.now())
        assert enviados() == []
    assert not CorreoAlPersonal.objects.exists()
