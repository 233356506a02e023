"""What is known of a sale or a lead, as attribution takes it: read from the database here."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max

from afiliados.afiliado.estados import ACEPTAN_CONVERSIONES, EstadoAfiliado
from afiliados.afiliado.models import Afiliado
from alpespartner.comun.historial import estado_entonces, historial_de
from alpespartner.comun.textos import normalizar, normalizar_cupon
from conversiones.atribucion import (
    Candidato,
    Clic,
    Cupon,
    Decision,
    Hechos,
    Modelo,
    Motivo,
    Opciones,
    Razon,
    decidir,
)
from conversiones.campanas.models import Campana, ModeloAtribucion
from conversiones.clientes.models import Cliente
from conversiones.inscripciones.selectors import esta_inscrito
from conversiones.rastreo import models as rastreo
from conversiones.rastreo.recogida import traer
from conversiones.rastreo.selectors import (
    MAX_CLICS,
    ClicLeido,
    ClicVisto,
    clics_de,
    codigo_de,
    cupon_vivo,
    leer_clic,
    visitante_de,
)
from conversiones.rastreo.visitas import previo_valido

MAX_CLIC = 64
# No window is longer, of an affiliate or of a campaign.
_LA_MAYOR = timedelta(days=2**15)
# More coupons than these no order has; the rest is not looked at.
MAX_CUPONES = 5
# Of the candidates that are kept: the first ones are those that decide.
MAX_CANDIDATOS = 50
_ENTRE_CUPONES = re.compile(r"[\s,;]+")
_MODELOS = {
    ModeloAtribucion.ULTIMO_CLIC: Modelo.ULTIMO,
    ModeloAtribucion.PRIMER_CLIC: Modelo.PRIMERO,
}


@dataclass(frozen=True, kw_only=True)
class Nombrados:
    """By what a request may say whose something is: an affiliate, coupons and a click."""

    explicito: Afiliado | None = None
    cupon: str = ""
    clic_id: str = ""
    # The click, when whoever asks has read it already.
    leido: ClicLeido | None = None


@dataclass(frozen=True, slots=True)
class Resuelta:
    """A decision, with the rows behind it. ``visitantes`` are the browsers of the click named."""

    decision: Decision
    afiliado: Afiliado | None
    hechos: Hechos
    opciones: Opciones
    visitantes: tuple[str, ...]
    # The code of the link that was clicked, of a decision that a click made.
    enlace: str = ""

    def candidatos(self) -> list[dict[str, str | None]]:
        """Every candidate as it is kept and shown: codes and ids, nothing of a person."""
        return [como_se_dice(c) for c in self.decision.candidatos[:MAX_CANDIDATOS]]


@dataclass(slots=True)
class _Conocidos:
    """Affiliates that something of a campaign names, and which of them may not earn at an
    instant."""

    campana: Campana
    en: datetime
    por_id: dict[str, Afiliado] = field(default_factory=dict)
    impedidos: dict[str, str] = field(default_factory=dict)
    ventanas: dict[str, timedelta] = field(default_factory=dict)

    def apuntar(self, afiliado: Afiliado) -> str:
        """Its public id, having looked whether it may earn."""
        id_publico = afiliado.id_publico
        if id_publico not in self.por_id:
            self.por_id[id_publico] = afiliado
            if afiliado.ventana_atribucion_dias is not None:
                self.ventanas[id_publico] = timedelta(days=afiliado.ventana_atribucion_dias)
            if estado_en(afiliado, self.en) != EstadoAfiliado.ACTIVO:
                self.impedidos[id_publico] = str(Razon.NO_ACTIVO)
            elif not esta_inscrito(self.campana, afiliado, self.en):
                self.impedidos[id_publico] = str(Razon.NO_INSCRITO)
        return id_publico

    def admitido(self, afiliado: Afiliado) -> bool:
        """Whether one that its shop names is taken though it is not active."""
        return (
            self.impedidos.get(afiliado.id_publico) == Razon.NO_ACTIVO
            and estado_en(afiliado, self.en) in ACEPTAN_CONVERSIONES
            and esta_inscrito(self.campana, afiliado, self.en)
        )


def como_se_dice(candidato: Candidato) -> dict[str, str | None]:
    """A candidate as it is kept and shown."""
    return {
        "afiliado_id": candidato.afiliado,
        "por": candidato.por,
        "resultado": "gana" if candidato.gana else "pierde",
        "razon": candidato.razon,
        "dato": candidato.dato,
    }


def estado_en(afiliado: Afiliado, en: datetime) -> str:
    """The state in which an affiliate was at an instant, as its history tells."""
    if afiliado.actualizado_en <= en:
        return afiliado.estado
    if (entonces := estado_entonces("afiliado", afiliado.id_publico, en)) is not None:
        return entonces
    # Before anything that its history tells: as it began.
    pasos = historial_de("afiliado", afiliado.id_publico).exclude(estado_nuevo="")
    primero = pasos.values_list("estado_nuevo", flat=True).first()
    return afiliado.estado if primero is None else primero


def resolver(
    *, campana: Campana, en: datetime, nombrados: Nombrados, cliente: Cliente | None
) -> Resuelta:
    """Whose something that occurred at ``en`` is. A customer comes locked by its caller, so that
    its binding stays as it is read."""
    conocidos = _Conocidos(campana, en)
    explicito = nombrados.explicito
    nombrado = None if explicito is None else conocidos.apuntar(explicito)
    dueno = cliente.afiliado if cliente is not None else None
    ventana = timedelta(days=campana.ventana_atribucion_dias)
    dicho = normalizar(nombrados.clic_id)
    dado: rastreo.Clic | None = None
    clics: list[ClicVisto] = []
    if dicho:
        leido = nombrados.leido
        if leido is None or leido.id_publico != dicho or leido.hasta > en:
            leido = leer_clic(dicho, en)
        if leido.clic is None and previo_valido(dicho):
            # A shop may name it before whoever takes clicks in came by.
            traer(dicho)
            leido = leer_clic(dicho, en)
        dado, clics = leido.clic, leido.del_tramo(campana, en - _LA_MAYOR, en)
    visitantes = () if dado is None else (visitante_de(dado),)
    suyos = set(visitantes)
    if cliente is not None and cliente.pk is not None:
        suyos |= set(cliente.visitantes.values_list("visitante", flat=True)[:MAX_CLICS])
    if suyos != set(visitantes):
        clics = clics_de(suyos, campana=campana, desde=en - _LA_MAYOR, hasta=en)
    if len(clics) >= MAX_CLICS and campana.modelo_atribucion == ModeloAtribucion.PRIMER_CLIC:
        # Whoever makes a browser click hundreds of times does not push out who was first.
        clics += _los_primeros(suyos, campana, en, {uno.pk for uno in clics})
    clics = [uno for uno in clics if en - uno.momento <= _ventana_de(uno.de, ventana)]
    hechos = Hechos(
        en,
        explicito=nombrado,
        vinculo=None if dueno is None else conocidos.apuntar(dueno),
        cupones=_cupones(nombrados.cupon, campana, conocidos),
        clics_dados=_clics_dados(dicho, dado, conocidos),
        clics=tuple(
            Clic(conocidos.apuntar(uno.de), uno.momento, uno.id_publico, campana.id_publico)
            for uno in clics
        ),
        impedidos=conocidos.impedidos,
        ventanas=conocidos.ventanas,
        explicito_vale=explicito is not None and conocidos.admitido(explicito),
    )
    opciones = Opciones(
        modelo=_MODELOS.get(ModeloAtribucion(campana.modelo_atribucion), Modelo.ULTIMO),
        ventana=ventana,
        cupon_reasigna=campana.cupon_reasigna,
        campana=campana.id_publico,
    )
    decision = decidir(hechos, opciones)
    ganador = conocidos.por_id.get(decision.afiliado or "")
    enlace = _enlace_de(decision.dato, dado, clics) if decision.motivo == Motivo.CLIC else ""
    return Resuelta(decision, ganador, hechos, opciones, visitantes, enlace)


def _los_primeros(
    visitantes: Collection[str], campana: Campana, en: datetime, sabidos: Collection[int]
) -> list[ClicVisto]:
    """The oldest clicks of some browsers that any window reaches, but for those that are known."""
    propia = Afiliado.objects.aggregate(dias=Max("ventana_atribucion_dias"))["dias"] or 0
    desde = en - timedelta(days=max(propia, campana.ventana_atribucion_dias))
    unos = clics_de(visitantes, campana=campana, desde=desde, hasta=en, primeros=True)
    return [uno for uno in unos if uno.pk not in sabidos]


def _enlace_de(clic_id: str, dado: rastreo.Clic | None, clics: list[ClicVisto]) -> str:
    if dado is not None and dado.id_publico == clic_id:
        # It came with it.
        return dado.enlace.codigo
    return next((codigo_de(clic.enlace_id) for clic in clics if clic.id_publico == clic_id), "")


def _ventana_de(afiliado: Afiliado, de_la_campana: timedelta) -> timedelta:
    """For how long the clicks of an affiliate count: its own time goes before its campaign's."""
    suya = afiliado.ventana_atribucion_dias
    return de_la_campana if suya is None else timedelta(days=suya)


def _cupones(texto: str, campana: Campana, conocidos: _Conocidos) -> tuple[Cupon, ...]:
    codigos = dict.fromkeys(filter(None, _ENTRE_CUPONES.split(normalizar_cupon(texto))))
    cupones = []
    for codigo in list(codigos)[:MAX_CUPONES]:
        vivo = cupon_vivo(codigo, conocidos.en, campana)
        suyo = None if vivo is None else conocidos.apuntar(vivo.afiliado)
        cupones.append(Cupon(codigo[:64], suyo))
    return tuple(cupones)


def _clics_dados(dicho: str, fila: rastreo.Clic | None, conocidos: _Conocidos) -> tuple[Clic, ...]:
    """The click that a request names, if it names any."""
    if fila is None:
        return (Clic(None, None, dicho[:MAX_CLIC]),) if dicho else ()
    campana = conocidos.campana
    de = campana if fila.campana_id == campana.pk else fila.campana
    return (_clic(fila, de.id_publico, conocidos),)


def _clic(fila: rastreo.Clic, campana: str, conocidos: _Conocidos) -> Clic:
    quien = conocidos.apuntar(fila.afiliado)
    return Clic(quien, fila.momento, fila.id_publico, campana, fila.descartado)
