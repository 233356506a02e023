"""Reads of campaigns."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.busqueda.consulta import claves
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.historial import estado_entonces
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from alpespartner.comun.textos import normalizar
from conversiones.campanas.busqueda import CAMPANAS
from conversiones.campanas.destinos import admite, sitio_de
from conversiones.campanas.errores import CampanaDesconocida, SinCampanaPredeterminada
from conversiones.campanas.estados import EstadoCampana
from conversiones.campanas.models import Campana, PresupuestoCampana

_PREDETERMINADA = ConsultaFija(Campana.objects.filter(predeterminada=True))
_POR_ID = ConsultaFija(Campana.objects.filter(id_publico=""))
_POR_REFERENCIA = ConsultaFija(Campana.objects.filter(referencia_externa=""))


def campanas_visibles(clave: Credencial) -> QuerySet[Campana]:
    """Campaigns that a key may see: an affiliate does not see drafts."""
    if clave.afiliado_id:
        publicas = [e for e in EstadoCampana.values if e != EstadoCampana.BORRADOR]
        return Campana.objects.filter(estado__in=publicas)
    return Campana.objects.select_related("consumo")


@dataclass(frozen=True, slots=True)
class Presupuesto:
    """The budget of a campaign, in its currency; what is left is negative when it was lowered under
    what was spent. None: what is spent is being counted."""

    limite: Decimal
    gastado: Decimal | None

    @property
    def queda(self) -> Decimal | None:
        """What is left of it."""
        return None if self.gastado is None else self.limite - self.gastado

    @property
    def se_acaba(self) -> bool:
        """Whether a tenth of it is left, or less."""
        return self.queda is not None and self.queda * 10 <= self.limite


def presupuesto_de(campana: Campana) -> Presupuesto | None:
    """The budget of a campaign and what is left of it; None without one."""
    if campana.presupuesto is None:
        return None
    fila = getattr(campana, "consumo", None)
    contado = fila is not None and fila.contado_desde == campana.presupuesto_desde
    return Presupuesto(campana.presupuesto, fila.gastado if fila and contado else None)


def presupuestos() -> QuerySet[PresupuestoCampana]:
    """What campaigns spend of their budgets: a row for each that has one, or had."""
    return PresupuestoCampana.objects.select_related("campana").order_by("-pk")


def pedir_campana(
    remesa: Remesa, referencia: str | None, campo: str = "campana_id"
) -> Callable[[], Campana]:
    """Ask for a campaign by public id or external reference, the default one for None; it is given
    once all is sent.

    What gives it raises :class:`CampanaDesconocida` or :class:`SinCampanaPredeterminada`.
    """
    if referencia is None:
        predeterminadas = remesa.leer(_PREDETERMINADA)

        def dar_la_predeterminada() -> Campana:
            if not predeterminadas:
                raise SinCampanaPredeterminada(campo=campo)
            return predeterminadas[0]

        return dar_la_predeterminada

    nombre = normalizar(referencia)
    antes, despues = _POR_ID, _POR_REFERENCIA
    if not es_nuestro(nombre):
        antes, despues = despues, antes
    halladas = remesa.leer(antes, nombre)

    def dar() -> Campana:
        campana = next(iter(halladas), None) or despues.primera(nombre)
        if campana is None:
            raise CampanaDesconocida(
                _("No hay una campaña «%(referencia)s».") % {"referencia": nombre[:64]}, campo=campo
            )
        return campana

    return dar


def ids_de_campanas(texto: str) -> list[int]:
    """Keys of the campaigns with this public id or external reference, or whose name, reference or
    short id has it (``CAMPANAS``). Every part is a probe or a range of an index."""
    texto = normalizar(texto)
    exactas = claves_de(Campana.objects.filter(Q(id_publico=texto) | Q(referencia_externa=texto)))
    halladas = [] if es_nuestro(texto) else claves(CAMPANAS, texto)
    return list(dict.fromkeys([*exactas, *halladas]))


def admite_ventas(campana: Campana, ocurrida_en: datetime) -> bool:
    """Whether a campaign takes a sale: while it is active and, once it ended, what occurred before
    that and arrives late, but for what occurred in a pause."""
    if campana.estado != EstadoCampana.FINALIZADA:
        return campana.estado == EstadoCampana.ACTIVA
    entonces = estado_entonces("campana", campana.id_publico, ocurrida_en)
    return entonces not in (EstadoCampana.PAUSADA, EstadoCampana.FINALIZADA)


def lleva_a_un_sitio(direccion: str) -> bool:
    """Whether an address may be the page of a campaign."""
    return sitio_de(direccion, http_local=not settings.HTTPS) is not None


def sitios_de(campana: Campana) -> frozenset[str]:
    """Hosts that a campaign's links may lead to: that of its page, and those that it lists."""
    propio = sitio_de(campana.pagina, http_local=not settings.HTTPS)
    listados = (sitio for sitio in campana.destinos if isinstance(sitio, str))
    return frozenset([*listados, *([propio] if propio else [])])


def admite_destino(direccion: str, sitios: Collection[str]) -> bool:
    """Whether an address leads to one of some hosts, and to no other by any reading of it."""
    return admite(direccion, sitios, http_local=not settings.HTTPS)


def exigir_campana(referencia: str | None, campo: str = "campana_id") -> Campana:
    """The campaign of :func:`pedir_campana`, whose errors it raises."""
    remesa = Remesa()
    campana = pedir_campana(remesa, referencia, campo)
    remesa.enviar()
    return campana()
