"""What there is to try things with: a programme of its own, the same after each emptying."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone

from afiliados.afiliado.models import Afiliado, TipoAfiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from afiliados.claves.models import ClaveAPI
from alpespartner.comun.actores import sistema
from alpespartner.comun.historial import historial_de, paso
from alpespartner.operacion.errores import PruebasImposibles
from alpespartner.operacion.siembra import asegurar_programa, campana_fija
from alpespartner.pruebas.errores import SoloEnPruebas
from alpespartner.pruebas.services import ENTORNO
from conversiones.campanas.models import Campana

ACTOR = sistema("entorno_de_pruebas")
ENTIDAD, PROGRAMA = ENTORNO[0], "programa"
# (reference, type, base %)
_AFILIADOS = (
    ("prueba-lucia", TipoAfiliado.PREMIUM, "15"),
    ("prueba-mateo", TipoAfiliado.ESTANDAR, None),
)


def preparar_pruebas() -> None:
    """Make the programme of a new sandbox; once. Raises :class:`PruebasImposibles` in a database
    that somebody uses for something else, whatever the settings say."""
    if not settings.PRUEBAS:
        raise SoloEnPruebas()
    with transaction.atomic():
        if es_de_pruebas():
            return
        if tiene_algo():
            raise PruebasImposibles(
                "La base del entorno de pruebas tiene algo que no es suyo: dale una vacía en "
                "ALPES_PRUEBAS_DATABASE_URL."
            )
        sembrar_pruebas()


def tiene_algo() -> bool:
    """Whether somebody has a use for the database already."""
    modelos = (Afiliado, ClaveAPI, Campana, get_user_model())
    return any(modelo._base_manager.exists() for modelo in modelos)


def es_de_pruebas() -> bool:
    """Whether the database was made for tests: no other is ever emptied."""
    return historial_de(ENTIDAD, PROGRAMA).filter(accion="sembrar").exists()


def sembrar_pruebas() -> None:
    """The programme, in the caller's transaction: a campaign that pays 10 % at once, one of another
    currency that pays a fixed amount, and two active affiliates."""
    ahora = timezone.now()
    asegurar_programa(ahora)
    campana_fija(
        datos={
            "nombre": "Pruebas en pesos",
            "moneda": "COP",
            "inicia_en": ahora - timedelta(days=60),
            "referencia_externa": "prueba-cop",
        },
        regla="Fija por venta de prueba",
        monto=Decimal(25_000),
        actor=ACTOR,
    )
    for referencia, tipo, base in _AFILIADOS:
        registrar_afiliado(
            datos=NuevoAfiliado(
                referencia_externa=referencia,
                nombre=f"Afiliado {referencia}",
                email=f"{referencia}@ejemplo.test",
                tipo_afiliado=tipo,
                comision_base=None if base is None else Decimal(base),
            ),
            actor=ACTOR,
            activo=True,
        )
    paso(entidad=ENTIDAD, entidad_id=PROGRAMA, accion="sembrar", actor=ACTOR).save()


def referencia_de(publico: str) -> str:
    """What the sandbox calls an affiliate of the live site, of whom it knows the id only: no id of
    its own has that form."""
    return "real-" + publico.partition("_")[2].lower()


def afiliado_de_prueba(referencia: str) -> Afiliado:
    """The sandbox's own affiliate of a reference; made when there is none."""
    suyo = Afiliado.objects.filter(referencia_externa=referencia).first()
    if suyo is not None:
        return suyo
    return registrar_afiliado(
        datos=NuevoAfiliado(
            referencia_externa=referencia,
            nombre="Afiliado de prueba",
            email=f"{referencia}@ejemplo.test",
        ),
        actor=ACTOR,
        activo=True,
    )
