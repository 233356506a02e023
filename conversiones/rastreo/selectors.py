"""Reads of links, coupons and clicks."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import segno
from django.conf import settings
from django.db import connection
from django.db.models import F, Q, QuerySet, Subquery

from afiliados.afiliado.models import Afiliado
from alpespartner.comun.api.credencial import Credencial
from alpespartner.comun.busqueda.consulta import claves
from alpespartner.comun.db.consultas import ConsultaFija
from alpespartner.comun.db.remesa import Remesa
from alpespartner.comun.identificadores import es_nuestro
from alpespartner.comun.listas.buscar import claves_de
from alpespartner.comun.textos import normalizar, normalizar_cupon
from conversiones.campanas.models import Campana
from conversiones.rastreo.busqueda import CUPONES, ENLACES
from conversiones.rastreo.codigos import codigo_buscado
from conversiones.rastreo.models import Clic, Cupon, Enlace

# Of one visitor no more clicks than these are looked at: the newest ones.
MAX_CLICS = 200
_EPOCA = datetime(2000, 1, 1, tzinfo=UTC)
# What a sale that names its click asks, in the trip that reads its campaign: the click, whose it
# is, and which others its browser made in the same campaign. Without consent a click names no
# browser: it has no others.
_DE_CLIC = ("id", "id_publico", "enlace_id", "afiliado_id", "momento", "descartado")


@dataclass(slots=True)
class ClicVisto:
    """Of a click, what says whether it counts: a row of the model costs more than reading it."""

    pk: int
    id_publico: str
    enlace_id: int
    afiliado_id: int
    momento: datetime
    descartado: str
    afiliado: Afiliado | None = None

    @property
    def de(self) -> Afiliado:
        """Whose it is."""
        if self.afiliado is None:
            raise LookupError(self.id_publico)
        return self.afiliado


def _con_dueno(*valores: Any) -> Clic:
    """A click with the code of its link and its affiliate, of the columns of all."""
    base = connection.alias
    suyos, (codigo, *del_dueno) = valores[: len(_DADO)], valores[len(_DADO) :]
    clic = Clic.from_db(base, _DADO, suyos)
    clic.enlace = Enlace.from_db(base, ("id", "codigo"), (clic.enlace_id, codigo))
    clic.afiliado = Afiliado.from_db(base, _DUENO, del_dueno)
    return clic


_DADO = (
    "id", "id_publico", "enlace_id", "afiliado_id", "campana_id", "momento", "visitante",
    "descartado",
)  # fmt: skip
_DUENO = tuple(campo.attname for campo in Afiliado._meta.concrete_fields)
_EL_CLIC: ConsultaFija[Any] = ConsultaFija(
    Clic.objects.select_related("afiliado").only(
        *(nombre.removesuffix("_id") for nombre in _DADO),
        *(f"afiliado__{campo.name}" for campo in Afiliado._meta.concrete_fields),
    ).annotate(codigo=F("enlace__codigo")).filter(id_publico=""),
    como=_con_dueno,
)  # fmt: skip
_LOS_SUYOS: ConsultaFija[Any] = ConsultaFija(
    Clic.objects.only("id_publico", "enlace", "afiliado", "momento", "descartado").filter(
        Q(visitante=Subquery(Clic.objects.filter(id_publico="").values("visitante")[:1])),
        Q(campana=Subquery(Clic.objects.filter(id_publico="").values("campana")[:1])),
        Q(momento__lte=_EPOCA), Q(visitante__gt=""), Q(descartado=""),
    ).order_by("-momento", "-pk")[:MAX_CLICS],
    como=ClicVisto,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ClicLeido:
    """A click that was named, also one that does not count, and the newest ones of its browser in
    its campaign, up to the instant ``hasta``."""

    id_publico: str
    hasta: datetime
    clic: Clic | None = None
    suyos: list[ClicVisto] = field(default_factory=list)

    def del_tramo(self, campana: Campana, desde: datetime, hasta: datetime) -> list[ClicVisto]:
        """Those of its browser that count in a campaign, as :func:`clics_de`; ``hasta`` is not
        before that with which they were read."""
        if self.clic is None or not self.clic.visitante:
            return []
        if self.clic.campana_id != campana.pk:
            return clics_de([self.clic.visitante], campana=campana, desde=desde, hasta=hasta)
        return [clic for clic in self.suyos if desde <= clic.momento <= hasta]


def enlaces_visibles(clave: Credencial) -> QuerySet[Enlace]:
    """Links that a key may see, with what their representation needs."""
    todos = Enlace.objects.select_related("afiliado", "campana")
    return todos.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else todos


def cupones_visibles(clave: Credencial) -> QuerySet[Cupon]:
    """Coupons that a key may see, with what their representation needs."""
    todos = Cupon.objects.select_related("afiliado", "campana")
    return todos.filter(afiliado_id=clave.afiliado_id) if clave.afiliado_id else todos


def url_de(enlace: Enlace) -> str:
    """The address of a link, as it is published."""
    return f"{settings.URL}/r/{enlace.codigo}"


def qr_de(enlace: Enlace) -> bytes:
    """The address of a link as a picture, in SVG."""
    papel = io.BytesIO()
    segno.make(url_de(enlace), error="m", micro=False).save(
        papel, kind="svg", scale=4, border=2, dark="#000", light="#fff", title=enlace.codigo
    )
    return papel.getvalue()


def ids_de_enlaces(texto: str) -> list[int]:
    """Keys of the links with this public id or code, or with a part of the code or the end of the
    id (``ENLACES``); a whole address of a link is its code."""
    texto = normalizar(texto)
    codigo = codigo_buscado(texto.rpartition("/r/")[2].partition("?")[0])
    exactos = claves_de(Enlace.objects.filter(Q(id_publico=texto) | Q(codigo=codigo)))
    hallados = [] if es_nuestro(texto) else claves(ENLACES, texto)
    return list(dict.fromkeys([*exactos, *hallados]))


def ids_de_cupones(texto: str) -> list[int]:
    """Keys of the coupons with this public id or code, or with a part of the code or the end of the
    id (``CUPONES``)."""
    texto = normalizar(texto)
    iguales = Q(id_publico=texto) | Q(codigo=normalizar_cupon(texto))
    exactos = claves_de(Cupon.objects.filter(iguales))
    hallados = [] if es_nuestro(texto) else claves(CUPONES, texto)
    return list(dict.fromkeys([*exactos, *hallados]))


def enlace_por_codigo(texto: str) -> Enlace | None:
    """The link of a code, whatever its case and the punctuation around it; also a retired one."""
    return Enlace.objects.filter(codigo=codigo_buscado(texto)).first()


def codigo_de(enlace: int) -> str:
    """The code of a link by its key."""
    return Enlace.objects.values_list("codigo", flat=True).get(pk=enlace)


def cupon_vivo(codigo: str, en: datetime, campana: Campana | None = None) -> Cupon | None:
    """The coupon that a code was at an instant, however it was typed; with a campaign, only one
    that holds there."""
    cupones = Cupon.objects.filter(
        Q(retirado_en__isnull=True) | Q(retirado_en__gt=en),
        codigo=normalizar_cupon(codigo),
        creado_en__lte=en,
    )
    if campana is not None:
        cupones = cupones.filter(Q(campana__isnull=True) | Q(campana=campana))
    return cupones.select_related("afiliado").order_by("-pk").first()


def visitante_de(clic: Clic) -> str:
    """The browser that made a click, by the first one that it made."""
    return clic.visitante or clic.id_publico


def clics_de(
    visitantes: Collection[str],
    *,
    campana: Campana,
    desde: datetime,
    hasta: datetime,
    primeros: bool = False,
) -> list[ClicVisto]:
    """Clicks that count of some browsers, in a campaign and from ``desde`` to ``hasta``, both
    included: the newest first or, of the ``primeros``, the oldest, up to ``MAX_CLICS``. A range of
    an index for each browser."""
    if not visitantes:
        return []
    filas = Clic.objects.filter(
        visitante__in=visitantes, campana=campana, momento__range=(desde, hasta), descartado=""
    ).order_by(*(("momento", "pk") if primeros else ("-momento", "-pk")))
    clics = [ClicVisto(*fila) for fila in filas.values_list(*_DE_CLIC)[:MAX_CLICS]]
    _poner_afiliados(clics, ())
    return clics


def pedir_clic(remesa: Remesa, id_publico: str, hasta: datetime) -> Callable[[], ClicLeido]:
    """Ask for a click by its public id and for those of its browser; known once all is sent."""
    dados = remesa.leer(_EL_CLIC, id_publico)
    momento = str(connection.ops.adapt_datetimefield_value(hasta))
    suyos = remesa.leer(_LOS_SUYOS, id_publico, id_publico, momento)

    def dar() -> ClicLeido:
        if not dados:
            return ClicLeido(id_publico, hasta)
        _poner_afiliados(suyos, [dados[0].afiliado])
        return ClicLeido(id_publico, hasta, dados[0], suyos)

    return dar


def leer_clic(id_publico: str, hasta: datetime) -> ClicLeido:
    """What :func:`pedir_clic` asks for, in one trip to the database."""
    remesa = Remesa()
    leido = pedir_clic(remesa, id_publico, hasta)
    remesa.enviar()
    return leido()


def _poner_afiliados(clics: Collection[ClicVisto], sabidos: Iterable[Afiliado]) -> None:
    """Give each click its affiliate. Not joined, as the one that is named is: many are of one,
    and the database might begin with affiliates."""
    afiliados = {afiliado.pk: afiliado for afiliado in sabidos}
    if faltan := {clic.afiliado_id for clic in clics} - afiliados.keys():
        afiliados |= Afiliado.objects.in_bulk(faltan)
    for clic in clics:
        clic.afiliado = afiliados[clic.afiliado_id]
