"""What a process remembers of links, so that a redirect asks nothing of the database.

The newest links are read together behind the requests, and again before they get old; another code
once, when it first comes. What changes since is looked for again and again, by an
index, among what was written lately: a link that was retired, or an affiliate that was suspended,
is known a moment later in every process. No event says it sooner, and none can be missed.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Model
from django.utils import timezone

from afiliados.afiliado.estados import EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from conversiones.campanas.estados import EstadoCampana
from conversiones.campanas.models import Campana
from conversiones.campanas.selectors import sitios_de
from conversiones.rastreo.codigos import codigo_buscado
from conversiones.rastreo.estados import EstadoDeCodigo
from conversiones.rastreo.huellas import Llaves, llaves_de
from conversiones.rastreo.models import Enlace
from conversiones.rastreo.visitas import EnlaceVisto

log = logging.getLogger(__name__)
# Transactions that take longer than this, and clocks that are further apart, are seen when what
# they changed gets too old to be believed.
_SOLAPE = timedelta(seconds=30)
_VEJEZ = 60.0
# Whoever was reading when a change was seen has put down what it read by then.
_REPOSO = 3.0
_MAX_CODIGOS = 20_000
_MAX_CAMBIOS = 2_000
# Links that are read before anybody asks for them, and how often, in seconds.
_PRECARGA = 2_000
_CADA_PRECARGA = 40.0


# Changes (of what, and when), and when each was first seen.
_Vistos = dict[tuple[Any, datetime], float]


@dataclass(slots=True)
class _Recuerdo:
    enlace: EnlaceVisto | None
    leido: float


class Memoria:
    """Links by code, and the keys of the digests of these days."""

    def __init__(self) -> None:
        self._recuerdos: dict[str, _Recuerdo] = {}
        self._llaves: dict[date, Llaves] = {}
        self._del_programa: str | None = None
        self._mirado: datetime | None = None
        self._precargado = -math.inf
        self._campanas: _Vistos = {}
        self._enlaces: _Vistos = {}
        self._candado = threading.Lock()

    def enlace(self, codigo: str) -> EnlaceVisto | None:
        """The link of a code as it was typed, also a retired one; None when nobody has it."""
        codigo = codigo_buscado(codigo)
        ahora = time.monotonic()
        recuerdo = self._recuerdos.get(codigo)
        if recuerdo is None or ahora - recuerdo.leido > _VEJEZ:
            if self._mirado is None:
                self._mirado = timezone.now()
            visto = leer(_con_todo(codigo))
            if len(self._recuerdos) >= _MAX_CODIGOS:
                self._recuerdos.clear()
            self._recuerdos[codigo] = recuerdo = _Recuerdo(visto, ahora)
        return recuerdo.enlace

    def del_programa(self) -> str:
        """The page of a code that nobody has: that of the default campaign, or empty."""
        pagina = self._del_programa
        if pagina is None:
            pagina = leer(pagina_del_programa)
            self._del_programa = pagina
        return pagina

    def llaves(self, ahora: datetime) -> Llaves:
        """The keys of an instant."""
        dia = ahora.astimezone(UTC).date()
        llaves = self._llaves.get(dia)
        if llaves is None:
            llaves = leer(lambda: llaves_de(dia))
            # Those of days that are gone must not outlive their rows here.
            recientes = {d: v for d, v in self._llaves.items() if abs((d - dia).days) <= 1}
            self._llaves = {**recientes, dia: llaves}
        return llaves

    def ponerse_al_dia(self) -> None:
        """Look for what changed since the last time, and for the keys of tomorrow."""
        with self._candado:
            ahora = timezone.now()
            desde = (self._mirado or ahora) - _SOLAPE
            leer(lambda: self._cambios(desde))
            self._mirado = ahora
            if time.monotonic() - self._precargado > _CADA_PRECARGA:
                self._precargado = time.monotonic()
                self._recuerdos = {**self._recuerdos, **leer(_los_que_viven)}
                self._del_programa = pagina_del_programa()
        self.llaves(ahora)
        if (ahora + timedelta(minutes=10)).date() != ahora.date():
            self.llaves(ahora + timedelta(minutes=10))

    def _cambios(self, desde: datetime) -> None:
        self._enlaces = _vistos(self._enlaces, Enlace, "codigo", desde)
        self._campanas = _vistos(self._campanas, Campana, "pk", desde)
        codigos, campanas = _recientes(self._enlaces), _recientes(self._campanas)
        afiliados = dict(
            Afiliado.objects.filter(actualizado_en__gte=desde)
            .order_by("actualizado_en").values_list("pk", "estado")[:_MAX_CAMBIOS]
        )  # fmt: skip
        if campanas or _MAX_CAMBIOS in (len(self._enlaces), len(afiliados)):
            # A campaign is behind many links, and changes seldom.
            if campanas:
                self._del_programa = pagina_del_programa()
            self._recuerdos = _los_que_viven()
            return
        for codigo in codigos:
            self._recuerdos.pop(codigo, None)
        if afiliados:
            for recuerdo in list(self._recuerdos.values()):
                suyo = recuerdo.enlace and afiliados.get(recuerdo.enlace.afiliado)
                if recuerdo.enlace and suyo:
                    activo = suyo == EstadoAfiliado.ACTIVO
                    if activo != recuerdo.enlace.afiliado_activo:
                        recuerdo.enlace = replace(recuerdo.enlace, afiliado_activo=activo)


def _vistos(antes: _Vistos, modelo: type[Model], nombre: str, desde: datetime) -> _Vistos:
    """The changes since an instant, and when each was first seen."""
    ahora = time.monotonic()
    tocadas = modelo._default_manager.filter(actualizado_en__gte=desde).order_by("actualizado_en")
    cambios = tocadas.values_list(nombre, "actualizado_en")[:_MAX_CAMBIOS]
    return {cambio: antes.get(cambio, ahora) for cambio in cambios}


def _recientes(vistos: _Vistos) -> set[Any]:
    """What changed: one change is seen for a few seconds, and no longer."""
    ahora = time.monotonic()
    return {cual for (cual, _en), visto in vistos.items() if ahora - visto < _REPOSO}


def ver(enlace: Enlace) -> EnlaceVisto:
    """What a redirect needs to know of a link, which has its affiliate and campaign."""
    campana = enlace.campana
    return EnlaceVisto(
        pk=enlace.pk,
        afiliado=enlace.afiliado_id,
        campana=enlace.campana_id,
        destino=enlace.destino,
        vivo=enlace.estado == EstadoDeCodigo.ACTIVO,
        afiliado_activo=enlace.afiliado.estado == EstadoAfiliado.ACTIVO,
        campana_activa=campana.estado == EstadoCampana.ACTIVA,
        pagina=campana.pagina,
        sitios=sitios_de(campana),
        ventana_dias=(
            campana.ventana_atribucion_dias
            if enlace.afiliado.ventana_atribucion_dias is None
            else enlace.afiliado.ventana_atribucion_dias
        ),
        modelo=campana.modelo_atribucion,
        consentimiento=campana.consentimiento,
    )


def _los_que_viven() -> dict[str, _Recuerdo]:
    """The newest links that live, by their codes; none, when one of them cannot be read: each is
    read when it comes, then."""
    ahora = time.monotonic()
    try:
        enlaces = Enlace.objects.filter(estado=EstadoDeCodigo.ACTIVO).order_by("-pk")[:_PRECARGA]
        afiliados = Afiliado.objects.in_bulk({enlace.afiliado_id for enlace in enlaces})
        campanas = Campana.objects.in_bulk({enlace.campana_id for enlace in enlaces})
        for enlace in enlaces:
            enlace.afiliado = afiliados[enlace.afiliado_id]
            enlace.campana = campanas[enlace.campana_id]
        return {enlace.codigo: _Recuerdo(ver(enlace), ahora) for enlace in enlaces}
    except DatabaseError:
        raise
    except Exception:
        log.exception("clics: los enlaces no se precargan")
        return {}


def _con_todo(codigo: str) -> Callable[[], EnlaceVisto | None]:
    def buscar() -> EnlaceVisto | None:
        enlaces = Enlace.objects.filter(codigo=codigo).select_related("afiliado", "campana")
        enlace = enlaces.first()
        return None if enlace is None else ver(enlace)

    return buscar


def pagina_del_programa() -> str:
    """The page of a code that nobody has: that of the default campaign, or empty."""
    paginas = Campana.objects.filter(predeterminada=True).values_list("pagina", flat=True)
    return paginas.first() or ""


def leer(preguntar: Callable[[], Any]) -> Any:
    """Ask the database outside of a request of Django's, which would look after its connection;
    within a transaction it is the caller's."""
    if not connection.in_atomic_block:
        close_old_connections()
    return preguntar()
