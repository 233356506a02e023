"""A small programme made by the services, and clients of each role."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import NuevoAfiliado, registrar_afiliado
from alpespartner.comun.actores import sistema
from comisiones.comision.models import Comision
from comisiones.models import LotePago, Pago
from comisiones.pagos.lotes.ciclo import congelar_lote, ejecutar_lote, liberar_lote
from comisiones.pagos.lotes.propuesta import proponer_lote
from comisiones.pagos.pago.envio import _reclamar
from comisiones.pagos.pago.fin_de_lote import terminar_lote
from comisiones.pagos.pago.resolucion import resolver_pago
from comisiones.pagos.pago.services import programar_pagos
from comisiones.pagos.pasarelas.interfaz import Respuesta
from comisiones.reglas.services import crear_regla, publicar_version
from comisiones.revision.services import aprobar_comision
from conversiones.campanas.services import activar_campana, crear_campana
from conversiones.ventas.services import NuevaConversion, registrar_conversiones
from outbox.models import EventoAparcado, OutboxEvent
from outbox.transportes.embebido import drenar

PRUEBA = sistema("pruebas")
ROLES = ("Revisión", "Tesorería", "Consulta")


@pytest.fixture(autouse=True)
def _ajustes(settings):
    settings.SEPA_IBAN = "DE89370400440532013000"


def cliente_de(usuario: User) -> Client:
    cliente = Client()
    cliente.force_login(usuario)
    return cliente


@pytest.fixture
def admin(db) -> Client:
    return cliente_de(User.objects.create_superuser("jefa", "jefa@ejemplo.co", "x"))


@pytest.fixture
def de_rol(db):
    """Client of a member of the staff with one role, or with none."""

    def hacer(rol: str = "") -> Client:
        usuario = User.objects.create_user(f"persona-{rol}", is_staff=True)
        if rol:
            usuario.groups.add(Group.objects.get(name=rol))
        return cliente_de(usuario)

    return hacer


class Programa:
    """One active campaign with a rule of 10 %, and its affiliates and sales."""

    def __init__(self) -> None:
        inicio = timezone.now() - timedelta(days=30)
        self.campana = activar_campana(
            campana=crear_campana(
                datos={"nombre": "Verano", "moneda": "USD", "inicia_en": inicio}, actor=PRUEBA
            ),
            actor=PRUEBA,
        )
        self.regla = crear_regla(nombre="Diez", campana=self.campana, actor=PRUEBA)
        publicar_version(
            regla=self.regla,
            tipo="porcentual",
            porcentaje=Decimal(10),
            vigente_desde=inicio,
            actor=PRUEBA,
        )
        self.afiliado = self.nuevo_afiliado("Socia", activo=True)

    def nuevo_afiliado(self, nombre: str, *, activo: bool):
        return registrar_afiliado(
            datos=NuevoAfiliado(
                nombre=nombre,
                email=f"{nombre.lower()}{Afiliado.objects.count() or ''}@ejemplo.co",
            ),
            actor=PRUEBA,
            activo=activo,
        )

    def ventas(self, n: int, afiliado=None) -> list[Comision]:
        """Commissions of ``n`` sales of 100 USD, as the events leave them."""
        conversiones = registrar_conversiones(
            datos=[
                NuevaConversion(
                    afiliado=afiliado or self.afiliado, campana=self.campana, valor=Decimal(100)
                )
                for _i in range(n)
            ],
            actor=PRUEBA,
        )
        drenar()
        return list(Comision.objects.filter(conversion__in=conversiones).order_by("id"))

    def pago(self, resultado: str = "fallido") -> Pago:
        """A payment that the gateway answered with ``resultado``."""
        comision = aprobar_comision(comision=self.ventas(1)[0], actor=PRUEBA)
        [pago] = programar_pagos(comisiones_ids=[comision.id_publico], actor=PRUEBA)
        if resultado == "listo":
            return pago
        _reclamar(pago.pk, PRUEBA)
        resolver_pago(pago_pk=pago.pk, respuesta=Respuesta(resultado), actor=PRUEBA)
        pago.refresh_from_db()
        return pago

    def lote(self, para: str = "congelar") -> LotePago:
        """A batch in the state from which an action begins."""
        comision = aprobar_comision(comision=self.ventas(1)[0], actor=PRUEBA)
        assert comision.estado == "aprobada"
        lote = proponer_lote(moneda="USD", actor=PRUEBA, pasarela="archivo")
        if para in ("congelar", "rehacer", "descartar"):
            return lote
        lote = congelar_lote(lote=lote, actor=PRUEBA)
        if para in ("liberar", "devolver"):
            return lote
        lote = liberar_lote(lote=lote, actor=sistema("otra"))
        ejecutar_lote(lote_pk=lote.pk, actor=PRUEBA)
        pago = lote.pagos.get()
        _reclamar(pago.pk, PRUEBA)
        resolver_pago(pago_pk=pago.pk, respuesta=Respuesta("fallido"), actor=PRUEBA)
        terminar_lote(lote_pk=lote.pk, actor=PRUEBA)
        lote.refresh_from_db()
        return lote

    def aparcado(self) -> EventoAparcado:
        return EventoAparcado.objects.create(
            suscripcion="probeta",
            evento=OutboxEvent.objects.latest("posicion"),
            intentos=5,
            error="OSError: disco lleno",
        )


@pytest.fixture
def programa(db) -> Programa:
    return Programa()
