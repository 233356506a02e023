"""The facts of ``hechos.py`` brought about by the services, each at its time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import time_machine

from afiliados.afiliado.models import Afiliado
from afiliados.afiliado.services import reactivar_afiliado, suspender_afiliado
from alpespartner.comun.errores import ErrorDominio
from conversiones.campanas.models import Campana
from conversiones.clientes.candidatos import Nombrados
from conversiones.clientes.services import NuevoCliente, identificar_cliente
from conversiones.rastreo.cuaderno import Cuaderno
from conversiones.rastreo.memoria import Memoria
from conversiones.rastreo.models import Cupon, Enlace
from conversiones.rastreo.recogida import recoger
from conversiones.rastreo.services import crear_cupon, retirar_cupon, retirar_enlace
from conversiones.ventas.devoluciones import Devolucion, guardar_pendiente
from conversiones.ventas.errores import AfiliadoNoAdmitido, ConversionDuplicada, DevolucionExcesiva
from conversiones.ventas.services import NuevaConversion, registrar_conversion
from tests import fabricas
from tests.conversiones.orden import hechos as h
from tests.conversiones.rastreo.visitante import NAVEGADOR, Visitante
from tests.fabricas import ANA, PRUEBAS

CODIGOS = [f"CUPON{n}" for n in range(h.CUPONES)]


@dataclass
class Base:
    """What is there before anything happens, the same for all."""

    afiliados: list[Afiliado] = field(default_factory=list)
    # Of each campaign the link of each affiliate, and that of the other campaign.
    campanas: list[Campana] = field(default_factory=list)
    enlaces: list[list[Enlace]] = field(default_factory=list)


def levantar() -> Base:
    """A programme with its affiliates, links and coupons, a day before anything happens."""
    base = Base()
    with time_machine.travel(h.INICIO - timedelta(days=1), tick=False):
        base.afiliados = [
            fabricas.afiliado(
                email=f"orden{n}@example.com",
                ventana_atribucion_dias=h.VENTANA_PROPIA // 4 if n == h.AFILIADOS - 1 else None,
            )
            for n in range(h.AFILIADOS)
        ]
        for n, codigo in enumerate(CODIGOS):
            fabricas.cupon(codigo, de=base.afiliados[n])
        otra = fabricas.enlace(de=base.afiliados[0])
        for n in range(4):
            campana = fabricas.campana(
                pagina="https://tienda.example/inicio",
                consentimiento=True,
                cupon_reasigna=n % 2 == 1,
                modelo_atribucion="primer_clic" if n >= 2 else "ultimo_clic",
                ventana_atribucion_dias=h.VENTANA // 4,
            )
            base.campanas.append(campana)
            base.enlaces.append(
                [fabricas.enlace(de=a, en=campana) for a in base.afiliados] + [otra]
            )
    return base


class Mundo:
    """One way in which the facts arrive. ``ventas`` has the key of each sale by its place, or the
    code of what refused it."""

    def __init__(self, base: Base, hechos: h.Hechos, llegadas: h.Llegadas, carpeta: Path) -> None:
        self.base, self.hechos, self.llegadas, self.carpeta = base, hechos, llegadas, carpeta
        self.campana = base.campanas[hechos.campana]
        self.enlaces = base.enlaces[hechos.campana]
        self.navegadores = [
            Visitante(ip=f"203.0.113.{n}", agente=NAVEGADOR) for n in range(h.NAVEGADORES)
        ]
        self.clics: dict[int, str] = {}
        self.cuadernos: dict[int, Cuaderno] = {}
        self.ventas: dict[int, int | str] = {}

    def correr(self) -> None:
        """Bring all of it about, in the order of its instants."""
        agenda = sorted(self._agenda(), key=lambda cosa: cosa[:3])
        with time_machine.travel(h.INICIO, tick=False) as reloj:
            for en, _clase, _n, hacer in agenda:
                reloj.move_to(h.instante(en))
                hacer()
            for cuaderno in self.cuadernos.values():
                cuaderno.entregar(ya=True)
            recoger(self.carpeta)
            reloj.move_to(self.fin)
            fabricas.entregar_todo()

    @property
    def fin(self) -> datetime:
        """A day after the last of all."""
        return h.instante(max(cosa[0] for cosa in self._agenda())) + timedelta(days=1)

    def _agenda(self) -> list[tuple[int, int, int, Callable[[], None]]]:
        """Instant, kind and place of each thing: of one instant, what persons do comes first."""
        hechos, llegan = self.hechos, self.llegadas
        agenda: list[tuple[int, int, int, Callable[[], None]]] = []
        for n, estado in enumerate(hechos.estados):
            agenda.append((estado.en, 0, n, lambda e=estado: self._cambiar_estado(e)))
        for n, cupon in enumerate(hechos.cupones):
            agenda.append((cupon.en, 1, n, lambda c=cupon: self._cambiar_cupon(c)))
        for n, enlace in enumerate(hechos.enlaces):
            agenda.append((enlace.en, 2, n, lambda e=enlace: self._retirar(e)))
        for n, clic in enumerate(hechos.clics):
            agenda.append((clic.en, 3, n, lambda n=n, c=clic: self._seguir(n, c)))
            agenda.append((llegan.recogidas[n], 4, n, lambda n=n: self._recoger(n)))
        for n in range(len(hechos.dichos)):
            agenda.append((llegan.dichos[n], 5, n, lambda n=n: self._decir(n)))
        for veces, (n, en) in enumerate(llegan.repetidas):
            agenda.append((en, 6, veces, lambda n=n: self._repetir(n)))
        for n, devuelta in enumerate(hechos.devueltas):
            agenda.append((llegan.devueltas[n], 7, n, lambda n=n, d=devuelta: self._devolver(n, d)))
        return agenda

    # --- What persons do and the site sees -------------------------------------------------------

    def _cambiar_estado(self, cambio: h.CambiaEstado) -> None:
        quien = Afiliado.objects.get(pk=self.base.afiliados[cambio.afiliado].pk)
        hacer = suspender_afiliado if quien.estado == "activo" else reactivar_afiliado
        hacer(afiliado=quien, actor=ANA, motivo="m")

    def _cambiar_cupon(self, cambio: h.CambiaCupon) -> None:
        codigo = CODIGOS[cambio.cupon]
        for vivo in Cupon.objects.filter(vivo=codigo):
            retirar_cupon(cupon=vivo, actor=ANA, motivo="m")
        if cambio.de is not None:
            crear_cupon(afiliado=self.base.afiliados[cambio.de], codigo=codigo, actor=ANA)

    def _retirar(self, cambio: h.RetiraEnlace) -> None:
        retirar_enlace(enlace=self.enlaces[cambio.enlace], actor=ANA, motivo="m")

    def _seguir(self, n: int, clic: h.Clic) -> None:
        """Follow the link. Each click is noted down by a process of its own."""
        quien = self.navegadores[clic.navegador]
        quien.app.memoria = Memoria()
        self.cuadernos[n] = quien.app.cuaderno = Cuaderno(self.carpeta)
        quien.agente = "Googlebot/2.1" if clic.robot else NAVEGADOR
        consulta = f"?cons={clic.cons}" if clic.cons else ""
        respuesta = quien.ir(f"{self.enlaces[clic.enlace].codigo}{consulta}")
        assert respuesta.estado == 302
        self.clics[n] = respuesta.clic

    def _recoger(self, n: int) -> None:
        """The process of that click hands over what it noted down."""
        self.cuadernos[n].entregar(ya=True)
        recoger(self.carpeta)

    # --- What a shop tells ------------------------------------------------------------------------

    def _decir(self, n: int) -> None:
        dicho = self.hechos.dichos[n]
        if not dicho.centimos:
            identificar_cliente(datos=NuevoCliente(campana=self.campana, **self._cliente(dicho)),
                                actor=PRUEBAS)  # fmt: skip
        else:
            try:
                self.ventas[n] = registrar_conversion(datos=self._venta(n), actor=PRUEBAS).pk
            except ErrorDominio as exc:
                self.ventas[n] = exc.codigo
        self._entregar()

    def _cliente(self, dicho: h.Dicho) -> dict[str, Any]:
        return {
            "cliente_ref": f"compra-{dicho.cliente}",
            "correo": _correo(dicho),
            "nombrados": Nombrados(cupon=_cupones(dicho), clic_id=self._clic(dicho)),
            "ocurrida_en": h.instante(dicho.en),
        }

    def _venta(self, n: int) -> NuevaConversion:
        dicho = self.hechos.dichos[n]
        # Read anew, as a door does.
        explicito = None
        if dicho.explicito is not None:
            explicito = Afiliado.objects.get(pk=self.base.afiliados[dicho.explicito].pk)
        return NuevaConversion(
            campana=Campana.objects.get(pk=self.campana.pk),
            valor=Decimal(dicho.centimos) / 100,
            afiliado=explicito,
            referencia_externa=f"pedido-{n}",
            ocurrida_en=h.instante(dicho.en),
            cupon=_cupones(dicho),
            clic_id=self._clic(dicho),
            cliente_ref="" if dicho.cliente is None else f"compra-{dicho.cliente}",
            email_cliente=_correo(dicho),
        )

    def _clic(self, dicho: h.Dicho) -> str:
        return "" if dicho.clic is None else self.clics[dicho.clic]

    def _repetir(self, n: int) -> None:
        """A sale that was taken changes nothing when it is told again."""
        if self.hechos.dichos[n].centimos and isinstance(self.ventas[n], int):
            try:
                registrar_conversion(datos=self._venta(n), actor=PRUEBAS)
            except ConversionDuplicada:
                return
            except AfiliadoNoAdmitido:
                # Who was named takes none any more.
                return
            raise AssertionError(n)

    def _devolver(self, n: int, devuelta: h.Devuelta) -> None:
        venta = self.hechos.dichos[devuelta.venta]
        monto = None
        if devuelta.parte is not None:
            monto = Decimal(max(1, venta.centimos * devuelta.parte // 100)) / 100
        datos = Devolucion(id_externo=f"dev-{n}", monto=monto)
        try:
            guardar_pendiente(
                campana=self.campana, referencia=f"pedido-{devuelta.venta}", datos=datos,
                actor=PRUEBAS,
            )  # fmt: skip
        except DevolucionExcesiva:
            # After a whole one nothing is left to give back.
            pass
        self._entregar()

    def _entregar(self) -> None:
        if self.llegadas.al_momento:
            fabricas.entregar_todo()


def _correo(dicho: h.Dicho) -> str:
    return "" if dicho.correo is None else f"alguien{dicho.correo}@example.org"


def _cupones(dicho: h.Dicho) -> str:
    return ", ".join([*CODIGOS, "NADIE"][n].lower() for n in dicho.cupones)
